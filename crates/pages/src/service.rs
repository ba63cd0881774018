//! The public handle for page requests.

use crate::document::Document;
use crate::error::PageError;
use crate::geometry::{PageRect, Scale};
use crate::options::WorkerOptions;
use crate::page_image::RenderedPage;
use crate::protocol::{DocumentInfo, Operation};
use crate::queue::{Deliver, Job, Priority, RequestId, WorkerReply};
use crate::supervisor::{Shared, Supervisor, refuse};
use crate::text::PageText;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

/// Draws pages and reads their words.
///
/// Cheap to clone. Only the `…_blocking` methods wait, so the others may be called on the interface thread.
/// Every request is answered exactly once, through its callback, on the service's own thread; a callback forwards the
/// answer and returns. When the last handle is dropped, the workers are killed and open requests are answered with
/// [`PageError::Cancelled`].
#[derive(Clone)]
pub struct PageService {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// A request for the pixels of a page or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenderRequest {
    /// The page, counted from zero.
    pub page: u32,
    /// A part of the page, in points; `None` is the whole page.
    pub region: Option<PageRect>,
    pub scale: Scale,
}

impl RenderRequest {
    /// The whole page, `width` pixels wide.
    #[must_use]
    pub fn fit_width(page: u32, width: u32) -> Self {
        Self {
            page,
            region: None,
            scale: Scale::FitWidth(width),
        }
    }
}

impl PageService {
    /// Starts the service and its first workers, on a thread of its own.
    ///
    /// A worker that cannot be started is reported by the requests, not here.
    ///
    /// # Errors
    ///
    /// When the system has no thread or descriptor left.
    pub fn start(options: WorkerOptions) -> std::io::Result<Self> {
        let (shared, serve) = parts(options)?;
        let thread = std::thread::Builder::new()
            .name("pages".into())
            .spawn(serve)?;
        Ok(Self {
            handle: Arc::new(Handle {
                shared,
                thread: Some(thread),
            }),
        })
    }

    /// The service, and what serves its requests: for a caller that supervises its threads.
    ///
    /// It serves until the last handle is dropped.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left.
    pub fn with_thread(
        options: WorkerOptions,
    ) -> std::io::Result<(Self, impl FnOnce() + Send + 'static)> {
        let (shared, serve) = parts(options)?;
        let thread = None;
        let handle = Arc::new(Handle { shared, thread });
        Ok((Self { handle }, serve))
    }

    /// Requests the kind of the document and the sizes of its pages.
    pub fn open(
        &self,
        document: &Document,
        priority: Priority,
        deliver: impl FnOnce(Result<DocumentInfo, PageError>) + Send + 'static,
    ) -> RequestId {
        let deliver = move |answer| {
            deliver(match answer {
                Ok(WorkerReply::Opened(info)) => Ok(info),
                Ok(_) => Err(mismatch()),
                Err(error) => Err(error),
            });
        };
        self.request(document, Operation::Open, priority, Box::new(deliver))
    }

    /// Requests the pixels of a page. The document need not have been opened before.
    pub fn render(
        &self,
        document: &Document,
        request: RenderRequest,
        priority: Priority,
        deliver: impl FnOnce(Result<RenderedPage, PageError>) + Send + 'static,
    ) -> RequestId {
        let deliver = move |answer| {
            deliver(match answer {
                Ok(WorkerReply::Rendered(page)) => Ok(page),
                Ok(_) => Err(mismatch()),
                Err(error) => Err(error),
            });
        };
        let operation = Operation::Render {
            page: request.page,
            region: request.region,
            scale: request.scale,
        };
        self.request(document, operation, priority, Box::new(deliver))
    }

    /// Requests the words of a page, counted from zero. A picture has none.
    pub fn text(
        &self,
        document: &Document,
        page: u32,
        priority: Priority,
        deliver: impl FnOnce(Result<PageText, PageError>) + Send + 'static,
    ) -> RequestId {
        let deliver = move |answer| {
            deliver(match answer {
                Ok(WorkerReply::Text(text)) => Ok(text),
                Ok(_) => Err(mismatch()),
                Err(error) => Err(error),
            });
        };
        self.request(
            document,
            Operation::Text { page },
            priority,
            Box::new(deliver),
        )
    }

    /// Cancels a request.
    ///
    /// A queued request is answered with [`PageError::Cancelled`] at once. A running one is killed as soon as another
    /// needs its worker.
    pub fn cancel(&self, id: RequestId) {
        let removed = {
            let mut state = self.handle.shared.lock();
            if let Some(running) = state.running.as_mut().filter(|running| running.id == id) {
                running.cancelled = true;
            }
            state.queue.remove(id)
        };
        match removed {
            Some(job) => refuse(job),
            None => self.handle.shared.wake(),
        }
    }

    /// Changes the priority of a request, for instance when the reader turned to the next page.
    pub fn set_priority(&self, id: RequestId, priority: Priority) {
        {
            let mut state = self.handle.shared.lock();
            if let Some(running) = state.running.as_mut().filter(|running| running.id == id) {
                running.priority = priority;
            }
            state.queue.set_priority(id, priority);
        }
        self.handle.shared.wake();
    }

    /// [`open`](Self::open), waiting for the answer.
    ///
    /// # Errors
    ///
    /// As the document gives cause.
    pub fn open_blocking(&self, document: &Document) -> Result<DocumentInfo, PageError> {
        blocking(|deliver| {
            self.open(document, Priority::Visible, deliver);
        })
    }

    /// [`render`](Self::render), waiting for the answer.
    ///
    /// # Errors
    ///
    /// As the document gives cause.
    pub fn render_blocking(
        &self,
        document: &Document,
        request: RenderRequest,
    ) -> Result<RenderedPage, PageError> {
        blocking(|deliver| {
            self.render(document, request, Priority::Visible, deliver);
        })
    }

    /// [`text`](Self::text), waiting for the answer.
    ///
    /// # Errors
    ///
    /// As the document gives cause.
    pub fn text_blocking(&self, document: &Document, page: u32) -> Result<PageText, PageError> {
        blocking(|deliver| {
            self.text(document, page, Priority::Visible, deliver);
        })
    }

    fn request(
        &self,
        document: &Document,
        operation: Operation,
        priority: Priority,
        deliver: Deliver,
    ) -> RequestId {
        let id = {
            let mut state = self.handle.shared.lock();
            state.next_id += 1;
            let id = RequestId(state.next_id);
            state.queue.push(Job {
                id,
                priority,
                document: document.clone(),
                operation,
                deliver,
            });
            id
        };
        self.handle.shared.wake();
        id
    }
}

fn parts(options: WorkerOptions) -> std::io::Result<(Arc<Shared>, impl FnOnce() + Send + 'static)> {
    let shared = Arc::new(Shared::new()?);
    let supervisor = Supervisor::new(shared.clone(), options);
    Ok((shared, move || supervisor.run()))
}

fn mismatch() -> PageError {
    PageError::WorkerDied {
        detail: "it answered another request".into(),
    }
}

fn blocking<T: Send + 'static>(
    ask: impl FnOnce(Box<dyn FnOnce(Result<T, PageError>) + Send>),
) -> Result<T, PageError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    ask(Box::new(move |answer| {
        // The receiver waits below.
        let _ = sender.send(answer);
    }));
    receiver.recv().unwrap_or(Err(PageError::Cancelled))
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake();
        if let Some(thread) = self.thread.take() {
            // The last handle may be dropped by a callback on the service's own thread, which cannot join itself.
            if thread.thread().id() != std::thread::current().id() {
                // Its panics were caught and logged where they happened.
                let _ = thread.join();
            }
        }
    }
}
