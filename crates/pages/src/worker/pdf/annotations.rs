//! Which annotations of a page are not drawn as the document means them (ISO 32000-1, 12.5 and 12.7).
//!
//! The engine draws the appearances that a document has and makes none. A note without one is missing, and so is the
//! value of a form field. Where a form asks its reader to make all appearances anew, one that is there may show an old
//! value; so what it shows is compared with the value.

use crate::page_image::PageWarning;
use crate::worker::layers::Layers;
use hayro::hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, Rect};
use hayro::hayro_interpret::hayro_syntax::page::Page;
use hayro::hayro_interpret::util::{RectExt, TransformExt};
use hayro::kurbo::{Point, Rect as Area};

/// Flags of an annotation: hidden, and not for the screen.
const UNSEEN: u32 = 1 << 1 | 1 << 5;
/// A flag of a field: a button that keeps no value.
const PUSH_BUTTON: i32 = 1 << 16;
/// How many levels of fields above one are searched for its value.
const MAX_PARENTS: usize = 32;
/// Annotations that every reader draws, whether or not they have an appearance.
const DRAWN: [&[u8]; 15] = [
    b"Caret",
    b"Circle",
    b"FileAttachment",
    b"FreeText",
    b"Highlight",
    b"Ink",
    b"Line",
    b"PolyLine",
    b"Polygon",
    b"Square",
    b"Squiggly",
    b"Stamp",
    b"StrikeOut",
    b"Text",
    b"Underline",
];

/// What a document says of its form.
pub(super) struct Form {
    /// Whether its maker's program alone can show it.
    pub(super) is_dynamic: bool,
    /// Whether appearances are to be made anew.
    needs_appearances: bool,
}

impl Form {
    pub(super) fn of(catalog: &Dict<'_>) -> Self {
        let form = catalog.get::<Dict<'_>>(b"AcroForm").unwrap_or_default();
        let has_fields = form
            .get::<Array<'_>>(b"Fields")
            .is_some_and(|fields| fields.raw_iter().next().is_some());
        // A static form has a field for each of its own; a dynamic one has only the page that asks to wait.
        let is_dynamic = form.contains_key(b"XFA")
            && (catalog.get::<bool>(b"NeedsRendering") == Some(true) || !has_fields);
        Self {
            is_dynamic,
            needs_appearances: form.get::<bool>(b"NeedAppearances") == Some(true),
        }
    }
}

/// An annotation as it stands on its page.
pub(super) struct Annotation {
    /// In page points.
    area: Area,
    /// Whether its layer is not for the screen.
    is_off: bool,
    kind: Kind,
    appearance: Appearance,
}

enum Kind {
    /// A text field with its value.
    Text(String),
    /// Another field with a value.
    Field,
    Note,
    /// Nothing that a reader would miss.
    Other,
}

#[derive(PartialEq, Eq)]
enum Appearance {
    Drawn,
    /// It has none for its present state, which is to be blank.
    Blank,
    Missing,
}

pub(super) fn of(page: &Page<'_>, layers: &Layers) -> Vec<Annotation> {
    let annotations = page.raw().get::<Array<'_>>(b"Annots");
    annotations
        .iter()
        .flat_map(|annotations| annotations.iter::<Dict<'_>>())
        .filter_map(|annotation| Annotation::new(&annotation, page, layers))
        .collect()
}

/// The areas of annotations that the engine draws although their layers are not for the screen.
pub(super) fn areas_off(annotations: &[Annotation]) -> Vec<Area> {
    let off = annotations.iter().filter(|annotation| annotation.is_off);
    off.map(|annotation| annotation.area).collect()
}

/// What is missing of the annotations; `shown` are the letters that their appearances show, in page points.
pub(super) fn warnings(
    annotations: &[Annotation],
    form: &Form,
    shown: &[(Point, String)],
) -> Vec<PageWarning> {
    let found = annotations.iter().filter(|annotation| !annotation.is_off);
    found
        .filter_map(
            |annotation| match (&annotation.kind, &annotation.appearance) {
                (Kind::Other, _) | (_, Appearance::Blank) => None,
                (Kind::Note, Appearance::Missing) => Some(PageWarning::AnnotationMissing),
                (_, Appearance::Missing) => Some(PageWarning::FieldMissing),
                (Kind::Text(value), Appearance::Drawn) if form.needs_appearances => {
                    let letters = shown
                        .iter()
                        .filter(|(place, _)| annotation.area.contains(*place))
                        .map(|(_, letters)| letters.as_str());
                    (!agree(value, &letters.collect::<String>()))
                        .then_some(PageWarning::FieldOutdated)
                }
                (_, Appearance::Drawn) => None,
            },
        )
        .collect()
}

impl Annotation {
    /// `None` when nobody can see it.
    fn new(annotation: &Dict<'_>, page: &Page<'_>, layers: &Layers) -> Option<Self> {
        if annotation.get::<u32>(b"F").unwrap_or(0) & UNSEEN != 0 {
            return None;
        }
        let area = page
            .initial_transform(true)
            .to_kurbo()
            .transform_rect_bbox(annotation.get::<Rect>(b"Rect")?.to_kurbo());
        let layer = annotation.get::<Dict<'_>>(b"OC");
        let kind = kind(annotation);
        // A mark may be as thin as its line; a field without an area is kept out of sight on purpose.
        let is_drawn = matches!(kind, Kind::Note) || area.area() > 0.0;
        is_drawn.then(|| Self {
            area,
            is_off: layer.is_some_and(|layer| layers.hide(&layer)),
            kind,
            appearance: appearance(annotation),
        })
    }
}

fn kind(annotation: &Dict<'_>) -> Kind {
    let Some(subtype) = annotation.get::<Name<'_>>(b"Subtype") else {
        return Kind::Other;
    };
    if DRAWN.contains(&&*subtype) {
        return Kind::Note;
    }
    if &*subtype != b"Widget" {
        return Kind::Other;
    }
    let value = inherited(annotation, b"V");
    let field = inherited(annotation, b"FT").and_then(Object::into_name);
    match (field.as_deref(), value) {
        (Some(b"Tx"), Some(Object::String(text))) => match written(text.as_bytes()) {
            text if text.trim().is_empty() => Kind::Other,
            text => Kind::Text(text),
        },
        (Some(b"Tx"), Some(Object::Stream(_))) => Kind::Field,
        (Some(b"Ch"), Some(Object::String(text))) if !text.as_bytes().is_empty() => Kind::Field,
        (Some(b"Ch"), Some(Object::Array(chosen))) if chosen.raw_iter().next().is_some() => {
            Kind::Field
        }
        (Some(b"Btn"), value) => {
            let flags = inherited(annotation, b"Ff").and_then(Object::into_i32);
            let state = annotation.get::<Name<'_>>(b"AS");
            let state = state.or_else(|| value.and_then(Object::into_name));
            let is_on = state.is_some_and(|state| &*state != b"Off");
            if is_on && flags.unwrap_or(0) & PUSH_BUTTON == 0 {
                Kind::Field
            } else {
                Kind::Other
            }
        }
        _ => Kind::Other,
    }
}

fn appearance(annotation: &Dict<'_>) -> Appearance {
    let appearances = annotation.get::<Dict<'_>>(b"AP");
    match appearances.and_then(|all| all.get::<Object<'_>>(b"N")) {
        Some(Object::Stream(stream)) if stream.decoded_data().is_ok() => Appearance::Drawn,
        Some(Object::Dict(states)) => match annotation.get::<Name<'_>>(b"AS") {
            Some(state) if states.contains_key(&*state) => Appearance::Drawn,
            Some(state) if &*state != b"Off" => Appearance::Missing,
            _ => Appearance::Blank,
        },
        _ => Appearance::Missing,
    }
}

/// An entry of a field or of those above it.
fn inherited<'a>(field: &Dict<'a>, key: &[u8]) -> Option<Object<'a>> {
    let mut field = field.clone();
    for _ in 0..MAX_PARENTS {
        if let Some(value) = field.get::<Object<'a>>(key) {
            return Some(value);
        }
        field = field.get::<Dict<'a>>(b"Parent")?;
    }
    None
}

/// A text string (7.9.2.2). The letters that PDFDocEncoding has beyond Latin-1 are compared with nothing.
fn written(bytes: &[u8]) -> String {
    if let Some(units) = bytes.strip_prefix(b"\xfe\xff") {
        let units = units.as_chunks::<2>().0.iter();
        return char::decode_utf16(units.map(|unit| u16::from_be_bytes(*unit)))
            .filter_map(Result::ok)
            .collect();
    }
    if let Some(text) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(text).into_owned();
    }
    bytes.iter().copied().map(char::from).collect()
}

/// Whether an appearance shows a value or a part of it; both may have been set with other signs between letters.
fn agree(value: &str, shown: &str) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (value, shown) = (letters(value), letters(shown));
    value.contains(&shown) && !shown.is_empty() || shown.contains(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_each_encoding() {
        assert_eq!(written(b"\xfe\xff\0K\x01\x0d"), "Kč");
        assert_eq!(written("\u{feff}Kč".as_bytes()), "Kč");
        assert_eq!(written(b"Kc \xe1"), "Kc á");
        assert_eq!(written(b"\xfe\xff\xd8\0\0x\0"), "x");
    }

    #[test]
    fn a_value_agrees_with_how_it_is_set() {
        assert!(agree("250000", "250 000 Kč"));
        assert!(agree("Jiří Řehoř, Horní Lhota", "JiříŘehoř"));
        assert!(agree("–", ""));
        assert!(!agree("250 000 Kč", "1 000 Kc"));
        assert!(!agree("250 000 Kč", ""));
    }
}
