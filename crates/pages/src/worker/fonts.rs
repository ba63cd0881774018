//! Fonts for documents that do not embed their own.
//!
//! The engine has small substitutes for the fourteen standard fonts, but they cover only Latin-1: ě ř č ů ď ť ň would be
//! dropped silently. Liberation has the same widths and all the letters. The fonts are part of the executable because
//! the worker can open no file.

use hayro::hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery, StandardFont};
use std::sync::Arc;

macro_rules! liberation {
    ($name:literal) => {
        include_bytes!(concat!("../../fonts/Liberation", $name, ".ttf")).as_slice()
    };
}

/// The font that has the glyph names of all of them.
pub(super) const REGULAR: &[u8] = liberation!("Sans-Regular");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Sans,
    Serif,
    Mono,
}

/// The font that replaces the one the document names.
pub(super) fn resolve(query: &FontQuery) -> Option<(FontData, u32)> {
    let bytes = match query {
        FontQuery::Standard(font) => match standard(*font) {
            Some((family, bold, italic)) => liberation(family, bold, italic),
            // Symbol fonts contain no letters, so the engine's own substitute is complete.
            None => return Some(font.get_font_data()),
        },
        FontQuery::Fallback(query) => liberation(
            family(query),
            query.is_bold || query.font_weight >= 600,
            query.is_italic,
        ),
    };
    Some((Arc::new(bytes), 0))
}

fn standard(font: StandardFont) -> Option<(Family, bool, bool)> {
    Some(match font {
        StandardFont::Helvetica => (Family::Sans, false, false),
        StandardFont::HelveticaBold => (Family::Sans, true, false),
        StandardFont::HelveticaOblique => (Family::Sans, false, true),
        StandardFont::HelveticaBoldOblique => (Family::Sans, true, true),
        StandardFont::Courier => (Family::Mono, false, false),
        StandardFont::CourierBold => (Family::Mono, true, false),
        StandardFont::CourierOblique => (Family::Mono, false, true),
        StandardFont::CourierBoldOblique => (Family::Mono, true, true),
        StandardFont::TimesRoman => (Family::Serif, false, false),
        StandardFont::TimesBold => (Family::Serif, true, false),
        StandardFont::TimesItalic => (Family::Serif, false, true),
        StandardFont::TimesBoldItalic => (Family::Serif, true, true),
        StandardFont::ZapfDingBats | StandardFont::Symbol => return None,
    })
}

fn family(query: &FallbackFontQuery) -> Family {
    const MONO: [&str; 5] = ["mono", "courier", "consol", "typewriter", "fixed"];
    const SERIF: [&str; 8] = [
        "times", "serif", "roman", "georgia", "garamond", "cambria", "bookman", "palatino",
    ];
    let name = [
        &query.post_script_name,
        &query.font_name,
        &query.font_family,
    ]
    .into_iter()
    .flatten()
    .map(|name| name.to_lowercase())
    .collect::<String>();
    let named = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if query.is_fixed_pitch || named(&MONO) {
        Family::Mono
    } else if !name.contains("sans") && (query.is_serif || named(&SERIF)) {
        Family::Serif
    } else {
        Family::Sans
    }
}

fn liberation(family: Family, bold: bool, italic: bool) -> &'static [u8] {
    match (family, bold, italic) {
        (Family::Sans, false, false) => REGULAR,
        (Family::Sans, true, false) => liberation!("Sans-Bold"),
        (Family::Sans, false, true) => liberation!("Sans-Italic"),
        (Family::Sans, true, true) => liberation!("Sans-BoldItalic"),
        (Family::Serif, false, false) => liberation!("Serif-Regular"),
        (Family::Serif, true, false) => liberation!("Serif-Bold"),
        (Family::Serif, false, true) => liberation!("Serif-Italic"),
        (Family::Serif, true, true) => liberation!("Serif-BoldItalic"),
        (Family::Mono, false, false) => liberation!("Mono-Regular"),
        (Family::Mono, true, false) => liberation!("Mono-Bold"),
        (Family::Mono, false, true) => liberation!("Mono-Italic"),
        (Family::Mono, true, true) => liberation!("Mono-BoldItalic"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, is_serif: bool, expected: Family) {
        let query = FallbackFontQuery {
            post_script_name: Some(name.into()),
            is_serif,
            ..FallbackFontQuery::default()
        };
        assert_eq!(family(&query), expected, "{name}");
    }

    #[test]
    fn a_substitute_is_of_the_same_kind() {
        check("TimesNewRomanPSMT", false, Family::Serif);
        check("Cambria", false, Family::Serif);
        check("Calibri", false, Family::Sans);
        check("OpenSans", true, Family::Sans);
        check("Consolas-Bold", false, Family::Mono);
        check("Unknown", true, Family::Serif);
    }
}
