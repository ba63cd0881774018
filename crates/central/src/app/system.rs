//! The system's clock and random source.

use vyveska_board::{Clock, ClockBounds};

use crate::entropy::Entropy;

/// The system clock. Trusted, since central runs on servers with synchronised time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the composition root is where the real clock lives"
    )]
    fn now(&self) -> ClockBounds {
        ClockBounds::exact(chrono::Utc::now())
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system gives random bytes");
    }
}
