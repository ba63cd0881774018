//! The thread that owns the workers.
//!
//! It serves one request at a time with one worker. While the worker computes, it watches the answer, the deadline,
//! cancellation, and the arrival of a more urgent request. A worker cannot be interrupted, only killed; a confined
//! spare that is ready makes this cheap. The preempted request goes back to the queue unless it was cancelled.

mod answer;
mod shared;

use crate::error::PageError;
use crate::options::WorkerOptions;
use crate::protocol::frames::{Frame, FrameError};
use crate::protocol::{Operation, Request};
use crate::queue::{Job, WorkerReply};
use crate::worker_process::{ExitCause, WorkerProcess};
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io::ErrorKind;
use std::os::fd::AsFd as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::Running;

pub(crate) use shared::Shared;

pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    options: WorkerOptions,
    worker: Option<WorkerProcess>,
    spare: Option<WorkerProcess>,
}

/// The worker, its spare and the first new one may all be killed by the system; a fourth is not a coincidence.
const MAX_RETRIES: u32 = 2;

/// Why an exchange with a worker gave no answer.
enum Failure {
    Page(PageError),
    /// A more urgent request waits; the job goes back to the queue.
    Preempted,
    /// The worker had ended before it read the request, so the document is not the cause.
    Unread(PageError),
    /// The worker states other pages than were stated before. Either may have been a lie.
    Contradicted(PageError),
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl Supervisor {
    pub(crate) fn new(shared: Arc<Shared>, options: WorkerOptions) -> Self {
        Self {
            shared,
            options,
            worker: None,
            spare: None,
        }
    }

    /// Serves until the last handle is dropped.
    pub(crate) fn run(mut self) {
        self.prepare();
        loop {
            let job = {
                let mut state = self.shared.lock();
                if state.closing {
                    let left = state.queue.drain();
                    drop(state);
                    for job in left {
                        deliver(job, Err(PageError::Cancelled));
                    }
                    return;
                }
                let job = state.queue.pop();
                state.running = job.as_ref().map(|job| Running {
                    id: job.id,
                    priority: job.priority,
                    cancelled: false,
                });
                job
            };
            match job {
                Some(job) => self.serve(job),
                None => self.idle(),
            }
        }
    }

    fn serve(&mut self, job: Job) {
        let outcome = self.exchange(&job);
        let running = self.shared.lock().running.take();
        let cancelled = running.is_some_and(|running| running.cancelled);
        match outcome {
            _ if cancelled => deliver(job, Err(PageError::Cancelled)),
            Ok(answer) => deliver(job, Ok(answer)),
            Err(Failure::Page(error) | Failure::Unread(error) | Failure::Contradicted(error)) => {
                deliver(job, Err(error))
            }
            Err(Failure::Preempted) => self.shared.lock().queue.push(job),
        }
    }

    fn exchange(&mut self, job: &Job) -> Result<WorkerReply, Failure> {
        let size = job.document.size_bytes();
        if size == 0 {
            return Err(PageError::Empty.into());
        }
        if size > self.options.max_document_bytes {
            return Err(PageError::TooLarge {
                detail: format!(
                    "the file has {} MiB, the bound is {}",
                    size.div_ceil(1024 * 1024),
                    self.options.max_document_bytes / (1024 * 1024)
                ),
            }
            .into());
        }
        let outcome = self.attempt_repeatedly(job);
        if !matches!(outcome, Err(Failure::Contradicted(_))) {
            return outcome;
        }
        // An earlier document may have taken over the worker that spoke first. A worker that has read nothing else
        // decides; the one in use has just been dropped.
        job.document.forget();
        self.attempt_repeatedly(job)
    }

    fn attempt_repeatedly(&mut self, job: &Job) -> Result<WorkerReply, Failure> {
        let mut outcome = self.attempt(job);
        // The system may kill an idle worker when memory is short, and its spare too.
        for _ in 0..MAX_RETRIES {
            if !matches!(outcome, Err(Failure::Unread(_))) {
                break;
            }
            outcome = self.attempt(job);
        }
        outcome
    }

    fn attempt(&mut self, job: &Job) -> Result<WorkerReply, Failure> {
        // The size of a page bounds its pixels, so it is stated before anything is drawn.
        if matches!(job.operation, Operation::Render { .. }) && !job.document.is_known() {
            self.ask(job, &Operation::Open)?;
        }
        self.ask(job, &job.operation)
    }

    fn ask(&mut self, job: &Job, operation: &Operation) -> Result<WorkerReply, Failure> {
        let mut worker = self.ready_worker()?;
        let started = Instant::now();
        let document = job.document.id();
        let request = Request {
            document,
            operation: operation.clone(),
        };
        let descriptor = (worker.holds != Some(document)).then(|| job.document.descriptor());
        if worker.ask(&request, descriptor).is_err() {
            return Err(Failure::Unread(died(worker, &self.options)));
        }
        let (worker, frame) =
            self.await_frame(worker, job, started, self.options.request_deadline)?;
        self.conclude(worker, frame, job, operation, started)
    }

    /// A worker that has reported its confinement: an idle one, or a new one.
    fn ready_worker(&mut self) -> Result<WorkerProcess, Failure> {
        while let Some(worker) = self.worker.take().or_else(|| self.spare.take()) {
            match self.await_hello(worker) {
                Ok(worker) => return Ok(worker),
                Err(Failure::Unread(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        let worker = WorkerProcess::start(&self.options).map_err(|error| {
            unavailable(&format!("{}: {error}", self.options.program.display()))
        })?;
        self.await_hello(worker)
    }

    fn await_hello(&self, mut worker: WorkerProcess) -> Result<WorkerProcess, Failure> {
        if worker.has_ended() {
            return Err(Failure::Unread(unavailable(
                &died(worker, &self.options).to_string(),
            )));
        }
        if worker.is_ready() {
            return Ok(worker);
        }
        let started = Instant::now();
        loop {
            match worker.answer() {
                Ok(None) if worker.is_ready() => return Ok(worker),
                Ok(None) => {}
                Ok(Some(_)) => {
                    return Err(unavailable("it sent a message before its greeting").into());
                }
                Err(FrameError::Closed) => return Err(Failure::Unread(not_started(worker))),
                Err(error) => return Err(unavailable(&error.to_string()).into()),
            }
            let left = self
                .options
                .start_deadline
                .checked_sub(started.elapsed())
                .ok_or_else(|| unavailable("it does not report in time"))?;
            self.watch(&worker, left);
            if self.shared.lock().closing {
                return Err(PageError::Cancelled.into());
            }
        }
    }

    /// Waits for the answer to a request that has been sent. The worker has ended when this fails.
    fn await_frame(
        &self,
        mut worker: WorkerProcess,
        job: &Job,
        started: Instant,
        deadline: Duration,
    ) -> Result<(WorkerProcess, Frame), Failure> {
        let mut preempted_since: Option<Instant> = None;
        loop {
            match worker.answer() {
                Ok(Some(frame)) => return Ok((worker, frame)),
                Ok(None) => {}
                Err(FrameError::Closed) => return Err(died(worker, &self.options).into()),
                // A connection is reset, not closed, when its other end exits with unread data.
                Err(FrameError::Io(error)) if error.kind() == ErrorKind::ConnectionReset => {
                    return Err(Failure::Unread(died(worker, &self.options)));
                }
                Err(error) => {
                    worker.kill();
                    return Err(PageError::WorkerDied {
                        detail: error.to_string(),
                    }
                    .into());
                }
            }
            let now = Instant::now();
            let Some(mut left) = deadline
                .checked_sub(now.duration_since(started))
                .filter(|left| !left.is_zero())
            else {
                worker.kill();
                return Err(PageError::TimedOut { after: deadline }.into());
            };
            match self.claim(job) {
                Claim::StillWanted => preempted_since = None,
                Claim::Closing => {
                    worker.kill();
                    return Err(PageError::Cancelled.into());
                }
                Claim::Preempted => {
                    let since = *preempted_since.get_or_insert(now);
                    let patience = self.options.urgent_patience;
                    match patience.checked_sub(now.duration_since(since)) {
                        Some(rest) if !rest.is_zero() => left = left.min(rest),
                        _ => {
                            worker.kill();
                            return Err(Failure::Preempted);
                        }
                    }
                }
            }
            self.watch(&worker, left);
        }
    }

    fn claim(&self, job: &Job) -> Claim {
        let state = self.shared.lock();
        if state.closing {
            return Claim::Closing;
        }
        let Some(waiting) = state.queue.most_urgent() else {
            return Claim::StillWanted;
        };
        match &state.running {
            Some(running) if running.cancelled || waiting > running.priority => Claim::Preempted,
            None if waiting > job.priority => Claim::Preempted,
            _ => Claim::StillWanted,
        }
    }

    /// Waits until the worker writes, a handle wakes us, or the time is up.
    fn watch(&self, worker: &WorkerProcess, at_most: Duration) {
        let mut descriptors = [
            PollFd::from_borrowed_fd(worker.socket(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.shared.wake.as_fd(), PollFlags::IN),
        ];
        // An error is an early return; the caller checks every condition again.
        let _ = rustix::event::poll(&mut descriptors, timespec(at_most).as_ref());
        self.shared.drain_wake();
    }

    /// Starts workers before they are needed.
    fn prepare(&mut self) {
        if self.worker.is_none() {
            self.worker = self.spare.take().or_else(|| self.start());
        }
        if self.options.warm_spare && self.spare.is_none() && self.worker.is_some() {
            self.spare = self.start();
        }
    }

    fn start(&self) -> Option<WorkerProcess> {
        // The next request tries again and reports the failure to its caller.
        WorkerProcess::start(&self.options)
            .inspect_err(|error| {
                tracing::error!(program = %self.options.program.display(), %error, "the page worker cannot be started");
            })
            .ok()
    }

    /// Nothing is queued: starts the spare, and after [`WorkerOptions::idle_release`] releases the open document.
    fn idle(&mut self) {
        self.prepare();
        let holds = self
            .worker
            .as_ref()
            .is_some_and(|worker| worker.holds.is_some());
        let mut wake = [PollFd::from_borrowed_fd(
            self.shared.wake.as_fd(),
            PollFlags::IN,
        )];
        let timeout = holds.then(|| timespec(self.options.idle_release)).flatten();
        let woken = rustix::event::poll(&mut wake, timeout.as_ref());
        self.shared.drain_wake();
        if holds && matches!(woken, Ok(0)) {
            self.release();
        }
    }

    /// Makes the worker drop its document, and replaces the worker when it has grown or served enough documents.
    fn release(&mut self) {
        let Some(mut worker) = self.worker.take() else {
            return;
        };
        let request = Request {
            document: 0,
            operation: Operation::Release,
        };
        if worker.ask(&request, None).is_err() {
            return;
        }
        let started = Instant::now();
        loop {
            match worker.answer() {
                Ok(Some(_)) => break,
                Ok(None) => {}
                Err(_) => return,
            }
            // Dropping a document takes milliseconds; a request that comes meanwhile gets the spare.
            let left = Duration::from_secs(1).checked_sub(started.elapsed());
            match left {
                Some(left) if !self.shared.lock().closing => self.watch(&worker, left),
                _ => return,
            }
        }
        worker.holds = None;
        let grown = worker
            .private_bytes()
            .is_none_or(|bytes| bytes > self.options.idle_memory_bytes);
        if !grown && worker.documents < self.options.documents_per_worker {
            self.worker = Some(worker);
        }
    }
}

enum Claim {
    StillWanted,
    Preempted,
    Closing,
}

fn timespec(duration: Duration) -> Option<Timespec> {
    Timespec::try_from(duration).ok()
}

fn unavailable(detail: &str) -> PageError {
    PageError::WorkerUnavailable {
        detail: detail.to_owned(),
    }
}

/// The error for a worker that ended before its first request.
fn not_started(worker: WorkerProcess) -> PageError {
    match worker.exit_cause() {
        ExitCause::OutOfMemory => unavailable("its address space is too small to start in"),
        ExitCause::Other(cause) => unavailable(&cause),
    }
}

fn died(worker: WorkerProcess, options: &WorkerOptions) -> PageError {
    match worker.exit_cause() {
        ExitCause::OutOfMemory => PageError::TooLarge {
            detail: format!(
                "drawing it needs more than the {} MiB of memory a worker may use",
                options.address_space_bytes / (1024 * 1024)
            ),
        },
        ExitCause::Other(detail) => PageError::WorkerDied { detail },
    }
}

/// A callback that panics ends neither the supervisor nor later requests.
fn deliver(job: Job, outcome: Result<WorkerReply, PageError>) {
    let deliver = job.deliver;
    if std::panic::catch_unwind(AssertUnwindSafe(|| deliver(outcome))).is_err() {
        tracing::error!("the receiver of a page panicked");
    }
}

/// Answers a job that was cancelled while it was queued.
pub(crate) fn refuse(job: Job) {
    deliver(job, Err(PageError::Cancelled));
}
