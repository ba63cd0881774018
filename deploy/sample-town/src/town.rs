//! The town: `notices.json` and the documents beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::day::Day;

/// The town and everything on its board.
#[derive(Clone, Debug)]
pub struct SampleTown {
    /// Who the town is.
    pub facts: TownFacts,
    /// Every notice of the feed, also the one of tomorrow and the one whose end has passed.
    pub notices: Vec<Notice>,
    /// The documents by file name.
    pub documents: BTreeMap<String, Arc<[u8]>>,
}

/// Who the town is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TownFacts {
    /// "Město Lipnice nad Rolavou".
    pub name: String,
    /// The board's name.
    pub board_name: String,
    /// The town's invented registration number of eight digits.
    pub ico: String,
    /// The union of towns it belongs to.
    pub union: String,
    /// The board's address as it is written on the board.
    pub board_address: String,
    /// Where the board stands.
    pub place: String,
    /// The identity of the board, and the stem of its notices' identities.
    pub iri: String,
}

/// One notice with its days relative to today.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Unique on the board, part of its address.
    pub id: String,
    /// The title, possibly with placeholders as [`crate::fill_in`] knows them.
    pub title: String,
    /// The day of posting.
    pub posted_day: Day,
    /// The time of posting in Prague, for publishers that give an instant.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "clock_time")]
    pub posted_time: Option<NaiveTime>,
    /// The last day on the board.
    pub until: Until,
    /// The time of the end in Prague, for publishers that give an instant.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "clock_time")]
    pub until_time: Option<NaiveTime>,
    pub agenda: Vec<String>,
    /// Who it is from; the feed's own key `odbor`.
    pub department: String,
    /// Číslo jednací.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<String>,
    /// Spisová značka.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_mark: Option<String>,
    /// A sentence or two, possibly with placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether its terms of use say that it holds personal data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal_data: bool,
    /// Its documents in order.
    pub documents: Vec<Attachment>,
}

/// One document of a notice.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The file's name under `documents/`.
    pub file: String,
    /// What people call it.
    pub name: String,
}

/// Until when a notice is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Through the end of this day.
    Day(Day),
    /// Until something replaces it: the norm's `nespecifikovaný`.
    Unspecified,
}

impl Serialize for Until {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(day) => day.serialize(serializer),
            Self::Unspecified => serializer.serialize_str("unspecified"),
        }
    }
}

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) if text == "unspecified" => Ok(Self::Unspecified),
            value => serde_json::from_value(value)
                .map(Self::Day)
                .map_err(D::Error::custom),
        }
    }
}

mod clock_time {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        time: &Option<NaiveTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(|time| time.format("%H:%M").to_string())
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveTime>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| NaiveTime::parse_from_str(&text, "%H:%M").map_err(D::Error::custom))
            .transpose()
    }
}

/// Why the town could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing or unreadable.
    #[error(
        "cannot read {path}: {cause}; run deploy/sample-town/make.py or pass the folder with --data"
    )]
    Read {
        path: PathBuf,
        cause: std::io::Error,
    },
    /// `notices.json` is not what it should be.
    #[error("{path} is not a list of notices: {cause}; make it again with make.py")]
    Notices {
        path: PathBuf,
        cause: serde_json::Error,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticesFile {
    town: TownFacts,
    notices: Vec<Notice>,
}

impl SampleTown {
    /// Reads the town from where it was when this crate was compiled.
    ///
    /// # Errors
    /// When the source tree is no longer there, or is damaged.
    pub fn load() -> Result<Self, LoadError> {
        Self::load_from(Path::new(env!("CARGO_MANIFEST_DIR")))
    }

    /// Reads the town from a folder that holds `notices.json` and `documents/`.
    ///
    /// # Errors
    /// When a file is missing, or `notices.json` is not what it should be.
    pub fn load_from(folder: &Path) -> Result<Self, LoadError> {
        let read = |path: PathBuf| match std::fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(cause) => Err(LoadError::Read { path, cause }),
        };
        let path = folder.join("notices.json");
        let file: NoticesFile = serde_json::from_slice(&read(path.clone())?)
            .map_err(|cause| LoadError::Notices { path, cause })?;
        let mut documents = BTreeMap::new();
        for attachment in file.notices.iter().flat_map(|notice| &notice.documents) {
            if !documents.contains_key(&attachment.file) {
                let bytes = read(folder.join("documents").join(&attachment.file))?;
                documents.insert(attachment.file.clone(), bytes.into());
            }
        }
        Ok(Self {
            facts: file.town,
            notices: file.notices,
            documents,
        })
    }
}
