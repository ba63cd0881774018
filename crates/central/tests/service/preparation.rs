//! Preparation: page counts and texts of the sample town's documents, from the publisher to a display.

use std::path::Path;

use chrono::TimeDelta;
use vyveska_board::Clock as _;
use vyveska_central::document::blobs::Blobs;
use vyveska_central::preparation::METHOD;
use vyveska_central::storage::{
    Drawing, LeaseTime, PreparationQueue as _, PreparationResult, PreparationStage,
};
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::section::{DocumentRecord, InformationSection, NoticesSection};
use vyveska_wire::text_rendition::{TextRendition, TextSource};

use crate::device::Device;
use crate::publisher::Publisher;
use crate::town::{Town, config};

/// A document of the sample town.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/sample-town/documents");
    std::fs::read(folder.join(name)).unwrap()
}

/// Fails with instructions where the page worker is missing.
fn assert_worker_is_there() {
    assert!(
        vyveska_pages::WorkerOptions::beside_current_exe().is_some(),
        "vyveska-pages is missing: `cargo build --workspace --bins` makes it"
    );
}

#[expect(clippy::print_stdout, reason = "says what this run did not cover")]
fn tesseract_is_there() -> bool {
    let asked = std::process::Command::new("tesseract")
        .arg("--list-langs")
        .output();
    let there = asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("ces"));
    if !there {
        println!("tesseract is not installed here, so nothing was recognised in this run");
    }
    there
}

/// A town that posts these documents, polled once.
async fn town_with(documents: &[(&str, Vec<u8>)], more: &str) -> Town {
    assert_worker_is_there();
    let publisher = Publisher::start(documents.len()).await;
    publisher.edit(|shared| {
        for (n, (media_type, bytes)) in documents.iter().enumerate() {
            // The publisher's media type is not used.
            let media_type = if media_type.is_empty() {
                "x/y"
            } else {
                "application/pdf"
            };
            shared
                .documents
                .insert(format!("{n}.pdf"), (media_type, bytes.clone()));
        }
    });
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| config(data, &feed, more)).await;
    town.poll().await;
    town
}

/// The record of the document published as `n`.
fn record(section: &NoticesSection, n: usize) -> &DocumentRecord {
    section
        .notices
        .iter()
        .flat_map(|notice| &notice.documents)
        .find(|document| document.title["cs"] == format!("Příloha {n}"))
        .unwrap()
}

async fn text(device: &Device<'_>, record: &DocumentRecord) -> TextRendition {
    let bytes = device.content(record.text.unwrap()).await;
    TextRendition::from_json(&bytes).unwrap()
}

/// Prepares the one document that waits, as central does, with this outcome of its drawing.
pub(crate) async fn prepare_as(
    town: &Town,
    rendition: &[u8],
    doubtful_pages: &[u32],
) -> ContentRef {
    let blobs = Blobs::in_folder(&town.data.path().join("documents")).unwrap();
    blobs.put(rendition.to_vec()).await.unwrap();
    let rendition = ContentRef::to(rendition);
    let drawing = Drawing {
        rendition: Some(rendition),
        doubtful_pages: doubtful_pages.to_vec(),
    };
    examine_as(town, &drawing, "{}").await;
    rendition
}

/// Examines the one document that waits, as central does, with this outcome.
pub(crate) async fn examine_as(town: &Town, drawing: &Drawing, record: &str) {
    let storage = town.storage().await;
    let now = town.clock.now().earliest;
    let until = now + TimeDelta::minutes(1);
    let time = LeaseTime {
        now,
        latest: until,
        until,
    };
    let claim = async |stage| {
        let claimed = storage.claim_preparation(stage, METHOD, time);
        claimed.await.unwrap()
    };
    if let Some(task) = claim(PreparationStage::Text).await {
        let result = PreparationResult::Made {
            pages: 3,
            text: None,
            recognise: false,
        };
        let recorded = storage.record_preparation(&task, METHOD, &result, now, until);
        recorded.await.unwrap();
    }
    let task = claim(PreparationStage::Drawing).await.unwrap();
    let recorded = storage.record_drawing(&task, METHOD, Some(drawing), record, now, until);
    recorded.await.unwrap();
}

#[tokio::test]
async fn a_rendition_travels_beside_its_document_which_stays_what_is_posted() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let posted = device.notices().await;
    assert_eq!(record(&posted, 0).rendition, None);

    let rendition = prepare_as(&town, b"%PDF-1.7 drawn right", &[2]).await;
    let unknown = device.get(&format!("content/{}", rendition.hash)).await;
    assert_eq!(unknown.status(), 404, "not published yet");
    town.poll_after(15).await;
    let prepared = device.notices().await;
    let document = record(&prepared, 0);
    assert_eq!(document.rendition, Some(rendition));
    assert_eq!(document.doubtful_pages.of(document.pages), [2]);
    assert_eq!(device.content(rendition).await, b"%PDF-1.7 drawn right");
    let original = document.content.unwrap();
    assert_eq!(document.content, record(&posted, 0).content);
    let (before, after) = (&posted.notices[0], &prepared.notices[0]);
    assert_eq!(before.revision, after.revision);
    assert_eq!(before.salted_hash(), after.salted_hash());

    // The web offers the document itself, and says what the display may show wrong.
    let page = town.page(&format!("/lipnice/notice/{}", after.id)).await;
    assert!(page.contains(&format!("/lipnice/document/{}", original.hash)));
    assert!(!page.contains(&rendition.hash.to_string()));
    assert!(page.contains("možná zobrazuje chybně"), "{page}");

    // The clerk is told, until the notice has ended.
    let alarms = town.central.alarms().await.unwrap();
    let told: Vec<_> = alarms
        .iter()
        .filter(|alarm| alarm.kind == "drawing")
        .collect();
    assert_eq!(told.len(), 1);
    for part in [after.id.as_str(), "attachment 1: page 2"] {
        assert!(told[0].message.contains(part), "{}", told[0].message);
    }

    // With its notice it is no longer anybody's.
    town.publisher.edit(|shared| {
        shared.notices[0]["relevantní_do"]["datum"] = "2026-11-21".into();
    });
    town.poll_after(15).await;
    town.clock.advance(TimeDelta::days(1));
    town.central.tick().await;
    let named: Vec<ContentRef> = device.notices().await.content().collect();
    assert_eq!(named, []);
    let alarms = town.central.alarms().await.unwrap();
    assert!(alarms.iter().all(|alarm| alarm.kind != "drawing"));
}

#[tokio::test]
async fn the_text_of_a_document_follows_its_notice_to_the_display() {
    let pdf = sample("navrh-rozpoctu-mesta.pdf");
    let town = town_with(&[("pdf", pdf)], "ocr = \"off\"").await;
    let device = Device::new(&town, 1);
    let posted = device.notices().await;
    assert_eq!(record(&posted, 0).text, None);
    assert_eq!(record(&posted, 0).pages, None);

    town.central.prepare_documents().await.unwrap();
    let prepared = device.notices().await;
    assert_eq!(record(&prepared, 0).pages, Some(40));
    let text = text(&device, record(&prepared, 0)).await;
    assert_eq!(text.pages.len(), 40);
    assert!(!text.truncated);
    let first = &text.pages[0];
    assert_eq!(first.source, TextSource::Pdf);
    assert_eq!(first.written_in(), Some(vyveska_board::Language::Czech));
    let plain = first.plain();
    for words in [
        "NÁVRH ROZPOČTU MĚSTA",
        "Finanční odbor předkládá návrh rozpočtu města na příští rok a střednědobý výhled",
        "územních rozpočtů, na úřední desce a způsobem umožňujícím dálkový přístup",
        "Daňové příjmy\u{2003}90 825",
    ] {
        assert!(plain.contains(words), "{words:?} is not in\n{plain}");
    }
    let word = first.words().find(|word| word.text == "ROZPOČTU").unwrap();
    assert!(word.place.x > 0.0 && word.place.right() < first.width);
    assert!(word.place.y > 0.0 && word.place.bottom() < first.height);
    assert_eq!(word.confidence, None);

    // The notice and its hash in journals do not change.
    let (before, after) = (&posted.notices[0], &prepared.notices[0]);
    assert_eq!((&before.id, before.revision), (&after.id, after.revision));
    assert_eq!(before.salted_hash(), after.salted_hash());
}

#[tokio::test]
async fn search_and_speech_get_the_text_of_the_rendition() {
    let own = sample("zm21-bod-01.pdf");
    let town = town_with(&[("pdf", own)], "ocr = \"off\"\njury = \"off\"").await;
    let device = Device::new(&town, 1);
    town.central.prepare_documents().await.unwrap();
    let before = text(&device, record(&device.notices().await, 0)).await;
    let rendition = sample("navrh-rozpoctu-mesta.pdf");
    prepare_as(&town, &rendition, &[]).await;
    town.central.prepare_documents().await.unwrap();
    town.poll_after(15).await;
    let prepared = device.notices().await;
    let after = text(&device, record(&prepared, 0)).await;
    assert_eq!(after.pages.len(), 40);
    assert_eq!(record(&prepared, 0).pages, Some(40));
    let words = "NÁVRH ROZPOČTU MĚSTA";
    assert!(after.pages[0].plain().contains(words));
    assert!(!before.pages[0].plain().contains(words));
}

#[tokio::test]
async fn a_document_is_prepared_once_and_nothing_is_published_for_nothing() {
    let pdf = sample("zm21-bod-01.pdf");
    let same_twice = [("pdf", pdf.clone()), ("pdf", pdf)];
    let town = town_with(&same_twice, "ocr = \"off\"").await;
    let device = Device::new(&town, 1);
    town.central.prepare_documents().await.unwrap();
    let prepared = device.notices().await;
    assert_eq!(record(&prepared, 0).text, record(&prepared, 1).text);
    assert!(record(&prepared, 0).text.is_some());
    let manifest = device.manifest().await;
    for _ in 0..3 {
        town.poll_after(60).await;
        town.central.prepare_documents().await.unwrap();
    }
    assert_eq!(device.manifest().await, manifest);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_just_has_no_text() {
    let docx = sample("prihlaska-do-vyberoveho-rizeni.docx");
    let broken = b"%PDF-1.7 and nothing else".to_vec();
    let good = sample("zm21-bod-07.pdf");
    let town = town_with(
        &[("", docx), ("pdf", broken), ("pdf", good)],
        "ocr = \"off\"",
    )
    .await;
    let device = Device::new(&town, 1);
    town.central.prepare_documents().await.unwrap();
    let prepared = device.notices().await;
    for n in [0, 1] {
        assert_eq!(record(&prepared, n).text, None);
        assert!(record(&prepared, n).content.is_some());
    }
    assert!(record(&prepared, 2).text.is_some());
    let manifest = device.manifest().await;
    town.clock.advance(TimeDelta::hours(1));
    town.central.prepare_documents().await.unwrap();
    assert_eq!(device.manifest().await, manifest, "it is not tried again");
}

#[tokio::test]
async fn a_scan_without_recognition_has_pages_and_no_text() {
    let scan = sample("verejnopravni-smlouva-hasici.tif");
    let town = town_with(&[("", scan)], "ocr = \"off\"").await;
    let device = Device::new(&town, 1);
    town.central.prepare_documents().await.unwrap();
    let prepared = device.notices().await;
    assert_eq!(record(&prepared, 0).pages, Some(2));
    assert_eq!(record(&prepared, 0).text, None);
}

#[tokio::test]
async fn a_scan_is_recognised_with_its_confidence_stated() {
    if !tesseract_is_there() {
        return;
    }
    let scan = sample("rozhodnuti-pristavba-telocvicny.pdf");
    let photograph = sample("alej-u-hrbitova.jpg");
    let town = town_with(&[("pdf", scan), ("", photograph)], "").await;
    let device = Device::new(&town, 1);
    town.central.prepare_documents().await.unwrap();
    let prepared = device.notices().await;
    assert_eq!(record(&prepared, 0).pages, Some(2));
    let text = text(&device, record(&prepared, 0)).await;
    let first = &text.pages[0];
    assert_eq!(first.source, TextSource::Ocr);
    assert!(first.confidence.unwrap() > 80);
    assert!(!first.is_doubtful());
    assert!(first.words().all(|word| word.confidence.is_some()));
    let plain = first.plain();
    for words in [
        "ROZHODNUTÍ",
        "Přístavba tělocvičny",
        "přezkoumal žádost o povolení",
    ] {
        assert!(plain.contains(words), "{words:?} is not in\n{plain}");
    }
    let word = first.words().find(|word| word.text == "Městský").unwrap();
    // Positions are in points, although it was read at 300 dots per inch.
    assert!((100.0..140.0).contains(&word.place.x), "{word:?}");
    assert!((40.0..60.0).contains(&word.place.y), "{word:?}");
    assert_eq!(record(&prepared, 1).text, None, "a photograph has no text");
    assert_eq!(record(&prepared, 1).pages, Some(1));
}

const PAGES: &str = r#"
    [[pages]]
    id = "dokumenty"
    kind = "documents"
    title = "Strategické dokumenty"
    [[pages.documents]]
    name = "Návrh rozpočtu"
    file = "plan.pdf"
    [[pages.documents]]
    name = "Jen na webu"
    url = "https://lipnice.example/plan"
"#;

/// The first document of the pages, as a display gets it.
async fn offered(device: &Device<'_>) -> DocumentRecord {
    let manifest = device.manifest().await;
    let section: InformationSection = device.section(manifest.sections.information).await;
    let documents: Vec<&DocumentRecord> = section.pages[0].content.documents().collect();
    assert_eq!(documents.len(), 1, "the other has no file");
    documents[0].clone()
}

#[tokio::test]
async fn a_document_of_a_page_comes_to_the_display_at_once_and_its_text_after_it() {
    assert_worker_is_there();
    let pdf = sample("navrh-rozpoctu-mesta.pdf");
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        std::fs::write(data.join("pages.toml"), PAGES).unwrap();
        std::fs::write(data.join("plan.pdf"), &pdf).unwrap();
        let mut config = config(data, &feed, "ocr = \"off\"");
        config.boards[0].information = Some(data.join("pages.toml"));
        config
    })
    .await;
    town.poll().await;
    let device = Device::new(&town, 1);

    let before = offered(&device).await;
    assert_eq!((before.pages, before.text), (None, None));
    assert_eq!(device.content(before.content.unwrap()).await, pdf);

    town.central.prepare_documents().await.unwrap();
    let after = offered(&device).await;
    assert_eq!(after.content, before.content);
    assert_eq!(after.pages, Some(40));
    let read = text(&device, &after).await;
    assert!(read.pages[0].words().count() > 20);

    // Taken off the page it is no longer prepared or named.
    let without = PAGES.replace("file = \"plan.pdf\"", "");
    std::fs::write(town.data.path().join("pages.toml"), without).unwrap();
    town.central.tick().await;
    let manifest = device.manifest().await;
    let section: InformationSection = device.section(manifest.sections.information).await;
    assert_eq!(section.content().count(), 0);
}
