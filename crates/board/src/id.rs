//! Identifiers, hashes and official numbers.
//!
//! Each is a newtype, so that a reference number cannot be passed as an identifier.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

macro_rules! text_newtype {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Stores the text unchanged; readers trim and check it first.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_newtype! {
    /// The central service's own identifier of a notice: stable over revisions, moves of the source and changes of its IRI.
    NoticeId
}
text_newtype! {
    /// The publisher's identifier of a notice. It is a name, not an address, and never fetched.
    NoticeIri
}
text_newtype! {
    /// The publisher's identifier of a board.
    BoardIri
}
text_newtype! {
    /// *Číslo jednací*: the number under which an office filed one document.
    ReferenceNumber
}
text_newtype! {
    /// *Spisová značka*: the number of the whole file the document belongs to.
    FileNumber
}

/// SHA-256 of a document's exact bytes, by which it is kept, fetched and verified.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentHash([u8; 32]);

impl DocumentHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Takes a digest computed elsewhere, for instance while streaming.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Sixty-four lower-case hexadecimal digits.
impl fmt::Display for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentHash({self})")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in 64 lower-case hexadecimal digits: {0:?}")]
pub struct ParseHashError(String);

impl FromStr for DocumentHash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseHashError(text.chars().take(80).collect());
        if text.len() != 64 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(wrong());
        }
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map_err(|_| wrong())?;
        Ok(Self(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_as_it_was_written() {
        let hash = DocumentHash::of(b"abc");
        assert_eq!(
            hash.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(hash.to_string().parse(), Ok(hash));
    }

    #[test]
    fn a_hash_has_one_spelling_only() {
        let text = DocumentHash::of(b"abc").to_string();
        assert!(text.to_uppercase().parse::<DocumentHash>().is_err());
        assert!(text[1..].parse::<DocumentHash>().is_err());
        assert!("../../etc/passwd".parse::<DocumentHash>().is_err());
    }
}
