//! Which pages displays may draw wrong.
//!
//! The alarm `drawing` lists them for the clerk, by the notices' ids, because a title may name people and alarms are kept.

use std::collections::BTreeMap;

use vyveska_board::format::page_numbers::page_numbers;
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, DocumentHash, Revision};

use crate::storage::{CurrentNotice, Preparation};

/// The kind of the alarm that displays may draw documents of a board wrong; its subject is the board.
pub(super) const DRAWING: &str = "drawing";

/// How many documents the alarm names.
const MAX_NAMED: usize = 20;

/// What the alarm says of the notices of a board that have not ended; `None` where no page is in doubt.
pub(super) fn message(
    board: &str,
    notices: &[CurrentNotice],
    preparations: &BTreeMap<DocumentHash, Preparation>,
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
        for (document, number) in notice.documents.iter().zip(1..) {
            let prepared = document.hash.and_then(|hash| preparations.get(&hash));
            let pages = prepared.map_or(&[][..], |one| &one.drawing.doubtful_pages);
            if pages.is_empty() {
                continue;
            }
            count += 1;
            if named.len() < MAX_NAMED {
                let pages = page_numbers(pages);
                named.push(format!(
                    "/{board}/notice/{}, attachment {number}: pages {pages}.",
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
            "displays may draw pages of {count} documents wrong, and say so; publish them as plain PDF: {}{more}",
            named.join(" ")
        )
    })
}
