//! The zoom, and what stays in place when it changes.

use super::layout::{Layout, MARGIN, page_width};
use super::text_width::TextWidth;
use super::{PageLayoutInput, Reading};
use crate::state::document::Size;

/// The steps of the zoom buttons; 1 is the width of the window.
const STEPS: [f32; 13] = [
    0.35, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0,
];

/// The smallest zoom, at which a page many times as high as wide fits the window.
const LEAST: f32 = 0.05;

/// The largest zoom of any page: an A0 plan at 1.5 times its own size on a panel of 32 inches.
pub(super) const MOST: f32 = 16.0;

/// The largest zoom of an A4 page.
const MOST_A4: f32 = 6.0;

/// The width of an upright A4 page in points.
const A4_WIDTH: f32 = 595.0;

/// The largest zoom at which a document with narrow text opens.
const MOST_AT_OPENING: f32 = 1.75;

/// Number of enlargement steps of the reading view.
pub(super) const TEXT_STEPS: u8 = 4;

/// Closer steps are merged: a button must have a visible effect.
const SAME_STEP: f32 = 1.12;

/// What the zoom follows when the window or the known layout changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The text is as wide as the window: how documents open.
    Text,
    /// The pages are as wide as the window.
    Width,
    /// A whole page fits the window.
    Page,
    /// The zoom was chosen by the user.
    Free,
}

impl Reading {
    /// The zoom, relative to the width of the window.
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    pub fn can_zoom_in(&self, layout_input: &PageLayoutInput<'_>) -> bool {
        if self.reads_text() {
            return self.text_steps < TEXT_STEPS;
        }
        self.larger(layout_input).is_some()
    }

    pub fn can_zoom_out(&self, layout_input: &PageLayoutInput<'_>) -> bool {
        if self.reads_text() {
            return self.text_steps > 0;
        }
        self.smaller(layout_input).is_some()
    }

    /// Enlargement of the reading view, in steps.
    pub fn text_steps(&self) -> u8 {
        self.text_steps
    }

    /// The zoom at which the document opens.
    pub(super) fn opening_zoom(&self, layout_input: &PageLayoutInput<'_>) -> f32 {
        let Some(text) = self.text_width else {
            return 1.0;
        };
        let width = page_width(layout_input.viewer);
        (layout_input.viewer.width / (text.part() * width)).clamp(1.0, MOST_AT_OPENING)
    }

    /// The zoom at which a whole page fits the window.
    fn whole_page_zoom(&self, layout_input: &PageLayoutInput<'_>) -> f32 {
        let layout = Layout {
            zoom: 1.0,
            ..self.layout(layout_input)
        };
        let Some(page) = layout.page(self.current(layout_input)) else {
            return 1.0;
        };
        let room = (layout_input.viewer.height - 2.0 * MARGIN).max(1.0);
        (room / page.size.height).clamp(LEAST, 1.0)
    }

    /// The smallest and the largest zoom of the buttons.
    pub(super) fn zoom_bounds(&self, layout_input: &PageLayoutInput<'_>) -> (f32, f32) {
        let widest = layout_input
            .sizes
            .iter()
            .map(|page| self.rotation.size(*page).width)
            .fold(A4_WIDTH, f32::max);
        let most = (MOST_A4 * widest / A4_WIDTH).clamp(MOST_A4, MOST);
        (self.whole_page_zoom(layout_input).min(STEPS[1]), most)
    }

    /// The steps of the buttons, including those that fit the text and the whole page.
    fn ladder(&self, layout_input: &PageLayoutInput<'_>) -> Vec<f32> {
        let (least, most) = self.zoom_bounds(layout_input);
        let mut ladder = vec![least, self.opening_zoom(layout_input), most];
        for step in STEPS {
            let apart = |other: &f32| (step / other).max(other / step) > SAME_STEP;
            if step > least && step < most && ladder.iter().all(apart) {
                ladder.push(step);
            }
        }
        ladder.sort_by(f32::total_cmp);
        ladder
    }

    fn larger(&self, layout_input: &PageLayoutInput<'_>) -> Option<f32> {
        let ladder = self.ladder(layout_input);
        ladder.into_iter().find(|step| *step > self.zoom * 1.03)
    }

    fn smaller(&self, layout_input: &PageLayoutInput<'_>) -> Option<f32> {
        let ladder = self.ladder(layout_input);
        ladder.into_iter().rfind(|step| *step < self.zoom / 1.03)
    }

    pub(in crate::state) fn zoom_in(&mut self, layout_input: &PageLayoutInput<'_>) {
        if self.reads_text() {
            self.text_steps = (self.text_steps + 1).min(TEXT_STEPS);
            return;
        }
        if let Some(larger) = self.larger(layout_input) {
            self.zoom_by_button(larger, layout_input);
        }
    }

    pub(in crate::state) fn zoom_out(&mut self, layout_input: &PageLayoutInput<'_>) {
        if self.reads_text() {
            self.text_steps = self.text_steps.saturating_sub(1);
            return;
        }
        if let Some(smaller) = self.smaller(layout_input) {
            self.zoom_by_button(smaller, layout_input);
        }
    }

    fn zoom_by_button(&mut self, zoom: f32, layout_input: &PageLayoutInput<'_>) {
        let viewer = layout_input.viewer;
        self.zoom_to(zoom, viewer.width / 2.0, viewer.height / 2.0, layout_input);
        let opening = self.opening_zoom(layout_input);
        if (zoom - opening).abs() < 0.001 && self.text_width.is_some() {
            // At the width of the text, the text is centred again.
            self.fit = Fit::Text;
            self.centre(layout_input);
        }
    }

    /// Zooms about a point of the window, by pinching.
    pub(in crate::state) fn zoom_about(
        &mut self,
        factor: f32,
        x: f32,
        y: f32,
        layout_input: &PageLayoutInput<'_>,
    ) {
        if factor.is_finite() && x.is_finite() && y.is_finite() && factor > 0.0 {
            let (least, most) = self.zoom_bounds(layout_input);
            self.zoom_to((self.zoom * factor).clamp(least, most), x, y, layout_input);
        }
    }

    /// Doubles the zoom about a point of the window; from there back to how the document opened.
    pub(in crate::state) fn double_touch(
        &mut self,
        x: f32,
        y: f32,
        layout_input: &PageLayoutInput<'_>,
    ) {
        if !(x.is_finite() && y.is_finite()) {
            return;
        }
        let opening = self.opening_zoom(layout_input);
        if self.zoom > opening * 1.3 {
            self.zoom_to(opening, x, y, layout_input);
            self.fit = if self.text_width.is_some() {
                Fit::Text
            } else {
                Fit::Width
            };
            self.centre(layout_input);
        } else {
            self.zoom_to(opening * 2.0, x, y, layout_input);
        }
    }

    pub(in crate::state) fn fit_width(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.take_fit(Fit::Width, layout_input);
    }

    pub(in crate::state) fn fit_text(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.take_fit(Fit::Text, layout_input);
    }

    pub(in crate::state) fn fit_page(&mut self, layout_input: &PageLayoutInput<'_>) {
        let current = self.current(layout_input);
        self.take_fit(Fit::Page, layout_input);
        if let Some(page) = self.layout(layout_input).page(current) {
            let free = (layout_input.viewer.height - page.size.height).max(2.0 * MARGIN);
            self.y = page.y - free / 2.0;
            self.clamp(layout_input);
        }
    }

    fn take_fit(&mut self, fit: Fit, layout_input: &PageLayoutInput<'_>) {
        // A change of zoom closes the tool panel, so that its effect is visible.
        self.close_panel();
        let middle = layout_input.viewer.height / 2.0;
        self.zoom_to(
            self.zoom_of(fit, layout_input),
            layout_input.viewer.width / 2.0,
            middle,
            layout_input,
        );
        self.fit = fit;
        self.centre(layout_input);
    }

    fn zoom_of(&self, fit: Fit, layout_input: &PageLayoutInput<'_>) -> f32 {
        match fit {
            Fit::Text => self.opening_zoom(layout_input),
            Fit::Width => 1.0,
            Fit::Page => self.whole_page_zoom(layout_input),
            Fit::Free => self.zoom,
        }
    }

    /// Centres the text, or else the pages, in the window's width.
    fn centre(&mut self, layout_input: &PageLayoutInput<'_>) {
        let layout = self.layout(layout_input);
        let Some(page) = layout.page(self.current(layout_input)) else {
            return;
        };
        let middle = match (self.fit, self.text_width) {
            (Fit::Text, Some(text)) => (text.left + text.right) / 2.0,
            _ => 0.5,
        };
        self.x = page.x + page.size.width * middle - layout_input.viewer.width / 2.0;
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(layout_input);
    }

    /// Zooms so that the point under the finger stays in place.
    pub(super) fn zoom_to(
        &mut self,
        zoom: f32,
        at_x: f32,
        at_y: f32,
        layout_input: &PageLayoutInput<'_>,
    ) {
        let zoom = zoom.clamp(LEAST, MOST);
        self.fit = Fit::Free;
        if zoom == self.zoom {
            return;
        }
        let before = self.layout(layout_input);
        self.zoom = zoom;
        self.hold(before, at_x, at_y, layout_input);
    }

    /// Restores a point of the pages under the point of the window where it was before a change of the layout.
    fn hold(
        &mut self,
        before: Layout<'_>,
        at_x: f32,
        at_y: f32,
        layout_input: &PageLayoutInput<'_>,
    ) {
        let at_x = at_x.clamp(0.0, before.viewer.width.max(0.0));
        let at_y = at_y.clamp(0.0, before.viewer.height.max(0.0));
        let after = self.layout(layout_input);
        if let Some(held) = before.page_at(self.y + at_y)
            && let Some(now) = after.page(held.index)
        {
            let factor = now.size.width / held.size.width;
            self.y = now.y + (self.y + at_y - held.y) * factor - at_y;
            self.x = now.x + (self.x + at_x - held.x) * factor - at_x;
        }
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(layout_input);
    }

    /// Adapts to a new window size, or to pages or text that became known.
    pub(in crate::state) fn resized(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.text_width = layout_input
            .text
            .and_then(|text| TextWidth::of(text.pages(), self.rotation));
        let before = Layout {
            viewer: self.laid_out_for,
            ..self.layout(layout_input)
        };
        let first = self.laid_out_for.width <= 0.0;
        let zoom = self.zoom_of(self.fit, layout_input);
        if first || before.viewer != layout_input.viewer || (zoom - self.zoom).abs() > 0.0001 {
            self.zoom = zoom;
            if first {
                self.jumps = self.jumps.wrapping_add(1);
            } else {
                // The same line of text stays at the top.
                self.hold(before, before.viewer.width / 2.0, 0.0, layout_input);
            }
            if self.fit != Fit::Free {
                self.centre(layout_input);
            }
        }
        if !layout_input.sizes.is_empty() {
            self.laid_out_for = layout_input.viewer;
            if let Some(page) = self.opens_at.take() {
                self.go_to(page.min(layout_input.sizes.len() - 1), layout_input);
            }
        }
        self.refresh_finding(layout_input);
        self.clamp(layout_input);
    }

    /// Rotates the pages by quarters; the current page stays in the window.
    pub(in crate::state) fn turn(&mut self, right: bool, layout_input: &PageLayoutInput<'_>) {
        self.close_panel();
        let current = self.current(layout_input);
        self.rotation = if right {
            self.rotation.right()
        } else {
            self.rotation.left()
        };
        self.text_width = layout_input
            .text
            .and_then(|text| TextWidth::of(text.pages(), self.rotation));
        self.fit = Fit::Text;
        self.zoom = self.opening_zoom(layout_input);
        self.go_to(current, layout_input);
        self.centre(layout_input);
    }

    pub(super) fn clamp(&mut self, layout_input: &PageLayoutInput<'_>) {
        let content = self.content(layout_input);
        let Size { width, height } = layout_input.viewer;
        self.x = self.x.clamp(0.0, (content.width - width).max(0.0));
        self.y = self.y.clamp(0.0, (content.height - height).max(0.0));
    }
}
