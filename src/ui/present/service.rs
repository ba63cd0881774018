//! Writes out what the service screen says of the device, and which fields of the network it has.

use std::time::Duration;

use vyveska_board::Language;
use vyveska_board::format::dates;
use vyveska_board::format::typography::{NO_BREAK, bind};
use vyveska_board::moment::PRAGUE;

use super::{Presenter, count};
use crate::state::service_mode::{DeviceReport, Field, Form, NetworkStage, OpenSession, PinPad};
use crate::state::{Now, State};
use crate::ui::view_model::{
    DeviceFact, DeviceFactKind, FieldView, NetworkView, OpenServiceView, PinStatus, PinView,
    ServiceView,
};

impl Presenter {
    pub(super) fn service(&self, state: &State, now: Now) -> Option<ServiceView> {
        if let Some(pad) = state.pin_pad() {
            return Some(ServiceView::Locked(pin(state, pad, now)));
        }
        let session = state.open_service()?;
        Some(ServiceView::Open(Box::new(OpenServiceView {
            section: session.section,
            facts: self.facts(state, session),
            link: state.link().cloned(),
            clock: state.clock().trust,
            network: network(state, now)?,
            brightness: session.brightness.clone(),
            brightness_refused: session.brightness_refused.clone(),
            asked_restart: session.asked_restart,
            restart_failed: session.restart_failed.clone(),
        })))
    }

    fn facts(&self, state: &State, session: &OpenSession) -> Vec<DeviceFact> {
        let language = state.language();
        let today = state.clock().today();
        let heard = state.heard().map_or_else(String::new, |heard| {
            dates::as_of(heard.with_timezone(&PRAGUE).naive_local(), today, language)
        });
        let known = [
            (DeviceFactKind::LastSync, or_dash(heard)),
            (DeviceFactKind::Link, String::new()),
            (DeviceFactKind::Clock, String::new()),
            (
                DeviceFactKind::PairingCode,
                self.device.pairing_code.clone(),
            ),
            (DeviceFactKind::Central, short(&self.device.central)),
        ];
        let reported = session
            .report
            .iter()
            .flat_map(|report| reported_facts(report, language));
        known
            .into_iter()
            .chain(reported)
            .map(|(kind, value)| DeviceFact { kind, value })
            .collect()
    }
}

/// „centrala.obec.example": `https` is left out; any other scheme stays.
fn short(address: &str) -> String {
    let address = address.strip_prefix("https://").unwrap_or(address);
    address.trim_end_matches('/').to_owned()
}

fn or_dash(text: String) -> String {
    if text.is_empty() {
        "–".to_owned()
    } else {
        text
    }
}

/// The facts the device reports; those it does not report are left out.
fn reported_facts(
    report: &DeviceReport,
    language: Language,
) -> impl Iterator<Item = (DeviceFactKind, String)> {
    let storage = report.storage.map(|(free, all)| {
        format!(
            "{} / {}",
            gigabytes(free, language),
            gigabytes(all, language)
        )
    });
    let temperature = report
        .temperature
        .map(|degrees| format!("{degrees:.0}{NO_BREAK}°C"));
    [
        (
            DeviceFactKind::Address,
            Some(or_dash(report.addresses.join(", "))),
        ),
        (DeviceFactKind::Storage, storage),
        (DeviceFactKind::Temperature, temperature),
        (DeviceFactKind::DeviceRunning, report.uptime.map(time)),
        (DeviceFactKind::ProgramRunning, Some(time(report.running))),
        (DeviceFactKind::Version, Some(report.version.clone())),
        (DeviceFactKind::Worker, report.worker.clone()),
        (DeviceFactKind::System, report.system.as_deref().map(bind)),
        (DeviceFactKind::Kernel, report.kernel.clone()),
    ]
    .into_iter()
    .filter_map(|(kind, value)| Some((kind, value?)))
}

/// „12,3 GB", rounded down, so that free space is never overstated.
fn gigabytes(bytes: u64, language: Language) -> String {
    let tenths = bytes / 100_000_000;
    let point = match language {
        Language::Czech | Language::German => ',',
        Language::English => '.',
    };
    format!("{}{point}{}{NO_BREAK}GB", tenths / 10, tenths % 10)
}

/// „3 d 4 h", „12 min": the same in every language.
fn time(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}{NO_BREAK}min"),
        (0, _) => format!("{hours}{NO_BREAK}h {minutes}{NO_BREAK}min"),
        _ => format!("{days}{NO_BREAK}d {hours}{NO_BREAK}h"),
    }
}

fn pin(state: &State, pad: &PinPad, now: Now) -> PinView {
    let wait = state.pin_wait(now.monotonic);
    PinView {
        status: if !state.has_service_pin() {
            PinStatus::Absent
        } else if pad.is_checking() {
            PinStatus::Checking
        } else if pad.is_refused() {
            PinStatus::Wrong
        } else {
            PinStatus::Ready
        },
        typed: count(pad.typed()),
        can_enter: pad.is_complete(),
        wait: if wait.is_zero() {
            String::new()
        } else {
            let seconds = wait.as_secs_f64().ceil() as u64;
            format!("{}:{:02}", seconds / 60, seconds % 60)
        },
    }
}

fn network(state: &State, now: Now) -> Option<NetworkView> {
    let (form, stage, editing) = state.service_network()?;
    let field = |field: Field| FieldView {
        field,
        text: form.text(field).to_owned(),
        problem: form.problems.get(&field).copied(),
    };
    let seconds_left = match stage {
        NetworkStage::Unreached { until, .. } => {
            until.saturating_sub(now.monotonic).as_secs_f32().ceil() as u32
        }
        _ => 0,
    };
    Some(NetworkView {
        stage: stage.clone(),
        seconds_left,
        dhcp: form.dhcp,
        fields: there(form).map(field).collect(),
        authority: form
            .authority
            .as_ref()
            .map(|authority| authority.fingerprint().to_owned())
            .unwrap_or_default(),
        editing: editing.map(|edited| FieldView {
            // While it is typed, every space counts.
            text: form.texts.get(&edited).cloned().unwrap_or_default(),
            ..field(edited)
        }),
    })
}

/// An address that comes from DHCP is not editable.
fn there(form: &Form) -> impl Iterator<Item = Field> + use<> {
    let dhcp = form.dhcp;
    Field::ALL
        .into_iter()
        .filter(move |field| !(dhcp && field.is_of_fixed_address()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_the_two_largest_units() {
        let texts = [59, 60, 3599, 3600, 90_000, 360_000].map(|s| time(Duration::from_secs(s)));
        let plain = texts.map(|text| text.replace(NO_BREAK, " "));
        assert_eq!(
            plain,
            [
                "0 min",
                "1 min",
                "59 min",
                "1 h 0 min",
                "1 d 1 h",
                "4 d 4 h"
            ]
        );
    }

    #[test]
    fn storage_is_stated_in_the_language() {
        assert_eq!(gigabytes(12_399_000_000, Language::Czech), "12,3\u{a0}GB");
        assert_eq!(gigabytes(0, Language::English), "0.0\u{a0}GB");
    }
}
