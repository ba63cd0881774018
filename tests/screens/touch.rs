//! Finds elements by their accessible labels, and touches them.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use i_slint_backend_testing::ElementQuery;
use vyveska::state::{Event, Intent, ReadingIntent, ToolPanel};
use vyveska::ui::Ui;
use vyveska_board::NoticeId;

use crate::{Kiosk, scenes};

/// The middle of the element whose label begins like this, in logical pixels.
#[track_caller]
pub(crate) fn centre_of(ui: &Ui, label: &str) -> (f32, f32) {
    find(ui, label).unwrap_or_else(|| panic!("nothing is called {label:?}"))
}

/// The middle of such an element, if there is one.
pub(crate) fn find(ui: &Ui, label: &str) -> Option<(f32, f32)> {
    let wanted = label.to_owned();
    let element = ElementQuery::from_root(ui.window())
        .match_descendants()
        .match_predicate(move |element| {
            element
                .accessible_label()
                .is_some_and(|label| label.starts_with(&wanted))
        })
        .find_first()?;
    let (position, size) = (element.absolute_position(), element.size());
    Some((
        position.x + size.width / 2.0,
        position.y + size.height / 2.0,
    ))
}

/// A kiosk that records its events, except for sizes and activity.
fn recording(width: u32, height: u32) -> (Kiosk, Rc<RefCell<Vec<Event>>>) {
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = events.clone();
    let kiosk = Kiosk::new(width, height, move |event| log.borrow_mut().push(event));
    (kiosk, events)
}

fn intents(events: &RefCell<Vec<Event>>) -> Vec<Intent> {
    events
        .take()
        .into_iter()
        .filter_map(|event| match event {
            Event::Intent(Intent::ViewerScrolled { .. }) => None,
            Event::Intent(intent) => Some(intent),
            _ => None,
        })
        .collect()
}

#[test]
fn touching_does_what_the_words_say() {
    let (mut kiosk, events) = recording(1080, 1920);
    let touch = |kiosk: &Kiosk, label: &str| {
        events.take();
        let (x, y) = centre_of(&kiosk.ui, label);
        kiosk.headless.tap(x, y);
        kiosk.settle();
        intents(&events)
    };

    kiosk.show(&scenes::named("notice"));
    for (label, intent) in [
        ("Zvětšit", Intent::ZoomIn),
        ("Zmenšit", Intent::ZoomOut),
        (
            "Více",
            Intent::Reading(ReadingIntent::TogglePanel(ToolPanel::More)),
        ),
        ("Další strana", Intent::NextPage),
        ("Zpět na\u{a0}seznam", Intent::Back),
        ("Celá deska", Intent::ShowBoard),
    ] {
        assert_eq!(touch(&kiosk, label), [intent], "{label}");
    }
    // There is no page before the first.
    assert_eq!(touch(&kiosk, "Strana zpět"), []);

    kiosk.show(&scenes::named("board"));
    assert_eq!(
        touch(&kiosk, "Veřejné vyhlášky 11"),
        [Intent::ChooseCategory(Some("Veřejné vyhlášky".to_owned()))]
    );
    assert_eq!(touch(&kiosk, "Deutsch, English"), [Intent::NextLanguage]);

    kiosk.show(&scenes::named("countdown"));
    assert_eq!(touch(&kiosk, "Ještě čtu"), [Intent::StillReading]);
}

#[test]
fn a_touch_of_the_idle_screen_opens_the_board_or_the_notice_under_the_finger() {
    let (mut kiosk, events) = recording(1080, 1920);
    kiosk.show(&scenes::named("idle-titles"));
    events.take();
    // The band that invites to touch, and the first title.
    kiosk.headless.tap(540.0, 1590.0);
    assert_eq!(intents(&events), [Intent::ShowBoard]);
    kiosk.headless.tap(540.0, 330.0);
    assert_eq!(intents(&events), [Intent::OpenNotice(NoticeId::new("n0"))]);
}

#[test]
fn every_touch_is_a_sign_of_life_and_answered_within_a_frame() {
    let (mut kiosk, events) = recording(1080, 1920);
    kiosk.show(&scenes::named("board"));
    events.take();
    let before = kiosk.headless.snapshot();
    // A touch on a card could be the start of a scroll; the card reacts all the same.
    kiosk.headless.press(400.0, 900.0);
    assert!(events.take().contains(&Event::Touched));
    assert_ne!(before, kiosk.headless.snapshot(), "the card looks pressed");
    kiosk.headless.release(400.0, 900.0);
    assert!(matches!(
        intents(&events).last(),
        Some(Intent::OpenNotice(_))
    ));
    // A place without a target.
    kiosk.headless.tap(500.0, 20.0);
    assert_eq!(events.take(), [Event::Touched]);
}

#[test]
fn a_list_of_a_thousand_is_pushed_by_the_finger_and_stays_where_it_was_left() {
    let (mut kiosk, events) = recording(1080, 1920);
    kiosk.show(&scenes::named("board-thousand"));
    events.take();
    kiosk.headless.drag((500.0, 1500.0), (500.0, 700.0));
    kiosk.settle();
    let left = intents(&events);
    let [Intent::ListScrolled(place)] = left[..] else {
        panic!("one place is reported, not {left:?}");
    };
    assert!((2.5..4.0).contains(&place), "{place} cards in 800 pixels");

    // Away and back: the list is where the state says.
    kiosk.show(&scenes::Scene {
        view: |viewer| {
            let mut view_model = (scenes::named("board-thousand").view)(viewer);
            view_model.board.scroll = 2.0;
            view_model.board.scroll_sequence = 1;
            view_model
        },
        ..scenes::named("board-thousand")
    });
    events.take();
    kiosk.headless.fling((500.0, 1500.0), (500.0, 900.0));
    kiosk.settle();
    // The position is reported once the list has stood still for a moment.
    kiosk.headless.advance(Duration::from_millis(200));
    let flung = intents(&events);
    let Some(Intent::ListScrolled(place)) = flung.last() else {
        panic!("a place is reported, not {flung:?}");
    };
    assert!(*place > 2.0 + 2.5, "it goes on by itself: {place}");
}

#[test]
fn two_fingers_enlarge_about_their_middle() {
    let (mut kiosk, events) = recording(1080, 1920);
    kiosk.show(&scenes::named("notice"));
    events.take();
    kiosk.headless.pinch((400.0, 1200.0), 200.0, 400.0);
    let mut factor = 1.0;
    for intent in intents(&events) {
        let Intent::ZoomAbout {
            factor: step, x, ..
        } = intent
        else {
            panic!("pinching only enlarges, not {intent:?}");
        };
        factor *= step;
        assert!((300.0..500.0).contains(&x), "{x}");
    }
    assert!((1.6..2.1).contains(&factor), "{factor}");
}

#[test]
fn two_touches_in_a_row_move_a_list_by_two_screenfuls() {
    let (mut kiosk, events) = recording(1080, 1920);
    kiosk.show(&scenes::named("board-thousand"));
    let down = centre_of(&kiosk.ui, "Dolů");
    let come_to_rest = |kiosk: &Kiosk| {
        kiosk.settle();
        kiosk.headless.advance(Duration::from_millis(200));
        match intents(&events).last() {
            Some(Intent::ListScrolled(place)) => *place,
            other => panic!("a place is reported, not {other:?}"),
        }
    };
    kiosk.headless.tap(down.0, down.1);
    let screenful = come_to_rest(&kiosk);
    assert!(screenful >= 2.0, "{screenful} cards");
    // The second touch comes while the list is still moving.
    kiosk.headless.tap(down.0, down.1);
    kiosk.headless.tap(down.0, down.1);
    assert_eq!(come_to_rest(&kiosk), 3.0 * screenful);
}
