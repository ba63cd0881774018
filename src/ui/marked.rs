//! Lines of text with the words marked that a search has found.
//!
//! The markup cannot colour a part of a text, so it gets the parts with their positions on the line.
//! Found words are always visible: the text before them is shortened.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};

use super::fitting::{REGULAR, SLACK};
use super::markup::{AppWindow, MarkedLine, MarkedRun, Marking};
use super::view_model::FoundView;

/// Stands before found words in a text for the markup.
const BEGIN: char = FoundView::BEGIN;

/// Stands after them.
const END: char = FoundView::END;

/// Connects the markup's callback that sets marked lines.
pub(super) fn connect(window: &AppWindow) {
    window
        .global::<Marking<'_>>()
        .on_set(|before, text, font_size, width, lines| {
            if font_size <= 0.0 || width <= 0.0 {
                return ModelRc::default();
            }
            let most = usize::try_from(lines).unwrap_or(0);
            let lines = set(&before, &text, width * SLACK / font_size, most, |text| {
                REGULAR.width(text)
            });
            let lines: Vec<MarkedLine> = lines
                .into_iter()
                .map(|line| line_of(line, font_size))
                .collect();
            ModelRc::from(Rc::new(VecModel::from(lines)))
        });
}

fn line_of(line: Vec<Run>, font_size: f32) -> MarkedLine {
    let mut x = 0.0;
    let mut runs = Vec::with_capacity(line.len());
    for run in line {
        let width = REGULAR.width(&run.text) * font_size;
        runs.push(MarkedRun {
            text: run.text.into(),
            found: run.found,
            x,
            width,
        });
        x += width;
    }
    MarkedLine {
        runs: ModelRc::from(Rc::new(VecModel::from(runs))),
    }
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    text: String,
    found: bool,
}

/// Words, each with its parts, and whether the space before it is found too.
struct Word {
    parts: Vec<Run>,
    space_found: bool,
}

/// `before` and the text in lines of this width. Where they need more lines than they may have, they end in „…".
fn set(
    before: &str,
    text: &str,
    width: f32,
    lines: usize,
    measure: impl Fn(&str) -> f32,
) -> Vec<Vec<Run>> {
    let prefix = words(before);
    let words = words(text);
    let first = words
        .iter()
        .position(|word| word.parts.iter().any(|part| part.found));
    let mut from = 0;
    loop {
        let cut = (from > 0).then(|| Word {
            parts: vec![Run {
                text: "…".to_owned(),
                found: false,
            }],
            space_found: false,
        });
        let shown = prefix.iter().chain(&cut).chain(&words[from..]);
        let set = set_words(shown, width, lines, &measure);
        let marked = set.iter().flatten().any(|run| run.found);
        let Some(first) = first.filter(|_| !marked) else {
            return set;
        };
        if from >= first {
            // The found word alone is longer than the line.
            return set_words(words[first..].iter(), width, lines, &measure);
        }
        // A sign of omission that stood there already gives way together with the word after it.
        from += 1;
        while from < first && words[from].parts.iter().all(|part| part.text == "…") {
            from += 1;
        }
    }
}

fn set_words<'a>(
    words: impl Iterator<Item = &'a Word>,
    width: f32,
    lines: usize,
    measure: impl Fn(&str) -> f32,
) -> Vec<Vec<Run>> {
    let (space, ellipsis) = (measure(" "), measure("…"));
    let mut set: Vec<Vec<Run>> = vec![Vec::new()];
    let mut x = 0.0;
    // Where the last line may be cut so that „…" still fits.
    let mut fits: Vec<Run> = Vec::new();
    for word in words {
        let wide: f32 = word.parts.iter().map(|part| measure(&part.text)).sum();
        if x > 0.0 && x + space + wide > width {
            if set.len() >= lines {
                let last = set.last_mut().expect("there is always a line");
                *last = fits;
                push(last, "…", false);
                return set;
            }
            set.push(Vec::new());
            fits.clear();
            x = 0.0;
        }
        let line = set.last_mut().expect("there is always a line");
        if x > 0.0 {
            push(line, " ", word.space_found);
            x += space;
        }
        for part in &word.parts {
            push(line, &part.text, part.found);
        }
        x += wide;
        if x + ellipsis <= width {
            fits.clone_from(line);
        }
    }
    set
}

fn push(line: &mut Vec<Run>, text: &str, found: bool) {
    match line.last_mut() {
        Some(last) if last.found == found => last.text.push_str(text),
        _ => line.push(Run {
            text: text.to_owned(),
            found,
        }),
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut found = false;
    let mut words = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let space_found = found;
        let mut parts: Vec<Run> = Vec::new();
        for letter in word.chars() {
            match letter {
                BEGIN => found = true,
                END => found = false,
                letter => push(&mut parts, letter.encode_utf8(&mut [0; 4]), found),
            }
        }
        if !parts.is_empty() {
            words.push(Word { parts, space_found });
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every letter is one wide; found parts stand in brackets, `|` for the end of a line.
    #[track_caller]
    fn check(before: &str, text: &str, width: f32, lines: usize, expected: &str) {
        let text: String = text
            .chars()
            .map(|letter| match letter {
                '[' => BEGIN,
                ']' => END,
                other => other,
            })
            .collect();
        let set = set(before, &text, width, lines, |text| {
            text.chars().count() as f32
        });
        let shown: Vec<String> = set
            .iter()
            .map(|line| {
                line.iter()
                    .map(|run| {
                        if run.found {
                            format!("[{}]", run.text)
                        } else {
                            run.text.clone()
                        }
                    })
                    .collect()
            })
            .collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn marks_lie_on_the_words() {
        check(
            "v názvu:",
            "… ul. [Karlovar]ská",
            40.0,
            1,
            "v názvu: … ul. [Karlovar]ská",
        );
        check(
            "druh:",
            "[Dražby a exekuce]",
            40.0,
            2,
            "druh: [Dražby a exekuce]",
        );
        check(
            "druh:",
            "[Dražby a exekuce]",
            12.0,
            2,
            "druh: [Dražby]|[a exekuce]",
        );
        check("", "", 40.0, 2, "");
    }

    #[test]
    fn a_mark_over_a_lines_end_goes_on() {
        check("", "ab [cd ef] gh", 6.0, 3, "ab [cd]|[ef] gh");
    }

    #[test]
    fn what_is_too_long_ends_at_a_word() {
        check("", "[aa] bb cc dd", 6.0, 1, "[aa] bb…");
        check("", "[aa] bb cc dd", 5.0, 1, "[aa]…");
    }

    #[test]
    fn the_found_word_is_always_seen() {
        check("p 1:", "… bb cc dd [ee]ff gg", 12.0, 1, "p 1: … [ee]ff…");
        check("p 1:", "bb cc [ee]ff", 13.0, 1, "p 1: … [ee]ff");
        // A word longer than the line stays, and is cut by the edge.
        check("p:", "bb [eeeeeeeeeeee]", 5.0, 1, "[eeeeeeeeeeee]");
    }
}
