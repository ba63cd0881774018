//! PDF, through hayro.

mod annotations;
mod damage;
mod encodings;
mod giant_scans;
mod letters;
mod outlines;
mod repair;
mod visibility;

use self::annotations::Form;
use self::letters::LetterCheck;
use super::fonts;
use super::glyphs::GlyphCollector;
use super::layers::Layers;
use super::pages::{Bounds, Pages};
use crate::geometry::{PageSize, Plan};
use crate::memory::Draft;
use crate::page_image::PageWarning;
use crate::protocol::{DocumentInfo, DocumentKind, DocumentWarning, Fault};
use crate::text::PageText;
use hayro::hayro_interpret::hayro_syntax::object::dict::keys::CONTENTS;
use hayro::hayro_interpret::hayro_syntax::object::{Array, Dict, Stream};
use hayro::hayro_interpret::hayro_syntax::page::Page;
use hayro::hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf, PdfData};
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_interpret::{
    Context, Device, InterpreterCache, InterpreterSettings, InterpreterWarning, RenderContent,
    interpret_page,
};
use hayro::kurbo::{Affine, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{PixmapMut, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use memmap2::Mmap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A page of 35 metres; the format's own limit is 5.
const MAX_SIDE_POINTS: f32 = 100_000.0;
/// hayro's caches only grow, so they are discarded after this many pages.
const PAGES_PER_CACHE: u32 = 24;
/// Compressed contents of at least this many bytes are never empty.
const CONTENT_BYTES: usize = 64;

pub(super) fn load(bytes: &Arc<Mmap>) -> Result<Pdf, Fault> {
    let pdf = open(bytes.clone())?;
    // An update that changed the number of pages would be our mistake, and the document comes first.
    let repaired = repair::repaired(&pdf, bytes)
        .and_then(|file| open(Arc::new(file)).ok())
        .filter(|repaired| repaired.pages().len() == pdf.pages().len());
    let pdf = repaired.unwrap_or(pdf);
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
    layers: Layers,
    form: Form,
    /// For each page that was looked at, what the engine leaves out without a warning of its own.
    omissions: HashMap<usize, Vec<PageWarning>>,
}

impl<'a> PdfPages<'a> {
    /// `file` are the bytes as they were received.
    pub(super) fn new(pdf: &'a Pdf, file: &[u8], bounds: &Bounds) -> Result<Self, Fault> {
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
        let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
        let catalog = catalog.unwrap_or_default();
        let form = Form::of(&catalog);
        let mut of_document = damage::inspect(file);
        if form.is_dynamic {
            of_document.push(DocumentWarning::DynamicForm);
        }
        if catalog.get::<Dict<'_>>(b"Collection").is_some() {
            of_document.push(DocumentWarning::Portfolio);
        }
        let warnings = Arc::new(Mutex::new(Vec::new()));
        Ok(Self {
            pdf,
            info: DocumentInfo {
                kind: DocumentKind::Pdf,
                pages: pages.iter().map(size).collect(),
                warnings: of_document,
            },
            settings: settings(warnings.clone()),
            warnings,
            cache: RenderCache::new(),
            cached_pages: 0,
            text_cache: InterpreterCache::new(),
            layers: Layers::of(pdf),
            form,
            omissions: HashMap::new(),
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
        self.count_page();
        let omissions = self.omissions(index, page);
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
        let mut warnings = std::mem::take(&mut *self.warnings());
        warnings.extend(omissions);
        Ok((draft, warnings))
    }

    fn text(&mut self, index: usize) -> Result<PageText, Fault> {
        let page = self.page(index)?;
        self.count_page();
        let mut collector = GlyphCollector::new(self.info.pages[index], &self.layers);
        self.interpret(index, page, RenderContent::PAGE, &mut collector);
        let annotations = annotations::of(page, &self.layers);
        collector.leave_out(annotations::areas_off(&annotations));
        self.interpret(index, page, RenderContent::ANNOTATIONS, &mut collector);
        Ok(collector.finish())
    }
}

impl<'a> PdfPages<'a> {
    fn count_page(&mut self) {
        if self.cached_pages >= PAGES_PER_CACHE {
            self.cache = RenderCache::new();
            self.text_cache = InterpreterCache::new();
            self.cached_pages = 0;
        }
        self.cached_pages += 1;
    }

    /// Gives the drawing operations of a page, in page points, to a device.
    fn interpret(
        &self,
        index: usize,
        page: &'a Page<'a>,
        content: RenderContent,
        device: &mut impl Device<'a>,
    ) {
        let size = self.info.pages[index];
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height)),
            &self.text_cache,
            page.xref(),
            InterpreterSettings {
                render_content: content,
                ..self.settings.clone()
            },
        );
        interpret_page(page, &mut context, device);
    }

    fn omissions(&mut self, index: usize, page: &'a Page<'a>) -> Vec<PageWarning> {
        if let Some(known) = self.omissions.get(&index) {
            return known.clone();
        }
        let mut found = Vec::new();
        let mut of_page = LetterCheck::default();
        self.interpret(index, page, RenderContent::PAGE, &mut of_page);
        let mut of_annotations = LetterCheck::default();
        self.interpret(index, page, RenderContent::ANNOTATIONS, &mut of_annotations);
        if of_page.found_gaps() || of_annotations.found_gaps() {
            found.push(PageWarning::LettersMissing);
        }
        let annotations = annotations::of(page, &self.layers);
        let shown = of_annotations.into_shown();
        for warning in annotations::warnings(&annotations, &self.form, &shown) {
            if !found.contains(&warning) {
                found.push(warning);
            }
        }
        self.omissions.insert(index, found.clone());
        found
    }

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
                // Boxes that are not ticked have no appearance, so annotations are looked at by themselves.
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
