//! The page worker. Started by the kiosk and by central, never by hand; see [`vyveska_pages::worker`].

use std::process::ExitCode;

fn main() -> ExitCode {
    vyveska_pages::worker::main()
}
