//! Sources: polling publishers within limits of size, time and request rate.
//!
//! A notice's IRI is an identifier and never fetched; only the feed's own address and the addresses of documents are.

pub mod address;
pub mod backoff;
pub mod budget;
pub mod feed;
pub mod host_limits;
pub mod http;
pub mod poll;
