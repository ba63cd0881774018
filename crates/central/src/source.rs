//! Sources: where a board's notices come from.
//!
//! Whatever a source yields comes as a snapshot, bytes that are kept as received. Reading them is a step of its own,
//! because a held change is read again from its snapshot when a person accepts it. From the board that was read on,
//! nothing depends on how it came.
//!
//! A kind of source is a module of its own here, and a kind in the configuration; [`open`] joins the two.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use vyveska_board::ofn::FeedBoard;

use crate::config::{SourceConfig, SourceKind};
use crate::fetch::http::{FetchError, SourceClient, Validators};

use ofn::OfnSource;

pub mod ofn;

/// The kind of the alarm that a source's own certificates cannot be used.
pub(crate) const CERTIFICATES: &str = "certificates";

/// A source of one board's notices.
#[async_trait]
pub trait Source: Send + Sync {
    /// Asks the publisher for what is published now.
    ///
    /// # Errors
    ///
    /// When the publisher cannot be reached, answers with an error status, or sends more than allowed.
    async fn fetch(&self, validators: &Validators) -> Result<SourceReply, FetchError>;

    /// Reads the board of a snapshot; a large one may take long.
    ///
    /// # Errors
    ///
    /// Explains to a person why there is no board.
    fn read(&self, snapshot: &[u8]) -> Result<FeedBoard, String>;
}

/// The result of one request to a publisher.
#[derive(Debug, PartialEq, Eq)]
pub enum SourceReply {
    NotModified,
    Snapshot {
        bytes: Vec<u8>,
        validators: Validators,
    },
}

/// Limits of fetching a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotBounds {
    pub max_bytes: u64,
    /// Limit for the whole request, body included.
    pub timeout: Duration,
}

/// The source that the configuration describes.
pub fn open(
    config: &SourceConfig,
    client: SourceClient,
    bounds: SnapshotBounds,
) -> Arc<dyn Source> {
    match config.kind {
        SourceKind::Ofn => Arc::new(OfnSource {
            location: config.url.clone(),
            board_iri: config.board_iri.clone(),
            client,
            bounds,
        }),
    }
}
