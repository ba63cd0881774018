//! The thread that writes the journal.

use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use tracing::{error, info};
use vyveska_board::{Clock, ClockBounds};
use vyveska_wire::journal::{ClockRecord, JournalEvent, Timestamp};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::ContentHash;

use super::unwritten::UnwrittenMark;
use super::visibility::{accepted, available_hash, reconcile};
use super::writer::Writer;
use super::{AcceptedBoard, JournalConfig, JournalError, JournalParts, Monotonic};
use crate::store::Reserve;
use crate::worker::Worker;

/// How long a caller waits for the disk.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most events queued while the disk fails. After that the oldest are dropped, which is recorded as a gap.
const MAX_WAITING: usize = 100_000;

/// The most requests queued for the thread.
pub(super) const MAX_REQUESTS: usize = 10_000;

enum Request {
    Record {
        events: Vec<JournalEvent>,
        when: Timestamp,
        available: Option<ContentHash>,
    },
    /// Answered once it is on disk, or with the error.
    Accept {
        board: AcceptedBoard,
        when: Timestamp,
        answer: SyncSender<Result<(), JournalError>>,
    },
    /// Called once everything before it is on disk.
    WhenWritten(Box<dyn FnOnce() + Send>),
    Stop {
        events: Vec<JournalEvent>,
        when: Timestamp,
        answer: SyncSender<Result<(), JournalError>>,
    },
}

/// Sends requests to the journal's thread.
#[derive(Clone)]
pub struct JournalHandle {
    requests: SyncSender<Request>,
    /// How many events had no room in the queue; the thread records them as a gap.
    lost: Arc<AtomicU64>,
    boot: Arc<str>,
    monotonic: Monotonic,
}

impl JournalHandle {
    /// Opens or creates the journal on a thread of its own, and records the start.
    ///
    /// Gaps are recorded first: a torn entry, a power cut, a manifest recorded but not in use.
    ///
    /// # Errors
    ///
    /// When the thread cannot be started. A failing disk is not an error here: it is tried again.
    pub fn start(parts: JournalParts) -> Result<(Self, Worker), JournalError> {
        let (requests, received) = mpsc::sync_channel(MAX_REQUESTS);
        let handle = Self {
            requests,
            lost: Arc::default(),
            boot: parts.boot.as_str().into(),
            monotonic: Arc::clone(&parts.monotonic),
        };
        let started = handle.timestamp(parts.clock.now());
        let (path, lost) = (parts.folder.clone(), Arc::clone(&handle.lost));
        let worker = Worker::start("journal", move || {
            Thread::new(parts, started, lost).run(&received)
        })
        .map_err(JournalError::io(path))?;
        Ok((handle, worker))
    }

    /// Records events as of now. Never blocks.
    pub fn record(&self, events: Vec<JournalEvent>, now: ClockBounds) {
        self.send(events, now, None);
    }

    /// Calls `then`, on the journal's thread, once everything recorded so far is on disk. Never blocks.
    pub fn when_written(&self, then: impl FnOnce() + Send + 'static) {
        if (self.requests.try_send(Request::WhenWritten(Box::new(then)))).is_err() {
            error!("the journal's queue is full; nobody learns that it is written");
        }
    }

    /// Records what became or ceased to be visible, and what is available after it: see [`super::available_hash`].
    pub fn record_visible(
        &self,
        events: Vec<JournalEvent>,
        available: ContentHash,
        now: ClockBounds,
    ) {
        self.send(events, now, Some(available));
    }

    /// Records that a board is about to be taken into use: its manifest and its assignment. Blocks until that is on
    /// disk. The same again adds no entry.
    ///
    /// # Errors
    ///
    /// When the entries are not on disk yet. They are queued: the store must not switch then.
    pub fn accept_board(&self, board: AcceptedBoard, now: ClockBounds) -> Result<(), JournalError> {
        let when = self.timestamp(now);
        self.ask(|answer| Request::Accept {
            board,
            when,
            answer,
        })
    }

    /// Records the last events and a clean stop, and ends the thread. Blocks until that is on disk.
    ///
    /// # Errors
    ///
    /// When it cannot be written: the next start then records a gap.
    pub fn stop(&self, events: Vec<JournalEvent>, now: ClockBounds) -> Result<(), JournalError> {
        let when = self.timestamp(now);
        self.ask(|answer| Request::Stop {
            events,
            when,
            answer,
        })
    }

    fn send(&self, events: Vec<JournalEvent>, now: ClockBounds, available: Option<ContentHash>) {
        if events.is_empty() && available.is_none() {
            return;
        }
        let when = self.timestamp(now);
        let count = events.len() as u64;
        let request = Request::Record {
            events,
            when,
            available,
        };
        // The queue fills only when the disk has not responded for very long.
        if self.requests.try_send(request).is_err() {
            // What is available is lost with it, so it counts also without an event.
            self.lost.fetch_add(count.max(1), Ordering::Relaxed);
            error!(count, "the journal's queue is full; events are lost");
        }
    }

    fn ask(
        &self,
        request: impl FnOnce(SyncSender<Result<(), JournalError>>) -> Request,
    ) -> Result<(), JournalError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.requests
            .try_send(request(answer))
            .map_err(|error| match error {
                mpsc::TrySendError::Full(_) => JournalError::TooSlow,
                mpsc::TrySendError::Disconnected(_) => JournalError::Stopped,
            })?;
        match answered.recv_timeout(PATIENCE) {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => Err(JournalError::TooSlow),
            Err(RecvTimeoutError::Disconnected) => Err(JournalError::Stopped),
        }
    }

    fn timestamp(&self, now: ClockBounds) -> Timestamp {
        Timestamp {
            boot: self.boot.to_string(),
            monotonic_ms: (self.monotonic)(),
            clock: now.into(),
        }
    }
}

struct Thread {
    folder: PathBuf,
    key: Arc<KeyPair>,
    config: JournalConfig,
    clock: Arc<dyn Clock>,
    monotonic: Monotonic,
    boot: String,
    version: String,
    in_use: Option<AcceptedBoard>,
    started: Timestamp,
    writer: Option<Writer>,
    waiting: VecDeque<(Timestamp, JournalEvent)>,
    when_written: Vec<Box<dyn FnOnce() + Send>>,
    /// See [`JournalHandle::lost`].
    lost: Arc<AtomicU64>,
    /// How many events are to be recorded as a gap.
    dropped: u64,
    available: ContentHash,
    /// The board that was recorded or queued last.
    accepted: Option<AcceptedBoard>,
    reserve: Arc<Reserve>,
    failing: bool,
    /// Since when entries have been in memory only.
    unwritten_since: Option<Timestamp>,
    unwritten: UnwrittenMark,
}

fn gap(cause: &str, since: Option<ClockRecord>) -> JournalEvent {
    JournalEvent::Gap {
        since,
        cause: cause.to_owned(),
        lost_bytes: 0,
    }
}

impl Thread {
    fn new(parts: JournalParts, started: Timestamp, lost: Arc<AtomicU64>) -> Self {
        Self {
            unwritten: UnwrittenMark::set(parts.in_memory.as_deref(), &started),
            folder: parts.folder,
            key: parts.key,
            config: parts.config,
            clock: parts.clock,
            monotonic: parts.monotonic,
            boot: parts.boot,
            version: parts.version,
            accepted: parts.in_use.clone(),
            in_use: parts.in_use,
            started,
            writer: None,
            waiting: VecDeque::new(),
            lost,
            when_written: Vec::new(),
            dropped: 0,
            available: available_hash(&BTreeSet::new()),
            reserve: parts.reserve,
            failing: false,
            unwritten_since: None,
        }
    }

    fn run(mut self, requests: &Receiver<Request>) {
        self.write_waiting();
        let mut next_alive = Instant::now() + self.config.alive_interval;
        loop {
            let pause = if self.failing {
                self.config.retry_interval
            } else {
                next_alive.saturating_duration_since(Instant::now())
            };
            match requests.recv_timeout(pause) {
                // Everything queued is written with it, so that many events cost one write.
                Ok(first) => {
                    let more = requests.try_iter().take(MAX_REQUESTS);
                    for request in std::iter::once(first).chain(more) {
                        if self.take(request).is_break() {
                            return;
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Every handle was dropped without a stop: the next start records the gap.
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.write_waiting();
            next_alive = Instant::now() + self.config.alive_interval;
        }
    }

    fn take(&mut self, request: Request) -> ControlFlow<()> {
        match request {
            Request::Record {
                events,
                when,
                available,
            } => {
                self.available = available.unwrap_or(self.available);
                self.queue(events, &when);
            }
            Request::Accept {
                board,
                when,
                answer,
            } => {
                // Nothing also when it was recorded before but the store could not switch to it.
                let events = accepted(self.accepted.as_ref(), &board);
                self.accepted = Some(board);
                self.queue(events, &when);
                // The caller may have timed out.
                let _ = answer.send(self.write());
            }
            Request::WhenWritten(then) => self.when_written.push(then),
            Request::Stop {
                mut events,
                when,
                answer,
            } => {
                events.push(JournalEvent::Stopped {});
                self.available = available_hash(&BTreeSet::new());
                self.queue(events, &when);
                let _ = answer.send(self.write());
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn queue(&mut self, events: Vec<JournalEvent>, when: &Timestamp) {
        for event in events {
            if self.waiting.len() >= MAX_WAITING {
                self.waiting.pop_front();
                self.dropped += 1;
            }
            self.waiting.push_back((when.clone(), event));
        }
    }

    fn write_waiting(&mut self) {
        // `write` has logged the failure; it is tried again later.
        let _ = self.write();
    }

    /// Writes everything queued and seals it. Entries on disk count also while the alive block cannot be written.
    fn write(&mut self) -> Result<(), JournalError> {
        let mut written = self.append();
        if written.as_ref().is_err_and(JournalError::is_full) {
            let reserve = Arc::clone(&self.reserve);
            written = reserve.lend(|| self.append());
        }
        let sealed = match written {
            Ok(()) => self.seal(),
            Err(_) => Ok(()),
        };
        let error = written.as_ref().err().or(sealed.as_ref().err());
        match error {
            None if self.failing => info!("the journal is written again"),
            Some(error) if !self.failing => {
                error!(%error, "the journal cannot be written; it is tried again");
            }
            _ => {}
        }
        self.failing = error.is_some();
        if written.is_err() {
            self.unwritten_since.get_or_insert(self.now());
        }
        written
    }

    fn append(&mut self) -> Result<(), JournalError> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open()?,
        };
        let mut batch = Vec::new();
        if let Some(since) = &self.unwritten_since {
            // What follows was only in memory: a power cut would have lost it.
            batch.push((self.now(), gap("not_writable", Some(since.clock))));
        }
        self.dropped += self.lost.swap(0, Ordering::Relaxed);
        if self.dropped > 0 {
            batch.push((self.now(), gap("facts_dropped", None)));
        }
        batch.extend(self.waiting.iter().cloned());
        let done = writer.append(&batch);
        self.writer = Some(writer);
        done?;
        self.waiting.clear();
        self.dropped = 0;
        self.unwritten_since = None;
        self.unwritten.clear();
        self.when_written.drain(..).for_each(|then| then());
        Ok(())
    }

    fn seal(&mut self) -> Result<(), JournalError> {
        let now = self.now();
        match &mut self.writer {
            Some(writer) => {
                writer.proven = self.clock.proven();
                writer.seal(now, self.available)
            }
            None => Ok(()),
        }
    }

    /// Opens the journal and records gaps and the start. After a failure it can be called again.
    fn open(&self) -> Result<Writer, JournalError> {
        let (mut writer, before) = Writer::open(
            self.folder.clone(),
            Arc::clone(&self.key),
            self.config.segment_bytes,
        )?;
        let mut events = before.gaps;
        if events.is_empty() {
            // The last entry is a clean stop, or there is none: a run since then is known by its mark alone.
            events.extend(self.unwritten.gap());
        }
        events.push(JournalEvent::Started {
            version: self.version.clone(),
        });
        events.extend(reconcile(before.accepted.as_ref(), self.in_use.as_ref()));
        let events: Vec<_> = events
            .into_iter()
            .map(|event| (self.started.clone(), event))
            .collect();
        writer.append(&events)?;
        Ok(writer)
    }

    fn now(&self) -> Timestamp {
        Timestamp {
            boot: self.boot.clone(),
            monotonic_ms: (self.monotonic)(),
            clock: self.clock.now().into(),
        }
    }
}
