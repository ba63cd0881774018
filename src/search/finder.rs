//! Finds the notices that contain all the words, best match first.

use std::collections::HashMap;
use std::sync::Arc;

use vyveska_board::search::{Entry, Place, Query, Rank, excerpt, show};
use vyveska_wire::manifest::ContentHash;

use super::text_index::{PageKey, SearchError, TextIndex};
use crate::state::{BoardContent, Found, MOST_FOUND, Question, SearchResult};

/// Length of an excerpt around a hit, in characters.
const EXCERPT_CHARS: usize = 90;

/// Searches one state of the board: its short texts, and where each document text belongs.
#[derive(Debug)]
pub struct Finder {
    board: Arc<BoardContent>,
    /// Positions in the board's notices, newest first.
    posted: Vec<usize>,
    /// The short texts of each.
    entries: Vec<Entry>,
    /// Where a text belongs: positions in `posted`, and which document of the notice.
    places: HashMap<ContentHash, Vec<(usize, u16)>>,
}

/// The best page of a notice's documents, and which words occur in any of them.
#[derive(Clone, Copy)]
struct TextHit {
    words: u8,
    best: PageKey,
    on_best: u32,
    document: u16,
}

impl Finder {
    /// `posted` are positions in the board's notices, newest first.
    pub fn new(board: Arc<BoardContent>, posted: Vec<usize>) -> Self {
        let mut places: HashMap<ContentHash, Vec<(usize, u16)>> = HashMap::new();
        for (position, index) in posted.iter().enumerate() {
            let documents = &board.notices[*index].notice.documents;
            for (number, document) in documents.iter().enumerate() {
                let (Some(text), Ok(number)) = (document.text, u16::try_from(number)) else {
                    continue;
                };
                places
                    .entry(ContentHash(text.hash))
                    .or_default()
                    .push((position, number));
            }
        }
        let entries = posted
            .iter()
            .map(|index| Entry::of(&board.notices[*index].notice))
            .collect();
        Self {
            board,
            posted,
            entries,
            places,
        }
    }

    /// The texts of everything posted.
    pub fn texts(&self) -> impl Iterator<Item = &ContentHash> {
        self.places.keys()
    }

    /// Looks the words up in the short texts and in `texts`.
    ///
    /// # Errors
    ///
    /// When the texts cannot be searched.
    pub fn find(&self, question: Question, texts: &TextIndex) -> Result<SearchResult, SearchError> {
        let query = Query::parse(&question.words);
        if query.terms().is_empty() {
            return Ok(SearchResult {
                question,
                total: 0,
                found: Vec::new(),
                in_documents: true,
            });
        }
        let in_texts = self.in_texts(&query, texts)?;
        let mut hits: Vec<(Rank, usize, Place)> = (0..self.posted.len())
            .filter_map(|position| {
                let (rank, place) = self.rank(position, &query, in_texts[position])?;
                Some((rank, position, place))
            })
            .collect();
        let total = hits.len();
        if total > MOST_FOUND {
            hits.select_nth_unstable(MOST_FOUND);
            hits.truncate(MOST_FOUND);
        }
        hits.sort_unstable();
        let mut found = Vec::with_capacity(hits.len());
        for (_, position, place) in hits {
            let notice = &self.board.notices[self.posted[position]].notice;
            let page = in_texts[position].filter(|_| matches!(place, Place::Text { .. }));
            let excerpt = match page {
                Some(page) => texts
                    .page(page.best)?
                    .and_then(|text| excerpt(&text, query.terms(), EXCERPT_CHARS)),
                None => show(notice, place, &query, question.language, EXCERPT_CHARS),
            };
            found.push(Found {
                notice: notice.id.clone(),
                place,
                excerpt: excerpt.unwrap_or_default(),
            });
        }
        Ok(SearchResult {
            question,
            total,
            found,
            in_documents: true,
        })
    }

    /// The worst rank among the words and its place; `None` when a word occurs nowhere.
    fn rank(&self, position: usize, query: &Query, text: Option<TextHit>) -> Option<(Rank, Place)> {
        let entry = &self.entries[position];
        let mut worst = None;
        for (number, term) in query.terms().iter().enumerate() {
            let in_text = text.filter(|text| text.words & (1 << number) != 0);
            let here = entry.find(term).or_else(|| {
                in_text.map(|text| {
                    let place = Place::Text {
                        document: text.document,
                        page: text.best.page(),
                    };
                    (Rank::TEXT, place)
                })
            })?;
            worst = worst.max(Some(here));
        }
        worst
    }

    fn in_texts(
        &self,
        query: &Query,
        texts: &TextIndex,
    ) -> Result<Vec<Option<TextHit>>, SearchError> {
        let mut pages: Vec<(PageKey, u8)> = Vec::new();
        for (number, term) in query.terms().iter().enumerate() {
            pages = merged(&pages, &texts.find(term)?, 1 << number);
        }
        let by_id: HashMap<i64, &[(usize, u16)]> = self
            .places
            .iter()
            .filter_map(|(text, places)| Some((texts.id(text)?, &places[..])))
            .collect();
        let mut found: Vec<Option<TextHit>> = vec![None; self.posted.len()];
        for pages in pages.chunk_by(|(a, _), (b, _)| a.text() == b.text()) {
            let Some(places) = by_id.get(&pages[0].0.text()) else {
                continue;
            };
            let words = pages.iter().fold(0, |words, (_, on)| words | on);
            // The first of equally good pages.
            let (best, on_best) = pages.iter().skip(1).fold(
                (pages[0].0, pages[0].1.count_ones()),
                |(best, most), (page, on)| {
                    if on.count_ones() > most {
                        (*page, on.count_ones())
                    } else {
                        (best, most)
                    }
                },
            );
            for (position, document) in *places {
                let here = TextHit {
                    words,
                    best,
                    on_best,
                    document: *document,
                };
                let so_far = &mut found[*position];
                *so_far = Some(match *so_far {
                    None => here,
                    Some(other) => {
                        let better = (here.on_best, std::cmp::Reverse(here.document))
                            > (other.on_best, std::cmp::Reverse(other.document));
                        TextHit {
                            words: here.words | other.words,
                            ..if better { here } else { other }
                        }
                    }
                });
            }
        }
        Ok(found)
    }
}

/// Merges two sorted lists; each page keeps the bits of all words found on it.
fn merged(pages: &[(PageKey, u8)], with_word: &[PageKey], word: u8) -> Vec<(PageKey, u8)> {
    let mut merged = Vec::with_capacity(pages.len().max(with_word.len()));
    let (mut old, mut new) = (pages.iter().peekable(), with_word.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (Some((page, on)), Some(other)) if page == *other => {
                merged.push((*page, on | word));
                old.next();
                new.next();
            }
            (Some((page, on)), other) if other.is_none_or(|other| page < other) => {
                merged.push((*page, *on));
                old.next();
            }
            (_, Some(other)) => {
                merged.push((**other, word));
                new.next();
            }
            (None, None) => return merged,
            (Some(_), None) => unreachable!("a page without a counterpart was taken above"),
        }
    }
}
