//! Reading one notice: which document, how large, and which part of it is in the window.
//!
//! Pages stand one below the other, all at the width of the window times the zoom.
//! Every whole page is drawn at the width of the window; above that zoom the part in the window
//! is drawn again, sharp, in regions of a fixed grid, so that pushing the page asks for few drawings.

use vyveska_board::NoticeId;
use vyveska_wire::manifest::ContentHash;

use super::board::BoardNotice;
use super::event::Size;

/// The steps of the zoom buttons; 1 is the width of the window.
const ZOOM_STEPS: [f32; 9] = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0];

/// Between and around pages, in logical pixels.
const MARGIN: f32 = 16.0;

/// A page taller than this many widths is made narrower, so that its height stays bounded.
const TALLEST: f32 = 8.0;

/// How many pages are placed at most: beyond it a reader takes the document along.
const MOST_PAGES: usize = 5000;

/// How wide the first page is drawn for the idle rotation, in pixels.
const PREVIEW_WIDTH: u32 = 680;

/// Where a reader is in a notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    notice: NoticeId,
    chosen: usize,
    document: Option<ContentHash>,
    zoom: f32,
    x: f32,
    y: f32,
    jumps: u32,
    /// The width of the window the offsets are for.
    laid_out_for: f32,
    /// The page to go to as soon as the pages are known.
    opens_at: Option<usize>,
    /// The words to be marked on the pages.
    sought: Vec<String>,
}

/// A page's place among the pages, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Counted from 0.
    pub index: usize,
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Its size.
    pub size: Size,
}

/// A drawing that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Drawing {
    /// Of which document.
    pub document: ContentHash,
    /// Of which page, counted from 0.
    pub page: u32,
    /// How wide the whole page is at the scale of this drawing, in pixels.
    pub page_width: u32,
    /// Which part; `None` for the whole page.
    pub region: Option<Region>,
}

/// A part of a page at the scale of its drawing, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

/// The first page of a notice's first document, for the idle rotation.
pub(super) fn first_page(entry: &BoardNotice) -> Option<Drawing> {
    let document = entry.notice.documents.iter().find_map(|d| d.hash)?;
    Some(Drawing {
        document: ContentHash(document),
        page: 0,
        page_width: PREVIEW_WIDTH,
        region: None,
    })
}

impl Reading {
    /// Opens a notice at its first document that can be shown here.
    pub(super) fn of(entry: &BoardNotice) -> Self {
        let first = entry
            .notice
            .documents
            .iter()
            .position(|document| document.hash.is_some())
            .unwrap_or(0);
        Self::of_document(entry, first)
    }

    /// Opens a notice at one of its documents.
    pub(super) fn of_document(entry: &BoardNotice, index: usize) -> Self {
        Self {
            notice: entry.notice.id.clone(),
            chosen: index,
            document: entry
                .notice
                .documents
                .get(index)
                .and_then(|document| document.hash)
                .map(ContentHash),
            zoom: 1.0,
            x: 0.0,
            y: 0.0,
            jumps: 0,
            laid_out_for: 0.0,
            opens_at: None,
            sought: Vec::new(),
        }
    }

    /// Opens a notice at a page of one of its documents, where words were found.
    ///
    /// At its first document when it has none of that hash (any more).
    pub(super) fn at_page(
        entry: &BoardNotice,
        document: &ContentHash,
        page: usize,
        words: &[String],
    ) -> Self {
        let position = entry
            .notice
            .documents
            .iter()
            .position(|candidate| candidate.hash == Some(document.0));
        let Some(position) = position else {
            return Self::of(entry);
        };
        Self {
            opens_at: Some(page),
            sought: words.to_vec(),
            ..Self::of_document(entry, position)
        }
    }

    /// The words to be marked on the pages.
    pub fn sought(&self) -> &[String] {
        &self.sought
    }

    /// Goes along with a new revision of the notice; the place is kept while the document is the same.
    pub(super) fn follow_revision(&mut self, entry: &BoardNotice) {
        let documents = &entry.notice.documents;
        let here = documents
            .get(self.chosen)
            .and_then(|d| d.hash)
            .map(ContentHash);
        if here == self.document {
            return;
        }
        let moved = documents
            .iter()
            .position(|document| document.hash.map(ContentHash) == self.document)
            .filter(|_| self.document.is_some());
        match moved {
            Some(position) => self.chosen = position,
            None if self.chosen < documents.len() => {
                *self = Self::of_document(entry, self.chosen);
            }
            None => *self = Self::of(entry),
        }
    }

    /// Which notice is read.
    pub fn notice(&self) -> &NoticeId {
        &self.notice
    }

    /// Which of its documents is open, counted from 0.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The open document's hash; `None` when the notice has none or it could not be fetched.
    pub fn document(&self) -> Option<ContentHash> {
        self.document
    }

    /// The window's upper left corner over the pages, in logical pixels.
    pub fn offset(&self) -> (f32, f32) {
        (self.x, self.y)
    }

    /// Changes when the window should go to [`Self::offset`] by itself.
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    /// Whether one can go larger.
    pub fn can_zoom_in(&self) -> bool {
        self.zoom < ZOOM_STEPS[ZOOM_STEPS.len() - 1]
    }

    /// Whether one can go smaller.
    pub fn can_zoom_out(&self) -> bool {
        self.zoom > ZOOM_STEPS[0]
    }

    /// How large all pages are together.
    pub fn content(&self, viewer: Size, pages: &[Size]) -> Size {
        let widest = page_width(viewer) * self.zoom + 2.0 * MARGIN;
        let bottom = place(viewer, self.zoom, pages)
            .last()
            .map_or(0.0, |last| last.y + last.size.height + MARGIN);
        Size {
            width: widest.max(viewer.width),
            height: bottom.max(viewer.height),
        }
    }

    /// The pages in the window and half a window around it.
    pub fn near(&self, viewer: Size, pages: &[Size]) -> Vec<Placed> {
        let around = viewer.height / 2.0;
        self.within(
            viewer,
            pages,
            self.y - around,
            self.y + viewer.height + around,
        )
    }

    fn within(&self, viewer: Size, pages: &[Size], top: f32, bottom: f32) -> Vec<Placed> {
        place(viewer, self.zoom, pages)
            .filter(|page| page.y < bottom && page.y + page.size.height > top)
            .collect()
    }

    /// The page that fills most of the window, counted from 0.
    pub fn current(&self, viewer: Size, pages: &[Size]) -> usize {
        let window = (self.y, self.y + viewer.height);
        let mut best = (0.0, 0);
        for page in place(viewer, self.zoom, pages) {
            let shown = (page.y + page.size.height).min(window.1) - page.y.max(window.0);
            if shown > best.0 + 0.5 {
                best = (shown, page.index);
            }
        }
        best.1
    }

    pub(super) fn resized(&mut self, viewer: Size, pages: &[Size]) {
        // A turned or resized window keeps the same line of text at its top.
        if self.laid_out_for > 0.0 && self.laid_out_for != viewer.width {
            let factor = viewer.width / self.laid_out_for;
            self.y *= factor;
            self.x *= factor;
            self.jumps = self.jumps.wrapping_add(1);
        }
        self.laid_out_for = viewer.width;
        if !pages.is_empty()
            && let Some(page) = self.opens_at.take()
        {
            self.go_to(page.min(pages.len() - 1), viewer, pages);
        }
        self.clamp(viewer, pages);
    }

    pub(super) fn scrolled(&mut self, x: f32, y: f32, viewer: Size, pages: &[Size]) {
        if x.is_finite() && y.is_finite() {
            (self.x, self.y) = (x, y);
        }
        self.clamp(viewer, pages);
    }

    pub(super) fn next_page(&mut self, viewer: Size, pages: &[Size]) {
        let next = self.current(viewer, pages) + 1;
        self.go_to(next.min(pages.len().saturating_sub(1)), viewer, pages);
    }

    pub(super) fn previous_page(&mut self, viewer: Size, pages: &[Size]) {
        let current = self.current(viewer, pages);
        self.go_to(current.saturating_sub(1), viewer, pages);
    }

    fn go_to(&mut self, index: usize, viewer: Size, pages: &[Size]) {
        if let Some(page) = place(viewer, self.zoom, pages).nth(index) {
            self.y = page.y - MARGIN;
            self.jumps = self.jumps.wrapping_add(1);
            self.clamp(viewer, pages);
        }
    }

    pub(super) fn zoom_in(&mut self, viewer: Size, pages: &[Size]) {
        let larger = ZOOM_STEPS.iter().find(|step| **step > self.zoom * 1.01);
        if let Some(larger) = larger {
            self.zoom_to(
                *larger,
                viewer.width / 2.0,
                viewer.height / 2.0,
                viewer,
                pages,
            );
        }
    }

    pub(super) fn zoom_out(&mut self, viewer: Size, pages: &[Size]) {
        let smaller = ZOOM_STEPS
            .iter()
            .rev()
            .find(|step| **step < self.zoom * 0.99);
        if let Some(smaller) = smaller {
            self.zoom_to(
                *smaller,
                viewer.width / 2.0,
                viewer.height / 2.0,
                viewer,
                pages,
            );
        }
    }

    pub(super) fn fit_width(&mut self, viewer: Size, pages: &[Size]) {
        self.zoom_to(1.0, viewer.width / 2.0, viewer.height / 2.0, viewer, pages);
    }

    pub(super) fn zoom_about(&mut self, factor: f32, x: f32, y: f32, viewer: Size, pages: &[Size]) {
        if factor.is_finite() && x.is_finite() && y.is_finite() && factor > 0.0 {
            self.zoom_to(self.zoom * factor, x, y, viewer, pages);
        }
    }

    /// Zooms so that what is under the point of the window stays there.
    fn zoom_to(&mut self, zoom: f32, at_x: f32, at_y: f32, viewer: Size, pages: &[Size]) {
        let zoom = zoom.clamp(ZOOM_STEPS[0], ZOOM_STEPS[ZOOM_STEPS.len() - 1]);
        if zoom == self.zoom {
            return;
        }
        let (at_x, at_y) = (
            at_x.clamp(0.0, viewer.width),
            at_y.clamp(0.0, viewer.height),
        );
        let before: Vec<Placed> = place(viewer, self.zoom, pages).collect();
        let point_y = self.y + at_y;
        let held = before
            .iter()
            .rev()
            .find(|page| page.y <= point_y)
            .or(before.first())
            .copied();
        let factor = zoom / self.zoom;
        self.zoom = zoom;
        if let Some(held) = held {
            let after = place(viewer, zoom, pages)
                .nth(held.index)
                .expect("a zoom changes no number of pages");
            let into_y = (point_y - held.y) * factor;
            let into_x = (self.x + at_x - held.x) * factor;
            self.y = after.y + into_y - at_y;
            self.x = after.x + into_x - at_x;
        }
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(viewer, pages);
    }

    fn clamp(&mut self, viewer: Size, pages: &[Size]) {
        let content = self.content(viewer, pages);
        self.x = self.x.clamp(0.0, (content.width - viewer.width).max(0.0));
        self.y = self.y.clamp(0.0, (content.height - viewer.height).max(0.0));
    }

    /// What should be drawn, the most urgent first: pages in the window, sharp parts of them, pages beside.
    pub(super) fn wanted(&self, viewer: Size, pages: &[Size]) -> Vec<Drawing> {
        let Some(document) = self.document else {
            return Vec::new();
        };
        let page_width = page_width(viewer).round().max(1.0) as u32;
        let whole = |page: usize, width: f32| Drawing {
            document,
            page: u32::try_from(page).unwrap_or(u32::MAX),
            page_width: (width / self.zoom).round().max(1.0) as u32,
            region: None,
        };
        if pages.is_empty() {
            // The first page is asked for together with opening the document.
            return vec![Drawing {
                document,
                page: 0,
                page_width,
                region: None,
            }];
        }
        let window = self.within(viewer, pages, self.y, self.y + viewer.height);
        let mut wanted: Vec<Drawing> = window
            .iter()
            .map(|page| whole(page.index, page.size.width))
            .collect();
        if self.zoom > 1.0 {
            wanted.extend(window.iter().filter_map(|page| {
                Some(Drawing {
                    document,
                    page: u32::try_from(page.index).ok()?,
                    page_width: page.size.width.round() as u32,
                    region: Some(self.region(page, viewer)?),
                })
            }));
        }
        for page in self.near(viewer, pages) {
            let drawing = whole(page.index, page.size.width);
            if !wanted.contains(&drawing) {
                wanted.push(drawing);
            }
        }
        wanted
    }

    /// The part of a page to be drawn sharp: the window grown to a grid of half windows.
    pub fn region(&self, page: &Placed, viewer: Size) -> Option<Region> {
        let axis = |offset: f32, window: f32, start: f32, length: f32| -> Option<(u32, u32)> {
            let step = (window / 2.0).max(64.0);
            let from = ((offset - start) / step).floor() * step;
            let to = ((offset + window - start) / step).ceil() * step;
            let from = from.clamp(0.0, length).floor();
            let to = to.clamp(0.0, length).ceil();
            (to - from >= 1.0).then_some((from as u32, (to - from) as u32))
        };
        let (x, width) = axis(self.x, viewer.width, page.x, page.size.width)?;
        let (y, height) = axis(self.y, viewer.height, page.y, page.size.height)?;
        Some(Region {
            x,
            y,
            width,
            height,
        })
    }

    /// How much larger than the width of the window pages are.
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    #[cfg(test)]
    pub(super) fn verify_invariants(&self, viewer: Size) {
        assert!(self.zoom >= ZOOM_STEPS[0] && self.zoom <= ZOOM_STEPS[ZOOM_STEPS.len() - 1]);
        assert!(self.x.is_finite() && self.y.is_finite() && self.x >= 0.0 && self.y >= 0.0);
        assert!(viewer.width.is_finite());
    }
}

/// How wide a page is at zoom 1.
fn page_width(viewer: Size) -> f32 {
    (viewer.width - 2.0 * MARGIN).max(1.0)
}

/// Where every page stands.
fn place(viewer: Size, zoom: f32, pages: &[Size]) -> impl Iterator<Item = Placed> {
    let full = page_width(viewer) * zoom;
    let across = (full + 2.0 * MARGIN).max(viewer.width);
    let mut y = MARGIN;
    pages
        .iter()
        .take(MOST_PAGES)
        .enumerate()
        .map(move |(index, page)| {
            let ratio = (page.height / page.width.max(0.1)).clamp(0.01, 1000.0);
            let width = if ratio > TALLEST {
                full * TALLEST / ratio
            } else {
                full
            };
            let size = Size {
                width,
                height: width * ratio,
            };
            let placed = Placed {
                index,
                x: (across - width) / 2.0,
                y,
                size,
            };
            y += size.height + MARGIN;
            placed
        })
}
