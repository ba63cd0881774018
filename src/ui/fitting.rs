//! Line breaking, and shortening at a word.
//!
//! The toolkit breaks a line at a non-breaking space that just does not fit, and its ellipsis falls within words.
//! So titles are broken and shortened before they get there, by the advances of the very font they are drawn in.
//! The measure errs on the safe side: kerning, which it leaves out, mostly draws letters together.
//! A word wider than the line is parted with a hyphen, at a Czech syllable where one fits:
//! what is shown is Czech but for the kiosk's own words, and a title must never be nothing but „…".

use std::sync::LazyLock;

use hypher::Lang;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use slint::ComponentHandle;

use super::markup::{AppWindow, Fitting};
use super::typography::NO_BREAK;

pub(super) static REGULAR: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-Regular.ttf")));
static SEMIBOLD: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-SemiBold.ttf")));
static BOLD: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-Bold.ttf")));

/// Tolerance between our measure and the toolkit's.
pub(super) const SLACK: f32 = 0.99;

/// Connects the markup's callbacks that break titles into lines.
pub(super) fn connect(window: &AppWindow) {
    let fitting = window.global::<Fitting<'_>>();
    fitting.on_set(|text, weight, font_size, width, lines| {
        set_in(&text, weight, font_size, width, lines).map_or(text, |set| set.text.into())
    });
    fitting.on_cuts(|text, weight, font_size, width, lines| {
        set_in(&text, weight, font_size, width, lines).is_some_and(|set| set.cut)
    });
}

/// How many lines a text takes, at most so many.
pub(super) fn lines_of(text: &str, weight: i32, font_size: f32, width: f32, most: u16) -> u16 {
    let set = set_in(text, weight, font_size, width, i32::from(most));
    let lines = set.map_or(1, |set| set.text.lines().count());
    lines.try_into().unwrap_or(most).clamp(1, most.max(1))
}

fn set_in(text: &str, weight: i32, font_size: f32, width: f32, lines: i32) -> Option<Set> {
    if font_size <= 0.0 || width <= 0.0 {
        return None;
    }
    let ruler = match weight {
        ..600 => &REGULAR,
        600 => &SEMIBOLD,
        _ => &BOLD,
    };
    let lines = lines.try_into().unwrap_or(0);
    let width = width * SLACK / font_size;
    let mut whole = Set::default();
    for (index, paragraph) in text.split('\n').enumerate() {
        if index > 0 {
            whole.text.push('\n');
        }
        let set = set(paragraph, width, lines, |word| ruler.width(word));
        whole.text.push_str(&set.text);
        whole.cut |= set.cut;
    }
    Some(whole)
}

/// A text broken into lines.
#[derive(Default)]
struct Set {
    text: String,
    /// Whether it needed more lines than it may have, and ends at a word and „…".
    cut: bool,
}

/// The text in lines of this width; when it needs more of them than it may have, it ends at a word and „…".
fn set(text: &str, width: f32, lines: usize, measure: impl Fn(&str) -> f32) -> Set {
    let mut setter = Setter {
        width,
        lines,
        space: measure(" "),
        hyphen: measure("-"),
        ellipsis: measure("…"),
        set: String::with_capacity(text.len() + 8),
        line: 1,
        x: 0.0,
        last_fit: 0,
        measure,
    };
    let whole = text
        .split(' ')
        .filter(|word| !word.is_empty())
        .all(|word| setter.word(word));
    if whole {
        return Set {
            text: setter.set,
            cut: false,
        };
    }
    setter.set.truncate(setter.last_fit);
    let kept = setter
        .set
        .trim_end_matches([',', ';', ':', '–', '-', '·', ' ', NO_BREAK, '\n']);
    Set {
        text: format!("{kept}…"),
        cut: true,
    }
}

/// Breaks a text into lines, word by word.
struct Setter<M> {
    width: f32,
    lines: usize,
    space: f32,
    hyphen: f32,
    ellipsis: f32,
    measure: M,
    set: String,
    line: usize,
    x: f32,
    /// The longest beginning after which „…" still fits on the last line.
    last_fit: usize,
}

impl<M: Fn(&str) -> f32> Setter<M> {
    /// Places a word, on a new line if necessary; returns whether there was room.
    fn word(&mut self, word: &str) -> bool {
        let wide = (self.measure)(word);
        if wide <= self.width {
            let fits = self.x + self.gap() + wide <= self.width;
            if !fits && !self.next_line() {
                return false;
            }
            self.put(word, wide);
            return true;
        }
        // A title that has to end early ends before it, unless it begins with it.
        let before = self.last_fit;
        // What is bound together is parted there before a word is.
        let whole = if word.contains(NO_BREAK) {
            let mut parts = word.split(NO_BREAK).filter(|part| !part.is_empty());
            parts.all(|part| self.word(part))
        } else {
            self.too_wide(word)
        };
        if !whole && before > 0 {
            self.last_fit = before;
        }
        whole
    }

    /// Breaks a word that is wider than a line.
    fn too_wide(&mut self, word: &str) -> bool {
        let mut rest = word;
        while (self.measure)(rest) > self.width - self.x - self.gap() {
            let Some(part) = self.beginning(rest) else {
                if self.x > 0.0 {
                    if !self.next_line() {
                        return false;
                    }
                    continue;
                }
                // Not even one letter fits: the line is of no use to anybody.
                break;
            };
            let (head, tail) = rest.split_at(part.end);
            let wide = (self.measure)(head);
            self.put(head, wide);
            if part.hyphen {
                self.set.push('-');
            }
            rest = tail;
            if !self.next_line() {
                return false;
            }
        }
        let wide = (self.measure)(rest);
        self.put(rest, wide);
        true
    }

    /// The longest part of a word that ends well and fits on what is left of the line.
    fn beginning(&self, word: &str) -> Option<Part> {
        let last = self.line >= self.lines;
        let fits = |part: &Part| {
            let sign = if part.hyphen { self.hyphen } else { 0.0 };
            let sign = if last { sign.max(self.ellipsis) } else { sign };
            let head = (self.measure)(&word[..part.end]);
            self.x + self.gap() + head + sign <= self.width
        };
        let syllable = parts(word).into_iter().rfind(|part| fits(part));
        // Within a syllable only where there is the whole line for it.
        let letter = || letters(word).into_iter().rfind(|part| fits(part));
        syllable.or_else(|| (self.x <= 0.0).then(letter).flatten())
    }

    fn gap(&self) -> f32 {
        if self.x > 0.0 { self.space } else { 0.0 }
    }

    fn put(&mut self, word: &str, wide: f32) {
        if self.x > 0.0 {
            self.set.push(' ');
            self.x += self.space;
        }
        self.set.push_str(word);
        self.x += wide;
        if self.line < self.lines || self.x + self.ellipsis <= self.width {
            self.last_fit = self.set.len();
        }
    }

    /// Goes on to the next line, when there is one.
    fn next_line(&mut self) -> bool {
        if self.x > 0.0 {
            if self.line >= self.lines {
                return false;
            }
            self.set.push('\n');
            self.line += 1;
            self.x = 0.0;
        }
        true
    }
}

/// Where a word may be broken.
struct Part {
    end: usize,
    /// Whether the line then ends in a hyphen.
    hyphen: bool,
}

/// The ends of a word's syllables, and what stands after its own hyphens and strokes.
fn parts(word: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    while from < word.len() {
        let rest = &word[from..];
        let is_letter = rest.starts_with(char::is_alphabetic);
        let run = rest
            .find(|letter: char| letter.is_alphabetic() != is_letter)
            .unwrap_or(rest.len());
        if is_letter {
            let mut end = from;
            for syllable in hypher::hyphenate(&rest[..run], Lang::Czech) {
                end += syllable.len();
                if end < from + run {
                    parts.push(Part { end, hyphen: true });
                }
            }
        } else if rest[..run].ends_with(['-', '–', '/', '.', '_', '@']) && from > 0 {
            parts.push(Part {
                end: from + run,
                hyphen: false,
            });
        }
        from += run;
    }
    parts.retain(|part| part.end < word.len());
    parts
}

/// After each of its letters.
fn letters(word: &str) -> Vec<Part> {
    let ends = word.char_indices().skip(1).map(|(end, _)| end);
    ends.map(|end| {
        let before = word[..end].chars().next_back();
        let after = word[end..].chars().next();
        Part {
            end,
            hyphen: [before, after]
                .into_iter()
                .flatten()
                .all(char::is_alphabetic),
        }
    })
    .collect()
}

/// The advances of a font's letters, for a size of 1.
pub(super) struct Ruler {
    font: Option<FontRef<'static>>,
}

impl Ruler {
    fn new(bytes: &'static [u8]) -> Self {
        Self {
            font: FontRef::new(bytes).ok(),
        }
    }

    pub(super) fn width(&self, text: &str) -> f32 {
        let Some(font) = &self.font else {
            return 0.0;
        };
        let letters = font.charmap();
        let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        text.chars()
            .filter_map(|letter| metrics.advance_width(letters.map(letter)?))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every letter is one wide; `|` stands for the end of a line, `~` for the non-breaking space.
    #[track_caller]
    fn check(text: &str, width: f32, lines: usize, expected: &str) {
        let text = text.replace('~', "\u{a0}");
        let set = set(&text, width, lines, |word| word.chars().count() as f32);
        let shown = set.text.replace('\n', "|").replace('\u{a0}', "~");
        assert_eq!(shown, expected);
        assert_eq!(set.cut, expected.ends_with('…'));
    }

    #[test]
    fn what_fits_is_set_in_lines() {
        check("Záměr prodeje lesa", 18.0, 1, "Záměr prodeje lesa");
        check("Záměr prodeje lesa", 8.0, 3, "Záměr|prodeje|lesa");
        check("", 8.0, 1, "");
    }

    #[test]
    fn what_does_not_fit_ends_at_a_word() {
        check("Záměr prodeje lesa", 15.0, 1, "Záměr prodeje…");
        check("Záměr prodeje lesa", 13.0, 1, "Záměr…");
        check("Záměr prodeje lesa u~vody", 8.0, 2, "Záměr|prodeje…");
        check(
            "Ulice: Nádražní, Tovární, U~Pily",
            17.0,
            1,
            "Ulice: Nádražní…",
        );
    }

    #[test]
    fn a_non_breaking_space_is_no_end_of_a_line() {
        check("rok 2027 a~výhled", 10.0, 3, "rok 2027|a~výhled");
        check("dům č.~p.~214", 8.0, 1, "dům…");
    }

    #[test]
    fn a_word_wider_than_the_line_is_parted_and_never_vanishes() {
        check(
            "Nejneobhospodařovávatelnější pozemek",
            12.0,
            4,
            "Nejneobhos-|podařováva-|telnější|pozemek",
        );
        check("Nejneobhospodařovávatelnější", 12.0, 1, "Nejneobhos…");
        check("Záměr elektroinstalace", 10.0, 2, "Záměr…");
        check(
            "Velkoryse elektroinstalační",
            12.0,
            3,
            "Velkoryse|elektroin-|stalační",
        );
        // At its own hyphen or stroke before anything else is added.
        check("Tisová-Nádražní", 9.0, 2, "Tisová-|Nádražní");
        check("KK/2231/ZZ/26", 9.0, 2, "KK/2231/|ZZ/26");
    }

    #[test]
    fn what_is_bound_is_parted_where_it_is_bound_when_no_line_holds_it() {
        check("dům č.~p.~214", 6.0, 3, "dům č.|p. 214");
    }

    #[test]
    fn a_line_too_narrow_for_a_letter_does_not_stop_the_kiosk() {
        check("abc", 0.5, 2, "abc");
        check("a b", 1.0, 0, "…");
        check("příliš", 2.0, 3, "p-|ř-|í…");
    }

    #[test]
    fn the_font_knows_czech_letters() {
        for letter in "ěščřžýáíéúůťďňóĚŠČŘŽÝÁÍÉÚŮŤĎŇÓäöüß„“–…§".chars()
        {
            let mut text = [0; 4];
            assert!(
                SEMIBOLD.width(letter.encode_utf8(&mut text)) > 0.1,
                "{letter}"
            );
        }
    }
}
