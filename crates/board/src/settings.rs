//! The settings of a board and its displays: the bounds and the default of each, written here and nowhere else.
//!
//! The configuration refuses a value out of bounds. A display takes the nearest value within the bounds instead, since
//! refusing the settings section of a newer central would leave it without any.

use chrono::NaiveTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Time without a touch until the countdown to the idle reset, on lists.
pub type ListTimeoutSeconds = Bounded<30, 600, 60>;
/// The same while a document is open: reading takes longer.
pub type PageTimeoutSeconds = Bounded<30, 1800, 180>;
/// The most time a page of titles of the idle rotation is shown.
pub type IdlePageSeconds = Bounded<3, 120, 12>;
/// How long a picture between two pages of titles is shown.
pub type IdlePictureSeconds = Bounded<5, 30, 12>;
/// How long a paused idle rotation stays paused.
pub type IdlePauseSeconds = Bounded<10, 600, 60>;
/// How many days a notice counts as new.
pub type NewDays = Bounded<0, 30, 3>;
/// The days before its end on which a notice says how many are left.
pub type DeadlineDays = Bounded<0, 60, 7>;
/// Time without contact to central after which a display states the age of its data.
pub type StaleAfterMinutes = Bounded<1, 1440, 15>;

/// A whole number with its bounds and its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounded<const LEAST: u32, const MOST: u32, const DEFAULT: u32>(u32);

/// A value that is not within the bounds of its setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {least} to {most}, is {value}")]
pub struct OutOfBounds {
    pub value: u32,
    pub least: u32,
    pub most: u32,
}

impl<const LEAST: u32, const MOST: u32, const DEFAULT: u32> Bounded<LEAST, MOST, DEFAULT> {
    /// The default as a plain number, for configuration files.
    pub const fn default_value() -> u32 {
        const { assert!(LEAST <= DEFAULT && DEFAULT <= MOST) };
        DEFAULT
    }

    /// The value, or the nearest one within the bounds.
    pub fn nearest(value: u32) -> Self {
        Self(value.clamp(LEAST, MOST))
    }

    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32, const DEFAULT: u32> Default
    for Bounded<LEAST, MOST, DEFAULT>
{
    fn default() -> Self {
        Self(Self::default_value())
    }
}

impl<const LEAST: u32, const MOST: u32, const DEFAULT: u32> TryFrom<u32>
    for Bounded<LEAST, MOST, DEFAULT>
{
    type Error = OutOfBounds;

    fn try_from(value: u32) -> Result<Self, OutOfBounds> {
        if (LEAST..=MOST).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfBounds {
                value,
                least: LEAST,
                most: MOST,
            })
        }
    }
}

impl<const LEAST: u32, const MOST: u32, const DEFAULT: u32> Serialize
    for Bounded<LEAST, MOST, DEFAULT>
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, const LEAST: u32, const MOST: u32, const DEFAULT: u32> Deserialize<'de>
    for Bounded<LEAST, MOST, DEFAULT>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(Self::nearest)
    }
}

/// When displays are darker, in local time; over midnight when it begins later than it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl Night {
    pub fn contains(&self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }
}

impl Default for Night {
    /// From ten in the evening to half past five.
    fn default() -> Self {
        let time = |hour, minute| {
            NaiveTime::from_hms_opt(hour, minute, 0).expect("the hour and the minute exist")
        };
        Self {
            from: time(22, 0),
            until: time(5, 30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_refused_out_of_bounds_and_a_display_takes_the_nearest_value() {
        let error = ListTimeoutSeconds::try_from(29).unwrap_err();
        assert_eq!(error.to_string(), "must be 30 to 600, is 29");
        assert_eq!(ListTimeoutSeconds::try_from(600).unwrap().get(), 600);
        let read: Vec<ListTimeoutSeconds> = serde_json::from_str("[5, 60, 4000000000]").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "[30,60,600]");
    }

    #[test]
    fn night_goes_over_midnight() {
        let at = |text: &str| text.parse::<NaiveTime>().unwrap();
        let night = Night::default();
        for (time, dark) in [
            ("21:59:59", false),
            ("22:00:00", true),
            ("00:00:00", true),
            ("05:30:00", false),
        ] {
            assert_eq!(night.contains(at(time)), dark, "{time}");
        }
        let siesta = Night {
            from: at("13:00:00"),
            until: at("14:00:00"),
        };
        assert!(siesta.contains(at("13:30:00")) && !siesta.contains(at("14:00:00")));
    }
}
