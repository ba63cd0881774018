//! Sessions from end to end by real touches, upright and with low reach.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod town;

use std::time::Duration;

use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::app::elements::Element;
use vyveska::ui::view_model::{NoticeView, Screen, ViewModel};

const SIZE: (u32, u32) = (1080, 1920);

/// Usable with gloves and in rain: the least size of a target, in millimetres.
const LEAST_TARGET_MM: f32 = 20.0;

/// A user whose touches are counted.
struct Visitor<'a> {
    kiosk: &'a HeadlessKiosk,
    mm: f32,
    touches: usize,
    /// Whether low reach is on.
    seated: bool,
}

/// The label, with ordinary spaces.
fn name(element: &Element) -> String {
    element.label.replace(['\u{a0}', '\n'], " ")
}

impl Visitor<'_> {
    fn shown(&self) -> ViewModel {
        self.kiosk.shown().unwrap()
    }

    fn notice(&self) -> NoticeView {
        self.shown().notice.expect("a notice is open")
    }

    fn settle(&self) {
        self.kiosk.until_settled(PATIENCE).unwrap();
    }

    /// Touches the first element whose label begins so.
    fn touch(&mut self, label: &str) {
        self.touch_where(label, |element| name(element).starts_with(label));
    }

    fn touch_where(&mut self, what: &str, wanted: impl Fn(&Element) -> bool) {
        let there = self.kiosk.touchable();
        let element = there
            .iter()
            .find(|element| wanted(element))
            .unwrap_or_else(|| {
                let labels: Vec<&str> =
                    there.iter().map(|element| element.label.as_str()).collect();
                panic!("{what:?} is not there to be touched, but {labels:?}")
            });
        for side in [element.whole.width, element.whole.height] {
            assert!(side * self.mm >= LEAST_TARGET_MM - self.mm, "{element:?}");
        }
        if self.seated {
            for element in &there {
                let above_ground = 700.0 + (SIZE.1 as f32 - element.y) * self.mm;
                assert!(
                    above_ground <= 1200.0 + self.mm,
                    "{above_ground} mm: {element:?}"
                );
            }
        }
        let (x, y) = element.middle();
        self.kiosk.screen().tap(x, y);
        self.touches += 1;
        self.settle();
    }

    /// Waits until the screen shows this label, as when texts have been prepared.
    fn waits_for(&self, label: &str) {
        let shows = || {
            let there = self.kiosk.touchable();
            there.iter().any(|element| name(element).contains(label))
        };
        self.kiosk.until(label, PATIENCE, |_| shows()).unwrap();
    }

    /// Touches an element that may be further down a list, after as many screens as it takes.
    fn touch_further(&mut self, label: &str, onwards: &str) {
        for _ in 0..40 {
            if self
                .kiosk
                .touchable()
                .iter()
                .any(|element| name(element).starts_with(label))
            {
                break;
            }
            self.touch(onwards);
        }
        self.touch(label);
    }

    fn goes_back_to_the_list(&mut self) {
        self.touch("Celá deska");
        assert_eq!(self.shown().screen, Screen::Board);
    }
}

/// A word of a document leads to its page; two pages on is the third.
fn finds_a_notice_by_search(visitor: &mut Visitor<'_>) {
    visitor.touches = 0;
    visitor.touch("Hledat");
    assert_eq!(visitor.shown().screen, Screen::Search);
    // „Ozdravování" is on the third page of the budget and nowhere else.
    for key in ["o", "z", "d"] {
        visitor.touch_where(key, |element| element.label == key);
    }
    visitor.waits_for("Návrh rozpočtu");
    visitor.touch_where("the budget", |element| {
        name(element).contains("Návrh rozpočtu")
    });
    assert_eq!(visitor.shown().screen, Screen::Notice);
    while visitor.notice().viewer.page < 3 {
        visitor.touch("Další strana");
    }
    assert!(visitor.touches <= 6, "{} touches", visitor.touches);
}

/// List → category → the notice with 34 attachments → attachment 30 → page 3 → larger → back twice.
fn reads_page_three_of_attachment_thirty(visitor: &mut Visitor<'_>) {
    visitor.goes_back_to_the_list();
    visitor.touch_further("Zastupitelstvo", "Další…");
    let chosen = visitor.shown().board;
    assert!(!chosen.all_chosen);
    visitor.touch_further("Podklady pro 21. zasedání", "Dolů");
    let place = visitor.shown().board.scroll;
    assert_eq!(visitor.notice().documents.len(), 34);
    visitor.touch("Příloha 1 ze 34");
    visitor.touch_further("Příloha 30 ze 34", "Níž");
    assert_eq!(visitor.notice().chosen, 29);
    while visitor.notice().viewer.page < 3 {
        // A page higher than the window is stepped through.
        visitor.touch_where("onwards", |element| {
            ["Další strana", "Níž"].contains(&name(element).as_str())
        });
    }
    let before = visitor.notice().viewer.content_width;
    visitor.touch("Zvětšit");
    assert!(visitor.notice().viewer.content_width > before);
    // Back to the attachments, and from there to the list.
    visitor.touch("Zpět");
    visitor.touch("Zpět");
    let shown = visitor.shown();
    assert_eq!(shown.screen, Screen::Board);
    assert!(!shown.board.all_chosen, "the category is still chosen");
    assert_eq!(
        shown.board.scroll, place,
        "the list stands where it was left"
    );
    visitor.touch("Vše");
    assert!(visitor.shown().board.all_chosen);
}

/// A search within one document finds while typing, and „back" keeps the position.
fn finds_words_in_the_document(visitor: &mut Visitor<'_>) {
    visitor.goes_back_to_the_list();
    visitor.touch_further("Návrh rozpočtu", "Dolů");
    assert_eq!(visitor.notice().viewer.page, 1);
    visitor.touch("Více");
    visitor.touch("Hledat v dokumentu");
    for key in ["o", "z", "d"] {
        visitor.touch_where(key, |element| element.label == key);
    }
    visitor.touch("Hotovo");
    let notice = visitor.notice();
    assert_eq!((notice.panel, notice.viewer.page), (None, 3));
    assert!(notice.find.count > 0 && !notice.viewer.marks.is_empty());
}

/// A user without a telephone is told where to get a paper copy.
fn learns_where_copies_are(visitor: &mut Visitor<'_>) {
    visitor.touch("Do mobilu");
    let there = visitor.kiosk.on_screen();
    for words in [
        "podatelna městského úřadu",
        "352 000 111",
        "po a st 8.00–17.00",
    ] {
        assert!(
            there.iter().any(|element| name(element).contains(words)),
            "{words}: {there:?}"
        );
    }
    visitor.touch("Zavřít");
}

/// A document that is not part of a notice is read like an attachment, and „back" leads to where it was chosen.
fn reads_the_strategic_plan(visitor: &mut Visitor<'_>) {
    goes_to_the_information(visitor);
    visitor.touch_further("Strategické dokumenty", "Dolů");
    visitor.touch_further("Přečíst zde: Strategický plán", "Dolů");
    let six_pages = |shown: &ViewModel| {
        let notice = shown.notice.as_ref();
        notice.is_some_and(|notice| {
            notice.viewer.page_count == 6 && notice.viewer.pages[0].picture.is_some()
        })
    };
    visitor
        .kiosk
        .until("the plan", PATIENCE, six_pages)
        .unwrap();
    let plan = visitor.notice();
    assert!(plan.published && plan.has_text && plan.qr_code.is_some());
    assert_eq!(plan.row.until, "");
    while visitor.notice().viewer.page < 2 {
        visitor.touch_where("onwards", |element| {
            ["Další strana", "Níž"].contains(&name(element).as_str())
        });
    }
    visitor.touch("Více");
    visitor.touch("Hledat v dokumentu");
    // „Vsakovací" is on the fifth page and nowhere else.
    for key in ["v", "s", "a", "k"] {
        visitor.touch_where(key, |element| element.label == key);
    }
    visitor.touch("Hotovo");
    assert_eq!(visitor.notice().viewer.page, 5);
    visitor.touch("Číst jako text");
    assert!(visitor.notice().text.is_some());
    visitor.touch("Zpět");
    let shown = visitor.shown();
    assert_eq!(shown.screen, Screen::Information);
    visitor.touch_further("Přečíst zde: Strategický plán", "Dolů");
    visitor.goes_back_to_the_list();
}

fn goes_to_the_information(visitor: &mut Visitor<'_>) {
    visitor.goes_back_to_the_list();
    let there = visitor.kiosk.touchable();
    let offers = |words: &str| there.iter().any(|element| name(element).starts_with(words));
    // Behind „Další…", unless that is open already.
    if !offers("Informace města") && offers("Další…") {
        visitor.touch("Další…");
    }
    visitor.touch_further("Informace města", "Dolů");
}

/// One touch answers; the second question is optional.
fn answers_the_survey(visitor: &mut Visitor<'_>) {
    goes_to_the_information(visitor);
    visitor.touch_further("Jak se vám u nás vedlo?", "Dolů");
    assert_eq!(visitor.shown().screen, Screen::Survey);
    visitor.touch("spíše dobře");
    visitor.touch("To je vše");
    visitor.goes_back_to_the_list();
}

#[test]
fn a_stranger_gets_there_standing_and_seated() {
    let town = Town::start();
    town.prepare();
    let options = town.options(SIZE.0, SIZE.1);
    let kiosk = HeadlessKiosk::start_unhurried(&options).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    let mut visitor = Visitor {
        kiosk: &kiosk,
        mm: 25.4 * options.panel.diagonal_inches / f32::hypot(SIZE.0 as f32, SIZE.1 as f32),
        touches: 0,
        seated: false,
    };
    for seated in [false, true] {
        // The session before has ended, and its query is gone.
        kiosk.skip(Duration::from_secs(600));
        kiosk
            .until("the idle screen", PATIENCE, |shown| {
                shown.screen == Screen::Idle
            })
            .unwrap();
        visitor.goes_back_to_the_list();
        if seated {
            visitor.touch("Ovládání níž");
            visitor.seated = true;
        }
        finds_a_notice_by_search(&mut visitor);
        reads_page_three_of_attachment_thirty(&mut visitor);
        finds_words_in_the_document(&mut visitor);
        learns_where_copies_are(&mut visitor);
        reads_the_strategic_plan(&mut visitor);
        answers_the_survey(&mut visitor);
    }
    // The answers are sent when the kiosk next asks for the board.
    town.alert();
    kiosk
        .until("both answers at central", PATIENCE, |_| {
            let counted = town.runtime.block_on(town.central.count_answers());
            let mut counted = counted.unwrap().into_iter();
            counted.any(|answer| answer.answer == "4" && answer.count == 2)
        })
        .unwrap();
    kiosk.stop();
}
