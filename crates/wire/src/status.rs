//! What a display tells about itself, once a minute and after every switch to another board.
//!
//! Nothing is decided by it: it is there to be shown. It says which screen is in front, in one word, and neither when
//! somebody touched it nor what was typed or searched. A figure that a machine does not have is missing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The longest status, in bytes. One has about 900.
pub const MAX_STATUS_BYTES: usize = 4 * 1024;

/// By how many milliseconds a number may differ from central's time: the life of a token, and some for its way.
pub const MAX_NUMBER_OFFSET_MS: u64 = 120 * 1000;

/// The most characters of a version, a model and a serial number.
const MAX_TEXT_LENGTH: usize = 80;
/// The most bytes that a storage or a memory is believed to have: a pebibyte.
const MAX_BYTES: u64 = 1 << 50;
/// A hundred years.
const MAX_SECONDS: u64 = 100 * 366 * 24 * 60 * 60;
/// The years of instants that are believed.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2200;

/// How a display is, and what it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Grows with every status of a display: [`crate::manifest::next_number`] of central's time as the display knows it.
    /// Central takes none that is not larger than the one before, or is further than [`MAX_NUMBER_OFFSET_MS`] from its
    /// own time, so that no replay and no wrong clock hides a later one.
    pub number: u64,
    /// Of the program.
    pub version: String,
    /// The screen in front.
    #[serde(default)]
    pub screen: ScreenShown,
    pub clock: ClockStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// For how long the device has been running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime_seconds: Option<u64>,
    /// For how long the program has been running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program_seconds: Option<u64>,
    /// The number of the manifest in use; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_number: Option<u64>,
    /// As of when the board in use is known to be the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_as_of: Option<DateTime<Utc>>,
    /// How many of the documents of the notices that are posted now are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_documents: Option<u32>,
    /// Of the hottest sensor, in degrees Celsius: -60 to 150.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_celsius: Option<f32>,
    /// How much of all processors was used since the status before, in per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor_percent: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Space>,
    /// Of the disk with the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Space>,
    /// Of the panel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness_percent: Option<u8>,
    /// What leads to the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkKind>,
    /// What the power supply and the heat did to the processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<PowerStatus>,
    /// Width and height of the screen in pixels: 1 to 20,000 each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen_pixels: Option<(u32, u32)>,
}

/// The screen in front. Of a newer display it may be one that is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenShown {
    Idle,
    Board,
    Search,
    Notice,
    /// A notice with a page of a document.
    Document,
    Information,
    Survey,
    Alert,
    Service,
    /// Titles and dates alone, after failures.
    SafeMode,
    /// No board yet.
    Waiting,
    #[default]
    #[serde(other)]
    Unknown,
}

/// Why a display's clock is believed, and between which bounds now lies by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStatus {
    pub trust: ClockTrustStatus,
    pub earliest: DateTime<Utc>,
    /// `None` where nothing bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<DateTime<Utc>>,
}

/// As [`vyveska_board::ClockTrust`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockTrustStatus {
    Synchronised,
    HoldingOver,
    #[serde(other)]
    Unsure,
}

/// How much there is of a memory or a disk, and how much of it is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub total_bytes: u64,
    pub free_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkKind {
    Cable,
    Wireless,
    Mobile,
    #[serde(other)]
    Other,
}

/// What the device has noted since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PowerStatus {
    /// Whether the voltage was too low.
    pub undervoltage: bool,
    /// Whether the processor was slowed down, by the voltage or by heat; `None` where that is not noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled: Option<bool>,
}

/// Why bytes are no status.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    #[error("a status has at most {MAX_STATUS_BYTES} bytes")]
    TooLong,
    #[error("the body is no status")]
    Malformed(#[source] serde_json::Error),
    /// By its name in JSON.
    #[error("{0:?} is out of its bounds")]
    Absurd(&'static str),
}

impl Status {
    /// A status without any figure.
    pub fn new(number: u64, version: &str, screen: ScreenShown, clock: ClockStatus) -> Self {
        Self {
            number,
            version: version.to_owned(),
            screen,
            clock,
            model: None,
            serial: None,
            uptime_seconds: None,
            program_seconds: None,
            manifest_number: None,
            data_as_of: None,
            missing_documents: None,
            temperature_celsius: None,
            processor_percent: None,
            memory: None,
            storage: None,
            brightness_percent: None,
            network: None,
            power: None,
            screen_pixels: None,
        }
    }

    /// Reads a status as it travels. Fields that are not known are of newer displays, and are passed over.
    ///
    /// # Errors
    ///
    /// When it is too long, is no status, or a figure is out of its bounds.
    pub fn read(bytes: &[u8]) -> Result<Self, StatusError> {
        if bytes.len() > MAX_STATUS_BYTES {
            return Err(StatusError::TooLong);
        }
        let status: Self = serde_json::from_slice(bytes).map_err(StatusError::Malformed)?;
        match status.absurd() {
            Some(field) => Err(StatusError::Absurd(field)),
            None => Ok(status),
        }
    }

    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a status serialises")
    }

    /// The first field that is out of its bounds.
    fn absurd(&self) -> Option<&'static str> {
        fn holds<T>(value: &Option<T>, is_believed: impl Fn(&T) -> bool) -> bool {
            value.as_ref().is_none_or(is_believed)
        }
        let is_text = |text: &String| {
            let length = text.chars().count();
            (1..=MAX_TEXT_LENGTH).contains(&length) && !text.chars().any(char::is_control)
        };
        let is_instant = |at: &DateTime<Utc>| YEARS.contains(&chrono::Datelike::year(at));
        let is_space =
            |space: &Space| space.free_bytes <= space.total_bytes && space.total_bytes <= MAX_BYTES;
        let is_percent = |percent: &u8| *percent <= 100;
        let is_number = |number: &u64| (1..=i64::MAX as u64).contains(number);
        let fields = [
            ("number", is_number(&self.number)),
            ("version", is_text(&self.version)),
            (
                "clock",
                is_instant(&self.clock.earliest)
                    && holds(&self.clock.latest, |latest| {
                        is_instant(latest) && *latest >= self.clock.earliest
                    }),
            ),
            ("model", holds(&self.model, is_text)),
            ("serial", holds(&self.serial, is_text)),
            (
                "uptime_seconds",
                holds(&self.uptime_seconds, |seconds| *seconds <= MAX_SECONDS),
            ),
            (
                "program_seconds",
                holds(&self.program_seconds, |seconds| *seconds <= MAX_SECONDS),
            ),
            ("manifest_number", holds(&self.manifest_number, is_number)),
            ("data_as_of", holds(&self.data_as_of, is_instant)),
            (
                "missing_documents",
                holds(&self.missing_documents, |count| *count <= 1_000_000),
            ),
            (
                "temperature_celsius",
                holds(&self.temperature_celsius, |degrees| {
                    (-60.0..=150.0).contains(degrees)
                }),
            ),
            (
                "processor_percent",
                holds(&self.processor_percent, is_percent),
            ),
            ("memory", holds(&self.memory, is_space)),
            ("storage", holds(&self.storage, is_space)),
            (
                "brightness_percent",
                holds(&self.brightness_percent, is_percent),
            ),
            (
                "screen_pixels",
                holds(&self.screen_pixels, |(width, height)| {
                    [width, height]
                        .iter()
                        .all(|side| (1..=20_000).contains(*side))
                }),
            ),
        ];
        fields
            .into_iter()
            .find_map(|(name, is_believed)| (!is_believed).then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// With every figure, as long as such ones get.
    fn status() -> Status {
        let space = Space {
            total_bytes: MAX_BYTES,
            free_bytes: MAX_BYTES - 1,
        };
        Status {
            number: 1_796_000_000_000,
            version: "0.1.0".to_owned(),
            screen: ScreenShown::SafeMode,
            clock: ClockStatus {
                trust: ClockTrustStatus::HoldingOver,
                earliest: "2026-11-21T13:32:00.123456Z".parse().unwrap(),
                latest: Some("2026-11-21T13:32:02.123456Z".parse().unwrap()),
            },
            model: Some("Raspberry Pi 5 Model B Rev 1.0".to_owned()),
            serial: Some("Ž".repeat(MAX_TEXT_LENGTH)),
            uptime_seconds: Some(MAX_SECONDS),
            program_seconds: Some(0),
            manifest_number: Some(i64::MAX as u64),
            data_as_of: Some("2026-11-21T13:32:00Z".parse().unwrap()),
            missing_documents: Some(0),
            temperature_celsius: Some(48.3),
            processor_percent: Some(100),
            memory: Some(space),
            storage: Some(space),
            brightness_percent: Some(0),
            network: Some(NetworkKind::Cable),
            power: Some(PowerStatus {
                undervoltage: true,
                throttled: Some(false),
            }),
            screen_pixels: Some((1080, 1920)),
        }
    }

    fn json_of(status: &Status) -> Value {
        serde_json::from_slice(&status.to_bytes()).unwrap()
    }

    fn read(json: &Value) -> Result<Status, StatusError> {
        Status::read(json.to_string().as_bytes())
    }

    #[test]
    fn a_status_travels_without_loss() {
        let bytes = status().to_bytes();
        assert!(bytes.len() < MAX_STATUS_BYTES / 2, "{}", bytes.len());
        assert_eq!(Status::read(&bytes).unwrap(), status());
    }

    #[test]
    fn what_a_machine_does_not_have_is_missing() {
        let json = json!({
            "number": 1, "version": "0.1.0",
            "clock": { "trust": "unsure", "earliest": "1970-01-01T00:00:00Z" },
        });
        let read = read(&json).unwrap();
        assert_eq!(read.temperature_celsius, None);
        assert_eq!(read.screen, ScreenShown::Unknown);
        let mut whole = json;
        whole["screen"] = "unknown".into();
        assert_eq!(json_of(&read), whole);
    }

    #[test]
    fn what_a_newer_display_says_is_passed_over() {
        let mut json = json_of(&status());
        json["fan_rpm"] = 1200.into();
        json["screen"] = "hologram".into();
        json["network"] = "satellite".into();
        json["clock"]["trust"] = "sundial".into();
        let read = read(&json).unwrap();
        assert_eq!(read.screen, ScreenShown::Unknown);
        assert_eq!(read.network, Some(NetworkKind::Other));
        assert_eq!(read.clock.trust, ClockTrustStatus::Unsure);
        assert_eq!(read.model, status().model);
    }

    #[test]
    fn what_is_absurd_is_refused_by_its_name() {
        let long = "x".repeat(MAX_TEXT_LENGTH + 1);
        for (field, value) in [
            ("number", json!(0)),
            ("number", json!(u64::MAX)),
            ("version", json!("")),
            ("version", json!(long)),
            ("model", json!("Pi\n5")),
            ("serial", json!(long)),
            ("uptime_seconds", json!(MAX_SECONDS + 1)),
            ("program_seconds", json!(u64::MAX)),
            ("manifest_number", json!(0)),
            ("data_as_of", json!("+9999-01-01T00:00:00Z")),
            ("missing_documents", json!(1_000_001)),
            ("temperature_celsius", json!(151)),
            ("temperature_celsius", json!(-60.5)),
            ("processor_percent", json!(101)),
            ("memory", json!({ "total_bytes": 1, "free_bytes": 2 })),
            (
                "storage",
                json!({ "total_bytes": MAX_BYTES + 1, "free_bytes": 0 }),
            ),
            ("brightness_percent", json!(255)),
            ("screen_pixels", json!([0, 1920])),
            ("screen_pixels", json!([1080, 20_001])),
            (
                "clock",
                json!({ "trust": "synchronised", "earliest": "2026-11-21T13:32:00Z", "latest": "2026-11-21T13:31:59Z" }),
            ),
        ] {
            let mut json = json_of(&status());
            json[field] = value;
            let refused = read(&json).unwrap_err();
            assert!(
                matches!(refused, StatusError::Absurd(name) if name == field),
                "{field}: {refused}"
            );
        }
        for (field, value) in [
            ("temperature_celsius", json!("hot")),
            ("processor_percent", json!(256)),
            ("version", Value::Null),
        ] {
            let mut json = json_of(&status());
            json[field] = value;
            let refused = read(&json).unwrap_err();
            assert!(matches!(refused, StatusError::Malformed(_)), "{field}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_even_read() {
        let mut bytes = status().to_bytes();
        bytes.resize(MAX_STATUS_BYTES + 1, b' ');
        assert!(matches!(Status::read(&bytes), Err(StatusError::TooLong)));
        bytes.pop();
        assert!(Status::read(&bytes).is_ok());
        assert!(matches!(
            Status::read(&b"[".repeat(MAX_STATUS_BYTES)),
            Err(StatusError::Malformed(_))
        ));
    }
}
