//! A message of the town, over everything or as a strip.

/// The message that covers the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertView {
    pub headline: String,
    /// „starosta města · 21. 11. 2026 v 14.30 · platí do 22. 11. v 18.00".
    pub origin: String,
    /// What happened.
    pub description: String,
    /// What to do, sentence by sentence.
    pub instructions: Vec<String>,
    /// The same in short in other languages, with the languages' own names.
    pub others: Vec<(String, String)>,
    pub exercise: bool,
    /// „1 ze 2"; empty when there is one message.
    pub position: String,
    /// Whether nobody uses the board: then the button leads to the board, otherwise back.
    pub idle: bool,
    /// Whether several stand still because somebody wanted them to.
    pub paused: bool,
}

/// The message that stands above the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertStripView {
    pub headline: String,
    pub exercise: bool,
    /// Messages besides this one.
    pub more: u32,
    /// Whether it is severe and nobody uses the board: then it is larger and more detailed.
    pub banner: bool,
    /// What happened, for a banner.
    pub description: String,
}
