//! The system clock, and who vouches for it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::evidence::SystemReading;

/// The battery-backed clock; its driver refuses to be read when the oscillator has stopped.
const RTC: &str = "/sys/class/rtc/rtc0/since_epoch";

/// Who vouches for the system clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum SystemClockVerifier {
    /// Nobody: the system clock is no evidence of the time.
    Nobody,
    /// The kernel, while a time service keeps it synchronised.
    #[default]
    Kernel,
    /// The kernel, or else an intact battery-backed clock, read at the start. It has to run in UTC.
    Rtc,
    /// The host of this virtual machine or container, always.
    Host,
}

/// Reads the system clock, and says whether anything vouches for it.
#[derive(Debug)]
pub(super) struct SystemClock {
    verifier: SystemClockVerifier,
    /// What the battery-backed clock showed at the start.
    rtc: Option<(DateTime<Utc>, Instant)>,
}

impl SystemClock {
    pub(super) fn start(verifier: SystemClockVerifier) -> Self {
        let rtc = (verifier == SystemClockVerifier::Rtc)
            .then(|| read_rtc(Path::new(RTC)))
            .flatten();
        Self {
            verifier,
            rtc: rtc.map(|instant| (instant, Instant::now())),
        }
    }

    /// `None` when it is no evidence.
    pub(super) fn read(&self) -> Option<SystemReading> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock of the composition root"
        )]
        let instant = Utc::now();
        let verified = match self.verifier {
            SystemClockVerifier::Nobody => return None,
            SystemClockVerifier::Host => true,
            SystemClockVerifier::Kernel => kernel_is_synchronised(),
            SystemClockVerifier::Rtc => match self.rtc {
                Some((shown, at)) if !kernel_is_synchronised() => {
                    let since = TimeDelta::from_std(at.elapsed()).ok()?;
                    return Some(SystemReading {
                        instant: shown.checked_add_signed(since)?,
                        verified: true,
                    });
                }
                _ => kernel_is_synchronised(),
            },
        };
        Some(SystemReading { instant, verified })
    }
}

fn read_rtc(path: &Path) -> Option<DateTime<Utc>> {
    let seconds = fs::read_to_string(path).ok()?.trim().parse().ok()?;
    DateTime::from_timestamp(seconds, 0)
}

/// Whether a time service (systemd-timesyncd, chrony with `rtcsync`, ntpd) keeps the system clock. The kernel gives up
/// by itself when the estimated error has grown beyond 16 s, some nine hours after the last comparison.
fn kernel_is_synchronised() -> bool {
    #[expect(unsafe_code, reason = "adjtimex has no safe binding")]
    // SAFETY: an all-zero `timex` is valid; with no mode set, adjtimex only fills it in.
    let state = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        libc::adjtimex(&raw mut timex)
    };
    state >= 0 && state != libc::TIME_ERROR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_battery_backed_clock_that_cannot_be_read_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("since_epoch");
        assert_eq!(read_rtc(&file), None);
        fs::write(&file, "").unwrap();
        assert_eq!(read_rtc(&file), None);
        fs::write(&file, "1795867200\n").unwrap();
        assert_eq!(read_rtc(&file), DateTime::from_timestamp(1_795_867_200, 0));
    }

    #[test]
    fn with_nobody_to_vouch_the_system_clock_is_no_evidence() {
        assert_eq!(SystemClock::start(SystemClockVerifier::Nobody).read(), None);
        let host = SystemClock::start(SystemClockVerifier::Host).read();
        assert!(host.is_some_and(|reading| reading.verified));
    }
}
