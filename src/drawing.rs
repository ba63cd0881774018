//! Renders pages away from the interface's thread.
//!
//! One thread takes the list of drawings that are needed now, verifies and opens documents,
//! asks the page worker, cancels what is no longer wanted, and delivers pixels ready for the screen.
//! The interface never waits: it sends a list and goes on.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, mpsc};

use slint::{Rgb8Pixel, SharedPixelBuffer};
use vyveska_pages::{
    Document, DocumentInfo, PageError, PageRect, PageService, Priority, RenderRequest,
    RenderedPage, RequestId, Scale, WorkerOptions,
};
use vyveska_wire::manifest::ContentHash;

use crate::state::{Drawing, Frame, Opened, Region, RenderRequests, Size, Unreadable};
use crate::worker::Worker;

mod batch;
mod pixels;

use batch::{Batch, batches};
use pixels::{Cut, Drawn};

/// How many documents are kept open and verified.
const OPEN_DOCUMENTS: usize = 8;

/// Opens documents by hash, verified.
pub trait Documents: Send {
    /// Opens a document whose bytes have just been verified; `None` when it is not here.
    fn open(&self, hash: &ContentHash) -> Option<File>;
}

/// The outcome of a request.
#[derive(Debug)]
pub enum Delivery {
    /// A document was opened, or cannot be.
    Opened {
        document: ContentHash,
        /// The sizes of its pages in points.
        outcome: Opened,
        /// The reason by its stable name, when it cannot be opened.
        code: Option<&'static str>,
    },
    /// Drawings are done, with their pixels.
    Drawn(Vec<(Drawing, SharedPixelBuffer<Rgb8Pixel>)>),
    /// One page cannot be drawn though its document opens.
    PageFailed {
        drawing: Drawing,
        reason: Unreadable,
        /// The reason by its stable name.
        code: &'static str,
    },
}

enum Command {
    Want(RenderRequests),
    Replied(PageReply),
    Stop,
}

enum PageReply {
    Opened(ContentHash, Result<DocumentInfo, PageError>),
    Rendered(Batch, Result<RenderedPage, PageError>),
}

/// Takes render requests and delivers drawings.
pub struct DrawingWorker {
    commands: mpsc::Sender<Command>,
    worker: Worker,
    /// Serves the requests for pages.
    pages: Worker,
}

impl DrawingWorker {
    /// Starts the worker's thread and that of the page service.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn start(
        options: WorkerOptions,
        documents: impl Documents + 'static,
        deliver: impl Fn(Delivery) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (pages, serve) = PageService::with_thread(options)?;
        let pages_worker = Worker::start("pages", serve)?;
        let (commands, receiver) = mpsc::channel();
        let drawing = DrawingThread {
            pages,
            documents: Box::new(documents),
            deliver: Box::new(deliver),
            replies: commands.clone(),
            open: Vec::new(),
            opening: HashSet::new(),
            pending: HashMap::new(),
            wanted: RenderRequests::default(),
        };
        let worker = Worker::start("drawing", move || drawing.run(&receiver))?;
        Ok(Self {
            commands,
            worker,
            pages: pages_worker,
        })
    }

    /// Replaces the list of drawings that are needed and not cached.
    pub fn want(&self, wanted: RenderRequests) {
        // A worker whose thread is gone has been stopped: nothing is needed any more.
        let _ = self.commands.send(Command::Want(wanted));
    }
}

impl Drop for DrawingWorker {
    fn drop(&mut self) {
        self.worker.may_end();
        self.pages.may_end();
        let _ = self.commands.send(Command::Stop);
        // It has the last handle of the page service.
        self.worker.join();
        self.pages.join();
    }
}

struct OpenDocument {
    hash: ContentHash,
    document: Document,
    /// Known once the worker opened it.
    pages: Option<Arc<[Size]>>,
}

struct DrawingThread {
    pages: PageService,
    documents: Box<dyn Documents>,
    deliver: Box<dyn Fn(Delivery) + Send>,
    replies: mpsc::Sender<Command>,
    /// The most recently used last.
    open: Vec<OpenDocument>,
    opening: HashSet<ContentHash>,
    pending: HashMap<Drawing, RequestId>,
    wanted: RenderRequests,
}

impl DrawingThread {
    fn run(mut self, commands: &mpsc::Receiver<Command>) {
        while let Ok(command) = commands.recv() {
            match command {
                Command::Want(wanted) => self.want(wanted),
                Command::Replied(PageReply::Opened(hash, outcome)) => self.opened(hash, outcome),
                Command::Replied(PageReply::Rendered(batch, outcome)) => {
                    self.rendered(&batch, outcome);
                }
                Command::Stop => break,
            }
        }
    }

    fn want(&mut self, wanted: RenderRequests) {
        let unwanted: Vec<Drawing> = self
            .pending
            .keys()
            .filter(|pending| !wanted.contains(pending))
            .copied()
            .collect();
        for drawing in unwanted {
            if let Some(request) = self.pending.remove(&drawing)
                && !self.pending.values().any(|pending| *pending == request)
            {
                self.pages.cancel(request);
            }
        }
        self.wanted = wanted;
        self.ask();
    }

    /// Asks for everything wanted that is not asked for yet.
    fn ask(&mut self) {
        let RenderRequests { now, soon } = self.wanted.clone();
        for drawing in &now {
            // What was requested ahead of time may be waited for by now.
            if let Some(request) = self.pending.get(drawing) {
                self.pages.set_priority(*request, Priority::Visible);
            }
        }
        for (drawings, priority) in [(now, Priority::Visible), (soon, Priority::Neighbour)] {
            let unasked: Vec<Drawing> = drawings
                .into_iter()
                .filter(|drawing| !self.pending.contains_key(drawing))
                .collect();
            for batch in batches(&unasked) {
                self.ask_for(batch, priority);
            }
        }
    }

    fn ask_for(&mut self, batch: Batch, priority: Priority) {
        let drawing = batch.whole;
        let Some(position) = self.document(drawing.document) else {
            return;
        };
        let entry = &self.open[position];
        let (document, pages) = (entry.document.clone(), entry.pages.clone());
        let Some(pages) = pages else {
            self.ask_to_open(drawing.document, &document);
            if drawing.page == 0 && drawing.region.is_none() && drawing.rotation.number() == 0 {
                let request = RenderRequest::fit_width(0, drawing.page_width);
                self.ask_to_draw(batch, &document, request, Priority::Visible);
            }
            return;
        };
        let Some(page) = pages.get(drawing.page as usize) else {
            return;
        };
        let request = match drawing.region {
            None if drawing.rotation.number() == 0 => {
                RenderRequest::fit_width(drawing.page, drawing.page_width)
            }
            None => turned(drawing, *page),
            Some(region) => part(drawing, region, *page),
        };
        self.ask_to_draw(batch, &document, request, priority);
    }

    fn document(&mut self, hash: ContentHash) -> Option<usize> {
        if let Some(position) = self.open.iter().position(|entry| entry.hash == hash) {
            let entry = self.open.remove(position);
            self.open.push(entry);
            return Some(self.open.len() - 1);
        }
        let opened = self
            .documents
            .open(&hash)
            .and_then(|file| Document::from_file(file).ok());
        let Some(document) = opened else {
            (self.deliver)(Delivery::Opened {
                document: hash,
                outcome: Err(Unreadable::Missing),
                code: None,
            });
            return None;
        };
        if self.open.len() >= OPEN_DOCUMENTS {
            self.open.remove(0);
        }
        self.open.push(OpenDocument {
            hash,
            document,
            pages: None,
        });
        Some(self.open.len() - 1)
    }

    fn ask_to_open(&mut self, hash: ContentHash, document: &Document) {
        if !self.opening.insert(hash) {
            return;
        }
        let replies = self.replies.clone();
        self.pages
            .open(document, Priority::Visible, move |outcome| {
                send_reply(&replies, PageReply::Opened(hash, outcome));
            });
    }

    fn ask_to_draw(
        &mut self,
        batch: Batch,
        document: &Document,
        request: RenderRequest,
        priority: Priority,
    ) {
        let replies = self.replies.clone();
        let parts = batch.parts.clone();
        let id = self
            .pages
            .render(document, request, priority, move |outcome| {
                send_reply(&replies, PageReply::Rendered(batch, outcome));
            });
        self.pending
            .extend(parts.into_iter().map(|part| (part, id)));
    }

    fn opened(&mut self, hash: ContentHash, outcome: Result<DocumentInfo, PageError>) {
        self.opening.remove(&hash);
        let outcome = match outcome {
            Ok(info) if info.pages.is_empty() => Err(PageError::Empty),
            Ok(info) => Ok(info
                .pages
                .iter()
                .map(|page| Size {
                    width: page.width,
                    height: page.height,
                })
                .collect::<Arc<[Size]>>()),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(pages) => {
                if let Some(entry) = self.open.iter_mut().find(|entry| entry.hash == hash) {
                    entry.pages = Some(Arc::clone(&pages));
                }
                (self.deliver)(Delivery::Opened {
                    document: hash,
                    outcome: Ok(pages),
                    code: None,
                });
                self.ask();
            }
            Err(PageError::Cancelled) => {}
            Err(error) => self.report_unreadable(hash, &error),
        }
    }

    fn rendered(&mut self, batch: &Batch, outcome: Result<RenderedPage, PageError>) {
        if matches!(outcome, Err(PageError::Cancelled)) {
            // Some of it may be needed again by now, under another request.
            return;
        }
        for part in &batch.parts {
            self.pending.remove(part);
        }
        match outcome {
            Ok(page) => self.deliver_parts(batch, &page),
            Err(error) => self.report_page(batch, &error),
        }
    }

    fn deliver_parts(&self, batch: &Batch, page: &RenderedPage) {
        let drawn = Drawn {
            width: page.image.width(),
            height: page.image.height(),
            pixels: page.image.pixels(),
        };
        let cut = |part: &Drawing| {
            let cut = match (part.region, batch.whole.region) {
                (Some(part), Some(whole)) => Cut {
                    x: part.x - whole.x,
                    y: part.y - whole.y,
                    width: part.width,
                    height: part.height,
                },
                _ => {
                    let (width, height) = drawn.turned(part.rotation);
                    Cut {
                        x: 0,
                        y: 0,
                        width,
                        height,
                    }
                }
            };
            (*part, drawn.cut(part.rotation, cut))
        };
        (self.deliver)(Delivery::Drawn(batch.parts.iter().map(cut).collect()));
    }

    fn report_page(&mut self, batch: &Batch, error: &PageError) {
        let drawing = batch.whole;
        // A failed page is not requested again by itself: the state forgets the failure when new bytes arrive.
        let other =
            |wanted: &Drawing| (wanted.document, wanted.page) != (drawing.document, drawing.page);
        self.wanted.now.retain(other);
        self.wanted.soon.retain(other);
        if drawing.page == 0 {
            self.report_unreadable(drawing.document, error);
        } else {
            tracing::warn!(%error, page = drawing.page + 1, document = %drawing.document, "a page cannot be drawn");
            (self.deliver)(Delivery::PageFailed {
                drawing,
                reason: unreadable(error),
                code: error.code(),
            });
        }
    }

    fn report_unreadable(&mut self, hash: ContentHash, error: &PageError) {
        self.wanted.now.retain(|wanted| wanted.document != hash);
        self.wanted.soon.retain(|wanted| wanted.document != hash);
        self.open.retain(|entry| entry.hash != hash);
        tracing::warn!(%error, document = %hash, "a document cannot be shown");
        (self.deliver)(Delivery::Opened {
            document: hash,
            outcome: Err(unreadable(error)),
            code: Some(error.code()),
        });
    }
}

fn send_reply(replies: &mpsc::Sender<Command>, reply: PageReply) {
    // Once the worker has stopped nobody waits for the reply.
    let _ = replies.send(Command::Replied(reply));
}

/// A region in pixels of the wanted scale, as the worker takes it: in points, and not turned.
fn part(drawing: Drawing, region: Region, page: Size) -> RenderRequest {
    let turned = drawing.rotation.size(page);
    let scale = drawing.page_width as f32 / turned.width.max(0.1);
    let frame = Frame {
        x: region.x as f32 / scale,
        y: region.y as f32 / scale,
        width: region.width as f32 / scale,
        height: region.height as f32 / scale,
    };
    let frame = drawing.rotation.back().frame(frame, turned);
    RenderRequest {
        page: drawing.page,
        region: Some(PageRect {
            x: frame.x,
            y: frame.y,
            width: frame.width,
            height: frame.height,
        }),
        scale: Scale::PerPoint(scale),
    }
}

/// A whole page that will be turned.
fn turned(drawing: Drawing, page: Size) -> RenderRequest {
    let width = drawing.rotation.size(page).width.max(0.1);
    RenderRequest {
        page: drawing.page,
        region: None,
        scale: Scale::PerPoint(drawing.page_width as f32 / width),
    }
}

fn unreadable(error: &PageError) -> Unreadable {
    match error {
        PageError::PasswordProtected => Unreadable::PasswordProtected,
        PageError::Empty => Unreadable::Empty,
        PageError::TooLarge { .. } => Unreadable::TooLarge,
        PageError::TimedOut { .. } | PageError::WorkerDied { .. } => Unreadable::TooDemanding,
        PageError::Unsupported { .. } => Unreadable::Unsupported,
        _ => Unreadable::Broken,
    }
}
