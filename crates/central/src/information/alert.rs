//! The town's alerts: configuration format and conversion to the wire type.
//!
//! An alert must have an end within three days, so that none is forgotten;
//! its headline is short enough to be read from two metres; and its sender must not be the weather service.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use chrono::TimeDelta;
use serde::Deserialize;
use vyveska_wire::alert::{AlertRecord, AlertSeverity, AlertStatus, AlertsSection};
use vyveska_wire::section::Texts;

use super::value::{self, MomentConfig, TITLE};
use super::{InformationError, InvalidValue};
use crate::config::TextConfig;

/// The most alerts of a board.
const MAX_ALERTS: usize = 10;
/// The longest headline, in characters.
const HEADLINE: usize = 60;
/// The longest description, in characters: all of an alert fits on one screen.
const DESCRIPTION: usize = 400;
/// The most sentences of instructions.
const MAX_INSTRUCTIONS: usize = 6;
/// The longest sentence of instructions, in characters.
const INSTRUCTION: usize = 160;
/// The longest time from sending to expiry.
const LONGEST: TimeDelta = TimeDelta::hours(72);

/// Names of the national weather service; a town may not send alerts in its name.
const NOT_THE_TOWN: [&str; 3] = ["čhmú", "chmu", "hydrometeorolog"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertsFile {
    #[serde(default)]
    alerts: Vec<AlertConfig>,
}

/// One `[[alerts]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertConfig {
    /// Unique in the file. A changed alert needs a new id, so that displays show it again.
    id: String,
    severity: Severity,
    /// Whether it is an exercise. Default `false`.
    #[serde(default)]
    exercise: bool,
    sender: TextConfig,
    sent: MomentConfig,
    onset: Option<MomentConfig>,
    expires: MomentConfig,
    headline: TextConfig,
    #[serde(default)]
    description: TextConfig,
    /// Instructions, one sentence each, by language.
    #[serde(default)]
    instructions: BTreeMap<String, Vec<String>>,
    url: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Severity {
    Moderate,
    Severe,
    Extreme,
}

/// Reads alerts.
///
/// # Errors
///
/// When the text is not TOML of the expected shape or a value is invalid; the error names the key.
pub fn read_alerts(text: &str, path: &Path) -> Result<AlertsSection, InformationError> {
    let file: AlertsFile = toml::from_str(text).map_err(|error| InformationError::Syntax {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    section(&file).map_err(|wrong| wrong.of(path))
}

fn section(file: &AlertsFile) -> Result<AlertsSection, InvalidValue> {
    value::at_most("alerts", &file.alerts, MAX_ALERTS)?;
    let mut ids = HashSet::new();
    let mut alerts = Vec::new();
    for (index, alert) in file.alerts.iter().enumerate() {
        let key = format!("alerts[{index}]");
        alerts.push(alert.record(&key)?);
        if !ids.insert(&alert.id) {
            let message = format!("{:?} is taken by an earlier message", alert.id);
            return Err(InvalidValue::at(&format!("{key}.id"), message));
        }
    }
    Ok(AlertsSection { alerts })
}

impl AlertConfig {
    fn record(&self, key: &str) -> Result<AlertRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        let record = AlertRecord {
            id: value::id(&at("id"), &self.id)?,
            severity: match self.severity {
                Severity::Moderate => AlertSeverity::Moderate,
                Severity::Severe => AlertSeverity::Severe,
                Severity::Extreme => AlertSeverity::Extreme,
            },
            status: if self.exercise {
                AlertStatus::Exercise
            } else {
                AlertStatus::Actual
            },
            sender: value::title(&at("sender"), &self.sender, TITLE)?,
            sent: self.sent.instant(&at("sent"))?,
            onset: self
                .onset
                .map(|onset| onset.instant(&at("onset")))
                .transpose()?,
            expires: self.expires.instant(&at("expires"))?,
            headline: value::title(&at("headline"), &self.headline, HEADLINE)?,
            description: value::text(&at("description"), &self.description, DESCRIPTION)?,
            instructions: self.instructions(&at("instructions"))?,
            url: value::url(&at("url"), self.url.as_deref())?,
        };
        let begins = record.onset.unwrap_or(record.sent).max(record.sent);
        if record.expires <= begins {
            return Err(InvalidValue::at(
                &at("expires"),
                "must come after sent and onset",
            ));
        }
        if record.expires - begins > LONGEST {
            let message = "at most 72 hours after it begins; send it again then";
            return Err(InvalidValue::at(&at("expires"), message));
        }
        the_towns_own(&at("headline"), &record.headline)?;
        the_towns_own(&at("sender"), &record.sender)?;
        Ok(record)
    }

    fn instructions(&self, key: &str) -> Result<BTreeMap<String, Vec<String>>, InvalidValue> {
        for (language, sentences) in &self.instructions {
            let key = format!("{key}.{language}");
            value::at_most(&key, sentences, MAX_INSTRUCTIONS)?;
            let too_long = |sentence: &&String| sentence.chars().count() > INSTRUCTION;
            if let Some(sentence) = sentences.iter().find(too_long) {
                let message = format!("at most {INSTRUCTION} characters each: {sentence:?}");
                return Err(InvalidValue::at(&key, message));
            }
        }
        Ok(self.instructions.clone())
    }
}

fn the_towns_own(key: &str, texts: &Texts) -> Result<(), InvalidValue> {
    let passes_for_another = texts.values().any(|text| {
        let text = text.to_lowercase();
        NOT_THE_TOWN.iter().any(|name| text.contains(name))
    });
    if passes_for_another {
        let message = "a message of the town must not pass for a warning of the weather service";
        return Err(InvalidValue::at(key, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERT: &str = r#"
        [[alerts]]
        id = "voda-1"
        severity = "extreme"
        sender = { cs = "starosta města", de = "Bürgermeister" }
        sent = 2026-11-21T14:30:00
        expires = 2026-11-22T18:00:00
        headline = { cs = "Nepijte vodu z vodovodu v části Tisová" }
        description = "Po prasknutí řadu může být voda závadná."
        instructions.cs = ["Vodu nepijte ani po převaření."]
    "#;

    fn read(text: &str) -> Result<AlertsSection, InformationError> {
        read_alerts(text, Path::new("alerts.toml"))
    }

    #[track_caller]
    fn check_refused(change: (&str, &str), expected: &str) {
        let text = ALERT.replace(change.0, change.1);
        assert_ne!(text, ALERT, "the change changes nothing");
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_message_is_read() {
        let section = read(ALERT).unwrap();
        let alert = &section.alerts[0];
        assert_eq!(alert.severity, AlertSeverity::Extreme);
        assert_eq!(alert.status, AlertStatus::Actual);
        assert_eq!(alert.expires.to_rfc3339(), "2026-11-22T17:00:00+00:00");
        assert_eq!(alert.instructions["cs"].len(), 1);
        assert!(read("").unwrap().alerts.is_empty());
    }

    #[test]
    fn a_message_needs_an_end_that_is_not_far_off() {
        check_refused(("expires =", "# expires ="), "expires");
        check_refused(
            ("11-22T18", "11-21T14"),
            "alerts[0].expires: must come after",
        );
        check_refused(
            ("11-22T18", "11-25T18"),
            "alerts[0].expires: at most 72 hours",
        );
    }

    #[test]
    fn a_message_does_not_pass_for_a_weather_warning() {
        check_refused(
            ("Nepijte vodu", "Výstraha ČHMÚ: vodu"),
            "alerts[0].headline",
        );
        check_refused(
            ("starosta města", "Český hydrometeorologický ústav"),
            "alerts[0].sender",
        );
    }

    #[test]
    fn a_headline_fits_two_metres() {
        check_refused(
            (
                "Nepijte vodu",
                "Nepijte a nepoužívejte k vaření ani k mytí vodu",
            ),
            "alerts[0].headline: cs: at most 60",
        );
    }
}
