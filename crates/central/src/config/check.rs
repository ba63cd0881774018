//! Checks of single values; every error names the key.

use vyveska_board::settings::OutOfBounds;

use super::ConfigError;

/// Whether a text is a valid identifier: lower-case letters, digits and hyphens.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
}

pub(super) fn wrong<T>(key: &str, message: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Value {
        key: key.to_owned(),
        message: message.to_owned(),
    })
}

/// Checks a setting whose bounds [`vyveska_board::settings`] has.
pub(super) fn check<T: TryFrom<u32, Error = OutOfBounds>>(
    key: &str,
    value: u32,
) -> Result<(), ConfigError> {
    match T::try_from(value) {
        Ok(_) => Ok(()),
        Err(error) => wrong(key, &error.to_string()),
    }
}

pub(super) fn within(key: &str, value: u64, from: u64, to: u64) -> Result<(), ConfigError> {
    if (from..=to).contains(&value) {
        Ok(())
    } else {
        wrong(key, &format!("must be {from} to {to}, is {value}"))
    }
}
