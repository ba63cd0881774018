//! What has to be readable, within reach or in view on the list and the notice, in any space.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use slint::ComponentHandle;
use vyveska::app::elements;
use vyveska::state::{Event, InformationIntent, Intent, ReadingIntent, TextSize, ToolPanel};
use vyveska::ui::view_model::ViewModel;

use crate::spoken::visible_texts;
use crate::touch::{centre_of, find};
use crate::{Kiosk, scenes};

const UPRIGHT: (u32, u32) = (1080, 1920);
const LYING: (u32, u32) = (1920, 1080);

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn drawn(kiosk: &Kiosk) -> Vec<String> {
    let texts = visible_texts(kiosk).into_iter();
    texts.map(|(_, text)| plain(&text)).collect()
}

/// Upright and lying, with and without low reach.
fn everywhere(mut look: impl FnMut(&mut Kiosk, bool, &str)) {
    let mut kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, |_| ());
    for (width, height) in [UPRIGHT, LYING] {
        kiosk.headless.resize(width, height);
        for reach in [false, true] {
            look(
                &mut kiosk,
                reach,
                &format!("{width} × {height}, within reach: {reach}"),
            );
        }
    }
}

fn show(kiosk: &mut Kiosk, name: &str, change: impl Fn(&mut ViewModel)) {
    kiosk.show_with(&scenes::named(name), change);
}

/// Touches the element of this label and returns the intents.
fn asks_for(kiosk: &Kiosk, events: &RefCell<Vec<Event>>, label: &str) -> Vec<Intent> {
    events.take();
    let (x, y) = centre_of(&kiosk.ui, label);
    kiosk.headless.tap(x, y);
    kiosk.settle();
    let events = events.take().into_iter();
    events
        .filter_map(|event| match event {
            Event::Intent(intent) => Some(intent),
            _ => None,
        })
        .collect()
}

fn recording() -> (Kiosk, Rc<RefCell<Vec<Event>>>) {
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = events.clone();
    let kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, move |event| {
        log.borrow_mut().push(event);
    });
    (kiosk, events)
}

#[test]
fn a_title_that_is_cut_can_be_read_in_full_wherever_it_is_cut() {
    let (mut kiosk, events) = recording();
    for (width, height) in [UPRIGHT, LYING] {
        kiosk.headless.resize(width, height);
        for reach in [false, true] {
            for text_size in [TextSize::Normal, TextSize::Largest] {
                show(&mut kiosk, "notice-long-title", |view_model| {
                    view_model.look.reach = reach;
                    view_model.look.text_size = text_size;
                });
                let cut = drawn(&kiosk)
                    .iter()
                    .any(|text| text.starts_with("Oznámení o zahájení") && text.ends_with('…'));
                if cut {
                    let facts = ReadingIntent::TogglePanel(ToolPanel::Facts);
                    assert_eq!(
                        asks_for(&kiosk, &events, "Celý název"),
                        [Intent::Reading(facts)],
                        "{width} × {height}, {reach}, {text_size:?}"
                    );
                }
            }
        }
    }
    // It is cut where the height is small; otherwise the test checked nothing.
    show(&mut kiosk, "notice-long-title", |_| ());
    assert!(find(&kiosk.ui, "Celý název").is_some());
}

#[test]
fn which_attachment_of_how_many_is_open_is_never_cut() {
    everywhere(|kiosk, reach, place| {
        for text_size in [
            TextSize::Normal,
            TextSize::Large,
            TextSize::Larger,
            TextSize::Largest,
        ] {
            show(kiosk, "notice-attachments-read", |view_model| {
                view_model.look.reach = reach;
                view_model.look.text_size = text_size;
            });
            let drawn = drawn(kiosk);
            assert!(
                drawn.iter().any(|text| text.starts_with("Příloha 5 ze 34")),
                "{place}, {text_size:?}: {drawn:?}"
            );
        }
    });
}

#[test]
fn the_name_of_an_attachment_can_be_read_whole() {
    const NAME: &str = "Dokladová část: vyjádření správců sítí technické a dopravní infrastruktury \
                        v dotčeném území";
    let mut kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, |_| ());
    show(&mut kiosk, "notice-attachments", |_| ());
    assert!(drawn(&kiosk).iter().any(|text| text == NAME), "in the list");
    show(&mut kiosk, "notice-attachments", |view_model| {
        let open = view_model.notice.as_mut().unwrap();
        open.chosen = 5;
        open.panel = Some(ToolPanel::Facts);
    });
    let drawn = drawn(&kiosk);
    assert!(drawn.iter().any(|text| text.starts_with(NAME)), "{drawn:?}");
}

#[test]
fn of_a_long_description_only_what_is_in_view_exists_and_all_of_it_can_be_read() {
    // Some take two lines, at the largest size more.
    let described: Vec<String> = (0..60)
        .map(|number| match number % 2 {
            0 => format!("Odstavec {number:02}."),
            _ => format!("Odstavec {number:02} lze číst na úřadě, ve dveřích č. 12 a na webu."),
        })
        .collect();
    let (mut kiosk, _events) = recording();
    for scene in ["notice-facts", "notice-description"] {
        for text_size in [TextSize::Normal, TextSize::Largest] {
            show(&mut kiosk, scene, |view_model| {
                view_model.look.text_size = text_size;
                let open = view_model.notice.as_mut().unwrap();
                "Oznámení".clone_into(&mut open.row.title);
                open.facts.description.clone_from(&described);
            });
            let labels = described.iter().map(|text| &text[.."Odstavec 00".len()]);
            let exist = labels
                .filter(|label| find(&kiosk.ui, label).is_some())
                .count();
            let mut read = BTreeSet::new();
            for _ in 0..40 {
                let drawn = drawn(&kiosk).into_iter();
                read.extend(drawn.filter(|text| text.starts_with("Odstavec")));
                if read.len() == described.len() {
                    break;
                }
                let (x, y) = centre_of(&kiosk.ui, "Níž");
                kiosk.headless.tap(x, y);
                kiosk.settle();
            }
            let what = format!("{scene}, {text_size:?}");
            let unread: Vec<_> = described
                .iter()
                .filter(|one| !read.contains(*one))
                .collect();
            assert!(unread.is_empty(), "{what}: {unread:?}");
            assert!(exist < described.len(), "{what}: all of it exists at once");
        }
    }
}

#[test]
fn a_notice_without_a_public_page_has_its_way_to_paper() {
    let (mut kiosk, events) = recording();
    show(&mut kiosk, "notice", |view_model| {
        view_model.notice.as_mut().unwrap().qr_code = None;
    });
    let paper = ReadingIntent::TogglePanel(ToolPanel::TakeAway);
    assert_eq!(
        asks_for(&kiosk, &events, "Kopie na papíře"),
        [Intent::Reading(paper)]
    );
    show(&mut kiosk, "notice-paper", |_| ());
    let drawn = drawn(&kiosk).join(" ");
    for words in ["dveře č. 12", "352 000 111", "pá 8.00–13.00"] {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
    assert!(!drawn.contains("fotoaparát"), "{drawn}");
}

#[test]
fn a_document_that_cannot_be_shown_says_of_what_kind_it_is_and_who_gives_it() {
    let mut kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, |_| ());
    show(&mut kiosk, "notice-unsupported", |_| ());
    let drawn = drawn(&kiosk).join(" ");
    for words in ["(DOCX)", "dveře č. 12", "352 000 111", "pá 8.00–13.00"] {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
}

#[test]
fn an_empty_board_leads_to_the_towns_information_all_the_same() {
    let (mut kiosk, events) = recording();
    for (width, height) in [UPRIGHT, LYING] {
        kiosk.headless.resize(width, height);
        for reach in [false, true] {
            show(&mut kiosk, "board-empty-information", |view_model| {
                view_model.look.reach = reach;
            });
            assert_eq!(
                asks_for(&kiosk, &events, "Informace města"),
                [Intent::Information(InformationIntent::Show)]
            );
        }
    }
}

#[test]
fn a_card_within_reach_says_from_whom_it_is_and_its_number() {
    let mut kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, |_| ());
    show(&mut kiosk, "board-reach", |_| ());
    let drawn = drawn(&kiosk);
    let origin = "Městský úřad, odbor dopravy · OD/4821/2026";
    assert!(drawn.iter().any(|text| text == origin), "{drawn:?}");
}

#[test]
fn five_cards_stand_upright_and_none_of_them_is_cut() {
    let mut kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, |_| ());
    show(&mut kiosk, "board", |_| ());
    let cards = elements::on_screen(kiosk.ui.window().window());
    let cards: Vec<_> = cards
        .iter()
        .filter(|card| card.role.is_touchable() && card.label.contains("vyvěšeno"))
        .collect();
    assert_eq!(cards.len(), 5, "{cards:?}");
    for card in cards {
        assert!(card.height > card.whole.height - 1.0, "{card:?}");
    }
}

#[test]
fn what_else_there_is_to_choose_does_not_repeat_what_stands_above() {
    let mut kiosk = Kiosk::new(UPRIGHT.0, UPRIGHT.1, |_| ());
    show(&mut kiosk, "board-all-categories", |_| ());
    let drawn = drawn(&kiosk);
    for name in ["Veřejné vyhlášky", "Doprava"] {
        let times = drawn.iter().filter(|text| *text == name).count();
        assert_eq!(times, 1, "{name}");
    }
}
