//! Data folders that the program of November 2026 left: today's central service and kiosk go on with them.
//!
//! The fixtures are a board of four notices with a document each for two of them, one survey answer that central has
//! not got yet, and the journal of one run. Their names on disk, in the databases, in the sections and in the
//! configuration are the format that every later program has to read.

mod data;
mod town;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use town::{PATIENCE, worker};
use vyveska::app::{HeadlessKiosk, Options, OutputMode, ServiceOptions, Sound};
use vyveska::journal::command::{VerifyOutcome, verify};
use vyveska::store::{BoardStore as _, Reserve, SqliteBoardStore, StoreConfig, VerifiedAssignment};
use vyveska::ui::PhysicalPanel;
use vyveska::ui::view_model::{Screen, ViewModel};
use vyveska_central::{Background, Central, Config, SystemClock};
use vyveska_wire::keys::PublicKey;

/// What the configuration said in November 2026, apart from addresses and folders, and from what let new displays in.
const CENTRAL: &str = r#"
    [service]
    listen = "127.0.0.1:0"
    data = "central"

    [documents]
    pause_ms = 0
    first_wait_ms = 10000
    ocr = "off"
    jury = "off"

    [[boards]]
    id = "hlubina"
    town = "Město Hlubina"
    web_address = "hlubina.example/deska"
    copies = { place = { cs = "podatelna, přízemí" }, telephone = "352 000 111" }
    information = "information.toml"

    [[boards.sources]]
    kind = "ofn"
    url = "http://127.0.0.1:8971/uredni-deska.jsonld"
    poll_seconds = 10
"#;

#[expect(clippy::unwrap_used, reason = "a helper of the test")]
fn verify_journal(kiosk: &Path) -> (VerifyOutcome, String) {
    let mut words = Vec::new();
    let key = kiosk.join("device-key.pub.pem");
    let outcome = verify(&kiosk.join("journal"), &key, &mut words).unwrap();
    (outcome, String::from_utf8(words).unwrap())
}

fn titles(shown: &ViewModel) -> Vec<String> {
    let rows = shown.board.rows.iter();
    rows.map(|row| row.title.replace('\u{a0}', " ")).collect()
}

#[test]
fn data_of_november_2026_are_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    data::copy_to(folder.path());
    let kiosk_data: PathBuf = folder.path().join("kiosk");
    let (outcome, words) = verify_journal(&kiosk_data);
    assert_eq!(outcome, VerifyOutcome::Whole, "{words}");
    assert!(words.contains("12 entries"), "{words}");

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let former = format!("{CENTRAL}\n[displays]\naccept_new_displays = true\n");
    let refused = Config::from_toml(&former, folder.path()).unwrap_err();
    let says = "displays.accept_new_displays: take [displays] out";
    assert!(refused.to_string().starts_with(says), "{refused}");
    let config = Config::from_toml(CENTRAL, folder.path()).unwrap();
    let central = runtime
        .block_on(Central::start_with(
            config,
            Arc::new(SystemClock),
            Background::OnCall,
        ))
        .unwrap();
    let kiosk = HeadlessKiosk::start(&Options {
        central: central.url().clone(),
        central_key: central.public_key(),
        // It is registered already.
        enrolment: None,
        data: kiosk_data.clone(),
        width: 1080,
        height: 1920,
        panel: PhysicalPanel::default(),
        output_mode: OutputMode::Headless,
        sound: Sound::None,
        service: ServiceOptions::default(),
        worker: Some(worker()),
        clock_verifier: vyveska::clock::SystemClockVerifier::default(),
        allow_http: false,
    })
    .unwrap();

    // The stored board is there before central was asked.
    let shown = kiosk.shown().unwrap();
    assert_eq!(shown.screen, Screen::Idle);
    let posted = titles(&shown);
    for title in [
        "Veřejná vyhláška – opatření obecné povahy č. 3/2026",
        "Záměr prodeje pozemku p. č. 1182/4 v k. ú. Hlubina",
    ] {
        assert!(posted.iter().any(|found| found == title), "{posted:?}");
    }
    assert!(
        !posted.iter().any(|title| title.starts_with("Zasedání")),
        "what begins in 2099 is not posted: {posted:?}"
    );

    // The document is read, and „[boards.copies]" is still where it was.
    kiosk.touch("Celá deska").unwrap();
    kiosk
        .until("the list", PATIENCE, |shown| shown.screen == Screen::Board)
        .unwrap();
    kiosk.touch("Veřejná vyhláška").unwrap();
    kiosk
        .until("the first page", PATIENCE, |shown| {
            let notice = shown.notice.as_ref();
            notice.is_some_and(|notice| {
                notice.paper_copy_contact.telephone == "352\u{a0}000\u{a0}111"
                    && notice
                        .viewer
                        .pages
                        .iter()
                        .any(|page| page.picture.is_some())
            })
        })
        .unwrap();

    // The answer that waited reaches central, once.
    kiosk
        .until("the answer at central", PATIENCE, |_| {
            let counted = runtime.block_on(central.count_answers()).unwrap();
            counted
                .iter()
                .any(|answer| answer.answer == "4" && answer.count == 1)
        })
        .unwrap();

    kiosk.stop();
    let (outcome, words) = verify_journal(&kiosk_data);
    assert_eq!(outcome, VerifyOutcome::Whole, "{words}");

    // The manifest that was addressed to the display was followed by that of its board.
    let key = std::fs::read_to_string(folder.path().join("central/central-key.pub.pem")).unwrap();
    let config = StoreConfig::for_any_display(PublicKey::from_pem(&key).unwrap());
    let reserve = Arc::new(Reserve::open(&kiosk_data, 0));
    let store = SqliteBoardStore::open(&kiosk_data, config, reserve).unwrap();
    let board = store.current().unwrap().unwrap();
    let assigned = board.assignment().map(VerifiedAssignment::board);
    assert_eq!(assigned, Some("hlubina"));
    runtime.block_on(central.shutdown());
}
