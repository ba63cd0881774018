//! View models: what the screen shows, ready-made.
//!
//! A view model is plain, comparable and `Send`: the adapters set only what differs from the one before.
//! Dates arrive written out, with non-breaking spaces in place; words come from the markup's translations.

mod alert;
mod board;
mod frame;
mod idle;
mod information;
mod notice;
mod search;
mod service;
mod survey;
mod waiting;

use vyveska_board::Language;

pub use crate::picture::{Picture, Pixels};
pub use alert::{AlertStripView, AlertView};
pub use board::{BoardView, CategoryView, Icon, RowView};
pub use frame::{FooterView, HeaderView, LookView, NoteView, Scheme};
pub use idle::{IdleFactView, IdleInformationView, IdleNoticeView, IdlePage, IdleView};
pub use information::{
    CaptionedPicture, EntryView, FactView, InformationIcon, InformationPageView, InformationView,
    TileView, Tone,
};
pub use notice::{
    DocumentView, FactsView, FindView, MarkSlot, NoticeView, PageSlot, PaperCopyContactView,
    ParagraphView, StripPage, StripView, TextOrigin, TextView, TileSlot, ViewerStatus, ViewerView,
};
pub use search::{FoundView, PlaceView, SearchStatus, SearchView};
pub use service::{
    DeviceFact, DeviceFactKind, FieldView, NetworkView, OpenServiceView, PinStatus, PinView,
    ServiceView,
};
pub use survey::{ChoiceView, SurveyView};
pub use waiting::WaitingView;

/// Everything on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewModel {
    pub language: Language,
    pub screen: Screen,
    /// Colours, sizes and layout.
    pub look: LookView,
    pub header: HeaderView,
    /// The sentences under the header.
    pub notes: Vec<NoteView>,
    pub footer: FooterView,
    /// Before the first board.
    pub waiting: WaitingView,
    /// The idle rotation; kept up to date while [`Screen::Idle`] is in front.
    pub idle: IdleView,
    pub board: BoardView,
    /// The open notice, when there is one.
    pub notice: Option<NoticeView>,
    pub search: SearchView,
    /// The town's information, while it is in front.
    pub information: Option<InformationView>,
    /// The survey, while it is in front.
    pub survey: Option<SurveyView>,
    /// The service screen, while it is in front.
    pub service: Option<ServiceView>,
    /// The message that covers the board.
    pub alert: Option<AlertView>,
    /// The message above the page.
    pub alert_strip: Option<AlertStripView>,
    /// The countdown back to idle, in seconds, while it is visible.
    pub countdown: Option<u32>,
    /// How far right of and below its usual place the picture stands, in millimetres, so that nothing burns in.
    pub drift_mm: (f32, f32),
}

/// Which screen is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// There is no board yet: the device has never received one from central.
    Waiting,
    /// The idle rotation.
    Idle,
    Board,
    Search,
    Notice,
    Information,
    Survey,
    /// What a technician sees.
    Service,
    /// A message of the town, over the board.
    Alert,
}
