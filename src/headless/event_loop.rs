//! The platform: where windows come from, what time it is, and the loop.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use slint::platform::{EventLoopProxy, Platform, WindowAdapter, duration_until_next_timer_update};
use slint::{EventLoopError, PlatformError};

use super::{FRAME, Headless};

/// The source of time for animations and timers.
#[derive(Debug, Clone)]
pub enum Time {
    /// The time passed since this instant.
    Real(Instant),
    /// A time that passes only by `SetTime::advance`.
    Set(Arc<SetTime>),
}

impl Time {
    /// Real time, from now on.
    pub fn real() -> Self {
        Self::Real(Instant::now())
    }

    /// Set time, from zero.
    pub fn set() -> Self {
        Self::Set(Arc::default())
    }

    fn elapsed(&self) -> Duration {
        match self {
            Self::Real(start) => start.elapsed(),
            Self::Set(clock) => Duration::from_micros(clock.micros.load(Ordering::Acquire)),
        }
    }
}

/// A time that passes only by [`SetTime::advance`].
#[derive(Debug, Default)]
pub struct SetTime {
    micros: AtomicU64,
}

impl SetTime {
    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let micros = duration.as_micros().try_into().unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::AcqRel);
    }
}

type Task = Box<dyn FnOnce() + Send>;

/// Tasks of other threads for the interface's thread.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    tasks: VecDeque<Task>,
    quit: bool,
}

impl Queue {
    pub(super) fn push(&self, task: Task) {
        self.lock().tasks.push_back(task);
        self.arrived.notify_all();
    }

    fn quit(&self) {
        self.lock().quit = true;
        self.arrived.notify_all();
    }

    /// Runs the tasks that are queued, but not those that arrive meanwhile.
    pub(super) fn run_all(&self) {
        let tasks = std::mem::take(&mut self.lock().tasks);
        for task in tasks {
            task();
        }
    }

    /// Waits until a task arrives, for at most `most`.
    pub(super) fn wait(&self, most: Option<Duration>) {
        let waiting = self.lock();
        let idle = |waiting: &mut Waiting| waiting.tasks.is_empty() && !waiting.quit;
        match most {
            Some(most) => drop(self.arrived.wait_timeout_while(waiting, most, idle)),
            None => drop(self.arrived.wait_while(waiting, idle)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // Tasks run outside the lock, so a poisoned queue is still consistent.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct HeadlessPlatform {
    pub(super) screen: Headless,
    pub(super) offers_proxy: bool,
}

impl Platform for HeadlessPlatform {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.screen.display.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.screen.display.time.elapsed()
    }

    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        let queue = self.screen.display.queue.clone();
        self.offers_proxy
            .then(|| Box::new(Proxy(queue)) as Box<dyn EventLoopProxy>)
    }

    fn run_event_loop(&self) -> Result<(), PlatformError> {
        let display = &self.screen.display;
        loop {
            self.screen.dispatch();
            // Forgotten on return, not before: what asks for the end may be earlier than the loop.
            if std::mem::take(&mut display.queue.lock().quit) {
                return Ok(());
            }
            let most = match &display.time {
                // Time set by hand passes in a task, so nothing is due before one arrives.
                Time::Set(_) => None,
                Time::Real(_) if display.window.has_active_animations() => Some(FRAME),
                Time::Real(_) => duration_until_next_timer_update(),
            };
            display.queue.wait(most);
        }
    }
}

struct Proxy(Arc<Queue>);

impl EventLoopProxy for Proxy {
    fn quit_event_loop(&self) -> Result<(), EventLoopError> {
        self.0.quit();
        Ok(())
    }

    fn invoke_from_event_loop(&self, task: Task) -> Result<(), EventLoopError> {
        self.0.push(task);
        Ok(())
    }
}
