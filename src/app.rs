//! The composition root: the only place that knows every part.
//!
//! Slint owns the main thread, and the state lives there too: a touch is decided and drawn without waiting for any
//! other thread. The network, the page worker and the journal work elsewhere and post into the circle.

mod circle;
pub mod elements;
mod emblem;
mod headless_kiosk;
mod kiosk;
mod lifecycle;
mod network;
mod options;
mod recorder;
mod walk;

use std::process::ExitCode;

use anyhow::Context as _;

pub use headless_kiosk::HeadlessKiosk;
use kiosk::Kiosk;
pub use options::{Options, Screen};

/// Runs the kiosk until it is ended.
///
/// # Errors
///
/// When a part that it cannot do without is missing: the key, the data folder, the screen.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    match &options.screen {
        Screen::Walk { folder } => {
            let kiosk = HeadlessKiosk::start(options)?;
            let walked = walk::run(&kiosk, folder);
            kiosk.stop();
            walked?;
        }
        Screen::Headless => HeadlessKiosk::start(options)?.run()?,
        Screen::Window { fullscreen } => {
            let kiosk = Kiosk::start(options)?;
            kiosk
                .open_window(options.width, options.height, *fullscreen)
                .context("cannot open the window")?;
            slint::run_event_loop().context("the screen ended")?;
            kiosk.stop();
        }
    }
    Ok(ExitCode::SUCCESS)
}
