//! With a real SQLite, a fake clock, and feeds that are files.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use sqlx::SqlitePool;
use tempfile::TempDir;
use vyveska_board::{ClockBounds, FakeClock};

use super::*;
use crate::app::Parts;
use crate::config::UseOfJury;
use crate::document::fetcher::DISK;

struct World {
    jobs: Arc<JobRunner>,
    clock: FakeClock,
    parts: Parts,
    folder: TempDir,
}

/// A notice of Lipnice with a document.
const FEED: &str = r#"{
    "iri": "https://lipnice.example/deska",
    "informace": [{
        "iri": "https://lipnice.example/deska/1",
        "název": { "cs": "Oznámení" },
        "vyvěšení": { "datum": "2026-11-20" },
        "relevantní_do": { "datum": "2026-12-06" },
        "dokument": [{ "url": "a.pdf" }]
    }]
}"#;

/// Jobs of the towns Lipnice, with so many sources, and Rolava, with one.
async fn world(of_lipnice: usize) -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "[service]\n[documents]\nfirst_wait_ms = 60000\n".to_owned();
    for (town, sources) in [("lipnice", of_lipnice), ("rolava", 1)] {
        let board = format!(
            "[[boards]]\nid = \"{town}\"\ntown = \"{town}\"\nweb_address = \"{town}.example\"\n"
        );
        text.push_str(&board);
        for number in 1..=sources {
            // The second is polled once a day, the others every quarter of an hour.
            let seconds = if number == 2 { 86_400 } else { 900 };
            let source = format!(
                "[[boards.sources]]\nkind = \"ofn\"\nurl = \"{town}-{number}.jsonld\"\npoll_seconds = {seconds}\n"
            );
            text.push_str(&source);
        }
    }
    let config = Config::from_toml(&text, folder.path()).unwrap();
    let clock = FakeClock::at("2026-11-21T12:00:00Z".parse().unwrap());
    let parts = Parts::open(config, Arc::new(clock.clone())).await.unwrap();
    let jobs = parts.jobs.clone();
    jobs.keep_jobs().await.unwrap();
    World {
        jobs,
        clock,
        parts,
        folder,
    }
}

impl World {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now().earliest
    }

    /// Leases the one job of its kind.
    async fn leased(&self) -> LeasedJob {
        self.jobs.lease(JobKind::Forget).await.unwrap()
    }

    fn publish_feed(&self) {
        std::fs::write(self.folder.path().join("lipnice-1.jsonld"), FEED).unwrap();
        let document = "%PDF-1.7 a\n%%EOF";
        std::fs::write(self.folder.path().join("a.pdf"), document).unwrap();
    }

    /// The database as another process opens it.
    async fn database(&self) -> SqlitePool {
        let path = self.jobs.config.service.data.join("central.sqlite");
        let address = format!("sqlite://{}", path.display());
        SqlitePool::connect(&address).await.unwrap()
    }

    async fn is_due(&self, kind: JobKind) -> bool {
        match self.jobs.lease(kind).await {
            Some(job) => {
                let now = self.now();
                self.jobs.storage.release(&job, now).await.unwrap();
                true
            }
            None => false,
        }
    }

    /// The messages of open alarms about jobs.
    async fn alarms(&self) -> Vec<String> {
        let alarms = self.jobs.storage.alarms().await.unwrap().into_iter();
        let of_jobs = alarms.filter(|alarm| alarm.kind == JOB);
        of_jobs.map(|alarm| alarm.message).collect()
    }

    /// Has every source due again after its interval.
    async fn poll_all(&self) {
        while let Some(job) = self.jobs.lease(JobKind::Poll).await {
            let next = self.now() + self.jobs.pollers[&job.key].interval();
            self.jobs.perform(&job, async { Ok(Some(next)) }).await;
        }
    }
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_ever_later_and_is_an_alarm_until_it_succeeds() {
    let world = world(1).await;
    let mut before = TimeDelta::zero();
    // Not one is put off: each left a word.
    for attempt in 1..2 * PUT_OFF_AFTER {
        let job = world.leased().await;
        assert_eq!(job.attempts, attempt);
        let full = async { Err(anyhow::anyhow!("the disk is full")) };
        let next = world.jobs.perform(&job, full).await.unwrap();
        let alarms = world.alarms().await;
        assert_eq!(alarms.len(), usize::from(attempt > 2), "{attempt}");
        for message in alarms {
            assert!(message.contains("the disk is full"), "{message}");
            let times = format!("{attempt} times");
            assert!(message.contains(&times), "{message}");
        }
        assert!(!world.is_due(JobKind::Forget).await);
        let delay = next - world.now();
        // Doubled, less up to half of it by chance.
        assert!(delay >= before && delay >= TimeDelta::milliseconds(2_500));
        before = delay;
        world.clock.advance(delay);
    }
    let job = world.leased().await;
    world.jobs.perform(&job, async { Ok(None) }).await;
    assert_eq!(world.alarms().await, [""; 0]);
    assert!(!world.is_due(JobKind::Forget).await);
}

#[tokio::test]
async fn a_job_that_ends_its_process_is_an_alarm_and_tried_once_an_hour() {
    let world = world(1).await;
    let killed = async || {
        world.leased().await;
        world.clock.advance(LEASE);
    };
    for _ in 0..PUT_OFF_AFTER {
        killed().await;
    }
    for _ in 0..2 {
        let job = world.leased().await;
        let mut began = false;
        let work = async {
            began = true;
            Ok(None)
        };
        world.jobs.perform(&job, work).await;
        assert!(!began);
        let alarms = world.alarms().await;
        assert_eq!(alarms.len(), 1);
        assert!(alarms[0].contains("put off for an hour"), "{alarms:?}");
        world.clock.advance(TimeDelta::minutes(59));
        assert!(!world.is_due(JobKind::Forget).await);
        world.clock.advance(TimeDelta::minutes(1));
        let job = world.leased().await;
        let work = async {
            began = true;
            std::future::pending().await
        };
        let killed = world.jobs.perform(&job, work).now_or_never();
        assert_eq!(killed, None);
        assert!(began);
        world.clock.advance(LEASE);
    }
}

#[tokio::test]
async fn forgetting_that_fails_goes_on_with_the_rest_and_is_an_alarm() {
    let world = world(1).await;
    let database = world.database().await;
    let (storage, now) = (&world.jobs.storage, world.now());
    let subject = AlarmSubject::Service("central");
    let raised = storage.raise_alarm("old", subject, "it was mended", now);
    assert!(raised.await.unwrap());
    storage.clear_alarm("old", subject, now).await.unwrap();
    sqlx::raw_sql("ALTER TABLE publication RENAME TO away")
        .execute(&database)
        .await
        .unwrap();
    world.clock.advance(TimeDelta::days(91));
    for _ in 0..ALARM_FROM {
        let job = world.leased().await;
        world.jobs.run(job).await;
        world.clock.advance(RETRY_CAP);
    }
    assert_eq!(world.alarms().await.len(), 1);
    let old = "SELECT count(*) FROM alarm WHERE kind = 'old'";
    let old = sqlx::query_scalar::<_, i64>(old).fetch_one(&database);
    assert_eq!(old.await.unwrap(), 0, "it is closed for long");
    database.close().await;
}

#[tokio::test]
async fn work_that_a_fault_ends_is_an_alarm_until_it_goes_on() {
    let world = world(1).await;
    let ended: Option<()> = world.jobs.in_task(async { panic!("a fault") }).await;
    assert_eq!(ended, None);
    let is_told = world.jobs.note_fault("maintenance", true, false).await;
    assert!(is_told);
    assert_eq!(world.alarms().await.len(), 1);
    let is_told = world.jobs.note_fault("maintenance", false, is_told).await;
    assert!(!is_told);
    assert_eq!(world.alarms().await, [""; 0]);
}

#[tokio::test]
async fn work_whose_lease_is_lost_ends() {
    let world = world(1).await;
    let config = Config::clone(&world.jobs.config);
    let other = Parts::open(config, Arc::new(world.clock.clone())).await;
    let other = other.unwrap();
    let job = world.leased().await;
    let mut held = Box::pin(world.jobs.hold(&job, std::future::pending::<()>()));
    assert_eq!((&mut held).now_or_never(), None);
    world.clock.advance(LEASE);
    let newer = world.leased().await;
    tokio::time::pause();
    let mut kept = Box::pin(other.jobs.hold(&newer, std::future::pending::<()>()));
    assert_eq!((&mut kept).now_or_never(), None);
    tokio::time::advance(RENEW_EVERY).await;
    tokio::time::resume();
    tokio::select! {
        ended = held => assert_eq!(ended, None),
        _ = &mut kept => panic!("its lease was not lost"),
    }
    // What the late one says does not count.
    world.jobs.settle(&job, Ok(Some(world.now()))).await;
    assert!(!world.is_due(JobKind::Forget).await);
}

#[tokio::test]
async fn work_whose_lease_cannot_be_renewed_in_time_ends_before_another_begins_it() {
    let world = world(1).await;
    let job = world.leased().await;
    let database = world.database().await;
    let another = database.begin_with("BEGIN IMMEDIATE").await.unwrap();
    tokio::time::pause();
    let begun = Instant::now();
    let held = world.jobs.hold(&job, std::future::pending::<()>()).await;
    assert_eq!(held, None);
    assert!(begun.elapsed() < LEASE.to_std().unwrap());
    another.rollback().await.unwrap();
}

/// Has the lease of the one job of its kind renewed once, by the work that is held.
async fn renew_once(world: &World, held: impl Future + Unpin) {
    let database = world.database().await;
    let until = async || -> String {
        let until = "SELECT leased_until FROM job WHERE kind = 'forget'";
        let until = sqlx::query_scalar(until).fetch_one(&database);
        until.await.unwrap()
    };
    let before = until().await;
    world.clock.advance(TimeDelta::minutes(1));
    tokio::time::pause();
    tokio::time::advance(RENEW_EVERY).await;
    tokio::time::resume();
    let renewed = async { while until().await == before {} };
    tokio::select! {
        _ = held => panic!("the lease was lost"),
        () = renewed => {}
    }
    database.close().await;
}

#[tokio::test]
async fn a_lease_is_renewed_while_its_work_lasts() {
    let world = world(1).await;
    let job = world.leased().await;
    let mut held = Box::pin(world.jobs.hold(&job, std::future::pending::<()>()));
    assert_eq!((&mut held).now_or_never(), None);
    renew_once(&world, held).await;
}

#[tokio::test]
async fn a_lease_that_was_granted_late_is_relied_on_no_longer_than_it_lasts() {
    let world = world(1).await;
    let job = world.leased().await;
    world.clock.advance(LEASE - TimeDelta::seconds(20));
    tokio::time::pause();
    let held = world.jobs.hold(&job, std::future::pending::<()>());
    let in_time = tokio::time::timeout(Duration::from_secs(15), held);
    assert_eq!(in_time.await, Ok(None));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_no_longer_than_a_lease_lasts() {
    let world = world(1).await;
    let job = world.leased().await;
    tokio::time::pause();
    for limit in [TELL_FOR, TELL_AGAIN] {
        let told = world.jobs.tell(&job, std::future::pending);
        let in_time = tokio::time::timeout(limit + Duration::from_secs(1), told);
        in_time.await.expect("it is given up");
        // From then on the service stops.
        world.jobs.shutdown.cancel();
    }
}

#[tokio::test]
async fn at_the_end_of_the_service_work_is_given_back() {
    let world = world(1).await;
    let job = world.leased().await;
    let mut held = Box::pin(world.jobs.hold(&job, std::future::pending::<()>()));
    assert_eq!((&mut held).now_or_never(), None);
    world.jobs.shutdown.cancel();
    assert_eq!(held.await, None);
    let again = world.leased().await;
    assert_eq!(again.attempts, 1, "it counts for nothing");
}

#[tokio::test]
async fn a_town_with_many_sources_keeps_no_other_waiting() {
    let world = world(20).await;
    for kind in [JobKind::Poll, JobKind::Fetch] {
        let mut towns = Vec::new();
        while let Some(job) = world.jobs.lease(kind).await {
            towns.push(job.town().unwrap().to_owned());
        }
        let second = towns.iter().position(|town| town == "rolava");
        assert!(second.is_some_and(|place| place < 2), "{towns:?}");
        let (_, of_town) = bounds(kind);
        assert_eq!(towns.len(), of_town as usize + 1, "{towns:?}");
    }
}

#[tokio::test]
async fn where_half_of_the_places_are_taken_the_rest_is_for_towns_that_have_none() {
    let world = world(20).await;
    for kind in [JobKind::Poll, JobKind::Fetch] {
        let half = bounds(kind).0 / 2;
        let mut towns = Vec::new();
        while let Some(job) = world.jobs.lease_or_count(kind, half, &mut 0).await {
            towns.push(job.town().unwrap().to_owned());
        }
        towns.sort();
        assert_eq!(towns, ["lipnice", "rolava"]);
        let more = world.jobs.lease_or_count(kind, half - 1, &mut 0).await;
        assert!(more.is_some());
    }
}

/// The job names in its key what is Lipnice's, by a row that somebody has changed.
#[tokio::test]
async fn a_job_of_one_town_finds_and_changes_nothing_of_another() {
    let world = world(1).await;
    world.publish_feed();
    let database = world.database().await;
    let execute = async |statement: &'static str| {
        sqlx::raw_sql(statement).execute(&database).await.unwrap();
    };
    let run = async |kind| {
        let (key, time) = ("lipnice", world.jobs.lease_time(kind));
        let leased = world.jobs.storage.lease_job(kind, key, time).await;
        world.jobs.run(leased.unwrap().unwrap()).await;
    };
    let state = async || -> Vec<String> {
        let mut rows = Vec::new();
        for of_lipnice in [
            "SELECT json_array(version, polled_at, failures) FROM source_state",
            "SELECT json_array(id, archived_at) FROM notice",
            "SELECT json_array(url, hash, checked_at, failures) FROM document",
            "SELECT json_array(board_id, id) FROM publication",
            "SELECT json_array(kind, subject) FROM alarm",
            "SELECT json_array(source_id, reason) FROM hold",
        ] {
            let found = sqlx::query_scalar::<_, String>(of_lipnice).fetch_all(&database);
            rows.extend(found.await.unwrap());
        }
        rows
    };
    for kind in [JobKind::Poll, JobKind::Fetch, JobKind::Publish] {
        let before = state().await;
        execute("UPDATE job SET town_id = 'rolava' WHERE key = 'lipnice'").await;
        run(kind).await;
        assert_eq!(state().await, before, "{kind:?}");
        execute("UPDATE job SET town_id = 'lipnice' WHERE key = 'lipnice'").await;
        if kind == JobKind::Poll {
            let storage = &*world.jobs.storage;
            world.jobs.pollers["lipnice"].poll(storage).await.unwrap();
        } else {
            run(kind).await;
        }
        assert_ne!(state().await, before, "{kind:?}");
    }
    database.close().await;
}

#[tokio::test]
async fn what_is_wrong_at_one_node_ends_neither_by_another_nor_without_it() {
    let world = world(1).await;
    let node = async |name: &str, keep_free_mb, jury| {
        let mut config = Config::clone(&world.jobs.config);
        config.service.node = Some(name.to_owned());
        config.documents.keep_free_mb = Some(keep_free_mb);
        config.documents.jury = jury;
        let clock = Arc::new(world.clock.clone());
        Parts::open(config, clock).await.unwrap()
    };
    let first = node("first", 20_000_000, UseOfJury::Off).await;
    let second = node("second", 0, UseOfJury::Auto).await;
    let storage = &*world.jobs.storage;
    let note = async |node: &Parts| {
        node.jobs.maintenance.keep_node().await.unwrap();
        let open = storage.alarms().await.unwrap().into_iter();
        let open = open.map(|alarm| format!("{} of {}", alarm.kind, alarm.subject));
        open.collect::<Vec<_>>().join(", ")
    };
    let of_first = "unchecked of first, disk of first";
    for node in [&first, &second, &first] {
        assert_eq!(note(node).await, of_first);
    }
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(note(&second).await, "", "the first one is gone");
    assert_eq!(note(&first).await, of_first);
    // Not with each fetch, of which there are many.
    let cleared = storage.clear_alarm(DISK, AlarmSubject::Node("first"), world.now());
    cleared.await.unwrap();
    first
        .jobs
        .fetch(storage, "lipnice", world.now())
        .await
        .unwrap();
    assert_eq!(note(&first).await, "unchecked of first");
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(note(&first).await, of_first);
}

#[tokio::test]
async fn what_this_process_does_not_know_is_left_to_one_that_does_and_an_alarm_if_none_comes() {
    let world = world(1).await;
    world.poll_all().await;
    let database = world.database().await;
    let brought = "INSERT INTO source (id, board_id, position, enabled, settings) \
                   VALUES ('brought-since', 'lipnice', 9, 1, '{}')";
    sqlx::raw_sql(brought).execute(&database).await.unwrap();
    let schedule = async |key: &str| {
        let job = world.jobs.new_job(JobKind::Poll, key, "", world.now());
        world.jobs.storage.schedule(&[job]).await.unwrap();
    };
    schedule("brought-since").await;
    let job = world.jobs.lease(JobKind::Poll).await.unwrap();
    assert_eq!(job.key, "brought-since");
    world.jobs.run(job).await;
    assert!(!world.is_due(JobKind::Poll).await);
    let of_others = async || {
        let time = world.jobs.lease_time(JobKind::Poll);
        let (storage, key) = (&world.jobs.storage, "brought-since");
        storage.lease_job(JobKind::Poll, key, time).await.unwrap()
    };
    // One that knows it need not wait, and nothing says that it failed.
    for _ in 0..2 * ALARM_FROM {
        world.clock.advance(TimeDelta::minutes(1));
        let job = of_others().await.unwrap();
        assert_eq!(job.attempts, 1);
        let (storage, now) = (&world.jobs.storage, world.now());
        storage.finish(&job, Some(now)).await.unwrap();
        world.jobs.maintain().await;
        assert_eq!(world.alarms().await, [""; 0]);
    }
    world.clock.advance(LEFT_AFTER);
    world.jobs.maintain().await;
    let alarms = world.alarms().await;
    assert!(
        alarms.len() == 1 && alarms[0].contains("restart the service"),
        "{alarms:?}"
    );
    sqlx::raw_sql("DELETE FROM source WHERE id = 'brought-since'")
        .execute(&database)
        .await
        .unwrap();
    world.clock.advance(MAKE_MISSING_EVERY);
    world.jobs.maintain().await;
    assert_eq!(of_others().await, None, "it is of nothing");
    database.close().await;
}

#[tokio::test]
async fn a_job_that_cannot_be_read_is_an_alarm_and_done_in_an_hour_and_the_others_now() {
    let world = world(1).await;
    let database = world.database().await;
    sqlx::raw_sql("UPDATE job SET attempts = -2 WHERE kind = 'poll' AND key = 'lipnice'")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    assert_eq!(world.jobs.lease(JobKind::Poll).await, None);
    let alarms = world.alarms().await;
    assert!(
        alarms.len() == 1 && alarms[0].contains("put off for an hour"),
        "{alarms:?}"
    );
    let other = world.jobs.lease(JobKind::Poll).await.unwrap();
    assert_eq!(other.key, "rolava");
    let later = world.now() + TimeDelta::hours(2);
    world.jobs.perform(&other, async { Ok(Some(later)) }).await;
    assert!(!world.is_due(JobKind::Poll).await);
    world.clock.advance(RETRY_CAP);
    let job = world.jobs.lease(JobKind::Poll).await.unwrap();
    assert_eq!((job.key.as_str(), job.town()), ("lipnice", Some("lipnice")));
    world.jobs.perform(&job, async { Ok(None) }).await;
    assert_eq!(world.alarms().await, [""; 0]);
}

#[tokio::test]
async fn a_job_that_is_gone_is_made_again() {
    let world = world(1).await;
    world.jobs.maintain().await;
    let database = world.database().await;
    sqlx::raw_sql("DELETE FROM job")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    world.clock.advance(MAKE_MISSING_EVERY);
    world.jobs.maintain().await;
    for kind in [
        JobKind::Poll,
        JobKind::Fetch,
        JobKind::Publish,
        JobKind::Forget,
    ] {
        assert!(world.is_due(kind).await, "{kind:?}");
    }
}

#[tokio::test]
async fn a_job_that_a_fault_ends_has_failed() {
    let world = world(1).await;
    for _ in 0..ALARM_FROM {
        let job = world.leased().await;
        let next = world.jobs.perform(&job, async { panic!("a fault") }).await;
        assert!(next.is_some_and(|next| next > world.now()));
        world.clock.advance(RETRY_CAP);
    }
    let alarms = world.alarms().await;
    assert!(
        alarms.len() == 1 && alarms[0].contains("a fault in the program"),
        "{alarms:?}"
    );
}

#[tokio::test]
async fn a_clock_that_goes_ahead_has_nothing_done_twice_at_once() {
    let world = world(1).await;
    let job = world.leased().await;
    let mut held = Box::pin(world.jobs.hold(&job, std::future::pending::<()>()));
    assert_eq!((&mut held).now_or_never(), None);
    // As after a start by an old time, once a publisher has told the right one.
    world.clock.advance(TimeDelta::hours(5));
    let again = world.leased().await;
    let mut began = false;
    let work = async { began = true };
    assert_eq!(world.jobs.hold(&again, work).await, None);
    assert!(!began);
    assert!(!world.is_due(JobKind::Forget).await);
    renew_once(&world, &mut held).await;
    drop(held);
    world.clock.advance(LEASE);
    assert!(world.is_due(JobKind::Forget).await);
}

#[tokio::test]
async fn a_poll_for_now_waits_for_one_that_is_being_done() {
    let world = world(1).await;
    world.publish_feed();
    let time = world.jobs.lease_time(JobKind::Poll);
    let storage = &world.jobs.storage;
    let being_done = storage.lease_job(JobKind::Poll, "lipnice", time).await;
    let being_done = being_done.unwrap().unwrap();
    let mut poll = Box::pin(world.jobs.poll_now("lipnice"));
    let meanwhile = async {
        for _ in 0..100 {
            let state = storage.fetch_state("lipnice").await.unwrap();
            assert_eq!(state.polled_at, None, "two at once");
        }
    };
    tokio::select! {
        _ = &mut poll => panic!("it did not wait"),
        () = meanwhile => {}
    }
    storage.finish(&being_done, None).await.unwrap();
    let is_held =
        || Held::locked(&world.jobs.held).contains_key(&(JobKind::Poll, "lipnice".to_owned()));
    let held = async {
        while !is_held() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = &mut poll => panic!("its lease is not renewed"),
        () = held => {}
    }
    assert_eq!(poll.await.unwrap().added, 1);
    assert!(!is_held());
}

#[tokio::test]
async fn while_jobs_cannot_be_leased_it_is_counted_until_they_can() {
    let world = world(1).await;
    let database = world.database().await;
    let rename = async |statement: &'static str| {
        sqlx::raw_sql(statement).execute(&database).await.unwrap();
    };
    rename("ALTER TABLE job RENAME TO away").await;
    let mut failures = 0;
    for expected in 1..4 {
        let leased = world.jobs.lease_or_count(JobKind::Forget, 0, &mut failures);
        assert_eq!(leased.await, None);
        assert_eq!(failures, expected);
    }
    rename("ALTER TABLE away RENAME TO job").await;
    let leased = world.jobs.lease_or_count(JobKind::Forget, 0, &mut failures);
    assert!(leased.await.is_some());
    assert_eq!(failures, 0);
    database.close().await;
}

#[tokio::test]
async fn a_restart_keeps_when_sources_are_due_unless_the_clock_is_unsure() {
    let world = world(1).await;
    world.poll_all().await;
    world.jobs.keep_jobs().await.unwrap();
    assert!(!world.is_due(JobKind::Poll).await);
    let unsure = ClockBounds {
        trust: ClockTrust::HoldingOver,
        ..world.clock.now()
    };
    world.clock.set(unsure);
    world.jobs.keep_jobs().await.unwrap();
    assert!(world.is_due(JobKind::Poll).await);
}

#[tokio::test]
async fn what_a_clock_ahead_put_off_is_due_after_its_interval() {
    let world = world(2).await;
    let ahead = TimeDelta::hours(20);
    world.jobs.maintain().await;
    world.clock.advance(ahead);
    world.poll_all().await;
    world.jobs.maintain().await;
    world.clock.advance(-ahead);
    world.jobs.maintain().await;
    assert!(!world.is_due(JobKind::Poll).await);
    world.clock.advance(TimeDelta::minutes(15));
    let mut due = Vec::new();
    while let Some(job) = world.jobs.lease(JobKind::Poll).await {
        due.push(job.key);
    }
    assert_eq!(due, ["lipnice", "rolava"], "the other is polled once a day");
}

#[tokio::test]
async fn documents_that_a_poll_waits_for_are_not_published_before_it() {
    let world = world(1).await;
    world.publish_feed();
    let storage = &*world.jobs.storage;
    let polled = world.jobs.pollers["lipnice"].poll(storage).await.unwrap();
    assert_eq!(polled.report.unwrap().added, 1);
    while let Some(job) = world.jobs.lease(JobKind::Publish).await {
        world.jobs.run(job).await;
    }
    let until = world.now() + TimeDelta::minutes(1);
    world.jobs.fetch(storage, "lipnice", until).await.unwrap();
    assert!(!world.is_due(JobKind::Publish).await);
    world.clock.advance(TimeDelta::minutes(1));
    assert!(world.is_due(JobKind::Publish).await);
}

#[tokio::test]
async fn in_the_background_a_feed_becomes_a_board_with_its_documents() {
    let world = world(1).await;
    world.publish_feed();
    let database = world.database().await;
    world.jobs.spawn();
    let number = async |query: &'static str| -> i64 {
        let number = sqlx::query_scalar(query).fetch_one(&database);
        number.await.unwrap()
    };
    let documents = "SELECT count(*) FROM publication_content WHERE media_type = 'application/pdf'";
    while number(documents).await == 0 {
        tokio::task::yield_now().await;
    }
    world.parts.close().await;
    let leases = "SELECT count(*) FROM job WHERE leased_until IS NOT NULL";
    assert_eq!(number(leases).await, 0, "nobody has to wait for one");
    database.close().await;
}
