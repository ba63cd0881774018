//! What the idle screen draws: a page of titles, of what ends soon, one notice, or some information.

use super::{Picture, RowView};

/// One picture of the idle rotation.
#[derive(Debug, Clone, PartialEq)]
pub struct IdleView {
    /// Which picture of the rotation, counted from 0, for the progress mark.
    pub step: u32,
    /// Pictures in a round.
    pub steps: u32,
    /// Whether it stands still because somebody wanted it to.
    pub paused: bool,
    /// Whether there is information of the town to go to.
    pub information: bool,
    pub page: IdlePage,
}

/// What a picture of the idle rotation shows.
#[derive(Debug, Clone, PartialEq)]
pub enum IdlePage {
    Titles {
        /// How many notices are posted.
        total: u32,
        /// Counted from 1.
        page: u32,
        pages: u32,
        /// As many as find room.
        rows: Vec<RowView>,
        /// Whether they stand close, in smaller type.
        close: bool,
        /// In how many minutes every title was shown, on a board so large that two are not enough; else 0.
        minutes: u32,
    },
    /// What ends today and tomorrow.
    Ending {
        /// Counted from 1.
        page: u32,
        pages: u32,
        /// What ends first comes first.
        rows: Vec<RowView>,
    },
    /// A new notice by itself.
    Notice(Box<IdleNoticeView>),
    /// The most important of a page of information.
    Information(IdleInformationView),
}

/// The most important of a page of information.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdleInformationView {
    pub id: String,
    pub title: String,
    /// What it says first; may be empty.
    pub lead: String,
    /// What it says in a word or two each.
    pub facts: Vec<IdleFactView>,
}

/// Something a page of information says in a word or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleFactView {
    /// „pondělí".
    pub label: String,
    /// „8.00–17.00".
    pub value: String,
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
