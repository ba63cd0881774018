//! What displays saw, and how it adds up.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// What one display saw.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The index of the display.
    pub display: u32,
    pub at: Instant,
    pub seen: Seen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The display is assigned to this board.
    Assigned {
        board: String,
    },
    /// Its event stream is open.
    StreamOpened,
    StreamEnded,
    /// An event was read.
    Announced {
        number: u64,
        has_alerts: bool,
        /// The longest that displays were told to wait, in milliseconds.
        jitter_ms: u64,
    },
    /// It has a manifest that central has signed; what that names may not be there yet.
    Manifest {
        number: u64,
        created: DateTime<Utc>,
    },
    /// It has these alerts now, by their ids.
    Alerts {
        ids: BTreeSet<String>,
    },
    /// It has everything that this manifest names, but for documents.
    Taken {
        number: u64,
    },
    /// It has so many documents of the board.
    Documents {
        count: usize,
    },
    /// What central sent is not what it should be.
    Refused {
        reason: String,
    },
    /// A request had no usable answer.
    Failed {
        reason: String,
    },
    /// Central refused what it has to refuse.
    AttackRefused {
        attack: &'static str,
    },
    /// Central gave this answer to what it has to refuse.
    Violation {
        attack: &'static str,
        status: u16,
    },
    /// It has no network, or has it again.
    Online(bool),
}

/// What is known of one display.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisplayTally {
    pub board: Option<String>,
    pub has_stream: bool,
    pub streams_opened: u32,
    /// The largest number that an event named.
    pub announced: u64,
    /// The largest number of a manifest that central has signed.
    pub manifest: u64,
    /// The number of the last manifest that it has whole.
    pub taken: u64,
    pub alerts: BTreeSet<String>,
    pub documents: usize,
    pub refused: u32,
    pub failed: u32,
    pub attacks_refused: BTreeSet<&'static str>,
    /// Whether it ever took a manifest of a smaller number than before. Also where it was assigned to another board.
    pub went_back: bool,
    pub is_offline: bool,
}

/// All displays of a fleet by their index, as far as their observations were noted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub displays: Vec<DisplayTally>,
    /// The display, what it sent, and the status of the answer.
    pub violations: Vec<(u32, &'static str, u16)>,
}

impl Tally {
    pub(crate) fn of(count: u32) -> Self {
        let displays = (0..count).map(|_| DisplayTally::default()).collect();
        Self {
            displays,
            violations: Vec::new(),
        }
    }

    /// How many displays this is true of.
    pub fn count(&self, is_true: impl Fn(&DisplayTally) -> bool) -> usize {
        self.displays.iter().filter(|one| is_true(one)).count()
    }

    /// Whether it is true of every display.
    pub fn all(&self, is_true: impl Fn(&DisplayTally) -> bool) -> bool {
        self.displays.iter().all(is_true)
    }

    pub(crate) fn note(&mut self, observation: &Observation) {
        let Some(display) = usize::try_from(observation.display)
            .ok()
            .and_then(|index| self.displays.get_mut(index))
        else {
            return;
        };
        match &observation.seen {
            Seen::Assigned { board } => display.board = Some(board.clone()),
            Seen::StreamOpened => {
                display.has_stream = true;
                display.streams_opened += 1;
            }
            Seen::StreamEnded => display.has_stream = false,
            Seen::Announced { number, .. } => display.announced = display.announced.max(*number),
            Seen::Manifest { number, .. } => display.manifest = display.manifest.max(*number),
            Seen::Alerts { ids } => display.alerts.clone_from(ids),
            Seen::Taken { number } => {
                display.went_back |= *number < display.taken;
                display.taken = *number;
            }
            Seen::Documents { count } => display.documents = *count,
            Seen::Refused { .. } => display.refused += 1,
            Seen::Failed { .. } => display.failed += 1,
            Seen::AttackRefused { attack } => drop(display.attacks_refused.insert(attack)),
            Seen::Violation { attack, status } => {
                self.violations.push((observation.display, attack, *status));
            }
            Seen::Online(is_online) => {
                display.is_offline = !is_online;
                display.has_stream &= *is_online;
            }
        }
    }
}
