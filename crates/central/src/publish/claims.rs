//! When a number that a display says it has moves those of its board, or those of its assignment.
//!
//! A display has a larger number than central only after the database was restored from a backup. One that was stolen may
//! claim a larger one at each request, and each honoured claim is a signature, a transaction and a new manifest for every
//! display of the board. So a board's claims count once in [`EVERY`] at each node, the largest of all together, and those
//! of a display about its assignment as well.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// The shortest time between claims that count.
const EVERY: TimeDelta = TimeDelta::minutes(10);

/// The claims of each board's displays about its manifest, or of each display about its assignment.
#[derive(Debug, Default)]
pub(super) struct Claims(Mutex<HashMap<String, Claim>>);

#[derive(Debug, Default)]
struct Claim {
    largest: u64,
    honoured_at: Option<DateTime<Utc>>,
}

impl Claims {
    /// The number that the next one signed has to exceed, because a display claims to have `held`; 0 where claims counted
    /// a short time ago.
    pub(super) fn counting(&self, owner: &str, held: u64, now: DateTime<Utc>) -> u64 {
        let mut claims = self.claims();
        let claim = claims.entry(owner.to_owned()).or_default();
        claim.largest = claim.largest.max(held);
        let elapsed = |at| now.signed_duration_since(at).abs();
        if claim.honoured_at.is_some_and(|at| elapsed(at) < EVERY) {
            return 0;
        }
        claim.largest
    }

    /// Something was signed for what counted.
    pub(super) fn honoured(&self, owner: &str, now: DateTime<Utc>) {
        let mut claims = self.claims();
        claims.entry(owner.to_owned()).or_default().honoured_at = Some(now);
    }

    fn claims(&self) -> MutexGuard<'_, HashMap<String, Claim>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_claim_of_a_board_counts_once_in_a_while() {
        let claims = Claims::default();
        let start: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        for (minutes, board, held, expected) in [
            (0, "lipnice", 7, 7),
            (0, "lipnice", 8, 0),
            (5, "lipnice", 90, 0),
            (9, "lipnice", 9, 0),
            (9, "rolava", 5, 5),
            (10, "lipnice", 10, 90),
            (11, "lipnice", 91, 0),
            // By a clock that went back.
            (-100, "lipnice", 91, 91),
        ] {
            let now = start + TimeDelta::minutes(minutes);
            let counts = claims.counting(board, held, now);
            assert_eq!(counts, expected, "{board} after {minutes} minutes");
            if counts > 0 {
                let again = claims.counting(board, held, now);
                assert_eq!(again, expected, "nothing was signed for it");
                claims.honoured(board, now);
            }
        }
    }
}
