//! An interpreter device that looks for letters which the engine will not draw, and notes what it will.

use crate::worker::glyphs::text_of;
use hayro::hayro_interpret::font::{Glyph, GlyphId, GlyphIdentifier, GlyphRun, OutlineGlyph};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{BezPath, Point};
use std::collections::HashMap;

/// The letters of the largest form are fewer.
const MAX_SHOWN: usize = 100_000;

#[derive(Clone, Copy)]
struct Outline {
    is_empty: bool,
    /// The embedded font; `None` for substitutes and Type 1 fonts.
    font: Option<u128>,
}

#[derive(Default)]
struct Tally {
    drawn: bool,
    lost: bool,
}

#[derive(Default)]
pub(super) struct LetterCheck {
    outlines: HashMap<GlyphIdentifier, Outline>,
    fonts: HashMap<Option<u128>, Tally>,
    shown: Vec<(Point, String)>,
}

impl LetterCheck {
    /// Whether letters are missing. A font without any outline is that of a scan's words, which are not for being seen.
    pub(super) fn found_gaps(&self) -> bool {
        let mut fonts = self.fonts.values();
        fonts.any(|font| font.lost && font.drawn)
    }

    /// The letters that are drawn, each with its origin in page points.
    pub(super) fn into_shown(self) -> Vec<(Point, String)> {
        self.shown
    }

    fn check(&mut self, glyph: &OutlineGlyph, text: Option<&str>) {
        let outline = self
            .outlines
            .entry(glyph.identifier())
            .or_insert_with(|| Outline {
                is_empty: glyph.outline().is_empty(),
                font: glyph.font_data().map(|data| data.cache_key),
            });
        let outline = *outline;
        let is_letter = match text {
            Some(text) => text.chars().any(char::is_alphanumeric),
            None => outline.font.is_none() && is_letter_code(glyph.char_code()),
        };
        let is_drawn = !outline.is_empty && glyph.glyph_id() != GlyphId::NOTDEF;
        let tally = self.fonts.entry(outline.font).or_default();
        tally.drawn |= is_drawn;
        tally.lost |= is_letter && !is_drawn;
    }
}

/// Whether a code without a meaning is likely that of a letter: programs write line breaks and no-break spaces into
/// text too.
fn is_letter_code(code: u32) -> bool {
    matches!(code, 1..=8 | 11 | 12 | 14..=31 | 128..=159 | 161..=172 | 174..=255)
}

impl<'a> Device<'a> for LetterCheck {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        for glyph in run.glyphs() {
            let text = text_of(glyph);
            if let Glyph::Outline(outline) = &**glyph {
                self.check(outline, text.as_deref());
            }
            if let Some(text) = text.filter(|_| self.shown.len() < MAX_SHOWN) {
                let place = props.transform * glyph.transform() * Point::ZERO;
                self.shown.push((place, text));
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
