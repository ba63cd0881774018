//! The town's alerts.
//!
//! An extreme alert covers the board, also while somebody uses it. A severe one is a banner over the idle rotation, so
//! that the notices stay visible to those who touch nothing. A lesser one is a strip.
//! An alert counts as seen once the user goes to the board or to any other screen: from then on it is a strip above
//! every page, and covers the board again after the idle reset. None of this is stored: as long as the section holds
//! the alert and the clock is within its time, it is shown, also after a restart and without a network.
//!
//! An alert appears when its time may have come (*latest* has reached its onset)
//! and leaves when its time is over for certain (*earliest* has passed its end).

use std::collections::BTreeSet;
use std::time::Duration;

use vyveska_board::ClockBounds;
use vyveska_wire::alert::{AlertRecord, AlertSeverity};

use super::{Front, State};

/// How long each of several alerts is shown before the next.
const TURN: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertIntent {
    /// Opens the full alert.
    Show,
    /// Shows the next of several alerts.
    Next,
    /// Pauses or resumes the rotation of several alerts (EN 301 549, 11.2.2.2).
    TogglePause,
    /// Returns to the screen before.
    Close,
}

/// What the user of this session has seen of the alerts.
#[derive(Debug, Clone, Default)]
pub(super) struct AlertSession {
    seen: BTreeSet<String>,
    /// Whether the user opened the alerts.
    open: bool,
    /// The alert shown now, of several.
    shown: Option<String>,
    /// Since when it is shown.
    since: Duration,
    /// Since when the rotation of alerts is paused.
    paused: Option<Duration>,
}

impl AlertSession {
    /// The next session has seen nothing.
    pub(super) fn forget_session(&mut self) {
        self.seen.clear();
        self.open = false;
        self.paused = None;
    }
}

/// Whether an alert is in force by this clock.
pub(crate) fn is_current(alert: &AlertRecord, clock: &ClockBounds) -> bool {
    let onset = alert.onset.unwrap_or(alert.sent);
    clock.latest >= onset && clock.earliest < alert.expires
}

impl State {
    pub(super) fn handle_alert(&mut self, intent: AlertIntent, now: Duration) {
        match intent {
            AlertIntent::Show => {
                self.begin_session();
                self.alert_session.open = true;
            }
            AlertIntent::Next => self.turn_alert(now),
            AlertIntent::TogglePause => {
                self.alert_session.paused = match self.alert_session.paused {
                    None => Some(now),
                    Some(_) => None,
                };
                self.alert_session.since = now;
            }
            AlertIntent::Close if matches!(self.front, Front::Idle(_)) => {
                self.see_alerts();
                self.begin_session();
            }
            AlertIntent::Close => self.see_alerts(),
        }
    }

    /// Going to any other screen marks the present alerts as seen.
    pub(super) fn see_alerts(&mut self) {
        let current: Vec<String> = self.alerts().map(|alert| alert.id.clone()).collect();
        self.alert_session.seen.extend(current);
        self.alert_session.open = false;
    }

    /// A change of language or text size keeps the alert open.
    pub(super) fn keep_alert_open(&mut self) {
        self.alert_session.open = !self.covering_alerts().is_empty();
    }

    pub(super) fn pass_alert_time(&mut self, now: Duration) {
        if let Some(since) = self.alert_session.paused {
            let seconds = self.idle_settings().pause_seconds.get();
            if now.saturating_sub(since) >= Duration::from_secs(u64::from(seconds)) {
                self.alert_session.paused = None;
                self.alert_session.since = now;
            }
        }
        let turning = matches!(self.front, Front::Idle(_)) && self.alert_session.paused.is_none();
        if turning && now.saturating_sub(self.alert_session.since) >= TURN {
            self.turn_alert(now);
        }
        if self.alerts().next().is_none() {
            self.alert_session.open = false;
        }
    }

    fn turn_alert(&mut self, now: Duration) {
        let covering = self.covering_alerts();
        let next = self
            .covering_alert()
            .map_or(0, |(_, position, count)| (position + 1) % count);
        let next = covering.get(next).map(|alert| alert.id.clone());
        self.alert_session.shown = next;
        self.alert_session.since = now;
    }

    /// The alerts in force: the most severe first, then the newest.
    pub fn alerts(&self) -> impl Iterator<Item = &AlertRecord> {
        let alerts = self.board.as_ref().map_or(&[][..], |board| &board.alerts);
        let mut current: Vec<&AlertRecord> = alerts
            .iter()
            .filter(|alert| is_current(alert, &self.clock))
            .collect();
        current.sort_by(|a, b| {
            let order = |alert: &AlertRecord| (alert.severity, alert.sent);
            order(b).cmp(&order(a)).then_with(|| a.id.cmp(&b.id))
        });
        current.into_iter()
    }

    /// The alerts that rotate over the board now; none while the board or a page is visible.
    pub fn covering_alerts(&self) -> Vec<&AlertRecord> {
        let least = if self.alert_session.open {
            AlertSeverity::Moderate
        } else {
            AlertSeverity::Extreme
        };
        let open = self.alert_session.open || matches!(self.front, Front::Idle(_));
        self.alerts()
            .filter(|alert| alert.severity >= least)
            .filter(|alert| open || !self.alert_session.seen.contains(&alert.id))
            .collect()
    }

    /// The alert that covers the board now, its index from 0, and the number of alerts.
    pub fn covering_alert(&self) -> Option<(&AlertRecord, usize, usize)> {
        let covering = self.covering_alerts();
        let shown = self.alert_session.shown.as_deref();
        let position = covering
            .iter()
            .position(|alert| Some(alert.id.as_str()) == shown)
            .unwrap_or(0);
        let alert = covering.get(position).copied()?;
        Some((alert, position, covering.len()))
    }

    /// Whether the user paused the rotation of alerts.
    pub fn are_alerts_paused(&self) -> bool {
        self.alert_session.paused.is_some()
    }

    /// The most severe alert and the number of alerts, when they are a strip above the page.
    pub fn alert_strip(&self) -> Option<(&AlertRecord, usize)> {
        if self.covering_alert().is_some() {
            return None;
        }
        let mut alerts = self.alerts();
        let first = alerts.next()?;
        Some((first, 1 + alerts.count()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use vyveska_board::Language;
    use vyveska_wire::alert::AlertStatus;
    use vyveska_wire::section::{InformationSection, Texts};

    use super::*;
    use crate::state::tests::board_that_tells;
    use crate::state::{Event, Intent, Now};

    fn noon() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn at(seconds: u64) -> Now {
        let clock = ClockBounds::exact(noon() + TimeDelta::seconds(seconds.cast_signed()));
        Now {
            clock,
            monotonic: Duration::from_secs(seconds),
        }
    }

    /// A message from half an hour ago until so many minutes from now.
    fn alert(id: &str, severity: AlertSeverity, minutes: i64) -> AlertRecord {
        AlertRecord {
            id: id.to_owned(),
            severity,
            status: AlertStatus::Actual,
            sender: Texts::new(),
            sent: noon() - TimeDelta::minutes(30),
            onset: None,
            expires: noon() + TimeDelta::minutes(minutes),
            headline: Texts::new(),
            description: Texts::new(),
            instructions: std::collections::BTreeMap::new(),
            url: None,
        }
    }

    fn board(alerts: Vec<AlertRecord>) -> Event {
        board_that_tells(Vec::new(), InformationSection::default(), alerts)
    }

    fn kiosk(alerts: Vec<AlertRecord>) -> State {
        let mut state = State::new(at(0));
        state.apply(board(alerts), at(0));
        state
    }

    fn intend(state: &mut State, intent: Intent, seconds: u64) {
        state.apply(Event::Intent(intent), at(seconds));
    }

    fn covering(state: &State) -> Option<&str> {
        state.covering_alert().map(|(alert, ..)| alert.id.as_str())
    }

    fn strip(state: &State) -> Option<(&str, usize)> {
        state
            .alert_strip()
            .map(|(alert, count)| (alert.id.as_str(), count))
    }

    #[test]
    fn the_gravest_message_covers_the_idle_board_until_it_ends() {
        let mut state = kiosk(vec![alert("a", AlertSeverity::Extreme, 60)]);
        assert_eq!(covering(&state), Some("a"));
        state.apply(Event::Tick, at(3599));
        assert_eq!(covering(&state), Some("a"));
        // Only the clock changes: there may be no network.
        state.apply(Event::Tick, at(3600));
        assert_eq!(covering(&state), None);
        assert_eq!(strip(&state), None);
    }

    #[test]
    fn a_message_to_come_waits_for_its_time() {
        let mut later = alert("a", AlertSeverity::Extreme, 60);
        later.onset = Some(noon() + TimeDelta::minutes(10));
        let mut state = kiosk(vec![later]);
        state.apply(Event::Tick, at(599));
        assert_eq!(covering(&state), None);
        state.apply(Event::Tick, at(600));
        assert_eq!(covering(&state), Some("a"));
    }

    #[test]
    fn a_severe_message_leaves_the_notices_to_be_seen() {
        let mut state = kiosk(vec![alert("a", AlertSeverity::Severe, 60)]);
        assert_eq!((covering(&state), strip(&state)), (None, Some(("a", 1))));
        assert!(state.idle_step().is_some(), "the rotation goes on below it");
        intend(&mut state, Intent::Alert(AlertIntent::Show), 1);
        assert_eq!(covering(&state), Some("a"));
    }

    #[test]
    fn several_messages_stand_still_for_whoever_reads_and_go_on_by_themselves() {
        let mut state = kiosk(vec![
            alert("a", AlertSeverity::Extreme, 60),
            alert("b", AlertSeverity::Extreme, 60),
        ]);
        intend(&mut state, Intent::Alert(AlertIntent::TogglePause), 1);
        state.apply(Event::Tick, at(40));
        assert_eq!(covering(&state), Some("a"));
        assert!(state.are_alerts_paused());
        // The same limit as for the pause of the idle rotation.
        let held = u64::from(state.idle_settings().pause_seconds.get());
        state.apply(Event::Tick, at(1 + held));
        assert!(!state.are_alerts_paused());
        state.apply(Event::Tick, at(1 + held + 15));
        assert_eq!(covering(&state), Some("b"));
        intend(&mut state, Intent::Alert(AlertIntent::TogglePause), 400);
        intend(&mut state, Intent::Alert(AlertIntent::TogglePause), 401);
        assert!(!state.are_alerts_paused());
    }

    #[test]
    fn a_lesser_message_is_a_strip_above_idle_and_board() {
        let mut state = kiosk(vec![alert("a", AlertSeverity::Moderate, 60)]);
        assert_eq!((covering(&state), strip(&state)), (None, Some(("a", 1))));
        intend(&mut state, Intent::ShowBoard, 1);
        assert_eq!((covering(&state), strip(&state)), (None, Some(("a", 1))));
        intend(&mut state, Intent::Alert(AlertIntent::Show), 2);
        assert_eq!((covering(&state), strip(&state)), (Some("a"), None));
        intend(&mut state, Intent::Alert(AlertIntent::Close), 3);
        assert!(state.is_board_in_front());
    }

    #[test]
    fn showing_the_board_is_to_have_seen_it_and_idle_brings_it_back() {
        let mut state = kiosk(vec![alert("a", AlertSeverity::Extreme, 60)]);
        intend(&mut state, Intent::ShowBoard, 1);
        assert!(state.is_board_in_front());
        assert_eq!((covering(&state), strip(&state)), (None, Some(("a", 1))));
        state.apply(Event::Tick, at(200));
        assert_eq!(covering(&state), Some("a"), "idle again");
        intend(&mut state, Intent::ShowBoard, 300);
        assert!(state.is_board_in_front());
    }

    #[test]
    fn only_the_gravest_comes_before_whoever_is_using_the_board() {
        let mut state = kiosk(Vec::new());
        intend(&mut state, Intent::ShowBoard, 1);
        let severe = alert("severe", AlertSeverity::Severe, 60);
        state.apply(board(vec![severe.clone()]), at(2));
        assert_eq!(covering(&state), None);
        let extreme = alert("extreme", AlertSeverity::Extreme, 60);
        state.apply(board(vec![severe, extreme]), at(3));
        assert_eq!(covering(&state), Some("extreme"));
        // Back on the screen before; the alert does not cover it again in this session.
        intend(&mut state, Intent::Alert(AlertIntent::Close), 4);
        assert!(state.is_board_in_front());
        state.apply(Event::Tick, at(10));
        assert_eq!(strip(&state), Some(("extreme", 2)));
    }

    #[test]
    fn a_changed_message_is_seen_anew() {
        let mut state = kiosk(vec![alert("a-1", AlertSeverity::Extreme, 60)]);
        intend(&mut state, Intent::ShowBoard, 1);
        let changed = alert("a-2", AlertSeverity::Extreme, 90);
        state.apply(board(vec![changed]), at(2));
        assert_eq!(covering(&state), Some("a-2"));
        state.apply(board(Vec::new()), at(3));
        assert!(state.is_board_in_front(), "it was called off");
    }

    #[test]
    fn several_messages_take_turns_the_gravest_first() {
        let mut state = kiosk(vec![
            alert("severe", AlertSeverity::Severe, 60),
            alert("b", AlertSeverity::Extreme, 60),
            alert("a", AlertSeverity::Extreme, 60),
        ]);
        let mut seen = Vec::new();
        for turn in 0..4 {
            seen.push(covering(&state).unwrap().to_owned());
            state.apply(Event::Tick, at((turn + 1) * 15));
        }
        assert_eq!(seen, ["a", "b", "a", "b"]);
        intend(&mut state, Intent::Alert(AlertIntent::Next), 61);
        assert_eq!(covering(&state), Some("b"));
        let (_, position, count) = state.covering_alert().unwrap();
        assert_eq!((position, count), (1, 2));
    }

    #[test]
    fn whoever_changes_the_language_goes_on_reading_the_message() {
        let mut state = kiosk(vec![alert("a", AlertSeverity::Extreme, 60)]);
        intend(&mut state, Intent::NextLanguage, 1);
        assert_eq!(state.language(), Language::German);
        assert_eq!(covering(&state), Some("a"));
        intend(&mut state, Intent::NextTextSize, 2);
        assert_eq!(covering(&state), Some("a"));
        intend(&mut state, Intent::ShowBoard, 3);
        assert!(state.is_board_in_front());
        // Without an alert a session begins with the list.
        let mut plain = kiosk(Vec::new());
        intend(&mut plain, Intent::NextLanguage, 1);
        assert!(plain.is_board_in_front());
    }

    #[test]
    fn an_unsure_clock_shows_a_message_rather_than_not() {
        let mut later = alert("later", AlertSeverity::Extreme, 60);
        later.onset = Some(noon() + TimeDelta::minutes(10));
        let ended = alert("ended", AlertSeverity::Severe, -1);
        let clock = ClockBounds {
            latest: noon() + TimeDelta::hours(1),
            ..at(0).clock
        };
        assert!(is_current(&later, &clock));
        assert!(!is_current(&ended, &clock));
        let lost = ClockBounds {
            earliest: noon() - TimeDelta::days(1),
            latest: DateTime::<Utc>::MAX_UTC,
            ..at(0).clock
        };
        assert!(is_current(&ended, &lost));
    }
}
