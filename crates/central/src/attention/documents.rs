//! What the engines noticed about the documents of a board, in plain words.
//!
//! What the page worker cannot draw and a rendition draws in its place is mended, and nobody has to look into it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use vyveska_board::{Document, DocumentHash, Notice};

use super::Waiting;
use super::names::document_name;
use crate::config::BoardConfig;
use crate::counting::counted;
use crate::document::media_type::is_signed_container;
use crate::jury::{
    CONTENT_LOST, DATA_DAMAGED, Engine, EngineVersions, LETTERS_HIDDEN, PageExamination, UNCHECKED,
    Verdict, WORDS_LOST,
};
use crate::publish::document_list::placed_documents;
use crate::publish::doubtful::named_pages;
use crate::publish::extras::ledger_name;
use crate::storage::{Storage, StorageError};

/// The kind of a document about which something was noticed.
const DOCUMENT: &str = "document";

/// What is known of a document.
pub(super) struct Examined {
    since: DateTime<Utc>,
    doubtful_pages: Vec<u32>,
    record: Record,
}

/// What is told of the record of an examination; one that failed leaves the error alone.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    error: Option<String>,
    engines: Option<EngineVersions>,
    warnings: Vec<String>,
    pages: Vec<PageExamination>,
}

impl Examined {
    /// Whether a page was not compared for want of an engine.
    fn is_unchecked(&self) -> bool {
        let mut pages = self.record.pages.iter();
        pages.any(|page| page.verdict == Verdict::Unchecked)
            && !self.record.missing_engines().is_empty()
    }
}

impl Record {
    /// The engines that were not installed.
    fn missing_engines(&self) -> Vec<Engine> {
        let engines = self.engines.as_ref();
        engines.map_or_else(Vec::new, |engines| engines.missing().collect())
    }
}

/// What waits for a person among the documents of these notices of a source, of which something was noticed.
pub(super) fn of_notices(
    board: &BoardConfig,
    notices: impl Iterator<Item = Notice>,
    examinations: &BTreeMap<DocumentHash, Examined>,
    unchecked: &mut Unchecked,
) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    for (place, document) in notices.flat_map(|notice| placed_documents(&board.id, notice)) {
        if let Some(one) = document.hash.and_then(|hash| examinations.get(&hash)) {
            waiting.extend(noticed(place, Some(&document), one));
            unchecked.add(one);
        }
    }
    waiting
}

/// What waits for a person among the documents of a board's own pages.
pub(super) async fn of_own_pages(
    storage: &dyn Storage,
    board: &BoardConfig,
    unchecked: &mut Unchecked,
) -> Result<Vec<Waiting>, StorageError> {
    let mut waiting = Vec::new();
    for (hash, one) in examinations(storage, &ledger_name(&board.id)).await? {
        waiting.extend(noticed(
            format!("/{}/document/{hash}", board.id),
            None,
            &one,
        ));
        unchecked.add(&one);
    }
    Ok(waiting)
}

/// The documents of a source of which something was noticed.
pub(super) async fn examinations(
    storage: &dyn Storage,
    source: &str,
) -> Result<BTreeMap<DocumentHash, Examined>, StorageError> {
    let mut preparations = storage.preparations(source).await?;
    let stored = storage.examinations(source).await?;
    let examined = stored.into_iter().map(|(hash, said)| {
        let unreadable = |_| Record {
            error: Some("what the engines said cannot be read".to_owned()),
            ..Record::default()
        };
        let prepared = preparations.remove(&hash).unwrap_or_default();
        let one = Examined {
            since: said.at,
            doubtful_pages: prepared.drawing.doubtful_pages,
            record: serde_json::from_str(&said.record).unwrap_or_else(unreadable),
        };
        (hash, one)
    });
    let is_told =
        |one: &Examined| noticed(String::new(), None, one).is_some() || one.is_unchecked();
    Ok(examined.filter(|(_, one)| is_told(one)).collect())
}

/// What was noticed about a document, given if it hangs on a notice; `None` where it is nothing.
fn noticed(place: String, document: Option<&Document>, one: &Examined) -> Option<Waiting> {
    let media_type = document.and_then(|document| document.media_type.as_deref());
    let is_signed = media_type.is_some_and(is_signed_container);
    let mut said = Vec::new();
    let mut remedies = Vec::new();
    if let Some(error) = &one.record.error {
        said.push(format!("it could not be examined: {error}"));
        remedies.push(ANEW);
    }
    for code in &one.record.warnings {
        let (words, remedy) = match code.as_str() {
            "unsupported" if is_signed => SIGNED,
            code => explain(code),
        };
        said.push(words.to_owned());
        remedies.push(remedy);
    }
    if !one.doubtful_pages.is_empty() {
        let wrong = named_pages(&one.doubtful_pages);
        said.push(format!("displays may show {wrong} wrong, and say so"));
        remedies.push(ANEW);
    }
    let mut by_code: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (page, number) in one.record.pages.iter().zip(1..) {
        for code in codes(page, &one.record) {
            by_code.entry(code).or_default().push(number);
        }
    }
    for (code, numbers) in by_code {
        let (words, remedy) = explain(code);
        said.push(format!("{}: {words}", named_pages(&numbers)));
        remedies.push(remedy);
    }
    let mut seen = BTreeSet::new();
    remedies.retain(|remedy| seen.insert(*remedy));
    (!said.is_empty()).then(|| Waiting {
        kind: DOCUMENT.to_owned(),
        subject: place,
        since: one.since,
        message: said.join("; "),
        items: Vec::from_iter(document.and_then(document_name)),
        remedy: remedies.join("; "),
    })
}

/// What is told of a page.
fn codes<'a>(page: &'a PageExamination, record: &Record) -> Vec<&'a str> {
    let mut codes: Vec<&str> = page.warnings.iter().map(String::as_str).collect();
    match page.verdict {
        Verdict::Agreed => {}
        Verdict::Rendition => {
            let of_file = [CONTENT_LOST, DATA_DAMAGED, LETTERS_HIDDEN, WORDS_LOST];
            codes.retain(|code| of_file.contains(code));
        }
        Verdict::Disputed => codes.push("disputed"),
        Verdict::Unreadable => codes.push("unreadable"),
        // A missing engine is told once for all documents, and of a page with a warning that is enough.
        Verdict::Unchecked if codes.is_empty() && record.missing_engines().is_empty() => {
            codes.push("not_compared");
        }
        Verdict::Unchecked => {}
    }
    codes
}

/// The documents that were not compared, for want of an engine.
#[derive(Default)]
pub(super) struct Unchecked {
    count: usize,
    since: Option<DateTime<Utc>>,
    packages: BTreeSet<&'static str>,
}

impl Unchecked {
    fn add(&mut self, one: &Examined) {
        if !one.is_unchecked() {
            return;
        }
        let missing = one.record.missing_engines();
        self.count += 1;
        self.since = Some(self.since.map_or(one.since, |since| since.min(one.since)));
        self.packages
            .extend(missing.into_iter().map(Engine::package));
    }

    pub(super) fn waiting(self) -> Option<Waiting> {
        let packages: Vec<&str> = self.packages.into_iter().collect();
        Some(Waiting {
            kind: UNCHECKED.to_owned(),
            subject: "documents".to_owned(),
            since: self.since?,
            message: format!(
                "{} could not be compared with what other engines draw",
                counted(self.count, "document")
            ),
            items: Vec::new(),
            remedy: format!(
                "install {}, or set documents.jury = \"off\"",
                packages.join(" and ")
            ),
        })
    }
}

const ANEW: &str = "publish it anew as a plain PDF";
const WHOLE: &str = "publish a whole copy of it";
const WITH_FONTS: &str = "publish it with its fonts embedded";

/// Words and remedy for what is signed as a whole and cannot be shown.
const SIGNED: (&str, &str) = (
    "it is a document inside its signature (P7M, ASiC or ZFO), which displays do not open",
    "publish the PDF itself",
);

/// A warning in plain words, and what can be done about it.
fn explain(code: &str) -> (&str, &'static str) {
    match code {
        // Of the whole document.
        "cut_short" => ("the end of the file is missing", WHOLE),
        "rebuilt" => ("the table of the file's parts is damaged", ANEW),
        "foreign_head" => ("other bytes come before the document in its file", ANEW),
        "dynamic_form" => (
            "it is an XFA form, which only its maker's program shows",
            ANEW,
        ),
        "portfolio" => (
            "it is a portfolio: displays show its cover, and not the documents inside it",
            "publish the documents in it by themselves",
        ),
        "page_count_differs" => ("engines count its pages differently", ANEW),
        "password_protected" => (
            "it opens only with a password",
            "publish a copy that opens without one",
        ),
        "broken" => ("it is damaged", WHOLE),
        "empty" => ("its file is empty", WHOLE),
        "unsupported" => (
            "displays cannot show this kind of file",
            "publish it as PDF",
        ),
        // Of the whole document, or of a page.
        "too_large" => (
            "it is too large to be drawn",
            "publish it with smaller pages or pictures",
        ),
        "timed_out" => ("drawing it takes too long", "publish a simpler copy"),
        "worker_died" => ("it ends the program that draws it", ANEW),
        // Of a page.
        "no_such_page" => ("it is not there", WHOLE),
        "disputed" => ("no two engines draw the same", ANEW),
        "unreadable" => ("no engine can draw it", ANEW),
        "not_compared" => (
            "no second engine confirms what displays draw",
            "compare it with the original; of a plain PDF in smaller parts every page is compared",
        ),
        "unsupported_font" => ("a font of an unknown kind is replaced", WITH_FONTS),
        "letters_missing" => (
            "letters are missing, because their font lacks them",
            WITH_FONTS,
        ),
        "picture_missing" => ("a picture, or a part of one, is missing", ANEW),
        "annotation_missing" => ("a note, mark or stamp is missing", ANEW),
        "field_missing" => ("the value of a form field is missing", ANEW),
        "field_outdated" => ("a form field shows an old value", ANEW),
        CONTENT_LOST => ("content is missing, because the file is damaged", WHOLE),
        DATA_DAMAGED => (
            "its data are damaged, so that something may be altered or missing",
            WHOLE,
        ),
        WORDS_LOST => ("words of the document are missing in what is drawn", ANEW),
        LETTERS_HIDDEN => (
            "letters that nobody sees can be read in the file, as under a black bar",
            "if they are secret, publish it anew without them",
        ),
        other => (other, ANEW),
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use vyveska_board::LanguageMap;
    use vyveska_pages::{DocumentWarning, PageWarning};

    use super::*;

    #[track_caller]
    fn check(warning: impl Serialize) {
        let code = serde_json::to_value(warning).unwrap();
        let code = code.as_str().unwrap();
        assert_ne!(explain(code).0, code);
    }

    #[test]
    fn every_warning_has_plain_words() {
        use DocumentWarning::{CutShort, DynamicForm, ForeignHead, Portfolio, Rebuilt};
        for warning in [CutShort, Rebuilt, ForeignHead, DynamicForm, Portfolio] {
            check(warning);
        }
        for warning in [
            PageWarning::UnsupportedFont,
            PageWarning::LettersMissing,
            PageWarning::PictureMissing,
            PageWarning::AnnotationMissing,
            PageWarning::FieldMissing,
            PageWarning::FieldOutdated,
        ] {
            check(warning);
        }
        for warning in [CONTENT_LOST, DATA_DAMAGED, WORDS_LOST, LETTERS_HIDDEN] {
            check(warning);
        }
        assert_eq!(explain("of_tomorrow").0, "of_tomorrow");
    }

    #[test]
    fn what_is_signed_as_a_whole_is_named() {
        let one = Examined {
            since: "2026-11-21T12:00:00Z".parse().unwrap(),
            doubtful_pages: Vec::new(),
            record: Record {
                warnings: vec!["unsupported".to_owned()],
                ..Record::default()
            },
        };
        let said = |media_type: &str| {
            let document = Document {
                title: LanguageMap::new(),
                hash: None,
                missing: None,
                size_bytes: 1,
                media_type: Some(media_type.to_owned()),
                url: None,
                pages: None,
                text: None,
                rendition: None,
                doubtful_pages: Vec::new(),
            };
            noticed("here".to_owned(), Some(&document), &one).unwrap()
        };
        for media_type in ["application/pkcs7-mime", "application/vnd.etsi.asic-e+zip"] {
            let said = said(media_type);
            assert!(said.message.contains("inside its signature"), "{said:?}");
            assert_eq!(said.remedy, "publish the PDF itself");
        }
        assert_eq!(said("application/zip").remedy, "publish it as PDF");
    }

    #[test]
    fn what_a_rendition_mends_is_not_told() {
        let page = |verdict, warnings: &[&str]| PageExamination {
            verdict,
            warnings: warnings.iter().map(|one| (*one).to_owned()).collect(),
        };
        let one = Examined {
            since: "2026-11-21T12:00:00Z".parse().unwrap(),
            doubtful_pages: Vec::new(),
            record: Record {
                pages: vec![
                    page(Verdict::Agreed, &[]),
                    page(Verdict::Rendition, &["picture_missing"]),
                ],
                ..Record::default()
            },
        };
        assert_eq!(noticed("here".to_owned(), None, &one), None);
    }
}
