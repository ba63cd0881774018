//! How values are stored for which databases have no type.

use serde::de::value::{Error, StringDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde::{Deserialize as _, Serialize};
use vyveska_board::DocumentHash;
use vyveska_wire::keys::DisplayId;

use crate::StorageError;

pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("what central stores always serialises")
}

pub(crate) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::Unreadable {
        what,
        // Its message might quote what is stored.
        reason: format!(
            "{:?} error in line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        ),
    })
}

pub(crate) fn hash(what: &'static str, text: &str) -> Result<DocumentHash, StorageError> {
    text.parse().map_err(
        |error: vyveska_board::ParseHashError| StorageError::Unreadable {
            what,
            reason: error.to_string(),
        },
    )
}

/// The id of a display that was stored.
pub(crate) fn display_id(text: String) -> DisplayId {
    let text: StringDeserializer<Error> = text.into_deserializer();
    DisplayId::deserialize(text).expect("an id is a text")
}

/// PostgreSQL has no unsigned numbers.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way round.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub(crate) fn count(what: &'static str, number: i64) -> Result<u32, StorageError> {
    u32::try_from(number).map_err(|error| StorageError::Unreadable {
        what,
        reason: error.to_string(),
    })
}
