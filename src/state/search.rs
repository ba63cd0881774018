//! The board search: its field, its keyboard and its results.
//!
//! The state exposes its query ([`State::wanted_search`]); the results come back as an event.
//! Until then the previous results stay, so that the list does not flicker while somebody types.

use std::time::Duration;

use vyveska_board::search::{Excerpt, Place, Query, fold};
use vyveska_board::{Language, NoticeId};
use vyveska_wire::manifest::ContentHash;

use super::typing::{KeyPress, Typing, TypingIntent};
use super::{Front, State};

/// The most results shown; with more, people refine the query.
pub const MOST_FOUND: usize = 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub words: String,
    /// The language in which categories are shown.
    pub language: Language,
    /// The edition of the board that is searched; see [`State::edition`].
    pub edition: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResult {
    pub question: Question,
    /// Number of notices that contain all the words.
    pub total: usize,
    /// The best of them, at most [`MOST_FOUND`].
    pub found: Vec<Found>,
    /// Whether the texts of documents could be searched too.
    pub in_documents: bool,
}

/// A notice that contains all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub notice: NoticeId,
    /// Where the rarest of the words was found.
    pub place: Place,
    /// The text there, with the words marked.
    pub excerpt: Excerpt,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SearchIntent {
    /// A keyboard action.
    Typing(TypingIntent),
    /// Hides the keyboard, to show more results.
    Done,
    /// Shows the keyboard again: the field was touched.
    Edit,
    /// Takes suggested words.
    Suggest(String),
    /// The results were scrolled to this position, in results.
    Scrolled(f32),
    /// Opens a result at the place of the hit.
    OpenFound(NoticeId),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    typing: Typing,
    finished_typing: bool,
    answer: Option<SearchResult>,
    place: f32,
    jumps: u32,
}

impl Search {
    pub fn words(&self) -> &str {
        self.typing.text()
    }

    /// The field and its keyboard.
    pub fn typing(&self) -> &Typing {
        &self.typing
    }

    /// Whether the keyboard is visible.
    pub fn is_typing(&self) -> bool {
        !self.finished_typing
    }

    /// The results of the present query, or of the previous one until they arrive.
    pub fn answer(&self) -> Option<&SearchResult> {
        self.answer.as_ref()
    }

    /// The scroll position of the results, in logical pixels.
    pub fn place(&self) -> f32 {
        self.place
    }

    /// Changes when the results have to scroll to [`Self::place`] by themselves.
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    fn replace(&mut self, words: &str) {
        self.typing.replace(words);
        self.words_changed();
    }

    fn words_changed(&mut self) {
        self.finished_typing = false;
        self.place = 0.0;
        self.jump();
        if self.words().trim().is_empty() {
            self.answer = None;
        }
    }

    fn jump(&mut self) {
        self.jumps = self.jumps.wrapping_add(1);
    }

    /// Drops results that are not posted any more.
    pub(super) fn keep_posted(&mut self, is_posted: impl Fn(&NoticeId) -> bool) {
        if let Some(answer) = &mut self.answer {
            let before = answer.found.len();
            answer.found.retain(|found| is_posted(&found.notice));
            let gone = before - answer.found.len();
            answer.total = answer.total.saturating_sub(gone);
        }
    }
}

impl State {
    pub(super) fn handle_search_intent(&mut self, intent: SearchIntent, at: Duration) {
        // Beside an open notice the results stay and can be opened; typing requires going back first.
        let beside = matches!(
            intent,
            SearchIntent::Edit | SearchIntent::Scrolled(_) | SearchIntent::OpenFound(_)
        );
        let here = matches!(self.front, Front::Search);
        if !(here || beside && self.is_opened_from_search()) {
            return;
        }
        let key_press = KeyPress::new(at, self.preferences);
        let search = &mut self.search;
        match intent {
            SearchIntent::Typing(intent) => {
                if search.typing.handle(intent, key_press) {
                    search.words_changed();
                }
            }
            SearchIntent::Done => search.finished_typing = true,
            SearchIntent::Edit => self.show_search(),
            SearchIntent::Suggest(words) => search.replace(&words),
            SearchIntent::Scrolled(place) => {
                if place.is_finite() {
                    search.place = place.max(0.0);
                }
            }
            SearchIntent::OpenFound(id) => self.open_found(&id),
        }
    }

    /// Opens the search with an empty field and the keyboard.
    pub(super) fn show_search(&mut self) {
        self.search.finished_typing = false;
        self.return_to_search();
    }

    /// Opens the search as it was left.
    pub(super) fn return_to_search(&mut self) {
        if !matches!(self.front, Front::Search) {
            self.front = Front::Search;
            self.search.jump();
        }
    }

    fn open_found(&mut self, id: &NoticeId) {
        let found = self.search.answer.as_ref().and_then(|answer| {
            let found = answer.found.iter().find(|found| found.notice == *id)?;
            Some((found.place, sought(&answer.question.words)))
        });
        let (Some((place, words)), Some(entry)) = (found, self.posted_notice(id)) else {
            return;
        };
        let (document, page) = match place {
            Place::Text { document, page } => (usize::from(document), usize::from(page)),
            Place::DocumentTitle(document) => (usize::from(document), 0),
            _ => (usize::MAX, 0),
        };
        let document = entry.notice.documents.get(document);
        match document.and_then(|document| document.hash).map(ContentHash) {
            Some(document) => self.open_notice_at(id, &document, page, &words),
            None => self.open_notice(id),
        }
        self.opened_from_search = true;
    }

    /// The query to be answered now.
    pub fn wanted_search(&self) -> Option<Question> {
        let here = matches!(self.front, Front::Search) || self.is_opened_from_search();
        (here && !self.search.words().trim().is_empty()).then(|| Question {
            words: self.search.words().to_owned(),
            language: self.language(),
            edition: self.edition,
        })
    }

    /// Whether the results of the present query have not arrived yet.
    pub fn is_search_pending(&self) -> bool {
        self.wanted_search().is_some_and(|question| {
            let answered = self.search.answer.as_ref().map(|answer| &answer.question);
            answered != Some(&question)
        })
    }

    pub(super) fn take_answer(&mut self, answer: SearchResult) {
        // Results of an earlier query are late; those of another edition may name what is not posted.
        if self.wanted_search().as_ref() != Some(&answer.question) {
            return;
        }
        self.search.answer = Some(answer);
    }

    pub fn search(&self) -> &Search {
        &self.search
    }

    pub fn is_search_in_front(&self) -> bool {
        matches!(self.front, Front::Search)
    }

    /// Whether the open notice was opened from the results, to which „back" then leads.
    pub fn is_opened_from_search(&self) -> bool {
        self.opened_from_search && matches!(self.front, Front::Notice(_))
    }

    #[cfg(test)]
    pub(super) fn verify_search(&self) {
        let search = &self.search;
        assert!(search.words().chars().count() <= super::typing::LONGEST);
        assert!(search.place.is_finite() && search.place >= 0.0);
        assert!(!search.words().trim().is_empty() || search.answer.is_none());
        if let Some(answer) = &search.answer {
            for found in &answer.found {
                assert!(
                    self.posted_notice(&found.notice).is_some(),
                    "only what is posted is found"
                );
            }
        }
        if matches!(self.front, Front::Idle(_)) {
            assert_eq!(search.words(), "", "words are gone with who typed them");
            assert_eq!(search.answer, None);
        }
    }
}

/// The words to be highlighted on a page: folded, without their endings where they were found without.
fn sought(words: &str) -> Vec<String> {
    let query = Query::parse(words);
    let terms = query.terms().iter();
    terms.map(|term| fold(term.stem())).collect()
}
