//! The events of the state machine.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use vyveska_board::NoticeId;
use vyveska_wire::manifest::ContentHash;

use super::alert::AlertIntent;
use super::board::BoardContent;
use super::document::{Opened, Size};
use super::idle::IdleRoom;
use super::information::InformationIntent;
use super::link::Link;
use super::list::Sort;
use super::notice::TextRequest;
use super::reading::{ReadingIntent, SearchableText};
use super::search::{SearchIntent, SearchResult};
use super::service_mode::{ServiceEvent, ServiceIntent};
use super::survey::SurveyIntent;
use super::typing::TypingIntent;

/// Everything that can happen to the kiosk, from a touch to a new board.
///
/// The state machine has no other input.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A verified board was activated: at the start from the store, later from central.
    BoardChanged(Arc<BoardContent>),
    /// Central replied, by its signed time: the data shown are as of then.
    CentralHeard(DateTime<Utc>),
    /// The connection to central changed.
    LinkChanged(Link),
    /// Sent at the start: the last sign of life this device recorded before.
    WasAlive(DateTime<Utc>),
    /// Time passed. Sent at least once a second while somebody uses the kiosk.
    Tick,
    /// The screen was touched, anywhere.
    Touched,
    /// Reading aloud of something the user asked for began or ended: while it lasts, the session does not time out.
    Speaking(bool),
    /// The size of the document viewer became known, in logical pixels.
    ViewerResized(Size),
    /// The capacity of the idle screen became known.
    IdleResized(IdleRoom),
    Intent(Intent),
    /// A command of the service screen was carried out, or failed.
    Service(ServiceEvent),
    /// The page worker opened a document, or failed to.
    DocumentOpened {
        document: ContentHash,
        /// The page sizes in points, or the reason for the failure.
        outcome: Opened,
    },
    /// The text of the open document was read, or cannot be read.
    TextArrived {
        request: TextRequest,
        /// `None` when the text is not stored here or cannot be read.
        text: Option<Arc<SearchableText>>,
    },
    /// The search worker finished a query.
    SearchFinished(SearchResult),
}

/// What the user wants, expressed by a touch.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// The board: one touch away from every screen.
    ShowBoard,
    /// Filters the list by one category; `None` shows all.
    ChooseCategory(Option<String>),
    /// Changes the order of the list.
    ChooseSort(Sort),
    /// Shows all there is to choose in the place of the list, or the list again.
    ShowChoices(bool),
    /// The list was scrolled to this position, in notices: 2.5 is the middle of the third.
    ListScrolled(f32),
    OpenNotice(NoticeId),
    /// Opens another document of the open notice, counted from 0.
    ChooseDocument(usize),
    /// Back to the screen before.
    Back,
    PreviousPage,
    NextPage,
    ZoomIn,
    ZoomOut,
    /// The zoom at which pages are as wide as the window.
    FitWidth,
    /// Zooms about a point of the viewer, by pinching.
    ZoomAbout {
        /// The factor by which the zoom changes.
        factor: f32,
        /// The midpoint of the fingers, from the viewer's upper left corner.
        x: f32,
        y: f32,
    },
    /// The pages were scrolled: the offset of the viewer's upper left corner into them, in logical pixels.
    ViewerScrolled {
        x: f32,
        y: f32,
    },
    Information(InformationIntent),
    Survey(SurveyIntent),
    Alert(AlertIntent),
    Reading(ReadingIntent),
    /// Edits the words to be found in the open document.
    FindInDocument(TypingIntent),
    /// Pauses or resumes the idle rotation.
    TogglePause,
    /// Service screen, or the gesture and PIN that lead to it.
    Service(ServiceIntent),
    /// „Ještě čtu": cancels the countdown to the idle reset.
    StillReading,
    ShowSearch,
    Search(SearchIntent),
    NextLanguage,
    /// Larger text; after the largest, the usual size.
    NextTextSize,
    ToggleHighContrast,
    /// Toggles low reach: everything that can be touched moves down.
    ToggleReach,
    /// Toggles reading aloud.
    ToggleSpeech,
}

impl Intent {
    /// Whether it shows the list again, where choices stand in its place.
    pub(super) fn ends_choosing(&self) -> bool {
        self.goes_elsewhere() || matches!(self, Self::ChooseSort(_) | Self::NextLanguage)
    }

    /// Whether it leads to another screen.
    pub(super) fn goes_elsewhere(&self) -> bool {
        matches!(
            self,
            Self::ShowBoard
                | Self::ShowSearch
                | Self::ChooseCategory(_)
                | Self::OpenNotice(_)
                | Self::Back
                | Self::Information(_)
                | Self::Survey(_)
        )
    }
}
