//! Serves `ui/pages/waiting_page.slint`: before the first board.

use slint::ComponentHandle;

use super::markup::{self, AppWindow, LinkKind};
use super::view_model::{ViewModel, WaitingView};
use crate::state::Link;

#[derive(Default)]
pub(super) struct WaitingAdapter {
    shown: Option<WaitingView>,
}

impl WaitingAdapter {
    pub(super) fn render(&mut self, window: &AppWindow, view_model: &ViewModel) {
        let view = &view_model.waiting;
        if self.shown.as_ref() == Some(view) {
            return;
        }
        let adapter = window.global::<markup::WaitingAdapter<'_>>();
        adapter.set_code(view.code.as_str().into());
        adapter.set_central(view.central.as_str().into());
        adapter.set_link(link_kind(view.link.as_ref()));
        adapter.set_reason(reason(view.link.as_ref()).into());
        self.shown = Some(view.clone());
    }
}

fn link_kind(link: Option<&Link>) -> LinkKind {
    match link {
        None => LinkKind::Unknown,
        Some(Link::Reached) => LinkKind::Reached,
        Some(Link::NotLetIn) => LinkKind::NotLetIn,
        Some(Link::PlainHttp) => LinkKind::PlainHttp,
        Some(Link::Unreachable { .. }) => LinkKind::Unreachable,
        Some(Link::Trouble { .. }) => LinkKind::Trouble,
    }
}

fn reason(link: Option<&Link>) -> &str {
    match link {
        Some(Link::Unreachable { reason } | Link::Trouble { reason }) => reason,
        _ => "",
    }
}
