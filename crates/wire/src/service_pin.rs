//! The hashed PIN of the service screen.
//!
//! It comes with a display's assignment as an argon2id hash in the usual text form (PHC), so that a stolen
//! display does not reveal the PIN at once. Four to eight digits cannot withstand long guessing on another
//! computer all the same: the PIN keeps passers-by out of the service screen and guards nothing else.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// How many digits a PIN has.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// The longest hash that is accepted. Usual ones have about a hundred letters.
const MAX_HASH_LENGTH: usize = 256;

/// What verifying may cost at most: the memory in KiB and the passes.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
const MAX_PASSES: u32 = 8;

/// Why a PIN or its hash is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServicePinError {
    #[error("a service PIN has four to eight digits")]
    NotAPin,
    /// Not a hash of ours.
    #[error("not an argon2id hash; `vyveska-central hash-pin` makes one")]
    NotAHash,
    /// Verifying it would cost too much on a small device.
    #[error("the hash asks for more memory or passes than a display gives (64 MiB, 8 passes)")]
    TooCostly,
    #[error("the PIN cannot be hashed: {0}")]
    Hashing(String),
}

/// The argon2id hash of a service PIN.
#[derive(Clone, PartialEq, Eq)]
pub struct ServicePinHash(String);

impl ServicePinHash {
    /// Hashes a PIN with sixteen bytes of salt from a cryptographic random source.
    ///
    /// # Errors
    ///
    /// When it is not a PIN.
    pub fn of(pin: &str, salt: &[u8; 16]) -> Result<Self, ServicePinError> {
        if !PIN_DIGITS.contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(ServicePinError::NotAPin);
        }
        let hashing =
            |error: argon2::password_hash::Error| ServicePinError::Hashing(error.to_string());
        let salt = SaltString::encode_b64(salt).map_err(hashing)?;
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
            .hash_password(pin.as_bytes(), &salt)
            .map_err(hashing)?;
        Ok(Self(hash.to_string()))
    }

    /// Takes a hash that was made before.
    ///
    /// # Errors
    ///
    /// When it is not one, or would cost too much to verify.
    pub fn parse(text: &str) -> Result<Self, ServicePinError> {
        let text = text.trim();
        if text.len() > MAX_HASH_LENGTH {
            return Err(ServicePinError::NotAHash);
        }
        let hash = PasswordHash::new(text).map_err(|_| ServicePinError::NotAHash)?;
        if hash.algorithm.as_str() != "argon2id" || hash.hash.is_none() {
            return Err(ServicePinError::NotAHash);
        }
        let params = Params::try_from(&hash).map_err(|_| ServicePinError::NotAHash)?;
        if params.m_cost() > MAX_MEMORY_KIB || params.t_cost() > MAX_PASSES || params.p_cost() > 4 {
            return Err(ServicePinError::TooCostly);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether this is the PIN. Takes tens of milliseconds and tens of megabytes, by design.
    pub fn matches(&self, pin: &str) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(pin.as_bytes(), &hash)
                .is_ok()
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Keeps the hash out of logs.
impl std::fmt::Debug for ServicePinHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServicePinHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_matches_its_hash_and_no_other_does() {
        let hash = ServicePinHash::of("482915", &[7; 16]).unwrap();
        let again = ServicePinHash::parse(hash.as_str()).unwrap();
        assert_eq!(again, hash);
        assert!(again.matches("482915"));
        for wrong in ["482916", "4829150", "48291", ""] {
            assert!(!again.matches(wrong), "{wrong}");
        }
        assert_ne!(hash, ServicePinHash::of("482915", &[8; 16]).unwrap());
    }

    #[test]
    fn a_pin_has_four_to_eight_digits() {
        for pin in ["", "123", "123456789", "12a4", "١٢٣٤"] {
            assert_eq!(
                ServicePinHash::of(pin, &[7; 16]),
                Err(ServicePinError::NotAPin),
                "{pin}"
            );
        }
    }

    #[test]
    fn strange_hashes_are_refused() {
        let hash = ServicePinHash::of("4829", &[7; 16]).unwrap();
        let check = |text: &str, expected| {
            assert_eq!(ServicePinHash::parse(text), Err(expected), "{text}");
        };
        check("", ServicePinError::NotAHash);
        check("4829", ServicePinError::NotAHash);
        check(&"x".repeat(1000), ServicePinError::NotAHash);
        check(
            &hash.as_str().replace("argon2id", "argon2i"),
            ServicePinError::NotAHash,
        );
        check(
            &hash.as_str().replace("m=19456", "m=2000000"),
            ServicePinError::TooCostly,
        );
        check(
            &hash.as_str().replace("t=2", "t=4000"),
            ServicePinError::TooCostly,
        );
    }
}
