//! The rotation nobody has to touch.

use vyveska::ui::typography::bind;
use vyveska::ui::view_model::{IdleNoticeView, IdlePage, IdleView, Screen, ViewModel};
use vyveska_board::Language;

use super::samples::{SAMPLES, base, row};
use super::{Scene, scene};
use crate::pictures;

/// Every scene of the rotation.
pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("idle-titles", |_| idle_titles(8)),
        scene("idle-titles-few", |_| idle_titles(3)),
        scene("idle-notice", |_| idle_notice()),
        scene("idle-empty", |_| idle_empty()),
    ]
}

fn idle_titles(count: usize) -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    if let IdlePage::Titles { rows, .. } = &mut view_model.idle.page {
        rows.truncate(count);
    }
    view_model
}

fn idle_notice() -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    let mut shown = row(0, &SAMPLES[0], Language::Czech, true);
    shown.title = bind(
        "Opatření obecné povahy: stanovení přechodné úpravy provozu na silnici II/218 v ulici Karlovarské",
    );
    view_model.idle.step = 3;
    view_model.idle.page = IdlePage::Notice(Box::new(IdleNoticeView {
        row: shown,
        documents: 2,
        pages: 4,
        page: Some(pictures::page(1, 680, 962)),
        qr_code: Some(pictures::qr_code("https://lipnice.example/deska/4821")),
    }));
    view_model
}

fn idle_empty() -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    view_model.idle = IdleView {
        step: 0,
        steps: 1,
        page: IdlePage::Titles {
            total: 0,
            page: 0,
            pages: 0,
            rows: Vec::new(),
        },
    };
    view_model
}
