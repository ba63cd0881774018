//! The list, built again only when one of its inputs has changed.

use std::sync::Arc;

use vyveska_board::format::typography;
use vyveska_board::{Language, category};

use super::row::present_row;
use super::{Presenter, count};
use crate::state::{Sort, State, categories};
use crate::ui::view_model::{BoardView, CategoryView, RowView};

/// The list as it was built last.
#[derive(Default)]
pub(super) struct ListCache {
    made: Option<(ListKey, ListParts)>,
}

/// The inputs of the list's rows and categories.
#[derive(PartialEq)]
struct ListKey {
    edition: u64,
    language: Language,
    category: Option<String>,
    sort: Sort,
}

#[derive(Clone)]
struct ListParts {
    categories: Vec<CategoryView>,
    rows: Arc<[RowView]>,
}

impl Presenter {
    pub(super) fn board(&mut self, state: &State) -> BoardView {
        let list = state.list();
        let key = ListKey {
            edition: state.edition(),
            language: state.language(),
            category: list.category().map(str::to_owned),
            sort: list.sort(),
        };
        let parts = match &self.list.made {
            Some((made_for, parts)) if *made_for == key => parts.clone(),
            _ => {
                let parts = list_parts(state);
                self.list.made = Some((key, parts.clone()));
                parts
            }
        };
        BoardView {
            total: count(state.posted().len()),
            categories: parts.categories,
            all_chosen: list.category().is_none(),
            choosing: list.is_choosing(),
            sort: list.sort(),
            information: state.has_information(),
            rows: parts.rows,
            scroll: list.place(),
            scroll_sequence: list.jumps(),
        }
    }
}

fn list_parts(state: &State) -> ListParts {
    let list = state.list();
    ListParts {
        categories: categories(state.posted())
            .into_iter()
            .map(|category| CategoryView {
                chosen: list.category() == Some(category.name.as_str()),
                count: count(category.count),
                name: typography::bind(category::name(&category.name, state.language())),
                key: category.name,
            })
            .collect(),
        rows: state
            .listed()
            .into_iter()
            .map(|entry| present_row(state, entry))
            .collect(),
    }
}
