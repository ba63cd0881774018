//! The speech of each screen: everything visible can be heard, and every target says what it is.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use i_slint_core::item_tree::{ItemRc, ParentItemTraversalMode};
use i_slint_core::items::{ComplexText, Flickable, SimpleText, TouchArea};
use i_slint_core::lengths::LogicalRect;
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;
use vyveska::app::elements::{self, Element};
use vyveska::speech::element::Live;
use vyveska::speech::keys::TactileKey;
use vyveska::speech::narrator::{Listening, Narrator, ScreenNow};
use vyveska_board::Language;

use crate::layout::{is_within, place_of};
use crate::{Kiosk, scenes};

fn is_word(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// The most letters of a sign on a key that is pronounced differently.
const LONGEST_SIGN: usize = 3;

/// The words and numbers of a text, without punctuation.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    // English lists show „until" where the last day is said as „through … inclusive".
    words.filter(|word| word != "until").collect()
}

/// Whether words are said in their order: „do 6. 12." matches „do 6. 12. 2026 včetně".
fn are_among(words: &[String], said: &[String]) -> bool {
    let mut said = said.iter();
    words.iter().enumerate().all(|(position, word)| {
        // Where space ends, the last word may be shortened.
        let last = position + 1 == words.len();
        said.any(|said| said == word || (last && said.starts_with(word.as_str())))
    })
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Goes once round a screen by one key, from the focus on, and returns the labels that were in focus.
fn heard(elements: &[Element]) -> BTreeSet<String> {
    let mut narrator = Narrator::default();
    let now = ScreenNow {
        elements: elements.to_vec(),
        ..ScreenNow::default()
    };
    narrator.switch_on(now, Listening::Private);
    let mut heard = BTreeSet::new();
    for _ in 0..=elements.len() {
        heard.extend(narrator.focused().map(|element| plain(&element.label)));
        narrator.press(TactileKey::Next);
        // A scroller would scroll; here its content is complete.
        narrator.screen(ScreenNow {
            elements: elements.to_vec(),
            ..ScreenNow::default()
        });
    }
    heard
}

#[test]
fn every_screen_can_be_heard_and_every_touchable_says_what_it_is() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    let mut wrong = Vec::new();
    for (orientation, width, height, language) in [
        ("portrait", 1080, 1920, None),
        ("landscape", 1920, 1080, None),
        ("portrait", 1080, 1920, Some(Language::German)),
        ("landscape", 1920, 1080, Some(Language::English)),
    ] {
        kiosk.headless.resize(width, height);
        for scene in scenes::all() {
            kiosk.show_in(&scene, language);
            let elements = elements::on_screen(kiosk.ui.window().window());
            let mut note = |what: String| {
                wrong.push(format!("{}-{orientation}-{language:?}: {what}", scene.name))
            };
            if elements.is_empty() {
                note("nothing can be heard".to_owned());
            }
            for element in &elements {
                if element.role.is_touchable() && !is_word(&element.label) {
                    note(format!("something to touch has no words: {element:?}"));
                }
                if element.role.is_touchable() && !element.acts && element.enabled {
                    note(format!(
                        "{:?} cannot be used without touching it",
                        element.label
                    ));
                }
            }
            let heard = heard(&elements);
            for element in &elements {
                if !heard.contains(&plain(&element.label)) {
                    note(format!("{:?} is never reached by keys", element.label));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every drawn word that nothing covers is part of something heard.
#[test]
fn every_visible_text_is_part_of_what_is_heard() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    let mut wrong = Vec::new();
    let languages = [None, Some(Language::German), Some(Language::English)];
    let scenes = scenes::all().into_iter();
    // Switching reading aloud on starts a session, and a session starts with the list.
    let scenes = scenes.filter(|scene| !scene.name.starts_with("idle"));
    for (scene, language) in scenes.flat_map(|scene| languages.map(|language| (scene, language))) {
        kiosk.show_in(&scene, language);
        let elements = elements::on_screen(kiosk.ui.window().window());
        let heard: Vec<Vec<String>> = elements
            .iter()
            .flat_map(|element| {
                let groups = element.groups.iter().map(|group| group.label.as_str());
                [element.label.as_str(), element.value.as_str()]
                    .into_iter()
                    .chain(groups)
            })
            .map(words)
            .collect();
        for (place, text) in visible_texts(&kiosk) {
            let is_heard = |part: &str| heard.iter().any(|heard| are_among(&words(part), heard));
            // „Otevřeno · do 17.00" may be said in parts.
            let mut parts = text.split(['·', '\n']);
            // „DE" on a key that says „Německá klávesnice".
            let is_sign = text.trim().chars().count() <= LONGEST_SIGN
                && elements.iter().any(|element| {
                    let middle = place.center();
                    element.role.is_touchable() && element.whole.contains(middle.x, middle.y)
                });
            if !is_sign && !parts.all(is_heard) {
                wrong.push(format!(
                    "{} in {language:?}: {text:?} is drawn and never heard",
                    scene.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The drawn texts that are in view and not covered.
pub(crate) fn visible_texts(kiosk: &Kiosk) -> Vec<(LogicalRect, String)> {
    let component = WindowInner::from_pub(kiosk.ui.window().window()).component();
    let mut texts: Vec<(usize, ItemRc, String)> = Vec::new();
    let mut areas: Vec<(usize, ItemRc)> = Vec::new();
    let mut count = 0;
    ItemRc::new_root(component).visit_descendants(|item| {
        count += 1;
        if item.is_visible() {
            let simple = item
                .downcast::<SimpleText>()
                .map(|text| text.as_pin_ref().text());
            let complex = item
                .downcast::<ComplexText>()
                .map(|text| text.as_pin_ref().text());
            if let Some(text) = simple.or(complex) {
                // A word wider than its line is split, but heard whole.
                texts.push((count, item.clone(), text.replace("-\n", "")));
            }
            let takes_touches = item
                .downcast::<TouchArea>()
                .is_some_and(|area| area.as_pin_ref().enabled())
                || item.downcast::<Flickable>().is_some();
            if takes_touches {
                areas.push((count, item.clone()));
            }
        }
        ControlFlow::<()>::Continue(())
    });
    let is_behind = |at: usize, text: &ItemRc| {
        let place = place_of(text);
        areas.iter().any(|(later, area)| {
            // The target that contains the text lies over it too.
            let around = area.parent_item(ParentItemTraversalMode::StopAtPopups);
            *later > at
                && place_of(area).contains(place.center())
                && !around.is_some_and(|around| is_within(text, &around))
        })
    };
    texts
        .iter()
        .filter(|(at, item, text)| {
            let place = place_of(item);
            is_word(text) && !place.is_empty() && !is_cut(item) && !is_behind(*at, item)
        })
        .map(|(_, item, text)| (place_of(item), text.clone()))
        .collect()
}

/// Whether a scroller clips it off: it is heard once it has come into view.
fn is_cut(item: &ItemRc) -> bool {
    let place = place_of(item);
    std::iter::successors(
        item.parent_item(ParentItemTraversalMode::StopAtPopups),
        |around| around.parent_item(ParentItemTraversalMode::StopAtPopups),
    )
    .filter(|around| around.borrow().as_ref().clips_children())
    .any(|around| !place_of(&around).inflate(1.0, 1.0).contains_rect(&place))
}

#[test]
fn old_data_show_and_say_that_they_are_old_within_reach_too() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    for (scene, old) in [
        ("board-stale", true),
        ("board-reach-stale", true),
        ("board", false),
        ("board-reach", false),
    ] {
        kiosk.show(&scenes::named(scene));
        let elements = elements::on_screen(kiosk.ui.window().window());
        let mut signs = elements
            .iter()
            .filter(|element| element.label.contains("starší, než"));
        let sign = signs.next();
        assert_eq!(sign.is_some(), old, "{scene}");
        assert!(
            sign.is_none_or(|sign| sign.live == Live::Polite && sign.width > 20.0),
            "{scene}: an icon that is said by itself"
        );
    }
}
