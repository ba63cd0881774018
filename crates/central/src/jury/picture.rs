//! A page drawn small, as all engines give it.

use vyveska_pages::{PageImage, PageSize};

/// The density at which pages are compared: the body text of a letter is legible, and a page costs 1 MB.
const DOTS_PER_INCH: f64 = 100.0;
/// Larger sheets are drawn coarser.
const MAX_SIDE: f64 = 2000.0;

/// The size of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Pixels {
    /// The size at which a page is compared, exactly as the page worker plans it for this width.
    pub(super) fn of(page: PageSize) -> Self {
        let (across, down) = (f64::from(page.width), f64::from(page.height));
        let scale = (DOTS_PER_INCH / 72.0).min(MAX_SIDE / across.max(down));
        let width = (across * scale).round().max(1.0);
        let height = (down * (width / across)).round().max(1.0);
        Self {
            width: width as u32,
            height: height as u32,
        }
    }

    /// Of the same picture on its side.
    pub(super) fn turned(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }
}

/// Opaque RGB, row by row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// What the page worker drew.
    pub(super) fn of(image: &PageImage) -> Self {
        let pixels = image.pixels().as_chunks::<4>().0;
        Self {
            width: image.width() as usize,
            height: image.height() as usize,
            pixels: pixels.iter().map(|[r, g, b, _]| [*r, *g, *b]).collect(),
        }
    }

    /// What another engine wrote as PPM; `None` unless it is one picture of exactly this size.
    pub(super) fn from_ppm(bytes: &[u8], size: Pixels) -> Option<Self> {
        let head = format!("P6\n{} {}\n255\n", size.width, size.height);
        let (pixels, []) = bytes.strip_prefix(head.as_bytes())?.as_chunks::<3>() else {
            return None;
        };
        let (width, height) = (size.width as usize, size.height as usize);
        (pixels.len() == width * height).then(|| Self {
            width,
            height,
            pixels: pixels.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_compared_at_a_hundred_dots_per_inch_and_a_plan_coarser() {
        let size = |width, height| Pixels::of(PageSize { width, height });
        let (a4, a0) = (size(595.28, 841.89), size(3370.0, 2384.0));
        assert_eq!((a4.width, a4.height), (827, 1170));
        assert_eq!((a0.width, a0.height), (2000, 1415));
    }

    #[test]
    fn only_one_whole_picture_of_the_size_asked_for_is_taken() {
        let size = Pixels {
            width: 2,
            height: 1,
        };
        let taken = |bytes: &[u8]| Picture::from_ppm(bytes, size).map(|picture| picture.pixels);
        let whole = b"P6\n2 1\n255\nabcdef";
        assert_eq!(taken(whole), Some(vec![*b"abc", *b"def"]));
        assert_eq!(taken(&whole[..whole.len() - 1]), None);
        assert_eq!(taken(b"P6\n2 1\n255\nabcdefghi"), None);
        assert_eq!(taken(b"P6\n1 2\n255\nabcdef"), None);
        assert_eq!(taken(b"%PDF-1.7"), None);
    }
}
