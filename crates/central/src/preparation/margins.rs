//! Marks repeated page headers and footers: file numbers, „Strana 2 z 40".
//!
//! The reading view and speech leave them out, since they would interrupt sentences.

use std::collections::{HashMap, HashSet};

use vyveska_wire::text_rendition::{Paragraph, ParagraphKind, TextPage};

/// The height of a margin as a part of the page's height.
const MARGIN: f32 = 0.08;
/// The fewest pages on which a text must be repeated.
const FEWEST_PAGES: usize = 2;

/// Marks what is repeated on at least a third of the pages, numbers aside.
pub(super) fn mark(pages: &mut [TextPage]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let on_page: HashSet<String> = in_margins(page).map(|(_, key)| key).collect();
        for key in on_page {
            *counts.entry(key).or_default() += 1;
        }
    }
    let enough = FEWEST_PAGES.max(pages.len().div_ceil(3));
    counts.retain(|_, count| *count >= enough);
    for page in pages {
        let repeated: Vec<usize> = in_margins(page)
            .filter(|(_, key)| counts.contains_key(key))
            .map(|(index, _)| index)
            .collect();
        for index in repeated {
            page.paragraphs[index].kind = ParagraphKind::Margin;
        }
    }
}

/// The paragraphs in a page's margins, by what they say besides numbers.
fn in_margins(page: &TextPage) -> impl Iterator<Item = (usize, String)> {
    let (head, foot) = (page.height * MARGIN, page.height * (1.0 - MARGIN));
    page.paragraphs
        .iter()
        .enumerate()
        .filter(move |(_, paragraph)| {
            let mut words = paragraph.lines.iter().flat_map(|line| &line.words);
            let in_head = words.clone().all(|word| word.place.bottom() < head);
            in_head || words.all(|word| word.place.y > foot)
        })
        .map(|(index, paragraph)| (index, without_numbers(paragraph)))
}

fn without_numbers(paragraph: &Paragraph) -> String {
    let mut text = paragraph.text();
    text.retain(|letter| !letter.is_ascii_digit());
    text
}

#[cfg(test)]
mod tests {
    use vyveska_wire::text_rendition::{TextBox, TextLine, TextWord};

    use super::*;

    fn paragraph(text: &str, y: f32) -> Paragraph {
        let word = |text: &str| TextWord {
            text: text.to_owned(),
            place: TextBox::new(70.0, y, 40.0, 10.0),
            confidence: None,
        };
        Paragraph {
            kind: ParagraphKind::Text,
            lines: vec![TextLine {
                words: text.split(' ').map(word).collect(),
            }],
        }
    }

    #[test]
    fn only_what_is_repeated_at_the_edge_is_of_the_margin() {
        let mut pages: Vec<TextPage> = (1..=6)
            .map(|n| TextPage {
                paragraphs: vec![
                    paragraph(
                        if n == 1 {
                            "Městský úřad"
                        } else {
                            "Rozpočet"
                        },
                        30.0,
                    ),
                    paragraph("Stejný text", 300.0),
                    paragraph(&format!("FO/077 Strana {n} z 6"), 810.0),
                    paragraph(&format!("jiná pata {}", "x".repeat(n)), 820.0),
                ],
                ..TextPage::empty(595.0, 842.0)
            })
            .collect();
        mark(&mut pages);
        let kinds = |page: &TextPage| -> Vec<ParagraphKind> {
            page.paragraphs.iter().map(|one| one.kind).collect()
        };
        use ParagraphKind::{Margin, Text};
        assert_eq!(kinds(&pages[0]), [Text, Text, Margin, Text]);
        assert_eq!(kinds(&pages[5]), [Margin, Text, Margin, Text]);
    }

    #[test]
    fn one_page_repeats_nothing() {
        let mut pages = vec![TextPage {
            paragraphs: vec![paragraph("Strana 1", 810.0)],
            ..TextPage::empty(595.0, 842.0)
        }];
        mark(&mut pages);
        assert_eq!(pages[0].paragraphs[0].kind, ParagraphKind::Text);
        mark(&mut []);
    }
}
