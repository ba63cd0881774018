//! Publications of boards, and the manifests that announce them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::{DocumentHash, NoticeId};
use vyveska_wire::manifest::Sections;

use crate::{HeldContent, NoticeFacts, StorageError};

/// A notice in its newest revision, as it may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentNotice {
    pub id: NoticeId,
    /// The id of its source.
    pub source: String,
    /// Counted from 1.
    pub revision: u32,
    pub facts: NoticeFacts,
    /// The bytes of its documents in the order of the facts.
    pub contents: Vec<Option<HeldContent>>,
    /// The salt of its hash in journals.
    pub salt: String,
    /// Whether this revision was ever published.
    pub published: bool,
}

impl CurrentNotice {
    /// The bytes of the documents of its revision.
    pub fn revision_contents(&self) -> RevisionContents {
        RevisionContents {
            notice: self.id.clone(),
            number: self.revision,
            contents: self.contents.clone(),
        }
    }
}

/// A publication: the sections of a board from one moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Grows with every publication.
    pub id: i64,
    pub created_at: DateTime<Utc>,
    pub sections: Sections,
    /// When the next notice of it ends.
    pub changes_at: Option<DateTime<Utc>>,
}

/// A manifest that was signed for a publication to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewManifest {
    /// Larger than that of every manifest of the board.
    pub number: u64,
    /// The envelope's exact bytes.
    pub bytes: Vec<u8>,
}

/// A signed manifest of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    pub number: u64,
    /// The publication it announces.
    pub publication: i64,
    /// The envelope's exact bytes; empty where only the number is known, from before manifests were of boards.
    pub bytes: Vec<u8>,
}

/// A publication to be written.
#[derive(Debug, Clone)]
pub struct NewPublication {
    /// The publication it follows; 0 for the first.
    pub after: i64,
    pub sections: Sections,
    /// What announces it to displays.
    pub manifest: NewManifest,
    /// When the next notice of it ends.
    pub changes_at: Option<DateTime<Utc>>,
    /// Everything it names, the sections included.
    pub content: Vec<HeldContent>,
    /// The revisions that it publishes first: from then on the bytes of their documents are never others.
    pub revisions: Vec<RevisionContents>,
}

/// The bytes of a revision's documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionContents {
    pub notice: NoticeId,
    /// Counted from 1.
    pub number: u32,
    /// In the order of the facts.
    pub contents: Vec<Option<HeldContent>>,
}

#[async_trait]
pub trait PublicationRepository: Send + Sync {
    /// The live notices of a source in their newest revisions.
    async fn current_notices(&self, source: &str) -> Result<Vec<CurrentNotice>, StorageError>;
    /// Sets the bytes of revisions' documents, all or none; [`StorageError::Conflict`] when one of them is published.
    async fn set_contents(&self, revisions: &[RevisionContents]) -> Result<(), StorageError>;
    /// Adds revisions that differ by the bytes of their documents, all or none; [`StorageError::Conflict`] when one of
    /// them does not follow the newest of its notice.
    async fn add_revisions(
        &self,
        notices: &[CurrentNotice],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The newest publication of a board.
    async fn publication(&self, board: &str) -> Result<Option<Publication>, StorageError>;
    /// Adds a publication with its manifest, in one transaction; [`StorageError::Conflict`] when another was added
    /// meanwhile, or a manifest whose number is not smaller, or when one of its revisions was published with other bytes.
    /// The board is published again when it changes by itself.
    async fn publish(
        &self,
        board: &str,
        publication: &NewPublication,
        now: DateTime<Utc>,
    ) -> Result<Publication, StorageError>;
    /// The manifest of a board with the largest number.
    async fn manifest(&self, board: &str) -> Result<Option<StoredManifest>, StorageError>;
    /// Puts another manifest in the place of a publication's former one; [`StorageError::Conflict`] unless that is the
    /// board's newest publication and the number exceeds every one of the board: a larger number never names older
    /// content.
    async fn add_manifest(
        &self,
        board: &str,
        manifest: &StoredManifest,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Moves the instant at which the board changes by itself, and is published again.
    async fn set_changes_at(
        &self,
        publication: i64,
        changes_at: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError>;
    /// The content with this hash, if one of the board's newest publications names it.
    async fn named_content(
        &self,
        board: &str,
        hash: DocumentHash,
    ) -> Result<Option<HeldContent>, StorageError>;
    /// The number of the newest publication of any board; 0 when there is none.
    async fn newest_publication(&self) -> Result<i64, StorageError>;
    /// The boards that were published after this publication, each with its newest one: a cheap way to notice what
    /// other processes published. The smallest number comes first.
    async fn published_after(&self, publication: i64) -> Result<Vec<(String, i64)>, StorageError>;
}
