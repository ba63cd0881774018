//! The alarm of displays that reported once and do not any more.
//!
//! One display is one alarm, which closes by itself when it reports. More than a handful of a town at once are one alarm
//! of the town, which lists them: somewhere the power or the network is gone. None is raised before this process has
//! been listening for as long as displays have time to report in.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{SILENT_AFTER, StatusInbox};
use crate::alarm;
use crate::storage::{AlarmSubject, ServiceStorage, SilentDisplay, StorageError};

/// The kind of the alarm; its subject is a display, or a town.
pub const SILENT: &str = "silent";

/// So many displays of a town have an alarm each.
const HANDFUL: usize = 3;

/// So many displays are listed.
const LISTED: usize = 100;

/// The first line of the message; the lines after it are displays, each with the instant when it was heard last.
const MESSAGE: &str = "it has not reported for three minutes";

/// Raises the alarms of displays that are silent, and closes those of others.
///
/// # Errors
///
/// When storage fails.
pub(crate) async fn note(
    storage: &dyn ServiceStorage,
    inbox: &StatusInbox,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let silent = storage.silent_displays(now - SILENT_AFTER).await?;
    let mut of_towns: BTreeMap<&str, Vec<&SilentDisplay>> = BTreeMap::new();
    for one in &silent {
        of_towns.entry(&one.town).or_default().push(one);
    }
    let (mut of_displays, mut lists) = (BTreeMap::new(), BTreeMap::new());
    for (town, displays) in of_towns {
        if displays.len() > HANDFUL {
            lists.insert(town, message(&displays));
        } else {
            let each = displays.into_iter();
            of_displays.extend(each.map(|one| (one.display.as_str(), message(&[one]))));
        }
    }
    for open in storage.alarms().await? {
        let subject = open.subject.as_str();
        if open.kind != SILENT {
            continue;
        }
        // A town may have the name of a display: each is closed where it is not raised.
        if !of_displays.contains_key(subject) {
            let subject = AlarmSubject::Display(subject);
            storage.clear_alarm(SILENT, subject, now).await?;
        }
        if !lists.contains_key(subject) {
            let subject = AlarmSubject::Town(subject);
            storage.clear_alarm(SILENT, subject, now).await?;
        }
    }
    if inbox.silent_before(now).is_none() {
        return Ok(());
    }
    for (display, message) in of_displays {
        let subject = AlarmSubject::Display(display);
        alarm::note(storage, SILENT, subject, Some(&message), now).await?;
    }
    for (town, message) in lists {
        let subject = AlarmSubject::Town(town);
        alarm::note(storage, SILENT, subject, Some(&message), now).await?;
    }
    Ok(())
}

fn message(displays: &[&SilentDisplay]) -> String {
    let mut message = MESSAGE.to_owned();
    for one in displays.iter().take(LISTED) {
        let heard = one.heard_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        message += &format!("\n{} {heard}", one.display);
    }
    if displays.len() > LISTED {
        message += &format!("\n… and {} more", displays.len() - LISTED);
    }
    message
}
