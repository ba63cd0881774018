//! The manifest: what the displays of a board should show, by hash.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vyveska_board::DocumentHash;

use crate::envelope::Message;
use crate::keys::DisplayId;

/// The hash of exact bytes: 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub DocumentHash);

impl ContentHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(DocumentHash::of(bytes))
    }
}

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// Bytes named by their hash, fetched from `content/{hash}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentRef {
    /// SHA-256 of the exact bytes.
    pub hash: ContentHash,
    pub size_bytes: u64,
}

impl ContentRef {
    /// Names `bytes`.
    pub fn to(bytes: &[u8]) -> Self {
        Self {
            hash: ContentHash::of(bytes),
            size_bytes: bytes.len() as u64,
        }
    }
}

/// The addressee of a signed message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// One display. Central services addressed manifests so before there were assignments; displays still believe it.
    Display(DisplayId),
    /// The displays of the board with this id, by their [`crate::assignment::Assignment`].
    Group(String),
}

/// The sections a manifest names, each by the hash of its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sections {
    /// The notices: [`crate::section::NoticesSection`].
    pub notices: ContentRef,
    /// Information pages: [`crate::section::InformationSection`].
    pub information: ContentRef,
    /// Messages over the board: [`crate::section::AlertsSection`].
    pub alerts: ContentRef,
    /// The town and the behaviour of the display: [`crate::section::SettingsSection`].
    pub settings: ContentRef,
}

/// What the displays of a board should show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Grows with every manifest of the board: see [`next_number`].
    pub number: u64,
    /// When central made it.
    pub created: DateTime<Utc>,
    pub to: Addressee,
    pub sections: Sections,
}

impl Message for Manifest {
    const TYPE: &'static str = "vyveska-manifest-v1";
}

/// The number of the manifest after `previous`: `max(previous + 1, milliseconds of the epoch)`.
///
/// A central service restored from a backup therefore does not fall behind the numbers its displays have seen.
pub fn next_number(previous: u64, now: DateTime<Utc>) -> u64 {
    let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    previous.saturating_add(1).max(milliseconds)
}

/// The HTTP entity tag of the manifest with this number.
///
/// In `If-None-Match` it tells central which manifest a display has, so that the next one gets a larger number even
/// where central's database is older than that manifest.
pub fn entity_tag(number: u64) -> String {
    format!("\"{number}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_even_when_the_clock_goes_back() {
        let now = DateTime::from_timestamp_millis(1_000_000).unwrap();
        assert_eq!(next_number(0, now), 1_000_000);
        assert_eq!(next_number(1_000_000, now), 1_000_001);
        assert_eq!(next_number(5_000_000, now), 5_000_001);
        assert_eq!(next_number(3, DateTime::<Utc>::MIN_UTC), 4);
    }

    #[test]
    fn a_hash_that_is_not_one_is_refused() {
        let json = r#"{"hash":"../../etc/passwd","size_bytes":1}"#;
        assert!(serde_json::from_str::<ContentRef>(json).is_err());
    }
}
