//! Documents: fetched from their publishers and stored byte for byte under their SHA-256.

pub mod blobs;
pub mod disk;
pub mod fetcher;
pub mod media_type;
pub mod reader;

pub use blobs::BlobError;
