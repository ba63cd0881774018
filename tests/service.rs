//! Service mode of a whole kiosk: who gets in, who does not, and what is behind the PIN.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod town;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use slint::platform::Key;
use town::{PATIENCE, SERVICE_PIN, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::state::service_mode::{Field, NetworkStage, Restart};
use vyveska::ui::view_model::{
    OpenServiceView, PinStatus, PinView, Screen, ServiceView, ViewModel,
};

const SIZE: (u32, u32) = (1080, 1920);

/// Inside the hidden corner, and outside.
const CORNER: (f32, f32) = (12.0, 12.0);
const ELSEWHERE: (f32, f32) = (700.0, 900.0);

/// Time between deliberate key presses, above the debounce time.
const KEY_INTERVAL: Duration = Duration::from_millis(150);

/// A little more than the period of the kiosk's tick.
const TICK: Duration = Duration::from_millis(1100);

struct Technician<'a>(&'a HeadlessKiosk);

impl Technician<'_> {
    fn shown(&self) -> ViewModel {
        self.0.shown().unwrap()
    }

    fn pin(&self) -> Option<PinView> {
        match self.shown().service {
            Some(ServiceView::Locked(view)) => Some(view),
            _ => None,
        }
    }

    fn open(&self) -> OpenServiceView {
        match self.shown().service {
            Some(ServiceView::Open(view)) => *view,
            other => panic!("the service screen is not open, but {other:?}"),
        }
    }

    /// Advances the kiosk's clock by this time.
    fn pass(&self, time: Duration) {
        self.0.skip(time);
        self.0.screen().advance(TICK);
    }

    fn hold_corner(&self) {
        self.0.screen().press(CORNER.0, CORNER.1);
        self.pass(Duration::from_secs(5));
        self.0.screen().release(CORNER.0, CORNER.1);
    }

    fn touch(&self, label: &str) {
        self.0.touch(label).unwrap();
    }

    fn type_keys(&self, keys: &str) {
        for key in keys.chars() {
            self.touch(&match key {
                '.' => "tečka".to_owned(),
                key => key.to_string(),
            });
            // The same key counts again only after the debounce time.
            self.0.skip(KEY_INTERVAL);
        }
    }

    fn enter(&self, pin: &str) {
        self.type_keys(pin);
        self.touch("Zadat");
        let checked = |shown: &ViewModel| match &shown.service {
            Some(ServiceView::Locked(view)) => view.status == PinStatus::Wrong,
            Some(ServiceView::Open(_)) => true,
            None => false,
        };
        self.0
            .until("the PIN to be checked", PATIENCE, checked)
            .unwrap();
    }

    fn leaves(&self) {
        self.touch("Zavřít");
        assert_eq!(self.shown().service, None);
    }
}

#[test]
fn the_service_screen_opens_to_the_pin_alone_and_nothing_else_leaves_the_kiosk() {
    let town = Town::start();
    let kiosk = HeadlessKiosk::start_unhurried(&town.options(SIZE.0, SIZE.1)).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    kiosk.screen().paint_only_for_pictures();
    let technician = Technician(&kiosk);

    the_corner_has_to_be_held_by_one_finger(&technician);
    a_wrong_pin_has_to_wait(&technician, &town);
    nothing_a_visitor_does_gets_in_or_out(&technician);
    the_right_pin_opens_what_a_technician_needs(&technician);
    kiosk.stop();
}

fn the_corner_has_to_be_held_by_one_finger(technician: &Technician<'_>) {
    let screen = technician.0.screen();
    let stays_shut = |why: &str| {
        technician.pass(Duration::from_secs(8));
        assert_eq!(technician.shown().service, None, "{why}");
    };
    screen.press(CORNER.0, CORNER.1);
    technician.pass(Duration::from_secs(2));
    screen.release(CORNER.0, CORNER.1);
    stays_shut("two seconds are not five");

    screen.press(ELSEWHERE.0, ELSEWHERE.1);
    stays_shut("elsewhere is nothing");
    screen.release(ELSEWHERE.0, ELSEWHERE.1);

    screen.drag(CORNER, ELSEWHERE);
    stays_shut("the finger left the corner");

    for (first, second) in [
        (CORNER, ELSEWHERE),
        (ELSEWHERE, CORNER),
        (CORNER, (40.0, 40.0)),
    ] {
        screen.press_two(first, second);
        stays_shut("two fingers are a gesture, and no gesture leads here");
        screen.release_two(first, second);
    }

    technician.hold_corner();
    assert_eq!(technician.pin().unwrap().status, PinStatus::Ready);
    technician.leaves();
}

fn a_wrong_pin_has_to_wait(technician: &Technician<'_>, town: &Town) {
    technician.hold_corner();
    technician.enter("1111");
    assert_eq!(technician.pin().unwrap().wait, "0:01");
    technician.pass(Duration::from_secs(1));
    technician.enter("1112");
    assert_eq!(technician.pin().unwrap().wait, "0:02");
    // The pad itself waits too.
    technician.type_keys("48");
    assert_eq!(technician.pin().unwrap().typed, 0);
    let remembered = std::fs::read_to_string(town.kiosk_data().join("service.json")).unwrap();
    assert!(remembered.contains("\"failures\":2"), "{remembered}");
    technician.leaves();
}

fn nothing_a_visitor_does_gets_in_or_out(visitor: &Technician<'_>) {
    let kiosk = visitor.0;
    let screen = kiosk.screen();
    let mut chance = StdRng::seed_from_u64(5);
    let keys = [
        Key::Escape,
        Key::Return,
        Key::Tab,
        Key::Backspace,
        Key::Delete,
        Key::Menu,
        Key::Home,
        Key::End,
        Key::F1,
        Key::F4,
        Key::F5,
        Key::F10,
        Key::F11,
        Key::F12,
        Key::SysReq,
        Key::Space,
        Key::UpArrow,
        Key::DownArrow,
        Key::LeftArrow,
        Key::RightArrow,
        Key::PageUp,
        Key::PageDown,
    ];
    let mut asked_for_pin = false;
    for step in 0..800 {
        let mut anywhere = || {
            let x = chance.random_range(0.0..SIZE.0 as f32);
            (x, chance.random_range(0.0..SIZE.1 as f32))
        };
        let (from, to) = (anywhere(), anywhere());
        match chance.random_range(0..12) {
            0..5 => screen.tap(from.0, from.1),
            5 => screen.drag(from, to),
            6 => screen.fling(from, to),
            7 => screen.pinch(from, 100.0, 300.0),
            8 => {
                let key = keys[chance.random_range(0..keys.len())];
                kiosk.press(key);
            }
            9 => kiosk.type_text("1q"),
            10 => {
                screen.press_two(from, to);
                screen.release_two(from, to);
            }
            _ if chance.random_range(0..8) == 0 => visitor.hold_corner(),
            _ => visitor.pass(Duration::from_secs(2)),
        }
        asked_for_pin |= visitor.pin().is_some();
        assert!(
            !matches!(visitor.shown().service, Some(ServiceView::Open(_))),
            "step {step} opened the service screen"
        );
        if step % 50 == 0 {
            assert!(kiosk.ask_to_close(), "step {step} closed the window");
            // The next user holds the corner first, so that the walk gets as far as possible without the PIN.
            goes_away(visitor);
            visitor.hold_corner();
        }
    }
    assert!(asked_for_pin, "the walk has seen the PIN");
    // A quarter of an hour later no wait is left, and everything is unchanged.
    visitor.pass(Duration::from_secs(901));
    goes_away(visitor);
}

/// No touch until the idle reset.
fn goes_away(visitor: &Technician<'_>) {
    for _ in 0..20 {
        visitor.0.finish_speaking();
        visitor.pass(Duration::from_secs(300));
        if visitor.shown().screen == Screen::Idle {
            return;
        }
    }
    assert_eq!(visitor.shown().screen, Screen::Idle);
}

fn the_right_pin_opens_what_a_technician_needs(technician: &Technician<'_>) {
    let kiosk = technician.0;
    technician.hold_corner();
    technician.enter(SERVICE_PIN);
    kiosk
        .until("the device to say how it is", PATIENCE, |shown| {
            matches!(&shown.service, Some(ServiceView::Open(view)) if view.facts.len() > 8
                && view.brightness.is_some() && view.network.stage == NetworkStage::Writing)
        })
        .unwrap();

    technician.touch("Displej");
    assert_eq!(technician.open().brightness, Some(Ok(80)));
    technician.touch("Tmavší");
    assert_eq!(technician.open().brightness, Some(Ok(70)));

    technician.touch("Síť");
    technician.touch("Server času");
    assert_eq!(
        technician.open().network.editing.unwrap().field,
        Field::TimeServer
    );
    technician.type_keys("ntp.x");
    technician.touch("Hotovo");
    kiosk.skip(KEY_INTERVAL);
    technician.touch("Vyzkoušet");
    kiosk
        .until("central to be reached over the new network", PATIENCE, |shown| {
            matches!(&shown.service, Some(ServiceView::Open(view)) if view.network.stage == NetworkStage::Reached)
        })
        .unwrap();
    assert_eq!(technician.open().network.fields[0].text, "ntp.x");

    technician.touch("Restart");
    technician.touch("Restartovat zařízení");
    assert_eq!(technician.open().asked_restart, Some(Restart::Device));
    technician.touch("Ne");
    assert_eq!(technician.open().asked_restart, None);

    technician.touch("Celá deska");
    assert_eq!(technician.shown().screen, Screen::Board);
    assert_eq!(technician.shown().service, None);

    // A service screen that was not closed does not stay open.
    technician.hold_corner();
    technician.enter(SERVICE_PIN);
    technician.pass(Duration::from_secs(130));
    technician.pass(Duration::from_secs(15));
    assert_eq!(technician.shown().service, None);
}
