//! Tens of simulated displays beside a central service, whose clock is a fake and whose polls are called for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../central/benches/feed/mod.rs"]
mod feed;

mod attacks;
mod faults;
mod news;
mod restart;
mod towns;
