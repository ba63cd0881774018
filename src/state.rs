//! The kiosk's behaviour, pure: an [`Event`] in, a new [`State`] out.

mod board;
mod event;

pub use board::{BoardContent, BoardNotice};
pub use event::{Event, Intent, Size, Unreadable};
