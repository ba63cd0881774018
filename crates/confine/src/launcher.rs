//! The launcher: confines its own process and executes a program in it.
//!
//! `vyveska-pages confine PROFILE PROGRAM ARGUMENT…`, where the profile is JSON. Its standard streams are those of the
//! program; every other descriptor is closed.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::profile::Profile;
pub use crate::profile::{MODE, NOT_LAUNCHED};

/// Executes the program named by the arguments that follow [`MODE`]. Returns only when that fails.
#[expect(
    clippy::print_stderr,
    reason = "the reason goes where the program's own messages would go"
)]
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let problem = launch(arguments);
    eprintln!("vyveska-pages: {problem}");
    ExitCode::from(NOT_LAUNCHED)
}

/// The reason why the program was not executed.
fn launch(mut arguments: impl Iterator<Item = OsString>) -> String {
    let profile = arguments
        .next()
        .and_then(|profile| serde_json::from_str::<Profile>(profile.to_str()?).ok());
    let (Some(profile), Some(program)) = (profile, arguments.next()) else {
        return "a profile and a program are needed; only vyveska and vyveska-central start it"
            .into();
    };
    if let Err(error) = close_descriptors().and(
        profile
            .restrict(Path::new(&program))
            .map_err(std::io::Error::other),
    ) {
        return error.to_string();
    }
    let error = Command::new(&program).args(arguments).exec();
    format!("{}: {error}", Path::new(&program).display())
}

/// Has every descriptor but the standard streams closed by the `execve` that follows.
fn close_descriptors() -> std::io::Result<()> {
    #[expect(unsafe_code, reason = "close_range is a foreign function")]
    // SAFETY: it takes three numbers, and with this flag it closes nothing in this program.
    let result = unsafe {
        libc::close_range(
            3,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC.cast_signed(),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}
