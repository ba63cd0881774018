//! The service screen.

use std::time::Duration;

use vyveska::state::service_mode::{
    Field, NetworkStage, Problem, Restart, ServiceSection, Trouble, TroubleKind,
};
use vyveska::state::{Link, TextSize};
use vyveska::ui::view_model::{
    DeviceFact, DeviceFactKind, FieldView, LookView, NetworkView, OpenServiceView, PinStatus,
    PinView, Scheme, Screen, ServiceView, ViewModel,
};
use vyveska_board::{ClockTrust, Language};

use super::samples::base;
use super::{Scene, scene};

pub(super) fn scenes() -> Vec<Scene> {
    vec![
        scene("service-pin", |_| pin(PinStatus::Ready, 3, "")),
        scene("service-pin-wrong", |_| pin(PinStatus::Wrong, 0, "0:32")),
        scene("service-pin-checking", |_| pin(PinStatus::Checking, 0, "")),
        scene("service-pin-absent", |_| pin(PinStatus::Absent, 0, "")),
        scene("service-pin-reach", |_| {
            looking(pin(PinStatus::Wrong, 6, ""), |look| look.reach = true)
        }),
        scene("service-device", |_| device()),
        scene("service-device-german-contrast-larger", |_| {
            let german = open(Language::German, |_| ());
            looking(german, |look| {
                look.scheme = Scheme::HighContrast;
                look.text_size = TextSize::Larger;
            })
        }),
        scene("service-device-reach", |_| {
            looking(device(), |look| look.reach = true)
        }),
        scene("service-device-night", |_| {
            looking(device(), |look| look.scheme = Scheme::Night)
        }),
        scene("service-network", |_| network(fixed)),
        scene("service-network-dhcp", |_| network(|_| ())),
        scene("service-network-problems", |_| network(problems)),
        scene("service-network-largest", |_| {
            looking(network(problems), |look| {
                look.text_size = TextSize::Largest;
            })
        }),
        scene("service-network-german-reach", |_| {
            let mut view_model = open(Language::German, |view| {
                view.section = ServiceSection::Network;
                problems(&mut view.network);
            });
            view_model.look.reach = true;
            view_model
        }),
        scene("service-network-trying", |_| {
            network(|view| view.stage = NetworkStage::Trying)
        }),
        scene("service-network-unreached", |_| network(unreached)),
        scene("service-network-reverted", |_| {
            network(|view| {
                fixed(view);
                view.stage = NetworkStage::Reverted;
            })
        }),
        scene("service-network-refused", |_| network(refused)),
        scene("service-network-refused-german-contrast-larger", |_| {
            let german = open(Language::German, |view| {
                view.section = ServiceSection::Network;
                refused(&mut view.network);
            });
            looking(german, |look| {
                look.scheme = Scheme::HighContrast;
                look.text_size = TextSize::Larger;
            })
        }),
        scene("service-network-not-back", |_| {
            network(|view| {
                fixed(view);
                let reason = Trouble::new(TroubleKind::NotPermitted, NO_RIGHT);
                view.stage = NetworkStage::NotBack { reason };
            })
        }),
        scene("service-network-no-certificate", |_| {
            network(|view| {
                let reason = TroubleKind::NoCertificate.into();
                view.stage = NetworkStage::AuthorityNotRead { reason };
            })
        }),
        scene("service-network-unavailable", |_| {
            network(|view| {
                let words = "nmcli: No such file or directory (os error 2)";
                let reason = Trouble::new(TroubleKind::ToolMissing, words);
                view.stage = NetworkStage::Unavailable { reason };
            })
        }),
        scene("service-network-kept-german", |_| {
            open(Language::German, |view| {
                view.section = ServiceSection::Network;
                fixed(&mut view.network);
                view.network.stage = NetworkStage::Kept;
            })
        }),
        scene("service-edit-address", |_| {
            network(|view| edit(view, Field::Address, "192.168.12."))
        }),
        scene("service-edit-proxy", |_| {
            network(|view| edit(view, Field::Proxy, "http://proxy.mesto-lipnice.example:31"))
        }),
        scene("service-edit-proxy-reach", |_| {
            let proxy = network(|view| edit(view, Field::Proxy, "proxy"));
            looking(proxy, |look| look.reach = true)
        }),
        scene("service-display", |_| {
            open(Language::Czech, |view| view.section = ServiceSection::Panel)
        }),
        scene("service-display-unknown", |_| {
            open(Language::Czech, |view| {
                view.section = ServiceSection::Panel;
                view.brightness = Some(Err(TroubleKind::NoBacklight.into()));
            })
        }),
        scene("service-display-refused-german", |_| {
            open(Language::German, |view| {
                view.section = ServiceSection::Panel;
                let words =
                    "/sys/class/backlight/10-0045/brightness: Permission denied (os error 13)";
                view.brightness_refused = Some(Trouble::new(TroubleKind::NotPermitted, words));
            })
        }),
        scene("service-restart", |_| {
            open(Language::Czech, |view| {
                view.section = ServiceSection::Restart;
            })
        }),
        scene("service-restart-failed-largest", |_| {
            let failed = open(Language::Czech, |view| {
                view.section = ServiceSection::Restart;
                view.restart_failed = Some(Trouble::new(TroubleKind::NotPermitted, NO_RIGHT));
            });
            looking(failed, |look| look.text_size = TextSize::Largest)
        }),
        scene("service-restart-confirm", |_| {
            open(Language::Czech, |view| {
                view.section = ServiceSection::Restart;
                view.asked_restart = Some(Restart::Device);
            })
        }),
        scene("service-restart-confirm-german", |_| {
            open(Language::German, |view| {
                view.section = ServiceSection::Restart;
                view.asked_restart = Some(Restart::Program);
            })
        }),
    ]
}

fn looking(mut view_model: ViewModel, change: impl FnOnce(&mut LookView)) -> ViewModel {
    change(&mut view_model.look);
    view_model
}

fn pin(status: PinStatus, typed: u32, wait: &str) -> ViewModel {
    ViewModel {
        service: Some(ServiceView::Locked(PinView {
            status,
            typed,
            can_enter: typed >= 4,
            wait: wait.to_owned(),
        })),
        ..base(Screen::Service, Language::Czech)
    }
}

fn device() -> ViewModel {
    open(Language::Czech, |_| ())
}

fn network(change: impl FnOnce(&mut NetworkView)) -> ViewModel {
    open(Language::Czech, |view| {
        view.section = ServiceSection::Network;
        change(&mut view.network);
    })
}

fn open(language: Language, change: impl FnOnce(&mut OpenServiceView)) -> ViewModel {
    let fact = |(kind, value): (DeviceFactKind, &str)| DeviceFact {
        kind,
        value: value.to_owned(),
    };
    let mut view = OpenServiceView {
        section: ServiceSection::Device,
        facts: [
            (DeviceFactKind::LastSync, "14:31"),
            (DeviceFactKind::Link, ""),
            (DeviceFactKind::Clock, ""),
            (DeviceFactKind::PairingCode, "TXPL-KDRM"),
            (DeviceFactKind::Central, "centrala.lipnicko.example"),
            (DeviceFactKind::Address, "192.168.1.20, 2001:db8::14"),
            (DeviceFactKind::Storage, "12,3\u{a0}GB / 29,0\u{a0}GB"),
            (DeviceFactKind::Temperature, "51\u{a0}°C"),
            (DeviceFactKind::DeviceRunning, "41\u{a0}d 4\u{a0}h"),
            (DeviceFactKind::ProgramRunning, "12\u{a0}min"),
            (DeviceFactKind::Version, "0.1.0"),
            (DeviceFactKind::Worker, "0.1.0"),
            (DeviceFactKind::System, "Debian GNU/Linux 13 (trixie)"),
            (DeviceFactKind::Kernel, "6.12.34+rpt-rpi-2712"),
        ]
        .map(fact)
        .into(),
        link: Some(Link::Reached),
        clock: ClockTrust::Synchronised,
        network: NetworkView {
            stage: NetworkStage::Writing,
            seconds_left: 0,
            dhcp: true,
            fields: [Field::TimeServer, Field::Proxy].map(empty).into(),
            authority: String::new(),
            editing: None,
        },
        brightness: Some(Ok(80)),
        asked_restart: None,
        brightness_refused: None,
        restart_failed: None,
    };
    change(&mut view);
    ViewModel {
        service: Some(ServiceView::Open(Box::new(view))),
        ..base(Screen::Service, language)
    }
}

/// The network part when it cannot be set up.
pub(crate) fn in_trouble(language: Language, reason: Trouble) -> ViewModel {
    open(language, |view| {
        view.section = ServiceSection::Network;
        view.network.stage = NetworkStage::Unavailable { reason };
    })
}

fn empty(field: Field) -> FieldView {
    FieldView {
        field,
        text: String::new(),
        problem: None,
    }
}

fn fixed(view: &mut NetworkView) {
    let text = |field| match field {
        Field::Address => "192.168.12.20",
        Field::Mask => "255.255.255.0",
        Field::Gateway => "192.168.12.1",
        Field::Dns => "192.168.12.1, 1.1.1.1, 2.2.2.2",
        Field::TimeServer => "tik.cesnet.cz",
        Field::Proxy => "http://proxy.mesto-lipnice.example:3128",
    };
    view.dhcp = false;
    view.fields = Field::ALL
        .map(|field| FieldView {
            text: text(field).to_owned(),
            ..empty(field)
        })
        .into();
    view.authority = "3F:A2:10:7C:99:E0:41:5B".to_owned();
}

fn problems(view: &mut NetworkView) {
    fixed(view);
    view.fields[0].problem = Some(Problem::NotADevice);
    view.fields[2].problem = Some(Problem::Elsewhere);
    view.fields[1] = FieldView {
        problem: Some(Problem::Missing),
        ..empty(Field::Mask)
    };
    view.fields[3] = empty(Field::Dns);
}

/// The system's message to a kiosk without permission.
const NO_RIGHT: &str = "Call to Reboot failed: Interactive authentication required.";

fn refused(view: &mut NetworkView) {
    fixed(view);
    let words = "nmcli: Error: Connection activation failed: No suitable device found";
    let reason = Trouble::new(TroubleKind::Refused, words);
    view.stage = NetworkStage::Refused { reason };
}

fn unreached(view: &mut NetworkView) {
    fixed(view);
    view.stage = NetworkStage::Unreached {
        reason: Trouble::new(
            TroubleKind::CentralUnconnected,
            "Connection refused (os error 111)",
        ),
        until: Duration::from_secs(60),
    };
    view.seconds_left = 58;
}

fn edit(view: &mut NetworkView, field: Field, text: &str) {
    fixed(view);
    view.editing = Some(FieldView {
        text: text.to_owned(),
        ..empty(field)
    });
}
