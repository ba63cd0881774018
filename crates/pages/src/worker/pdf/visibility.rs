//! Writes into a document which of its layers are for the screen, in words that the engine knows.
//!
//! The engine leaves out what belongs to a layer that is off. So each membership in layers becomes a layer of its own,
//! on or off; the layers that are off are listed; and annotations of such layers are taken from their pages.

use crate::worker::layers::{Layers, is_named};
use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::hayro_interpret::hayro_syntax::object::{
    Array, Dict, MaybeRef, Object, ObjectIdentifier,
};
use hayro::hayro_interpret::hayro_syntax::page::Page;

/// The objects that change; none where the engine draws what is for the screen as it is.
pub(super) fn amended(pdf: &Pdf) -> Vec<(ObjectIdentifier, Vec<u8>)> {
    layered(pdf).unwrap_or_default()
}

fn layered(pdf: &Pdf) -> Option<Vec<(ObjectIdentifier, Vec<u8>)>> {
    let root = pdf.xref().root_id();
    let catalog = pdf.xref().get::<Dict<'_>>(root)?;
    let config = catalog.get::<Dict<'_>>(b"OCProperties")?;
    let config = config.get::<Dict<'_>>(b"D").unwrap_or_default();
    let layers = Layers::of(pdf);
    let mut off: Vec<ObjectIdentifier> = layers.off().collect();
    let mut amended = Vec::new();
    for object in pdf.objects() {
        let Object::Dict(membership) = object else {
            continue;
        };
        let Some(id) = membership.obj_id() else {
            continue;
        };
        if is_named(&membership, b"Type", b"OCMD") {
            if layers.hide(&membership) {
                off.push(id);
            }
            amended.push((id, b"<< /Type /OCG >>".to_vec()));
        }
    }
    let pages = pdf.pages().iter();
    amended.extend(pages.filter_map(|page| without_annotations(page, &layers)));
    if amended.is_empty() && !config.contains_key(b"AS") {
        return None;
    }
    off.sort_unstable();
    let mut properties = b"/OCProperties << /D << /OFF [".to_vec();
    for id in off {
        write_reference(&mut properties, id);
    }
    properties.extend_from_slice(b"] >> >>");
    amended.push((root, with_entry(&catalog, &properties)?));
    Some(amended)
}

/// The page without the annotations whose layers are not for the screen; `None` where it has none of them.
fn without_annotations(page: &Page<'_>, layers: &Layers) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let annotations = page.raw().get::<Array<'_>>(b"Annots")?;
    let mut kept = b"/Annots [".to_vec();
    let mut is_changed = false;
    for annotation in annotations.raw_iter() {
        let reference = annotation.as_obj_ref().map(ObjectIdentifier::from);
        let found = match annotation {
            MaybeRef::NotRef(Object::Dict(dict)) => Some(dict),
            _ => reference.and_then(|id| page.xref().get::<Dict<'_>>(id)),
        };
        let Some(dict) = found else { continue };
        let layer = dict.get::<Dict<'_>>(b"OC");
        if layer.is_some_and(|layer| layers.hide(&layer)) {
            is_changed = true;
        } else if let Some(id) = reference {
            write_reference(&mut kept, id);
        } else {
            kept.extend_from_slice(dict.data());
        }
    }
    kept.push(b']');
    is_changed.then_some((page.raw().obj_id()?, with_entry(page.raw(), &kept)?))
}

/// The dictionary with one more entry: of two with the same name, the last counts for the engine.
fn with_entry(dict: &Dict<'_>, entry: &[u8]) -> Option<Vec<u8>> {
    let start = dict.data().strip_suffix(b">>")?;
    Some([start, b" ", entry, b" >>"].concat())
}

fn write_reference(target: &mut Vec<u8>, id: ObjectIdentifier) {
    target.extend(format!(" {} {} R ", id.obj_number, id.gen_number).into_bytes());
}
