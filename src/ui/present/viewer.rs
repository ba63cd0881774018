//! The pages of the open document, with whatever of them is drawn.

use vyveska_board::format::page_numbers::page_numbers;

use super::count;
use crate::page_cache::PageCache;
use crate::state::{Drawing, PageLayoutInput, Placed, Read, Reading, State, Unreadable};
use crate::ui::view_model::{MarkSlot, PageSlot, TileSlot, ViewerStatus, ViewerView};

pub(super) fn present_viewer(
    state: &State,
    read: Read<'_>,
    reading: &Reading,
    page_cache: &PageCache,
) -> ViewerView {
    let status = match state.open_document() {
        None if read.documents().is_empty() => ViewerStatus::NoDocument,
        None => ViewerStatus::Unreadable(Unreadable::Missing),
        Some(open) => match state.opened_as_drawn(open) {
            None => ViewerStatus::Opening,
            Some(Ok(_)) => ViewerStatus::Ready,
            Some(Err(reason)) => ViewerStatus::Unreadable(*reason),
        },
    };
    let ready = status == ViewerStatus::Ready;
    let layout_input = state.layout_input();
    let pages = layout_input.sizes.len();
    let content = reading.content(&layout_input);
    let doubtful = state.open_doubtful_pages();
    let (x, y) = reading.offset();
    let sideways = reading.sideways(&layout_input);
    let (mut slots, mut tiles) = (Vec::new(), Vec::new());
    for placed in reading.near(&layout_input) {
        if let Some(page) = present_page(reading, &placed, &layout_input, page_cache, &mut tiles) {
            slots.push(page);
        }
    }
    ViewerView {
        status,
        content_width: content.width,
        content_height: content.height,
        pages: slots,
        tiles,
        marks: present_marks(reading, &layout_input),
        page: count(reading.current(&layout_input) + 1).min(count(pages.max(1))),
        page_count: count(pages),
        doubtful_pages: page_numbers(&doubtful),
        doubtful_count: count(doubtful.len()),
        scroll_x: x,
        scroll_y: y,
        scroll_sequence: reading.jumps(),
        can_zoom_in: ready && reading.can_zoom_in(&layout_input),
        can_zoom_out: ready && reading.can_zoom_out(&layout_input),
        up: reading.backward(&layout_input),
        down: reading.onward(&layout_input),
        can_go_left: sideways.left,
        can_go_right: sideways.right,
    }
}

fn present_page(
    reading: &Reading,
    placed: &Placed,
    layout_input: &PageLayoutInput<'_>,
    page_cache: &PageCache,
    tiles: &mut Vec<TileSlot>,
) -> Option<PageSlot> {
    let whole = reading.whole(placed, layout_input)?;
    let needed = reading.tiles(placed, layout_input, 0);
    let is_covered = !needed.is_empty() && needed.iter().all(|tile| page_cache.get(tile).is_some());
    let around = reading.tiles(placed, layout_input, 1);
    tiles.extend(
        around
            .iter()
            .filter_map(|tile| present_tile(placed, tile, page_cache)),
    );
    Some(PageSlot {
        number: whole.page + 1,
        x: placed.x,
        y: placed.y,
        width: placed.size.width,
        height: placed.size.height,
        // Where tiles cover the window, painting the page under them would take as long again.
        picture: (!is_covered)
            .then(|| page_cache.whole_page(&whole).cloned())
            .flatten(),
        failed: page_cache.failure(&whole.document, whole.page),
    })
}

fn present_tile(placed: &Placed, tile: &Drawing, page_cache: &PageCache) -> Option<TileSlot> {
    let region = tile.region?;
    Some(TileSlot {
        x: placed.x + region.x as f32,
        y: placed.y + region.y as f32,
        width: region.width as f32,
        height: region.height as f32,
        picture: page_cache.get(tile)?.clone(),
    })
}

fn present_marks(reading: &Reading, layout_input: &PageLayoutInput<'_>) -> Vec<MarkSlot> {
    reading
        .marks(layout_input)
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
