//! What a document does not show is told: of its pages, and of the file as a whole.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fmt::Write as _;
use support::{PdfBuilder, document, half_black, ink, service};
use vyveska_pages::DocumentWarning::{
    self, CutShort, DynamicForm, ForeignHead, Portfolio, Rebuilt,
};
use vyveska_pages::PageWarning::{self, AnnotationMissing, FieldMissing, FieldOutdated};
use vyveska_pages::{PageService, RenderRequest};

const FONTS: &str =
    "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>";

#[track_caller]
fn check_file(service: &PageService, file: &[u8], expected: &[DocumentWarning]) {
    let info = service.open_blocking(&document(file)).unwrap();
    assert_eq!(info.warnings, expected);
}

#[test]
fn a_file_that_is_not_whole_is_told() {
    let service = service();
    let whole = half_black();
    check_file(&service, &whole, &[]);
    let end = whole.len() - 30;
    check_file(&service, &whole[..end], &[CutShort]);
    let page = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &whole].concat();
    check_file(&service, &page, &[ForeignHead]);
    let mut moved = whole.clone();
    let table = moved
        .windows(6)
        .rposition(|part| part == b"\nxref\n")
        .unwrap();
    drop(moved.splice(table..table, *b"\nremoved"));
    check_file(&service, &moved, &[Rebuilt]);
}

/// A document with these entries of its catalogue.
fn catalogued(entries: &str) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    pdf.page(200.0, 100.0, "", b"");
    pdf.catalogue(entries.to_owned());
    pdf.build()
}

#[test]
fn a_portfolio_is_told() {
    let service = service();
    let portfolio = catalogued("/Collection << /Type /Collection /View /D >>");
    check_file(&service, &portfolio, &[Portfolio]);
    check_file(&service, &catalogued("/Collection null"), &[]);
}

#[test]
fn a_form_that_only_its_makers_program_shows_is_told() {
    let service = service();
    let dynamic = "/NeedsRendering true /AcroForm << /Fields [] /XFA (x) >>";
    check_file(&service, &catalogued(dynamic), &[DynamicForm]);
    let unsaid = "/AcroForm << /Fields [] /XFA (x) >>";
    check_file(&service, &catalogued(unsaid), &[DynamicForm]);
    // A static form has fields of its own, which are drawn.
    let has_fields = "/AcroForm << /Fields [<< /FT /Tx /T (a) >>] /XFA (x) >>";
    check_file(&service, &catalogued(has_fields), &[]);
    check_file(&service, &catalogued("/AcroForm << /Fields [] >>"), &[]);
}

/// A page with these annotations, each the entries of one; the catalogue has the form's entries.
fn annotated(form: &str, annotations: &[&str]) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let mut all = String::new();
    for entries in annotations {
        let annotation = pdf.object(format!("<< /Type /Annot {entries} >>"));
        write!(all, "{annotation} 0 R ").unwrap();
    }
    pdf.catalogue(format!("/AcroForm << /Fields [{all}] {form} >>"));
    pdf.page(200.0, 100.0, &format!("/Annots [{all}] {FONTS}"), b"");
    pdf.build()
}

#[track_caller]
fn check_page(service: &PageService, pdf: &[u8], expected: &[PageWarning]) {
    let request = RenderRequest::fit_width(0, 200);
    let document = document(pdf);
    for _ in 0..2 {
        let page = service.render_blocking(&document, request).unwrap();
        assert_eq!(page.warnings, expected);
    }
}

#[test]
fn notes_and_marks_without_an_appearance_are_missing() {
    let service = service();
    for kind in ["FreeText", "Highlight", "Line", "Square", "Stamp", "Text"] {
        let note = format!("/Subtype /{kind} /Rect [10 10 90 30] /C [1 0 0] /Contents (a)");
        check_page(&service, &annotated("", &[&note]), &[AnnotationMissing]);
    }
    let unseen = [
        "/Subtype /Link /Rect [10 10 90 30]",
        "/Subtype /Popup /Rect [10 10 90 30]",
        // Hidden, and only for prints.
        "/Subtype /Stamp /Rect [10 10 90 30] /F 2",
        "/Subtype /Stamp /Rect [10 10 90 30] /F 32",
    ];
    check_page(&service, &annotated("", &unseen), &[]);
}

#[test]
fn fields_whose_value_is_not_drawn_are_missing() {
    let service = service();
    let missing = [
        "/Subtype /Widget /FT /Tx /V (Jana) /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Ch /V (ano) /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Btn /V /Ano /AS /Ano /Rect [10 10 90 30]",
        "/Subtype /Widget /Parent << /FT /Tx /V (Jana) >> /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Btn /AS /Ano /Rect [10 10 90 30] /AP << /N << /Ne null >> >>",
    ];
    for field in missing {
        check_page(&service, &annotated("", &[field]), &[FieldMissing]);
    }
    let blank = [
        "/Subtype /Widget /FT /Tx /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Tx /V () /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Btn /AS /Off /Rect [10 10 90 30] /AP << /N << /Ano 1 0 R >> >>",
        "/Subtype /Widget /FT /Btn /V /Off /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Btn /Ff 65536 /V /Ano /Rect [10 10 90 30]",
        "/Subtype /Widget /FT /Tx /V (secret) /Rect [0 0 0 0]",
        "/Subtype /Widget /FT /Sig /V << >> /Rect [10 10 90 30]",
    ];
    check_page(&service, &annotated("", &blank), &[]);
}

/// A page with a text field that holds one value and shows another.
fn field(form: &str, value: &str, shown: &str) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let appearance = pdf.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 80 20] {FONTS}"),
        format!("/Tx BMC q BT /F 12 Tf 2 6 Td ({shown}) Tj ET Q EMC").as_bytes(),
    );
    let field = pdf.object(format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /V {value} /Rect [10 10 90 30] /AP << /N {appearance} 0 R >> >>"
    ));
    pdf.catalogue(format!("/AcroForm << /Fields [{field} 0 R] {form} >>"));
    pdf.page(200.0, 100.0, &format!("/Annots [{field} 0 R]"), b"");
    pdf.build()
}

#[test]
fn a_field_that_shows_an_old_value_is_told_where_the_form_asks_for_new_appearances() {
    let service = service();
    let needed = "/NeedAppearances true";
    check_page(
        &service,
        &field(needed, "(250 000)", "1 000"),
        &[FieldOutdated],
    );
    check_page(&service, &field(needed, "(250 000)", ""), &[FieldOutdated]);
    check_page(&service, &field(needed, "(250000)", "250 000,-"), &[]);
    check_page(&service, &field(needed, "<FEFF00320035>", "25"), &[]);
    // Otherwise the appearance is what the document shows.
    check_page(&service, &field("", "(250 000)", "1 000"), &[]);
}

/// A page in an embedded font; the font file is changed.
fn embedded(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fonts/LiberationSans-Regular.ttf"
    );
    let mut font = std::fs::read(path).unwrap();
    change(&mut font);
    let mut pdf = PdfBuilder::new();
    let file = pdf.stream(&format!("/Length1 {}", font.len()), &font);
    let descriptor = pdf.object(format!(
        "<< /Type /FontDescriptor /FontName /ABCDEF+Brought /Flags 32 /FontFile2 {file} 0 R >>"
    ));
    let resources = format!(
        "/Resources << /Font << /F << /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Brought /Encoding /WinAnsiEncoding \
         /FontDescriptor {descriptor} 0 R >> >> >>"
    );
    pdf.page(
        200.0,
        100.0,
        &resources,
        b"BT /F 20 Tf 10 40 Td (Abde fgh) Tj ET",
    );
    pdf.build()
}

/// Where a table of a TrueType font begins.
fn table(font: &[u8], tag: &[u8; 4]) -> usize {
    let number = |at: usize| u32::from_be_bytes(font[at..at + 4].try_into().unwrap()) as usize;
    let count = usize::from(u16::from_be_bytes([font[4], font[5]]));
    let mut entries = (0..count).map(|index| 12 + index * 16);
    let entry = entries.find(|at| font[*at..*at + 4] == *tag);
    number(entry.unwrap() + 8)
}

#[test]
fn letters_without_outlines_are_missing() {
    let service = service();
    let whole = embedded(|_| {});
    check_page(&service, &whole, &[]);
    let request = RenderRequest::fit_width(0, 200);
    let ink_of = |pdf: &[u8]| ink(&service.render_blocking(&document(pdf), request).unwrap());
    // The glyph of b is 69 in this font. It ends where it begins.
    let empty = embedded(|font| {
        let place = table(font, b"loca") + 69 * 4;
        font.copy_within(place..place + 4, place + 4);
    });
    assert!(ink_of(&empty) < ink_of(&whole), "a letter is gone");
    check_page(&service, &empty, &[PageWarning::LettersMissing]);
    // It ends before it begins, and the next one is left out.
    let gap = embedded(|font| {
        let place = table(font, b"loca") + 69 * 4;
        font[place + 4..place + 8].fill(0);
    });
    assert_eq!(ink_of(&gap), ink_of(&whole));
    check_page(&service, &gap, &[]);
}
