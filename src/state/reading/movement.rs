//! Going about a document: by pushing, by page, by the window's height and width.
//!
//! No function needs a push: a page larger than the window is gone through by the same buttons that turn pages,
//! and sideways by two more.

use super::layout::{MARGIN, Placed};
use super::zoom::Fit;
use super::{Reading, Sheets};

/// What is left of a page below or above the window counts from this part of the window's height on.
const WORTH_A_STEP: f32 = 0.12;

/// How much of the window a step goes on; the rest is seen again, so that no line is lost.
const STEP: f32 = 0.86;

/// What is left of a page beside the window counts from so many pixels on.
const WORTH_A_SIDESTEP: f32 = 24.0;

/// Where a step up or down leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// To another part of the same page.
    SamePage,
    /// To another page.
    OtherPage,
}

/// Whether there is more of the pages to the left and to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sideways {
    /// To the left.
    pub left: bool,
    /// To the right.
    pub right: bool,
}

impl Reading {
    pub(in crate::state) fn scrolled(&mut self, x: f32, y: f32, sheets: &Sheets<'_>) {
        if x.is_finite() && y.is_finite() {
            (self.x, self.y) = (x, y);
        }
        self.clamp(sheets);
    }

    /// Where the next step down leads.
    pub fn onward(&self, sheets: &Sheets<'_>) -> Option<Onward> {
        if let Some(page) = self.text_page {
            return (page + 1 < sheets.sizes.len()).then_some(Onward::OtherPage);
        }
        let page = self.layout(sheets).page(self.current(sheets))?;
        if self.below(&page, sheets) > sheets.viewer.height * WORTH_A_STEP {
            Some(Onward::SamePage)
        } else {
            (page.index + 1 < sheets.sizes.len()).then_some(Onward::OtherPage)
        }
    }

    /// Where the next step up leads.
    pub fn backward(&self, sheets: &Sheets<'_>) -> Option<Onward> {
        if let Some(page) = self.text_page {
            return (page > 0).then_some(Onward::OtherPage);
        }
        let page = self.layout(sheets).page(self.current(sheets))?;
        if self.y - page.y > sheets.viewer.height * WORTH_A_STEP {
            Some(Onward::SamePage)
        } else {
            (page.index > 0).then_some(Onward::OtherPage)
        }
    }

    /// How much of a page is below the window.
    fn below(&self, page: &Placed, sheets: &Sheets<'_>) -> f32 {
        page.bottom() - (self.y + sheets.viewer.height)
    }

    pub(in crate::state) fn next_page(&mut self, sheets: &Sheets<'_>) {
        let current = self.current(sheets);
        match self.onward(sheets) {
            None => {}
            Some(Onward::OtherPage) => self.go_to(current + 1, sheets),
            Some(Onward::SamePage) => {
                if let Some(page) = self.layout(sheets).page(current) {
                    let left = self.below(&page, sheets) + MARGIN;
                    self.step_down((sheets.viewer.height * STEP).min(left), sheets);
                }
            }
        }
    }

    pub(in crate::state) fn previous_page(&mut self, sheets: &Sheets<'_>) {
        let current = self.current(sheets);
        match self.backward(sheets) {
            None => {}
            Some(Onward::OtherPage) => self.go_to(current.saturating_sub(1), sheets),
            Some(Onward::SamePage) => {
                if let Some(page) = self.layout(sheets).page(current) {
                    let left = self.y - page.y + MARGIN;
                    self.step_down(-(sheets.viewer.height * STEP).min(left), sheets);
                }
            }
        }
    }

    fn step_down(&mut self, by: f32, sheets: &Sheets<'_>) {
        self.y = (self.y + by).round();
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(sheets);
    }

    /// Goes to the top of a page; to the last one when there are fewer.
    pub(in crate::state) fn go_to(&mut self, index: usize, sheets: &Sheets<'_>) {
        let index = index.min(sheets.sizes.len().saturating_sub(1));
        if self.text_page.is_some() {
            self.text_page = Some(index);
        }
        if let Some(page) = self.layout(sheets).page(index) {
            self.y = page.y - MARGIN;
            self.jumps = self.jumps.wrapping_add(1);
            self.clamp(sheets);
        }
    }

    /// Whether there is more of the pages beside the window; the margins of a page whose text is in it do not count.
    pub fn sideways(&self, sheets: &Sheets<'_>) -> Sideways {
        let Some(page) = self.layout(sheets).page(self.current(sheets)) else {
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
            right: right - (self.x + sheets.viewer.width) > WORTH_A_SIDESTEP,
        }
    }

    pub(in crate::state) fn move_left(&mut self, sheets: &Sheets<'_>) {
        self.move_right_by(-sheets.viewer.width * STEP, sheets);
    }

    pub(in crate::state) fn move_right(&mut self, sheets: &Sheets<'_>) {
        self.move_right_by(sheets.viewer.width * STEP, sheets);
    }

    fn move_right_by(&mut self, by: f32, sheets: &Sheets<'_>) {
        self.x = (self.x + by).round();
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(sheets);
    }
}
