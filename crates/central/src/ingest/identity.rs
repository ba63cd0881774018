//! Which notice of a feed is which stored notice.
//!
//! The key (IRI, else page, else a digest) decides. Three exceptions:
//!
//! - an IRI **reused** with a new date, number and files is a new notice, not a revision of the old one;
//! - an archived notice's key that a live notice **took over**, as numbers of equal keys move up, is that one's now;
//! - a notice whose key **changed** while all else that identifies it stayed (the IRI holds the title's slug,
//!   the publisher moved to HTTPS, or its export numbers everything anew) is still the same notice.
//!
//! A changed key is recognised among the live notices whose key has left the feed, by the first `Likeness` that fits.
//! Several that are alike in that are matched one to one, in order: whichever of them is which, the board shows
//! what the feed says, and an export that renames everything each time adds nothing to it.

use std::collections::{BTreeSet, HashMap, VecDeque};

use vyveska_board::NoticeId;
use vyveska_board::ofn::{FeedKey, FeedNotice};
use vyveska_wire::section::MomentRecord;

use crate::storage::{KnownNotice, NoticeFacts};

/// A notice of a feed with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedNotice {
    pub key: String,
    pub facts: NoticeFacts,
    /// Why its end may be another than the publisher meant.
    pub end_doubts: Vec<String>,
    /// The JSON as received.
    pub raw: String,
}

/// How a notice of a feed relates to the stored notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A stored notice.
    Known(NoticeId),
    /// A stored notice that had another key; an archived one may have had this key.
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
        let key = stored_key(&notice.key);
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
            end_doubts: notice.end_doubts.clone(),
            raw: notice.raw.clone(),
        });
    }
    keyed
}

/// A key as it is stored: a database may keep no NUL in a text.
pub fn stored_key(key: &FeedKey) -> String {
    key.to_string().replace('\0', "\u{fffd}")
}

/// What the keys of notices begin with that were handed over one by one: no feed has such a key, so that no poll takes
/// them for its own.
const PUSHED: &str = "pushed ";

/// The key of a notice that is handed over by itself, as it is stored.
pub fn pushed_key(key: &FeedKey) -> String {
    format!("{PUSHED}{}", stored_key(key))
}

/// Whether a notice was handed over by itself: that no feed has it says nothing of it.
pub fn is_pushed(notice: &KnownNotice) -> bool {
    notice.key.starts_with(PUSHED)
}

/// The identity of each notice of a feed, in the feed's order.
pub fn identify(known: &[KnownNotice], feed: &[KeyedNotice]) -> Vec<Identity> {
    let by_key: HashMap<&str, &KnownNotice> = known
        .iter()
        .map(|notice| (notice.key.as_str(), notice))
        .collect();
    let of_key = |notice: &KeyedNotice| by_key.get(notice.key.as_str()).copied();
    // What an archived one has in common with the feed's is its key alone: perhaps a live one took it over.
    let is_doubtful = |known: &KnownNotice, notice: &KeyedNotice| {
        known.archived && !are_alike(&known.facts, &notice.facts)
    };
    let mut identities: Vec<Identity> = feed
        .iter()
        .map(|notice| match of_key(notice) {
            Some(known) if !is_doubtful(known, notice) => identity_by_key(known, notice),
            _ => Identity::New,
        })
        .collect();
    recognise_moved(known, feed, &mut identities);
    for (notice, identity) in feed.iter().zip(&mut identities) {
        if *identity == Identity::New
            && let Some(known) = of_key(notice)
        {
            *identity = identity_by_key(known, notice);
        }
    }
    identities
}

/// The identity of a notice with the key of a stored one.
pub(super) fn identity_by_key(known: &KnownNotice, notice: &KeyedNotice) -> Identity {
    if is_reuse(&known.facts, &notice.facts) {
        Identity::Reused(known.id.clone())
    } else {
        Identity::Known(known.id.clone())
    }
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

/// By what a notice is recognised whose key has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// Everything but the IRI and the page.
    Content,
    /// Title, posting, numbers and the addresses of the documents.
    Addresses,
    /// Title, posting, numbers and the names of the documents, be they blank.
    ///
    /// An export that names everything anew does so with their addresses too.
    Names,
    /// Title, posting and numbers.
    Numbers,
}

impl Likeness {
    /// From the surest on.
    const ALL: [Self; 4] = [Self::Content, Self::Addresses, Self::Names, Self::Numbers];

    /// A text that is equal for notices that are alike in this; `None` when too little is known of one.
    fn of(self, facts: &NoticeFacts) -> Option<String> {
        if self == Self::Content {
            let mut content = NoticeFacts {
                iri: None,
                url: None,
                ..facts.clone()
            };
            content.forget_former_addresses();
            return Some(format!("{content:?}"));
        }
        let numbers = (&facts.reference_number, &facts.file_number);
        let numbered = numbers != (&None, &None);
        let dated = facts.posted != MomentRecord::Unspecified;
        if !dated || facts.title_is_blank() || (self == Self::Numbers && !numbered) {
            return None;
        }
        let documents: Vec<String> = facts
            .documents
            .iter()
            .map(|document| match self {
                Self::Addresses => format!("{:?}", document.url),
                Self::Names => format!("{:?}", document.title),
                Self::Content | Self::Numbers => String::new(),
            })
            .collect();
        let documents = (self != Self::Numbers).then_some(documents);
        Some(format!(
            "{:?}",
            (&facts.title, facts.posted, numbers, documents)
        ))
    }
}

fn are_alike(one: &NoticeFacts, other: &NoticeFacts) -> bool {
    let mut kinds = Likeness::ALL.into_iter();
    kinds.any(|likeness| {
        let text = likeness.of(one);
        text.is_some() && text == likeness.of(other)
    })
}

fn recognise_moved(known: &[KnownNotice], feed: &[KeyedNotice], identities: &mut [Identity]) {
    if !identities.contains(&Identity::New) {
        return;
    }
    let present: BTreeSet<&str> = feed.iter().map(|notice| notice.key.as_str()).collect();
    let mut absent: Vec<&KnownNotice> = known
        .iter()
        .filter(|notice| !notice.archived && !is_pushed(notice))
        .filter(|notice| !present.contains(notice.key.as_str()))
        .collect();
    // The same order at every poll, so that those that are alike do not change places.
    absent.sort_by(|one, other| one.id.cmp(&other.id));
    for likeness in Likeness::ALL {
        let mut alike: HashMap<String, VecDeque<&NoticeId>> = HashMap::new();
        for notice in &absent {
            if let Some(text) = likeness.of(&notice.facts) {
                alike.entry(text).or_default().push_back(&notice.id);
            }
        }
        let mut found = BTreeSet::new();
        for (notice, identity) in feed.iter().zip(&mut *identities) {
            if *identity == Identity::New
                && let Some(text) = likeness.of(&notice.facts)
                && let Some(id) = alike.get_mut(&text).and_then(VecDeque::pop_front)
            {
                *identity = Identity::Moved(id.clone());
                found.insert(id);
            }
        }
        absent.retain(|notice| !found.contains(&notice.id));
    }
}

#[cfg(test)]
mod tests;
