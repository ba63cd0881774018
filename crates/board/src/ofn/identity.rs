//! The key by which a notice is recognised.
//!
//! Its IRI; where that is missing its page, if no other notice has it; else a hash over what changes least.
//! Within one board every key is different, so that two notices are never merged.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};
use url::Url;

use super::report::{Warnings, quoted};
use super::{FeedKey, FeedNotice};
use crate::id::BoardIri;
use crate::language::Language;
use crate::moment::Moment;

/// A board as far as it matters for its notices' keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) iri: &'a BoardIri,
    pub(super) page: Option<&'a Url>,
    pub(super) feed_url: &'a Url,
}

/// Gives every notice its key; a notice that repeats an earlier one word by word is taken out.
pub(super) fn assign(notices: &mut Vec<FeedNotice>, home: Home<'_>, warnings: &mut Warnings) {
    let mut pages: HashMap<Url, usize> = HashMap::new();
    for notice in notices.iter().filter(|notice| notice.iri.is_none()) {
        if let Some(url) = &notice.url {
            *pages.entry(url.clone()).or_default() += 1;
        }
    }
    let is_own_page =
        |url: &Url| pages.get(url) == Some(&1) && Some(url) != home.page && url != home.feed_url;

    let mut first_by_key: HashMap<FeedKey, usize> = HashMap::new();
    let mut repeats: HashMap<[u8; 32], u32> = HashMap::new();
    let mut redundant = HashSet::new();
    for index in 0..notices.len() {
        let notice = &notices[index];
        let label = label(notice, index);
        let mut report = warnings.about(&label);
        let key = match (&notice.iri, &notice.url) {
            (Some(iri), _) => FeedKey::Iri(iri.clone()),
            (None, Some(url)) if is_own_page(url) => {
                report.deviates("iri", "chybí; oznámení se pozná podle adresy své stránky");
                FeedKey::Url(url.clone())
            }
            (None, _) => {
                report.deviates(
                    "iri",
                    "chybí; oznámení se pozná podle názvu, vyvěšení a čísla",
                );
                FeedKey::Digest(digest(notice, home.iri, 0))
            }
        };
        let Some(&first) = first_by_key.get(&key) else {
            first_by_key.insert(key.clone(), index);
            notices[index].key = key;
            continue;
        };
        if same_content(&notices[first], notice) {
            report.deviates(
                "iri",
                "oznámení je uvedeno dvakrát beze změny; vzato jednou",
            );
            redundant.insert(index);
            continue;
        }
        report.deviates(
            "iri",
            format!(
                "stejně je označeno i dřívější oznámení {}; ponechána obě, toto se pozná podle názvu, vyvěšení a čísla",
                quoted(notices[first].title.best(Language::Czech))
            ),
        );
        let base = digest(notice, home.iri, 0);
        let ordinal = repeats.entry(base).or_default();
        let key = loop {
            let key = FeedKey::Digest(digest(notice, home.iri, *ordinal));
            *ordinal += 1;
            if !first_by_key.contains_key(&key) {
                break key;
            }
        };
        first_by_key.insert(key.clone(), index);
        notices[index].key = key;
    }
    if !redundant.is_empty() {
        let mut index = 0;
        notices.retain(|_| {
            index += 1;
            !redundant.contains(&(index - 1))
        });
    }
    warn_of_shared_pages(notices, home, warnings);
}

/// What warnings call a notice: its IRI, its page, its title or its place in the feed.
pub(super) fn label(notice: &FeedNotice, index: usize) -> String {
    match (&notice.iri, &notice.url) {
        (Some(iri), _) => iri.to_string(),
        (None, Some(url)) => url.to_string(),
        (None, None) if !notice.title.is_blank() => notice.title.best(Language::Czech).to_owned(),
        (None, None) => position(index),
    }
}

/// What warnings call a notice that has no name of its own.
pub(super) fn position(index: usize) -> String {
    format!("{}. položka", index + 1)
}

fn warn_of_shared_pages(notices: &[FeedNotice], home: Home<'_>, warnings: &mut Warnings) {
    let mut first_by_page: HashMap<&Url, &FeedNotice> = HashMap::new();
    for (index, notice) in notices.iter().enumerate() {
        let Some(url) = notice.url.as_ref().filter(|url| Some(*url) != home.page) else {
            continue;
        };
        match first_by_page.get(url) {
            Some(first) => warnings.about(&label(notice, index)).tidied(
                "url",
                format!(
                    "stejnou stránku má i oznámení {}; ponechána obě",
                    quoted(&label(first, 0))
                ),
            ),
            None => {
                first_by_page.insert(url, notice);
            }
        }
    }
}

fn same_content(one: &FeedNotice, other: &FeedNotice) -> bool {
    let FeedNotice {
        key: _,
        raw: _,
        end_doubts: _,
        iri,
        url,
        title,
        description,
        posted,
        relevant_until,
        approved,
        reference_number,
        file_number,
        revision_mark,
        categories,
        originator,
        documents,
        channel,
        personal_data,
        posting_rule,
        event,
    } = one;
    *iri == other.iri
        && *url == other.url
        && *title == other.title
        && *description == other.description
        && *posted == other.posted
        && *relevant_until == other.relevant_until
        && *approved == other.approved
        && *reference_number == other.reference_number
        && *file_number == other.file_number
        && *revision_mark == other.revision_mark
        && *categories == other.categories
        && *originator == other.originator
        && *documents == other.documents
        && *channel == other.channel
        && *personal_data == other.personal_data
        && *posting_rule == other.posting_rule
        && *event == other.event
}

/// A hash over the board, the title, the posting and the reference number.
fn digest(notice: &FeedNotice, board: &BoardIri, ordinal: u32) -> [u8; 32] {
    let posted = match notice.posted {
        Moment::Date(day) => day.to_string(),
        Moment::Instant(instant) => instant.to_rfc3339(),
        Moment::Unspecified => String::new(),
    };
    let number = notice.reference_number.as_ref();
    let mut hasher = Sha256::new();
    for part in [
        board.as_str(),
        notice.title.best(Language::Czech),
        &posted,
        number.map_or("", |number| number.as_str()),
    ] {
        // The length prefix keeps parts from running into each other.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    if ordinal > 0 {
        hasher.update(ordinal.to_be_bytes());
    }
    hasher.finalize().into()
}
