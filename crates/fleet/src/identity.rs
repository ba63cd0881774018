//! Keys that follow from the fleet's seed and the index of the display.

use sha2::{Digest as _, Sha256};
use vyveska_wire::keys::KeyPair;

const PREFIX: &[u8] = b"vyveska-fleet-v1\n";

/// The secret that a display's key is made from.
pub(crate) fn secret_of(seed: u64, index: u32) -> [u8; 32] {
    Sha256::new()
        .chain_update(PREFIX)
        .chain_update(seed.to_be_bytes())
        .chain_update(index.to_be_bytes())
        .finalize()
        .into()
}

/// The key of the display with this index, in a fleet with this seed.
pub fn key_of(seed: u64, index: u32) -> KeyPair {
    KeyPair::from_seed(&secret_of(seed, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_is_the_same_at_each_run_and_no_two_displays_share_a_key() {
        let id = |seed, index| key_of(seed, index).public().id();
        assert_eq!(id(1, 7), id(1, 7));
        assert_ne!(id(1, 7), id(1, 8));
        assert_ne!(id(1, 7), id(2, 7));
    }
}
