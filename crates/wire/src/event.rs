//! The event stream: server-sent events that announce news.
//!
//! An event may be lost or come twice: without events everything works, slower. It has no authority of its own. The
//! manifest in it has that of central's signature, and counts by its number; the alerts count by the hash in it.

use serde::{Deserialize, Serialize};

use crate::envelope::Envelope;
use crate::limits::MAX_EVENT_BYTES;

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
}

impl ManifestAnnounced {
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
            assert_eq!((read.manifest, read.alerts), (whole.manifest.clone(), None));
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
}
