//! The UI bridge: view models, and the adapters that pass them to the markup.
//!
//! [`Ui`] is the only thing the rest of the kiosk sees of the markup.
//! Every callback becomes an [`Event`]; every [`ViewModel`] is compared with the one before,
//! and only the properties that differ are set, because a repaint is what costs.

mod alert_adapter;
mod board_adapter;
mod category_icon;
pub mod category_words;
pub mod chips;
pub mod fitting;
mod frame_adapter;
mod idle_adapter;
mod information_adapter;
mod information_words;
mod keyboard;
mod keyboard_adapter;
#[cfg(test)]
mod longest_texts;
mod marked;
mod notice_adapter;
pub(crate) mod office;
pub(crate) mod paragraphs;
mod physical_panel;
mod picture;
pub mod pictures;
pub mod present;
mod qr_codes;
pub(crate) mod repaint;
mod row;
pub mod safe;
mod search_adapter;
mod service_adapter;
mod service_keyboard;
mod service_trouble;
pub(crate) mod speech_adapter;
mod survey_adapter;
pub mod town_colour;
pub mod view_model;
mod waiting_adapter;

use slint::ComponentHandle;
use vyveska_markup as markup;

use crate::state::Event;
use alert_adapter::AlertAdapter;
use board_adapter::BoardAdapter;
use frame_adapter::FrameAdapter;
use idle_adapter::IdleAdapter;
use information_adapter::InformationAdapter;
use notice_adapter::NoticeAdapter;
use search_adapter::SearchAdapter;
use service_adapter::ServiceAdapter;
use survey_adapter::SurveyAdapter;
use view_model::ViewModel;
use waiting_adapter::WaitingAdapter;

pub use physical_panel::{PhysicalPanel, UnusableMounting};
pub use vyveska_markup::{AppWindow, Metrics, Motion, Palette, Scheme};

/// The window and its adapters.
pub struct Ui {
    window: AppWindow,
    frame: FrameAdapter,
    waiting: WaitingAdapter,
    idle: IdleAdapter,
    board: BoardAdapter,
    notice: NoticeAdapter,
    search: SearchAdapter,
    information: InformationAdapter,
    survey: SurveyAdapter,
    service: ServiceAdapter,
    alert: AlertAdapter,
}

impl Ui {
    /// Makes the window, on the platform that was set up before or on the default one.
    ///
    /// # Errors
    ///
    /// When the platform cannot make a window.
    pub fn new() -> Result<Self, slint::PlatformError> {
        let window = AppWindow::new()?;
        fitting::connect(&window);
        marked::connect(&window);
        Ok(Self {
            frame: FrameAdapter::default(),
            waiting: WaitingAdapter::default(),
            idle: IdleAdapter::default(),
            board: BoardAdapter::new(&window),
            notice: NoticeAdapter::new(&window),
            search: SearchAdapter::new(&window),
            information: InformationAdapter::default(),
            survey: SurveyAdapter::default(),
            service: ServiceAdapter::default(),
            alert: AlertAdapter::default(),
            window,
        })
    }

    /// Sends every intent of the interface to `on_event`.
    pub fn connect(&self, on_event: impl Fn(Event) + Clone + 'static) {
        frame_adapter::connect(&self.window, on_event.clone());
        idle_adapter::connect(&self.window, on_event.clone());
        board_adapter::connect(&self.window, on_event.clone());
        search_adapter::connect(&self.window, on_event.clone());
        notice_adapter::connect(&self.window, on_event.clone());
        information_adapter::connect(&self.window, on_event.clone());
        survey_adapter::connect(&self.window, on_event.clone());
        service_adapter::connect(&self.window, on_event.clone());
        alert_adapter::connect(&self.window, on_event);
    }

    /// Sets the panel's size and mounting height, from which every size on the screen follows.
    pub fn set_panel(&self, panel: PhysicalPanel) {
        let metrics = self.window.global::<markup::Metrics<'_>>();
        metrics.set_panel_inches(panel.diagonal_inches);
        metrics.set_panel_bottom_mm(panel.bottom_mm);
    }

    /// Sets the properties that differ from the view model rendered before.
    pub fn render(&mut self, view_model: &ViewModel) {
        let words_or_sizes = self.frame.render(&self.window, view_model);
        self.waiting.render(&self.window, view_model);
        self.idle.render(&self.window, view_model, words_or_sizes);
        self.board.render(&self.window, view_model, words_or_sizes);
        self.notice.render(&self.window, view_model, words_or_sizes);
        self.search.render(&self.window, view_model);
        self.information
            .render(&self.window, view_model, words_or_sizes);
        self.survey.render(&self.window, view_model);
        self.service.render(&self.window, view_model);
        self.alert.render(&self.window, view_model);
        // Last, so that a screen is instantiated with its data in place.
        self.frame.show(&self.window, view_model);
    }

    /// Repaints the whole window in the next frame, whether or not anything has changed.
    pub fn repaint(&self) {
        repaint::repaint(self.window.window());
    }

    pub fn window(&self) -> &AppWindow {
        &self.window
    }
}
