//! Documents: fetched from their publishers, kept byte for byte under their hash.

pub mod blobs;
pub mod keeper;
pub mod media_type;

pub use blobs::BlobError;
