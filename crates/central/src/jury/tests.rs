//! With the real page worker and, where they are installed, the real programs.

use std::path::PathBuf;
use std::time::Duration;

use vyveska_confine::testing::write_script;
use vyveska_pages::WorkerOptions;

use super::picture::Picture;
use super::*;

const LIMIT: Duration = Duration::from_secs(60);
const DRAWS: &str = "BT /F1 12 Tf 60 760 Td (Zamer pronajmu pozemku p. c. 455/1) Tj ET";
/// Yellow that multiplies what lies under it, inside a transparency group: our engine covers the text.
const HIGHLIGHTS: &str = "q 1 1 0 rg /Multiply gs 50 750 300 30 re f Q";

/// A PDF with one font and these pages; each draws a text and then a group.
fn pdf(pages: &[(&str, &str)]) -> Vec<u8> {
    turned_pdf(pages, 0)
}

/// The same with pages turned by so many degrees.
fn turned_pdf(pages: &[(&str, &str)], degrees: u32) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len())
        .map(|n| format!("{} 0 R", 4 + 3 * n))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (n, (text, group)) in pages.iter().enumerate() {
        let (content, form) = (5 + 3 * n, 6 + 3 * n);
        let text = format!("{text} /Group Do");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {degrees} \
             /Contents {content} 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /Group {form} 0 R >> >> >>"
        ));
        objects.push(stream("", &text));
        let form = "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Group << /S /Transparency /I false >> \
                    /Resources << /ExtGState << /Multiply << /BM /Multiply >> >> >>";
        objects.push(stream(form, group));
    }
    file_of(&objects)
}

fn stream(entries: &str, content: &str) -> String {
    let length = content.len();
    format!("<< {entries} /Length {length} >>\nstream\n{content}\nendstream")
}

/// A PDF of these objects, counted from one; the first is its catalogue.
fn file_of(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.7\n".to_owned();
    let mut offsets = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", n + 1));
    }
    let table = file.len();
    file.push_str(&format!(
        "xref\n0 {}\n0000000000 65535 f \n",
        offsets.len() + 1
    ));
    for offset in &offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<< /Root 1 0 R /Size {} >>\nstartxref\n{table}\n%%EOF\n",
        offsets.len() + 1
    ));
    file.into_bytes()
}

/// A PDF of one page that draws the text, with more entries of its catalogue and of its page, and more objects from the
/// sixth on.
fn page_with(content: &str, of_catalog: &str, of_page: &str, more: &[String]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {of_catalog} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {of_page} >>"
        ),
        stream("", &format!("{content} {DRAWS}")),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    objects.extend_from_slice(more);
    file_of(&objects)
}

/// Eight lines of text, compressed: 93 bytes in hexadecimal digits, of which the last four are a checksum.
const LINES: &str = "78DA75CF210E80300C0550CF29BE044557B60EBD641C80F402240301F7F728928EA4FE995714F31610187A41089908DA30EE\
                     473B1FD004BD5175283F26AB65C1656219BB2C5AB6B88C2D8B2EEB0AC963A92B88CBBA42FED80B63EB48EE";
const OF_LINES: &str = "/Filter [/ASCIIHexDecode /FlateDecode]";

/// What a page is made of, beside a text of its own.
struct Parts {
    /// The second part of its content.
    content: String,
    picture: String,
    font_file: String,
    font: &'static str,
}

impl Parts {
    fn whole() -> Self {
        Self {
            content: stream(OF_LINES, LINES),
            picture: stream(
                "/Type /XObject /Subtype /Image /Width 4 /Height 4 /BitsPerComponent 8 /ColorSpace /DeviceGray",
                "0123456789abcdef",
            ),
            font_file: "null".to_owned(),
            font: "/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding",
        }
    }

    fn shown_by(content: &str) -> Self {
        Self {
            content: stream("", content),
            ..Self::whole()
        }
    }

    fn into_pdf(self) -> Vec<u8> {
        file_of(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 5 0 R] /Resources << \
             /Font << /F1 6 0 R /F2 7 0 R >> /XObject << /Picture 8 0 R >> >> >>"
                .to_owned(),
            stream("", DRAWS),
            self.content,
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
                .to_owned(),
            format!("<< {} >>", self.font),
            self.picture,
            "<< /Type /FontDescriptor /FontName /ABCDEF+Own /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 \
             /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 /FontFile2 10 0 R >>"
                .to_owned(),
            self.font_file,
        ])
    }
}

fn reader() -> PageReader {
    reader_with(|_| {})
}

fn reader_with(change: impl FnOnce(&mut WorkerOptions)) -> PageReader {
    let worker = WorkerOptions::beside_current_exe();
    let mut worker =
        worker.expect("vyveska-pages is missing: `cargo build --workspace --bins` makes it");
    change(&mut worker);
    PageReader::new(worker)
}

/// The first page, as the page worker draws it for the comparison.
async fn drawing(bytes: &[u8]) -> std::sync::Arc<Picture> {
    let (reader, document) = (reader(), Document::from_bytes(bytes).unwrap());
    let size = reader.open(&document).await.unwrap().pages[0];
    let drawn = bench::draw(&reader, &document, 0, size).await.unwrap();
    drawn.picture.unwrap()
}

/// A jury of these programs; `None`, and a word about it, where the real ones are not installed.
async fn jury(programs: Programs) -> Option<Jury> {
    let real = Jury::find().await;
    let missing: Vec<&str> = real.versions().missing().map(Engine::package).collect();
    if !missing.is_empty() {
        println!(
            "{} are not installed here, so no jury was heard in this run",
            missing.join(" and ")
        );
        return None;
    }
    Some(Jury::of(Tools::with_stand_ins(programs, LIMIT)).await)
}

async fn examine(jury: &Jury, bytes: &[u8]) -> Examination {
    let document = Document::from_bytes(bytes).unwrap();
    jury.examine(&reader(), &document, bytes).await.unwrap()
}

fn verdicts(examination: &Examination) -> Vec<Verdict> {
    examination.pages.iter().map(|page| page.verdict).collect()
}

/// The words of each page, as the page worker reads them.
async fn words(bytes: &[u8]) -> Vec<String> {
    let (reader, document) = (reader(), Document::from_bytes(bytes).unwrap());
    let mut words = Vec::new();
    for page in 0..reader.open(&document).await.unwrap().pages.len() {
        words.push(reader.text(&document, page as u32).await.unwrap().plain());
    }
    words
}

/// A program that says that it is MuPDF, and does `does` when it is to draw.
fn stand_in(does: &str) -> (tempfile::TempDir, Programs) {
    let folder = tempfile::tempdir().unwrap();
    let mutool = folder.path().join("mutool");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = -v ]; then echo mutool version 1.21.1 >&2; exit; fi\n{does}\n"
    );
    write_script(&mutool, &script);
    let programs = Programs {
        mutool,
        ..Programs::default()
    };
    (folder, programs)
}

#[tokio::test]
async fn what_is_drawn_right_is_agreed_and_left_alone() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    let examination = examine(&jury, &pdf(&[(DRAWS, ""), (DRAWS, "")])).await;
    assert_eq!(verdicts(&examination), [Verdict::Agreed; 2]);
    assert!(examination.rendition.is_none());
    assert_eq!(examination.kind, Some(DocumentKind::Pdf));
    assert_eq!(&examination.engines, jury.versions());
}

#[tokio::test]
async fn content_that_every_engine_loses_is_told() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    let cut = |digits: usize| Parts {
        content: stream(OF_LINES, &LINES[..digits]),
        ..Parts::whole()
    };
    let shows = "q 200 0 0 200 350 300 cm /Picture Do Q";
    let checksum = LINES.len() - 8;
    let cases = [
        ("nothing", Parts::whole(), &[][..]),
        ("a checksum", cut(checksum), &[]),
        (
            "other data than its checksum's",
            Parts {
                content: stream(OF_LINES, &format!("{}00000000", &LINES[..checksum])),
                ..Parts::whole()
            },
            &[DATA_DAMAGED],
        ),
        (
            "the end of a content",
            cut(LINES.len() / 2),
            &[CONTENT_LOST],
        ),
        (
            "a content",
            Parts {
                content: "null".to_owned(),
                ..Parts::whole()
            },
            &[CONTENT_LOST],
        ),
        (
            "all but the length of a content",
            Parts {
                content: stream(OF_LINES, &"0".repeat(LINES.len())),
                ..Parts::whole()
            },
            &[CONTENT_LOST],
        ),
        ("no picture", Parts::shown_by(shows), &[]),
        (
            "a picture",
            Parts {
                picture: "null".to_owned(),
                ..Parts::shown_by(shows)
            },
            &[CONTENT_LOST],
        ),
        (
            "a part of a picture",
            Parts {
                picture: Parts::whole().picture.replace("/Height 4", "/Height 9"),
                ..Parts::shown_by(shows)
            },
            &[CONTENT_LOST],
        ),
        (
            "text without its operator",
            Parts::shown_by("BT /F1 12 Tf 60 700 Td (Radek) TJx ET"),
            &[CONTENT_LOST],
        ),
        (
            "text without its brackets",
            Parts::shown_by("BT /F1 12 Tf 60 700 Td Radek Tj ET"),
            &[CONTENT_LOST],
        ),
        (
            "no text but a number",
            Parts::shown_by("1e5 i BT /F1 12 Tf 60 700 Td (Radek) Tj ET"),
            &[],
        ),
        (
            "a font",
            Parts {
                font: "/Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Own /FontDescriptor 9 0 R",
                ..Parts::shown_by("BT /F2 12 Tf 60 700 Td (Radek) Tj ET")
            },
            &[CONTENT_LOST],
        ),
    ];
    for (missing, parts, warnings) in cases {
        let examination = examine(&jury, &parts.into_pdf()).await;
        let [page] = &examination.pages[..] else {
            panic!("{examination:?}");
        };
        assert_eq!(page.verdict, Verdict::Agreed, "{missing}");
        assert_eq!(page.warnings, warnings, "{missing}");
        let is_lost = warnings.contains(&CONTENT_LOST);
        assert_eq!(page.lacks_content(), is_lost, "{missing}");
    }
}

#[tokio::test]
async fn the_documents_inside_a_portfolio_are_missing() {
    let (_folder, programs) = stand_in("exit 1");
    let jury = Jury::of(Tools::with_stand_ins(programs, LIMIT)).await;
    let portfolio = "/Collection << /Type /Collection >>";
    let fonts = "/Resources << /Font << /F1 5 0 R >> >>";
    let examination = examine(&jury, &page_with("", portfolio, fonts, &[])).await;
    assert_eq!(examination.warnings, ["portfolio"]);
    assert!(examination.lacks_content());
}

#[tokio::test]
async fn an_engine_that_complains_a_lot_is_heard_out() {
    let flood = "yes 'warning: nothing' | head -c 3000000 >&2; echo 'padding truncated image' >&2";
    let (_folder, programs) = stand_in(&format!("{flood}; printf 'P6\\n1 1\\n255\\nabc'"));
    let tools = Tools::with_stand_ins(programs, LIMIT);
    let workspace = tools::Workspace::with(DocumentKind::Pdf, b"").unwrap();
    let size = picture::Pixels {
        width: 1,
        height: 1,
    };
    let drawn = tools.draw(Engine::Mupdf, &workspace, 0, size).await;
    assert_eq!(
        drawn.unwrap().complaints,
        [complaints::Complaint::Lost].into()
    );
}

#[tokio::test]
async fn covered_text_gets_a_rendition_that_shows_it() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    let original = pdf(&[(DRAWS, ""), (DRAWS, HIGHLIGHTS)]);
    let examination = examine(&jury, &original).await;
    assert_eq!(
        verdicts(&examination),
        [Verdict::Agreed, Verdict::Rendition]
    );
    let rendition = examination.rendition.unwrap();
    let again = examine(&jury, &rendition).await;
    assert_eq!(verdicts(&again), [Verdict::Agreed; 2]);
    // Our engine covers the text in what poppler writes, too: that page becomes a picture, and the other one does not.
    for page in &examination.pages {
        assert_eq!(
            page.warnings, [""; 0],
            "a picture keeps the document's words"
        );
    }
    let words_before = words(&original).await;
    assert_eq!(words(&rendition).await, [words_before[0].as_str(), ""]);
}

#[tokio::test]
async fn a_page_on_its_side_is_mended_as_an_upright_one() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    for degrees in [90, 270] {
        let original = turned_pdf(&[(DRAWS, HIGHLIGHTS)], degrees);
        let examination = examine(&jury, &original).await;
        assert_eq!(verdicts(&examination), [Verdict::Rendition], "{degrees}");
    }
}

#[tokio::test]
async fn a_plan_that_takes_too_much_to_draw_gets_a_rendition() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    let triangle = "/ShadingType 4 /ColorSpace /DeviceGray /BitsPerCoordinate 8 /BitsPerComponent 8 /BitsPerFlag 8 \
                    /Decode [0 0.01 0 0.01 0 1] /Filter /ASCIIHexDecode";
    let plan = page_with(
        &"/Pattern cs /Mesh scn 0 0 595 842 re f\n".repeat(600),
        "",
        "/Rotate 90 /Resources << /Font << /F1 5 0 R >> /Pattern << /Mesh 6 0 R >> >>",
        &[
            "<< /PatternType 2 /Shading 7 0 R >>".to_owned(),
            stream(triangle, "0000000000FF00000000FF00>"),
        ],
    );
    // Each fill takes the memory of a whole page; a busy machine may need too long before it is used up.
    let reader = reader_with(|worker| worker.address_space_bytes /= 4);
    let document = Document::from_bytes(&plan).unwrap();
    let examination = jury.examine(&reader, &document, &plan).await.unwrap();
    assert_ne!(examination.pages[0].warnings, [""; 0]);
    assert_eq!(verdicts(&examination), [Verdict::Rendition]);
}

/// A form with one field that is filled and has no appearance.
fn form(value: &str) -> Vec<u8> {
    let field = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (jmeno) /V ({value}) /DA (/Helv 12 Tf 0 g) /F 4 \
         /Rect [60 600 360 624] >>"
    );
    page_with(
        "",
        "/AcroForm << /NeedAppearances true /Fields [6 0 R] /DA (/Helv 12 Tf 0 g) \
         /DR << /Font << /Helv 5 0 R >> >> >>",
        "/Annots [6 0 R] /Resources << /Font << /F1 5 0 R >> >>",
        &[field],
    )
}

#[tokio::test]
async fn a_field_without_its_appearance_is_drawn_by_the_rendition() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    let examination = examine(&jury, &form("Jan Novak")).await;
    assert_eq!(verdicts(&examination), [Verdict::Rendition]);
    assert!(!examination.pages[0].lacks_content());
    let empty = pdf(&[(DRAWS, "")]);
    let rendition = examination.rendition.unwrap();
    let [with, without] = [drawing(&rendition).await, drawing(&empty).await];
    // The dark dots of these rows.
    let ink = |picture: &Picture, rows: std::ops::Range<usize>| {
        let pixels = &picture.pixels[rows.start * picture.width..rows.end * picture.width];
        pixels.iter().filter(|[red, _, _]| *red < 128).count()
    };
    let field = 302..337;
    assert!(ink(&with, field.clone()) > 50);
    assert_eq!(ink(&without, field), 0);
}

#[tokio::test]
async fn where_the_document_cannot_be_written_anew_its_pages_become_pictures() {
    let programs = Programs {
        pdftocairo: PathBuf::from("/bin/false"),
        ..Programs::default()
    };
    let Some(jury) = jury(programs).await else {
        return;
    };
    let examination = examine(&jury, &pdf(&[(DRAWS, HIGHLIGHTS), (DRAWS, "")])).await;
    assert_eq!(
        verdicts(&examination),
        [Verdict::Rendition, Verdict::Agreed]
    );
    for page in &examination.pages {
        assert_eq!(
            page.warnings, [""; 0],
            "a picture keeps the document's words"
        );
    }
    let rendition = examination.rendition.unwrap();
    let again = examine(&jury, &rendition).await;
    assert_eq!(verdicts(&again), [Verdict::Agreed; 2]);
}

#[tokio::test]
async fn words_that_poppler_finds_and_search_and_speech_lack_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let pdftotext = folder.path().join("pdftotext");
    write_script(
        &pdftotext,
        "#!/bin/sh\necho 'Zamer pronajmu pozemku p. c. 455/1 v katastralnim uzemi'\n",
    );
    let programs = Programs {
        pdftotext,
        ..Programs::default()
    };
    let Some(jury) = jury(programs).await else {
        return;
    };
    let examination = examine(&jury, &pdf(&[(DRAWS, HIGHLIGHTS)])).await;
    assert_eq!(verdicts(&examination), [Verdict::Rendition]);
    assert_eq!(examination.pages[0].warnings, [WORDS_LOST]);
}

#[tokio::test]
async fn nothing_is_made_or_compared_after_the_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let (pdftocairo, pdftotext) = (folder.path().join("cairo"), folder.path().join("text"));
    write_script(&pdftocairo, "#!/bin/sh\nexec cat \"$3\"\n");
    write_script(
        &pdftotext,
        "#!/bin/sh\necho 'Zamer pronajmu pozemku p. c. 455/1 v katastralnim uzemi'\n",
    );
    let programs = Programs {
        pdftocairo,
        pdftotext,
        ..Programs::default()
    };
    let tools = Tools::with_stand_ins(programs, LIMIT);
    let (reader, original) = (reader(), pdf(&[(DRAWS, "")]));
    let bench = |limit| Bench::new(&reader, &tools, DocumentKind::Pdf, &original, limit).unwrap();
    let (early, late) = (bench(LIMIT), bench(Duration::ZERO));
    let made = rendition::convert(&early).await.unwrap().unwrap();
    let lost = async |bench: &Bench<'_>| {
        let lost = rendition::pages_that_lost_words(bench, None, &made);
        lost.await.unwrap()
    };
    assert_eq!(lost(&early).await, [0]);
    assert_eq!(lost(&late).await, [0; 0]);
    assert!(rendition::convert(&late).await.unwrap().is_none());
}

#[tokio::test]
async fn a_document_that_nobody_reads_has_no_pages() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    for (bytes, warning) in [(&b"%PDF-1.7\n%%EOF"[..], "broken"), (&b""[..], "empty")] {
        let examination = examine(&jury, bytes).await;
        assert!(examination.pages.is_empty());
        assert_eq!(examination.warnings, [warning]);
    }
}

#[tokio::test]
async fn letters_that_can_be_read_in_the_file_alone_are_told() {
    let (_folder, programs) = stand_in("exit 1");
    let jury = Jury::of(Tools::with_stand_ins(programs, LIMIT)).await;
    let blacked_out = "0 g 50 750 300 30 re f";
    let examination = examine(&jury, &pdf(&[(DRAWS, ""), (DRAWS, blacked_out)])).await;
    assert_eq!(examination.pages[0].warnings, [""; 0]);
    assert_eq!(examination.pages[1].warnings, [LETTERS_HIDDEN]);
    assert!(!examination.pages[1].lacks_content());
}

#[tokio::test]
async fn hidden_letters_are_not_told_of_pages_that_others_count_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, does: &str| {
        let path = folder.path().join(name);
        write_script(&path, &format!("#!/bin/sh\n{does}\n"));
        path
    };
    let programs = Programs {
        mutool: script(
            "mutool",
            "case $1 in -v) echo mutool version 1.21.1 >&2;; info) echo Pages: 3;; *) exit 1;; esac",
        ),
        pdftoppm: script(
            "pdftoppm",
            "[ \"$1\" = -v ] && echo pdftoppm version 22.12.0 >&2",
        ),
        pdfinfo: script("pdfinfo", "echo Pages: 3"),
        pdftocairo: script("pdftocairo", "exec cat \"$3\""),
        ..Programs::default()
    };
    let jury = Jury::of(Tools::with_stand_ins(programs, LIMIT)).await;
    let blacked_out = "0 g 50 750 300 30 re f";
    let examination = examine(&jury, &pdf(&[(DRAWS, blacked_out)])).await;
    assert_eq!(examination.warnings, [PAGE_COUNT_DIFFERS]);
    let [page] = &examination.pages[..] else {
        panic!("the page that poppler writes");
    };
    assert!(!page.warnings.contains(&LETTERS_HIDDEN.to_owned()));
}

#[tokio::test]
async fn without_a_program_nothing_is_agreed() {
    let (_folder, only_mutool) = stand_in("");
    let without_mutool = Programs {
        mutool: PathBuf::from("/nonexistent/mutool"),
        ..Programs::default()
    };
    let without_poppler = Programs {
        pdftoppm: PathBuf::from("/nonexistent/pdftoppm"),
        ..only_mutool
    };
    for (programs, missing) in [
        (without_mutool, Engine::Mupdf),
        (without_poppler, Engine::Poppler),
    ] {
        let jury = Jury::of(Tools::with_stand_ins(programs, LIMIT)).await;
        assert!(jury.versions().missing().any(|engine| engine == missing));
        let examination = examine(&jury, &pdf(&[(DRAWS, ""), (DRAWS, "")])).await;
        assert_eq!(verdicts(&examination), [Verdict::Unchecked; 2]);
        let picture = examine(&jury, &sample("objizdna-trasa.png")).await;
        assert_eq!(verdicts(&picture), [Verdict::Unchecked]);
    }
}

#[tokio::test]
async fn an_engine_that_lies_floods_or_fails_has_no_vote() {
    for does in [
        "printf 'P6\\n1 1\\n255\\nabc'",
        "printf '%%PDF-1.7'",
        "exec yes",
        "exit 1",
    ] {
        let (_folder, programs) = stand_in(does);
        let Some(jury) = jury(programs).await else {
            return;
        };
        let right = examine(&jury, &pdf(&[(DRAWS, "")])).await;
        assert_eq!(
            verdicts(&right),
            [Verdict::Agreed],
            "poppler decides: {does}"
        );
        let wrong = examine(&jury, &pdf(&[(DRAWS, HIGHLIGHTS)])).await;
        assert_eq!(verdicts(&wrong), [Verdict::Disputed], "{does}");
        assert!(wrong.rendition.is_none());
    }
}

#[tokio::test]
async fn an_engine_that_stalls_is_stopped() {
    let (_folder, programs) = stand_in("exec sleep 1000");
    let Some(mut jury) = jury(programs).await else {
        return;
    };
    jury.tools = jury.tools.with_page_limit(Duration::from_millis(500));
    let workspace = tools::Workspace::with(DocumentKind::Pdf, &pdf(&[(DRAWS, "")])).unwrap();
    let size = picture::Pixels {
        width: 10,
        height: 10,
    };
    let drawn = jury.tools.draw(Engine::Mupdf, &workspace, 0, size).await;
    assert!(drawn.is_none());
}

#[tokio::test]
async fn an_engine_sees_the_document_and_no_other_file() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "secret\n").unwrap();
    let (_folder, programs) = stand_in(&format!(
        "for last; do :; done\n\
         read -r line <{} && exit 1\n\
         (: >\"$(dirname \"${{12}}\")/new\") 2>/dev/null && exit 1\n\
         read -r line <\"${{12}}\" && [ \"$line\" = %PDF-1.7 ] && printf 'P6\\n1 1\\n255\\nabc'",
        secret.path().display()
    ));
    let Some(jury) = jury(programs).await else {
        return;
    };
    let workspace = tools::Workspace::with(DocumentKind::Pdf, &pdf(&[(DRAWS, "")])).unwrap();
    let size = picture::Pixels {
        width: 1,
        height: 1,
    };
    let drawn = jury.tools.draw(Engine::Mupdf, &workspace, 0, size).await;
    let pixels = drawn.map(|drawn| drawn.picture.pixels);
    assert_eq!(pixels, Some(vec![*b"abc"]));
}

fn sample(name: &str) -> Vec<u8> {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/sample-town/documents");
    std::fs::read(folder.join(name)).unwrap()
}

#[tokio::test]
async fn pictures_that_mupdf_draws_the_same_are_agreed() {
    let Some(jury) = jury(Programs::default()).await else {
        return;
    };
    for (name, pages) in [
        ("objizdna-trasa.png", 1),
        ("alej-u-hrbitova.jpg", 1),
        ("verejnopravni-smlouva-hasici.tif", 2),
    ] {
        let examination = examine(&jury, &sample(name)).await;
        let expected = vec![Verdict::Agreed; pages];
        assert_eq!(verdicts(&examination), expected, "{name}");
    }
    let picture = sample("objizdna-trasa.png");
    let cut = examine(&jury, &picture[..picture.len() / 2]).await;
    assert!(!cut.pages.iter().any(|page| page.verdict.is_right()));
    let late = Jury {
        limit: Duration::ZERO,
        ..jury
    };
    let examination = examine(&late, &picture).await;
    assert_eq!(verdicts(&examination), [Verdict::Unchecked]);
}

#[tokio::test]
async fn a_picture_that_nobody_else_draws_so_is_unchecked() {
    let picture = sample("objizdna-trasa.png");
    for does in [
        "exit 1",
        "printf 'P6\\n%s %s\\n255\\n' \"$9\" \"${11}\"; yes | head -c $(($9 * ${11} * 3))",
    ] {
        let (_folder, programs) = stand_in(does);
        let Some(jury) = jury(programs).await else {
            return;
        };
        let examination = examine(&jury, &picture).await;
        assert_eq!(verdicts(&examination), [Verdict::Unchecked], "{does}");
    }
}

/// How finely drawings are kept: a lost letter changes the brightness of its part by more than [`TOLERANCE`].
const PARTS: (usize, usize) = (32, 44);
/// Machines round otherwise.
const TOLERANCE: u8 = 4;

/// The mean brightness of each part of a picture, row by row.
fn coarse(picture: &Picture) -> Vec<u8> {
    let (columns, rows) = PARTS;
    let mut parts = vec![(0, 0); columns * rows];
    for (place, pixel) in picture.pixels.iter().enumerate() {
        let (x, y) = (place % picture.width, place / picture.width);
        let column = x * columns / picture.width;
        let (sum, count) = &mut parts[y * rows / picture.height * columns + column];
        *sum += pixel.iter().map(|part| u32::from(*part)).sum::<u32>();
        *count += 3;
    }
    let mean = |(sum, count): (u32, u32)| (sum / count.max(1)) as u8;
    parts.into_iter().map(mean).collect()
}

/// `UPDATE_DRAWINGS=1` writes the drawings anew, once the method is raised.
#[tokio::test]
async fn the_method_is_raised_whenever_the_page_worker_draws_otherwise() {
    let pages = [
        pdf(&[(DRAWS, HIGHLIGHTS)]),
        form("Jan Novak"),
        sample("pozvanka-21-zasedani.pdf"),
        sample("navrh-rozpoctu-mesta.pdf"),
        sample("verejnopravni-smlouva-hasici.tif"),
        sample("alej-u-hrbitova.jpg"),
        sample("katastralni-mapa-1182-4.png"),
    ];
    let (columns, rows) = (PARTS.0, PARTS.1 * pages.len());
    let mut drawn = Vec::new();
    for page in &pages {
        drawn.extend(coarse(&*drawing(page).await));
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/jury/drawings.pgm");
    let before = std::fs::read(&file).unwrap_or_default();
    let head = |method: u32| format!("P5\n# method {method}\n{columns} {rows}\n255\n");
    let same = before.strip_prefix(head(METHOD).as_bytes());
    if same.is_none() && std::env::var_os("UPDATE_DRAWINGS").is_some() {
        std::fs::write(&file, [head(METHOD).as_bytes(), &drawn].concat()).unwrap();
        return;
    }
    let same = same.is_some_and(|before| {
        let mut parts = before.iter().zip(&drawn);
        before.len() == drawn.len() && parts.all(|(one, other)| one.abs_diff(*other) <= TOLERANCE)
    });
    assert!(
        same,
        "the page worker draws otherwise than with method {METHOD}: raise METHOD, so that verdicts are given anew, and \
         run this test with UPDATE_DRAWINGS=1"
    );
}
