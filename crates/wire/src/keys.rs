//! Key pairs, their files, and the identifiers made from them.
//!
//! Both sides hold an Ed25519 pair.
//! Files are PEM (PKCS #8 for the private key, SPKI for the public one), which ordinary tools read.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("not an Ed25519 private key in PEM (PKCS #8)")]
    Private(#[source] ed25519_dalek::pkcs8::Error),
    #[error("not an Ed25519 public key in PEM (SPKI)")]
    Public(#[source] ed25519_dalek::pkcs8::spki::Error),
    #[error("not the 32 bytes of an Ed25519 public key")]
    PublicBytes,
}

/// A private key and its public half.
#[derive(Clone)]
pub struct KeyPair(SigningKey);

impl KeyPair {
    /// Makes a pair from 32 bytes of a cryptographic random source.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a pair from PEM.
    ///
    /// # Errors
    ///
    /// When the text is not an Ed25519 key in PKCS #8.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_pem(text)
            .map(Self)
            .map_err(KeyError::Private)
    }

    /// Writes the pair as PEM. The text is secret.
    pub fn to_pem(&self) -> String {
        self.0
            .to_pkcs8_pem(LineEnding::LF)
            .expect("an Ed25519 key always encodes")
            .to_string()
    }

    /// The private key in PKCS #8 DER, for libraries that want it so.
    pub(crate) fn to_der(&self) -> Vec<u8> {
        self.0
            .to_pkcs8_der()
            .expect("an Ed25519 key always encodes")
            .as_bytes()
            .to_vec()
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

/// Never shows the private half.
impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.public().id())
    }
}

/// The public half of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a public key from PEM.
    ///
    /// # Errors
    ///
    /// When the text is not an Ed25519 key in SPKI.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        VerifyingKey::from_public_key_pem(text)
            .map(Self)
            .map_err(KeyError::Public)
    }

    pub fn to_pem(&self) -> String {
        self.0
            .to_public_key_pem(LineEnding::LF)
            .expect("an Ed25519 key always encodes")
    }

    /// Takes the 32 bytes of a key.
    ///
    /// # Errors
    ///
    /// When they are not a point of the curve.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        VerifyingKey::from_bytes(bytes)
            .map(Self)
            .map_err(|_| KeyError::PublicBytes)
    }

    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The identifier made from the key: the first 16 bytes of its SHA-256, in hexadecimal.
    pub fn id(&self) -> KeyId {
        KeyId(hex::encode(&Sha256::digest(self.0.as_bytes())[..16]))
    }

    /// Whether `signature` was made over `bytes` by this key's private half.
    pub(crate) fn verifies(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(bytes, &signature).is_ok()
    }
}

/// The identifier of a key, made from it: it cannot be claimed without the key.
///
/// A display's identifier is the identifier of its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// Thirty-two hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identifier of a display: that of its key.
pub type DisplayId = KeyId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_files() {
        let pair = KeyPair::from_seed(&[7; 32]);
        let again = KeyPair::from_pem(&pair.to_pem()).unwrap();
        assert_eq!(again.public(), pair.public());
        let public = PublicKey::from_pem(&pair.public().to_pem()).unwrap();
        assert_eq!(public, pair.public());
        assert_eq!(public.id().as_str().len(), 32);
    }

    #[test]
    fn a_private_key_is_not_taken_for_a_public_one() {
        let pair = KeyPair::from_seed(&[7; 32]);
        assert!(PublicKey::from_pem(&pair.to_pem()).is_err());
        assert!(KeyPair::from_pem("-----BEGIN NONSENSE-----").is_err());
    }
}
