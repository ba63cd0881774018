use super::*;

const START: &str = "2026-11-21T12:00:00Z";

fn at(minutes: i64) -> DateTime<Utc> {
    START.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn ids(range: std::ops::Range<usize>) -> BTreeSet<NoticeId> {
    range.map(|n| NoticeId::new(format!("n{n:03}"))).collect()
}

/// A poll of `live` notices of which the first `gone` are missing and the last `blanked` are blank.
fn poll(live: usize, gone: usize, blanked: usize) -> Comparison {
    Comparison {
        applied_before: true,
        live: ids(0..live),
        other_operator: None,
        other_iri: None,
        gone: ids(0..gone).into_iter().map(|id| (id, None)).collect(),
        blanked: ids(live - blanked..live),
        live_in_feed: live - gone,
    }
}

fn judged(poll: &Comparison, open: Option<&OpenHold>, minutes: i64) -> Verdict {
    judge(&HoldRule::default(), poll, open, at(minutes))
}

/// (live, gone, blanked) → whether new and changed notices are taken over, and what is held.
#[track_caller]
fn check(poll: Comparison, take_over: bool, held: Option<HoldReason>) {
    let verdict = judged(&poll, None, 0);
    assert_eq!(verdict.take_over, take_over, "{poll:?}");
    assert_eq!(verdict.hold.map(|hold| hold.reason), held, "{poll:?}");
    if held.is_some() {
        assert!(verdict.withdraw.is_empty(), "a held poll withdraws nothing");
    }
}

#[test]
fn ordinary_polls_are_taken_over() {
    check(poll(0, 0, 0), true, None);
    check(poll(1, 0, 0), true, None);
    check(poll(100, 0, 0), true, None);
    check(poll(100, 1, 0), true, None);
}

#[test]
fn more_than_forty_hundredths_gone_is_a_drop() {
    check(poll(100, 40, 0), true, None);
    check(poll(100, 41, 0), true, Some(HoldReason::Drop));
    check(poll(5, 2, 0), true, None);
    check(poll(5, 3, 0), true, Some(HoldReason::Drop));
    check(poll(2, 1, 0), true, Some(HoldReason::Drop));
}

#[test]
fn a_feed_without_live_notices_is_empty() {
    check(poll(100, 100, 0), false, Some(HoldReason::Empty));
    check(poll(1, 1, 0), false, Some(HoldReason::Empty));
    let first_ever = Comparison::default();
    check(first_ever, false, Some(HoldReason::Empty));
}

#[test]
fn a_feed_of_another_board_is_foreign() {
    let owners = || Some(["before", "now"].map(String::from));
    let lacking_all = |live| Comparison {
        live_in_feed: 7,
        ..poll(live, live, 0)
    };
    check(lacking_all(0), true, None);
    check(lacking_all(2), true, Some(HoldReason::Drop));
    check(lacking_all(3), false, Some(HoldReason::Foreign));
    for live in [0, 1, 100] {
        let mut foreign = lacking_all(live);
        foreign.other_iri = owners();
        check(foreign, false, Some(HoldReason::Foreign));
    }
    let renamed = Comparison {
        other_iri: owners(),
        ..poll(100, 39, 0)
    };
    check(renamed, true, None);
    let of_another = Comparison {
        other_operator: owners(),
        ..poll(100, 0, 0)
    };
    check(of_another, false, Some(HoldReason::Foreign));
}

#[test]
fn many_blank_titles_or_documents_make_a_poll_hollow() {
    check(poll(103, 0, 102), false, Some(HoldReason::Hollow));
    check(poll(112, 0, 27), false, Some(HoldReason::Hollow));
    check(poll(30, 0, 4), false, Some(HoldReason::Hollow));
    check(poll(1, 0, 1), false, Some(HoldReason::Hollow));
    check(poll(4, 0, 3), false, Some(HoldReason::Hollow));
}

#[test]
fn a_few_blank_ones_keep_their_last_good_form_alone() {
    check(poll(100, 0, 2), true, Some(HoldReason::Blanked));
    check(poll(100, 0, 10), true, Some(HoldReason::Blanked));
    check(poll(5, 0, 1), true, Some(HoldReason::Blanked));
    let verdict = judged(&poll(100, 0, 2), None, 0);
    assert_eq!(verdict.keep, ids(98..100));
}

#[test]
fn a_single_withdrawal_needs_two_polls_half_an_hour_apart() {
    let first = judged(&poll(10, 1, 0), None, 0);
    assert_eq!(first.missing, ids(0..1));
    assert!(first.withdraw.is_empty());
    let since = |minutes| {
        let mut poll = poll(10, 1, 0);
        poll.gone.insert(NoticeId::new("n000"), Some(at(0)));
        judged(&poll, None, minutes)
    };
    assert!(since(29).withdraw.is_empty());
    assert!(since(29).missing.is_empty(), "the first absence counts");
    assert_eq!(since(30).withdraw, ids(0..1));
}

/// Polls a feed that lacks `gone` of 10 at each of these minutes; returns when all of them were withdrawn.
fn drop_at(gone: usize, minutes: &[i64]) -> Option<i64> {
    let mut open = None;
    for minute in minutes {
        let verdict = judged(&poll(10, gone, 0), open.as_ref(), *minute);
        if verdict.withdraw == ids(0..gone) {
            assert!(verdict.matured);
            assert!(verdict.hold.is_none());
            return Some(*minute);
        }
        assert!(verdict.withdraw.is_empty());
        open = verdict.hold;
    }
    None
}

#[test]
fn a_drop_goes_through_after_three_polls_and_three_hours() {
    assert_eq!(drop_at(6, &[0, 60, 120, 179]), None, "not three hours");
    assert_eq!(drop_at(6, &[0, 60, 120, 180]), Some(180));
    assert_eq!(drop_at(6, &[0, 600]), None, "not three polls");
    assert_eq!(drop_at(6, &[0, 600, 601]), Some(601));
    assert_eq!(drop_at(6, &[0, 0, 0, 0, 0]), None);
}

#[test]
fn a_drop_that_changes_starts_again() {
    let first = judged(&poll(10, 6, 0), None, 0).hold;
    let other = judged(&poll(10, 7, 0), first.as_ref(), 120).hold.unwrap();
    assert_eq!((other.since, other.polls), (at(120), 1));
    assert_eq!(other.opened_at, at(0));
    let later = judged(&poll(10, 7, 0), Some(&other), 200).hold.unwrap();
    let verdict = judged(&poll(10, 7, 0), Some(&later), 299);
    assert!(verdict.withdraw.is_empty());
    let last = judged(&poll(10, 7, 0), Some(&verdict.hold.unwrap()), 300);
    assert_eq!(last.withdraw, ids(0..7));
}

#[test]
fn an_end_that_comes_during_a_drop_does_not_start_it_again() {
    let first = judged(&poll(10, 7, 0), None, 0).hold.unwrap();
    let mut later = poll(10, 7, 0);
    later.live.remove(&NoticeId::new("n000"));
    later.gone.remove(&NoticeId::new("n000"));
    let hold = judged(&later, Some(&first), 60).hold.unwrap();
    assert_eq!((hold.since, hold.polls), (at(0), 2));
}

#[test]
fn a_healed_feed_clears_what_was_held() {
    for held in [
        poll(10, 10, 0),
        poll(10, 0, 9),
        poll(10, 7, 0),
        poll(10, 0, 1),
    ] {
        let hold = judged(&held, None, 0).hold.unwrap();
        let healed = judged(&poll(10, 0, 0), Some(&hold), 60);
        assert!(healed.take_over && healed.hold.is_none(), "{held:?}");
    }
}

#[test]
fn empty_and_hollow_wait_for_a_person_however_long_they_stand() {
    for held in [poll(10, 10, 0), poll(10, 0, 9)] {
        let mut open = None;
        for hour in 0..1000 {
            let verdict = judged(&held, open.as_ref(), hour * 60);
            assert!(!verdict.take_over && verdict.withdraw.is_empty());
            open = verdict.hold;
        }
        let hold = open.unwrap();
        assert_eq!((hold.opened_at, hold.polls), (at(0), 1000));
        let accepted = accept(&held);
        assert!(accepted.take_over && accepted.keep.is_empty() && accepted.hold.is_none());
        assert_eq!(accepted.withdraw.len(), held.gone.len());
    }
}

#[test]
fn a_matured_drop_does_not_take_blank_notices_with_it() {
    let mut open = None;
    let mut last = Verdict::default();
    for minute in [0, 100, 200] {
        last = judged(&poll(100, 50, 2), open.as_ref(), minute);
        open.clone_from(&last.hold);
    }
    assert_eq!(last.withdraw, ids(0..50));
    assert_eq!(last.keep, ids(98..100));
    assert_eq!(open.map(|hold| hold.reason), Some(HoldReason::Blanked));
}

#[test]
fn a_broken_feed_counts_its_polls() {
    let first = broken(None, at(0));
    let second = broken(Some(&first), at(60));
    assert_eq!((second.since, second.polls), (at(0), 2));
    let drop = judged(&poll(10, 7, 0), Some(&second), 120).hold.unwrap();
    assert_eq!((drop.since, drop.polls), (at(120), 1));
}

proptest::proptest! {
    #[test]
    fn whatever_comes_a_held_poll_loses_nothing(
        live in 0_usize..60, gone in 0_usize..60, blanked in 0_usize..60,
    ) {
        let gone = gone.min(live);
        let blanked = blanked.min(live - gone);
        let verdict = judged(&poll(live, gone, blanked), None, 0);
        // The first poll of anything withdraws nothing and blanks nothing.
        proptest::prop_assert!(verdict.withdraw.is_empty());
        proptest::prop_assert!(!verdict.take_over || verdict.keep.len() == blanked);
        proptest::prop_assert!(verdict.take_over || verdict.hold.is_some());
    }
}
