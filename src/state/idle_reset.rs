//! The idle reset: when nobody has touched the kiosk for a while, the next user finds it as at the start.
//!
//! How long that takes are settings of the board ([`vyveska_board::settings`]), and for a technician, who may be there
//! before any board, constants here.

use std::time::Duration;

use super::idle::Idle;
use super::list::List;
use super::preferences::Preferences;
use super::search::Search;
use super::service_mode::ServiceSession;
use super::{Front, State};

/// How long before the idle reset the countdown is visible.
///
/// EN 301 549, 11.2.2.1: a time limit warns at least 20 s before it ends and can be extended by a simple action.
const COUNTDOWN: Duration = Duration::from_secs(20);

/// Seconds without a touch until the countdown on the PIN pad, which needs no more.
const PIN_PAD_TIMEOUT_SECONDS: u32 = 30;

/// Seconds without a touch until the countdown on the unlocked service screen.
const SERVICE_TIMEOUT_SECONDS: u32 = 120;

impl State {
    /// Resets everything that belongs to one user's session.
    pub(super) fn end_session(&mut self, monotonic: Duration) {
        self.front = Front::Idle(Idle::begin(monotonic));
        self.list = List::default();
        self.search = Search::default();
        self.preferences = Preferences::default();
        self.alert_session.forget_session();
        self.answers.forget_session();
    }

    /// Time left until the idle reset; `None` while idle and while something is read aloud.
    pub(super) fn time_left(&self, monotonic: Duration) -> Option<Duration> {
        if self.speaking {
            return None;
        }
        let settings = self.board.as_ref().map(|board| &board.settings);
        let quiet = match &self.front {
            Front::Idle(_) => return None,
            Front::Board | Front::Search | Front::Information(_) | Front::Survey(_) => settings
                .map(|s| s.list_timeout_seconds)
                .unwrap_or_default()
                .get(),
            Front::Notice(_) => settings
                .map(|s| s.page_timeout_seconds)
                .unwrap_or_default()
                .get(),
            Front::Service(ServiceSession::Locked(_)) => PIN_PAD_TIMEOUT_SECONDS,
            Front::Service(ServiceSession::Open(_)) => SERVICE_TIMEOUT_SECONDS,
        };
        let limit = Duration::from_secs(u64::from(quiet)) + COUNTDOWN;
        let quiet_for = monotonic.saturating_sub(self.last_touch);
        Some(limit.saturating_sub(quiet_for))
    }

    /// Seconds left until the idle reset, while the countdown is visible.
    pub fn countdown(&self, monotonic: Duration) -> Option<u32> {
        let left = self.time_left(monotonic)?;
        (left <= COUNTDOWN).then(|| left.as_secs_f32().ceil() as u32)
    }
}
