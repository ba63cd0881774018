//! Searching: what was typed, on which keyboard, and what came of it.
//!
//! The state says what it wants to know ([`State::wanted_search`]); the answer comes back as an event.
//! Until then the answer before it stays, so that results do not flicker under the fingers.

use std::time::Duration;

use vyveska_board::search::{Excerpt, Place, Query, fold};
use vyveska_board::{Language, NoticeId};
use vyveska_wire::manifest::ContentHash;

use super::typing::{Strike, Typing, TypingIntent};
use super::{Front, State};

/// How many notices an answer has at most; who sees so many types another word.
pub const MOST_FOUND: usize = 60;

/// What somebody wants to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What was typed.
    pub words: String,
    /// The language in which categories are shown.
    pub language: Language,
    /// Which edition of the board is asked; see [`State::edition`].
    pub edition: u64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// How many notices have all the words.
    pub total: usize,
    /// The best of them, [`MOST_FOUND`] at most.
    pub found: Vec<Found>,
}

/// A notice that has all the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which notice.
    pub notice: NoticeId,
    /// Where the word was found that is hardest to find in it.
    pub place: Place,
    /// What stands there, with the words marked.
    pub excerpt: Excerpt,
}

/// What a passer-by wants of the search.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchIntent {
    /// Something was done on a keyboard.
    Typing(TypingIntent),
    /// The keyboard may go, so that more results are seen.
    Done,
    /// The field was touched: the keyboard is to come back.
    Edit,
    /// Words that were offered.
    Suggest(String),
    /// The results were scrolled: so many of them have gone by above.
    Scrolled(f32),
    /// A notice that was found, at the place where it was found.
    OpenFound(NoticeId),
}

/// Where somebody is in a search.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    typing: Typing,
    finished_typing: bool,
    answer: Option<Answer>,
    place: f32,
    jumps: u32,
}

impl Search {
    /// What was typed.
    pub fn words(&self) -> &str {
        self.typing.text()
    }

    /// The field, and the keyboard it is typed on.
    pub fn typing(&self) -> &Typing {
        &self.typing
    }

    /// Whether the keyboard is there.
    pub fn is_typing(&self) -> bool {
        !self.finished_typing
    }

    /// The answer to what was typed, or to what was typed before as long as there is no other.
    pub fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// How far the results are scrolled, in logical pixels.
    pub fn place(&self) -> f32 {
        self.place
    }

    /// Changes when the results should go to [`Self::place`] by themselves.
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

    /// Forgets what is not posted any more.
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
    pub(super) fn follow_search_intent(&mut self, intent: SearchIntent, at: Duration) {
        // Beside an open notice the results stay and can be chosen from; whoever wants to type goes back first.
        let beside = matches!(
            intent,
            SearchIntent::Edit | SearchIntent::Scrolled(_) | SearchIntent::OpenFound(_)
        );
        let here = matches!(self.front, Front::Search);
        if !(here || beside && self.is_opened_from_search()) {
            return;
        }
        let strike = Strike::new(at, self.reader);
        let search = &mut self.search;
        match intent {
            SearchIntent::Typing(intent) => {
                if search.typing.follow(intent, strike) {
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

    /// Brings the search to the front, ready to be typed in.
    pub(super) fn show_search(&mut self) {
        self.search.finished_typing = false;
        self.return_to_search();
    }

    /// Brings the search to the front as it was left.
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

    /// What should be looked for now.
    pub fn wanted_search(&self) -> Option<Question> {
        let here = matches!(self.front, Front::Search) || self.is_opened_from_search();
        (here && !self.search.words().trim().is_empty()).then(|| Question {
            words: self.search.words().to_owned(),
            language: self.language(),
            edition: self.edition,
        })
    }

    pub(super) fn take_answer(&mut self, answer: Answer) {
        // An answer to what was typed before is late; one about another edition may name what is not posted.
        if self.wanted_search().as_ref() != Some(&answer.question) {
            return;
        }
        self.search.answer = Some(answer);
    }

    /// The search.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Whether the search is in front.
    pub fn is_search_in_front(&self) -> bool {
        matches!(self.front, Front::Search)
    }

    /// Whether the open notice was found by searching, so that one goes back there.
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

/// The words to be marked on a page: folded, without their endings where they were found without.
fn sought(words: &str) -> Vec<String> {
    let query = Query::parse(words);
    let terms = query.terms().iter();
    terms.map(|term| fold(term.stem())).collect()
}
