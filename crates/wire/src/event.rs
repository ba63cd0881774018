//! The event stream: server-sent events that announce news.
//!
//! An event may be lost or come twice: without events everything works, slower. It has no authority of its own. The
//! manifest in it has that of central's signature, and counts by its number; the alerts count by the hash in it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::envelope::Envelope;
use crate::limits::{MAX_EVENT_BYTES, MAX_JITTER_MS};

/// The name of the event that announces a manifest.
pub const MANIFEST_EVENT: &str = "manifest";

/// What an event has beside its data: names of fields and ends of lines.
const FRAME_BYTES: usize = 64;

/// The data of a [`MANIFEST_EVENT`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestAnnounced {
    /// The number of the newest manifest.
    pub number: u64,
    /// That manifest, signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Envelope>,
    /// The exact text of the alerts section that it names; where those changed, so that an alert waits for no request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<String>,
    /// Over which time displays spread their requests, in milliseconds: each waits a random part of it before it fetches
    /// anything. None where the alerts changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub jitter_ms: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl ManifestAnnounced {
    /// The jitter, at most [`MAX_JITTER_MS`], whatever the event says.
    pub fn jitter(&self) -> Duration {
        Duration::from_millis(self.jitter_ms.min(MAX_JITTER_MS))
    }

    /// The data as they travel. What has no room in an event is left out, and displays fetch it.
    ///
    /// # Panics
    ///
    /// Never: it always serialises.
    pub fn into_data(mut self) -> String {
        loop {
            let data = serde_json::to_string(&self).expect("an event serialises");
            let has_room = data.len() + FRAME_BYTES <= MAX_EVENT_BYTES;
            if has_room || (self.alerts.take().is_none() && self.manifest.take().is_none()) {
                return data;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyPair;
    use crate::now::Now;

    fn announced(alerts: usize) -> ManifestAnnounced {
        let signed = Now {
            nonce: "a manifest".to_owned(),
            instant: chrono::DateTime::UNIX_EPOCH,
            manifest_number: 7,
            assignment_number: 0,
            display: None,
        };
        ManifestAnnounced {
            number: 7,
            manifest: Some(Envelope::seal(&signed, &KeyPair::from_seed(&[1; 32]))),
            alerts: Some("\"".repeat(alerts)),
            jitter_ms: 3,
        }
    }

    #[test]
    fn alerts_without_room_are_left_to_be_fetched() {
        let whole = announced(10);
        let read: ManifestAnnounced = serde_json::from_str(&whole.clone().into_data()).unwrap();
        assert_eq!(read, whole);
        // Each letter is escaped.
        for letters in [MAX_EVENT_BYTES / 2, MAX_EVENT_BYTES] {
            let data = announced(letters).into_data();
            assert!(data.len() < MAX_EVENT_BYTES);
            let read: ManifestAnnounced = serde_json::from_str(&data).unwrap();
            assert_eq!(
                (read.jitter(), read.alerts.as_ref()),
                (whole.jitter(), None)
            );
            assert_eq!(read.manifest, whole.manifest);
        }
    }

    #[test]
    fn a_number_alone_is_an_event_of_an_older_central_service() {
        let read: ManifestAnnounced = serde_json::from_str(r#"{"number":7}"#).unwrap();
        let expected = ManifestAnnounced {
            number: 7,
            ..ManifestAnnounced::default()
        };
        assert_eq!(read, expected);
        assert_eq!(expected.into_data(), r#"{"number":7}"#);
    }

    #[test]
    fn no_event_keeps_a_display_waiting_for_long() {
        let read: ManifestAnnounced =
            serde_json::from_str(r#"{"number":7,"jitter_ms":18446744073709551615}"#).unwrap();
        assert_eq!(read.jitter(), Duration::from_millis(MAX_JITTER_MS));
    }
}
