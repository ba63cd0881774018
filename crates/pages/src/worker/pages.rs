//! The pages of one open document, of whatever kind.

use crate::geometry::Plan;
use crate::memory::Draft;
use crate::page_image::PageWarning;
use crate::protocol::{DocumentInfo, Fault};
use crate::text::PageText;
use std::io;

/// The pages of one open document.
pub(super) trait Pages {
    fn info(&self) -> &DocumentInfo;

    /// Draws a part of a page into opaque RGBA.
    fn draw(
        &mut self,
        page: usize,
        plan: &Plan,
        bounds: &Bounds,
    ) -> Result<(Draft, Vec<PageWarning>), Fault>;

    fn text(&mut self, page: usize) -> Result<PageText, Fault>;
}

/// Limits for one document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) max_pixels: u64,
    pub(super) max_pages: usize,
    /// The most a decoded picture may take, half of the address space.
    pub(super) max_picture_bytes: u64,
}

impl Bounds {
    /// Memory for the pixels of a drawing.
    pub(super) fn draft(plan: &Plan) -> Result<Draft, Fault> {
        let bytes = u64::from(plan.width) * u64::from(plan.height) * 4;
        usize::try_from(bytes)
            .map_err(io::Error::other)
            .and_then(Draft::new)
            .map_err(|error| Fault::TooLarge(format!("there is no memory for its pixels: {error}")))
    }
}
