//! Serves `ui/pages/notice_page.slint`: one notice and the pages of its documents.

use std::rc::Rc;

use slint::{ComponentHandle, Model, ModelRc, VecModel};
use vyveska_board::Language;

use super::counting::one_of;
use super::generated::{self, AppWindow, DocumentRow, NoticeRow, ViewerPage, ViewerState};
use super::picture::image;
use super::view_model::{
    DocumentView, NoticeView, PageSlot, RowView, ViewModel, ViewerStatus, ViewerView,
};
use crate::state::{Event, Intent, Size, Unreadable};

/// What was drawn last.
pub(super) struct NoticeAdapter {
    pages: Rc<VecModel<ViewerPage>>,
    shown: Option<NoticeView>,
    web_address: String,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<generated::NoticeAdapter<'_>>();
    let intent = |intent: Intent| {
        let send = on_event.clone();
        move || send(Event::Intent(intent.clone()))
    };
    adapter.on_back(intent(Intent::Back));
    adapter.on_previous_page(intent(Intent::PreviousPage));
    adapter.on_next_page(intent(Intent::NextPage));
    adapter.on_zoom_in(intent(Intent::ZoomIn));
    adapter.on_zoom_out(intent(Intent::ZoomOut));
    adapter.on_fit_width(intent(Intent::FitWidth));
    let send = on_event.clone();
    adapter.on_choose_document(move |index| {
        if let Ok(index) = index.try_into() {
            send(Event::Intent(Intent::ChooseDocument(index)));
        }
    });
    let send = on_event.clone();
    adapter.on_zoom_about(move |factor, x, y| {
        send(Event::Intent(Intent::ZoomAbout { factor, x, y }));
    });
    let send = on_event.clone();
    adapter.on_viewer_resized(move |width, height| {
        send(Event::ViewerResized(Size { width, height }));
    });
    adapter.on_viewer_scrolled(move |x, y| {
        on_event(Event::Intent(Intent::ViewerScrolled { x, y }));
    });
}

impl NoticeAdapter {
    pub(super) fn new(window: &AppWindow) -> Self {
        let pages = Rc::new(VecModel::default());
        window
            .global::<generated::NoticeAdapter<'_>>()
            .set_pages(ModelRc::from(pages.clone()));
        Self {
            pages,
            shown: None,
            web_address: String::new(),
        }
    }

    pub(super) fn render(
        &mut self,
        window: &AppWindow,
        view_model: &ViewModel,
        words_or_sizes: bool,
    ) {
        let adapter = window.global::<generated::NoticeAdapter<'_>>();
        if self.web_address != view_model.footer.web_address || self.shown.is_none() {
            self.web_address.clone_from(&view_model.footer.web_address);
            adapter.set_web_address(self.web_address.as_str().into());
        }
        let Some(view) = &view_model.notice else {
            if self.shown.take().is_some() {
                // Pixels of pages are large: nothing holds them once the notice is closed.
                self.pages.set_vec(Vec::new());
                adapter.set_qr_code(slint::Image::default());
            }
            return;
        };
        let shown = self.shown.take().filter(|_| !words_or_sizes);
        let shown = shown.as_ref();
        if shown.map(|shown| &shown.row) != Some(&view.row) {
            adapter.set_row(notice_row(&view.row));
        }
        if shown.map(|shown| (&shown.documents, shown.chosen))
            != Some((&view.documents, view.chosen))
        {
            render_documents(&adapter, view_model.language, view);
        }
        if shown.map(|shown| &shown.qr_code) != Some(&view.qr_code) {
            adapter.set_qr_code(image(view.qr_code.as_ref()));
        }
        self.render_viewer(
            &adapter,
            view_model.language,
            &view.viewer,
            shown.map(|shown| &shown.viewer),
        );
        self.shown = Some(view.clone());
    }

    fn render_viewer(
        &self,
        adapter: &generated::NoticeAdapter<'_>,
        language: Language,
        view: &ViewerView,
        shown: Option<&ViewerView>,
    ) {
        adapter.set_state(view.status.into());
        adapter.set_content_width(view.content_width);
        adapter.set_content_height(view.content_height);
        if shown.map(|shown| (shown.page, shown.page_count)) != Some((view.page, view.page_count)) {
            adapter.set_page_of(one_of(language, view.page, view.page_count).into());
        }
        adapter.set_can_zoom_in(view.can_zoom_in);
        adapter.set_can_zoom_out(view.can_zoom_out);
        adapter.set_can_go_back(view.can_go_back);
        adapter.set_can_go_on(view.can_go_on);
        self.render_pages(&view.pages, shown.map_or(&[], |shown| &shown.pages));
        adapter.set_scroll_x(view.scroll_x);
        adapter.set_scroll_y(view.scroll_y);
        // Last: the window jumps when this changes, over pages that are in place by then.
        adapter.set_scroll_sequence(view.scroll_sequence.cast_signed());
    }

    fn render_pages(&self, pages: &[PageSlot], shown: &[PageSlot]) {
        while self.pages.row_count() > pages.len() {
            self.pages.remove(self.pages.row_count() - 1);
        }
        for (index, page) in pages.iter().enumerate() {
            if index >= self.pages.row_count() {
                self.pages.push(page.into());
            } else if shown.get(index) != Some(page) {
                self.pages.set_row_data(index, page.into());
            }
        }
    }
}

fn render_documents(adapter: &generated::NoticeAdapter<'_>, language: Language, view: &NoticeView) {
    let total = view.documents.len().try_into().unwrap_or(u32::MAX);
    let position = |index: usize| {
        let number = index.saturating_add(1).try_into().unwrap_or(u32::MAX);
        one_of(language, number, total)
    };
    let rows: Vec<DocumentRow> = view
        .documents
        .iter()
        .enumerate()
        .map(|(index, document)| document_row(document, position(index)))
        .collect();
    if let Some(chosen) = rows.get(view.chosen) {
        adapter.set_document_of(chosen.position.clone());
        adapter.set_document_title(chosen.title.clone());
        adapter.set_document_pages(chosen.pages);
    }
    adapter.set_chosen(view.chosen.try_into().unwrap_or(i32::MAX));
    adapter.set_documents(ModelRc::from(Rc::new(VecModel::from(rows))));
}

fn document_row(document: &DocumentView, position: String) -> DocumentRow {
    let facts = [document.kind.as_str(), document.size.as_str()];
    let facts: Vec<&str> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    DocumentRow {
        position: position.into(),
        title: document.title.as_str().into(),
        pages: document.pages.try_into().unwrap_or(i32::MAX),
        kind_and_size: facts.join(" · ").into(),
    }
}

fn notice_row(row: &RowView) -> NoticeRow {
    NoticeRow::from(row)
}

impl From<&PageSlot> for ViewerPage {
    fn from(page: &PageSlot) -> Self {
        let detail = page.detail.as_ref();
        Self {
            number: page.number.try_into().unwrap_or(i32::MAX),
            x: page.x,
            y: page.y,
            width: page.width,
            height: page.height,
            picture: image(page.picture.as_ref()),
            failed: page.failed.is_some(),
            detail_x: detail.map_or(0.0, |detail| detail.x),
            detail_y: detail.map_or(0.0, |detail| detail.y),
            detail_width: detail.map_or(0.0, |detail| detail.width),
            detail_height: detail.map_or(0.0, |detail| detail.height),
            detail: image(detail.map(|detail| &detail.picture)),
        }
    }
}

impl From<ViewerStatus> for ViewerState {
    fn from(status: ViewerStatus) -> Self {
        match status {
            ViewerStatus::NoDocument => Self::NoDocument,
            ViewerStatus::Opening => Self::Opening,
            ViewerStatus::Ready => Self::Ready,
            ViewerStatus::Unreadable(reason) => match reason {
                Unreadable::PasswordProtected => Self::PasswordProtected,
                Unreadable::Broken => Self::Broken,
                Unreadable::Empty => Self::Empty,
                Unreadable::TooLarge => Self::TooLarge,
                Unreadable::TooDemanding => Self::TooDemanding,
                Unreadable::Unsupported => Self::Unsupported,
                Unreadable::Missing => Self::Missing,
            },
        }
    }
}
