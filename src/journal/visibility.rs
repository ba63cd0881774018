//! Derives journal events from the set of visible notices.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use vyveska_board::posting::{PostingRules, PostingStatus, counted_end, posting_status};
use vyveska_board::{Channel, ClockBounds};
use vyveska_wire::journal::{Cease, JournalEvent, NoticeRef};
use vyveska_wire::manifest::{Addressee, ContentHash};

use super::AcceptedBoard;
use crate::state::BoardContent;

/// Remembers which notices were visible and returns the events for each change.
#[derive(Debug, Clone, Default)]
pub struct VisibilityRecorder {
    visible: BTreeSet<NoticeRef>,
    /// When they end: central publishes without a notice as soon as it has ended, which may be known before the end is
    /// noticed here.
    ends: BTreeMap<NoticeRef, DateTime<Utc>>,
    /// The addressee of the manifest by which they were visible.
    addressee: Option<Addressee>,
}

impl VisibilityRecorder {
    /// Nothing is visible: every start begins so.
    pub fn new() -> Self {
        Self::default()
    }

    pub fn visible(&self) -> &BTreeSet<NoticeRef> {
        &self.visible
    }

    /// Stores what is visible of the board in use now and returns the events, with the reasons that the board gives.
    pub fn observe_board(
        &mut self,
        visible: BTreeSet<NoticeRef>,
        board: &BoardContent,
        now: &ClockBounds,
        rules: &PostingRules,
    ) -> Vec<JournalEvent> {
        let before = self.addressee.replace(board.addressee.clone());
        let is_replaced = before.is_some_and(|before| before != board.addressee);
        let known = board.notices.iter().filter_map(|one| {
            let end = counted_end(&one.notice).end()?;
            Some((one.reference.clone(), end))
        });
        let ends = known.filter(|(notice, _)| visible.contains(notice));
        let before = std::mem::replace(&mut self.ends, ends.collect());
        self.observe(visible, board.manifest, |notice| {
            let is_over = before.get(notice).is_some_and(|end| *end <= board.created);
            match why_ceased(notice, board, is_replaced, now, rules) {
                Cease::Withdrawn if is_over => Cease::Expired,
                why => why,
            }
        })
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

/// Why a notice is no longer visible, according to the board in use now, which may have taken the place of another.
fn why_ceased(
    notice: &NoticeRef,
    board: &BoardContent,
    is_replaced: bool,
    now: &ClockBounds,
    rules: &PostingRules,
) -> Cease {
    let Some(found) = board
        .notices
        .iter()
        .find(|found| found.reference.id == notice.id)
    else {
        let is_withdrawn = board.has_notices() && !is_replaced;
        return if is_withdrawn {
            Cease::Withdrawn
        } else {
            Cease::BoardReplaced
        };
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

/// The events to record before `next` is taken into use, after the board that was recorded last: its assignment, where
/// that is another one, then its manifest, unless only the assignment is another one.
pub(super) fn accepted(
    recorded: Option<&AcceptedBoard>,
    next: &AcceptedBoard,
) -> Vec<JournalEvent> {
    let mut events = Vec::new();
    if let (Some(number), Some(board)) = (next.assignment, &next.board)
        && recorded.is_none_or(|recorded| recorded.assignment != next.assignment)
    {
        events.push(JournalEvent::AssignmentAccepted {
            number,
            board: board.clone(),
        });
    }
    let manifest = |board: &AcceptedBoard| AcceptedBoard {
        assignment: None,
        ..board.clone()
    };
    if recorded.map(manifest) != Some(manifest(next)) {
        events.push(JournalEvent::ManifestAccepted {
            number: next.number,
            notices: next.notices,
            board: next.board.clone(),
            assignment: next.assignment,
        });
    }
    events
}

/// The events to record at start-up so that the journal and the store agree on the board in use.
///
/// The journal is written before the switch, so a power cut between them leaves a manifest recorded that is not in use.
pub(super) fn reconcile(
    recorded: Option<&AcceptedBoard>,
    in_use: Option<&AcceptedBoard>,
) -> Vec<JournalEvent> {
    match (recorded, in_use) {
        (_, Some(in_use)) => accepted(recorded, in_use),
        (Some(recorded), None) => vec![JournalEvent::ManifestRefused {
            number: Some(recorded.number),
            reason: "recorded as accepted, but not in the store".to_owned(),
        }],
        (None, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::{NOTHING, Snapshot, samples};

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
            let found = why_ceased(&name, &board, false, &now, &PostingRules::default());
            assert_eq!(found, expected, "{id}");
        };
        check("ended", Cease::Expired);
        check("upcoming", Cease::NotYet);
        check("withdrawn", Cease::Withdrawn);
        let old = name("revised", 1);
        let found = why_ceased(&old, &board, false, &now, &PostingRules::default());
        assert_eq!(found, Cease::Revised);
    }

    /// Why the notices of the first board cease when the second one is in use.
    fn ceased_between(boards: [&BoardContent; 2]) -> Vec<Cease> {
        let mut recorder = VisibilityRecorder::new();
        let now = ClockBounds::exact("2026-11-21T12:00:00Z".parse().unwrap());
        let events = boards.map(|board| {
            let visible = board.notices.iter().map(|one| one.reference.clone());
            recorder.observe_board(visible.collect(), board, &now, &PostingRules::default())
        });
        let reason = |event: &JournalEvent| match event {
            JournalEvent::Ceased { reason, .. } => Some(*reason),
            _ => None,
        };
        events.iter().flatten().filter_map(reason).collect()
    }

    #[test]
    fn what_another_board_does_not_name_was_not_withdrawn() {
        let board = |number: u64, id: &str| {
            let notices = vec![samples::notice(&number.to_string(), 1, &[])];
            samples::of_board(samples::board_of(number, notices, &[]), id)
        };
        let content = |sample: &samples::SampleBoard, id: &str| {
            let assigned = Some(samples::assigned(7, id));
            sample.verify_with(assigned).unwrap().content()
        };
        let [lipnice, next] = [1, 2].map(|number| content(&board(number, "lipnice"), "lipnice"));
        let rolava = board(3, "rolava");
        let alerts_alone = Snapshot::verify(
            &rolava.envelope,
            Some(NOTHING),
            &samples::central().public(),
            Some(&samples::display()),
            Some(samples::assigned(7, "rolava")),
            |hash| rolava.sections.get(hash).cloned(),
        );
        let alerts_alone = alerts_alone.unwrap().content();
        let rolava = content(&rolava, "rolava");
        // Of the program before: it does not say of which board it is.
        let to_display = samples::board(4, &[b"a"]).verify().unwrap().content();
        assert_eq!(ceased_between([&lipnice, &next]), [Cease::Withdrawn]);
        let replaced: [[&BoardContent; 2]; 3] = [
            [&lipnice, &rolava],
            [&lipnice, &alerts_alone],
            [&to_display, &lipnice],
        ];
        for boards in replaced {
            assert_eq!(ceased_between(boards), [Cease::BoardReplaced]);
        }
    }

    /// Central publishes without a notice as soon as it has ended, which may come before its end is noticed here.
    #[test]
    fn what_had_ended_when_the_board_was_signed_was_not_withdrawn() {
        let ending = |end: &str| {
            let mut notice = samples::notice("a", 1, &[]);
            notice.relevant_until =
                vyveska_wire::section::MomentRecord::Instant(end.parse().unwrap());
            samples::content(vec![notice])
        };
        let mut next = samples::content(Vec::new());
        next.created = "2026-11-21T13:32:00Z".parse().unwrap();
        for (end, expected) in [
            ("2026-11-21T13:32:00Z", Cease::Expired),
            ("2026-11-21T13:32:01Z", Cease::Withdrawn),
        ] {
            assert_eq!(ceased_between([&ending(end), &next]), [expected], "{end}");
        }
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
                why_ceased(notice, &board, false, &now, &PostingRules::default())
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
        let [old, new] = &[1_u64, 2].map(|number| AcceptedBoard {
            number,
            notices: ContentHash::of(&number.to_le_bytes()),
            board: None,
            assignment: None,
        });
        let manifest = |board: &AcceptedBoard| JournalEvent::ManifestAccepted {
            number: board.number,
            notices: board.notices,
            board: board.board.clone(),
            assignment: board.assignment,
        };
        assert_eq!(reconcile(None, None), []);
        assert_eq!(reconcile(Some(new), Some(new)), []);
        assert_eq!(reconcile(Some(new), Some(old)), [manifest(old)]);
        assert_eq!(reconcile(Some(old), Some(new)), [manifest(new)]);
        assert_eq!(reconcile(None, Some(new)), [manifest(new)]);
        assert!(matches!(
            &reconcile(Some(new), None)[..],
            [JournalEvent::ManifestRefused {
                number: Some(2),
                ..
            }]
        ));
    }

    #[test]
    fn an_assignment_is_recorded_when_it_changes_and_a_manifest_with_its_board() {
        let [lipnice, again, rolava] = [(7, "lipnice"), (8, "lipnice"), (9, "rolava")];
        let board = |(assignment, board): (u64, &str)| AcceptedBoard {
            number: 1,
            notices: ContentHash::of(b"s"),
            board: Some(board.to_owned()),
            assignment: Some(assignment),
        };
        let kinds = |recorded: Option<(u64, &str)>, next| {
            let events = accepted(recorded.map(board).as_ref(), &board(next));
            let named = events.into_iter().map(|event| match event {
                JournalEvent::AssignmentAccepted { number, board } => ("assignment", number, board),
                JournalEvent::ManifestAccepted { number, board, .. } => {
                    ("manifest", number, board.unwrap())
                }
                _ => unreachable!(),
            });
            named.collect::<Vec<_>>()
        };
        let both = |(number, board): (u64, &str)| {
            [
                ("assignment", number, board.to_owned()),
                ("manifest", 1, board.to_owned()),
            ]
        };
        assert_eq!(kinds(None, lipnice), both(lipnice));
        assert!(kinds(Some(lipnice), lipnice).is_empty());
        assert_eq!(kinds(Some(lipnice), again), both(again)[..1]);
        assert_eq!(kinds(Some(again), rolava), both(rolava), "of equal number");
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
