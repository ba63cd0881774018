//! Serves `ui/pages/idle_page.slint`: the idle rotation.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};
use vyveska_board::NoticeId;
use vyveska_board::format::counting::one_of;

use super::markup::{self, AppWindow, IdleFact, IdleKind, NoticeRow};
use super::picture::image;
use super::view_model::{IdlePage, IdleView, RowView, ViewModel};
use crate::state::{Event, IdleRoom, InformationIntent, Intent};

#[derive(Default)]
pub(super) struct IdleAdapter {
    shown: Option<IdleView>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::IdleAdapter<'_>>();
    let send = on_event.clone();
    adapter.on_show_board(move || send(Event::Intent(Intent::ShowBoard)));
    let send = on_event.clone();
    adapter.on_toggle_pause(move || send(Event::Intent(Intent::TogglePause)));
    let send = on_event.clone();
    adapter.on_open_notice(move |id| {
        send(Event::Intent(Intent::OpenNotice(NoticeId::new(
            id.as_str(),
        ))));
    });
    let send = on_event.clone();
    adapter.on_show_information(move || {
        send(Event::Intent(Intent::Information(InformationIntent::Show)));
    });
    let send = on_event.clone();
    adapter.on_open_information(move |id| {
        let intent = InformationIntent::Open(id.into());
        send(Event::Intent(Intent::Information(intent)));
    });
    adapter.on_resized(move |titles, titles_close, preview| {
        on_event(Event::IdleResized(IdleRoom {
            titles: titles.try_into().unwrap_or_default(),
            titles_close: titles_close.try_into().unwrap_or_default(),
            preview_width: preview.round() as u32,
        }));
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
        let adapter = window.global::<markup::IdleAdapter<'_>>();
        adapter.set_step(count(view.step));
        adapter.set_steps(count(view.steps));
        adapter.set_paused(view.paused);
        adapter.set_information(view.information);
        let pages = |page: u32, pages: u32| match pages {
            0 | 1 => String::new(),
            _ => one_of(view_model.language, page, pages),
        };
        match &view.page {
            IdlePage::Titles {
                total,
                page,
                pages: of,
                rows,
                close,
                minutes,
            } => {
                adapter.set_total(count(*total));
                adapter.set_page_of(pages(*page, *of).into());
                adapter.set_close(*close);
                adapter.set_minutes(count(*minutes));
                adapter.set_rows(model(rows));
                adapter.set_kind(IdleKind::Titles);
            }
            IdlePage::Ending {
                page,
                pages: of,
                rows,
            } => {
                adapter.set_total(count(rows.len().try_into().unwrap_or(u32::MAX)));
                adapter.set_page_of(pages(*page, *of).into());
                adapter.set_close(false);
                adapter.set_minutes(0);
                adapter.set_rows(model(rows));
                adapter.set_kind(IdleKind::Ending);
            }
            IdlePage::Notice(notice) => {
                adapter.set_notice(NoticeRow::from(&notice.row));
                adapter.set_documents(count(notice.documents));
                adapter.set_pages(count(notice.pages));
                adapter.set_page(image(notice.page.as_ref()));
                adapter.set_qr_code(image(notice.qr_code.as_ref()));
                adapter.set_kind(IdleKind::Notice);
            }
            IdlePage::Information(page) => {
                adapter.set_information_id(page.id.as_str().into());
                adapter.set_information_title(page.title.as_str().into());
                adapter.set_information_lead(page.lead.as_str().into());
                let facts = page.facts.iter().map(|fact| IdleFact {
                    label: fact.label.as_str().into(),
                    value: fact.value.as_str().into(),
                });
                let facts: Vec<IdleFact> = facts.collect();
                adapter.set_facts(ModelRc::from(Rc::new(VecModel::from(facts))));
                adapter.set_kind(IdleKind::Information);
            }
        }
        self.shown = Some(view.clone());
    }
}

fn model(rows: &[RowView]) -> ModelRc<NoticeRow> {
    let rows: Vec<NoticeRow> = rows.iter().map(NoticeRow::from).collect();
    ModelRc::from(Rc::new(VecModel::from(rows)))
}

fn count(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
