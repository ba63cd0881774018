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

use crate::state::{Drawing, Opened, Region, Size, Unreadable};

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
    /// A drawing is done.
    Drawn {
        /// Which.
        drawing: Drawing,
        /// Its pixels.
        pixels: SharedPixelBuffer<Rgb8Pixel>,
    },
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
    Want(Vec<Drawing>),
    Answered(Answer),
    Stop,
}

enum Answer {
    Opened(ContentHash, Result<DocumentInfo, PageError>),
    Rendered(Drawing, Result<RenderedPage, PageError>),
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
            wanted: Vec::new(),
        };
        let thread = std::thread::Builder::new()
            .name("drawing".into())
            .spawn(move || clerk.run(&receiver))?;
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    /// Says what is wanted now and not here yet, the most urgent first; whatever else was wanted no longer is.
    pub fn want(&self, drawings: Vec<Drawing>) {
        // A desk whose thread is gone has been stopped: nothing is wanted any more.
        let _ = self.orders.send(Order::Want(drawings));
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
    wanted: Vec<Drawing>,
}

impl Clerk {
    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            match order {
                Order::Want(drawings) => self.want(drawings),
                Order::Answered(Answer::Opened(hash, outcome)) => self.opened(hash, outcome),
                Order::Answered(Answer::Rendered(drawing, outcome)) => {
                    self.rendered(drawing, outcome);
                }
                Order::Stop => break,
            }
        }
    }

    fn want(&mut self, drawings: Vec<Drawing>) {
        let unwanted: Vec<Drawing> = self
            .pending
            .keys()
            .filter(|pending| !drawings.contains(pending))
            .copied()
            .collect();
        for drawing in unwanted {
            if let Some(request) = self.pending.remove(&drawing) {
                self.pages.cancel(request);
            }
        }
        self.wanted = drawings;
        self.ask();
    }

    /// Asks for everything wanted that is not asked for yet.
    fn ask(&mut self) {
        for (rank, drawing) in self.wanted.clone().into_iter().enumerate() {
            if self.pending.contains_key(&drawing) {
                continue;
            }
            let Some(position) = self.document(drawing.document) else {
                continue;
            };
            let entry = &self.open[position];
            let (document, pages) = (entry.document.clone(), entry.pages.clone());
            let Some(pages) = pages else {
                self.ask_to_open(drawing.document, &document);
                if drawing.page == 0 && drawing.region.is_none() {
                    self.ask_to_draw(
                        drawing,
                        &document,
                        RenderRequest::fit_width(0, drawing.page_width),
                        Priority::Visible,
                    );
                }
                continue;
            };
            let Some(page) = pages.get(drawing.page as usize) else {
                continue;
            };
            let request = match drawing.region {
                None => RenderRequest::fit_width(drawing.page, drawing.page_width),
                Some(region) => part(drawing, region, *page),
            };
            let priority = if rank < 4 {
                Priority::Visible
            } else {
                Priority::Neighbour
            };
            self.ask_to_draw(drawing, &document, request, priority);
        }
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
        drawing: Drawing,
        document: &Document,
        request: RenderRequest,
        priority: Priority,
    ) {
        let answers = self.answers.clone();
        let id = self
            .pages
            .render(document, request, priority, move |outcome| {
                answer(&answers, Answer::Rendered(drawing, outcome));
            });
        self.pending.insert(drawing, id);
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

    fn rendered(&mut self, drawing: Drawing, outcome: Result<RenderedPage, PageError>) {
        self.pending.remove(&drawing);
        match outcome {
            Ok(page) => (self.deliver)(Delivery::Drawn {
                drawing,
                pixels: opaque(&page),
            }),
            Err(PageError::Cancelled) => {}
            Err(error) => {
                // Nothing is asked for twice by itself: the state forgets the failure when new bytes arrive.
                self.wanted.retain(|wanted| {
                    (wanted.document, wanted.page) != (drawing.document, drawing.page)
                });
                if drawing.page == 0 {
                    self.report_unreadable(drawing.document, &error);
                } else {
                    tracing::warn!(%error, page = drawing.page + 1, document = %drawing.document, "a page cannot be drawn");
                    (self.deliver)(Delivery::PageFailed {
                        drawing,
                        reason: unreadable(&error),
                        code: error.code(),
                    });
                }
            }
        }
    }

    fn report_unreadable(&mut self, hash: ContentHash, error: &PageError) {
        self.wanted.retain(|wanted| wanted.document != hash);
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

/// A region in pixels of the wanted scale, as the worker takes it: in points.
fn part(drawing: Drawing, region: Region, page: Size) -> RenderRequest {
    let scale = drawing.page_width as f32 / page.width.max(0.1);
    RenderRequest {
        page: drawing.page,
        region: Some(PageRect {
            x: region.x as f32 / scale,
            y: region.y as f32 / scale,
            width: region.width as f32 / scale,
            height: region.height as f32 / scale,
        }),
        scale: Scale::PerPoint(scale),
    }
}

/// Three bytes a pixel: pages are opaque, and a quarter of the memory is worth having.
fn opaque(page: &RenderedPage) -> SharedPixelBuffer<Rgb8Pixel> {
    let mut buffer = SharedPixelBuffer::new(page.image.width(), page.image.height());
    for (to, from) in buffer
        .make_mut_slice()
        .iter_mut()
        .zip(page.image.pixels().chunks_exact(4))
    {
        *to = Rgb8Pixel {
            r: from[0],
            g: from[1],
            b: from[2],
        };
    }
    buffer
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
