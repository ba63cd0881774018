//! The kiosk's behaviour, pure: an [`Event`] in, a new [`State`] out.
//!
//! The state reads no clock: every event comes with [`Now`]. Posting follows the calendar clock and its bounds,
//! time-outs follow the monotonic clock, so that setting the clock never throws a reader back to the start.
//! What follows from the state is derived from it, not stored beside it: the view model, what is to be drawn
//! ([`State::wanted_drawings`]) and what goes into the journal ([`State::visible`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use vyveska_board::moment::PRAGUE;
use vyveska_board::posting::{PostingRules, Standing, standing};
use vyveska_board::{Channel, ClockBounds, Language, NoticeId};
use vyveska_wire::journal::NoticeRef;
use vyveska_wire::manifest::ContentHash;

mod alert;
mod board;
mod event;
mod idle;
mod information;
mod link;
mod list;
mod notice;
mod reader;
mod reading;
mod search;
pub mod service;
mod survey;
#[cfg(test)]
mod tests;
mod typing;

pub use alert::AlertIntent;
pub use board::{BoardContent, BoardNotice};
pub use event::{Event, Intent, Size, Unreadable};
pub use idle::{Idle, IdleRoom, IdleStep, drift};
pub use information::{
    GrantState, InformationIntent, Published, PublishedId, Read, coming_events, coming_outages,
    found_items, grants_in_order,
};
pub use link::{Link, Outage};
pub use list::{Category, List, Sort, categories};
pub use notice::TextWish;
pub use reader::{Reader, TextSize};
pub use reading::{
    Drawing, Finding, Frame, Leads, Mark, Onward, Panel, Placed, Reading, ReadingIntent, Region,
    SearchableText, Sheets, Sideways, Strip, Subject, Turns, Wanted,
};
pub use search::{Answer, Found, MOST_FOUND, Question, Search, SearchIntent};
pub use service::{ServiceEvent, ServiceIntent, ServiceOrder};
pub use survey::{SurveyIntent, SurveyStep};
pub use typing::{Key, Layer, Layout, Typing, TypingIntent};

use typing::Strike;

/// How long the countdown back to idle is visible.
///
/// EN 301 549, 11.2.2.1: a time limit warns at least 20 s before and can be extended by a simple action.
pub const COUNTDOWN: Duration = Duration::from_secs(20);

/// How many documents' page sizes are remembered. A board has a few hundred.
const REMEMBERED_DOCUMENTS: usize = 1000;

/// The time an event comes with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// The calendar, as far as it is known.
    pub clock: ClockBounds,
    /// Since some fixed point; never goes back.
    pub monotonic: Duration,
}

/// What a document turned out to be: the sizes of its pages in points, or why there are none.
pub type Opened = Result<Arc<[Size]>, Unreadable>;

/// What is in front.
#[derive(Debug, Clone, PartialEq)]
enum Front {
    Idle(Idle),
    Board,
    Search,
    Notice(Box<Reading>),
    Information(information::InformationVisit),
    Survey(survey::SurveyVisit),
    Service(service::ServiceVisit),
}

/// The whole kiosk.
#[derive(Debug, Clone)]
pub struct State {
    board: Option<Arc<BoardContent>>,
    /// Positions in the board's notices of what is posted, newest first, and in the board's own order.
    posted: Vec<usize>,
    hanging: Vec<usize>,
    /// Changes with the board, with what of it is posted, and with the day.
    edition: u64,
    today: NaiveDate,
    heard: Option<DateTime<Utc>>,
    link: Option<Link>,
    before: link::Before,
    reader: Reader,
    front: Front,
    list: List,
    search: Search,
    /// Whether the open notice was found by searching.
    opened_from_search: bool,
    last_touch: Duration,
    /// Whether something is being read to somebody.
    speaking: bool,
    viewer: Size,
    idle_room: IdleRoom,
    documents: BTreeMap<ContentHash, Opened>,
    text: Option<notice::OpenText>,
    clock: ClockBounds,
    alert_visit: alert::AlertVisit,
    answers: survey::Answers,
    service: service::Service,
}

impl State {
    /// Before anything is known.
    pub fn new(now: Now) -> Self {
        Self {
            board: None,
            posted: Vec::new(),
            hanging: Vec::new(),
            edition: 0,
            today: now.clock.today(),
            heard: None,
            link: None,
            before: link::Before::default(),
            reader: Reader::default(),
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
            alert_visit: alert::AlertVisit::default(),
            answers: survey::Answers::default(),
            service: service::Service::default(),
        }
    }

    /// Lets something happen.
    pub fn apply(&mut self, event: Event, now: Now) {
        self.clock = now.clock;
        self.before.reckon(&now);
        match event {
            Event::BoardChanged(board) => {
                self.refresh_posted(Some(board), now.monotonic);
                self.keep_survey();
                self.keep_information();
                self.follow_service_settings();
            }
            Event::CentralHeard(at) => self.heard = self.heard.max(Some(at)),
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
                self.follow_intent(intent, now.monotonic);
            }
            Event::DocumentOpened { document, outcome } => {
                self.remember_document(document, outcome);
            }
            Event::TextArrived { wish, text } => self.take_text(wish, text),
            Event::SearchAnswered(answer) => self.take_answer(answer),
            Event::Service(event) => self.follow_service_event(event, now.monotonic),
        }
        self.forget_text_of_others();
        self.after_service();
    }

    fn follow_intent(&mut self, intent: Intent, now: Duration) {
        if intent.goes_elsewhere() {
            self.see_alerts();
        }
        if !matches!(intent, Intent::Service(_)) {
            self.leave_corner();
        }
        match intent {
            Intent::ShowBoard => {
                // From a notice one comes back to the same place; from idle to the top.
                self.begin_visit();
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
            Intent::Search(intent) => self.follow_search_intent(intent, now),
            Intent::Reading(intent) => {
                self.with_reading(|reading, sheets| reading.follow(intent, sheets));
            }
            Intent::FindInDocument(intent) => {
                let strike = Strike::new(now, self.reader);
                self.with_reading(|reading, sheets| reading.type_to_find(intent, strike, sheets));
            }
            Intent::PreviousPage => self.with_reading(Reading::previous_page),
            Intent::NextPage => self.with_reading(Reading::next_page),
            Intent::ZoomIn => self.with_reading(Reading::zoom_in),
            Intent::ZoomOut => self.with_reading(Reading::zoom_out),
            Intent::FitWidth => self.with_reading(Reading::fit_width),
            Intent::ZoomAbout { factor, x, y } => {
                self.with_reading(|reading, sheets| reading.zoom_about(factor, x, y, sheets));
            }
            Intent::ViewerScrolled { x, y } => {
                self.with_reading(|reading, sheets| reading.scrolled(x, y, sheets));
            }
            Intent::Information(intent) => self.follow_information(intent),
            Intent::Survey(intent) => self.follow_survey(intent),
            Intent::Alert(intent) => self.follow_alert(intent, now),
            Intent::Service(intent) => self.follow_service(intent, now),
            Intent::StillReading => {}
            Intent::NextLanguage => self.adjust(Reader::next_language),
            Intent::NextTextSize => {
                self.adjust(|reader| reader.text_size = reader.text_size.next());
            }
            Intent::ToggleHighContrast => {
                self.adjust(|reader| reader.high_contrast = !reader.high_contrast);
            }
            Intent::ToggleReach => self.adjust(|reader| reader.reach = !reader.reach),
            Intent::ToggleSpeech => self.adjust(|reader| reader.speech = !reader.speech),
        }
    }

    /// Changes how the person wants it. On the idle screen a visit begins with that.
    fn adjust(&mut self, change: impl FnOnce(&mut Reader)) {
        self.keep_alert_open();
        self.begin_visit();
        change(&mut self.reader);
    }

    /// From idle to the top of the list; anywhere else nothing changes.
    fn begin_visit(&mut self) {
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

    /// Finds out what is posted now, on the board there is or on a new one.
    fn refresh_posted(&mut self, new: Option<Arc<BoardContent>>, monotonic: Duration) {
        let Some(board) = new.as_ref().or(self.board.as_ref()).cloned() else {
            return;
        };
        let rules = PostingRules::default();
        let hanging: Vec<usize> = board
            .notices
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.notice.channel == Channel::BoardAndWeb)
            .filter(|(_, entry)| standing(&entry.notice, &self.clock, &rules) == Standing::Posted)
            .map(|(position, _)| position)
            .collect();
        let today = self.clock.today();
        let mut listed_before = Vec::new();
        if new.is_some() || hanging != self.hanging || today != self.today {
            let place = self.idle_place();
            if self.list.place() > 0.0 {
                listed_before = self.listed_ids();
            }
            self.board = Some(Arc::clone(&board));
            self.posted.clone_from(&hanging);
            self.posted.sort_by(|a, b| {
                list::newest_first(&board.notices[*a].notice, &board.notices[*b].notice)
            });
            self.hanging = hanging;
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
            // One thing is read at a time: it is either still there, revised, or gone.
            let is_there = match reading.subject() {
                Subject::Notice(id) => {
                    let mut posted = self.posted.iter().map(|position| &board.notices[*position]);
                    let now_there = posted.find(|entry| entry.notice.id == *id);
                    if let Some(entry) = now_there {
                        reading.follow_revision(entry);
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
            self.end_visit(monotonic);
        }
    }

    /// The next passer-by finds everything as it is by itself.
    fn end_visit(&mut self, monotonic: Duration) {
        self.front = Front::Idle(Idle::begin(monotonic));
        self.list = List::default();
        self.search = Search::default();
        self.reader = Reader::default();
        self.alert_visit.forget_visit();
        self.answers.forget_visit();
    }

    /// What is left until the kiosk goes back to idle; `None` while it is idle, and while it reads to somebody.
    fn time_left(&self, monotonic: Duration) -> Option<Duration> {
        if self.speaking {
            return None;
        }
        let settings = self.board.as_ref().map(|board| &board.settings);
        let quiet = match &self.front {
            Front::Idle(_) => return None,
            Front::Board | Front::Search | Front::Information(_) | Front::Survey(_) => {
                settings.map_or(60, |s| s.list_timeout_seconds.clamp(30, 600))
            }
            Front::Notice(_) => settings.map_or(180, |s| s.page_timeout_seconds.clamp(30, 1800)),
            Front::Service(visit) => Self::service_quiet_seconds(visit),
        };
        let limit = Duration::from_secs(u64::from(quiet)) + COUNTDOWN;
        let quiet_for = monotonic.saturating_sub(self.last_touch);
        Some(limit.saturating_sub(quiet_for))
    }

    /// The countdown back to idle in seconds, while it is visible.
    pub fn countdown(&self, monotonic: Duration) -> Option<u32> {
        let left = self.time_left(monotonic)?;
        (left <= COUNTDOWN).then(|| left.as_secs_f32().ceil() as u32)
    }

    /// The board, when there is one.
    pub fn board(&self) -> Option<&Arc<BoardContent>> {
        self.board.as_ref()
    }

    /// Changes whenever what is posted, how it is worded or what counts as new may have changed.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// What is posted now, newest first.
    pub fn posted(&self) -> impl ExactSizeIterator<Item = &BoardNotice> + Clone {
        let notices = self.board.as_ref().map_or(&[][..], |board| &board.notices);
        self.posted.iter().map(|position| &notices[*position])
    }

    /// The same, as positions in the board's notices.
    pub fn posted_positions(&self) -> &[usize] {
        &self.posted
    }

    /// What is visible to passers-by, as journals name it: everything posted, since all of it can be opened.
    pub fn visible(&self) -> impl Iterator<Item = &NoticeRef> {
        self.posted().map(|entry| &entry.reference)
    }

    fn posted_notice(&self, id: &NoticeId) -> Option<&BoardNotice> {
        self.posted().find(|entry| entry.notice.id == *id)
    }

    /// Whether a notice counts as new: posted within the last days the settings say.
    pub fn is_new(&self, entry: &BoardNotice) -> bool {
        let days = self
            .board
            .as_ref()
            .map_or(0, |board| board.settings.new_days.min(30));
        let today = self.clock.today();
        entry.notice.posted.date().is_some_and(|posted| {
            today.signed_duration_since(posted) < TimeDelta::days(i64::from(days))
        })
    }

    /// When central was last heard, by its signed time.
    pub fn heard(&self) -> Option<DateTime<Utc>> {
        self.heard
    }

    /// Whether what is shown is older than it should be.
    pub fn is_stale(&self) -> bool {
        let Some(board) = &self.board else {
            return false;
        };
        let limit =
            TimeDelta::minutes(i64::from(board.settings.stale_after_minutes.clamp(1, 1440)));
        self.heard
            .is_none_or(|heard| self.clock.latest.signed_duration_since(heard) > limit)
    }

    /// How the person before the kiosk wants it.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The language of the interface.
    pub fn language(&self) -> Language {
        self.reader.language
    }

    /// Whether it is night by the settings: the screen is darker then, and never off.
    pub fn is_night(&self) -> bool {
        let Some(board) = &self.board else {
            return false;
        };
        let night = board.settings.night;
        let now = self.clock.earliest.with_timezone(&PRAGUE).time();
        if night.from <= night.until {
            (night.from..night.until).contains(&now)
        } else {
            now >= night.from || now < night.until
        }
    }

    /// The bounds of now that the last event came with.
    pub fn clock(&self) -> ClockBounds {
        self.clock
    }

    /// The list.
    pub fn list(&self) -> &List {
        &self.list
    }

    /// Whether the list is in front.
    pub fn is_board_in_front(&self) -> bool {
        matches!(self.front, Front::Board) && self.covering_alerts().is_empty()
    }

    /// Checks what must hold whatever happened; for tests.
    ///
    /// # Panics
    ///
    /// When it does not hold.
    #[cfg(test)]
    fn verify_invariants(&self) {
        let rules = PostingRules::default();
        for entry in self.posted() {
            assert_eq!(
                standing(&entry.notice, &self.clock, &rules),
                Standing::Posted,
                "only what is posted now is shown"
            );
        }
        if let Front::Notice(reading) = &self.front {
            assert!(
                self.reading().is_some(),
                "what is read hangs on the board, or is offered by a page"
            );
            reading.verify_invariants(&self.sheets());
            assert!(
                self.text().is_none() || self.wanted_text().is_none(),
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
