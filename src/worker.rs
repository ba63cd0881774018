//! Supervised threads: one that ends while the kiosk needs it ends the program, so that it is started again.
//!
//! Without this a kiosk whose search, network or journal has ended looks alive and is not.
//! What a failure leads to is decided in one place, [`on_failure`]; without it (in tests) a failure is only logged.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

type Handler = Box<dyn Fn(&str) + Send + Sync>;

static HANDLER: OnceLock<Handler> = OnceLock::new();

/// Calls `handler` with the reason of every failure from now on: a panic of any thread of this process, on that
/// thread, and the end of a [`Worker`] that was not stopped. Only the first call counts.
pub fn on_failure(handler: impl Fn(&str) + Send + Sync + 'static) {
    if HANDLER.set(Box::new(handler)).is_err() {
        return;
    }
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        report(&reason(panic));
    }));
}

/// Where it panicked. The message is left out: it may quote a notice, and a reason outlives personal data.
fn reason(panic: &PanicHookInfo<'_>) -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("a thread without a name");
    panic.location().map_or_else(
        || format!("panic in {name}"),
        |place| format!("panic in {name} at {}:{}", place.file(), place.line()),
    )
}

fn report(reason: &str) {
    match HANDLER.get() {
        Some(handler) => handler(reason),
        None => tracing::error!(reason, "a thread has failed"),
    }
}

/// A thread that runs until it is stopped.
#[derive(Debug)]
pub struct Worker {
    name: &'static str,
    may_end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts a thread whose end is a failure until [`Self::may_end`] was called or this is dropped.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn start(
        name: &'static str,
        work: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let may_end = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&may_end);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                if !fault::ends(name) {
                    work();
                }
                if !ends.load(Ordering::Acquire) {
                    report(&format!("{name} ended"));
                }
            })?;
        Ok(Self {
            name,
            may_end,
            thread: Some(thread),
        })
    }

    /// Lets the thread end. Call it before the thread is asked to.
    pub fn may_end(&self) {
        self.may_end.store(true, Ordering::Release);
    }

    /// Wakes the thread where it has parked itself.
    pub fn unpark(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Lets the thread end and waits until it has.
    pub fn join(&mut self) {
        self.may_end();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(worker = self.name, "a thread panicked");
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.may_end();
    }
}

/// Runs a task that ends by itself on a thread of its own. A panic in it is a failure.
///
/// # Errors
///
/// When the system has no thread left.
pub fn spawn_task(name: &'static str, task: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            if !fault::ends(name) {
                task();
            }
        })
        .map(drop)
}

pub(crate) mod fault {
    //! Failures on request, in builds with the black-box driver.

    /// `panic:search`, `end:search` or `hang:search`; several with commas between them.
    #[cfg(feature = "demo")]
    pub(crate) const VARIABLE: &str = "VYVESKA_FAULT";

    /// Whether this thread is to end at once; panics or hangs when it is to.
    #[cfg(feature = "demo")]
    pub(crate) fn ends(thread: &str) -> bool {
        let faults = std::env::var(VARIABLE).unwrap_or_default();
        let mut faults = faults.split(',').filter_map(|fault| fault.split_once(':'));
        match faults.find(|(_, name)| *name == thread) {
            Some(("panic", _)) => panic!("a fault was injected into {thread}"),
            Some(("hang", _)) => {
                tracing::warn!(thread, "a hang was injected");
                loop {
                    std::thread::park();
                }
            }
            fault => fault.is_some(),
        }
    }

    #[cfg(not(feature = "demo"))]
    pub(crate) fn ends(_: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// The reasons reported on the thread of this name or of it; the handler is the whole test process's.
    fn reasons() -> mpsc::Receiver<String> {
        let (sender, reasons) = mpsc::channel();
        static SENDERS: std::sync::Mutex<Vec<mpsc::Sender<String>>> =
            std::sync::Mutex::new(Vec::new());
        SENDERS.lock().unwrap().push(sender);
        on_failure(|reason| {
            for sender in SENDERS.lock().unwrap().iter() {
                let _ = sender.send(reason.to_owned());
            }
        });
        reasons
    }

    /// The reasons up to one that starts so; the channel itself never ends.
    #[track_caller]
    fn until(reasons: &mpsc::Receiver<String>, start: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while !seen
            .last()
            .is_some_and(|reason: &String| reason.starts_with(start))
        {
            match reasons.recv_timeout(PATIENCE) {
                Ok(reason) => seen.push(reason),
                Err(error) => panic!("{error} for {start}: {seen:?}"),
            }
        }
        seen
    }

    #[test]
    fn a_panic_and_an_end_are_failures_with_a_reason() {
        let reasons = reasons();
        let _panics = Worker::start("panics", || panic!("Jan Novák")).unwrap();
        until(&reasons, "panic in panics at src/worker.rs:");
        let _ends = Worker::start("ends", || ()).unwrap();
        until(&reasons, "ends ended");
        spawn_task("task", || panic!()).unwrap();
        until(&reasons, "panic in task at src/worker.rs:");
    }

    #[test]
    fn a_worker_that_was_stopped_has_not_failed() {
        let reasons = reasons();
        let (stop, stopped) = mpsc::channel::<()>();
        let mut worker = Worker::start("stopped", move || {
            let _ = stopped.recv();
        })
        .unwrap();
        worker.may_end();
        drop(stop);
        worker.join();
        spawn_task("well", || ()).unwrap();
        let _ends = Worker::start("marker", || ()).unwrap();
        let before = until(&reasons, "marker ended");
        assert!(
            !before.iter().any(|reason| reason.starts_with("stopped")),
            "{before:?}"
        );
    }
}
