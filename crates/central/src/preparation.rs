//! What central makes of a document once it holds its bytes: the number of pages and the text.
//!
//! A document is prepared once, by the hash of its bytes, however many notices and towns name it.
//! Its notice is published long before: what is made here is a help, and nothing waits for it.
//! Text that the document itself has comes first, for all documents; only then are pages without text recognised,
//! one at a time, since that takes seconds a page.
//!
//! The work is claimed from storage, so that several nodes share it; a claim that is not kept up expires.
//! A document that cannot be prepared simply has no text: that is remembered, and not tried again before the next
//! version of this code ([`METHOD`]) comes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Mutex, OnceCell};
use vyveska_board::Clock;
use vyveska_pages::{Document, DocumentKind, PageError, PageSize, WorkerOptions};
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::text_rendition::{MAX_PAGES, MAX_WORDS, TextPage, TextRendition};

use crate::config::Ocr;
use crate::document::blobs::Blobs;
use crate::storage::{
    HeldContent, PreparationResult, PreparationStage, PreparationTask, Storage, StorageError,
};

mod language;
mod layout;
mod margins;
mod page;
mod reader;
mod recogniser;
mod tsv;

use reader::{LoadError, PageReader};
use recogniser::Recogniser;

/// The version of what is made here: what an older one made is made anew.
pub const METHOD: u32 = 1;

/// How long a claim lasts; longer work keeps it up.
const CLAIM: TimeDelta = TimeDelta::minutes(10);
/// After how many attempts that came to no end a document is given up.
const MAX_ATTEMPTS: u32 = 3;
/// How long the text of one document may take; what is not read by then is left out.
const TEXT_LIMIT: Duration = Duration::from_secs(180);
/// How long recognising one page may take: it takes four seconds, but gets what the machine has left.
const PAGE_LIMIT: Duration = Duration::from_secs(300);
/// How many pages of one document are recognised.
const MAX_RECOGNISED_PAGES: usize = 60;
/// After so many pages that could not be read the rest is left out.
const MAX_TROUBLE: usize = 3;

/// Prepares documents.
pub struct Preparer {
    storage: Arc<dyn Storage>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    reader: Option<PageReader>,
    ocr: Ocr,
    recogniser: OnceCell<Option<Recogniser>>,
    /// One page is recognised at a time.
    turn: Mutex<()>,
    /// What is claimed here now, to be given back when the service ends in the middle of it.
    claimed: std::sync::Mutex<Vec<PreparationTask>>,
}

/// Why a document was not prepared.
#[derive(Debug, thiserror::Error)]
enum PrepareError {
    /// It is the document's fault, so that trying again would end the same way.
    #[error(transparent)]
    Lasting(PageError),
    /// It may work later.
    #[error("{reason}")]
    Passing {
        reason: String,
        /// Whether the document may be the cause, so that it is given up in the end.
        counts: bool,
    },
    #[error(transparent)]
    Storage(#[from] StorageError),
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
        // A worker that died or ran out of time may have been a victim of the machine's other work.
        let counts = matches!(
            error,
            PageError::WorkerDied { .. } | PageError::TimedOut { .. }
        );
        if error.is_lasting() && !counts {
            Self::Lasting(error)
        } else {
            Self::Passing {
                reason: error.to_string(),
                counts,
            }
        }
    }
}

/// A document as far as it could be read.
struct Read {
    document: Document,
    page_count: u32,
    text: TextRendition,
    /// The pages whose text has to be recognised from their pictures, counted from zero.
    without_text: Vec<usize>,
}

impl Preparer {
    /// A preparer that asks this page worker; without one nothing is prepared.
    pub fn new(
        storage: Arc<dyn Storage>,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        worker: Option<WorkerOptions>,
        ocr: Ocr,
    ) -> Self {
        Self {
            storage,
            blobs,
            clock,
            reader: worker.map(PageReader::new),
            ocr,
            recogniser: OnceCell::new(),
            turn: Mutex::default(),
            claimed: std::sync::Mutex::default(),
        }
    }

    /// Whether anything can be prepared here.
    pub fn is_able(&self) -> bool {
        self.reader.is_some()
    }

    /// Prepares one document that waits for this stage, and tells which sources have something new by it.
    ///
    /// `None` when none waits.
    ///
    /// # Errors
    ///
    /// When storage fails; a document that cannot be prepared is no error.
    pub async fn prepare_next(
        &self,
        stage: PreparationStage,
    ) -> Result<Option<BTreeSet<String>>, StorageError> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        if stage == PreparationStage::Recognition && self.recogniser().await.is_none() {
            return Ok(None);
        }
        let now = self.clock.now().earliest;
        let claimed = self
            .storage
            .claim_preparation(stage, METHOD, now, now + CLAIM);
        let Some(task) = claimed.await? else {
            return Ok(None);
        };
        self.claimed().push(task.clone());
        let made = if task.attempts > MAX_ATTEMPTS {
            Ok(PreparationResult::Failed {
                error: format!("given up after {MAX_ATTEMPTS} attempts that came to no end"),
            })
        } else {
            self.prepare(reader, &task, stage).await
        };
        let result = match made {
            Ok(result) => result,
            Err(PrepareError::Lasting(error)) => {
                tracing::info!(document = %task.content.hash, code = error.code(), %error, "a document has no text");
                PreparationResult::Failed {
                    error: error.to_string(),
                }
            }
            Err(PrepareError::Passing { reason, counts }) => {
                tracing::warn!(document = %task.content.hash, attempt = task.attempts, reason, "a document cannot be prepared now");
                // The claim stands until it expires, and then somebody tries again.
                let attempts = task.attempts - u32::from(!counts).min(task.attempts);
                let until = self.clock.now().earliest + CLAIM;
                self.storage
                    .keep_preparation(task.content.hash.0, attempts, until)
                    .await?;
                self.claimed().retain(|other| *other != task);
                return Ok(Some(BTreeSet::new()));
            }
            Err(PrepareError::Storage(error)) => return Err(error),
        };
        let now = self.clock.now().earliest;
        let sources = self
            .storage
            .record_preparation(&task, METHOD, &result, now)
            .await?;
        self.claimed().retain(|other| *other != task);
        Ok(Some(sources))
    }

    /// Gives back what was begun and will not be finished, so that the next start need not wait, and counts no attempt.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn give_back(&self) -> Result<(), StorageError> {
        let claimed = std::mem::take(&mut *self.claimed());
        let now = self.clock.now().earliest;
        for task in claimed {
            let attempts = task.attempts.saturating_sub(1);
            self.storage
                .keep_preparation(task.content.hash.0, attempts, now)
                .await?;
        }
        Ok(())
    }

    fn claimed(&self) -> MutexGuard<'_, Vec<PreparationTask>> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recogniser, looked for once.
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
        let mut read = self.read(reader, &task.content).await?;
        let recognise = match stage {
            PreparationStage::Text => !read.without_text.is_empty(),
            PreparationStage::Recognition => {
                self.recognise(reader, task, &mut read).await?;
                false
            }
        };
        margins::mark(&mut read.text.pages);
        for page in &mut read.text.pages {
            page.language = language::tell(page).map(str::to_owned);
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

    /// Reads what text the document itself has.
    async fn read(&self, reader: &PageReader, content: &HeldContent) -> Result<Read, PrepareError> {
        let document = reader::load(&self.blobs, content).await?;
        let info = reader.open(&document).await?;
        let mut read = Read {
            document,
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
                DocumentKind::Pdf => reader.text(&read.document, index as u32).await,
                _ => Ok(vyveska_pages::PageText::default()),
            };
            let page = match page {
                Ok(text) => page::from_document(*size, text),
                Err(error) if error.is_lasting() => {
                    trouble += 1;
                    tracing::debug!(document = %content.hash, page = index + 1, %error, "a page has no text");
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
            let until = self.clock.now().earliest + CLAIM;
            self.storage
                .keep_preparation(task.content.hash.0, task.attempts, until)
                .await?;
            let Some(before) = read.text.pages.get_mut(index) else {
                break;
            };
            let _turn = self.turn.lock().await;
            let size = PageSize {
                width: before.width,
                height: before.height,
            };
            match recognised_page(reader, recogniser, &read.document, index, size).await {
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

/// The text of a page out of its picture; `None` when nothing is on it.
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
