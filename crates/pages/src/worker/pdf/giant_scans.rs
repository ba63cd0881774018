//! Scans in black and white that are too large for the engine.
//!
//! hayro holds one byte a pixel of a scan by a fax method, which for a plan of gigapixels is more than a worker may use.
//! Such a scan is brought down first, and takes the place of the original by an update at the end of its document.

use super::super::area::Area;
use super::super::picture_size::size_within;
use super::super::reduction::{Channels, Reduction};
use super::super::resample::Samples;
use hayro::hayro_interpret::hayro_syntax::object::dict::keys::{
    BLACK_IS_1, COLORSPACE, COLUMNS, DECODE, DECODE_PARMS, ENCODED_BYTE_ALIGN, END_OF_BLOCK,
    END_OF_LINE, HEIGHT, IMAGE_MASK, K, WIDTH,
};
use hayro::hayro_interpret::hayro_syntax::object::{
    Array, Dict, Name, Object, ObjectIdentifier, Stream,
};
use hayro::hayro_interpret::hayro_syntax::{Filter, Pdf};
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

/// The engine draws scans of fewer pixels.
const GIANT_PIXELS: u64 = 400_000_000;
/// What is kept of a giant: a plan of 84 by 119 cm at 200 dots per inch.
const KEPT_PIXELS: u64 = 64_000_000;
/// The giants of one document together. Decoding them takes time; any more are left to the engine, which refuses them.
const MAX_PIXELS: u64 = 8_000_000_000;

/// The document with its giant scans brought down; `None` when it has none that can be.
pub(super) fn brought_down(pdf: &Pdf) -> Option<Vec<u8>> {
    let file: &[u8] = pdf.data().as_ref();
    let contains = |name: &str| memchr::memmem::find(file, name.as_bytes()).is_some();
    // The update of an encrypted file would need parts of its trailer.
    if !contains("/CCITTFaxDecode") || contains("/Encrypt") {
        return None;
    }
    let mut room = MAX_PIXELS;
    let mut pictures = Vec::new();
    for object in pdf.objects() {
        let Object::Stream(stream) = object else {
            continue;
        };
        let Some(scan) = GiantScan::of(&stream) else {
            continue;
        };
        let pixels = u64::from(scan.settings.columns) * u64::from(scan.settings.rows);
        let Some(rest) = room.checked_sub(pixels) else {
            break;
        };
        room = rest;
        pictures.push((stream.obj_id(), scan.picture(&stream.raw_data())));
    }
    (!pictures.is_empty()).then(|| updated(file, &pictures, pdf.xref().root_id()))
}

/// The file with these objects in place of those of the same number.
fn updated(
    file: &[u8],
    objects: &[(ObjectIdentifier, Vec<u8>)],
    root: ObjectIdentifier,
) -> Vec<u8> {
    let mut updated = file.to_vec();
    let mut table = String::from("xref\n");
    for (id, body) in objects {
        updated.push(b'\n');
        let (number, generation) = (id.obj_number, id.gen_number);
        let place = updated.len();
        table.push_str(&format!("{number} 1\n{place:010} {generation:05} n \n"));
        updated.extend(format!("{number} {generation} obj\n").into_bytes());
        updated.extend_from_slice(body);
        updated.extend_from_slice(b"\nendobj\n");
    }
    // Without a table the engine looks for the objects by itself, and takes the last of each number.
    if let Some(previous) = last_table(file) {
        let place = updated.len();
        let (number, generation) = (root.obj_number, root.gen_number);
        updated.extend(table.into_bytes());
        updated.extend(
            format!(
                "trailer\n<< /Size 1 /Root {number} {generation} R /Prev {previous} >>\nstartxref\n{place}\n%%EOF\n"
            )
            .into_bytes(),
        );
    }
    updated
}

/// Where the file says that its newest table of objects is.
fn last_table(file: &[u8]) -> Option<u64> {
    const WORD: &[u8] = b"startxref";
    let after = memchr::memmem::rfind(file, WORD)? + WORD.len();
    let digits = file[after..].trim_ascii_start();
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    std::str::from_utf8(&digits[..length]).ok()?.parse().ok()
}

struct GiantScan {
    settings: DecodeSettings,
    /// Whether what the fax calls white is black.
    is_negative: bool,
}

impl GiantScan {
    fn of(stream: &Stream<'_>) -> Option<Self> {
        let dict = stream.dict();
        let (columns, rows) = (dict.get::<u32>(WIDTH)?, dict.get::<u32>(HEIGHT)?);
        let is_giant = u64::from(columns) * u64::from(rows) > GIANT_PIXELS;
        let is_mask = dict.get::<bool>(IMAGE_MASK).unwrap_or(false);
        if !is_giant
            || is_mask
            || !is_grey(dict)
            || stream.filters()[..] != [Filter::CcittFaxDecode]
        {
            return None;
        }
        let parameters = dict.get::<Dict<'_>>(DECODE_PARMS).or_else(|| {
            let all = dict.get::<Array<'_>>(DECODE_PARMS)?;
            all.iter::<Dict<'_>>().next()
        })?;
        let flag = |key: &[u8], usual| parameters.get::<bool>(key).unwrap_or(usual);
        if parameters.get::<u32>(COLUMNS)? != columns {
            return None;
        }
        let is_reversed = dict
            .get::<Array<'_>>(DECODE)
            .is_some_and(|range| range.iter::<f32>().next().is_some_and(|first| first > 0.5));
        Some(Self {
            settings: DecodeSettings {
                columns,
                rows,
                end_of_block: flag(END_OF_BLOCK, true),
                end_of_line: flag(END_OF_LINE, false),
                rows_are_byte_aligned: flag(ENCODED_BYTE_ALIGN, false),
                encoding: match parameters.get::<i32>(K).unwrap_or(0) {
                    ..0 => EncodingMode::Group4,
                    0 => EncodingMode::Group3_1D,
                    1.. => EncodingMode::Group3_2D,
                },
                strict: false,
            },
            is_negative: flag(BLACK_IS_1, false) != is_reversed,
        })
    }

    /// A grey picture in place of the scan. Rows that cannot be read are white, as the engine has them.
    fn picture(&self, data: &[u8]) -> Vec<u8> {
        let pixels = (self.settings.columns, self.settings.rows);
        let (width, height) = size_within(KEPT_PIXELS, pixels);
        let mut reduction = Reduction::new(Area::whole(pixels), (width, height), Channels::Grey);
        let _ = hayro_ccitt::decode(
            data,
            &mut reduction,
            &mut DecoderContext::new(self.settings),
        );
        let (Samples::Grey(samples) | Samples::Rgb(samples)) = reduction.finish().samples;
        let decode = if self.is_negative { "1 0" } else { "0 1" };
        let length = samples.len();
        let head = format!(
            "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray \
             /BitsPerComponent 8 /Decode [{decode}] /Length {length} >>\nstream\n"
        );
        [head.as_bytes(), &samples, b"\nendstream"].concat()
    }
}

impl Decoder for Reduction {
    fn push_row(&mut self, changes: &[u32]) {
        self.push_changes(changes);
    }
}

/// Whether zero is black and one is white.
fn is_grey(dict: &Dict<'_>) -> bool {
    let family = dict.get::<Name<'_>>(COLORSPACE).or_else(|| {
        let space = dict.get::<Array<'_>>(COLORSPACE)?;
        space.iter::<Name<'_>>().next()
    });
    family.is_some_and(|family| matches!(family.as_str(), "DeviceGray" | "CalGray" | "ICCBased"))
}
