//! The part of a text that shows why it was found, with the found words marked.

use std::collections::HashSet;
use std::ops::Range;

use super::query::Term;
use super::words::{chunks, is_number, words};
use super::{Folded, topic};

/// The most hits of one text that are considered; the first ones suffice for an excerpt.
const MOST_SIGHTINGS: usize = 200;

/// A piece of a text on one line, as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The words, parted by single spaces.
    pub text: String,
    /// The found parts of it, in order, apart from each other.
    pub marks: Vec<Range<usize>>,
    /// Whether the text goes on before it.
    pub cut_before: bool,
    /// Whether the text goes on after it.
    pub cut_after: bool,
}

/// About `room` letters of a text around what was found; `None` when none of the words stands in it.
pub fn excerpt(text: &str, terms: &[Term], room: usize) -> Option<Excerpt> {
    let folded = Folded::new(text);
    let sightings = sightings(&folded, terms);
    let best = best_start(&folded, &sightings, room)?;
    let marks: Vec<Range<usize>> = sightings.into_iter().map(|(part, _)| part).collect();
    Some(cut_out(text, &folded, &marks, best, room))
}

/// A text of a notice that belongs to a topic these words mean, with the words that show it marked.
pub(super) fn topical(text: &str, terms: &[Term], room: usize) -> Option<Excerpt> {
    let folded = Folded::new(text);
    let part = terms
        .iter()
        .find_map(|term| topic::evidence(folded.as_str(), term.topics()))?;
    Some(cut_out(text, &folded, &[part], 0, room))
}

/// Where the words stand in the folded text, in order, and which word it is.
fn sightings(folded: &Folded, terms: &[Term]) -> Vec<(Range<usize>, usize)> {
    let all = folded.as_str();
    let mut found: Vec<(Range<usize>, usize)> = Vec::new();
    for chunk in chunks(all) {
        let numbered = is_number(&all[chunk.clone()]);
        for word in words(&all[chunk.clone()]) {
            let start = chunk.start + word.start;
            let end = chunk.start + word.end;
            let alone = terms
                .iter()
                .enumerate()
                .filter_map(|(index, term)| Some((start + term.marked(&all[start..end])?, index)));
            let number =
                terms
                    .iter()
                    .enumerate()
                    .filter(|_| numbered)
                    .filter_map(|(index, term)| {
                        let length = across(&all[start..chunk.end], term.word())?;
                        Some((start + length, index))
                    });
            if let Some((to, index)) = alone.chain(number).max() {
                if found.last().is_none_or(|(last, _)| last.end <= start) {
                    found.push((start..to, index));
                }
                if found.len() >= MOST_SIGHTINGS {
                    return found;
                }
            }
        }
    }
    found
}

/// How far a number that was typed without its slashes reaches into the written one.
fn across(written: &str, typed: &str) -> Option<usize> {
    let mut left = typed.chars().peekable();
    for (at, letter) in written.char_indices() {
        let Some(next) = left.peek() else {
            return Some(at);
        };
        if letter == *next {
            left.next();
        } else if letter.is_alphanumeric() {
            return None;
        }
    }
    left.peek().is_none().then_some(written.len())
}

/// The hit after which most different words occur within the room.
fn best_start(folded: &Folded, sightings: &[(Range<usize>, usize)], room: usize) -> Option<usize> {
    let score = |position: usize| {
        let start = sightings[position].0.start;
        let within = sightings[position..]
            .iter()
            .take_while(|(part, _)| part.end - start <= room);
        within.map(|(_, term)| term).collect::<HashSet<_>>().len()
    };
    (0..sightings.len())
        .max_by_key(|position| (score(*position), std::cmp::Reverse(*position)))
        .map(|position| folded.origin(sightings[position].0.clone()).start)
}

fn cut_out(
    text: &str,
    folded: &Folded,
    marks: &[Range<usize>],
    first: usize,
    room: usize,
) -> Excerpt {
    let window = window(text, first, room);
    let mut excerpt = Excerpt {
        cut_before: text[..window.start].contains(|c: char| !c.is_whitespace()),
        cut_after: text[window.end..].contains(|c: char| !c.is_whitespace()),
        ..Excerpt::default()
    };
    let marks: Vec<Range<usize>> = marks
        .iter()
        .map(|part| folded.origin(part.clone()))
        .collect();
    let mut upcoming = marks
        .iter()
        .filter(|mark| mark.start >= window.start && mark.end <= window.end)
        .peekable();
    let mut open: Option<(usize, usize)> = None;
    for (at, letter) in text[window.clone()].char_indices() {
        let at = window.start + at;
        close(&mut open, at, &mut excerpt);
        if letter.is_whitespace() {
            if !excerpt.text.is_empty() && !excerpt.text.ends_with(' ') {
                excerpt.text.push(' ');
            }
            continue;
        }
        if open.is_none()
            && let Some(mark) = upcoming.next_if(|mark| mark.start <= at)
        {
            open = Some((excerpt.text.len(), mark.end));
        }
        excerpt.text.push(letter);
    }
    close(&mut open, window.end, &mut excerpt);
    excerpt.text.truncate(excerpt.text.trim_end().len());
    excerpt
}

fn close(open: &mut Option<(usize, usize)>, at: usize, excerpt: &mut Excerpt) {
    if let Some((start, end)) = *open
        && at >= end
    {
        excerpt.marks.push(start..excerpt.text.len());
        *open = None;
    }
}

/// Whole words around a place, at most about `room` letters, a quarter of them before it.
fn window(text: &str, first: usize, room: usize) -> Range<usize> {
    if text.chars().nth(room).is_none() {
        return 0..text.len();
    }
    let before = text[..first]
        .char_indices()
        .rev()
        .nth(room / 4)
        .map_or(0, |(at, _)| at);
    let start = match text[before..first].find(char::is_whitespace) {
        Some(space) if before > 0 => before + space + 1,
        _ if before > 0 => first,
        _ => 0,
    };
    let start = ceil(text, start);
    let end = text[start..]
        .char_indices()
        .nth(room)
        .map_or(text.len(), |(at, _)| start + at);
    if end == text.len() {
        return start..end;
    }
    // The last word in part is left out, unless nothing else is there.
    let whole = text[start..end]
        .rfind(char::is_whitespace)
        .map(|at| start + at)
        .filter(|at| *at > first);
    start..whole.unwrap_or(end)
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Query;
    use super::*;

    #[track_caller]
    fn check(typed: &str, text: &str, expected: &str) {
        let found = excerpt(text, Query::parse(typed).terms(), 40);
        assert_eq!(
            found.map(|found| shown(&found)).unwrap_or_default(),
            expected
        );
    }

    fn shown(excerpt: &Excerpt) -> String {
        let mut shown = String::new();
        let mut at = 0;
        if excerpt.cut_before {
            shown.push_str("… ");
        }
        for mark in &excerpt.marks {
            shown.push_str(&excerpt.text[at..mark.start]);
            shown.push('[');
            shown.push_str(&excerpt.text[mark.clone()]);
            shown.push(']');
            at = mark.end;
        }
        shown.push_str(&excerpt.text[at..]);
        if excerpt.cut_after {
            shown.push_str(" …");
        }
        shown
    }

    #[test]
    fn a_hit_is_marked_as_it_was_written() {
        check(
            "karlovar",
            "Uzavírka, ul. Karlovarská",
            "Uzavírka, ul. [Karlovar]ská",
        );
        check(
            "KAR uz",
            "Uzavírka, ul. Karlovarská",
            "[Uz]avírka, ul. [Kar]lovarská",
        );
        check("elektřina", "dodávka elektřiny", "dodávka [elektřin]y");
        check("xyz", "dodávka elektřiny", "");
        check("", "dodávka elektřiny", "");
    }

    #[test]
    fn only_words_near_the_hit_are_shown() {
        let long = format!(
            "{} spolky se sídlem\n v Karlovarském  kraji {}",
            "dlouhé ".repeat(30),
            "konec ".repeat(30)
        );
        check("karlovar", &long, "… sídlem v [Karlovar]ském kraji konec …");
        check(
            "kraj karlovar",
            &long,
            "… sídlem v [Karlovar]ském [kraj]i konec …",
        );
        check(
            "konec dlouhe",
            &long,
            "[dlouhé] [dlouhé] [dlouhé] [dlouhé] [dlouhé] …",
        );
    }

    #[test]
    fn the_place_with_most_of_the_words_is_shown() {
        let text = format!("Tisová {} zahrada Tisová", "a nic k tomu ".repeat(20));
        check("zahrada tisova", &text, "… k tomu [zahrada] [Tisová]");
    }

    #[test]
    fn numbers_are_marked_over_their_slashes() {
        check("od4821", "č. j. OD/4821/2026", "č. j. [OD/4821]/2026");
        check("4821/20", "č. j. OD/4821/2026", "č. j. OD/[4821/20]26");
        check("455/1", "pozemek p. č. 455/1", "pozemek p. č. [455/1]");
        check("455/1", "pozemek p. č. 4551", "pozemek p. č. [4551]");
    }

    #[test]
    fn a_topic_shows_by_its_words() {
        let terms = Query::parse("Strom");
        let found = topical("Přerušení dodávky elektřiny", terms.terms(), 40).unwrap();
        assert_eq!(shown(&found), "Přerušení dodávky [elektřiny]");
        assert_eq!(topical("Volby", terms.terms(), 40), None);
    }

    proptest! {
        #[test]
        fn marks_always_fit(text in "[a-cÁČß0-3/ \\-\\.\\n\u{30c}]{0,200}", typed in "[a-c0-3/ ]{0,12}", room in 1usize..60) {
            let query = Query::parse(&typed);
            if let Some(found) = excerpt(&text, query.terms(), room) {
                let mut at = 0;
                for mark in &found.marks {
                    prop_assert!(mark.start >= at && mark.start < mark.end);
                    prop_assert!(!found.text[mark.clone()].is_empty());
                    at = mark.end;
                }
                prop_assert!(found.text.chars().count() <= room + room / 4 + 1 || text.chars().count() <= room);
            }
        }
    }
}
