//! The search.

use std::sync::Arc;

use vyveska_board::NoticeId;

use super::Icon;
use crate::state::{KeyboardLayout, Layer};

#[derive(Debug, Clone, PartialEq)]
pub struct SearchView {
    /// What was typed.
    pub words: String,
    /// Whether the keyboard is there.
    pub typing: bool,
    /// Which letters it has.
    pub layout: KeyboardLayout,
    /// Which of them a small keyboard shows.
    pub layer: Layer,
    pub status: SearchStatus,
    /// How many notices have all the words.
    pub total: u32,
    /// Whether the texts of documents are searched too.
    pub in_documents: bool,
    /// The best of them.
    pub found: Arc<[FoundView]>,
    /// Categories to begin with, while nothing is typed.
    pub suggestions: Vec<String>,
    /// Whether the notice that is open was found here, so that the results stand beside it where there is room.
    pub beside: bool,
    /// How many of the results have gone by above; followed when [`Self::scroll_sequence`] changes.
    pub scroll: f32,
    /// Changes when the results should jump to [`Self::scroll`].
    pub scroll_sequence: u32,
}

/// How far the search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchStatus {
    /// Nothing was typed.
    Empty,
    /// The first answer has not come yet.
    Searching,
    /// Some notices have all the words.
    Found,
    /// None has.
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundView {
    pub id: NoticeId,
    /// The title, with non-breaking spaces in place.
    pub title: String,
    pub icon: Icon,
    /// „6. 12.", the last day, or „6. 12., 14.05"; empty when the notice states no end.
    pub until: String,
    /// Where the words were found.
    pub place: PlaceView,
    /// What stands there; found words between [`FoundView::BEGIN`] and [`FoundView::END`].
    pub excerpt: String,
}

impl FoundView {
    /// Stands before found words.
    pub const BEGIN: char = '\u{2}';

    /// Stands after them.
    pub const END: char = '\u{3}';
}

/// Where words were found. Documents and pages are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceView {
    Title,
    ReferenceNumber,
    FileNumber,
    Originator,
    Category,
    DocumentTitle(u32),
    Description,
    Text { document: u32, page: u32 },
}
