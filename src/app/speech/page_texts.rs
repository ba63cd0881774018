//! Reads the texts of documents from the store, for speech, on a thread of their own.

use std::cell::RefCell;
use std::sync::Arc;

use vyveska_board::Language;
use vyveska_wire::text_rendition::{TextPage, TextRendition};

use super::{ContentHash, Output, post};
use crate::app::app_event::AppEvent;
use crate::speech::narrator::{PageText, PageWanted, ReadablePage};
use crate::state::{Event, Intent, ReadingIntent};
use crate::store::document_text;
use crate::ui::speech_adapter::elsewhere;
use crate::worker::spawn_task;

/// The text that was read last, and the page whose text is being read.
#[derive(Default)]
pub(super) struct PageTexts {
    text: RefCell<Option<(ContentHash, Arc<TextRendition>)>>,
    waiting: RefCell<Option<(ContentHash, usize)>>,
}

impl Output {
    /// Reads a page of the open document aloud, as soon as its text has been read from the store.
    pub(super) fn read_page(&self, wanted: PageWanted) {
        let open = self.inner.event_loop.ask(|state| {
            let (read, reading) = state.reading()?;
            let document = read.documents().get(reading.chosen())?;
            Some(document.text.map(|text| ContentHash(text.hash)))
        });
        let hash = match open {
            None => return self.take_page(PageText::NoDocument),
            Some(None) => {
                let elsewhere = elsewhere(&self.inner.window);
                return self.take_page(PageText::NoText { elsewhere });
            }
            Some(Some(hash)) => hash,
        };
        let page = match wanted {
            PageWanted::Number(page) => {
                // The screen shows the page that is read.
                let goes = Intent::Reading(ReadingIntent::GoToPage(page));
                self.inner
                    .event_loop
                    .dispatch(AppEvent::Event(Event::Intent(goes)));
                page
            }
            PageWanted::Open => self.open_page(),
        };
        let known = self.inner.texts.text.borrow().clone();
        if let Some((_, text)) = known.filter(|(known, _)| *known == hash) {
            return self.take_text_page(&text, page);
        }
        self.inner.texts.waiting.replace(Some((hash, page)));
        let store = self.inner.event_loop.store();
        let fetch = move || {
            let text = document_text(&*store, &hash).unwrap_or_else(|error| {
                tracing::warn!(%error, "a document cannot be read aloud");
                None
            });
            post(move |speech| speech.take_text(hash, text));
        };
        let started = spawn_task("page-text", fetch);
        if let Err(error) = started {
            tracing::error!(%error, "the text of a document cannot be fetched");
            self.take_page(PageText::NotHere);
        }
    }

    /// The page that fills most of the window, counted from 0.
    fn open_page(&self) -> usize {
        let shown = self.inner.event_loop.shown();
        let page = shown.and_then(|shown| Some(shown.notice?.viewer.page));
        page.map_or(0, |page| page.saturating_sub(1) as usize)
    }

    fn take_text(&self, hash: ContentHash, text: Option<TextRendition>) {
        let waiting = self.inner.texts.waiting.take();
        let Some((_, page)) = waiting.filter(|(waiting, _)| *waiting == hash) else {
            return;
        };
        let Some(text) = text.map(Arc::new) else {
            return self.take_page(PageText::NotHere);
        };
        self.inner
            .texts
            .text
            .replace(Some((hash, Arc::clone(&text))));
        self.take_text_page(&text, page);
    }

    fn take_text_page(&self, text: &TextRendition, page: usize) {
        let pages = text.pages.len();
        let text = match text.pages.get(page) {
            Some(_) if text.is_empty() => PageText::NoText {
                elsewhere: elsewhere(&self.inner.window),
            },
            Some(one) => {
                let language = one.written_in().unwrap_or_else(|| mostly_written_in(text));
                PageText::Page(ReadablePage::new(page, pages, one, language))
            }
            None => PageText::NoText {
                elsewhere: elsewhere(&self.inner.window),
            },
        };
        self.take_page(text);
    }

    fn take_page(&self, text: PageText) {
        let effects = self.inner.narrator.borrow_mut().page_text(text);
        self.perform(effects);
    }
}

/// The language that most pages of a document are written in; notices are Czech unless they clearly are not.
fn mostly_written_in(text: &TextRendition) -> Language {
    let pages = |language| {
        let written = text.pages.iter().filter_map(TextPage::written_in);
        written.filter(|other| *other == language).count()
    };
    let foreign = [Language::German, Language::English].into_iter();
    foreign
        .filter(|language| pages(*language) > pages(Language::Czech))
        .max_by_key(|language| pages(*language))
        .unwrap_or(Language::Czech)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_in(pages: &[Option<&str>]) -> Language {
        let page = |language: &Option<&str>| TextPage {
            language: language.map(str::to_owned),
            ..TextPage::empty(595.0, 842.0)
        };
        mostly_written_in(&TextRendition {
            pages: pages.iter().map(page).collect(),
            truncated: false,
        })
    }

    #[test]
    fn a_document_is_czech_unless_most_of_it_is_not() {
        assert_eq!(written_in(&[None]), Language::Czech);
        assert_eq!(written_in(&[Some("cs"), Some("de")]), Language::Czech);
        assert_eq!(
            written_in(&[Some("de"), None, Some("de"), Some("cs")]),
            Language::German
        );
        assert_eq!(written_in(&[Some("en"), Some("pl")]), Language::English);
    }
}
