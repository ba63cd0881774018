//! `GET /admin/`: what needs attention, in the towns of whoever asks.

use std::path::Path;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use vyveska_board::collation::compare;
use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::{Language, MissingReason};

use super::displays;
use super::error::AdminError;
use super::frame::{Frame, time, towns};
use super::identity::Person;
use super::words::Words;
use crate::attention::{Waiting, gather};
use crate::config::{BoardConfig, SourceLocation};
use crate::http_service::Service;
use crate::status::silence::SILENT;
use crate::storage::{Grant, Role, StoredBoard};

/// Why a document may be missing.
const REASONS: [MissingReason; 12] = [
    MissingReason::NoAddress,
    MissingReason::NotFound,
    MissingReason::AccessDenied,
    MissingReason::WebPage,
    MissingReason::Empty,
    MissingReason::Incomplete,
    MissingReason::TooLarge,
    MissingReason::RedirectLoop,
    MissingReason::NotPublic,
    MissingReason::TooSlow,
    MissingReason::NotStored,
    MissingReason::Unavailable,
];

/// The sentences of [`gather`] that are said in every language, each as it stands in the English texts.
const SENTENCES: [&str; 40] = [
    "attention.said.feed_empty",
    "attention.said.feed_blank",
    "attention.said.feed_drop",
    "attention.said.feed_of_other_office",
    "attention.said.feed_of_other_board",
    "attention.said.feed_unknown",
    "attention.said.unread_lines",
    "attention.said.budget",
    "attention.said.disk",
    "attention.said.no_answer",
    "attention.said.uncompared",
    "attention.said.of_other_board",
    "attention.said.shown_wrong",
    "attention.said.cut_short",
    "attention.said.rebuilt",
    "attention.said.foreign_head",
    "attention.said.dynamic_form",
    "attention.said.portfolio",
    "attention.said.page_count",
    "attention.said.password",
    "attention.said.broken",
    "attention.said.empty",
    "attention.said.unsupported",
    "attention.said.signed",
    "attention.said.too_large",
    "attention.said.timed_out",
    "attention.said.not_there",
    "attention.said.disputed",
    "attention.said.undrawable",
    "attention.said.not_compared",
    "attention.said.font_replaced",
    "attention.said.letters_missing",
    "attention.said.picture_missing",
    "attention.said.mark_missing",
    "attention.said.field_missing",
    "attention.said.field_outdated",
    "attention.said.content_lost",
    "attention.said.data_damaged",
    "attention.said.words_lost",
    "attention.said.letters_hidden",
];

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Page {
    frame: Frame,
    words: Words,
    /// Whether whoever asks has any role.
    has_role: bool,
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
    /// The address of the source that it concerns.
    source: Option<String>,
    /// What was noted, in their language; empty where the text says it all.
    said: String,
    /// What was noted, in English, as an error of a library.
    noted: String,
    items: Vec<Item>,
}

/// A line of what something is about.
#[derive(Debug, PartialEq, Eq)]
struct Item {
    /// The page of the notice.
    address: Option<String>,
    /// What the publisher calls it, or where it is.
    name: String,
    /// What is said of it, in their language.
    said: String,
    /// What is said of it, in English.
    noted: String,
}

impl Item {
    /// Takes a line as attention writes it: the place of a notice, names between „ and “, and words after a colon.
    fn read(words: Words, line: &str) -> Self {
        let ends = ["„", ", http", ": "].into_iter();
        let end = ends.filter_map(|end| line.find(end)).min();
        let (place, rest) = if line.starts_with('/') {
            line.split_at(end.unwrap_or(line.len()))
        } else {
            ("", line)
        };
        let (quoted, noted) = match rest.rfind('“') {
            Some(end) => rest.split_at(end + '“'.len_utf8()),
            None => ("", rest),
        };
        let place = place.trim_end_matches([',', ' ']);
        let reason = reason(words, noted);
        let noted = match reason {
            Some((words, _)) => noted.strip_suffix(words).unwrap_or(noted),
            None => noted,
        };
        let name = if quoted.is_empty() { place } else { quoted };
        Self {
            address: page_of(place),
            name: name.to_owned(),
            said: reason.map_or("", |(_, said)| said).to_owned(),
            noted: noted.trim_matches([',', ':', ' ']).to_owned(),
        }
    }
}

/// The page of the notice that a place begins with.
fn page_of(place: &str) -> Option<String> {
    let page = place.split(',').next()?;
    page.starts_with('/').then(|| page.to_owned())
}

/// Why a document is missing, as a line ends in English, and in their language.
fn reason(words: Words, line: &str) -> Option<(&'static str, &'static str)> {
    let mut reasons = REASONS
        .into_iter()
        .map(|one| [Language::English, words.0].map(|language| missing_reason(one, language)));
    let found = reasons.find(|[english, _]| line.ends_with(english));
    found.map(|[english, said]| (english, said))
}

/// What was noted of something, in their language, and what of it is no sentence of ours, in English.
fn said(words: Words, waiting: &Waiting) -> [String; 2] {
    let message = waiting.message.as_str();
    match waiting.kind.as_str() {
        // Their texts and lists say it all.
        "documents"
        | "withdrawn_documents"
        | "doubtful_ends"
        | "unaccepted"
        | "page_worker"
        | "enrolled"
        | SILENT => return Default::default(),
        "unreachable" => {
            if let Some(code) = status(message) {
                return [
                    words.with("attention.unreachable.status", code),
                    String::new(),
                ];
            }
        }
        // Several things about one document, each of some pages or of all.
        "document" => {
            let (mut said, mut noted) = (Vec::new(), Vec::new());
            for part in message.split("; ") {
                match of_pages(words, part) {
                    Some(part) => said.push(part),
                    None => noted.push(part),
                }
            }
            return [said.join("; "), noted.join("; ")];
        }
        _ => {}
    }
    match sentence(words, message) {
        Some(said) => [said, String::new()],
        None => [String::new(), message.to_owned()],
    }
}

/// With which status a publisher answers.
fn status(message: &str) -> Option<&str> {
    let (_, status) = message.split_once("the publisher answers ")?;
    status.get(..3).filter(|code| code.parse::<u16>().is_ok())
}

/// A sentence about a document, which may begin with the pages that it is about.
fn of_pages(words: Words, part: &str) -> Option<String> {
    let named = part.split_once(": ").and_then(|(named, rest)| {
        let pages = pages(words, named)?;
        Some(format!("{pages}: {}", sentence(words, rest)?))
    });
    named.or_else(|| sentence(words, part))
}

/// Pages as `page 3` or `pages 1–3, 5`.
fn pages(words: Words, named: &str) -> Option<String> {
    let (noun, numbers) = named.split_once(' ')?;
    match noun {
        "page" => Some(words.with("attention.said.page", numbers)),
        "pages" => Some(words.with("attention.said.pages", numbers)),
        _ => None,
    }
}

/// One of [`SENTENCES`] in their language.
fn sentence(words: Words, message: &str) -> Option<String> {
    SENTENCES.iter().find_map(|key| {
        let values = values(Words(Language::English).t(key), message)?;
        let mut parts = words.t(key).split("{}");
        let mut said = parts.next().unwrap_or_default().to_owned();
        for (value, part) in values.into_iter().zip(parts) {
            let number = value.trim_end_matches('s');
            let number = number.strip_suffix(" notice");
            let number = number.or_else(|| value.trim_end_matches('s').strip_suffix(" document"));
            match pages(words, value) {
                Some(pages) => said.push_str(&pages),
                None => said.push_str(&number.unwrap_or(value).replace(" to ", "–")),
            }
            said.push_str(part);
        }
        Some(said)
    })
}

/// What stands in a message in the places of a pattern.
fn values<'a>(pattern: &str, message: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split("{}");
    let mut rest = message.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let end = match parts.peek() {
            Some(_) => rest.find(part)?,
            None => rest.len().checked_sub(part.len())?,
        };
        let (value, behind) = rest.split_at_checked(end)?;
        rest = behind.strip_prefix(part)?;
        values.push(value);
    }
    // Anything else that is counted has no words of ours.
    let is_whole = rest.is_empty() && values.iter().all(|value| !value.contains(" more "));
    is_whole.then_some(values)
}

/// A display that does not report, and when it did last.
fn silent(words: Words, boards: &[BoardConfig], line: &str) -> Item {
    let known = line.split_once(' ');
    let known = known.and_then(|(id, at)| Some((id, at.parse().ok()?)));
    let Some((id, at)) = known else {
        return Item::read(words, line);
    };
    let mut its = boards.iter().flat_map(|board| {
        let displays = board.displays.iter();
        displays.map(move |display| (board, &display.id))
    });
    let its = its.find(|(_, display)| display.as_str() == id);
    Item {
        address: Some(format!("/admin/displays/{id}")),
        name: its.map_or_else(
            || displays::short_name(words, id),
            |(board, display)| displays::name(words, board, display),
        ),
        said: words.with("overview.since", time(words, at)),
        noted: String::new(),
    }
}

/// The address of a source, where it is one that a browser opens.
fn address_of(boards: &[BoardConfig], source: &str) -> Option<String> {
    let mut sources = boards.iter().flat_map(|board| &board.sources);
    match &sources.find(|one| one.id == source)?.url {
        SourceLocation::Http(url) => Some(url.to_string()),
        SourceLocation::File(_) => None,
    }
}

/// Whether one of these roles can do something about what waits in a town.
fn can_act(grants: &[Grant], town: &str) -> bool {
    let is_there = |grant: &Grant| grant.town().is_none_or(|its| its == town);
    grants
        .iter()
        .any(|grant| grant.role() != Role::Reader && is_there(grant))
}

/// A board, and how many things wait there.
struct Board {
    id: String,
    town: String,
    address: String,
    waiting: usize,
    /// Whether whoever asks can do something about it.
    can_act: bool,
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
    let (words, grants) = (person.words, person.known.account.grants());
    let (mut cards, mut boards) = (Vec::new(), Vec::new());
    for group in &found {
        let id = group.board.as_deref();
        let place = id.map_or_else(
            || words.t("place.service").to_owned(),
            |id| town(words, &stored, id),
        );
        let its = group.waiting.iter();
        cards.extend(its.map(|one| {
            let mut card = card(words, &place, one);
            match one.kind.as_str() {
                "unreachable" => card.source = address_of(&seen, &one.subject),
                SILENT => {
                    let lines = one.items.iter();
                    card.items = lines.map(|line| silent(words, &seen, line)).collect();
                }
                _ => {}
            }
            card
        }));
    }
    for board in &seen {
        let its = found
            .iter()
            .find(|group| group.board.as_ref() == Some(&board.id));
        boards.push(Board {
            town: town(words, &stored, &board.id),
            address: board.web_address.clone(),
            waiting: its.map_or(0, |group| group.waiting.len()),
            can_act: stored
                .iter()
                .any(|one| one.id == board.id && can_act(grants, &one.town.id)),
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
        has_role: !grants.is_empty(),
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
        | "refused" | "unstored_documents" | SILENT => "alarm",
        "unchecked" | "document" | "display" | "enrolled" => "calm",
        _ => "warning",
    };
    let [said, noted] = said(words, waiting);
    let items = waiting.items.iter();
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
        source: None,
        said,
        noted,
        items: items
            .map(|line| Item::read(words, line))
            .map(|item| Item {
                address: item.address.or_else(|| page_of(&waiting.subject)),
                ..item
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, [address, name, said, noted]: [&str; 4]) {
        let item = Item {
            address: Some(address.to_owned()).filter(|address| !address.is_empty()),
            name: name.to_owned(),
            said: said.to_owned(),
            noted: noted.to_owned(),
        };
        assert_eq!(Item::read(Words(Language::Czech), line), item);
    }

    #[test]
    fn a_line_leads_to_its_notice_and_only_its_english_is_english() {
        let place = "/lipnice/notice/1a2b";
        check(
            "/lipnice/notice/1a2b, „Prodej: garáž“: its text names another day",
            [place, "„Prodej: garáž“", "", "its text names another day"],
        );
        check(
            "/lipnice/notice/1a2b, attachment 1, „Příloha 1“, https://lipnice.example/1.pdf: There is no file at the given address.",
            [
                place,
                "„Příloha 1“",
                "Na uvedené adrese žádný soubor není.",
                "https://lipnice.example/1.pdf",
            ],
        );
        check(place, [place, place, "", ""]);
        check(
            "/lipnice/notice/1a2b, attachment 1, https://lipnice.example/1.pdf: too long",
            [
                place,
                "/lipnice/notice/1a2b, attachment 1",
                "",
                "https://lipnice.example/1.pdf: too long",
            ],
        );
        check("… and 3 more", ["", "", "", "… and 3 more"]);
        check(
            "„Příloha 1“, https://lipnice.example/1.pdf",
            ["", "„Příloha 1“", "", "https://lipnice.example/1.pdf"],
        );
    }

    #[track_caller]
    fn check_said(kind: &str, message: &str, expected: [&str; 2]) {
        let waiting = Waiting {
            kind: kind.to_owned(),
            subject: "lipnice".to_owned(),
            since: "2026-11-30T14:23:10Z".parse().unwrap(),
            message: message.to_owned(),
            items: Vec::new(),
            remedy: String::new(),
        };
        assert_eq!(said(Words(Language::Czech), &waiting), expected);
        let [english, noted] = said(Words(Language::English), &waiting);
        assert_eq!(noted, expected[1]);
        assert_eq!(english.is_empty(), expected[0].is_empty());
    }

    #[test]
    fn what_a_publisher_answers_is_said_in_words_and_what_a_library_says_is_not() {
        let answered = "it cannot be polled: the publisher answers 404 Not Found";
        check_said(
            "unreachable",
            answered,
            ["Vydavatel odpověděl chybou 404.", ""],
        );
        let silent = "it cannot be polled: the publisher did not answer in time";
        check_said("unreachable", silent, ["Vydavatel neodpověděl včas.", ""]);
        let failed = "it cannot be polled: connection refused";
        check_said("unreachable", failed, ["", failed]);
        check_said("job", answered, ["", answered]);
        check_said("documents", "2 documents are missing", ["", ""]);
    }

    #[test]
    fn why_a_change_is_held_is_said_in_their_language() {
        check_said(
            "held",
            "gone at once: 14 of 23 notices",
            ["Najednou zmizelo 14 z\u{a0}23 oznámení.", ""],
        );
        check_said(
            "held",
            "the feed is empty: 1 notice would go",
            [
                "Zdroj neobsahuje žádné oznámení. Z\u{a0}desky by zmizela všechna (1).",
                "",
            ],
        );
        let lines = "the feed is not valid JSON at lines 3, 12 to 15";
        let rest = ": the notices there keep their last revision until its publisher mends it";
        let said = "Zdroj není platný JSON na řádcích 3, 12–15.";
        check_said("unread", &format!("{lines}{rest}"), [said, ""]);
        let more = format!("{lines} and 7 more parts{rest}");
        check_said("unread", &more, ["", &more]);
    }

    #[test]
    fn of_a_document_each_thing_is_said_in_their_language_with_its_pages() {
        check_said(
            "document",
            "the end of the file is missing; displays may show page 3 wrong, and say so; \
             pages 1–2, 7: content is missing, because the file is damaged; it could not be examined: full",
            [
                "chybí konec souboru; displeje možná nezobrazují správně (strana 3) a\u{a0}čtenáře na to upozorňují; \
                 strany 1–2, 7: chybí část obsahu, protože soubor je poškozený",
                "it could not be examined: full",
            ],
        );
    }

    #[test]
    fn every_sentence_is_found_by_itself() {
        for key in SENTENCES {
            let english = Words(Language::English).t(key);
            let message = english.replace("{}", "7");
            let czech = Words(Language::Czech).t(key).replace("{}", "7");
            assert_eq!(
                sentence(Words(Language::Czech), &message),
                Some(czech),
                "{key}"
            );
        }
    }

    #[test]
    fn readers_can_do_nothing_about_what_waits() {
        let grant = |role, town: Option<&str>| Grant::new(role, town.map(str::to_owned)).unwrap();
        let grants = [
            grant(Role::Reader, None),
            grant(Role::Editor, Some("lipnice")),
        ];
        assert!(can_act(&grants, "lipnice"));
        assert!(!can_act(&grants, "rolava"));
        assert!(can_act(&[grant(Role::Administrator, None)], "rolava"));
        assert!(!can_act(&[], "lipnice"));
    }
}
