//! Lists of which an older kiosk takes what it can read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Reads a list and leaves out what is not of this shape.
///
/// A section that could not be read would keep a whole board from coming; one entry of it must not.
pub(crate) fn readable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let entries = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| serde_json::from_value(entry).ok())
        .collect())
}
