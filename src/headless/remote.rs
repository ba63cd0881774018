//! The screen in memory, from another thread.
//!
//! A scripted walk runs beside the interface, whose thread is busy with its event loop.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::mpsc::{RecvError, sync_channel};
use std::time::Duration;

use image::RgbaImage;

use super::event_loop::{Queue, Time};
use super::gesture::{self, Step};
use super::{Headless, Screen};

thread_local! {
    static HERE: RefCell<Weak<Screen>> = const { RefCell::new(Weak::new()) };
}

/// Lets tasks of this thread find its screen.
pub(super) fn remember(headless: &Headless) {
    HERE.with_borrow_mut(|here| *here = Rc::downgrade(&headless.screen));
}

/// The event loop ended, so nothing answers any more.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the interface has ended")]
pub struct Ended;

/// A way to the screen in memory from any thread.
#[derive(Clone)]
pub struct Remote {
    queue: Arc<Queue>,
}

impl Remote {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue }
    }

    /// Runs something on the interface's thread and waits for what it returns.
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Headless) -> T + Send + 'static,
    ) -> Result<T, Ended> {
        let (answer, answered) = sync_channel(1);
        self.queue.push(Box::new(move || {
            if let Some(screen) = HERE.with_borrow(Weak::upgrade) {
                // Nobody listening any more is no harm.
                drop(answer.send(task(&Headless { screen })));
            }
        }));
        answered.recv().map_err(|RecvError| Ended)
    }

    /// What the screen shows.
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn snapshot(&self) -> Result<RgbaImage, Ended> {
        self.run(Headless::snapshot)
    }

    /// See [`Headless::tap`].
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn tap(&self, x: f32, y: f32) -> Result<(), Ended> {
        self.play(gesture::tap(x, y))
    }

    /// See [`Headless::drag`].
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn drag(&self, from: (f32, f32), to: (f32, f32)) -> Result<(), Ended> {
        self.play(gesture::drag(from, to))
    }

    /// See [`Headless::fling`].
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn fling(&self, from: (f32, f32), to: (f32, f32)) -> Result<(), Ended> {
        self.play(gesture::fling(from, to))
    }

    /// See [`Headless::pinch`].
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn pinch(&self, centre: (f32, f32), from: f32, to: f32) -> Result<(), Ended> {
        self.play(gesture::pinch(centre, from, to))
    }

    fn play(&self, steps: Vec<Step>) -> Result<(), Ended> {
        for step in steps {
            let then = step.then;
            let passed = self.run(move |headless| {
                headless.touch(&step);
                match &headless.screen.time {
                    Time::Real(_) => false,
                    Time::Set(_) => {
                        headless.advance(then);
                        true
                    }
                }
            })?;
            if !passed {
                std::thread::sleep(then);
            }
        }
        Ok(())
    }

    /// Lets time pass for the interface, really or set by hand.
    ///
    /// # Errors
    ///
    /// When the interface has ended.
    pub fn advance(&self, duration: Duration) -> Result<(), Ended> {
        let passed = self.run(move |headless| match &headless.screen.time {
            Time::Real(_) => false,
            Time::Set(_) => {
                headless.advance(duration);
                true
            }
        })?;
        if !passed {
            std::thread::sleep(duration);
        }
        Ok(())
    }
}
