//! The open notice within the whole state: opening it, its document's pages and text, and leaving it.

use std::sync::Arc;

use vyveska_board::NoticeId;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::text_rendition::TextPage;

use super::event::Size;
use super::information::Read;
use super::reading::{Reading, SearchableText, Sheets, Subject, Wanted};
use super::{Front, Opened, REMEMBERED_DOCUMENTS, State, Unreadable};

/// The text of the open document, kept as long as it is open.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OpenText {
    wish: TextWish,
    /// `None` when there is none that can be read.
    text: Option<Arc<SearchableText>>,
}

/// A text that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextWish {
    /// Of which document.
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
    /// Does nothing when the notice is not posted (any more).
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

    /// A document that was opened before has its pages at once.
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

    /// To where the notice was chosen, whatever lies over its pages.
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

    pub(super) fn with_reading(&mut self, change: impl FnOnce(&mut Reading, &Sheets<'_>)) {
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
            .filter(|open| Some(open.wish.document) == document)
            .and_then(|open| open.text.as_deref());
        let sheets = Sheets {
            viewer: self.viewer,
            sizes,
            text,
        };
        change(reading, &sheets);
    }

    /// What the open document's pages are laid out from; empty while none is open.
    pub fn sheets(&self) -> Sheets<'_> {
        let document = match &self.front {
            Front::Notice(reading) => reading.document(),
            _ => None,
        };
        Sheets {
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

    /// Forgets that bytes were missing, because some arrived.
    pub fn content_arrived(&mut self, content: &ContentHash) {
        if self.documents.get(content) == Some(&Err(Unreadable::Missing)) {
            self.documents.remove(content);
        }
        let missing = |open: &OpenText| open.text.is_none() && open.wish.rendition == *content;
        if self.text.as_ref().is_some_and(missing) {
            self.text = None;
        }
    }

    /// The text that is wanted: that of the open document, while it is not here.
    pub fn wanted_text(&self) -> Option<TextWish> {
        let wish = self.text_wish()?;
        let here = self.text.as_ref().is_some_and(|open| open.wish == wish);
        (!here).then_some(wish)
    }

    fn text_wish(&self) -> Option<TextWish> {
        let (read, reading) = self.reading()?;
        let open = read.documents().get(reading.chosen())?;
        Some(TextWish {
            document: reading.document()?,
            rendition: ContentHash(open.text?.hash),
        })
    }

    pub(super) fn take_text(&mut self, wish: TextWish, text: Option<Arc<SearchableText>>) {
        if self.text_wish() == Some(wish) {
            self.text = Some(OpenText { wish, text });
            self.with_reading(Reading::resized);
        }
    }

    /// Texts name people, and are large: only the open document's is kept.
    pub(super) fn forget_text_of_others(&mut self) {
        let document = match &self.front {
            Front::Notice(reading) => reading.document(),
            _ => None,
        };
        if self.text.as_ref().map(|open| open.wish.document) != document {
            self.text = None;
        }
    }

    /// The text of the open document, when it has one and it is here.
    pub fn text(&self) -> Option<&SearchableText> {
        let (_, reading) = self.reading()?;
        let open = self.text.as_ref()?;
        (Some(open.wish.document) == reading.document())
            .then_some(open.text.as_deref())
            .flatten()
    }

    /// Whether the open document has a text, or will have one as soon as it is read.
    pub fn has_text(&self) -> bool {
        self.wanted_text().is_some() || self.text().is_some()
    }

    /// The text of a page of the open document, counted from 0; it says itself how far it can be trusted.
    pub fn page_text(&self, page: usize) -> Option<&TextPage> {
        self.text()?.pages().get(page)
    }

    /// The page of the open document that is read, counted from 0.
    pub fn current_page(&self) -> Option<usize> {
        let (_, reading) = self.reading()?;
        Some(reading.current(&self.sheets()))
    }

    /// What is read, and where its reader is.
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

    /// What a document turned out to be, once it was opened.
    pub fn opened(&self, document: &ContentHash) -> Option<&Opened> {
        self.documents.get(document)
    }

    /// The room for pages of documents.
    pub fn viewer(&self) -> Size {
        self.viewer
    }

    /// What should be drawn now and soon.
    pub fn wanted_drawings(&self) -> Wanted {
        if let Some((_, reading)) = self.reading() {
            let unreadable = reading
                .document()
                .and_then(|hash| self.documents.get(&hash))
                .is_some_and(Result::is_err);
            if unreadable {
                return Wanted::default();
            }
            return reading.wanted(&self.sheets());
        }
        self.idle_drawings()
    }
}
