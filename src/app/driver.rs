//! The black-box driver: a walk through the kiosk, scripted from outside.
//!
//! A program that sees what a passer-by sees and does what a passer-by does: it touches pixels, presses keys, reads
//! what is on the glass and hears what is said. Beyond that it turns two things no passer-by can: the clock and the
//! network's cable. Everything else stays closed to it, so that a walk proves something.
//!
//! It listens on this computer only and is left out of packages: the feature `demo` brings it in.
//! `docs/driver.md` describes the requests.
//!
//! Requests are served on a thread of their own. What has to do with the screen is posted to the interface's thread
//! like anything else from outside; the time between the steps of a gesture passes on the driver's thread, so that
//! the interface goes on living under the finger.

mod answers;
mod cable;
mod gestures;
mod keys;
mod server;
mod type_sizes;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::{Context as _, bail};
use image::RgbaImage;
use serde::Serialize;
use slint::ComponentHandle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::circle::Circle;
use super::speaker::Speaker;
use crate::clock::DeviceClock;
use crate::headless::Headless;
use crate::ui::Metrics;
pub(super) use cable::Cable;

/// What the driver reaches, on the interface's thread.
pub(super) struct Stage {
    pub(super) circle: Circle,
    pub(super) clock: Arc<DeviceClock>,
    pub(super) speaker: Speaker,
    /// The screen in memory; `None` when the interface is in a window.
    pub(super) headless: Option<Headless>,
    /// Begins a round of sync.
    pub(super) wake: Box<dyn Fn()>,
}

impl Stage {
    fn window(&self) -> &slint::Window {
        self.circle.window().window()
    }

    /// The window's size in logical pixels.
    fn size(&self) -> (f32, f32) {
        let window = self.window();
        let size = window.size().to_logical(window.scale_factor());
        (size.width, size.height)
    }

    /// How large a pixel is on the panel.
    fn mm_per_px(&self) -> f32 {
        self.circle.window().global::<Metrics<'_>>().get_mm_per_px()
    }

    /// Whether every page in the window is drawn and nothing moves.
    fn is_settled(&self) -> bool {
        self.circle.is_settled() && !self.window().has_active_animations()
    }

    /// Everything said aloud since the start.
    fn spoken(&self) -> Vec<Spoken> {
        let heard = self.speaker.sink().spoken();
        heard
            .into_iter()
            .map(|utterance| Spoken {
                text: utterance.text,
                language: utterance.language.code(),
            })
            .collect()
    }

    /// What the glass shows.
    fn picture(&self) -> Option<RgbaImage> {
        if let Some(headless) = &self.headless {
            return Some(headless.snapshot());
        }
        let pixels = self
            .circle
            .window()
            .window()
            .take_snapshot()
            .inspect_err(|error| tracing::warn!(%error, "the window gives no picture"))
            .ok()?;
        RgbaImage::from_raw(pixels.width(), pixels.height(), pixels.as_bytes().to_vec())
    }
}

/// Something said aloud.
#[derive(Debug, Clone, Serialize)]
struct Spoken {
    text: String,
    /// In which language's voice.
    language: &'static str,
}

thread_local! {
    static STAGE: RefCell<Option<Rc<Stage>>> = const { RefCell::new(None) };
}

/// The interface has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the interface has ended")]
struct Ended;

/// Asks something on the interface's thread.
async fn ask<T: Send + 'static>(
    question: impl FnOnce(&Stage) -> T + Send + 'static,
) -> Result<T, Ended> {
    let (answer, answered) = oneshot::channel();
    slint::invoke_from_event_loop(move || {
        // Whatever the question does may come back here, so nothing stays borrowed meanwhile.
        let stage = STAGE.with(|stage| stage.borrow().clone());
        if let Some(stage) = stage {
            // Whoever asked may have hung up.
            let _ = answer.send(question(&stage));
        }
    })
    .map_err(|_| Ended)?;
    answered.await.map_err(|_| Ended)
}

/// A running driver. It ends when this is dropped.
pub(super) struct Driver {
    address: SocketAddr,
    shutdown: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    /// Listens at `address` for as long as the interface lives.
    pub(super) fn start(address: SocketAddr, stage: Stage, cable: Cable) -> anyhow::Result<Self> {
        if !address.ip().is_loopback() {
            bail!(
                "the driver listens on this computer only; {address} is open to others, 127.0.0.1:0 is not"
            );
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the driver's runtime")?;
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(address))
            .with_context(|| format!("the driver cannot listen at {address}"))?;
        let address = listener
            .local_addr()
            .context("the driver's address is unknown")?;
        STAGE.with(|here| *here.borrow_mut() = Some(Rc::new(stage)));
        let shutdown = CancellationToken::new();
        let token = shutdown.clone();
        let thread = std::thread::Builder::new()
            .name("driver".into())
            .spawn(move || runtime.block_on(server::serve(listener, cable, token)))
            .context("cannot start the driver's thread")?;
        Ok(Self {
            address,
            shutdown,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shutdown.cancel();
        STAGE.with(|stage| stage.borrow_mut().take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the driver's thread ended badly");
        }
    }
}
