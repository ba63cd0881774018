//! Derives journal events from the set of visible notices.

use std::collections::BTreeSet;

use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{Channel, ClockBounds};
use vyveska_wire::journal::{Cease, JournalEvent, NoticeRef};
use vyveska_wire::manifest::ContentHash;

use crate::state::BoardContent;

/// Remembers which notices were visible and returns the events for each change.
#[derive(Debug, Clone, Default)]
pub struct VisibilityRecorder {
    visible: BTreeSet<NoticeRef>,
}

impl VisibilityRecorder {
    /// Nothing is visible: every start begins so.
    pub fn new() -> Self {
        Self::default()
    }

    pub fn visible(&self) -> &BTreeSet<NoticeRef> {
        &self.visible
    }

    /// Stores what is visible now and returns the events: first what ceased, with the reason from `why`, then what became visible.
    pub fn observe(
        &mut self,
        now: BTreeSet<NoticeRef>,
        manifest: u64,
        why: impl Fn(&NoticeRef) -> Cease,
    ) -> Vec<JournalEvent> {
        let ceased = self
            .visible
            .difference(&now)
            .map(|notice| JournalEvent::Ceased {
                notice: notice.clone(),
                reason: why(notice),
            });
        let became = now
            .difference(&self.visible)
            .map(|notice| JournalEvent::BecameVisible {
                notice: notice.clone(),
                manifest,
            });
        let events = ceased.chain(became).collect();
        self.visible = now;
        events
    }

    /// Returns the events for a stop: everything ceases.
    pub fn stop(&mut self) -> Vec<JournalEvent> {
        self.observe(BTreeSet::new(), 0, |_| Cease::Stopped)
    }
}

/// Why a notice is no longer visible, according to the board in use now.
pub fn why_ceased(
    notice: &NoticeRef,
    board: &BoardContent,
    now: &ClockBounds,
    rules: &PostingRules,
) -> Cease {
    let Some(found) = board
        .notices
        .iter()
        .find(|found| found.reference.id == notice.id)
    else {
        return Cease::Withdrawn;
    };
    if found.reference != *notice {
        return Cease::Revised;
    }
    match posting_status(&found.notice, now, rules) {
        _ if found.notice.channel == Channel::WebOnly => Cease::Withdrawn,
        PostingStatus::Ended => Cease::Expired,
        PostingStatus::Upcoming => Cease::NotYet,
        PostingStatus::Posted => Cease::Stopped,
    }
}

/// The hash of what is available to passers-by, for the alive block.
///
/// # Panics
///
/// Never: names of notices always serialise.
pub fn available_hash(visible: &BTreeSet<NoticeRef>) -> ContentHash {
    ContentHash::of(&serde_json::to_vec(visible).expect("names of notices serialise"))
}

/// The event to record at start-up so that the journal and the store agree on the board in use.
///
/// The journal is written before the switch, so a power cut between them leaves a manifest recorded that is not in use.
pub(super) fn reconcile(
    recorded: Option<(u64, ContentHash)>,
    in_use: Option<(u64, ContentHash)>,
) -> Option<JournalEvent> {
    match (recorded, in_use) {
        (recorded, Some((number, notices))) if recorded != in_use => {
            Some(JournalEvent::ManifestAccepted { number, notices })
        }
        (Some((number, _)), None) => Some(JournalEvent::ManifestRefused {
            number: Some(number),
            reason: "recorded as accepted, but not in the store".to_owned(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::samples;

    fn name(id: &str, revision: u32) -> NoticeRef {
        NoticeRef {
            id: id.to_owned(),
            revision,
            hash: ContentHash::of(format!("{id}{revision}").as_bytes()),
        }
    }

    #[test]
    fn a_notice_ceases_for_its_reason() {
        let mut ended = samples::notice("ended", 1, &[]);
        ended.relevant_until =
            vyveska_wire::section::MomentRecord::Date("2026-11-20".parse().unwrap());
        let mut upcoming = samples::notice("upcoming", 1, &[]);
        upcoming.posted = vyveska_wire::section::MomentRecord::Date("2026-12-24".parse().unwrap());
        let records = vec![ended, upcoming, samples::notice("revised", 2, &[])];
        let board = samples::board_of(1, records, &[])
            .verify()
            .unwrap()
            .content();
        let now = ClockBounds::exact("2026-11-21T12:00:00Z".parse().unwrap());
        let check = |id: &str, expected| {
            let same = board.notices.iter().find(|one| one.reference.id == id);
            let name = same.map_or(name(id, 1), |one| one.reference.clone());
            let found = why_ceased(&name, &board, &now, &PostingRules::default());
            assert_eq!(found, expected, "{id}");
        };
        check("ended", Cease::Expired);
        check("upcoming", Cease::NotYet);
        check("withdrawn", Cease::Withdrawn);
        let old = name("revised", 1);
        let found = why_ceased(&old, &board, &now, &PostingRules::default());
        assert_eq!(found, Cease::Revised);
    }

    #[test]
    fn a_revision_ends_the_old_before_the_new_begins() {
        let mut recorder = VisibilityRecorder::new();
        recorder.observe([name("a", 1)].into(), 1, |_| unreachable!());
        let events = recorder.observe([name("a", 2)].into(), 2, |_| Cease::Revised);
        assert_eq!(
            events,
            [
                JournalEvent::Ceased {
                    notice: name("a", 1),
                    reason: Cease::Revised
                },
                JournalEvent::BecameVisible {
                    notice: name("a", 2),
                    manifest: 2
                }
            ]
        );
    }

    /// Central shortens a notice where a board has no room, and gives it whole again, without a new revision.
    #[test]
    fn a_shortened_notice_ends_and_begins_under_its_hash_in_the_same_revision() {
        let mut whole = samples::notice("a", 1, &[]);
        whole.description = [("cs".to_owned(), "Celý popis".to_owned())].into();
        let mut short = whole.clone();
        short.description = [("cs".to_owned(), "Celý… (popis je zkrácen)".to_owned())].into();
        let names = |record| -> BTreeSet<NoticeRef> {
            let board = samples::content(vec![record]);
            board.notices.into_iter().map(|one| one.reference).collect()
        };
        let mut recorder = VisibilityRecorder::new();
        recorder.observe(names(whole.clone()), 1, |_| unreachable!());
        for (record, manifest) in [(short, 2), (whole, 3)] {
            let before = recorder.visible().first().unwrap().clone();
            let board = samples::content(vec![record.clone()]);
            let now = ClockBounds::exact("2026-11-21T12:00:00Z".parse().unwrap());
            let events = recorder.observe(names(record), manifest, |notice| {
                why_ceased(notice, &board, &now, &PostingRules::default())
            });
            let after = recorder.visible().first().unwrap().clone();
            assert_eq!((&before.id, before.revision), (&after.id, after.revision));
            assert_ne!(before.hash, after.hash);
            let ceased = JournalEvent::Ceased {
                notice: before,
                reason: Cease::Revised,
            };
            let notice = after;
            assert_eq!(
                events,
                [ceased, JournalEvent::BecameVisible { notice, manifest }]
            );
        }
    }

    #[test]
    fn the_journal_ends_with_the_board_of_the_store() {
        let (old, new) = ((1, ContentHash::of(b"1")), (2, ContentHash::of(b"2")));
        let accepted = |(number, notices)| Some(JournalEvent::ManifestAccepted { number, notices });
        assert_eq!(reconcile(None, None), None);
        assert_eq!(reconcile(Some(new), Some(new)), None);
        assert_eq!(reconcile(Some(new), Some(old)), accepted(old));
        assert_eq!(reconcile(Some(old), Some(new)), accepted(new));
        assert_eq!(reconcile(None, Some(new)), accepted(new));
        assert!(matches!(
            reconcile(Some(new), None),
            Some(JournalEvent::ManifestRefused {
                number: Some(2),
                ..
            })
        ));
    }

    proptest! {
        #[test]
        fn events_lead_from_one_visible_set_to_the_next(
            sets in prop::collection::vec(prop::collection::btree_set((0_u8..5, 1_u32..3), 0..6), 1..10)
        ) {
            let mut recorder = VisibilityRecorder::new();
            let mut replayed = BTreeSet::new();
            for set in sets {
                let set: BTreeSet<_> = set.iter().map(|(id, revision)| name(&id.to_string(), *revision)).collect();
                for event in recorder.observe(set.clone(), 1, |_| Cease::Withdrawn) {
                    match event {
                        JournalEvent::BecameVisible { notice, .. } => prop_assert!(replayed.insert(notice)),
                        JournalEvent::Ceased { notice, .. } => prop_assert!(replayed.remove(&notice)),
                        _ => unreachable!(),
                    }
                }
                prop_assert_eq!(&replayed, &set);
                prop_assert_eq!(recorder.visible(), &set);
            }
            for event in recorder.stop() {
                prop_assert!(matches!(event, JournalEvent::Ceased { reason: Cease::Stopped, .. }), "{:?}", event);
            }
        }
    }
}
