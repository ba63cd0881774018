//! The service through its HTTP interface: one module per route, and a notice through several polls.
//!
//! Real SQLite, in `postgres.rs` real PostgreSQL, and real HTTP on loopback; the clock is a fake and every poll is triggered by the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accept;
mod addresses;
mod admin_displays;
mod admin_people;
mod admin_routes;
mod admin_sign_in;
mod answers;
mod assignment;
mod attachments;
mod attention;
mod clock;
mod content;
mod damage;
mod data_folder;
mod device;
mod documents;
mod enrolment;
mod events;
mod information;
mod limits;
mod manifest;
mod nodes;
mod now;
mod office;
mod personal_data;
mod polling;
mod postgres;
mod preparation;
mod provision;
mod publisher;
mod retention;
mod slow_clients;
mod slow_publishers;
mod status;
mod three_towns;
mod town;
mod web_document;
mod web_list;
mod web_notice;
mod web_open_data;
