//! The signed envelope.
//!
//! One form for everything central says with authority: an Ed25519 signature over a type prefix
//! (`vyveska-manifest-v1` and a line feed) followed by the payload's exact bytes.
//! The prefix keeps a signature made for one purpose from being used for another;
//! the exact bytes keep both sides from having to agree on a canonical JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::keys::{KeyId, KeyPair, PublicKey};

/// A payload with its own envelope type.
pub trait Message: Serialize + DeserializeOwned {
    /// The type prefix, without the line feed.
    const TYPE: &'static str;
}

/// A payload with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The type prefix of the payload.
    #[serde(rename = "type")]
    pub message_type: String,
    /// Which key signed.
    pub key: KeyId,
    /// The payload's exact bytes in Base64.
    payload: String,
    /// The signature's 64 bytes in Base64.
    signature: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes are not an envelope.
    #[error("not a signed envelope: {0}")]
    Malformed(String),
    /// It holds another type than expected.
    #[error("expected a message of type {expected}, got {found:?}")]
    WrongType {
        expected: &'static str,
        /// What the envelope says it holds.
        found: String,
    },
    /// It was not signed by the expected key.
    #[error("the signature of the {0} does not verify")]
    BadSignature(&'static str),
    /// Signed, but the payload cannot be read.
    #[error("the signed {message_type} cannot be read: {reason}")]
    Payload {
        message_type: &'static str,
        reason: String,
    },
}

impl Envelope {
    /// Signs a message.
    ///
    /// # Panics
    ///
    /// Never for the messages of this crate: all of them serialise.
    pub fn seal<M: Message>(message: &M, key: &KeyPair) -> Self {
        let payload = serde_json::to_vec(message).expect("messages of this crate serialise");
        let signature = key.sign(&signed_bytes(M::TYPE, &payload));
        Self {
            message_type: M::TYPE.to_owned(),
            key: key.public().id(),
            payload: STANDARD.encode(payload),
            signature: STANDARD.encode(signature),
        }
    }

    /// Verifies the signature and reads the message.
    ///
    /// # Errors
    ///
    /// When the type is another, the signature does not verify, or the payload cannot be read.
    pub fn open<M: Message>(&self, key: &PublicKey) -> Result<M, EnvelopeError> {
        if self.message_type != M::TYPE {
            return Err(EnvelopeError::WrongType {
                expected: M::TYPE,
                found: self.message_type.chars().take(60).collect(),
            });
        }
        let malformed = |what: &str| EnvelopeError::Malformed(what.to_owned());
        let payload = STANDARD
            .decode(&self.payload)
            .map_err(|_| malformed("its payload is not Base64"))?;
        let signature: [u8; 64] = STANDARD
            .decode(&self.signature)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| malformed("its signature is not 64 bytes in Base64"))?;
        if !key.verifies(&signed_bytes(M::TYPE, &payload), &signature) {
            return Err(EnvelopeError::BadSignature(M::TYPE));
        }
        serde_json::from_slice(&payload).map_err(|error| EnvelopeError::Payload {
            message_type: M::TYPE,
            reason: error.to_string(),
        })
    }

    /// The bytes as they travel and are stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an envelope serialises")
    }

    /// Parses an envelope without verifying it.
    ///
    /// # Errors
    ///
    /// When the bytes are not an envelope.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        serde_json::from_slice(bytes).map_err(|error| EnvelopeError::Malformed(error.to_string()))
    }
}

fn signed_bytes(message_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message_type.len() + 1 + payload.len());
    bytes.extend_from_slice(message_type.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Greeting(String);

    impl Message for Greeting {
        const TYPE: &'static str = "test-greeting-v1";
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Farewell(String);

    impl Message for Farewell {
        const TYPE: &'static str = "test-farewell-v1";
    }

    fn key(seed: u8) -> KeyPair {
        KeyPair::from_seed(&[seed; 32])
    }

    #[test]
    fn what_was_sealed_opens() {
        let envelope = Envelope::seal(&Greeting("ahoj".into()), &key(1));
        let bytes = envelope.to_bytes();
        let opened = Envelope::from_bytes(&bytes).unwrap().open(&key(1).public());
        assert_eq!(opened, Ok(Greeting("ahoj".into())));
    }

    #[test]
    fn another_key_a_changed_payload_and_another_type_are_refused() {
        let envelope = Envelope::seal(&Greeting("ahoj".into()), &key(1));
        let refused = Err(EnvelopeError::BadSignature(Greeting::TYPE));
        assert_eq!(envelope.open::<Greeting>(&key(2).public()), refused);

        let mut changed = envelope.clone();
        changed.payload = STANDARD.encode("\"nazdar\"");
        assert_eq!(changed.open::<Greeting>(&key(1).public()), refused);

        let mut renamed = envelope.clone();
        renamed.message_type = Farewell::TYPE.to_owned();
        assert_eq!(
            renamed.open::<Farewell>(&key(1).public()),
            Err(EnvelopeError::BadSignature(Farewell::TYPE))
        );
        assert!(matches!(
            envelope.open::<Farewell>(&key(1).public()),
            Err(EnvelopeError::WrongType { .. })
        ));
    }

    #[test]
    fn rubbish_is_refused_in_words() {
        assert!(Envelope::from_bytes(b"<html>").is_err());
        let mut envelope = Envelope::seal(&Greeting(String::new()), &key(1));
        envelope.signature = "AAAA".into();
        let error = envelope.open::<Greeting>(&key(1).public()).unwrap_err();
        assert!(error.to_string().contains("signature"), "{error}");
    }
}
