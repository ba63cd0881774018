//! Simulated displays that speak the true protocol.
//!
//! Each has a key of its own, signs every request, and verifies everything that it gets, as a kiosk does; what it shows is
//! only its number and hashes, so that one process holds thousands. Keys follow from a seed and an index: a fleet is the
//! same at each run.
//!
//! What a display has seen comes out as an [`Observation`], and adds up to a [`Tally`].
//!
//! It speaks HTTP/1.1 without TLS. For a central service on loopback each display has an address of its own in 127.0.0.0/8,
//! since limits of one address are not what a fleet is to meet.
//!
//! | Module | What it does |
//! | --- | --- |
//! | [`fault`] | what is wrong with a display |
//! | `registration` | makes a display known to central |
//! | `central_time` | central's time, which dates tokens |
//! | `device` | its key and its signed requests |
//! | `display` | one display: rounds, events, and when it is off the network |
//! | `board` | what a display has, and what it takes of what it is offered |
//! | `events` | the event stream, and what waits to be looked at |
//! | `request` | one HTTP connection |
//! | `attack` | requests that central has to refuse |
//! | [`observation`] | what displays saw |

mod attack;
mod board;
mod central_time;
mod device;
mod display;
mod events;
pub mod fault;
mod fleet;
mod identity;
pub mod observation;
mod registration;
mod request;
mod timing;

pub use fault::Fault;
pub use fleet::{Fleet, FleetConfig, FleetError};
pub use identity::key_of;
pub use observation::{DisplayTally, Observation, Seen, Tally};
pub use timing::Timing;
