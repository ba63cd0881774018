//! The kiosk's behaviour, pure: an [`Event`] in, a new [`State`] out.
//!
//! The state reads no clock: every event comes with [`Now`]. Posting follows the calendar clock and its bounds.
//! Time-outs follow the monotonic clock, so that a change of the calendar clock never triggers the idle reset.
//! Whatever follows from the state is derived, not stored: the view model, the drawings needed
//! ([`State::render_requests`]) and the entries of the journal ([`State::visible`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use vyveska_board::moment::PRAGUE;
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{Channel, ClockBounds, Language, NoticeId};
use vyveska_wire::journal::NoticeRef;
use vyveska_wire::manifest::ContentHash;

mod alert;
mod board;
mod data_age;
mod document;
mod event;
mod idle;
mod idle_reset;
mod information;
mod link;
mod list;
mod notice;
mod preferences;
mod published;
mod reading;
mod search;
pub mod service_mode;
mod survey;
#[cfg(test)]
mod tests;
mod typing;

pub use alert::AlertIntent;
pub(crate) use alert::is_current;
pub(crate) use board::NO_NOTICES;
pub use board::{BoardContent, BoardNotice};
pub use document::{Opened, Size, Unreadable};
pub use event::{Event, Intent};
pub use idle::{Idle, IdleRoom, IdleStep, drift};
pub use information::{
    GrantState, InformationIntent, coming_events, coming_outages, found_items, grants_in_order,
};
pub use link::{Link, Outage};
pub use list::{Category, List, Sort, categories};
pub use notice::TextRequest;
pub use preferences::{Preferences, TextSize};
pub use published::{Published, PublishedId};
pub use reading::{
    Drawing, Finding, Frame, Leads, Mark, Onward, PageLayoutInput, Placed, Read, Reading,
    ReadingIntent, Region, RenderRequests, Rotation, SearchableText, Sideways, Strip, Subject,
    ToolPanel,
};
pub use search::{Found, MOST_FOUND, Question, Search, SearchIntent, SearchResult};
pub use service_mode::{ServiceCommand, ServiceEvent, ServiceIntent};
pub use survey::{SurveyIntent, SurveyStep};
pub use typing::{Key, KeyboardLayout, Layer, Typing, TypingIntent};

use data_age::Heard;
use typing::KeyPress;

/// For how many documents the page sizes are remembered. A board has a few hundred documents.
const REMEMBERED_DOCUMENTS: usize = 1000;

/// The time an event comes with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// The calendar, as far as it is known.
    pub clock: ClockBounds,
    /// Monotonic, since an arbitrary fixed point.
    pub monotonic: Duration,
}

/// The screen in front.
#[derive(Debug, Clone, PartialEq)]
enum Front {
    Idle(Idle),
    Board,
    Search,
    Notice(Box<Reading>),
    Information(information::InformationSession),
    Survey(survey::SurveySession),
    Service(service_mode::ServiceSession),
}

/// The complete state of the kiosk.
#[derive(Debug, Clone)]
pub struct State {
    board: Option<Arc<BoardContent>>,
    /// Indices into the board's notices of those posted now: newest first, and in the order of the section.
    posted: Vec<usize>,
    posted_in_section_order: Vec<usize>,
    /// Changes with the board, with the set of posted notices, and with the day.
    edition: u64,
    today: NaiveDate,
    heard: Option<Heard>,
    /// The newest time at which central has signed a board here, as far as the clock agreed; it proves what had begun.
    signed: Option<DateTime<Utc>>,
    link: Option<Link>,
    before: link::Before,
    preferences: Preferences,
    front: Front,
    list: List,
    search: Search,
    /// Whether the open notice was opened from the search results.
    opened_from_search: bool,
    last_touch: Duration,
    /// Whether the narrator is reading something that the user asked for.
    speaking: bool,
    viewer: Size,
    idle_room: IdleRoom,
    documents: BTreeMap<ContentHash, Opened>,
    text: Option<notice::OpenText>,
    clock: ClockBounds,
    monotonic: Duration,
    alert_session: alert::AlertSession,
    answers: survey::SurveyAnswers,
    service: service_mode::Service,
}

impl State {
    /// The state before the first event.
    pub fn new(now: Now) -> Self {
        Self {
            board: None,
            posted: Vec::new(),
            posted_in_section_order: Vec::new(),
            edition: 0,
            today: now.clock.today(),
            heard: None,
            signed: None,
            link: None,
            before: link::Before::default(),
            preferences: Preferences::default(),
            front: Front::Idle(Idle::begin(now.monotonic)),
            list: List::default(),
            search: Search::default(),
            opened_from_search: false,
            last_touch: now.monotonic,
            speaking: false,
            viewer: Size {
                width: 0.0,
                height: 0.0,
            },
            idle_room: IdleRoom::default(),
            documents: BTreeMap::new(),
            text: None,
            clock: now.clock,
            monotonic: now.monotonic,
            alert_session: alert::AlertSession::default(),
            answers: survey::SurveyAnswers::default(),
            service: service_mode::Service::default(),
        }
    }

    pub fn apply(&mut self, event: Event, now: Now) {
        self.clock = now.clock;
        self.monotonic = now.monotonic;
        self.before.reckon(&now);
        match event {
            Event::BoardChanged(board) => {
                self.refresh_posted(Some(board), now.monotonic);
                self.look_again_for_missing_documents();
                self.keep_survey();
                self.keep_information();
                self.apply_service_settings();
            }
            Event::CentralHeard(at) => {
                self.heard = Some(Heard {
                    at,
                    monotonic: now.monotonic,
                });
            }
            Event::LinkChanged(link) => self.link = Some(link),
            Event::WasAlive(at) => self.before = link::Before::new(at, &now),
            Event::Tick => {
                self.refresh_posted(None, now.monotonic);
                self.pass_time(now.monotonic);
                self.pass_service_time(now.monotonic);
            }
            Event::Touched => self.last_touch = now.monotonic,
            Event::Speaking(speaking) => {
                self.speaking = speaking;
                self.last_touch = now.monotonic;
            }
            Event::ViewerResized(size) => {
                self.viewer = size;
                self.with_reading(Reading::resized);
            }
            Event::IdleResized(room) => self.idle_room = room.bounded(),
            Event::Intent(intent) => {
                self.last_touch = now.monotonic;
                self.handle_intent(intent, now.monotonic);
            }
            Event::DocumentOpened { document, outcome } => {
                self.remember_document(document, outcome);
            }
            Event::TextArrived { request, text } => self.take_text(request, text),
            Event::SearchFinished(answer) => self.take_answer(answer),
            Event::Service(event) => self.handle_service_event(event, now.monotonic),
        }
        self.forget_text_of_others();
        self.after_service();
    }

    fn handle_intent(&mut self, intent: Intent, now: Duration) {
        if intent.goes_elsewhere() {
            self.see_alerts();
        }
        if intent.ends_choosing() {
            self.list.show_choices(false);
        }
        if !matches!(intent, Intent::Service(_)) {
            self.leave_corner();
        }
        match intent {
            Intent::ShowBoard => {
                // Back from a notice returns to the same place in the list; from idle the list starts at the top.
                self.begin_session();
                self.show_board();
            }
            Intent::ChooseCategory(category) => {
                self.list.choose(category);
                self.show_board();
            }
            Intent::ChooseSort(sort) => {
                self.list.sort_by(sort);
                self.show_board();
            }
            Intent::ShowChoices(choosing) => self.list.show_choices(choosing),
            Intent::ListScrolled(place) => self.list.scrolled(place),
            Intent::TogglePause => {
                let now = self.last_touch;
                if let Front::Idle(idle) = &mut self.front {
                    idle.toggle_pause(now);
                }
            }
            Intent::OpenNotice(id) => self.open_notice(&id),
            Intent::ChooseDocument(index) => self.choose_document(index),
            Intent::Back => self.go_back(),
            Intent::ShowSearch => self.show_search(),
            Intent::Search(intent) => self.handle_search_intent(intent, now),
            Intent::Reading(intent) => {
                self.with_reading(|reading, layout_input| reading.handle(intent, layout_input));
            }
            Intent::FindInDocument(intent) => {
                let key_press = KeyPress::new(now, self.preferences);
                self.with_reading(|reading, layout_input| {
                    reading.type_to_find(intent, key_press, layout_input)
                });
            }
            Intent::PreviousPage => self.with_reading(Reading::previous_page),
            Intent::NextPage => self.with_reading(Reading::next_page),
            Intent::ZoomIn => self.with_reading(Reading::zoom_in),
            Intent::ZoomOut => self.with_reading(Reading::zoom_out),
            Intent::FitWidth => self.with_reading(Reading::fit_width),
            Intent::ZoomAbout { factor, x, y } => {
                self.with_reading(|reading, layout_input| {
                    reading.zoom_about(factor, x, y, layout_input)
                });
            }
            Intent::ViewerScrolled { x, y } => {
                self.with_reading(|reading, layout_input| reading.scrolled(x, y, layout_input));
            }
            Intent::Information(intent) => self.handle_information(intent),
            Intent::Survey(intent) => self.handle_survey(intent),
            Intent::Alert(intent) => self.handle_alert(intent, now),
            Intent::Service(intent) => self.handle_service(intent, now),
            Intent::StillReading => {}
            Intent::NextLanguage => self.adjust(Preferences::next_language),
            Intent::NextTextSize => {
                self.adjust(|preferences| preferences.text_size = preferences.text_size.next());
            }
            Intent::ToggleHighContrast => {
                self.adjust(|preferences| preferences.high_contrast = !preferences.high_contrast);
            }
            Intent::ToggleReach => {
                self.adjust(|preferences| preferences.reach = !preferences.reach)
            }
            Intent::ToggleSpeech => {
                self.adjust(|preferences| preferences.speech = !preferences.speech)
            }
        }
    }

    /// Changes the preferences. On the idle screen this starts a session.
    fn adjust(&mut self, change: impl FnOnce(&mut Preferences)) {
        self.keep_alert_open();
        self.begin_session();
        change(&mut self.preferences);
    }

    /// From idle to the top of the list; no effect on any other screen.
    fn begin_session(&mut self) {
        if matches!(self.front, Front::Idle(_)) {
            self.list = List::default();
            self.show_board();
        }
    }

    fn show_board(&mut self) {
        if !matches!(self.front, Front::Board) {
            self.front = Front::Board;
            self.list.jump();
        }
    }

    /// Remembers when this board was signed, and the last one if the clock agreed: what had begun by then goes on even
    /// when a central whose clock was lost signs the next.
    fn remember_signature(&mut self, board: &BoardContent) {
        let earliest = self.clock.earliest;
        self.signed = self
            .signed
            .filter(|signed| *signed <= earliest)
            .max(Some(board.created));
    }

    /// Computes the notices posted now, on the present board or on a new one.
    fn refresh_posted(&mut self, new: Option<Arc<BoardContent>>, monotonic: Duration) {
        let Some(board) = new.as_ref().or(self.board.as_ref()).cloned() else {
            return;
        };
        if new.is_some() {
            self.remember_signature(&board);
        }
        let rules = self.posting_rules();
        let posted_in_section_order: Vec<usize> = board
            .notices
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.notice.channel == Channel::BoardAndWeb)
            .filter(|(_, entry)| {
                posting_status(&entry.notice, &self.clock, &rules) == PostingStatus::Posted
            })
            .map(|(position, _)| position)
            .collect();
        let today = self.clock.today();
        let mut listed_before = Vec::new();
        if new.is_some()
            || posted_in_section_order != self.posted_in_section_order
            || today != self.today
        {
            let place = self.idle_place();
            if self.list.place() > 0.0 {
                listed_before = self.listed_ids();
            }
            self.board = Some(Arc::clone(&board));
            self.posted.clone_from(&posted_in_section_order);
            self.posted.sort_by(|a, b| {
                list::newest_first(&board.notices[*a].notice, &board.notices[*b].notice)
            });
            self.posted_in_section_order = posted_in_section_order;
            self.today = today;
            self.edition += 1;
            self.keep_idle_place(&place, monotonic);
        }
        let posted = self.posted.iter().map(|position| &board.notices[*position]);
        self.list.keep_possible(posted.clone());
        if !listed_before.is_empty() {
            let listed = self.listed_ids();
            self.list.keep_place(&listed_before, &listed);
        }
        if self.search.answer().is_some() {
            let ids: BTreeSet<&NoticeId> = posted.map(|entry| &entry.notice.id).collect();
            self.search.keep_posted(|id| ids.contains(id));
        }
        if let Front::Notice(reading) = &mut self.front {
            // Only one notice can be open: it is unchanged, revised, or gone.
            let is_there = match reading.subject() {
                Subject::Notice(id) => {
                    let mut posted = self.posted.iter().map(|position| &board.notices[*position]);
                    let now_there = posted.find(|entry| entry.notice.id == *id);
                    if let Some(entry) = now_there {
                        reading.apply_revision(entry);
                    }
                    now_there.is_some()
                }
                Subject::Published(id) => board.published.iter().any(|one| one.id == *id),
            };
            if !is_there {
                self.leave_notice();
            }
        }
    }

    fn pass_time(&mut self, monotonic: Duration) {
        self.pass_alert_time(monotonic);
        self.keep_survey();
        self.keep_information();
        if matches!(self.front, Front::Idle(_)) {
            self.pass_idle_time(monotonic);
            return;
        }
        if self.time_left(monotonic) == Some(Duration::ZERO) {
            self.end_session(monotonic);
        }
    }

    pub fn board(&self) -> Option<&Arc<BoardContent>> {
        self.board.as_ref()
    }

    /// Whether there is a board whose notices are known; alerts and settings may be there without.
    pub fn has_notices(&self) -> bool {
        self.board.as_ref().is_some_and(|board| board.has_notices())
    }

    /// Changes whenever the set of posted notices, their wording or the set of new notices may have changed.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// What is posted now, newest first.
    pub fn posted(&self) -> impl ExactSizeIterator<Item = &BoardNotice> + Clone {
        let notices = self.board.as_ref().map_or(&[][..], |board| &board.notices);
        self.posted.iter().map(|position| &notices[*position])
    }

    /// [`Self::posted`] as indices into the board's notices.
    pub fn posted_positions(&self) -> &[usize] {
        &self.posted
    }

    /// Everything posted, as the journal names it: all of it can be opened, so all of it counts as visible.
    pub fn visible(&self) -> impl Iterator<Item = &NoticeRef> {
        self.posted().map(|entry| &entry.reference)
    }

    fn posted_notice(&self, id: &NoticeId) -> Option<&BoardNotice> {
        self.posted().find(|entry| entry.notice.id == *id)
    }

    /// Whether a notice counts as new: posted within the number of days in the settings.
    pub fn is_new(&self, entry: &BoardNotice) -> bool {
        let days = self
            .board
            .as_ref()
            .map_or(0, |board| board.settings.new_days.get());
        let today = self.clock.today();
        entry.notice.posted.date().is_some_and(|posted| {
            today.signed_duration_since(posted) < TimeDelta::days(i64::from(days))
        })
    }

    /// The rules by which notices are posted now.
    pub fn posting_rules(&self) -> PostingRules {
        PostingRules {
            signed: self.signed,
            ..PostingRules::default()
        }
    }

    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    pub fn language(&self) -> Language {
        self.preferences.language
    }

    /// Whether it is night by the settings: the screen is darker then, but never off.
    pub fn is_night(&self) -> bool {
        let Some(board) = &self.board else {
            return false;
        };
        let now = self.clock.earliest.with_timezone(&PRAGUE).time();
        board.settings.night.contains(now)
    }

    /// The clock bounds of the last event.
    pub fn clock(&self) -> ClockBounds {
        self.clock
    }

    pub fn list(&self) -> &List {
        &self.list
    }

    pub fn is_board_in_front(&self) -> bool {
        matches!(self.front, Front::Board) && self.covering_alerts().is_empty()
    }

    /// Checks the invariants of the state; for tests.
    ///
    /// # Panics
    ///
    /// When an invariant is broken.
    #[cfg(test)]
    fn verify_invariants(&self) {
        let rules = self.posting_rules();
        for entry in self.posted() {
            assert_eq!(
                posting_status(&entry.notice, &self.clock, &rules),
                PostingStatus::Posted,
                "only what is posted now is shown"
            );
        }
        if let Front::Notice(reading) = &self.front {
            assert!(
                self.reading().is_some(),
                "what is read is posted on the board, or is offered by a page"
            );
            reading.verify_invariants(&self.layout_input());
            assert!(
                self.text().is_none() || self.text_request().is_none(),
                "no text is wanted that is here"
            );
        }
        self.verify_search();
        if self.board.is_none() {
            assert!(self.posted.is_empty());
        }
        assert!(self.documents.len() <= REMEMBERED_DOCUMENTS);
        assert!(
            self.text.is_none() || matches!(self.front, Front::Notice(_)),
            "no text outlives its notice"
        );
    }
}
