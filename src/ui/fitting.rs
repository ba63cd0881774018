//! Titles set in lines, and cut at a word.
//!
//! The toolkit breaks a line at a non-breaking space that just does not fit, and its ellipsis falls within words.
//! So titles are broken and shortened before they get there, by the advances of the very font they are drawn in.
//! The measure errs on the safe side: kerning, which it leaves out, mostly draws letters together.

use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use slint::ComponentHandle;

use super::generated::{AppWindow, Fitting};

pub(super) static REGULAR: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-Regular.ttf")));
static SEMIBOLD: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-SemiBold.ttf")));
static BOLD: LazyLock<Ruler> =
    LazyLock::new(|| Ruler::new(include_bytes!("../../ui/fonts/SourceSans3-Bold.ttf")));

/// What the measure may be short of what is drawn.
pub(super) const SLACK: f32 = 0.99;

/// Lets the markup set its titles.
pub(super) fn connect(window: &AppWindow) {
    window
        .global::<Fitting<'_>>()
        .on_set(|text, weight, font_size, width, lines| {
            if font_size <= 0.0 || width <= 0.0 {
                return text;
            }
            let ruler = match weight {
                ..600 => &REGULAR,
                600 => &SEMIBOLD,
                _ => &BOLD,
            };
            let lines = lines.try_into().unwrap_or(0);
            let width = width * SLACK / font_size;
            let paragraphs: Vec<String> = text
                .split('\n')
                .map(|paragraph| set(paragraph, width, lines, |word| ruler.width(word)))
                .collect();
            paragraphs.join("\n").into()
        });
}

/// The text in lines of this width; when it needs more of them than it may have, it ends at a word and „…".
fn set(text: &str, width: f32, lines: usize, measure: impl Fn(&str) -> f32) -> String {
    let (space, ellipsis) = (measure(" "), measure("…"));
    let mut set = String::with_capacity(text.len() + 8);
    let (mut line, mut x) = (1, 0.0);
    // The longest beginning after which „…" still fits on the last line.
    let mut last_fit = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = measure(word);
        if x > 0.0 && x + space + wide > width {
            if line >= lines {
                set.truncate(last_fit);
                let kept = set.trim_end_matches([',', ';', ':', '–', '-', '·', ' ', '\n']);
                return format!("{kept}…");
            }
            set.push('\n');
            line += 1;
            x = 0.0;
        } else if x > 0.0 {
            set.push(' ');
            x += space;
        }
        set.push_str(word);
        x += wide;
        if line < lines || x + ellipsis <= width {
            last_fit = set.len();
        }
    }
    set
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
        assert_eq!(set.replace('\n', "|").replace('\u{a0}', "~"), expected);
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
    fn a_word_longer_than_the_line_does_not_stop_the_kiosk() {
        check("Nejneobhospodařovávatelnější pozemek", 5.0, 1, "…");
        check("a b", 1.0, 0, "…");
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
