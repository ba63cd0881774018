//! Czech letters are drawn and read, whether or not the document embeds its fonts.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fmt::Write as _;
use support::{PdfBuilder, document, ink, service};
use unicode_normalization::UnicodeNormalization as _;
use vyveska_pages::{RenderRequest, RenderedPage};

const TEXT: &str = "Příliš žluťoučký kůň úpěl ďábelské ódy";

/// Each letter of the text, its name in a PDF, and its width in Liberation Sans and Serif.
const LETTERS: [(char, &str, u32, u32); 28] = [
    (' ', "space", 278, 250),
    ('P', "P", 667, 556),
    ('b', "b", 556, 500),
    ('d', "d", 556, 500),
    ('e', "e", 556, 444),
    ('i', "i", 222, 278),
    ('k', "k", 500, 500),
    ('l', "l", 222, 278),
    ('o', "o", 556, 500),
    ('p', "p", 556, 500),
    ('s', "s", 500, 389),
    ('u', "u", 556, 500),
    ('y', "y", 500, 500),
    ('á', "aacute", 556, 444),
    ('é', "eacute", 556, 444),
    ('í', "iacute", 278, 278),
    ('ó', "oacute", 556, 500),
    ('ú', "uacute", 556, 500),
    ('ý', "yacute", 500, 500),
    ('č', "ccaron", 500, 444),
    ('ď', "dcaron", 615, 646),
    ('ě', "ecaron", 556, 444),
    ('ň', "ncaron", 556, 500),
    ('ř', "rcaron", 333, 333),
    ('š', "scaron", 500, 389),
    ('ť', "tcaron", 375, 427),
    ('ů', "uring", 556, 500),
    ('ž', "zcaron", 500, 444),
];

#[derive(Clone, Copy)]
enum Family {
    Sans,
    Serif,
}

/// A page with the text in a simple font whose encoding names the letters.
fn page_in(subtype: &str, name: &str, family: Family, embedded: Option<&[u8]>) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let mut names = String::new();
    let mut widths = String::new();
    for (_, letter, sans, serif) in LETTERS {
        write!(names, "/{letter} ").unwrap();
        let width = match family {
            Family::Sans => sans,
            Family::Serif => serif,
        };
        write!(widths, "{width} ").unwrap();
    }
    let file = embedded.map_or(String::new(), |font| {
        let file = pdf.stream(&format!("/Length1 {}", font.len()), font);
        format!("/FontFile2 {file} 0 R")
    });
    let flags = match family {
        Family::Sans => 32,
        Family::Serif => 34,
    };
    let font = pdf.object(format!(
        "<< /Type /Font /Subtype /{subtype} /BaseFont /{name} /FirstChar 128 /LastChar {} /Widths [{widths}] \
         /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [128 {names}] >> \
         /FontDescriptor << /Type /FontDescriptor /FontName /{name} /Flags {flags} /FontBBox [-500 -300 1300 1000] \
         /ItalicAngle 0 /Ascent 905 /Descent -212 /CapHeight 700 /StemV 80 /MissingWidth 500 {file} >> >>",
        127 + LETTERS.len()
    ));
    let codes: String = TEXT
        .chars()
        .map(|letter| {
            let place = LETTERS.iter().position(|(known, ..)| *known == letter);
            format!("{:02x}", 128 + place.unwrap())
        })
        .collect();
    pdf.page(
        420.0,
        40.0,
        &format!("/Resources << /Font << /F {font} 0 R >> >>"),
        format!("BT /F 20 Tf 10 12 Td <{codes}> Tj ET").as_bytes(),
    );
    pdf.build()
}

fn liberation(name: &str) -> Vec<u8> {
    let path = format!("{}/fonts/Liberation{name}.ttf", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn draw(pdf: &[u8]) -> RenderedPage {
    service()
        .render_blocking(&document(pdf), RenderRequest::fit_width(0, 1260))
        .unwrap()
}

/// The part of the ink of two drawings that is not where the other has it.
fn difference(one: &RenderedPage, other: &RenderedPage) -> f64 {
    let pixels = one.image.pixels().as_chunks::<4>().0;
    let others = other.image.pixels().as_chunks::<4>().0;
    let differing = pixels
        .iter()
        .zip(others)
        .filter(|(a, b)| a[1].abs_diff(b[1]) > 100)
        .count();
    differing as f64 / ink(one) as f64
}

#[track_caller]
fn check(subtype: &str, name: &str, family: Family) {
    let font = match family {
        Family::Sans => liberation("Sans-Regular"),
        Family::Serif => liberation("Serif-Regular"),
    };
    let embedded = draw(&page_in("TrueType", "ABCDEF+Brought", family, Some(&font)));
    let substituted = draw(&page_in(subtype, name, family, None));
    if let Some(folder) = std::env::var_os("VYVESKA_PAGES_KEEP") {
        for (kind, page) in [("embedded", &embedded), ("substituted", &substituted)] {
            let path = std::path::Path::new(&folder).join(format!("{name}-{kind}.png"));
            image::save_buffer(
                path,
                page.image.pixels(),
                page.image.width(),
                page.image.height(),
                image::ColorType::Rgba8,
            )
            .unwrap();
        }
    }
    assert!(ink(&embedded) > 5_000, "the letters are drawn at all");
    let difference = difference(&embedded, &substituted);
    // The standard fonts have other widths for ď and ť than Liberation, and those two are drawn narrower. Dropping all
    // letters with hooks and rings would be a quarter of the ink.
    assert!(difference < 0.06, "{name} differs by {difference}");
}

#[test]
fn letters_are_the_same_with_and_without_the_font_in_the_document() {
    check("TrueType", "ArialMT", Family::Sans);
    check("Type1", "Helvetica", Family::Sans);
    check("TrueType", "Verdana", Family::Sans);
    check("TrueType", "TimesNewRomanPSMT", Family::Serif);
    check("Type1", "Times-Roman", Family::Serif);
    check("TrueType", "Cambria", Family::Serif);
}

#[test]
fn letters_are_read_with_and_without_the_font_in_the_document() {
    let service = service();
    for pdf in [
        page_in("TrueType", "ArialMT", Family::Sans, None),
        page_in("Type1", "Times-Roman", Family::Serif, None),
        page_in(
            "TrueType",
            "ABCDEF+Brought",
            Family::Sans,
            Some(&liberation("Sans-Regular")),
        ),
    ] {
        let text = service.text_blocking(&document(pdf), 0).unwrap();
        assert_eq!(text.plain(), TEXT);
        assert_eq!(text.words.len(), 6);
        assert_eq!(text.unknown_letters, 0);
        let first = text.words[0].bounds;
        assert!((first.x - 10.0).abs() < 0.5, "{first:?}");
        // 6 letters, 2,335 thousandths in Sans and 2,127 in Serif.
        assert!((40.0..50.0).contains(&first.width), "{first:?}");
        assert!(first.y > 5.0 && first.y + first.height < 40.0, "{first:?}");
    }
}

/// A page with the text in a composite font that is not embedded and says in this form what its codes mean.
fn composite(form: impl Fn(char) -> String) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def \
         1 begincodespacerange <0000> <ffff> endcodespacerange ",
    );
    let mut widths = String::new();
    write!(map, "{} beginbfchar ", LETTERS.len()).unwrap();
    for (index, (letter, _, width, _)) in LETTERS.iter().enumerate() {
        write!(map, "<{:04x}> <", index + 1).unwrap();
        for unit in form(*letter).encode_utf16() {
            write!(map, "{unit:04x}").unwrap();
        }
        map.push_str("> ");
        write!(widths, "{width} ").unwrap();
    }
    map.push_str("endbfchar endcmap end end");
    let map = pdf.stream("", map.as_bytes());
    let descendant = pdf.object(format!(
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Arial /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
         /Supplement 0 >> /DW 500 /W [1 [{widths}]] /FontDescriptor << /Type /FontDescriptor /FontName /Arial /Flags 32 >> >>"
    ));
    let font = pdf.object(format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /Arial /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] \
         /ToUnicode {map} 0 R >>"
    ));
    let codes: String = TEXT
        .chars()
        .map(|letter| {
            let place = LETTERS.iter().position(|(known, ..)| *known == letter);
            format!("{:04x}", 1 + place.unwrap())
        })
        .collect();
    pdf.page(
        420.0,
        40.0,
        &format!("/Resources << /Font << /F {font} 0 R >> >>"),
        format!("BT /F 20 Tf 10 12 Td <{codes}> Tj ET").as_bytes(),
    );
    pdf.build()
}

#[test]
fn letters_of_composite_fonts_without_their_file_are_drawn() {
    let simple = draw(&page_in("TrueType", "ArialMT", Family::Sans, None));
    let whole = composite(|letter| letter.to_string());
    let with_marks = composite(|letter| letter.nfd().collect());
    for composite in [whole, with_marks] {
        let difference = difference(&simple, &draw(&composite));
        assert!(difference < 0.02, "differs by {difference}");
        let text = service().text_blocking(&document(composite), 0).unwrap();
        assert_eq!(text.plain(), TEXT);
    }
}

/// A page with the text in a font that is not embedded; `entries` are those about its encoding, `map` tells the letters
/// of the codes.
fn page_of(subtype: &str, entries: &str, codes: &[u8], map: &[(u8, String)]) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let mut pairs = String::new();
    for (code, letters) in map {
        write!(pairs, "<{code:02x}> <").unwrap();
        for unit in letters.encode_utf16() {
            write!(pairs, "{unit:04x}").unwrap();
        }
        pairs.push_str("> ");
    }
    let stream = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def \
         1 begincodespacerange <00> <ff> endcodespacerange {} beginbfchar {pairs} endbfchar endcmap end end",
        map.len()
    );
    let stream = pdf.stream("", stream.as_bytes());
    let to_unicode = if map.is_empty() {
        String::new()
    } else {
        format!("/ToUnicode {stream} 0 R")
    };
    let widths: String = (0..=255)
        .map(|code: usize| {
            let letter = code.checked_sub(128).and_then(|place| LETTERS.get(place));
            format!("{} ", letter.map_or(556, |(.., sans, _)| *sans))
        })
        .collect();
    let font = pdf.object(format!(
        "<< /Type /Font /Subtype /{subtype} /BaseFont /Verdana /FirstChar 0 /LastChar 255 /Widths [{widths}] {entries} \
         {to_unicode} >>"
    ));
    let codes: String = codes.iter().map(|code| format!("{code:02x}")).collect();
    pdf.page(
        420.0,
        40.0,
        &format!("/Resources << /Font << /F {font} 0 R >> >>"),
        format!("BT /F 20 Tf 10 12 Td <{codes}> Tj ET").as_bytes(),
    );
    pdf.build()
}

/// The codes of the text, counted from 128 in the order of the letters.
fn numbered() -> Vec<u8> {
    let place = |letter| LETTERS.iter().position(|(known, ..)| *known == letter);
    TEXT.chars()
        .map(|letter| 128 + place(letter).unwrap() as u8)
        .collect()
}

#[test]
fn no_letter_is_lost_whatever_the_encoding() {
    let service = service();
    let expected = draw(&page_in("TrueType", "Verdana", Family::Sans, None));
    let check = |subtype: &str, entries: &str, map: &[(u8, String)]| {
        let pdf = document(page_of(subtype, entries, &numbered(), map));
        let page = service
            .render_blocking(&pdf, RenderRequest::fit_width(0, 1260))
            .unwrap();
        let difference = difference(&expected, &page);
        assert!(
            difference < 0.01,
            "{subtype} {entries} differs by {difference}"
        );
        assert_eq!(page.warnings, [], "{entries}");
        let text = service.text_blocking(&pdf, 0).unwrap();
        assert_eq!(text.plain(), TEXT, "{subtype} {entries}");
        assert_eq!(text.unknown_letters, 0, "{entries}");
    };
    let named = |name: &dyn Fn(char, &str) -> String| -> String {
        let names = LETTERS.map(|(letter, usual, ..)| format!("/{} ", name(letter, usual)));
        format!("/Encoding << /Differences [128 {}] >>", names.concat())
    };
    let map: Vec<(u8, String)> = (128..)
        .zip(LETTERS)
        .map(|(code, (letter, ..))| (code, letter.to_string()))
        .collect();
    let decomposed: Vec<(u8, String)> = map
        .iter()
        .map(|(code, letter)| (*code, letter.nfd().collect()))
        .collect();
    let symbolic = "/FontDescriptor << /Type /FontDescriptor /FontName /Verdana /Flags 4 >>";
    for subtype in ["TrueType", "Type1"] {
        // Names that state a number, that have a suffix, and that only the document knows.
        check(
            subtype,
            &named(&|letter, _| format!("uni{:04X}", u32::from(letter))),
            &[],
        );
        check(
            subtype,
            &named(&|letter, _| format!("u{:04X}", u32::from(letter))),
            &[],
        );
        check(subtype, &named(&|_, usual| format!("{usual}.alt")), &[]);
        check(
            subtype,
            &named(&|letter, _| format!("g{}", u32::from(letter))),
            &map,
        );
        check(
            subtype,
            &format!("{symbolic} {}", named(&|_, usual| usual.into())),
            &[],
        );
        let of_tex = |_, usual: &str| match usual {
            "dcaron" | "tcaron" => usual.replace("caron", "quoteright"),
            usual => usual.to_owned(),
        };
        check(subtype, &named(&of_tex), &[]);
        // No encoding at all, one that nobody knows, and one that has other letters there.
        check(subtype, "", &map);
        check(subtype, symbolic, &decomposed);
        check(subtype, "/Encoding /Custom", &map);
        check(subtype, "/Encoding /StandardEncoding /Other [/a#20b]", &map);
    }
}

#[test]
fn codes_without_any_encoding_are_read_by_custom() {
    let service = service();
    let western = "Žádá šéf";
    let codes: Vec<u8> = encoding_rs::WINDOWS_1252.encode(western).0.into_owned();
    let stated = page_of("TrueType", "/Encoding /WinAnsiEncoding", &codes, &[]);
    let stated = draw(&stated);
    let read = |pdf: &[u8]| service.text_blocking(&document(pdf), 0).unwrap().plain();
    for entries in [
        "",
        "/Encoding /Custom",
        "/Encoding << /Differences [1 /a] >>",
    ] {
        let custom = page_of("TrueType", entries, &codes, &[]);
        assert_eq!(read(&custom), western, "{entries}");
        assert_eq!(difference(&stated, &draw(&custom)), 0.0, "{entries}");
    }
    // Wider than the letters of the substitute, and i and l twice as wide.
    let central = "žluťoučký kůň úpěl lilie";
    let codes: Vec<u8> = encoding_rs::ISO_8859_2.encode(central).0.into_owned();
    let named = page_of("TrueType", "/Encoding /ISO-8859-2", &codes, &[]);
    assert_eq!(read(&named), central);
}

/// A file that is not whole is searched for its parts, and those that are added count.
#[test]
fn letters_of_a_damaged_file_are_drawn() {
    let map: Vec<(u8, String)> = (128..)
        .zip(LETTERS)
        .map(|(code, (letter, ..))| (code, letter.to_string()))
        .collect();
    let whole = page_of("TrueType", "", &numbered(), &map);
    let end = whole
        .windows(6)
        .rposition(|part| part == b"\nxref\n")
        .unwrap();
    let cut = &whole[..end];
    let text = service().text_blocking(&document(cut), 0).unwrap();
    assert_eq!(text.plain(), TEXT);
    assert_eq!(difference(&draw(&whole), &draw(cut)), 0.0);
}
