//! What alarms say of documents of a board, one a line.
//!
//! Notices are named by their ids, because a title may name people and alarms are kept.

use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, Document, Notice, NoticeId, Revision};

use crate::storage::CurrentNotice;

/// How many documents an alarm names.
const MAX_NAMED: usize = 20;

/// The notices that have not ended.
pub(crate) fn posted(notices: &[CurrentNotice], now: &ClockBounds) -> impl Iterator<Item = Notice> {
    let notices = notices.iter().map(|current| {
        let (id, revision) = (current.id.clone(), Revision::FIRST);
        current.facts.notice(id, revision, &current.contents)
    });
    notices.filter(|notice| {
        posting_status(notice, now, &PostingRules::default()) != PostingStatus::Ended
    })
}

/// Where a notice is read: „/lipnice/notice/1a2b".
pub(crate) fn place(board: &str, notice: &NoticeId) -> String {
    format!("/{board}/notice/{notice}")
}

/// The documents of a notice, each with its place: „/lipnice/notice/1a2b, attachment 1".
pub(crate) fn placed_documents(
    board: &str,
    notice: Notice,
) -> impl Iterator<Item = (String, Document)> {
    let place = place(board, &notice.id);
    let documents = notice.documents.into_iter().zip(1..);
    documents.map(move |(document, number)| (format!("{place}, attachment {number}"), document))
}

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
    let documents = posted(notices, now).flat_map(|notice| placed_documents(board, notice));
    for (place, document) in documents {
        let Some(said) = say(&document) else {
            continue;
        };
        count += 1;
        if named.len() < MAX_NAMED {
            named.push(format!("{place}: {said}"));
        }
    }
    match count - named.len() {
        0 => {}
        more => named.push(format!("… and {more} more")),
    }
    (count > 0).then(|| (count, named.join("\n")))
}
