//! Secrets that open something for whoever has them: a session, a sign-in, an invitation.

use vyveska_board::DocumentHash;

use crate::entropy::Entropy;

/// How many random bytes a token has.
const BYTES: usize = 32;

/// Makes a token: hexadecimal digits.
pub fn new_token(entropy: &dyn Entropy) -> String {
    entropy.hex(BYTES)
}

/// What is stored of a token; `None` of a text that never was one.
pub fn hash(token: &str) -> Option<DocumentHash> {
    let is_token = token.len() == 2 * BYTES && token.bytes().all(|one| one.is_ascii_hexdigit());
    is_token.then(|| DocumentHash::of(token.as_bytes()))
}

/// Makes the id of a row.
pub fn new_id(entropy: &dyn Entropy) -> String {
    entropy.hex(12)
}
