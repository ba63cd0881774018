//! What lies under the letters of a page, and what over them.
//!
//! A file holds more words than its page shows: names under a black bar, white words on white paper, words outside of a
//! clip. They must not be found, read aloud or published, so each letter is compared with the paints around it. The paints
//! are drawn small, each in a colour that is its number, without smoothing; so a pixel tells which paint is the last one
//! there, whatever the shapes and clips. One canvas has the paints that hide what is below them, the other those that let
//! it through or whose colour is not one: tints, patterns, pictures.
//!
//! Invisible letters are the words of a scan. They count where there is a picture or a tint to read and nothing over it.

use crate::geometry::PageSize;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, DrawMode, DrawProps, FillRule, Image, ImageDrawProps, Paint, SoftMask,
    StrokeProps,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape, Stroke};
use hayro::vello_cpu::color::AlphaColor;
use hayro::vello_cpu::peniko::Fill;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};

/// An A4 page has half a million at one pixel a point; plans are drawn smaller.
const MAX_PIXELS: f64 = 2_000_000.0;
/// A pixel holds three bytes.
const MAX_PAINTS: usize = 0x00ff_ffff;
/// A picture over more of the page is a scan; the words under it are those that were recognised.
const SCAN_SHARE: f64 = 0.5;
/// Letters are compared with the bounds of clips of more parts.
const MAX_CLIP_PARTS: usize = 500;
/// From this on a paint hides what is below it.
const HIDING_ALPHA: f32 = 0.95;
/// Up to this a letter cannot be seen.
const UNSEEN_ALPHA: f32 = 0.05;
/// The most that two colours that look alike differ in one of red, green and blue.
const SAME_COLOUR: u8 = 12;
/// The brightest colour that blackens what is below it when multiplied with it.
const BLACK: u8 = 26;

type Colour = [u8; 3];

/// How a letter is painted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    /// How many paints came before it.
    after: usize,
    visibility: Visibility,
}

impl Ink {
    /// Whether the letter is written for being found, not for being seen.
    pub(super) fn is_recognised(self) -> bool {
        matches!(self.visibility, Visibility::Recognised)
    }
}

#[derive(Debug, Clone, Copy)]
enum Visibility {
    /// In this colour, where it is one.
    Painted(Option<Colour>),
    /// Written for being found, not for being seen.
    Recognised,
    /// Transparent.
    Nothing,
}

#[derive(Clone, Copy)]
struct Group {
    opacity: f32,
    is_masked: bool,
    blend_mode: BlendMode,
}

/// How a paint changes what is below it.
enum Coat {
    /// Nothing of it is seen any more; the colour, where it is one.
    Hides(Option<Colour>),
    Tints,
}

pub(super) struct Cover {
    page: Rect,
    scale: f64,
    hiding: RenderContext,
    tinting: RenderContext,
    colours: Vec<Option<Colour>>,
    groups: Vec<Group>,
    clips: Vec<(Rect, ClipPath)>,
}

impl Cover {
    pub(super) fn new(page: PageSize) -> Self {
        let (width, height) = (f64::from(page.width), f64::from(page.height));
        let scale = (MAX_PIXELS / (width * height).max(1.0))
            .sqrt()
            .min(f64::from(u16::MAX) / width.max(height).max(1.0))
            .min(1.0);
        let side = |points: f64| (points * scale).ceil().max(1.0) as u16;
        let canvas = || {
            let mut canvas = RenderContext::new(side(width), side(height));
            canvas.set_aliasing_threshold(Some(u8::MAX / 2));
            canvas
        };
        Self {
            page: Rect::new(0.0, 0.0, width, height),
            scale,
            hiding: canvas(),
            tinting: canvas(),
            colours: Vec::new(),
            groups: Vec::new(),
            clips: Vec::new(),
        }
    }

    pub(super) fn push_group(
        &mut self,
        opacity: f32,
        mask: Option<&SoftMask<'_>>,
        blend_mode: BlendMode,
    ) {
        self.groups.push(Group {
            opacity,
            is_masked: mask.is_some(),
            blend_mode,
        });
    }

    pub(super) fn pop_group(&mut self) {
        self.groups.pop();
    }

    pub(super) fn push_clip(&mut self, clip: &ClipPath) {
        for canvas in [&mut self.hiding, &mut self.tinting] {
            canvas.set_fill_rule(fill(clip.fill));
            canvas.set_transform(Affine::scale(self.scale));
            canvas.push_clip_path(&clip.path);
        }
        self.clips.push((clip.path.bounding_box(), clip.clone()));
    }

    pub(super) fn pop_clip(&mut self) {
        for canvas in [&mut self.hiding, &mut self.tinting] {
            canvas.pop_clip();
        }
        self.clips.pop();
    }

    /// Whether the clips leave this point of the page.
    pub(super) fn is_open(&self, point: Point) -> bool {
        self.page.contains(point)
            && self.clips.iter().all(|(bounds, clip)| {
                bounds.contains(point)
                    && (clip.path.elements().len() > MAX_CLIP_PARTS
                        || match clip.fill {
                            FillRule::NonZero => clip.path.winding(point) != 0,
                            FillRule::EvenOdd => clip.path.winding(point) % 2 != 0,
                        })
            })
    }

    pub(super) fn ink(&self, props: &DrawProps<'_>, mode: &DrawMode, has_outline: bool) -> Ink {
        let opacity: f32 = self.groups.iter().map(|group| group.opacity).product();
        let visibility = match (&props.paint, mode) {
            (_, DrawMode::Invisible) => Visibility::Recognised,
            (Paint::Color(colour), _) => {
                let [red, green, blue, alpha] = colour.to_rgba().to_rgba8();
                let alpha = opacity * f32::from(alpha) / 255.0;
                // A letter that is itself a drawing has colours of its own.
                if !has_outline || (UNSEEN_ALPHA..HIDING_ALPHA).contains(&alpha) {
                    Visibility::Painted(None)
                } else if alpha < UNSEEN_ALPHA {
                    Visibility::Nothing
                } else {
                    Visibility::Painted(Some([red, green, blue]))
                }
            }
            (Paint::Pattern(_), _) => Visibility::Painted(None),
        };
        Ink {
            after: self.colours.len(),
            visibility,
        }
    }

    pub(super) fn path(&mut self, path: &BezPath, props: &DrawProps<'_>, mode: &DrawMode) {
        let bounds = path.control_box();
        match mode {
            DrawMode::Fill(rule) => self.fill(path, bounds, props, *rule),
            DrawMode::Stroke(stroke) => self.stroke(path, bounds, props, stroke),
            DrawMode::FillAndStroke(rule, stroke) => {
                self.fill(path, bounds, props, *rule);
                self.stroke(path, bounds, props, stroke);
            }
            DrawMode::Invisible => {}
        }
    }

    pub(super) fn image(&mut self, image: &Image<'_, '_>, props: &ImageDrawProps<'_>) {
        let whole = Rect::new(
            0.0,
            0.0,
            f64::from(image.width()),
            f64::from(image.height()),
        );
        let area = props.transform.transform_rect_bbox(whole);
        let is_opaque = match image {
            Image::Raster(raster) => {
                let dict = raster.stream().dict();
                !dict.contains_key(b"SMask")
                    && !dict.contains_key(b"Mask")
                    && !dict.contains_key(b"SMaskInData")
            }
            Image::Stencil(_) => false,
        };
        let is_plain = is_opaque
            && props.soft_mask.is_none()
            && self.blend(props.blend_mode).all(is_normal)
            && self.is_undimmed();
        let Some(number) = self.number(None) else {
            return;
        };
        let is_scan = area.intersect(self.page).area() > SCAN_SHARE * self.page.area();
        let transform = Affine::scale(self.scale) * props.transform;
        let shape = whole.to_path(0.1);
        tint(&mut self.tinting, &shape, transform, number);
        if is_plain && !is_scan {
            tint(&mut self.hiding, &shape, transform, number);
        }
    }

    fn fill(&mut self, path: &BezPath, bounds: Rect, props: &DrawProps<'_>, rule: FillRule) {
        let transform = Affine::scale(self.scale) * props.transform;
        let pixels = transform.transform_rect_bbox(bounds);
        let Some(coat) = self.coat(props).filter(|_| self.is_near(pixels)) else {
            return;
        };
        // What is thinner than a pixel may be one strip of many.
        let is_thin = pixels.width() < 1.0 || pixels.height() < 1.0;
        let Some(number) = self.number(match coat {
            Coat::Hides(colour) if !is_thin => colour,
            _ => None,
        }) else {
            return;
        };
        if is_thin {
            let grown = Rect::from_center_size(
                pixels.center(),
                (pixels.width().max(1.0), pixels.height().max(1.0)),
            );
            tint(
                &mut self.tinting,
                &grown.to_path(0.1),
                Affine::IDENTITY,
                number,
            );
            return;
        }
        let canvas = self.canvas(&coat);
        canvas.set_fill_rule(fill(rule));
        canvas.set_transform(transform);
        canvas.set_paint(numbered(number));
        canvas.fill_path(path);
    }

    fn stroke(
        &mut self,
        path: &BezPath,
        bounds: Rect,
        props: &DrawProps<'_>,
        stroke: &StrokeProps,
    ) {
        let transform = Affine::scale(self.scale) * props.transform;
        let per_unit = transform.determinant().abs().sqrt();
        let width = f64::from(stroke.line_width) * per_unit;
        let pixels = transform.transform_rect_bbox(bounds).inflate(width, width);
        let Some(coat) = self.coat(props).filter(|_| self.is_near(pixels)) else {
            return;
        };
        let coat = if width < 2.0 { Coat::Tints } else { coat };
        let Some(number) = self.number(match coat {
            Coat::Hides(colour) => colour,
            Coat::Tints => None,
        }) else {
            return;
        };
        let canvas = self.canvas(&coat);
        canvas.set_transform(transform);
        canvas.set_paint(numbered(number));
        canvas.set_stroke(Stroke {
            width: width.max(1.0) / per_unit.max(f64::MIN_POSITIVE),
            join: stroke.line_join,
            miter_limit: f64::from(stroke.miter_limit),
            start_cap: stroke.line_cap,
            end_cap: stroke.line_cap,
            dash_pattern: stroke.dash_array.iter().copied().map(f64::from).collect(),
            dash_offset: f64::from(stroke.dash_offset),
        });
        canvas.stroke_path(path);
    }

    fn canvas(&mut self, coat: &Coat) -> &mut RenderContext {
        match coat {
            Coat::Hides(_) => &mut self.hiding,
            Coat::Tints => &mut self.tinting,
        }
    }

    /// `None` when the paint changes nothing.
    fn coat(&self, props: &DrawProps<'_>) -> Option<Coat> {
        let Paint::Color(colour) = &props.paint else {
            return Some(Coat::Tints);
        };
        let [red, green, blue, alpha] = colour.to_rgba().to_rgba8();
        if alpha == 0 {
            return None;
        }
        let is_solid = f32::from(alpha) / 255.0 >= HIDING_ALPHA
            && props.soft_mask.is_none()
            && self.is_undimmed();
        let colour = [red, green, blue];
        let darkens = |mode| {
            is_normal(mode)
                || matches!(
                    mode,
                    BlendMode::Multiply | BlendMode::Darken | BlendMode::ColorBurn
                )
        };
        Some(if !is_solid {
            Coat::Tints
        } else if self.blend(props.blend_mode).all(is_normal) {
            Coat::Hides(Some(colour))
        } else if colour.iter().all(|part| *part <= BLACK)
            && self.blend(props.blend_mode).all(darkens)
        {
            Coat::Hides(Some([0; 3]))
        } else {
            Coat::Tints
        })
    }

    fn is_undimmed(&self) -> bool {
        let opacity: f32 = self.groups.iter().map(|group| group.opacity).product();
        opacity >= HIDING_ALPHA && !self.groups.iter().any(|group| group.is_masked)
    }

    /// The blend modes between a paint and the page.
    fn blend(&self, own: BlendMode) -> impl Iterator<Item = BlendMode> {
        let of_groups = self.groups.iter().map(|group| group.blend_mode);
        std::iter::once(own).chain(of_groups)
    }

    fn is_near(&self, pixels: Rect) -> bool {
        let page = Rect::new(
            0.0,
            0.0,
            f64::from(self.hiding.width()),
            f64::from(self.hiding.height()),
        );
        pixels.is_finite() && pixels.overlaps(page)
    }

    /// The number of the next paint, from 1; `None` when there are too many.
    fn number(&mut self, colour: Option<Colour>) -> Option<usize> {
        if self.colours.len() >= MAX_PAINTS {
            return None;
        }
        self.colours.push(colour);
        Some(self.colours.len())
    }

    pub(super) fn finish(self) -> Covered {
        Covered {
            hiding: rendered(&self.hiding),
            tinting: rendered(&self.tinting),
            scale: self.scale,
            colours: self.colours,
        }
    }
}

/// The finished paints of a page.
pub(super) struct Covered {
    hiding: Pixmap,
    tinting: Pixmap,
    scale: f64,
    colours: Vec<Option<Colour>>,
}

impl Covered {
    /// Whether a letter is seen at most of these points of it.
    pub(super) fn shows(&self, ink: Ink, points: &[Point]) -> bool {
        let seen = points.iter().filter(|point| self.is_seen(ink, **point));
        seen.count() * 2 > points.len()
    }

    /// Whether nothing is painted at most of these points.
    pub(super) fn is_bare(&self, points: &[Point]) -> bool {
        let canvases = [&self.hiding, &self.tinting];
        let bare = points.iter().filter(|point| {
            let mut last = canvases.iter().map(|canvas| self.last(canvas, **point));
            last.all(|number| number == Some(0))
        });
        bare.count() * 2 > points.len()
    }

    fn is_seen(&self, ink: Ink, point: Point) -> bool {
        let Some(hiding) = self.last(&self.hiding, point) else {
            return false;
        };
        let tinting = self.last(&self.tinting, point).unwrap_or(0);
        match ink.visibility {
            Visibility::Nothing => false,
            Visibility::Recognised => tinting > 0 && tinting >= hiding,
            Visibility::Painted(_) if hiding > ink.after => false,
            Visibility::Painted(Some(colour)) if tinting <= hiding => {
                let below = match hiding.checked_sub(1) {
                    None => Some([u8::MAX; 3]),
                    Some(index) => self.colours.get(index).copied().flatten(),
                };
                below.is_none_or(|below| differ(below, colour))
            }
            Visibility::Painted(_) => true,
        }
    }

    /// The number of the last paint at a point; `None` outside of the page.
    fn last(&self, canvas: &Pixmap, point: Point) -> Option<usize> {
        let (x, y) = (point.x * self.scale, point.y * self.scale);
        let inside = (0.0..f64::from(canvas.width())).contains(&x)
            && (0.0..f64::from(canvas.height())).contains(&y);
        inside.then(|| {
            let pixel = canvas.sample(x as u16, y as u16);
            usize::from(pixel.r) << 16 | usize::from(pixel.g) << 8 | usize::from(pixel.b)
        })
    }
}

fn rendered(canvas: &RenderContext) -> Pixmap {
    let mut pixels = Pixmap::new(canvas.width(), canvas.height());
    canvas.render_with(
        &mut pixels,
        &mut Resources::default(),
        RasterizerSettings {
            target_init: TargetInit::Clear(numbered(0)),
            ..RasterizerSettings::default()
        },
    );
    pixels
}

fn tint(canvas: &mut RenderContext, shape: &BezPath, transform: Affine, number: usize) {
    canvas.set_fill_rule(Fill::NonZero);
    canvas.set_transform(transform);
    canvas.set_paint(numbered(number));
    canvas.fill_path(shape);
}

/// The colour that is a number of three bytes.
fn numbered(number: usize) -> AlphaColor<hayro::vello_cpu::color::Srgb> {
    let [.., red, green, blue] = number.to_be_bytes();
    AlphaColor::from_rgba8(red, green, blue, u8::MAX)
}

fn differ(one: Colour, other: Colour) -> bool {
    one.iter()
        .zip(other)
        .any(|(one, other)| one.abs_diff(other) > SAME_COLOUR)
}

fn is_normal(mode: BlendMode) -> bool {
    mode == BlendMode::Normal
}

fn fill(rule: FillRule) -> Fill {
    match rule {
        FillRule::NonZero => Fill::NonZero,
        FillRule::EvenOdd => Fill::EvenOdd,
    }
}
