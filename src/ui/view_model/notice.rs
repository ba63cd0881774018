//! One notice and the pages of its documents.

use super::{Picture, RowView};
use crate::state::Unreadable;

/// One notice.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeView {
    /// Title, dates and marks; dates here always carry the year.
    pub row: RowView,
    /// Its documents in order.
    pub documents: Vec<DocumentView>,
    /// Which one is open, counted from 0.
    pub chosen: usize,
    /// The pages.
    pub viewer: ViewerView,
    /// The QR code of its public page.
    pub qr_code: Option<Picture>,
}

/// A document in a notice's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// Its name; empty when the publisher gave none.
    pub title: String,
    /// How many pages; 0 while unknown.
    pub pages: u32,
    /// „PDF", „JPEG", …; empty while unknown.
    pub kind: String,
    /// „205 kB"; empty while unknown.
    pub size: String,
}

/// The pages of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewerView {
    /// What can be shown at all.
    pub status: ViewerStatus,
    /// How wide all pages are together, in logical pixels.
    pub content_width: f32,
    /// How high.
    pub content_height: f32,
    /// The pages in and near the window.
    pub pages: Vec<PageSlot>,
    /// The page that fills most of the window, counted from 1.
    pub page: u32,
    /// How many there are.
    pub page_count: u32,
    /// Where the window should stand over the pages; followed when [`Self::scroll_sequence`] changes.
    pub scroll_x: f32,
    /// See `scroll_x`.
    pub scroll_y: f32,
    /// Changes when the window should jump.
    pub scroll_sequence: u32,
    /// Whether one can go larger.
    pub can_zoom_in: bool,
    /// Whether one can go smaller.
    pub can_zoom_out: bool,
    /// Whether a page lies above.
    pub can_go_back: bool,
    /// Whether a page lies below.
    pub can_go_on: bool,
}

/// What the viewer can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewerStatus {
    /// The notice has no document.
    NoDocument,
    /// The document is being opened.
    Opening,
    /// The pages are there.
    Ready,
    /// It cannot be shown.
    Unreadable(Unreadable),
}

/// A page's place among the pages, in logical pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct PageSlot {
    /// Counted from 1.
    pub number: u32,
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
    /// The whole page, stretched into its place; white paper until it is drawn.
    pub picture: Option<Picture>,
    /// A sharper drawing of a part of it, laid over.
    pub detail: Option<DetailSlot>,
    /// Why this page cannot be drawn, when it cannot though its document opens.
    pub failed: Option<Unreadable>,
}

/// A sharper drawing of a part of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailSlot {
    /// From the page's left.
    pub x: f32,
    /// From the page's top.
    pub y: f32,
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
    /// The drawing.
    pub picture: Picture,
}
