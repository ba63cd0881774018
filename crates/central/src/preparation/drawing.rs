//! Whether displays draw a document right, and what they draw in its place where they do not.
//!
//! It comes after the text, so that nobody waits for a search until other engines have drawn every page.
//! A verdict that was given while an engine was missing is given anew where all are there.

use vyveska_pages::Document;
use vyveska_wire::manifest::ContentRef;

use super::{PrepareError, Preparer};
use crate::document::reader::{LoadError, PageReader};
use crate::jury::{self, Examination, Jury};
use crate::storage::{Drawing, HeldContent};

/// What the jury said of a document.
pub(super) struct Examined {
    pub(super) drawing: Drawing,
    /// The engines, warnings and verdicts, in JSON.
    pub(super) record: String,
}

impl Preparer {
    /// Has the jury examine a document, and stores the rendition that it made.
    pub(super) async fn examine(
        &self,
        jury: &Jury,
        reader: &PageReader,
        content: &HeldContent,
    ) -> Result<Examined, PrepareError> {
        let bytes = self.blobs.get(content.hash.0).await;
        let bytes = bytes.map_err(LoadError::from)?;
        let document = Document::from_bytes(&bytes).map_err(LoadError::from)?;
        let examined = jury.examine(reader, &document, &bytes).await;
        let mut examination = examined.map_err(|error| match error {
            jury::ExamineError::Page(error) => error.into(),
            other => PrepareError::Passing {
                reason: other.to_string(),
                counts: false,
            },
        })?;
        let rendition = match examination.rendition.take() {
            Some(rendition) => {
                let named = ContentRef::to(&rendition);
                self.blobs.put(rendition).await.map_err(LoadError::from)?;
                Some(named)
            }
            None => None,
        };
        let doubtful_pages = doubtful_pages(&examination);
        if rendition.is_some() || !doubtful_pages.is_empty() {
            tracing::info!(
                document = %content.hash,
                rendition = rendition.is_some(),
                ?doubtful_pages,
                "a document is not drawn as other engines draw it"
            );
        }
        Ok(Examined {
            record: examination.to_json(),
            drawing: Drawing {
                rendition,
                doubtful_pages,
            },
        })
    }
}

/// The pages that are not right and those on which content is missing, counted from 1.
///
/// A page that nobody could check is not in doubt by that alone.
fn doubtful_pages(examination: &Examination) -> Vec<u32> {
    let pages = examination.pages.iter().zip(1..);
    pages
        .filter(|(page, _)| {
            page.verdict.is_wrong() || examination.lacks_content() || page.lacks_content()
        })
        .map(|(_, number)| number)
        .collect()
}
