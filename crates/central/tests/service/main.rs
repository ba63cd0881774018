//! The service as its callers meet it: one module per route, and the way of a notice through polls.
//!
//! Real SQLite and real HTTP on loopback; the clock is a fake and every poll is called for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accept;
mod answers;
mod content;
mod device;
mod documents;
mod events;
mod information;
mod manifest;
mod now;
mod polling;
mod preparation;
mod publisher;
mod town;
mod web_document;
mod web_list;
mod web_notice;
mod web_open_data;
