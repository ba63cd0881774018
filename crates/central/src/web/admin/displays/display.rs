//! `GET /admin/displays/{display}`: what a display told last.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use chrono::TimeDelta;
use vyveska_board::format::file_size::file_size;
use vyveska_wire::status::{ClockStatus, ClockTrustStatus, NetworkKind, Space, Status};

use super::{class, figure, name, screen, state, temperature, town};
use crate::http_service::Service;
use crate::status::state::DisplayCondition;
use crate::web::admin::error::AdminError;
use crate::web::admin::fields::Id;
use crate::web::admin::frame::{Frame, time};
use crate::web::admin::identity::Person;
use crate::web::admin::words::Words;

#[derive(Template)]
#[template(path = "admin/display.html")]
struct Page {
    frame: Frame,
    words: Words,
    town: String,
    town_id: String,
    /// The id of the board, and its address.
    board: String,
    address: String,
    name: String,
    class: &'static str,
    state: &'static str,
    since: String,
    /// What else is wrong.
    also: Vec<Also>,
    groups: Vec<Group>,
}

struct Also {
    class: &'static str,
    state: &'static str,
    figure: String,
}

/// Facts under a heading.
struct Group {
    title: &'static str,
    facts: Vec<Fact>,
}

struct Fact {
    name: &'static str,
    /// `None` where it is not known.
    value: Option<String>,
}

fn fact(name: &'static str, value: Option<String>) -> Fact {
    Fact { name, value }
}

pub(in crate::web::admin) async fn get(
    person: Person,
    Id(display): Id,
    State(service): State<Arc<Service>>,
) -> Result<Html<String>, AdminError> {
    let (words, now) = (person.words, person.now);
    let storage = &person.known.storage;
    let found = storage.display_state(&display).await?;
    let found = found.ok_or(AdminError::NotFound)?;
    let board = service.config.board(&found.board);
    let board = board.ok_or(AdminError::NotFound)?;
    let heard = found.heard.as_ref();
    let silent_before = service.statuses.silent_before(now);
    let (condition, since) = DisplayCondition::of(heard, found.registered_at, silent_before);
    let status = heard.and_then(|heard| Status::read(heard.status.as_bytes()).ok());
    let stale_after = TimeDelta::minutes(board.stale_after_minutes.into());
    let all = match (&status, heard) {
        // As it was when it said so.
        (Some(status), Some(heard)) => {
            DisplayCondition::all_of(status, stale_after, heard.heard_at)
        }
        _ => Vec::new(),
    };
    let also = all.into_iter().filter_map(|one| {
        let figure = figure(words, one, status.as_ref()?);
        (one != condition || !figure.is_empty()).then_some(Also {
            class: class(one),
            state: state(words, one),
            figure,
        })
    });
    let newest = storage.manifest(&board.id).await?;
    let newest = newest.map(|manifest| manifest.number);
    let told = status.as_ref();
    let shown = Group {
        title: words.t("display.shown"),
        facts: vec![
            fact(
                words.t("displays.screen"),
                told.map(|told| screen(words, told.screen).to_owned()),
            ),
            fact(
                words.t("display.manifest"),
                told.and_then(|told| Some(manifest(words, told.manifest_number?, newest))),
            ),
            fact(
                words.t("display.data_as_of"),
                told.and_then(|told| told.data_as_of)
                    .map(|at| time(words, at)),
            ),
            fact(
                words.t("display.missing"),
                told.and_then(|told| told.missing_documents)
                    .map(|count| match count {
                        0 => words.t("display.none").to_owned(),
                        count => count.to_string(),
                    }),
            ),
            fact(
                words.t("display.heard"),
                Some(heard.map_or_else(
                    || words.t("display.never").to_owned(),
                    |heard| time(words, heard.heard_at),
                )),
            ),
        ],
    };
    let page = Page {
        frame: Frame::new(&person, "/admin/displays", &*service.entropy),
        words,
        town: town(board, words.0),
        town_id: board.town_id.clone(),
        board: board.id.clone(),
        address: board.web_address.clone(),
        name: name(words, board, &found.display),
        class: class(condition),
        state: state(words, condition),
        since: time(words, since),
        also: also.collect(),
        groups: vec![
            shown,
            health(words, told),
            device(words, told, &display, time(words, found.registered_at)),
        ],
    };
    Ok(Html(page.render()?))
}

/// Which board is in use, and whether it is the newest.
fn manifest(words: Words, number: u64, newest: Option<u64>) -> String {
    let key = match newest {
        Some(newest) if newest > number => "display.manifest.older",
        Some(_) => "display.manifest.newest",
        None => "display.manifest.number",
    };
    words.with(key, number)
}

fn health(words: Words, told: Option<&Status>) -> Group {
    let power = told.and_then(|told| told.power);
    let noted = |was: bool| {
        words.t(if was {
            "display.was"
        } else {
            "display.was_not"
        })
    };
    let percent = |value: u8| format!("{value}\u{a0}%");
    Group {
        title: words.t("display.health"),
        facts: vec![
            fact(
                words.t("display.temperature"),
                told.and_then(|told| told.temperature_celsius)
                    .map(|degrees| temperature(words, degrees)),
            ),
            fact(
                words.t("display.processor"),
                told.and_then(|told| told.processor_percent).map(percent),
            ),
            fact(
                words.t("display.memory"),
                told.and_then(|told| told.memory)
                    .map(|space| free_of(words, space)),
            ),
            fact(
                words.t("display.storage"),
                told.and_then(|told| told.storage)
                    .map(|space| free_of(words, space)),
            ),
            fact(
                words.t("display.brightness"),
                told.and_then(|told| told.brightness_percent).map(percent),
            ),
            fact(
                words.t("display.undervoltage"),
                power.map(|power| noted(power.undervoltage).to_owned()),
            ),
            fact(
                words.t("display.throttled"),
                power
                    .and_then(|power| power.throttled)
                    .map(|was| noted(was).to_owned()),
            ),
            fact(
                words.t("display.clock"),
                told.map(|told| clock(words, &told.clock)),
            ),
        ],
    }
}

fn device(words: Words, told: Option<&Status>, id: &str, registered: String) -> Group {
    let text = |of: fn(&Status) -> Option<String>| told.and_then(of);
    let running = |of: fn(&Status) -> Option<u64>| told.and_then(of).map(duration);
    let network = |kind| {
        words.t(match kind {
            NetworkKind::Cable => "network.cable",
            NetworkKind::Wireless => "network.wireless",
            NetworkKind::Mobile => "network.mobile",
            NetworkKind::Other => "network.other",
        })
    };
    Group {
        title: words.t("display.device"),
        facts: vec![
            fact(words.t("display.model"), text(|told| told.model.clone())),
            fact(words.t("display.serial"), text(|told| told.serial.clone())),
            fact(
                words.t("display.version"),
                text(|told| Some(told.version.clone())),
            ),
            fact(
                words.t("display.pixels"),
                told.and_then(|told| told.screen_pixels)
                    .map(|(width, height)| format!("{width}\u{a0}×\u{a0}{height}")),
            ),
            fact(
                words.t("display.network"),
                told.and_then(|told| told.network)
                    .map(|kind| network(kind).to_owned()),
            ),
            fact(
                words.t("display.uptime"),
                running(|told| told.uptime_seconds),
            ),
            fact(
                words.t("display.program"),
                running(|told| told.program_seconds),
            ),
            fact(words.t("display.registered"), Some(registered)),
            fact(words.t("display.id"), Some(id.to_owned())),
        ],
    }
}

/// „volných 20,1 GB z 32,0 GB".
fn free_of(words: Words, space: Space) -> String {
    let [free, total] = [space.free_bytes, space.total_bytes].map(|one| file_size(one, words.0));
    words.with("display.free_of", free).replace("[]", &total)
}

/// Why its time is believed, and how exactly it knows it.
fn clock(words: Words, clock: &ClockStatus) -> String {
    let trust = words.t(match clock.trust {
        ClockTrustStatus::Synchronised => "clock.synchronised",
        ClockTrustStatus::HoldingOver => "clock.holding_over",
        ClockTrustStatus::Unsure => "clock.unsure",
    });
    let Some(latest) = clock.latest else {
        return trust.to_owned();
    };
    let width = latest
        .signed_duration_since(clock.earliest)
        .num_milliseconds();
    let width = match width {
        0..1_000 => format!("{width}\u{a0}ms"),
        _ => format!("{}\u{a0}s", width / 1_000),
    };
    format!("{trust}, {}", words.with("clock.within", width))
}

/// „3 d 4 h", „4 h 12 min", „12 min".
fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}\u{a0}min"),
        (0, hours) => format!("{hours}\u{a0}h {minutes}\u{a0}min"),
        (days, hours) => format!("{days}\u{a0}d {hours}\u{a0}h"),
    }
}

#[cfg(test)]
mod tests {
    use vyveska_board::Language;

    use super::*;

    #[test]
    fn a_time_is_told_by_its_two_largest_units() {
        for (seconds, expected) in [
            (59, "0 min"),
            (720, "12 min"),
            (15_120, "4 h 12 min"),
            (273_600, "3 d 4 h"),
        ] {
            assert_eq!(duration(seconds).replace('\u{a0}', " "), expected);
        }
    }

    #[test]
    fn a_clock_says_how_exactly_it_knows_the_time() {
        let at = |text: &str| text.parse().unwrap();
        let mut told = ClockStatus {
            trust: ClockTrustStatus::Synchronised,
            earliest: at("2026-11-30T14:00:00Z"),
            latest: Some(at("2026-11-30T14:00:00.012Z")),
        };
        let words = Words(Language::Czech);
        let said = |told: &ClockStatus| clock(words, told).replace('\u{a0}', " ");
        assert!(said(&told).ends_with("12 ms"), "{}", said(&told));
        told.latest = Some(at("2026-11-30T14:00:02Z"));
        assert!(said(&told).ends_with("2 s"), "{}", said(&told));
        told.latest = None;
        assert_eq!(
            said(&told),
            words.t("clock.synchronised").replace('\u{a0}', " ")
        );
    }

    #[test]
    fn a_board_is_the_newest_older_or_only_a_number() {
        let words = Words(Language::English);
        let all = [Some(7), Some(8), None].map(|newest| manifest(words, 7, newest));
        assert!(all.iter().all(|text| text.contains('7')), "{all:?}");
        assert_ne!(all[0], all[1]);
    }
}
