//! Failures as a technician reads them.
//!
//! The kind of a failure is a [`TroubleKind`], which the interface states in the language of the user, together with
//! what can be done about it. The system's own words, mostly English, only follow and are marked as such:
//! a technician can look them up.

use std::fmt;

/// The most letters shown of the system's own words.
const MAX_WORDS_LETTERS: usize = 300;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    kind: TroubleKind,
    words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TroubleKind {
    /// A tool of the system is missing.
    ToolMissing,
    /// The system took too long.
    TooSlow,
    /// The kiosk lacks a permission.
    NotPermitted,
    Refused,
    /// The system's reply was not understood.
    Strange,
    /// A file cannot be read or written.
    File,
    /// The kiosk is shutting down.
    Ending,
    /// The brightness of this panel cannot be set.
    NoBacklight,
    /// No network connection can be set up.
    NoConnection,
    /// The connection has a set-up that the form cannot express, and so could not restore.
    Elaborate,
    /// No certificate was found on a connected disk.
    NoCertificate,
    /// More than one certificate was found.
    SeveralCertificates,
    /// The file found is not a certificate.
    NotACertificate,
    /// The certificate is damaged or truncated.
    CertificateDamaged,
    /// The certificate is larger than the limit.
    CertificateTooLarge,
    /// No connection can be made with the certificate.
    CertificateUnusable,
    /// No connection can be made through the proxy.
    ProxyUnusable,
    /// It could not be stored on disk, and so was not started.
    NotKept,
    /// The name of central cannot be resolved.
    CentralUnknown,
    /// No connection to central.
    CentralUnconnected,
    /// Central's certificate is not trusted.
    CentralUntrusted,
    /// Central does not reply in time.
    CentralSlow,
    CentralBroke,
    /// Central replies with an error.
    CentralRefuses,
    /// Central's address is not encrypted, which is not allowed.
    CentralPlainHttp,
    /// The reply is not central's.
    NotCentral,
}

impl TroubleKind {
    pub const ALL: [Self; 26] = [
        Self::ToolMissing,
        Self::TooSlow,
        Self::NotPermitted,
        Self::Refused,
        Self::Strange,
        Self::File,
        Self::Ending,
        Self::NoBacklight,
        Self::NoConnection,
        Self::Elaborate,
        Self::NoCertificate,
        Self::SeveralCertificates,
        Self::NotACertificate,
        Self::CertificateDamaged,
        Self::CertificateTooLarge,
        Self::CertificateUnusable,
        Self::ProxyUnusable,
        Self::NotKept,
        Self::CentralUnknown,
        Self::CentralUnconnected,
        Self::CentralUntrusted,
        Self::CentralSlow,
        Self::CentralBroke,
        Self::CentralRefuses,
        Self::CentralPlainHttp,
        Self::NotCentral,
    ];
}

impl Trouble {
    /// A failure of this kind, with the system's own words.
    pub fn new(kind: TroubleKind, words: &str) -> Self {
        let words: Vec<&str> = words.split_whitespace().collect();
        Self {
            kind,
            words: words.join(" ").chars().take(MAX_WORDS_LETTERS).collect(),
        }
    }

    pub fn kind(&self) -> TroubleKind {
        self.kind
    }

    /// The system's own words, on one line; may be empty.
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl From<TroubleKind> for Trouble {
    fn from(kind: TroubleKind) -> Self {
        Self::new(kind, "")
    }
}

/// For the log.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)?;
        if !self.words.is_empty() {
            write!(f, " ({})", self.words)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_words_are_short_and_on_one_line() {
        let long = format!("Error:\n\tno {}", "x".repeat(1000));
        let trouble = Trouble::new(TroubleKind::Refused, &long);
        assert!(trouble.words().starts_with("Error: no x"));
        assert_eq!(trouble.words().chars().count(), MAX_WORDS_LETTERS);
        assert_eq!(Trouble::from(TroubleKind::File).to_string(), "File");
    }
}
