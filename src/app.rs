//! The composition root: the only place that knows every part.
//!
//! Slint owns the main thread, and the state lives there too: a touch is handled and drawn without waiting for any
//! other thread. The network, the page worker and the journal run on other threads and post events to the event loop.

mod answers;
mod app_event;
mod central_connection;
mod coat_of_arms;
#[cfg(feature = "demo")]
mod driver;
pub mod elements;
mod event_loop;
mod headless_kiosk;
mod kiosk;
mod lifecycle;
mod network;
mod open_text;
mod options;
mod pictures;
mod recorder;
mod runtime;
mod safe_mode;
mod speech;
mod status;
mod texts;
mod walk;

use std::process::ExitCode;

use anyhow::Context as _;

pub use headless_kiosk::HeadlessKiosk;
use kiosk::Kiosk;
pub use lifecycle::RESTART_STATUS;
pub use options::{Options, OutputMode, ServiceOptions, Sound, read_central_key, read_enrolment};

use crate::recovery::Mode;

/// Runs the kiosk until it is ended. A failed start gives [`RESTART_STATUS`].
///
/// # Errors
///
/// When the options cannot be used, or another kiosk uses the data folder, so that another start would not help.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if let OutputMode::Walk { folder } = &options.output_mode {
        let _lock = kiosk::take_folder(options)?;
        let kiosk = HeadlessKiosk::start(options)?;
        let walked = walk::run(&kiosk, folder);
        kiosk.stop();
        walked?;
        return Ok(ExitCode::SUCCESS);
    }
    supervised(options, || match &options.output_mode {
        OutputMode::Window { fullscreen } => {
            let kiosk = open_window(options, *fullscreen)?;
            lifecycle::run_loop(*fullscreen)?;
            kiosk.stop();
            Ok(())
        }
        OutputMode::Headless | OutputMode::Walk { .. } => HeadlessKiosk::start(options)?.run(),
    })
}

/// Runs a program whose failures are recorded and lead to simpler modes.
fn supervised(
    options: &Options,
    run: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let _lock = kiosk::take_folder(options)?;
    lifecycle::supervise(&options.data)?;
    let _signals = lifecycle::listen_for_signals()?;
    let mode = lifecycle::mode();
    let key = match mode {
        // Needs no key.
        Some((Mode::AddressOnly, _)) => Ok(()),
        _ => kiosk::load_identity(&options.data).map(drop),
    };
    let outcome = match (key, mode) {
        (Err(error), _) => safe_mode::run_without_key(options, &error),
        (Ok(()), Some((mode, recovery))) => safe_mode::run(options, mode, recovery),
        (Ok(()), None) => run(),
    };
    Ok(match outcome {
        Ok(()) => lifecycle::end_or_restart(),
        Err(error) => lifecycle::failed(&error),
    })
}

/// Runs the kiosk until it is ended, controlled from outside by the black-box driver, which listens at `driver`.
///
/// `listening` is called with the address once the driver listens.
///
/// # Errors
///
/// As [`run`], and when the address is not this computer's own or is taken.
#[cfg(feature = "demo")]
pub fn run_driven(
    options: &Options,
    driver: std::net::SocketAddr,
    listening: impl FnOnce(std::net::SocketAddr),
) -> anyhow::Result<ExitCode> {
    driver::check(driver)?;
    supervised(options, || match &options.output_mode {
        OutputMode::Walk { .. } => anyhow::bail!("use either --screens or --driver, not both"),
        OutputMode::Headless => {
            let kiosk = HeadlessKiosk::start(options)?;
            let driver = kiosk.drive(driver)?;
            listening(driver.address());
            kiosk.run()
        }
        OutputMode::Window { fullscreen } => {
            let kiosk = open_window(options, *fullscreen)?;
            let driver = kiosk.drive(driver, None)?;
            listening(driver.address());
            lifecycle::run_loop(*fullscreen)?;
            drop(driver);
            kiosk.stop();
            Ok(())
        }
    })
}

fn open_window(options: &Options, fullscreen: bool) -> anyhow::Result<Kiosk> {
    let kiosk = Kiosk::start(options)?;
    kiosk
        .open_window(options.width, options.height, fullscreen)
        .context("cannot open the window")?;
    lifecycle::ready();
    Ok(kiosk)
}
