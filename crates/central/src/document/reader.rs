//! The page worker behind an async interface.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use vyveska_board::DocumentHash;
use vyveska_pages::{
    Document, DocumentInfo, PageError, PageService, PageText, Priority, RenderRequest,
    RenderedPage, WorkerOptions,
};

use super::blobs::{BlobError, Blobs};
use crate::storage::HeldContent;

/// Longer than on a display: no user waits for a preparation, and the machine may be busy.
const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// The kind of the alarm that there is no page worker.
pub(crate) const PAGE_WORKER: &str = "page_worker";

/// Why the bytes of a document did not reach the worker.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("no memory for a document: {0}")]
    Memory(#[from] std::io::Error),
    #[error(transparent)]
    Page(#[from] PageError),
}

/// Sends requests to the page worker, which is started with the first one.
pub struct PageReader {
    options: WorkerOptions,
    service: Mutex<Option<PageService>>,
}

impl PageReader {
    pub fn new(options: WorkerOptions) -> Self {
        Self {
            options: WorkerOptions {
                request_deadline: REQUEST_DEADLINE.max(options.request_deadline),
                // A slow replacement of a worker is acceptable here.
                warm_spare: false,
                ..options
            },
            service: Mutex::default(),
        }
    }

    fn service(&self) -> Result<PageService, PageError> {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(service) = &*service {
            return Ok(service.clone());
        }
        let started = PageService::start(self.options.clone()).map_err(|error| {
            PageError::WorkerUnavailable {
                detail: error.to_string(),
            }
        })?;
        Ok(service.insert(started).clone())
    }

    /// The kind of a document and the sizes of its pages.
    ///
    /// # Errors
    ///
    /// As the document gives cause.
    pub async fn open(&self, document: &Document) -> Result<DocumentInfo, PageError> {
        let service = self.service()?;
        answer(|deliver| {
            service.open(document, Priority::Background, deliver);
        })
        .await
    }

    /// The words of a page, counted from zero.
    ///
    /// # Errors
    ///
    /// As the document gives cause.
    pub async fn text(&self, document: &Document, page: u32) -> Result<PageText, PageError> {
        let service = self.service()?;
        answer(|deliver| {
            service.text(document, page, Priority::Background, deliver);
        })
        .await
    }

    /// The words of a page of what is drawn; where it is a picture, those of the same page of the document itself.
    ///
    /// # Errors
    ///
    /// As what is drawn gives cause.
    pub async fn text_as_drawn(
        &self,
        drawn: &Document,
        own: Option<&Document>,
        page: u32,
    ) -> Result<PageText, PageError> {
        let text = self.text(drawn, page).await?;
        let Some(own) = own.filter(|_| text.words.is_empty()) else {
            return Ok(text);
        };
        match self.text(own, page).await {
            Err(error) if error.is_permanent() => Ok(text),
            other => other,
        }
    }

    /// The pixels of a page.
    ///
    /// # Errors
    ///
    /// As the document gives cause.
    pub async fn render(
        &self,
        document: &Document,
        request: RenderRequest,
    ) -> Result<RenderedPage, PageError> {
        let service = self.service()?;
        answer(|deliver| {
            service.render(document, request, Priority::Background, deliver);
        })
        .await
    }
}

async fn answer<T: Send + 'static>(
    ask: impl FnOnce(Box<dyn FnOnce(Result<T, PageError>) + Send>),
) -> Result<T, PageError> {
    let (sender, receiver) = oneshot::channel();
    ask(Box::new(move |answer| {
        // The receiver may have been dropped.
        let _ = sender.send(answer);
    }));
    receiver.await.unwrap_or(Err(PageError::Cancelled))
}

/// Loads and verifies a document for the worker; it is in memory once, and in no file.
///
/// # Errors
///
/// When it is missing, damaged or cannot be read.
pub async fn load(blobs: &Blobs, content: &HeldContent) -> Result<Document, LoadError> {
    use std::io::Write as _;
    let mut memory = File::from(
        rustix::fs::memfd_create("document", rustix::fs::MemfdFlags::CLOEXEC)
            .map_err(std::io::Error::from)?,
    );
    let mut pieces = blobs.stream(content.hash.0, 0..content.size_bytes).await?;
    let mut digest = Sha256::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(BlobError::from)?;
        digest.update(&piece);
        memory.write_all(&piece)?;
    }
    if DocumentHash::from_digest(digest.finalize().into()) != content.hash.0 {
        blobs.recheck(content.hash.0, content.size_bytes).await?;
        return Err(BlobError::Damaged(content.hash.0).into());
    }
    Ok(Document::from_file(memory)?)
}
