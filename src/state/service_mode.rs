//! The service screen: how one gets in, and what a technician does there.
//!
//! Nothing on the public screens leads here but a corner of the header that looks like nothing, held for five seconds,
//! and behind that stands a PIN. The state only decides; what takes time or touches the device is ordered
//! ([`ServiceOrder`]) and its outcome comes back as a [`ServiceEvent`].
//!
//! Which PIN opens it:
//!
//! | The display | The PIN |
//! | --- | --- |
//! | has a board whose settings hold one | that one |
//! | has no board now, but had one that did | that one, remembered on the device |
//! | neither | the one the device was started with |
//! | was started with none | none: the screen says so and stays shut |
//!
//! So nobody ever gets in without a PIN, not even at a display that is not paired yet, and a display behind a proxy
//! can still be set up before it has ever heard from central.

mod intent;
mod network;
mod order;
mod pin;
mod trouble;
mod visit;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::typing::Strike;
use super::{Front, State};

pub use intent::{Restart, ServiceIntent, ServiceSection};
pub use network::{
    Addressing, Authority, Field, Form, MAX_AUTHORITY_BYTES, MAX_FIELD_LENGTH, NetworkSettings,
    NetworkStage, Problem, Transport, Wiring,
};
pub use order::{DeviceReport, ServiceEvent, ServiceOrder};
pub use pin::{Pin, PinPad};
pub use trouble::{Trouble, TroubleKind};
pub use visit::OpenVisit;

use pin::Guard;
pub(super) use visit::ServiceVisit;

/// How long the corner is held.
const CORNER_HELD: Duration = Duration::from_secs(5);

/// How often the device is asked how it is while somebody looks.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// After how long without a touch the countdown begins: the PIN pad keeps nobody's attention for long.
const PIN_QUIET_SECONDS: u32 = 30;
const QUIET_SECONDS: u32 = 120;

/// What outlasts the technician's visit.
#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    guard: Guard,
    /// The hash of the PIN that the board's settings hold, or held.
    hash: Option<Arc<str>>,
    /// The hash of the PIN that the device was started with.
    device_hash: Option<Arc<str>>,
    corner: Option<Duration>,
    /// A PIN is being verified, perhaps one whose visitor has gone.
    judging: bool,
    orders: VecDeque<ServiceOrder>,
    /// The network was set up anew and nobody said yet that it stays so.
    unconfirmed: bool,
}

impl State {
    /// What has to be done outside of the state, in this order. Each is given once.
    pub fn take_service_orders(&mut self) -> Vec<ServiceOrder> {
        self.service.orders.drain(..).collect()
    }

    /// Whether the service screen is in front.
    pub fn is_service_in_front(&self) -> bool {
        matches!(self.front, Front::Service(_))
    }

    /// The PIN pad, while it is in front.
    pub fn pin_pad(&self) -> Option<&PinPad> {
        match &self.front {
            Front::Service(ServiceVisit::Locked(pad)) => Some(pad),
            _ => None,
        }
    }

    /// How long until the next attempt at the PIN.
    pub fn pin_wait(&self, monotonic: Duration) -> Duration {
        self.service.guard.wait(monotonic)
    }

    /// What a technician behind the PIN sees.
    pub fn open_service(&self) -> Option<&OpenVisit> {
        match &self.front {
            Front::Service(ServiceVisit::Open(visit)) => Some(visit),
            _ => None,
        }
    }

    /// What is written about the network, and what became of it.
    pub fn service_network(&self) -> Option<(&Form, &NetworkStage, Option<Field>)> {
        let network = &self.open_service()?.network;
        Some((&network.form, &network.stage, network.editing))
    }

    pub(super) fn service_quiet_seconds(visit: &ServiceVisit) -> u32 {
        match visit {
            ServiceVisit::Locked(_) => PIN_QUIET_SECONDS,
            ServiceVisit::Open(_) => QUIET_SECONDS,
        }
    }

    fn pin_hash(&self) -> Option<&Arc<str>> {
        let service = &self.service;
        service.hash.as_ref().or(service.device_hash.as_ref())
    }

    /// Whether there is a PIN that opens the service screen.
    pub fn has_service_pin(&self) -> bool {
        self.pin_hash().is_some()
    }

    /// The settings of a new board may hold another PIN.
    pub(super) fn follow_service_settings(&mut self) {
        let Some(board) = &self.board else { return };
        let hash = board.settings.service_pin_hash.as_deref();
        if self.service.hash.as_deref() != hash {
            self.service.hash = hash.map(Arc::from);
            let remember = ServiceOrder::RememberHash(self.service.hash.clone());
            self.service.orders.push_back(remember);
        }
    }

    /// Time passes in the corner, at the lock and for a network that is tried.
    pub(super) fn pass_service_time(&mut self, now: Duration) {
        let held_since = self.service.corner;
        if held_since.is_some_and(|since| now.saturating_sub(since) >= CORNER_HELD) {
            self.service.corner = None;
            self.enter_service(now);
        }
        let Front::Service(ServiceVisit::Open(visit)) = &mut self.front else {
            return;
        };
        if visit.section == ServiceSection::Device
            && now.saturating_sub(visit.reported) >= REPORT_EVERY
        {
            visit.reported = now;
            self.service.orders.push_back(ServiceOrder::Report);
        }
        // A cable may have been plugged in.
        if visit.section == ServiceSection::Network
            && now.saturating_sub(visit.looked) >= REPORT_EVERY
            && visit.network.asks_again()
        {
            visit.looked = now;
            self.service.orders.push_back(ServiceOrder::ReadNetwork);
        }
        if visit.network.is_given_up(now) {
            self.revert_network();
        }
    }

    fn enter_service(&mut self, now: Duration) {
        if self.is_service_in_front() {
            return;
        }
        self.see_alerts();
        self.front = Front::Service(ServiceVisit::Locked(PinPad::default()));
        self.last_touch = now;
    }

    fn open_service_screen(&mut self, now: Duration) {
        self.front = Front::Service(ServiceVisit::Open(Box::new(OpenVisit::begin(now))));
        self.service.orders.extend([
            ServiceOrder::Report,
            ServiceOrder::ReadNetwork,
            ServiceOrder::ReadBrightness,
        ]);
    }

    /// Whatever else is wanted, nobody is holding the corner.
    pub(super) fn leave_corner(&mut self) {
        self.service.corner = None;
    }

    /// Whoever leaves the service screen with a network that nobody confirmed gets the one before.
    pub(super) fn after_service(&mut self) {
        if !self.is_service_in_front() && std::mem::take(&mut self.service.unconfirmed) {
            self.service.orders.push_back(ServiceOrder::RevertNetwork);
        }
    }

    pub(super) fn follow_service(&mut self, intent: ServiceIntent, now: Duration) {
        let strike = Strike::new(now, self.reader);
        match intent {
            ServiceIntent::CornerTouched => self.service.corner = Some(now),
            ServiceIntent::CornerLeft => self.service.corner = None,
            ServiceIntent::Digit(digit) => self.with_pad(|pad| pad.push(digit, strike)),
            ServiceIntent::EraseDigit => self.with_pad(|pad| pad.erase(strike)),
            ServiceIntent::EnterPin => self.enter_pin(now),
            ServiceIntent::Leave => {
                if self.is_service_in_front() {
                    self.end_visit(now);
                }
            }
            other => self.follow_open_service(other, strike),
        }
    }

    fn with_pad(&mut self, change: impl FnOnce(&mut PinPad)) {
        if let Front::Service(ServiceVisit::Locked(pad)) = &mut self.front {
            change(pad);
        }
    }

    fn enter_pin(&mut self, now: Duration) {
        let Some(hash) = self.pin_hash().cloned() else {
            return;
        };
        if self.service.judging || !self.service.guard.wait(now).is_zero() {
            return;
        }
        let failures = self.service.guard.failures().saturating_add(1);
        let mut order = None;
        self.with_pad(|pad| {
            order = pad.take().map(|pin| ServiceOrder::CheckPin {
                pin,
                hash,
                failures,
            });
        });
        self.service.judging |= order.is_some();
        self.service.orders.extend(order);
    }

    fn follow_open_service(&mut self, intent: ServiceIntent, strike: Strike) {
        let Front::Service(ServiceVisit::Open(visit)) = &mut self.front else {
            return;
        };
        let orders = &mut self.service.orders;
        match intent {
            ServiceIntent::Show(section) => {
                visit.section = section;
                if section == ServiceSection::Panel && matches!(visit.brightness, Some(Err(_))) {
                    orders.push_back(ServiceOrder::ReadBrightness);
                }
                visit.asked_restart = None;
                visit.network.editing = None;
            }
            ServiceIntent::Darker => visit.change_brightness(orders, false),
            ServiceIntent::Brighter => visit.change_brightness(orders, true),
            ServiceIntent::AskRestart(what) => visit.asked_restart = Some(what),
            ServiceIntent::CancelRestart => visit.asked_restart = None,
            ServiceIntent::ConfirmRestart => {
                if let Some(what) = visit.asked_restart.take() {
                    visit.restart_failed = None;
                    orders.push_back(ServiceOrder::Restart(what));
                }
            }
            ServiceIntent::ApplyNetwork => {
                if let Some(settings) = visit.network.apply(strike) {
                    self.service.unconfirmed = true;
                    let order = ServiceOrder::ApplyNetwork(Box::new(settings));
                    self.service.orders.push_back(order);
                }
            }
            ServiceIntent::KeepNetwork => {
                if visit.network.keep() {
                    self.service.unconfirmed = false;
                    orders.push_back(ServiceOrder::KeepNetwork);
                }
            }
            ServiceIntent::RevertNetwork => self.revert_network(),
            ServiceIntent::FindAuthority => orders.push_back(ServiceOrder::FindAuthority),
            other => visit.network.follow(other, strike),
        }
    }

    fn revert_network(&mut self) {
        if let Front::Service(ServiceVisit::Open(visit)) = &mut self.front
            && visit.network.revert()
        {
            self.service.unconfirmed = false;
            self.service.orders.push_back(ServiceOrder::RevertNetwork);
        }
    }

    pub(super) fn follow_service_event(&mut self, event: ServiceEvent, now: Duration) {
        match event {
            ServiceEvent::Remembered {
                failures,
                hash,
                device_hash,
            } => {
                self.service.guard.remember(failures, now);
                self.service.hash = hash;
                self.service.device_hash = device_hash;
                self.follow_service_settings();
            }
            ServiceEvent::PinChecked { right } => {
                self.service.judging = false;
                if right {
                    self.service.guard.opened();
                    // Somebody who went away while the PIN was verified does not leave the screen open.
                    if self.pin_pad().is_some_and(PinPad::is_checking) {
                        self.open_service_screen(now);
                    }
                } else {
                    self.service.guard.failed(now);
                    self.with_pad(PinPad::refuse);
                }
            }
            other => {
                if let Front::Service(ServiceVisit::Open(visit)) = &mut self.front {
                    // Whoever waited for the trial of a network has not gone away.
                    if matches!(
                        other,
                        ServiceEvent::NetworkApplied(_) | ServiceEvent::CentralTried(_)
                    ) && visit.network.is_on_trial()
                    {
                        self.last_touch = now;
                    }
                    visit.take(other, now, &mut self.service);
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
