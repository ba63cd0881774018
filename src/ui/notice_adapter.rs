//! Serves `ui/pages/notice_page.slint`: one notice and the pages of its documents.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};
use vyveska_board::Language;
use vyveska_board::format::counting::one_of;

use super::keyboard_adapter;
use super::markup::{
    self, AppWindow, BackLeads, CopiesPlace, DocumentRow, NoticeFacts, NoticePanel, NoticeRow,
    StepLeads, StripPage, TextParagraph, ViewerMark, ViewerState,
};
use super::picture::image;
use super::view_model::{
    DocumentView, FactsView, FindView, NoticeView, PaperCopyContactView, StripView, TextOrigin,
    TextView, ViewModel, ViewerStatus, ViewerView,
};
use crate::state::{Leads, Onward, ToolPanel, Unreadable};

mod callbacks;
mod documents;
mod slots;

pub(super) use callbacks::connect;
use documents::Documents;
use slots::Slots;

pub(super) struct NoticeAdapter {
    slots: Slots,
    documents: Documents,
    shown: Option<NoticeView>,
    web_address: String,
}

impl NoticeAdapter {
    pub(super) fn new(window: &AppWindow) -> Self {
        let slots = Slots::default();
        let adapter = window.global::<markup::NoticeAdapter<'_>>();
        slots.connect(&adapter);
        let documents = Documents::default();
        documents.connect(window);
        Self {
            slots,
            documents,
            shown: None,
            web_address: String::new(),
        }
    }

    pub(super) fn render(
        &mut self,
        window: &AppWindow,
        view_model: &ViewModel,
        language_changed: bool,
    ) {
        let adapter = window.global::<markup::NoticeAdapter<'_>>();
        let own = view_model.notice.as_ref();
        let web_address = own
            .and_then(|notice| notice.web_address.as_ref())
            .unwrap_or(&view_model.footer.web_address);
        if self.web_address != *web_address || self.shown.is_none() {
            self.web_address.clone_from(web_address);
            adapter.set_web_address(self.web_address.as_str().into());
        }
        let Some(view) = &view_model.notice else {
            if self.shown.take().is_some() {
                self.close(&adapter);
            }
            return;
        };
        let language = view_model.language;
        let shown = self.shown.take().filter(|_| !language_changed);
        let shown = shown.as_ref();
        render_notice(&adapter, view, shown);
        let documents = shown.map(|shown| (&shown.documents, shown.chosen));
        if documents != Some((&view.documents, view.chosen)) {
            self.render_documents(&adapter, language, view);
        }
        render_over(&adapter, language, view, shown);
        self.render_viewer(
            &adapter,
            language,
            &view.viewer,
            shown.map(|shown| &shown.viewer),
        );
        self.shown = Some(view.clone());
    }

    /// Drops pixels, which are large, and texts, which may name people, once the notice is closed.
    fn close(&mut self, adapter: &markup::NoticeAdapter<'_>) {
        self.slots.clear();
        adapter.set_qr_code(slint::Image::default());
        adapter.set_strip(ModelRc::default());
        adapter.set_text(ModelRc::default());
        adapter.set_reads_text(false);
        adapter.set_find_words("".into());
        adapter.set_find_typed("".into());
        adapter.set_panel(NoticePanel::None);
    }

    fn render_documents(
        &self,
        adapter: &markup::NoticeAdapter<'_>,
        language: Language,
        view: &NoticeView,
    ) {
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
            adapter.set_document_kind_and_size(chosen.kind_and_size.clone());
        }
        let chosen = view.documents.get(view.chosen);
        adapter.set_document_kind(chosen.map_or("", |document| &document.kind).into());
        adapter.set_document_missing(chosen.map_or("", |document| document.missing).into());
        adapter.set_chosen(view.chosen.try_into().unwrap_or(i32::MAX));
        self.documents.show(adapter, rows, view.chosen);
    }

    fn render_viewer(
        &mut self,
        adapter: &markup::NoticeAdapter<'_>,
        language: Language,
        view: &ViewerView,
        shown: Option<&ViewerView>,
    ) {
        adapter.set_state(view.status.into());
        adapter.set_content_width(view.content_width);
        adapter.set_content_height(view.content_height);
        if shown.map(|shown| (shown.page, shown.page_count)) != Some((view.page, view.page_count)) {
            adapter.set_page(number(view.page));
            adapter.set_page_count(number(view.page_count));
            adapter.set_page_of(one_of(language, view.page, view.page_count).into());
        }
        if shown.map(|shown| &shown.doubtful_pages) != Some(&view.doubtful_pages) {
            adapter.set_doubtful_pages(view.doubtful_pages.as_str().into());
        }
        adapter.set_doubtful_count(number(view.doubtful_count));
        adapter.set_can_zoom_in(view.can_zoom_in);
        adapter.set_can_zoom_out(view.can_zoom_out);
        adapter.set_up(step_leads(view.up));
        adapter.set_down(step_leads(view.down));
        adapter.set_can_go_left(view.can_go_left);
        adapter.set_can_go_right(view.can_go_right);
        self.slots.render(view, shown);
        if shown.map(|shown| &shown.marks) != Some(&view.marks) {
            let marks = view.marks.iter().map(|mark| ViewerMark {
                x: mark.x,
                y: mark.y,
                width: mark.width,
                height: mark.height,
                current: mark.current,
            });
            adapter.set_marks(model(marks));
        }
        adapter.set_scroll_x(view.scroll_x);
        adapter.set_scroll_y(view.scroll_y);
        // Last: the view jumps when this changes, over pages that are in place by then.
        adapter.set_scroll_sequence(view.scroll_sequence.cast_signed());
    }
}

fn render_notice(
    adapter: &markup::NoticeAdapter<'_>,
    view: &NoticeView,
    shown: Option<&NoticeView>,
) {
    if shown.map(|shown| &shown.row) != Some(&view.row) {
        adapter.set_row(NoticeRow::from(&view.row));
    }
    if shown.map(|shown| &shown.facts) != Some(&view.facts) {
        adapter.set_facts((&view.facts).into());
    }
    if shown.map(|shown| &shown.qr_code) != Some(&view.qr_code) {
        adapter.set_qr_code(image(view.qr_code.as_ref()));
    }
    if shown.map(|shown| &shown.paper_copy_contact) != Some(&view.paper_copy_contact) {
        adapter.set_copies((&view.paper_copy_contact).into());
    }
    adapter.set_published(view.published);
    adapter.set_back_leads(view.leads.into());
}

/// The panels over the pages, or the text read instead of them.
fn render_over(
    adapter: &markup::NoticeAdapter<'_>,
    language: Language,
    view: &NoticeView,
    shown: Option<&NoticeView>,
) {
    if shown.map(|shown| &shown.strip) != Some(&view.strip) {
        render_strip(adapter, &view.strip);
    }
    if shown.map(|shown| &shown.jump) != Some(&view.jump) {
        adapter.set_jump(view.jump.as_str().into());
    }
    if shown.map(|shown| &shown.find) != Some(&view.find) {
        let before = shown.map(|shown| &shown.find);
        render_find(adapter, language, &view.find, before);
    }
    adapter.set_has_text(view.has_text);
    if shown.map(|shown| &shown.text) != Some(&view.text) {
        let before = shown.and_then(|shown| shown.text.as_ref());
        render_text(adapter, view.text.as_ref(), before);
    }
    adapter.set_panel(in_front(view.panel));
}

fn document_row(document: &DocumentView, position: String) -> DocumentRow {
    let facts = [document.kind.as_str(), document.size.as_str()];
    let facts: Vec<&str> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    DocumentRow {
        position: position.into(),
        title: document.title.as_str().into(),
        pages: number(document.pages),
        kind_and_size: facts.join(" · ").into(),
        ..DocumentRow::default()
    }
}

fn render_strip(adapter: &markup::NoticeAdapter<'_>, strip: &StripView) {
    adapter.set_strip(model(strip.pages.iter().map(|page| StripPage {
        number: number(page.number),
        picture: image(page.picture.as_ref()),
        current: page.current,
    })));
    adapter.set_strip_can_go_back(strip.can_go_back);
    adapter.set_strip_can_go_on(strip.can_go_on);
}

fn render_find(
    adapter: &markup::NoticeAdapter<'_>,
    language: Language,
    find: &FindView,
    before: Option<&FindView>,
) {
    let keyboard = (find.layout, find.layer);
    if before.map(|before| (before.layout, before.layer)) != Some(keyboard) {
        let (large, small) = keyboard_adapter::rows(find.layout, find.layer);
        adapter.set_find_large_keys(large);
        adapter.set_find_small_keys(small);
    }
    adapter.set_find_coming(find.coming);
    adapter.set_find_typed(find.typed.as_str().into());
    adapter.set_find_words(find.words.as_str().into());
    adapter.set_find_count(number(find.count));
    adapter.set_find_of(one_of(language, find.position, find.count).into());
    adapter.set_find_page(number(find.page));
}

fn render_text(
    adapter: &markup::NoticeAdapter<'_>,
    text: Option<&TextView>,
    before: Option<&TextView>,
) {
    let Some(text) = text else {
        adapter.set_reads_text(false);
        adapter.set_text(ModelRc::default());
        return;
    };
    if before.map(|before| &before.paragraphs) != Some(&text.paragraphs) {
        adapter.set_text(model(text.paragraphs.iter().map(|paragraph| {
            TextParagraph {
                text: paragraph.text.as_str().into(),
                heading: paragraph.heading,
            }
        })));
    }
    adapter.set_text_origin(text.origin.into());
    adapter.set_text_steps(number(text.steps));
    adapter.set_reads_text(true);
}

fn model<T: Clone + 'static>(rows: impl IntoIterator<Item = T>) -> ModelRc<T> {
    ModelRc::from(Rc::new(VecModel::from_iter(rows)))
}

fn number(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

impl From<&FactsView> for NoticeFacts {
    fn from(facts: &FactsView) -> Self {
        Self {
            categories: facts.categories.as_str().into(),
            file_number: facts.file_number.as_str().into(),
            description: model(facts.description.iter().map(|text| text.as_str().into())),
        }
    }
}

impl From<&PaperCopyContactView> for CopiesPlace {
    fn from(copies: &PaperCopyContactView) -> Self {
        Self {
            place: copies.place.as_str().into(),
            telephone: copies.telephone.as_str().into(),
            hours: copies.hours.as_str().into(),
        }
    }
}

fn in_front(panel: Option<ToolPanel>) -> NoticePanel {
    match panel {
        None => NoticePanel::None,
        Some(ToolPanel::Facts) => NoticePanel::Facts,
        Some(ToolPanel::Attachments) => NoticePanel::Attachments,
        Some(ToolPanel::More) => NoticePanel::More,
        Some(ToolPanel::Strip) => NoticePanel::Strip,
        Some(ToolPanel::Jump) => NoticePanel::Jump,
        Some(ToolPanel::Find) => NoticePanel::Find,
        Some(ToolPanel::TakeAway) => NoticePanel::TakeAway,
    }
}

impl From<Leads> for BackLeads {
    fn from(leads: Leads) -> Self {
        match leads {
            Leads::ToList => Self::List,
            Leads::ToInformation => Self::Information,
            Leads::ToAttachments => Self::Attachments,
            Leads::ToPages => Self::Pages,
        }
    }
}

fn step_leads(onward: Option<Onward>) -> StepLeads {
    match onward {
        None => StepLeads::Nowhere,
        Some(Onward::SamePage) => StepLeads::SamePage,
        Some(Onward::OtherPage) => StepLeads::OtherPage,
    }
}

impl From<TextOrigin> for markup::TextOrigin {
    fn from(origin: TextOrigin) -> Self {
        match origin {
            TextOrigin::Document => Self::Document,
            TextOrigin::Recognised => Self::Recognised,
            TextOrigin::Doubtful => Self::Doubtful,
            TextOrigin::None => Self::None,
            TextOrigin::Coming => Self::Coming,
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
