//! Messages of the town that cover the board or stand above it.
//!
//! Modelled after CAP, so that a message can be exchanged with other systems.
//! They are the town's own words: nothing here has the colours or levels of the weather service.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::readable::readable;
use crate::texts::Texts;

/// Messages over the board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AlertsSection {
    /// The order has no meaning; some may be in the future.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub alerts: Vec<AlertRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRecord {
    /// Unique among the messages of a board; a changed message gets another one, so that it is shown as new.
    pub id: String,
    pub severity: AlertSeverity,
    #[serde(default, skip_serializing_if = "AlertStatus::is_actual")]
    pub status: AlertStatus,
    /// Who says it, for instance „starosta města".
    pub sender: Texts,
    pub sent: DateTime<Utc>,
    /// From when it is shown; from `sent` on when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<DateTime<Utc>>,
    /// Until when it is shown.
    pub expires: DateTime<Utc>,
    /// The headline, at most 60 letters.
    pub headline: Texts,
    /// What happened, and where.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub description: Texts,
    /// What to do, sentence by sentence, by language code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instructions: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// A strip above the board.
    Moderate,
    /// Covers the board while nobody uses it, and is brought to the front when somebody does.
    Extreme,
    /// Covers the board while nobody uses it. A level that this version does not know counts as this one.
    #[serde(other)]
    Severe,
}

impl AlertSeverity {
    const fn rank(self) -> u8 {
        match self {
            Self::Moderate => 0,
            Self::Severe => 1,
            Self::Extreme => 2,
        }
    }
}

impl Ord for AlertSeverity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for AlertSeverity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether a message is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// It is an exercise, and says so wherever it is shown.
    Exercise,
    /// A real message. So is anything that does not say that it is an exercise.
    #[default]
    #[serde(other)]
    Actual,
}

impl AlertStatus {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_actual(&self) -> bool {
        *self == Self::Actual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn czech(text: &str) -> Texts {
        [("cs".to_owned(), text.to_owned())].into()
    }

    fn alert() -> AlertRecord {
        AlertRecord {
            id: "voda-1".into(),
            severity: AlertSeverity::Extreme,
            status: AlertStatus::Exercise,
            sender: czech("starosta města"),
            sent: "2026-11-21T13:30:00Z".parse().unwrap(),
            onset: None,
            expires: "2026-11-22T17:00:00Z".parse().unwrap(),
            headline: czech("Nepijte vodu z vodovodu v části Tisová"),
            description: czech("Po prasknutí řadu může být voda závadná."),
            instructions: [("cs".to_owned(), vec!["Vodu nepijte.".to_owned()])].into(),
            url: None,
        }
    }

    #[test]
    fn a_message_travels_without_loss() {
        let section = AlertsSection {
            alerts: vec![alert()],
        };
        let json = serde_json::to_string(&section).unwrap();
        let read: AlertsSection = serde_json::from_str(&json).unwrap();
        assert_eq!(read, section);
        assert_eq!(
            serde_json::to_string(&AlertsSection::default()).unwrap(),
            "{}"
        );
    }

    #[test]
    fn a_level_to_come_is_not_lost_and_what_cannot_be_read_takes_nothing_along() {
        let mut json = serde_json::to_value(AlertsSection {
            alerts: vec![alert()],
        })
        .unwrap();
        json["alerts"][0]["severity"] = "catastrophic".into();
        json["alerts"][0]["status"] = "draft".into();
        let alerts = json["alerts"].as_array_mut().unwrap();
        alerts.push(serde_json::json!({ "id": "no end" }));
        let read: AlertsSection = serde_json::from_value(json).unwrap();
        assert_eq!(read.alerts.len(), 1);
        assert_eq!(read.alerts[0].severity, AlertSeverity::Severe);
        assert_eq!(read.alerts[0].status, AlertStatus::Actual);
    }

    #[test]
    fn levels_are_ordered() {
        assert!(AlertSeverity::Moderate < AlertSeverity::Severe);
        assert!(AlertSeverity::Severe < AlertSeverity::Extreme);
    }
}
