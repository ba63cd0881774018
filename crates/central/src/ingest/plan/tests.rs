//! Replays: real polls of a town, and episodes made from them, over a store in memory.

use std::path::Path;

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::Value;
use vyveska_board::ofn;

use super::*;

/// Counts instead of random texts.
#[derive(Default)]
struct Counted(u32);

impl IdGenerator for Counted {
    fn notice_id(&mut self) -> NoticeId {
        self.0 += 1;
        NoticeId::new(format!("n{:04}", self.0))
    }

    fn salt(&mut self) -> String {
        self.0 += 1;
        format!("s{}", self.0)
    }
}

/// Storage in memory: applies changes.
struct Replay {
    /// With every archived notice.
    state: SourceState,
    names: Counted,
    now: DateTime<Utc>,
    revisions: usize,
    /// How many notices the last poll read.
    read: usize,
    /// Whether polls read the archived notices too that their feed does not name.
    reads_all: bool,
}

impl Replay {
    /// On a day when the notices of the recorded polls are posted.
    fn new(now: &str) -> Self {
        Self {
            state: SourceState::default(),
            names: Counted::default(),
            now: now.parse().unwrap(),
            revisions: 0,
            read: 0,
            reads_all: false,
        }
    }

    fn wait(&mut self, minutes: i64) -> &mut Self {
        self.now += TimeDelta::minutes(minutes);
        self
    }

    /// The state that a poll with these keys decides on.
    fn read(&mut self, keys: &BTreeSet<String>) -> SourceState {
        let mut state = self.state.clone();
        let reads_all = self.reads_all;
        state
            .notices
            .retain(|notice| !notice.archived || reads_all || keys.contains(&notice.key));
        self.read = state.notices.len();
        state
    }

    fn poll(&mut self, feed: &[u8]) -> SourceChanges {
        let snapshot = DocumentHash::of(feed);
        let base = "https://deska.example/feed.jsonld".parse().unwrap();
        let changes = match ofn::read(feed, &base) {
            Ok(boards) => self.plan(&boards[0], snapshot, Belief::Rule(&HoldRule::default())),
            Err(error) => {
                let state = self.read(&BTreeSet::new());
                plan_broken(&state, &error.to_string(), snapshot, self.now)
            }
        };
        self.apply(&changes);
        changes
    }

    fn accept(&mut self, feed: &[u8]) -> SourceChanges {
        let base = "https://deska.example/feed.jsonld".parse().unwrap();
        let boards = ofn::read(feed, &base).unwrap();
        let changes = self.plan(&boards[0], DocumentHash::of(feed), Belief::Accepted);
        self.apply(&changes);
        changes
    }

    fn plan(
        &mut self,
        board: &FeedBoard,
        snapshot: DocumentHash,
        belief: Belief<'_>,
    ) -> SourceChanges {
        let now = ClockBounds::exact(self.now);
        let feed = Feed::of(board);
        let state = self.read(&feed.keys());
        plan(&state, &feed, snapshot, belief, &now, &mut self.names)
    }

    fn apply(&mut self, changes: &SourceChanges) {
        let state = &mut self.state;
        state.applied |= changes.board.is_some();
        if let Some(board) = &changes.board {
            state.board = Some(board.clone());
        }
        state
            .notices
            .retain(|notice| !changes.replaced.contains(&notice.id));
        for (id, key) in &changes.rekeyed {
            find(state, id).key.clone_from(key);
        }
        for (key, revision) in &changes.added {
            state.notices.push(KnownNotice {
                id: revision.id.clone(),
                key: key.clone(),
                archived: false,
                missing_since: None,
                facts: revision.facts.clone(),
            });
        }
        for revision in &changes.revised {
            find(state, &revision.id).facts = revision.facts.clone();
        }
        for (id, facts, _) in &changes.readdressed {
            find(state, id).facts = facts.clone();
        }
        for id in &changes.reinstated {
            find(state, id).archived = false;
        }
        let archived: BTreeSet<_> = changes.withdrawn.iter().chain(&changes.ended).collect();
        for notice in &mut state.notices {
            if archived.contains(&notice.id) {
                notice.archived = true;
                notice.missing_since = None;
            }
        }
        for id in &changes.missing {
            find(state, id).missing_since = Some(self.now);
        }
        for id in &changes.found {
            find(state, id).missing_since = None;
        }
        if changes.close_hold.is_some() {
            state.hold = None;
        }
        if let Some(record) = &changes.hold {
            state.hold = Some(record.hold.clone());
        }
        self.revisions += changes.added.len() + changes.revised.len();
    }

    fn board(&self) -> Vec<KnownNotice> {
        let mut notices: Vec<KnownNotice> = self
            .state
            .notices
            .iter()
            .filter(|notice| !notice.archived)
            .cloned()
            .map(|notice| KnownNotice {
                missing_since: None,
                ..notice
            })
            .collect();
        notices.sort_by(|a, b| a.id.cmp(&b.id));
        notices
    }

    fn reason(&self) -> Option<HoldReason> {
        self.state.hold.as_ref().map(|hold| hold.reason)
    }
}

fn find<'a>(state: &'a mut SourceState, id: &NoticeId) -> &'a mut KnownNotice {
    state.notices.iter_mut().find(|one| one.id == *id).unwrap()
}

/// A recorded feed; `None`, with a message, where the recordings are missing.
fn recorded(name: &str) -> Option<Vec<u8>> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find_map(|folder| std::fs::read(folder.join("shared/feeds/town-a").join(name)).ok());
    if found.is_none() {
        println!("the recorded feeds are not here, so this replay is left out");
    }
    found
}

/// A feed of `count` notices.
fn made(count: usize) -> Vec<u8> {
    let notices: Vec<Value> = (0..count)
        .map(|n| {
            serde_json::json!({
                "typ": ["Digitální objekt", "Informace na úřední desce"],
                "iri": format!("https://deska.example/{n}"),
                "název": { "cs": format!("Oznámení {n}") },
                "vyvěšení": { "typ": "Časový okamžik", "datum": "2025-02-01" },
                "relevantní_do": { "typ": "Časový okamžik", "nespecifikovaný": true },
                "číslo_jednací": format!("A/{n}"),
                "dokument": [{ "název": { "cs": "x" }, "url": format!("https://deska.example/{n}.pdf") }],
            })
        })
        .collect();
    let feed = serde_json::json!({
        "@context": "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld",
        "typ": "Úřední deska",
        "iri": "https://deska.example/deska",
        "stránka": "https://deska.example/",
        "provozovatel": { "typ": "Osoba", "ičo": "00000001" },
        "informace": notices,
    });
    serde_json::to_vec(&feed).unwrap()
}

fn edit(feed: &[u8], edit: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut feed: Value = serde_json::from_slice(feed).unwrap();
    edit(feed["informace"].as_array_mut().unwrap());
    serde_json::to_vec(&feed).unwrap()
}

const FEBRUARY: &str = "2025-02-27T08:00:00Z";

/// Those whose end has not come.
fn hanging(notices: &[KnownNotice], now: DateTime<Utc>) -> Vec<KnownNotice> {
    let (now, rules) = (ClockBounds::exact(now), PostingRules::default());
    let mut hanging = notices.to_vec();
    hanging.retain(|one| {
        let notice = one.facts.notice(one.id.clone(), Revision::FIRST, &[]);
        posting_status(&notice, &now, &rules) != PostingStatus::Ended
    });
    hanging
}

/// Polls `good`, then `bad`, then `good` again, hourly: only what ends leaves, and the hold ends as healed.
#[track_caller]
fn check_episode(good: &[u8], bad: &[u8], now: &str, expected: HoldReason) {
    let mut replay = Replay::new(now);
    replay.poll(good);
    let (before, revisions) = (replay.board(), replay.revisions);
    assert!(!before.is_empty());
    for _ in 0..30 {
        replay.wait(60).poll(bad);
        assert_eq!(replay.reason(), Some(expected));
        assert!(replay.board() == hanging(&before, replay.now));
        assert_eq!(replay.revisions, revisions);
    }
    let healed = replay.wait(60).poll(good);
    assert_eq!(healed.close_hold, Some(HoldOutcome::Healed));
    assert_eq!(replay.reason(), None);
    assert!(replay.board() == hanging(&before, replay.now));
    assert_eq!(replay.revisions, revisions);
}

#[test]
fn episodes_change_nothing_and_heal() {
    let good = made(12);
    let empty = edit(&good, Vec::clear);
    check_episode(&good, &empty, FEBRUARY, HoldReason::Empty);
    let no_documents = edit(&good, |all| {
        all.iter_mut()
            .for_each(|one| one["dokument"] = serde_json::json!([]));
    });
    check_episode(&good, &no_documents, FEBRUARY, HoldReason::Hollow);
    let no_titles = edit(&good, |all| {
        all.iter_mut()
            .for_each(|one| one["název"] = serde_json::json!({ "cs": "" }));
    });
    check_episode(&good, &no_titles, FEBRUARY, HoldReason::Hollow);
    check_episode(&good, &good[..50], FEBRUARY, HoldReason::Broken);
    check_episode(&good, b"", FEBRUARY, HoldReason::Broken);
}

/// The feed of another board, with as many notices.
fn foreign(count: usize, ico: Option<&str>) -> Vec<u8> {
    let feed = edit(&made(count), |all| {
        for one in all {
            let number = one["číslo_jednací"].as_str().unwrap().to_owned();
            one["iri"] = format!("https://jinde.example/{number}").into();
            one["název"] = serde_json::json!({ "cs": format!("Jiné oznámení {number}") });
            one["číslo_jednací"] = format!("J/{number}").into();
        }
    });
    let mut feed: Value = serde_json::from_slice(&feed).unwrap();
    feed["iri"] = "https://jinde.example/deska".into();
    match ico {
        Some(ico) => feed["provozovatel"]["ičo"] = ico.into(),
        None => drop(feed.as_object_mut().unwrap().remove("provozovatel")),
    }
    serde_json::to_vec(&feed).unwrap()
}

#[test]
fn the_feed_of_another_board_changes_nothing() {
    for (count, ico) in [
        (12, Some("00000002")),
        (1, Some("00000002")),
        (3, Some("00000001")),
        (12, None),
        (1, None),
    ] {
        check_episode(
            &made(count),
            &foreign(count, ico),
            FEBRUARY,
            HoldReason::Foreign,
        );
    }
    // What the notices are like says nothing against another IČO.
    let mut same: Value = serde_json::from_slice(&made(12)).unwrap();
    same["provozovatel"]["ičo"] = "00000002".into();
    let same = serde_json::to_vec(&same).unwrap();
    check_episode(&made(12), &same, FEBRUARY, HoldReason::Foreign);
}

#[test]
fn a_foreign_feed_that_a_person_accepts_is_the_boards_from_then_on() {
    let (own, other) = (made(12), foreign(5, Some("00000002")));
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&own);
    let held = replay.wait(60).poll(&other).hold.unwrap();
    for part in ["another office", "00000001", "00000002"] {
        assert!(held.message.contains(part), "{}", held.message);
    }
    replay.accept(&other);
    assert_eq!(replay.board().len(), 5);
    replay.wait(60).poll(&other);
    assert_eq!(replay.reason(), None);
}

#[test]
fn a_board_that_is_described_otherwise_stays_the_same_board() {
    let good = made(12);
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&good);
    let describe = |change: &dyn Fn(&mut Value)| {
        let mut feed: Value = serde_json::from_slice(&good).unwrap();
        change(&mut feed);
        serde_json::to_vec(&feed).unwrap()
    };
    for feed in [
        describe(&|feed| feed["provozovatel"]["ičo"] = " 1".into()),
        describe(&|feed| feed["iri"] = "https://nova.example/deska".into()),
        describe(&|feed| drop(feed.as_object_mut().unwrap().remove("provozovatel"))),
        describe(&|feed| {
            feed.as_object_mut().unwrap().remove("provozovatel");
            feed["iri"] = "http://deska.example/deska/".into();
        }),
    ] {
        replay.wait(60).poll(&feed);
        assert_eq!(replay.reason(), None);
        assert_eq!(replay.board().len(), 12);
    }
}

#[test]
fn recorded_episodes_change_nothing_and_heal() {
    let (Some(before), Some(emptied)) = (
        recorded("hollow-1-before.jsonld"),
        recorded("hollow-2-emptied.jsonld"),
    ) else {
        return;
    };
    let now = "2023-10-23T10:00:00Z";
    check_episode(&before, &emptied, now, HoldReason::Hollow);
    let empty = edit(&before, Vec::clear);
    check_episode(&before, &empty, now, HoldReason::Empty);
    // As it was recorded in other months: the documents of a quarter of the notices.
    let quarter = edit(&before, |all| {
        for one in all.iter_mut().take(27) {
            one["dokument"] = serde_json::json!([]);
        }
    });
    check_episode(&before, &quarter, now, HoldReason::Hollow);
}

#[test]
fn recorded_polls_are_followed() {
    let mut replay = Replay::new("2025-02-26T12:00:00Z");
    let mut known = std::collections::BTreeSet::new();
    for number in 1..=6 {
        let Some(feed) = recorded(&format!("poll-{number}.jsonld")) else {
            return;
        };
        replay.wait(60).poll(&feed);
        assert_eq!(replay.reason(), None, "poll {number}");
        let in_feed = serde_json::from_slice::<Value>(&feed).unwrap()["informace"]
            .as_array()
            .unwrap()
            .len();
        known.extend(replay.state.notices.iter().map(|one| one.id.clone()));
        assert!(
            replay.board().len() >= in_feed,
            "nothing of the feed is lacking"
        );
        // Half an hour later the same feed agrees, and the board equals the feed.
        replay.wait(31).poll(&feed);
        let live = replay.board();
        let ended = live
            .iter()
            .filter(|one| {
                let notice = one.facts.notice(one.id.clone(), Revision::FIRST, &[]);
                let now = ClockBounds::exact(replay.now);
                posting_status(&notice, &now, &PostingRules::default()) == PostingStatus::Ended
            })
            .count();
        assert!(
            live.len() - ended <= in_feed,
            "what is withdrawn left the board"
        );
    }
    assert_eq!(known.len(), 92, "90 notices at first and two more later");
}

#[test]
fn a_genuine_removal_goes_through() {
    let all = made(12);
    let fewer = edit(&all, |all| drop(all.remove(3)));
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    replay.wait(15).poll(&fewer);
    assert_eq!(replay.board().len(), 12);
    replay.wait(29).poll(&fewer);
    assert_eq!(replay.board().len(), 12);
    replay.wait(1).poll(&fewer);
    assert_eq!(replay.board().len(), 11);
    assert_eq!(replay.reason(), None);
}

#[test]
fn a_notice_that_comes_back_in_between_is_not_withdrawn() {
    let all = made(12);
    let fewer = edit(&all, |all| drop(all.remove(3)));
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    replay.wait(15).poll(&fewer);
    replay.wait(15).poll(&all);
    replay.wait(15).poll(&fewer);
    assert_eq!(replay.board().len(), 12);
}

#[test]
fn a_withdrawn_notice_that_comes_back_is_the_same_notice() {
    let all = made(12);
    let fewer = edit(&all, |all| drop(all.remove(3)));
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    let before = replay.board();
    replay.wait(15).poll(&fewer);
    replay.wait(31).poll(&fewer);
    assert_eq!(replay.board().len(), 11);
    replay.wait(15).poll(&all);
    assert_eq!(replay.board(), before);
    assert_eq!(
        replay.revisions, 12,
        "being back is no change of the notice"
    );
}

#[test]
fn a_big_drop_lets_changes_through_and_waits_with_removals() {
    let all = made(12);
    let mut few = edit(&all, |all| all.truncate(5));
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    replay.wait(60).poll(&few);
    assert_eq!(replay.reason(), Some(HoldReason::Drop));
    few = edit(&few, |all| {
        all[0]["název"] = serde_json::json!({ "cs": "Opravený název" });
        let mut new = all[0].clone();
        new["iri"] = "https://deska.example/new".into();
        new["číslo_jednací"] = "B/1".into();
        all.push(new);
    });
    let changes = replay.wait(60).poll(&few);
    assert_eq!((changes.revised.len(), changes.added.len()), (1, 1));
    assert_eq!(replay.board().len(), 13);
    assert_eq!(replay.wait(60).poll(&few).withdrawn.len(), 0);
    let matured = replay.wait(60).poll(&few);
    assert_eq!(matured.close_hold, Some(HoldOutcome::Matured));
    assert_eq!(replay.board().len(), 6);
}

#[test]
fn notices_whose_end_has_come_may_leave_all_at_once() {
    let all = edit(&made(12), |all| {
        for one in all.iter_mut().take(10) {
            one["relevantní_do"] = serde_json::json!({ "datum": "2025-02-27" });
        }
    });
    let rest = edit(&all, |all| drop(all.drain(..10)));
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    replay.now = "2025-02-27T23:30:00Z".parse().unwrap();
    replay.poll(&rest);
    assert_eq!(replay.reason(), None);
}

#[test]
fn a_few_blank_notices_keep_their_form_while_the_rest_goes_on() {
    let all = made(40);
    let blank = edit(&all, |all| {
        all[7]["dokument"] = serde_json::json!([]);
        all[8]["název"] = serde_json::json!({ "cs": "Nový název" });
    });
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    let changes = replay.wait(60).poll(&blank);
    assert_eq!(changes.revised.len(), 1);
    assert_eq!(replay.reason(), Some(HoldReason::Blanked));
    assert!(
        replay
            .board()
            .iter()
            .all(|one| !one.facts.documents.is_empty())
    );
    let accepted = replay.accept(&blank);
    assert_eq!(accepted.close_hold, Some(HoldOutcome::Accepted));
    assert_eq!(accepted.revised.len(), 1);
    replay.wait(60).poll(&blank);
    assert_eq!(replay.reason(), None, "what was accepted is not held again");
}

#[test]
fn an_accepted_empty_feed_empties_the_board() {
    let all = made(12);
    let empty = edit(&all, Vec::clear);
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    replay.wait(60).poll(&empty);
    replay.accept(&empty);
    assert!(replay.board().is_empty());
    replay.wait(60).poll(&empty);
    assert_eq!(replay.reason(), None);
    replay.wait(60).poll(&all);
    assert_eq!(replay.board().len(), 12);
}

#[test]
fn a_reused_identifier_is_a_new_notice() {
    let all = made(12);
    let reused = edit(&all, |all| {
        all[0]["vyvěšení"] = serde_json::json!({ "datum": "2025-02-20" });
        all[0]["číslo_jednací"] = "Z/99".into();
        all[0]["dokument"] = serde_json::json!([{ "url": "https://deska.example/jiny.pdf" }]);
    });
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    let changes = replay.wait(60).poll(&reused);
    assert_eq!((changes.replaced.len(), changes.added.len()), (1, 1));
    assert!(changes.revised.is_empty());
    assert_ne!(changes.replaced[0], changes.added[0].1.id);
    assert_eq!(replay.board().len(), 12);
}

#[test]
fn the_same_feed_again_changes_nothing() {
    let all = made(12);
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    let again = replay.wait(60).poll(&all);
    assert!(again.added.is_empty() && again.revised.is_empty() && again.withdrawn.is_empty());
}

/// A feed of notices by number and day of March on which they end.
fn ending(notices: &[(usize, Option<u32>)]) -> Vec<u8> {
    edit(&made(notices.len()), |all| {
        for (one, (n, day)) in all.iter_mut().zip(notices) {
            one["iri"] = format!("https://deska.example/{n}").into();
            one["název"] = serde_json::json!({ "cs": format!("Oznámení {n}") });
            one["číslo_jednací"] = format!("A/{n}").into();
            one["dokument"][0]["url"] = format!("https://deska.example/{n}.pdf").into();
            if let Some(day) = day {
                let end = serde_json::json!({ "datum": format!("2025-03-{day:02}") });
                one["relevantní_do"] = end;
            }
        }
    })
}

const MARCH_10: &str = "2025-03-10T08:00:00Z";

#[test]
fn what_a_poll_reads_follows_what_hangs_and_not_the_archive() {
    let lasting: Vec<(usize, Option<u32>)> = (0..20).map(|n| (n, None)).collect();
    for archived in [100, 10_000] {
        let more = (20..20 + archived).map(|n| (n, Some(1)));
        let all: Vec<_> = lasting.iter().copied().chain(more).collect();
        let mut replay = Replay::new(FEBRUARY);
        replay.poll(&ending(&all));
        replay.now = MARCH_10.parse().unwrap();
        let changes = replay.poll(&ending(&lasting));
        assert_eq!(changes.ended.len(), archived);
        assert_eq!(changes.documents.unwrap().len(), lasting.len());
        for _ in 0..3 {
            replay.wait(60).poll(&ending(&lasting));
            assert_eq!((replay.read, replay.reason()), (lasting.len(), None));
        }
        // A feed that still names a few of them.
        let before = (replay.board(), replay.revisions);
        for _ in 0..3 {
            let changes = replay.wait(60).poll(&ending(&all[..25]));
            assert_eq!(replay.read, 25);
            assert!(changes.ended.is_empty() && changes.reinstated.is_empty());
            assert_eq!((replay.board(), replay.revisions), before);
        }
    }
}

#[test]
fn notices_end_as_well_where_no_poll_comes() {
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&ending(&[(0, None), (1, Some(1)), (2, Some(20))]));
    let before = replay.board();
    let ended = |replay: &Replay| plan_ended(&replay.state, &ClockBounds::exact(replay.now));
    assert_eq!(ended(&replay), None);
    replay.now = MARCH_10.parse().unwrap();
    // A feed that cannot be read ends none.
    replay.poll(b"{");
    assert_eq!(replay.board(), before);
    let changes = ended(&replay).unwrap();
    let [lasting, ended_one, later] = [0, 1, 2].map(|n| &before[n]);
    let urls = [lasting, later].map(|one| one.facts.document_urls().next().cloned().unwrap());
    let expected = SourceChanges {
        ended: vec![ended_one.id.clone()],
        documents: Some(urls.into()),
        ..SourceChanges::default()
    };
    assert_eq!(changes, expected);
    replay.apply(&changes);
    assert_eq!(ended(&replay), None);
    assert_eq!(replay.reason(), Some(HoldReason::Broken));
}

#[test]
fn an_end_that_is_postponed_revives_the_notice() {
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&ending(&[(0, None), (1, Some(1))]));
    let before = replay.board();
    replay.now = MARCH_10.parse().unwrap();
    replay.poll(&ending(&[(0, None), (1, Some(1))]));
    replay.wait(60).poll(&ending(&[(0, None)]));
    assert_eq!(replay.board(), before[..1]);
    let changes = replay.wait(60).poll(&ending(&[(0, None), (1, Some(20))]));
    let id = &before[1].id;
    assert_eq!(changes.reinstated, std::slice::from_ref(id));
    assert_eq!((changes.added.len(), changes.revised.len()), (0, 1));
    assert_eq!(changes.documents.unwrap().len(), 2);
    assert_eq!(replay.board()[1].id, *id);
}

#[test]
fn an_end_that_is_postponed_revives_the_notice_though_it_is_blank_now() {
    for (key, blank) in [
        ("dokument", serde_json::json!([])),
        ("název", serde_json::json!({ "cs": "" })),
    ] {
        let mut replay = Replay::new(FEBRUARY);
        replay.poll(&ending(&[(0, None), (1, Some(1))]));
        let before = replay.board();
        replay.now = MARCH_10.parse().unwrap();
        replay.poll(&ending(&[(0, None), (1, Some(1))]));
        assert_eq!(replay.board(), before[..1]);
        let postponed = edit(&ending(&[(0, None), (1, Some(20))]), |all| {
            all[1][key] = blank.clone();
        });
        let changes = replay.wait(60).poll(&postponed);
        let id = &before[1].id;
        assert_eq!(changes.reinstated, std::slice::from_ref(id), "{key}");
        assert_eq!(changes.revised.len(), 1, "{key}");
        // It is blank, and no longer suddenly.
        replay.wait(60).poll(&postponed);
        assert_eq!((replay.board().len(), replay.reason()), (2, None), "{key}");
    }
}

#[test]
fn of_two_with_one_key_the_later_stays_itself_when_the_first_has_ended_and_left() {
    let both = edit(&ending(&[(1, Some(1)), (2, None), (3, None)]), |all| {
        all[1]["iri"] = all[0]["iri"].clone();
    });
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&both);
    replay.now = MARCH_10.parse().unwrap();
    replay.poll(&both);
    let before = replay.board();
    assert_eq!(before.len(), 2);
    let second = edit(&both, |all| drop(all.remove(0)));
    for poll in 0..3 {
        let changes = replay.wait(60).poll(&second);
        assert_eq!(changes.replaced.len(), usize::from(poll == 0));
        assert!(changes.revised.is_empty() && changes.reinstated.is_empty());
        let ids =
            |board: &[KnownNotice]| board.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&replay.board()), ids(&before));
    }
}

#[test]
fn an_end_that_is_brought_forward_archives_the_notice_at_once() {
    let mut replay = Replay::new(MARCH_10);
    replay.poll(&ending(&[(0, None), (1, Some(20))]));
    let changes = replay.wait(60).poll(&ending(&[(0, None), (1, Some(5))]));
    assert_eq!((changes.revised.len(), changes.ended.len()), (1, 1));
    assert_eq!(replay.board().len(), 1);
    let again = replay.wait(60).poll(&ending(&[(0, None), (1, Some(5))]));
    assert!(again.revised.is_empty() && again.ended.is_empty() && again.added.is_empty());
}

#[test]
fn an_archive_that_is_renamed_at_every_export_piles_nothing_up() {
    let all = ending(&[(0, None), (1, Some(1)), (2, Some(1))]);
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    replay.now = MARCH_10.parse().unwrap();
    for export in 0..10 {
        let renamed = edit(&all, |all| {
            for (n, one) in all.iter_mut().enumerate() {
                one["iri"] = format!("https://deska.example/{export}/{n}").into();
            }
        });
        replay.wait(60).poll(&renamed);
        assert_eq!(replay.state.notices.len(), 3);
        assert_eq!((replay.board().len(), replay.reason()), (1, None));
    }
}

#[test]
fn what_is_first_seen_after_its_end_is_not_stored() {
    let feed = [(0, None), (1, Some(1))];
    let mut replay = Replay::new(MARCH_10);
    assert_eq!(replay.poll(&ending(&feed)).added.len(), 1);
    let changes = replay.wait(60).poll(&ending(&feed));
    assert!(changes.added.is_empty() && replay.state.notices.len() == 1);
    let postponed = [(0, None), (1, Some(20))];
    assert_eq!(replay.wait(60).poll(&ending(&postponed)).added.len(), 1);
}

/// What happens to a feed whose notices end.
#[derive(Debug, Clone)]
enum Course {
    /// Hours pass.
    Wait(i64),
    /// A notice is added that ends on a day of March.
    Add(Option<u32>),
    Remove(prop::sample::Index),
    /// A notice that was in the feed before comes back, with another end, and with documents or without.
    Return(prop::sample::Index, Option<u32>, bool),
}

fn any_course() -> impl Strategy<Value = Course> {
    let end = || prop::option::of(1_u32..12);
    prop_oneof![
        (1_i64..60).prop_map(Course::Wait),
        end().prop_map(Course::Add),
        any::<prop::sample::Index>().prop_map(Course::Remove),
        (any::<prop::sample::Index>(), end(), any::<bool>())
            .prop_map(|(which, end, blank)| Course::Return(which, end, blank)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn polls_that_read_no_archive_decide_as_those_that_read_all_of_it(
        courses in prop::collection::vec(any_course(), 1..30),
    ) {
        let mut replay = Replay::new(FEBRUARY);
        let mut all = Replay::new(FEBRUARY);
        all.reads_all = true;
        let mut feed: Vec<(usize, Option<u32>)> = (0..4).map(|n| (n, Some(2))).collect();
        let mut count = feed.len();
        let mut blanked = BTreeSet::new();
        for course in courses {
            let mut minutes = 31;
            match course {
                Course::Wait(hours) => minutes = hours * 60,
                Course::Add(end) => {
                    feed.push((count, end));
                    count += 1;
                }
                Course::Remove(index) if feed.len() > 1 => {
                    feed.remove(index.index(feed.len()));
                }
                Course::Remove(_) => {}
                Course::Return(which, end, blank) => {
                    let n = which.index(count);
                    feed.retain(|(other, _)| *other != n);
                    feed.push((n, end));
                    blanked.remove(&n);
                    if blank {
                        blanked.insert(n);
                    }
                }
            }
            let bytes = edit(&ending(&feed), |all| {
                for (one, (n, _)) in all.iter_mut().zip(&feed) {
                    if blanked.contains(n) {
                        one["dokument"] = serde_json::json!([]);
                    }
                }
            });
            let live = replay.board().len();
            let changes = replay.wait(minutes).poll(&bytes);
            prop_assert_eq!(&changes, &all.wait(minutes).poll(&bytes));
            prop_assert!(replay.read <= live + feed.len());
            prop_assert_eq!(replay.board(), all.board());
            if changes.board.is_none() {
                continue;
            }
            // Of a poll that is believed, all hangs whose end has not come.
            let today = replay.now.with_timezone(&vyveska_board::PRAGUE).date_naive();
            let board = replay.board();
            for (n, end) in &feed {
                let last = end.map(|day| format!("2025-03-{day:02}").parse().unwrap());
                let last: Option<chrono::NaiveDate> = last;
                if last.is_none_or(|last| last >= today) {
                    let iri = Some(format!("https://deska.example/{n}"));
                    prop_assert!(board.iter().any(|one| one.facts.iri == iri), "{} of {:?}", n, feed);
                }
            }
        }
    }
}

/// Puts a quotation mark without its backslash into the notice numbered `n`.
fn broken_at(feed: &[u8], n: usize) -> Vec<u8> {
    let feed = std::str::from_utf8(feed).unwrap();
    let title = format!("Oznámení {n}");
    let broken = feed.replacen(&title, &format!("\"{title}"), 1);
    assert!(serde_json::from_str::<Value>(&broken).is_err());
    broken.into_bytes()
}

#[test]
fn a_broken_entry_keeps_its_notice_and_holds_no_other() {
    let all = made(12);
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    let kept = find(&mut replay.state, &NoticeId::new("n0007")).clone();
    let changed = edit(&all, |all| {
        all.remove(9);
        all[4]["název"] = serde_json::json!({ "cs": "Opravený název" });
        let mut new = all[0].clone();
        new["iri"] = "https://deska.example/new".into();
        new["číslo_jednací"] = "B/1".into();
        all.push(new);
    });
    let broken = broken_at(&changed, 3);
    // Fifteen days, hourly.
    for hour in 0..360 {
        let changes = replay.wait(60).poll(&broken);
        assert_eq!(replay.reason(), None);
        if hour == 0 {
            assert_eq!((changes.revised.len(), changes.added.len()), (1, 1));
        }
    }
    // The one that left went, the new one came, and the broken one is as it was.
    assert_eq!(replay.board().len(), 12);
    assert_eq!(*find(&mut replay.state, &kept.id), kept);
    let revisions = replay.revisions;
    replay.wait(60).poll(&changed);
    assert_eq!((replay.board().len(), replay.revisions), (12, revisions));
}

#[test]
fn while_any_notice_may_be_unread_none_is_gone() {
    let all = made(12);
    let fewer = edit(&all, |all| drop(all.drain(6..)));
    // What is lost has no identifier that could be read.
    let nameless = String::from_utf8(broken_at(&fewer, 3)).unwrap().replacen(
        "https://deska.example/3\"",
        "https://deska.example/\"3\"",
        1,
    );
    // The file ends in the third notice.
    let cut = &all[..all
        .windows(12)
        .position(|part| part == b"Ozn\xc3\xa1men\xc3\xad 3")
        .unwrap()];
    for feed in [nameless.as_bytes(), cut] {
        let mut replay = Replay::new(FEBRUARY);
        replay.poll(&all);
        for _ in 0..30 {
            replay.wait(60).poll(feed);
            assert_eq!(replay.board().len(), 12);
        }
    }
}

#[test]
fn a_broken_entry_under_a_new_identifier_is_the_notice_of_its_title() {
    let all = made(12);
    let moved = edit(&all, |all| {
        for (n, one) in all.iter_mut().enumerate() {
            one["iri"] = format!("https://deska.example/moved/{n}").into();
        }
    });
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&all);
    // Two notices leave. One that stays is broken, though not in its title.
    let fewer = edit(&moved, |all| drop(all.drain(..2)));
    let number = "\"číslo_jednací\":\"A/3\"";
    let broken =
        String::from_utf8(fewer.clone())
            .unwrap()
            .replacen(number, "\"číslo_jednací\":\"A\"3\"", 1);
    assert!(serde_json::from_str::<Value>(&broken).is_err());
    for _ in 0..3 {
        replay.wait(60).poll(broken.as_bytes());
    }
    assert_eq!(replay.board().len(), 10);
    let before = replay.revisions;
    replay.wait(60).poll(&fewer);
    // Mended, it is the same notice under its new identifier, which is no change of it.
    assert_eq!((replay.board().len(), replay.revisions), (10, before));
}

/// What a publisher does between two polls.
#[derive(Debug, Clone)]
enum Edit {
    Nothing,
    /// Adds a notice of one of few titles, days and files.
    Add(usize, u32, usize),
    Remove(prop::sample::Index),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        Just(Edit::Nothing),
        (0_usize..3, 1_u32..3, 0_usize..4)
            .prop_map(|(title, day, file)| Edit::Add(title, day, file)),
        any::<prop::sample::Index>().prop_map(Edit::Remove),
    ]
}

/// A feed of notices without numbers, by title, day and file, whose identifiers begin with `name`.
fn numberless(notices: &[(usize, u32, usize)], name: &str) -> Vec<u8> {
    edit(&made(notices.len()), |all| {
        for (n, (one, (title, day, file))) in all.iter_mut().zip(notices).enumerate() {
            one.as_object_mut().unwrap().remove("číslo_jednací");
            one["iri"] = format!("https://deska.example/{name}/{n}").into();
            one["název"] = serde_json::json!({ "cs": format!("Oznámení {title}") });
            one["vyvěšení"] = serde_json::json!({ "datum": format!("2025-02-{day:02}") });
            let url = format!("https://deska.example/{file}.pdf");
            one["dokument"] =
                serde_json::json!([{ "název": { "cs": file.to_string() }, "url": url }]);
        }
    })
}

/// What a person sees of the notices: title, day and file.
fn seen(replay: &Replay) -> Vec<String> {
    let board = replay.board();
    let mut seen: Vec<String> = board
        .iter()
        .map(|one| {
            format!(
                "{:?}",
                (&one.facts.title, one.facts.posted, &one.facts.documents)
            )
        })
        .collect();
    seen.sort();
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn identifiers_that_change_at_every_export_pile_nothing_up(
        first in prop::collection::vec((0_usize..3, 1_u32..3, 0_usize..4), 1..12),
        polls in prop::collection::vec((any_edit(), any::<bool>()), 1..12),
    ) {
        let mut replay = Replay::new(FEBRUARY);
        let mut notices = first;
        let mut export = 0;
        replay.poll(&numberless(&notices, "0"));
        prop_assert_eq!(replay.board().len(), notices.len());
        for (edit, renames) in polls {
            let before = replay.state.notices.len();
            let mut added = 0;
            match edit {
                Edit::Add(title, day, file) => {
                    notices.push((title, day, file));
                    added = 1;
                }
                Edit::Remove(index) if notices.len() > 1 => {
                    notices.remove(index.index(notices.len()));
                }
                Edit::Nothing | Edit::Remove(_) => {}
            }
            // Positions moved, so the identifiers have to.
            export += usize::from(renames || added == 0);
            replay.wait(15).poll(&numberless(&notices, &export.to_string()));
            prop_assert!(replay.board().len() >= notices.len());
            prop_assert!(replay.state.notices.len() <= before + added);
            // One revision each: nothing was taken for something else.
            prop_assert_eq!(replay.revisions, replay.state.notices.len());
        }
        // What was removed goes, though the identifiers go on changing.
        for _ in 0..4 {
            export += 1;
            replay.wait(120).poll(&numberless(&notices, &export.to_string()));
        }
        let mut fresh = Replay::new(FEBRUARY);
        fresh.poll(&numberless(&notices, "fresh"));
        prop_assert_eq!(replay.reason(), None);
        prop_assert_eq!(seen(&replay), seen(&fresh));
    }
}

#[test]
fn files_that_an_export_names_anew_pile_nothing_up_either() {
    let notices = [(0, 1, 0), (0, 1, 1), (0, 2, 0), (1, 1, 0)];
    let export = |name: &str| {
        edit(&numberless(&notices, name), |all| {
            for (n, one) in all.iter_mut().enumerate() {
                let url = format!("https://deska.example/{name}/{n}");
                one["dokument"] = serde_json::json!([{ "url": url }]);
            }
        })
    };
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&export("0"));
    for name in 1..30 {
        replay.wait(15).poll(&export(&name.to_string()));
        assert_eq!(replay.state.notices.len(), notices.len());
        assert_eq!(replay.reason(), None);
    }
}

#[test]
fn an_address_that_changes_at_each_poll_is_followed_and_no_revision() {
    let export = |session: usize, title: &str| {
        edit(&made(2), |all| {
            for (n, one) in all.iter_mut().enumerate() {
                let url = format!("https://deska.example/{n}.pdf?session={session}");
                one["dokument"] = serde_json::json!([{ "název": { "cs": title }, "url": url }]);
            }
        })
    };
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&export(0, "x"));
    let published = |replay: &Replay| {
        let board = replay.board();
        let documents = board.iter().flat_map(|one| &one.facts.documents);
        let urls = documents.map(|one| one.published_url().unwrap().query().map(str::to_owned));
        urls.flatten().collect::<Vec<_>>()
    };
    for session in 1..4 {
        let changes = replay.wait(15).poll(&export(session, "x"));
        assert_eq!((changes.revised.len(), changes.readdressed.len()), (0, 2));
        let documents = changes.documents.unwrap();
        let query = format!("session={session}");
        assert!(documents.iter().all(|url| url.query() == Some(&query)));
        assert_eq!(published(&replay), ["session=0", "session=0"]);
    }
    // The address it had when the revision was made is its own again.
    let changes = replay.wait(15).poll(&export(0, "x"));
    assert_eq!(changes.readdressed.len(), 2);
    let board = replay.board();
    let documents = board.iter().flat_map(|one| &one.facts.documents);
    assert!({ documents }.all(|document| document.former_url.is_none()));
    // Another name is shown, and another revision.
    let changes = replay.wait(15).poll(&export(4, "y"));
    assert_eq!((changes.revised.len(), changes.readdressed.len()), (2, 0));
    assert_eq!(published(&replay), ["session=4", "session=4"]);
}

#[test]
fn a_document_put_before_another_or_in_its_place_is_another_revision() {
    let with = |files: &[&str]| {
        edit(&made(1), |all| {
            let documents = files.iter().map(|file| {
                let url = format!("https://deska.example/{file}.pdf");
                serde_json::json!({ "název": { "cs": "Příloha" }, "url": url })
            });
            all[0]["dokument"] = documents.collect();
        })
    };
    for (before, after) in [
        (["a", "b"], ["n", "a"]),
        (["a", "b"], ["b", "n"]),
        (["a", "b"], ["b", "a"]),
        (["a", "a"], ["a", "n"]),
    ] {
        let mut replay = Replay::new(FEBRUARY);
        replay.poll(&with(&before));
        let changes = replay.wait(15).poll(&with(&after));
        assert_eq!(changes.readdressed, [], "{before:?} {after:?}");
        assert_eq!(changes.revised.len(), 1, "{before:?} {after:?}");
    }
}

#[test]
fn a_renamed_notice_keeps_its_id() {
    let notices = [(0, 1, 0), (0, 1, 1), (0, 2, 0), (1, 1, 0)];
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&numberless(&notices, "0"));
    let ids = |replay: &Replay| {
        let board = replay.board();
        let facts = |one: &KnownNotice| {
            format!(
                "{:?}",
                (&one.facts.title, one.facts.posted, &one.facts.documents)
            )
        };
        board
            .iter()
            .map(|one| (one.id.clone(), facts(one)))
            .collect::<Vec<_>>()
    };
    let before = ids(&replay);
    for export in 1..20 {
        let mut shuffled = notices;
        shuffled.rotate_left(export % notices.len());
        let changes = replay
            .wait(15)
            .poll(&numberless(&shuffled, &export.to_string()));
        assert_eq!(changes.rekeyed.len(), 4);
        assert_eq!(ids(&replay), before);
    }
    let more = [notices.as_slice(), &[(0, 3, 0), (0, 1, 3)]].concat();
    let changes = replay.wait(15).poll(&numberless(&more, "more"));
    assert_eq!(
        (changes.added.len(), changes.revised.len()),
        (2, 0),
        "another day and another file are new"
    );
}

#[test]
fn a_page_that_changes_with_the_identifier_counts_once_it_stays() {
    let export = |name: &str| {
        edit(&numberless(&[(0, 1, 0)], name), |all| {
            all[0]["url"] = format!("https://deska.example/page/{name}").into();
        })
    };
    let mut replay = Replay::new(FEBRUARY);
    replay.poll(&export("0"));
    for name in 1..10 {
        replay.wait(15).poll(&export(&name.to_string()));
        assert_eq!(replay.revisions, 1);
    }
    for _ in 0..3 {
        replay.wait(15).poll(&export("9"));
        assert_eq!(replay.revisions, 2);
    }
    let page = replay.board()[0].facts.url.clone();
    assert_eq!(page.unwrap().as_str(), "https://deska.example/page/9");
}
