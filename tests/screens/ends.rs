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
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::section::{
    AlertsSection, BoardRecord, ChannelRecord, InformationSection, MomentRecord, NoticeRecord,
    NoticesSection, SettingsSection, Texts,
};

use crate::Kiosk;

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
        id: "n1".to_owned(),
        revision: 1,
        iri: None,
        url: None,
        title: [("cs".to_owned(), "Oznámení".to_owned())].into(),
        description: Texts::new(),
        posted: MomentRecord::Date("2026-05-20".parse().unwrap()),
        relevant_until: relevant_until.into(),
        approved: MomentRecord::Unspecified,
        reference_number: None,
        file_number: None,
        categories: Vec::new(),
        originator: None,
        documents: Vec::new(),
        channel: ChannelRecord::default(),
        personal_data: false,
        salt: String::new(),
    };
    let section = NoticesSection {
        board: BoardRecord {
            iri: String::new(),
            name: Texts::new(),
            page: None,
            operator_ico: None,
        },
        notices: vec![notice],
    };
    BoardContent::new(
        1,
        chrono::DateTime::UNIX_EPOCH,
        ContentRef::to(b"notices"),
        &section,
        InformationSection::default(),
        AlertsSection::default(),
        SettingsSection::of_town("Město", "mesto.example"),
    )
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
