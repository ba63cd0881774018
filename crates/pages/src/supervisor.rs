//! The thread that owns the workers.
//!
//! It serves one request at a time with one worker. While the worker computes, it watches the answer, the deadline,
//! cancellation, and the arrival of a more urgent request. A worker cannot be interrupted, only killed; a confined
//! spare that is ready makes this cheap. The preempted request goes back to the queue unless it was cancelled.

use crate::error::PageError;
use crate::geometry::{Plan, plan};
use crate::memory;
use crate::options::WorkerOptions;
use crate::page_image::{PageImage, RenderedPage};
use crate::protocol::frames::{Frame, FrameError};
use crate::protocol::{Operation, Outcome, Reply, Request};
use crate::queue::{Job, Queue, RequestId, WorkerReply};
use crate::worker_process::{ExitCause, WorkerProcess};
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

    /// No code under this lock can panic half-way, so a poisoned lock is usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self) {
        // A full counter means that the supervisor is being woken already.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    fn drain_wake(&self) {
        let mut count = [0; 8];
        // An empty counter is no error: poll may have returned for another reason.
        let _ = rustix::io::read(&self.wake, &mut count);
    }
}

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
            Err(Failure::Page(error) | Failure::Unread(error)) => deliver(job, Err(error)),
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
        let mut worker = self.ready_worker()?;
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

    fn conclude(
        &mut self,
        mut worker: WorkerProcess,
        frame: Frame,
        job: &Job,
        started: Instant,
    ) -> Result<WorkerReply, Failure> {
        let broken = |detail: &str| {
            Failure::Page(PageError::WorkerDied {
                detail: format!("its answer is invalid: {detail}"),
            })
        };
        // Returning early drops and kills the worker: a process that breaks the protocol is not trusted any more.
        let reply: Reply = frame.decode().map_err(|error| broken(&error.to_string()))?;
        let answer = match (reply.outcome, &job.operation) {
            (Outcome::Failed(fault), _) => Err(Failure::Page(fault.into())),
            (Outcome::Opened(info), Operation::Open) => {
                if info.pages.is_empty() || info.pages.len() > self.options.max_pages as usize {
                    return Err(broken("an impossible number of pages"));
                }
                if !job.document.agrees(&info) {
                    return Err(broken("other pages than before"));
                }
                Ok(WorkerReply::Opened(info))
            }
            (Outcome::Text(text), Operation::Text { .. }) => Ok(WorkerReply::Text(text)),
            (
                Outcome::Rendered(drawing),
                Operation::Render {
                    page,
                    region,
                    scale,
                },
            ) => {
                if !job
                    .document
                    .has_page(*page, drawing.page_size, drawing.page_count)
                {
                    return Err(broken("another page size than before"));
                }
                let plan = plan(drawing.page_size, *region, *scale, self.options.max_pixels)
                    .map_err(|_| broken("an impossible page size"))?;
                let pixels = frame.descriptor.ok_or_else(|| broken("no pixels"))?;
                let image = take_pixels(&plan, &pixels).map_err(|e| broken(&e.to_string()))?;
                Ok(WorkerReply::Rendered(RenderedPage {
                    page: *page,
                    page_count: drawing.page_count,
                    page_size: drawing.page_size,
                    region: plan.region,
                    scale: plan.scale,
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

/// Maps the pixels of an answer, which must be exactly as many as planned.
fn take_pixels(plan: &Plan, pixels: &OwnedFd) -> std::io::Result<PageImage> {
    let count = u64::from(plan.width) * u64::from(plan.height);
    Ok(PageImage {
        width: plan.width,
        height: plan.height,
        pixels: memory::map_sealed(pixels, count * 4)?,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::geometry::{PageSize, Scale};
    use crate::memory::Draft;
    use crate::protocol::frames::{self, FrameReader, MAX_REQUEST_BYTES};
    use crate::protocol::{DocumentInfo, DocumentKind, Drawing, Hello};
    use crate::queue::Priority;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use std::process::{Command, Stdio};
    use vyveska_confine::LandlockState;

    const PAGE: PageSize = PageSize {
        width: 200.0,
        height: 100.0,
    };

    /// What the client makes of an answer with so many pixels, by a worker that says what the test has it say.
    fn answered(
        document: &Document,
        operation: Operation,
        outcome: Outcome,
        pixels: Option<usize>,
    ) -> Result<WorkerReply, PageError> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
        let child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let worker = std::thread::spawn(move || {
            let landlock = LandlockState::Full;
            frames::send(theirs.as_fd(), &Hello { landlock }, None, true).unwrap();
            FrameReader::new(MAX_REQUEST_BYTES)
                .read(theirs.as_fd())
                .unwrap();
            let pixels = pixels.map(|count| Draft::new(count * 4).unwrap().seal().unwrap());
            let pixels = pixels.as_ref().map(AsFd::as_fd);
            let holds = None;
            frames::send(theirs.as_fd(), &Reply { holds, outcome }, pixels, true).unwrap();
        });
        let options = WorkerOptions {
            request_deadline: Duration::from_secs(60),
            start_deadline: Duration::from_secs(60),
            ..WorkerOptions::new("/nonexistent")
        };
        let mut supervisor = Supervisor::new(Arc::new(Shared::new().unwrap()), options);
        supervisor.worker = Some(WorkerProcess::new(child, ours));
        let outcome = supervisor.exchange(&Job {
            id: RequestId(1),
            priority: Priority::Visible,
            document: document.clone(),
            operation,
            deliver: Box::new(|_| {}),
        });
        worker.join().unwrap();
        outcome.map_err(|failure| match failure {
            Failure::Page(error) | Failure::Unread(error) => error,
            Failure::Preempted => PageError::Cancelled,
        })
    }

    fn render(
        document: &Document,
        scale: Scale,
        page_size: PageSize,
        page_count: u32,
        pixels: usize,
    ) -> Result<WorkerReply, PageError> {
        let operation = Operation::Render {
            page: 0,
            region: None,
            scale,
        };
        let outcome = Outcome::Rendered(Drawing {
            page_count,
            page_size,
            warnings: Vec::new(),
        });
        answered(document, operation, outcome, Some(pixels))
    }

    #[track_caller]
    fn check_lie(answer: Result<WorkerReply, PageError>) {
        assert!(
            matches!(answer, Err(PageError::WorkerDied { .. })),
            "{answer:?}"
        );
    }

    #[test]
    fn an_answer_has_exactly_the_planned_number_of_pixels() {
        let document = Document::from_bytes(b"x").unwrap();
        let scale = Scale::FitWidth(50);
        let honest = render(&document, scale, PAGE, 1, 50 * 25);
        let Ok(WorkerReply::Rendered(page)) = honest else {
            panic!("{honest:?}");
        };
        assert_eq!((page.image.width(), page.image.height()), (50, 25));
        for lie in [1, 50 * 25 - 1, 50 * 25 + 1, 32_000_000] {
            check_lie(render(&document, scale, PAGE, 1, lie));
        }
    }

    #[test]
    fn a_document_keeps_the_pages_that_were_first_stated() {
        let document = Document::from_bytes(b"x").unwrap();
        let open = |pages: &[PageSize]| {
            let info = DocumentInfo {
                kind: DocumentKind::Pdf,
                pages: pages.to_vec(),
            };
            answered(&document, Operation::Open, Outcome::Opened(info), None)
        };
        assert!(open(&[PAGE]).is_ok());
        assert!(open(&[PAGE]).is_ok());
        check_lie(open(&[PAGE, PAGE]));
        // Consistent in itself, and 32 megapixels where 20,000 were expected.
        let scale = Scale::PerPoint(1.0);
        let tall = PageSize {
            width: 1000.0,
            height: 32_000.0,
        };
        check_lie(render(&document, scale, tall, 1, 32_000_000));
        check_lie(render(&document, scale, PAGE, 2, 20_000));
        assert!(render(&document, scale, PAGE, 1, 20_000).is_ok());
    }
}
