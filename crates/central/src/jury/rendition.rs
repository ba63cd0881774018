//! A document made anew so that the page worker draws what the jury draws.
//!
//! First poppler writes the whole document anew: that stays sharp at any size and keeps its text. Its pages are drawn by
//! the page worker and voted on against the other engines' drawings of the original. Those that still differ become
//! pictures. A rendition has as many pages as the original.

use std::collections::BTreeMap;

use vyveska_board::search::fold;
use vyveska_pages::{Document, PageSize, PageText};

use super::ExamineError;
use super::bench::Bench;
use super::tools::{Leaf, PicturedPage};
use super::verdict::Vote;

/// Small print stays legible, and an A4 page has 4 million pixels.
const DOTS_PER_INCH: f32 = 200.0;
/// A plan is drawn coarser.
const MAX_PIXELS: f32 = 16_000_000.0;
/// A document with more pages that have to become pictures gets no rendition.
const MAX_PICTURES: usize = 60;
/// Of a hundred letters, so many may be missing: engines read a page number or a rule of dashes otherwise.
const LOST_LETTERS_PERCENT: usize = 2;

/// A document made anew.
pub(super) struct Made {
    pub(super) bytes: Vec<u8>,
    document: Document,
    pub(super) pages: Vec<PageSize>,
}

/// A made document whose pages were voted on.
pub(super) struct Mended {
    pub(super) made: Made,
    /// For each page, whether the page worker draws it as another engine draws the original.
    pub(super) right: Vec<bool>,
}

impl Made {
    async fn open(bench: &Bench<'_>, bytes: Vec<u8>) -> Result<Option<Self>, ExamineError> {
        let document = Document::from_bytes(&bytes)?;
        match bench.reader.open(&document).await {
            Ok(info) => Ok(Some(Self {
                bytes,
                document,
                pages: info.pages,
            })),
            Err(error) if error.is_permanent() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The document as poppler writes it; `None` when it cannot, or when the page worker cannot read that.
pub(super) async fn convert(bench: &Bench<'_>) -> Result<Option<Made>, ExamineError> {
    match bench.in_time(bench.tools.convert(&bench.workspace)).await {
        Ok(bytes) => Made::open(bench, bytes).await,
        Err(error) => {
            tracing::debug!(%error, "a document cannot be written anew");
            Ok(None)
        }
    }
}

/// Makes the rendition of a document on whose pages these votes were given.
///
/// `None` when none can be made.
pub(super) async fn mend(
    bench: &Bench<'_>,
    converted: Option<Made>,
    votes: &[(Option<Vote>, PageSize)],
) -> Result<Option<Mended>, ExamineError> {
    let converted = converted.filter(|made| made.pages.len() == votes.len());
    let mut right = vec![false; votes.len()];
    let mut pictures = Vec::new();
    for (page, (vote, size)) in votes.iter().enumerate() {
        if let Some(made) = &converted {
            // What no two engines draw the same cannot be judged.
            if !matches!(vote, Some(Vote::Agreed | Vote::Outvoted)) {
                continue;
            }
            right[page] = is_right(bench, made, page).await?;
            if right[page] {
                continue;
            }
        }
        pictures.push(PicturedPage {
            page,
            dots_per_inch: density(*size),
        });
    }
    if pictures.is_empty() {
        return Ok(converted.map(|made| Mended { made, right }));
    }
    if pictures.len() > MAX_PICTURES || bench.is_out_of_time() {
        return Ok(None);
    }
    let Some(made) = replace(bench, converted, &pictures, votes.len()).await? else {
        return Ok(None);
    };
    for PicturedPage { page, .. } in pictures {
        right[page] = is_right(bench, &made, page).await?;
    }
    Ok(Some(Mended { made, right }))
}

async fn is_right(bench: &Bench<'_>, made: &Made, page: usize) -> Result<bool, ExamineError> {
    if bench.is_out_of_time() {
        return Ok(false);
    }
    let (vote, _) = bench
        .vote(Some(&made.document), page, made.pages[page])
        .await?;
    Ok(vote == Vote::Agreed)
}

/// Puts pictures in the place of these pages.
async fn replace(
    bench: &Bench<'_>,
    converted: Option<Made>,
    pictures: &[PicturedPage],
    count: usize,
) -> Result<Option<Made>, ExamineError> {
    if let Some(made) = &converted {
        bench.workspace.keep_converted(&made.bytes)?;
    }
    let leaves: Vec<Leaf> = (0..count)
        .map(|page| {
            let picture = pictures.iter().position(|picture| picture.page == page);
            picture.map_or(Leaf::Converted(page + 1), |index| Leaf::Picture(index + 1))
        })
        .collect();
    let joined = async {
        bench.tools.photograph(&bench.workspace, pictures).await?;
        bench.tools.join(&bench.workspace, &leaves).await
    };
    match bench.in_time(joined).await {
        Ok(bytes) => {
            let made = Made::open(bench, bytes).await?;
            Ok(made.filter(|made| made.pages.len() == count))
        }
        Err(error) => {
            tracing::debug!(%error, "pages cannot become pictures");
            Ok(None)
        }
    }
}

fn density(size: PageSize) -> u32 {
    let square_inches = (size.width / 72.0) * (size.height / 72.0);
    let densest = (MAX_PIXELS / square_inches.max(1.0)).sqrt();
    DOTS_PER_INCH.min(densest).max(1.0) as u32
}

/// The pages, counted from zero, whose text lacks words that poppler finds in the document.
///
/// The text is what search and speech get: the rendition's, and of a page that became a picture the document's own. Pages
/// after the time is up are not compared.
pub(super) async fn pages_that_lost_words(
    bench: &Bench<'_>,
    own: Option<&Document>,
    made: &Made,
) -> Result<Vec<usize>, ExamineError> {
    let originals = match bench.in_time(bench.tools.text(&bench.workspace)).await {
        Ok(originals) => originals,
        Err(error) => {
            tracing::debug!(%error, "the text of a document cannot be compared");
            return Ok(Vec::new());
        }
    };
    let mut lost = Vec::new();
    for (page, original) in originals.iter().enumerate().take(made.pages.len()) {
        if bench.is_out_of_time() {
            break;
        }
        let number = u32::try_from(page).unwrap_or(u32::MAX);
        let reader = bench.reader;
        let text = match reader.text_as_drawn(&made.document, own, number).await {
            Ok(text) => text,
            Err(error) if error.is_permanent() => PageText::default(),
            Err(error) => return Err(error.into()),
        };
        if lacks_letters(original, &text.plain(), text.hidden_letters) {
            lost.push(page);
        }
    }
    Ok(lost)
}

/// Whether letters of a text are missing in another, beside the hidden ones, which were left out of it.
///
/// Engines divide words and lines differently, so letters are counted.
fn lacks_letters(text: &str, other: &str, hidden: u32) -> bool {
    let counted = |text: &str| {
        let mut letters: BTreeMap<char, usize> = BTreeMap::new();
        for letter in fold(text).chars().filter(|c| c.is_alphanumeric()) {
            *letters.entry(letter).or_default() += 1;
        }
        letters
    };
    let (letters, others) = (counted(text), counted(other));
    let lost: usize = letters
        .iter()
        .map(|(letter, count)| count.saturating_sub(others.get(letter).copied().unwrap_or(0)))
        .sum();
    let lost = lost.saturating_sub(hidden as usize);
    lost * 100 > letters.values().sum::<usize>() * LOST_LETTERS_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_words_are_noticed_and_other_divisions_are_not() {
        let text = "Účastníci řízení mohou podat námitky do 15 dnů.";
        assert!(!lacks_letters(
            text,
            "U castnici rizeni mo-\nhou podat namitky do 15 dnu",
            0
        ));
        let shorter = "Účastníci řízení mohou podat do 15 dnů.";
        assert!(lacks_letters(text, shorter, 0));
        assert!(!lacks_letters(text, shorter, 7), "they are hidden");
        assert!(lacks_letters(text, "", 7));
        assert!(!lacks_letters("", text, 0));
    }

    #[test]
    fn a_plan_becomes_a_coarser_picture() {
        let size = |width, height| PageSize { width, height };
        assert_eq!(density(size(595.0, 842.0)), 200);
        assert_eq!(density(size(2384.0, 3370.0)), 101);
        assert_eq!(density(size(0.0, 0.0)), 200);
    }
}
