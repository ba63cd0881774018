//! Adjacent tiles are drawn by one request.
//!
//! Drawing a part of a page goes through the whole page each time, so one drawing that is cut into tiles afterwards
//! costs about as much as one tile.

use crate::state::{Drawing, Region};

/// Drawings that are made by one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    /// What they have in common; its region is that of all of them together.
    pub(super) whole: Drawing,
    pub(super) parts: Vec<Drawing>,
}

/// Joins adjacent drawings, in the order in which they are requested.
pub(super) fn batches(drawings: &[Drawing]) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut taken: Vec<Drawing> = Vec::new();
    for drawing in drawings {
        if drawing.region.is_none() {
            batches.push(Batch {
                whole: *drawing,
                parts: vec![*drawing],
            });
            continue;
        }
        let page = Drawing {
            region: None,
            ..*drawing
        };
        if taken.contains(&page) {
            continue;
        }
        taken.push(page);
        let tiles: Vec<Region> = drawings
            .iter()
            .filter(|other| {
                Drawing {
                    region: None,
                    ..**other
                } == page
            })
            .filter_map(|other| other.region)
            .collect();
        batches.extend(rectangles(tiles).into_iter().map(|tiles| {
            Batch {
                whole: Drawing {
                    region: Some(around(&tiles)),
                    ..page
                },
                parts: tiles
                    .into_iter()
                    .map(|region| Drawing {
                        region: Some(region),
                        ..page
                    })
                    .collect(),
            }
        }));
    }
    batches
}

/// Divides tiles of a grid into full rectangles: first runs in rows, then equal runs below each other.
fn rectangles(mut tiles: Vec<Region>) -> Vec<Vec<Region>> {
    tiles.sort_unstable_by_key(|tile| (tile.y, tile.x));
    tiles.dedup();
    let mut runs: Vec<Vec<Region>> = Vec::new();
    for tile in tiles {
        match runs.last_mut() {
            Some(run) if continues(run, &tile) => run.push(tile),
            _ => runs.push(vec![tile]),
        }
    }
    let mut rectangles: Vec<Vec<Region>> = Vec::new();
    for run in runs {
        let fits = |above: &&mut Vec<Region>| {
            let (above, below) = (around(above), around(&run));
            above.y + above.height == below.y && (above.x, above.width) == (below.x, below.width)
        };
        match rectangles.iter_mut().find(fits) {
            Some(above) => above.extend(run),
            None => rectangles.push(run),
        }
    }
    rectangles
}

fn continues(run: &[Region], tile: &Region) -> bool {
    run.last()
        .is_some_and(|last| last.y == tile.y && last.x + last.width == tile.x)
}

/// The smallest region that holds all of them.
fn around(tiles: &[Region]) -> Region {
    let left = tiles.iter().map(|tile| tile.x).min().unwrap_or(0);
    let top = tiles.iter().map(|tile| tile.y).min().unwrap_or(0);
    let right = tiles.iter().map(|tile| tile.x + tile.width).max();
    let bottom = tiles.iter().map(|tile| tile.y + tile.height).max();
    Region {
        x: left,
        y: top,
        width: right.unwrap_or(left) - left,
        height: bottom.unwrap_or(top) - top,
    }
}

#[cfg(test)]
mod tests {
    use vyveska_wire::manifest::ContentHash;

    use super::*;
    use crate::state::Rotation;

    fn tile(column: u32, row: u32) -> Drawing {
        Drawing {
            document: ContentHash::of(b"d"),
            page: 0,
            rotation: Rotation::default(),
            page_width: 3000,
            region: Some(Region {
                x: column * 256,
                y: row * 256,
                width: 256,
                height: 256,
            }),
        }
    }

    fn regions(tiles: &[(u32, u32)]) -> Vec<(u32, u32, u32, u32, usize)> {
        let tiles: Vec<Drawing> = tiles.iter().map(|(x, y)| tile(*x, *y)).collect();
        batches(&tiles)
            .into_iter()
            .map(|batch| {
                let region = batch.whole.region.unwrap();
                (
                    region.x / 256,
                    region.y / 256,
                    region.width / 256,
                    region.height / 256,
                    batch.parts.len(),
                )
            })
            .collect()
    }

    #[test]
    fn a_window_full_of_tiles_is_one_drawing() {
        let window: Vec<(u32, u32)> = (0..4).flat_map(|x| (2..5).map(move |y| (x, y))).collect();
        assert_eq!(regions(&window), [(0, 2, 4, 3, 12)]);
    }

    #[test]
    fn a_push_across_asks_for_two_strips_and_draws_nothing_twice() {
        let corner = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)];
        assert_eq!(regions(&corner), [(0, 0, 3, 1, 3), (2, 1, 1, 2, 2)]);
    }

    #[test]
    fn a_ring_is_four_strips() {
        let ring: Vec<(u32, u32)> = (0..4)
            .flat_map(|x| (0..4).map(move |y| (x, y)))
            .filter(|(x, y)| *x == 0 || *y == 0 || *x == 3 || *y == 3)
            .collect();
        assert_eq!(
            regions(&ring),
            [
                (0, 0, 4, 1, 4),
                (0, 1, 1, 2, 2),
                (3, 1, 1, 2, 2),
                (0, 3, 4, 1, 4)
            ]
        );
    }

    #[test]
    fn whole_pages_keep_their_order_and_pages_are_not_mixed() {
        let page = Drawing {
            region: None,
            ..tile(0, 0)
        };
        let other = Drawing {
            page: 1,
            ..tile(1, 0)
        };
        let batches = batches(&[page, tile(0, 0), other]);
        assert_eq!(batches.len(), 3);
        assert_eq!(batches[0].parts, [page]);
        assert_eq!(batches[2].parts, [other]);
    }
}
