//! Before the first board, and the countdown.

use vyveska::state::Size;
use vyveska::ui::view_model::{FooterView, HeaderView, Screen, ViewModel};
use vyveska_board::Language;

use super::notice::notice;
use super::samples::base;
use super::{Scene, scene};

/// Every scene of the frame.
pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("waiting", |_| waiting()),
        scene("countdown", countdown),
    ]
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
