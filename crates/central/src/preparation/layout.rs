//! From the lines of a page to paragraphs that can be reflowed or read out.
//!
//! A page knows where its words stand, not what belongs together, so that is guessed from the shapes a reader goes by:
//! a line that ended although its neighbour's first word would have fitted was ended on purpose, a wider gap, another
//! size of letters or a number of a list begins something new, and wide gaps within a line make a table.
//! A wrong guess costs a line break, never a word: every word is kept, in its order.

use std::collections::HashMap;

use vyveska_wire::text_rendition::{
    CELL_GAP, Paragraph, ParagraphKind, TextBox, TextLine, TextWord,
};

/// Lines this much further apart than usual on the page begin something new.
const WIDER: f32 = 1.22;
/// Letters this much larger than the page's are a heading's.
const HEADING_SIZE: f32 = 1.12;
/// Longer ones are no headings.
const HEADING_LETTERS: usize = 200;
/// The same in capital letters only.
const CAPITALS_LETTERS: usize = 80;
/// A line within this many points of another one's left edge stands in its column.
const COLUMN_STEP: f32 = 24.0;

/// A line of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Its words in reading order; never empty.
    pub(super) words: Vec<TextWord>,
    /// Which paragraph it belongs to, where that is known: lines of different ones stay apart, those of one together.
    pub(super) paragraph: Option<u32>,
}

/// What separates a line from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Nothing: the text goes on.
    None,
    /// The line before was ended on purpose.
    Short,
    /// Something new begins.
    New,
}

/// Puts the lines of a page together.
pub(super) fn paragraphs(lines: Vec<Line>) -> Vec<Paragraph> {
    let measured: Vec<Measured> = lines.into_iter().map(Measured::of).collect();
    let page = PageShape::of(&measured);
    let mut blocks: Vec<Block> = Vec::new();
    for line in measured {
        let separation = blocks
            .last()
            .map_or(Break::New, |block| page.separation(block, &line));
        match blocks.last_mut() {
            Some(block) if separation == Break::None => block.lines.push(line),
            _ => blocks.push(Block {
                separation,
                lines: vec![line],
            }),
        }
    }
    merge_lists(blocks)
        .into_iter()
        .map(|(kind, lines)| Paragraph {
            kind: kind.unwrap_or_else(|| page.kind(&lines)),
            lines: lines
                .into_iter()
                .map(|line| TextLine { words: line.words })
                .collect(),
        })
        .collect()
}

/// A line with what its shape says.
#[derive(Debug)]
struct Measured {
    words: Vec<TextWord>,
    paragraph: Option<u32>,
    place: TextBox,
    /// The usual height of its letters.
    height: f32,
    letters: usize,
    tabular: bool,
}

impl Measured {
    fn of(line: Line) -> Self {
        let mut heights: Vec<f32> = line.words.iter().map(|word| word.place.height).collect();
        let height = fraction(&mut heights, 0.5).max(1.0);
        let gaps = line.words.windows(2);
        let tabular = gaps
            .map(|pair| pair[1].place.x - pair[0].place.right())
            .any(|gap| gap > CELL_GAP * height);
        Self {
            place: line
                .words
                .iter()
                .map(|word| word.place)
                .fold(line.words.first().map_or(EMPTY, |word| word.place), union),
            letters: line.words.iter().map(|word| letters(&word.text)).sum(),
            height,
            tabular,
            words: line.words,
            paragraph: line.paragraph,
        }
    }

    fn middle(&self) -> f32 {
        self.place.y + self.place.height / 2.0
    }
}

#[derive(Debug)]
struct Block {
    separation: Break,
    lines: Vec<Measured>,
}

impl Block {
    /// One line, ended on purpose or a row of a table.
    fn is_single(&self) -> bool {
        self.lines.len() == 1
    }
}

/// What is usual on a page.
#[derive(Debug)]
struct PageShape {
    /// The height of most letters.
    height: f32,
    /// How far lines of one paragraph are apart, in letter heights.
    pitch: f32,
    /// How far lines reach to the right, by where they begin.
    right_edges: HashMap<i32, f32>,
}

impl PageShape {
    fn of(lines: &[Measured]) -> Self {
        let mut heights: Vec<(f32, usize)> = lines
            .iter()
            .map(|line| (line.height, line.letters))
            .collect();
        let mut pitches: Vec<f32> = lines
            .windows(2)
            .map(|pair| (pair[1].middle() - pair[0].middle()) / pair[0].height)
            .filter(|pitch| (0.9..2.2).contains(pitch))
            .collect();
        Self {
            height: weighted_median(&mut heights),
            // Closer than half of them: many paragraphs have one line only.
            pitch: if pitches.is_empty() {
                1.4
            } else {
                fraction(&mut pitches, 0.3)
            },
            right_edges: right_edges(lines),
        }
    }

    fn separation(&self, block: &Block, line: &Measured) -> Break {
        let Some(before) = block.lines.last() else {
            return Break::New;
        };
        if let (Some(one), Some(other)) = (before.paragraph, line.paragraph) {
            return if one == other {
                Break::None
            } else {
                Break::New
            };
        }
        let height = before.height.max(line.height);
        let pitch = line.middle() - before.middle();
        let size = line.height / before.height;
        if pitch < -0.5 * height
            || pitch > self.pitch * WIDER * height
            || !(0.87..1.15).contains(&size)
        {
            return Break::New;
        }
        if before.tabular != line.tabular || (before.tabular && line.tabular) {
            return Break::New;
        }
        if begins_item(&line.words) {
            return Break::New;
        }
        let indented = line.place.x - before.place.x > 0.9 * height;
        let hanging = block.is_single() && begins_item(&before.words);
        if indented && !hanging {
            return Break::New;
        }
        let first = line.words.first().map_or(0.0, |word| word.place.width);
        if before.place.right() + 0.35 * height + first + height < self.right_edge(before) {
            return Break::Short;
        }
        Break::None
    }

    fn right_edge(&self, line: &Measured) -> f32 {
        let own = line.place.right();
        let column = column(line.place.x);
        (column - 1..=column + 1)
            .filter_map(|column| self.right_edges.get(&column))
            .fold(own, |edge, other| edge.max(*other))
    }

    fn kind(&self, lines: &[Measured]) -> ParagraphKind {
        let tabular = lines.iter().filter(|line| line.tabular).count();
        if tabular * 2 >= lines.len() {
            return ParagraphKind::Lines;
        }
        let letters: usize = lines.iter().map(|line| line.letters).sum();
        let large = lines
            .iter()
            .all(|line| line.height > HEADING_SIZE * self.height);
        let capitals = (4..=CAPITALS_LETTERS).contains(&letters) && are_capitals(lines);
        if (large && letters <= HEADING_LETTERS && letters > 0) || capitals {
            return ParagraphKind::Heading;
        }
        ParagraphKind::Text
    }
}

/// Rows of a table, and lines that were each ended on purpose, belong together and stay lines.
fn merge_lists(blocks: Vec<Block>) -> Vec<(Option<ParagraphKind>, Vec<Measured>)> {
    let mut merged: Vec<(Option<ParagraphKind>, Vec<Measured>)> = Vec::new();
    let mut open = false;
    for mut block in blocks {
        let single = block.is_single();
        let joins = open
            && single
            && merged.last().is_some_and(|(_, lines)| {
                joins_list(lines.last(), block.lines.first(), block.separation)
            });
        if joins && let Some((kind, lines)) = merged.last_mut() {
            *kind = Some(ParagraphKind::Lines);
            lines.append(&mut block.lines);
        } else {
            merged.push((None, block.lines));
        }
        open = single;
    }
    merged
}

fn joins_list(before: Option<&Measured>, line: Option<&Measured>, separation: Break) -> bool {
    let (Some(before), Some(line)) = (before, line) else {
        return false;
    };
    if before.paragraph.is_some() {
        return false;
    }
    let size = line.height / before.height;
    let pitch = (line.middle() - before.middle()) / before.height;
    let near = (0.0..3.0).contains(&pitch) && (0.87..1.15).contains(&size);
    (before.tabular && line.tabular && near) || separation == Break::Short
}

const EMPTY: TextBox = TextBox {
    x: 0.0,
    y: 0.0,
    width: 0.0,
    height: 0.0,
};

fn union(one: TextBox, other: TextBox) -> TextBox {
    let (x, y) = (one.x.min(other.x), one.y.min(other.y));
    TextBox {
        x,
        y,
        width: one.right().max(other.right()) - x,
        height: one.bottom().max(other.bottom()) - y,
    }
}

fn column(x: f32) -> i32 {
    (x / COLUMN_STEP).round() as i32
}

/// How far lines that begin about here reach: nearly the furthest of them, one may stick out.
fn right_edges(lines: &[Measured]) -> HashMap<i32, f32> {
    let mut by_column: HashMap<i32, Vec<f32>> = HashMap::new();
    for line in lines.iter().filter(|line| !line.tabular) {
        let edges = by_column.entry(column(line.place.x)).or_default();
        edges.push(line.place.right());
    }
    by_column
        .into_iter()
        .map(|(column, mut edges)| (column, fraction(&mut edges, 0.95)))
        .collect()
}

/// The value below which this part of the values lies; 0 of none.
fn fraction(values: &mut [f32], part: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    let index = (values.len() as f32 * part) as usize;
    values
        .get(index.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

fn weighted_median(values: &mut [(f32, usize)]) -> f32 {
    values.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let half: usize = values.iter().map(|(_, weight)| weight).sum::<usize>() / 2;
    let mut passed = 0;
    for (value, weight) in values.iter() {
        passed += weight;
        if passed > half {
            return *value;
        }
    }
    values.last().map_or(1.0, |(value, _)| *value)
}

/// How many letters and digits a text has.
pub(super) fn letters(text: &str) -> usize {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .count()
}

fn are_capitals(lines: &[Measured]) -> bool {
    let mut alphabetic = lines
        .iter()
        .flat_map(|line| &line.words)
        .flat_map(|word| word.text.chars())
        .filter(|letter| letter.is_alphabetic())
        .peekable();
    alphabetic.peek().is_some() && alphabetic.all(char::is_uppercase)
}

/// Whether these words begin an item of a list, an article or a section: „a)", „12.", „•", „§ 5", „Čl. 3".
fn begins_item(words: &[TextWord]) -> bool {
    let Some(first) = words.first().map(|word| word.text.as_str()) else {
        return false;
    };
    if matches!(
        first,
        "•" | "–" | "—" | "-" | "▪" | "◦" | "●" | "■" | "*" | "§" | "Čl." | "Článek"
    ) {
        return words.len() > 1;
    }
    let second = words.get(1).and_then(|word| word.text.chars().next());
    let Some(mark) = first.strip_suffix([')', '.']) else {
        return false;
    };
    let mark = mark.strip_prefix('(').unwrap_or(mark);
    let number =
        !mark.is_empty() && mark.len() <= 6 && mark.chars().all(|c| c.is_ascii_digit() || c == '.');
    let letter = mark.chars().count() == 1 && mark.chars().all(|c| c.is_ascii_lowercase());
    if first.ends_with(')') {
        return second.is_some() && (number || letter);
    }
    // „1. ledna" and „1. 12." go on; „1. Zahájení" begins.
    number && second.is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of five-point letters, ten points high, 12 points apart; `|` is a wide gap and `^` larger letters.
    fn page(text: &str) -> Vec<Line> {
        let mut y = 100.0;
        let mut lines = Vec::new();
        for line in text.lines() {
            let (line, scale) = match line.strip_prefix('^') {
                Some(line) => (line, 1.5),
                None => (line, 1.0),
            };
            if line.trim().is_empty() {
                y += 8.0;
                continue;
            }
            let indent = line.chars().take_while(|c| *c == ' ').count();
            let mut x = 70.0 + 5.0 * indent as f32;
            let mut words = Vec::new();
            for word in line.split_whitespace() {
                if word == "|" {
                    x += 60.0;
                    continue;
                }
                let width = 5.0 * scale * word.chars().count() as f32;
                words.push(TextWord {
                    text: word.to_owned(),
                    place: TextBox::new(x, y, width, 10.0 * scale),
                    confidence: None,
                });
                x += width + 3.0 * scale;
            }
            lines.push(Line {
                words,
                paragraph: None,
            });
            y += 12.0 * scale;
        }
        lines
    }

    #[track_caller]
    fn check(text: &str, expected: &[(ParagraphKind, &str)]) {
        let found = paragraphs(page(text));
        let found: Vec<(ParagraphKind, String)> = found
            .iter()
            .map(|paragraph| (paragraph.kind, paragraph.text()))
            .collect();
        let found: Vec<(ParagraphKind, &str)> = found
            .iter()
            .map(|(kind, text)| (*kind, text.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    use ParagraphKind::{Heading, Lines, Text};

    #[test]
    fn lines_that_fill_the_column_go_on_and_a_short_one_ends_the_paragraph() {
        check(
            "Zastupitelstvo města schválilo záměr prodeje pozem-\n\
             ku v katastrálním území Horní Paseky podle zákona o\n\
             obcích.\n\
             Nabídky se podávají na podatelně městského úřadu do\n\
             konce lhůty.",
            &[
                (
                    Text,
                    "Zastupitelstvo města schválilo záměr prodeje pozemku v katastrálním území Horní Paseky podle zákona o obcích.",
                ),
                (
                    Text,
                    "Nabídky se podávají na podatelně městského úřadu do konce lhůty.",
                ),
            ],
        );
    }

    #[test]
    fn a_gap_or_an_indent_begins_a_paragraph() {
        check(
            "První odstavec textu který zabere celou šířku řádku\n\
             a pokračuje na dalším řádku až k jeho samému konci.\n\
             \n\
             Druhý odstavec následuje po širší mezeře a pokračuje\n\
             také na dalším řádku až k jeho úplně samému konci.\n\
             \x20   Třetí je odsazen a má první řádek o něco kratší\n\
             a pokračuje na dalším řádku až k jeho samému konci.",
            &[
                (
                    Text,
                    "První odstavec textu který zabere celou šířku řádku a pokračuje na dalším řádku až k jeho samému konci.",
                ),
                (
                    Text,
                    "Druhý odstavec následuje po širší mezeře a pokračuje také na dalším řádku až k jeho úplně samému konci.",
                ),
                (
                    Text,
                    "Třetí je odsazen a má první řádek o něco kratší a pokračuje na dalším řádku až k jeho samému konci.",
                ),
            ],
        );
    }

    #[test]
    fn headings_are_larger_or_in_capitals() {
        check(
            "^Veřejná vyhláška\n\
             \n\
             NÁVRH ROZPOČTU\n\
             \n\
             Finanční odbor předkládá návrh rozpočtu města na příští\n\
             rok a střednědobý výhled na tři následující roky podle\n\
             zákona.",
            &[
                (Heading, "Veřejná vyhláška"),
                (Heading, "NÁVRH ROZPOČTU"),
                (
                    Text,
                    "Finanční odbor předkládá návrh rozpočtu města na příští rok a střednědobý výhled na tři následující roky podle zákona.",
                ),
            ],
        );
    }

    #[test]
    fn rows_of_a_table_and_lines_of_an_address_stay_lines() {
        check(
            "Daňové příjmy | 90 825\n\
             Nedaňové příjmy | 13 310\n\
             \n\
             \n\
             Finanční odbor předkládá návrh rozpočtu města na příští\n\
             rok.\n\
             \n\
             \n\
             Městský úřad\n\
             Náměstí 1\n\
             Lipnice",
            &[
                (
                    Lines,
                    "Daňové příjmy\u{2003}90 825\nNedaňové příjmy\u{2003}13 310",
                ),
                (
                    Text,
                    "Finanční odbor předkládá návrh rozpočtu města na příští rok.",
                ),
                (Lines, "Městský úřad\nNáměstí 1\nLipnice"),
            ],
        );
    }

    #[test]
    fn items_of_a_list_stand_apart_with_all_their_lines() {
        check(
            "1. Zahájení a určení ověřovatelů zápisu a schválení toho\n\
             \x20  co je na programu jednání zastupitelstva města dnes\n\
             2. Kontrola plnění usnesení z minulého zasedání které se\n\
             konalo dne\n\
             1. prosince a trvalo velmi dlouho do pozdních hodin noci\n\
             a) bod a",
            &[
                (
                    Text,
                    "1. Zahájení a určení ověřovatelů zápisu a schválení toho co je na programu jednání zastupitelstva města dnes",
                ),
                (
                    Text,
                    "2. Kontrola plnění usnesení z minulého zasedání které se konalo dne",
                ),
                (
                    Text,
                    "1. prosince a trvalo velmi dlouho do pozdních hodin noci",
                ),
                (Text, "a) bod a"),
            ],
        );
    }

    #[test]
    fn known_paragraphs_are_kept_as_they_are() {
        let mut lines = page("krátký\nřádek\ndruhý odstavec");
        for (line, paragraph) in lines.iter_mut().zip([1, 1, 2]) {
            line.paragraph = Some(paragraph);
        }
        let found: Vec<String> = paragraphs(lines).iter().map(Paragraph::text).collect();
        assert_eq!(found, ["krátký řádek", "druhý odstavec"]);
    }

    #[test]
    fn no_word_is_lost_whatever_the_places_are() {
        let odd = [0.0, -5.0, 1e6, 3.3, f32::NAN];
        let mut lines = Vec::new();
        for (n, x) in odd.iter().enumerate() {
            for y in odd {
                lines.push(Line {
                    words: vec![TextWord {
                        text: format!("w{n}"),
                        place: TextBox::new(*x, y, y, *x),
                        confidence: None,
                    }],
                    paragraph: None,
                });
            }
        }
        let words: usize = paragraphs(lines)
            .iter()
            .flat_map(|paragraph| &paragraph.lines)
            .map(|line| line.words.len())
            .sum();
        assert_eq!(words, 25);
    }
}
