//! Movement within a document: by scrolling, by page, by the window's height and width.
//!
//! No function requires scrolling by touch: the buttons that turn pages also step through a page larger than the
//! window, and two more buttons step sideways.

use super::layout::{MARGIN, Placed};
use super::zoom::Fit;
use super::{PageLayoutInput, Reading};

/// The remainder of a page above or below the window is ignored up to this part of the window's height.
const WORTH_A_STEP: f32 = 0.12;

/// Part of the window a step advances; the rest overlaps, so that no line is lost.
const STEP: f32 = 0.86;

/// The remainder of a page beside the window is ignored up to this many pixels.
const WORTH_A_SIDESTEP: f32 = 24.0;

/// The target of a step up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// Another part of the same page.
    SamePage,
    /// Another page.
    OtherPage,
}

/// Whether the pages extend beyond the window to the left and to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sideways {
    pub left: bool,
    pub right: bool,
}

impl Reading {
    pub(in crate::state) fn scrolled(
        &mut self,
        x: f32,
        y: f32,
        layout_input: &PageLayoutInput<'_>,
    ) {
        if x.is_finite() && y.is_finite() {
            (self.x, self.y) = (x, y);
        }
        self.clamp(layout_input);
    }

    /// The target of the next step down.
    pub fn onward(&self, layout_input: &PageLayoutInput<'_>) -> Option<Onward> {
        if let Some(page) = self.text_page {
            return (page + 1 < layout_input.sizes.len()).then_some(Onward::OtherPage);
        }
        let page = self.layout(layout_input).page(self.current(layout_input))?;
        if self.below(&page, layout_input) > layout_input.viewer.height * WORTH_A_STEP {
            Some(Onward::SamePage)
        } else {
            (page.index + 1 < layout_input.sizes.len()).then_some(Onward::OtherPage)
        }
    }

    /// The target of the next step up.
    pub fn backward(&self, layout_input: &PageLayoutInput<'_>) -> Option<Onward> {
        if let Some(page) = self.text_page {
            return (page > 0).then_some(Onward::OtherPage);
        }
        let page = self.layout(layout_input).page(self.current(layout_input))?;
        if self.y - page.y > layout_input.viewer.height * WORTH_A_STEP {
            Some(Onward::SamePage)
        } else {
            (page.index > 0).then_some(Onward::OtherPage)
        }
    }

    /// The height of a page below the window.
    fn below(&self, page: &Placed, layout_input: &PageLayoutInput<'_>) -> f32 {
        page.bottom() - (self.y + layout_input.viewer.height)
    }

    pub(in crate::state) fn next_page(&mut self, layout_input: &PageLayoutInput<'_>) {
        let current = self.current(layout_input);
        match self.onward(layout_input) {
            None => {}
            Some(Onward::OtherPage) => self.go_to(current + 1, layout_input),
            Some(Onward::SamePage) => {
                if let Some(page) = self.layout(layout_input).page(current) {
                    let left = self.below(&page, layout_input) + MARGIN;
                    self.step_down((layout_input.viewer.height * STEP).min(left), layout_input);
                }
            }
        }
    }

    pub(in crate::state) fn previous_page(&mut self, layout_input: &PageLayoutInput<'_>) {
        let current = self.current(layout_input);
        match self.backward(layout_input) {
            None => {}
            Some(Onward::OtherPage) => self.go_to(current.saturating_sub(1), layout_input),
            Some(Onward::SamePage) => {
                if let Some(page) = self.layout(layout_input).page(current) {
                    let left = self.y - page.y + MARGIN;
                    self.step_down(-(layout_input.viewer.height * STEP).min(left), layout_input);
                }
            }
        }
    }

    fn step_down(&mut self, by: f32, layout_input: &PageLayoutInput<'_>) {
        self.y = (self.y + by).round();
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(layout_input);
    }

    /// Goes to the top of a page, or of the last page when there are fewer.
    pub(in crate::state) fn go_to(&mut self, index: usize, layout_input: &PageLayoutInput<'_>) {
        let index = index.min(layout_input.sizes.len().saturating_sub(1));
        if self.text_page.is_some() {
            self.text_page = Some(index);
        }
        if let Some(page) = self.layout(layout_input).page(index) {
            self.y = page.y - MARGIN;
            self.jumps = self.jumps.wrapping_add(1);
            self.clamp(layout_input);
        }
    }

    /// Whether the pages extend beyond the window sideways; margins do not count while the text fits the window.
    pub fn sideways(&self, layout_input: &PageLayoutInput<'_>) -> Sideways {
        let Some(page) = self.layout(layout_input).page(self.current(layout_input)) else {
            return Sideways::default();
        };
        if self.text_page.is_some() {
            return Sideways::default();
        }
        let (mut left, mut right) = (page.x, page.x + page.size.width);
        if let (Fit::Text, Some(text)) = (self.fit, self.text_width) {
            left = page.x + text.left * page.size.width;
            right = page.x + text.right * page.size.width;
        }
        Sideways {
            left: self.x - left > WORTH_A_SIDESTEP,
            right: right - (self.x + layout_input.viewer.width) > WORTH_A_SIDESTEP,
        }
    }

    pub(in crate::state) fn move_left(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.move_right_by(-layout_input.viewer.width * STEP, layout_input);
    }

    pub(in crate::state) fn move_right(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.move_right_by(layout_input.viewer.width * STEP, layout_input);
    }

    fn move_right_by(&mut self, by: f32, layout_input: &PageLayoutInput<'_>) {
        self.x = (self.x + by).round();
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(layout_input);
    }
}
