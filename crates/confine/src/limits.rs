//! Limits of resources, and of the lifetime.

use rustix::process::{Resource, Rlimit, Signal};
use serde::{Deserialize, Serialize};

use crate::error::ConfineError;

/// What a process may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub address_space_bytes: u64,
    /// Processor time after which the process is killed; `None` for one that serves for days.
    pub cpu_seconds: Option<u64>,
    /// The largest file, also in memory. More ends the process.
    pub file_bytes: u64,
    /// `None` leaves the stack as it is.
    pub stack_bytes: Option<u64>,
    pub descriptors: u64,
    /// Added to the priority of the parent; 19 is the lowest priority.
    pub niceness: i32,
}

impl Limits {
    /// Sets the limits. With `parent`, the process dies together with the thread of `parent` that started it.
    ///
    /// # Errors
    ///
    /// When a limit cannot be set, or `parent` has ended already.
    pub fn apply(&self, parent: Option<u32>) -> Result<(), ConfineError> {
        if let Some(parent) = parent {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
                .map_err(ConfineError::Parent)?;
            let actual = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
            if actual.and_then(|pid| u32::try_from(pid).ok()) != Some(parent) {
                return Err(ConfineError::ParentEnded);
            }
        }
        // When memory is short the system should kill this process, not its parent, and the parent has priority for the
        // processor. Neither is essential, and a container may forbid both.
        let _ = std::fs::write("/proc/self/oom_score_adj", "500");
        let _ = rustix::process::nice(self.niceness);

        // The stack cannot be raised beyond an existing hard limit; then it stays as it is.
        let stack = rustix::process::getrlimit(Resource::Stack).maximum;
        if let Some(bytes) = self.stack_bytes
            && stack.is_none_or(|maximum| maximum >= bytes)
        {
            limit(Resource::Stack, bytes, "its stack")?;
        }
        if let Some(seconds) = self.cpu_seconds {
            limit(Resource::Cpu, seconds, "its processor time")?;
        }
        limit(Resource::As, self.address_space_bytes, "its address space")?;
        limit(Resource::Fsize, self.file_bytes, "its files")?;
        limit(Resource::Nofile, self.descriptors, "its descriptors")?;
        limit(Resource::Core, 0, "core dumps")
    }
}

fn limit(resource: Resource, bound: u64, what: &'static str) -> Result<(), ConfineError> {
    let limits = Rlimit {
        current: Some(bound),
        maximum: Some(bound),
    };
    rustix::process::setrlimit(resource, limits)
        .map_err(|source| ConfineError::Limit { what, source })
}
