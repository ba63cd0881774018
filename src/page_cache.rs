//! Rendered pages for the screen, within a memory budget.

use std::collections::HashMap;

use slint::{Rgb8Pixel, SharedPixelBuffer};
use vyveska_wire::manifest::ContentHash;

use crate::picture::{Picture, Pixels};
use crate::state::{Drawing, RenderRequests, Unreadable};

/// Bytes of pixels kept. A page at the width of the screen takes 5 MB.
const BUDGET_BYTES: usize = 28 << 20;

/// Rendered pages for the screen; the least recently used leave first.
#[derive(Default)]
pub struct PageCache {
    pictures: HashMap<Drawing, CachedPicture>,
    failed: HashMap<(ContentHash, u32), Unreadable>,
    clock: u64,
    next_number: u64,
    bytes: usize,
}

struct CachedPicture {
    picture: Picture,
    bytes: usize,
    used: u64,
}

impl PageCache {
    /// Inserts a drawing; those in `wanted` stay whatever the budget says.
    pub fn insert(
        &mut self,
        drawing: Drawing,
        pixels: SharedPixelBuffer<Rgb8Pixel>,
        wanted: &RenderRequests,
    ) {
        let bytes = pixels.as_bytes().len();
        let picture = self.picture(Pixels::Opaque(pixels));
        self.clock += 1;
        let cached = CachedPicture {
            picture,
            bytes,
            used: self.clock,
        };
        self.bytes += bytes;
        if let Some(before) = self.pictures.insert(drawing, cached) {
            self.bytes -= before.bytes;
        }
        while self.bytes > BUDGET_BYTES {
            let oldest = self
                .pictures
                .iter()
                .filter(|(kept, _)| !wanted.contains(kept) && **kept != drawing)
                .min_by_key(|(_, cached)| cached.used)
                .map(|(oldest, _)| *oldest);
            let Some(oldest) = oldest else { break };
            if let Some(gone) = self.pictures.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }

    /// Numbers pixels, so that pictures compare without their bytes.
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

    /// The requested drawings that are neither cached nor failed; marks the others as used.
    pub fn missing(&mut self, wanted: &RenderRequests) -> RenderRequests {
        self.clock += 1;
        RenderRequests {
            now: self.missing_of(&wanted.now),
            soon: self.missing_of(&wanted.soon),
        }
    }

    fn missing_of(&mut self, wanted: &[Drawing]) -> Vec<Drawing> {
        let clock = self.clock;
        wanted
            .iter()
            .filter(|drawing| {
                if let Some(cached) = self.pictures.get_mut(drawing) {
                    cached.used = clock;
                    return false;
                }
                !self.failed.contains_key(&(drawing.document, drawing.page))
            })
            .copied()
            .collect()
    }

    /// A drawing, when it is here.
    pub fn get(&self, drawing: &Drawing) -> Option<&Picture> {
        self.pictures.get(drawing).map(|cached| &cached.picture)
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
                    && (kept.document, kept.page, kept.rotation)
                        == (drawing.document, drawing.page, drawing.rotation)
            })
            .min_by_key(|(kept, _)| kept.page_width.abs_diff(drawing.page_width))
            .map(|(_, cached)| &cached.picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Rotation;

    fn wanted(now: &[Drawing]) -> RenderRequests {
        RenderRequests {
            now: now.to_vec(),
            soon: Vec::new(),
        }
    }

    fn drawing(page: u32) -> Drawing {
        Drawing {
            document: ContentHash::of(b"d"),
            page,
            rotation: Rotation::default(),
            page_width: 1000,
            region: None,
        }
    }

    #[test]
    fn memory_stays_bounded_and_what_is_wanted_stays() {
        let mut page_cache = PageCache::default();
        let wanted = wanted(&[drawing(0)]);
        for page in 0..100 {
            page_cache.insert(drawing(page), SharedPixelBuffer::new(1000, 1400), &wanted);
            assert!(page_cache.bytes <= BUDGET_BYTES);
        }
        assert!(page_cache.get(&drawing(0)).is_some());
        assert!(page_cache.get(&drawing(99)).is_some());
        assert!(page_cache.get(&drawing(1)).is_none());
    }

    #[test]
    fn a_hopeless_page_is_not_asked_for_again() {
        let mut page_cache = PageCache::default();
        let page = wanted(&[drawing(3)]);
        assert_eq!(page_cache.missing(&page), page);
        page_cache.mark_failed(drawing(3).document, 3, Unreadable::Broken);
        assert_eq!(page_cache.missing(&page), RenderRequests::default());
    }

    #[test]
    fn another_width_stands_in_until_the_right_one_is_drawn() {
        let mut page_cache = PageCache::default();
        page_cache.insert(
            drawing(0),
            SharedPixelBuffer::new(10, 10),
            &RenderRequests::default(),
        );
        let wider = Drawing {
            page_width: 1400,
            ..drawing(0)
        };
        assert!(page_cache.get(&wider).is_none());
        assert!(page_cache.whole_page(&wider).is_some());
    }
}
