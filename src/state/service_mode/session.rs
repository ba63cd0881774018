//! A technician's session: locked and unlocked.

use std::collections::VecDeque;
use std::time::Duration;

use super::Service;
use super::command::{DeviceReport, ServiceCommand, ServiceEvent};
use super::intent::{Restart, ServiceSection};
use super::network::NetworkSession;
use super::pin::PinPad;
use super::trouble::Trouble;

/// The step of the brightness, in hundredths; the panel is never fully dark.
const BRIGHTNESS_STEP: u8 = 10;

/// A technician's session.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::state) enum ServiceSession {
    /// At the PIN pad.
    Locked(PinPad),
    Open(Box<OpenSession>),
}

/// The unlocked service screen.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenSession {
    /// The part in front.
    pub section: ServiceSection,
    /// The device's health, once known.
    pub report: Option<DeviceReport>,
    /// The panel's brightness, once known.
    pub brightness: Option<Result<u8, Trouble>>,
    /// Why the brightness could not be changed.
    pub brightness_refused: Option<Trouble>,
    /// The restart that waits for confirmation.
    pub asked_restart: Option<Restart>,
    /// Why the last restart failed.
    pub restart_failed: Option<Trouble>,
    pub(super) network: NetworkSession,
    pub(super) reported: Duration,
    /// When the network was last read.
    pub(super) looked: Duration,
}

impl OpenSession {
    /// The screen right after unlocking.
    pub(super) fn begin(now: Duration) -> Self {
        Self {
            section: ServiceSection::default(),
            report: None,
            brightness: None,
            brightness_refused: None,
            asked_restart: None,
            restart_failed: None,
            network: NetworkSession::default(),
            reported: now,
            looked: now,
        }
    }

    pub(super) fn take(&mut self, event: ServiceEvent, now: Duration, service: &mut Service) {
        match event {
            ServiceEvent::Report(report) => self.report = Some(report),
            ServiceEvent::Brightness(level) => self.brightness = Some(level),
            ServiceEvent::BrightnessRefused(reason) => self.brightness_refused = Some(reason),
            ServiceEvent::RestartFailed(reason) => self.restart_failed = Some(reason),
            ServiceEvent::NetworkRead(settings) => self.network.was_read(settings),
            ServiceEvent::NetworkApplied(outcome) => {
                if self.network.was_applied(outcome) {
                    service.unconfirmed = false;
                }
            }
            ServiceEvent::CentralTried(outcome) => {
                // Central was reached: no decision is needed.
                if self.network.was_tried(outcome, now) {
                    service.unconfirmed = false;
                    service.commands.push_back(ServiceCommand::KeepNetwork);
                }
            }
            ServiceEvent::NetworkReverted(outcome) => {
                if self.network.was_reverted(outcome) {
                    service.commands.push_back(ServiceCommand::ReadNetwork);
                }
            }
            ServiceEvent::AuthorityFound(found) => self.network.found_authority(found),
            ServiceEvent::Remembered { .. } | ServiceEvent::PinChecked { .. } => {}
        }
    }

    pub(super) fn change_brightness(
        &mut self,
        commands: &mut VecDeque<ServiceCommand>,
        brighter: bool,
    ) {
        let Some(Ok(level)) = &mut self.brightness else {
            return;
        };
        let steps = if brighter {
            *level / BRIGHTNESS_STEP + 1
        } else {
            level.saturating_sub(1) / BRIGHTNESS_STEP
        };
        self.brightness_refused = None;
        *level = (steps * BRIGHTNESS_STEP).clamp(BRIGHTNESS_STEP, 100);
        commands.push_back(ServiceCommand::SetBrightness(*level));
    }
}
