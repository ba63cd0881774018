//! Sessions by keys alone, observed at the speech sink: the way is found without looking at the screen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod town;

use std::collections::BTreeSet;
use std::time::Duration;

use slint::platform::Key;
use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::speech::utterance::{Rate, Utterance, Volume};
use vyveska::ui::view_model::{Screen, ViewModel};
use vyveska_board::Language;

/// After this long without an utterance everything is said.
const SILENCE: Duration = Duration::from_millis(1000);

/// Letters that neither German nor English has.
const CZECH_LETTERS: &[char] = &['ě', 'š', 'č', 'ř', 'ž', 'ý', 'ů', 'ť', 'ď', 'ň', 'í', 'á'];

/// The most key presses on the way to an element.
const MOST_KEYS: usize = 150;

/// A user who only hears.
struct Visitor<'a> {
    kiosk: &'a HeadlessKiosk,
}

impl Visitor<'_> {
    fn shown(&self) -> ViewModel {
        self.kiosk.shown().unwrap()
    }

    /// Presses a key and returns everything said because of it.
    fn press(&self, key: Key) -> Vec<String> {
        words(self.listen(|| self.kiosk.press(key)))
    }

    /// Returns everything said until silence, each sentence to its end.
    fn listen(&self, act: impl FnOnce()) -> Vec<Utterance> {
        self.kiosk.speech().take();
        act();
        loop {
            if self.kiosk.speech().speaking().is_none() {
                // What a worker still has to reply is announced too.
                self.kiosk.until_settled(PATIENCE).unwrap();
                self.kiosk.screen().advance(SILENCE);
                if self.kiosk.speech().speaking().is_none() {
                    break;
                }
            }
            self.kiosk.finish_speaking();
        }
        self.kiosk.speech().take()
    }

    /// Presses a key until the focus has this name.
    #[track_caller]
    fn find_by(&self, key: Key, name: &str) -> Vec<String> {
        self.find_one_of(key, &[name])
    }

    #[track_caller]
    fn find_one_of(&self, key: Key, names: &[&str]) -> Vec<String> {
        let mut passed = Vec::new();
        for _ in 0..MOST_KEYS {
            let said = self.press(key);
            let is_called = |said: &String| names.iter().any(|name| said.starts_with(name));
            if said.iter().any(is_called) {
                return said;
            }
            passed.extend(said);
        }
        panic!("{names:?} is never said, only {passed:#?}");
    }

    /// Moves on until the focus has this name.
    #[track_caller]
    fn find(&self, name: &str) -> Vec<String> {
        self.find_by(Key::DownArrow, name)
    }

    /// Moves on to an element and activates it.
    #[track_caller]
    fn choose(&self, name: &str) -> Vec<String> {
        self.find(name);
        self.press(Key::Return)
    }

    /// Finds letters on the on-screen keyboard, one after the other; returns what the field contains after each.
    #[track_caller]
    fn type_letters(&self, letters: &[&str]) -> Vec<String> {
        let mut typed = String::new();
        let mut heard = Vec::new();
        for letter in letters {
            typed.push_str(letter);
            heard = (0..MOST_KEYS)
                .find_map(|_| {
                    // The letters of one row, then those of the next.
                    let said = self.press(Key::DownArrow);
                    let is_it = said.first().is_some_and(|said| said == letter);
                    is_it.then(|| self.press(Key::Return))
                })
                .unwrap_or_else(|| panic!("{letter:?} is not on the keyboard"));
            says(&heard, &typed);
        }
        heard
    }

    /// Moves on through a document until its third page is announced.
    #[track_caller]
    fn turn_to_page_three(&self) {
        // A page higher than the window is stepped through.
        let mut said = self.find_one_of(Key::DownArrow, &["Další strana", "Níž"]);
        for _ in 0..20 {
            if said.iter().any(|said| said.starts_with("strana 3")) {
                return;
            }
            said = self.press(Key::Return);
        }
        panic!("page 3 is never announced, last {said:?}");
    }
}

fn words(said: Vec<Utterance>) -> Vec<String> {
    said.into_iter().map(|utterance| utterance.text).collect()
}

#[track_caller]
fn says(said: &[String], words: &str) {
    assert!(
        said.iter().any(|said| said.contains(words)),
        "{words:?} is said, not {said:#?}"
    );
}

/// Without speech nothing is said and no key has an effect; headphones start it.
fn begins_with_headphones(visitor: &Visitor<'_>) {
    assert!(visitor.press(Key::Return).is_empty());
    assert!(visitor.press(Key::Escape).is_empty());
    let said = visitor.press(Key::F9);
    says(&said, "Předčítání je zapnuto");
    says(&said, "Celá deska");
    says(&said, "Na desce visí");
    assert_eq!(visitor.shown().screen, Screen::Board, "a session has begun");
}

/// A word of a document is typed on the on-screen keyboard; the result opens its page, and page 3 is read.
fn finds_a_notice_by_search(visitor: &Visitor<'_>) {
    let said = visitor.press(Key::End);
    says(&said, "Lišta dole");
    let said = visitor.choose("Hledat");
    says(&said, "Hledat");
    says(&said, "textové pole");
    says(&said, "prázdné");
    visitor.find_by(Key::RightArrow, "Klávesnice");
    // „Ozdravování" is on the third page of the budget and nowhere else.
    says(&visitor.type_letters(&["o", "z", "d"]), "nalezen");
    visitor
        .kiosk
        .until("the budget to be found", PATIENCE, |shown| {
            let found = &shown.search.found;
            found.iter().any(|row| row.title.contains("rozpočtu"))
        })
        .unwrap();
    // The keyboard is hidden, the list stays.
    visitor.press(Key::Escape);
    let said = visitor.find("Návrh rozpočtu");
    says(&said, "strana");
    let said = visitor.press(Key::Return);
    says(&said, "Oznámení: ");
    says(&said, "Návrh rozpočtu");
    says(&said, "Zpět");
    assert_eq!(visitor.shown().screen, Screen::Notice);
    if visitor.shown().notice.unwrap().viewer.page != 3 {
        visitor.turn_to_page_three();
    }
    assert_eq!(visitor.shown().notice.unwrap().viewer.page, 3);

    // It is read from there, in its own language, until a key is pressed; then on, slower and louder.
    let read = visitor.listen(|| {
        visitor.kiosk.press(Key::F7);
        visitor
            .kiosk
            .until("the text", PATIENCE, |_| {
                let spoken = visitor.kiosk.speech().spoken();
                spoken.iter().any(|said| said.text.starts_with("Strana 3"))
            })
            .unwrap();
    });
    assert!(read.iter().all(|said| said.language == Language::Czech));
    let read = words(read);
    says(&read[..1], "Strana 3 ze ");
    says(&read, "Ozdravování");
    says(&read, "Strana 4 ze ");
    says(&read, "Konec dokumentu");
    // The screen has followed.
    assert!(visitor.shown().notice.unwrap().viewer.page > 3);
}

/// Words are found in the open document, and the page of a hit is announced.
fn finds_words_in_the_document(visitor: &Visitor<'_>) {
    visitor.press(Key::Home);
    visitor.find("Návrh rozpočtu");
    visitor.press(Key::Return);
    assert_ne!(visitor.shown().notice.unwrap().viewer.page, 3);
    visitor.choose("Více");
    let said = visitor.choose("Hledat v dokumentu");
    says(&said, "Hledat v dokumentu");
    visitor.find_by(Key::RightArrow, "Klávesnice");
    says(&visitor.type_letters(&["o", "z", "d"]), "strana 3");
    // The keyboard is hidden; the position stays.
    visitor.press(Key::Escape);
    let notice = visitor.shown().notice.unwrap();
    assert_eq!((notice.panel, notice.viewer.page), (None, 3));
    says(&visitor.find("Ukončit"), "tlačítko");
}

/// List → category → the notice with 34 attachments → attachment 30 → page 3 → larger → back twice.
fn reads_page_three_of_attachment_thirty(visitor: &Visitor<'_>) {
    let said = visitor.press(Key::Home);
    says(&said, "Celá deska");
    visitor.choose("Další…");
    // The chosen one is among those listed.
    let said = visitor.choose("Zastupitelstvo");
    says(&said, "Celá deska, Zastupitelstvo");
    assert!(!visitor.shown().board.all_chosen);
    let row = visitor.find("Podklady pro 21. zasedání");
    says(&row, "vyvěšeno");
    let said = visitor.press(Key::Return);
    says(&said, "Oznámení: Podklady pro 21. zasedání");
    let place = visitor.shown().board.scroll;
    assert_eq!(visitor.shown().notice.unwrap().documents.len(), 34);
    let said = visitor.choose("Příloha 1 ze 34");
    says(&said, "Přílohy");
    says(&said, "Příloha 1");
    let said = visitor.choose("Příloha 30 ze 34");
    says(&said, "Příloha 30 ze 34");
    says(&said, "rozbalovací seznam");
    assert_eq!(visitor.shown().notice.unwrap().chosen, 29);
    visitor.turn_to_page_three();
    let before = visitor.shown().notice.unwrap().viewer.content_width;
    says(&visitor.choose("Zvětšit"), "Hotovo");
    assert!(visitor.shown().notice.unwrap().viewer.content_width > before);
    // Back to the attachments, and from there to the list.
    let said = visitor.press(Key::Escape);
    says(&said, "Přílohy");
    says(&said, "Příloha 30");
    let said = visitor.press(Key::Escape);
    says(&said, "Zastupitelstvo");
    says(&said, "Podklady pro 21. zasedání");
    let shown = visitor.shown();
    assert_eq!(shown.screen, Screen::Board);
    assert!(!shown.board.all_chosen, "the category is still chosen");
    assert_eq!(
        shown.board.scroll, place,
        "the list stands where it was left"
    );
}

/// Volume, rate, repetition, silence.
fn sets_the_voice(visitor: &Visitor<'_>) {
    visitor.press(Key::Home);
    let said = visitor.press(Key::DownArrow);
    says(&visitor.press(Key::F6), "Hlasitost 5 z 9");
    says(&visitor.press(Key::F4), "Hlasitost 4 z 9");
    says(&visitor.press(Key::F6), "Hlasitost 5 z 9");
    says(&visitor.press(Key::F3), "Rychlost 5 z 9");
    says(&visitor.press(Key::F2), "Rychlost 4 z 9");
    says(&visitor.press(Key::F2), "Rychlost 3 z 9");
    assert_eq!(visitor.press(Key::F5), said, "the same again");
    let loud = visitor.listen(|| visitor.kiosk.press(Key::DownArrow));
    assert!(
        loud.iter()
            .all(|said| said.volume == Volume::default().louder()
                && said.rate == Rate::default().slower())
    );
    assert!(visitor.press(Key::Space).is_empty());
    let help = visitor.press(Key::F1);
    says(&help, "Mezerník: ticho");
}

/// All elements of the screen, once round.
fn goes_round(visitor: &Visitor<'_>) {
    visitor.press(Key::Home);
    let mut passed = BTreeSet::new();
    for _ in 0..MOST_KEYS {
        let said = visitor.press(Key::DownArrow);
        let round = said.iter().any(|said| said == "Znovu od začátku.");
        passed.extend(said);
        if round {
            break;
        }
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
}

/// Another language has its own voice; the record stays Czech.
fn hears_german(visitor: &Visitor<'_>) {
    visitor.press(Key::End);
    visitor.find("Deutsch");
    let german = visitor.listen(|| visitor.kiosk.press(Key::Return));
    assert!(
        german.iter().any(|said| said.language == Language::German),
        "{german:#?}"
    );
    visitor.press(Key::Home);
    let row = visitor.shown().board.rows[0].title.replace('\u{a0}', " ");
    let start: String = row.chars().take(20).collect();
    let languages = (0..MOST_KEYS).find_map(|_| {
        let said = visitor.listen(|| visitor.kiosk.press(Key::DownArrow));
        let title = said.iter().any(|said| said.text.contains(&start));
        let languages = said.iter().map(|said| said.language.code());
        title.then(|| languages.collect::<BTreeSet<_>>())
    });
    assert_eq!(languages, Some(BTreeSet::from(["cs", "de"])));
    // Once round: every text with a Czech letter is said by the Czech voice.
    visitor.press(Key::Home);
    for _ in 0..MOST_KEYS {
        let said = visitor.listen(|| visitor.kiosk.press(Key::DownArrow));
        let wrong = said
            .iter()
            .find(|said| said.language != Language::Czech && said.text.contains(CZECH_LETTERS));
        assert_eq!(wrong, None);
        if said
            .iter()
            .any(|said| said.text.starts_with("Wieder von vorn"))
        {
            break;
        }
    }
}

/// Reading aloud prevents the idle reset; after it everything is back to its default.
fn is_forgotten(visitor: &Visitor<'_>) {
    visitor.kiosk.press(Key::F1);
    visitor.kiosk.skip(Duration::from_secs(600));
    visitor.kiosk.screen().advance(Duration::from_millis(1200));
    let shown = visitor.shown();
    assert_eq!((shown.screen, shown.countdown), (Screen::Board, None));
    visitor.kiosk.press(Key::Space);
    let asked = words(visitor.listen(|| {
        visitor.kiosk.skip(Duration::from_secs(65));
        visitor
            .kiosk
            .until("the countdown", PATIENCE, |shown| shown.countdown.is_some())
            .unwrap();
    }));
    says(&asked, "Lesen Sie noch");
    visitor.kiosk.skip(Duration::from_secs(30));
    visitor
        .kiosk
        .until("idle", PATIENCE, |shown| shown.screen == Screen::Idle)
        .unwrap();
    visitor.kiosk.screen().advance(Duration::from_millis(200));
    assert_eq!(visitor.kiosk.speech().speaking(), None);
    assert!(!visitor.shown().look.speech);
    let said = visitor.listen(|| visitor.kiosk.press(Key::F8));
    assert!(
        said.iter().all(|said| said.volume == Volume::default()
            && said.rate == Rate::default()
            && said.language == Language::Czech),
        "{said:#?}"
    );
    says(&words(said), "Předčítání je zapnuto");
}

/// Unplugged: silent at once, and nothing from the loudspeaker.
fn pulls_the_plug(visitor: &Visitor<'_>) {
    visitor.kiosk.press(Key::F1);
    assert!(visitor.kiosk.speech().speaking().is_some());
    visitor.kiosk.speech().take();
    visitor.kiosk.press(Key::F9);
    assert_eq!(visitor.kiosk.speech().speaking(), None);
    assert!(visitor.kiosk.speech().take().is_empty());
    assert!(!visitor.shown().look.speech);
}

#[test]
fn somebody_who_sees_nothing_gets_everywhere() {
    let town = Town::start();
    town.prepare();
    let kiosk = HeadlessKiosk::start_unhurried(&town.options(1080, 1920)).unwrap();
    kiosk.screen().paint_only_for_pictures();
    kiosk
        .until("the board", PATIENCE, |shown| {
            shown.screen == Screen::Idle && shown.board.total > 30
        })
        .unwrap();
    let visitor = Visitor { kiosk: &kiosk };
    begins_with_headphones(&visitor);
    finds_a_notice_by_search(&visitor);
    finds_words_in_the_document(&visitor);
    reads_page_three_of_attachment_thirty(&visitor);
    sets_the_voice(&visitor);
    goes_round(&visitor);
    hears_german(&visitor);
    is_forgotten(&visitor);
    pulls_the_plug(&visitor);
    kiosk.stop();
}
