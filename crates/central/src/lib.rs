//! The central service: reads feeds, publishes signed boards.
//!
//! | Module | What it does |
//! | --- | --- |
//! | [`account`] | accounts, sessions, invitations, and what a role may do |
//! | [`app`] | the composition root; [`Central`] runs the service in a process |
//! | [`clock`] | which time is believed |
//! | [`config`] | the configuration file |
//! | [`source`] | where notices come from, and how they are read |
//! | [`fetch`] | requests to publishers, within limits |
//! | [`poll`] | asks a source, and takes in what it says |
//! | [`ingest`] | compares a poll with what is stored: identity, revisions, holds |
//! | [`document`] | fetches documents and stores them by hash |
//! | [`information`] | pages, surveys and alerts of the town, from files |
//! | [`jury`] | whether other engines draw a document as the page worker does, and what is shown where they do not |
//! | [`preparation`] | page counts and text of documents |
//! | [`jobs`] | background work: what is due, done under leases |
//! | [`maintenance`] | what each process does every second beside the jobs |
//! | [`provision`] | boards of files become rows of the database |
//! | [`publish`] | builds sections and signs manifests |
//! | [`published_board`] | boards as displays get them, read again |
//! | [`http_service`] | the HTTP server and its limits |
//! | `alarm` | raises and closes alarms |
//! | [`coat_of_arms`] | coats of arms that boards name |
//! | `counting` | numbers with their nouns |
//! | [`retention`] | what is forgotten, and when |
//! | [`storage`] | what is kept, and the database behind narrow traits |
//! | [`status`] | what displays tell about themselves, and which do not any more |
//! | [`display_api`] | the HTTP interface for displays |
//! | [`attention`] | what waits for a person, and what can be done about it |
//! | [`web`] | the public web boards and their open data, and the admin |
//! | [`command`] | the commands of the binary |

pub mod account;
pub(crate) mod alarm;
pub mod app;
pub mod attention;
pub mod clock;
pub mod coat_of_arms;
pub mod command;
pub mod config;
pub mod content_response;
pub(crate) mod counting;
pub mod display_api;
pub mod document;
pub mod enrolment;
pub mod entropy;
pub mod error;
pub mod fetch;
pub mod file;
pub mod http_service;
pub mod information;
pub mod ingest;
pub mod jobs;
pub mod jury;
pub mod lifecycle;
pub mod maintenance;
pub mod poll;
pub mod preparation;
pub mod provision;
pub mod publish;
pub mod published_board;
pub mod retention;
pub mod source;
pub mod status;
pub mod web;

pub use app::{Background, Central, SystemClock};
pub use clock::{CheckedClock, ServiceClock};
pub use config::Config;
/// The domain model and the database: a crate of its own, on which everything here depends.
pub use vyveska_central_storage as storage;
