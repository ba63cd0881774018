//! How a new display is let in without anybody standing before it: an enrolment file and what it sends of it.
//!
//! The file carries central's address and public key beside a token, so that the display believes nobody but the central
//! service that the file is of, from its first request on. The token is a secret until it is spent: whoever has it can
//! have a display let in. Central stores its hash alone.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::keys::PublicKey;

/// The path of the request, after that of the display interface.
pub const ENROLMENT: &str = "enrolment";

/// The longest enrolment file, in bytes.
pub const MAX_FILE_BYTES: u64 = 8 * 1024;

/// The longest request, in bytes.
pub const MAX_REQUEST_BYTES: usize = 512;

/// How many displays one token may let in at most.
pub const MAX_DISPLAYS: u32 = 1_000;

/// How many hexadecimal digits a token has.
const DIGITS: usize = 64;

/// The secret that has displays let in. [`fmt::Debug`] does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnrolmentToken(String);

impl EnrolmentToken {
    /// Takes 64 hexadecimal digits; `None` of anything else.
    pub fn new(text: String) -> Option<Self> {
        let is_token = text.len() == DIGITS && text.bytes().all(|one| one.is_ascii_hexdigit());
        is_token.then_some(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EnrolmentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentToken")
    }
}

impl TryFrom<String> for EnrolmentToken {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text).ok_or("a token has 64 hexadecimal digits")
    }
}

impl From<EnrolmentToken> for String {
    fn from(token: EnrolmentToken) -> Self {
        token.0
    }
}

/// Why an enrolment file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentFileError {
    #[error("it is longer than {MAX_FILE_BYTES} bytes")]
    TooLong,
    /// What is wrong, without the secret.
    #[error("{0}")]
    Form(String),
    #[error("central: expected an address that begins with https:// or http://")]
    Address,
    #[error("central_key: {0}")]
    Key(#[from] crate::keys::KeyError),
}

/// What a display is started with that is to enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentFile {
    /// The address of central.
    pub central: Url,
    /// The one key that the display believes.
    pub central_key: PublicKey,
    pub token: EnrolmentToken,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    central: Url,
    central_key: String,
    token: EnrolmentToken,
}

impl EnrolmentFile {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// When it is too long, or is no such file; the error does not say the token.
    pub fn from_toml(text: &str) -> Result<Self, EnrolmentFileError> {
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(EnrolmentFileError::TooLong);
        }
        // The whole error of the parser quotes the line, which may be the token's.
        let written: Written = toml::from_str(text)
            .map_err(|error| EnrolmentFileError::Form(error.message().to_owned()))?;
        if !is_address(&written.central) {
            return Err(EnrolmentFileError::Address);
        }
        Ok(Self {
            central: written.central,
            central_key: PublicKey::from_pem(&written.central_key)?,
            token: written.token,
        })
    }

    /// The text of the file, which is a secret.
    ///
    /// # Panics
    ///
    /// Never: three texts can be written.
    pub fn to_toml(&self) -> String {
        let written = Written {
            central: self.central.clone(),
            central_key: self.central_key.to_pem(),
            token: self.token.clone(),
        };
        toml::to_string(&written).expect("three texts can be written")
    }
}

/// Whether displays can ask a central service at this address.
pub fn is_address(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http") && url.has_host()
}

/// The body of `POST enrolment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentRequest {
    pub token: EnrolmentToken,
}

/// Why central does not enrol a display, and what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentRefusal {
    #[error(
        "central does not know this enrolment token: make one there with `vyveska-central enrol`"
    )]
    Unknown,
    #[error(
        "this enrolment token has enrolled as many displays as it may: make another with `vyveska-central enrol`"
    )]
    Spent,
    #[error("this enrolment token has expired: make another with `vyveska-central enrol`")]
    Expired,
    #[error("this enrolment token was revoked: make another with `vyveska-central enrol`")]
    Revoked,
    #[error(
        "the board of this enrolment token is not served: bring it into service, or make a token for another board with `vyveska-central enrol`"
    )]
    NoBoard,
    /// A token moves no display.
    #[error(
        "this display is registered for another board than that of the enrolment token: `vyveska-central provision` moves it to the board that lists it"
    )]
    OtherBoard,
}

impl EnrolmentRefusal {
    pub const ALL: [Self; 6] = [
        Self::Unknown,
        Self::Spent,
        Self::Expired,
        Self::Revoked,
        Self::NoBoard,
        Self::OtherBoard,
    ];

    /// As it stands in `error` of the answer.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "enrolment_unknown",
            Self::Spent => "enrolment_spent",
            Self::Expired => "enrolment_expired",
            Self::Revoked => "enrolment_revoked",
            Self::NoBoard => "enrolment_no_board",
            Self::OtherBoard => "enrolment_other_board",
        }
    }

    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyPair;

    fn file() -> EnrolmentFile {
        EnrolmentFile {
            central: "https://central.example/desky/".parse().unwrap(),
            central_key: KeyPair::from_seed(&[7; 32]).public(),
            token: EnrolmentToken::new("0a".repeat(32)).unwrap(),
        }
    }

    #[track_caller]
    fn check_refused(from: &str, to: &str, expected: &str) {
        let text = file().to_toml();
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from} is not there");
        let error = EnrolmentFile::from_toml(&changed).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("0a0a"), "{error}");
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let text = format!("# For the town hall.\n{}", file().to_toml());
        assert!(text.len() as u64 <= MAX_FILE_BYTES);
        assert_eq!(EnrolmentFile::from_toml(&text).unwrap(), file());
    }

    #[test]
    fn what_is_no_enrolment_file_is_refused_without_telling_the_token() {
        check_refused("https://", "ftp://", "https://");
        check_refused("https://", "data:", "https://");
        check_refused("https://central.example/desky/", "central", "URL");
        check_refused("BEGIN PUBLIC KEY", "BEGIN PRIVATE KEY", "central_key");
        check_refused("0a0a\"", "0a0\"", "64 hexadecimal digits");
        check_refused("0a0a\"", "0a0x\"", "64 hexadecimal digits");
        check_refused("token", "tokens", "tokens");
        check_refused("0a\"", "0a", "string");
        let long = format!(
            "{}#{}",
            file().to_toml(),
            " ".repeat(MAX_FILE_BYTES as usize)
        );
        let error = EnrolmentFile::from_toml(&long).unwrap_err();
        assert!(matches!(error, EnrolmentFileError::TooLong), "{error}");
    }

    #[test]
    fn a_token_is_not_shown_by_chance() {
        assert!(!format!("{:?}", file()).contains("0a0a"));
    }

    #[test]
    fn a_request_fits_its_bound() {
        let request = EnrolmentRequest {
            token: file().token,
        };
        let bytes = serde_json::to_vec(&request).unwrap();
        assert!(bytes.len() <= MAX_REQUEST_BYTES);
        let read: EnrolmentRequest = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read, request);
        for wrong in [r#"{"token":"0a"}"#, r#"{"token":7}"#, "{}", ""] {
            let read: Result<EnrolmentRequest, _> = serde_json::from_str(wrong);
            assert!(read.is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_is_known_by_its_code_and_names_what_helps() {
        for refusal in EnrolmentRefusal::ALL {
            assert_eq!(EnrolmentRefusal::of_code(refusal.code()), Some(refusal));
            assert!(
                refusal.to_string().contains("`vyveska-central "),
                "{refusal}"
            );
        }
        assert_eq!(EnrolmentRefusal::of_code("unknown_display"), None);
    }
}
