//! The promise of the idle screen with the markup's real capacity: two minutes for every title with its dates.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use vyveska::page_cache::PageCache;
use vyveska::state::{Event, IdleRoom, Now, State};
use vyveska::ui::PhysicalPanel;
use vyveska::ui::present::Presenter;
use vyveska::ui::view_model::IdlePage;
use vyveska_board::ClockBounds;
use vyveska_wire::section::{MomentRecord, NoticeRecord};

use crate::{Kiosk, board, scenes};

const NOTICES: usize = 200;

fn now(seconds: u64) -> Now {
    Now {
        clock: ClockBounds::exact("2026-11-21T11:00:00Z".parse().unwrap()),
        monotonic: Duration::from_secs(seconds),
    }
}

/// A large board, partly new and partly about to end.
fn large_board() -> Event {
    let notice = |number: usize| NoticeRecord {
        posted: MomentRecord::Date(
            ["2026-11-20", "2026-10-05", "2026-09-14"][number % 3]
                .parse()
                .unwrap(),
        ),
        relevant_until: match number % 5 {
            0 => MomentRecord::Date("2026-11-22".parse().unwrap()),
            1 => MomentRecord::Instant("2027-01-12T09:00:00Z".parse().unwrap()),
            _ => MomentRecord::Date("2026-12-24".parse().unwrap()),
        },
        ..board::notice(&format!("n{number}"), &format!("Oznámení číslo {number}"))
    };
    let content = board::board_of((0..NOTICES).map(notice).collect());
    Event::BoardChanged(Arc::new(content))
}

#[test]
fn two_minutes_are_enough_for_two_hundred_notices_on_every_panel() {
    let measured: Rc<Cell<IdleRoom>> = Rc::default();
    let room = measured.clone();
    let mut kiosk = Kiosk::new(1080, 1920, move |event| {
        if let Event::IdleResized(idle_room) = event {
            room.set(idle_room);
        }
    });
    for (inches, width, height) in [
        (32.0, 1080, 1920),
        (43.0, 1080, 1920),
        (55.0, 2160, 3840),
        (32.0, 1920, 1080),
        (43.0, 1920, 1080),
        (55.0, 3840, 2160),
    ] {
        measured.set(IdleRoom {
            titles: 0,
            titles_close: 0,
            preview_width: 0,
        });
        kiosk.ui.set_panel(PhysicalPanel {
            diagonal_inches: inches,
            bottom_mm: 700.0,
        });
        kiosk.headless.resize(width, height);
        kiosk.show(&scenes::named("idle-titles"));
        let room = measured.get();
        assert!(room.titles > 0, "the screen says how much it holds");

        let mut state = State::new(now(0));
        state.apply(large_board(), now(0));
        state.apply(Event::IdleResized(room), now(0));
        let mut presenter = Presenter::default();
        let mut seen = BTreeSet::new();
        for second in 0..120 {
            state.apply(Event::Tick, now(second));
            let shown = presenter.present(&state, &PageCache::default(), now(second));
            if let IdlePage::Titles { rows, minutes, .. } = shown.idle.page {
                assert_eq!(minutes, 0, "nothing has to be excused");
                for row in rows {
                    assert!(!row.posted.is_empty() && !row.until_short.is_empty());
                    seen.insert(row.id);
                }
            }
        }
        assert_eq!(seen.len(), NOTICES, "{inches} inches, {width}: {room:?}");
    }
}
