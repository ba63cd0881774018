//! Before the first board, and the countdown.

use vyveska::state::{Size, TextSize};
use vyveska::ui::view_model::{FooterView, HeaderView, LookView, Scheme, Screen, ViewModel};
use vyveska_board::Language;

use super::notice::notice;
use super::samples::base;
use super::{Scene, scene};

/// Every scene of the frame.
pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("waiting", |_| waiting()),
        scene("countdown", countdown),
        scene("board-contrast", |_| {
            board(|look| look.scheme = Scheme::HighContrast)
        }),
        scene("board-night", |_| board(|look| look.scheme = Scheme::Night)),
        scene("board-largest", |_| {
            board(|look| look.text_size = TextSize::Largest)
        }),
        scene("board-reach", |_| board(|look| look.reach = true)),
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
        ..base(Screen::Waiting, Language::Czech)
    }
}

fn countdown(window: Size) -> ViewModel {
    ViewModel {
        countdown: Some(20),
        ..notice(window, Language::Czech)
    }
}
