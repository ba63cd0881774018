//! The scripted walk of the demo by the real program, and its board afterwards without a network.

mod town;

use std::process::Command;
use std::time::Duration;

use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;

#[test]
fn the_walk_goes_through_and_the_board_survives_the_network() {
    let town = Town::start();
    let pictures = town.kiosk_data().with_file_name("pictures");
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska"))
        .arg("--enrolment")
        .arg(town.enrolment())
        .arg("--data")
        .arg(town.kiosk_data())
        .arg("--screens")
        .arg(&pictures)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut names: Vec<String> = std::fs::read_dir(&pictures)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "01-idle.png",
            "02-idle-notice.png",
            "03-list.png",
            "04-category.png",
            "05-notice.png",
            "06-page-2.png",
            "07-zoom.png",
            "08-back.png",
            "09-countdown.png",
            "10-idle-again.png",
        ]
    );
    for name in names {
        let picture = image::open(pictures.join(&name)).unwrap();
        assert_eq!((picture.width(), picture.height()), (1080, 1920), "{name}");
    }

    // What was posted is in the journal, and the journal verifies.
    let (status, said) = verify_journal(&town);
    assert_eq!(status, Some(0), "{said}");
    let journal = std::fs::read_to_string(segment(&town)).unwrap();
    let became_visible = journal.matches(r#""kind":"became_visible""#).count();
    assert!(
        became_visible > 30,
        "{became_visible} notices became visible"
    );
    assert!(journal.contains(r#""kind":"manifest_accepted""#));
    assert!(
        journal
            .trim_end()
            .ends_with(r#""kind":"stopped","facts":{}}"#)
    );
    assert!(!journal.contains("vyhláška"), "titles are not recorded");

    // Nothing answers at this address any more: the kiosk starts and shows its last board.
    let mut options = town.options(1080, 1920);
    options.central = "http://127.0.0.1:1/".parse().unwrap();
    let kiosk = HeadlessKiosk::start(&options).unwrap();
    assert!(kiosk.shown().is_some_and(|shown| shown.board.total > 30));
    kiosk
        .until("the age of the data", PATIENCE, |shown| shown.footer.stale)
        .unwrap();
    kiosk.screen().advance(Duration::from_millis(100));
    kiosk.stop();

    // An entry is altered.
    let journal = std::fs::read_to_string(segment(&town)).unwrap();
    let altered = journal.replacen(r#""reason":"stopped""#, r#""reason":"expired""#, 1);
    assert_ne!(altered, journal);
    std::fs::write(segment(&town), altered).unwrap();
    let (status, said) = verify_journal(&town);
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("altered"), "{said}");
}

fn segment(town: &Town) -> std::path::PathBuf {
    town.kiosk_data().join("journal/journal-000001.jsonl")
}

fn verify_journal(town: &Town) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska"))
        .args(["journal", "verify"])
        .arg(town.kiosk_data().join("journal"))
        .arg("--key")
        .arg(town.kiosk_data().join("device-key.pub.pem"))
        .output()
        .expect("the program runs");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}
