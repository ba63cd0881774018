//! An interpreter device that collects only glyphs.

use super::words::{Glyph, WordBuilder};
use crate::geometry::PageSize;
use crate::text::PageText;
use hayro::hayro_interpret::font::{self, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{BezPath, Point};

/// Widths and outlines are in thousandths of the font size.
const UNITS: f64 = 1000.0;
const ASCENT: f64 = 750.0;
const DESCENT: f64 = -210.0;
/// For glyphs whose width the font does not state.
const USUAL_WIDTH: f64 = 500.0;

pub(super) struct GlyphCollector {
    words: WordBuilder,
}

impl GlyphCollector {
    pub(super) fn new(page: PageSize) -> Self {
        Self {
            words: WordBuilder::new(page),
        }
    }

    pub(super) fn finish(self) -> PageText {
        self.words.finish()
    }
}

impl<'a> Device<'a> for GlyphCollector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let transform = props.transform * glyph.transform();
            let width = match &**glyph {
                font::Glyph::Outline(outline) => outline.advance_width(),
                font::Glyph::Type3(drawn) => drawn.advance_width(),
            };
            let width = width.map_or(USUAL_WIDTH, f64::from);
            let at = |x: f64, y: f64| transform * Point::new(x, y);
            let text = match glyph.as_unicode() {
                Some(BfString::Char(letter)) => Some(letter.to_string()),
                Some(BfString::String(letters)) => Some(letters),
                None => None,
            };
            self.words.push(Glyph {
                text,
                origin: at(0.0, 0.0),
                end: at(width, 0.0),
                top: at(0.0, ASCENT),
                bottom: at(0.0, DESCENT),
                size: at(0.0, UNITS).distance(at(0.0, 0.0)),
            });
        }
        self.words.end_run();
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
