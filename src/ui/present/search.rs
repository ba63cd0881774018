//! The search: results are built again only when the search result, the day or the language has changed.

use std::collections::HashMap;
use std::sync::Arc;

use vyveska_board::format::notice_title::notice_title;
use vyveska_board::format::{dates, typography};
use vyveska_board::search::{Excerpt, Place};
use vyveska_board::{Language, NoticeId, category};

use super::{Presenter, count};
use crate::state::{BoardNotice, Found, Search, SearchResult, State, categories};
use crate::ui::category_icon::icon_of;
use crate::ui::view_model::{FoundView, PlaceView, SearchStatus, SearchView};

/// How many categories are offered.
const SUGGESTIONS: usize = 6;

/// The results as they were built last.
#[derive(Default)]
pub(super) struct FoundCache {
    made: Option<(FoundKey, Arc<[FoundView]>)>,
}

/// The inputs of the results.
#[derive(PartialEq)]
struct FoundKey {
    edition: u64,
    language: Language,
    answer: Option<SearchResult>,
}

impl Presenter {
    pub(super) fn search(&mut self, state: &State) -> SearchView {
        let search = state.search();
        SearchView {
            words: search.words().to_owned(),
            typing: search.is_typing(),
            layout: search.typing().layout(state.language()),
            layer: search.typing().layer(),
            status: status(search),
            total: search.answer().map_or(0, |answer| count(answer.total)),
            in_documents: search.answer().is_none_or(|answer| answer.in_documents),
            found: self.found(state),
            suggestions: if search.words().trim().is_empty() && state.is_search_in_front() {
                suggestions(state)
            } else {
                Vec::new()
            },
            beside: state.is_opened_from_search(),
            scroll: search.place(),
            scroll_sequence: search.jumps(),
        }
    }

    fn found(&mut self, state: &State) -> Arc<[FoundView]> {
        let answer = state.search().answer();
        if let Some((made_for, found)) = &self.found.made
            && made_for.edition == state.edition()
            && made_for.language == state.language()
            && made_for.answer.as_ref() == answer
        {
            return Arc::clone(found);
        }
        let found = present_found(state, answer);
        let key = FoundKey {
            edition: state.edition(),
            language: state.language(),
            answer: answer.cloned(),
        };
        self.found.made = Some((key, Arc::clone(&found)));
        found
    }
}

fn status(search: &Search) -> SearchStatus {
    match search.answer() {
        _ if search.words().trim().is_empty() => SearchStatus::Empty,
        None => SearchStatus::Searching,
        Some(answer) if answer.found.is_empty() => SearchStatus::Nothing,
        Some(_) => SearchStatus::Found,
    }
}

fn suggestions(state: &State) -> Vec<String> {
    let offered = categories(state.posted());
    let names = offered
        .iter()
        .map(|offered| category::name(&offered.name, state.language()).to_owned());
    names.take(SUGGESTIONS).collect()
}

fn present_found(state: &State, answer: Option<&SearchResult>) -> Arc<[FoundView]> {
    let Some(answer) = answer else {
        return Arc::default();
    };
    let posted: HashMap<&NoticeId, &BoardNotice> = state
        .posted()
        .map(|entry| (&entry.notice.id, entry))
        .collect();
    answer
        .found
        .iter()
        .filter_map(|found| Some(card(state, posted.get(&found.notice)?, found)))
        .collect()
}

fn card(state: &State, entry: &BoardNotice, found: &Found) -> FoundView {
    let notice = &entry.notice;
    let first = notice.categories.first();
    let (language, today) = (state.language(), state.clock().today());
    FoundView {
        id: notice.id.clone(),
        title: typography::bind(notice_title(&notice.title, language)),
        icon: icon_of(first.map_or("", |category| category.best(Language::Czech))),
        until: notice
            .relevant_until
            .last_reading()
            .map(|(day, time)| {
                let day = dates::short_date(day, today, language);
                let time = time.map(|time| format!(", {}", dates::time_of_day(time, language)));
                day + &time.unwrap_or_default()
            })
            .unwrap_or_default(),
        place: place(found.place),
        excerpt: typography::bind(&marked(&found.excerpt)),
    }
}

fn place(place: Place) -> PlaceView {
    match place {
        Place::Title => PlaceView::Title,
        Place::ReferenceNumber => PlaceView::ReferenceNumber,
        Place::FileNumber => PlaceView::FileNumber,
        Place::Originator => PlaceView::Originator,
        Place::Category => PlaceView::Category,
        Place::DocumentTitle(document) => PlaceView::DocumentTitle(u32::from(document) + 1),
        Place::Description => PlaceView::Description,
        Place::Text { document, page } => PlaceView::Text {
            document: u32::from(document) + 1,
            page: u32::from(page) + 1,
        },
    }
}

/// The excerpt on one line, with markers where it is cut and where the found words begin and end.
fn marked(excerpt: &Excerpt) -> String {
    let mut line = String::with_capacity(excerpt.text.len() + 16);
    let mut at = 0;
    let plain = |line: &mut String, part: &str| {
        line.extend(part.chars().filter(|letter| !letter.is_control()));
    };
    if excerpt.cut_before {
        line.push_str("… ");
    }
    for mark in &excerpt.marks {
        plain(&mut line, &excerpt.text[at..mark.start]);
        line.push(FoundView::BEGIN);
        plain(&mut line, &excerpt.text[mark.clone()]);
        line.push(FoundView::END);
        at = mark.end;
    }
    plain(&mut line, &excerpt.text[at..]);
    if excerpt.cut_after {
        line.push_str(" …");
    }
    line
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vyveska_board::{ClockBounds, Moment};

    use super::*;
    use crate::state::{Event, Now};
    use crate::store::samples;

    /// By the table that the board and the web are held to as well.
    #[test]
    fn an_end_is_written_as_on_the_board() {
        let table = include_str!("../../../crates/board/tests/fixtures/ends.json");
        let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        for case in table {
            let end = case["end"].as_str().unwrap();
            let moment = end
                .parse()
                .map_or_else(|_| Moment::Instant(end.parse().unwrap()), Moment::Date);
            let mut notice = samples::notice("n1", 1, &[]);
            notice.relevant_until = moment.into();
            let now = Now {
                clock: ClockBounds::exact("2026-06-01T10:00:00Z".parse().unwrap()),
                monotonic: Duration::ZERO,
            };
            notice.posted =
                vyveska_wire::section::MomentRecord::Date("2026-05-20".parse().unwrap());
            let mut state = State::new(now);
            let board = Arc::new(samples::content(vec![notice]));
            state.apply(Event::BoardChanged(board), now);
            let found = Found {
                notice: NoticeId::new("n1"),
                place: Place::Title,
                excerpt: Excerpt {
                    text: String::new(),
                    marks: Vec::new(),
                    cut_before: false,
                    cut_after: false,
                },
            };
            let entry = state.posted().next().unwrap();
            let shown = card(&state, entry, &found).until.replace('\u{a0}', "~");
            let whole = case["cs"].as_str().unwrap().replace("~2026", "");
            assert_eq!(format!("do {shown}"), whole.replace(" včetně", ""), "{end}");
        }
    }
}
