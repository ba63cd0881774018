//! Attempts what the confinement must refuse and reports the results.
//!
//! `vyveska-pages --self-test` prints one JSON object: after landlock alone, and after seccomp on top of it, the error
//! each attempt met, or `null` where it succeeded. Its status is 0 when everything was refused that has to be.

use super::arguments::Arguments;
use super::confinement;
use crate::protocol::LandlockState;
use serde::Serialize;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, ExitCode};

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
        }
    }

    fn all_refused(&self) -> bool {
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
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    confinement::limit(arguments)?;
    let landlock = confinement::enter_landlock()?;
    let after_landlock = Attempts::make();
    confinement::enter_seccomp()?;
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
