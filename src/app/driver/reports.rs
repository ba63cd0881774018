//! The driver's answers, as JSON.

use std::time::Duration;

use serde::Serialize;

use super::DriverContext;
use super::type_sizes::{self, CAPITAL_HEIGHT};
use crate::app::elements::{self, Rect, Role};
use crate::ui::view_model::{IdlePage, Scheme, Screen};

/// The answer to `/state`.
#[derive(Debug, Serialize)]
pub(super) struct KioskState {
    screen: &'static str,
    language: &'static str,
    /// From 1 to 4.
    text_step: u8,
    /// "day", "high-contrast" or "night".
    scheme: &'static str,
    reach: bool,
    speech: bool,
    /// Seconds until the kiosk returns to idle, while the countdown is shown.
    countdown: Option<u32>,
    /// How many notices are posted.
    notices: u32,
    /// The chosen category; `None` for all.
    category: Option<String>,
    idle: Option<IdleState>,
    notice: Option<NoticeState>,
    time: String,
    date: String,
    data_as_of: String,
    stale: bool,
    clock: ClockState,
    network_cut: bool,
    /// Whether every page in the window is drawn and no animation runs.
    settled: bool,
    /// When everything was last painted again though nothing had changed, by `clock.monotonic_ms`.
    repainted_ms: u64,
    panel: PanelState,
}

#[derive(Debug, Serialize)]
struct IdleState {
    step: u32,
    steps: u32,
    /// "titles", "notice", "ending" or "information".
    shows: &'static str,
}

#[derive(Debug, Serialize)]
struct NoticeState {
    id: String,
    title: String,
    documents: usize,
    /// Counted from 1, as the screen does.
    document: usize,
    page: u32,
    pages: u32,
    viewer: String,
}

#[derive(Debug, Serialize)]
struct ClockState {
    earliest: String,
    latest: String,
    trust: String,
    /// Milliseconds since the kiosk started; time-outs are measured by it.
    monotonic_ms: u64,
}

#[derive(Debug, Serialize)]
struct PanelState {
    width_px: f32,
    height_px: f32,
    width_mm: f32,
    height_mm: f32,
    mm_per_px: f32,
}

impl KioskState {
    /// `None` before the first view model.
    pub(super) fn of(context: &DriverContext, network_cut: bool) -> Option<Self> {
        let shown = context.event_loop.shown()?;
        let now = context.clock.stamp();
        let (width, height) = context.size();
        let mm_per_px = context.mm_per_px();
        let idle = (shown.screen == Screen::Idle).then(|| IdleState {
            step: shown.idle.step + 1,
            steps: shown.idle.steps,
            shows: match shown.idle.page {
                IdlePage::Titles { .. } => "titles",
                IdlePage::Notice(_) => "notice",
                IdlePage::Ending { .. } => "ending",
                IdlePage::Information(_) => "information",
            },
        });
        let notice = shown.notice.as_ref().map(|notice| NoticeState {
            id: notice.row.id.to_string(),
            title: plain(&notice.row.title),
            documents: notice.documents.len(),
            document: notice.chosen + 1,
            page: notice.viewer.page,
            pages: notice.viewer.page_count,
            viewer: format!("{:?}", notice.viewer.status),
        });
        let category = shown
            .board
            .categories
            .iter()
            .find(|category| category.chosen)
            .map(|category| category.name.clone());
        Some(Self {
            screen: name_of(shown.screen),
            language: shown.language.code(),
            text_step: shown.look.text_size.step(),
            scheme: match shown.look.scheme {
                Scheme::Day => "day",
                Scheme::HighContrast => "high-contrast",
                Scheme::Night => "night",
            },
            reach: shown.look.reach,
            speech: shown.look.speech,
            countdown: shown.countdown,
            notices: shown.board.total,
            category,
            idle,
            notice,
            time: shown.header.time.clone(),
            date: plain(&shown.header.date),
            data_as_of: plain(&shown.footer.data_as_of),
            stale: shown.footer.stale,
            clock: ClockState {
                earliest: now.clock.earliest.to_rfc3339(),
                latest: now.clock.latest.to_rfc3339(),
                trust: format!("{:?}", now.clock.trust),
                monotonic_ms: milliseconds(now.monotonic),
            },
            network_cut,
            settled: context.is_settled(),
            repainted_ms: milliseconds(context.event_loop.last_repaint()),
            panel: PanelState {
                width_px: width,
                height_px: height,
                width_mm: width * mm_per_px,
                height_mm: height * mm_per_px,
                mm_per_px,
            },
        })
    }
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

/// A screen's name in requests and answers.
pub(super) fn name_of(screen: Screen) -> &'static str {
    match screen {
        Screen::Waiting => "waiting",
        Screen::Idle => "idle",
        Screen::Board => "board",
        Screen::Search => "search",
        Screen::Notice => "notice",
        Screen::Information => "information",
        Screen::Survey => "survey",
        Screen::Service => "service",
        Screen::Alert => "alert",
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ElementState {
    pub(super) role: &'static str,
    /// With ordinary spaces, in one line.
    pub(super) label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expanded: Option<bool>,
    pub(super) touchable: bool,
    /// The groups that contain it, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    px: Rectangle,
    mm: Rectangle,
    /// The part that is not clipped.
    visible_px: Rectangle,
    visible_mm: Rectangle,
    /// The size of its smallest text.
    #[serde(skip_serializing_if = "Option::is_none")]
    font: Option<FontState>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Rectangle {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct FontState {
    px: f32,
    /// The height of a capital letter.
    capital_mm: f32,
}

impl ElementState {
    /// Every element that a person could see or touch, in reading order.
    pub(super) fn all(context: &DriverContext) -> Vec<Self> {
        let scale = context.mm_per_px();
        let type_sizes = type_sizes::smallest(context.window());
        elements::on_screen(context.window())
            .into_iter()
            .map(|element| {
                let (whole, visible) = (element.whole, element.place());
                let type_size = type_sizes.get(&element.key);
                Self {
                    role: role_name(element.role),
                    touchable: element.role.is_touchable(),
                    label: plain(&element.label),
                    value: plain(&element.value),
                    enabled: element.enabled,
                    checked: element.checked,
                    selected: element.selected,
                    expanded: element.expanded,
                    groups: element
                        .groups
                        .iter()
                        .map(|group| plain(&group.label))
                        .collect(),
                    px: Rectangle::of(whole, 1.0),
                    mm: Rectangle::of(whole, scale),
                    visible_px: Rectangle::of(visible, 1.0),
                    visible_mm: Rectangle::of(visible, scale),
                    font: type_size.map(|px| FontState {
                        px: *px,
                        capital_mm: px * CAPITAL_HEIGHT * scale,
                    }),
                }
            })
            .collect()
    }

    /// The middle of its visible part.
    pub(super) fn middle(&self) -> (f32, f32) {
        let Rectangle {
            x,
            y,
            width,
            height,
        } = self.visible_px;
        (x + width / 2.0, y + height / 2.0)
    }
}

impl Rectangle {
    fn of(place: Rect, scale: f32) -> Self {
        Self {
            x: place.x * scale,
            y: place.y * scale,
            width: place.width * scale,
            height: place.height * scale,
        }
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Button => "button",
        Role::ListItem => "list-item",
        Role::Combobox => "combobox",
        Role::Checkbox => "checkbox",
        Role::RadioButton => "radio-button",
        Role::Tab => "tab",
        Role::TextInput => "text-input",
        Role::Slider => "slider",
        Role::Progress => "progress",
        Role::Text => "text",
        Role::Image => "image",
    }
}

/// The text as it would be written in a script: ordinary spaces, one line.
pub(super) fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\n'], " ")
}
