//! Which documents of notices are missing, and why.
//!
//! The alarm `documents` lists for the clerk those that could not be taken from their publisher, `unstored_documents` those
//! that central could not store, and `withdrawn_documents` those that hang, because central has their bytes, and that their
//! publisher offers no longer.

use std::collections::BTreeMap;

use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::{ClockBounds, Document, Language, MissingReason};

use super::document_list;
use crate::counting::counted;
use crate::storage::CurrentNotice;

/// The kind of the alarm that documents of a source could not be taken; its subject is the source.
pub(crate) const DOCUMENTS: &str = "documents";
/// The kind of the alarm that documents of a source could not be stored; its subject is the source.
pub(crate) const UNSTORED_DOCUMENTS: &str = "unstored_documents";
/// The kind of the alarm that documents of a source hang that their publisher no longer offers; its subject is the source.
pub(crate) const WITHDRAWN_DOCUMENTS: &str = "withdrawn_documents";

/// Why documents cannot be fetched, by the publisher's address.
#[derive(Debug, Clone, Default)]
pub(super) struct MissingDocuments(BTreeMap<String, MissingReason>);

impl MissingDocuments {
    pub(super) fn new(by_address: BTreeMap<String, MissingReason>) -> Self {
        Self(by_address)
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Why a document is missing; `None` where it is there or nobody has tried to fetch it yet.
    pub(super) fn reason(&self, document: &Document) -> Option<MissingReason> {
        match (&document.hash, &document.url) {
            (Some(_), _) => None,
            (None, None) => Some(MissingReason::NoAddress),
            (None, Some(url)) => self.0.get(url.as_str()).copied(),
        }
    }

    /// Why the publisher no longer offers a document that is there; `None` where it does, or nobody can tell.
    fn withdrawn(&self, document: &Document) -> Option<MissingReason> {
        let (_, url) = document.hash.zip(document.url.as_ref())?;
        let reason = self.0.get(url.as_str()).copied()?;
        (!reason.is_undecided()).then_some(reason)
    }

    /// The kinds of alarms, and what each says of the notices of a board that have not ended; `None` where it is over.
    pub(super) fn alarms(
        &self,
        board: &str,
        notices: &[CurrentNotice],
        now: &ClockBounds,
    ) -> [(&'static str, Option<String>); 3] {
        let list = |reason: &dyn Fn(&Document) -> Option<MissingReason>| {
            document_list::list(board, notices, now, |document| {
                Some(missing_reason(reason(document)?, Language::English).to_owned())
            })
        };
        let is_unstored = |reason: &MissingReason| *reason == MissingReason::NotStored;
        let missing =
            list(&|document: &Document| self.reason(document).filter(|one| !is_unstored(one)));
        let missing = missing.map(|(count, list)| {
            let count = counted(count, "document");
            format!("{count} could not be taken from the publisher\n{list}")
        });
        let unstored = list(&|document: &Document| self.reason(document).filter(is_unstored));
        let unstored = unstored.map(|(count, list)| {
            let count = counted(count, "document");
            format!("{count} could not be stored\n{list}")
        });
        let withdrawn =
            list(&|document: &Document| self.withdrawn(document)).map(|(count, list)| {
                let count = counted(count, "document");
                format!("no longer offered by the publisher: {count} that the board shows\n{list}")
            });
        [
            (DOCUMENTS, missing),
            (UNSTORED_DOCUMENTS, unstored),
            (WITHDRAWN_DOCUMENTS, withdrawn),
        ]
    }
}
