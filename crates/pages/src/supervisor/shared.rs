//! What the handles and the supervisor share.

use crate::queue::{Queue, RequestId};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The state under its lock, and the descriptor that wakes the supervisor.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(super) wake: OwnedFd,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) queue: Queue,
    pub(crate) running: Option<Running>,
    pub(crate) closing: bool,
    pub(crate) next_id: u64,
}

pub(crate) struct Running {
    pub(crate) id: RequestId,
    pub(crate) priority: crate::queue::Priority,
    pub(crate) cancelled: bool,
}

impl Shared {
    pub(crate) fn new() -> std::io::Result<Self> {
        let flags = rustix::event::EventfdFlags::CLOEXEC | rustix::event::EventfdFlags::NONBLOCK;
        Ok(Self {
            state: Mutex::default(),
            wake: rustix::event::eventfd(0, flags)?,
        })
    }

    /// No code under this lock can panic half-way, so a poisoned lock is usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self) {
        // A full counter means that the supervisor is being woken already.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    pub(super) fn drain_wake(&self) {
        let mut count = [0; 8];
        // An empty counter is no error: poll may have returned for another reason.
        let _ = rustix::io::read(&self.wake, &mut count);
    }
}
