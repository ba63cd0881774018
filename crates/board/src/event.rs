//! What a notice announces for a day of its own, which is not the end of its posting.
//!
//! The office enters it, or a source delivers it that has it; it is never guessed from words.

use chrono::offset::LocalResult;
use chrono::{NaiveDate, NaiveTime, TimeZone as _};
use serde::{Deserialize, Serialize};

use crate::moment::PRAGUE;

/// The longest place, in characters.
pub const MAX_PLACE_CHARS: usize = 200;

/// The event of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub kind: EventKind,
    /// The day in Europe/Prague.
    pub day: NaiveDate,
    /// The reading at which it begins; `None` where it is the whole day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveTime>,
    /// The reading of that day at which it is over, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveTime>,
    /// Where it is, of at most [`MAX_PLACE_CHARS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Auction,
    Meeting,
    Outage,
    Closing,
    /// Until then comments are taken; it is over at `to`.
    CommentDeadline,
}

/// Why an event cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Clocks jump over it in the night when daylight saving begins.
    #[error("{0} never is on that day: clocks are put forward")]
    NoSuchReading(NaiveTime),
    #[error("it is over before it begins")]
    EndsBeforeStart,
    #[error("it is longer than {MAX_PLACE_CHARS} characters")]
    PlaceTooLong,
}

impl Event {
    /// Checks that it can be; the error comes with the field that is wrong.
    ///
    /// # Errors
    ///
    /// When a reading never is on that day, the end is not after the start, or the place is too long.
    pub fn check(&self) -> Result<(), (&'static str, EventError)> {
        for (field, reading) in [("from", self.from), ("to", self.to)] {
            if let Some(reading) = reading
                && PRAGUE.from_local_datetime(&self.day.and_time(reading)) == LocalResult::None
            {
                return Err((field, EventError::NoSuchReading(reading)));
            }
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to <= from
        {
            return Err(("to", EventError::EndsBeforeStart));
        }
        let place = self.place.as_deref().unwrap_or_default();
        if place.chars().nth(MAX_PLACE_CHARS).is_some() {
            return Err(("place", EventError::PlaceTooLong));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(day: &str, hours: [Option<&str>; 2], expected: Result<(), (&str, EventError)>) {
        let [from, to] = hours.map(|reading| reading.map(|text| text.parse().unwrap()));
        let event = Event {
            kind: EventKind::Auction,
            day: day.parse().unwrap(),
            from,
            to,
            place: Some("radnice".to_owned()),
        };
        assert_eq!(event.check(), expected);
    }

    #[test]
    fn hours_are_of_a_day_in_prague() {
        let (nine, ten) = (Some("09:00:00"), Some("10:00:00"));
        check("2026-12-01", [nine, ten], Ok(()));
        check("2026-12-01", [None, ten], Ok(()));
        check("2026-12-01", [None, None], Ok(()));
        let backwards = Err(("to", EventError::EndsBeforeStart));
        check("2026-12-01", [ten, nine], backwards);
        let jumped = Some("02:30:00");
        let never = EventError::NoSuchReading("02:30:00".parse().unwrap());
        check("2026-03-29", [jumped, ten], Err(("from", never)));
        check("2026-03-30", [jumped, ten], Ok(()));
        // It is twice, when clocks are put back.
        check("2026-10-25", [jumped, ten], Ok(()));
    }
}
