//! The tool panel over the pages, one at a time, and the target of „back".

use super::{PageLayoutInput, Reading, Subject};

/// A panel that can cover the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolPanel {
    /// All facts of the notice.
    Facts,
    /// The list of attachments.
    Attachments,
    /// „Více": rarely needed functions.
    More,
    /// Thumbnails of the pages.
    Strip,
    /// Entry of a page number.
    Jump,
    /// Search in the document.
    Find,
    /// The QR code of the notice's public page, and how to get a paper copy.
    TakeAway,
}

/// The target of „back".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// The list of notices.
    ToList,
    /// The information page that offers the document.
    ToInformation,
    /// The list of attachments from which this one was chosen.
    ToAttachments,
    /// The pages under the tool panel.
    ToPages,
}

impl Reading {
    pub fn panel(&self) -> Option<ToolPanel> {
        self.panel
    }

    /// The page number typed so far.
    pub fn jump(&self) -> &str {
        &self.jump
    }

    pub fn leads(&self) -> Leads {
        match self.panel {
            Some(ToolPanel::Attachments) => self.leads_out(),
            Some(_) => Leads::ToPages,
            None if self.from_attachments => Leads::ToAttachments,
            None => self.leads_out(),
        }
    }

    fn leads_out(&self) -> Leads {
        match self.subject {
            Subject::Notice(_) => Leads::ToList,
            Subject::Published(_) => Leads::ToInformation,
        }
    }

    /// Goes back within the notice; says whether there was anything to go back to.
    pub(in crate::state) fn go_back(&mut self) -> bool {
        match self.leads() {
            Leads::ToList | Leads::ToInformation => return false,
            Leads::ToPages => self.panel = None,
            Leads::ToAttachments => {
                self.panel = Some(ToolPanel::Attachments);
                self.from_attachments = false;
            }
        }
        true
    }

    pub(super) fn toggle_panel(&mut self, panel: ToolPanel, layout_input: &PageLayoutInput<'_>) {
        if self.panel == Some(panel) {
            self.panel = None;
            return;
        }
        self.panel = Some(panel);
        match panel {
            ToolPanel::Jump => self.jump.clear(),
            ToolPanel::Strip => self.strip_at_current(layout_input),
            ToolPanel::Find => {
                // Hits are highlighted on the pages, not in the reading view.
                if let Some(page) = self.text_page.take() {
                    self.go_to(page, layout_input);
                }
                self.find_from_here(layout_input);
            }
            _ => {}
        }
    }

    pub(super) fn close_panel(&mut self) {
        self.panel = None;
    }

    /// Appends a digit to the page number; a digit that would exceed the last page is ignored.
    pub(super) fn jump_digit(&mut self, digit: u8, layout_input: &PageLayoutInput<'_>) {
        if digit > 9 || (digit == 0 && self.jump.is_empty()) {
            return;
        }
        let typed = format!("{}{digit}", self.jump);
        let fits = |number: usize| number <= layout_input.sizes.len();
        if typed.len() <= 4 && typed.parse().is_ok_and(fits) {
            self.jump = typed;
        }
    }

    pub(super) fn jump_erase(&mut self) {
        self.jump.pop();
    }

    pub(super) fn jump_go(&mut self, layout_input: &PageLayoutInput<'_>) {
        if let Ok(number) = self.jump.parse::<usize>()
            && number > 0
        {
            self.panel = None;
            self.go_to(number - 1, layout_input);
        }
    }
}
