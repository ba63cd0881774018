//! Which documents of notices could not be taken from their publisher, and why.
//!
//! The alarm `documents` lists them for the clerk.

use std::collections::BTreeMap;

use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::{ClockBounds, Document, Language, MissingReason};

use super::document_list;
use crate::storage::CurrentNotice;

/// The kind of the alarm that documents of a source could not be taken; its subject is the source.
pub(crate) const DOCUMENTS: &str = "documents";

/// Why documents are missing, by the publisher's address.
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

    /// What the alarm says of the notices of a board that have not ended; `None` where nothing is missing.
    pub(super) fn message(
        &self,
        board: &str,
        notices: &[CurrentNotice],
        now: &ClockBounds,
    ) -> Option<String> {
        let (count, list) = document_list::list(board, notices, now, |document| {
            let reason = self.reason(document)?;
            Some(missing_reason(reason, Language::English).to_owned())
        })?;
        Some(format!(
            "{count} documents could not be taken from their publisher: {list}"
        ))
    }
}
