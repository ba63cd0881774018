//! A touch is painted whatever a document does to the page worker.

mod town;

use std::time::Duration;

use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::ui::view_model::{Screen, ViewerStatus};
use vyveska_confine::testing::write_script;
use vyveska_pages::WorkerOptions;

#[test]
fn a_worker_that_never_answers_does_not_keep_a_touch_from_being_painted() {
    let town = Town::start();
    let mut options = town.options(1080, 1920);
    let stubborn = town.kiosk_data().with_file_name("stubborn-worker");
    write_script(&stubborn, "#!/bin/sh\nexec cat >/dev/null\n");
    options.worker = Some(WorkerOptions {
        // Longer than the test: only the worker's silence decides.
        start_deadline: Duration::from_secs(3600),
        request_deadline: Duration::from_secs(3600),
        ..WorkerOptions::new(stubborn)
    });

    let kiosk = HeadlessKiosk::start(&options).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    kiosk.touch("Celá deska").unwrap();
    let first = kiosk.shown().unwrap().board.rows[0].title.clone();
    kiosk
        .touch_where("a notice", |element| element.label.contains(&first))
        .unwrap();
    kiosk
        .until("the notice", PATIENCE, |shown| shown.notice.is_some())
        .unwrap();
    let status = |kiosk: &HeadlessKiosk| kiosk.shown().unwrap().notice.map(|n| n.viewer.status);
    assert_eq!(status(&kiosk), Some(ViewerStatus::Opening));

    // The worker has the document and is silent; a touch is painted with the next frame.
    let element = kiosk
        .touchable()
        .into_iter()
        .find(|element| element.label.starts_with("Zpět"))
        .unwrap();
    let (x, y) = element.middle();
    let before = kiosk.picture();
    let (frames, _) = kiosk.screen().frames();
    kiosk.screen().press(x, y);
    kiosk.screen().dispatch();
    assert!(kiosk.screen().frames().0 > frames, "a frame was painted");
    assert_ne!(kiosk.picture(), before, "the pressed button looks pressed");
    kiosk.screen().release(x, y);
    kiosk
        .until("the list", PATIENCE, |shown| shown.screen == Screen::Board)
        .unwrap();
    kiosk.stop();
}
