//! How a display is, in one word, by what it told.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_wire::status::{ClockTrustStatus, ScreenShown, Space, Status};

use crate::storage::HeardStatus;

/// From this temperature on a device counts as overheated, in degrees Celsius: at 80 a Raspberry Pi slows itself down.
pub const OVERHEATED_CELSIUS: f32 = 70.0;

/// A disk with less than this counts as full, or with less than a twentieth of it.
const LOW_SPACE_BYTES: u64 = 256 * 1024 * 1024;

/// How far a clock that is said to be right may be from central's.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// How a display is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisplayCondition {
    /// It told something once, and nothing any more.
    Silent,
    /// Titles and dates alone, after failures.
    SafeMode,
    /// It has no board yet.
    NoBoard,
    /// It has not known for long whether its board is the newest.
    OldData,
    Overheated,
    /// The voltage was too low since it started.
    Undervoltage,
    LowSpace,
    UnsureClock,
    /// A document of its board is not there.
    MissingDocument,
    /// It never told anything.
    NeverHeard,
    Fine,
}

impl DisplayCondition {
    pub const ALL: [Self; 11] = [
        Self::Silent,
        Self::SafeMode,
        Self::NoBoard,
        Self::OldData,
        Self::Overheated,
        Self::Undervoltage,
        Self::LowSpace,
        Self::UnsureClock,
        Self::MissingDocument,
        Self::NeverHeard,
        Self::Fine,
    ];

    /// As it is stored, and stands in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::SafeMode => "safe_mode",
            Self::NoBoard => "no_board",
            Self::OldData => "old_data",
            Self::Overheated => "overheated",
            Self::Undervoltage => "undervoltage",
            Self::LowSpace => "low_space",
            Self::UnsureClock => "unsure_clock",
            Self::MissingDocument => "missing_document",
            Self::NeverHeard => "never_heard",
            Self::Fine => "fine",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// How a display is, and since when; `silent_before` as in [`StatusInbox::silent_before`].
    ///
    /// [`StatusInbox::silent_before`]: super::StatusInbox::silent_before
    pub fn of(
        heard: Option<&HeardStatus>,
        registered_at: DateTime<Utc>,
        silent_before: Option<DateTime<Utc>>,
    ) -> (Self, DateTime<Utc>) {
        match heard {
            None => (Self::NeverHeard, registered_at),
            Some(heard) if silent_before.is_some_and(|before| heard.heard_at < before) => {
                (Self::Silent, heard.heard_at)
            }
            // A later version may have stored a word that is not known here.
            Some(heard) => {
                let state = Self::from_name(&heard.state).unwrap_or(Self::Fine);
                (state, heard.state_since)
            }
        }
    }

    /// All that a status says is wrong, the worst first; data are old after `stale_after`.
    pub fn all_of(status: &Status, stale_after: TimeDelta, now: DateTime<Utc>) -> Vec<Self> {
        let is_old = |at: DateTime<Utc>| now.signed_duration_since(at) > stale_after;
        let holds = [
            (Self::SafeMode, status.screen == ScreenShown::SafeMode),
            (Self::NoBoard, status.manifest_number.is_none()),
            (Self::OldData, status.data_as_of.is_some_and(is_old)),
            (
                Self::Overheated,
                status
                    .temperature_celsius
                    .is_some_and(|degrees| degrees >= OVERHEATED_CELSIUS),
            ),
            (
                Self::Undervoltage,
                status.power.is_some_and(|power| power.undervoltage),
            ),
            (Self::LowSpace, status.storage.is_some_and(is_low)),
            (Self::UnsureClock, is_unsure(status, now)),
            (
                Self::MissingDocument,
                status.missing_documents.is_some_and(|count| count > 0),
            ),
        ];
        let holds = holds.into_iter();
        holds
            .filter_map(|(condition, holds)| holds.then_some(condition))
            .collect()
    }

    /// The worst that a status says.
    pub fn worst_of(status: &Status, stale_after: TimeDelta, now: DateTime<Utc>) -> Self {
        let all = Self::all_of(status, stale_after, now);
        all.first().copied().unwrap_or(Self::Fine)
    }
}

fn is_low(space: Space) -> bool {
    space.free_bytes < LOW_SPACE_BYTES || space.free_bytes < space.total_bytes / 20
}

fn is_unsure(status: &Status, now: DateTime<Utc>) -> bool {
    let clock = &status.clock;
    clock.trust == ClockTrustStatus::Unsure
        || clock.earliest > now + CLOCK_TOLERANCE
        || clock
            .latest
            .is_some_and(|latest| latest < now - CLOCK_TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vyveska_wire::status::{ClockStatus, PowerStatus};

    fn now() -> DateTime<Utc> {
        "2026-11-30T14:00:00Z".parse().unwrap()
    }

    fn fine() -> Status {
        let space = Space {
            total_bytes: 32_000_000_000,
            free_bytes: 20_000_000_000,
        };
        let clock = ClockStatus {
            trust: ClockTrustStatus::Synchronised,
            earliest: now(),
            latest: Some(now()),
        };
        Status {
            manifest_number: Some(1),
            data_as_of: Some(now()),
            missing_documents: Some(0),
            temperature_celsius: Some(69.9),
            processor_percent: Some(100),
            storage: Some(space),
            ..Status::new(1, "0.1.0", ScreenShown::Idle, clock)
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Status), expected: &[DisplayCondition]) {
        let mut status = fine();
        change(&mut status);
        let stale_after = TimeDelta::minutes(15);
        let all = DisplayCondition::all_of(&status, stale_after, now());
        assert_eq!(all, expected);
        let worst = DisplayCondition::worst_of(&status, stale_after, now());
        assert_eq!(worst, *expected.first().unwrap_or(&DisplayCondition::Fine));
    }

    #[test]
    fn the_worst_comes_first() {
        use DisplayCondition::*;
        check(|_| {}, &[]);
        check(|one| one.screen = ScreenShown::SafeMode, &[SafeMode]);
        check(|one| one.manifest_number = None, &[NoBoard]);
        let minutes = |ago| Some(now() - TimeDelta::minutes(ago));
        check(|one| one.data_as_of = minutes(15), &[]);
        check(|one| one.data_as_of = minutes(16), &[OldData]);
        check(|one| one.temperature_celsius = Some(70.0), &[Overheated]);
        let power = |undervoltage| {
            Some(PowerStatus {
                undervoltage,
                throttled: None,
            })
        };
        check(|one| one.power = power(false), &[]);
        check(|one| one.power = power(true), &[Undervoltage]);
        let free = |free_bytes| {
            Some(Space {
                total_bytes: 32_000_000_000,
                free_bytes,
            })
        };
        check(|one| one.storage = free(1_600_000_000), &[]);
        check(|one| one.storage = free(1_500_000_000), &[LowSpace]);
        check(
            |one| one.clock.trust = ClockTrustStatus::Unsure,
            &[UnsureClock],
        );
        check(|one| one.clock.latest = minutes(3), &[UnsureClock]);
        check(|one| one.missing_documents = Some(2), &[MissingDocument]);
        check(
            |one| {
                one.missing_documents = Some(1);
                one.temperature_celsius = Some(91.0);
                one.data_as_of = minutes(60);
            },
            &[OldData, Overheated, MissingDocument],
        );
        assert!(DisplayCondition::ALL.is_sorted());
        for one in DisplayCondition::ALL {
            assert_eq!(DisplayCondition::from_name(one.name()), Some(one));
        }
    }

    #[test]
    fn what_has_not_come_is_worse_than_what_was_said() {
        let heard = |state: &str| HeardStatus {
            heard_at: now(),
            state: state.to_owned(),
            state_since: now() - TimeDelta::days(1),
            status: String::new(),
        };
        let of = |heard: Option<&HeardStatus>, before| {
            DisplayCondition::of(heard, now() - TimeDelta::days(9), before)
        };
        let day = TimeDelta::days(1);
        for (heard, before, expected) in [
            (
                None,
                Some(now()),
                (DisplayCondition::NeverHeard, now() - day * 9),
            ),
            (
                Some(heard("low_space")),
                Some(now()),
                (DisplayCondition::LowSpace, now() - day),
            ),
            (
                Some(heard("low_space")),
                Some(now() + day),
                (DisplayCondition::Silent, now()),
            ),
            (
                Some(heard("low_space")),
                None,
                (DisplayCondition::LowSpace, now() - day),
            ),
            (
                Some(heard("levitating")),
                None,
                (DisplayCondition::Fine, now() - day),
            ),
        ] {
            assert_eq!(of(heard.as_ref(), before), expected);
        }
    }
}
