//! The width of a document's text on its pages.
//!
//! Printed pages have margins that a screen need not show: a document opens with its text as wide as the window.

use vyveska_wire::text_rendition::TextPage;

use super::layout::{Frame, Rotation};
use crate::state::document::Size;

/// Pages with text examined: a title page is often set differently from the rest.
const PAGES_LOOKED_AT: usize = 4;

/// Fewer words on a page, such as a stamp or a number, say nothing about the width of the text.
const FEWEST_WORDS: usize = 12;

/// Of a hundred words this many may lie outside: page numbers, marginal notes.
const OUTLIERS_OF_100: usize = 1;

/// The margin kept on both sides of the text, as a part of the page's width.
const KEPT_FREE: f32 = 0.02;

/// The text's edges as parts of the page's width, with that margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextWidth {
    pub(super) left: f32,
    pub(super) right: f32,
}

impl TextWidth {
    /// Computed from the first pages that have text; `None` when none has.
    pub(super) fn of(pages: &[TextPage], rotation: Rotation) -> Option<Self> {
        let mut found: Option<Self> = None;
        let pages = pages.iter().filter_map(|page| edges(page, rotation));
        for page in pages.take(PAGES_LOOKED_AT) {
            let before = found.unwrap_or(page);
            found = Some(Self {
                left: before.left.min(page.left),
                right: before.right.max(page.right),
            });
        }
        let found = found?;
        Some(Self {
            left: (found.left - KEPT_FREE).max(0.0),
            right: (found.right + KEPT_FREE).min(1.0),
        })
        .filter(|width| width.right - width.left > 0.05)
    }

    pub(super) fn part(&self) -> f32 {
        self.right - self.left
    }
}

fn edges(page: &TextPage, rotation: Rotation) -> Option<TextWidth> {
    let size = Size {
        width: page.width,
        height: page.height,
    };
    let across = rotation.size(size).width;
    if !(across.is_finite() && across > 1.0) {
        return None;
    }
    let (mut lefts, mut rights): (Vec<f32>, Vec<f32>) = page
        .words()
        .map(|word| {
            let place = Frame {
                x: word.place.x,
                y: word.place.y,
                width: word.place.width,
                height: word.place.height,
            };
            let place = rotation.frame(place, size);
            (place.x / across, (place.x + place.width) / across)
        })
        .unzip();
    if lefts.len() < FEWEST_WORDS {
        return None;
    }
    lefts.sort_by(f32::total_cmp);
    rights.sort_by(f32::total_cmp);
    let outliers = lefts.len() * OUTLIERS_OF_100 / 100;
    Some(TextWidth {
        left: lefts[outliers].clamp(0.0, 1.0),
        right: rights[rights.len() - 1 - outliers].clamp(0.0, 1.0),
    })
}

#[cfg(test)]
mod tests {
    use vyveska_wire::text_rendition::{Paragraph, TextBox, TextLine, TextWord};

    use super::*;

    fn page(places: impl IntoIterator<Item = (f32, f32)>) -> TextPage {
        let words = places
            .into_iter()
            .map(|(x, width)| TextWord {
                text: "slovo".to_owned(),
                place: TextBox::new(x, 100.0, width, 12.0),
                confidence: None,
            })
            .collect();
        TextPage {
            paragraphs: vec![Paragraph {
                lines: vec![TextLine { words }],
                ..Paragraph::default()
            }],
            ..TextPage::empty(1000.0, 1400.0)
        }
    }

    fn of(pages: Vec<TextPage>, rotation: u8) -> Option<(f32, f32)> {
        let width = TextWidth::of(&pages, Rotation::quarters(rotation))?;
        let thousandths = |part: f32| (part * 1000.0).round() / 1000.0;
        Some((thousandths(width.left), thousandths(width.right)))
    }

    #[test]
    fn the_widest_of_the_first_pages_counts_with_a_little_air() {
        let narrow = page((0..100).map(|n| (200.0 + n as f32, 50.0)));
        let wide = page((0..100).map(|n| (150.0 + 6.0 * n as f32, 50.0)));
        assert_eq!(of(vec![narrow, wide], 0), Some((0.136, 0.808)));
    }

    #[test]
    fn a_page_number_in_the_margin_does_not_count() {
        let mut places: Vec<(f32, f32)> = vec![(200.0, 600.0); 150];
        places.push((990.0, 10.0));
        assert_eq!(of(vec![page(places)], 0), Some((0.18, 0.82)));
    }

    #[test]
    fn a_turned_page_has_the_width_of_its_turned_text() {
        let mut sideways = page(vec![(200.0, 50.0); 50]);
        for line in &mut sideways.paragraphs[0].lines {
            for word in &mut line.words {
                word.place.height = 280.0;
            }
        }
        // The words are 100 points below the upper edge of 1400: rotated right, that is the right edge.
        assert_eq!(of(vec![sideways], 1), Some((0.709, 0.949)));
    }

    #[test]
    fn without_text_there_is_no_width() {
        assert_eq!(of(vec![], 0), None);
        assert_eq!(of(vec![page(vec![(0.0, 10.0); FEWEST_WORDS - 1])], 0), None);
        assert_eq!(of(vec![page(vec![(f32::NAN, 10.0); 20])], 0), None);
    }
}
