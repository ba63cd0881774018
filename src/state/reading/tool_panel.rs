//! What lies over the pages, one at a time, and where „back" leads.

use super::{Reading, Sheets, Subject};

/// What can lie over the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// Everything the notice says of itself.
    Facts,
    /// The list of attachments.
    Attachments,
    /// „Více": what is needed less often.
    More,
    /// Small pictures of the pages.
    Strip,
    /// The number of a page to go to.
    Jump,
    /// Words to be found in the document.
    Find,
    /// The way to the notice's public page, and to a copy on paper.
    TakeAway,
}

/// Where „back" leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// To the list of notices.
    ToList,
    /// To the page of the town's information that offers the document.
    ToInformation,
    /// To the list of attachments, in which this one was chosen.
    ToAttachments,
    /// To the pages under what lies over them.
    ToPages,
}

impl Reading {
    /// What lies over the pages.
    pub fn panel(&self) -> Option<Panel> {
        self.panel
    }

    /// The page number typed so far.
    pub fn jump(&self) -> &str {
        &self.jump
    }

    /// Where „back" leads.
    pub fn leads(&self) -> Leads {
        match self.panel {
            Some(Panel::Attachments) => self.leads_out(),
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
                self.panel = Some(Panel::Attachments);
                self.from_attachments = false;
            }
        }
        true
    }

    pub(super) fn toggle_panel(&mut self, panel: Panel, sheets: &Sheets<'_>) {
        if self.panel == Some(panel) {
            self.panel = None;
            return;
        }
        self.panel = Some(panel);
        match panel {
            Panel::Jump => self.jump.clear(),
            Panel::Strip => self.strip_at_current(sheets),
            Panel::Find => {
                // Places are marked on the pages, not in the text.
                if let Some(page) = self.text_page.take() {
                    self.go_to(page, sheets);
                }
                self.find_from_here(sheets);
            }
            _ => {}
        }
    }

    pub(super) fn close_panel(&mut self) {
        self.panel = None;
    }

    /// One more digit of a page's number; what leads beyond the last page is not taken.
    pub(super) fn jump_digit(&mut self, digit: u8, sheets: &Sheets<'_>) {
        if digit > 9 || (digit == 0 && self.jump.is_empty()) {
            return;
        }
        let typed = format!("{}{digit}", self.jump);
        let fits = |number: usize| number <= sheets.sizes.len();
        if typed.len() <= 4 && typed.parse().is_ok_and(fits) {
            self.jump = typed;
        }
    }

    pub(super) fn jump_erase(&mut self) {
        self.jump.pop();
    }

    pub(super) fn jump_go(&mut self, sheets: &Sheets<'_>) {
        if let Ok(number) = self.jump.parse::<usize>()
            && number > 0
        {
            self.panel = None;
            self.go_to(number - 1, sheets);
        }
    }
}
