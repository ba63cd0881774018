//! The page worker.
//!
//! One thread reads a request and writes its answer, in a loop. The worker confines itself before it reads the first
//! byte of a document. It keeps one document open and drops its caches when the next one comes. It is never started
//! by hand; `--self-test` shows what the confinement refuses. The executable is also the launcher of foreign programs
//! ([`vyveska_confine::launcher`]).

mod accents;
mod area;
mod arguments;
mod confinement;
mod cover;
mod fonts;
mod format;
mod glyphs;
mod layers;
mod pages;
mod pdf;
mod picture;
mod picture_size;
mod reduction;
mod resample;
mod self_test;
mod session;
mod tiff;
mod words;

use arguments::{Arguments, Mode};
use std::process::ExitCode;
use vyveska_confine::launcher;

/// The program's entry point.
#[must_use]
pub fn main() -> ExitCode {
    let mut foreign = std::env::args_os().skip(1);
    if foreign.next().is_some_and(|mode| mode == launcher::MODE) {
        return launcher::main(foreign);
    }
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            report(&problem);
            return ExitCode::from(2);
        }
    };
    let outcome = match arguments.mode {
        Mode::Serve => session::run(&arguments),
        Mode::SelfTest => self_test::run(&arguments),
        Mode::Version => Ok(print_version()),
    };
    match outcome {
        Ok(status) => status,
        Err(problem) => {
            report(&problem);
            ExitCode::from(1)
        }
    }
}

/// Read by the kiosk's service screen.
#[expect(clippy::print_stdout, reason = "the version is the answer")]
fn print_version() -> ExitCode {
    println!("vyveska-pages {}", env!("CARGO_PKG_VERSION"));
    ExitCode::SUCCESS
}

/// The client reads standard error when a worker has ended.
#[expect(
    clippy::print_stderr,
    reason = "standard error is how a worker explains its end"
)]
fn report(problem: &str) {
    eprintln!("vyveska-pages: {problem}");
}
