//! Confinement of programs that read foreign data.
//!
//! Documents, texts and pictures come from untrusted publishers, and the device's key belongs to the same user as the
//! kiosk. So every program that reads such data gives up first what it does not need:
//!
//! | What | How |
//! | --- | --- |
//! | files | landlock ([`Files`]): the system's programs and libraries, and what the [`Profile`] names |
//! | network, other processes, unusual system calls | a seccomp allow-list ([`Syscalls`]) |
//! | memory, processor time, file size | resource limits ([`Limits`]) |
//!
//! Elapsed time is limited by the caller, which kills the child.
//!
//! The page worker confines itself. A program of somebody else is started with [`Profile::command`], which runs the
//! [`launcher`]: it confines itself and then executes the program, since all of the above survives `execve`. The kiosk
//! and the central service therefore run no code between `fork` and `exec`, which would need unsafe code.
//!
//! A kernel without landlock is accepted, because seccomp still denies the network. Then the program can read the files
//! of its user, which the first command logs.

mod error;
mod files;
pub mod launcher;
mod limits;
mod profile;
mod syscalls;

pub use error::ConfineError;
pub use files::{Files, LandlockState, landlock_support};
pub use limits::Limits;
pub use profile::{LAUNCHER, Profile, launcher_path};
pub use syscalls::Syscalls;
