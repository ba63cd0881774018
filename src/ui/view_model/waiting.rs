//! Before the first board: what names this display, and how far it is from central.

use crate::state::Link;

/// What is shown before the first board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingView {
    /// „BCDF-HJKL".
    pub code: String,
    /// The address of central.
    pub central: String,
    /// How it went when central was asked last; `None` before that.
    pub link: Option<Link>,
}
