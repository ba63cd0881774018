//! The open notice within the whole state: opening it, its document's pages and text, and closing it.

use std::sync::Arc;

use vyveska_board::NoticeId;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::text_rendition::TextPage;

use super::event::Size;
use super::information::Read;
use super::reading::{PageLayoutInput, Reading, RenderRequests, SearchableText, Subject};
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
        let Front::Notice(reading) = &mut self.front else {
            return;
        };
        let document = reading.document();
        let sizes: &[Size] = match document.and_then(|hash| self.documents.get(&hash)) {
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
        PageLayoutInput {
            viewer: self.viewer,
            sizes: match document.and_then(|hash| self.documents.get(&hash)) {
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

    /// The result of opening a document, once it is known.
    pub fn opened(&self, document: &ContentHash) -> Option<&Opened> {
        self.documents.get(document)
    }

    /// In logical pixels.
    pub fn viewer(&self) -> Size {
        self.viewer
    }

    /// The drawings needed now and next.
    pub fn render_requests(&self) -> RenderRequests {
        if let Some((_, reading)) = self.reading() {
            let unreadable = reading
                .document()
                .and_then(|hash| self.documents.get(&hash))
                .is_some_and(Result::is_err);
            if unreadable {
                return RenderRequests::default();
            }
            return reading.wanted(&self.layout_input());
        }
        self.idle_drawings()
    }
}
