//! The screen of the modes that follow repeated failures: a window of its own.

use std::time::Duration;

use slint::ComponentHandle as _;
use vyveska::headless::{Headless, Time};
use vyveska::state::{Size, TextSize};
use vyveska::ui::PhysicalPanel;
use vyveska::ui::present::SafeView;
use vyveska::ui::safe::SafeUi;
use vyveska::ui::view_model::{RowView, Scheme};

use crate::{scenes, snapshot};

/// The titles of a scene of the board.
fn titles(scene: &str) -> SafeView {
    let board = (scenes::named(scene).view)(Size {
        width: 1000.0,
        height: 1000.0,
    });
    SafeView {
        look: Some(board.look),
        header: board.header,
        notes: board.notes,
        footer: board.footer,
        rows: Some(board.board.rows.to_vec()),
    }
}

#[test]
fn safe_mode_looks_as_it_was_approved() {
    let headless = Headless::install(1080, 1920, Time::set()).unwrap();
    let mut ui = SafeUi::new(PhysicalPanel::default()).unwrap();
    ui.window().show().unwrap();
    let mut large = titles("board");
    if let Some(look) = &mut large.look {
        look.text_size = TextSize::Largest;
    }
    let mut night = titles("board");
    if let Some(look) = &mut night.look {
        look.scheme = Scheme::Night;
    }
    let mut empty = titles("board");
    empty.rows = Some(Vec::new());
    let address = SafeView::address("Město Lipnice nad Rolavou", "lipnice.example/deska");
    let views = [
        ("safe", titles("board"), true),
        ("safe-largest", large, false),
        ("safe-night", night, false),
        ("safe-empty", empty, false),
        ("safe-address", address, true),
        ("safe-address-unknown", SafeView::address("", ""), false),
    ];
    let mut wrong = Vec::new();
    for (orientation, width, height) in [("portrait", 1080, 1920), ("landscape", 1920, 1080)] {
        headless.resize(width, height);
        for (name, view, kept) in &views {
            ui.render(view.clone());
            assert!(headless.settle(Duration::from_secs(3)));
            let name = format!("{name}-{orientation}");
            let picture = headless.snapshot();
            if *kept {
                wrong.extend(snapshot::compare(&name, &picture).err());
            }
            if std::env::var_os("SCENES").is_some() {
                snapshot::save_full(&name, &picture);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_title_is_shown_without_a_touch() {
    let headless = Headless::install(1080, 1920, Time::set()).unwrap();
    let mut ui = SafeUi::new(PhysicalPanel::default()).unwrap();
    ui.window().show().unwrap();
    let mut view = titles("board");
    let titles: Vec<_> = (10..50)
        .map(|number| format!("Oznámení {number}"))
        .collect();
    let row = view.rows.as_ref().unwrap()[0].clone();
    let rows = titles.iter().map(|title| RowView {
        title: title.clone(),
        ..row.clone()
    });
    view.rows = Some(rows.collect());
    ui.render(view);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..titles.len() {
        headless.settle(Duration::from_secs(1));
        let elements = vyveska::app::elements::on_screen(ui.window().window());
        for title in &titles {
            let shown = elements.iter().any(|element| element.label.contains(title));
            seen.extend(shown.then(|| title.clone()));
        }
        headless.advance(Duration::from_secs(15));
    }
    assert_eq!(seen.len(), titles.len());
}
