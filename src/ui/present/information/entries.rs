//! The entries of a page of the town's information.

use chrono::{Datelike, Days, NaiveDate};
use vyveska_board::format::counting::counted;
use vyveska_board::format::dates::{self, calendar_day, full_date, short_date};
use vyveska_board::format::file_kind::file_kind;
use vyveska_board::format::file_size::file_size;
use vyveska_board::format::ranges::{self, period};
use vyveska_board::format::typography::bind;
use vyveska_board::format::{Phrase, say};
use vyveska_board::hours::{DayReason, OpeningHours};
use vyveska_board::{Language, Moment};
use vyveska_wire::information::{
    ContactRecord, EventRecord, FoundItemRecord, GrantRecord, OfficeRecord, OutageRecord,
    PageContent, PlaceRecord, PublishedDocumentRecord,
};
use vyveska_wire::section::{DocumentRecord, Texts};

use super::{
    Presenter, icon_of_supply, in_language, name_of_outage, status_of_grant, status_of_office,
};
use crate::state::{
    GrantState, State, coming_events, coming_outages, found_items, grants_in_order,
};
use crate::ui::information_words as words;
use crate::ui::view_model::{EntryView, FactView};

/// How many days ahead exceptions of hours are announced.
const EXCEPTIONS_AHEAD: u64 = 28;

/// How many of a page's entries are shown; central allows no more.
const MOST_ENTRIES: usize = 100;

impl Presenter {
    pub(in crate::ui::present) fn entries(
        &mut self,
        state: &State,
        content: &PageContent,
    ) -> Vec<EntryView> {
        let clock = state.clock();
        let mut entries: Vec<EntryView> = match content {
            PageContent::Hours { offices } => offices
                .iter()
                .map(|office| office_entry(state, office))
                .collect(),
            PageContent::Contacts { contacts } => contacts
                .iter()
                .map(|contact| contact_entry(contact, state.language()))
                .collect(),
            PageContent::Grants { grants } => grants_in_order(grants, &clock)
                .into_iter()
                .map(|(grant, standing)| self.grant_entry(state, grant, standing))
                .collect(),
            PageContent::Events { events } => coming_events(events, &clock)
                .into_iter()
                .map(|event| self.event_entry(state, event))
                .collect(),
            PageContent::Tourism { places } => places
                .iter()
                .map(|place| self.place_entry(place, state.language()))
                .collect(),
            PageContent::Documents { documents } => documents
                .iter()
                .map(|document| self.document_entry(document, state.language()))
                .collect(),
            PageContent::LostAndFound { items } => found_items(items, &clock)
                .into_iter()
                .map(|item| self.item_entry(state, item))
                .collect(),
            PageContent::Outages { outages } => coming_outages(outages, &clock)
                .into_iter()
                .map(|outage| self.outage_entry(state, outage))
                .collect(),
            PageContent::Text { text } => paragraphs(text, state.language()),
            PageContent::Unknown => Vec::new(),
        };
        entries.truncate(MOST_ENTRIES);
        entries
    }

    fn grant_entry(
        &mut self,
        state: &State,
        grant: &GrantRecord,
        standing: GrantState,
    ) -> EntryView {
        let (language, today) = (state.language(), state.clock().today());
        let (status, tone) = status_of_grant(standing, language);
        let mut facts = Facts::new(language);
        facts.add(
            words::APPLICATIONS,
            period(grant.opens.into(), grant.closes.into(), today, language),
        );
        let crowns = |sum: Option<u64>| {
            sum.map(|sum| words::crowns(sum, language))
                .unwrap_or_default()
        };
        facts.add(words::ALLOCATION, crowns(grant.allocation_czk));
        facts.add(words::MOST, crowns(grant.most_czk));
        facts.texts(words::WHO_MAY_APPLY, &grant.who);
        let results = grant.evaluated.map(|day| full_date(day, language));
        facts.add(words::RESULTS, results.unwrap_or_default());
        EntryView {
            heading: in_language(&grant.name, language),
            status,
            tone,
            weighty: match standing {
                GrantState::Open {
                    days_left: Some(days),
                } => words::sentence(&words::days_left(days, language)),
                _ => String::new(),
            },
            facts: facts.list,
            text: in_language(&grant.note, language),
            qr_code: self.code(grant.url.as_ref()),
            ..EntryView::default()
        }
    }

    fn event_entry(&mut self, state: &State, event: &EventRecord) -> EntryView {
        let (language, today) = (state.language(), state.clock().today());
        let from = Moment::from(event.from);
        let (day, month) = from
            .date()
            .map_or_else(|| (String::new(), ""), |date| calendar_day(date, language));
        let mut facts = Facts::new(language);
        facts.add(
            words::WHEN,
            period(from, event.until.into(), today, language),
        );
        facts.texts(words::WHERE, &event.place);
        EntryView {
            heading: in_language(&event.name, language),
            day,
            month: month.to_owned(),
            facts: facts.list,
            text: in_language(&event.text, language),
            picture: self.captioned(event.picture.as_ref(), language),
            qr_code: self.code(event.url.as_ref()),
            ..EntryView::default()
        }
    }

    fn place_entry(&mut self, place: &PlaceRecord, language: Language) -> EntryView {
        let mut facts = Facts::new(language);
        facts.texts(words::DISTANCE, &place.distance);
        EntryView {
            heading: in_language(&place.name, language),
            facts: facts.list,
            text: in_language(&place.text, language),
            picture: self.captioned(place.picture.as_ref(), language),
            qr_code: self.code(place.url.as_ref()),
            ..EntryView::default()
        }
    }

    fn document_entry(
        &mut self,
        document: &PublishedDocumentRecord,
        language: Language,
    ) -> EntryView {
        let readable = document.document.as_ref();
        EntryView {
            heading: in_language(&document.name, language),
            text: in_language(&document.text, language),
            qr_code: self.code(document.url.as_ref()),
            readable: readable.is_some_and(|document| document.content.is_some()),
            document: readable.map_or_else(String::new, |one| document_facts(one, language)),
            ..EntryView::default()
        }
    }

    fn item_entry(&mut self, state: &State, item: &FoundItemRecord) -> EntryView {
        let language = state.language();
        let mut facts = Facts::new(language);
        let found = [
            item.found_on
                .map(|day| full_date(day, language))
                .unwrap_or_default(),
            in_language(&item.found_at, language),
        ];
        facts.add(words::FOUND, joined(&found));
        facts.texts(words::COLLECT, &item.collect_at);
        let until = item.collect_until.map(|day| full_date(day, language));
        facts.add(words::UNTIL, until.unwrap_or_default());
        EntryView {
            heading: in_language(&item.name, language),
            facts: facts.list,
            picture: self.captioned(item.picture.as_ref(), language),
            ..EntryView::default()
        }
    }

    fn outage_entry(&mut self, state: &State, outage: &OutageRecord) -> EntryView {
        let (language, today) = (state.language(), state.clock().today());
        let mut facts = Facts::new(language);
        facts.texts(words::WHERE, &outage.area);
        facts.add(words::OPERATOR, bind(&outage.operator));
        EntryView {
            heading: name_of_outage(outage, language),
            icon: Some(icon_of_supply(outage.what)),
            weighty: period(outage.from.into(), outage.until.into(), today, language),
            facts: facts.list,
            text: in_language(&outage.note, language),
            qr_code: self.code(outage.url.as_ref()),
            ..EntryView::default()
        }
    }

    fn code(&mut self, url: Option<&url::Url>) -> Option<crate::ui::view_model::Picture> {
        self.qr_codes.of(url?.as_str())
    }
}

/// Facts without the empty ones.
struct Facts {
    language: Language,
    list: Vec<FactView>,
}

impl Facts {
    fn new(language: Language) -> Self {
        Self {
            language,
            list: Vec::new(),
        }
    }

    fn add(&mut self, label: Phrase, value: String) {
        if !value.is_empty() {
            self.list.push(FactView {
                label: say(label, self.language).to_owned(),
                value,
                now: false,
            });
        }
    }

    fn texts(&mut self, label: Phrase, texts: &Texts) {
        self.add(label, in_language(texts, self.language));
    }
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

fn paragraphs(texts: &Texts, language: Language) -> Vec<EntryView> {
    let map = vyveska_wire::section::language_map(texts);
    map.best(language)
        .split("\n\n")
        .map(bind)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|text| EntryView {
            text,
            ..EntryView::default()
        })
        .collect()
}

fn contact_entry(contact: &ContactRecord, language: Language) -> EntryView {
    let mut facts = Facts::new(language);
    facts.add(words::PHONE, bind(&contact.phone));
    facts.add(words::EMAIL, contact.email.clone());
    facts.texts(words::WHERE, &contact.place);
    EntryView {
        heading: in_language(&contact.name, language),
        weighty: bind(&contact.person),
        facts: facts.list,
        text: in_language(&contact.note, language),
        ..EntryView::default()
    }
}

/// „PDF · 6 stran · 33 kB", as far as it is known.
fn document_facts(document: &DocumentRecord, language: Language) -> String {
    let pages = document.pages.map(|pages| {
        let forms = [
            ["strana", "strany", "stran"],
            ["Seite", "Seiten", "Seiten"],
            ["page", "pages", "pages"],
        ];
        counted(pages as usize, forms, language)
    });
    let size = document
        .content
        .map(|one| file_size(one.size_bytes, language));
    let kind = file_kind(
        document.media_type.as_deref(),
        document.url.as_ref(),
        language,
    );
    let facts = [Some(kind), pages, size].into_iter().flatten();
    let facts: Vec<String> = facts.filter(|fact| !fact.is_empty()).collect();
    bind(&facts.join(" · "))
}

fn office_entry(state: &State, office: &OfficeRecord) -> EntryView {
    let (language, today) = (state.language(), state.clock().today());
    let hours = office.hours();
    let (status, tone) = status_of_office(state, office);
    let mut facts = week(&hours, today, language);
    facts.extend(exceptions(office, &hours, today, language));
    let mut more = Facts::new(language);
    more.texts(words::WHERE, &office.place);
    more.add(words::PHONE, bind(&office.phone));
    facts.extend(more.list);
    EntryView {
        heading: in_language(&office.name, language),
        status,
        tone,
        facts,
        text: in_language(&office.note, language),
        ..EntryView::default()
    }
}

/// The usual week, days that are closed one after the other in one row; today as it really is.
fn week(hours: &OpeningHours, today: NaiveDate, language: Language) -> Vec<FactView> {
    let weekday = today.weekday().num_days_from_monday() as usize;
    let mut rows = Vec::new();
    let mut day = 0;
    while day < 7 {
        if day == weekday {
            let (intervals, reason) = hours.on(today);
            rows.push(FactView {
                label: words::weekday_today(day, language),
                value: with_reason(ranges::hours(&intervals, language), reason, language),
                now: true,
            });
            day += 1;
            continue;
        }
        let mut last = day;
        while hours.week[day].is_empty()
            && last + 1 < 7
            && last + 1 != weekday
            && hours.week[last + 1].is_empty()
        {
            last += 1;
        }
        let label = if last > day {
            let (from, to) = (
                dates::weekday(day, language),
                dates::weekday(last, language),
            );
            format!("{from} – {to}")
        } else {
            dates::weekday(day, language).to_owned()
        };
        rows.push(FactView {
            label,
            value: ranges::hours(&hours.week[day], language),
            now: false,
        });
        day = last + 1;
    }
    rows
}

fn with_reason(hours: String, reason: DayReason, language: Language) -> String {
    match reason {
        DayReason::Holiday(holiday) => bind(&format!("{hours}, {}", holiday.name(language))),
        DayReason::Usual | DayReason::Exception => hours,
    }
}

/// The days ahead that differ from the usual week.
fn exceptions(
    office: &OfficeRecord,
    hours: &OpeningHours,
    today: NaiveDate,
    language: Language,
) -> Vec<FactView> {
    (1..=EXCEPTIONS_AHEAD)
        .filter_map(|days| today.checked_add_days(Days::new(days)))
        .filter_map(|date| {
            let (intervals, reason) = hours.on(date);
            let usual = &hours.week[date.weekday().num_days_from_monday() as usize];
            if reason == DayReason::Usual || intervals == *usual {
                return None;
            }
            let note = office
                .exceptions
                .iter()
                .find(|exception| exception.date == date)
                .map(|exception| in_language(&exception.note, language))
                .unwrap_or_default();
            let value = with_reason(ranges::hours(&intervals, language), reason, language);
            let weekday = dates::weekday(date.weekday().num_days_from_monday() as usize, language);
            let day = short_date(date, today, language);
            Some(FactView {
                label: format!("{weekday} {day}"),
                value: joined(&[value, note]),
                now: false,
            })
        })
        .collect()
}
