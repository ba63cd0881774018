//! Preparation of stored documents: the number of pages and the text.
//!
//! A document is prepared once, by the hash of its bytes, however many notices and towns name it.
//! Its notice is published before that; no publication waits for a preparation.
//! Text inside documents is extracted first, for all documents. Then pages without text are recognised (OCR),
//! one at a time, since that takes seconds a page. Where a rendition is drawn in the place of a document, search and
//! speech get what is drawn: the text is made anew from the rendition, and its pictures of pages are recognised.
//!
//! A document that cannot be prepared has no text: that is stored, and it is not tried again before the next
//! version of this code ([`METHOD`]).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Mutex, OnceCell};
use vyveska_board::Clock;
use vyveska_pages::{Document, DocumentInfo, DocumentKind, PageError, PageSize, WorkerOptions};
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::text_rendition::{MAX_PAGES, MAX_WORDS, TextPage, TextRendition};

use crate::config::{Ocr, UseOfJury};
use crate::document::blobs::Blobs;
use crate::document::reader::{self, LoadError, PageReader};
use crate::jury::Jury;
use crate::storage::{
    HeldContent, LeaseTime, LeasedJob, PreparationQueue, PreparationResult, PreparationStage,
    PreparationTask, StorageError,
};

mod drawing;
mod language;
mod layout;
mod margins;
mod page;
mod recogniser;
mod tsv;

use drawing::Examined;
use recogniser::Recogniser;

/// The version of the results: those of an older version are made again.
pub const METHOD: u32 = 1;

/// The interval between publications of texts while documents are being prepared: every publication makes every display
/// switch.
const PUBLISH_EVERY: TimeDelta = TimeDelta::seconds(30);
/// After how many attempts that failed by the document a document is given up.
const MAX_ATTEMPTS: u32 = 3;
/// After how many attempts that left no word a document is given up: it may be what ends the whole program, or the
/// database was away when they ended.
const MAX_UNFINISHED: u32 = 5;
/// The time limit for the text of one document; the pages after it are left out.
const TEXT_LIMIT: Duration = Duration::from_secs(180);
/// The time limit for recognising one page: it takes four seconds on an idle machine, but runs at a low priority.
const PAGE_LIMIT: Duration = Duration::from_secs(300);
/// The most pages of one document that are recognised.
const MAX_RECOGNISED_PAGES: usize = 60;
/// After this many unreadable pages the rest is left out.
const MAX_TROUBLE: usize = 3;

pub struct Preparer {
    /// The service's, of all towns.
    queue: Arc<dyn PreparationQueue>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    reader: Option<PageReader>,
    ocr: Ocr,
    recogniser: OnceCell<Option<Recogniser>>,
    use_of_jury: UseOfJury,
    jury: OnceCell<Jury>,
    /// One page is recognised at a time.
    recognising: Mutex<()>,
}

/// What the work on a stage needs.
#[derive(Clone, Copy)]
struct Tools<'a> {
    reader: &'a PageReader,
    /// Only of [`PreparationStage::Drawing`].
    jury: Option<&'a Jury>,
    /// Results of an older one are made again.
    method: u32,
}

/// A document that was leased to be prepared.
pub struct LeasedDocument<'a> {
    preparer: &'a Preparer,
    tools: Tools<'a>,
    stage: PreparationStage,
    pub task: PreparationTask,
}

/// What came of preparing a document.
#[derive(Debug)]
pub enum Prepared {
    /// It is done; the sources whose notices changed by it.
    Done(BTreeSet<String>),
    /// Another attempt may succeed.
    Failed {
        reason: String,
        /// Whether the document may be the cause, so that it is given up in the end.
        counts: bool,
    },
}

#[derive(Debug, thiserror::Error)]
enum PrepareError {
    /// The document is the cause, so that another attempt would fail the same way.
    #[error(transparent)]
    Permanent(PageError),
    /// Another attempt may succeed.
    #[error("{reason}")]
    Passing {
        reason: String,
        /// Whether the document may be the cause, so that it is given up in the end.
        counts: bool,
    },
    /// Too many attempts were in vain.
    #[error("{0}")]
    GivenUp(String),
}

impl From<LoadError> for PrepareError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Page(error) => error.into(),
            other => Self::Passing {
                reason: other.to_string(),
                counts: false,
            },
        }
    }
}

impl From<PageError> for PrepareError {
    fn from(error: PageError) -> Self {
        // Other load on the machine may also be why a worker died or ran out of time.
        let counts = matches!(
            error,
            PageError::WorkerDied { .. } | PageError::TimedOut { .. }
        );
        if error.is_permanent() && !counts {
            Self::Permanent(error)
        } else {
            Self::Passing {
                reason: error.to_string(),
                counts,
            }
        }
    }
}

/// The result of one stage.
enum Made {
    Text(PreparationResult),
    Drawing(Examined),
    /// Why the jury cannot examine the document.
    NoDrawing(String),
}

/// A document, as much of it as could be read.
struct Read {
    /// The document, or its rendition.
    drawn: Document,
    page_count: u32,
    text: TextRendition,
    /// The pages whose text has to be recognised, counted from zero.
    without_text: Vec<usize>,
}

impl Preparer {
    /// A preparer with this page worker; without one nothing is prepared.
    pub fn new(
        queue: Arc<dyn PreparationQueue>,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        worker: Option<WorkerOptions>,
        ocr: Ocr,
        use_of_jury: UseOfJury,
    ) -> Self {
        Self {
            queue,
            blobs,
            clock,
            reader: worker.map(PageReader::new),
            ocr,
            recogniser: OnceCell::new(),
            use_of_jury,
            jury: OnceCell::new(),
            recognising: Mutex::default(),
        }
    }

    /// Whether documents can be prepared for this stage here; the programs that it needs are looked for once.
    pub async fn has_tools(&self, stage: PreparationStage) -> bool {
        self.tools(stage).await.is_some()
    }

    /// Leases a document that waits for this stage; `None` when none does, or the stage cannot be done here.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn lease(
        &self,
        stage: PreparationStage,
        time: LeaseTime,
    ) -> Result<Option<LeasedDocument<'_>>, StorageError> {
        let Some(tools) = self.tools(stage).await else {
            return Ok(None);
        };
        let task = self.queue.claim_preparation(stage, tools.method, time);
        Ok(task.await?.map(|task| LeasedDocument {
            preparer: self,
            tools,
            stage,
            task,
        }))
    }

    async fn tools(&self, stage: PreparationStage) -> Option<Tools<'_>> {
        let reader = self.reader.as_ref()?;
        let jury = match stage {
            PreparationStage::Text => None,
            PreparationStage::Recognition => {
                self.recogniser().await?;
                None
            }
            PreparationStage::Drawing => Some(self.jury().await?),
        };
        Some(Tools {
            reader,
            jury,
            method: jury.map_or(METHOD, Jury::method),
        })
    }

    /// The jury; its programs are looked for once.
    async fn jury(&self) -> Option<&Jury> {
        match self.use_of_jury {
            UseOfJury::Auto => Some(self.jury.get_or_init(Jury::find).await),
            UseOfJury::Off => None,
        }
    }

    /// The recogniser; the program is looked for once.
    async fn recogniser(&self) -> Option<&Recogniser> {
        if self.ocr == Ocr::Off {
            return None;
        }
        let found = self.recogniser.get_or_init(async || {
            match Recogniser::find(Path::new(recogniser::PROGRAM), PAGE_LIMIT).await {
                Ok(found) => {
                    tracing::info!(languages = found.languages(), "pages without text are recognised");
                    Some(found)
                }
                Err(reason) => {
                    tracing::warn!(
                        reason,
                        "scanned pages stay without text; install tesseract-ocr, tesseract-ocr-ces and tesseract-ocr-deu, or set documents.ocr = \"off\""
                    );
                    None
                }
            }
        });
        found.await.as_ref()
    }

    async fn prepare(
        &self,
        reader: &PageReader,
        task: &PreparationTask,
        stage: PreparationStage,
    ) -> Result<PreparationResult, PrepareError> {
        let mut read = self.read(reader, task).await?;
        let recognise = stage == PreparationStage::Text && !read.without_text.is_empty();
        if stage == PreparationStage::Recognition {
            self.recognise(reader, task, &mut read).await?;
        }
        margins::mark(&mut read.text.pages);
        for page in &mut read.text.pages {
            page.language = language::detect(page).map(str::to_owned);
        }
        let text = if read.text.is_empty() {
            None
        } else {
            let bytes = read.text.to_json();
            let named = ContentRef::to(&bytes);
            self.blobs.put(bytes).await.map_err(LoadError::from)?;
            Some(named)
        };
        Ok(PreparationResult::Made {
            pages: read.page_count,
            text,
            recognise,
        })
    }

    /// Opens what is drawn, and beside a rendition the document itself where it has the same pages.
    async fn open(
        &self,
        reader: &PageReader,
        task: &PreparationTask,
    ) -> Result<(Document, DocumentInfo, Option<Document>), PrepareError> {
        let document = reader::load(&self.blobs, &task.content).await?;
        let opened = reader.open(&document).await;
        let Some(rendition) = task.rendition else {
            return Ok((document, opened?, None));
        };
        let rendition = HeldContent {
            hash: rendition.hash,
            size_bytes: rendition.size_bytes,
            media_type: None,
        };
        let drawn = reader::load(&self.blobs, &rendition).await?;
        let info = reader.open(&drawn).await?;
        let own = match opened {
            Ok(own) => (own.pages.len() == info.pages.len()).then_some(document),
            Err(error) if error.is_permanent() => None,
            Err(error) => return Err(error.into()),
        };
        Ok((drawn, info, own))
    }

    /// Extracts the text inside what is drawn.
    async fn read(
        &self,
        reader: &PageReader,
        task: &PreparationTask,
    ) -> Result<Read, PrepareError> {
        let (drawn, info, own) = self.open(reader, task).await?;
        let mut read = Read {
            drawn,
            page_count: u32::try_from(info.pages.len()).unwrap_or(u32::MAX),
            text: TextRendition {
                pages: Vec::new(),
                truncated: info.pages.len() > MAX_PAGES,
            },
            without_text: Vec::new(),
        };
        let began = tokio::time::Instant::now();
        let (mut words, mut trouble) = (0, 0);
        for (index, size) in info.pages.iter().take(MAX_PAGES).enumerate() {
            if words > MAX_WORDS || trouble >= MAX_TROUBLE || began.elapsed() > TEXT_LIMIT {
                read.text.truncated = true;
                break;
            }
            let page = match info.kind {
                DocumentKind::Pdf => {
                    let page = index as u32;
                    reader.text_as_drawn(&read.drawn, own.as_ref(), page).await
                }
                _ => Ok(vyveska_pages::PageText::default()),
            };
            let page = match page {
                Ok(text) => page::from_document(*size, text),
                Err(error) if error.is_permanent() => {
                    trouble += 1;
                    tracing::debug!(document = %task.content.hash, page = index + 1, %error, "a page has no text");
                    page::Made::empty(*size)
                }
                Err(error) => return Err(error.into()),
            };
            words += page.text.words().count();
            if page.wants_recognition {
                read.without_text.push(index);
            }
            read.text.pages.push(page.text);
        }
        Ok(read)
    }

    /// Recognises the pages that have no text of their own.
    async fn recognise(
        &self,
        reader: &PageReader,
        task: &PreparationTask,
        read: &mut Read,
    ) -> Result<(), PrepareError> {
        let Some(recogniser) = self.recogniser().await else {
            return Ok(());
        };
        if read.without_text.len() > MAX_RECOGNISED_PAGES {
            read.text.truncated = true;
        }
        let mut trouble = 0;
        for &index in read.without_text.iter().take(MAX_RECOGNISED_PAGES) {
            if trouble >= MAX_TROUBLE {
                read.text.truncated = true;
                break;
            }
            let Some(before) = read.text.pages.get_mut(index) else {
                break;
            };
            let _recognising = self.recognising.lock().await;
            let size = PageSize {
                width: before.width,
                height: before.height,
            };
            match recognised_page(reader, recogniser, &read.drawn, index, size).await {
                Ok(Some(found)) => page::prefer(before, found),
                Ok(None) => {}
                Err(error) => {
                    trouble += 1;
                    tracing::warn!(document = %task.content.hash, page = index + 1, error, "a page cannot be recognised");
                }
            }
        }
        Ok(())
    }
}

impl LeasedDocument<'_> {
    /// Prepares it and stores the result, which ends its lease.
    ///
    /// # Errors
    ///
    /// When storage fails; a document that cannot be prepared is no error.
    pub async fn prepare(&self) -> Result<Prepared, StorageError> {
        let Self { stage, task, .. } = self;
        let failure = match self.make().await {
            Ok(made) => return Ok(Prepared::Done(self.record(made).await?)),
            Err(PrepareError::Permanent(error)) => {
                tracing::info!(document = %task.content.hash, ?stage, code = error.code(), %error, "a document cannot be prepared");
                error.to_string()
            }
            Err(PrepareError::GivenUp(reason)) => {
                tracing::warn!(document = %task.content.hash, ?stage, reason, "a document cannot be prepared");
                reason
            }
            Err(PrepareError::Passing { reason, counts }) => {
                tracing::warn!(document = %task.content.hash, ?stage, attempt = task.job.attempts, reason, "a document cannot be prepared now");
                return Ok(Prepared::Failed { reason, counts });
            }
        };
        let failed = match stage {
            PreparationStage::Drawing => Made::NoDrawing(failure),
            _ => Made::Text(PreparationResult::Failed { error: failure }),
        };
        Ok(Prepared::Done(self.record(failed).await?))
    }

    async fn make(&self) -> Result<Made, PrepareError> {
        let (preparer, task) = (self.preparer, &self.task);
        let Tools { reader, jury, .. } = self.tools;
        let LeasedJob {
            attempts,
            unfinished,
            ..
        } = task.job;
        if attempts.saturating_sub(unfinished) >= MAX_ATTEMPTS || unfinished > MAX_UNFINISHED {
            let reason = format!("given up after {} attempts in vain", attempts - 1);
            return Err(PrepareError::GivenUp(reason));
        }
        Ok(match jury {
            Some(jury) => Made::Drawing(preparer.examine(jury, reader, &task.content).await?),
            None => Made::Text(preparer.prepare(reader, task, self.stage).await?),
        })
    }

    async fn record(&self, made: Made) -> Result<BTreeSet<String>, StorageError> {
        let (task, method) = (&self.task, self.tools.method);
        let queue = &self.preparer.queue;
        let now = self.preparer.clock.now().earliest;
        let publish_at = now + PUBLISH_EVERY;
        match made {
            Made::Text(result) => {
                queue
                    .record_preparation(task, method, &result, now, publish_at)
                    .await
            }
            Made::Drawing(Examined { drawing, record }) => {
                let drawing = Some(&drawing);
                queue
                    .record_drawing(task, method, drawing, &record, now, publish_at)
                    .await
            }
            Made::NoDrawing(error) => {
                let record = serde_json::json!({ "error": error }).to_string();
                queue
                    .record_drawing(task, method, None, &record, now, publish_at)
                    .await
            }
        }
    }
}

/// Recognises the text of a page; `None` when the page is blank.
async fn recognised_page(
    reader: &PageReader,
    recogniser: &Recogniser,
    document: &Document,
    index: usize,
    size: PageSize,
) -> Result<Option<TextPage>, String> {
    let request = page::picture_request(index as u32, size);
    let grey = {
        let drawn = reader
            .render(document, request)
            .await
            .map_err(|error| error.to_string())?;
        recogniser::GreyPage::of(
            drawn.image.pixels(),
            drawn.image.width(),
            drawn.image.height(),
            drawn.scale,
        )
    };
    if grey.is_blank() {
        return Ok(None);
    }
    let found = recogniser
        .recognise(&grey)
        .await
        .map_err(|error| error.to_string())?;
    Ok((!found.lines.is_empty()).then(|| page::from_picture(size, found)))
}
