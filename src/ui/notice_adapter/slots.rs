//! The pictures of pages on the screen.
//!
//! Every row that changes is repainted, so a tile that stays keeps its row while others come and go.

use std::rc::Rc;

use slint::{Model, ModelRc, VecModel};

use super::{image, number};
use crate::ui::markup::{self, ViewerPage, ViewerTile};
use crate::ui::view_model::{PageSlot, TileSlot, ViewerView};

/// The rows of pages and tiles.
#[derive(Default)]
pub(super) struct Slots {
    pages: Rc<VecModel<ViewerPage>>,
    tiles: Rc<VecModel<ViewerTile>>,
    /// What stands in every row of `tiles`; a free row shows nothing.
    rows: Vec<Option<TileSlot>>,
}

impl Slots {
    pub(super) fn connect(&self, adapter: &markup::NoticeAdapter<'_>) {
        adapter.set_pages(ModelRc::from(self.pages.clone()));
        adapter.set_tiles(ModelRc::from(self.tiles.clone()));
    }

    pub(super) fn clear(&mut self) {
        self.pages.set_vec(Vec::new());
        self.tiles.set_vec(Vec::new());
        self.rows.clear();
    }

    pub(super) fn render(&mut self, view: &ViewerView, shown: Option<&ViewerView>) {
        self.render_pages(&view.pages, shown.map_or(&[], |shown| &shown.pages));
        if shown.map(|shown| &shown.tiles) != Some(&view.tiles) {
            self.render_tiles(&view.tiles);
        }
    }

    fn render_pages(&self, pages: &[PageSlot], shown: &[PageSlot]) {
        while self.pages.row_count() > pages.len() {
            self.pages.remove(self.pages.row_count() - 1);
        }
        for (index, page) in pages.iter().enumerate() {
            if index >= self.pages.row_count() {
                self.pages.push(page.into());
            } else if shown.get(index) != Some(page) {
                self.pages.set_row_data(index, page.into());
            }
        }
    }

    fn render_tiles(&mut self, tiles: &[TileSlot]) {
        for (row, kept) in self.rows.iter_mut().enumerate() {
            let is_gone = kept.as_ref().is_some_and(|tile| !tiles.contains(tile));
            if is_gone {
                *kept = None;
                self.tiles.set_row_data(row, ViewerTile::default());
            }
        }
        for tile in tiles {
            if self.rows.iter().flatten().any(|kept| kept == tile) {
                continue;
            }
            let row = ViewerTile::from(tile);
            match self.rows.iter().position(Option::is_none) {
                Some(free) => {
                    self.rows[free] = Some(tile.clone());
                    self.tiles.set_row_data(free, row);
                }
                None => {
                    self.rows.push(Some(tile.clone()));
                    self.tiles.push(row);
                }
            }
        }
        while self.rows.last().is_some_and(Option::is_none) {
            self.rows.pop();
            self.tiles.remove(self.rows.len());
        }
    }
}

impl From<&PageSlot> for ViewerPage {
    fn from(page: &PageSlot) -> Self {
        Self {
            number: number(page.number),
            x: page.x,
            y: page.y,
            width: page.width,
            height: page.height,
            picture: image(page.picture.as_ref()),
            failed: page.failed.is_some(),
        }
    }
}

impl From<&TileSlot> for ViewerTile {
    fn from(tile: &TileSlot) -> Self {
        Self {
            x: tile.x,
            y: tile.y,
            width: tile.width,
            height: tile.height,
            picture: image(Some(&tile.picture)),
        }
    }
}

#[cfg(test)]
mod tests {
    use slint::SharedPixelBuffer;

    use super::*;
    use crate::ui::view_model::{Picture, Pixels};

    fn tile(number: u64) -> TileSlot {
        TileSlot {
            x: number as f32,
            y: 0.0,
            width: 1.0,
            height: 1.0,
            picture: Picture {
                number,
                pixels: Pixels::Opaque(SharedPixelBuffer::new(1, 1)),
            },
        }
    }

    fn places(slots: &Slots) -> Vec<f32> {
        slots.tiles.iter().map(|row| row.x).collect()
    }

    #[test]
    fn a_tile_that_stays_keeps_its_row() {
        let mut slots = Slots::default();
        slots.render_tiles(&[tile(1), tile(2), tile(3)]);
        slots.render_tiles(&[tile(2), tile(3), tile(4)]);
        assert_eq!(places(&slots), [4.0, 2.0, 3.0]);
        slots.render_tiles(&[tile(4), tile(2)]);
        assert_eq!(places(&slots), [4.0, 2.0]);
        slots.render_tiles(&[tile(2)]);
        assert_eq!(slots.tiles.row_data(0).unwrap().width, 0.0);
        slots.clear();
        assert_eq!(places(&slots), Vec::<f32>::new());
    }
}
