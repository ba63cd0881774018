//! Intents in the document viewer, beyond turning pages and zooming.

use super::{PageLayoutInput, Reading, ToolPanel};

/// An intent in the document viewer.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadingIntent {
    /// Opens or closes a tool panel.
    TogglePanel(ToolPanel),
    /// Closes the open tool panel.
    ClosePanel,
    /// Rotates the pages a quarter clockwise.
    TurnRight,
    /// Rotates the pages a quarter counterclockwise.
    TurnLeft,
    /// Fits the whole page into the window.
    FitPage,
    /// Fits the text to the width of the window.
    FitText,
    /// Goes to a page, counted from 0.
    GoToPage(usize),
    /// Doubles the zoom about a point of the viewer, or restores it.
    DoubleTouch { x: f32, y: f32 },
    /// Scrolls to the left.
    MoveLeft,
    /// Scrolls to the right.
    MoveRight,
    /// A digit of the page number.
    JumpDigit(u8),
    /// Deletes the last digit.
    JumpErase,
    /// Goes to the page whose number was typed.
    JumpGo,
    /// The page strip has room for this many pictures of this width in pixels.
    StripResized { room: usize, width: u32 },
    /// Scrolls the page strip forward.
    StripOn,
    /// Scrolls the page strip back.
    StripBack,
    /// To the next hit.
    FindNext,
    /// To the previous hit.
    FindPrevious,
    /// Clears the query.
    FindEnd,
    /// Switches between the pages and the reading view.
    ToggleText,
}

impl Reading {
    pub(in crate::state) fn handle(
        &mut self,
        intent: ReadingIntent,
        layout_input: &PageLayoutInput<'_>,
    ) {
        match intent {
            ReadingIntent::TogglePanel(panel) => self.toggle_panel(panel, layout_input),
            ReadingIntent::ClosePanel => self.close_panel(),
            ReadingIntent::TurnRight => self.turn(true, layout_input),
            ReadingIntent::TurnLeft => self.turn(false, layout_input),
            ReadingIntent::FitPage => self.fit_page(layout_input),
            ReadingIntent::FitText => self.fit_text(layout_input),
            ReadingIntent::GoToPage(page) => {
                self.close_panel();
                self.go_to(page, layout_input);
            }
            ReadingIntent::DoubleTouch { x, y } => self.double_touch(x, y, layout_input),
            ReadingIntent::MoveLeft => self.move_left(layout_input),
            ReadingIntent::MoveRight => self.move_right(layout_input),
            ReadingIntent::JumpDigit(digit) => self.jump_digit(digit, layout_input),
            ReadingIntent::JumpErase => self.jump_erase(),
            ReadingIntent::JumpGo => self.jump_go(layout_input),
            ReadingIntent::StripResized { room, width } => self.strip_resized(room, width),
            ReadingIntent::StripOn => self.strip_on(layout_input),
            ReadingIntent::StripBack => self.strip_back(),
            ReadingIntent::FindNext => self.find_next(layout_input),
            ReadingIntent::FindPrevious => self.find_previous(layout_input),
            ReadingIntent::FindEnd => self.find_end(),
            ReadingIntent::ToggleText => self.toggle_text(layout_input),
        }
    }

    /// Whether the reading view is open.
    pub fn reads_text(&self) -> bool {
        self.text_page.is_some()
    }

    fn toggle_text(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.close_panel();
        match self.text_page.take() {
            Some(page) => self.go_to(page, layout_input),
            None if layout_input.text.is_some() => {
                self.text_page = Some(self.current(layout_input))
            }
            None => {}
        }
    }
}
