//! Background work that every process of the service shares: what is due, and who does it until when.
//!
//! A job is leased before it is done. A process that ends without a word loses nothing: its lease ends as well, and
//! another does the job. Whoever finishes late has no say any more.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::StorageError;

/// A lease that ends later than this from now got that time from a wrong clock, and is none.
const LONGEST_LEASE: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKind {
    /// Polls a source.
    Poll,
    /// Fetches the documents of a source.
    Fetch,
    /// Publishes a board.
    Publish,
    /// Forgets what is no longer needed.
    Forget,
    /// Reads a document.
    Read,
    /// Recognises the pages of a document that have no text.
    Recognise,
    /// Examines how a document is drawn.
    Draw,
}

impl JobKind {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Fetch => "fetch",
            Self::Publish => "publish",
            Self::Forget => "forget",
            Self::Read => "read",
            Self::Recognise => "recognise",
            Self::Draw => "draw",
        }
    }
}

/// A job to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    pub kind: JobKind,
    /// What the kind works on: the id of a source or a board, the hash of a document, or nothing.
    pub key: String,
    /// The town that it works for, and whose turn it uses up; `None` for a job of the service itself.
    pub town: Option<String>,
    pub run_at: DateTime<Utc>,
}

/// A job that the caller may do until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    pub kind: JobKind,
    pub key: String,
    /// Not to be changed: a scope is made of it.
    pub(crate) town: Option<String>,
    /// When the lease ends, as it was granted.
    pub until: DateTime<Utc>,
    /// How often it was leased since it last succeeded, this time included.
    pub attempts: u32,
    /// How many of these leases left no word, this one included: neither that the job failed nor that it was given back.
    pub unfinished: u32,
    /// Larger than that of every earlier lease of the job.
    pub(crate) lease: i64,
}

impl LeasedJob {
    /// The town that it works for, and whose turn it used up; `None` for a job of the service itself.
    pub fn town(&self) -> Option<&str> {
        self.town.as_deref()
    }
}

/// The instants a lease is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTime {
    pub now: DateTime<Utc>,
    /// A job that is due later than this got that time from a wrong clock, and is due.
    pub latest: DateTime<Utc>,
    /// When the lease ends, at most an hour from now.
    pub until: DateTime<Utc>,
}

impl LeaseTime {
    /// No lease that counts ends later.
    pub(crate) fn longest(self) -> DateTime<Utc> {
        self.now + LONGEST_LEASE
    }
}

/// Hands out jobs, each to one holder at a time.
///
/// What concerns a lease is [`StorageError::Conflict`] once the lease is lost: the job was leased by another, finished,
/// or removed.
#[async_trait]
pub trait JobRepository: Send + Sync {
    /// Has jobs done at their `run_at` at the latest, all of them or none: missing ones are made, and what is due later
    /// is brought forward. A job that is being done is done once more afterwards. One that is there stays its town's.
    async fn schedule(&self, jobs: &[NewJob]) -> Result<(), StorageError>;
    /// Has these jobs of a kind, by their keys, each with its town: missing ones are due at `now`. Others are removed,
    /// unless their source or board is in service: another process may know more than this one.
    async fn keep_jobs(
        &self,
        kind: JobKind,
        keys: &BTreeMap<String, Option<String>>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Those of these keys that no job of the kind has, although their source or board is in service.
    async fn missing_jobs(&self, kind: JobKind, keys: &[&str])
    -> Result<Vec<String>, StorageError>;
    /// Whether nobody has done a job that was due at `before` already; one whose source or board is not in service is
    /// removed instead.
    async fn is_left(
        &self,
        kind: JobKind,
        key: &str,
        before: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Leases the due job of the town that was served longest ago, of those with fewer than `per_town` leases of this
    /// kind; what belongs to no town is not bounded. Those with the keys `not` are left to others. A job whose lease ended is due. One that cannot be read is removed, which
    /// is [`StorageError::UnreadableJob`].
    async fn lease(
        &self,
        kind: JobKind,
        not: &[String],
        per_town: u32,
        time: LeaseTime,
    ) -> Result<Option<LeasedJob>, StorageError>;
    /// Leases this job, due or not; `None` when another holds it or it does not exist.
    async fn lease_job(
        &self,
        kind: JobKind,
        key: &str,
        time: LeaseTime,
    ) -> Result<Option<LeasedJob>, StorageError>;
    /// Moves the end of a lease.
    async fn renew(&self, job: &LeasedJob, until: DateTime<Utc>) -> Result<(), StorageError>;
    /// The job was done. It is due again at `next`, earlier where it was scheduled meanwhile, and with neither when it is
    /// scheduled again.
    async fn finish(
        &self,
        job: &LeasedJob,
        next: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError>;
    /// The attempt failed. The job is due again at `next`, or earlier where it was scheduled meanwhile.
    async fn retry(
        &self,
        job: &LeasedJob,
        error: &str,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Leaves a job alone until `due`, unless it is scheduled before; the lease counts as one that left no word, and why the
    /// last attempt failed stays.
    async fn put_off(&self, job: &LeasedJob, due: DateTime<Utc>) -> Result<(), StorageError>;
    /// Gives a job back unfinished, as if it had not been leased; it is due at `due`, which may be now.
    async fn release(&self, job: &LeasedJob, due: DateTime<Utc>) -> Result<(), StorageError>;
}
