//! Background work: the jobs, and how each is done under a lease.
//!
//! | Job | Of what | What it does | When it is due again |
//! | --- | --- | --- | --- |
//! | poll | a source | takes in the feed, waits briefly for its documents, publishes the board | after the source's interval, later after failures |
//! | fetch | a source | fetches a few of the documents that are due | when the next one is |
//! | publish | a board | publishes it if anything of it changed | when a notice ends |
//! | forget | | forgets what nothing needs any more | at the next turn of a part of the store |
//! | read, recognise, draw | a document | prepares it | after an attempt that failed |
//!
//! Storage keeps when each is due, and leases it to one process at a time, first of the town that was served longest ago.
//! What makes a publication or a fetch necessary schedules it in its own transaction, so that no end of a process loses
//! one. A lease is renewed while the work lasts; work whose lease was lost ends, for another does it by then.
//!
//! A job finds and changes what is of its own town, by the storage that it is given for the run. What leases, schedules and
//! tells of jobs is the service's, and so are the jobs of no town: to forget, and to prepare documents, whose results
//! are stored by the hash of their bytes for all towns that have them.
//!
//! A job that fails is tried again, ever later, and is an alarm from the third time on. One that was begun five times and
//! left no word, neither that it failed nor that it was given back, may be what ends the whole process: it is begun once
//! an hour, so that the others get on. What came of a job is told once the database can be told again.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vyveska_board::{Clock, ClockTrust};

use crate::alarm;
use crate::config::Config;
use crate::document::fetcher::DocumentFetcher;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::fetch::backoff;
use crate::maintenance::{LastDone, Maintenance};
use crate::poll::Poller;
use crate::preparation::Preparer;
use crate::publish::Publisher;
use crate::retention::Retention;
use crate::storage::{
    AlarmSubject, JobKind, LeaseTime, LeasedJob, NewJob, PreparationStage, Scope, ServiceStorage,
    Storage, StorageError,
};

mod poll;
mod prepare;

/// How often it is looked whether anything is due.
const TICK: Duration = Duration::from_millis(500);
/// How often what is no job is done.
const MAINTENANCE_EVERY: Duration = Duration::from_secs(1);
/// How long a lease lasts unless it is renewed.
const LEASE: TimeDelta = TimeDelta::minutes(2);
const RENEW_EVERY: Duration = Duration::from_secs(40);
/// For how long a holder relies on a lease: less than it lasts, so that its work has ended when another leases the job.
const RELIED_ON: Duration = Duration::from_secs(110);
/// How long before its end a lease is not relied on any more.
const SPARE: TimeDelta = TimeDelta::seconds(10);
/// How often it is looked for jobs that are gone.
const MAKE_MISSING_EVERY: TimeDelta = TimeDelta::minutes(1);
/// After which time it is an alarm that nobody does a job that this process does not know.
const LEFT_AFTER: TimeDelta = TimeDelta::minutes(5);
/// The longest time until storage that fails is asked again.
const PAUSE_CAP: Duration = Duration::from_secs(10);
const RETRY_BASE: Duration = Duration::from_secs(5);
/// The longest delay after failures.
const RETRY_CAP: TimeDelta = TimeDelta::hours(1);
/// The kind of the alarm that a job fails; its subject is the source, the board, or the kind of the job.
pub(crate) const JOB: &str = "job";
/// The same of fetching documents, beside that of polling the same source.
pub(crate) const FETCHING: &str = "fetching";
/// From which attempt in a row on a failure is that alarm.
const ALARM_FROM: u32 = 3;
/// After so many attempts that left no word every second one is put off for an hour instead of being begun.
pub(crate) const PUT_OFF_AFTER: u32 = 5;
/// How long it is waited before storage is told again what came of a job, and for how long it is told after shutdown.
const TELL_AGAIN: Duration = Duration::from_secs(5);
/// For how long it is told, which is as long as a lease lasts.
const TELL_FOR: Duration = Duration::from_secs(120);
/// No notice ends later than this from now.
const LAST_END: TimeDelta = TimeDelta::days(2_000 * 366);

/// What is due again, if it is known when.
type Outcome = anyhow::Result<Option<DateTime<Utc>>>;

/// Does jobs, and what else a process does in the background.
pub struct JobRunner {
    pub config: Arc<Config>,
    pub storage: Arc<dyn ServiceStorage>,
    pub clock: Arc<dyn Clock>,
    /// Jitter for the delay after failures.
    pub entropy: Arc<dyn Entropy>,
    /// By the ids of their sources.
    pub pollers: BTreeMap<String, Poller>,
    pub fetcher: DocumentFetcher,
    pub preparer: Preparer,
    pub publisher: Arc<Publisher>,
    pub retention: Retention,
    pub maintenance: Maintenance,
    /// When it was last looked for jobs that are gone.
    pub made_missing: LastDone,
    /// The jobs that are being done here, each with its newest lease.
    pub held: HeldJobs,
    /// Those of what this process does not know, which are left to others.
    pub unknown: Mutex<BTreeSet<(JobKind, String)>>,
    pub tasks: TaskTracker,
    /// Ends all work, which is given back unfinished.
    pub shutdown: CancellationToken,
}

/// How many jobs of a kind are done here at a time, and how many of one town anywhere while half of the places here are
/// free. The other half is for towns of which none is done.
const fn bounds(kind: JobKind) -> (usize, u32) {
    match kind {
        JobKind::Poll => (64, 4),
        JobKind::Fetch => (256, 8),
        // A board with very many notices keeps no other one waiting.
        JobKind::Publish => (8, 4),
        JobKind::Forget | JobKind::Read | JobKind::Recognise | JobKind::Draw => (1, 4),
    }
}

/// How many jobs of a kind one town may have anywhere, where so many are done here.
const fn of_town(kind: JobKind, running: usize) -> u32 {
    let (here, of_town) = bounds(kind);
    if running < here.div_ceil(2) {
        of_town
    } else {
        1
    }
}

const fn work_of(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Poll => "polling it",
        JobKind::Fetch => "fetching its documents",
        JobKind::Publish => "publishing it",
        JobKind::Forget => "forgetting what nothing needs any more",
        JobKind::Read | JobKind::Recognise | JobKind::Draw => "preparing a document",
    }
}

fn subject_of(kind: JobKind, key: &str) -> AlarmSubject<'_> {
    match kind {
        JobKind::Poll | JobKind::Fetch => AlarmSubject::Source(key),
        JobKind::Publish => AlarmSubject::Board(key),
        kind => AlarmSubject::Service(kind.as_str()),
    }
}

/// The kind of its alarm.
const fn alarm_of(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Fetch => FETCHING,
        _ => JOB,
    }
}

impl JobRunner {
    /// Makes the jobs of the boards that are served; those of boards that are no longer in service go.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn keep_jobs(&self) -> Result<(), StorageError> {
        let now = self.clock.now().earliest;
        for (kind, keys) in self.lasting_jobs() {
            self.storage.keep_jobs(kind, &keys, now).await?;
        }
        let mut due = self.polls();
        // Files and settings may have changed while nothing ran.
        let boards = self.config.boards.iter();
        due.extend(boards.map(|board| self.new_job(JobKind::Publish, &board.id, &board.id, now)));
        self.storage.schedule(&due).await
    }

    /// The jobs that there always are, each with its town.
    fn lasting_jobs(&self) -> [(JobKind, BTreeMap<String, Option<String>>); 4] {
        let (mut sources, mut boards) = (BTreeMap::new(), BTreeMap::new());
        for board in &self.config.boards {
            let town = Some(board.town_id.clone());
            boards.insert(board.id.clone(), town.clone());
            let its = board.sources.iter();
            sources.extend(its.map(|source| (source.id.clone(), town.clone())));
        }
        [
            (JobKind::Poll, sources.clone()),
            (JobKind::Fetch, sources),
            (JobKind::Publish, boards),
            (JobKind::Forget, BTreeMap::from([(String::new(), None)])),
        ]
    }

    /// Makes those of them that are gone, from time to time, and tells which nobody does.
    async fn make_missing(&self, now: DateTime<Utc>) -> Result<(), StorageError> {
        if !self.made_missing.is_due(now, MAKE_MISSING_EVERY) {
            return Ok(());
        }
        for (kind, keys) in self.lasting_jobs() {
            let names: Vec<&str> = keys.keys().map(String::as_str).collect();
            let missing = self.storage.missing_jobs(kind, &names).await?;
            let missing = missing.into_iter().map(|key| NewJob {
                kind,
                town: keys.get(&key).cloned().flatten(),
                key,
                run_at: now,
            });
            let missing: Vec<NewJob> = missing.collect();
            if !missing.is_empty() {
                tracing::warn!(?missing, "jobs were gone and are made again");
                self.storage.schedule(&missing).await?;
            }
        }
        let unknown = self.unknown().clone();
        for (kind, key) in &unknown {
            if self.storage.is_left(*kind, key, now - LEFT_AFTER).await? {
                let message = format!(
                    "{} is due and nobody does it: it was brought after the service had started: restart the service",
                    work_of(*kind)
                );
                self.note(*kind, key, Some(&message)).await;
            }
        }
        self.made_missing.done(now);
        Ok(())
    }

    fn unknown(&self) -> MutexGuard<'_, BTreeSet<(JobKind, String)>> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every source polled after its interval, or at once where a publisher has to say whether the clock is right.
    fn polls(&self) -> Vec<NewJob> {
        let now = self.clock.now();
        let is_sure = now.trust == ClockTrust::Synchronised;
        let polls = self.pollers.iter().map(|(source, poller)| {
            let delay = if is_sure {
                poller.interval()
            } else {
                TimeDelta::zero()
            };
            self.new_job(JobKind::Poll, source, &poller.board, now.earliest + delay)
        });
        polls.collect()
    }

    fn new_job(&self, kind: JobKind, key: &str, board: &str, run_at: DateTime<Utc>) -> NewJob {
        let board = self.config.board(board);
        NewJob {
            kind,
            key: key.to_owned(),
            town: board.map(|board| board.town_id.clone()),
            run_at,
        }
    }

    /// Has the boards with these sources, or with own documents under these names, published.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn schedule_publications<'a>(
        &self,
        sources: impl IntoIterator<Item = &'a str>,
        run_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let boards = self.publisher.boards_of(sources);
        let boards = boards.iter();
        let jobs: Vec<NewJob> = boards
            .map(|board| self.new_job(JobKind::Publish, board, board, run_at))
            .collect();
        self.storage.schedule(&jobs).await
    }

    /// Starts all background work; it goes on until shutdown.
    pub fn spawn(self: &Arc<Self>) {
        for kind in [
            JobKind::Poll,
            JobKind::Fetch,
            JobKind::Publish,
            JobKind::Forget,
        ] {
            self.tasks.spawn(self.clone().run_kind(kind));
        }
        for stage in [
            PreparationStage::Text,
            PreparationStage::Drawing,
            PreparationStage::Recognition,
        ] {
            self.tasks.spawn(self.clone().run_preparation(stage));
        }
        self.tasks.spawn(self.clone().run_maintenance());
    }

    async fn run_kind(self: Arc<Self>, kind: JobKind) {
        let (bound, _) = bounds(kind);
        let (mut running, mut failures) = (JoinSet::new(), 0);
        while !self.shutdown.is_cancelled() {
            if running.len() < bound
                && let Some(job) = self
                    .lease_or_count(kind, running.len(), &mut failures)
                    .await
            {
                let this = self.clone();
                running.spawn(async move { this.run(job).await });
                continue;
            }
            tokio::select! {
                () = self.pause(failures, TICK) => {}
                Some(ended) = running.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(kind = kind.as_str(), %error, "a job ended without a word");
                    }
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn run_maintenance(self: Arc<Self>) {
        // An earlier process may have left one.
        let (mut is_told, mut failures) = (true, 0);
        while !self.shutdown.is_cancelled() {
            let asked = self.storage.clock_seen().await;
            if self.count(asked, &mut failures, "the database").is_none() {
                self.maintenance.keep_space();
                self.pause(failures, MAINTENANCE_EVERY).await;
                continue;
            }
            let this = self.clone();
            let maintain = async move { this.maintain().await };
            let shutdown = self.shutdown.clone();
            let ended = self.in_task(shutdown.run_until_cancelled_owned(maintain));
            let ended = ended.await;
            is_told = self
                .note_fault("maintenance", ended.is_none(), is_told)
                .await;
            self.pause(0, MAINTENANCE_EVERY).await;
        }
    }

    /// Waits, ever longer while storage fails, or until shutdown.
    async fn pause(&self, failures: u32, every: Duration) {
        let pause = match failures {
            0 => every,
            _ => backoff::delay(failures, every, PAUSE_CAP, self.entropy.unit()).max(every),
        };
        self.shutdown.run_until_cancelled(sleep(pause)).await;
    }

    /// What storage answered to what it is asked again and again: that it fails is logged once, and so is that it no longer
    /// does.
    fn count<T>(
        &self,
        asked: Result<T, StorageError>,
        failures: &mut u32,
        what: &str,
    ) -> Option<T> {
        match asked {
            Ok(answer) => {
                if std::mem::take(failures) > 0 {
                    tracing::info!(what, "it can be read again");
                }
                Some(answer)
            }
            Err(error) => {
                if *failures == 0 {
                    tracing::error!(what, error = causes(&error), "it cannot be read");
                }
                *failures = failures.saturating_add(1);
                None
            }
        }
    }

    /// Does work in a task of its own, so that a fault of the program in it ends that alone; `None` after one.
    async fn in_task<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let ended = self.tasks.spawn(work).await;
        ended
            .inspect_err(|error| tracing::error!(%error, "work ended without a word"))
            .ok()
    }

    /// Raises the alarm of work that is no job, or clears it where that may be open; returns whether it may be by now.
    async fn note_fault(&self, work: &str, is_fault: bool, is_told: bool) -> bool {
        if !is_fault && !is_told {
            return false;
        }
        let message = "it ended by a fault in the program, and is tried again: the log tells more";
        let (subject, now) = (AlarmSubject::Service(work), self.clock.now().earliest);
        let message = is_fault.then_some(message);
        let noted = alarm::note(&*self.storage, JOB, subject, message, now).await;
        let is_noted = noted.is_ok();
        if let Err(error) = noted {
            let error = causes(&error);
            tracing::error!(work, error, "an alarm cannot be stored");
        }
        is_fault || !is_noted
    }

    /// Does what is no job, once.
    async fn maintain(&self) {
        if let Err(error) = self.make_missing(self.clock.now().earliest).await {
            tracing::error!(error = causes(&error), "jobs that are gone cannot be made");
        }
        if !self.maintenance.tick().await {
            return;
        }
        // What the clock said before it went back made them due too late.
        let now = self.clock.now().earliest;
        let sources = self.pollers.iter();
        let mut jobs = self.polls();
        jobs.extend(
            sources
                .map(|(source, poller)| self.new_job(JobKind::Fetch, source, &poller.board, now)),
        );
        if let Err(error) = self.storage.schedule(&jobs).await {
            tracing::error!(error = causes(&error), "sources wait by a wrong clock");
        }
    }

    /// Does once what is due of fetching and publishing, until nothing is, and what is no job.
    pub async fn run_due(self: &Arc<Self>) {
        for kind in [JobKind::Fetch, JobKind::Publish] {
            while let Some(job) = self.lease(kind).await {
                self.run(job).await;
            }
        }
        self.maintain().await;
    }

    /// Leases a job that is due; `None` also when storage fails, which is logged.
    async fn lease(&self, kind: JobKind) -> Option<LeasedJob> {
        self.lease_or_count(kind, 0, &mut 0).await
    }

    /// The same beside so many jobs that are done here, which counts how often storage has failed in a row.
    async fn lease_or_count(
        &self,
        kind: JobKind,
        running: usize,
        failures: &mut u32,
    ) -> Option<LeasedJob> {
        let unknown = self.unknown().clone().into_iter();
        let unknown: Vec<String> = unknown
            .filter_map(|(of, key)| (of == kind).then_some(key))
            .collect();
        let time = self.lease_time(kind);
        let leased = self
            .storage
            .lease(kind, &unknown, of_town(kind, running), time);
        let leased = match leased.await {
            Err(StorageError::UnreadableJob { kind, key, reason }) => {
                self.make_anew(kind, &key, &reason).await.map(|()| None)
            }
            leased => leased,
        };
        self.count(leased, failures, kind.as_str()).flatten()
    }

    /// Makes a job again that could not be read; it waits for an hour, with an alarm.
    async fn make_anew(&self, kind: JobKind, key: &str, reason: &str) -> Result<(), StorageError> {
        let board = match kind {
            JobKind::Poll | JobKind::Fetch => self.pollers.get(key).map(|one| one.board.as_str()),
            JobKind::Publish => Some(key),
            JobKind::Forget | JobKind::Read | JobKind::Recognise | JobKind::Draw => None,
        };
        let run_at = self.clock.now().earliest + RETRY_CAP;
        let job = self.new_job(kind, key, board.unwrap_or_default(), run_at);
        if self.knows(kind, key) {
            self.storage.schedule(&[job]).await?;
        }
        let message = format!(
            "{} is put off for an hour: what is stored of that work could not be read, and was made anew: {reason}",
            work_of(kind)
        );
        self.note(kind, key, Some(&message)).await;
        Ok(())
    }

    fn lease_time(&self, kind: JobKind) -> LeaseTime {
        let now = self.clock.now().earliest;
        let longest = match kind {
            JobKind::Poll => self.pollers.values().map(Poller::longest_delay).max(),
            JobKind::Fetch => Some(self.fetcher.longest_delay()),
            JobKind::Publish => Some(LAST_END),
            _ => None,
        };
        LeaseTime {
            now,
            latest: now + longest.unwrap_or_default().max(RETRY_CAP),
            until: now + LEASE,
        }
    }

    /// Whether this process has what a job is about: another may have been started again after a board was brought.
    fn knows(&self, kind: JobKind, key: &str) -> bool {
        match kind {
            JobKind::Poll | JobKind::Fetch => self.pollers.contains_key(key),
            JobKind::Publish => self.config.board(key).is_some(),
            JobKind::Forget | JobKind::Read | JobKind::Recognise | JobKind::Draw => true,
        }
    }

    /// What a job may see and change.
    fn storage_of(&self, job: &LeasedJob) -> Arc<dyn Storage> {
        self.storage.within(Scope::of_job(job))
    }

    async fn run(self: &Arc<Self>, job: LeasedJob) {
        if !self.knows(job.kind, &job.key) {
            let (kind, key) = (job.kind.as_str(), &job.key);
            tracing::info!(kind, key, "a job is left to a process that knows it");
            self.unknown().insert((job.kind, job.key.clone()));
            let now = self.clock.now().earliest;
            return note_failure(&job, self.storage.release(&job, now).await);
        }
        let (storage, key) = (self.storage_of(&job), job.key.as_str());
        match job.kind {
            JobKind::Poll => self.perform(&job, self.poll(&storage, key)).await,
            JobKind::Fetch => {
                let now = self.clock.now().earliest;
                self.perform(&job, self.fetch(&*storage, key, now)).await
            }
            JobKind::Publish => {
                let publish = async { Ok(self.publisher.publish(&*storage, key).await?) };
                self.perform(&job, publish).await
            }
            JobKind::Forget => {
                let forget = async { Ok(Some(self.retention.take_turn().await?)) };
                self.perform(&job, forget).await
            }
            // They are leased with their documents.
            JobKind::Read | JobKind::Recognise | JobKind::Draw => None,
        };
    }

    /// Does a job and stores what came of it; returns when it is due again, if that is known.
    async fn perform(
        &self,
        job: &LeasedJob,
        work: impl Future<Output = Outcome>,
    ) -> Option<DateTime<Utc>> {
        if job.unfinished > PUT_OFF_AFTER && job.unfinished.is_multiple_of(2) {
            return self.put_off(job).await;
        }
        let fault = "it ended by a fault in the program: the log tells more";
        let work = AssertUnwindSafe(work).catch_unwind();
        let (outcome, job) = self.hold(job, work).await?;
        let outcome = outcome.unwrap_or_else(|_| Err(anyhow::anyhow!(fault)));
        let outcome = outcome.map_err(|error| (causes(&*error), self.retry_delay(&job)));
        self.settle(&job, outcome).await
    }

    /// Leaves a job alone for an hour that may be what ends the whole program.
    async fn put_off(&self, job: &LeasedJob) -> Option<DateTime<Utc>> {
        let (work, times) = (work_of(job.kind), job.unfinished - 1);
        let message = format!(
            "{work} was begun {times} times and left no word: it may end the whole program, and is put off for an hour"
        );
        self.note(job.kind, &job.key, Some(&message)).await;
        let next = self.clock.now().earliest + RETRY_CAP;
        self.tell(job, || self.storage.put_off(job, next)).await;
        Some(next)
    }

    /// Tells storage what came of a job, again and again while it cannot be told, for as long as the lease lasts: that no
    /// word came would count against the job.
    async fn tell<T>(&self, job: &LeasedJob, what: impl Fn() -> T)
    where
        T: Future<Output = Result<(), StorageError>>,
    {
        let told = async {
            loop {
                let told = what().await;
                let is_over = matches!(told, Ok(()) | Err(StorageError::Conflict));
                note_failure(job, told);
                if is_over || self.shutdown.is_cancelled() {
                    return;
                }
                self.shutdown.run_until_cancelled(sleep(TELL_AGAIN)).await;
            }
        };
        let stopped = async {
            self.shutdown.cancelled().await;
            sleep(TELL_AGAIN).await;
        };
        tokio::select! {
            () = told => {}
            () = stopped => {}
            () = sleep(TELL_FOR) => {}
        }
    }

    /// Does work for as long as the lease lasts; what came of it, with the newest lease of the job. `None` when the lease was
    /// lost or not renewed in time, or the service stops: the work has ended.
    async fn hold<T>(
        &self,
        job: &LeasedJob,
        work: impl Future<Output = T>,
    ) -> Option<(T, LeasedJob)> {
        let (kind, key) = (job.kind.as_str(), &job.key);
        // Where the lease seemed to have ended when the clock went ahead, the other work goes on with the newer one.
        let held = Held::begin(&self.held, job)?;
        let lost = async {
            // It may have taken storage long to grant it.
            let left = job.until - self.clock.now().earliest - SPARE;
            let left = left.to_std().unwrap_or_default();
            let mut relied_on = Instant::now() + left.min(RELIED_ON);
            loop {
                let renewed = async {
                    sleep(RENEW_EVERY).await;
                    let asked = Instant::now();
                    let until = self.clock.now().earliest + LEASE;
                    let renewed = self.storage.renew(&held.lease(), until).await;
                    renewed.map(|()| asked)
                };
                match timeout_at(relied_on, renewed).await {
                    Ok(Ok(asked)) => relied_on = asked + RELIED_ON,
                    Ok(Err(StorageError::Conflict)) | Err(_) => return,
                    Ok(Err(error)) => {
                        let error = causes(&error);
                        tracing::warn!(kind, key, error, "a lease cannot be renewed now");
                    }
                }
            }
        };
        tokio::select! {
            done = work => Some((done, held.lease())),
            () = lost => {
                tracing::warn!(kind, key, "a job ended because its lease was lost");
                None
            }
            () = self.shutdown.cancelled() => {
                let (job, now) = (held.lease(), self.clock.now().earliest);
                note_failure(&job, self.storage.release(&job, now).await);
                None
            }
        }
    }

    fn retry_delay(&self, job: &LeasedJob) -> TimeDelta {
        let cap = RETRY_CAP.to_std().unwrap_or_default();
        let delay = backoff::delay(job.attempts, RETRY_BASE, cap, self.entropy.unit());
        TimeDelta::from_std(delay).unwrap_or(RETRY_CAP)
    }

    /// Stores what came of a job: when it is due again, or why it failed and after which delay it is tried again.
    async fn settle(
        &self,
        job: &LeasedJob,
        outcome: Result<Option<DateTime<Utc>>, (String, TimeDelta)>,
    ) -> Option<DateTime<Utc>> {
        let attempts = job.attempts;
        match outcome {
            Ok(next) => {
                self.note(job.kind, &job.key, None).await;
                self.tell(job, || self.storage.finish(job, next)).await;
                next
            }
            Err((reason, delay)) => {
                let (kind, key) = (job.kind.as_str(), &job.key);
                tracing::error!(kind, key, attempts, reason, "a job failed");
                if attempts >= ALARM_FROM {
                    let work = work_of(job.kind);
                    let message = format!(
                        "{work} has failed {attempts} times in a row, and is tried again: {reason}"
                    );
                    self.note(job.kind, &job.key, Some(&message)).await;
                }
                let next = self.clock.now().earliest + delay;
                self.tell(job, || self.storage.retry(job, &reason, next))
                    .await;
                Some(next)
            }
        }
    }

    /// Raises the alarm of a job, or clears it where there is no message.
    async fn note(&self, kind: JobKind, key: &str, message: Option<&str>) {
        let (subject, now) = (subject_of(kind, key), self.clock.now().earliest);
        let noted = alarm::note(&*self.storage, alarm_of(kind), subject, message, now);
        if let Err(error) = noted.await {
            tracing::error!(
                error = causes(&error),
                "the alarm of a job cannot be stored"
            );
        }
    }
}

/// Jobs by their kinds and keys.
pub type HeldJobs = Mutex<BTreeMap<(JobKind, String), LeasedJob>>;

/// A job that is being done here, until this is dropped.
struct Held<'a> {
    all: &'a HeldJobs,
    job: (JobKind, String),
}

impl<'a> Held<'a> {
    /// `None` while it is being done already, from now on by this lease.
    fn begin(all: &'a HeldJobs, job: &LeasedJob) -> Option<Self> {
        let key = (job.kind, job.key.clone());
        let before = Self::locked(all).insert(key.clone(), job.clone());
        before.is_none().then(|| Self { all, job: key })
    }

    /// Its newest lease.
    fn lease(&self) -> LeasedJob {
        let lease = Self::locked(self.all).get(&self.job).cloned();
        lease.expect("it is held until this is dropped")
    }

    fn locked(all: &HeldJobs) -> MutexGuard<'_, BTreeMap<(JobKind, String), LeasedJob>> {
        all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        Self::locked(self.all).remove(&self.job);
    }
}

/// Logs that what came of a job could not be stored: its lease ends by itself.
fn note_failure(job: &LeasedJob, stored: Result<(), StorageError>) {
    if let Err(error) = stored {
        let (kind, key, error) = (job.kind.as_str(), &job.key, causes(&error));
        tracing::warn!(kind, key, error, "what came of a job cannot be stored");
    }
}

#[cfg(test)]
mod tests;
