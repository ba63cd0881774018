//! What fetching the documents of one source may cost in a day.
//!
//! A broken or hostile publisher may list any number of documents, of any size, or send them as slowly as it likes.
//! Beyond its budget a source waits until the day that began with its first request is over; the others go on.
//! The count is in memory: a restart begins it anew.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

const DAY: TimeDelta = TimeDelta::days(1);

/// What a source may use in a day.
#[derive(Debug, Clone, Copy)]
pub struct BudgetLimits {
    /// How many documents are requested, rechecks among them.
    pub documents: u32,
    pub bytes: u64,
    /// The duration of all requests together.
    pub time: Duration,
}

/// A limit that is reached, and until when the source waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    pub limit: Limit,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Documents,
    Bytes,
    Time,
}

#[derive(Debug)]
pub struct SourceBudget {
    limits: BudgetLimits,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    since: DateTime<Utc>,
    documents: u32,
    bytes: u64,
    time: Duration,
}

impl SourceBudget {
    pub fn new(limits: BudgetLimits) -> Self {
        Self {
            limits,
            used: Mutex::default(),
        }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which limit is reached.
    pub fn exceeded(&self, now: DateTime<Utc>) -> Option<Exceeded> {
        self.used().exceeded(&self.limits, now)
    }

    /// Takes a document from the budget.
    ///
    /// # Errors
    ///
    /// When a limit is reached.
    pub fn take_document(&self, now: DateTime<Utc>) -> Result<(), Exceeded> {
        let mut used = self.used();
        match used.exceeded(&self.limits, now) {
            Some(exceeded) => Err(exceeded),
            None => {
                used.documents += 1;
                Ok(())
            }
        }
    }

    /// Gives a document back that was requested in vain through no fault of the publisher.
    pub fn give_back_document(&self) {
        let mut used = self.used();
        used.documents = used.documents.saturating_sub(1);
    }

    pub fn add_bytes(&self, bytes: u64) {
        let mut used = self.used();
        used.bytes = used.bytes.saturating_add(bytes);
    }

    pub fn add_time(&self, time: Duration) {
        let mut used = self.used();
        used.time = used.time.saturating_add(time);
    }
}

impl Used {
    fn exceeded(&mut self, limits: &BudgetLimits, now: DateTime<Utc>) -> Option<Exceeded> {
        // A day in the future was begun by a wrong clock.
        if now < self.since || now >= self.since + DAY {
            *self = Self {
                since: now,
                ..Self::default()
            };
        }
        let limit = if self.documents >= limits.documents {
            Limit::Documents
        } else if self.bytes >= limits.bytes {
            Limit::Bytes
        } else if self.time >= limits.time {
            Limit::Time
        } else {
            return None;
        };
        Some(Exceeded {
            limit,
            until: self.since + DAY,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> SourceBudget {
        SourceBudget::new(BudgetLimits {
            documents: 3,
            bytes: 1_000,
            time: Duration::from_secs(60),
        })
    }

    fn noon() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(use_up: impl FnOnce(&SourceBudget), limit: Limit) {
        let budget = budget();
        budget.take_document(noon()).unwrap();
        use_up(&budget);
        let exceeded = Exceeded {
            limit,
            until: noon() + DAY,
        };
        let evening = noon() + TimeDelta::hours(9);
        assert_eq!(budget.take_document(evening), Err(exceeded));
        assert_eq!(budget.exceeded(evening), Some(exceeded));
        assert_eq!(budget.take_document(noon() + DAY), Ok(()));
        assert_eq!(budget.exceeded(noon() + DAY), None);
    }

    #[test]
    fn each_limit_ends_the_day() {
        check(
            |budget| {
                budget.take_document(noon()).unwrap();
                budget.take_document(noon()).unwrap();
            },
            Limit::Documents,
        );
        check(|budget| budget.add_bytes(1_000), Limit::Bytes);
        check(
            |budget| budget.add_time(Duration::from_secs(60)),
            Limit::Time,
        );
    }

    #[test]
    fn a_clock_that_was_ahead_holds_nobody() {
        let budget = budget();
        budget.take_document(noon() + TimeDelta::days(400)).unwrap();
        budget.add_bytes(1_000);
        assert_eq!(budget.take_document(noon()), Ok(()));
    }
}
