//! The thread that writes.

use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tracing::{error, info};
use vyveska_board::{Clock, ClockBounds};
use vyveska_wire::journal::{Fact, Timestamp};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::ContentHash;

use super::recorder::{available_hash, reconcile};
use super::writer::Writer;
use super::{JournalConfig, JournalError, JournalParts, Monotonic};

/// How long a caller waits for the disk before it gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many facts wait at most while the disk refuses; after that the oldest go, and a gap says so.
const MAX_WAITING: usize = 100_000;

/// How many requests may be on their way to the thread.
const MAX_REQUESTS: usize = 10_000;

enum Request {
    Record {
        facts: Vec<Fact>,
        when: Timestamp,
        available: Option<ContentHash>,
    },
    /// Answered when it is on disk, or cannot be.
    Accept {
        fact: Fact,
        when: Timestamp,
        answer: SyncSender<Result<(), JournalError>>,
    },
    Stop {
        facts: Vec<Fact>,
        when: Timestamp,
        answer: SyncSender<Result<(), JournalError>>,
    },
}

/// Reaches the journal from anywhere.
#[derive(Clone)]
pub struct JournalHandle {
    requests: SyncSender<Request>,
    boot: Arc<str>,
    monotonic: Monotonic,
}

impl JournalHandle {
    /// Opens the journal, or begins one, on a thread of its own, and records the start.
    ///
    /// What went before is recorded first: a torn entry, a power cut, a manifest recorded but not in use.
    ///
    /// # Errors
    ///
    /// When the thread cannot be started. A disk that refuses is no error here: it is tried again.
    pub fn start(parts: JournalParts) -> Result<(Self, JoinHandle<()>), JournalError> {
        let (requests, received) = mpsc::sync_channel(MAX_REQUESTS);
        let handle = Self {
            requests,
            boot: parts.boot.as_str().into(),
            monotonic: Arc::clone(&parts.monotonic),
        };
        let started = handle.timestamp(parts.clock.now());
        let path = parts.folder.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || Thread::new(parts, started).run(&received))
            .map_err(JournalError::io(path))?;
        Ok((handle, thread))
    }

    /// Records facts as of now. Never blocks.
    pub fn record(&self, facts: Vec<Fact>, now: ClockBounds) {
        self.send(facts, now, None);
    }

    /// Records what became or ceased to be visible, and what is available after it: see [`super::available_hash`].
    pub fn record_visible(&self, facts: Vec<Fact>, available: ContentHash, now: ClockBounds) {
        self.send(facts, now, Some(available));
    }

    /// Records that a manifest is about to be taken into use, and comes back when that is on disk. Blocks meanwhile.
    ///
    /// # Errors
    ///
    /// When it is not on disk: the manifest must not be taken into use then.
    pub fn accept_manifest(
        &self,
        number: u64,
        notices: ContentHash,
        now: ClockBounds,
    ) -> Result<(), JournalError> {
        let fact = Fact::ManifestAccepted { number, notices };
        let when = self.timestamp(now);
        self.ask(|answer| Request::Accept { fact, when, answer })
    }

    /// Records the last facts and that the kiosk stops in good order, and ends the thread. Blocks meanwhile.
    ///
    /// # Errors
    ///
    /// When it does not get onto the disk: the next start then records a gap.
    pub fn stop(&self, facts: Vec<Fact>, now: ClockBounds) -> Result<(), JournalError> {
        let when = self.timestamp(now);
        self.ask(|answer| Request::Stop {
            facts,
            when,
            answer,
        })
    }

    fn send(&self, facts: Vec<Fact>, now: ClockBounds, available: Option<ContentHash>) {
        if facts.is_empty() && available.is_none() {
            return;
        }
        let when = self.timestamp(now);
        let request = Request::Record {
            facts,
            when,
            available,
        };
        // Only a disk that has not answered for very long fills the queue.
        if self.requests.try_send(request).is_err() {
            error!("the journal does not take facts any more; some are lost");
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
    in_use: Option<(u64, ContentHash)>,
    started: Timestamp,
    writer: Option<Writer>,
    waiting: VecDeque<(Timestamp, Fact)>,
    dropped: u64,
    available: ContentHash,
    failing: bool,
}

impl Thread {
    fn new(parts: JournalParts, started: Timestamp) -> Self {
        Self {
            folder: parts.folder,
            key: parts.key,
            config: parts.config,
            clock: parts.clock,
            monotonic: parts.monotonic,
            boot: parts.boot,
            version: parts.version,
            in_use: parts.in_use,
            started,
            writer: None,
            waiting: VecDeque::new(),
            dropped: 0,
            available: available_hash(&BTreeSet::new()),
            failing: false,
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
                // What else is there already goes with it, so that many facts cost one write.
                Ok(first) => {
                    let more = requests.try_iter().take(MAX_REQUESTS);
                    for request in std::iter::once(first).chain(more) {
                        if self.take(request).is_break() {
                            return;
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Every handle is gone without a word: the next start records the gap.
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.write_waiting();
            next_alive = Instant::now() + self.config.alive_interval;
        }
    }

    fn take(&mut self, request: Request) -> ControlFlow<()> {
        match request {
            Request::Record {
                facts,
                when,
                available,
            } => {
                self.available = available.unwrap_or(self.available);
                self.wait_for_disk(facts, &when);
            }
            Request::Accept { fact, when, answer } => {
                // Whoever asked may have given up meanwhile.
                let _ = answer.send(self.write(Some((when, fact))));
            }
            Request::Stop {
                mut facts,
                when,
                answer,
            } => {
                facts.push(Fact::Stopped {});
                self.available = available_hash(&BTreeSet::new());
                self.wait_for_disk(facts, &when);
                let _ = answer.send(self.write(None));
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn wait_for_disk(&mut self, facts: Vec<Fact>, when: &Timestamp) {
        for fact in facts {
            if self.waiting.len() >= MAX_WAITING {
                self.waiting.pop_front();
                self.dropped += 1;
            }
            self.waiting.push_back((when.clone(), fact));
        }
    }

    fn write_waiting(&mut self) {
        // Said when it happens; here it is only tried again later.
        let _ = self.write(None);
    }

    /// Puts everything that waits, and then `last`, on disk, and seals it. On failure `last` does not wait.
    fn write(&mut self, last: Option<(Timestamp, Fact)>) -> Result<(), JournalError> {
        let done = self.try_write(last);
        match &done {
            Ok(()) if self.failing => info!("the journal is written again"),
            Err(error) if !self.failing => {
                error!(%error, "the journal cannot be written; it is tried again");
            }
            _ => {}
        }
        self.failing = done.is_err();
        done
    }

    fn try_write(&mut self, last: Option<(Timestamp, Fact)>) -> Result<(), JournalError> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open()?,
        };
        let mut batch: Vec<_> = self.waiting.iter().cloned().collect();
        if self.dropped > 0 {
            let when = self.now();
            let gap = Fact::Gap {
                since: None,
                cause: "facts_dropped".to_owned(),
                lost_bytes: 0,
            };
            batch.insert(0, (when, gap));
        }
        batch.extend(last);
        let now = self.now();
        let done = writer.append(&batch).map(|()| {
            self.waiting.clear();
            self.dropped = 0;
        });
        let done = done.and_then(|()| writer.seal(now, self.available));
        self.writer = Some(writer);
        done
    }

    /// Opens the journal and records what went before. A failure leaves nothing half done.
    fn open(&self) -> Result<Writer, JournalError> {
        let (mut writer, before) = Writer::open(
            self.folder.clone(),
            Arc::clone(&self.key),
            self.config.segment_bytes,
        )?;
        let mut facts = before.gaps;
        facts.push(Fact::Started {
            version: self.version.clone(),
        });
        facts.extend(reconcile(before.accepted, self.in_use));
        let facts: Vec<_> = facts
            .into_iter()
            .map(|fact| (self.started.clone(), fact))
            .collect();
        writer.append(&facts)?;
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
