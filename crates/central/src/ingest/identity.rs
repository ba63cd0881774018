//! Which notice of a feed is which stored notice.
//!
//! The key (IRI, else page, else a digest) decides. Two exceptions, both seen in real feeds:
//!
//! - an IRI **reused** with a new date, number and files is a new notice, not a revision of the old one;
//! - a notice whose key **changed** while all else that identifies it stayed (the IRI holds the title's slug,
//!   the publisher moved to HTTPS) is still the same notice, when exactly one fits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vyveska_board::NoticeId;
use vyveska_board::ofn::FeedNotice;
use vyveska_wire::section::MomentRecord;

use crate::storage::{KnownNotice, NoticeFacts};

/// A notice of a feed with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedNotice {
    pub key: String,
    pub facts: NoticeFacts,
    /// The JSON as received.
    pub raw: String,
}

/// How a notice of a feed relates to the stored notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A stored notice.
    Known(NoticeId),
    /// A stored notice that had another key.
    Moved(NoticeId),
    /// A new notice under a key that another one had.
    Reused(NoticeId),
    New,
}

/// Gives every notice of a feed a key of its own.
///
/// A publisher that repeats a key for different notices gets numbered keys, so that none is lost;
/// exact repetitions count once.
pub fn keyed(notices: &[FeedNotice]) -> Vec<KeyedNotice> {
    let mut seen: HashMap<String, Vec<NoticeFacts>> = HashMap::new();
    let mut keyed = Vec::with_capacity(notices.len());
    for notice in notices {
        // A database may keep no NUL in a text.
        let key = notice.key.to_string().replace('\0', "\u{fffd}");
        let facts = NoticeFacts::of(notice);
        let earlier = seen.entry(key.clone()).or_default();
        if earlier.contains(&facts) {
            continue;
        }
        earlier.push(facts.clone());
        let key = match earlier.len() {
            1 => key,
            count => format!("{key} #{count}"),
        };
        keyed.push(KeyedNotice {
            key,
            facts,
            raw: notice.raw.clone(),
        });
    }
    keyed
}

/// The identity of each notice of a feed, in the feed's order.
pub fn identify(known: &[KnownNotice], feed: &[KeyedNotice]) -> Vec<Identity> {
    let by_key: HashMap<&str, &KnownNotice> = known
        .iter()
        .map(|notice| (notice.key.as_str(), notice))
        .collect();
    let mut identities: Vec<Identity> = feed
        .iter()
        .map(|notice| match by_key.get(notice.key.as_str()) {
            Some(known) if is_reuse(&known.facts, &notice.facts) => {
                Identity::Reused(known.id.clone())
            }
            Some(known) => Identity::Known(known.id.clone()),
            None => Identity::New,
        })
        .collect();
    recognise_moved(known, feed, &mut identities);
    identities
}

/// Whether a key was reused for another notice: date, number and files are all new.
fn is_reuse(before: &NoticeFacts, now: &NoticeFacts) -> bool {
    let new_date = now.posted != MomentRecord::Unspecified && now.posted != before.posted;
    let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    let new_number = differ(&before.reference_number, &now.reference_number)
        || (before.reference_number.is_none()
            && now.reference_number.is_none()
            && differ(&before.file_number, &now.file_number));
    let files: BTreeSet<_> = now.document_urls().collect();
    let new_files = !files.is_empty() && before.document_urls().all(|url| !files.contains(url));
    new_date && new_number && new_files
}

/// What identifies a notice besides its key; `None` when too little does.
fn traits_of(facts: &NoticeFacts) -> Option<String> {
    let numbered = facts.reference_number.is_some() || facts.file_number.is_some();
    let dated = facts.posted != MomentRecord::Unspecified;
    if !numbered || !dated || facts.title_is_blank() {
        return None;
    }
    Some(format!(
        "{:?}",
        (
            &facts.title,
            facts.posted,
            &facts.reference_number,
            &facts.file_number
        )
    ))
}

fn recognise_moved(known: &[KnownNotice], feed: &[KeyedNotice], identities: &mut [Identity]) {
    let present: BTreeSet<&str> = feed.iter().map(|notice| notice.key.as_str()).collect();
    let absent = known
        .iter()
        .filter(|notice| !notice.withdrawn && !present.contains(notice.key.as_str()));
    let candidates = unique(absent.map(|notice| (traits_of(&notice.facts), &notice.id)));
    let new = feed
        .iter()
        .enumerate()
        .filter(|(index, _)| identities[*index] == Identity::New)
        .map(|(index, notice)| (traits_of(&notice.facts), index));
    for (traits, index) in unique(new) {
        if let Some(id) = candidates.get(&traits) {
            identities[index] = Identity::Moved((*id).clone());
        }
    }
}

/// The values whose traits no other value has.
fn unique<T>(values: impl Iterator<Item = (Option<String>, T)>) -> BTreeMap<String, T> {
    let mut found: BTreeMap<String, Option<T>> = BTreeMap::new();
    for (traits, value) in values {
        if let Some(traits) = traits {
            found
                .entry(traits)
                .and_modify(|taken| *taken = None)
                .or_insert(Some(value));
        }
    }
    found
        .into_iter()
        .filter_map(|(traits, value)| value.map(|value| (traits, value)))
        .collect()
}

#[cfg(test)]
mod tests;
