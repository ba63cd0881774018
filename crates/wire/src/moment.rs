//! When something begins or ends.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use vyveska_board::Moment;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentRecord {
    /// A day in Europe/Prague.
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    #[default]
    Unspecified,
}

impl MomentRecord {
    pub(crate) fn is_unspecified(&self) -> bool {
        *self == Self::Unspecified
    }
}

impl From<Moment> for MomentRecord {
    fn from(moment: Moment) -> Self {
        match moment {
            Moment::Date(date) => Self::Date(date),
            Moment::Instant(instant) => Self::Instant(instant),
            Moment::Unspecified => Self::Unspecified,
        }
    }
}

impl From<MomentRecord> for Moment {
    fn from(record: MomentRecord) -> Self {
        match record {
            MomentRecord::Date(date) => Self::Date(date),
            MomentRecord::Instant(instant) => Self::Instant(instant),
            MomentRecord::Unspecified => Self::Unspecified,
        }
    }
}
