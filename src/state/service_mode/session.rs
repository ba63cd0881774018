//! A technician before the screen: at the lock, and behind it.

use std::collections::VecDeque;
use std::time::Duration;

use super::Service;
use super::intent::{Restart, ServiceSection};
use super::network::NetworkVisit;
use super::order::{DeviceReport, ServiceEvent, ServiceOrder};
use super::pin::PinPad;
use super::trouble::Trouble;

/// The steps of the brightness, in hundredths; the panel is never dark.
const BRIGHTNESS_STEP: u8 = 10;

/// A technician before the screen.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::state) enum ServiceVisit {
    /// Before the PIN.
    Locked(PinPad),
    /// Behind it.
    Open(Box<OpenVisit>),
}

/// What a technician behind the PIN sees.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenVisit {
    /// Which part.
    pub section: ServiceSection,
    /// How the device is, once it said so.
    pub report: Option<DeviceReport>,
    /// How bright the panel is, once it said so.
    pub brightness: Option<Result<u8, Trouble>>,
    /// Why the panel did not become brighter or darker.
    pub brightness_refused: Option<Trouble>,
    /// The restart that has to be confirmed.
    pub asked_restart: Option<Restart>,
    /// Why the last restart did not come about.
    pub restart_failed: Option<Trouble>,
    pub(super) network: NetworkVisit,
    pub(super) reported: Duration,
    /// When the network was looked at last.
    pub(super) looked: Duration,
}

impl OpenVisit {
    /// How it is when somebody just got in.
    pub(super) fn begin(now: Duration) -> Self {
        Self {
            section: ServiceSection::default(),
            report: None,
            brightness: None,
            brightness_refused: None,
            asked_restart: None,
            restart_failed: None,
            network: NetworkVisit::default(),
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
                // Reached: it stays, and nobody has to say so.
                if self.network.was_tried(outcome, now) {
                    service.unconfirmed = false;
                    service.orders.push_back(ServiceOrder::KeepNetwork);
                }
            }
            ServiceEvent::NetworkReverted(outcome) => {
                if self.network.was_reverted(outcome) {
                    service.orders.push_back(ServiceOrder::ReadNetwork);
                }
            }
            ServiceEvent::AuthorityFound(found) => self.network.found_authority(found),
            ServiceEvent::Remembered { .. } | ServiceEvent::PinChecked { .. } => {}
        }
    }

    pub(super) fn change_brightness(
        &mut self,
        orders: &mut VecDeque<ServiceOrder>,
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
        orders.push_back(ServiceOrder::SetBrightness(*level));
    }
}
