//! An interpreter device that collects the glyphs of a page that can be seen, or recognised in a scan.

use super::cover::{Cover, Ink};
use super::layers::Layers;
use super::words::{Glyph, WordBuilder};
use crate::geometry::PageSize;
use crate::text::PageText;
use hayro::hayro_interpret::font::{self, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::hayro_syntax::object::Dict;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect};
use std::collections::HashSet;

/// Widths and outlines are in thousandths of the font size.
const UNITS: f64 = 1000.0;
const ASCENT: f64 = 750.0;
const DESCENT: f64 = -210.0;
/// For glyphs whose width the font does not state.
const USUAL_WIDTH: f64 = 500.0;
/// A page of the most words that are kept has fewer.
const MAX_GLYPHS: usize = 400_000;
/// Smaller letters, a third of a millimetre, are not for reading.
const SMALLEST_SIZE: f64 = 1.0;
/// Where a letter of a font has ink: in parts of its width, and of the font size above its line.
const INKED: [(f64, f64); 5] = [
    (0.5, 0.25),
    (0.25, 0.1),
    (0.75, 0.1),
    (0.25, 0.4),
    (0.75, 0.4),
];

/// Where a glyph begins, in tenths of a point.
type Place = (i64, i64);

struct Drawn {
    glyph: Glyph,
    ink: Ink,
    /// Whether it is the last of its text operator.
    ends_run: bool,
}

impl Drawn {
    fn points(&self) -> [Point; 5] {
        let glyph = &self.glyph;
        let (right, up) = (glyph.end - glyph.origin, glyph.top - glyph.origin);
        INKED.map(|(along, above)| glyph.origin + right * along + up * (above * UNITS / ASCENT))
    }
}

pub(super) struct GlyphCollector<'l> {
    layers: &'l Layers,
    /// For each marked content that is open, whether it is in a layer that is off.
    marked: Vec<bool>,
    /// Where nothing is to be seen.
    areas_off: Vec<Rect>,
    cover: Cover,
    drawn: Vec<Drawn>,
    hidden: HashSet<Place>,
    is_full: bool,
    words: WordBuilder,
}

impl<'l> GlyphCollector<'l> {
    pub(super) fn new(page: PageSize, layers: &'l Layers) -> Self {
        Self {
            layers,
            marked: Vec::new(),
            areas_off: Vec::new(),
            cover: Cover::new(page),
            drawn: Vec::new(),
            hidden: HashSet::new(),
            is_full: false,
            words: WordBuilder::new(page),
        }
    }

    /// Leaves out from now on what is drawn within these areas.
    pub(super) fn leave_out(&mut self, areas: Vec<Rect>) {
        self.areas_off = areas;
    }

    pub(super) fn finish(mut self) -> PageText {
        let covered = self.cover.finish();
        let mut verdicts = Vec::with_capacity(self.drawn.len());
        for run in self.drawn.chunk_by(|one, _| !one.ends_run) {
            let seen: Vec<bool> = run
                .iter()
                .map(|drawn| covered.shows(drawn.ink, &drawn.points()))
                .collect();
            // The words of a scan may reach beyond the edge of its picture.
            let is_scanned = seen.contains(&true) && run.iter().all(|one| one.ink.is_recognised());
            verdicts.extend(seen.iter().zip(run).map(|(is_seen, drawn)| {
                *is_seen || (is_scanned && covered.is_bare(&drawn.points()))
            }));
        }
        let mut shown = HashSet::new();
        for (drawn, is_seen) in self.drawn.into_iter().zip(verdicts) {
            if is_seen {
                shown.insert(place(&drawn.glyph));
                self.words.push(drawn.glyph);
            } else if drawn.glyph.is_written() {
                self.hidden.insert(place(&drawn.glyph));
            }
            if drawn.ends_run {
                self.words.end_run();
            }
        }
        let mut text = self.words.finish();
        // White letters with black outlines are drawn twice, and seen.
        let hidden = self.hidden.difference(&shown).count();
        text.hidden_letters = u32::try_from(hidden).unwrap_or(u32::MAX);
        text.truncated |= self.is_full;
        text
    }

    fn is_off(&self, place: Point) -> bool {
        self.marked.contains(&true) || self.areas_off.iter().any(|area| area.contains(place))
    }

    fn draw(&mut self, glyph: Glyph, ink: Ink) {
        let center = glyph.origin.midpoint(glyph.end);
        // The centre of the baseline decides, so that what hangs below a clip does not count.
        let is_readable = glyph.size >= SMALLEST_SIZE && self.cover.is_open(center);
        if self.is_off(center) {
            return;
        }
        if !is_readable {
            if glyph.is_written() && self.hidden.len() < MAX_GLYPHS {
                self.hidden.insert(place(&glyph));
            }
        } else if self.drawn.len() < MAX_GLYPHS {
            self.drawn.push(Drawn {
                glyph,
                ink,
                ends_run: false,
            });
        } else {
            self.is_full = true;
        }
    }
}

impl<'a> Device<'a> for GlyphCollector<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let before = self.drawn.len();
        let is_stretched = is_stretched(run);
        for glyph in run.glyphs() {
            let transform = props.transform * glyph.transform();
            let (width, has_outline) = match &**glyph {
                font::Glyph::Outline(outline) => (outline.advance_width(), true),
                font::Glyph::Type3(drawn) => (drawn.advance_width(), false),
            };
            let mut width = width.map_or(USUAL_WIDTH, f64::from);
            if is_stretched {
                width /= proportion(transform);
            }
            let ink = self.cover.ink(&props, mode, has_outline);
            self.draw(placed(text_of(glyph), transform, width), ink);
        }
        if self.drawn.len() > before
            && let Some(last) = self.drawn.last_mut()
        {
            last.ends_run = true;
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let bounds = props.transform.transform_rect_bbox(path.control_box());
        if !self.is_off(bounds.center()) {
            self.cover.path(path, &props, mode);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        if !self.marked.contains(&true) {
            self.cover.image(&image, &props);
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.cover.push_clip(clip);
    }

    fn pop_clip(&mut self) {
        self.cover.pop_clip();
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        self.cover.push_group(opacity, mask.as_ref(), blend_mode);
    }

    fn pop_transparency_group(&mut self) {
        self.cover.pop_group();
    }

    fn begin_marked_content(&mut self, tag: &[u8], properties: Option<&Dict<'_>>) {
        let layer = properties.filter(|_| tag == b"OC");
        self.marked
            .push(layer.is_some_and(|layer| self.layers.hide(layer)));
    }

    fn end_marked_content(&mut self) {
        self.marked.pop();
    }
}

/// Whether each glyph is stretched for itself: so those of a substitute are brought to the widths that the document
/// states, which then are not to be stretched again.
fn is_stretched(run: &GlyphRun<'_, '_>) -> bool {
    let glyphs = run.glyphs().iter();
    let proportions = glyphs.map(|glyph| proportion(glyph.transform()));
    let (least, most) = proportions.fold((f64::INFINITY, 0.0_f64), |(least, most), one| {
        (least.min(one), most.max(one))
    });
    most > least * 1.01
}

/// How wide letters are, measured by their height.
fn proportion(transform: Affine) -> f64 {
    let [a, b, c, d, ..] = transform.as_coeffs();
    let proportion = a.hypot(b) / c.hypot(d);
    if proportion.is_finite() && proportion > 0.0 {
        proportion
    } else {
        1.0
    }
}

/// The text that the document states for a glyph.
pub(super) fn text_of(glyph: &font::Glyph<'_>) -> Option<String> {
    match glyph.as_unicode()? {
        BfString::Char(letter) => Some(letter.to_string()),
        BfString::String(letters) => Some(letters),
    }
}

fn place(glyph: &Glyph) -> Place {
    let tenths = |points: f64| (points * 10.0).round() as i64;
    (tenths(glyph.origin.x), tenths(glyph.origin.y))
}

fn placed(text: Option<String>, transform: Affine, width: f64) -> Glyph {
    let at = |x: f64, y: f64| transform * Point::new(x, y);
    Glyph {
        text,
        origin: at(0.0, 0.0),
        end: at(width, 0.0),
        top: at(0.0, ASCENT),
        bottom: at(0.0, DESCENT),
        size: at(0.0, UNITS).distance(at(0.0, 0.0)),
    }
}
