//! The entries of a display's sealed journal and their chain.
//!
//! A journal is a sequence of JSON lines. Each line carries its sequence number and the SHA-256 of the
//! exact bytes of the line before it (without the line feed); the first carries 64 zeros.
//! A signed *alive* block names the newest line, so that a cut-off or altered tail shows too.
//! Notices appear by identifier, revision and salted hash, never by title:
//! the record may outlive the personal data it is about.

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use vyveska_board::{ClockBounds, ClockTrust, DocumentHash};

use crate::envelope::Message;
use crate::manifest::ContentHash;

/// The longest line that is read, in bytes.
pub const MAX_LINE_LENGTH: usize = 64 * 1024;

/// The largest sequence number that is read. As many again are left to count on.
pub const MAX_SEQUENCE: u64 = u64::MAX / 2;

/// The newest line of a journal, which the next one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The newest line's sequence number; 0 for an empty journal, at most [`MAX_SEQUENCE`].
    #[serde(deserialize_with = "sequence")]
    pub sequence: u64,
    /// The hash of the newest line's exact bytes; zeros for an empty journal.
    pub hash: ContentHash,
}

impl Head {
    /// Before the first line.
    pub const EMPTY: Self = Self {
        sequence: 0,
        hash: ContentHash(DocumentHash::from_digest([0; 32])),
    };
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counted from 1 without holes, at most [`MAX_SEQUENCE`].
    #[serde(rename = "seq", deserialize_with = "sequence")]
    pub sequence: u64,
    /// The hash of the line before.
    #[serde(rename = "prev")]
    pub previous: ContentHash,
    #[serde(flatten)]
    pub when: Timestamp,
    #[serde(flatten)]
    pub event: JournalEvent,
}

/// Reads a number that others can follow.
fn sequence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let sequence = u64::deserialize(deserializer)?;
    if sequence <= MAX_SEQUENCE {
        Ok(sequence)
    } else {
        Err(D::Error::custom("no number can follow its own"))
    }
}

/// When something happened, as far as the display could know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    /// The kernel's identifier of this boot.
    pub boot: String,
    /// Milliseconds of the monotonic clock since that boot.
    #[serde(rename = "mono_ms")]
    pub monotonic_ms: u64,
    pub clock: ClockRecord,
}

/// A clock's bounds as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRecord {
    pub earliest: DateTime<Utc>,
    pub latest: DateTime<Utc>,
    pub trust: ClockTrustRecord,
}

/// Trust in a clock as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockTrustRecord {
    /// Recently compared with a time source.
    Synchronised,
    /// Compared some time ago.
    HoldingOver,
    /// Never compared.
    Unknown,
}

impl From<ClockTrust> for ClockTrustRecord {
    fn from(trust: ClockTrust) -> Self {
        match trust {
            ClockTrust::Synchronised => Self::Synchronised,
            ClockTrust::HoldingOver => Self::HoldingOver,
            ClockTrust::Unknown => Self::Unknown,
        }
    }
}

impl From<ClockBounds> for ClockRecord {
    fn from(bounds: ClockBounds) -> Self {
        Self {
            earliest: bounds.earliest,
            latest: bounds.latest,
            trust: bounds.trust.into(),
        }
    }
}

/// A notice in one revision, named without its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NoticeRef {
    pub id: String,
    pub revision: u32,
    /// [`crate::section::NoticeRecord::salted_hash`].
    pub hash: ContentHash,
}

/// Why a notice ceased to be visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cease {
    Expired,
    /// A manifest of its board no longer names it.
    Withdrawn,
    /// Another board took the place of its own, or only the alerts of one: nothing says that it was withdrawn. A
    /// manifest that is addressed to the display does not say of which board it is, so it counts as that of another
    /// beside one that does, and as that of the same beside another such.
    BoardReplaced,
    /// Another revision took its place, or the same one under another hash: shortened by central, or whole again.
    Revised,
    Stopped,
    /// It had not yet begun by a corrected clock.
    NotYet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "facts", rename_all = "snake_case")]
pub enum JournalEvent {
    Started {
        version: String,
    },
    /// The kiosk was shut down properly.
    Stopped {},
    /// A notice became visible: posted in the state, panel on, interface painting.
    BecameVisible {
        notice: NoticeRef,
        /// The manifest it came with.
        manifest: u64,
    },
    /// A notice ceased to be visible.
    Ceased {
        notice: NoticeRef,
        reason: Cease,
    },
    /// A document of a visible notice could not be drawn.
    DocumentNotDrawable {
        notice: NoticeRef,
        document: ContentHash,
        /// The reason as a word, for instance `password_protected`.
        reason: String,
    },
    /// An alert covered the board.
    BoardCovered {
        alert: String,
    },
    /// The panel went on or off.
    Panel {
        on: bool,
    },
    /// A manifest was verified, fetched and taken into use.
    ManifestAccepted {
        number: u64,
        notices: ContentHash,
        /// The board it is addressed to, whose number it is. Missing where it is addressed to the display, and in the
        /// entries of older kiosks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        board: Option<String>,
        /// The number of the assignment in use with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignment: Option<u64>,
    },
    ManifestRefused {
        /// The number it claims, when that could be read.
        number: Option<u64>,
        /// Why, in words.
        reason: String,
    },
    /// An assignment was verified and taken into use: from now on the display is one of this board.
    AssignmentAccepted {
        number: u64,
        board: String,
    },
    AssignmentRefused {
        /// The number and the board it claims, when those could be read.
        number: Option<u64>,
        board: Option<String>,
        /// Why, in words.
        reason: String,
    },
    ClockTrustChanged {
        trust: ClockTrustRecord,
    },
    /// The program had ended by a failure and was started again.
    Failed {
        /// For instance `panic in search at src/search/worker.rs:120`; never a text of a notice.
        reason: String,
    },
    /// From now on only titles and dates are shown, because the program failed repeatedly, or everything again.
    SafeMode {
        on: bool,
    },
    /// Nothing is known of the time between the last alive block and now.
    Gap {
        /// The last alive block, when one is left.
        since: Option<ClockRecord>,
        /// For instance `power_cut` or `torn_entry`.
        cause: String,
        /// How many bytes of a torn entry were cut off.
        #[serde(default, skip_serializing_if = "is_zero")]
        lost_bytes: u64,
    },
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The signed alive block, overwritten in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alive {
    #[serde(flatten)]
    pub when: Timestamp,
    /// The journal's newest line.
    pub head: Head,
    /// The hash of what is available to passers-by.
    pub available: ContentHash,
    /// The proven lower bound of the time. Missing in blocks of older kiosks, whose `earliest` may be unproven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<DateTime<Utc>>,
}

impl Message for Alive {
    const TYPE: &'static str = "vyveska-alive-v1";
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// It cannot be read as an entry.
    #[error("entry {expected} is altered: it cannot be read ({reason})")]
    Unreadable { expected: u64, reason: String },
    /// Entries before it are missing.
    #[error("entry {expected} is missing: entry {found} follows entry {}", expected - 1)]
    Missing { expected: u64, found: u64 },
    /// It stands where a later one should.
    #[error("entry {found} is out of order: entry {expected} should stand here")]
    Reordered { expected: u64, found: u64 },
    /// It does not follow from the one before: that one is not what it was when this was written.
    #[error("entry {altered} is altered: entry {} was written after another version of it", altered + 1)]
    Altered {
        /// The altered entry; 0 when the first entry claims a predecessor.
        altered: u64,
    },
}

/// The exact bytes of a new line, without the line feed, and the head after it.
///
/// # Panics
///
/// Never: an entry always serialises.
pub fn append(head: Head, when: Timestamp, event: JournalEvent) -> (Vec<u8>, Head) {
    let entry = Entry {
        sequence: head.sequence.saturating_add(1),
        previous: head.hash,
        when,
        event,
    };
    let line = serde_json::to_vec(&entry).expect("a journal entry serialises");
    let head = Head {
        sequence: entry.sequence,
        hash: ContentHash::of(&line),
    };
    (line, head)
}

/// Checks that a line (without its line feed) follows `head`, and gives its entry and the head after it.
///
/// # Errors
///
/// When it does not follow.
pub fn follow(head: Head, line: &[u8]) -> Result<(Entry, Head), ChainError> {
    let expected = head.sequence.saturating_add(1);
    let entry: Entry = serde_json::from_slice(line).map_err(|error| ChainError::Unreadable {
        expected,
        reason: error.to_string(),
    })?;
    let found = entry.sequence;
    if found > expected {
        return Err(ChainError::Missing { expected, found });
    }
    if found < expected {
        return Err(ChainError::Reordered { expected, found });
    }
    if entry.previous != head.hash {
        return Err(ChainError::Altered {
            altered: head.sequence,
        });
    }
    let head = Head {
        sequence: found,
        hash: ContentHash::of(line),
    };
    Ok((entry, head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when() -> Timestamp {
        let now = "2026-11-21T13:32:00Z".parse().unwrap();
        Timestamp {
            boot: "b".into(),
            monotonic_ms: 5,
            clock: ClockBounds::exact(now).into(),
        }
    }

    fn events() -> Vec<JournalEvent> {
        let notice = NoticeRef {
            id: "n-1".into(),
            revision: 1,
            hash: ContentHash::of(b"n"),
        };
        vec![
            JournalEvent::Started {
                version: "0.1.0".into(),
            },
            JournalEvent::ManifestAccepted {
                number: 7,
                notices: ContentHash::of(b"s"),
                board: None,
                assignment: None,
            },
            JournalEvent::BecameVisible {
                notice: notice.clone(),
                manifest: 7,
            },
            JournalEvent::Ceased {
                notice,
                reason: Cease::Expired,
            },
            JournalEvent::Stopped {},
        ]
    }

    fn lines() -> Vec<Vec<u8>> {
        let mut head = Head::EMPTY;
        events()
            .into_iter()
            .map(|event| {
                let (line, next) = append(head, when(), event);
                head = next;
                line
            })
            .collect()
    }

    fn check_chain(lines: &[Vec<u8>]) -> Result<Head, ChainError> {
        lines.iter().try_fold(Head::EMPTY, |head, line| {
            follow(head, line).map(|(_, head)| head)
        })
    }

    #[test]
    fn a_chain_reads_back_as_it_was_written() {
        let lines = lines();
        let mut head = Head::EMPTY;
        for (line, event) in lines.iter().zip(events()) {
            let (entry, next) = follow(head, line).unwrap();
            assert_eq!(entry.event, event);
            head = next;
        }
        assert_eq!(head.sequence, 5);
    }

    #[test]
    fn the_first_altered_missing_or_reordered_entry_is_named() {
        let good = lines();

        let mut altered = good.clone();
        let text = String::from_utf8(altered[2].clone()).unwrap();
        altered[2] = text.replace("n-1", "n-2").into_bytes();
        assert_eq!(
            check_chain(&altered),
            Err(ChainError::Altered { altered: 3 })
        );

        let mut missing = good.clone();
        missing.remove(1);
        assert_eq!(
            check_chain(&missing),
            Err(ChainError::Missing {
                expected: 2,
                found: 3
            })
        );

        let mut doubled = good.clone();
        doubled.insert(3, good[1].clone());
        assert_eq!(
            check_chain(&doubled),
            Err(ChainError::Reordered {
                expected: 4,
                found: 2
            })
        );

        let mut rubbish = good;
        rubbish[4] = b"{".to_vec();
        assert!(matches!(
            check_chain(&rubbish),
            Err(ChainError::Unreadable { expected: 5, .. })
        ));
    }

    #[test]
    fn a_number_that_none_can_follow_is_not_read() {
        let line = String::from_utf8(lines().remove(1)).unwrap();
        let numbered = |number: u64| line.replace("\"seq\":2,", &format!("\"seq\":{number},"));
        let head = Head {
            sequence: MAX_SEQUENCE - 1,
            hash: ContentHash::of(&lines()[0]),
        };
        let (entry, _) = follow(head, numbered(MAX_SEQUENCE).as_bytes()).unwrap();
        assert_eq!(entry.sequence, MAX_SEQUENCE);
        for number in [MAX_SEQUENCE + 1, u64::MAX] {
            assert!(matches!(
                follow(head, numbered(number).as_bytes()),
                Err(ChainError::Unreadable { .. })
            ));
            let head = Head {
                sequence: number,
                ..head
            };
            let json = serde_json::to_string(&head).unwrap();
            assert!(serde_json::from_str::<Head>(&json).is_err());
        }
    }

    #[test]
    fn entries_of_kiosks_without_assignments_read_and_write_as_ever() {
        let notices = ContentHash::of(b"s");
        let old = format!(
            r#"{{"kind":"manifest_accepted","facts":{{"number":7,"notices":"{notices}"}}}}"#
        );
        let read: JournalEvent = serde_json::from_str(&old).unwrap();
        let accepted = |board: Option<&str>, assignment| JournalEvent::ManifestAccepted {
            number: 7,
            notices,
            board: board.map(str::to_owned),
            assignment,
        };
        assert_eq!(read, accepted(None, None));
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        let named = serde_json::to_value(accepted(Some("lipnice"), Some(3))).unwrap();
        assert_eq!(named["facts"]["board"], "lipnice");
        assert_eq!(named["facts"]["assignment"], 3);
    }

    #[test]
    fn the_words_for_why_a_notice_ceased_stay_as_they_are() {
        let words = [
            (Cease::Expired, "expired"),
            (Cease::Withdrawn, "withdrawn"),
            (Cease::BoardReplaced, "board_replaced"),
            (Cease::Revised, "revised"),
            (Cease::Stopped, "stopped"),
            (Cease::NotYet, "not_yet"),
        ];
        for (reason, word) in words {
            assert_eq!(serde_json::to_value(reason).unwrap(), word);
            assert_eq!(
                serde_json::from_value::<Cease>(word.into()).unwrap(),
                reason
            );
        }
    }

    #[test]
    fn no_title_is_ever_written() {
        for line in lines() {
            let line = String::from_utf8(line).unwrap();
            assert!(!line.contains("title"), "{line}");
        }
    }
}
