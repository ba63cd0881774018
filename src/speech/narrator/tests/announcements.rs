//! Announcements of changes that the focus did not lead to.

use super::*;
use crate::speech::record::bytes_compared;
use crate::speech::sentences::LONGEST;

fn search(words: &str, found: &str) -> ScreenNow {
    let mut sketch = Sketch::new()
        .add("Hledat", Role::TextInput, "Hledat")
        .with(|element| {
            element.live = Live::Polite;
            element.value = words.to_owned();
        });
    if !found.is_empty() {
        sketch = sketch
            .add("Hledat", Role::Text, found)
            .with(|element| element.live = Live::Polite);
    }
    sketch = sketch.add("Klávesnice", Role::Button, "o");
    bar(sketch).now()
}

#[test]
fn typing_says_what_stands_in_the_field_and_how_much_is_found() {
    let (mut listener, _) = Listener::on(search("", ""));
    while listener.narrator.focused().unwrap().label != "o" {
        listener.press(TactileKey::Next);
    }
    listener.press(TactileKey::Act);
    assert_eq!(
        listener.see(search("o", "3 nalezená oznámení")),
        ["o", "3 nalezená oznámení"]
    );
    assert_eq!(
        listener.see(search("oz", "1 nalezené oznámení")),
        ["oz", "1 nalezené oznámení"]
    );
    assert_eq!(listener.see(search("", "")), ["prázdné"]);
    assert!(listener.see(search("", "")).is_empty());
}

#[test]
fn a_letter_that_did_not_count_is_not_said_to_be_done() {
    let (mut listener, _) = Listener::on(search("o", "3 nalezená oznámení"));
    while listener.narrator.focused().unwrap().label != "o" {
        listener.press(TactileKey::Next);
    }
    listener.press(TactileKey::Act);
    let said: Vec<String> = (0..20)
        .flat_map(|_| listener.see(search("o", "3 nalezená oznámení")))
        .collect();
    assert_eq!(said, ["o"], "what stands in the field");
}

#[test]
fn trouble_interrupts_and_everything_else_waits() {
    let with = |live| {
        let sketch = Sketch::new().add("Hledat", Role::Button, "Zpět");
        let sketch = sketch
            .add("Hledat", Role::Text, "Nic se nenašlo")
            .with(|element| element.live = live);
        bar(sketch).now()
    };
    for (live, interrupts) in [(Live::Assertive, true), (Live::Polite, false)] {
        let mut narrator = Narrator::default();
        let empty = bar(Sketch::new().add("Hledat", Role::Button, "Zpět")).now();
        narrator.switch_on(empty, Listening::Private);
        let effects = narrator.screen(with(live));
        let says = matches!(&effects[..], [Effect::Say(said)] if said.text == "Nic se nenašlo");
        assert_eq!(says, interrupts, "{effects:?}");
    }
}

#[test]
fn what_has_no_words_is_said_to_be_done() {
    let (mut listener, _) = Listener::on(notice());
    let effects = listener.narrator.act();
    assert!(matches!(&effects[..], [Effect::Act(_)]));
    let mut larger = notice();
    larger.elements[0].whole.height += 1.0;
    let said: Vec<String> = (0..20).flat_map(|_| listener.see(larger.clone())).collect();
    assert_eq!(said, ["Hotovo."]);
    // What was announced already is not repeated.
    listener.narrator.act();
    let mut changed = notice();
    changed.elements[3].label = "strana 2 ze 2".to_owned();
    assert_eq!(listener.see(changed.clone()), ["strana 2 ze 2"]);
    let said: Vec<String> = (0..20)
        .flat_map(|_| listener.see(changed.clone()))
        .collect();
    assert!(said.is_empty(), "{said:?}");
}

fn information(title: &str, button: &str) -> ScreenNow {
    let sketch =
        Sketch::new()
            .add("Informace", Role::Button, "Zpět")
            .add("Informace", Role::Button, button);
    let mut now = bar(sketch).now();
    for element in &mut now.elements {
        for group in &mut element.groups {
            if group.label == "Informace" {
                group.label = title.to_owned();
            }
        }
    }
    now
}

#[test]
fn a_page_that_turns_into_another_is_entered_and_left_again() {
    let (mut listener, _) = Listener::on(information("Informace města", "Úřední hodiny"));
    while listener.narrator.focused().unwrap().label != "Úřední hodiny" {
        listener.press(TactileKey::Next);
    }
    listener.press(TactileKey::Act);
    let said = listener.see(information("Úřední hodiny města", "Zvětšit"));
    assert_eq!(said[0], "Úřední hodiny města", "{said:?}");
    assert_eq!(listener.narrator.focused().unwrap().label, "Zpět");
    let said = listener.see(information("Informace města", "Úřední hodiny"));
    assert_eq!(said, ["Informace města"], "{said:?}");
}

#[test]
fn a_place_in_the_list_is_come_back_to_when_the_list_has_grown() {
    let holding = |count: usize| {
        let mut now = board();
        let groups = now
            .elements
            .iter_mut()
            .flat_map(|element| &mut element.groups);
        for group in groups.filter(|group| !group.frame) {
            group.description = format!("{count} oznámení");
        }
        now
    };
    let (mut listener, said) = Listener::on(holding(38));
    assert!(said.contains(&"38 oznámení".to_owned()), "{said:?}");
    while listener.narrator.focused().unwrap().label != "Dražební vyhláška" {
        listener.press(TactileKey::Next);
    }
    listener.see(notice());
    listener.see(holding(39));
    assert_eq!(
        listener.narrator.focused().unwrap().label,
        "Dražební vyhláška"
    );
}

#[test]
fn a_place_on_another_notice_is_not_come_back_to() {
    let (mut listener, _) = Listener::on(board());
    let called = |name: &str| {
        let mut now = notice();
        for element in &mut now.elements {
            for group in &mut element.groups {
                if group.leaves {
                    group.label = format!("Oznámení: {name}");
                }
            }
        }
        now
    };
    while listener.narrator.focused().unwrap().label != "Záměr pronájmu" {
        listener.press(TactileKey::Next);
    }
    listener.see(called("Záměr pronájmu"));
    while listener.narrator.focused().unwrap().label != "Další strana" {
        listener.press(TactileKey::Next);
    }
    // Directly to the board, where the position in the list is still known.
    let said = listener.see(board());
    assert_eq!(
        listener.narrator.focused().unwrap().label,
        "Záměr pronájmu",
        "{said:?}"
    );
    while listener.narrator.focused().unwrap().label != "Dražební vyhláška" {
        listener.press(TactileKey::Next);
    }
    // Another notice starts at its beginning, and leads back to its own row.
    listener.see(called("Dražební vyhláška"));
    assert_eq!(listener.narrator.focused().unwrap().label, "Zpět na seznam");
    listener.see(board());
    assert_eq!(
        listener.narrator.focused().unwrap().label,
        "Dražební vyhláška"
    );
}

#[test]
fn a_doubtful_page_is_announced_when_it_begins_to_be_doubtful() {
    let page = |number: usize, doubtful: bool| {
        PageText::Page(ReadablePage {
            page: number,
            pages: 4,
            sentences: vec![format!("Věta {number}.")],
            recognised: true,
            doubtful,
            language: Language::Czech,
            cut: false,
        })
    };
    let (mut listener, _) = Listener::on(notice());
    listener.press(TactileKey::ReadDocument);
    let mut said = Vec::new();
    for (number, doubtful) in [(0, true), (1, true), (2, false), (3, true)] {
        let effects = listener.narrator.page_text(page(number, doubtful));
        said.push(listener.hear(effects));
    }
    let warned = |said: &Vec<String>| said.iter().any(|said| said.contains("velmi nejisté"));
    let warnings: Vec<bool> = said.iter().map(warned).collect();
    assert_eq!(warnings, [true, false, false, true], "{said:?}");
    let recognised =
        |said: &&Vec<String>| said.iter().any(|said| said.contains("rozpoznán strojem"));
    assert_eq!(said.iter().filter(recognised).count(), 1);
}

mod pages {
    use vyveska_wire::text_rendition::{
        Paragraph, ParagraphKind, TextBox, TextLine, TextPage, TextWord,
    };

    use super::super::*;

    /// Words in a row; `|` leaves the gap between two cells.
    fn line(text: &str) -> TextLine {
        let mut x = 0.0;
        let words = text.split(' ').filter_map(|word| {
            if word == "|" {
                x += 100.0;
                return None;
            }
            let place = TextBox::new(x, 0.0, 10.0, 10.0);
            x += 12.0;
            Some(TextWord {
                text: word.to_owned(),
                place,
                confidence: None,
            })
        });
        TextLine {
            words: words.collect(),
        }
    }

    fn paragraph(kind: ParagraphKind, lines: &[&str]) -> Paragraph {
        Paragraph {
            kind,
            lines: lines.iter().map(|text| line(text)).collect(),
        }
    }

    #[test]
    fn a_page_is_read_without_its_margins_its_tables_line_by_line() {
        let page = TextPage {
            paragraphs: vec![
                paragraph(ParagraphKind::Margin, &["Strana 3"]),
                paragraph(ParagraphKind::Heading, &["Rozpočet"]),
                paragraph(ParagraphKind::Text, &["Zastupitelstvo po-", "věřilo radu."]),
                paragraph(ParagraphKind::Lines, &["Příjmy | 120", "Výdaje | 110"]),
            ],
            ..TextPage::empty(595.0, 842.0)
        };
        let read = ReadablePage::new(2, 5, &page, Language::Czech);
        assert_eq!(
            read.sentences,
            [
                "Rozpočet",
                "Zastupitelstvo pověřilo radu.",
                "Příjmy, 120",
                "Výdaje, 110"
            ]
        );
    }
}

/// Whatever a description of the greatest length is like: it is said in short pieces, and no part of it is compared with
/// the record more often than a few times.
#[test]
fn the_longest_description_is_said_in_pieces_and_linear_work() {
    for filling in ["a", "Ž", "7", "_", "slovo ", "a. B ", "Konec.\n"] {
        let text: String = filling.chars().cycle().take(50_000).collect();
        let paragraphs = crate::ui::paragraphs::paragraphs(&text);
        for language in Language::ALL {
            let mut sketch = Sketch::new();
            for paragraph in &paragraphs {
                sketch = sketch.add("Oznámení: Popis", Role::Text, paragraph);
            }
            let mut now = bar(sketch).now();
            now.language = language;
            now.record = vec![RecordTexts::from_iter(crate::ui::paragraphs::lines(&text))];
            let before = bytes_compared();
            let (mut listener, mut said) = Listener::on(now);
            for _ in 0..paragraphs.len() {
                said.extend(listener.press(TactileKey::Next));
            }
            let compared = bytes_compared() - before;
            assert!(
                compared <= 40 * text.len() as u64,
                "{compared} bytes compared for {filling}… in {language:?}"
            );
            assert!(said.iter().all(|piece| piece.chars().count() <= LONGEST));
            let letters: usize = said.iter().map(|piece| piece.chars().count()).sum();
            assert!(letters <= 3 * 50_000, "{letters} letters said");
        }
    }
}
