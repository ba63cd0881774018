//! The end of posting on the board, by the table that the web board is held to as well.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use slint::ComponentHandle as _;
use vyveska::app::elements;
use vyveska::page_cache::PageCache;
use vyveska::state::{BoardContent, Event, Intent, Now, State};
use vyveska::ui::present::Presenter;
use vyveska_board::{ClockBounds, Language, Moment};
use vyveska_wire::section::NoticeRecord;

use crate::{Kiosk, board};

/// A way of stating an end, and how every channel writes it; `~` stands for the non-breaking space.
#[derive(Deserialize)]
struct End {
    end: String,
    cs: String,
    de: String,
    en: String,
}

fn table() -> Vec<End> {
    let text = include_str!("../../crates/board/tests/fixtures/ends.json");
    serde_json::from_str(text).unwrap()
}

fn moment(text: &str) -> Moment {
    text.parse()
        .map_or_else(|_| Moment::Instant(text.parse().unwrap()), Moment::Date)
}

fn now() -> Now {
    Now {
        clock: ClockBounds::exact("2026-06-01T10:00:00Z".parse().unwrap()),
        monotonic: Duration::ZERO,
    }
}

fn board_with(relevant_until: Moment) -> BoardContent {
    let notice = NoticeRecord {
        relevant_until: relevant_until.into(),
        ..board::notice("n1", "Oznámení")
    };
    board::board_of(vec![notice])
}

#[test]
fn an_end_is_written_as_on_the_web_in_every_language() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    for case in table() {
        let mut state = State::new(now());
        let board = Event::BoardChanged(Arc::new(board_with(moment(&case.end))));
        state.apply(board, now());
        state.apply(Event::Intent(Intent::ShowBoard), now());
        for language in Language::ALL {
            while state.language() != language {
                state.apply(Event::Intent(Intent::NextLanguage), now());
            }
            let view = Presenter::default().present(&state, &PageCache::default(), now());
            kiosk.show_view(&view);
            let expected = match language {
                Language::Czech => &case.cs,
                Language::German => &case.de,
                Language::English => &case.en,
            };
            let labels: Vec<String> = elements::on_screen(kiosk.ui.window().window())
                .into_iter()
                .map(|element| element.label.replace('\u{a0}', "~"))
                .filter(|label| label.contains("Oznámení"))
                .collect();
            assert!(
                labels.iter().any(|label| label.contains(expected.as_str())),
                "{}: {expected:?} is on the card, not {labels:#?}",
                case.end
            );
        }
    }
}
