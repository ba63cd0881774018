//! Confinement of programs that read foreign data.
//!
//! Documents, texts and pictures come from untrusted publishers, and the device's key belongs to the same user as the
//! kiosk. So every program that reads such data gives up first what it does not need:
//!
//! | What | How |
//! | --- | --- |
//! | files | landlock ([`Files`]) or else a mount namespace: the system's programs and libraries, and what the [`Profile`] names; seccomp refuses to open for writing where it names nothing to write |
//! | network, other processes, unusual system calls | a seccomp allow-list ([`Syscalls`]) |
//! | memory, processor time, file size | resource limits ([`Limits`]) |
//!
//! Elapsed time is limited by the caller, which kills the child.
//!
//! The page worker confines itself. A program of somebody else is started with [`Profile::command`], which runs the
//! [`launcher`]: it confines itself and then executes the program, since all of the above survives `execve`. The kiosk
//! and the central service therefore run no code between `fork` and `exec`, which would need unsafe code.
//!
//! Where the kernel has neither landlock nor mount namespaces for users, such a program is not executed. The page worker
//! goes on with seccomp alone, because it may not open any file.
//!
//! [`make_private`] keeps the data folders from other users, [`FolderLock`] from a second program.

mod error;
mod files;
mod folder_lock;
pub mod launcher;
mod limits;
mod namespace;
mod private;
mod profile;
mod syscalls;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::ConfineError;
pub use files::{Files, LandlockState, landlock_support};
pub use folder_lock::{FolderInUse, FolderLock};
pub use limits::Limits;
pub use private::make_private;
pub use profile::{FileIsolation, LAUNCHER, Profile, launcher_path};
pub use syscalls::Syscalls;
