//! One notice and the pages of its documents.

use std::sync::Arc;

use super::{Picture, RowView};
use crate::state::{KeyboardLayout, Layer, Leads, Onward, ToolPanel, Unreadable};

#[derive(Debug, Clone, PartialEq)]
pub struct NoticeView {
    /// Title, dates and marks; dates here always carry the year.
    pub row: RowView,
    /// What else it says of itself.
    pub facts: FactsView,
    /// Whether it is no notice, but a document of the town's information.
    pub published: bool,
    /// Where it is to be read, where that is not the board's own address.
    pub web_address: Option<String>,
    pub documents: Vec<DocumentView>,
    /// Which one is open, counted from 0.
    pub chosen: usize,
    /// The panel over the pages.
    pub panel: Option<ToolPanel>,
    /// Where „back" leads.
    pub leads: Leads,
    pub viewer: ViewerView,
    pub strip: StripView,
    /// The page number typed so far.
    pub jump: String,
    /// What is looked for in the document.
    pub find: FindView,
    pub has_text: bool,
    /// The text, while it is read instead of the pages.
    pub text: Option<TextView>,
    /// The QR code of its public page.
    pub qr_code: Option<Picture>,
    /// Where to get a copy on paper.
    pub paper_copy_contact: PaperCopyContactView,
}

/// The facts of a notice besides its title and its dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactsView {
    /// All its categories, „Veřejné vyhlášky, Doprava".
    pub categories: String,
    /// Its file number; may be empty.
    pub file_number: String,
    /// Its description, one paragraph an entry.
    pub description: Vec<String>,
}

/// Where to get a copy on paper; empty where unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaperCopyContactView {
    /// „podatelna, přízemí, dveře 12".
    pub place: String,
    /// „352 000 111".
    pub telephone: String,
    /// „po a st 8–17, út a čt 8–14".
    pub hours: String,
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
    /// Why it is missing; empty when it is there, or while nobody has tried to fetch it.
    pub missing: &'static str,
}

/// The pages of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewerView {
    /// What can be shown at all.
    pub status: ViewerStatus,
    /// How wide all pages are together, in logical pixels.
    pub content_width: f32,
    pub content_height: f32,
    /// The pages in and near the window.
    pub pages: Vec<PageSlot>,
    /// Sharper drawings of parts of them, laid over.
    pub tiles: Vec<TileSlot>,
    /// What was found on them, laid over.
    pub marks: Vec<MarkSlot>,
    /// The page that fills most of the window, counted from 1.
    pub page: u32,
    pub page_count: u32,
    /// The pages that may be drawn wrong, „2, 5–7"; empty when there are none.
    pub doubtful_pages: String,
    pub doubtful_count: u32,
    /// Where the window should stand over the pages; followed when [`Self::scroll_sequence`] changes.
    pub scroll_x: f32,
    /// See `scroll_x`.
    pub scroll_y: f32,
    /// Changes when the window should jump.
    pub scroll_sequence: u32,
    pub can_zoom_in: bool,
    pub can_zoom_out: bool,
    pub up: Option<Onward>,
    pub down: Option<Onward>,
    /// Whether there is more to the left.
    pub can_go_left: bool,
    /// Whether there is more to the right.
    pub can_go_right: bool,
}

/// What the viewer can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewerStatus {
    NoDocument,
    Opening,
    /// The pages are there.
    Ready,
    Unreadable(Unreadable),
}

/// A page's place among the pages, in logical pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct PageSlot {
    /// Counted from 1.
    pub number: u32,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    /// The whole page, stretched into its place; white paper until it is drawn, and where tiles hide it.
    pub picture: Option<Picture>,
    /// Why this page cannot be drawn, when it cannot though its document opens.
    pub failed: Option<Unreadable>,
}

/// A sharp drawing of a part of a page, in logical pixels among the pages.
#[derive(Debug, Clone, PartialEq)]
pub struct TileSlot {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub picture: Picture,
}

/// A place that was found, in logical pixels among the pages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarkSlot {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    /// Whether it is the place one was led to.
    pub current: bool,
}

/// Small pictures of pages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StripView {
    /// Those in view.
    pub pages: Vec<StripPage>,
    /// Whether there are some before.
    pub can_go_back: bool,
    /// Whether there are more.
    pub can_go_on: bool,
}

/// A small picture of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct StripPage {
    /// Counted from 1.
    pub number: u32,
    /// The picture; white paper until it is drawn.
    pub picture: Option<Picture>,
    /// Whether it is the page that is read.
    pub current: bool,
}

/// What is looked for in the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindView {
    /// As it was typed; empty when nothing is looked for.
    pub words: String,
    /// How many places were found.
    pub count: u32,
    /// Which of them one was led to, counted from 1.
    pub position: u32,
    /// The page it is on, counted from 1.
    pub page: u32,
    /// Whether the text in which it is looked for is not here yet.
    pub coming: bool,
    /// What stands in the field.
    pub typed: String,
    /// Which letters its keyboard has.
    pub layout: KeyboardLayout,
    /// Which of them a small keyboard shows.
    pub layer: Layer,
}

/// A page of text, in large type.
#[derive(Debug, Clone, PartialEq)]
pub struct TextView {
    pub paragraphs: Arc<[ParagraphView]>,
    /// Where it comes from.
    pub origin: TextOrigin,
    /// How many steps larger than usual it is set.
    pub steps: u32,
}

/// How far a text can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextOrigin {
    /// From the document itself.
    Document,
    /// Recognised from a picture of the page.
    Recognised,
    /// Recognised, and with much doubt.
    Doubtful,
    /// The page has no text.
    None,
    /// It is being read.
    Coming,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParagraphView {
    /// The words; lines only where they mean something.
    pub text: String,
    pub heading: bool,
}
