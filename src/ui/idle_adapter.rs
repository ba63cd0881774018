//! Serves `ui/pages/idle_page.slint`: the rotation nobody has to touch.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};
use vyveska_board::NoticeId;

use super::counting::one_of;
use super::generated::{self, AppWindow, NoticeRow};
use super::picture::image;
use super::view_model::{IdlePage, IdleView, ViewModel};
use crate::state::{Event, Intent};

/// What was drawn last.
#[derive(Default)]
pub(super) struct IdleAdapter {
    shown: Option<IdleView>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<generated::IdleAdapter<'_>>();
    let send = on_event.clone();
    adapter.on_show_board(move || send(Event::Intent(Intent::ShowBoard)));
    adapter.on_open_notice(move |id| {
        on_event(Event::Intent(Intent::OpenNotice(NoticeId::new(
            id.as_str(),
        ))));
    });
}

impl IdleAdapter {
    pub(super) fn render(
        &mut self,
        window: &AppWindow,
        view_model: &ViewModel,
        words_or_sizes: bool,
    ) {
        let view = &view_model.idle;
        if self.shown.as_ref() == Some(view) && !words_or_sizes {
            return;
        }
        let adapter = window.global::<generated::IdleAdapter<'_>>();
        adapter.set_step(count(view.step));
        adapter.set_steps(count(view.steps));
        match &view.page {
            IdlePage::Titles {
                total,
                page,
                pages,
                rows,
            } => {
                adapter.set_total(count(*total));
                adapter.set_page_of(one_of(view_model.language, *page, *pages).into());
                let rows: Vec<NoticeRow> = rows.iter().map(NoticeRow::from).collect();
                adapter.set_rows(ModelRc::from(Rc::new(VecModel::from(rows))));
                adapter.set_single(false);
            }
            IdlePage::Notice(notice) => {
                adapter.set_notice(NoticeRow::from(&notice.row));
                adapter.set_documents(count(notice.documents));
                adapter.set_pages(count(notice.pages));
                adapter.set_page(image(notice.page.as_ref()));
                adapter.set_qr_code(image(notice.qr_code.as_ref()));
                adapter.set_single(true);
            }
        }
        self.shown = Some(view.clone());
    }
}

fn count(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
