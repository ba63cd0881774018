//! The scripted walk of the demo, by the real program, and the board it leaves behind with no network at all.

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
        .arg("--central")
        .arg(town.central.url().as_str())
        .arg("--central-key")
        .arg(town.central_key())
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

    // Nobody answers at this address any more: the kiosk starts and shows what it has.
    let mut options = town.options(1080, 1920);
    options.central = "http://127.0.0.1:1/".parse().unwrap();
    let kiosk = HeadlessKiosk::start(&options).unwrap();
    assert!(kiosk.shown().is_some_and(|shown| shown.board.total > 30));
    kiosk
        .until("the age of the data", PATIENCE, |shown| shown.footer.stale)
        .unwrap();
    kiosk.screen().advance(Duration::from_millis(100));
    kiosk.stop();
}
