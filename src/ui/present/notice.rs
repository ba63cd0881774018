//! One notice and the pages of its documents.

use vyveska_board::Document;

use super::row::present_row;
use super::{Presenter, count, text};
use crate::gallery::Gallery;
use crate::state::{BoardNotice, Drawing, Placed, Reading, Size, State};
use crate::ui::dates;
use crate::ui::file_size::file_size;
use crate::ui::view_model::{
    DetailSlot, DocumentView, NoticeView, PageSlot, ViewerStatus, ViewerView,
};

impl Presenter {
    pub(super) fn notice(&mut self, state: &State, gallery: &Gallery) -> Option<NoticeView> {
        let (entry, reading) = state.reading()?;
        let language = state.language();
        let mut row = present_row(state, entry);
        row.posted = entry
            .notice
            .posted
            .date()
            .map(|date| dates::full_date(date, language))
            .unwrap_or_default();
        Some(NoticeView {
            row,
            documents: entry
                .notice
                .documents
                .iter()
                .map(|document| present_document(state, document))
                .collect(),
            chosen: reading.chosen(),
            viewer: present_viewer(state, entry, reading, gallery),
            qr_code: self.qr_code(entry),
        })
    }
}

fn present_document(state: &State, document: &Document) -> DocumentView {
    let opened = document
        .hash
        .and_then(|hash| state.opened(&vyveska_wire::manifest::ContentHash(hash)));
    DocumentView {
        title: text(&document.title, state.language()),
        pages: match opened {
            Some(Ok(pages)) => count(pages.len()),
            _ => 0,
        },
        kind: document
            .media_type
            .as_deref()
            .map(kind_of)
            .unwrap_or_default(),
        size: if document.size_bytes == 0 {
            String::new()
        } else {
            file_size(document.size_bytes, state.language())
        },
    }
}

fn present_viewer(
    state: &State,
    entry: &BoardNotice,
    reading: &Reading,
    gallery: &Gallery,
) -> ViewerView {
    let viewer = state.viewer();
    let none: &[Size] = &[];
    let (status, pages) = match reading.document() {
        None if entry.notice.documents.is_empty() => (ViewerStatus::NoDocument, none),
        None => (
            ViewerStatus::Unreadable(crate::state::Unreadable::Missing),
            none,
        ),
        Some(hash) => match state.opened(&hash) {
            None => (ViewerStatus::Opening, none),
            Some(Ok(pages)) => (ViewerStatus::Ready, &pages[..]),
            Some(Err(reason)) => (ViewerStatus::Unreadable(*reason), none),
        },
    };
    let content = reading.content(viewer, pages);
    let current = reading.current(viewer, pages);
    let (x, y) = reading.offset();
    let slots = reading
        .near(viewer, pages)
        .into_iter()
        .map(|placed| present_page(reading, &placed, viewer, gallery))
        .collect();
    ViewerView {
        status,
        content_width: content.width,
        content_height: content.height,
        pages: slots,
        page: count(current + 1).min(count(pages.len()).max(1)),
        page_count: count(pages.len()),
        scroll_x: x,
        scroll_y: y,
        scroll_sequence: reading.jumps(),
        can_zoom_in: status == ViewerStatus::Ready && reading.can_zoom_in(),
        can_zoom_out: status == ViewerStatus::Ready && reading.can_zoom_out(),
        can_go_back: current > 0,
        can_go_on: current + 1 < pages.len(),
    }
}

fn present_page(reading: &Reading, placed: &Placed, viewer: Size, gallery: &Gallery) -> PageSlot {
    let document = reading
        .document()
        .expect("pages are placed only for an open document");
    let page = count(placed.index);
    let whole = Drawing {
        document,
        page,
        page_width: (placed.size.width / reading.zoom()).round().max(1.0) as u32,
        region: None,
    };
    let detail = (reading.zoom() > 1.0)
        .then(|| reading.region(placed, viewer))
        .flatten()
        .and_then(|region| {
            let wanted = Drawing {
                page_width: placed.size.width.round() as u32,
                region: Some(region),
                ..whole
            };
            let (drawn, picture) = match gallery.get(&wanted) {
                Some(picture) => (wanted, picture),
                None => {
                    let (drawn, picture) = gallery.part_of_page(&wanted)?;
                    (*drawn, picture)
                }
            };
            let region = drawn.region?;
            Some(DetailSlot {
                x: region.x as f32,
                y: region.y as f32,
                width: region.width as f32,
                height: region.height as f32,
                picture: picture.clone(),
            })
        });
    PageSlot {
        number: page + 1,
        x: placed.x,
        y: placed.y,
        width: placed.size.width,
        height: placed.size.height,
        picture: gallery.whole_page(&whole).cloned(),
        detail,
        failed: gallery.failure(&document, page),
    }
}

/// What people call a kind of file.
fn kind_of(media_type: &str) -> String {
    match media_type {
        "application/pdf" => "PDF".to_owned(),
        "image/jpeg" => "JPEG".to_owned(),
        "image/png" => "PNG".to_owned(),
        "image/tiff" => "TIFF".to_owned(),
        "image/webp" => "WebP".to_owned(),
        _ => String::new(),
    }
}
