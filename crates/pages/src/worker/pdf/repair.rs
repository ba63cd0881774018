//! Mends the fonts and the layers of a document before the engine sees them.
//!
//! What is mended is appended to a copy of the file, as an update of it would be (ISO 32000-1, 7.5.6). The document that is
//! kept, proven and handed out stays as it is.

use super::{damage, encodings, outlines, visibility};
use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::hayro_interpret::hayro_syntax::object::{Dict, Object, ObjectIdentifier, Stream};

/// The file is copied; a larger one is left as it is.
const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;
/// Reading every object of a document with more takes too long.
const MAX_OBJECTS: usize = 50_000;

/// The file with what its fonts and its layers need; `None` where they need nothing.
pub(super) fn repaired(pdf: &Pdf, file: &[u8]) -> Option<Vec<u8>> {
    if file.len() > MAX_FILE_BYTES || pdf.len() > MAX_OBJECTS {
        return None;
    }
    let mut mended: Vec<_> = pdf
        .objects()
        .into_iter()
        .filter_map(|object| match object {
            Object::Dict(dict) => font(&dict)
                .or_else(|| encodings::composed_map(&dict))
                .or_else(|| outlines_of(&dict)),
            _ => None,
        })
        .collect();
    mended.extend(visibility::amended(pdf));
    // The update of an encrypted file would need parts of its trailer.
    if mended.is_empty() || damage::contains(file, b"/Encrypt") {
        return None;
    }
    Some(updated(file, &mended, pdf.xref().root_id()))
}

fn font(dict: &Dict<'_>) -> Option<(ObjectIdentifier, Vec<u8>)> {
    Some((dict.obj_id()?, encodings::amended(dict)?))
}

fn outlines_of(descriptor: &Dict<'_>) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let file = descriptor.get::<Stream<'_>>(b"FontFile2")?;
    let font = outlines::filled(&file.decoded_data().ok()?)?;
    let length = font.len();
    let mut body = format!("<< /Length {length} /Length1 {length} >>\nstream\n").into_bytes();
    body.extend(font);
    body.extend_from_slice(b"\nendstream");
    Some((file.obj_id(), body))
}

/// The file with an update that replaces these objects.
fn updated(
    file: &[u8],
    objects: &[(ObjectIdentifier, Vec<u8>)],
    root: ObjectIdentifier,
) -> Vec<u8> {
    let mut updated = file.to_vec();
    let mut table = Vec::from(*b"xref\n");
    let mut size = 1;
    for (id, body) in objects {
        updated.push(b'\n');
        let (number, generation) = (id.obj_number, id.gen_number);
        table
            .extend(format!("{number} 1\n{:010} {generation:05} n \n", updated.len()).into_bytes());
        updated.extend(format!("{number} {generation} obj\n").into_bytes());
        updated.extend_from_slice(body);
        updated.extend_from_slice(b"\nendobj");
        size = size.max(number.saturating_add(1));
    }
    updated.push(b'\n');
    // Without a usable table the engine searches the file, and the last of two objects counts.
    if let Some(previous) = damage::table(file) {
        let place = updated.len();
        updated.extend(table);
        updated.extend(
            format!(
                "trailer\n<< /Size {size} /Root {} {} R /Prev {previous} >>\nstartxref\n{place}\n%%EOF\n",
                root.obj_number, root.gen_number
            )
            .into_bytes(),
        );
    }
    updated
}
