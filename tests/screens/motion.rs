//! Motion is quick, and absent in high contrast.

use std::path::{Path, PathBuf};
use std::time::Duration;

use slint::ComponentHandle;
use vyveska::headless::{Headless, Time};
use vyveska::state::TextSize;
use vyveska::ui::view_model::LookView;
use vyveska::ui::{Motion, Palette, Scheme, Ui, view_model};

use crate::{Kiosk, scenes, touch};

fn markup(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("theme") {
            markup(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "slint") {
            found.push(path);
        }
    }
}

/// „160ms", „1s".
fn is_duration(word: &str) -> bool {
    let number = word.strip_suffix("ms").or_else(|| word.strip_suffix('s'));
    number.is_some_and(|number| {
        number.starts_with(|digit: char| digit.is_ascii_digit()) && number.parse::<f32>().is_ok()
    })
}

#[test]
fn how_long_anything_takes_is_said_by_the_theme_alone() {
    let mut files = Vec::new();
    markup(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"),
        &mut files,
    );
    assert!(files.len() > 40, "the markup was read");
    let (mut wrong, mut animated) = (Vec::new(), 0);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default();
            let literal = line
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
                .any(is_duration);
            let animates = line.trim_start().starts_with("animate ");
            animated += usize::from(animates);
            // Animations take their durations from the theme only.
            let by_pace = !animates || line.contains("duration: root.pace");
            let paced = !(line.contains("pace:") || line.contains("pace ="))
                || line.contains("duration: root.pace")
                || line.contains("Motion.");
            if literal || !by_pace || !paced {
                wrong.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(animated > 0, "lists move");
}

#[test]
fn motion_takes_less_than_200_ms_and_none_in_high_contrast() {
    let _headless = Headless::install(1080, 1920, Time::set()).unwrap();
    let ui = Ui::new().unwrap();
    let (palette, motion) = (
        ui.window().global::<Palette<'_>>(),
        ui.window().global::<Motion<'_>>(),
    );
    for scheme in [Scheme::Day, Scheme::Night] {
        palette.set_scheme(scheme);
        assert!((1..200).contains(&motion.get_quick()), "{scheme:?}");
    }
    palette.set_scheme(Scheme::HighContrast);
    assert_eq!(motion.get_quick(), 0);
    assert_eq!(motion.get_none(), 0);
}

/// A panel longer than its space, moved by its button.
struct Panel {
    scene: &'static str,
    /// Something on it that moves with it.
    mark: &'static str,
    look: fn(&mut LookView),
}

const PANELS: [Panel; 2] = [
    Panel {
        scene: "board-all-categories-reach",
        mark: "Životní prostředí",
        look: |look| look.text_size = TextSize::Large,
    },
    Panel {
        scene: "alert-extreme",
        mark: "Po prasknutí",
        look: |look| {
            look.text_size = TextSize::Largest;
            look.reach = true;
        },
    },
];

#[test]
fn panels_slide_like_lists_and_jump_in_high_contrast() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    for panel in &PANELS {
        for (scheme, slides) in [
            (view_model::Scheme::Day, true),
            (view_model::Scheme::HighContrast, false),
        ] {
            kiosk.show_with(&scenes::named(panel.scene), |view_model| {
                (panel.look)(&mut view_model.look);
                view_model.look.scheme = scheme;
            });
            let place = || touch::centre_of(&kiosk.ui, panel.mark).1;
            let down = touch::centre_of(&kiosk.ui, "Dolů");
            let before = place();
            kiosk.headless.tap(down.0, down.1);
            kiosk.headless.advance(Duration::from_millis(30));
            let on_its_way = place();
            kiosk.settle();
            let after = place();
            let name = format!(
                "{} {scheme:?}: {before}, {on_its_way}, {after}",
                panel.scene
            );
            assert!(after < before - 20.0, "it moves: {name}");
            if slides {
                assert!(after < on_its_way && on_its_way < before, "{name}");
            } else {
                assert_eq!(on_its_way, after, "{name}");
            }
        }
    }
}
