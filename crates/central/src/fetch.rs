//! Requests to publishers, within limits of size, time, rate and addresses.
//!
//! A notice's IRI is an identifier and never fetched; only the feed's own address and the addresses of documents are.

pub mod address;
pub mod backoff;
pub mod budget;
pub mod host_limits;
pub mod http;
