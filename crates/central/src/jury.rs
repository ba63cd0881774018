//! A jury of independent engines: whether what the page worker draws is what was published.
//!
//! A page that is drawn wrong hangs wrong without a word. So every page is drawn small by the page worker and by MuPDF,
//! and where those two differ (`compare`), by poppler too. Two that draw the same decide (`verdict`). Where the page
//! worker is outvoted, a rendition is made that it draws right. Where no two agree, that is said.
//!
//! The others come from Debian's packages and are optional. A jury that is not complete gives no verdict: where a program
//! is missing, every page is [`Verdict::Unchecked`].
//!
//! Of pictures MuPDF alone gives a second opinion, since poppler does not read them: a page that both draw the same is
//! agreed, and any other that the page worker draws is unchecked.
//!
//! Two engines that lose the same draw the same, so it counts as well what they complain of (`complaints`).
//!
//! A verdict is as good as the engines that gave it, so it carries their versions ([`EngineVersions`]).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use vyveska_pages::{Document, DocumentInfo, DocumentKind, PageError, PageSize};
use vyveska_wire::text_rendition::MAX_PAGES;

use crate::document::media_type::{self, Kind};
use crate::document::reader::PageReader;

mod bench;
mod compare;
mod complaints;
mod picture;
mod rendition;
mod tools;
mod verdict;

pub use tools::Engine;
pub use verdict::Verdict;

use bench::Bench;
use tools::{Programs, Tools};
use verdict::Vote;

/// Raised whenever the page worker draws anything differently, pages are compared differently, or more is noticed about
/// them: verdicts of before are given anew. A test tells when the page worker does.
const METHOD: u32 = 5;

/// The [`vyveska_pages::DocumentWarning`]s after which content may be missing anywhere.
const LACKS_CONTENT: [&str; 3] = ["cut_short", "dynamic_form", "portfolio"];
/// The [`vyveska_pages::PageWarning`]s of missing content, and the jury's own.
const PAGE_LACKS_CONTENT: [&str; 6] = [
    CONTENT_LOST,
    "letters_missing",
    "picture_missing",
    "annotation_missing",
    "field_missing",
    "field_outdated",
];
/// The engines draw the page without content that is missing in the file or damaged there.
pub const CONTENT_LOST: &str = "content_lost";
/// Compressed data of the page are not those of their checksum, so that something may be altered.
pub const DATA_DAMAGED: &str = "data_damaged";
/// What search and speech have of a page that a rendition draws lacks words which poppler finds in the document.
pub const WORDS_LOST: &str = "words_lost";
/// Letters that nobody sees on the page can be read by whoever opens the file: blacked out, perhaps, and still there.
pub const LETTERS_HIDDEN: &str = "letters_hidden";
/// Fewer hidden letters are a stray mark and no word.
const FEWEST_HIDDEN: u32 = 3;
/// The time for drawing one document; the pages after it are left unchecked.
const DOCUMENT_LIMIT: Duration = Duration::from_secs(900);
/// The time for reading the text of one document; the pages after it are not searched for hidden letters.
const TEXT_LIMIT: Duration = Duration::from_secs(180);
/// The page worker finds another number of pages than the others.
const PAGE_COUNT_DIFFERS: &str = "page_count_differs";

/// The kind of the alarm that documents are not compared with what other engines draw.
pub(crate) const UNCHECKED: &str = "unchecked";

/// The engines, looked for once.
#[derive(Debug, Clone)]
pub struct Jury {
    tools: Tools,
    versions: EngineVersions,
    /// The time for drawing one document.
    limit: Duration,
}

/// Who gave a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineVersions {
    /// The page worker, with the method of comparing.
    pub pages: String,
    /// `None` when it is not installed.
    pub mupdf: Option<String>,
    /// `None` when it is not installed.
    pub poppler: Option<String>,
}

/// What the jury says about a document.
#[derive(Debug, Serialize)]
pub struct Examination {
    pub engines: EngineVersions,
    /// As the page worker recognised it; `None` when it did not.
    pub kind: Option<DocumentKind>,
    /// About the whole document, in snake case.
    pub warnings: Vec<String>,
    /// Empty when nobody can tell how many pages there are.
    pub pages: Vec<PageExamination>,
    /// A PDF with as many pages, where the page worker draws one of them wrong.
    #[serde(skip)]
    pub rendition: Option<Vec<u8>>,
}

impl Examination {
    /// Everything but the rendition's bytes, to be kept.
    ///
    /// # Panics
    ///
    /// Never: an examination always serialises.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an examination serialises")
    }

    /// Whether content may be missing from every page.
    #[must_use]
    pub fn lacks_content(&self) -> bool {
        has_any(&self.warnings, &LACKS_CONTENT)
    }
}

impl PageExamination {
    /// Whether content is missing from what readers see.
    #[must_use]
    pub fn lacks_content(&self) -> bool {
        // What the page worker could not draw, other engines have drawn in the rendition.
        let lost = match self.verdict {
            Verdict::Rendition => &[WORDS_LOST, CONTENT_LOST][..],
            _ => &PAGE_LACKS_CONTENT,
        };
        has_any(&self.warnings, lost)
    }
}

fn has_any(warnings: &[String], named: &[&str]) -> bool {
    warnings
        .iter()
        .any(|warning| named.contains(&warning.as_str()))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageExamination {
    pub verdict: Verdict,
    /// What the page worker or the comparison noticed, in snake case.
    pub warnings: Vec<String>,
}

/// Why a document could not be examined now; another attempt may succeed.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    #[error(transparent)]
    Page(#[from] PageError),
    #[error("a document cannot be put before the jury: {0}")]
    Workspace(#[from] std::io::Error),
}

impl Jury {
    /// Looks for the engines.
    pub async fn find() -> Self {
        Self::of(Tools::new(Programs::default())).await
    }

    async fn of(tools: Tools) -> Self {
        let versions = EngineVersions {
            pages: format!("{}-{METHOD}", env!("CARGO_PKG_VERSION")),
            mupdf: version(&tools, Engine::Mupdf).await,
            poppler: version(&tools, Engine::Poppler).await,
        };
        Self {
            tools,
            versions,
            limit: DOCUMENT_LIMIT,
        }
    }

    #[must_use]
    pub fn versions(&self) -> &EngineVersions {
        &self.versions
    }

    /// Grows with this code, and where every engine is there: a smaller one's verdicts are given anew.
    #[must_use]
    pub fn method(&self) -> u32 {
        2 * METHOD + u32::from(self.versions.missing().next().is_none())
    }

    /// Examines every page of a document, and makes a rendition where it needs one.
    ///
    /// # Errors
    ///
    /// When the page worker cannot be started or the disk is full; a document that cannot be drawn is no error.
    pub async fn examine(
        &self,
        reader: &PageReader,
        document: &Document,
        bytes: &[u8],
    ) -> Result<Examination, ExamineError> {
        let mut examination = Examination {
            engines: self.versions.clone(),
            kind: None,
            warnings: Vec::new(),
            pages: Vec::new(),
            rendition: None,
        };
        let info = match reader.open(document).await {
            Ok(info) => Some(info),
            Err(error) if error.is_permanent() => {
                examination.warnings.push(error.code().to_owned());
                None
            }
            Err(error) => return Err(error.into()),
        };
        examination.kind = info.as_ref().map(|info| info.kind);
        if let Some(info) = &info {
            examination.warnings.extend(words(&info.warnings));
        }
        let kind = match &info {
            Some(info) => Some(info.kind),
            None => (media_type::detect(bytes, false) == Kind::Document("application/pdf"))
                .then_some(DocumentKind::Pdf),
        };
        let has_text = info
            .as_ref()
            .is_some_and(|info| info.kind == DocumentKind::Pdf);
        if self.versions.missing().next().is_some() {
            let pages = info.as_ref().map_or(&[][..], |info| &info.pages);
            examination.pages = look_at(reader, document, pages, self.limit).await?;
        } else if let Some(kind) = kind {
            let bench = Bench::new(reader, &self.tools, kind, bytes, self.limit)?;
            match info {
                Some(info) if kind != DocumentKind::Pdf => {
                    examination.pages = confirm(&bench, document, &info.pages).await?;
                }
                info => judge(&bench, document, info, &mut examination).await?,
            }
        }
        // Pages that are counted otherwise are not those that the page worker reads.
        if has_text && !has_any(&examination.warnings, &[PAGE_COUNT_DIFFERS]) {
            note_hidden_letters(reader, document, &mut examination.pages).await?;
        }
        Ok(examination)
    }
}

/// Warnings as they are written.
fn words(warnings: &[impl Serialize]) -> Vec<String> {
    let written = warnings.iter().map(serde_json::to_value);
    written
        .filter_map(|word| word.ok()?.as_str().map(str::to_owned))
        .collect()
}

async fn version(tools: &Tools, engine: Engine) -> Option<String> {
    let found = tools.version(engine).await;
    found
        .inspect_err(|error| {
            tracing::warn!(%error, "documents are not checked by every engine; install {}", engine.package());
        })
        .ok()
}

impl EngineVersions {
    /// The engines that are not installed.
    pub fn missing(&self) -> impl Iterator<Item = Engine> {
        let mupdf = self.mupdf.is_none().then_some(Engine::Mupdf);
        let poppler = self.poppler.is_none().then_some(Engine::Poppler);
        mupdf.into_iter().chain(poppler)
    }
}

/// Has the page worker alone draw each page, which nobody checks.
async fn look_at(
    reader: &PageReader,
    document: &Document,
    pages: &[PageSize],
    limit: Duration,
) -> Result<Vec<PageExamination>, ExamineError> {
    let began = Instant::now();
    let mut examined = Vec::new();
    for (page, size) in pages.iter().enumerate() {
        let mut warnings = Vec::new();
        if began.elapsed() < limit {
            warnings = bench::draw(reader, document, page, *size).await?.warnings;
        }
        examined.push(PageExamination {
            verdict: Verdict::Unchecked,
            warnings,
        });
    }
    Ok(examined)
}

/// Has MuPDF confirm each page of a picture.
async fn confirm(
    bench: &Bench<'_>,
    document: &Document,
    pages: &[PageSize],
) -> Result<Vec<PageExamination>, ExamineError> {
    let mut examined = Vec::new();
    for (page, size) in pages.iter().enumerate() {
        examined.push(if bench.is_out_of_time() {
            PageExamination {
                verdict: Verdict::Unchecked,
                warnings: Vec::new(),
            }
        } else {
            bench.confirm(document, page, *size).await?
        });
    }
    Ok(examined)
}

/// Adds the warning of hidden letters to the pages that have any.
async fn note_hidden_letters(
    reader: &PageReader,
    document: &Document,
    pages: &mut [PageExamination],
) -> Result<(), PageError> {
    let began = Instant::now();
    for (page, number) in pages.iter_mut().take(MAX_PAGES).zip(0..) {
        if began.elapsed() > TEXT_LIMIT {
            break;
        }
        match reader.text(document, number).await {
            Ok(text) if text.hidden_letters >= FEWEST_HIDDEN => {
                page.warnings.push(LETTERS_HIDDEN.to_owned());
            }
            Ok(_) => {}
            // Drawing the page has failed as well, and has left a warning.
            Err(error) if error.is_permanent() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Has all engines vote on each page of a PDF, and mends those on which the page worker is outvoted.
async fn judge(
    bench: &Bench<'_>,
    document: &Document,
    info: Option<DocumentInfo>,
    examination: &mut Examination,
) -> Result<(), ExamineError> {
    let own_pages = match info {
        Some(info) if is_outvoted_on_count(bench, info.pages.len()).await => {
            examination.warnings.push(PAGE_COUNT_DIFFERS.to_owned());
            None
        }
        info => info.map(|info| info.pages),
    };
    // A document that the page worker cannot read may be readable as poppler writes it.
    let mut converted = None;
    let (document, sizes) = match own_pages {
        Some(pages) => (Some(document), pages),
        None => {
            converted = rendition::convert(bench).await?;
            let pages = converted.as_ref().map(|made| made.pages.clone());
            (None, pages.unwrap_or_default())
        }
    };
    let mut votes = Vec::new();
    let mut warnings = Vec::new();
    for (page, size) in sizes.into_iter().enumerate() {
        let (vote, said) = if page < MAX_PAGES && !bench.is_out_of_time() {
            let (vote, said) = bench.vote(document, page, size).await?;
            (Some(vote), said)
        } else {
            (None, Vec::new())
        };
        votes.push((vote, size));
        warnings.push(said);
    }
    let mut mended = None;
    if votes.iter().any(|(vote, _)| *vote == Some(Vote::Outvoted)) {
        if converted.is_none() {
            converted = rendition::convert(bench).await?;
        }
        let made = rendition::mend(bench, converted, &votes).await?;
        // One that mends nothing replaces nothing.
        mended = made.filter(|mended| {
            let mut pages = votes.iter().zip(&mended.right);
            pages.any(|((vote, _), right)| *vote == Some(Vote::Outvoted) && *right)
        });
    }
    if let Some(mended) = &mended {
        for page in rendition::pages_that_lost_words(bench, document, &mended.made).await? {
            warnings[page].push(WORDS_LOST.to_owned());
        }
    }
    let right = mended.as_ref().map(|mended| mended.right.as_slice());
    let verdicts = votes
        .iter()
        .enumerate()
        .map(|(page, (vote, _))| conclude(*vote, right.map(|right| right[page])));
    let pages = verdicts.zip(warnings);
    examination.pages = pages
        .map(|(verdict, warnings)| PageExamination { verdict, warnings })
        .collect();
    examination.rendition = mended.map(|mended| mended.made.bytes);
    Ok(())
}

/// Whether both others find the same number of pages, and the page worker another.
async fn is_outvoted_on_count(bench: &Bench<'_>, ours: usize) -> bool {
    let count = |engine| bench.tools.page_count(engine, &bench.workspace);
    let mupdf = count(Engine::Mupdf).await;
    mupdf.is_some() && mupdf != Some(ours) && count(Engine::Poppler).await == mupdf
}

/// The verdict on a page; `right` is whether the rendition, if there is one, draws it right.
fn conclude(vote: Option<Vote>, right: Option<bool>) -> Verdict {
    match (vote, right) {
        (None, _) => Verdict::Unchecked,
        (Some(Vote::Agreed), None | Some(true)) => Verdict::Agreed,
        (Some(Vote::Outvoted), Some(true)) => Verdict::Rendition,
        (Some(Vote::Unreadable), _) => Verdict::Unreadable,
        (Some(Vote::Agreed | Vote::Outvoted | Vote::Disputed), _) => Verdict::Disputed,
    }
}

#[cfg(test)]
mod tests;
