//! How large pages are, and what stays in place when that changes.

use super::layout::{Layout, MARGIN, page_width};
use super::text_width::TextWidth;
use super::{Reading, Sheets};
use crate::state::event::Size;

/// The steps of the zoom buttons; 1 is the width of the window.
const STEPS: [f32; 13] = [
    0.35, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0,
];

/// The smallest zoom by which a page that is many times as high as wide can be seen whole.
const LEAST: f32 = 0.05;

/// The largest zoom of any page: an A0 plan at one and a half times its own size on a panel of 32 inches.
pub(super) const MOST: f32 = 16.0;

/// The largest zoom of an A4 page.
const MOST_A4: f32 = 6.0;

/// The width of an upright A4 page in points.
const A4_WIDTH: f32 = 595.0;

/// A document with narrow text is enlarged no more than this by itself.
const MOST_AT_OPENING: f32 = 1.75;

/// How many steps the text can be set larger.
pub(super) const TEXT_STEPS: u8 = 4;

/// Steps nearer to each other than this are one: a button must do something one sees.
const SAME_STEP: f32 = 1.12;

/// What pages keep to when the window or what is known of them changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The text is as wide as the window: how documents open.
    Text,
    /// The pages are as wide as the window.
    Width,
    /// A whole page is in the window.
    Page,
    /// The zoom was chosen.
    Free,
}

impl Reading {
    /// How much larger than the width of the window pages are.
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Whether one can go larger.
    pub fn can_zoom_in(&self, sheets: &Sheets<'_>) -> bool {
        if self.reads_text() {
            return self.text_steps < TEXT_STEPS;
        }
        self.larger(sheets).is_some()
    }

    /// Whether one can go smaller.
    pub fn can_zoom_out(&self, sheets: &Sheets<'_>) -> bool {
        if self.reads_text() {
            return self.text_steps > 0;
        }
        self.smaller(sheets).is_some()
    }

    /// How many steps larger than usual the text is set.
    pub fn text_steps(&self) -> u8 {
        self.text_steps
    }

    /// The zoom at which the document opens.
    pub(super) fn opening_zoom(&self, sheets: &Sheets<'_>) -> f32 {
        let Some(text) = self.text_width else {
            return 1.0;
        };
        let width = page_width(sheets.viewer);
        (sheets.viewer.width / (text.part() * width)).clamp(1.0, MOST_AT_OPENING)
    }

    /// The zoom at which a whole page is in the window.
    fn whole_page_zoom(&self, sheets: &Sheets<'_>) -> f32 {
        let layout = Layout {
            zoom: 1.0,
            ..self.layout(sheets)
        };
        let Some(page) = layout.page(self.current(sheets)) else {
            return 1.0;
        };
        let room = (sheets.viewer.height - 2.0 * MARGIN).max(1.0);
        (room / page.size.height).clamp(LEAST, 1.0)
    }

    /// The least and the largest zoom the buttons lead to.
    pub(super) fn zoom_bounds(&self, sheets: &Sheets<'_>) -> (f32, f32) {
        let widest = sheets
            .sizes
            .iter()
            .map(|page| self.turns.size(*page).width)
            .fold(A4_WIDTH, f32::max);
        let most = (MOST_A4 * widest / A4_WIDTH).clamp(MOST_A4, MOST);
        (self.whole_page_zoom(sheets).min(STEPS[1]), most)
    }

    /// The steps of the buttons, with those at which the text and the whole page fit among them.
    fn ladder(&self, sheets: &Sheets<'_>) -> Vec<f32> {
        let (least, most) = self.zoom_bounds(sheets);
        let mut ladder = vec![least, self.opening_zoom(sheets), most];
        for step in STEPS {
            let apart = |other: &f32| (step / other).max(other / step) > SAME_STEP;
            if step > least && step < most && ladder.iter().all(apart) {
                ladder.push(step);
            }
        }
        ladder.sort_by(f32::total_cmp);
        ladder
    }

    fn larger(&self, sheets: &Sheets<'_>) -> Option<f32> {
        let ladder = self.ladder(sheets);
        ladder.into_iter().find(|step| *step > self.zoom * 1.03)
    }

    fn smaller(&self, sheets: &Sheets<'_>) -> Option<f32> {
        let ladder = self.ladder(sheets);
        ladder.into_iter().rfind(|step| *step < self.zoom / 1.03)
    }

    pub(in crate::state) fn zoom_in(&mut self, sheets: &Sheets<'_>) {
        if self.reads_text() {
            self.text_steps = (self.text_steps + 1).min(TEXT_STEPS);
            return;
        }
        if let Some(larger) = self.larger(sheets) {
            self.zoom_by_button(larger, sheets);
        }
    }

    pub(in crate::state) fn zoom_out(&mut self, sheets: &Sheets<'_>) {
        if self.reads_text() {
            self.text_steps = self.text_steps.saturating_sub(1);
            return;
        }
        if let Some(smaller) = self.smaller(sheets) {
            self.zoom_by_button(smaller, sheets);
        }
    }

    fn zoom_by_button(&mut self, zoom: f32, sheets: &Sheets<'_>) {
        let viewer = sheets.viewer;
        self.zoom_to(zoom, viewer.width / 2.0, viewer.height / 2.0, sheets);
        let opening = self.opening_zoom(sheets);
        if (zoom - opening).abs() < 0.001 && self.text_width.is_some() {
            // Back at the width of the text, the text is in the middle again.
            self.fit = Fit::Text;
            self.centre(sheets);
        }
    }

    /// Zooms about a point of the window, by pinching.
    pub(in crate::state) fn zoom_about(
        &mut self,
        factor: f32,
        x: f32,
        y: f32,
        sheets: &Sheets<'_>,
    ) {
        if factor.is_finite() && x.is_finite() && y.is_finite() && factor > 0.0 {
            let (least, most) = self.zoom_bounds(sheets);
            self.zoom_to((self.zoom * factor).clamp(least, most), x, y, sheets);
        }
    }

    /// Twice as large about a point of the window, and from there back to how the document opened.
    pub(in crate::state) fn double_touch(&mut self, x: f32, y: f32, sheets: &Sheets<'_>) {
        if !(x.is_finite() && y.is_finite()) {
            return;
        }
        let opening = self.opening_zoom(sheets);
        if self.zoom > opening * 1.3 {
            self.zoom_to(opening, x, y, sheets);
            self.fit = if self.text_width.is_some() {
                Fit::Text
            } else {
                Fit::Width
            };
            self.centre(sheets);
        } else {
            self.zoom_to(opening * 2.0, x, y, sheets);
        }
    }

    pub(in crate::state) fn fit_width(&mut self, sheets: &Sheets<'_>) {
        self.take_fit(Fit::Width, sheets);
    }

    pub(in crate::state) fn fit_text(&mut self, sheets: &Sheets<'_>) {
        self.take_fit(Fit::Text, sheets);
    }

    pub(in crate::state) fn fit_page(&mut self, sheets: &Sheets<'_>) {
        let current = self.current(sheets);
        self.take_fit(Fit::Page, sheets);
        if let Some(page) = self.layout(sheets).page(current) {
            let free = (sheets.viewer.height - page.size.height).max(2.0 * MARGIN);
            self.y = page.y - free / 2.0;
            self.clamp(sheets);
        }
    }

    fn take_fit(&mut self, fit: Fit, sheets: &Sheets<'_>) {
        // One wants to see what came of it.
        self.close_panel();
        let middle = sheets.viewer.height / 2.0;
        self.zoom_to(
            self.zoom_of(fit, sheets),
            sheets.viewer.width / 2.0,
            middle,
            sheets,
        );
        self.fit = fit;
        self.centre(sheets);
    }

    fn zoom_of(&self, fit: Fit, sheets: &Sheets<'_>) -> f32 {
        match fit {
            Fit::Text => self.opening_zoom(sheets),
            Fit::Width => 1.0,
            Fit::Page => self.whole_page_zoom(sheets),
            Fit::Free => self.zoom,
        }
    }

    /// Puts the text, or else the pages, into the middle of the window's width.
    fn centre(&mut self, sheets: &Sheets<'_>) {
        let layout = self.layout(sheets);
        let Some(page) = layout.page(self.current(sheets)) else {
            return;
        };
        let middle = match (self.fit, self.text_width) {
            (Fit::Text, Some(text)) => (text.left + text.right) / 2.0,
            _ => 0.5,
        };
        self.x = page.x + page.size.width * middle - sheets.viewer.width / 2.0;
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(sheets);
    }

    /// Zooms so that what is under the point of the window stays there.
    pub(super) fn zoom_to(&mut self, zoom: f32, at_x: f32, at_y: f32, sheets: &Sheets<'_>) {
        let zoom = zoom.clamp(LEAST, MOST);
        self.fit = Fit::Free;
        if zoom == self.zoom {
            return;
        }
        let before = self.layout(sheets);
        self.zoom = zoom;
        self.hold(before, at_x, at_y, sheets);
    }

    /// Puts what was under a point of the window before a change of the layout under it again.
    fn hold(&mut self, before: Layout<'_>, at_x: f32, at_y: f32, sheets: &Sheets<'_>) {
        let at_x = at_x.clamp(0.0, before.viewer.width.max(0.0));
        let at_y = at_y.clamp(0.0, before.viewer.height.max(0.0));
        let after = self.layout(sheets);
        if let Some(held) = before.page_at(self.y + at_y)
            && let Some(now) = after.page(held.index)
        {
            let factor = now.size.width / held.size.width;
            self.y = now.y + (self.y + at_y - held.y) * factor - at_y;
            self.x = now.x + (self.x + at_x - held.x) * factor - at_x;
        }
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(sheets);
    }

    /// Goes along with another window, or with pages or text that have become known.
    pub(in crate::state) fn resized(&mut self, sheets: &Sheets<'_>) {
        self.text_width = sheets
            .text
            .and_then(|text| TextWidth::of(text.pages(), self.turns));
        let before = Layout {
            viewer: self.laid_out_for,
            ..self.layout(sheets)
        };
        let first = self.laid_out_for.width <= 0.0;
        let zoom = self.zoom_of(self.fit, sheets);
        if first || before.viewer != sheets.viewer || (zoom - self.zoom).abs() > 0.0001 {
            self.zoom = zoom;
            if first {
                self.jumps = self.jumps.wrapping_add(1);
            } else {
                // The same line of text stays at the top.
                self.hold(before, before.viewer.width / 2.0, 0.0, sheets);
            }
            if self.fit != Fit::Free {
                self.centre(sheets);
            }
        }
        if !sheets.sizes.is_empty() {
            self.laid_out_for = sheets.viewer;
            if let Some(page) = self.opens_at.take() {
                self.go_to(page.min(sheets.sizes.len() - 1), sheets);
            }
        }
        self.refresh_finding(sheets);
        self.clamp(sheets);
    }

    /// Turns the pages by quarters; the page that is read stays in the window.
    pub(in crate::state) fn turn(&mut self, right: bool, sheets: &Sheets<'_>) {
        self.close_panel();
        let current = self.current(sheets);
        self.turns = if right {
            self.turns.right()
        } else {
            self.turns.left()
        };
        self.text_width = sheets
            .text
            .and_then(|text| TextWidth::of(text.pages(), self.turns));
        self.fit = Fit::Text;
        self.zoom = self.opening_zoom(sheets);
        self.go_to(current, sheets);
        self.centre(sheets);
    }

    pub(super) fn clamp(&mut self, sheets: &Sheets<'_>) {
        let content = self.content(sheets);
        let Size { width, height } = sheets.viewer;
        self.x = self.x.clamp(0.0, (content.width - width).max(0.0));
        self.y = self.y.clamp(0.0, (content.height - height).max(0.0));
    }
}
