//! What a reader of a notice wants, beyond turning pages and zooming.

use super::{Panel, Reading, Sheets};

/// What a reader of a notice wants.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadingIntent {
    /// Opens what lies over the pages, or closes it.
    TogglePanel(Panel),
    /// Closes whatever lies over the pages.
    ClosePanel,
    /// The pages a quarter clockwise.
    TurnRight,
    /// The pages a quarter the other way.
    TurnLeft,
    /// A whole page in the window.
    FitPage,
    /// The text as wide as the window.
    FitText,
    /// To a page, counted from 0.
    GoToPage(usize),
    /// Twice as large about a point of the viewer, or back.
    DoubleTouch {
        /// From the viewer's left.
        x: f32,
        /// From the viewer's top.
        y: f32,
    },
    /// The window to the left.
    MoveLeft,
    /// The window to the right.
    MoveRight,
    /// A digit of the page to go to.
    JumpDigit(u8),
    /// The last digit away.
    JumpErase,
    /// To the page whose number was typed.
    JumpGo,
    /// The page strip has room for so many pictures of this width in pixels.
    StripResized {
        /// How many.
        room: usize,
        /// How wide.
        width: u32,
    },
    /// The next pages of the strip.
    StripOn,
    /// The pages of the strip before.
    StripBack,
    /// To the next place found.
    FindNext,
    /// To the place found before.
    FindPrevious,
    /// No words are looked for any more.
    FindEnd,
    /// The text instead of the pages, or back.
    ToggleText,
}

impl Reading {
    pub(in crate::state) fn follow(&mut self, intent: ReadingIntent, sheets: &Sheets<'_>) {
        match intent {
            ReadingIntent::TogglePanel(panel) => self.toggle_panel(panel, sheets),
            ReadingIntent::ClosePanel => self.close_panel(),
            ReadingIntent::TurnRight => self.turn(true, sheets),
            ReadingIntent::TurnLeft => self.turn(false, sheets),
            ReadingIntent::FitPage => self.fit_page(sheets),
            ReadingIntent::FitText => self.fit_text(sheets),
            ReadingIntent::GoToPage(page) => {
                self.close_panel();
                self.go_to(page, sheets);
            }
            ReadingIntent::DoubleTouch { x, y } => self.double_touch(x, y, sheets),
            ReadingIntent::MoveLeft => self.move_left(sheets),
            ReadingIntent::MoveRight => self.move_right(sheets),
            ReadingIntent::JumpDigit(digit) => self.jump_digit(digit, sheets),
            ReadingIntent::JumpErase => self.jump_erase(),
            ReadingIntent::JumpGo => self.jump_go(sheets),
            ReadingIntent::StripResized { room, width } => self.strip_resized(room, width),
            ReadingIntent::StripOn => self.strip_on(sheets),
            ReadingIntent::StripBack => self.strip_back(),
            ReadingIntent::FindNext => self.find_next(sheets),
            ReadingIntent::FindPrevious => self.find_previous(sheets),
            ReadingIntent::FindEnd => self.find_end(),
            ReadingIntent::ToggleText => self.toggle_text(sheets),
        }
    }

    /// Whether the text is read instead of the pages.
    pub fn reads_text(&self) -> bool {
        self.text_page.is_some()
    }

    fn toggle_text(&mut self, sheets: &Sheets<'_>) {
        self.close_panel();
        match self.text_page.take() {
            Some(page) => self.go_to(page, sheets),
            None if sheets.text.is_some() => self.text_page = Some(self.current(sheets)),
            None => {}
        }
    }
}
