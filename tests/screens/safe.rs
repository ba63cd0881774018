//! The screen of the modes that follow repeated failures: a window of its own.

use std::time::Duration;

use slint::ComponentHandle as _;
use vyveska::headless::{Headless, Time};
use vyveska::state::{Size, TextSize};
use vyveska::ui::PhysicalPanel;
use vyveska::ui::present::{SafeAlertView, SafeView};
use vyveska::ui::safe::SafeUi;
use vyveska::ui::view_model::{RowView, Scheme};
use vyveska_board::format::typography::bind;

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
        ..SafeView::default()
    }
}

fn flood() -> SafeAlertView {
    SafeAlertView {
        headline: "Nepijte vodu z vodovodu v části Tisová".to_owned(),
        description: bind("Po havárii vodovodu se do vody mohly dostat bakterie."),
        instructions: bind(
            "Vodu nepijte ani po převaření. Cisterna s pitnou vodou stojí u školy, Školní 12. Pomozte starším sousedům s donáškou.",
        ),
        origin: bind("starosta města · 21. 11. 2026 ve 14.30 · platí do 22. 11., 18.00"),
        others: "Deutsch: Leitungswasser in Tisová nicht trinken. Nach einem Rohrbruch können Bakterien im Wasser sein.\nEnglish: Do not drink tap water in Tisová. After a burst main the water may contain bacteria."
            .to_owned(),
        exercise: false,
    }
}

/// As much text as a message may have in safe mode.
fn longest() -> SafeAlertView {
    let words = |letters: usize| {
        "Opusťte domy u řeky a jděte do školy. "
            .chars()
            .cycle()
            .take(letters)
            .collect()
    };
    SafeAlertView {
        headline: words(160),
        description: words(400),
        instructions: words(600),
        origin: words(160),
        others: format!("Deutsch: {}\nEnglish: {}", words(480), words(480)),
        exercise: true,
    }
}

/// A message may be cut off nowhere.
#[track_caller]
fn check_is_whole(ui: &SafeUi, alert: &SafeAlertView, name: &str) {
    let elements = vyveska::app::elements::on_screen(ui.window().window());
    for part in [
        &alert.headline,
        &alert.description,
        &alert.instructions,
        &alert.origin,
        &alert.others,
    ] {
        let shown: Vec<_> = elements
            .iter()
            .filter(|element| element.label == part.as_str())
            .collect();
        assert!(!shown.is_empty(), "{name}: {part} is not there");
        for element in shown {
            assert_eq!(element.whole, element.place(), "{name}: {part} is cut off");
        }
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
    let with = |view: &SafeView, alert: SafeAlertView| SafeView {
        alerts: vec![alert],
        ..view.clone()
    };
    let without_key = SafeView {
        key_trouble:
            "cannot use /var/lib/vyveska/device-key.pem: Read-only file system (os error 30)"
                .to_owned(),
        ..address.clone()
    };
    let mut titles_without_key = titles("board");
    titles_without_key.key_trouble =
        "the display's key /var/lib/vyveska/device-key.pem is gone; restore it, or pair the display anew with an empty data folder"
            .to_owned();
    let views = [
        ("safe-without-key", without_key, true),
        ("safe-titles-without-key", titles_without_key, false),
        ("safe-alert", with(&titles("board"), flood()), true),
        ("safe-alert-night", with(&night, flood()), false),
        ("safe-alert-largest", with(&large, flood()), false),
        (
            "safe-alert-longest",
            with(&titles("board"), longest()),
            false,
        ),
        ("safe-alert-longest-largest", with(&large, longest()), false),
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
            for alert in &view.alerts {
                check_is_whole(&ui, alert, &format!("{name}-{orientation}"));
            }
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

/// The toolkit remembers about a thousand shaped texts; what changes is painted also after it has forgotten some.
#[test]
fn every_change_is_painted_after_a_thousand_texts() {
    let headless = Headless::install(1080, 1920, Time::set()).unwrap();
    let mut ui = SafeUi::new(PhysicalPanel::default()).unwrap();
    ui.window().show().unwrap();
    let mut view = titles("board");
    let row = view.rows.as_ref().unwrap()[0].clone();
    for number in 0..300 {
        view.header.time = format!("{:02}.{:02}", number / 60, number % 60);
        let rows = (0..7).map(|place| RowView {
            title: format!("Oznámení {number}/{place}"),
            ..row.clone()
        });
        view.rows = Some(rows.collect());
        ui.render(view.clone());
        let painted = headless.snapshot();
        if number >= 290 {
            assert!(painted == headless.repainted(), "after {number} changes");
        }
    }
    for number in 0..3 {
        let town = format!("Město {number}");
        ui.render(SafeView::address(&town, &format!("mesto{number}.example")));
        assert!(headless.snapshot() == headless.repainted(), "{town}");
    }
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
