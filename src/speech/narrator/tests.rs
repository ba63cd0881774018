mod announcements;
mod listening;

use std::time::Duration;

use super::*;
use crate::speech::element::{Group, Live, Role, Scroller};

/// A screen in short notation.
struct Sketch {
    elements: Vec<Element>,
}

impl Sketch {
    fn new() -> Self {
        Self {
            elements: Vec::new(),
        }
    }

    fn add(mut self, group: &str, role: Role, label: &str) -> Self {
        let y = self.elements.len() as f32 * 100.0;
        let place = Rect {
            x: 0.0,
            y,
            width: 500.0,
            height: 90.0,
        };
        let groups = (!group.is_empty()).then(|| Group {
            key: key(group),
            label: group.to_owned(),
            description: String::new(),
            leaves: group.starts_with("Dialog") || group.starts_with("Oznámení:"),
            frame: group == "Lišta",
        });
        self.elements.push(Element {
            key: key(&format!("{group}/{label}")),
            role,
            label: label.to_owned(),
            value: String::new(),
            enabled: true,
            checked: None,
            selected: None,
            expanded: None,
            live: Live::Off,
            acts: role.is_touchable(),
            x: place.x,
            y: place.y,
            width: place.width,
            height: place.height,
            whole: place,
            scroller: None,
            groups: groups.into_iter().collect(),
        });
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Element)) -> Self {
        change(self.elements.last_mut().unwrap());
        self
    }

    fn now(self) -> ScreenNow {
        ScreenNow {
            elements: self.elements,
            ..ScreenNow::default()
        }
    }
}

fn key(name: &str) -> ElementKey {
    let hash = name.bytes().fold(7_u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    ElementKey(hash)
}

fn bar(sketch: Sketch) -> Sketch {
    sketch
        .add("Lišta", Role::Button, "Celá deska")
        .add("Lišta", Role::Button, "Hledat")
}

fn board() -> ScreenNow {
    let sketch = Sketch::new()
        .add("", Role::Text, "Úřední deska, 14:32")
        .add("Všechna oznámení", Role::Button, "Vše 38")
        .add("Všechna oznámení", Role::Button, "Záměr pronájmu")
        .add("Všechna oznámení", Role::Button, "Dražební vyhláška");
    bar(sketch).now()
}

fn notice() -> ScreenNow {
    let sketch = Sketch::new()
        .add("", Role::Text, "Úřední deska, 14:32")
        .add(
            "Oznámení: Záměr pronájmu",
            Role::Text,
            "do 6. 12. 2026 včetně",
        )
        .add("Oznámení: Záměr pronájmu", Role::Button, "Zpět na seznam")
        .add("Oznámení: Záměr pronájmu", Role::Text, "strana 1 ze 2")
        .with(|element| element.live = Live::Polite)
        .add("Oznámení: Záměr pronájmu", Role::Button, "Další strana");
    bar(sketch).now()
}

/// A narrator whose utterances are all said to their end.
struct Listener {
    narrator: Narrator,
    wants: Vec<Effect>,
}

impl Listener {
    fn on(now: ScreenNow) -> (Self, Vec<String>) {
        let mut listener = Self {
            narrator: Narrator::default(),
            wants: Vec::new(),
        };
        let effects = listener.narrator.switch_on(now, Listening::Private);
        let said = listener.hear(effects);
        (listener, said)
    }

    fn hear(&mut self, effects: Vec<Effect>) -> Vec<String> {
        let mut said = Vec::new();
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Say(utterance) => {
                    said.push(utterance.text);
                    effects.extend(self.narrator.said(utterance.number));
                }
                Effect::Silence => {}
                other => self.wants.push(other),
            }
        }
        said
    }

    fn press(&mut self, key: TactileKey) -> Vec<String> {
        let effects = self.narrator.press(key);
        self.hear(effects)
    }

    fn see(&mut self, now: ScreenNow) -> Vec<String> {
        let effects = self.narrator.screen(now);
        self.hear(effects)
    }

    fn touch(&mut self, x: f32, y: f32, at: u64) -> Vec<String> {
        let mut said = Vec::new();
        for (phase, later) in [(FingerPhase::Down, 0), (FingerPhase::Up, 50)] {
            let effects = self.narrator.explore(Finger {
                phase,
                x,
                y,
                at: Duration::from_millis(at + later),
            });
            said.extend(self.hear(effects));
        }
        said
    }
}

#[test]
fn switching_on_says_how_to_use_it_and_what_is_in_front() {
    let (listener, said) = Listener::on(board());
    assert!(said[0].contains("zapnuto"), "{said:?}");
    assert_eq!(
        said[said.len() - 3..],
        ["Všechna oznámení", "Vše 38", "tlačítko"]
    );
    assert!(listener.narrator.focus_place().is_some());
}

#[test]
fn next_goes_over_everything_in_order_and_wraps_but_never_traps() {
    let (mut listener, _) = Listener::on(board());
    let mut labels = Vec::new();
    for _ in 0..6 {
        listener.press(TactileKey::Next);
        labels.push(listener.narrator.focused().unwrap().label.clone());
    }
    assert_eq!(
        labels,
        [
            "Záměr pronájmu",
            "Dražební vyhláška",
            "Celá deska",
            "Hledat",
            "Úřední deska, 14:32",
            "Vše 38",
        ]
    );
    listener.press(TactileKey::Previous);
    let said = listener.press(TactileKey::Previous);
    assert_eq!(said, ["Lišta", "Hledat", "tlačítko"]);
}

#[test]
fn sections_are_passed_over() {
    let (mut listener, _) = Listener::on(board());
    assert_eq!(
        listener.press(TactileKey::NextSection),
        ["Lišta", "Celá deska", "tlačítko"]
    );
    listener.press(TactileKey::NextSection);
    assert_eq!(
        listener.narrator.focused().unwrap().label,
        "Úřední deska, 14:32"
    );
    listener.press(TactileKey::PreviousSection);
    assert_eq!(listener.narrator.focused().unwrap().label, "Celá deska");
    listener.press(TactileKey::PreviousSection);
    assert_eq!(listener.narrator.focused().unwrap().label, "Vše 38");
}

#[test]
fn acting_opens_and_back_returns_to_the_same_place() {
    let (mut listener, _) = Listener::on(board());
    listener.press(TactileKey::Next);
    assert!(listener.press(TactileKey::Act).is_empty());
    assert_eq!(
        listener.wants,
        [Effect::Act(key("Všechna oznámení/Záměr pronájmu"))]
    );
    // Its name, its text up to the first control, and that control.
    assert_eq!(
        listener.see(notice()),
        [
            "Oznámení: Záměr pronájmu",
            "do 6. 12. 2026 včetně",
            "Zpět na seznam",
            "tlačítko",
        ]
    );
    listener.wants.clear();
    listener.press(TactileKey::Back);
    assert_eq!(
        listener.wants,
        [Effect::Act(key("Oznámení: Záměr pronájmu"))]
    );
    assert_eq!(
        listener.see(board()),
        ["Všechna oznámení", "Záměr pronájmu", "tlačítko"]
    );
}

#[test]
fn the_outcome_of_an_action_is_announced() {
    let (mut listener, _) = Listener::on(notice());
    listener.press(TactileKey::Next);
    listener.press(TactileKey::Next);
    listener.press(TactileKey::Act);
    let mut second = notice();
    second.elements[3].label = "strana 2 ze 2".to_owned();
    second.elements[4].enabled = false;
    assert_eq!(
        listener.see(second.clone()),
        ["teď nelze použít", "strana 2 ze 2"]
    );
    // Nothing changed: nothing is said.
    assert!(listener.see(second).is_empty());
    assert_eq!(listener.press(TactileKey::Act), ["teď nelze použít"]);
}

#[test]
fn switches_say_their_state() {
    let switch = |on| {
        let mut now = board();
        now.elements[5].checked = Some(on);
        now
    };
    let (mut listener, _) = Listener::on(switch(false));
    listener.press(TactileKey::Previous);
    let said = listener.press(TactileKey::Previous);
    assert_eq!(said.last().unwrap(), "tlačítko, vypnuto");
    listener.press(TactileKey::Act);
    assert_eq!(listener.see(switch(true)), ["zapnuto"]);
}

#[test]
fn a_dialog_in_front_takes_the_focus_and_gives_it_back() {
    let (mut listener, _) = Listener::on(board());
    listener.press(TactileKey::Next);
    let dialog = || {
        let sketch = Sketch::new()
            .add("Dialog: Čtete ještě?", Role::Text, "Za 20 sekund")
            .add("Dialog: Čtete ještě?", Role::Button, "Ještě čtu");
        ScreenNow {
            asks_for_a_sign: true,
            ..bar(sketch).now()
        }
    };
    let effects = listener.narrator.screen(dialog());
    assert!(
        !listener.narrator.keeps_awake(),
        "a warning is no sign of life"
    );
    assert_eq!(
        listener.hear(effects),
        [
            "Dialog: Čtete ještě?",
            "Za 20 sekund",
            "Ještě čtu",
            "tlačítko"
        ]
    );
    let said = listener.see(board());
    assert_eq!(said, ["Všechna oznámení", "Záměr pronájmu", "tlačítko"]);
}

#[test]
fn every_action_interrupts_and_the_last_message_can_be_repeated() {
    let mut narrator = Narrator::default();
    narrator.switch_on(board(), Listening::Private);
    let effects = narrator.press(TactileKey::Next);
    assert_eq!(effects[0], Effect::Silence);
    assert!(narrator.keeps_awake());
    let Effect::Say(first) = &effects[1] else {
        panic!("{effects:?}");
    };
    assert_eq!(first.text, "Záměr pronájmu");
    // An interrupted utterance never counts as said.
    assert!(narrator.said(first.number - 1).is_empty());
    assert_eq!(narrator.press(TactileKey::Quiet), [Effect::Silence]);
    assert!(narrator.speaking().is_none());
    assert!(!narrator.keeps_awake());
    let effects = narrator.press(TactileKey::Repeat);
    assert!(
        matches!(&effects[..], [Effect::Say(again)] if again.text == first.text && again.number > first.number)
    );
}

#[test]
fn rate_and_volume_change_and_are_back_after_use() {
    let (mut listener, _) = Listener::on(board());
    assert_eq!(listener.press(TactileKey::Faster), ["Rychlost 5 z 9"]);
    assert_eq!(listener.press(TactileKey::Louder), ["Hlasitost 5 z 9"]);
    let effects = listener.narrator.press(TactileKey::Next);
    let louder = Volume::default().louder();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Say(said) if said.volume == louder && said.rate > Rate::default())));
    listener.narrator.switch_off(false);
    let effects = listener.narrator.switch_on(board(), Listening::Private);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Say(said) if said.volume == Volume::default() && said.rate == Rate::default())));
}

#[test]
fn switching_off_says_so_or_is_silent_when_nobody_is_there() {
    let (mut listener, _) = Listener::on(board());
    let effects = listener.narrator.switch_off(true);
    assert_eq!(listener.hear(effects), ["Předčítání je vypnuto."]);
    assert!(!listener.narrator.is_on());
    let (mut listener, _) = Listener::on(board());
    listener.narrator.press(TactileKey::Next);
    assert_eq!(listener.narrator.switch_off(false), [Effect::Silence]);
    assert!(
        listener.press(TactileKey::Act).is_empty(),
        "nothing acts while it is off"
    );
    listener.press(TactileKey::Next);
    assert_eq!(listener.wants, [Effect::Want(Want::ToggleSpeech)]);
}

#[test]
fn the_first_touch_speaks_and_the_second_acts() {
    let (mut listener, _) = Listener::on(board());
    assert_eq!(
        listener.touch(100.0, 250.0, 0),
        ["Záměr pronájmu", "tlačítko"]
    );
    assert!(listener.wants.is_empty());
    listener.touch(100.0, 250.0, 5_000);
    assert_eq!(
        listener.wants,
        [Effect::Act(key("Všechna oznámení/Záměr pronájmu"))]
    );
    // The bar too.
    listener.wants.clear();
    listener.touch(100.0, 450.0, 9_000);
    assert!(listener.wants.is_empty());
    listener.touch(100.0, 450.0, 12_000);
    assert_eq!(listener.wants, [Effect::Act(key("Lišta/Celá deska"))]);
}

#[test]
fn a_sliding_finger_only_speaks() {
    let (mut listener, _) = Listener::on(board());
    let mut slide = |phase, y, at| {
        let effects = listener.narrator.explore(Finger {
            phase,
            x: 10.0,
            y,
            at: Duration::from_millis(at),
        });
        listener.hear(effects)
    };
    assert_eq!(slide(FingerPhase::Down, 150.0, 0), ["Vše 38", "tlačítko"]);
    assert_eq!(
        slide(FingerPhase::Move, 250.0, 20),
        ["Záměr pronájmu", "tlačítko"]
    );
    assert!(slide(FingerPhase::Move, 260.0, 40).is_empty());
    assert!(slide(FingerPhase::Up, 260.0, 60).is_empty());
    assert!(listener.wants.is_empty());
    // It has been spoken; the next touch activates it, unless the finger slides away.
    let mut again = |phase, y| {
        listener.narrator.explore(Finger {
            phase,
            x: 10.0,
            y,
            at: Duration::from_secs(9),
        })
    };
    again(FingerPhase::Down, 260.0);
    again(FingerPhase::Move, 350.0);
    let effects = again(FingerPhase::Up, 350.0);
    assert!(effects.is_empty(), "{effects:?}");
}

#[test]
fn a_double_touch_beside_everything_acts_on_what_was_spoken() {
    let (mut listener, _) = Listener::on(board());
    listener.touch(100.0, 250.0, 0);
    listener.touch(900.0, 900.0, 10_000);
    assert!(listener.wants.is_empty());
    listener.touch(900.0, 900.0, 10_300);
    assert_eq!(
        listener.wants,
        [Effect::Act(key("Všechna oznámení/Záměr pronájmu"))]
    );
}

#[test]
fn a_list_goes_on_before_it_is_left() {
    let list = |offset: f32, labels: [&str; 2]| {
        let mut sketch = Sketch::new();
        for (position, label) in labels.iter().enumerate() {
            sketch = sketch.add("Oznámení", Role::Button, label).with(|element| {
                let place = Rect {
                    x: 0.0,
                    y: 200.0 + position as f32 * 100.0,
                    width: 500.0,
                    height: 100.0,
                };
                (element.y, element.whole) = (place.y, place);
                element.scroller = Some(Scroller {
                    key: key("list"),
                    place: Rect {
                        y: 200.0,
                        height: 200.0,
                        ..place
                    },
                    offset,
                    most: 200.0,
                });
            });
        }
        bar(sketch).now()
    };
    let (mut listener, _) = Listener::on(list(0.0, ["první", "druhé"]));
    listener.press(TactileKey::Next);
    assert!(listener.press(TactileKey::Next).is_empty());
    assert_eq!(
        listener.wants,
        [Effect::Scroll {
            key: key("list"),
            offset: 100.0
        }]
    );
    // The card of the first now shows the second.
    assert_eq!(
        listener.see(list(100.0, ["druhé", "třetí"])),
        ["třetí", "tlačítko"]
    );
    listener.wants.clear();
    listener.press(TactileKey::Next);
    assert_eq!(
        listener.see(list(200.0, ["třetí", "čtvrté"])),
        ["čtvrté", "tlačítko"]
    );
    // At its end the scroller is left.
    assert_eq!(
        listener.press(TactileKey::Next),
        ["Lišta", "Celá deska", "tlačítko"]
    );
}

#[test]
fn a_list_that_does_not_move_is_no_trap() {
    let mut now = board();
    let last = now.elements[3].whole;
    now.elements[3].scroller = Some(Scroller {
        key: key("list"),
        place: last,
        offset: 0.0,
        most: 900.0,
    });
    now.elements[3].whole.y += 50.0;
    let (mut listener, _) = Listener::on(now.clone());
    listener.press(TactileKey::Next);
    listener.press(TactileKey::Next);
    listener.press(TactileKey::Next);
    assert_eq!(listener.see(now), ["Lišta", "Celá deska", "tlačítko"]);
}

fn page(number: usize, sentences: &[&str]) -> PageText {
    PageText::Page(ReadablePage {
        page: number,
        pages: 2,
        sentences: sentences.iter().map(|text| (*text).to_owned()).collect(),
        recognised: true,
        doubtful: number == 1,
        language: Language::Czech,
        cut: false,
    })
}

#[test]
fn a_document_is_read_page_by_page_until_its_end() {
    let (mut listener, _) = Listener::on(notice());
    assert!(listener.press(TactileKey::ReadDocument).is_empty());
    assert_eq!(listener.wants, [Effect::ReadPage(PageWanted::Open)]);
    let effects = listener
        .narrator
        .page_text(page(0, &["První věta.", "Druhá věta."]));
    assert_eq!(
        listener.hear(effects),
        [
            "Strana 1 ze 2.",
            "Text je rozpoznán strojem a může obsahovat chyby.",
            "První věta.",
            "Druhá věta.",
        ]
    );
    assert_eq!(
        listener.wants.last(),
        Some(&Effect::ReadPage(PageWanted::Number(1)))
    );
    // The screen follows; that is not announced twice.
    let mut second = notice();
    second.elements[3].label = "strana 2 ze 2".to_owned();
    assert!(listener.see(second).is_empty());
    let effects = listener.narrator.page_text(page(1, &["Třetí věta."]));
    assert_eq!(
        listener.hear(effects),
        [
            "Strana 2 ze 2.",
            "Na této straně je rozpoznání velmi nejisté.",
            "Třetí věta.",
            "Konec dokumentu.",
        ]
    );
    assert!(!listener.narrator.is_reading_document());
}

#[test]
fn an_interrupted_document_goes_on_with_the_sentence_that_was_cut() {
    let mut narrator = Narrator::default();
    narrator.switch_on(notice(), Listening::Private);
    narrator.press(TactileKey::ReadDocument);
    let mut effects = narrator.page_text(page(0, &["První věta.", "Druhá věta."]));
    let said = |effects: &[Effect]| match effects {
        [Effect::Say(said)] => said.clone(),
        other => panic!("{other:?}"),
    };
    while said(&effects).text != "Druhá věta." {
        effects = narrator.said(said(&effects).number);
    }
    assert_eq!(narrator.press(TactileKey::Quiet), [Effect::Silence]);
    assert!(!narrator.keeps_awake());
    assert_eq!(
        said(&narrator.press(TactileKey::Repeat)).text,
        "Druhá věta."
    );
    // A change of volume in between is announced; then the same sentence again.
    let effects = narrator.press(TactileKey::Louder);
    let aside = effects.last().unwrap().clone();
    let number = said(&[aside]).number;
    assert_eq!(said(&narrator.said(number)).text, "Druhá věta.");
    // Any other action ends the reading.
    narrator.press(TactileKey::Next);
    assert!(!narrator.is_reading_document());
}

#[test]
fn a_document_without_text_says_where_to_get_one() {
    let (mut listener, _) = Listener::on(notice());
    listener.press(TactileKey::ReadDocument);
    let effects = listener.narrator.page_text(PageText::NoText {
        elsewhere: "Kopii dá podatelna.".to_owned(),
    });
    assert_eq!(
        listener.hear(effects),
        [
            "Tento dokument nemá text, který by šel přečíst.",
            "Kopii dá podatelna.",
        ]
    );
}

#[test]
fn an_interface_in_german_reads_the_record_in_czech() {
    let mut now = board();
    now.language = Language::German;
    now.record = vec![RecordTexts::from_iter(["Záměr pronájmu".to_owned()])];
    let mut narrator = Narrator::default();
    narrator.switch_on(now, Listening::Private);
    let mut effects = narrator.press(TactileKey::Next);
    let mut said = Vec::new();
    while let Some(Effect::Say(utterance)) = effects.pop() {
        effects = narrator.said(utterance.number);
        said.push((utterance.text, utterance.language));
    }
    assert_eq!(
        said,
        [
            ("Záměr pronájmu".to_owned(), Language::Czech),
            ("Schaltfläche".to_owned(), Language::German),
        ]
    );
}

#[test]
fn another_language_is_told_in_that_language_at_the_same_place() {
    let (mut listener, _) = Listener::on(board());
    listener.press(TactileKey::NextSection);
    let mut german = board();
    german.language = Language::German;
    for element in &mut german.elements {
        element.label = format!("{} auf Deutsch", element.label);
    }
    let said = listener.see(german);
    assert_eq!(said.last().unwrap(), "Schaltfläche");
    assert_eq!(
        listener.narrator.focused().unwrap().label,
        "Celá deska auf Deutsch"
    );
}

#[test]
fn nothing_on_the_screen_is_no_reason_to_fail() {
    let (mut listener, _) = Listener::on(ScreenNow::default());
    for key in [
        TactileKey::Next,
        TactileKey::Previous,
        TactileKey::NextSection,
        TactileKey::PreviousSection,
        TactileKey::Bar,
        TactileKey::Act,
        TactileKey::Repeat,
        TactileKey::Back,
    ] {
        listener.press(key);
    }
    listener.touch(1.0, 1.0, 0);
}

mod random {
    use proptest::prelude::*;

    use super::*;

    fn screens() -> impl Strategy<Value = ScreenNow> {
        prop_oneof![Just(board()), Just(notice()), Just(ScreenNow::default())]
    }

    #[derive(Debug, Clone)]
    enum Act {
        Key(TactileKey),
        See(ScreenNow),
        Touch(f32, f32),
        Said,
    }

    fn acts() -> impl Strategy<Value = Act> {
        let keys = prop::sample::select(vec![
            TactileKey::Next,
            TactileKey::Previous,
            TactileKey::NextSection,
            TactileKey::PreviousSection,
            TactileKey::Act,
            TactileKey::Back,
            TactileKey::Repeat,
            TactileKey::Quiet,
            TactileKey::Louder,
            TactileKey::ReadDocument,
        ]);
        prop_oneof![
            5 => keys.prop_map(Act::Key),
            2 => screens().prop_map(Act::See),
            2 => (0.0..600.0_f32, 0.0..800.0_f32).prop_map(|(x, y)| Act::Touch(x, y)),
            3 => Just(Act::Said),
        ]
    }

    proptest! {
        #[test]
        fn the_focus_is_always_on_something_that_is_there(acts in prop::collection::vec(acts(), 1..60)) {
            let (mut listener, _) = Listener::on(board());
            for act in acts {
                match act {
                    Act::Key(key) => { listener.narrator.press(key); }
                    Act::See(now) => { listener.narrator.screen(now); }
                    Act::Touch(x, y) => { listener.touch(x, y, 0); }
                    Act::Said => {
                        if let Some(number) = listener.narrator.speaking().map(|said| said.number) {
                            listener.narrator.said(number);
                        }
                    }
                }
                let count = listener.narrator.elements.len();
                if let Some(index) = listener.narrator.focus.index(&listener.narrator.elements) {
                    prop_assert!(index < count);
                }
            }
            // From any element, moving on passes all of them.
            listener.narrator.screen(board());
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..8 {
                listener.narrator.press(TactileKey::Next);
                seen.extend(listener.narrator.focused().map(|element| element.label.clone()));
            }
            prop_assert_eq!(seen.len(), 6);
        }
    }
}
