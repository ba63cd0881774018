//! The thread that owns the workers.
//!
//! It serves one request at a time with one worker, and while the worker computes it watches four things: the answer,
//! the deadline, whether the request is still wanted, and whether something more urgent waits. A worker cannot be
//! interrupted, only ended; a locked-in spare makes that cheap. The request that was in the way is put
//! back unless nobody wants it.

use crate::error::PageError;
use crate::memory;
use crate::options::WorkerOptions;
use crate::page_image::{PageImage, RenderedPage};
use crate::protocol::frames::{Frame, FrameError};
use crate::protocol::{Drawing, Operation, Outcome, Reply, Request};
use crate::queue::{Answer, Job, Queue, RequestId};
use crate::worker_process::{Death, WorkerProcess};
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io::ErrorKind;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the handles and the supervisor share.
pub(crate) struct Shared {
    state: Mutex<State>,
    wake: OwnedFd,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) queue: Queue,
    pub(crate) running: Option<Running>,
    pub(crate) closing: bool,
    pub(crate) next_id: u64,
}

pub(crate) struct Running {
    pub(crate) id: RequestId,
    pub(crate) priority: crate::queue::Priority,
    pub(crate) cancelled: bool,
}

impl Shared {
    pub(crate) fn new() -> std::io::Result<Self> {
        let flags = rustix::event::EventfdFlags::CLOEXEC | rustix::event::EventfdFlags::NONBLOCK;
        Ok(Self {
            state: Mutex::default(),
            wake: rustix::event::eventfd(0, flags)?,
        })
    }

    /// Nothing under this lock can panic half-way, so a poisoned one is as good as any.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self) {
        // Full means that the supervisor has been woken more often than it can count; it will look.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    fn quiet(&self) {
        let mut count = [0; 8];
        // Empty means that nobody has woken us.
        let _ = rustix::io::read(&self.wake, &mut count);
    }
}

pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    options: WorkerOptions,
    worker: Option<WorkerProcess>,
    spare: Option<WorkerProcess>,
}

/// A worker, its spare and the first new one may all be taken; a fourth is no accident.
const MAX_RETRIES: u32 = 2;

/// Why an exchange with a worker gave no answer.
enum Failure {
    Page(PageError),
    /// Something more urgent waits; the job goes back.
    InTheWay,
    /// The worker was gone before it had read the request, which is not the document's fault.
    Unread(PageError),
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

    /// Serves until the last handle is gone.
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
                None => self.rest(),
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
            Err(Failure::Page(error) | Failure::Unread(error)) => deliver(job, Err(error)),
            Err(Failure::InTheWay) => self.shared.lock().queue.push(job),
        }
    }

    fn exchange(&mut self, job: &Job) -> Result<Answer, Failure> {
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
        let mut outcome = self.attempt(job);
        // The system may take an idle worker when it is short of memory, and perhaps its spare with it.
        for _ in 0..MAX_RETRIES {
            if !matches!(outcome, Err(Failure::Unread(_))) {
                break;
            }
            outcome = self.attempt(job);
        }
        outcome
    }

    fn attempt(&mut self, job: &Job) -> Result<Answer, Failure> {
        let mut worker = self.greeted_worker()?;
        let started = Instant::now();
        let document = job.document.id();
        let request = Request {
            document,
            operation: job.operation.clone(),
        };
        let descriptor = (worker.holds != Some(document)).then(|| job.document.descriptor());
        if worker.ask(&request, descriptor).is_err() {
            return Err(Failure::Unread(died(worker, &self.options)));
        }
        let (worker, frame) =
            self.await_frame(worker, job, started, self.options.request_deadline)?;
        self.conclude(worker, frame, job, started)
    }

    /// A worker that has reported to be locked in: one that waits, or a new one.
    fn greeted_worker(&mut self) -> Result<WorkerProcess, Failure> {
        while let Some(worker) = self.worker.take().or_else(|| self.spare.take()) {
            match self.greet(worker) {
                Ok(worker) => return Ok(worker),
                Err(Failure::Unread(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        let worker = WorkerProcess::start(&self.options).map_err(|error| {
            unavailable(&format!("{}: {error}", self.options.program.display()))
        })?;
        self.greet(worker)
    }

    fn greet(&self, mut worker: WorkerProcess) -> Result<WorkerProcess, Failure> {
        if worker.is_gone() {
            return Err(Failure::Unread(unavailable(
                &died(worker, &self.options).to_string(),
            )));
        }
        if worker.is_greeted() {
            return Ok(worker);
        }
        let started = Instant::now();
        loop {
            match worker.answer() {
                Ok(None) if worker.is_greeted() => return Ok(worker),
                Ok(None) => {}
                Ok(Some(_)) => return Err(unavailable("it speaks out of turn").into()),
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

    /// Waits for the answer to a request that has been sent. The worker is gone when this fails.
    fn await_frame(
        &self,
        mut worker: WorkerProcess,
        job: &Job,
        started: Instant,
        deadline: Duration,
    ) -> Result<(WorkerProcess, Frame), Failure> {
        let mut in_the_way_since: Option<Instant> = None;
        loop {
            match worker.answer() {
                Ok(Some(frame)) => return Ok((worker, frame)),
                Ok(None) => {}
                Err(FrameError::Closed) => return Err(died(worker, &self.options).into()),
                // A connection is reset, not closed, when its other end goes without having read everything.
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
            match self.standing(job) {
                Standing::Wanted => in_the_way_since = None,
                Standing::Closing => {
                    worker.kill();
                    return Err(PageError::Cancelled.into());
                }
                Standing::InTheWay => {
                    let since = *in_the_way_since.get_or_insert(now);
                    let patience = self.options.urgent_patience;
                    match patience.checked_sub(now.duration_since(since)) {
                        Some(rest) if !rest.is_zero() => left = left.min(rest),
                        _ => {
                            worker.kill();
                            return Err(Failure::InTheWay);
                        }
                    }
                }
            }
            self.watch(&worker, left);
        }
    }

    fn standing(&self, job: &Job) -> Standing {
        let state = self.shared.lock();
        if state.closing {
            return Standing::Closing;
        }
        let Some(waiting) = state.queue.most_urgent() else {
            return Standing::Wanted;
        };
        match &state.running {
            Some(running) if running.cancelled || waiting > running.priority => Standing::InTheWay,
            None if waiting > job.priority => Standing::InTheWay,
            _ => Standing::Wanted,
        }
    }

    /// Sleeps until the worker says something, somebody wakes us, or the time is up.
    fn watch(&self, worker: &WorkerProcess, at_most: Duration) {
        let mut descriptors = [
            PollFd::from_borrowed_fd(worker.socket(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.shared.wake.as_fd(), PollFlags::IN),
        ];
        // An error means an early return, and the caller looks at everything anew anyway.
        let _ = rustix::event::poll(&mut descriptors, timespec(at_most).as_ref());
        self.shared.quiet();
    }

    fn conclude(
        &mut self,
        mut worker: WorkerProcess,
        frame: Frame,
        job: &Job,
        started: Instant,
    ) -> Result<Answer, Failure> {
        let broken = |detail: &str| {
            Failure::Page(PageError::WorkerDied {
                detail: format!("it answered what cannot be: {detail}"),
            })
        };
        // Returning early drops the worker, and with it a process that cannot be trusted any more.
        let reply: Reply = frame.decode().map_err(|error| broken(&error.to_string()))?;
        let answer = match (reply.outcome, &job.operation) {
            (Outcome::Failed(fault), _) => Err(Failure::Page(fault.into())),
            (Outcome::Opened(info), Operation::Open) => {
                if info.pages.is_empty() || info.pages.len() > self.options.max_pages as usize {
                    return Err(broken("an impossible number of pages"));
                }
                Ok(Answer::Opened(info))
            }
            (Outcome::Text(text), Operation::Text { .. }) => Ok(Answer::Text(text)),
            (Outcome::Rendered(drawing), Operation::Render { page, .. }) => {
                let pixels = frame.descriptor.ok_or_else(|| broken("no pixels"))?;
                let image = self
                    .take_pixels(&drawing, &pixels)
                    .map_err(|e| broken(&e))?;
                Ok(Answer::Rendered(RenderedPage {
                    page: *page,
                    page_count: drawing.page_count,
                    page_size: drawing.page_size,
                    region: drawing.region,
                    scale: drawing.scale,
                    image,
                    warnings: drawing.warnings,
                    took: started.elapsed(),
                    worker_peak_bytes: worker.peak_bytes().unwrap_or(0),
                }))
            }
            _ => return Err(broken("an answer to another question")),
        };
        worker.holds = reply.holds;
        self.worker = Some(worker);
        answer
    }

    fn take_pixels(&self, drawing: &Drawing, pixels: &OwnedFd) -> Result<PageImage, String> {
        let count = u64::from(drawing.width) * u64::from(drawing.height);
        if count == 0 || count > self.options.max_pixels {
            return Err("an impossible number of pixels".into());
        }
        let pixels = memory::map_frozen(pixels, count * 4).map_err(|error| error.to_string())?;
        Ok(PageImage {
            width: drawing.width,
            height: drawing.height,
            pixels,
        })
    }

    /// Has workers started before they are wanted.
    fn prepare(&mut self) {
        if self.worker.is_none() {
            self.worker = self.spare.take().or_else(|| self.start());
        }
        if self.options.warm_spare && self.spare.is_none() && self.worker.is_some() {
            self.spare = self.start();
        }
    }

    fn start(&self) -> Option<WorkerProcess> {
        // The next request tries again and reports it to whoever asks.
        WorkerProcess::start(&self.options)
            .inspect_err(|error| {
                tracing::error!(program = %self.options.program.display(), %error, "the page worker cannot be started");
            })
            .ok()
    }

    /// Nothing is wanted: readies the next worker, and after a while lets go of what the last one keeps.
    fn rest(&mut self) {
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
        self.shared.quiet();
        if holds && matches!(woken, Ok(0)) {
            self.release();
        }
    }

    /// Has the worker drop its document, and replaces it when it has grown or served long enough.
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
            // Dropping a document takes milliseconds; whoever asks meanwhile gets the spare.
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

enum Standing {
    Wanted,
    InTheWay,
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

/// Why a worker that never got a request is gone.
fn not_started(worker: WorkerProcess) -> PageError {
    match worker.autopsy() {
        Death::OutOfMemory => unavailable("its address space is too small to start in"),
        Death::Other(cause) => unavailable(&cause),
    }
}

fn died(worker: WorkerProcess, options: &WorkerOptions) -> PageError {
    match worker.autopsy() {
        Death::OutOfMemory => PageError::TooLarge {
            detail: format!(
                "drawing it needs more than the {} MiB of memory a worker may use",
                options.address_space_bytes / (1024 * 1024)
            ),
        },
        Death::Other(detail) => PageError::WorkerDied { detail },
    }
}

/// A callback that panics takes down neither the supervisor nor the requests after it.
fn deliver(job: Job, outcome: Result<Answer, PageError>) {
    let deliver = job.deliver;
    if std::panic::catch_unwind(AssertUnwindSafe(|| deliver(outcome))).is_err() {
        tracing::error!("the receiver of a page panicked");
    }
}

/// Answers a job that never reached the supervisor.
pub(crate) fn refuse(job: Job) {
    deliver(job, Err(PageError::Cancelled));
}
