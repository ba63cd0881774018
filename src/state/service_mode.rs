//! Service mode: how a technician gets in, and what they do there.
//!
//! The only way from the public screens is an unmarked corner of the header, held for five seconds, and the PIN pad
//! behind it. The state only decides; what takes time or touches the device becomes a [`ServiceCommand`],
//! and its outcome comes back as a [`ServiceEvent`].
//!
//! Which PIN opens it:
//!
//! | The display | The PIN |
//! | --- | --- |
//! | has a board whose settings hold one | that one |
//! | has no board now, but had one that did | that one, remembered on the device |
//! | neither | the one the device was started with |
//! | was started with none | none: the screen says so and stays locked |
//!
//! So nobody gets in without a PIN, not even on a display that is not paired yet, and a display behind a proxy
//! can be set up before its first contact with central.

mod command;
mod intent;
mod network;
mod pin;
mod session;
mod trouble;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::typing::KeyPress;
use super::{Front, State};

pub use command::{DeviceReport, ServiceCommand, ServiceEvent};
pub use intent::{Restart, ServiceIntent, ServiceSection};
pub use network::{
    Addressing, Authority, Field, Form, MAX_AUTHORITY_BYTES, MAX_FIELD_LENGTH, NetworkSettings,
    NetworkStage, Problem, Transport, Wiring,
};
pub use pin::{Pin, PinPad};
pub use session::OpenSession;
pub use trouble::{Trouble, TroubleKind};

use pin::Guard;
pub(super) use session::ServiceSession;

/// How long the corner has to be held.
const CORNER_HELD: Duration = Duration::from_secs(5);

/// How often the device's health is read while it is shown.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// What outlives the technician's session.
#[derive(Debug, Clone, Default)]
pub(super) struct Service {
    guard: Guard,
    /// The hash of the PIN in the board's settings, present or last.
    hash: Option<Arc<str>>,
    /// The hash of the PIN the device was started with.
    device_hash: Option<Arc<str>>,
    corner: Option<Duration>,
    /// A PIN is being verified, perhaps of a session that has ended.
    judging: bool,
    commands: VecDeque<ServiceCommand>,
    /// A new network set-up is neither confirmed nor reverted yet.
    unconfirmed: bool,
}

impl State {
    /// Takes the commands to be carried out, in this order. Each is returned once.
    pub fn take_service_commands(&mut self) -> Vec<ServiceCommand> {
        self.service.commands.drain(..).collect()
    }

    pub fn is_service_in_front(&self) -> bool {
        matches!(self.front, Front::Service(_))
    }

    /// The PIN pad, while it is in front.
    pub fn pin_pad(&self) -> Option<&PinPad> {
        match &self.front {
            Front::Service(ServiceSession::Locked(pad)) => Some(pad),
            _ => None,
        }
    }

    /// Time until the next PIN attempt is allowed.
    pub fn pin_wait(&self, monotonic: Duration) -> Duration {
        self.service.guard.wait(monotonic)
    }

    /// The unlocked service screen.
    pub fn open_service(&self) -> Option<&OpenSession> {
        match &self.front {
            Front::Service(ServiceSession::Open(session)) => Some(session),
            _ => None,
        }
    }

    /// The network form and the state of its trial.
    pub fn service_network(&self) -> Option<(&Form, &NetworkStage, Option<Field>)> {
        let network = &self.open_service()?.network;
        Some((&network.form, &network.stage, network.editing))
    }

    fn pin_hash(&self) -> Option<&Arc<str>> {
        let service = &self.service;
        service.hash.as_ref().or(service.device_hash.as_ref())
    }

    /// Whether any PIN can open the service screen.
    pub fn has_service_pin(&self) -> bool {
        self.pin_hash().is_some()
    }

    /// Takes the PIN of a new board's settings.
    pub(super) fn apply_service_settings(&mut self) {
        let Some(board) = &self.board else { return };
        let hash = board.settings.service_pin_hash.as_deref();
        if self.service.hash.as_deref() != hash {
            self.service.hash = hash.map(Arc::from);
            let remember = ServiceCommand::RememberHash(self.service.hash.clone());
            self.service.commands.push_back(remember);
        }
    }

    /// Advances the timers of the corner, the PIN pad and the network trial.
    pub(super) fn pass_service_time(&mut self, now: Duration) {
        let held_since = self.service.corner;
        if held_since.is_some_and(|since| now.saturating_sub(since) >= CORNER_HELD) {
            self.service.corner = None;
            self.enter_service(now);
        }
        let Front::Service(ServiceSession::Open(session)) = &mut self.front else {
            return;
        };
        if session.section == ServiceSection::Device
            && now.saturating_sub(session.reported) >= REPORT_EVERY
        {
            session.reported = now;
            self.service.commands.push_back(ServiceCommand::Report);
        }
        // A network cable may have been plugged in.
        if session.section == ServiceSection::Network
            && now.saturating_sub(session.looked) >= REPORT_EVERY
            && session.network.asks_again()
        {
            session.looked = now;
            self.service.commands.push_back(ServiceCommand::ReadNetwork);
        }
        if session.network.is_given_up(now) {
            self.revert_network();
        }
    }

    fn enter_service(&mut self, now: Duration) {
        if self.is_service_in_front() {
            return;
        }
        self.see_alerts();
        self.front = Front::Service(ServiceSession::Locked(PinPad::default()));
        self.last_touch = now;
    }

    fn open_service_screen(&mut self, now: Duration) {
        self.front = Front::Service(ServiceSession::Open(Box::new(OpenSession::begin(now))));
        self.service.commands.extend([
            ServiceCommand::Report,
            ServiceCommand::ReadNetwork,
            ServiceCommand::ReadBrightness,
        ]);
    }

    /// Any other intent ends the hold of the corner.
    pub(super) fn leave_corner(&mut self) {
        self.service.corner = None;
    }

    /// Leaving the service screen reverts a network that nobody confirmed.
    pub(super) fn after_service(&mut self) {
        if !self.is_service_in_front() && std::mem::take(&mut self.service.unconfirmed) {
            self.service
                .commands
                .push_back(ServiceCommand::RevertNetwork);
        }
    }

    pub(super) fn handle_service(&mut self, intent: ServiceIntent, now: Duration) {
        let key_press = KeyPress::new(now, self.preferences);
        match intent {
            ServiceIntent::CornerTouched => self.service.corner = Some(now),
            ServiceIntent::CornerLeft => self.service.corner = None,
            ServiceIntent::Digit(digit) => self.with_pad(|pad| pad.push(digit, key_press)),
            ServiceIntent::EraseDigit => self.with_pad(|pad| pad.erase(key_press)),
            ServiceIntent::EnterPin => self.enter_pin(now),
            ServiceIntent::Leave => {
                if self.is_service_in_front() {
                    self.end_session(now);
                }
            }
            other => self.handle_open_service(other, key_press),
        }
    }

    fn with_pad(&mut self, change: impl FnOnce(&mut PinPad)) {
        if let Front::Service(ServiceSession::Locked(pad)) = &mut self.front {
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
        let mut command = None;
        self.with_pad(|pad| {
            command = pad.take().map(|pin| ServiceCommand::CheckPin {
                pin,
                hash,
                failures,
            });
        });
        self.service.judging |= command.is_some();
        self.service.commands.extend(command);
    }

    fn handle_open_service(&mut self, intent: ServiceIntent, key_press: KeyPress) {
        let Front::Service(ServiceSession::Open(session)) = &mut self.front else {
            return;
        };
        let commands = &mut self.service.commands;
        match intent {
            ServiceIntent::Show(section) => {
                session.section = section;
                if section == ServiceSection::Panel && matches!(session.brightness, Some(Err(_))) {
                    commands.push_back(ServiceCommand::ReadBrightness);
                }
                session.asked_restart = None;
                session.network.editing = None;
            }
            ServiceIntent::Darker => session.change_brightness(commands, false),
            ServiceIntent::Brighter => session.change_brightness(commands, true),
            ServiceIntent::AskRestart(what) => session.asked_restart = Some(what),
            ServiceIntent::CancelRestart => session.asked_restart = None,
            ServiceIntent::ConfirmRestart => {
                if let Some(what) = session.asked_restart.take() {
                    session.restart_failed = None;
                    commands.push_back(ServiceCommand::Restart(what));
                }
            }
            ServiceIntent::ApplyNetwork => {
                if let Some(settings) = session.network.apply(key_press) {
                    self.service.unconfirmed = true;
                    let command = ServiceCommand::ApplyNetwork(Box::new(settings));
                    self.service.commands.push_back(command);
                }
            }
            ServiceIntent::KeepNetwork => {
                if session.network.keep() {
                    self.service.unconfirmed = false;
                    commands.push_back(ServiceCommand::KeepNetwork);
                }
            }
            ServiceIntent::RevertNetwork => self.revert_network(),
            ServiceIntent::FindAuthority => commands.push_back(ServiceCommand::FindAuthority),
            other => session.network.handle(other, key_press),
        }
    }

    fn revert_network(&mut self) {
        if let Front::Service(ServiceSession::Open(session)) = &mut self.front
            && session.network.revert()
        {
            self.service.unconfirmed = false;
            self.service
                .commands
                .push_back(ServiceCommand::RevertNetwork);
        }
    }

    pub(super) fn handle_service_event(&mut self, event: ServiceEvent, now: Duration) {
        match event {
            ServiceEvent::Remembered {
                failures,
                hash,
                device_hash,
            } => {
                self.service.guard.remember(failures, now);
                self.service.hash = hash;
                self.service.device_hash = device_hash;
                self.apply_service_settings();
            }
            ServiceEvent::PinChecked { right } => {
                self.service.judging = false;
                if right {
                    self.service.guard.opened();
                    // Somebody who left while the PIN was being verified must not leave the screen open.
                    if self.pin_pad().is_some_and(PinPad::is_checking) {
                        self.open_service_screen(now);
                    }
                } else {
                    self.service.guard.failed(now);
                    self.with_pad(PinPad::refuse);
                }
            }
            other => {
                if let Front::Service(ServiceSession::Open(session)) = &mut self.front {
                    // The wait for a network trial does not count as absence.
                    if matches!(
                        other,
                        ServiceEvent::NetworkApplied(_) | ServiceEvent::CentralTried(_)
                    ) && session.network.is_on_trial()
                    {
                        self.last_touch = now;
                    }
                    session.take(other, now, &mut self.service);
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
