//! Which documents of notices could not be taken from their publisher, and why.
//!
//! The alarm `documents` lists them for the clerk. It names notices by their id, because a title may name people and
//! alarms are kept.

use std::collections::BTreeMap;

use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, Document, Language, MissingReason, Revision};

use crate::storage::CurrentNotice;

/// The kind of the alarm that documents of a source could not be taken; its subject is the source.
pub(super) const DOCUMENTS: &str = "documents";

/// How many documents the alarm names.
const MAX_NAMED: usize = 20;

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
        let mut count = 0;
        let mut named = Vec::new();
        for current in notices {
            let (id, revision) = (current.id.clone(), Revision::FIRST);
            let notice = current.facts.notice(id, revision, &current.contents);
            if posting_status(&notice, now, &PostingRules::default()) == PostingStatus::Ended {
                continue;
            }
            for (index, document) in notice.documents.iter().enumerate() {
                let Some(reason) = self.reason(document) else {
                    continue;
                };
                count += 1;
                if named.len() < MAX_NAMED {
                    let why = missing_reason(reason, Language::English);
                    let number = index + 1;
                    named.push(format!(
                        "/{board}/notice/{}, attachment {number}: {why}",
                        notice.id
                    ));
                }
            }
        }
        let more = match count - named.len() {
            0 => String::new(),
            more => format!(" … and {more} more"),
        };
        (count > 0).then(|| {
            format!(
                "{count} documents could not be taken from their publisher: {}{more}",
                named.join(" ")
            )
        })
    }
}
