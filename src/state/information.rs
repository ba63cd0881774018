//! The town's information pages: which are current, and which one is open.
//!
//! Items that are over leave by the clock, without a network: past events, ended outages, found things past collection.
//! As with every end, an item leaves when *earliest* has passed it.

use chrono::{DateTime, NaiveDate, Utc};
use vyveska_board::moment::start_of_day;
use vyveska_board::{ClockBounds, Moment};
use vyveska_wire::information::{
    EventRecord, FoundItemRecord, GrantRecord, InformationPage, OutageRecord, PageContent,
    PictureRecord,
};
use vyveska_wire::manifest::ContentHash;

use super::published::{Published, PublishedId};
use super::reading::{Reading, Subject};
use super::{Front, State};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InformationIntent {
    /// Shows all pages.
    Show,
    /// Opens the page of this identifier.
    Open(String),
    /// Opens a document of the open page, counted from 0 among all that it names.
    Read(usize),
    /// From a page to all pages, from there to the board.
    Back,
}

/// The position among the pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct InformationSession {
    page: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantState {
    /// Applications are not open yet.
    Preparing,
    /// Applications are open.
    Open {
        /// Days left, 0 on the last day; `None` when no end is stated.
        days_left: Option<i64>,
    },
    /// Applications are closed.
    Closed,
    /// The results are published.
    Evaluated,
}

impl GrantState {
    /// The phase of a grant by this clock.
    pub fn of(grant: &GrantRecord, clock: &ClockBounds) -> Self {
        let now = clock.earliest;
        let (opens, closes) = (Moment::from(grant.opens), Moment::from(grant.closes));
        if grant.evaluated.is_some_and(|day| start_of_day(day) <= now) {
            Self::Evaluated
        } else if opens.start().is_some_and(|start| now < start) {
            Self::Preparing
        } else if closes.end().is_some_and(|end| now >= end) {
            Self::Closed
        } else {
            let days_left = closes
                .date()
                .map(|day| day.signed_duration_since(clock.today()).num_days().max(0));
            Self::Open { days_left }
        }
    }
}

/// The events that are not over, the next one first.
pub fn coming_events<'a>(events: &'a [EventRecord], clock: &ClockBounds) -> Vec<&'a EventRecord> {
    let mut coming: Vec<&EventRecord> = events
        .iter()
        .filter(|event| {
            let end = end_of(event.until.into(), event.from.into());
            end.is_none_or(|end| clock.earliest < end)
        })
        .collect();
    coming.sort_by_key(|event| Moment::from(event.from).start());
    coming
}

/// The outages that are not over, the next one first. One without an end stays until it is withdrawn.
pub fn coming_outages<'a>(
    outages: &'a [OutageRecord],
    clock: &ClockBounds,
) -> Vec<&'a OutageRecord> {
    let mut coming: Vec<&OutageRecord> = outages
        .iter()
        .filter(|outage| {
            let end = Moment::from(outage.until).end();
            end.is_none_or(|end| clock.earliest < end)
        })
        .collect();
    coming.sort_by_key(|outage| Moment::from(outage.from).start());
    coming
}

/// The found things that can still be collected.
pub fn found_items<'a>(
    items: &'a [FoundItemRecord],
    clock: &ClockBounds,
) -> Vec<&'a FoundItemRecord> {
    let waits = |item: &&FoundItemRecord| {
        let last = item.collect_until.map(Moment::Date);
        last.and_then(|last| last.end())
            .is_none_or(|end| clock.earliest < end)
    };
    items.iter().filter(waits).collect()
}

/// The grants: open ones first, the soonest end first; then future ones, then the others.
pub fn grants_in_order<'a>(
    grants: &'a [GrantRecord],
    clock: &ClockBounds,
) -> Vec<(&'a GrantRecord, GrantState)> {
    let mut grants: Vec<_> = grants
        .iter()
        .map(|grant| (grant, GrantState::of(grant, clock)))
        .collect();
    let far = DateTime::<Utc>::MAX_UTC;
    grants.sort_by_key(|(grant, state)| match state {
        GrantState::Open { .. } => (0, Moment::from(grant.closes).end().unwrap_or(far)),
        GrantState::Preparing => (1, Moment::from(grant.opens).start().unwrap_or(far)),
        GrantState::Closed => (2, far),
        GrantState::Evaluated => (3, far),
    });
    grants
}

/// The stated end, or else the end of the day on which it begins.
fn end_of(until: Moment, from: Moment) -> Option<DateTime<Utc>> {
    until.end().or_else(|| {
        let day: NaiveDate = from.date()?;
        Moment::Date(day).end()
    })
}

/// Whether a page has current content.
fn has_entries(content: &PageContent, clock: &ClockBounds) -> bool {
    match content {
        PageContent::Hours { offices } => !offices.is_empty(),
        PageContent::Contacts { contacts } => !contacts.is_empty(),
        PageContent::Grants { grants } => !grants.is_empty(),
        PageContent::Events { events } => !coming_events(events, clock).is_empty(),
        PageContent::Tourism { places } => !places.is_empty(),
        PageContent::Documents { documents } => !documents.is_empty(),
        PageContent::LostAndFound { items } => !found_items(items, clock).is_empty(),
        PageContent::Outages { outages } => !coming_outages(outages, clock).is_empty(),
        PageContent::Text { .. } => true,
        PageContent::Unknown => false,
    }
}

impl State {
    pub(super) fn handle_information(&mut self, intent: InformationIntent) {
        match intent {
            InformationIntent::Show => self.show_information(None),
            InformationIntent::Open(id) => {
                let known = self.information_pages().any(|page| page.id == id);
                self.show_information(known.then_some(id));
            }
            InformationIntent::Read(index) => self.read_published(index),
            InformationIntent::Back => match &self.front {
                Front::Information(InformationSession { page: Some(_) }) => {
                    self.show_information(None);
                }
                _ => self.show_board(),
            },
        }
    }

    fn show_information(&mut self, page: Option<String>) {
        if self.has_information() {
            self.front = Front::Information(InformationSession { page });
        } else {
            self.show_board();
        }
    }

    /// Closes a page that no longer exists.
    pub(super) fn keep_information(&mut self) {
        let Front::Information(session) = &self.front else {
            return;
        };
        let gone = session
            .page
            .as_ref()
            .is_some_and(|id| !self.information_pages().any(|page| page.id == *id));
        if !self.has_information() {
            self.show_board();
        } else if gone {
            self.show_information(None);
        }
    }

    /// The pages this kiosk can show, in the town's order.
    pub fn information_pages(&self) -> impl Iterator<Item = &InformationPage> {
        let pages = self
            .board
            .as_ref()
            .map_or(&[][..], |board| &board.information.pages);
        pages
            .iter()
            .filter(|page| page.content != PageContent::Unknown)
    }

    /// Whether there are information pages or surveys.
    pub fn has_information(&self) -> bool {
        self.information_pages().next().is_some() || self.surveys().next().is_some()
    }

    /// The pages for the idle rotation: those with current content.
    pub fn idle_information(&self) -> Vec<&InformationPage> {
        self.information_pages()
            .filter(|page| page.idle && has_entries(&page.content, &self.clock))
            .collect()
    }

    pub fn is_information_in_front(&self) -> bool {
        matches!(self.front, Front::Information(_))
    }

    /// The open page; `None` while all pages are listed.
    pub fn information_page(&self) -> Option<&InformationPage> {
        let Front::Information(session) = &self.front else {
            return None;
        };
        let id = session.page.as_ref()?;
        self.information_pages().find(|page| page.id == *id)
    }

    /// The document of this identifier, while its page offers it.
    pub(super) fn published(&self, id: &PublishedId) -> Option<&Published> {
        let board = self.board.as_ref()?;
        board.published.iter().find(|published| published.id == *id)
    }

    /// Opens a document of the open page, counted from 0 among all that the page names.
    fn read_published(&mut self, index: usize) {
        let Some(id) = self.published_at(index) else {
            return;
        };
        let Some(published) = self.published(&id) else {
            return;
        };
        self.front = Front::Notice(Box::new(Reading::of_published(published)));
        self.opened_from_search = false;
        self.reading_opened();
    }

    fn published_at(&self, index: usize) -> Option<PublishedId> {
        let page = self.information_page()?;
        let PageContent::Documents { documents } = &page.content else {
            return None;
        };
        Some(PublishedId {
            page: page.id.clone(),
            document: documents.get(index)?.document.as_ref()?.content?.hash,
        })
    }

    /// From a document back to the page that offers it; says whether a document was open.
    pub(super) fn leave_published(&mut self) -> bool {
        let Front::Notice(reading) = &self.front else {
            return false;
        };
        let Subject::Published(id) = reading.subject() else {
            return false;
        };
        let page = Some(id.page.clone());
        self.front = Front::Information(InformationSession { page });
        self.keep_information();
        true
    }

    /// The pictures needed on the screen, the most urgent first.
    pub fn wanted_pictures(&self) -> Vec<ContentHash> {
        let of_page = |page: &InformationPage| -> Vec<ContentHash> {
            let hash = |picture: &PictureRecord| picture.content.hash;
            let on_page = page.picture.iter().chain(&page.map);
            on_page
                .chain(page.content.pictures())
                .map(hash)
                .take(MOST_PICTURES)
                .collect()
        };
        self.information_page().map(of_page).unwrap_or_default()
    }
}

/// Most pictures of one page; central allows a few more on a board.
const MOST_PICTURES: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use vyveska_wire::information::Supply;
    use vyveska_wire::section::{MomentRecord, Texts};

    fn clock(at: &str) -> ClockBounds {
        ClockBounds::exact(at.parse().unwrap())
    }

    fn date(text: &str) -> MomentRecord {
        MomentRecord::Date(text.parse().unwrap())
    }

    fn grant() -> GrantRecord {
        GrantRecord {
            opens: date("2026-12-01"),
            closes: MomentRecord::Instant("2026-12-31T11:00:00Z".parse().unwrap()),
            evaluated: Some("2027-02-15".parse().unwrap()),
            ..GrantRecord::default()
        }
    }

    #[test]
    fn a_grant_comes_along_with_its_dates() {
        let state = |at: &str| GrantState::of(&grant(), &clock(at));
        let open = |days| GrantState::Open {
            days_left: Some(days),
        };
        assert_eq!(state("2026-11-30T22:59:59Z"), GrantState::Preparing);
        assert_eq!(state("2026-11-30T23:00:00Z"), open(30));
        assert_eq!(state("2026-12-31T10:59:59Z"), open(0));
        assert_eq!(state("2026-12-31T11:00:00Z"), GrantState::Closed);
        assert_eq!(state("2027-02-14T22:59:59Z"), GrantState::Closed);
        assert_eq!(state("2027-02-14T23:00:00Z"), GrantState::Evaluated);
    }

    #[test]
    fn the_last_day_of_a_grant_is_inclusive() {
        let grant = GrantRecord {
            closes: date("2026-12-31"),
            ..GrantRecord::default()
        };
        let state = |at: &str| GrantState::of(&grant, &clock(at));
        let last = GrantState::Open { days_left: Some(0) };
        assert_eq!(state("2026-12-31T22:59:59Z"), last);
        assert_eq!(state("2026-12-31T23:00:00Z"), GrantState::Closed);
        let without_dates = GrantState::of(&GrantRecord::default(), &clock("2026-12-31T23:00:00Z"));
        assert_eq!(without_dates, GrantState::Open { days_left: None });
    }

    #[test]
    fn grants_that_can_be_applied_for_come_first() {
        let named = |name: &str, opens: &str, closes: &str| GrantRecord {
            name: [("cs".to_owned(), name.to_owned())].into(),
            opens: date(opens),
            closes: date(closes),
            ..GrantRecord::default()
        };
        let grants = [
            named("closed", "2026-01-01", "2026-03-01"),
            named("to come", "2026-12-01", "2026-12-31"),
            named("open longer", "2026-11-01", "2027-01-31"),
            named("open", "2026-11-01", "2026-11-30"),
        ];
        let order: Vec<String> = grants_in_order(&grants, &clock("2026-11-21T12:00:00Z"))
            .iter()
            .map(|(grant, _)| grant.name["cs"].clone())
            .collect();
        assert_eq!(order, ["open", "open longer", "to come", "closed"]);
    }

    fn event(from: MomentRecord, until: MomentRecord) -> EventRecord {
        EventRecord {
            from,
            until,
            ..EventRecord::default()
        }
    }

    #[test]
    fn events_leave_when_they_are_over_and_stand_in_order() {
        let evening = MomentRecord::Instant("2026-11-21T17:00:00Z".parse().unwrap());
        let events = [
            event(date("2026-11-28"), date("2026-11-29")),
            event(evening, MomentRecord::Unspecified),
            event(date("2026-11-20"), date("2026-11-20")),
        ];
        let starts = |at: &str| -> Vec<MomentRecord> {
            let coming = coming_events(&events, &clock(at));
            coming.iter().map(|event| event.from).collect()
        };
        assert_eq!(
            starts("2026-11-21T12:00:00Z"),
            [evening, date("2026-11-28")]
        );
        // Without an end it is over at the end of its day.
        assert_eq!(starts("2026-11-21T22:59:59Z").len(), 2);
        assert_eq!(starts("2026-11-21T23:00:00Z"), [date("2026-11-28")]);
        assert_eq!(starts("2026-11-29T22:59:59Z").len(), 1);
        assert!(starts("2026-11-29T23:00:00Z").is_empty());
    }

    fn outage(until: MomentRecord) -> OutageRecord {
        OutageRecord {
            what: Supply::Water,
            name: Texts::new(),
            area: Texts::new(),
            from: date("2026-11-21"),
            until,
            operator: String::new(),
            note: Texts::new(),
            url: None,
        }
    }

    #[test]
    fn an_outage_leaves_when_it_is_over_unless_nobody_knows_when() {
        let at = MomentRecord::Instant("2026-11-21T14:00:00Z".parse().unwrap());
        let outages = [outage(at), outage(MomentRecord::Unspecified)];
        let left = |at: &str| coming_outages(&outages, &clock(at)).len();
        assert_eq!(left("2026-11-21T13:59:59Z"), 2);
        assert_eq!(left("2026-11-21T14:00:00Z"), 1);
        assert_eq!(left("2026-12-21T14:00:00Z"), 1);
    }

    #[test]
    fn an_unsure_clock_lets_nothing_leave_early() {
        let at = MomentRecord::Instant("2026-11-21T14:00:00Z".parse().unwrap());
        let outages = [outage(at)];
        let mut clock = clock("2026-11-21T13:00:00Z");
        clock.latest += TimeDelta::days(30);
        assert_eq!(coming_outages(&outages, &clock).len(), 1);
    }

    #[test]
    fn a_found_thing_leaves_after_the_last_day_to_collect_it() {
        let item = FoundItemRecord {
            collect_until: Some("2026-11-21".parse().unwrap()),
            ..FoundItemRecord::default()
        };
        let items = [item, FoundItemRecord::default()];
        let left = |at: &str| found_items(&items, &clock(at)).len();
        assert_eq!(left("2026-11-21T22:59:59Z"), 2);
        assert_eq!(left("2026-11-21T23:00:00Z"), 1);
    }
}
