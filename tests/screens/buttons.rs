//! Buttons have words, and those of the bar are aligned.

use std::collections::BTreeSet;

use vyveska::state::TextSize;
use vyveska_board::Language;

use crate::painted::Painting;
use crate::{Kiosk, scenes};

/// The only button without a word: backspace, as on every keyboard.
const WITHOUT_A_WORD: [&str; 3] = [
    "Smazat poslední písmeno",
    "Letzten Buchstaben löschen",
    "Erase the last letter",
];

#[test]
fn whatever_can_be_touched_says_in_words_what_it_does() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    let mut wrong = BTreeSet::new();
    let mut seen = 0;
    for (width, height) in [(1080, 1920), (1920, 1080)] {
        kiosk.headless.resize(width, height);
        for scene in scenes::all() {
            kiosk.show(&scene);
            let painting = Painting::of(&kiosk);
            for target in painting
                .targets
                .iter()
                .filter(|target| target.enabled && target.whole)
            {
                let mut marks = painting
                    .marks
                    .iter()
                    .filter(|mark| Painting::is_in(mark, target));
                let icons = marks.clone().filter(|mark| !mark.words).count();
                seen += icons;
                let known = WITHOUT_A_WORD.contains(&target.label.as_str());
                if icons > 0 && !marks.any(|mark| mark.words) && !known {
                    wrong.insert(format!("{}: {:?}", scene.name, target.label));
                }
            }
        }
    }
    assert!(seen > 500, "{seen} icons were looked at");
    assert!(wrong.is_empty(), "an icon alone: {wrong:#?}");
}

#[test]
fn icons_and_words_of_the_bar_stand_on_one_line() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    let scene = scenes::named("board");
    let mut wrong = Vec::new();
    for (width, height) in [(1080, 1920), (1920, 1080)] {
        kiosk.headless.resize(width, height);
        for text_size in [
            TextSize::Normal,
            TextSize::Large,
            TextSize::Larger,
            TextSize::Largest,
        ] {
            for language in Language::ALL {
                kiosk.show_with(&scene, |view_model| {
                    view_model.look.text_size = text_size;
                    view_model.look.speech = true;
                    view_model.language = language;
                });
                let painting = Painting::of(&kiosk);
                let bar = painting
                    .targets
                    .iter()
                    .filter(|target| target.component.contains("BarItem"));
                let bar: Vec<_> = bar.collect();
                assert_eq!(bar.len(), 7);
                let tops = |words: bool| -> BTreeSet<i32> {
                    bar.iter()
                        .map(|item| {
                            let mut marks = painting.marks.iter();
                            let mark = marks
                                .find(|mark| mark.words == words && Painting::is_in(mark, item));
                            mark.unwrap().place.min_y().round() as i32
                        })
                        .collect()
                };
                // On a lying panel words may be beside their icons; those of one line and of two share their middle.
                let words_differ = height > width && tops(true).len() > 1;
                if tops(false).len() > 1 || words_differ {
                    wrong.push(format!(
                        "{width} {text_size:?} {language:?}: {:?} {:?}",
                        tops(false),
                        tops(true)
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
