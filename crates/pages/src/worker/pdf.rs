//! PDF, through hayro.

mod giant_scans;

use super::fonts;
use super::glyphs::GlyphCollector;
use super::session::{Bounds, Pages};
use crate::geometry::{PageSize, Plan};
use crate::memory::Draft;
use crate::page_image::PageWarning;
use crate::protocol::{DocumentInfo, DocumentKind, Fault};
use crate::text::PageText;
use hayro::hayro_interpret::hayro_syntax::object::dict::keys::CONTENTS;
use hayro::hayro_interpret::hayro_syntax::object::{Array, Stream};
use hayro::hayro_interpret::hayro_syntax::page::Page;
use hayro::hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf, PdfData};
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, InterpreterWarning, interpret_page,
};
use hayro::kurbo::{Affine, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{PixmapMut, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use memmap2::Mmap;
use std::sync::{Arc, Mutex, PoisonError};

/// A page of 35 metres; the format's own limit is 5.
const MAX_SIDE_POINTS: f32 = 100_000.0;
/// hayro's caches only grow, so they are discarded after this many pages.
const PAGES_PER_CACHE: u32 = 24;
/// Compressed contents of at least this many bytes are never empty.
const CONTENT_BYTES: usize = 64;

pub(super) fn load(bytes: &Arc<Mmap>) -> Result<Pdf, Fault> {
    let pdf = open(bytes.clone())?;
    match giant_scans::brought_down(&pdf) {
        Some(updated) => open(Arc::new(updated)),
        None => Ok(pdf),
    }
}

fn open(data: impl Into<PdfData>) -> Result<Pdf, Fault> {
    Pdf::new(data).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Fault::PasswordProtected,
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
            Fault::Unsupported("it is encrypted in an unknown way".into())
        }
        LoadPdfError::Decryption(_) => Fault::Broken("its encryption makes no sense".into()),
        LoadPdfError::Invalid => Fault::Broken("it has no readable structure".into()),
    })
}

pub(super) struct PdfPages<'a> {
    pdf: &'a Pdf,
    info: DocumentInfo,
    settings: InterpreterSettings,
    warnings: Arc<Mutex<Vec<PageWarning>>>,
    cache: RenderCache<'a>,
    cached_pages: u32,
    text_cache: InterpreterCache<'a>,
}

impl<'a> PdfPages<'a> {
    pub(super) fn new(pdf: &'a Pdf, bounds: &Bounds) -> Result<Self, Fault> {
        let pages = pdf.pages();
        if pages.is_empty() {
            return Err(Fault::Broken("it has no pages".into()));
        }
        if pages.len() > bounds.max_pages {
            return Err(Fault::TooLarge(format!(
                "it has {} pages, the bound is {}",
                pages.len(),
                bounds.max_pages
            )));
        }
        let warnings = Arc::new(Mutex::new(Vec::new()));
        Ok(Self {
            pdf,
            info: DocumentInfo {
                kind: DocumentKind::Pdf,
                pages: pages.iter().map(size).collect(),
            },
            settings: settings(warnings.clone()),
            warnings,
            cache: RenderCache::new(),
            cached_pages: 0,
            text_cache: InterpreterCache::new(),
        })
    }

    fn page(&self, index: usize) -> Result<&'a Page<'a>, Fault> {
        let page = &self.pdf.pages()[index];
        let size = self.info.pages[index];
        if size.width > MAX_SIDE_POINTS || size.height > MAX_SIDE_POINTS {
            return Err(Fault::TooLarge(format!(
                "a page measures {} by {} points, the bound is {MAX_SIDE_POINTS}",
                size.width, size.height
            )));
        }
        if has_lost_content(page) {
            return Err(Fault::Broken(
                "the content of a page cannot be decoded".into(),
            ));
        }
        Ok(page)
    }
}

impl Pages for PdfPages<'_> {
    fn info(&self) -> &DocumentInfo {
        &self.info
    }

    fn draw(
        &mut self,
        index: usize,
        plan: &Plan,
        _: &Bounds,
    ) -> Result<(Draft, Vec<PageWarning>), Fault> {
        let page = self.page(index)?;
        if self.cached_pages >= PAGES_PER_CACHE {
            self.cache = RenderCache::new();
            self.cached_pages = 0;
        }
        self.cached_pages += 1;
        self.warnings().clear();

        let sides = u16::try_from(plan.width)
            .ok()
            .zip(u16::try_from(plan.height).ok());
        let (width, height) =
            sides.ok_or_else(|| Fault::TooLarge("a side has too many pixels".into()))?;
        // Both sides are rounded to whole pixels, so their scales differ by less than a pixel.
        let stretch = Affine::scale_non_uniform(
            f64::from(plan.width) / f64::from(plan.region.width),
            f64::from(plan.height) / f64::from(plan.region.height),
        );
        let transform = stretch
            * Affine::translate((-f64::from(plan.region.x), -f64::from(plan.region.y)))
            * page.initial_transform(true).to_kurbo();
        let render_settings = RenderSettings {
            // Without it small pictures such as logos are drawn in blocks.
            force_image_interpolation: true,
            ..RenderSettings::default()
        };
        let mut context = RenderContext::new(width, height);
        render_into(
            page,
            &self.cache,
            &self.settings,
            &render_settings,
            &mut context,
            transform,
        );
        context.flush();

        let mut draft = Bounds::draft(plan)?;
        let target = PixmapMut::new(width, height, draft.bytes_mut())
            .ok_or_else(|| Fault::Broken("its pixels do not fit".into()))?;
        context.render_with(
            target,
            &mut Resources::default(),
            RasterizerSettings {
                target_init: TargetInit::Clear(WHITE),
                ..RasterizerSettings::default()
            },
        );
        let warnings = std::mem::take(&mut *self.warnings());
        Ok((draft, warnings))
    }

    fn text(&mut self, index: usize) -> Result<PageText, Fault> {
        let page = self.page(index)?;
        let size = self.info.pages[index];
        let bounds = Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height));
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            bounds,
            &self.text_cache,
            page.xref(),
            self.settings.clone(),
        );
        let mut collector = GlyphCollector::new(size);
        interpret_page(page, &mut context, &mut collector);
        Ok(collector.finish())
    }
}

impl PdfPages<'_> {
    fn warnings(&self) -> std::sync::MutexGuard<'_, Vec<PageWarning>> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn settings(warnings: Arc<Mutex<Vec<PageWarning>>>) -> InterpreterSettings {
    InterpreterSettings {
        font_resolver: Arc::new(fonts::resolve),
        warning_sink: Arc::new(move |warning| {
            let warning = match warning {
                InterpreterWarning::UnsupportedFont => PageWarning::UnsupportedFont,
                InterpreterWarning::ImageDecodeFailure => PageWarning::PictureMissing,
                InterpreterWarning::UnresolvedAnnotationAppearance => {
                    PageWarning::AnnotationMissing
                }
                _ => return,
            };
            let mut warnings = warnings.lock().unwrap_or_else(PoisonError::into_inner);
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }),
        ..InterpreterSettings::default()
    }
}

fn size(page: &Page<'_>) -> PageSize {
    let (width, height) = page.render_dimensions();
    PageSize { width, height }
}

/// Whether the page declares content that cannot be read.
///
/// The engine draws such a page white, and a white page would pass for what the town has posted.
fn has_lost_content(page: &Page<'_>) -> bool {
    let decoded = page.page_stream();
    if let Some(stream) = page.raw().get::<Stream<'_>>(CONTENTS) {
        return match decoded {
            None => true,
            Some(decoded) => decoded.is_empty() && stream.raw_data().len() > CONTENT_BYTES,
        };
    }
    if let Some(parts) = page.raw().get::<Array<'_>>(CONTENTS) {
        let bytes: usize = parts
            .iter::<Stream<'_>>()
            .map(|stream| stream.raw_data().len())
            .sum();
        let nothing = decoded.is_none_or(|decoded| decoded.iter().all(u8::is_ascii_whitespace));
        return nothing && bytes > CONTENT_BYTES;
    }
    false
}
