//! Confinement of programs that read foreign data.
//!
//! Documents, texts and pictures come from untrusted publishers, and the device's key belongs to the same user as the
//! kiosk. So every program that reads such data gives up first what it does not need:
//!
//! | What | How |
//! | --- | --- |
//! | files | landlock ([`Files`]): the system's programs and libraries |
//! | network, other processes, unusual system calls | a seccomp allow-list ([`Syscalls`]) |
//! | memory, processor time, file size | resource limits ([`Limits`]) |
//!
//! The page worker confines itself.

mod error;
mod files;
mod limits;
mod syscalls;

pub use error::ConfineError;
pub use files::{Files, LandlockState, landlock_support};
pub use limits::Limits;
pub use syscalls::Syscalls;
