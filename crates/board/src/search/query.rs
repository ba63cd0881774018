//! What was typed, as the words to look for.
//!
//! Every word counts as the beginning of a word, in any order, because people read results while they type.
//! Czech inflects words, so a longer word is also looked for without its ending ("elektřina" finds "elektřiny");
//! such hits come after those that begin as typed.
//! A single letter beside other words is left out: prepositions and the first letter of the next word match almost everything.

use memchr::memmem::Finder;

use super::words::{bounded, chunks, is_number, together, words};
use super::{fold, topic};

/// How many letters of what was typed count.
pub const LONGEST_QUERY: usize = 80;

/// Words of a query after these are ignored.
pub const MOST_WORDS: usize = 8;

/// A word shorter than this is looked for as it is.
const SHORTEST_BENT: usize = 5;

/// The fewest letters that stay when an ending is removed.
const SHORTEST_STEM: usize = 4;

/// Endings of Czech words, folded; the longest that matches is removed.
const ENDINGS: [&str; 33] = [
    "ech", "ach", "ich", "ych", "ami", "emi", "imi", "ymi", "eho", "emu", "ovi", "ove", "ova",
    "ovy", "ovou", "ovych", "ou", "em", "um", "am", "im", "ym", "ek", "ku", "ka", "ky", "ce", "a",
    "e", "i", "o", "u", "y",
];

/// The words to look for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    terms: Vec<Term>,
}

/// One word to look for.
#[derive(Debug, Clone)]
pub struct Term {
    word: String,
    /// Length of the stem in bytes.
    stem: usize,
    topics: topic::Topics,
    /// Looks for the stem at the beginning of a word.
    sought: Finder<'static>,
}

impl Query {
    pub fn parse(typed: &str) -> Self {
        let cut: String = typed.chars().take(LONGEST_QUERY).collect();
        let folded = fold(&cut);
        let mut found: Vec<String> = Vec::new();
        for chunk in chunks(&folded) {
            let chunk = &folded[chunk];
            if is_number(chunk) {
                found.push(together(chunk));
            } else {
                found.extend(words(chunk).map(|word| chunk[word].to_owned()));
            }
        }
        found.retain(|word| !word.is_empty());
        let says_something = |word: &String| word.chars().count() > 1 || is_number(word);
        if found.iter().any(says_something) {
            found.retain(says_something);
        }
        let mut query = Self::default();
        for word in found {
            let word = bounded(&word).to_owned();
            if query.terms.len() < MOST_WORDS && query.terms.iter().all(|term| term.word != word) {
                query.terms.push(Term::new(word));
            }
        }
        query
    }

    /// The words; none when nothing was typed that could be looked for.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
}

impl Term {
    fn new(word: String) -> Self {
        Self {
            stem: stem(&word).len(),
            topics: topic::meant_by(&word),
            sought: Finder::new(&format!(" {}", stem(&word))).into_owned(),
            word,
        }
    }

    /// The folded word, as it was typed.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// The word without its ending; the word itself when it is short, or a number.
    pub fn stem(&self) -> &str {
        &self.word[..self.stem]
    }

    /// Whether there is an ending to take away.
    pub fn is_bent(&self) -> bool {
        self.stem < self.word.len()
    }

    pub(super) fn sought(&self) -> &Finder<'static> {
        &self.sought
    }

    /// The categories this word means.
    pub fn topics(&self) -> topic::Topics {
        self.topics
    }

    /// How this word is to be looked for in the text of documents.
    ///
    /// One letter stands on every page, so it is not looked for; one digit only as a whole word.
    pub fn in_texts(&self) -> InTexts<'_> {
        match (self.word.chars().nth(1).is_some(), is_number(&self.word)) {
            (true, _) => InTexts::Prefix(self.stem()),
            (false, true) => InTexts::Whole(&self.word),
            (false, false) => InTexts::Nowhere,
        }
    }

    /// How many bytes of a word of a text this term marks; `None` when the word is not meant.
    pub(super) fn marked(&self, word: &str) -> Option<usize> {
        if word.starts_with(&self.word) {
            return Some(self.word.len());
        }
        // What of the typed word and the found one is the same.
        (self.is_bent() && word.starts_with(self.stem())).then(|| {
            let same = word
                .chars()
                .zip(self.word.chars())
                .take_while(|(a, b)| a == b);
            same.map(|(letter, _)| letter.len_utf8()).sum()
        })
    }
}

/// How a word is looked for in the text of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTexts<'a> {
    /// Every word that begins so.
    Prefix(&'a str),
    /// This word alone.
    Whole(&'a str),
    /// Not at all.
    Nowhere,
}

/// The word without its Czech ending.
fn stem(word: &str) -> &str {
    if is_number(word) || word.chars().count() < SHORTEST_BENT {
        return word;
    }
    ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .filter(|stem| stem.chars().count() >= SHORTEST_STEM)
        .min_by_key(|stem| stem.len())
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &[&str]) {
        let query = Query::parse(typed);
        let found: Vec<_> = query.terms().iter().map(Term::word).collect();
        assert_eq!(found, expected, "{typed:?}");
    }

    #[test]
    fn words_come_apart() {
        check("", &[]);
        check(" ,.- ", &[]);
        check("Karlovarská  uzavírka", &["karlovarska", "uzavirka"]);
        check("č.p.214", &["214"]);
        check("Plzeň-jih", &["plzen", "jih"]);
        check("dům dům DUM", &["dum"]);
    }

    #[test]
    fn numbers_stay_together() {
        check("č. j. OD/4821/2026", &["od48212026"]);
        check("991 EX 1187/24-96", &["991", "ex", "11872496"]);
        check("p. č. 455/1", &["4551"]);
    }

    #[test]
    fn a_lonely_letter_counts_only_alone() {
        check("k", &["k"]);
        check("ulice k", &["ulice"]);
        check("v Tisové", &["tisove"]);
        check("okrsek 5", &["okrsek", "5"]);
    }

    #[test]
    fn what_is_typed_is_bounded() {
        let query = Query::parse(&"nekonecne slovo ".repeat(10_000));
        assert!(query.terms().len() <= MOST_WORDS);
        check(
            &"a b c d e f g h i j k l m n ".repeat(9),
            &["a", "b", "c", "d", "e", "f", "g", "h"],
        );
    }

    #[test]
    fn endings_do_not_matter() {
        for (word, expected) in [
            ("elektrina", "elektrin"),
            ("pozemek", "pozem"),
            ("drazby", "drazb"),
            ("karlovarskeho", "karlovarsk"),
            ("volby", "volb"),
            ("dum", "dum"),
            ("byt", "byt"),
            ("lesy", "lesy"),
            ("118724", "118724"),
        ] {
            assert_eq!(stem(word), expected, "{word}");
        }
    }

    #[test]
    fn a_mark_covers_what_is_the_same() {
        let term = |word: &str| Query::parse(word).terms()[0].clone();
        assert_eq!(term("karlovar").marked("karlovarska"), Some(8));
        assert_eq!(term("elektřina").marked("elektriny"), Some(8));
        assert_eq!(term("elektřina").marked("elektro"), None);
        assert_eq!(term("dům").marked("domu"), None);
    }
}
