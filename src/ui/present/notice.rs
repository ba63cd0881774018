//! One notice: its facts, and the panels over and beside the pages of its documents.

use std::sync::Arc;

use vyveska_board::format::dates;
use vyveska_board::format::file_kind::file_kind;
use vyveska_board::format::file_size::file_size;
use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::format::typography;
use vyveska_board::{Document, Language, Notice};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::language_map;
use vyveska_wire::text_rendition::{MAX_PAGE_LETTERS, ParagraphKind, TextPage, TextSource};

use super::information::readable;
use super::row::present_row;
use super::viewer::present_viewer;
use super::{Presenter, count, permalink, text};
use crate::page_cache::PageCache;
use crate::state::{BoardNotice, Published, Read, Reading, State, ToolPanel};
use crate::ui::category_words;
use crate::ui::paragraphs::{MANY, blocks, joined, paragraphs};
use crate::ui::view_model::{
    DocumentView, FactsView, FindView, NoticeView, PaperCopyContactView, ParagraphView, RowView,
    StripPage, StripView, TextOrigin, TextView,
};

/// The paragraphs set last, cached because setting a page of text takes longer than a frame may.
#[derive(Default)]
pub(super) struct TextCache {
    page: Option<(ContentHash, usize)>,
    paragraphs: Arc<[ParagraphView]>,
}

impl Presenter {
    pub(super) fn notice(&mut self, state: &State, page_cache: &PageCache) -> Option<NoticeView> {
        let (read, reading) = state.reading()?;
        let language = state.language();
        let (row, facts) = match read {
            Read::Notice(entry) => (
                open_row(state, entry),
                present_facts(&entry.notice, language),
            ),
            Read::Published(published) => (
                published_row(published, language),
                published_facts(published, language),
            ),
        };
        let published = read.notice().is_none();
        let address = match read {
            Read::Notice(entry) => permalink(state, entry),
            Read::Published(published) => published.url.clone(),
        };
        Some(NoticeView {
            row,
            facts,
            published,
            web_address: published.then(|| address.as_ref().map(readable).unwrap_or_default()),
            documents: read
                .documents()
                .iter()
                .map(|document| present_document(state, document))
                .collect(),
            chosen: reading.chosen(),
            panel: reading.panel(),
            leads: reading.leads(),
            viewer: present_viewer(state, read, reading, page_cache),
            strip: present_strip(state, reading, page_cache),
            jump: reading.jump().to_owned(),
            find: present_find(state, reading),
            has_text: state.has_text(),
            text: self.text.present(state, reading),
            qr_code: address.and_then(|url| self.qr_codes.of(url.as_str())),
            paper_copy_contact: present_paper_copy_contact(state),
        })
    }
}

/// Over its pages a notice's dates always carry the year.
fn open_row(state: &State, entry: &BoardNotice) -> RowView {
    let posted = entry.notice.posted.date();
    RowView {
        posted: posted
            .map(|date| dates::full_date(date, state.language()))
            .unwrap_or_default(),
        ..present_row(state, entry)
    }
}

/// The head above the pages of a document of an information page.
fn published_row(published: &Published, language: Language) -> RowView {
    RowView::of_no_board(
        text(&published.name, language),
        text(&published.page_title, language),
    )
}

fn published_facts(published: &Published, language: Language) -> FactsView {
    FactsView {
        categories: text(&published.page_title, language),
        file_number: String::new(),
        description: paragraphs(published.text.best(language)),
    }
}

fn present_facts(notice: &Notice, language: Language) -> FactsView {
    FactsView {
        categories: category_words::all(&notice.categories, language),
        file_number: notice
            .file_number
            .as_ref()
            .map(|number| typography::bind(number.as_str()))
            .unwrap_or_default(),
        description: paragraphs(notice.description.best(language)),
    }
}

fn present_paper_copy_contact(state: &State) -> PaperCopyContactView {
    let Some(board) = state.board() else {
        return PaperCopyContactView::default();
    };
    let contact = &board.settings.paper_copy_contact;
    PaperCopyContactView {
        place: text(&language_map(&contact.place), state.language()),
        telephone: typography::bind(&contact.telephone),
        hours: text(&language_map(&contact.hours), state.language()),
    }
}

fn present_document(state: &State, document: &Document) -> DocumentView {
    let opened = state.opened_as_drawn(document);
    DocumentView {
        title: text(&document.title, state.language()),
        pages: match opened {
            Some(Ok(pages)) => count(pages.len()),
            _ => document.pages.unwrap_or(0),
        },
        kind: file_kind(
            document.media_type.as_deref(),
            document.url.as_ref(),
            state.language(),
        ),
        size: if document.size_bytes == 0 {
            String::new()
        } else {
            file_size(document.size_bytes, state.language())
        },
        missing: document
            .missing
            .map_or("", |reason| missing_reason(reason, state.language())),
    }
}

fn present_strip(state: &State, reading: &Reading, page_cache: &PageCache) -> StripView {
    if reading.panel() != Some(ToolPanel::Strip) {
        return StripView::default();
    }
    let layout_input = state.layout_input();
    let shown = reading.strip_pages(&layout_input);
    let current = reading.current(&layout_input);
    StripView {
        can_go_back: shown.start > 0,
        can_go_on: shown.end < layout_input.sizes.len(),
        pages: shown
            .map(|page| StripPage {
                number: count(page + 1),
                picture: reading
                    .thumbnail(page, &layout_input)
                    .and_then(|drawing| page_cache.whole_page(&drawing).cloned()),
                current: page == current,
            })
            .collect(),
    }
}

fn present_find(state: &State, reading: &Reading) -> FindView {
    let finding = reading.finding();
    FindView {
        words: finding.words(),
        count: count(finding.count()),
        position: count(finding.position() + 1).min(count(finding.count())),
        page: finding.page().map_or(0, |page| count(page + 1)),
        coming: state.text_request().is_some(),
        typed: finding.typing().text().to_owned(),
        layout: finding.typing().layout(state.language()),
        layer: finding.typing().layer(),
    }
}

impl TextCache {
    fn present(&mut self, state: &State, reading: &Reading) -> Option<TextView> {
        if !reading.reads_text() {
            *self = Self::default();
            return None;
        }
        let page = reading.current(&state.layout_input());
        let found = state.page_text(page);
        let key = reading.document().map(|document| (document, page));
        if self.page != key || self.paragraphs.is_empty() {
            self.page = key;
            self.paragraphs = found.map(page_paragraphs).unwrap_or_default();
        }
        Some(TextView {
            paragraphs: Arc::clone(&self.paragraphs),
            origin: match found {
                None if state.text_request().is_some() => TextOrigin::Coming,
                None => TextOrigin::None,
                Some(page) => origin(page),
            },
            steps: u32::from(reading.text_steps()),
        })
    }
}

fn page_paragraphs(page: &TextPage) -> Arc<[ParagraphView]> {
    let mut set = Vec::new();
    let mut letters = 0;
    for paragraph in &page.paragraphs {
        let heading = paragraph.kind == ParagraphKind::Heading;
        for text in blocks(&paragraph.text()) {
            letters += text.chars().count();
            if letters > MAX_PAGE_LETTERS {
                set.push(("…".to_owned(), false));
                return in_few_elements(set);
            }
            set.push((text, heading));
        }
    }
    in_few_elements(set)
}

fn in_few_elements(set: Vec<(String, bool)>) -> Arc<[ParagraphView]> {
    let view = |(text, heading)| ParagraphView { text, heading };
    if set.len() <= MANY {
        return set.into_iter().map(view).collect();
    }
    let texts: Vec<String> = set.into_iter().map(|(text, _)| text).collect();
    joined(&texts)
        .into_iter()
        .map(|text| view((text, false)))
        .collect()
}

fn origin(page: &TextPage) -> TextOrigin {
    match page.source {
        _ if page.is_empty() => TextOrigin::None,
        TextSource::Ocr if page.is_doubtful() => TextOrigin::Doubtful,
        TextSource::Ocr => TextOrigin::Recognised,
        TextSource::Pdf | TextSource::None => TextOrigin::Document,
    }
}

#[cfg(test)]
mod tests {
    use vyveska_board::{Channel, LanguageMap, Moment, NoticeId, Revision};
    use vyveska_wire::text_rendition::{Paragraph, TextBox, TextLine, TextWord};

    use super::*;

    fn notice(categories: &[&str]) -> Notice {
        Notice {
            id: NoticeId::new("n1"),
            revision: Revision::FIRST,
            iri: None,
            url: None,
            title: LanguageMap::czech("Oznámení"),
            description: LanguageMap::new(),
            posted: Moment::Unspecified,
            relevant_until: Moment::Unspecified,
            approved: Moment::Unspecified,
            reference_number: None,
            file_number: None,
            categories: categories.iter().copied().map(LanguageMap::czech).collect(),
            originator: None,
            documents: Vec::new(),
            channel: Channel::BoardAndWeb,
            personal_data: false,
        }
    }

    #[test]
    fn categories_are_named_in_the_language_of_the_interface() {
        let notice = notice(&["Veřejná vyhláška", "Odbor vnitřních věcí"]);
        for (language, expected) in [
            (Language::Czech, "Veřejná vyhláška, Odbor vnitřních věcí"),
            // A name that nobody has translated stays as the office wrote it.
            (
                Language::German,
                "Öffentliche Bekanntmachung, Odbor vnitřních věcí",
            ),
            (Language::English, "Public notice, Odbor vnitřních věcí"),
        ] {
            let facts = present_facts(&notice, language);
            assert_eq!(facts.categories.replace('\u{a0}', " "), expected);
        }
    }

    #[test]
    fn the_text_of_a_page_is_few_elements_of_bounded_length() {
        for (count, text) in [
            (1, "a".repeat(200_000)),
            (30, "7".repeat(10_000)),
            (100_000, "_".to_owned()),
        ] {
            let word = TextWord {
                text,
                place: TextBox::new(50.0, 50.0, 400.0, 12.0),
                confidence: None,
            };
            let paragraph = Paragraph {
                lines: vec![TextLine { words: vec![word] }],
                ..Paragraph::default()
            };
            let page = TextPage {
                paragraphs: vec![paragraph; count],
                ..TextPage::empty(595.0, 842.0)
            };
            let set = page_paragraphs(&page);
            assert!(set.len() <= 4 * MANY, "{} elements", set.len());
            let letters = |text: &str| text.chars().filter(|one| *one != '\n').count();
            assert!(set.iter().all(|one| letters(&one.text) <= 4_000));
            let all: usize = set.iter().map(|one| letters(&one.text)).sum();
            assert!(all <= MAX_PAGE_LETTERS + 1, "{all} letters");
            assert!(set.last().unwrap().text.ends_with('…'));
        }
    }
}
