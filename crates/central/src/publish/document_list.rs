//! What alarms say of documents of a board, one by one.
//!
//! Notices are named by their ids, because a title may name people and alarms are kept.

use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, Document, Revision};

use crate::storage::CurrentNotice;

/// How many documents an alarm names.
const MAX_NAMED: usize = 20;

/// The documents of notices that have not ended, each with its place: „/lipnice/notice/1a2b, attachment 1".
pub(crate) fn posted(
    board: &str,
    notices: &[CurrentNotice],
    now: &ClockBounds,
) -> impl Iterator<Item = (String, Document)> {
    let notices = notices.iter().map(|current| {
        let (id, revision) = (current.id.clone(), Revision::FIRST);
        current.facts.notice(id, revision, &current.contents)
    });
    let posted = notices.filter(|notice| {
        posting_status(notice, now, &PostingRules::default()) != PostingStatus::Ended
    });
    posted.flat_map(move |notice| {
        let documents = notice.documents.into_iter().zip(1..);
        documents.map(move |(document, number)| {
            let id = &notice.id;
            let place = format!("/{board}/notice/{id}, attachment {number}");
            (place, document)
        })
    })
}

/// Those of these documents of which `say` says something: how many, and what of the first.
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
    for (place, document) in posted(board, notices, now) {
        let Some(said) = say(&document) else {
            continue;
        };
        count += 1;
        if named.len() < MAX_NAMED {
            named.push(format!("{place}: {said}"));
        }
    }
    let more = match count - named.len() {
        0 => String::new(),
        more => format!(" … and {more} more"),
    };
    (count > 0).then(|| (count, named.join(" ") + &more))
}
