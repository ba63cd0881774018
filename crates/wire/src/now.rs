//! The time, signed.
//!
//! A device whose clock is lost asks for this first.
//! The nonce prevents replay of an old answer; the signature decides, not the certificate's dates.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::envelope::Message;
use crate::keys::DisplayId;

/// The longest nonce a display may send, in characters.
pub const MAX_NONCE_LENGTH: usize = 64;

/// Central's answer to `GET now?nonce=`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// The nonce that was asked with.
    pub nonce: String,
    pub instant: DateTime<Utc>,
    /// The number of the newest manifest of the display's board; 0 when there is none.
    pub manifest_number: u64,
    /// The number of the display's assignment; 0 when there is none, as in replies of older central services.
    #[serde(default)]
    pub assignment_number: u64,
    /// The display that asked. Missing in replies of older central services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<DisplayId>,
}

impl Message for Now {
    const TYPE: &'static str = "vyveska-now-v1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_an_older_central_service_names_no_assignment() {
        let json = r#"{"nonce":"n","instant":"2026-11-21T13:32:00Z","manifest_number":7}"#;
        let now: Now = serde_json::from_str(json).unwrap();
        assert_eq!((now.assignment_number, now.display), (0, None));
    }
}
