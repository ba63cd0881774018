//! A visit by keys alone, heard at the speech sink: nothing on the screen is looked at.

mod town;

use std::collections::BTreeSet;
use std::time::Duration;

use slint::platform::Key;
use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::speech::utterance::{Rate, Utterance, Volume};
use vyveska::ui::view_model::Screen;
use vyveska_board::Language;

/// A visitor who only hears.
struct Visitor {
    kiosk: HeadlessKiosk,
}

impl Visitor {
    /// Presses a key and hears all that is said of it.
    fn press(&self, key: Key) -> Vec<String> {
        self.hear(|| self.kiosk.press(key))
    }

    fn hear(&self, act: impl FnOnce()) -> Vec<String> {
        self.listen(act)
            .into_iter()
            .map(|utterance| utterance.text)
            .collect()
    }

    fn listen(&self, act: impl FnOnce()) -> Vec<Utterance> {
        self.kiosk.speech().take();
        act();
        self.kiosk.screen().settle(PATIENCE);
        // As long as something is said or the screen still changes.
        for _ in 0..500 {
            if self.kiosk.speech().speaking().is_none() {
                self.kiosk.screen().advance(Duration::from_millis(120));
                if self.kiosk.speech().speaking().is_none() {
                    break;
                }
            }
            self.kiosk.finish_speaking();
        }
        self.kiosk.speech().take()
    }

    /// Goes on until something with these words is said.
    #[track_caller]
    fn find(&self, words: &str) -> Vec<String> {
        let mut passed = Vec::new();
        for _ in 0..200 {
            let said = self.press(Key::DownArrow);
            if said.iter().any(|said| said.contains(words)) {
                return said;
            }
            passed.extend(said);
        }
        panic!("{words:?} is never said, only {passed:#?}");
    }
}

#[track_caller]
fn says(said: &[String], words: &str) {
    assert!(
        said.iter().any(|said| said.contains(words)),
        "{words:?} is said, not {said:#?}"
    );
}

#[test]
fn a_notice_is_found_opened_and_read_by_keys_and_speech_alone() {
    let town = Town::start();
    let kiosk = HeadlessKiosk::start(&town.options(1080, 1920)).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| {
            shown.screen == Screen::Idle && shown.board.total > 30
        })
        .unwrap();
    let visitor = Visitor { kiosk };

    // Without speech nothing is said and no key acts.
    assert!(visitor.press(Key::Return).is_empty());
    assert!(visitor.press(Key::Escape).is_empty());

    // Plugging headphones in begins it: how it is used, and what is in front.
    let said = visitor.press(Key::F9);
    says(&said, "Předčítání je zapnuto");
    says(&said, "Celá deska");
    assert_eq!(
        visitor.kiosk.shown().unwrap().screen,
        Screen::Board,
        "a visit has begun"
    );

    // The category, which stands among those unfolded, then a notice in it.
    visitor.find("Další…");
    visitor.press(Key::Return);
    visitor.press(Key::LeftArrow);
    says(&visitor.find("Rozpočet"), "tlačítko");
    let said = visitor.press(Key::Return);
    says(&said, "oznámení");
    let row = visitor.kiosk.shown().unwrap().board.rows[0].clone();
    let title = row.title.replace('\u{a0}', " ");
    let start: String = title.chars().take(20).collect();
    let said = visitor.find(&start);
    says(&said, "včetně");
    let said = visitor.press(Key::Return);
    says(&said, "Oznámení");
    says(&said, &start);
    says(&said, "Zpět");
    visitor
        .kiosk
        .until("the document", PATIENCE, |shown| {
            shown
                .notice
                .as_ref()
                .is_some_and(|notice| notice.viewer.page_count >= 2)
        })
        .unwrap();

    // Its pages.
    visitor.find("Další strana");
    says(&visitor.press(Key::Return), "strana 2");

    // Back, at the same place.
    let said = visitor.press(Key::Escape);
    says(&said, "Celá deska");
    says(&said, &start);

    // Louder and faster, a repetition, and silence.
    says(&visitor.press(Key::F6), "Hlasitost 5 z 9");
    says(&visitor.press(Key::F3), "Rychlost 5 z 9");
    says(&visitor.press(Key::F5), &start);
    let loud = visitor.listen(|| visitor.kiosk.press(Key::DownArrow));
    assert!(
        loud.iter()
            .all(|said| said.volume == Volume::default().louder())
    );
    assert!(visitor.press(Key::Space).is_empty());

    // Everything on the screen, and round again.
    visitor.press(Key::Home);
    let mut passed = BTreeSet::new();
    for _ in 0..80 {
        passed.extend(visitor.press(Key::DownArrow));
    }
    let passed: Vec<String> = passed.into_iter().collect();
    for words in [
        "Hledat",
        "Kontrast",
        "Ovládání níž",
        "Větší písmo",
        "Deutsch",
        "údaje z",
        "Úřední deska",
    ] {
        says(&passed, words);
    }

    // Another language speaks in its own voice; the record stays Czech.
    visitor.press(Key::End);
    visitor.find("Deutsch");
    let german = visitor.listen(|| visitor.kiosk.press(Key::Return));
    assert!(
        german.iter().any(|said| said.language == Language::German),
        "{german:#?}"
    );
    visitor.press(Key::Home);
    let mut languages = BTreeSet::new();
    for _ in 0..80 {
        let said = visitor.listen(|| visitor.kiosk.press(Key::DownArrow));
        if said.iter().any(|said| said.text.contains(&start)) {
            languages.extend(said.iter().map(|said| said.language.code()));
            break;
        }
    }
    assert_eq!(languages, BTreeSet::from(["cs", "de"]));

    // As long as somebody is read to, nobody has gone; then everything is back to its default.
    visitor.kiosk.press(Key::F1);
    visitor.kiosk.skip(Duration::from_secs(600));
    visitor.kiosk.screen().advance(Duration::from_secs(2));
    let shown = visitor.kiosk.shown().unwrap();
    assert_eq!((shown.screen, shown.countdown), (Screen::Board, None));
    visitor.kiosk.press(Key::Space);
    let said = visitor.hear(|| {
        visitor.kiosk.skip(Duration::from_secs(65));
        visitor
            .kiosk
            .until("the countdown", PATIENCE, |shown| shown.countdown.is_some())
            .unwrap();
    });
    says(&said, "Lesen Sie noch");
    visitor.kiosk.skip(Duration::from_secs(30));
    visitor
        .kiosk
        .until("idle", PATIENCE, |shown| shown.screen == Screen::Idle)
        .unwrap();
    visitor.kiosk.screen().advance(Duration::from_millis(200));
    assert_eq!(visitor.kiosk.speech().speaking(), None);
    assert!(!visitor.kiosk.shown().unwrap().look.speech);
    let said = visitor.listen(|| visitor.kiosk.press(Key::F8));
    assert!(said.iter().all(|said| said.volume == Volume::default()
        && said.rate == Rate::default()
        && said.language == Language::Czech));

    // The plug is pulled: silence at once, and not a word of it from the loudspeaker.
    visitor.kiosk.press(Key::F8);
    visitor.kiosk.screen().advance(Duration::from_millis(100));
    visitor.kiosk.stop();
}
