//! Background work: what is due, who does it, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::MissingReason;
use vyveska_central_storage::{
    DocumentResult, DocumentTask, Drawing, JobKind, LeasedJob, NewJob, NewPublication,
    PreparationResult, PreparationStage, ServiceStorage, SourceChanges, StorageError, StoredBoard,
};
use vyveska_wire::manifest::ContentRef;

use super::boards::{board, save};
use super::documents::{fetch, want};
use super::{address, content, lease_time, manifest, sections, start, storage};
use crate::TestDatabase;

const POLL: JobKind = JobKind::Poll;
/// More than any town has.
const MANY: u32 = 1000;
const NO_TOWN: Option<&str> = None;

fn job(kind: JobKind, key: &str, town: Option<&str>, run_at: DateTime<Utc>) -> NewJob {
    NewJob {
        kind,
        key: key.to_owned(),
        town: town.map(str::to_owned),
        run_at,
    }
}

async fn schedule(storage: &dyn ServiceStorage, key: &str, run_at: DateTime<Utc>) {
    let jobs = [job(POLL, key, NO_TOWN, run_at)];
    storage.schedule(&jobs).await.unwrap();
}

async fn lease(storage: &dyn ServiceStorage, now: DateTime<Utc>) -> Option<LeasedJob> {
    let leased = storage.lease(POLL, &[], MANY, lease_time(now));
    leased.await.unwrap()
}

/// The keys of the jobs that are due, in the order in which they are leased.
async fn lease_all(storage: &dyn ServiceStorage, kind: JobKind, now: DateTime<Utc>) -> Vec<String> {
    let mut keys = Vec::new();
    while let Some(job) = storage
        .lease(kind, &[], MANY, lease_time(now))
        .await
        .unwrap()
    {
        keys.push(job.key);
    }
    keys
}

/// Whether the lease is lost, which every method that needs it has to say.
async fn is_lost(storage: &dyn ServiceStorage, job: &LeasedJob) -> bool {
    let now = start();
    let outcomes = [
        storage.renew(job, now).await,
        storage.finish(job, Some(now)).await,
        storage.retry(job, "late", now).await,
        storage.put_off(job, now).await,
        storage.release(job, now).await,
    ];
    let is_conflict = |one: &Result<(), _>| matches!(one, Err(StorageError::Conflict));
    outcomes.iter().all(is_conflict)
}

fn minutes(count: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(count)
}

#[tokio::test]
async fn a_job_is_leased_once_it_is_due_and_by_one() {
    let (storage, _database) = storage().await;
    schedule(&*storage, "lipnice", minutes(1)).await;
    let before = minutes(1) - TimeDelta::microseconds(1);
    assert_eq!(lease(&*storage, before).await, None);
    let other_kind = storage.lease(JobKind::Fetch, &[], MANY, lease_time(minutes(1)));
    assert_eq!(other_kind.await.unwrap(), None);
    let leased = lease(&*storage, minutes(1)).await.unwrap();
    assert_eq!((leased.kind, leased.key.as_str()), (POLL, "lipnice"));
    assert_eq!((leased.town(), leased.attempts), (None, 1));
    assert_eq!(lease(&*storage, minutes(2)).await, None);
}

#[tokio::test]
async fn a_job_that_was_done_is_due_at_its_next_time_or_when_it_is_scheduled() {
    let (storage, _database) = storage().await;
    schedule(&*storage, "lipnice", start()).await;
    let first = lease(&*storage, start()).await.unwrap();
    let finished = storage.finish(&first, Some(minutes(10)));
    finished.await.unwrap();
    assert!(is_lost(&*storage, &first).await, "it is done");
    assert_eq!(lease(&*storage, minutes(9)).await, None);
    let second = lease(&*storage, minutes(10)).await.unwrap();
    assert_eq!(second.attempts, 1);
    storage.finish(&second, None).await.unwrap();
    assert_eq!(lease(&*storage, minutes(2000)).await, None);
    schedule(&*storage, "lipnice", minutes(20)).await;
    assert!(lease(&*storage, minutes(20)).await.is_some());
}

#[tokio::test]
async fn a_job_is_brought_forward_and_never_put_off() {
    let (storage, _database) = storage().await;
    for run_at in [minutes(5), minutes(3), minutes(9)] {
        schedule(&*storage, "lipnice", run_at).await;
    }
    assert_eq!(lease(&*storage, minutes(2)).await, None);
    assert!(lease(&*storage, minutes(3)).await.is_some());
}

#[tokio::test]
async fn what_is_scheduled_while_it_is_done_is_done_once_more() {
    let (storage, _database) = storage().await;
    schedule(&*storage, "lipnice", start()).await;
    let mut leased = lease(&*storage, start()).await.unwrap();
    for (scheduled, next, due) in [
        (minutes(1), None, minutes(1)),
        (minutes(2), Some(minutes(30)), minutes(2)),
        (minutes(60), Some(minutes(4)), minutes(4)),
    ] {
        schedule(&*storage, "lipnice", scheduled).await;
        assert_eq!(lease(&*storage, due).await, None, "it is being done");
        storage.finish(&leased, next).await.unwrap();
        let before = due - TimeDelta::microseconds(1);
        assert_eq!(lease(&*storage, before).await, None);
        leased = lease(&*storage, due).await.unwrap();
    }
    schedule(&*storage, "lipnice", minutes(5)).await;
    let failed = storage.retry(&leased, "503", minutes(30));
    failed.await.unwrap();
    assert_eq!(lease(&*storage, minutes(5)).await.unwrap().attempts, 2);
}

#[tokio::test]
async fn a_lease_that_ended_goes_to_another_and_its_late_holder_is_told() {
    let (storage, database) = storage().await;
    let other = database.open().await.unwrap();
    schedule(&*storage, "lipnice", start()).await;
    let late = lease(&*storage, start()).await.unwrap();
    assert_eq!(lease(&*other, minutes(4)).await, None);
    let renewed = storage.renew(&late, minutes(7));
    renewed.await.unwrap();
    assert_eq!(lease(&*other, minutes(6)).await, None);
    let second = lease(&*other, minutes(7)).await.unwrap();
    assert_eq!(second.attempts, 2);
    assert!(is_lost(&*storage, &late).await);
    let third = lease(&*other, minutes(12)).await.unwrap();
    assert_eq!(third.attempts, 3);
    assert!(is_lost(&*storage, &second).await);
    other.finish(&third, None).await.unwrap();
    assert_eq!(lease(&*other, minutes(2000)).await, None);
}

#[tokio::test]
async fn who_is_late_may_finish_while_no_other_began() {
    let (storage, _database) = storage().await;
    schedule(&*storage, "lipnice", start()).await;
    let late = lease(&*storage, start()).await.unwrap();
    let finished = storage.finish(&late, Some(minutes(60)));
    finished.await.unwrap();
    assert_eq!(lease(&*storage, minutes(59)).await, None);
}

#[tokio::test]
async fn an_attempt_that_failed_counts_and_one_that_is_given_back_does_not() {
    let (storage, database) = storage().await;
    schedule(&*storage, "lipnice", start()).await;
    let first = lease(&*storage, start()).await.unwrap();
    let failed = storage.retry(&first, "503", minutes(5));
    failed.await.unwrap();
    let told = "SELECT count(*) FROM job WHERE error = '503'";
    assert_eq!(database.count(told).await, 1);
    assert!(is_lost(&*storage, &first).await);
    assert_eq!(lease(&*storage, minutes(4)).await, None);
    for _ in 0..2 {
        let second = lease(&*storage, minutes(5)).await.unwrap();
        assert_eq!(second.attempts, 2);
        let released = storage.release(&second, minutes(5));
        released.await.unwrap();
        assert!(is_lost(&*storage, &second).await);
    }
    let second = lease(&*storage, minutes(5)).await.unwrap();
    let released = storage.release(&second, minutes(8));
    released.await.unwrap();
    assert_eq!(lease(&*storage, minutes(7)).await, None);
    let second = lease(&*storage, minutes(8)).await.unwrap();
    let finished = storage.finish(&second, Some(minutes(9)));
    finished.await.unwrap();
    assert_eq!(database.count(told).await, 0);
    assert_eq!(lease(&*storage, minutes(9)).await.unwrap().attempts, 1);
}

#[tokio::test]
async fn leases_that_left_no_word_are_counted_apart() {
    let (storage, database) = storage().await;
    schedule(&*storage, "lipnice", start()).await;
    let lease = async |minute, expected| {
        let leased = lease(&*storage, minutes(minute)).await.unwrap();
        assert_eq!((leased.attempts, leased.unfinished), expected);
        leased
    };
    let failed = lease(0, (1, 1)).await;
    storage.retry(&failed, "503", minutes(1)).await.unwrap();
    lease(1, (2, 1)).await;
    let given_back = lease(10, (3, 2)).await;
    storage.release(&given_back, minutes(20)).await.unwrap();
    let put_off = lease(20, (3, 2)).await;
    storage.put_off(&put_off, minutes(30)).await.unwrap();
    let cause = "SELECT count(*) FROM job WHERE error = '503'";
    assert_eq!(database.count(cause).await, 1);
    let failed = lease(30, (4, 3)).await;
    storage.retry(&failed, "503", minutes(40)).await.unwrap();
    let done = lease(40, (5, 3)).await;
    storage.finish(&done, Some(minutes(50))).await.unwrap();
    lease(50, (1, 1)).await;
}

#[tokio::test]
async fn this_job_is_leased_whether_it_is_due_or_not_unless_another_does_it() {
    let (storage, _database) = storage().await;
    let lease_job = async |now| {
        let leased = storage.lease_job(POLL, "lipnice", lease_time(now));
        leased.await.unwrap()
    };
    assert_eq!(lease_job(start()).await, None, "there is none");
    schedule(&*storage, "lipnice", minutes(30)).await;
    schedule(&*storage, "rolava", minutes(30)).await;
    let leased = lease_job(start()).await.unwrap();
    assert_eq!((leased.key.as_str(), leased.attempts), ("lipnice", 1));
    assert_eq!(lease_job(start()).await, None);
    let finished = storage.finish(&leased, Some(minutes(60)));
    finished.await.unwrap();
    assert_eq!(lease_all(&*storage, POLL, minutes(30)).await, ["rolava"]);
    let leased = lease_job(minutes(30)).await.unwrap();
    assert_eq!(lease_job(minutes(34)).await, None);
    let again = lease_job(minutes(35)).await.unwrap();
    assert_eq!(again.attempts, 2);
    assert!(is_lost(&*storage, &leased).await);
}

#[tokio::test]
async fn a_wrong_clock_neither_delays_a_job_nor_keeps_it_leased() {
    let (storage, _database) = storage().await;
    let year = start() + TimeDelta::days(365);
    schedule(&*storage, "lipnice", year).await;
    schedule(&*storage, "rolava", minutes(1)).await;
    assert_eq!(lease_all(&*storage, POLL, start()).await, ["lipnice"]);
    // By a clock that is ahead, and is mended then.
    assert_eq!(
        lease_all(&*storage, POLL, year).await,
        ["lipnice", "rolava"]
    );
    let mut leased = lease_all(&*storage, POLL, start()).await;
    leased.sort();
    assert_eq!(leased, ["lipnice", "rolava"]);
    assert_eq!(lease(&*storage, start()).await, None);
    // A clock that was behind has nothing due later than it should be.
    assert_eq!(lease_all(&*storage, POLL, year).await.len(), 2);
}

#[tokio::test]
async fn towns_take_turns() {
    let (storage, _database) = storage().await;
    let mut jobs: Vec<NewJob> = (0..5)
        .map(|n| job(POLL, &format!("lipnice {n}"), Some("lipnice"), start()))
        .collect();
    jobs.push(job(POLL, "rolava", Some("rolava"), minutes(2)));
    jobs.push(job(POLL, "zdar 1", Some("zdar"), minutes(2)));
    jobs.push(job(POLL, "zdar 0", Some("zdar"), minutes(1)));
    jobs.push(job(POLL, "service", NO_TOWN, minutes(2)));
    storage.schedule(&jobs).await.unwrap();
    let mut keys = Vec::new();
    let mut now = minutes(3);
    while let Some(job) = lease(&*storage, now).await {
        keys.push(job.key);
        now += TimeDelta::seconds(1);
    }
    let expected = [
        "lipnice 0",
        "zdar 0",
        "rolava",
        "service",
        "lipnice 1",
        "zdar 1",
        "lipnice 2",
        "lipnice 3",
        "lipnice 4",
    ];
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn a_turn_at_an_instant_that_is_still_to_come_was_none() {
    let (storage, _database) = storage().await;
    let towns = ["lipnice", "rolava"];
    let scheduled = towns.map(|town| job(POLL, town, Some(town), start()));
    storage.schedule(&scheduled[..1]).await.unwrap();
    // By a clock that was ahead.
    let year = start() + TimeDelta::days(365);
    let leased = storage.lease_job(POLL, "lipnice", lease_time(year));
    let leased = leased.await.unwrap().unwrap();
    storage.release(&leased, start()).await.unwrap();
    storage.schedule(&scheduled[1..]).await.unwrap();
    let leased = storage.lease_job(POLL, "rolava", lease_time(start()));
    let leased = leased.await.unwrap().unwrap();
    storage.release(&leased, start()).await.unwrap();
    let found = lease_all(&*storage, POLL, minutes(1)).await;
    assert_eq!(found, ["lipnice", "rolava"]);
}

#[tokio::test]
async fn a_town_holds_no_more_leases_than_it_may() {
    let (storage, _database) = storage().await;
    let mut jobs = Vec::new();
    for n in 0..4 {
        jobs.push(job(POLL, &format!("l{n}"), Some("lipnice"), start()));
        jobs.push(job(POLL, &format!("s{n}"), NO_TOWN, minutes(1)));
        let fetch = job(JobKind::Fetch, &format!("l{n}"), Some("lipnice"), start());
        jobs.push(fetch);
    }
    jobs.push(job(POLL, "rolava", Some("rolava"), start()));
    storage.schedule(&jobs).await.unwrap();
    let lease = async |now| {
        let mut leased = BTreeMap::new();
        while let Some(job) = storage.lease(POLL, &[], 2, lease_time(now)).await.unwrap() {
            leased.insert(job.key.clone(), job);
        }
        leased
    };
    let first = lease(start()).await;
    assert_eq!(first.keys().collect::<Vec<_>>(), ["l0", "l1", "rolava"]);
    storage.finish(&first["l0"], None).await.unwrap();
    let second = lease(minutes(1)).await;
    let expected = ["l2", "s0", "s1", "s2", "s3"];
    assert_eq!(second.keys().collect::<Vec<_>>(), expected);
    // A lease that ended, and one of a wrong clock, are none.
    let renewed = storage.renew(&second["l2"], start() + TimeDelta::days(1));
    renewed.await.unwrap();
    let third = lease(minutes(5)).await;
    assert_eq!(third.keys().filter(|key| key.starts_with('l')).count(), 2);
}

#[tokio::test]
async fn the_jobs_of_a_kind_are_those_that_are_kept() {
    let (storage, _database) = storage().await;
    schedule(&*storage, "kept", minutes(5)).await;
    schedule(&*storage, "removed", start()).await;
    schedule(&*storage, "leased", start() - TimeDelta::minutes(1)).await;
    let other = job(JobKind::Publish, "removed", NO_TOWN, start());
    storage.schedule(&[other]).await.unwrap();
    let leased = lease(&*storage, start()).await.unwrap();
    assert_eq!(leased.key, "leased");
    let town = || Some("lipnice".to_owned());
    let mut keys = BTreeMap::from([("kept".to_owned(), town()), ("leased".to_owned(), None)]);
    keys.insert("made".to_owned(), town());
    let keep = async |keys: &BTreeMap<_, _>, now| {
        let kept = storage.keep_jobs(POLL, keys, now);
        kept.await.unwrap();
    };
    keep(&keys, minutes(1)).await;
    assert_eq!(lease(&*storage, start()).await, None);
    assert_eq!(lease_all(&*storage, POLL, minutes(1)).await, ["made"]);
    let kept = storage.lease_job(POLL, "kept", lease_time(minutes(5)));
    assert_eq!(kept.await.unwrap().unwrap().town(), town().as_deref());
    storage.renew(&leased, minutes(10)).await.unwrap();
    let publish = lease_all(&*storage, JobKind::Publish, start()).await;
    assert_eq!(publish, ["removed"], "another kind has its own");

    keep(&BTreeMap::new(), minutes(2)).await;
    assert!(is_lost(&*storage, &leased).await);
    keep(&keys, minutes(3)).await;
    assert!(is_lost(&*storage, &leased).await, "it is another job");
    let all = lease_all(&*storage, POLL, minutes(3)).await;
    assert_eq!(all, ["leased", "kept", "made"]);
    assert!(is_lost(&*storage, &leased).await, "it is another's lease");
}

#[tokio::test]
async fn a_process_keeps_the_jobs_of_boards_that_another_has_brought() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["a"])]).await;
    let mut closed = board("rolava", "rolava", &["b"]);
    closed.enabled = false;
    save(&*storage, &[&closed]).await;
    for (kind, keys) in [
        (POLL, ["a", "b"]),
        (JobKind::Publish, ["lipnice", "rolava"]),
    ] {
        let jobs = keys.map(|key| job(kind, key, NO_TOWN, start()));
        storage.schedule(&jobs).await.unwrap();
        let none = BTreeMap::new();
        let kept = storage.keep_jobs(kind, &none, start());
        kept.await.unwrap();
        assert_eq!(lease_all(&*storage, kind, start()).await, keys[..1]);
    }
}

#[tokio::test]
async fn a_job_that_cannot_be_read_is_removed_and_the_others_go_on() {
    let (storage, database) = storage().await;
    for key in ["a", "b", "c"] {
        schedule(&*storage, key, start()).await;
    }
    for damage in [
        "UPDATE job SET attempts = -2 WHERE key = 'a'",
        "UPDATE job SET unfinished = 9223372036854775807 WHERE key = 'b'",
    ] {
        database.execute(damage).await;
    }
    for expected in ["a", "b"] {
        match storage.lease(POLL, &[], MANY, lease_time(start())).await {
            Err(StorageError::UnreadableJob { key, .. }) => assert_eq!(key, expected),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(lease_all(&*storage, POLL, start()).await, ["c"]);
    schedule(&*storage, "a", start()).await;
    assert_eq!(lease(&*storage, start()).await.unwrap().attempts, 1);
}

#[tokio::test]
async fn jobs_that_are_gone_or_left_are_told_and_one_of_nothing_in_service_is_removed() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["a"])]).await;
    for (kind, known, unknown) in [(POLL, "a", "lipnice"), (JobKind::Publish, "lipnice", "a")] {
        let missing = async || {
            let keys = [known, unknown];
            storage.missing_jobs(kind, &keys).await.unwrap()
        };
        assert_eq!(missing().await, [known], "the other is not in service");
        let jobs = [known, unknown].map(|key| job(kind, key, NO_TOWN, start()));
        storage.schedule(&jobs).await.unwrap();
        assert_eq!(missing().await, [""; 0]);
        let early = start() - TimeDelta::microseconds(1);
        for (key, before, expected) in [
            (known, early, false),
            (known, start(), true),
            (unknown, start(), false),
        ] {
            let is_left = storage.is_left(kind, key, before).await.unwrap();
            assert_eq!(is_left, expected, "{kind:?} {key} {before}");
        }
        let others = [known.to_owned()];
        let leased = storage.lease(kind, &others, MANY, lease_time(start()));
        assert_eq!(leased.await.unwrap(), None, "it is left to others");
        let leased = storage.lease_job(kind, known, lease_time(start())).await;
        assert!(leased.unwrap().is_some());
        for (before, expected) in [(minutes(4), false), (minutes(5), true)] {
            let is_left = storage.is_left(kind, known, before).await.unwrap();
            assert_eq!(is_left, expected, "{kind:?} until {before}");
        }
        let left = storage
            .lease_job(kind, unknown, lease_time(minutes(9)))
            .await;
        assert_eq!(left.unwrap(), None);
    }
    let forget = storage.missing_jobs(JobKind::Forget, &[""]);
    assert_eq!(forget.await.unwrap(), [""]);
}

#[tokio::test]
async fn of_several_processes_each_gets_another_job() {
    let (storage, database) = storage().await;
    let jobs: Vec<NewJob> = (0..12)
        .map(|n| {
            let town = format!("town {}", n % 3);
            job(POLL, &format!("source {n}"), Some(&town), start())
        })
        .collect();
    storage.schedule(&jobs).await.unwrap();
    let mut leases = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let storage = database.open().await.unwrap();
        leases.spawn(async move { lease_all(&*storage, POLL, start()).await });
    }
    let mut keys = leases.join_all().await.concat();
    let others = lease_all(&*storage, POLL, start()).await;
    keys.extend(others);
    let distinct: BTreeSet<_> = keys.iter().collect();
    assert_eq!((keys.len(), distinct.len()), (12, 12));
}

#[tokio::test]
async fn several_processes_together_keep_to_the_bound_of_a_town() {
    let (storage, database) = storage().await;
    let jobs: Vec<NewJob> = (0..12)
        .map(|n| job(POLL, &format!("source {n}"), Some("lipnice"), start()))
        .collect();
    storage.schedule(&jobs).await.unwrap();
    let mut leases = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let storage = database.open().await.unwrap();
        leases.spawn(async move {
            let leased = storage.lease(POLL, &[], 3, lease_time(start()));
            usize::from(leased.await.unwrap().is_some())
        });
    }
    let leased: usize = leases.join_all().await.into_iter().sum();
    assert_eq!(leased, 3);
}

#[tokio::test]
async fn several_processes_schedule_and_finish_the_same_jobs() {
    let (storage, database) = storage().await;
    let jobs: Vec<NewJob> = (0..6)
        .map(|n| job(POLL, &format!("source {n}"), Some("lipnice"), start()))
        .collect();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..8 {
        let storage = database.open().await.unwrap();
        let mut jobs = jobs.clone();
        if n % 2 == 0 {
            jobs.reverse();
        }
        writers.spawn(async move {
            storage.schedule(&jobs).await.unwrap();
            while let Some(job) = lease(&*storage, start()).await {
                storage.finish(&job, None).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    while let Some(job) = lease(&*storage, start()).await {
        assert_eq!(job.attempts, 1);
        storage.finish(&job, None).await.unwrap();
    }
}

/// A database with the boards of three towns; that of the third is not in service.
async fn towns() -> (Arc<dyn ServiceStorage>, TestDatabase) {
    let (storage, database) = storage().await;
    let closed = StoredBoard {
        enabled: false,
        ..board("zdar", "zdar", &["zdar feed"])
    };
    let lipnice = board("lipnice", "lipnice", &["lipnice feed", "lipnice bulletin"]);
    let rolava = board("rolava", "rolava", &["rolava feed"]);
    save(&*storage, &[&lipnice, &rolava, &closed]).await;
    (storage, database)
}

/// Checks which jobs of a kind are due at an instant, and were not before.
async fn check_due(
    storage: &dyn ServiceStorage,
    kind: JobKind,
    at: DateTime<Utc>,
    expected: &[&str],
) {
    let before = at - TimeDelta::microseconds(1);
    let early = lease_all(storage, kind, before).await;
    assert_eq!(early, [""; 0], "{} before {at}", kind.as_str());
    let mut due = Vec::new();
    while let Some(job) = storage
        .lease(kind, &[], MANY, lease_time(at))
        .await
        .unwrap()
    {
        storage.finish(&job, None).await.unwrap();
        assert_eq!(job.town(), job.key.split(' ').next());
        due.push(job.key);
    }
    due.sort();
    assert_eq!(due, expected, "{} at {at}", kind.as_str());
}

#[tokio::test]
async fn documents_that_are_wanted_are_fetched_and_those_that_were_lost_again() {
    let (storage, _database) = towns().await;
    for source in ["lipnice feed", "rolava feed", "zdar feed"] {
        want(&*storage, source, &["a.pdf"]).await;
    }
    let due = ["lipnice feed", "rolava feed"];
    check_due(&*storage, JobKind::Fetch, start(), &due).await;
    let version = storage.source_state("lipnice feed").await.unwrap().version;
    let nothing = SourceChanges::default();
    let applied = storage.apply("lipnice feed", version, &nothing, minutes(1));
    applied.await.unwrap();
    check_due(&*storage, JobKind::Fetch, minutes(1), &[]).await;

    for (source, bytes) in [("lipnice feed", b"a plan"), ("rolava feed", b"a maps")] {
        fetch(&*storage, source, "a.pdf", &content(bytes)).await;
    }
    let lost = [ContentRef::to(b"a plan").hash.0].into();
    let requeued = storage.requeue_lost_content(&lost, minutes(2));
    requeued.await.unwrap();
    check_due(&*storage, JobKind::Fetch, minutes(2), &["lipnice feed"]).await;
}

#[tokio::test]
async fn a_document_that_changed_has_its_board_published() {
    let (storage, _database) = towns().await;
    let documents = [
        ("lipnice bulletin", "a.pdf"),
        ("lipnice feed", "b.pdf"),
        ("rolava feed", "c.pdf"),
        ("zdar feed", "d.pdf"),
    ];
    for (source, name) in documents {
        want(&*storage, source, &[name]).await;
        fetch(&*storage, source, name, &content(b"a plan")).await;
    }
    let next_day = start() + TimeDelta::days(1);
    check_due(
        &*storage,
        JobKind::Publish,
        next_day,
        &["lipnice", "rolava"],
    )
    .await;
    let record = async |document: usize, result: DocumentResult, publish_at| {
        let (source, name) = documents[document];
        let task = DocumentTask {
            source: source.to_owned(),
            url: address(name),
            held: None,
            missing: None,
            etag: None,
            failures: 0,
        };
        let recorded = storage.record(&task, &result, start(), start(), publish_at);
        recorded.await.unwrap()
    };
    let failed = DocumentResult::Failed {
        error: "404".to_owned(),
        reason: MissingReason::NotFound,
    };
    let later = minutes(3000);
    assert!(!record(2, DocumentResult::NotModified, later).await);
    assert!(record(1, failed.clone(), later + TimeDelta::seconds(5)).await);
    assert!(record(0, failed.clone(), later).await);
    assert!(record(3, failed, later).await);
    check_due(&*storage, JobKind::Publish, later, &["lipnice"]).await;
}

#[tokio::test]
async fn what_was_made_of_a_document_has_every_board_published_that_shows_it() {
    let (storage, _database) = towns().await;
    let plan = content(b"a plan");
    want(&*storage, "lipnice feed", &["a.pdf"]).await;
    fetch(&*storage, "lipnice feed", "a.pdf", &plan).await;
    let own = std::slice::from_ref(&plan);
    let registered = storage.register_documents("board:rolava", own, start());
    registered.await.unwrap();
    let next_day = start() + TimeDelta::days(1);
    check_due(&*storage, JobKind::Publish, next_day, &["lipnice"]).await;
    let mut now = minutes(3000);
    let claim = async |stage, now| {
        let claimed = storage.claim_preparation(stage, 1, lease_time(now));
        claimed.await.unwrap().unwrap()
    };
    let both = ["lipnice", "rolava"];
    let result = PreparationResult::Made {
        pages: 1,
        text: Some(ContentRef::to(b"text")),
        recognise: true,
    };
    for (stage, due) in [
        (PreparationStage::Text, &both[..]),
        (PreparationStage::Recognition, &[][..]),
    ] {
        let task = claim(stage, now).await;
        let publish_at = now + TimeDelta::seconds(30);
        let recorded = storage.record_preparation(&task, 1, &result, now, publish_at);
        recorded.await.unwrap();
        check_due(&*storage, JobKind::Publish, publish_at, due).await;
        now += TimeDelta::minutes(1);
    }
    let drawing = Drawing {
        rendition: Some(ContentRef::to(b"%PDF")),
        doubtful_pages: Vec::new(),
    };
    for (drawing, due) in [(None, &[][..]), (Some(&drawing), &both[..])] {
        let task = claim(PreparationStage::Drawing, now).await;
        let publish_at = now + TimeDelta::seconds(30);
        // One that failed is examined again by a newer method alone.
        let method = u32::from(drawing.is_some());
        let recorded = storage.record_drawing(&task, method, drawing, "{}", now, publish_at);
        recorded.await.unwrap();
        check_due(&*storage, JobKind::Publish, publish_at, due).await;
        now += TimeDelta::minutes(1);
    }
}

#[tokio::test]
async fn a_board_is_published_again_when_it_changes_by_itself() {
    let (storage, _database) = towns().await;
    let mut now = start();
    let mut after = 0;
    for changes_at in [Some(minutes(5)), None] {
        for board in ["lipnice", "zdar"] {
            let before = storage.publication(board).await.unwrap();
            let new = NewPublication {
                after: before.map_or(0, |one| one.id),
                sections: sections(b"notices"),
                manifest: manifest(now.timestamp_millis().unsigned_abs()),
                changes_at,
                content: Vec::new(),
                revisions: Vec::new(),
            };
            let published = storage.publish(board, &new, now).await.unwrap();
            if board == "lipnice" {
                after = published.id;
            }
        }
        let due: &[&str] = if changes_at.is_some() {
            &["lipnice"]
        } else {
            &[]
        };
        now = minutes(5);
        check_due(&*storage, JobKind::Publish, now, due).await;
    }
    for changes_at in [Some(minutes(7)), None] {
        let moved = storage.set_changes_at(after, changes_at);
        moved.await.unwrap();
        let due: &[&str] = if changes_at.is_some() {
            &["lipnice"]
        } else {
            &[]
        };
        check_due(&*storage, JobKind::Publish, minutes(7), due).await;
    }
}
