//! What the screen shows, ready-made.
//!
//! A view model is plain, comparable and can be sent: the adapters draw only what differs from the one before.
//! Dates arrive written out, with non-breaking spaces in place; words come from the markup's translations.

use std::sync::Arc;

use slint::{Rgb8Pixel, Rgba8Pixel, SharedPixelBuffer};
use vyveska_board::{Language, NoticeId};

use crate::state::Unreadable;

/// Everything on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewModel {
    /// The language of the interface.
    pub language: Language,
    /// Which screen is in front.
    pub screen: Screen,
    /// Whose board and what time.
    pub header: HeaderView,
    /// What stands above the bar.
    pub footer: FooterView,
    /// The idle rotation; kept up to date while [`Screen::Idle`] is in front.
    pub idle: IdleView,
    /// The list.
    pub board: BoardView,
    /// The open notice, when there is one.
    pub notice: Option<NoticeView>,
    /// The countdown back to idle, in seconds, while it is visible.
    pub countdown: Option<u32>,
}

/// Which screen is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// There is no board yet: the device has never heard from central.
    Waiting,
    /// Nobody touches it.
    Idle,
    /// The list.
    Board,
    /// One notice.
    Notice,
}

/// Whose board and what time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeaderView {
    /// „Město Lipnice nad Rolavou".
    pub town: String,
    /// „14:32".
    pub time: String,
    /// „sobota 21. listopadu 2026".
    pub date: String,
    /// The coat of arms.
    pub coat_of_arms: Option<Picture>,
}

/// What stands above the bar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FooterView {
    /// The web address as people type it.
    pub web_address: String,
    /// „část 1 ze 2, druhá je na nádraží"; empty when the board has one part.
    pub part: String,
    /// „14:31", or with the date when that is not today; empty before central was ever heard.
    pub data_as_of: String,
    /// Whether the data are older than they should be.
    pub stale: bool,
}

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

/// The list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoardView {
    /// How many notices hang on the board.
    pub total: u32,
    /// Categories with counts, the most wanted first.
    pub categories: Vec<CategoryView>,
    /// Whether all notices are shown (no category chosen).
    pub all_chosen: bool,
    /// The notices shown.
    pub rows: Arc<[RowView]>,
    /// Where the list should stand, in logical pixels; the markup follows when [`Self::scroll_sequence`] changes.
    pub scroll: f32,
    /// Changes when the list should jump to [`Self::scroll`].
    pub scroll_sequence: u32,
}

/// A category with its count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryView {
    /// The name, which is also its key.
    pub name: String,
    /// How many notices it has.
    pub count: u32,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// Which notice.
    pub id: NoticeId,
    /// The title, with non-breaking spaces in place.
    pub title: String,
    /// The first category; empty when there is none.
    pub category: String,
    /// The picture that goes with the category.
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
    /// The time of day it ends at, „14.00", when its end is not the end of a day.
    pub until_time: String,
    /// Whether it counts as new.
    pub is_new: bool,
}

/// The picture that goes with a category.
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

/// Pixels, told apart by their number so that view models compare quickly.
#[derive(Clone)]
pub struct Picture {
    /// Two pictures of one number are the same.
    pub number: u64,
    /// The pixels, shared.
    pub pixels: Pixels,
}

/// Shared pixels.
#[derive(Clone)]
pub enum Pixels {
    /// Three bytes each: pages of documents.
    Opaque(SharedPixelBuffer<Rgb8Pixel>),
    /// Four bytes each: what stands on a coloured ground.
    Transparent(SharedPixelBuffer<Rgba8Pixel>),
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({})", self.number)
    }
}
