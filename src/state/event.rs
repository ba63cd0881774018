//! Everything that can happen to the kiosk.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use vyveska_board::NoticeId;
use vyveska_wire::manifest::ContentHash;

use super::alert::AlertIntent;
use super::board::BoardContent;
use super::idle::IdleRoom;
use super::information::InformationIntent;
use super::link::Link;
use super::list::Sort;
use super::notice::TextWish;
use super::reading::{ReadingIntent, SearchableText};
use super::search::{Answer, SearchIntent};
use super::service::{ServiceEvent, ServiceIntent};
use super::survey::SurveyIntent;
use super::typing::TypingIntent;

/// Everything that can happen, from a touch to a new board.
///
/// The state machine has no other way in.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A verified board was taken into use: at the start from the store, later from central.
    BoardChanged(Arc<BoardContent>),
    /// Central answered, by its signed time: what is shown is as of then.
    CentralHeard(DateTime<Utc>),
    /// The way to central changed.
    LinkChanged(Link),
    /// At the start: when this device gave its last sign of life before.
    WasAlive(DateTime<Utc>),
    /// Time passed. Comes at least once a second while somebody uses the kiosk.
    Tick,
    /// The screen was touched anywhere.
    Touched,
    /// Something that somebody wants to hear begins or ends being read aloud: as long as it is, nobody has gone.
    Speaking(bool),
    /// The size available to pages of documents became known, in logical pixels.
    ViewerResized(Size),
    /// How much finds room on the idle screen became known.
    IdleResized(IdleRoom),
    /// A passer-by wants something.
    Intent(Intent),
    /// What was ordered for the service screen is done, or could not be.
    Service(ServiceEvent),
    /// The page worker opened a document, or could not.
    DocumentOpened {
        /// Which.
        document: ContentHash,
        /// The sizes of its pages in points, or why there are none.
        outcome: Result<Arc<[Size]>, Unreadable>,
    },
    /// The text of the open document was read, or cannot be.
    TextArrived {
        /// Which.
        wish: TextWish,
        /// The text; `None` when it is not here or cannot be read.
        text: Option<Arc<SearchableText>>,
    },
    /// The search desk has found, or found nothing.
    SearchAnswered(Answer),
}

/// What a passer-by wants, said by touching something.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// The whole board: one touch away from every screen.
    ShowBoard,
    /// Only notices of one category; `None` for all.
    ChooseCategory(Option<String>),
    /// Another order of the list.
    ChooseSort(Sort),
    /// The list was scrolled: so many of its notices have gone by above, 2.5 in the middle of the third.
    ListScrolled(f32),
    /// One notice.
    OpenNotice(NoticeId),
    /// Another document of the open notice, counted from 0.
    ChooseDocument(usize),
    /// Whence one came.
    Back,
    /// One page up.
    PreviousPage,
    /// One page down.
    NextPage,
    /// One step larger.
    ZoomIn,
    /// One step smaller.
    ZoomOut,
    /// As wide as the screen.
    FitWidth,
    /// Larger or smaller about a point of the viewer, by pinching.
    ZoomAbout {
        /// How many times larger.
        factor: f32,
        /// Where the fingers are, from the viewer's upper left corner.
        x: f32,
        /// See `x`.
        y: f32,
    },
    /// The pages were pushed: the offset of the viewer's upper left corner into them, in logical pixels.
    ViewerScrolled {
        /// From the left.
        x: f32,
        /// From the top.
        y: f32,
    },
    /// Something of the town's information.
    Information(InformationIntent),
    /// Something of a survey.
    Survey(SurveyIntent),
    /// Something of the messages over the board.
    Alert(AlertIntent),
    /// Something a reader of a notice wants.
    Reading(ReadingIntent),
    /// What is to be found in the open document, as it is typed.
    FindInDocument(TypingIntent),
    /// The idle rotation stands still, or goes on.
    TogglePause,
    /// Something of the service screen, or of the way into it.
    Service(ServiceIntent),
    /// „Ještě čtu": the countdown stops.
    StillReading,
    /// The search.
    ShowSearch,
    /// Something in the search.
    Search(SearchIntent),
    /// The next language.
    NextLanguage,
    /// Larger text; after the largest the usual one.
    NextTextSize,
    /// High contrast on or off.
    ToggleHighContrast,
    /// Everything that can be touched lower down, or back.
    ToggleReach,
    /// Reading aloud on or off.
    ToggleSpeech,
}

impl Intent {
    /// Whether it leads to another screen than the one before.
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

/// A size; the unit stands where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
}

/// Why a document cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unreadable {
    /// It asks for a password.
    PasswordProtected,
    /// It is damaged.
    Broken,
    /// It has no pages.
    Empty,
    /// It is larger than can be drawn here.
    TooLarge,
    /// It took too long or ended the worker.
    TooDemanding,
    /// Its kind is not shown here.
    Unsupported,
    /// Its bytes are not here (yet).
    Missing,
}
