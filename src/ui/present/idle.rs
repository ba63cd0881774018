//! Which texts, previews and QR code a step of the idle rotation gets; the state has chosen the step.

use vyveska_wire::information::InformationPage;
use vyveska_wire::section::language_map;

use super::row::present_row;
use super::{Presenter, count, text};
use crate::page_cache::PageCache;
use crate::state::{BoardNotice, IdleStep, State};
use crate::ui::view_model::{
    EntryView, FactView, IdleFactView, IdleInformationView, IdleNoticeView, IdlePage, IdleView,
    RowView,
};

impl Presenter {
    pub(super) fn idle(&mut self, state: &State, page_cache: &PageCache) -> IdleView {
        let information = state.has_information();
        let Some((step, steps, shown)) = state.idle_step() else {
            return IdleView {
                step: 0,
                steps: 1,
                paused: false,
                information,
                page: IdlePage::Titles {
                    total: 0,
                    page: 1,
                    pages: 1,
                    rows: Vec::new(),
                    close: false,
                    minutes: 0,
                },
            };
        };
        let present = |notices: Vec<&BoardNotice>| -> Vec<RowView> {
            let rows = notices.into_iter().map(|entry| present_row(state, entry));
            rows.collect()
        };
        let page = match shown {
            IdleStep::Titles {
                page,
                pages,
                close,
                notices,
                whole_round,
            } => IdlePage::Titles {
                total: count(state.posted().len()),
                page: count(page + 1),
                pages: count(pages),
                rows: present(notices),
                close,
                minutes: whole_round.map_or(0, |round| {
                    u32::try_from(round.as_secs().div_ceil(60)).unwrap_or(u32::MAX)
                }),
            },
            IdleStep::Ending {
                page,
                pages,
                notices,
            } => IdlePage::Ending {
                page: count(page + 1),
                pages: count(pages),
                rows: present(notices),
            },
            IdleStep::Information(page) => {
                IdlePage::Information(self.idle_information(state, page))
            }
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
                    page: drawing
                        .and_then(|drawing| page_cache.whole_page(&drawing))
                        .map(|page| self.printed.of(page)),
                    qr_code: self.qr_code(state, entry),
                }))
            }
        };
        IdleView {
            step: count(step),
            steps: count(steps),
            paused: state.is_idle_paused(),
            information,
            page,
        }
    }

    /// The most important of a page: of one office its hours, of several things each in a line.
    fn idle_information(&mut self, state: &State, page: &InformationPage) -> IdleInformationView {
        let entries = self.entries(state, &page.content);
        let lead = text(&language_map(&page.lead), state.language());
        let (lead, facts) = match &entries[..] {
            [only] => {
                let lead = if only.status.is_empty() {
                    lead
                } else {
                    only.status.clone()
                };
                (lead, only.facts.iter().map(fact_of_one).collect())
            }
            several => (lead, several.iter().map(fact_of_several).collect()),
        };
        IdleInformationView {
            id: page.id.clone(),
            title: text(&language_map(&page.title), state.language()),
            lead,
            facts,
        }
    }
}

fn fact_of_one(fact: &FactView) -> IdleFactView {
    IdleFactView {
        label: fact.label.clone(),
        value: fact.value.clone(),
    }
}

/// „25. listopadu: Rozsvícení stromu", „Dotace na sport: zbývá 10 dní".
fn fact_of_several(entry: &EntryView) -> IdleFactView {
    if !entry.day.is_empty() {
        return IdleFactView {
            label: format!("{}\u{a0}{}", entry.day, entry.month),
            value: entry.heading.clone(),
        };
    }
    let first_fact = entry.facts.first().map_or("", |fact| fact.value.as_str());
    let said = [
        entry.weighty.as_str(),
        &entry.status,
        first_fact,
        &entry.text,
    ];
    let value = said.into_iter().find(|words| !words.is_empty());
    IdleFactView {
        label: entry.heading.clone(),
        value: value.unwrap_or_default().to_owned(),
    }
}
