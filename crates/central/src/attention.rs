//! What waits for a person: held changes, alarms, documents, displays that are not where they are listed, and those that
//! were enrolled in the last day, board by board.
//!
//! Each says since when it waits and what can be done about it. What is listed ends by itself once its cause is gone, or
//! with the command that its remedy names.

mod documents;
mod names;

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use vyveska_board::{ClockBounds, DocumentHash};
use vyveska_wire::keys::DisplayId;

use crate::clock::watch::CLOCK;
use crate::config::BoardConfig;
use crate::counting::counted;
use crate::document::fetcher::{BUDGET, DISK};
use crate::document::reader::PAGE_WORKER;
use crate::ingest::UNREAD;
use crate::ingest::doubtful_ends::{DOUBTFUL_ENDS, MORE};
use crate::jobs::{FETCHING, JOB};
use crate::jury::UNCHECKED;
use crate::maintenance::DAMAGED;
use crate::poll::UNREACHABLE;
use crate::provision::{REFUSED, UNREADABLE};
use crate::publish::document_list::posted;
use crate::publish::doubtful::DRAWING;
use crate::publish::missing::{DOCUMENTS, UNSTORED_DOCUMENTS, WITHDRAWN_DOCUMENTS};
use crate::publish::{ALERTS, COAT_OF_ARMS, INFORMATION, SHORTENED, UNACCEPTED};
use crate::source::CERTIFICATES;
use crate::status::silence::SILENT;
use crate::storage::{
    Alarm, EnrolledDisplay, HeldChange, HoldReason, RegisteredDisplay, Storage, StorageError,
};

use documents::{Unchecked, examinations, of_notices, of_own_pages};
use names::Names;

/// The kind of a change that is held.
const HELD: &str = "held";
/// The kind of a display that is listed for another board than its own.
const DISPLAY: &str = "display";
/// The kind of displays that were enrolled.
const ENROLLED: &str = "enrolled";

/// For how long somebody is told of a display that was enrolled.
const ENROLLED_TOLD: TimeDelta = TimeDelta::days(1);

/// What waits for a person on one board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardAttention {
    /// `None` for what concerns the whole service, or a board that is no longer configured.
    pub board: Option<String>,
    /// Held changes and alarms, the oldest of each first, then documents and displays.
    pub waiting: Vec<Waiting>,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// `held`, `document`, `unchecked`, `display`, `enrolled`, or the kind of the alarm.
    pub kind: String,
    /// The source, the board, the document, the content, the display or the node it concerns.
    pub subject: String,
    pub since: DateTime<Utc>,
    pub message: String,
    /// The notices, documents or lines that the message is about, each as a clerk finds it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// What a person can do about it.
    pub remedy: String,
}

/// What waits for a person: the boards with anything, in their order, and what is no board's after them.
///
/// The remedies name commands with this file of the configuration.
///
/// # Errors
///
/// When storage fails.
pub async fn gather(
    storage: &dyn Storage,
    boards: &[BoardConfig],
    config: &Path,
    now: &ClockBounds,
) -> Result<Vec<BoardAttention>, StorageError> {
    let held = storage.held().await?;
    let mut waiting: Vec<(Option<&str>, Waiting)> = held
        .into_iter()
        .map(|change| {
            let board = board_with_source(boards, &change.source);
            (board, of_hold(change, config))
        })
        .collect();
    let mut alarms = Vec::new();
    // The alarm of documents that may be drawn wrong names the first of those that are listed one by one.
    for alarm in storage.alarms().await? {
        if alarm.kind != DRAWING {
            alarms.push((board_of(storage, boards, &alarm).await?, alarm));
        }
    }
    let listed = boards.iter().flat_map(|board| &board.displays);
    let listed: Vec<&DisplayId> = listed.map(|display| &display.id).collect();
    let registered = storage.displays(&listed).await?;
    let registered: HashMap<&DisplayId, &RegisteredDisplay> =
        registered.iter().map(|one| (&one.id, one)).collect();
    let enrolled = storage
        .enrolled_displays(now.earliest - ENROLLED_TOLD)
        .await?;
    let mut unchecked = Unchecked::default();
    for board in boards {
        let id = Some(board.id.as_str());
        let has_alarm = alarms.iter().any(|(board, _)| *board == id);
        let mut names = Names::default();
        let mut documents = Vec::new();
        for source in &board.sources {
            let examined = examinations(storage, &source.id).await?;
            // Notices are many, and read where something is to be named alone.
            if examined.is_empty() && !has_alarm {
                continue;
            }
            let notices = storage.current_notices(&source.id).await?;
            names.add(&board.id, &notices, now);
            let posted = posted(&notices, now);
            documents.extend(of_notices(board, posted, &examined, &mut unchecked));
        }
        documents.extend(of_own_pages(storage, board, &mut unchecked).await?);
        let its = alarms.iter().filter(|(board, _)| *board == id);
        let its = its.filter_map(|(_, alarm)| of_alarm(alarm, &names));
        waiting.extend(its.chain(documents).map(|one| (id, one)));
        for listed in &board.displays {
            let display = registered.get(&listed.id);
            let elsewhere = display.filter(|display| display.board != board.id);
            waiting.extend(elsewhere.map(|display| (id, of_misplaced(display))));
        }
        let its = enrolled.iter().filter(|display| display.board == board.id);
        waiting.extend(of_enrolled(its, config).map(|one| (id, one)));
    }
    let of_none = alarms.iter().filter(|(board, _)| board.is_none());
    let of_none = of_none.filter_map(|(_, alarm)| of_alarm(alarm, &Names::default()));
    waiting.extend(of_none.map(|one| (None, one)));
    // What was examined before nobody compares any more says no more than that.
    if !alarms.iter().any(|(_, alarm)| alarm.kind == UNCHECKED) {
        waiting.extend(unchecked.waiting().map(|one| (None, one)));
    }
    let ids = boards.iter().map(|board| Some(board.id.as_str()));
    let groups = ids.chain([None]).map(|board| BoardAttention {
        board: board.map(str::to_owned),
        waiting: waiting
            .iter()
            .filter(|(its, _)| *its == board)
            .map(|(_, one)| one.clone())
            .collect(),
    });
    Ok(groups.filter(|group| !group.waiting.is_empty()).collect())
}

fn board_with_source<'a>(boards: &'a [BoardConfig], source: &str) -> Option<&'a str> {
    let mut boards = boards.iter();
    let has_it = |board: &&BoardConfig| board.sources.iter().any(|one| one.id == source);
    boards.find(has_it).map(|board| board.id.as_str())
}

/// The board that an alarm concerns: of damaged bytes, one that names them.
async fn board_of<'a>(
    storage: &dyn Storage,
    boards: &'a [BoardConfig],
    alarm: &Alarm,
) -> Result<Option<&'a str>, StorageError> {
    let mut ids = boards.iter().map(|board| board.id.as_str());
    let damaged = alarm.subject.parse::<DocumentHash>().ok();
    let Some(hash) = damaged.filter(|_| alarm.kind == DAMAGED) else {
        return Ok(ids.find(|id| alarm.board.as_deref() == Some(*id)));
    };
    for id in ids {
        if storage.named_content(id, hash).await?.is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn of_hold(change: HeldChange, config: &Path) -> Waiting {
    let remedy = remedy_of_hold(&change, config);
    Waiting {
        kind: HELD.to_owned(),
        subject: change.source,
        since: change.hold.opened_at,
        message: change.message,
        items: Vec::new(),
        remedy,
    }
}

/// What a person can do about a change that is held.
pub(crate) fn remedy_of_hold(change: &HeldChange, config: &Path) -> String {
    let accept = format!(
        "`vyveska-central accept {} --config {}`, which takes over the whole feed as it came last, with whatever else is \
         new, changed or gone in it",
        change.id,
        quoted(config)
    );
    match change.hold.reason {
        HoldReason::Broken => "have the publisher mend its feed".to_owned(),
        HoldReason::Foreign => format!(
            "bring the board with the address of its own feed, or take this one over, if it is meant, with {accept}"
        ),
        HoldReason::Drop => format!(
            "wait until it has lasted for hours, or take it over now, if it is meant, with {accept}"
        ),
        HoldReason::Empty | HoldReason::Hollow | HoldReason::Blanked => {
            format!(
                "have the publisher mend its feed, or take it over, if it is meant, with {accept}"
            )
        }
    }
}

/// A path as it is typed in a shell.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+".contains(letter);
    if path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

fn of_misplaced(display: &RegisteredDisplay) -> Waiting {
    let RegisteredDisplay {
        id,
        board,
        registered_at,
    } = display;
    Waiting {
        kind: DISPLAY.to_owned(),
        subject: id.to_string(),
        since: *registered_at,
        message: format!(
            "it is listed for this board and belongs to {board:?}: it has the part and the PIN of that board"
        ),
        items: Vec::new(),
        remedy: format!(
            "bring this board again, which moves the display here, or move its [[boards.displays]] to the board {board:?}"
        ),
    }
}

/// `None` where there is none of them; the last one comes first.
fn of_enrolled<'a>(
    displays: impl Iterator<Item = &'a EnrolledDisplay>,
    config: &Path,
) -> Option<Waiting> {
    let displays: Vec<_> = displays.collect();
    let last = displays.first()?;
    let items = displays.iter();
    let items = items.map(|one| format!("{}, by the token {}", one.display, one.enrolment));
    Some(Waiting {
        kind: ENROLLED.to_owned(),
        subject: last.board.clone(),
        since: last.registered_at,
        message: format!(
            "{} enrolled in the last day",
            counted(displays.len(), "display")
        ),
        items: items.collect(),
        remedy: format!(
            "nothing, where these are the board's; where not, `vyveska-central enrol --revoke ID --config {}` with the id of \
             the token, which lets no others in",
            quoted(config)
        ),
    })
}

/// `None` where all that an alarm lists has ended since.
fn of_alarm(alarm: &Alarm, names: &Names) -> Option<Waiting> {
    let remedy = match alarm.kind.as_str() {
        SHORTENED => "end notices that are no longer needed, or publish them with shorter texts",
        DOCUMENTS => {
            "have the publisher put the files there, or mend their addresses in its feed; what does not come in time, or cannot be downloaded at present, is asked for again by itself"
        }
        UNSTORED_DOCUMENTS => {
            "make room on the disk with the documents (service.documents), and see that the service may write there; they are fetched again by themselves"
        }
        WITHDRAWN_DOCUMENTS => "have the publisher put the files back, or end the notices",
        BUDGET => "wait, or raise that key in the configuration",
        DISK => "make room on that disk, or put the documents (service.documents) on a larger one",
        UNACCEPTED => "see that its publisher answers, and accept what is held of it",
        UNREAD => "have the publisher mend these lines",
        UNREACHABLE => {
            "open its address in a browser: mend it in the board's file, or tell the publisher; the board stays as it is"
        }
        DAMAGED => {
            "wait until it is fetched or made again; if it stays, check the disk and put the file back from the backup"
        }
        COAT_OF_ARMS => {
            "put a PNG of at most 4 MB there, or make room on the disk where that is the reason; until then the last one is shown"
        }
        INFORMATION | ALERTS => {
            "mend the file, or make room on the disk where that is the reason; until then the board says what it said last"
        }
        CERTIFICATES => {
            "put the file back, or bring the board without `extra_ca`, and restart the service"
        }
        UNREADABLE => {
            "start the newest version of this program, or bring the board again; until then it is not served"
        }
        REFUSED => "mend the board's tables there and restart the service",
        JOB | FETCHING => {
            "wait; if it stays, see that the disk is not full and the database answers, and look into the log of the service"
        }
        CLOCK => "set the clock of this computer right",
        DOUBTFUL_ENDS => {
            "look which end is meant, and have the publisher mend it, or the text that names another, in its feed"
        }
        UNCHECKED => {
            "install mupdf-tools and poppler-utils, take documents.jury = \"off\" out of the configuration, and restart the service"
        }
        PAGE_WORKER => "install it there, and restart the service",
        SILENT => {
            "see on the spot whether it has power and the network works; it comes back by itself, and goes on showing its board meanwhile"
        }
        _ => "look into the log of the service",
    };
    let mut lines = alarm.message.lines();
    let message = lines.next().unwrap_or_default().to_owned();
    // The next poll of its source takes what has ended off the list.
    let of_live_alone = alarm.kind == DOUBTFUL_ENDS;
    let item = |line: &str| match names.named(line) {
        None if of_live_alone && !line.starts_with(MORE) => None,
        named => Some(named.unwrap_or_else(|| line.to_owned())),
    };
    let items: Vec<String> = lines.filter_map(item).collect();
    (!of_live_alone || !items.is_empty()).then(|| Waiting {
        kind: alarm.kind.clone(),
        subject: alarm.subject.clone(),
        since: alarm.opened_at,
        message,
        items,
        remedy: remedy.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_would_split_it() {
        for (path, expected) in [
            ("/etc/vyveska/central.toml", "/etc/vyveska/central.toml"),
            ("můj soubor.toml", "'můj soubor.toml'"),
            ("it's.toml", r"'it'\''s.toml'"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
