//! Sources: asking publishers, politely and within bounds.
//!
//! A notice's IRI is a name and never fetched; only the feed's own address and the addresses of documents are.

pub mod backoff;
pub mod feed;
pub mod http;
pub mod poll;
