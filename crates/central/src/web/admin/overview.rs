//! `GET /admin/`: what needs attention, in the towns of whoever asks.

use std::path::Path;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use vyveska_board::collation::compare;

use super::error::AdminError;
use super::frame::{Frame, time, towns};
use super::identity::Person;
use super::words::Words;
use crate::attention::{Waiting, gather};
use crate::config::BoardConfig;
use crate::http_service::Service;
use crate::storage::StoredBoard;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Page {
    frame: Frame,
    words: Words,
    cards: Vec<Card>,
    boards: Vec<Board>,
}

/// Something that waits for a person.
struct Card {
    /// How bad it is: `alarm`, `warning` or `calm`.
    class: &'static str,
    title: &'static str,
    /// What can be done about it.
    text: &'static str,
    /// The board, or the service.
    place: String,
    since: String,
    /// What was noted, in English.
    message: String,
    items: Vec<String>,
}

/// A board, and how many things wait there.
struct Board {
    id: String,
    town: String,
    address: String,
    waiting: usize,
}

pub(super) async fn get(
    person: Person,
    State(service): State<Arc<Service>>,
) -> Result<Html<String>, AdminError> {
    let stored = person.known.storage.boards().await?;
    let is_seen = |board: &&BoardConfig| stored.iter().any(|one| one.id == board.id);
    let seen: Vec<BoardConfig> = service
        .config
        .boards
        .iter()
        .filter(is_seen)
        .cloned()
        .collect();
    // The commands of the remedies are for those who may use a shell; here is what an office can do.
    let (file, now) = (Path::new("central.toml"), service.clock.now());
    let found = gather(&*person.known.storage, &seen, file, &now).await?;
    let words = person.words;
    let (mut cards, mut boards) = (Vec::new(), Vec::new());
    for group in &found {
        let id = group.board.as_deref();
        let place = id.map_or_else(
            || words.t("place.service").to_owned(),
            |id| town(words, &stored, id),
        );
        cards.extend(group.waiting.iter().map(|one| card(words, &place, one)));
    }
    for board in &seen {
        let its = found
            .iter()
            .find(|group| group.board.as_ref() == Some(&board.id));
        boards.push(Board {
            town: town(words, &stored, &board.id),
            address: board.web_address.clone(),
            waiting: its.map_or(0, |group| group.waiting.len()),
            id: board.id.clone(),
        });
    }
    cards.sort_by_key(|card| {
        ["alarm", "warning", "calm"]
            .iter()
            .position(|one| *one == card.class)
    });
    boards.sort_by(|one, other| compare(&one.town, &other.town).then(one.id.cmp(&other.id)));
    let page = Page {
        frame: Frame::new(&person, "/admin/", &*service.entropy),
        words,
        cards,
        boards,
    };
    Ok(Html(page.render()?))
}

/// The name of the town of a board.
fn town(words: Words, boards: &[StoredBoard], id: &str) -> String {
    let its: Vec<StoredBoard> = boards
        .iter()
        .filter(|board| board.id == id)
        .cloned()
        .collect();
    let name = towns(&its, words.0).into_iter().next();
    name.map_or_else(|| id.to_owned(), |town| town.name)
}

fn card(words: Words, place: &str, waiting: &Waiting) -> Card {
    let key = format!("attention.{}", waiting.kind);
    let text = format!("{key}.text");
    let class = match waiting.kind.as_str() {
        "clock" | "damaged" | "disk" | "job" | "fetching" | "unreachable" | "unreadable"
        | "refused" | "unstored_documents" => "alarm",
        "unchecked" | "document" | "display" => "calm",
        _ => "warning",
    };
    Card {
        class,
        title: words
            .find(&key)
            .unwrap_or_else(|| words.t("attention.other")),
        text: words
            .find(&text)
            .unwrap_or_else(|| words.t("attention.other.text")),
        place: place.to_owned(),
        since: time(words, waiting.since),
        message: waiting.message.clone(),
        items: waiting.items.clone(),
    }
}
