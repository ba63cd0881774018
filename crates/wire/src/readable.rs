//! Lists from which an older kiosk reads the entries it understands.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Reads a list and leaves out what is not of this shape.
///
/// One unreadable entry must not make the whole section unreadable.
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
