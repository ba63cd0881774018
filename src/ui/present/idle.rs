//! The idle rotation.

use super::row::present_row;
use super::{Presenter, count};
use crate::gallery::Gallery;
use crate::state::{IdleStep, State};
use crate::ui::view_model::{IdleNoticeView, IdlePage, IdleView};

impl Presenter {
    pub(super) fn idle(&mut self, state: &State, gallery: &Gallery) -> IdleView {
        let Some((step, steps, shown)) = state.idle_step() else {
            return IdleView {
                step: 0,
                steps: 1,
                page: IdlePage::Titles {
                    total: 0,
                    page: 1,
                    pages: 0,
                    rows: Vec::new(),
                },
            };
        };
        let page = match shown {
            IdleStep::Titles {
                page,
                pages,
                notices,
            } => IdlePage::Titles {
                total: count(state.posted().len()),
                page: count(page + 1),
                pages: count(pages),
                rows: notices
                    .iter()
                    .map(|entry| present_row(state, entry))
                    .collect(),
            },
            IdleStep::Notice(entry) => {
                let drawing = state.preview(entry);
                let opened = drawing.and_then(|drawing| state.opened(&drawing.document));
                IdlePage::Notice(Box::new(IdleNoticeView {
                    row: present_row(state, entry),
                    documents: count(entry.notice.documents.len()),
                    pages: match opened {
                        Some(Ok(pages)) => count(pages.len()),
                        _ => 0,
                    },
                    page: drawing.and_then(|drawing| gallery.whole_page(&drawing).cloned()),
                    qr_code: self.qr_code(entry),
                }))
            }
        };
        IdleView {
            step: count(step),
            steps: count(steps),
            page,
        }
    }
}
