//! Why a process could not be confined.

/// A part of the confinement that failed. The process must not go on.
#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    #[error("cannot limit {what}: {source}")]
    Limit {
        what: &'static str,
        source: rustix::io::Errno,
    },
    #[error("cannot bind its lifetime to its parent: {0}")]
    Parent(rustix::io::Errno),
    #[error("its parent has ended")]
    ParentEnded,
    #[error("cannot confine itself with landlock: {0}")]
    Landlock(#[from] landlock::RulesetError),
    #[error("the kernel has no landlock, and no mount namespace can be made: {0}")]
    Namespace(std::io::Error),
    #[error("the kernel has no landlock")]
    NoIsolation,
    #[error("cannot build its seccomp filter: {0}")]
    Filter(#[from] seccompiler::BackendError),
    #[error("cannot confine itself with seccomp: {0}")]
    Seccomp(#[from] seccompiler::Error),
}
