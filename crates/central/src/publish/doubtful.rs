//! Which pages displays may draw wrong.
//!
//! The alarm `drawing` lists them for the clerk.

use std::collections::BTreeMap;

use vyveska_board::format::page_numbers::page_numbers;
use vyveska_board::{ClockBounds, DocumentHash};

use super::document_list;
use crate::storage::{CurrentNotice, Preparation};

/// The kind of the alarm that displays may draw documents of a board wrong; its subject is the board.
pub(crate) const DRAWING: &str = "drawing";

/// What the alarm says of the notices of a board that have not ended; `None` where no page is in doubt.
pub(super) fn message(
    board: &str,
    notices: &[CurrentNotice],
    preparations: &BTreeMap<DocumentHash, Preparation>,
    now: &ClockBounds,
) -> Option<String> {
    let (count, list) = document_list::list(board, notices, now, |document| {
        let prepared = preparations.get(&document.hash?)?;
        let pages = &prepared.drawing.doubtful_pages;
        (!pages.is_empty()).then(|| format!("pages {}.", page_numbers(pages)))
    })?;
    Some(format!(
        "displays may draw pages of {count} documents wrong, and say so; publish them as plain PDF: {list}"
    ))
}
