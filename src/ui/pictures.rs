//! Decoded pictures of the town's information.

use std::collections::{HashMap, HashSet};

use vyveska_wire::manifest::ContentHash;

use super::view_model::Picture;

/// How many pictures are kept beyond those wanted now.
const KEPT: usize = 24;

/// Pictures by the hash of their bytes.
#[derive(Default)]
pub struct Pictures {
    ready: HashMap<ContentHash, Picture>,
    asked: HashSet<ContentHash>,
}

impl Pictures {
    /// The picture, once it is here.
    pub(super) fn of(&self, hash: &ContentHash) -> Option<Picture> {
        self.ready.get(hash).cloned()
    }

    /// The pictures to be decoded now; none is returned twice unless it was evicted.
    pub fn missing(&mut self, wanted: &[ContentHash]) -> Vec<ContentHash> {
        let missing: Vec<ContentHash> = wanted
            .iter()
            .filter(|hash| !self.ready.contains_key(hash) && !self.asked.contains(hash))
            .copied()
            .collect();
        self.asked.extend(&missing);
        missing
    }

    /// Inserts a picture; those no longer needed are evicted.
    pub fn put(&mut self, hash: ContentHash, picture: Picture, wanted: &[ContentHash]) {
        if self.ready.len() >= KEPT {
            self.ready.retain(|kept, _| wanted.contains(kept));
            self.asked.retain(|asked| wanted.contains(asked));
        }
        self.ready.insert(hash, picture);
    }

    /// Its bytes arrived: another attempt is made.
    pub fn forget(&mut self, hash: &ContentHash) {
        self.asked.remove(hash);
    }
}

#[cfg(test)]
mod tests {
    use slint::{Rgb8Pixel, SharedPixelBuffer};

    use super::*;
    use crate::ui::view_model::Pixels;

    fn hash(number: usize) -> ContentHash {
        ContentHash::of(number.to_string().as_bytes())
    }

    fn picture(number: u64) -> Picture {
        Picture {
            number,
            pixels: Pixels::Opaque(SharedPixelBuffer::<Rgb8Pixel>::new(1, 1)),
        }
    }

    #[test]
    fn a_picture_is_asked_for_once_until_its_bytes_come() {
        let mut pictures = Pictures::default();
        assert_eq!(pictures.missing(&[hash(1), hash(2)]), [hash(1), hash(2)]);
        assert!(pictures.missing(&[hash(1)]).is_empty());
        pictures.forget(&hash(1));
        assert_eq!(pictures.missing(&[hash(1)]), [hash(1)]);
        pictures.put(hash(1), picture(1), &[]);
        assert_eq!(pictures.of(&hash(1)), Some(picture(1)));
        assert!(pictures.missing(&[hash(1)]).is_empty());
    }

    #[test]
    fn what_nobody_wants_makes_room() {
        let mut pictures = Pictures::default();
        for number in 0..100 {
            pictures.missing(&[hash(number)]);
            pictures.put(hash(number), picture(number as u64), &[hash(0)]);
            assert!(pictures.ready.len() <= KEPT + 1);
        }
        assert!(pictures.of(&hash(0)).is_some());
    }
}
