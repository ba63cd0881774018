//! The town's information: pages to choose from, and one page with its entries.

use super::Picture;

/// What is in front of the town's information.
#[derive(Debug, Clone, PartialEq)]
pub enum InformationView {
    /// All pages, to choose from.
    Index(Vec<TileView>),
    Page(Box<InformationPageView>),
}

/// A page, or a survey, to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileView {
    pub id: String,
    /// Whether it opens a survey instead of a page.
    pub survey: bool,
    pub icon: InformationIcon,
    pub title: String,
    /// How it stands now, „teď otevřeno do 17.00"; may be empty.
    pub status: String,
    /// How good that is.
    pub tone: Tone,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InformationPageView {
    pub id: String,
    pub icon: InformationIcon,
    pub title: String,
    /// A sentence or two; may be empty.
    pub lead: String,
    pub picture: Option<CaptionedPicture>,
    pub map: Option<CaptionedPicture>,
    /// The way to more, for a telephone.
    pub qr_code: Option<Picture>,
    /// The same to type; empty when there is none.
    pub web_address: String,
    pub entries: Vec<EntryView>,
    /// A survey to answer after reading.
    pub survey: Option<TileView>,
}

/// A picture and what is to be seen on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaptionedPicture {
    /// The picture, once it is here.
    pub picture: Option<Picture>,
    /// What is to be seen.
    pub description: String,
}

/// An office, a grant, an event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntryView {
    /// What it is called; may be empty.
    pub heading: String,
    pub icon: Option<InformationIcon>,
    /// How it stands now; may be empty.
    pub status: String,
    /// How good that is.
    pub tone: Tone,
    /// The day in the calendar, „25."; may be empty.
    pub day: String,
    /// The month in the calendar, „listopadu".
    pub month: String,
    /// What weighs most, such as „zbývá 10 dní"; may be empty.
    pub weighty: String,
    /// What is said in a word or two.
    pub facts: Vec<FactView>,
    /// Running text; may be empty.
    pub text: String,
    pub picture: Option<CaptionedPicture>,
    /// The way to more, for a telephone.
    pub qr_code: Option<Picture>,
    /// Whether it is a document that can be read here.
    pub readable: bool,
    /// What kind of document that is, „PDF · 6 stran · 33 kB".
    pub document: String,
}

/// Something said in a word or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactView {
    /// What; may be empty.
    pub label: String,
    pub value: String,
    /// Whether it is the one that counts now, such as today's hours.
    pub now: bool,
}

/// How good or pressing something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    /// It will not be for long.
    Urgent,
}

/// The pictures of pages and entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InformationIcon {
    Hours,
    Contacts,
    /// A hand with coins.
    Grants,
    Events,
    Tourism,
    Documents,
    LostAndFound,
    /// Plugs pulled apart.
    Outages,
    /// The letter i.
    Text,
    Survey,
    Electricity,
    Water,
    Gas,
    Heat,
    Road,
}
