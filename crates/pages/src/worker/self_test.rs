//! Attempts what the confinement must refuse and reports the results.
//!
//! `vyveska-pages --self-test` prints one JSON object: after landlock alone, and after seccomp on top of it, the error
//! each attempt met, or `null` where it succeeded. Its status is 0 when everything was refused that has to be.

use super::arguments::Arguments;
use super::confinement;
use serde::Serialize;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, ExitCode};
use vyveska_confine::{ConfineError, LandlockState};

#[derive(Serialize)]
struct Report {
    landlock: LandlockState,
    after_landlock: Attempts,
    after_seccomp: Attempts,
}

#[derive(Serialize)]
struct Attempts {
    read_file: Option<String>,
    create_file: Option<String>,
    list_folder: Option<String>,
    internet_socket: Option<String>,
    local_socket: Option<String>,
    start_process: Option<String>,
    start_thread: Option<String>,
    signal_another: Option<String>,
    have_another_signalled: Option<String>,
    /// The one attempt that must succeed: a worker that cannot abort hangs.
    signal_itself: Option<String>,
}

impl Attempts {
    fn make() -> Self {
        let refusal = |result: std::io::Result<()>| result.err().map(|error| error.to_string());
        Self {
            read_file: refusal(std::fs::read("/etc/passwd").map(drop)),
            create_file: refusal(std::fs::write("/tmp/vyveska-pages-self-test", "x")),
            list_folder: refusal(std::fs::read_dir("/").map(drop)),
            internet_socket: refusal(TcpListener::bind("127.0.0.1:0").map(drop)),
            local_socket: refusal(UnixDatagram::unbound().map(drop)),
            start_process: refusal(Command::new("/bin/true").status().map(drop)),
            start_thread: refusal(
                std::thread::Builder::new()
                    .spawn(|| {})
                    .map(|thread| drop(thread.join())),
            ),
            signal_another: refusal(signal(NOBODY)),
            have_another_signalled: refusal(own_signals(NOBODY)),
            signal_itself: refusal(signal(std::process::id().cast_signed())),
        }
    }

    /// Whether seccomp refused all but the signal to itself.
    fn all_refused(&self) -> bool {
        let refused = std::io::Error::from_raw_os_error(libc::EPERM).to_string();
        [
            &self.read_file,
            &self.create_file,
            &self.list_folder,
            &self.internet_socket,
            &self.local_socket,
            &self.start_process,
            &self.start_thread,
        ]
        .iter()
        .all(|attempt| attempt.is_some())
            && [&self.signal_another, &self.have_another_signalled]
                .iter()
                .all(|attempt| attempt.as_deref() == Some(refused.as_str()))
            && self.signal_itself.is_none()
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let text = |error: ConfineError| error.to_string();
    confinement::limit(arguments).map_err(text)?;
    let landlock = confinement::enter_landlock().map_err(text)?;
    let after_landlock = Attempts::make();
    confinement::enter_seccomp().map_err(text)?;
    let after_seccomp = Attempts::make();
    let report = Report {
        landlock,
        after_landlock,
        after_seccomp,
    };
    let mut line = serde_json::to_vec(&report).map_err(|error| error.to_string())?;
    line.push(b'\n');
    std::io::stdout()
        .write_all(&line)
        .map_err(|error| error.to_string())?;
    Ok(if report.after_seccomp.all_refused() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// No process has this id, so what seccomp lets through meets `ESRCH`, whatever landlock would refuse.
const NOBODY: i32 = i32::MAX;

/// Asks whether a process could be signalled; sends nothing.
fn signal(process: i32) -> std::io::Result<()> {
    call(libc::SYS_tgkill, [process, process, 0])
}

/// Has a process signalled when standard input becomes ready.
fn own_signals(process: i32) -> std::io::Result<()> {
    call(libc::SYS_fcntl, [0, libc::F_SETOWN, process])
}

fn call(number: i64, arguments: [i32; 3]) -> std::io::Result<()> {
    let [first, second, third] = arguments;
    #[expect(unsafe_code, reason = "these calls have no safe form")]
    // SAFETY: neither of the two calls above takes a pointer.
    let result = unsafe { libc::syscall(number, first, second, third) };
    if result < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}
