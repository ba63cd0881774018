//! One document before the jury: how each engine draws its pages.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use vyveska_pages::{Document, DocumentKind, PageError, PageSize, RenderRequest};

use super::compare::is_alike;
use super::complaints::{Complaint, Complaints};
use super::picture::{Picture, Pixels};
use super::tools::{Engine, ToolError, Tools, Workspace};
use super::verdict::{Verdict, Vote, majority};
use super::{CONTENT_LOST, DATA_DAMAGED, ExamineError, PageExamination, words};
use crate::document::reader::PageReader;

/// What is needed to draw a document by every engine.
pub(super) struct Bench<'a> {
    pub(super) reader: &'a PageReader,
    pub(super) tools: &'a Tools,
    pub(super) workspace: Workspace,
    deadline: Instant,
}

/// What the page worker says about a page.
pub(super) struct Drawn {
    /// `None` when it cannot draw the page.
    pub(super) picture: Option<Arc<Picture>>,
    /// In snake case.
    pub(super) warnings: Vec<String>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        reader: &'a PageReader,
        tools: &'a Tools,
        kind: DocumentKind,
        bytes: &[u8],
        limit: Duration,
    ) -> std::io::Result<Self> {
        Ok(Self {
            reader,
            tools,
            workspace: Workspace::with(kind, bytes)?,
            deadline: Instant::now() + limit,
        })
    }

    pub(super) fn is_out_of_time(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// What a program makes, unless the time is up before.
    pub(super) async fn in_time<T>(
        &self,
        made: impl Future<Output = Result<T, ToolError>>,
    ) -> Result<T, ToolError> {
        let made = timeout_at(self.deadline, made).await;
        made.unwrap_or(Err(ToolError::OutOfTime))
    }

    /// Has all engines draw a page of the document, the third one only where the first two differ, or MuPDF is not sure
    /// whether content is missing.
    pub(super) async fn vote(
        &self,
        document: Option<&Document>,
        page: usize,
        size: PageSize,
    ) -> Result<(Vote, Vec<String>), ExamineError> {
        let pixels = Pixels::of(size);
        let ours = async {
            match document {
                Some(document) => draw(self.reader, document, page, size).await,
                None => Ok(Drawn::nothing(Vec::new())),
            }
        };
        let (ours, mupdf) = tokio::join!(ours, self.draw(Engine::Mupdf, page, pixels));
        let Drawn {
            picture,
            mut warnings,
        } = ours?;
        let (mupdf, mut complaints) = mupdf;
        let mut vote = count(picture.clone(), mupdf.clone(), None).await?;
        if vote != Vote::Agreed {
            let (poppler, more) = self.draw(Engine::Poppler, page, pixels).await;
            vote = count(picture, mupdf, poppler).await?;
            complaints.extend(more);
        } else if complaints.contains(&Complaint::Unended) {
            // Poppler needs no checksum, and says nothing where that is all that is missing.
            let (poppler, more) = self.draw(Engine::Poppler, page, pixels).await;
            complaints.extend(more);
            if poppler.is_none() {
                complaints.insert(Complaint::Lost);
            }
        }
        warnings.extend(told(&complaints));
        Ok((vote, warnings))
    }

    /// Has MuPDF draw a page of a picture beside the page worker; poppler reads none.
    ///
    /// Where the two differ, nobody can tell which is right: MuPDF shows TIFF with an orientation turned, and some with a
    /// palette black.
    pub(super) async fn confirm(
        &self,
        document: &Document,
        page: usize,
        size: PageSize,
    ) -> Result<PageExamination, ExamineError> {
        let (ours, mupdf) = tokio::join!(
            draw(self.reader, document, page, size),
            self.draw(Engine::Mupdf, page, Pixels::of(size))
        );
        let Drawn {
            picture,
            mut warnings,
        } = ours?;
        let (mupdf, complaints) = mupdf;
        let is_drawn = picture.is_some();
        let verdict = match count(picture, mupdf, None).await? {
            Vote::Agreed => {
                warnings.extend(told(&complaints));
                Verdict::Agreed
            }
            _ if is_drawn => Verdict::Unchecked,
            _ => Verdict::Unreadable,
        };
        Ok(PageExamination { verdict, warnings })
    }

    /// What an engine draws, if it does, and what it complains of.
    async fn draw(
        &self,
        engine: Engine,
        page: usize,
        size: Pixels,
    ) -> (Option<Arc<Picture>>, Complaints) {
        let drawn = self.tools.draw(engine, &self.workspace, page, size).await;
        drawn.map_or_else(Default::default, |drawn| {
            (Some(Arc::new(drawn.picture)), drawn.complaints)
        })
    }
}

/// The warnings of complaints.
fn told(complaints: &Complaints) -> impl Iterator<Item = String> {
    let warnings = complaints.iter().filter_map(|complaint| match complaint {
        Complaint::Lost => Some(CONTENT_LOST),
        Complaint::Damaged => Some(DATA_DAMAGED),
        Complaint::Unended => None,
    });
    warnings.map(str::to_owned)
}

impl Drawn {
    fn nothing(warnings: Vec<String>) -> Self {
        Self {
            picture: None,
            warnings,
        }
    }
}

/// A page as the page worker draws it, at the size at which pages are compared.
pub(super) async fn draw(
    reader: &PageReader,
    document: &Document,
    page: usize,
    size: PageSize,
) -> Result<Drawn, PageError> {
    let request = RenderRequest::fit_width(
        u32::try_from(page).unwrap_or(u32::MAX),
        Pixels::of(size).width,
    );
    match reader.render(document, request).await {
        Ok(rendered) => Ok(Drawn {
            picture: Some(Arc::new(Picture::of(&rendered.image))),
            warnings: words(&rendered.warnings),
        }),
        Err(error) if error.is_permanent() => Ok(Drawn::nothing(vec![error.code().to_owned()])),
        Err(error) => Err(error),
    }
}

/// Comparing takes a while, and other tasks go on meanwhile.
async fn count(
    ours: Option<Arc<Picture>>,
    mupdf: Option<Arc<Picture>>,
    poppler: Option<Arc<Picture>>,
) -> std::io::Result<Vote> {
    let count = move || {
        majority(
            ours.as_deref(),
            mupdf.as_deref(),
            poppler.as_deref(),
            is_alike,
        )
    };
    tokio::task::spawn_blocking(count)
        .await
        .map_err(std::io::Error::other)
}
