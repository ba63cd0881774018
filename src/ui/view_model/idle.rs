//! The idle rotation.

use super::{Picture, RowView};

/// One picture of the idle rotation.
#[derive(Debug, Clone, PartialEq)]
pub struct IdleView {
    /// Which picture of the rotation, counted from 0, for the progress mark.
    pub step: u32,
    /// How many there are.
    pub steps: u32,
    /// What it shows.
    pub page: IdlePage,
}

/// What a picture of the idle rotation shows.
#[derive(Debug, Clone, PartialEq)]
pub enum IdlePage {
    /// A page of titles.
    Titles {
        /// How many notices hang on the board.
        total: u32,
        /// Counted from 1.
        page: u32,
        /// How many pages of titles there are; 0 for an empty board.
        pages: u32,
        /// Eight at most.
        rows: Vec<RowView>,
    },
    /// A new notice by itself.
    Notice(Box<IdleNoticeView>),
}

/// A new notice by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct IdleNoticeView {
    /// Title, dates and marks.
    pub row: RowView,
    /// How many documents it has.
    pub documents: u32,
    /// How many pages its first document has; 0 while unknown.
    pub pages: u32,
    /// The first page of its first document, at the width it is shown.
    pub page: Option<Picture>,
    /// The QR code of its public page.
    pub qr_code: Option<Picture>,
}
