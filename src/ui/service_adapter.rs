//! Serves `ui/pages/service_page.slint`: the hidden corner, the PIN and what is behind it.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};
use vyveska_board::{ClockTrust, Language};

use super::markup::{
    self, AppWindow, ClockKind, FieldProblem, KeyKind, KeyboardKey, KeyboardRow, LinkKind,
    NetworkField, NetworkFieldKind, NetworkStageKind, PinState, ServiceFact, ServiceFactKind,
    ServicePart,
};
use super::service_keyboard;
use super::service_trouble::trouble_of;
use super::view_model::{
    DeviceFactKind, FieldView, NetworkView, OpenServiceView, PinStatus, PinView, ServiceView,
    ViewModel,
};
use crate::state::service_mode::{Field, NetworkStage, Problem, Restart, ServiceSection};
use crate::state::{Event, Intent, Link, ServiceIntent};

#[derive(Default)]
pub(super) struct ServiceAdapter {
    shown: Option<ServiceView>,
    keyboard: Option<(Field, Language)>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::ServiceAdapter<'_>>();
    let send = move |intent| on_event(Event::Intent(Intent::Service(intent)));
    let plain = |intent: ServiceIntent| {
        let send = send.clone();
        move || send(intent.clone())
    };
    adapter.on_corner_touched(plain(ServiceIntent::CornerTouched));
    adapter.on_corner_left(plain(ServiceIntent::CornerLeft));
    adapter.on_erase_digit(plain(ServiceIntent::EraseDigit));
    adapter.on_enter_pin(plain(ServiceIntent::EnterPin));
    adapter.on_leave(plain(ServiceIntent::Leave));
    adapter.on_find_authority(plain(ServiceIntent::FindAuthority));
    adapter.on_remove_authority(plain(ServiceIntent::RemoveAuthority));
    adapter.on_apply(plain(ServiceIntent::ApplyNetwork));
    adapter.on_keep(plain(ServiceIntent::KeepNetwork));
    adapter.on_revert(plain(ServiceIntent::RevertNetwork));
    adapter.on_darker(plain(ServiceIntent::Darker));
    adapter.on_brighter(plain(ServiceIntent::Brighter));
    adapter.on_confirm_restart(plain(ServiceIntent::ConfirmRestart));
    adapter.on_cancel_restart(plain(ServiceIntent::CancelRestart));
    let to = send.clone();
    adapter.on_digit(move |digit| {
        if let Ok(digit) = u8::try_from(digit) {
            to(ServiceIntent::Digit(digit));
        }
    });
    let to = send.clone();
    adapter.on_show(move |part| {
        if let Some(section) = section(part) {
            to(ServiceIntent::Show(section));
        }
    });
    let to = send.clone();
    adapter.on_use_dhcp(move |dhcp| to(ServiceIntent::UseDhcp(dhcp)));
    let to = send.clone();
    adapter.on_edit(move |field| to(ServiceIntent::Edit(field_of(field))));
    let to = send.clone();
    adapter.on_key_pressed(move |key| {
        if let Some(intent) = intent_of(&key) {
            to(intent);
        }
    });
    adapter.on_ask_restart(move |device| {
        send(ServiceIntent::AskRestart(if device {
            Restart::Device
        } else {
            Restart::Program
        }));
    });
}

impl ServiceAdapter {
    pub(super) fn render(&mut self, window: &AppWindow, view_model: &ViewModel) {
        if self.shown == view_model.service {
            return;
        }
        self.shown.clone_from(&view_model.service);
        match &view_model.service {
            None => {}
            Some(ServiceView::Locked(view)) => show_pin(window, view),
            Some(ServiceView::Open(view)) => {
                show_open(window, view);
                self.show_keys(window, &view.network, view_model.language);
            }
        }
    }

    fn show_keys(&mut self, window: &AppWindow, view: &NetworkView, language: Language) {
        let Some(edited) = &view.editing else { return };
        let keyboard = (edited.field, language);
        if self.keyboard == Some(keyboard) {
            return;
        }
        self.keyboard = Some(keyboard);
        let rows = service_keyboard::rows(edited.field, language);
        let rows: Vec<KeyboardRow> = rows.into_iter().map(KeyboardRow::from).collect();
        let adapter = window.global::<markup::ServiceAdapter<'_>>();
        adapter.set_keys(ModelRc::from(Rc::new(VecModel::from(rows))));
    }
}

fn show_pin(window: &AppWindow, view: &PinView) {
    let adapter = window.global::<markup::ServiceAdapter<'_>>();
    adapter.set_pin_state(match view.status {
        PinStatus::Absent => PinState::Absent,
        PinStatus::Ready => PinState::Ready,
        PinStatus::Checking => PinState::Checking,
        PinStatus::Wrong => PinState::Wrong,
    });
    adapter.set_pin_typed(view.typed.try_into().unwrap_or(0));
    adapter.set_pin_can_enter(view.can_enter);
    adapter.set_pin_wait(view.wait.as_str().into());
    adapter.set_part(ServicePart::Locked);
}

fn show_open(window: &AppWindow, view: &OpenServiceView) {
    let adapter = window.global::<markup::ServiceAdapter<'_>>();
    let facts: Vec<ServiceFact> = view
        .facts
        .iter()
        .map(|fact| ServiceFact {
            kind: fact_kind(fact.kind),
            value: fact.value.as_str().into(),
        })
        .collect();
    adapter.set_facts(ModelRc::from(Rc::new(VecModel::from(facts))));
    adapter.set_link(match &view.link {
        None => LinkKind::Unknown,
        Some(Link::Reached) => LinkKind::Reached,
        Some(Link::NotLetIn) => LinkKind::NotLetIn,
        Some(Link::PlainHttp) => LinkKind::PlainHttp,
        Some(Link::Unreachable { .. }) => LinkKind::Unreachable,
        Some(Link::Trouble { .. }) => LinkKind::Trouble,
    });
    adapter.set_clock(match view.clock {
        ClockTrust::Unknown => ClockKind::Unknown,
        ClockTrust::HoldingOver => ClockKind::HoldingOver,
        ClockTrust::Synchronised => ClockKind::Synchronised,
    });
    show_network(&adapter, &view.network);
    let (brightness, trouble) = match &view.brightness {
        None => (-1, None),
        Some(Ok(percent)) => (i32::from(*percent), view.brightness_refused.as_ref()),
        Some(Err(reason)) => (-1, Some(reason)),
    };
    adapter.set_brightness(brightness);
    adapter.set_brightness_trouble(trouble_of(trouble));
    adapter.set_restart_trouble(trouble_of(view.restart_failed.as_ref()));
    adapter.set_asks_device(view.asked_restart == Some(Restart::Device));
    adapter.set_asks_restart(view.asked_restart.is_some());
    adapter.set_part(match view.section {
        ServiceSection::Device => ServicePart::Device,
        ServiceSection::Network => ServicePart::Network,
        ServiceSection::Panel => ServicePart::Panel,
        ServiceSection::Restart => ServicePart::Restart,
    });
}

fn show_network(adapter: &markup::ServiceAdapter<'_>, view: &NetworkView) {
    let (stage, reason) = match &view.stage {
        NetworkStage::Reading => (NetworkStageKind::Reading, None),
        NetworkStage::Unavailable { reason } => (NetworkStageKind::Unavailable, Some(reason)),
        NetworkStage::Writing => (NetworkStageKind::Writing, None),
        NetworkStage::Applying => (NetworkStageKind::Applying, None),
        NetworkStage::Trying => (NetworkStageKind::Trying, None),
        NetworkStage::Reached => (NetworkStageKind::Reached, None),
        NetworkStage::Unreached { reason, .. } => (NetworkStageKind::Unreached, Some(reason)),
        NetworkStage::Kept => (NetworkStageKind::Kept, None),
        NetworkStage::Reverting => (NetworkStageKind::Reverting, None),
        NetworkStage::Reverted => (NetworkStageKind::Reverted, None),
        NetworkStage::Refused { reason } => (NetworkStageKind::Refused, Some(reason)),
        NetworkStage::NotBack { reason } => (NetworkStageKind::NotBack, Some(reason)),
        NetworkStage::AuthorityNotRead { reason } => {
            (NetworkStageKind::AuthorityNotRead, Some(reason))
        }
    };
    adapter.set_stage_trouble(trouble_of(reason));
    adapter.set_stage_seconds(view.seconds_left.try_into().unwrap_or(0));
    adapter.set_stage(stage);
    adapter.set_dhcp(view.dhcp);
    let fields: Vec<NetworkField> = view.fields.iter().map(NetworkField::from).collect();
    adapter.set_fields(ModelRc::from(Rc::new(VecModel::from(fields))));
    adapter.set_authority(view.authority.as_str().into());
    if let Some(edited) = &view.editing {
        adapter.set_edited(edited.into());
    }
    adapter.set_editing(view.editing.is_some());
}

fn section(part: ServicePart) -> Option<ServiceSection> {
    match part {
        ServicePart::Locked => None,
        ServicePart::Device => Some(ServiceSection::Device),
        ServicePart::Network => Some(ServiceSection::Network),
        ServicePart::Panel => Some(ServiceSection::Panel),
        ServicePart::Restart => Some(ServiceSection::Restart),
    }
}

fn intent_of(key: &KeyboardKey) -> Option<ServiceIntent> {
    match key.kind {
        KeyKind::Letter => key.text.chars().next().map(ServiceIntent::Type),
        KeyKind::Erase => Some(ServiceIntent::EraseLetter),
        KeyKind::Clear => Some(ServiceIntent::ClearField),
        KeyKind::Done => Some(ServiceIntent::DoneEditing),
        _ => None,
    }
}

fn field_of(kind: NetworkFieldKind) -> Field {
    match kind {
        NetworkFieldKind::Address => Field::Address,
        NetworkFieldKind::Mask => Field::Mask,
        NetworkFieldKind::Gateway => Field::Gateway,
        NetworkFieldKind::Dns => Field::Dns,
        NetworkFieldKind::TimeServer => Field::TimeServer,
        NetworkFieldKind::Proxy => Field::Proxy,
    }
}

impl From<&FieldView> for NetworkField {
    fn from(view: &FieldView) -> Self {
        Self {
            kind: match view.field {
                Field::Address => NetworkFieldKind::Address,
                Field::Mask => NetworkFieldKind::Mask,
                Field::Gateway => NetworkFieldKind::Gateway,
                Field::Dns => NetworkFieldKind::Dns,
                Field::TimeServer => NetworkFieldKind::TimeServer,
                Field::Proxy => NetworkFieldKind::Proxy,
            },
            text: view.text.as_str().into(),
            problem: match view.problem {
                None => FieldProblem::None,
                Some(Problem::Missing) => FieldProblem::Missing,
                Some(Problem::NotAnAddress) => FieldProblem::NotAnAddress,
                Some(Problem::NotADevice) => FieldProblem::NotADevice,
                Some(Problem::NotAMask) => FieldProblem::NotAMask,
                Some(Problem::Elsewhere) => FieldProblem::Elsewhere,
                Some(Problem::NotAHost) => FieldProblem::NotAHost,
                Some(Problem::NotAProxy) => FieldProblem::NotAProxy,
                Some(Problem::TooMany) => FieldProblem::TooMany,
            },
        }
    }
}

fn fact_kind(kind: DeviceFactKind) -> ServiceFactKind {
    match kind {
        DeviceFactKind::PairingCode => ServiceFactKind::PairingCode,
        DeviceFactKind::Central => ServiceFactKind::Central,
        DeviceFactKind::Link => ServiceFactKind::Link,
        DeviceFactKind::LastSync => ServiceFactKind::LastSync,
        DeviceFactKind::Clock => ServiceFactKind::Clock,
        DeviceFactKind::Address => ServiceFactKind::Address,
        DeviceFactKind::Storage => ServiceFactKind::Storage,
        DeviceFactKind::Temperature => ServiceFactKind::Temperature,
        DeviceFactKind::DeviceRunning => ServiceFactKind::DeviceRunning,
        DeviceFactKind::ProgramRunning => ServiceFactKind::ProgramRunning,
        DeviceFactKind::Version => ServiceFactKind::Version,
        DeviceFactKind::Worker => ServiceFactKind::Worker,
        DeviceFactKind::System => ServiceFactKind::System,
        DeviceFactKind::Kernel => ServiceFactKind::Kernel,
    }
}
