//! Encodings for the fonts that a document does not bring (ISO 32000-1, 9.6.6).
//!
//! The engine finds the letters of such a font in a substitute, by the names of its encoding. Where the encoding is
//! missing or of an unknown name, or uses names that no font knows, letters are lost or become others, although the
//! document often tells which are meant. Those fonts get an encoding by names that the substitute knows, so that the
//! drawing and the words agree.

use crate::worker::accents::composed;
use crate::worker::fonts;
use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};
use hayro::hayro_interpret::hayro_cmap::{BfString, CMap};
use hayro::hayro_interpret::hayro_syntax::object::{
    Array, Dict, Name, Object, ObjectIdentifier, Stream,
};
use skrifa::{FontRef, GlyphNames, MetadataProvider as _};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write as _;
use std::sync::LazyLock;

/// Fonts whose codes are signs of their own.
const SIGNS: [&str; 4] = ["symbol", "dingbats", "wingdings", "webdings"];

static NAMES: LazyLock<GlyphNamesOfSubstitute> = LazyLock::new(GlyphNamesOfSubstitute::new);

/// The dictionary of a font with the encoding that it needs; `None` where it has it.
pub(super) fn amended(font: &Dict<'_>) -> Option<Vec<u8>> {
    let name_of = |key: &[u8]| font.get::<Name<'_>>(key);
    if &*name_of(b"Type")? != b"Font"
        || !matches!(&*name_of(b"Subtype")?, b"Type1" | b"MMType1" | b"TrueType")
        || is_embedded(font)
    {
        return None;
    }
    let base_font = name_of(b"BaseFont").map(|name| name.as_str().to_lowercase());
    if base_font.is_some_and(|name| SIGNS.iter().any(|sign| name.contains(sign))) {
        return None;
    }
    let stated = Stated::of(font);
    let mut differences = stated.differences.clone();
    for code in 1..=u8::MAX {
        if let Some(name) = stated.missing(code) {
            differences.insert(code, name.as_bytes().to_vec());
        }
    }
    if differences == stated.differences {
        return None;
    }
    // The last entry of a name is the one that counts for the engine.
    let mut amended = font.data().strip_suffix(b">>")?.to_vec();
    amended.extend_from_slice(b" /Encoding << /Type /Encoding ");
    if let Some(base) = &stated.base {
        amended.extend_from_slice(b"/BaseEncoding /");
        amended.extend_from_slice(base);
    }
    amended.extend_from_slice(b" /Differences [");
    for (code, name) in differences {
        write!(amended, " {code} /").ok()?;
        for byte in name {
            match byte {
                b'#'
                | b'('
                | b')'
                | b'<'
                | b'>'
                | b'['
                | b']'
                | b'{'
                | b'}'
                | b'/'
                | b'%'
                | ..=b' '
                | 127.. => write!(amended, "#{byte:02x}").ok()?,
                _ => amended.push(byte),
            }
        }
    }
    amended.extend_from_slice(b"] >> >>");
    Some(amended)
}

/// The map of a composite font's codes with letters and marks composed; `None` where it has no marks of their own.
///
/// The substitute has a glyph for "ř" and none for "r" with a caron, and the engine then takes the code for a glyph.
pub(super) fn composed_map(font: &Dict<'_>) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let descendants = font.get::<Array<'_>>(b"DescendantFonts")?;
    if is_embedded(&descendants.iter::<Dict<'_>>().next()?) {
        return None;
    }
    let stream = font.get::<Stream<'_>>(b"ToUnicode")?;
    let map = CMap::parse(&stream.decoded_data().ok()?, |_| None)?;
    let mut is_changed = false;
    let mut pairs = Vec::new();
    for code in 0..=u32::from(u16::MAX) {
        let text = match map.lookup_bf_string(code) {
            Some(BfString::Char(letter)) => letter.to_string(),
            Some(BfString::String(letters)) => {
                let composed = composed(&letters);
                is_changed |= composed != letters;
                composed
            }
            None => continue,
        };
        let units: String = text
            .encode_utf16()
            .map(|unit| format!("{unit:04x}"))
            .collect();
        pairs.push(format!("<{code:04x}> <{units}>\n"));
    }
    if !is_changed {
        return None;
    }
    let mut content = String::from(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Composed def /CMapType 2 def\n\
         1 begincodespacerange <0000> <ffff> endcodespacerange\n",
    );
    for block in pairs.chunks(100) {
        let count = block.len();
        content.push_str(&format!(
            "{count} beginbfchar\n{}endbfchar\n",
            block.concat()
        ));
    }
    content.push_str("endcmap end end");
    let length = content.len();
    let body = format!("<< /Length {length} >>\nstream\n{content}\nendstream");
    Some((stream.obj_id(), body.into_bytes()))
}

fn is_embedded(font: &Dict<'_>) -> bool {
    let descriptor = font.get::<Dict<'_>>(b"FontDescriptor").unwrap_or_default();
    [&b"FontFile"[..], b"FontFile2", b"FontFile3"]
        .iter()
        .filter_map(|key| descriptor.get::<Stream<'_>>(key))
        .any(|file| file.decoded_data().is_ok_and(|data| !data.is_empty()))
}

/// What a font states of its codes.
struct Stated {
    is_true_type: bool,
    /// The name of an encoding that the engine knows.
    base: Option<Vec<u8>>,
    /// The encoding that another name means.
    other: Option<&'static Encoding>,
    differences: BTreeMap<u8, Vec<u8>>,
    to_unicode: Option<CMap>,
}

impl Stated {
    fn of(font: &Dict<'_>) -> Self {
        let encoding = font.get::<Object<'_>>(b"Encoding");
        let mut differences = BTreeMap::new();
        let name = match encoding {
            Some(Object::Name(name)) => Some(name),
            Some(Object::Dict(encoding)) => {
                if let Some(list) = encoding.get::<Array<'_>>(b"Differences") {
                    read_differences(&list, &mut differences);
                }
                encoding.get::<Name<'_>>(b"BaseEncoding")
            }
            _ => None,
        };
        let is_known = |name: &Name<'_>| {
            matches!(
                &**name,
                b"WinAnsiEncoding"
                    | b"MacRomanEncoding"
                    | b"MacExpertEncoding"
                    | b"StandardEncoding"
            )
        };
        let map = font.get::<Stream<'_>>(b"ToUnicode");
        Self {
            is_true_type: font
                .get::<Name<'_>>(b"Subtype")
                .is_some_and(|kind| &*kind == b"TrueType"),
            other: name
                .as_ref()
                .and_then(|name| Encoding::for_label(name))
                .filter(|encoding| encoding.is_single_byte()),
            base: name.filter(is_known).map(|name| name.to_vec()),
            differences,
            to_unicode: map
                .and_then(|map| map.decoded_data().ok())
                .and_then(|data| CMap::parse(&data, |_| None)),
        }
    }

    /// The name for a code that the engine would not draw, or not as is meant.
    fn missing(&self, code: u8) -> Option<&'static str> {
        if let Some(name) = self.differences.get(&code) {
            let name = std::str::from_utf8(name).ok()?;
            if name == ".notdef" || NAMES.known.contains(name) {
                return None;
            }
            let stem = name.split('.').next().unwrap_or(name);
            return NAMES
                .known
                .get(stem)
                .map(String::as_str)
                .or_else(|| NAMES.of(letter_of_name(stem).or_else(|| self.stated_letter(code))?));
        }
        let letter = match self.base.as_deref() {
            Some(b"WinAnsiEncoding") => decoded(WINDOWS_1252, code)
                .is_none()
                .then(|| self.stated_letter(code))?,
            Some(b"MacRomanEncoding") => decoded(MACINTOSH, code)
                .is_none()
                .then(|| self.stated_letter(code))?,
            Some(_) => (!is_in_standard(code)).then(|| self.stated_letter(code))?,
            None => self.stated_letter(code).or_else(|| match self.other {
                Some(encoding) => decoded(encoding, code),
                // What fonts of this kind have by custom, where nothing is stated.
                None if self.is_true_type || !is_in_standard(code) => decoded(WINDOWS_1252, code),
                None => None,
            }),
        }?;
        NAMES.of(letter)
    }

    /// The letter of a code by the map for copying text.
    fn stated_letter(&self, code: u8) -> Option<char> {
        let text = match self.to_unicode.as_ref()?.lookup_bf_string(code.into())? {
            BfString::Char(letter) => letter.to_string(),
            BfString::String(letters) => composed(&letters),
        };
        let mut letters = text.chars();
        let letter = letters.next()?;
        (letters.next().is_none() && !letter.is_control()).then_some(letter)
    }
}

fn read_differences(list: &Array<'_>, differences: &mut BTreeMap<u8, Vec<u8>>) {
    let mut next = 0;
    for entry in list.iter::<Object<'_>>() {
        match entry {
            Object::Number(code) => next = code.as_i64(),
            Object::Name(name) => {
                if let Ok(code) = u8::try_from(next) {
                    differences.insert(code, name.to_vec());
                }
                next = next.saturating_add(1);
            }
            _ => {}
        }
    }
}

/// The letter of a name that states its number, as `uni011B` or `u011B`, or that only Czech fonts of TeX have.
fn letter_of_name(name: &str) -> Option<char> {
    match name {
        "dquoteright" => return Some('ď'),
        "tquoteright" => return Some('ť'),
        "lquoteright" => return Some('ľ'),
        "Lquoteright" => return Some('Ľ'),
        _ => {}
    }
    let digits = match name.strip_prefix("uni") {
        Some(digits) => digits.get(..4)?,
        None => name.strip_prefix('u').filter(|digits| digits.len() >= 4)?,
    };
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

fn decoded(encoding: &'static Encoding, code: u8) -> Option<char> {
    let code = [code];
    let (text, is_wrong) = encoding.decode_without_bom_handling(&code);
    let letter = text.chars().next()?;
    (!is_wrong && !letter.is_control()).then_some(letter)
}

/// Whether the standard encoding (annex D.2) has a letter for a code.
fn is_in_standard(code: u8) -> bool {
    matches!(
        code,
        0x20..=0x7e
            | 0xa1..=0xaf
            | 0xb1..=0xb4
            | 0xb6..=0xbd
            | 0xbf
            | 0xc1..=0xc8
            | 0xca
            | 0xcb
            | 0xcd..=0xd0
            | 0xe1
            | 0xe3
            | 0xe8..=0xeb
            | 0xf1
            | 0xf5
            | 0xf8..=0xfb
    )
}

/// The names of the glyphs in the fonts that stand in for others; all of them have the same.
struct GlyphNamesOfSubstitute {
    known: HashSet<String>,
    of_letters: HashMap<char, String>,
}

impl GlyphNamesOfSubstitute {
    fn new() -> Self {
        let mut names = Self {
            known: HashSet::new(),
            of_letters: HashMap::new(),
        };
        let Ok(font) = FontRef::new(fonts::REGULAR) else {
            return names;
        };
        let all: HashMap<_, _> = GlyphNames::new(&font)
            .iter()
            .map(|(glyph, name)| (glyph, name.as_str().to_owned()))
            .collect();
        for (letter, glyph) in font.charmap().mappings() {
            if let (Some(letter), Some(name)) = (char::from_u32(letter), all.get(&glyph)) {
                names.of_letters.insert(letter, name.clone());
            }
        }
        names.known.extend(all.into_values());
        names
    }

    fn of(&self, letter: char) -> Option<&str> {
        self.of_letters.get(&letter).map(String::as_str)
    }
}
