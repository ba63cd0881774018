//! Which notices of a feed may end on another day than their publisher meant.
//!
//! Of two ends the later counts, and the words of a notice stay as they are: only a person can tell which end is meant.
//! The alarm `doubtful_ends` lists the notices. It names them by their ids, because a title may name people and alarms are
//! kept.

use std::collections::HashMap;

use vyveska_board::NoticeId;

use super::identity::KeyedNotice;
use crate::storage::KnownNotice;

/// The kind of the alarm that notices of a source may end on another day than was meant; its subject is the source.
pub(crate) const DOUBTFUL_ENDS: &str = "doubtful_ends";

/// How the last line begins where there are more notices than the alarm names.
pub(crate) const MORE: char = '…';

/// How many notices the alarm names.
const MAX_NAMED: usize = 100;

/// What the alarm says of a feed that was taken over as `stored`: a line for each notice; `None` where no end is in doubt.
pub(super) fn message(feed: &[KeyedNotice], stored: &[KnownNotice]) -> Option<String> {
    let live = stored.iter().filter(|notice| !notice.archived);
    let ids: HashMap<&str, &NoticeId> = live
        .map(|notice| (notice.key.as_str(), &notice.id))
        .collect();
    let doubtful: Vec<String> = feed
        .iter()
        .filter(|notice| !notice.end_doubts.is_empty())
        .filter_map(|notice| {
            let id = ids.get(notice.key.as_str())?;
            // The words quote the feed, and each notice has one line.
            let doubts = notice.end_doubts.join("; ");
            Some(format!("{id}: {}", doubts.replace(char::is_control, " ")))
        })
        .collect();
    let count = doubtful.len();
    let named = doubtful.into_iter().take(MAX_NAMED);
    let more = (count > MAX_NAMED).then(|| format!("{MORE} and {} more", count - MAX_NAMED));
    let what = "notices may end on another day than was meant".to_owned();
    let lines: Vec<String> = [what].into_iter().chain(named).chain(more).collect();
    (count > 0).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::NoticeFacts;

    fn known(n: usize, archived: bool) -> KnownNotice {
        KnownNotice {
            id: NoticeId::new(format!("n{n}")),
            key: format!("iri:{n}"),
            archived,
            missing_since: None,
            facts: NoticeFacts::default(),
        }
    }

    fn read(n: usize, doubts: &[&str]) -> KeyedNotice {
        KeyedNotice {
            key: format!("iri:{n}"),
            facts: NoticeFacts::default(),
            end_doubts: doubts.iter().map(|one| (*one).to_owned()).collect(),
            raw: "{}".to_owned(),
        }
    }

    #[test]
    fn each_live_notice_whose_end_is_in_doubt_has_a_line() {
        let stored = [known(1, false), known(2, false), known(3, true)];
        let feed = [
            read(1, &["one\nword", "another"]),
            read(2, &[]),
            read(3, &["it has ended"]),
            read(4, &["it is not taken over"]),
        ];
        let expected = "notices may end on another day than was meant\nn1: one word; another";
        assert_eq!(message(&feed, &stored).as_deref(), Some(expected));
        assert_eq!(message(&feed[1..], &stored), None);
    }

    #[test]
    fn the_alarm_is_bounded() {
        let all = 0..MAX_NAMED + 2;
        let stored: Vec<_> = all.clone().map(|n| known(n, false)).collect();
        let feed: Vec<_> = all.map(|n| read(n, &["two ends"])).collect();
        let message = message(&feed, &stored).unwrap();
        assert_eq!(message.lines().count(), MAX_NAMED + 2);
        assert!(message.ends_with("\n… and 2 more"), "{message}");
    }
}
