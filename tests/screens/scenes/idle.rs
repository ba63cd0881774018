//! The idle rotation.

use vyveska::state::TextSize;
use vyveska::ui::view_model::{
    IdleFactView, IdleInformationView, IdleNoticeView, IdlePage, RowView, Scheme, Screen, ViewModel,
};
use vyveska_board::Language;
use vyveska_board::format::typography::bind;

use super::samples::{SAMPLES, base, long_rows, row, rows};
use super::{Scene, scene};
use crate::pictures;

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("idle-titles", |_| idle_titles(8)),
        scene("idle-titles-few", |_| idle_titles(3)),
        scene("idle-titles-200", |_| idle_close(200, 3, 14, 0)),
        scene("idle-titles-1000", |_| idle_close(1000, 3, 72, 8)),
        scene("idle-notice", |_| {
            idle_notice(
                &SAMPLES[0]
                    .title
                    .replace("přechodná úprava", "stanovení přechodné úpravy"),
            )
        }),
        scene("idle-notice-long-title", |_| idle_notice(SAMPLES[7].title)),
        scene("idle-titles-long", |_| {
            idle(IdlePage::Titles {
                total: 38,
                page: 1,
                pages: 5,
                rows: long_rows(8),
                close: false,
                minutes: 0,
            })
        }),
        scene("idle-english", |_| base(Screen::Idle, Language::English)),
        scene("idle-german", |_| base(Screen::Idle, Language::German)),
        scene("idle-ending", |_| idle_ending()),
        scene("idle-information", |_| idle_information()),
        scene("idle-drifted", |_| {
            let mut view_model = idle_titles(8);
            view_model.drift_mm = (2.0, -2.0);
            view_model
        }),
        scene("idle-drifted-left", |_| {
            let mut view_model = idle_notice(SAMPLES[0].title);
            view_model.drift_mm = (-2.0, 0.0);
            view_model
        }),
        scene("idle-paused", |_| {
            let mut view_model = idle_titles(8);
            view_model.idle.paused = true;
            view_model.idle.information = false;
            view_model
        }),
        scene("idle-empty", |_| idle_empty()),
        scene("idle-night", |_| {
            let mut view_model = idle_titles(8);
            view_model.look.scheme = Scheme::Night;
            view_model
        }),
        scene("idle-notice-night", |_| {
            let mut view_model = idle_notice(SAMPLES[0].title);
            view_model.look.scheme = Scheme::Night;
            view_model
        }),
        scene("idle-reach-contrast", |_| {
            let mut view_model = idle_titles(3);
            view_model.look.scheme = Scheme::HighContrast;
            view_model.look.reach = true;
            view_model
        }),
        scene("idle-largest", |_| {
            let mut view_model = idle_titles(4);
            view_model.look.text_size = TextSize::Largest;
            view_model
        }),
    ]
}

fn idle(page: IdlePage) -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    view_model.idle.step = 3;
    view_model.idle.page = page;
    view_model
}

fn idle_titles(count: usize) -> ViewModel {
    let mut view_model = base(Screen::Idle, Language::Czech);
    if let IdlePage::Titles { rows, .. } = &mut view_model.idle.page {
        rows.truncate(count);
    }
    view_model
}

fn idle_close(total: u32, page: u32, pages: u32, minutes: u32) -> ViewModel {
    let rows: Vec<RowView> = (0..14)
        .map(|index| {
            row(
                index,
                &SAMPLES[index % SAMPLES.len()],
                Language::Czech,
                false,
            )
        })
        .collect();
    let mut view_model = idle(IdlePage::Titles {
        total,
        page,
        pages,
        rows,
        close: true,
        minutes,
    });
    view_model.idle.steps = pages + 1;
    view_model
}

fn idle_notice(title: &str) -> ViewModel {
    let mut shown = row(0, &SAMPLES[0], Language::Czech, true);
    shown.title = bind(title);
    idle(IdlePage::Notice(Box::new(IdleNoticeView {
        row: shown,
        documents: 2,
        pages: 4,
        page: Some(pictures::page(1, 680, 962)),
        qr_code: Some(pictures::qr_code("https://lipnice.example/deska/4821")),
    })))
}

fn idle_ending() -> ViewModel {
    let mut ending = rows(Language::Czech);
    ending.truncate(3);
    let ends = [
        ("dnes do\u{a0}14.00", "21.\u{a0}11.\u{a0}2026", "14.00"),
        ("končí dnes", "21.\u{a0}11.\u{a0}2026", ""),
        ("končí zítra", "22.\u{a0}11.\u{a0}2026", ""),
    ];
    for (row, (deadline, until, time)) in ending.iter_mut().zip(ends) {
        row.deadline = deadline.to_owned();
        row.until = until.to_owned();
        row.until_time = time.to_owned();
    }
    idle(IdlePage::Ending {
        page: 1,
        pages: 1,
        rows: ending,
    })
}

fn idle_information() -> ViewModel {
    let hours = [
        ("pondělí", "8.00–11.30, 12.30–17.00"),
        ("úterý", "zavřeno"),
        ("středa", "8.00–11.30, 12.30–17.00"),
        ("čtvrtek", "zavřeno"),
        ("pátek", "8.00–12.00"),
    ];
    idle(IdlePage::Information(IdleInformationView {
        id: "hours".to_owned(),
        title: bind("Úřední hodiny"),
        lead: bind("Teď je zavřeno, otevřeno bude v pondělí v 8.00"),
        facts: hours
            .map(|(label, value)| IdleFactView {
                label: label.to_owned(),
                value: value.to_owned(),
            })
            .into(),
    }))
}

fn idle_empty() -> ViewModel {
    let mut view_model = idle(IdlePage::Titles {
        total: 0,
        page: 1,
        pages: 1,
        rows: Vec::new(),
        close: false,
        minutes: 0,
    });
    (view_model.idle.step, view_model.idle.steps) = (0, 1);
    view_model
}
