//! The words of a page are those that it shows, and those of its scans.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use support::{PdfBuilder, document, is_blank, service};
use vyveska_pages::{PageService, PageText, RenderRequest};

const FONT: &str = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";

/// A page of 300 by 200 points with this content; `/P` is a grey picture, `/W` a tint that multiplies, `/T` thins paint
/// to nothing, `/A` lets half of it through.
fn page(content: &str) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let picture = pdf.stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        &[0, 200, 200, 0],
    );
    let group = pdf.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 300 200] /Group << /S /Transparency >>",
        b"0 0 0 rg 10 90 200 30 re f",
    );
    let resources = format!(
        "/Resources << {FONT} /XObject << /P {picture} 0 R /G {group} 0 R >> /ExtGState << /W << /BM /Multiply >> \
         /T << /ca 0 >> /A << /ca 0.5 >> >> >>"
    );
    pdf.page(300.0, 200.0, &resources, content.as_bytes());
    pdf.build()
}

fn text(service: &PageService, pdf: &[u8]) -> PageText {
    service.text_blocking(&document(pdf), 0).unwrap()
}

#[track_caller]
fn check(service: &PageService, content: &str, expected: &str) {
    let text = text(service, &page(content));
    assert_eq!(text.plain(), expected, "{content}");
    // What is in the file and not in the words is counted.
    let written = "Tajemstvi".len() - expected.len();
    assert_eq!(text.hidden_letters as usize, written, "{content}");
}

const WORD: &str = "BT /F 12 Tf 20 100 Td (Tajemstvi) Tj ET";
const SCANNED: &str = "BT 3 Tr /F 12 Tf 20 100 Td (Tajemstvi) Tj ET";

#[test]
fn covered_words_are_not_read() {
    let service = service();
    let covers = [
        "0 g 10 90 200 30 re f",
        "1 g 10 90 200 30 re f",
        // A shape that is no rectangle, a thick line, a picture, a form.
        "0 g 10 90 m 210 90 l 215 120 l 10 120 l h f",
        "0 G 20 w 10 104 m 210 104 l S",
        "q 200 0 0 30 10 90 cm /P Do Q",
        "/G Do",
        // A black marker that lets brighter colours through.
        "q /W gs 0 g 10 90 200 30 re f Q",
        "q 0 0 300 200 re W n 0 g 10 90 200 30 re f Q",
    ];
    for cover in covers {
        check(&service, &format!("{WORD} {cover}"), "");
        check(&service, &format!("{cover} 1 0 0 rg {WORD}"), "Tajemstvi");
    }
}

#[test]
fn words_under_what_lets_them_through_are_read() {
    let service = service();
    let tints = [
        "q /W gs 1 1 0 rg 10 90 200 30 re f Q",
        "q /A gs 1 1 0 rg 10 90 200 30 re f Q",
        "q /T gs 0 g 10 90 200 30 re f Q",
        // Beside the word, outside of the clip, and a frame around it.
        "0 g 10 130 200 30 re f",
        "q 0 150 300 50 re W n 0 g 10 90 200 30 re f Q",
        "0 G 1 w 10 90 200 30 re S",
        "0 g 10 90 200 30 re 12 92 196 26 re f*",
        // A line through it.
        "0 g 10 103 200 1 re f",
    ];
    for tint in tints {
        check(&service, &format!("{WORD} {tint}"), "Tajemstvi");
    }
}

#[test]
fn words_in_the_colour_of_their_ground_are_not_read() {
    let service = service();
    check(&service, &format!("1 g {WORD}"), "");
    check(&service, &format!("0.99 g {WORD}"), "");
    check(&service, &format!("0 0 1 rg 0 0 300 200 re f {WORD}"), "");
    check(&service, &format!("q /T gs {WORD} Q"), "");
    // Black outlines around white letters, white on blue, white on a picture, on a tint, on narrow strips.
    check(&service, &format!("1 g 2 Tr {WORD}"), "Tajemstvi");
    let grounds = [
        "0 0 1 rg 10 90 200 30 re f",
        "q 200 0 0 30 10 90 cm /P Do Q",
        "q /W gs 0 0 1 rg 10 90 200 30 re f Q",
        &(0..60)
            .map(|strip| {
                format!(
                    "0 0 1 rg 10 {} 200 0.5 re f ",
                    90.0 + f64::from(strip) / 2.0
                )
            })
            .collect::<String>(),
    ];
    for ground in grounds {
        check(&service, &format!("{ground} 1 g {WORD}"), "Tajemstvi");
    }
}

#[test]
fn words_that_are_tiny_clipped_or_beside_the_page_are_not_read() {
    let service = service();
    let word = |size: f64, x: f64, y: f64| format!("BT /F {size} Tf {x} {y} Td (Tajemstvi) Tj ET");
    check(&service, &word(12.0, 20.0, 230.0), "");
    check(&service, &word(12.0, -120.0, 100.0), "");
    check(&service, &word(0.4, 20.0, 100.0), "");
    check(&service, &word(4.0, 20.0, 100.0), "Tajemstvi");
    check(&service, &format!("q 0 0 300 50 re W n {WORD} Q"), "");
    check(
        &service,
        &format!("q 0 0 300 150 re W n {WORD} Q"),
        "Tajemstvi",
    );
    // A round clip.
    let round = "q 20 60 m 120 60 l 70 150 l h W n";
    check(
        &service,
        &format!("{round} BT /F 6 Tf 60 100 Td (Tajemstvi) Tj ET Q"),
        "Tajemstvi",
    );
    check(
        &service,
        &format!("{round} BT /F 6 Tf 160 140 Td (Tajemstvi) Tj ET Q"),
        "",
    );
}

#[test]
fn invisible_words_are_those_of_a_scan() {
    let service = service();
    let small = "q 200 0 0 40 10 90 cm /P Do Q";
    let whole = "q 300 0 0 200 0 0 cm /P Do Q";
    for scan in [small, whole] {
        check(&service, &format!("{scan} {SCANNED}"), "Tajemstvi");
        check(&service, &format!("{SCANNED} {scan}"), "Tajemstvi");
        // Blackened after it was recognised.
        check(
            &service,
            &format!("{scan} {SCANNED} 0 g 10 90 200 30 re f"),
            "",
        );
        check(
            &service,
            &format!("{scan} 0 g 10 90 200 30 re f {SCANNED}"),
            "",
        );
    }
    // The picture ends in the middle of the word.
    let half = "q 30 0 0 40 20 90 cm /P Do Q";
    check(&service, &format!("{half} {SCANNED}"), "Tajemstvi");
    // Words below a picture of the page are how some programs keep what they recognised.
    check(&service, &format!("{WORD} {whole}"), "Tajemstvi");
    // On nothing.
    check(&service, SCANNED, "");
}

/// A page whose layers are used in every way.
fn layered() -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let on = pdf.object("<< /Type /OCG /Name (on) >>");
    let off = pdf.object("<< /Type /OCG /Name (off) >>");
    let print = pdf.object(
        "<< /Type /OCG /Name (print) /Usage << /View << /ViewState /OFF >> /Print << /PrintState /ON >> >> >>",
    );
    let members = [
        format!("<< /Type /OCMD /OCGs [{off} 0 R {on} 0 R] /P /AllOn >>"),
        format!("<< /Type /OCMD /OCGs {off} 0 R >>"),
        format!("<< /Type /OCMD /OCGs [{on} 0 R] /VE [/Not {on} 0 R] >>"),
        format!("<< /Type /OCMD /VE [/And {on} 0 R [/Or {off} 0 R {print} 0 R]] >>"),
        format!("<< /Type /OCMD /VE [/And {on} 0 R [/Not {off} 0 R]] >>"),
    ]
    .map(|member| pdf.object(member));
    let stamp = pdf.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << {FONT} >>"),
        b"BT /F 12 Tf 2 6 Td (razitko) Tj ET 0 g 0 0 100 20 re f",
    );
    let mark = pdf.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 100 20]",
        b"0 g 0 0 100 20 re f",
    );
    let annotation = |layer: usize, y: usize| {
        format!(
            "<< /Type /Annot /Subtype /Stamp /Rect [150 {y} 250 {}] /OC {layer} 0 R /AP << /N {stamp} 0 R >> >>",
            y + 20
        )
    };
    let of_its_own = pdf.object(annotation(print, 100));
    let seen = annotation(on, 140).replace(&format!("{stamp} 0 R"), &format!("{mark} 0 R"));
    let annotations = format!(
        "{} {of_its_own} 0 R {} {seen}",
        annotation(off, 20),
        annotation(print, 60)
    );
    pdf.catalogue(format!(
        "/OCProperties << /OCGs [{on} 0 R {off} 0 R {print} 0 R] /D << /OFF [{off} 0 R] \
         /AS [<< /Event /View /Category [/View] /OCGs [{print} 0 R] >> << /Event /Print /Category [/Print] /OCGs [{print} 0 R] >>] >> >>"
    ));
    let mut names = format!("/On {on} 0 R /Off {off} 0 R /Print {print} 0 R ");
    let mut content = String::new();
    let mut write = |layer: &str, word: &str, place: usize| {
        content.push_str(&format!(
            "/OC /{layer} BDC BT /F 12 Tf 10 {} Td ({word}) Tj ET EMC ",
            190 - 15 * place
        ));
    };
    write("On", "zapnuta", 1);
    write("Off", "vypnuta", 2);
    write("Print", "tisk", 3);
    let words = ["vsechny", "jedna", "negace", "vyraz", "spojeni"];
    for (index, (member, word)) in members.iter().zip(words).enumerate() {
        names.push_str(&format!("/M{index} {member} 0 R "));
        write(&format!("M{index}"), word, 4 + index);
    }
    // What stands below a stamp that is not for the screen is not covered by it.
    content.push_str(
        "/OC /Off BDC /OC /On BDC BT /F 12 Tf 10 20 Td (vnorena) Tj ET EMC EMC BT /F 12 Tf 155 25 Td (pod) Tj ET \
         BT /F 12 Tf 155 65 Td (pod) Tj ET",
    );
    pdf.page(
        300.0,
        200.0,
        &format!("/Resources << {FONT} /Properties << {names} >> >> /Annots [{annotations}]"),
        content.as_bytes(),
    );
    pdf.build()
}

#[test]
fn words_of_layers_that_are_not_for_the_screen_are_not_read() {
    let text = text(&service(), &layered());
    let words: Vec<&str> = text.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["zapnuta", "spojeni", "pod", "pod"]);
    assert_eq!(text.hidden_letters, 0);
}

#[test]
fn layers_that_are_not_for_the_screen_are_not_drawn() {
    let page = service()
        .render_blocking(&document(layered()), RenderRequest::fit_width(0, 300))
        .unwrap();
    let is_drawn = |left, right, top, bottom| !is_blank(&page, left..right, top..bottom);
    // The words line by line, the last of them in two layers, and the stamps.
    let words = [1, 2, 3, 4, 5, 6, 7, 8, 12].map(|line| {
        let baseline = 15 * line + 10;
        is_drawn(10, 140, baseline - 8, baseline)
    });
    assert_eq!(
        words,
        [true, false, false, false, false, false, false, true, false]
    );
    let stamps = [20, 60, 100, 140].map(|bottom| is_drawn(200, 250, 180 - bottom, 200 - bottom));
    assert_eq!(stamps, [false, false, false, true]);
    let under_stamps = [20, 60].map(|bottom| is_drawn(150, 200, 180 - bottom, 200 - bottom));
    assert_eq!(under_stamps, [true, true]);
}

/// Words in an old program's font: accents by themselves, ligatures, hyphens that divide.
#[test]
fn words_set_from_parts_are_whole() {
    let mut pdf = PdfBuilder::new();
    let codes = "1 /acute /caron /ring /fi /fl /dotlessi /hyphen /space";
    let map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def \
               1 begincodespacerange <00> <ff> endcodespacerange 3 beginbfchar <07> <00ad> <08> <00a0> <5a> <007a030c> \
               endbfchar endcmap end end";
    let map = pdf.stream("", map.as_bytes());
    let resources = format!(
        "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {map} 0 R /Encoding << \
         /Differences [{codes} 90 /zcaron] >> >> >> >>"
    );
    // The accents are 333 thousandths wide, r is 333, i without its dot 278, u 556.
    let content = "BT /F 20 Tf 10 160 Td (p) Tj [(r) 333 (\\002) (\\006) 305 (\\001) 28 (d) -1000 (\\002) 333 (r)] TJ ET \
                   BT /F 20 Tf 10 120 Td (\\004nance\\010\\005otila Z) Tj ET \
                   BT /F 20 Tf 10 80 Td (roz\\007hodnu) Tj [(u) 444 (\\003)] TJ ET \
                   BT /F 20 Tf 10 40 Td (odvo\\007) Tj 0 -24 Td (lat) Tj ET";
    pdf.page(300.0, 200.0, &resources, content.as_bytes());
    let text = text(&service(), &pdf.build());
    assert_eq!(
        text.plain(),
        "příd ř\nfinance flotila ž\nrozhodnuů\nodvo-\nlat"
    );
    let place = text.words[0].bounds;
    assert!(
        (place.x - 10.0).abs() < 0.5 && place.width < 40.0,
        "{place:?}"
    );
}
