//! From the lines of a page to paragraphs that can be reflowed or read out.
//!
//! A page gives positions of words, not paragraphs, so these are inferred from the layout.
//! A line that ends although the next line's first word would have fitted was broken on purpose. A wider gap, another
//! size of letters or a list number begins a new paragraph. Wide gaps within a line make a table.
//! A wrong inference costs a line break, never a word: every word is kept, in order.

use std::collections::HashMap;

use vyveska_wire::text_rendition::{
    CELL_GAP, Paragraph, ParagraphKind, TextBox, TextLine, TextWord, is_divided,
};

mod groups;
mod items;
mod spaced_out;
#[cfg(test)]
mod tests;

use items::begins_item;

/// A line this much further apart than usual on the page begins a paragraph.
const WIDER: f32 = 1.22;
/// Letters this much larger than the page's make a heading.
const HEADING_SIZE: f32 = 1.12;
/// The same for recognised letters, whose height is less certain.
const RECOGNISED_HEADING_SIZE: f32 = 1.3;
/// A longer paragraph is no heading.
const HEADING_LETTERS: usize = 200;
/// The most letters of a heading in capitals.
const CAPITALS_LETTERS: usize = 80;
/// A line within this many points of another one's left edge stands in its column.
const COLUMN_STEP: f32 = 24.0;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Its words in reading order; never empty.
    pub(super) words: Vec<TextWord>,
    /// Its paragraph, where known: lines of one paragraph stay together, those of different ones apart.
    pub(super) paragraph: Option<u32>,
}

/// What separates a line from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Nothing: the text continues.
    None,
    /// The line before was broken on purpose.
    Short,
    /// A new paragraph begins.
    New,
}

/// Groups the lines of a page into paragraphs.
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
    groups::gather(blocks)
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

/// A line with its measures.
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
        let line = spaced_out::join(line);
        let mut heights: Vec<f32> = line.words.iter().map(|word| word.place.height).collect();
        // Boxes of recognised words are as high as their own letters, so the highest are the most reliable.
        let part = if line.paragraph.is_some() { 0.9 } else { 0.5 };
        let height = fraction(&mut heights, part).max(1.0);
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
    /// One line: broken on purpose, or a row of a table.
    fn is_single(&self) -> bool {
        self.lines.len() == 1
    }
}

/// The usual measures of a page.
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
            return self.recognised_separation(before, line, one == other);
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
        let hanging_indent = block.is_single() && begins_item(&before.words);
        if indented && !hanging_indent {
            return Break::New;
        }
        if self.was_ended(before, line) {
            return Break::Short;
        }
        Break::None
    }

    /// The recogniser groups lines too, by shape alone: clear evidence of the text has precedence.
    fn recognised_separation(&self, before: &Measured, line: &Measured, together: bool) -> Break {
        if before.tabular || line.tabular || begins_item(&line.words) {
            return Break::New;
        }
        let ended = self.was_ended(before, line);
        if together {
            return if ended { Break::Short } else { Break::None };
        }
        let first = line.words.first().and_then(|word| word.text.chars().next());
        let pitch = line.middle() - before.middle();
        let goes_on = !ended
            && first.is_some_and(char::is_lowercase)
            && (0.0..2.5 * before.height).contains(&pitch)
            && !self.is_large(before);
        if goes_on { Break::None } else { Break::New }
    }

    /// Whether a line was broken on purpose: the first word of the next would have fitted, and is not the rest of a
    /// divided one.
    fn was_ended(&self, before: &Measured, line: &Measured) -> bool {
        let around = before.words.last().zip(line.words.first());
        if around.is_some_and(|(last, first)| is_divided(&last.text, &first.text)) {
            return false;
        }
        let height = before.height.max(line.height);
        let first = line.words.first().map_or(0.0, |word| word.place.width);
        let edge = self.right_edge(before).max(self.right_edge(line));
        before.place.right() + 0.35 * height + first + height < edge
    }

    fn is_large(&self, line: &Measured) -> bool {
        let than_usual = if line.paragraph.is_some() {
            RECOGNISED_HEADING_SIZE
        } else {
            HEADING_SIZE
        };
        line.height > than_usual * self.height
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
        let large = lines.iter().all(|line| self.is_large(line));
        let capitals = letters <= CAPITALS_LETTERS && are_capitals(lines);
        // Text around a seal spans many lines.
        let straight = lines
            .iter()
            .all(|line| line.place.height < 1.8 * line.height);
        if !straight {
            return ParagraphKind::Text;
        }
        if (large && letters <= HEADING_LETTERS && letters > 0) || capitals {
            return ParagraphKind::Heading;
        }
        ParagraphKind::Text
    }
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

/// Whether these are words in capitals, and not only a file number.
fn are_capitals(lines: &[Measured]) -> bool {
    let letters = || {
        let words = lines.iter().flat_map(|line| &line.words);
        words.flat_map(|word| word.text.chars())
    };
    let alphabetic = letters().filter(|letter| letter.is_alphabetic()).count();
    let digits = letters().filter(char::is_ascii_digit).count();
    alphabetic >= 4 && alphabetic > digits && !letters().any(char::is_lowercase)
}
