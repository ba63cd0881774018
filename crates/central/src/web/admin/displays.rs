//! `GET /admin/displays`: all displays of the towns of whoever asks, the worst first.

pub(super) mod display;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use chrono::{DateTime, Utc};
use vyveska_board::Language;
use vyveska_board::collation::compare;
use vyveska_board::fold::fold;
use vyveska_board::format::file_size::file_size;
use vyveska_wire::keys::DisplayId;
use vyveska_wire::status::{ScreenShown, Status};

use super::error::AdminError;
use super::fields::{Fields, Query};
use super::frame::{Frame, TownName, time};
use super::identity::Person;
use super::words::Words;
use crate::config::BoardConfig;
use crate::http_service::Service;
use crate::status::state::DisplayCondition;
use crate::storage::DisplayState;

/// Displays of a page.
const OF_PAGE: usize = 200;

/// More towns are found by their names, and not in a list.
const LISTED_TOWNS: usize = 300;

#[derive(Template)]
#[template(path = "admin/displays.html")]
struct Page {
    frame: Frame,
    words: Words,
    towns: Vec<TownName>,
    /// Every state, with its name.
    states: Vec<(&'static str, &'static str)>,
    tally: Vec<Tally>,
    rows: Vec<Row>,
    asked: Asked,
    /// Whether there is any display at all.
    has_any: bool,
    /// „1–200 z 12 508".
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

/// How many displays are in a state.
struct Tally {
    class: &'static str,
    name: &'static str,
    count: String,
    query: String,
    is_asked: bool,
}

struct Row {
    id: String,
    town: String,
    board: String,
    /// Which display of its board it is.
    name: String,
    class: &'static str,
    state: &'static str,
    /// The figure that matters.
    figure: String,
    since: String,
    screen: &'static str,
}

/// What the form of the filter says.
#[derive(Default)]
struct Asked {
    town: String,
    state: String,
    text: String,
    page: usize,
}

impl Asked {
    fn read(query: &Fields) -> Result<Self, AdminError> {
        let text =
            |name| Ok::<_, AdminError>(query.optional(name, 100)?.unwrap_or_default().to_owned());
        let page = query
            .optional("page", 6)?
            .map_or(Ok(1), str::parse::<usize>);
        Ok(Self {
            town: text("town")?,
            state: text("state")?,
            text: text("text")?,
            page: page.map_err(|_| AdminError::BadForm)?.max(1),
        })
    }

    fn query(&self, state: &str, page: usize) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("town", &*self.town),
            ("state", state),
            ("text", &*self.text),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        query.finish()
    }
}

/// A board by what people call it.
struct BoardName<'a> {
    board: &'a BoardConfig,
    town: String,
    /// Whether it is what was asked for.
    is_named: bool,
}

/// A display before it is worded.
struct Found<'a> {
    state: &'a DisplayState,
    board: &'a BoardName<'a>,
    condition: DisplayCondition,
    since: DateTime<Utc>,
}

impl Found<'_> {
    /// The worst first, and then by town.
    fn compare(&self, other: &Self) -> Ordering {
        let [(one, its), (two, others)] = [self, other].map(|one| (one, one.board));
        one.condition
            .cmp(&two.condition)
            .then_with(|| match its.board.town_id == others.board.town_id {
                true => Ordering::Equal,
                false => compare(&its.town, &others.town),
            })
            .then_with(|| its.board.id.cmp(&others.board.id))
            .then_with(|| one.state.display.cmp(&two.state.display))
    }
}

/// A text in their language, or in Czech.
fn text(texts: &BTreeMap<String, String>, language: Language) -> Option<&String> {
    let text = texts.get(language.code()).or_else(|| texts.get("cs"));
    text.filter(|text| !text.trim().is_empty())
}

/// The name of the town of a board.
fn town(board: &BoardConfig, language: Language) -> String {
    let texts = board.town.texts();
    text(&texts, language).unwrap_or(&board.town_id).clone()
}

/// Which display of its board it is: its part, or the beginning of its id.
pub(super) fn name(words: Words, board: &BoardConfig, display: &DisplayId) -> String {
    let part = board.part_of(display);
    match text(&part, words.0) {
        Some(part) => part.clone(),
        None => short_name(words, display.as_str()),
    }
}

/// By the beginning of its id.
pub(super) fn short_name(words: Words, display: &str) -> String {
    words.with("displays.name", display.get(..8).unwrap_or(display))
}

/// How bad a state is, as the style has it.
const fn class(condition: DisplayCondition) -> &'static str {
    match condition {
        DisplayCondition::Silent | DisplayCondition::SafeMode | DisplayCondition::Overheated => {
            "alarm"
        }
        DisplayCondition::NoBoard
        | DisplayCondition::OldData
        | DisplayCondition::Undervoltage
        | DisplayCondition::LowSpace
        | DisplayCondition::UnsureClock
        | DisplayCondition::MissingDocument => "waits",
        DisplayCondition::NeverHeard => "off",
        DisplayCondition::Fine => "fine",
    }
}

fn state(words: Words, condition: DisplayCondition) -> &'static str {
    words.t(match condition {
        DisplayCondition::Silent => "state.silent",
        DisplayCondition::SafeMode => "state.safe_mode",
        DisplayCondition::NoBoard => "state.no_board",
        DisplayCondition::OldData => "state.old_data",
        DisplayCondition::Overheated => "state.overheated",
        DisplayCondition::Undervoltage => "state.undervoltage",
        DisplayCondition::LowSpace => "state.low_space",
        DisplayCondition::UnsureClock => "state.unsure_clock",
        DisplayCondition::MissingDocument => "state.missing_document",
        DisplayCondition::NeverHeard => "state.never_heard",
        DisplayCondition::Fine => "state.fine",
    })
}

fn screen(words: Words, screen: ScreenShown) -> &'static str {
    words.t(match screen {
        ScreenShown::Idle => "screen.idle",
        ScreenShown::Board => "screen.board",
        ScreenShown::Search => "screen.search",
        ScreenShown::Notice => "screen.notice",
        ScreenShown::Document => "screen.document",
        ScreenShown::Information => "screen.information",
        ScreenShown::Survey => "screen.survey",
        ScreenShown::Alert => "screen.alert",
        ScreenShown::Service => "screen.service",
        ScreenShown::SafeMode => "screen.safe_mode",
        ScreenShown::Waiting => "screen.waiting",
        ScreenShown::Unknown => "display.unknown",
    })
}

/// The figure that a state is about; empty where there is none.
fn figure(words: Words, condition: DisplayCondition, status: &Status) -> String {
    let figure = match condition {
        DisplayCondition::OldData => status
            .data_as_of
            .map(|at| words.with("displays.as_of", time(words, at))),
        DisplayCondition::Overheated => status
            .temperature_celsius
            .map(|degrees| temperature(words, degrees)),
        DisplayCondition::LowSpace => status
            .storage
            .map(|space| words.with("displays.free", file_size(space.free_bytes, words.0))),
        DisplayCondition::MissingDocument => {
            status.missing_documents.map(|count| count.to_string())
        }
        _ => None,
    };
    figure.unwrap_or_default()
}

/// „71,3 °C".
fn temperature(words: Words, degrees: f32) -> String {
    let figure = format!("{degrees:.1}\u{a0}°C").replace('-', "−");
    match words.0 {
        Language::Czech | Language::German => figure.replace('.', ","),
        Language::English => figure,
    }
}

/// „12 508".
fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    grouped
}

pub(super) async fn get(
    person: Person,
    Query(query): Query,
    State(service): State<Arc<Service>>,
) -> Result<Html<String>, AdminError> {
    let words = person.words;
    let asked = Asked::read(&query)?;
    let states = person.known.storage.display_states().await?;
    let silent_before = service.statuses.silent_before(person.now);
    let wanted = fold(&asked.text);
    let boards = service.config.boards.iter().map(|board| {
        let town = town(board, words.0);
        let is_named = !wanted.is_empty()
            && [&town, &board.web_address, &board.id]
                .into_iter()
                .any(|name| fold(name).contains(&wanted));
        let name = BoardName {
            board,
            town,
            is_named,
        };
        (board.id.as_str(), name)
    });
    let boards: HashMap<&str, BoardName<'_>> = boards.collect();
    let all = states.iter().filter_map(|state| {
        let (condition, since) =
            DisplayCondition::of(state.heard.as_ref(), state.registered_at, silent_before);
        Some(Found {
            state,
            board: boards.get(state.board.as_str())?,
            condition,
            since,
        })
    });
    let mut found: Vec<Found<'_>> = all.collect();
    let has_any = !found.is_empty();
    let towns = towns(&found);
    if !asked.town.is_empty() {
        found.retain(|one| one.board.board.town_id == asked.town);
    }
    if !asked.text.is_empty() {
        found.retain(|one| is_named(words, one, &wanted));
    }
    let tally = tally(words, &found, &asked);
    if !asked.state.is_empty() {
        let state = DisplayCondition::from_name(&asked.state).ok_or(AdminError::BadForm)?;
        found.retain(|one| one.condition == state);
    }
    let count = found.len();
    let first = (asked.page - 1).saturating_mul(OF_PAGE).min(count);
    let last = first.saturating_add(OF_PAGE).min(count);
    let found = page_of(found, first, last);
    let page_at = |page| asked.query(&asked.state, page);
    let page = Page {
        frame: Frame::new(&person, "/admin/displays", &*service.entropy),
        words,
        towns,
        states: DisplayCondition::ALL
            .map(|one| (one.name(), state(words, one)))
            .into(),
        tally,
        rows: found.iter().map(|one| row(words, one)).collect(),
        has_any,
        range: words
            .with(
                "displays.range",
                format!("{}–{}", number(first + 1), number(last)),
            )
            .replace("[]", &number(count)),
        previous: (first > 0).then(|| page_at(asked.page - 1)),
        next: (last < count).then(|| page_at(asked.page + 1)),
        asked,
    };
    Ok(Html(page.render()?))
}

/// The displays from `first` to before `last`; only these are put in their order.
fn page_of(mut found: Vec<Found<'_>>, first: usize, last: usize) -> Vec<Found<'_>> {
    if last < found.len() {
        found.select_nth_unstable_by(last, Found::compare);
        found.truncate(last);
    }
    if first > 0 && first < found.len() {
        found.select_nth_unstable_by(first, Found::compare);
    }
    let mut found = found.split_off(first.min(found.len()));
    found.sort_by(Found::compare);
    found
}

/// The towns that have displays, by name; none where they are too many for a list.
fn towns(found: &[Found<'_>]) -> Vec<TownName> {
    let towns: BTreeMap<&str, &str> = found
        .iter()
        .map(|one| (one.board.board.town_id.as_str(), one.board.town.as_str()))
        .collect();
    if towns.len() > LISTED_TOWNS {
        return Vec::new();
    }
    let towns = towns.into_iter().map(|(id, name)| TownName {
        id: id.to_owned(),
        name: name.to_owned(),
    });
    let mut towns: Vec<TownName> = towns.collect();
    towns.sort_by(|one, other| compare(&one.name, &other.name).then(one.id.cmp(&other.id)));
    towns
}

/// Whether a display or its board is called by a folded text.
fn is_named(words: Words, found: &Found<'_>, wanted: &str) -> bool {
    let (board, display) = (found.board, &found.state.display);
    board.is_named
        || display.as_str().contains(wanted)
        || fold(&name(words, board.board, display)).contains(wanted)
}

/// How many are in each state, the worst first; those in none are left out.
fn tally(words: Words, found: &[Found<'_>], asked: &Asked) -> Vec<Tally> {
    let mut counts: BTreeMap<DisplayCondition, usize> = BTreeMap::new();
    for one in found {
        *counts.entry(one.condition).or_default() += 1;
    }
    let tally = counts.into_iter().map(|(condition, count)| {
        let is_asked = asked.state == condition.name();
        Tally {
            class: class(condition),
            name: state(words, condition),
            count: number(count),
            query: asked.query(if is_asked { "" } else { condition.name() }, 1),
            is_asked,
        }
    });
    tally.collect()
}

fn row(words: Words, found: &Found<'_>) -> Row {
    let heard = found.state.heard.as_ref();
    let status = heard.and_then(|heard| Status::read(heard.status.as_bytes()).ok());
    let told = status.as_ref();
    let is_there = found.condition != DisplayCondition::Silent;
    Row {
        id: found.state.display.to_string(),
        town: found.board.town.clone(),
        board: found.board.board.web_address.clone(),
        name: name(words, found.board.board, &found.state.display),
        class: class(found.condition),
        state: state(words, found.condition),
        figure: told.map_or_else(String::new, |told| figure(words, found.condition, told)),
        since: time(words, found.since),
        screen: told
            .filter(|_| is_there)
            .map_or("", |told| screen(words, told.screen)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_in_the_language() {
        assert_eq!(temperature(Words(Language::Czech), 71.34), "71,3\u{a0}°C");
        assert_eq!(temperature(Words(Language::English), -7.0), "−7.0\u{a0}°C");
        for (count, expected) in [
            (7, "7"),
            (999, "999"),
            (1_000, "1\u{a0}000"),
            (12_508, "12\u{a0}508"),
        ] {
            assert_eq!(number(count), expected);
        }
    }
}
