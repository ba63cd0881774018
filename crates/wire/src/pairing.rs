//! The short code that identifies a new display to a person.
//!
//! It is read off the screen and typed at central, so it is short, has no letters that are easily confused,
//! and no vowels, so that it never spells a word. It follows from the display's public key alone: the same after every
//! restart, known to whoever knows the key. It identifies the display; it is no secret and proves nothing.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::keys::PublicKey;

/// What is hashed before the key.
const PREFIX: &[u8] = b"vyveska-pairing-v1\n";

/// Sixteen letters, four bits each.
const LETTERS: [char; 16] = [
    'B', 'C', 'D', 'F', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'S', 'T', 'X', 'Z',
];

/// Eight letters that name a display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairingCode([u8; 4]);

impl PairingCode {
    /// The code of the display with this key.
    pub fn of(key: &PublicKey) -> Self {
        let hash = Sha256::new()
            .chain_update(PREFIX)
            .chain_update(key.to_bytes())
            .finalize();
        Self([hash[0], hash[1], hash[2], hash[3]])
    }

    /// Reads a code as people write it: with or without the dash, small or large.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = Self([0; 4]);
        let mut count = 0;
        for letter in text
            .chars()
            .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '–'))
        {
            let letter = letter.to_ascii_uppercase();
            let value = LETTERS.iter().position(|known| *known == letter)?;
            let byte = code.0.get_mut(count / 2)?;
            *byte = (*byte << 4) | u8::try_from(value).ok()?;
            count += 1;
        }
        (count == 8).then_some(code)
    }
}

/// Two groups of four letters.
impl fmt::Display for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.into_iter().enumerate() {
            if index == 2 {
                f.write_str("-")?;
            }
            let [high, low] = [byte >> 4, byte & 15].map(|bits| LETTERS[usize::from(bits)]);
            write!(f, "{high}{low}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keys::KeyPair;

    #[test]
    fn a_key_has_one_code() {
        let code = |seed| PairingCode::of(&KeyPair::from_seed(&[seed; 32]).public());
        assert_eq!(code(7).to_string(), code(7).to_string());
        assert_ne!(code(7), code(8));
        assert_eq!(code(7).to_string().len(), 9);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in ["", "BCDF", "BCDF-HJKLM", "BCDF-HJKA", "BCDF-HJK1", "žluť"] {
            assert_eq!(PairingCode::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_read_as_it_was_written(bytes: [u8; 4]) {
            let code = PairingCode(bytes);
            prop_assert_eq!(PairingCode::parse(&code.to_string()), Some(code));
            let by_hand = code.to_string().to_lowercase().replace('-', " ");
            prop_assert_eq!(PairingCode::parse(&by_hand), Some(code));
        }
    }
}
