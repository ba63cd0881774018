//! Long texts in paragraphs that the toolkit sets and paints within a frame.
//!
//! Every paragraph is an element of its own. One of fifty thousand letters would be higher than the renderer's
//! coordinates reach, and fifty thousand of one letter would take seconds to be made.

use vyveska_board::format::typography;

/// The longest paragraph, in letters; a longer one is divided, where it can be after a sentence.
const LONGEST: usize = 4_000;

/// So many paragraphs are elements of their own; of more, neighbours are joined.
pub(super) const MANY: usize = 200;

/// The most lines that are joined into one element.
const JOINED_LINES: usize = 100;

/// The lines of a text as paragraphs, with non-breaking spaces in place.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let paragraphs = lines(text);
    if paragraphs.len() > MANY {
        return joined(&paragraphs);
    }
    paragraphs
}

/// One paragraph whose lines stay lines; in several parts only where it is too long.
pub(super) fn blocks(paragraph: &str) -> Vec<String> {
    joined(&lines(paragraph))
}

/// The lines that are not empty, those that are too long divided.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let bound = typography::bind(line);
        let mut rest = bound.as_str();
        while let Some(end) = division(rest) {
            let (part, after) = rest.split_at(end);
            lines.push(part.trim_end().to_owned());
            rest = after.trim_start();
        }
        if !rest.is_empty() {
            lines.push(rest.to_owned());
        }
    }
    lines
}

/// Where a line that is too long is divided: after a sentence, else after a word, else anywhere.
fn division(line: &str) -> Option<usize> {
    let (most, _) = line.char_indices().nth(LONGEST)?;
    let (least, _) = line.char_indices().nth(LONGEST / 2)?;
    let within = &line[least..most];
    let end = within
        .rfind(". ")
        .map(|stop| stop + 2)
        .or_else(|| within.rfind(' ').map(|space| space + 1));
    Some(end.map_or(most, |end| least + end))
}

/// Neighbours joined, as many as one element takes.
pub(super) fn joined(paragraphs: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let (mut lines, mut length) = (0, 0);
    for paragraph in paragraphs {
        let letters = paragraph.chars().count();
        match all.last_mut() {
            Some(last) if lines < JOINED_LINES && length + letters <= LONGEST => {
                last.push('\n');
                last.push_str(paragraph);
                lines += 1;
                length += letters;
            }
            _ => {
                all.push(paragraph.clone());
                (lines, length) = (1, letters);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_paragraphs() {
        assert_eq!(
            paragraphs("Schůze v sále.\n\n  Program:\n1. zahájení"),
            ["Schůze v\u{a0}sále.", "Program:", "1.\u{a0}zahájení"]
        );
        assert!(paragraphs("\n \n").is_empty());
    }

    #[test]
    fn a_long_paragraph_is_divided_after_a_sentence() {
        let sentence = "Záměr prodeje pozemku. ";
        let text = sentence.repeat(1_000);
        let divided = paragraphs(&text);
        assert!(divided.iter().all(|part| part.chars().count() <= LONGEST));
        assert!(divided.iter().all(|part| part.ends_with('.')));
        assert_eq!(divided.join(" "), text.trim_end());
    }

    #[test]
    fn whatever_the_text_its_paragraphs_are_few_and_short() {
        for text in [
            "a".repeat(50_000),
            "7_".repeat(25_000),
            "a\n".repeat(25_000),
            "ab cd\n".repeat(8_000),
            format!("{}\n", "x".repeat(3_000)).repeat(16),
        ] {
            let set = paragraphs(&text);
            assert!(set.len() <= 2 * MANY, "{} paragraphs", set.len());
            for paragraph in &set {
                assert!(paragraph.chars().count() <= LONGEST + JOINED_LINES);
                assert!(paragraph.lines().count() <= JOINED_LINES);
            }
            let plain = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(plain(&set.concat()), plain(&text));
        }
    }
}
