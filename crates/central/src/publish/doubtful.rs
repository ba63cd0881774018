//! Which pages displays may draw wrong.
//!
//! The alarm `drawing` lists them for the clerk.

use std::collections::BTreeMap;

use vyveska_board::format::page_numbers::page_numbers;
use vyveska_board::{ClockBounds, DocumentHash};

use super::document_list;
use crate::counting::counted;
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
        (!pages.is_empty()).then(|| named_pages(pages))
    })?;
    let count = counted(count, "document");
    Some(format!(
        "displays may draw pages of {count} wrong, and say so; publish them as plain PDF\n{list}"
    ))
}

/// „page 2" or „pages 2, 5–7".
pub(crate) fn named_pages(numbers: &[u32]) -> String {
    let noun = if numbers.len() == 1 { "page" } else { "pages" };
    format!("{noun} {}", page_numbers(numbers))
}
