//! Groups positioned glyphs into words.
//!
//! A PDF draws glyphs; spaces are often only gaps. A word ends at a space, at a gap wider than a fraction of
//! the font size, and where the next glyph is on another line. Distances are measured along and across the
//! direction of writing, so rotated tables are read like upright text. Bold type made by drawing the same glyphs twice
//! counts once, and an accent drawn over a letter is a part of it.

use super::accents::{accented, composed, mark_of};
use crate::geometry::{PageRect, PageSize};
use crate::text::{PageText, Word};
use hayro::kurbo::{Point, Rect, Vec2};

/// A page of small print has a few thousand words.
const MAX_WORDS: usize = 50_000;
/// Longer runs are leaders of dots, not words.
const MAX_WORD_BYTES: usize = 512;
/// A gap this wide, in font sizes, is a space.
const WORD_GAP: f64 = 0.17;
/// A step back this wide begins another word.
const BACKWARD_GAP: f64 = 0.6;
/// A step this far across the direction of writing begins another line; accents and indices step less.
const LINE_STEP: f64 = 0.45;
/// The same glyph this close is drawn again for bold type.
const SAME_PLACE: f64 = 0.12;

/// An accent over a letter may stand this far beside it, in font sizes.
const ACCENT_SLIP: f64 = 0.05;
const SOFT_HYPHEN: char = '\u{ad}';

/// A glyph as drawn.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    /// Its Unicode text, if the document states it.
    pub(super) text: Option<String>,
    pub(super) origin: Point,
    /// The origin of the next glyph.
    pub(super) end: Point,
    pub(super) top: Point,
    pub(super) bottom: Point,
    /// The font size in points.
    pub(super) size: f64,
}

impl Glyph {
    /// Whether it is more than a space.
    pub(super) fn is_written(&self) -> bool {
        let text = self.text.as_deref();
        text.is_none_or(|text| !readable(text).trim().is_empty())
    }

    /// Whether the middle of an accent is over this glyph.
    fn is_under(&self, accent: &Self) -> bool {
        let place = accent.origin.midpoint(accent.end) - self.origin;
        let direction = unit(self.end - self.origin);
        let along = place.dot(direction);
        let slip = ACCENT_SLIP * self.size;
        (-slip..=advance(self) + slip).contains(&along)
            && place.cross(direction).abs() <= LINE_STEP * self.size.max(accent.size)
    }
}

/// An accent that is not over the letter before it; it may be over the next.
struct Accent {
    glyph: Glyph,
    text: String,
    mark: char,
}

pub(super) struct WordBuilder {
    page: Rect,
    text: PageText,
    line: u32,
    word: String,
    bounds: Option<Rect>,
    last: Option<Glyph>,
    accent: Option<Accent>,
    /// Whether the last glyph of the word is a hyphen that counts only at the end of a line.
    is_divisible: bool,
    run: Vec<(Point, String)>,
    last_run: Vec<(Point, String)>,
}

impl WordBuilder {
    pub(super) fn new(page: PageSize) -> Self {
        Self {
            page: Rect::new(0.0, 0.0, f64::from(page.width), f64::from(page.height)),
            text: PageText::default(),
            line: 0,
            word: String::new(),
            bounds: None,
            last: None,
            accent: None,
            is_divisible: false,
            run: Vec::new(),
            last_run: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, glyph: Glyph) {
        let center = glyph.origin.midpoint(glyph.end);
        if !glyph.size.is_finite() || glyph.size <= 0.0 || !self.page.contains(center) {
            return;
        }
        let text = match &glyph.text {
            Some(text) => readable(text),
            None => {
                self.text.unknown_letters = self.text.unknown_letters.saturating_add(1);
                '\u{fffd}'.to_string()
            }
        };
        if self.is_drawn_again(&glyph, &text) {
            return;
        }
        self.run.push((glyph.origin, text.clone()));
        if let Some(mark) = mark_of(&text) {
            self.take_accent();
            if !self.mark_last(&glyph, mark) {
                self.accent = Some(Accent { glyph, text, mark });
            }
            return;
        }
        let marked = self.accent.as_ref().and_then(|accent| {
            let mut letters = text.chars();
            let first = accented(letters.next()?, accent.mark)?;
            let rest = letters.as_str();
            glyph
                .is_under(&accent.glyph)
                .then(|| format!("{first}{rest}"))
        });
        match marked {
            Some(marked) => {
                self.accent = None;
                self.add(glyph, &marked);
            }
            None => {
                self.take_accent();
                self.add(glyph, &text);
            }
        }
    }

    /// Gives the last letter an accent that is drawn over it.
    fn mark_last(&mut self, accent: &Glyph, mark: char) -> bool {
        let Some(letter) = self
            .last
            .as_ref()
            .filter(|last| last.is_under(accent))
            .and_then(|_| accented(self.word.chars().next_back()?, mark))
        else {
            return false;
        };
        self.word.pop();
        self.word.push(letter);
        true
    }

    /// Takes an accent over no letter for a sign of its own.
    fn take_accent(&mut self) {
        if let Some(accent) = self.accent.take() {
            self.add(accent.glyph, &accent.text);
        }
    }

    fn add(&mut self, glyph: Glyph, text: &str) {
        self.separate(&glyph);
        for letter in text.chars() {
            self.is_divisible = letter == SOFT_HYPHEN;
            if letter.is_whitespace() {
                self.end_word();
            } else if letter != SOFT_HYPHEN && self.word.len() < MAX_WORD_BYTES {
                self.word.push(letter);
                let bounds = bounds(&glyph);
                self.bounds = Some(self.bounds.map_or(bounds, |all| all.union(bounds)));
            }
        }
        self.last = Some(glyph);
    }

    /// Ends the glyphs of one text operator.
    pub(super) fn end_run(&mut self) {
        if !self.run.is_empty() {
            self.last_run = std::mem::take(&mut self.run);
        }
    }

    pub(super) fn finish(mut self) -> PageText {
        self.take_accent();
        self.end_word();
        self.text
    }

    fn is_drawn_again(&self, glyph: &Glyph, text: &str) -> bool {
        let place = self.run.len();
        self.last_run
            .get(place)
            .is_some_and(|(origin, same)| {
                same == text && origin.distance(glyph.origin) < SAME_PLACE * glyph.size
            })
            // Either a whole run is drawn again or none of it; a single equal glyph at the same place also counts as a repeat.
            || self.last_run.iter().any(|(origin, same)| {
                same == text && origin.distance(glyph.origin) < SAME_PLACE * glyph.size
            })
    }

    /// Ends the word when this glyph does not continue it.
    fn separate(&mut self, glyph: &Glyph) {
        let Some(last) = &self.last else {
            return;
        };
        let size = last.size.max(glyph.size);
        let direction = unit(last.end - last.origin);
        let step = glyph.origin - last.end;
        let along = step.dot(direction);
        let across = step.cross(direction).abs();
        let turned = direction.dot(unit(glyph.end - glyph.origin)) < 0.9;
        if turned || across > LINE_STEP * size || along < -BACKWARD_GAP * size.max(advance(last)) {
            if self.is_divisible && !self.word.is_empty() {
                self.word.push('-');
            }
            self.end_word();
            self.line += 1;
        } else if along > WORD_GAP * size {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        let text = std::mem::take(&mut self.word);
        let Some(bounds) = self.bounds.take() else {
            return;
        };
        if self.text.words.len() >= MAX_WORDS {
            self.text.truncated = true;
            return;
        }
        let bounds = bounds.intersect(self.page);
        self.text.words.push(Word {
            text,
            bounds: PageRect {
                x: bounds.x0 as f32,
                y: bounds.y0 as f32,
                width: bounds.width() as f32,
                height: bounds.height() as f32,
            },
            line: self.line,
        });
    }
}

fn advance(glyph: &Glyph) -> f64 {
    glyph.origin.distance(glyph.end)
}

fn unit(vector: Vec2) -> Vec2 {
    let length = vector.length();
    if length > 0.0 {
        vector / length
    } else {
        Vec2::new(1.0, 0.0)
    }
}

fn bounds(glyph: &Glyph) -> Rect {
    let (up, down) = (glyph.top - glyph.origin, glyph.bottom - glyph.origin);
    Rect::from_points(glyph.origin + up, glyph.end + down)
        .union(Rect::from_points(glyph.origin + down, glyph.end + up))
}

/// Expands ligatures, composes letters and removes characters that only control typesetting, save soft hyphens.
fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\u{fb00}' => readable.push_str("ff"),
            '\u{fb01}' => readable.push_str("fi"),
            '\u{fb02}' => readable.push_str("fl"),
            '\u{fb03}' => readable.push_str("ffi"),
            '\u{fb04}' => readable.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => readable.push_str("st"),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\0' => {}
            letter if letter.is_control() => readable.push(' '),
            letter => readable.push(letter),
        }
    }
    composed(&readable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: PageSize = PageSize {
        width: 600.0,
        height: 800.0,
    };

    fn letter(text: &str, x: f64, y: f64) -> Glyph {
        Glyph {
            text: Some(text.into()),
            origin: Point::new(x, y),
            end: Point::new(x + 5.0, y),
            top: Point::new(x, y - 7.5),
            bottom: Point::new(x, y + 2.1),
            size: 10.0,
        }
    }

    #[track_caller]
    fn check(glyphs: impl IntoIterator<Item = Glyph>, expected: &str) {
        let mut words = WordBuilder::new(PAGE);
        for glyph in glyphs {
            words.push(glyph);
            words.end_run();
        }
        assert_eq!(words.finish().plain(), expected);
    }

    #[test]
    fn letters_side_by_side_are_a_word_and_gaps_or_spaces_end_it() {
        check(
            [
                letter("d", 10.0, 100.0),
                letter("ů", 15.0, 100.0),
                letter("m", 20.2, 100.0),
                letter("a", 30.0, 100.0),
                letter(" ", 35.0, 100.0),
                letter("h", 40.0, 100.0),
            ],
            "dům a h",
        );
    }

    #[test]
    fn another_line_is_another_line() {
        check(
            [
                letter("a", 10.0, 100.0),
                letter("b", 15.0, 100.0),
                letter("c", 10.0, 112.0),
                letter("d", 200.0, 112.0),
            ],
            "ab\nc d",
        );
    }

    #[test]
    fn turned_text_reads_along_its_own_direction() {
        let turned = |text: &str, y: f64| Glyph {
            text: Some(text.into()),
            origin: Point::new(50.0, y),
            end: Point::new(50.0, y - 5.0),
            top: Point::new(42.5, y),
            bottom: Point::new(52.1, y),
            size: 10.0,
        };
        check(
            [turned("a", 300.0), turned("b", 295.0), turned("c", 280.0)],
            "ab c",
        );
    }

    #[test]
    fn letters_drawn_twice_for_boldness_are_read_once() {
        check(
            [
                letter("b", 10.0, 100.0),
                letter("b", 10.3, 100.0),
                letter("b", 15.0, 100.0),
            ],
            "bb",
        );
    }

    #[test]
    fn ligatures_are_letters_and_letters_off_the_page_are_not_read() {
        check(
            [
                letter("ﬁ", 10.0, 100.0),
                letter("\u{ad}", 15.0, 100.0),
                letter("x", -50.0, 100.0),
                letter("y", 15.0, 900.0),
            ],
            "fi",
        );
    }

    fn wide(text: &str, x: f64, width: f64) -> Glyph {
        Glyph {
            end: Point::new(x + width, 100.0),
            ..letter(text, x, 100.0)
        }
    }

    #[test]
    fn accents_over_letters_are_parts_of_them() {
        let r = || letter("r", 10.0, 100.0);
        let i = || letter("\u{131}", 15.0, 100.0);
        // After the letter, as wide as others, and before it, without a width.
        check(
            [
                r(),
                wide("\u{2c7}", 9.8, 5.0),
                i(),
                wide("\u{b4}", 15.1, 5.0),
            ],
            "ří",
        );
        check(
            [
                wide("\u{2c7}", 12.0, 0.0),
                r(),
                wide("\u{301}", 17.0, 0.0),
                i(),
            ],
            "ří",
        );
        check(
            [
                letter("u\u{30a}", 10.0, 100.0),
                letter("n\u{30c}", 15.0, 100.0),
            ],
            "ůň",
        );
        // Their own box stays, so that the next letter goes on the word.
        check(
            [r(), wide("\u{2c7}", 12.0, 0.0), letter("a", 15.0, 100.0)],
            "řa",
        );
    }

    #[test]
    fn accents_beside_letters_are_signs() {
        let degrees = |at| {
            [
                letter("2", 10.0, 100.0),
                letter("°", at, 100.0),
                letter("C", 20.0, 100.0),
            ]
        };
        check(degrees(15.0), "2°C");
        check([letter("^", 10.0, 100.0), letter("a", 15.0, 100.0)], "^a");
        check([letter("a", 10.0, 100.0), letter("~", 15.0, 100.0)], "a~");
        check(
            [letter("a", 10.0, 100.0), letter("\u{2c7}", 10.0, 110.0)],
            "a\nˇ",
        );
    }

    #[test]
    fn a_soft_hyphen_is_one_at_the_end_of_a_line() {
        let glyphs = |y| {
            [
                letter("o", 10.0, 100.0),
                letter("\u{ad}", 15.0, 100.0),
                letter("d", 20.0, y),
            ]
        };
        check(glyphs(100.0), "od");
        check(
            [
                letter("o", 10.0, 100.0),
                letter("\u{ad}", 15.0, 100.0),
                letter("d", 10.0, 112.0),
            ],
            "o-\nd",
        );
    }

    #[test]
    fn a_word_has_the_box_of_its_letters() {
        let mut words = WordBuilder::new(PAGE);
        words.push(letter("a", 10.0, 100.0));
        words.push(letter("b", 15.0, 100.0));
        let text = words.finish();
        let bounds = text.words[0].bounds;
        assert_eq!((bounds.x, bounds.y), (10.0, 92.5));
        assert!((bounds.width - 10.0).abs() < 1e-3);
        assert!((bounds.height - 9.6).abs() < 1e-3);
    }

    #[test]
    fn letters_without_a_meaning_are_counted() {
        let mut words = WordBuilder::new(PAGE);
        words.push(Glyph {
            text: None,
            ..letter("", 10.0, 100.0)
        });
        assert_eq!(words.finish().unknown_letters, 1);
    }
}
