//! The tolerant reader: from a feed's bytes to its boards.
//!
//! A feed is one board, several of them in an array, or an array of a board's header and its notices.
//! Only what is no JSON or no board at all is an error; everything else is read and warned about.

use std::collections::HashMap;

use serde_json::value::RawValue;
use url::Url;

use super::board::{self, BOARD, Found};
use super::decode::{MAX_FEED_BYTES, decode};
use super::key::{self, Fields};
use super::report::shortened;
use super::shallow::{self, Kind};
use super::{FeedBoard, Warning};
use crate::id::BoardIri;

/// How many notices of one feed are read.
pub const MAX_NOTICES: usize = 100_000;

/// How many boards of one feed are read.
const MAX_BOARDS: usize = 10_000;

/// Why no board could be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// There are more bytes than any feed has.
    #[error("the feed has {bytes} bytes, more than the {MAX_FEED_BYTES} that are read")]
    TooLong { bytes: usize },
    #[error("the feed is not JSON: {0}")]
    NotJson(String),
    #[error("the feed holds no board: {0}")]
    NoBoard(String),
}

/// Reads every board of a feed; `feed_url` resolves relative addresses.
///
/// # Errors
///
/// When the bytes hold no list of notices that could be told or no board; a bad field never is an error,
/// nor is an entry that is not JSON: it is in [`FeedBoard::unread`].
pub fn read(bytes: &[u8], feed_url: &Url) -> Result<Vec<FeedBoard>, FeedError> {
    if bytes.len() > MAX_FEED_BYTES {
        return Err(FeedError::TooLong { bytes: bytes.len() });
    }
    let mut decoded = decode(bytes);
    if let Err(error) = serde_json::from_str::<&RawValue>(&decoded.text) {
        decoded = decoded
            .salvaged()
            .ok_or_else(|| not_json(&decoded.text, &error))?;
    }
    let root: &RawValue =
        serde_json::from_str(&decoded.text).map_err(|error| not_json(&decoded.text, &error))?;
    let found = find_boards(root)?;
    let mut budget = MAX_NOTICES;
    let mut boards: Vec<_> = found
        .iter()
        .map(|found| board::board(found, feed_url, &decoded, &mut budget))
        .collect();
    distinguish(&mut boards);
    Ok(boards)
}

/// Gives boards that call themselves the same different identifiers.
fn distinguish(boards: &mut [FeedBoard]) {
    let mut counts: HashMap<BoardIri, usize> = HashMap::new();
    for board in boards {
        let count = counts.entry(board.iri.clone()).or_default();
        *count += 1;
        if *count > 1 {
            board.iri = BoardIri::new(format!("{}#{count}", board.iri));
            board.warnings.push(Warning {
                notice: None,
                field: "iri".to_owned(),
                message: format!(
                    "stejně je označena i jiná deska zdroje; tato vedena jako {}",
                    board.iri
                ),
            });
        }
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> FeedError {
    let start = text.trim_start();
    if start.is_empty() {
        return FeedError::NotJson("it is empty".to_owned());
    }
    // serde_json counts bytes; whoever looks for the place counts letters.
    let line = text.split('\n').nth(error.line().saturating_sub(1));
    let column = line.map_or(error.column(), |line| {
        let before = line.floor_char_boundary(error.column().min(line.len()));
        // An error at the line's end lies one beyond its last letter.
        let beyond = error.column().saturating_sub(line.len());
        (line[..before].chars().count() + beyond).max(1)
    });
    let place = format!("line {} column {column}", error.line());
    FeedError::NotJson(if start.starts_with('<') {
        format!("it is a page in HTML or XML ({place})")
    } else {
        let message = error.to_string();
        let what = message
            .rsplit_once(" at line ")
            .map_or(&*message, |(what, _)| what);
        format!("{what} at {place}")
    })
}

/// What an object at the top of a feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Board,
    /// A board whose notices stand beside it.
    Header,
    Notice,
    /// A record of another norm, by its type.
    Other(String),
}

fn find_boards(root: &RawValue) -> Result<Vec<Found<'_>>, FeedError> {
    let no_board = |why: String| Err(FeedError::NoBoard(why));
    match shallow::kind(root) {
        Kind::Object => {
            let fields = Fields::of(root);
            if let Some((graph, _)) = fields.raw(&key::GRAPH)
                && !fields.has(&key::NOTICES)
                && shallow::kind(graph) == Kind::Array
            {
                return find_in_list(graph);
            }
            match part(&fields) {
                Part::Board | Part::Header => Ok(vec![Found {
                    header: Some(fields),
                    beside: Vec::new(),
                }]),
                Part::Notice => Ok(vec![Found {
                    header: None,
                    beside: vec![root],
                }]),
                Part::Other(what) => no_board(what),
            }
        }
        Kind::Array => find_in_list(root),
        _ => no_board(format!(
            "it is neither an object nor a list but {}",
            shortened(root.get(), 60)
        )),
    }
}

fn find_in_list(list: &RawValue) -> Result<Vec<Found<'_>>, FeedError> {
    let (items, _) = shallow::items(list, MAX_NOTICES + MAX_BOARDS);
    let mut boards: Vec<Found<'_>> = Vec::new();
    // Notices without a header before them belong to a board of their own.
    let mut stray: Option<usize> = None;
    let mut open: Option<usize> = None;
    let mut other = None;
    for &item in &items {
        let fields = Fields::of(item);
        let part = if shallow::kind(item) == Kind::Object {
            part(&fields)
        } else {
            Part::Other("there are no objects in it".to_owned())
        };
        match part {
            kind @ (Part::Board | Part::Header) => {
                if boards.len() >= MAX_BOARDS {
                    break;
                }
                boards.push(Found {
                    header: Some(fields),
                    beside: Vec::new(),
                });
                open = (kind == Part::Header).then_some(boards.len() - 1);
            }
            Part::Notice => {
                let home = open.or(stray).unwrap_or_else(|| {
                    boards.push(Found::default());
                    stray = Some(boards.len() - 1);
                    boards.len() - 1
                });
                boards[home].beside.push(item);
            }
            // Among notices it is read as one, for the warning that it is none.
            Part::Other(what) => match open.or(stray) {
                Some(home) => boards[home].beside.push(item),
                None => {
                    other.get_or_insert(what);
                }
            },
        }
    }
    if boards.is_empty() {
        return Err(FeedError::NoBoard(
            other.unwrap_or_else(|| "the list is empty".to_owned()),
        ));
    }
    Ok(boards)
}

fn part(fields: &Fields<'_>) -> Part {
    // On a notice the same key has been seen to hold its types: a list of texts.
    let holds_notices = fields
        .raw(&key::NOTICES)
        .is_some_and(|(raw, _)| !shallow::begins_with_text(raw));
    if holds_notices {
        return Part::Board;
    }
    if let Some(what) = other_norm(fields) {
        return Part::Other(what);
    }
    if board::is_typed(fields, BOARD) {
        return Part::Header;
    }
    if fields.has(&key::POSTED) || fields.has(&key::UNTIL) {
        return Part::Notice;
    }
    if fields.has(&key::PAGE) || fields.has(&key::OPERATOR) || fields.has(&key::CONTEXT) {
        return Part::Header;
    }
    if fields.has(&key::TITLE) || fields.has(&key::DOCUMENT) {
        return Part::Notice;
    }
    Part::Other("there is neither a board nor a notice in it".to_owned())
}

/// Names the sibling norm a record belongs to.
fn other_norm(fields: &Fields<'_>) -> Option<String> {
    [
        ("Aktualita", "news"),
        ("Událost", "events"),
        ("Turistický cíl", "tourist sights"),
    ]
    .into_iter()
    .find(|(name, _)| board::is_typed(fields, name))
    .map(|(name, what)| format!("it holds {what} (typ „{name}“), which is another norm"))
}
