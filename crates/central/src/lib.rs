//! The central service: feeds in, signed boards out.
//!
//! | Module | What it does |
//! | --- | --- |
//! | [`app`] | the composition root; [`Central`] runs the service in a process |
//! | [`config`] | the configuration file |
//! | [`source`] | asks publishers |
//! | [`ingest`] | decides what a poll means: identity, revisions, what is believed |
//! | [`document`] | keeps documents under their hashes |
//! | [`information`] | pages, surveys and messages of the town, from files |
//! | [`preparation`] | makes of documents what displays need besides their bytes: page counts and text |
//! | [`pipeline`] | what follows a poll |
//! | [`publish`] | makes sections and signs manifests |
//! | [`storage`] | remembers, behind narrow traits |
//! | [`display_api`] | answers displays |
//! | [`web`] | the public boards and their open data |
//! | [`command`] | the commands of the binary |

pub mod app;
pub mod command;
pub mod config;
pub mod content_response;
pub mod display_api;
pub mod document;
pub mod entropy;
pub mod http_service;
pub mod information;
pub mod ingest;
pub mod lifecycle;
pub mod pipeline;
pub mod preparation;
pub mod publish;
pub mod source;
pub mod storage;
pub mod web;

pub use app::{Background, Central, SystemClock};
pub use config::Config;
