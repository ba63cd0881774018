//! The pages of the open document, with whatever of them is drawn.

use super::count;
use crate::gallery::Gallery;
use crate::state::{Drawing, Placed, Read, Reading, Sheets, State, Unreadable};
use crate::ui::view_model::{MarkSlot, PageSlot, TileSlot, ViewerStatus, ViewerView};

pub(super) fn present_viewer(
    state: &State,
    read: Read<'_>,
    reading: &Reading,
    gallery: &Gallery,
) -> ViewerView {
    let status = match reading.document() {
        None if read.documents().is_empty() => ViewerStatus::NoDocument,
        None => ViewerStatus::Unreadable(Unreadable::Missing),
        Some(hash) => match state.opened(&hash) {
            None => ViewerStatus::Opening,
            Some(Ok(_)) => ViewerStatus::Ready,
            Some(Err(reason)) => ViewerStatus::Unreadable(*reason),
        },
    };
    let ready = status == ViewerStatus::Ready;
    let sheets = state.sheets();
    let pages = sheets.sizes.len();
    let content = reading.content(&sheets);
    let (x, y) = reading.offset();
    let sideways = reading.sideways(&sheets);
    let (mut slots, mut tiles) = (Vec::new(), Vec::new());
    for placed in reading.near(&sheets) {
        if let Some(page) = present_page(reading, &placed, &sheets, gallery, &mut tiles) {
            slots.push(page);
        }
    }
    ViewerView {
        status,
        content_width: content.width,
        content_height: content.height,
        pages: slots,
        tiles,
        marks: present_marks(reading, &sheets),
        page: count(reading.current(&sheets) + 1).min(count(pages.max(1))),
        page_count: count(pages),
        scroll_x: x,
        scroll_y: y,
        scroll_sequence: reading.jumps(),
        can_zoom_in: ready && reading.can_zoom_in(&sheets),
        can_zoom_out: ready && reading.can_zoom_out(&sheets),
        up: reading.backward(&sheets),
        down: reading.onward(&sheets),
        can_go_left: sideways.left,
        can_go_right: sideways.right,
    }
}

fn present_page(
    reading: &Reading,
    placed: &Placed,
    sheets: &Sheets<'_>,
    gallery: &Gallery,
    tiles: &mut Vec<TileSlot>,
) -> Option<PageSlot> {
    let whole = reading.whole(placed, sheets)?;
    let needed = reading.tiles(placed, sheets, 0);
    let is_covered = !needed.is_empty() && needed.iter().all(|tile| gallery.get(tile).is_some());
    let around = reading.tiles(placed, sheets, 1);
    tiles.extend(
        around
            .iter()
            .filter_map(|tile| present_tile(placed, tile, gallery)),
    );
    Some(PageSlot {
        number: whole.page + 1,
        x: placed.x,
        y: placed.y,
        width: placed.size.width,
        height: placed.size.height,
        // Where tiles cover the window, painting the page under them would take as long again.
        picture: (!is_covered)
            .then(|| gallery.whole_page(&whole).cloned())
            .flatten(),
        failed: gallery.failure(&whole.document, whole.page),
    })
}

fn present_tile(placed: &Placed, tile: &Drawing, gallery: &Gallery) -> Option<TileSlot> {
    let region = tile.region?;
    Some(TileSlot {
        x: placed.x + region.x as f32,
        y: placed.y + region.y as f32,
        width: region.width as f32,
        height: region.height as f32,
        picture: gallery.get(tile)?.clone(),
    })
}

fn present_marks(reading: &Reading, sheets: &Sheets<'_>) -> Vec<MarkSlot> {
    reading
        .marks(sheets)
        .into_iter()
        .map(|mark| MarkSlot {
            x: mark.frame.x,
            y: mark.frame.y,
            width: mark.frame.width,
            height: mark.frame.height,
            current: mark.current,
        })
        .collect()
}
