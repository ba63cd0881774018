//! Gets pages drawn, away from the interface.
//!
//! One thread takes the list of drawings that are wanted now, verifies and opens documents,
//! asks the page worker, cancels what is no longer wanted, and delivers pixels ready for the screen.
//! The interface never waits: it hands over a list and goes on.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use slint::{Rgb8Pixel, SharedPixelBuffer};
use vyveska_pages::{
    Document, DocumentInfo, PageError, PageRect, PageService, Priority, RenderRequest,
    RenderedPage, RequestId, Scale,
};
use vyveska_wire::manifest::ContentHash;

use crate::state::{Drawing, Frame, Opened, Region, Size, Unreadable, Wanted};

mod batch;
mod pixels;

use batch::{Batch, batches};
use pixels::{Cut, Drawn};

/// How many documents are kept open and verified.
const OPEN_DOCUMENTS: usize = 8;

/// Gives documents by hash, verified.
pub trait Documents: Send {
    /// Opens a document whose bytes have just been verified; `None` when it is not here.
    fn open(&self, hash: &ContentHash) -> Option<File>;
}

/// What comes of a wish.
#[derive(Debug)]
pub enum Delivery {
    /// A document was opened, or cannot be.
    Opened {
        /// Which.
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
        /// Which drawing was asked for.
        drawing: Drawing,
        /// Why.
        reason: Unreadable,
        /// The reason by its stable name.
        code: &'static str,
    },
}

enum Order {
    Want(Wanted),
    Answered(Answer),
    Stop,
}

enum Answer {
    Opened(ContentHash, Result<DocumentInfo, PageError>),
    Rendered(Batch, Result<RenderedPage, PageError>),
}

/// Takes wishes and delivers drawings.
pub struct DrawingDesk {
    orders: mpsc::Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl DrawingDesk {
    /// Starts the desk's thread.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn start(
        pages: PageService,
        documents: impl Documents + 'static,
        deliver: impl Fn(Delivery) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, receiver) = mpsc::channel();
        let clerk = Clerk {
            pages,
            documents: Box::new(documents),
            deliver: Box::new(deliver),
            answers: orders.clone(),
            open: Vec::new(),
            opening: HashSet::new(),
            pending: HashMap::new(),
            wanted: Wanted::default(),
        };
        let thread = std::thread::Builder::new()
            .name("drawing".into())
            .spawn(move || clerk.run(&receiver))?;
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    /// Says what is wanted and not here yet; whatever else was wanted no longer is.
    pub fn want(&self, wanted: Wanted) {
        // A desk whose thread is gone has been stopped: nothing is wanted any more.
        let _ = self.orders.send(Order::Want(wanted));
    }
}

impl Drop for DrawingDesk {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct OpenDocument {
    hash: ContentHash,
    document: Document,
    /// Known once the worker opened it.
    pages: Option<Arc<[Size]>>,
}

struct Clerk {
    pages: PageService,
    documents: Box<dyn Documents>,
    deliver: Box<dyn Fn(Delivery) + Send>,
    answers: mpsc::Sender<Order>,
    /// The most recently used last.
    open: Vec<OpenDocument>,
    opening: HashSet<ContentHash>,
    pending: HashMap<Drawing, RequestId>,
    wanted: Wanted,
}

impl Clerk {
    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            match order {
                Order::Want(wanted) => self.want(wanted),
                Order::Answered(Answer::Opened(hash, outcome)) => self.opened(hash, outcome),
                Order::Answered(Answer::Rendered(batch, outcome)) => {
                    self.rendered(&batch, outcome);
                }
                Order::Stop => break,
            }
        }
    }

    fn want(&mut self, wanted: Wanted) {
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
        let Wanted { now, soon } = self.wanted.clone();
        for drawing in &now {
            // What was asked for ahead of time may be waited for by now.
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
            if drawing.page == 0 && drawing.region.is_none() && drawing.turns.number() == 0 {
                let request = RenderRequest::fit_width(0, drawing.page_width);
                self.ask_to_draw(batch, &document, request, Priority::Visible);
            }
            return;
        };
        let Some(page) = pages.get(drawing.page as usize) else {
            return;
        };
        let request = match drawing.region {
            None if drawing.turns.number() == 0 => {
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
        let answers = self.answers.clone();
        self.pages
            .open(document, Priority::Visible, move |outcome| {
                answer(&answers, Answer::Opened(hash, outcome));
            });
    }

    fn ask_to_draw(
        &mut self,
        batch: Batch,
        document: &Document,
        request: RenderRequest,
        priority: Priority,
    ) {
        let answers = self.answers.clone();
        let parts = batch.parts.clone();
        let id = self
            .pages
            .render(document, request, priority, move |outcome| {
                answer(&answers, Answer::Rendered(batch, outcome));
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
            // Some of it may be wanted again by now, under another request.
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
                    let (width, height) = drawn.turned(part.turns);
                    Cut {
                        x: 0,
                        y: 0,
                        width,
                        height,
                    }
                }
            };
            (*part, drawn.cut(part.turns, cut))
        };
        (self.deliver)(Delivery::Drawn(batch.parts.iter().map(cut).collect()));
    }

    fn report_page(&mut self, batch: &Batch, error: &PageError) {
        let drawing = batch.whole;
        // Nothing is asked for twice by itself: the state forgets the failure when new bytes arrive.
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

fn answer(answers: &mpsc::Sender<Order>, answer: Answer) {
    // When the desk has stopped nobody waits for the answer.
    let _ = answers.send(Order::Answered(answer));
}

/// A region in pixels of the wanted scale, as the worker takes it: in points, and not turned.
fn part(drawing: Drawing, region: Region, page: Size) -> RenderRequest {
    let turned = drawing.turns.size(page);
    let scale = drawing.page_width as f32 / turned.width.max(0.1);
    let frame = Frame {
        x: region.x as f32 / scale,
        y: region.y as f32 / scale,
        width: region.width as f32 / scale,
        height: region.height as f32 / scale,
    };
    let frame = drawing.turns.back().frame(frame, turned);
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
    let width = drawing.turns.size(page).width.max(0.1);
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
