//! The list.

use std::sync::Arc;

use vyveska_board::NoticeId;

use crate::state::Sort;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoardView {
    /// How many notices are posted.
    pub total: u32,
    /// Categories with counts, the most wanted first.
    pub categories: Vec<CategoryView>,
    /// Whether all notices are shown (no category chosen).
    pub all_chosen: bool,
    /// Whether all there is to choose stands in the place of the list.
    pub choosing: bool,
    pub sort: Sort,
    /// Whether there is information of the town to go to.
    pub information: bool,
    pub rows: Arc<[RowView]>,
    /// How many cards of the list have gone by above, 2.5 in the middle of the third.
    /// The markup follows when [`Self::scroll_sequence`] changes.
    pub scroll: f32,
    /// Changes when the list should jump to [`Self::scroll`].
    pub scroll_sequence: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryView {
    /// Its Czech name, by which it is chosen.
    pub key: String,
    pub name: String,
    /// How many notices it has.
    pub count: u32,
    pub chosen: bool,
}

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    pub id: NoticeId,
    /// The title, with non-breaking spaces in place.
    pub title: String,
    /// The first category; empty when there is none.
    pub category: String,
    pub icon: Icon,
    /// Originator and reference number, „odbor dopravy · OD/4821/2026"; may be empty.
    pub origin: String,
    /// Who issued it, in full; may be empty.
    pub originator: String,
    /// The reference number alone; may be empty.
    pub reference_number: String,
    /// „21. 11."; empty when unspecified.
    pub posted: String,
    /// „6. 12. 2026", the last day, inclusive; empty when the notice states no end.
    pub until: String,
    /// The same with the year only where that is not this one: „6. 12.".
    pub until_short: String,
    /// The time of day it ends at, „14.00", when its end is not the end of a day.
    pub until_time: String,
    /// „zbývají 3 dny", when it ends soon; else empty.
    pub deadline: String,
    pub is_new: bool,
}

impl RowView {
    /// A row that is no posted notice: a title and what it belongs to, no dates.
    pub fn of_no_board(title: String, belongs_to: String) -> Self {
        Self {
            id: NoticeId::new(""),
            title,
            category: belongs_to,
            icon: Icon::File,
            origin: String::new(),
            originator: String::new(),
            reference_number: String::new(),
            posted: String::new(),
            until: String::new(),
            until_short: String::new(),
            until_time: String::new(),
            deadline: String::new(),
            is_new: false,
        }
    }
}

/// The icon of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Icon {
    /// Scales: public notices, legal matters.
    Scales,
    /// A house: sale and lease.
    House,
    /// A gavel: auctions.
    Gavel,
    /// A flash: outages.
    Lightning,
    /// A town hall: council and assembly.
    Buildings,
    /// A person with a case: tenders and vacancies.
    Briefcase,
    /// Coins: budget and grants.
    Coins,
    /// A road: traffic.
    Road,
    /// A tree: environment.
    Tree,
    /// Anything else.
    File,
}
