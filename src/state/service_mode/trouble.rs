//! Why something did not come about, as a technician reads it.
//!
//! What went wrong and what can be done about it is a [`TroubleKind`], which the interface says in the language of
//! whoever reads it. The words of the system itself, mostly English, only follow, and are marked as such: a technician
//! can look them up.

use std::fmt;

/// The most that is told of the system's own words.
const MAX_WORDS_LETTERS: usize = 300;

/// Why something did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    kind: TroubleKind,
    words: String,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TroubleKind {
    /// A tool of the system is not there.
    ToolMissing,
    /// The system took too long.
    TooSlow,
    /// The kiosk lacks a right.
    NotPermitted,
    /// The system said no.
    Refused,
    /// The system said something that is not understood.
    Strange,
    /// A file cannot be read or written.
    File,
    /// The kiosk ends.
    Ending,
    /// The device cannot set the brightness of this panel.
    NoBacklight,
    /// There is no network connection that could be set up.
    NoConnection,
    /// The connection is set up in a way that the screen cannot write, and so could not bring back.
    Elaborate,
    /// No certificate was found on a connected disk.
    NoCertificate,
    /// More than one was.
    SeveralCertificates,
    /// The one that was is none.
    NotACertificate,
    /// It is damaged or cut off.
    CertificateDamaged,
    /// It is larger than is ever kept.
    CertificateTooLarge,
    /// No connection can be made with it.
    CertificateUnusable,
    /// No connection can be made through the proxy.
    ProxyUnusable,
    /// It could not be put on disk, and so was not begun.
    NotKept,
    /// Nobody knows the name of central.
    CentralUnknown,
    /// No connection with central comes about.
    CentralUnconnected,
    /// Its certificate is not trusted.
    CentralUntrusted,
    /// It does not answer in time.
    CentralSlow,
    /// The connection broke.
    CentralBroke,
    /// It answers with an error.
    CentralRefuses,
    /// What answers is not central.
    NotCentral,
}

impl TroubleKind {
    /// All of them.
    pub const ALL: [Self; 25] = [
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
        Self::NotCentral,
    ];
}

impl Trouble {
    /// This went wrong, of which the system says this.
    pub fn told(kind: TroubleKind, words: &str) -> Self {
        let words: Vec<&str> = words.split_whitespace().collect();
        Self {
            kind,
            words: words.join(" ").chars().take(MAX_WORDS_LETTERS).collect(),
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> TroubleKind {
        self.kind
    }

    /// The system's own words about it, on one line; empty when it says nothing.
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl From<TroubleKind> for Trouble {
    fn from(kind: TroubleKind) -> Self {
        Self::told(kind, "")
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
        let trouble = Trouble::told(TroubleKind::Refused, &long);
        assert!(trouble.words().starts_with("Error: no x"));
        assert_eq!(trouble.words().chars().count(), MAX_WORDS_LETTERS);
        assert_eq!(Trouble::from(TroubleKind::File).to_string(), "File");
    }
}
