//! What waits for a person: held changes, alarms, documents, and displays that are not where they are listed, board by
//! board.
//!
//! Each says since when it waits and what can be done about it. What is listed ends by itself once its cause is gone, or
//! with the command that its remedy names.

mod documents;

use chrono::{DateTime, Utc};
use serde::Serialize;
use vyveska_board::{ClockBounds, DocumentHash};

use crate::clock::watch::CLOCK;
use crate::config::BoardConfig;
use crate::document::fetcher::BUDGET;
use crate::ingest::UNREAD;
use crate::jobs::JOB;
use crate::maintenance::DAMAGED;
use crate::poll::UNREACHABLE;
use crate::provision::{DISPLAYS, REFUSED, UNREADABLE};
use crate::publish::doubtful::DRAWING;
use crate::publish::missing::{DOCUMENTS, WITHDRAWN_DOCUMENTS};
use crate::publish::{COAT_OF_ARMS, INFORMATION, SHORTENED, UNACCEPTED};
use crate::source::CERTIFICATES;
use crate::storage::{Alarm, HeldChange, HoldReason, RegisteredDisplay, Storage, StorageError};

/// The kind of a change that is held.
const HELD: &str = "held";
/// The kind of a display that is listed for another board than its own.
const DISPLAY: &str = "display";

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
    /// `held`, `document`, `unchecked`, `display`, or the kind of the alarm.
    pub kind: String,
    /// The source, the board, the document, the content or the display it concerns.
    pub subject: String,
    pub since: DateTime<Utc>,
    pub message: String,
    /// What a person can do about it.
    pub remedy: String,
}

/// What waits for a person: the boards with anything, in their order, and what is no board's after them.
///
/// # Errors
///
/// When storage fails.
pub async fn gather(
    storage: &dyn Storage,
    boards: &[BoardConfig],
    now: &ClockBounds,
) -> Result<Vec<BoardAttention>, StorageError> {
    let held = storage.held().await?;
    let mut waiting: Vec<(Option<&str>, Waiting)> = held
        .into_iter()
        .map(|change| (board_with_source(boards, &change.source), of_hold(change)))
        .collect();
    // The alarm of documents that may be drawn wrong names the first of those that are listed one by one.
    let alarms = storage.alarms().await?.into_iter();
    for alarm in alarms.filter(|alarm| alarm.kind != DRAWING) {
        let board = board_of(storage, boards, &alarm).await?;
        waiting.push((board, of_alarm(alarm)));
    }
    for board in boards {
        let documents = documents::of_board(storage, board, now).await?;
        waiting.extend(
            documents
                .into_iter()
                .map(|one| (Some(board.id.as_str()), one)),
        );
        for listed in &board.displays {
            let display = storage.display(&listed.id).await?;
            let elsewhere = display.filter(|display| display.board != board.id);
            let elsewhere = elsewhere.map(of_misplaced);
            waiting.extend(elsewhere.map(|one| (Some(board.id.as_str()), one)));
        }
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

/// The board that an alarm concerns.
async fn board_of<'a>(
    storage: &dyn Storage,
    boards: &'a [BoardConfig],
    alarm: &Alarm,
) -> Result<Option<&'a str>, StorageError> {
    let subject = &alarm.subject;
    let board = || {
        let mut ids = boards.iter().map(|board| board.id.as_str());
        ids.find(|id| id == subject)
    };
    match (alarm.kind.as_str(), subject.parse::<DocumentHash>()) {
        (DAMAGED, Ok(hash)) => {
            for board in boards {
                if storage.named_content(&board.id, hash).await?.is_some() {
                    return Ok(Some(&board.id));
                }
            }
            Ok(None)
        }
        (SHORTENED | COAT_OF_ARMS | INFORMATION, _) => Ok(board()),
        (JOB, _) => Ok(board_with_source(boards, subject).or_else(board)),
        _ => Ok(board_with_source(boards, subject)),
    }
}

fn of_hold(change: HeldChange) -> Waiting {
    let accept = format!("`vyveska-central accept {}`", change.id);
    let remedy = match change.hold.reason {
        HoldReason::Broken => "have the publisher mend its feed".to_owned(),
        HoldReason::Drop => format!(
            "wait until it has lasted for hours, or take it over now, if it is meant, with {accept}"
        ),
        HoldReason::Empty | HoldReason::Hollow | HoldReason::Blanked => {
            format!(
                "have the publisher mend its feed, or take it over, if it is meant, with {accept}"
            )
        }
    };
    Waiting {
        kind: HELD.to_owned(),
        subject: change.source,
        since: change.hold.opened_at,
        message: change.message,
        remedy,
    }
}

fn of_misplaced(display: RegisteredDisplay) -> Waiting {
    let RegisteredDisplay {
        id,
        board,
        registered_at,
    } = display;
    Waiting {
        kind: DISPLAY.to_owned(),
        subject: id.to_string(),
        since: registered_at,
        message: format!(
            "it is listed for this board and belongs to {board:?}: it has the part and the PIN of that board"
        ),
        remedy: format!("move its [[boards.displays]] to the board {board:?}"),
    }
}

fn of_alarm(alarm: Alarm) -> Waiting {
    let remedy = match alarm.kind.as_str() {
        SHORTENED => "end notices that are no longer needed, or publish them with shorter texts",
        DOCUMENTS => "have the publisher put the files there, or mend their addresses in its feed",
        WITHDRAWN_DOCUMENTS => "have the publisher put the files back, or end the notices",
        BUDGET => "wait, or raise that key in the configuration",
        UNACCEPTED => "see that its publisher answers, and accept what is held of it",
        UNREAD => "have the publisher mend these lines",
        UNREACHABLE => {
            "open its address in a browser: mend it in the board's file, or tell the publisher; the board stays as it is"
        }
        DAMAGED => {
            "wait until it is fetched or made again; if it stays, check the disk and put the file back from the backup"
        }
        COAT_OF_ARMS => {
            "put the file back and restart the service; until then the last one is shown"
        }
        INFORMATION => "mend the file; until then the board says what it said last",
        CERTIFICATES => {
            "put the file back, or bring the board without `extra_ca`, and restart the service"
        }
        UNREADABLE => {
            "start the newest version of this program, or bring the board again; until then it is not served"
        }
        REFUSED => "mend the board's tables there and restart the service",
        DISPLAYS => {
            "mend that key in the configuration, or bring that board, and restart the service"
        }
        JOB => {
            "wait; if it stays, see that the disk is not full and the database answers, and look into the log of the service"
        }
        CLOCK => "set the clock of this computer right",
        _ => "look into the log of the service",
    };
    Waiting {
        kind: alarm.kind,
        subject: alarm.subject,
        since: alarm.opened_at,
        message: alarm.message,
        remedy: remedy.to_owned(),
    }
}
