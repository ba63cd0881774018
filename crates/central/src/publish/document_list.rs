//! What alarms say of documents of a board, one by one.
//!
//! Notices are named by their ids, because a title may name people and alarms are kept.

use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, Document, Revision};

use crate::storage::CurrentNotice;

/// How many documents an alarm names.
const MAX_NAMED: usize = 20;

/// Those documents of notices that have not ended of which `say` says something: how many, and what of the first.
///
/// `None` where there are none.
pub(super) fn list(
    board: &str,
    notices: &[CurrentNotice],
    now: &ClockBounds,
    say: impl Fn(&Document) -> Option<String>,
) -> Option<(usize, String)> {
    let mut count = 0;
    let mut named = Vec::new();
    for current in notices {
        let (id, revision) = (current.id.clone(), Revision::FIRST);
        let notice = current.facts.notice(id, revision, &current.contents);
        if posting_status(&notice, now, &PostingRules::default()) == PostingStatus::Ended {
            continue;
        }
        for (document, number) in notice.documents.iter().zip(1..) {
            let Some(said) = say(document) else {
                continue;
            };
            count += 1;
            if named.len() < MAX_NAMED {
                let id = &notice.id;
                named.push(format!("/{board}/notice/{id}, attachment {number}: {said}"));
            }
        }
    }
    let more = match count - named.len() {
        0 => String::new(),
        more => format!(" … and {more} more"),
    };
    (count > 0).then(|| (count, named.join(" ") + &more))
}
