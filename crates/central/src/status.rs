//! What displays tell about themselves: taken in, judged for who looks, and missed where it does not come.
//!
//! Nothing of a status is believed for anything but showing. Those that come are collected in memory, and each second
//! maintenance writes them in one transaction: a display's status is replaced a minute later, so that nothing is lost
//! with those of a second, and ten thousand displays cost one fsync a second.
//!
//! | Module | What it does |
//! | --- | --- |
//! | [`state`] | how a display is, in one word |
//! | [`silence`] | raises the alarm of displays that do not report any more |

pub mod silence;
pub mod state;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{ClockBounds, ClockTrust};
use vyveska_wire::keys::DisplayId;

use crate::storage::{NewStatus, ServiceStorage, StorageError};

/// After which time without a word a display counts as silent.
pub const SILENT_AFTER: TimeDelta = TimeDelta::minutes(3);

/// The longest time between two looks at what has come; after a longer one nobody knows what did not.
const LISTENING_GAP: TimeDelta = TimeDelta::minutes(1);

/// The statuses that have come and are still to be written, and since when this process has been listening.
#[derive(Debug, Default)]
pub struct StatusInbox(Mutex<Inbox>);

#[derive(Debug, Default)]
struct Inbox {
    waiting: BTreeMap<DisplayId, NewStatus>,
    listening: Option<Listening>,
}

#[derive(Debug, Clone, Copy)]
struct Listening {
    since: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl StatusInbox {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a status that has come, unless a later one of its display waits.
    pub fn take(&self, status: NewStatus) {
        match self.inbox().waiting.entry(status.display.clone()) {
            Entry::Vacant(place) => drop(place.insert(status)),
            Entry::Occupied(mut waiting) if waiting.get().number < status.number => {
                waiting.insert(status);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Writes what has come.
    ///
    /// # Errors
    ///
    /// When storage fails; what has come is lost then.
    pub async fn write(
        &self,
        storage: &dyn ServiceStorage,
        now: &ClockBounds,
    ) -> Result<(), StorageError> {
        let waiting = std::mem::take(&mut self.inbox().waiting);
        let statuses: Vec<NewStatus> = waiting.into_values().collect();
        let written = if statuses.is_empty() {
            Ok(())
        } else {
            let gap = now.earliest - SILENT_AFTER;
            storage.set_statuses(&statuses, gap).await
        };
        self.listen(now, written.is_ok());
        written
    }

    /// Notes that what had come until now was written, or that nobody knows any more what has come.
    fn listen(&self, now: &ClockBounds, is_written: bool) {
        let is_sure = is_written && now.trust != ClockTrust::Unknown;
        let now = now.earliest;
        let mut inbox = self.inbox();
        let goes_on = |one: &Listening| {
            (TimeDelta::zero()..=LISTENING_GAP).contains(&now.signed_duration_since(one.last))
        };
        let since = inbox.listening.filter(goes_on).map_or(now, |one| one.since);
        inbox.listening = is_sure.then_some(Listening { since, last: now });
    }

    /// The instant before which a display was heard last that is silent; `None` while this process has not been
    /// listening for long enough to say so: after a start, a failure of storage, or a jump of the clock.
    pub fn silent_before(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let before = now - SILENT_AFTER;
        let listening = self.inbox().listening?;
        (listening.since <= before).then_some(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> ClockBounds {
        ClockBounds::exact(DateTime::from_timestamp(1_796_000_000 + second, 0).unwrap())
    }

    fn knows(inbox: &StatusInbox, second: i64) -> bool {
        inbox.silent_before(at(second).earliest).is_some()
    }

    #[test]
    fn nobody_is_silent_before_somebody_has_listened_for_three_minutes() {
        let inbox = StatusInbox::default();
        for second in (0..180).step_by(10) {
            assert!(!knows(&inbox, second), "{second}");
            inbox.listen(&at(second), true);
        }
        assert!(knows(&inbox, 180));
        inbox.listen(&at(180), true);
        // A failure, a process that stood still, an unsure clock, and a clock that goes back.
        let unsure = ClockBounds {
            trust: ClockTrust::Unknown,
            ..at(200)
        };
        for (now, is_written) in [
            (at(190), false),
            (at(900), true),
            (unsure, true),
            (at(0), true),
        ] {
            let inbox = StatusInbox::default();
            for second in (0..=180).step_by(10) {
                inbox.listen(&at(second), true);
            }
            inbox.listen(&now, is_written);
            let soon = now.earliest + TimeDelta::seconds(10);
            assert_eq!(inbox.silent_before(soon), None, "{now:?}");
        }
    }
}
