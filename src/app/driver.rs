//! The black-box driver: lets a program outside of this process control the kiosk over HTTP.
//!
//! The driver can do what a passer-by can: touch pixels, press keys, read the screen and hear what is said. Beyond that it
//! sets the clock and cuts the network. It reaches nothing else, so that a scripted session proves what a person could
//! do.
//!
//! It listens on this computer only and is left out of packages: the feature `demo` brings it in.
//! `docs/driver.md` describes the requests.
//!
//! Requests are served on a thread of their own. What concerns the screen is posted to the interface's thread like any
//! other event; the pauses between the steps of a gesture pass on the driver's thread, so that the interface keeps
//! running during a gesture.

mod gestures;
mod keys;
mod network_fault;
mod reports;
mod server;
mod type_sizes;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use image::RgbaImage;
use serde::Serialize;
use slint::ComponentHandle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::event_loop::EventLoop;
use super::speech;
use crate::clock::DeviceClock;
use crate::headless::Headless;
use crate::ui::{Metrics, repaint};
use crate::worker::Worker;
pub(super) use network_fault::NetworkFault;

/// What the driver can reach on the interface's thread.
pub(super) struct DriverContext {
    pub(super) event_loop: EventLoop,
    pub(super) clock: Arc<DeviceClock>,
    pub(super) speech: speech::Output,
    /// The screen in memory; `None` when the interface is in a window.
    pub(super) headless: Option<Headless>,
    /// Begins a round of sync.
    pub(super) wake: Box<dyn Fn()>,
}

impl DriverContext {
    fn window(&self) -> &slint::Window {
        self.event_loop.window().window()
    }

    /// The window's size in logical pixels.
    fn size(&self) -> (f32, f32) {
        let window = self.window();
        let size = window.size().to_logical(window.scale_factor());
        (size.width, size.height)
    }

    /// The size of a pixel on the panel, in millimetres.
    fn mm_per_px(&self) -> f32 {
        self.event_loop
            .window()
            .global::<Metrics<'_>>()
            .get_mm_per_px()
    }

    /// Whether every page in the window is drawn and no animation runs.
    fn is_settled(&self) -> bool {
        self.event_loop.is_settled() && !self.window().has_active_animations()
    }

    /// Everything said aloud since the start.
    fn spoken(&self) -> Vec<Spoken> {
        let heard = self.speech.sink().spoken();
        heard
            .into_iter()
            .map(|utterance| Spoken {
                text: utterance.text,
                language: utterance.language.code(),
            })
            .collect()
    }

    /// The pixels on the screen; those of a window are painted anew.
    fn picture(&self) -> Option<RgbaImage> {
        match &self.headless {
            Some(headless) => Some(headless.snapshot()),
            None => repaint::repainted(self.window()),
        }
    }
}

/// Something said aloud.
#[derive(Debug, Clone, Serialize)]
struct Spoken {
    text: String,
    /// The language of the voice.
    language: &'static str,
}

thread_local! {
    static CONTEXT: RefCell<Option<Rc<DriverContext>>> = const { RefCell::new(None) };
}

/// The interface has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the interface has ended")]
struct Ended;

/// Runs a question on the interface's thread and returns its answer.
async fn ask<T: Send + 'static>(
    question: impl FnOnce(&DriverContext) -> T + Send + 'static,
) -> Result<T, Ended> {
    let (answer, answered) = oneshot::channel();
    slint::invoke_from_event_loop(move || {
        // The question may call back into this function, so nothing stays borrowed during the call.
        let context = CONTEXT.with(|context| context.borrow().clone());
        if let Some(context) = context {
            // The requester may have disconnected.
            let _ = answer.send(question(&context));
        }
    })
    .map_err(|_| Ended)?;
    answered.await.map_err(|_| Ended)
}

/// A running driver; dropping it ends the driver.
pub(super) struct Driver {
    address: SocketAddr,
    shutdown: CancellationToken,
    worker: Worker,
}

/// Checks that nobody else can reach the driver.
pub(super) fn check(address: SocketAddr) -> anyhow::Result<()> {
    if !address.ip().is_loopback() {
        bail!(
            "the driver listens on this computer only; {address} is open to others, 127.0.0.1:0 is not"
        );
    }
    Ok(())
}

impl Driver {
    /// Listens at `address` for as long as the interface lives.
    pub(super) fn start(
        address: SocketAddr,
        context: DriverContext,
        network_fault: NetworkFault,
    ) -> anyhow::Result<Self> {
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
        CONTEXT.with(|here| *here.borrow_mut() = Some(Rc::new(context)));
        let shutdown = CancellationToken::new();
        let token = shutdown.clone();
        let worker = Worker::start("driver", move || {
            runtime.block_on(server::serve(listener, network_fault, token));
        })
        .context("cannot start the driver's thread")?;
        Ok(Self {
            address,
            shutdown,
            worker,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.worker.may_end();
        self.shutdown.cancel();
        CONTEXT.with(|context| context.borrow_mut().take());
        self.worker.join();
    }
}
