//! What people call the notices and documents that an alarm lists, so that a clerk finds them.
//!
//! A title may name people, and alarms are kept: they have ids and places alone, and the names are added for who looks.

use std::collections::HashMap;

use vyveska_board::format::notice_title::notice_title;
use vyveska_board::{ClockBounds, Document, Language};

use crate::publish::document_list::{place, placed_documents, posted};
use crate::storage::CurrentNotice;

/// How the notices of a board that have not ended, and their documents, are called, by what alarms call them.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    pub(super) fn add(&mut self, board: &str, notices: &[CurrentNotice], now: &ClockBounds) {
        for notice in posted(notices, now) {
            let title = notice_title(&notice.title, Language::Czech);
            let name = format!("{}, „{title}“", place(board, &notice.id));
            self.0.insert(notice.id.to_string(), name);
            for (place, document) in placed_documents(board, notice) {
                let parts = [place.clone()].into_iter().chain(document_name(&document));
                let name: Vec<String> = parts.collect();
                self.0.insert(place, name.join(", "));
            }
        }
    }

    /// A line of an alarm's list with the name of what it is about; `None` where that is unknown, or its notice has ended.
    pub(super) fn named(&self, line: &str) -> Option<String> {
        let (subject, words) = line.split_once(": ").unwrap_or((line, ""));
        let name = self.0.get(subject)?;
        Some(match words {
            "" => name.clone(),
            words => format!("{name}: {words}"),
        })
    }
}

/// Its title and address, as `„Příloha 1“, https://lipnice.example/1.pdf`.
pub(super) fn document_name(document: &Document) -> Option<String> {
    let title = document.title.best(Language::Czech).trim();
    let title = (!title.is_empty()).then(|| format!("„{title}“"));
    let parts = title
        .into_iter()
        .chain(document.url.as_ref().map(ToString::to_string));
    let name = parts.collect::<Vec<_>>().join(", ");
    (!name.is_empty()).then_some(name)
}
