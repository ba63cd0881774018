//! The pictures that are ready for the screen, within a bound of memory.

use std::collections::HashMap;

use slint::{Rgb8Pixel, SharedPixelBuffer};
use vyveska_wire::manifest::ContentHash;

use crate::state::{Drawing, Unreadable, Wanted};
use crate::ui::view_model::{Picture, Pixels};

/// How many bytes of pixels are kept. A page at the width of the screen takes 5 MB.
const BUDGET_BYTES: usize = 28 << 20;

/// The pictures that are ready for the screen.
#[derive(Default)]
pub struct Gallery {
    pictures: HashMap<Drawing, Hung>,
    failed: HashMap<(ContentHash, u32), Unreadable>,
    clock: u64,
    next_number: u64,
    bytes: usize,
}

struct Hung {
    picture: Picture,
    bytes: usize,
    used: u64,
}

impl Gallery {
    /// Takes a drawing in; `wanted` stays whatever the bound says.
    pub fn hang(
        &mut self,
        drawing: Drawing,
        pixels: SharedPixelBuffer<Rgb8Pixel>,
        wanted: &Wanted,
    ) {
        let bytes = pixels.as_bytes().len();
        let picture = self.picture(Pixels::Opaque(pixels));
        self.clock += 1;
        let hung = Hung {
            picture,
            bytes,
            used: self.clock,
        };
        self.bytes += bytes;
        if let Some(before) = self.pictures.insert(drawing, hung) {
            self.bytes -= before.bytes;
        }
        while self.bytes > BUDGET_BYTES {
            let oldest = self
                .pictures
                .iter()
                .filter(|(kept, _)| !wanted.contains(kept) && **kept != drawing)
                .min_by_key(|(_, hung)| hung.used)
                .map(|(oldest, _)| *oldest);
            let Some(oldest) = oldest else { break };
            if let Some(gone) = self.pictures.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }

    /// Gives pixels a number of their own.
    pub fn picture(&mut self, pixels: Pixels) -> Picture {
        self.next_number += 1;
        Picture {
            number: self.next_number,
            pixels,
        }
    }

    /// Remembers that a page cannot be drawn.
    pub fn mark_failed(&mut self, document: ContentHash, page: u32, reason: Unreadable) {
        if self.failed.len() > 10_000 {
            self.failed.clear();
        }
        self.failed.insert((document, page), reason);
    }

    /// Why a page cannot be drawn, when it cannot.
    pub fn failure(&self, document: &ContentHash, page: u32) -> Option<Unreadable> {
        self.failed.get(&(*document, page)).copied()
    }

    /// Those of the drawings wanted that are neither here nor hopeless; using the others.
    pub fn missing(&mut self, wanted: &Wanted) -> Wanted {
        self.clock += 1;
        Wanted {
            now: self.missing_of(&wanted.now),
            soon: self.missing_of(&wanted.soon),
        }
    }

    fn missing_of(&mut self, wanted: &[Drawing]) -> Vec<Drawing> {
        let clock = self.clock;
        wanted
            .iter()
            .filter(|drawing| {
                if let Some(hung) = self.pictures.get_mut(drawing) {
                    hung.used = clock;
                    return false;
                }
                !self.failed.contains_key(&(drawing.document, drawing.page))
            })
            .copied()
            .collect()
    }

    /// A drawing, when it is here.
    pub fn get(&self, drawing: &Drawing) -> Option<&Picture> {
        self.pictures.get(drawing).map(|hung| &hung.picture)
    }

    /// The page in whatever width it is here, the nearest to the one wanted.
    pub fn whole_page(&self, drawing: &Drawing) -> Option<&Picture> {
        if let Some(exact) = self.get(drawing) {
            return Some(exact);
        }
        self.pictures
            .iter()
            .filter(|(kept, _)| {
                kept.region.is_none()
                    && (kept.document, kept.page, kept.turns)
                        == (drawing.document, drawing.page, drawing.turns)
            })
            .min_by_key(|(kept, _)| kept.page_width.abs_diff(drawing.page_width))
            .map(|(_, hung)| &hung.picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Turns;

    fn wanted(now: &[Drawing]) -> Wanted {
        Wanted {
            now: now.to_vec(),
            soon: Vec::new(),
        }
    }

    fn drawing(page: u32) -> Drawing {
        Drawing {
            document: ContentHash::of(b"d"),
            page,
            turns: Turns::default(),
            page_width: 1000,
            region: None,
        }
    }

    #[test]
    fn memory_stays_bounded_and_what_is_wanted_stays() {
        let mut gallery = Gallery::default();
        let wanted = wanted(&[drawing(0)]);
        for page in 0..100 {
            gallery.hang(drawing(page), SharedPixelBuffer::new(1000, 1400), &wanted);
            assert!(gallery.bytes <= BUDGET_BYTES);
        }
        assert!(gallery.get(&drawing(0)).is_some());
        assert!(gallery.get(&drawing(99)).is_some());
        assert!(gallery.get(&drawing(1)).is_none());
    }

    #[test]
    fn a_hopeless_page_is_not_asked_for_again() {
        let mut gallery = Gallery::default();
        let page = wanted(&[drawing(3)]);
        assert_eq!(gallery.missing(&page), page);
        gallery.mark_failed(drawing(3).document, 3, Unreadable::Broken);
        assert_eq!(gallery.missing(&page), Wanted::default());
    }

    #[test]
    fn another_width_stands_in_until_the_right_one_is_drawn() {
        let mut gallery = Gallery::default();
        gallery.hang(
            drawing(0),
            SharedPixelBuffer::new(10, 10),
            &Wanted::default(),
        );
        let wider = Drawing {
            page_width: 1400,
            ..drawing(0)
        };
        assert!(gallery.get(&wider).is_none());
        assert!(gallery.whole_page(&wider).is_some());
    }
}
