//! Line breaking, and shortening at a word.
//!
//! The toolkit breaks a line at a non-breaking space that just does not fit, and its ellipsis falls within words.
//! So titles are broken and shortened before they get there, by the advances of the very font they are drawn in.
//! The measure errs on the safe side: kerning, which it leaves out, mostly draws letters together.
//! A word wider than the line is parted with a hyphen, at a Czech syllable where one fits:
//! what is shown is Czech but for the kiosk's own words, and a title must never be nothing but „…".

use std::sync::LazyLock;

use hypher::Lang;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use slint::ComponentHandle;
use vyveska_board::format::typography::NO_BREAK;

use super::markup::{AppWindow, Fitting};

pub(super) static REGULAR: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-Regular.ttf")));
static SEMIBOLD: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-SemiBold.ttf")));
static BOLD: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-Bold.ttf")));

/// Tolerance between our measure and the toolkit's.
pub(super) const SLACK: f32 = 0.99;

/// The least room for the beginning of a text whose end stays whole, in sizes of its type.
const LEAST_START: f32 = 4.0;

/// Connects the markup's callbacks that break titles into lines.
pub(super) fn connect(window: &AppWindow) {
    let fitting = window.global::<Fitting<'_>>();
    fitting.on_set(|text, weight, font_size, width, lines| {
        fitted(&text, weight, font_size, width, lines).map_or(text, Into::into)
    });
    fitting.on_set_before(|text, end, weight, font_size, width| {
        fitted_before(&text, &end, weight, font_size, width).map_or(text, Into::into)
    });
    fitting.on_cuts(|text, weight, font_size, width, lines| {
        set_in(&text, weight, font_size, width, lines).is_some_and(|set| set.cut)
    });
    fitting.on_line_count(|text, weight, font_size, width| {
        i32::from(lines_of(&text, weight, font_size, width, u16::MAX))
    });
}

/// A text broken into at most so many lines; none where there is no room for any.
pub fn fitted(text: &str, weight: i32, font_size: f32, width: f32, lines: i32) -> Option<String> {
    set_in(text, weight, font_size, width, lines).map(|set| set.text)
}

/// A text on one line, shortened before this end of it, which stays whole where a line holds it.
fn fitted_before(text: &str, end: &str, weight: i32, font_size: f32, width: f32) -> Option<String> {
    let whole = set_in(text, weight, font_size, width, 1)?;
    let Some(start) = text.strip_suffix(end).filter(|_| whole.cut) else {
        return Some(whole.text);
    };
    let end_alone = set_in(end, weight, font_size, width, 1)?;
    if end_alone.cut {
        return Some(end_alone.text);
    }
    let end = format!(" · {end}");
    let ruler = ruler_of(weight);
    let end_width: f32 = end.chars().map(|letter| ruler.advance(letter)).sum();
    let room = width - end_width * font_size / SLACK;
    let start = start.trim_end_matches(['·', ' ', NO_BREAK]);
    if room < LEAST_START * font_size {
        return Some(end_alone.text);
    }
    Some(fitted(start, weight, font_size, room, 1)? + &end)
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
    let ruler = ruler_of(weight);
    let lines = lines.try_into().unwrap_or(0);
    let width = width * SLACK / font_size;
    let mut whole = Set::default();
    for (index, paragraph) in text.split('\n').enumerate() {
        if index > 0 {
            whole.text.push('\n');
        }
        let set = set(paragraph, width, lines, |letter| {
            #[cfg(test)]
            MEASURED.set(MEASURED.get() + 1);
            ruler.advance(letter)
        });
        whole.text.push_str(&set.text);
        whole.cut |= set.cut;
    }
    Some(whole)
}

fn ruler_of(weight: i32) -> &'static Ruler {
    match weight {
        ..600 => &REGULAR,
        600 => &SEMIBOLD,
        _ => &BOLD,
    }
}

#[cfg(test)]
thread_local! {
    static MEASURED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How many letters this thread has measured.
#[cfg(test)]
pub(super) fn letters_measured() -> u64 {
    MEASURED.get()
}

/// A text broken into lines.
#[derive(Default)]
struct Set {
    text: String,
    /// Whether it needed more lines than it may have, and ends at a word and „…".
    cut: bool,
}

/// The text in lines of this width; when it needs more of them than it may have, it ends at a word and „…".
///
/// The work is linear in what is set, whatever the words are like: of what finds no room no more than a line is measured.
fn set(text: &str, width: f32, lines: usize, advance: impl Fn(char) -> f32) -> Set {
    let mut setter = Setter {
        width,
        lines,
        space: advance(' '),
        hyphen: advance('-'),
        ellipsis: advance('…'),
        set: String::with_capacity(text.len() + 8),
        line: 1,
        x: 0.0,
        last_fit: 0,
        advance,
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
struct Setter<A> {
    width: f32,
    lines: usize,
    space: f32,
    hyphen: f32,
    ellipsis: f32,
    advance: A,
    set: String,
    line: usize,
    x: f32,
    /// The longest beginning after which „…" still fits on the last line.
    last_fit: usize,
}

impl<A: Fn(char) -> f32> Setter<A> {
    /// Places a word, on a new line if necessary; returns whether there was room.
    fn word(&mut self, word: &str) -> bool {
        if let Some(wide) = self.width_on_a_line(word) {
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

    /// The width of a word; none when a line is narrower.
    fn width_on_a_line(&self, word: &str) -> Option<f32> {
        let mut wide = 0.0;
        let fits = word.chars().all(|letter| {
            wide += (self.advance)(letter);
            wide <= self.width
        });
        fits.then_some(wide)
    }

    /// Breaks a word that is wider than a line.
    fn too_wide(&mut self, word: &str) -> bool {
        let lines = self.lines.saturating_sub(self.line) + 2;
        let word = WideWord::new(word, self.width * lines as f32, &self.advance);
        let mut from = 0;
        while word.width(from, word.end()) > self.width - self.x - self.gap() {
            let Some((to, hyphen)) = self.beginning(&word, from) else {
                if self.x > 0.0 {
                    if !self.next_line() {
                        return false;
                    }
                    continue;
                }
                // Not even one letter fits: the line is of no use to anybody.
                break;
            };
            self.put(word.text(from, to), word.width(from, to));
            if hyphen {
                self.set.push('-');
            }
            from = to;
            if !self.next_line() {
                return false;
            }
        }
        self.put(word.rest(from), word.width(from, word.end()));
        true
    }

    /// The end of the longest part of a word that ends well and fits on what is left of the line, and whether a hyphen
    /// follows it.
    fn beginning(&self, word: &WideWord<'_>, from: usize) -> Option<(usize, bool)> {
        let room = self.width - self.x - self.gap();
        let last = self.line >= self.lines;
        let fits = |to: usize, hyphen: bool| {
            let sign = if hyphen { self.hyphen } else { 0.0 };
            let sign = if last { sign.max(self.ellipsis) } else { sign };
            word.width(from, to) + sign <= room
        };
        // Only what fits without a sign is looked at, so that each letter is on few lines' lists.
        let breaks = from + 1..word.breaks_within(from, room);
        let syllable = breaks.clone().rev().find_map(|to| {
            let hyphen = word.breaks[to].syllable?;
            fits(to, hyphen).then_some((to, hyphen))
        });
        // Within a syllable only where there is the whole line for it.
        let letter = || {
            breaks.rev().find_map(|to| {
                let hyphen = word.breaks[to].between_letters;
                fits(to, hyphen).then_some((to, hyphen))
            })
        };
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

/// A word that no line holds, measured once.
struct WideWord<'a> {
    word: &'a str,
    /// Before each letter and after the last one that was measured.
    breaks: Vec<BreakOpportunity>,
}

/// A position in a word, and whether a line may end there.
struct BreakOpportunity {
    at: usize,
    /// The width of everything before it.
    x: f32,
    /// Whether the word may be broken here at a syllable or a sign of its own, and whether a hyphen is added then.
    syllable: Option<bool>,
    between_letters: bool,
}

impl<'a> WideWord<'a> {
    /// Measures a word up to `reach`; behind it there is no room for any of it.
    fn new(word: &'a str, reach: f32, advance: impl Fn(char) -> f32) -> Self {
        let mut breaks = Vec::new();
        let (mut x, mut after_letter) = (0.0, false);
        let mut measured = word.len();
        for (at, letter) in word.char_indices() {
            if x > reach {
                measured = at;
                break;
            }
            let is_letter = letter.is_alphabetic();
            breaks.push(BreakOpportunity {
                at,
                x,
                syllable: None,
                between_letters: after_letter && is_letter,
            });
            x += advance(letter);
            after_letter = is_letter;
        }
        breaks.push(BreakOpportunity {
            at: measured,
            x,
            syllable: None,
            between_letters: false,
        });
        let mut index = 0;
        for (end, hyphen) in syllables(word, measured) {
            if end > measured {
                break;
            }
            while breaks[index].at < end {
                index += 1;
            }
            breaks[index].syllable = Some(hyphen);
        }
        Self { word, breaks }
    }

    /// The position after the last letter that was measured.
    fn end(&self) -> usize {
        self.breaks.len() - 1
    }

    fn width(&self, from: usize, to: usize) -> f32 {
        self.breaks[to].x - self.breaks[from].x
    }

    fn text(&self, from: usize, to: usize) -> &'a str {
        &self.word[self.breaks[from].at..self.breaks[to].at]
    }

    fn rest(&self, from: usize) -> &'a str {
        &self.word[self.breaks[from].at..]
    }

    /// The first position that lies further from `from` than `room`, or the word's end.
    fn breaks_within(&self, from: usize, room: f32) -> usize {
        let start = self.breaks[from].x;
        self.breaks[..self.end()].partition_point(|opportunity| opportunity.x - start <= room)
    }
}

/// Longer runs of letters are not hyphenated: they are no words of any language.
const LONGEST_HYPHENATED: usize = 100;

/// The ends of a word's syllables, and what stands after its own hyphens and strokes; whether a hyphen is added there.
/// Only as far as `most` and the end of the run of letters there.
fn syllables(word: &str, most: usize) -> Vec<(usize, bool)> {
    let mut ends = Vec::new();
    let mut from = 0;
    while from < most {
        let rest = &word[from..];
        let is_letter = rest.starts_with(char::is_alphabetic);
        let run = rest
            .find(|letter: char| letter.is_alphabetic() != is_letter)
            .unwrap_or(rest.len());
        if is_letter && run <= LONGEST_HYPHENATED {
            let mut end = from;
            for syllable in hypher::hyphenate(&rest[..run], Lang::Czech) {
                end += syllable.len();
                if end < from + run {
                    ends.push((end, true));
                }
            }
        } else if !is_letter
            && rest[..run].ends_with(['-', '–', '/', '.', '_', '@'])
            && from > 0
            && from + run < word.len()
        {
            ends.push((from + run, false));
        }
        from += run;
    }
    ends
}

/// Letters whose advances are looked up at once: Latin with all its marks.
const LOOKED_UP: usize = 0x250;

/// The advances of a font's letters, for a size of 1.
pub(super) struct Ruler {
    /// None only for a font that cannot be read.
    glyphs: Option<(Charmap<'static>, GlyphMetrics<'static>)>,
    latin: Vec<f32>,
}

impl Ruler {
    fn new(bytes: &'static [u8]) -> Self {
        let mut ruler = Self {
            glyphs: FontRef::new(bytes).ok().map(|font| {
                let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
                (font.charmap(), metrics)
            }),
            latin: Vec::new(),
        };
        ruler.latin = (0..LOOKED_UP as u32)
            .map(|letter| char::from_u32(letter).map_or(0.0, |letter| ruler.measure(letter)))
            .collect();
        ruler
    }

    pub(super) fn advance(&self, letter: char) -> f32 {
        match self.latin.get(letter as usize) {
            Some(advance) => *advance,
            None => self.measure(letter),
        }
    }

    fn measure(&self, letter: char) -> f32 {
        let advance = |(letters, metrics): &(Charmap<'_>, GlyphMetrics<'_>)| {
            metrics.advance_width(letters.map(letter)?)
        };
        self.glyphs.as_ref().and_then(advance).unwrap_or(0.0)
    }

    pub(super) fn width(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Every letter is one wide; `|` stands for the end of a line, `~` for the non-breaking space.
    #[track_caller]
    fn check(text: &str, width: f32, lines: usize, expected: &str) {
        let text = text.replace('~', "\u{a0}");
        let set = set(&text, width, lines, |_| 1.0);
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
    fn the_number_after_an_office_stays_whole() {
        let origin = "Městský úřad, odbor dopravy a silničního hospodářství · OD/4821/2026";
        let set = |width: f32| fitted_before(origin, "OD/4821/2026", 400, 10.0, width).unwrap();
        assert_eq!(set(1_000.0), origin);
        let mut before = origin.to_owned();
        for width in (80_u16..400).rev().map(f32::from) {
            let shown = set(width);
            let office = shown.strip_suffix("OD/4821/2026").unwrap();
            assert!(office.is_empty() || office.ends_with("… · ") || shown == origin);
            assert!(shown.chars().count() <= before.chars().count());
            let lines = lines_of(&shown, 400, 10.0, width + 0.1, 2);
            assert_eq!(lines, 1, "{shown}");
            before = shown;
        }
        assert_eq!(before, "OD/4821/2026");
        assert!(set(30.0).ends_with('…'), "what no line holds is cut");
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

    /// Texts of the greatest length a feed may have, without a space to break at.
    fn longest_texts() -> Vec<String> {
        let words = [
            "a",
            "ř",
            "W",
            "7",
            "_",
            "a-",
            "1/",
            "nejneobhospodařovávatelnější",
            "a\u{a0}",
            "e\u{301}",
        ];
        words
            .map(|word| word.chars().cycle().take(50_000).collect())
            .to_vec()
    }

    #[test]
    fn setting_a_text_without_spaces_is_linear_work() {
        for text in longest_texts() {
            for (width, lines) in [
                (1.0, 100_000),
                (2.5, 3),
                (30.0, 1_000),
                (80.0, 1),
                (60_000.0, 2),
            ] {
                let measured = Cell::new(0_usize);
                let set = set(&text, width, lines, |letter| {
                    measured.set(measured.get() + 1);
                    // A mark takes no room of its own.
                    if letter == '\u{301}' { 0.0 } else { 1.0 }
                });
                assert!(!set.text.is_empty());
                let sample: String = text.chars().take(5).collect();
                // Each letter may have a mark, and is measured on its own and in its word.
                let shown = 2.0 * (lines as f32 + 3.0) * width;
                assert!(
                    measured.get() as f32 <= 3.0 * shown.min(50_000.0) + 10.0,
                    "{} letters measured for {sample}… in {lines} lines of {width}",
                    measured.get()
                );
            }
        }
    }

    #[test]
    fn what_finds_no_room_changes_nothing_before_it() {
        for text in longest_texts() {
            for (width, lines) in [(2.5, 3), (30.0, 40), (80.0, 1)] {
                let beginning: String = text.chars().take(10_000).collect();
                let (short, long) = (
                    set(&beginning, width, lines, |_| 1.0),
                    set(&text, width, lines, |_| 1.0),
                );
                assert_eq!(short.text, long.text);
                assert!(long.cut);
            }
        }
    }

    #[test]
    fn no_letter_of_a_long_word_is_lost_or_looked_at_often() {
        for text in longest_texts() {
            let word = text.split(NO_BREAK).next().unwrap();
            let word = WideWord::new(word, f32::INFINITY, |_| 1.0);
            let looked_at: usize = (0..word.end())
                .step_by(20)
                .map(|from| word.breaks_within(from, 30.0) - from)
                .sum();
            assert!(looked_at <= 2 * 50_000);
            let set = set(&text, 30.0, 100_000, |_| 1.0);
            let plain = |text: &str| text.replace(['\n', '-', ' ', NO_BREAK], "");
            assert_eq!(plain(&set.text), plain(&text));
        }
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
