//! The page worker, started by the kiosk and by central; see [`vyveska_pages::worker`].

use std::process::ExitCode;

fn main() -> ExitCode {
    vyveska_pages::worker::main()
}
