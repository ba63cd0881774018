//! The inside of the page worker.
//!
//! One thread, one loop: a request, its answer. The worker locks itself in before it reads the first byte of
//! a document, keeps one document open, and drops everything kept for it when the next one comes. It is never started by
//! hand; `--self-test` shows what the confinement refuses.

mod arguments;
mod confinement;
mod fonts;
mod format;
mod glyphs;
mod pdf;
mod picture;
mod resample;
mod self_test;
mod session;
mod tiff;
mod words;

use arguments::{Arguments, Mode};
use std::process::ExitCode;

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            say(&problem);
            return ExitCode::from(2);
        }
    };
    let outcome = match arguments.mode {
        Mode::Serve => session::run(&arguments),
        Mode::SelfTest => self_test::run(&arguments),
        Mode::Version => Ok(tell_version()),
    };
    match outcome {
        Ok(status) => status,
        Err(problem) => {
            say(&problem);
            ExitCode::from(1)
        }
    }
}

/// What the service screen of a kiosk shows.
#[expect(clippy::print_stdout, reason = "the version is the answer")]
fn tell_version() -> ExitCode {
    println!("vyveska-pages {}", env!("CARGO_PKG_VERSION"));
    ExitCode::SUCCESS
}

/// The client reads what a worker says about its own end.
#[expect(
    clippy::print_stderr,
    reason = "standard error is how a worker explains its end"
)]
fn say(problem: &str) {
    eprintln!("vyveska-pages: {problem}");
}
