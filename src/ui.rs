//! The bridge to the screen: view models, and the adapters that draw them.
//!
//! [`Ui`] is the only thing the rest of the kiosk sees of the markup.
//! Every callback becomes an [`Event`]; every [`ViewModel`] is compared with the one before,
//! and only what differs is handed to the markup, because a repaint is what costs.

mod board_adapter;
mod category_icon;
pub mod chips;
pub mod counting;
pub mod dates;
mod file_size;
mod fitting;
mod frame_adapter;
mod idle_adapter;
mod notice_adapter;
mod office;
mod picture;
pub mod present;
mod qr_codes;
mod row;
pub mod typography;
pub mod view_model;

use slint::ComponentHandle;

use crate::state::Event;
use board_adapter::BoardAdapter;
use frame_adapter::FrameAdapter;
use idle_adapter::IdleAdapter;
use notice_adapter::NoticeAdapter;
use view_model::ViewModel;

/// What the markup compiles to.
#[allow(
    warnings,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    rustdoc::all,
    clippy::disallowed_methods,
    clippy::todo,
    clippy::unimplemented,
    clippy::unwrap_used,
    reason = "written by the markup's compiler"
)]
mod generated {
    slint::include_modules!();
}

pub use generated::{AppWindow, Metrics, Palette, Scheme};

/// The window and its adapters.
pub struct Ui {
    window: AppWindow,
    frame: FrameAdapter,
    idle: IdleAdapter,
    board: BoardAdapter,
    notice: NoticeAdapter,
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
        Ok(Self {
            frame: FrameAdapter::default(),
            idle: IdleAdapter::default(),
            board: BoardAdapter::new(&window),
            notice: NoticeAdapter::new(&window),
            window,
        })
    }

    /// Sends everything that is touched to `on_event`.
    pub fn connect(&self, on_event: impl Fn(Event) + Clone + 'static) {
        frame_adapter::connect(&self.window, on_event.clone());
        idle_adapter::connect(&self.window, on_event.clone());
        self.board.connect(&self.window, on_event.clone());
        notice_adapter::connect(&self.window, on_event);
    }

    /// Draws what differs from the view model drawn before.
    pub fn render(&mut self, view_model: &ViewModel) {
        let language_changed = self.frame.render(&self.window, view_model);
        self.idle.render(&self.window, view_model, language_changed);
        self.board
            .render(&self.window, view_model, language_changed);
        self.notice
            .render(&self.window, view_model, language_changed);
        // Last, so that a screen comes into being with its data in place.
        self.frame.show(&self.window, view_model);
    }

    /// The markup's window.
    pub fn window(&self) -> &AppWindow {
        &self.window
    }

    /// Shows the window and runs until it is closed or told to quit.
    ///
    /// # Errors
    ///
    /// When the platform fails.
    pub fn run(&self) -> Result<(), slint::PlatformError> {
        self.window.show()?;
        slint::run_event_loop()?;
        self.window.hide()
    }
}
