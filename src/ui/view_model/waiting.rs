//! Before the first board: what names this display, and how far it is from central.

use crate::state::Link;

/// What is shown before the first board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingView {
    /// „BCDF-HJKL".
    pub code: String,
    pub central: String,
    /// The outcome of the last request to central; `None` before that.
    pub link: Option<Link>,
}
