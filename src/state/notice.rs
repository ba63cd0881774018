//! The open notice within the whole state: opening it, its document's pages and text, and closing it.

use std::collections::BTreeMap;
use std::sync::Arc;

use vyveska_board::{Document, NoticeId};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::text_rendition::TextPage;

use super::document::Size;
use super::reading::{PageLayoutInput, Read, Reading, RenderRequests, SearchableText, Subject};
use super::{Front, Opened, REMEMBERED_DOCUMENTS, State, Unreadable};

/// The text of the open document, kept while the document is open.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OpenText {
    request: TextRequest,
    /// `None` when there is no readable text.
    text: Option<Arc<SearchableText>>,
}

/// A request for a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRequest {
    pub document: ContentHash,
    /// The hash of the text's bytes.
    pub rendition: ContentHash,
}

impl State {
    pub(super) fn open_notice(&mut self, id: &NoticeId) {
        if let Some(notice) = self.posted_notice(id) {
            self.front = Front::Notice(Box::new(Reading::of(notice)));
            self.opened_from_search = false;
            self.reading_opened();
        }
    }

    /// Opens a notice at a page of one of its documents, counted from 0, and marks words there.
    ///
    /// No effect when the notice is not posted (any more).
    pub fn open_notice_at(
        &mut self,
        id: &NoticeId,
        document: &ContentHash,
        page: usize,
        words: &[String],
    ) {
        if let Some(notice) = self.posted_notice(id) {
            let reading = Reading::at_page(notice, document, page, words);
            self.front = Front::Notice(Box::new(reading));
            self.reading_opened();
        }
    }

    pub(super) fn choose_document(&mut self, index: usize) {
        let Front::Notice(reading) = &self.front else {
            return;
        };
        let Subject::Notice(id) = reading.subject() else {
            return;
        };
        let Some(notice) = self.posted_notice(id) else {
            return;
        };
        if index < notice.notice.documents.len() {
            let mut chosen = reading.clone();
            chosen.choose(notice, index);
            self.front = Front::Notice(chosen);
            self.reading_opened();
        }
    }

    /// The page sizes of a document opened before are known at once.
    pub(super) fn reading_opened(&mut self) {
        self.forget_text_of_others();
        self.with_reading(Reading::resized);
    }

    /// One step back: within the notice, and from there to where it was chosen.
    pub(super) fn go_back(&mut self) {
        let within = match &mut self.front {
            Front::Notice(reading) => reading.go_back(),
            _ => false,
        };
        if !within {
            self.leave_notice();
        }
    }

    /// Closes the notice and returns to where it was chosen.
    pub(super) fn leave_notice(&mut self) {
        if self.leave_published() {
            return;
        }
        if self.is_opened_from_search() {
            self.return_to_search();
        } else {
            self.show_board();
        }
    }

    pub(super) fn with_reading(&mut self, change: impl FnOnce(&mut Reading, &PageLayoutInput<'_>)) {
        let drawn = self.open_document().and_then(|open| self.drawn(open));
        let Front::Notice(reading) = &mut self.front else {
            return;
        };
        let document = reading.document();
        let sizes: &[Size] = match opened_drawn(&self.documents, drawn, document) {
            Some(Ok(sizes)) => sizes,
            _ => &[],
        };
        let text = self
            .text
            .as_ref()
            .filter(|open| Some(open.request.document) == document)
            .and_then(|open| open.text.as_deref());
        let layout_input = PageLayoutInput {
            viewer: self.viewer,
            drawn,
            sizes,
            text,
        };
        change(reading, &layout_input);
    }

    /// The input of the open document's page layout; empty while none is open.
    pub fn layout_input(&self) -> PageLayoutInput<'_> {
        let document = match &self.front {
            Front::Notice(reading) => reading.document(),
            _ => None,
        };
        let drawn = self.open_document().and_then(|open| self.drawn(open));
        PageLayoutInput {
            viewer: self.viewer,
            drawn,
            sizes: match opened_drawn(&self.documents, drawn, document) {
                Some(Ok(sizes)) => sizes,
                _ => &[],
            },
            text: self.text(),
        }
    }

    pub(super) fn remember_document(&mut self, document: ContentHash, outcome: Opened) {
        if self.documents.len() >= REMEMBERED_DOCUMENTS && !self.documents.contains_key(&document) {
            self.documents.clear();
        }
        self.documents.insert(document, outcome);
        self.with_reading(Reading::resized);
    }

    /// Forgets which documents were missing: their download may have ended in the moment it was called off.
    pub(super) fn look_again_for_missing_documents(&mut self) {
        self.documents
            .retain(|_, opened| *opened != Err(Unreadable::Missing));
        self.text.take_if(|open| open.text.is_none());
    }

    /// Forgets that bytes were missing, because some arrived.
    pub fn content_arrived(&mut self, content: &ContentHash) {
        if self.documents.get(content) == Some(&Err(Unreadable::Missing)) {
            self.documents.remove(content);
        }
        let missing = |open: &OpenText| open.text.is_none() && open.request.rendition == *content;
        if self.text.as_ref().is_some_and(missing) {
            self.text = None;
        }
    }

    /// The text to be loaded: that of the open document, until it is here.
    pub fn text_request(&self) -> Option<TextRequest> {
        let request = self.open_text_request()?;
        let here = self
            .text
            .as_ref()
            .is_some_and(|open| open.request == request);
        (!here).then_some(request)
    }

    fn open_text_request(&self) -> Option<TextRequest> {
        let (read, reading) = self.reading()?;
        let open = read.documents().get(reading.chosen())?;
        Some(TextRequest {
            document: reading.document()?,
            rendition: ContentHash(open.text?.hash),
        })
    }

    pub(super) fn take_text(&mut self, request: TextRequest, text: Option<Arc<SearchableText>>) {
        if self.open_text_request() == Some(request) {
            self.text = Some(OpenText { request, text });
            self.with_reading(Reading::resized);
        }
    }

    /// Texts name people and are large: only the open document's text is kept.
    pub(super) fn forget_text_of_others(&mut self) {
        let document = match &self.front {
            Front::Notice(reading) => reading.document(),
            _ => None,
        };
        if self.text.as_ref().map(|open| open.request.document) != document {
            self.text = None;
        }
    }

    /// The text of the open document, once loaded.
    pub fn text(&self) -> Option<&SearchableText> {
        let (_, reading) = self.reading()?;
        let open = self.text.as_ref()?;
        (Some(open.request.document) == reading.document())
            .then_some(open.text.as_deref())
            .flatten()
    }

    /// Whether the open document has a text, or will have one once it is loaded.
    pub fn has_text(&self) -> bool {
        self.text_request().is_some() || self.text().is_some()
    }

    /// The text of a page of the open document, counted from 0, with its confidence.
    pub fn page_text(&self, page: usize) -> Option<&TextPage> {
        self.text()?.pages().get(page)
    }

    /// The current page of the open document, counted from 0.
    pub fn current_page(&self) -> Option<usize> {
        let (_, reading) = self.reading()?;
        Some(reading.current(&self.layout_input()))
    }

    /// The open notice or document, and the position in it.
    pub fn reading(&self) -> Option<(Read<'_>, &Reading)> {
        let Front::Notice(reading) = &self.front else {
            return None;
        };
        let read = match reading.subject() {
            Subject::Notice(id) => Read::Notice(self.posted_notice(id)?),
            Subject::Published(id) => Read::Published(self.published(id)?),
        };
        Some((read, reading))
    }

    /// The document that is open; `None` when it could not be fetched.
    pub fn open_document(&self) -> Option<&Document> {
        let (read, reading) = self.reading()?;
        let hash = reading.document()?;
        let mut documents = read.documents().iter();
        documents.find(|document| document.hash == Some(hash.0))
    }

    /// What is drawn of a document: its rendition, or the document itself where there is none or it cannot be opened here.
    pub(super) fn drawn(&self, document: &Document) -> Option<ContentHash> {
        let original = ContentHash(document.hash?);
        let rendition = document.rendition.map(|made| ContentHash(made.hash));
        let usable = |made: &ContentHash| !matches!(self.documents.get(made), Some(Err(_)));
        Some(rendition.filter(usable).unwrap_or(original))
    }

    /// The document of a notice that is drawn by these bytes: its own, or its rendition's.
    pub fn document_drawn_by(&self, drawn: ContentHash) -> ContentHash {
        let is_drawn = |document: &&Document| {
            let rendition = document.rendition;
            rendition.is_some_and(|made| made.hash == drawn.0)
        };
        self.posted()
            .flat_map(|entry| &entry.notice.documents)
            .find(is_drawn)
            .and_then(|document| document.hash)
            .map_or(drawn, ContentHash)
    }

    /// The pages that may be drawn wrong, counted from 1: of a document that is drawn itself although it has a rendition,
    /// all of them.
    pub(super) fn doubtful_pages(&self, document: &Document, pages: usize) -> Vec<u32> {
        let is_original = self.drawn(document) == document.hash.map(ContentHash);
        if document.rendition.is_some() && is_original {
            return (1..=u32::try_from(pages).unwrap_or(u32::MAX)).collect();
        }
        document.doubtful_pages.clone()
    }

    /// The same of the open document.
    pub fn open_doubtful_pages(&self) -> Vec<u32> {
        let pages = self.layout_input().sizes.len();
        self.open_document()
            .map(|open| self.doubtful_pages(open, pages))
            .unwrap_or_default()
    }

    /// The result of opening these bytes, once it is known.
    pub fn opened(&self, bytes: &ContentHash) -> Option<&Opened> {
        self.documents.get(bytes)
    }

    /// The result of opening what is drawn of a document, once it is known.
    pub fn opened_as_drawn(&self, document: &Document) -> Option<&Opened> {
        let original = document.hash.map(ContentHash);
        opened_drawn(&self.documents, self.drawn(document), original)
    }

    /// In logical pixels.
    pub fn viewer(&self) -> Size {
        self.viewer
    }

    /// The drawings needed now and next.
    pub fn render_requests(&self) -> RenderRequests {
        if let Some((_, reading)) = self.reading() {
            let unreadable = self
                .open_document()
                .and_then(|open| self.opened_as_drawn(open))
                .is_some_and(Result::is_err);
            if unreadable {
                return RenderRequests::default();
            }
            return reading.wanted(&self.layout_input());
        }
        self.idle_drawings()
    }
}

/// The result of opening what is drawn; until that is known, of the document itself, so that a rendition that has just
/// arrived takes its place on the same pages.
fn opened_drawn(
    documents: &BTreeMap<ContentHash, Opened>,
    drawn: Option<ContentHash>,
    original: Option<ContentHash>,
) -> Option<&Opened> {
    let itself = || documents.get(&original?).filter(|opened| opened.is_ok());
    drawn
        .and_then(|drawn| documents.get(&drawn))
        .or_else(itself)
}
