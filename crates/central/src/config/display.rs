//! What is a display's own.

use serde::{Deserialize, Serialize};
use vyveska_wire::keys::DisplayId;
use vyveska_wire::service_pin::ServicePinHash;

use super::check::wrong;
use super::{ConfigError, TextConfig};

/// One `[[boards.displays]]`: what this display does not share with the others of its board.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DisplayConfig {
    /// The display's identifier, 32 hexadecimal digits; the log names it when the display registers.
    pub id: DisplayId,
    /// Which part of the board it is and where the others are; what the board says when missing.
    pub part: Option<TextConfig>,
    /// The hash of its service screen's PIN; that of the board when missing.
    pub service_pin_hash: Option<String>,
}

impl DisplayConfig {
    pub(super) fn check(&self, key: &str) -> Result<(), ConfigError> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let id = self.id.as_str();
        if id.len() != 32 || !id.bytes().all(is_digit) {
            let message = "must be the 32 hexadecimal digits of a display's identifier";
            return wrong(&format!("{key}.id"), message);
        }
        check_pin(key, self.service_pin_hash.as_deref())
    }
}

/// Checks the hash of a PIN, of a display or of a board.
pub(super) fn check_pin(key: &str, hash: Option<&str>) -> Result<(), ConfigError> {
    match hash.map(ServicePinHash::parse) {
        Some(Err(error)) => wrong(&format!("{key}.service_pin_hash"), &error.to_string()),
        _ => Ok(()),
    }
}
