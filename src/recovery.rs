//! What the program does about failures that repeat.
//!
//! A failure ends the program, and systemd or the demo script starts it again. Three failures within ten minutes start
//! the next simpler mode. It is left at the next manifest or after an hour; both waits grow with every failed attempt.
//! A boot of the device begins anew: how long the device was off is unknown, and a power cut is no failure.
//! [`Ladder`] decides this and is pure, [`Recovery`] keeps it in a file.
//! A further step (undo an update, undo settings, reboot) becomes a [`Mode`] at its place in the order.

mod record;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use record::{BoardName, Recovery};

/// As many failures within [`WINDOW`] start the next mode.
const FAILURES: usize = 3;
const WINDOW: Duration = Duration::from_secs(10 * 60);

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The longest wait in a mode. After as long without a climb the next one counts as the first again.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The most failures that are kept for the journal; the oldest are dropped first.
const UNRECORDED: usize = 8;

/// The reason of a failure that left none: a signal, the memory or the watchdog ended the program.
const NO_REASON: &str = "it ended without a reason";

/// How much of the kiosk runs, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Normal,
    /// Titles and dates only.
    Safe,
    /// The web address in large letters; nothing else of the kiosk runs.
    AddressOnly,
}

impl Mode {
    fn next(self) -> Self {
        match self {
            Self::Normal => Self::Safe,
            Self::Safe | Self::AddressOnly => Self::AddressOnly,
        }
    }
}

/// An instant by the monotonic clock of a boot of the device. The calendar may be wrong or jump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootInstant {
    /// The kernel's identifier of the boot.
    pub boot: String,
    pub monotonic_ms: u64,
}

impl BootInstant {
    /// The time that has passed since `earlier`; unknown when that was in another boot.
    fn since(&self, earlier: &Self) -> Option<Duration> {
        let passed = self.monotonic_ms.saturating_sub(earlier.monotonic_ms);
        (earlier.boot == self.boot).then_some(Duration::from_millis(passed))
    }
}

/// An end of the program that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub reason: String,
    pub at: BootInstant,
}

/// How the program starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub mode: Mode,
    pub mode_before: Mode,
    /// Why the program ended, each time that the journal does not have yet, the earliest first.
    pub failures: Vec<Failure>,
}

/// The failures so far and the mode that follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ladder {
    mode: Mode,
    /// When this mode was entered last.
    entered: Option<BootInstant>,
    /// How often in a row a mode was entered by failures.
    climbs: u32,
    /// Whether a new manifest was taken into use in this mode.
    new_manifest: bool,
    /// The latest failures in this mode.
    failures: Vec<Failure>,
    /// The failures that are not in the journal yet.
    unrecorded: Vec<Failure>,
    /// The start of a program that has not ended yet.
    running: Option<BootInstant>,
}

impl Ladder {
    /// Decides the mode of a program that starts now.
    pub fn start(&mut self, now: BootInstant) -> Start {
        // A power cut ends the program too, and is no failure of it.
        if self
            .running
            .take()
            .is_some_and(|running| now.since(&running).is_some())
        {
            self.fail(now.clone(), NO_REASON);
        }
        let mode_before = self.mode;
        self.failures
            .retain(|failure| now.since(&failure.at).is_some_and(|time| time <= WINDOW));
        if self.failures.len() >= FAILURES {
            self.climb(now.clone());
        } else if self.is_over(&now) {
            self.mode = Mode::Normal;
            self.failures.clear();
        }
        self.running = Some(now);
        Start {
            mode: self.mode,
            mode_before,
            failures: self.unrecorded.clone(),
        }
    }

    /// Records a failure, which ends the program.
    pub fn fail(&mut self, now: BootInstant, reason: &str) {
        let failure = Failure {
            reason: reason.to_owned(),
            at: now,
        };
        push(&mut self.failures, failure.clone(), FAILURES);
        push(&mut self.unrecorded, failure, UNRECORDED);
        self.running = None;
    }

    /// Records for the journal what is no failure, once as long as nothing else follows.
    pub fn note(&mut self, now: BootInstant, reason: &str) {
        if self
            .unrecorded
            .last()
            .is_some_and(|last| last.reason == reason)
        {
            return;
        }
        let note = Failure {
            reason: reason.to_owned(),
            at: now,
        };
        push(&mut self.unrecorded, note, UNRECORDED);
    }

    /// Records that the journal has these failures.
    pub fn recorded(&mut self, failures: &[Failure]) {
        self.unrecorded
            .retain(|failure| !failures.contains(failure));
    }

    /// Records an end in good order.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Records that a new manifest was taken into use.
    pub fn manifest_taken(&mut self) {
        self.new_manifest = self.mode != Mode::Normal;
    }

    /// Whether a program that starts now leaves the present mode.
    pub fn is_over(&self, now: &BootInstant) -> bool {
        let wait = self.wait();
        let wait = if self.new_manifest { wait - HOUR } else { wait };
        let passed = self.entered.as_ref().and_then(|entered| now.since(entered));
        self.mode != Mode::Normal && passed.is_none_or(|passed| passed >= wait)
    }

    fn climb(&mut self, now: BootInstant) {
        let calm = self.wait() + LONGEST;
        let passed = self.entered.as_ref().and_then(|entered| now.since(entered));
        if passed.is_none_or(|passed| passed > calm) {
            self.climbs = 0;
        }
        self.climbs = self.climbs.saturating_add(1);
        self.mode = self.mode.next();
        self.entered = Some(now);
        self.new_manifest = false;
        self.failures.clear();
    }

    /// How long this mode lasts: an hour at first, then twice as long each time.
    fn wait(&self) -> Duration {
        let doublings = self.climbs.saturating_sub(1).min(5);
        (HOUR * 2_u32.pow(doublings)).min(LONGEST)
    }
}

/// Adds a failure, and drops the earliest when there are more than `most`.
fn push(failures: &mut Vec<Failure>, failure: Failure, most: usize) {
    failures.push(failure);
    let surplus = failures.len().saturating_sub(most);
    failures.drain(..surplus);
}

#[cfg(test)]
mod tests;
