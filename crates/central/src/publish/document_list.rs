//! What alarms say of documents of a board, one a line.
//!
//! Notices are named by their ids, because a title may name people and alarms are kept.

use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, Document, Notice, NoticeId, Revision};

use crate::storage::CurrentNotice;

/// How many documents an alarm names: all of a source, unless its publisher has moved an archive. They take 50 kB.
const MAX_NAMED: usize = 500;

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
    let documents = posted(notices, now).flat_map(|notice| placed_documents(board, notice));
    named(documents.filter_map(|(place, document)| {
        let said = say(&document)?;
        Some(format!("{place}: {said}"))
    }))
}

/// How many lines there are, and the first of them.
fn named(mut lines: impl Iterator<Item = String>) -> Option<(usize, String)> {
    let mut named: Vec<String> = lines.by_ref().take(MAX_NAMED).collect();
    let count = named.len();
    let more = lines.count();
    if more > 0 {
        named.push(format!("… and {more} more"));
    }
    (count > 0).then(|| (count + more, named.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_end_ends_with_the_number_of_the_others() {
        let list = |count: usize| named((1..=count).map(|line| line.to_string()));
        assert_eq!(list(0), None);
        assert_eq!(list(2), Some((2, "1\n2".to_owned())));
        let (count, all) = list(MAX_NAMED).unwrap();
        assert_eq!((count, all.lines().count()), (MAX_NAMED, MAX_NAMED));
        let (count, first) = list(MAX_NAMED + 2).unwrap();
        assert_eq!(count, MAX_NAMED + 2);
        assert_eq!(first, format!("{all}\n… and 2 more"));
    }
}
