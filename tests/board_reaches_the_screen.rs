//! Publisher, central and kiosk on loopback: what the town publishes appears on the screen.

mod town;

use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::ui::view_model::{Screen, ViewModel};
use vyveska_sample_town::Fault;

fn titles(shown: &ViewModel) -> Vec<String> {
    shown
        .board
        .rows
        .iter()
        .map(|row| row.title.replace('\u{a0}', " "))
        .collect()
}

#[test]
fn what_the_town_publishes_is_what_the_screen_shows() {
    let town = Town::start();
    let kiosk = HeadlessKiosk::start(&town.options(1080, 1920)).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    kiosk.touch("Celá deska").unwrap();
    kiosk
        .until("the list", PATIENCE, |shown| shown.screen == Screen::Board)
        .unwrap();
    let before = titles(&kiosk.shown().unwrap());
    let picture_before = kiosk.picture();

    // A changed title, and one notice less.
    let published = vyveska_sample_town::SampleTown::load().unwrap().notices;
    let changed = &published[0].id;
    assert!(town.publisher.set_title(changed, "Změněný název pro desku"));
    town.poll();
    kiosk
        .until("the changed title", PATIENCE, |shown| {
            titles(shown).contains(&"Změněný název pro desku".to_owned())
        })
        .unwrap();
    assert_eq!(titles(&kiosk.shown().unwrap()).len(), before.len());
    kiosk.until_settled(PATIENCE).unwrap();
    assert_ne!(
        kiosk.picture(),
        picture_before,
        "the change is on the glass"
    );

    // Central hears of it: all is well, but for what the machine of the test may have.
    let of_machine = ["overheated", "undervoltage", "low_space", "unsure_clock"];
    let began = std::time::Instant::now();
    loop {
        let seen = town.seen();
        if let [state] = &seen[..]
            && (state == "fine" || of_machine.contains(&state.as_str()))
        {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{seen:?}");
        kiosk.screen().advance(std::time::Duration::from_millis(50));
    }

    // A feed that cannot be true changes nothing.
    for fault in [Fault::Empty, Fault::Hollow, Fault::Broken, Fault::Down(500)] {
        town.publisher.replace_feed(fault);
        // A feed that is down or broken is an error of the poll, with no other effect.
        let _ = town.runtime.block_on(town.central.poll_now("lipnice"));
        kiosk.screen().advance(std::time::Duration::from_millis(50));
        assert_eq!(titles(&kiosk.shown().unwrap()).len(), before.len());
    }

    // A touch still opens a notice, and its document is drawn.
    town.publisher.replace_feed(Fault::None);
    kiosk
        .touch_where("the first notice", |element| {
            element.label.contains("Změněný název pro desku")
        })
        .or_else(|_| {
            let first = kiosk.shown().unwrap().board.rows[0].title.clone();
            kiosk.touch_where("a notice", move |element| element.label.contains(&first))
        })
        .unwrap();
    kiosk
        .until("the notice", PATIENCE, |shown| shown.notice.is_some())
        .unwrap();
    kiosk.stop();
}
