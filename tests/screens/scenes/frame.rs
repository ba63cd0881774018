//! Before the first board, and the countdown to the idle reset.

use vyveska::state::{Link, Size, TextSize};
use vyveska::ui::view_model::{
    FooterView, HeaderView, LookView, NoteView, Scheme, Screen, ViewModel, WaitingView,
};
use vyveska_board::Language;

use super::notice::notice;
use super::samples::base;
use super::{Scene, scene};

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("waiting", |_| waiting()),
        scene("waiting-unreachable", |_| {
            let mut view_model = waiting();
            view_model.waiting.link = Some(Link::Unreachable {
                reason:
                    "central cannot be reached: no connection (Connection refused (os error 111))"
                        .to_owned(),
            });
            view_model
        }),
        scene("board-after-outage", |_| {
            let mut view_model = board(|_| ());
            view_model.notes.push(NoteView::OutOfService(
                "20.\u{a0}11.\u{a0}22.10 – 21.\u{a0}11.\u{a0}6.05".to_owned(),
            ));
            view_model
        }),
        scene("board-time-not-verified", |_| {
            let mut view_model = board(|_| ());
            view_model.notes.push(NoteView::TimeNotVerified);
            view_model
        }),
        scene("countdown", countdown),
        scene("countdown-german", |window| ViewModel {
            countdown: Some(20),
            ..notice(window, Language::German)
        }),
        scene("waiting-german", |_| ViewModel {
            language: Language::German,
            ..waiting()
        }),
        scene("board-contrast", |_| {
            board(|look| look.scheme = Scheme::HighContrast)
        }),
        scene("board-night", |_| board(|look| look.scheme = Scheme::Night)),
        scene("board-largest", |_| {
            board(|look| look.text_size = TextSize::Largest)
        }),
        scene("board-reach", |_| board(|look| look.reach = true)),
        scene("board-reach-stale", |_| {
            let mut view_model = board(|look| look.reach = true);
            view_model.footer.stale = true;
            view_model.footer.data_as_of = "20.\u{a0}11. 9.15".to_owned();
            view_model
        }),
        scene("notice-reach", |viewer| {
            let mut view_model = notice(viewer, Language::Czech);
            view_model.look.reach = true;
            view_model.look.speech = true;
            view_model
        }),
        scene("board-reach-contrast-larger", |_| {
            board(|look| {
                look.scheme = Scheme::HighContrast;
                look.text_size = TextSize::Larger;
                look.reach = true;
            })
        }),
    ]
}

fn board(change: impl FnOnce(&mut LookView)) -> ViewModel {
    let mut view_model = base(Screen::Board, Language::Czech);
    change(&mut view_model.look);
    view_model
}

/// Before the first board.
pub(crate) fn waiting() -> ViewModel {
    ViewModel {
        header: HeaderView {
            coat_of_arms: None,
            town: String::new(),
            ..base(Screen::Waiting, Language::Czech).header
        },
        footer: FooterView::default(),
        waiting: WaitingView {
            code: "TXPL-KDRM".to_owned(),
            central: "https://centrala.lipnicko.example/".to_owned(),
            link: Some(Link::NotLetIn),
        },
        ..base(Screen::Waiting, Language::Czech)
    }
}

fn countdown(window: Size) -> ViewModel {
    ViewModel {
        countdown: Some(20),
        ..notice(window, Language::Czech)
    }
}
