//! A verified board.
//!
//! A [`Snapshot`] is made only by [`Snapshot::verify`], so that nothing unverified can be shown by mistake.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use vyveska_board::ClockBounds;
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_wire::envelope::{Envelope, EnvelopeError};
use vyveska_wire::keys::{DisplayId, PublicKey};
use vyveska_wire::manifest::{Addressee, ContentHash, ContentRef, Manifest, Sections};
use vyveska_wire::section::{
    AlertsSection, DocumentRecord, InformationSection, NoticeRecord, NoticesSection,
    SettingsSection,
};

use super::VerifiedAssignment;
use crate::state::{BoardContent, NO_NOTICES};

/// In the place of an older manifest: nothing is known of notices and information.
pub(crate) const NOTHING: &[u8] = b"";

const NO_INFORMATION: &[u8] = br#"{"unknown":true}"#;

/// The sections of a manifest of which only the alerts and settings are used, without an older one.
pub(crate) fn without_notices(manifest: &Manifest) -> Sections {
    Sections {
        notices: ContentRef::to(NO_NOTICES),
        information: ContentRef::to(NO_INFORMATION),
        ..manifest.sections.clone()
    }
}

/// The bytes of a section that needs no central.
pub(crate) fn built_in(hash: &ContentHash) -> Option<Vec<u8>> {
    [NO_NOTICES, NO_INFORMATION]
        .into_iter()
        .find(|bytes| ContentHash::of(bytes) == *hash)
        .map(<[u8]>::to_vec)
}

/// Why a board does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("the manifest is addressed to {0}, not to this display")]
    Addressee(String),
    #[error("section {0} is missing")]
    SectionMissing(&'static str),
    #[error("section {0} does not match the hash its manifest names")]
    SectionBytes(&'static str),
    #[error("section {name} cannot be read: {reason}")]
    SectionContent { name: &'static str, reason: String },
}

/// A verified manifest with its sections, and the exact bytes of all of them.
///
/// When the notices of a manifest cannot be used, its alerts and settings still can:
/// the notices and information are then those of an older manifest, or `NOTHING`.
#[derive(Debug, Clone)]
pub struct Snapshot {
    envelope: Vec<u8>,
    manifest: Manifest,
    assignment: Option<VerifiedAssignment>,
    /// The envelope of the older manifest whose notices and information are used.
    older: Option<Vec<u8>>,
    used: Sections,
    notices: NoticesSection,
    sections: BTreeMap<ContentHash, Vec<u8>>,
    content: Arc<BoardContent>,
}

/// Verifies the signature and addressee of a manifest, and reads it.
///
/// It is addressed to the board that the display is assigned to. One that is addressed to the display itself, as
/// central services did before there were assignments, is believed without one: a device that was just updated shows
/// its stored board until it takes the next. Without a `display` that may be any display; a board's manifest needs the
/// assignment all the same.
///
/// # Errors
///
/// When central did not sign it, or not for this display.
pub fn verify_manifest(
    envelope: &[u8],
    central: &PublicKey,
    display: Option<&DisplayId>,
    assignment: Option<&VerifiedAssignment>,
) -> Result<Manifest, SnapshotError> {
    let manifest: Manifest = Envelope::from_bytes(envelope)?.open(central)?;
    let board = assignment.map(VerifiedAssignment::board);
    match &manifest.to {
        Addressee::Display(id) if display.is_none_or(|display| id == display) => Ok(manifest),
        Addressee::Group(name) if board == Some(name.as_str()) => Ok(manifest),
        Addressee::Display(id) => Err(SnapshotError::Addressee(format!("display {id}"))),
        Addressee::Group(name) => Err(SnapshotError::Addressee(format!("board {name:?}"))),
    }
}

/// Whether a manifest may take the place of the one in use: the same again, or a newer one. Numbers are a board's, so
/// that of another board is not compared.
pub(crate) fn may_follow(in_use: &Manifest, next: &Manifest) -> bool {
    let is_of_another_board = matches!(next.to, Addressee::Group(_)) && next.to != in_use.to;
    next == in_use || is_of_another_board || next.number > in_use.number
}

/// A manifest's sections by name.
pub(crate) fn named(sections: &Sections) -> [(&'static str, ContentRef); 4] {
    [
        ("notices", sections.notices),
        ("information", sections.information),
        ("alerts", sections.alerts),
        ("settings", sections.settings),
    ]
}

impl Snapshot {
    /// Verifies a manifest and every section it names, with the assignment that says whether it is for this display.
    ///
    /// With `older`, only its alerts and settings are used; notices and information are those of that manifest, or
    /// unknown where it is `NOTHING`.
    ///
    /// # Errors
    ///
    /// When anything does not verify, is missing or cannot be read.
    pub fn verify(
        envelope: &[u8],
        older: Option<&[u8]>,
        central: &PublicKey,
        display: Option<&DisplayId>,
        assignment: Option<VerifiedAssignment>,
        mut section: impl FnMut(&ContentHash) -> Option<Vec<u8>>,
    ) -> Result<Self, SnapshotError> {
        let verify = |envelope| verify_manifest(envelope, central, display, assignment.as_ref());
        let manifest = verify(envelope)?;
        let used = match older {
            Some(NOTHING) => without_notices(&manifest),
            Some(older) => {
                let older = verify(older)?.sections;
                Sections {
                    notices: older.notices,
                    information: older.information,
                    ..manifest.sections.clone()
                }
            }
            None => manifest.sections.clone(),
        };
        let mut sections = BTreeMap::new();
        for (name, content) in named(&used) {
            if sections.contains_key(&content.hash) {
                continue;
            }
            let bytes = built_in(&content.hash)
                .or_else(|| section(&content.hash))
                .ok_or(SnapshotError::SectionMissing(name))?;
            if ContentHash::of(&bytes) != content.hash {
                return Err(SnapshotError::SectionBytes(name));
            }
            sections.insert(content.hash, bytes);
        }
        let [notices, information, alerts, settings] = named(&used);
        let parsed: NoticesSection = parse(&sections, notices)?;
        let mut settings: SettingsSection = parse(&sections, settings)?;
        if let (Addressee::Group(_), Some(assignment)) = (&manifest.to, &assignment) {
            assignment.apply_to(&mut settings);
        }
        let information: InformationSection = parse(&sections, information)?;
        let alerts: AlertsSection = parse(&sections, alerts)?;
        Ok(Self {
            envelope: envelope.to_vec(),
            older: older.map(<[u8]>::to_vec),
            used: used.clone(),
            content: Arc::new(BoardContent::new(
                &manifest,
                used.notices.hash,
                &parsed,
                information,
                alerts,
                settings,
            )),
            notices: parsed,
            manifest,
            assignment,
            sections,
        })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub fn number(&self) -> u64 {
        self.manifest.number
    }

    /// The assignment by which the manifest is for this display; `None` before there was one.
    pub fn assignment(&self) -> Option<&VerifiedAssignment> {
        self.assignment.as_ref()
    }

    /// The envelope's exact bytes.
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// The envelope of the older manifest whose notices and information are used, if they are not its own.
    pub fn older(&self) -> Option<&[u8]> {
        self.older.as_deref()
    }

    /// The sections in use: its own, or partly those of the older manifest.
    pub fn used_sections(&self) -> &Sections {
        &self.used
    }

    /// Whether every section is of its own manifest.
    pub fn is_whole(&self) -> bool {
        self.older.is_none()
    }

    /// The hash of the notices section in use.
    pub fn notices_hash(&self) -> ContentHash {
        self.content.notices_hash
    }

    pub fn notices(&self) -> &NoticesSection {
        &self.notices
    }

    pub fn information(&self) -> &InformationSection {
        &self.content.information
    }

    pub fn settings(&self) -> &SettingsSection {
        &self.content.settings
    }

    /// Every section's exact bytes by hash.
    pub fn sections(&self) -> &BTreeMap<ContentHash, Vec<u8>> {
        &self.sections
    }

    /// The board as the state machine uses it.
    pub fn content(&self) -> Arc<BoardContent> {
        Arc::clone(&self.content)
    }

    /// Every document and picture that the board names, once each: first the coat of arms, then in the notices' order.
    pub fn documents(&self) -> Vec<ContentRef> {
        let mut seen = HashSet::new();
        self.settings()
            .coat_of_arms
            .into_iter()
            .chain(self.notices.content())
            .chain(self.information().content())
            .filter(|content| seen.insert(content.hash))
            .collect()
    }
}

impl Snapshot {
    /// The documents to keep when they may take this many bytes, in the order in which they are fetched.
    ///
    /// Originals of notices that have not ended, pictures and information are always among them. The rest are helps:
    /// first the renditions and the texts, then the originals of ended notices and theirs, as far as the budget goes.
    pub fn documents_within(&self, budget_bytes: u64, now: &ClockBounds) -> Vec<ContentRef> {
        let rules = PostingRules::default();
        let ended: HashSet<&str> = self
            .content
            .notices
            .iter()
            .filter(|entry| posting_status(&entry.notice, now, &rules) == PostingStatus::Ended)
            .map(|entry| entry.reference.id.as_str())
            .collect();
        let (over, posted): (Vec<&NoticeRecord>, Vec<_>) =
            (self.notices.notices.iter()).partition(|notice| ended.contains(notice.id.as_str()));
        let content = |notices: &[&NoticeRecord],
                       part: fn(&DocumentRecord) -> Option<ContentRef>|
         -> Vec<ContentRef> {
            let documents = notices.iter().flat_map(|notice| &notice.documents);
            documents.filter_map(part).collect()
        };
        let originals = |notices: &[&NoticeRecord]| content(notices, |document| document.content);
        let helps = |notices: &[&NoticeRecord]| {
            let mut made = content(notices, |document| document.rendition);
            made.extend(content(notices, |document| document.text));
            made
        };
        let always: HashSet<ContentHash> = (self.settings().coat_of_arms.into_iter())
            .chain(originals(&posted))
            .chain(self.information().content())
            .map(|content| content.hash)
            .collect();
        let mut left = budget_bytes;
        let mut kept = HashSet::new();
        let by_value = self
            .documents()
            .into_iter()
            .filter(|content| always.contains(&content.hash))
            .chain(helps(&posted))
            .chain(originals(&over))
            .chain(helps(&over));
        for content in by_value {
            if kept.contains(&content.hash) {
                continue;
            }
            let fits = content.size_bytes <= left;
            // Once one has no room, nothing of less value takes it.
            left = if fits { left - content.size_bytes } else { 0 };
            if fits || always.contains(&content.hash) {
                kept.insert(content.hash);
            }
        }
        let mut documents = self.documents();
        documents.retain(|content| kept.contains(&content.hash));
        documents
    }
}

fn parse<T: DeserializeOwned>(
    sections: &BTreeMap<ContentHash, Vec<u8>>,
    (name, content): (&'static str, ContentRef),
) -> Result<T, SnapshotError> {
    let bytes = sections
        .get(&content.hash)
        .ok_or(SnapshotError::SectionMissing(name))?;
    serde_json::from_slice(bytes).map_err(|error| SnapshotError::SectionContent {
        name,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use vyveska_wire::keys::KeyPair;

    use super::*;
    use crate::store::samples;

    #[test]
    fn a_board_is_believed_only_from_central_and_only_by_its_display() {
        let board = samples::board(5, &[b"a"]);
        assert_eq!(board.verify().unwrap().number(), 5);

        let stranger = KeyPair::from_seed(&[99; 32]).public();
        let wrong_key = Snapshot::verify(
            &board.envelope,
            None,
            &stranger,
            Some(&samples::display()),
            None,
            |hash| board.sections.get(hash).cloned(),
        );
        assert!(matches!(wrong_key, Err(SnapshotError::Envelope(_))));

        let wrong_display = Snapshot::verify(
            &board.envelope,
            None,
            &samples::central().public(),
            Some(&stranger.id()),
            None,
            |hash| board.sections.get(hash).cloned(),
        );
        assert!(matches!(wrong_display, Err(SnapshotError::Addressee(_))));
    }

    #[test]
    fn the_manifest_of_a_board_is_believed_only_by_the_displays_assigned_to_it() {
        let board = samples::of_board(samples::board(5, &[b"a"]), "lipnice");
        let verify = |assignment| board.verify_with(assignment);
        let verified = verify(Some(samples::assigned(7, "lipnice"))).unwrap();
        assert_eq!(verified.assignment().unwrap().number(), 7);
        for other in [None, Some(samples::assigned(7, "rolava"))] {
            let refused = SnapshotError::Addressee("board \"lipnice\"".to_owned());
            assert_eq!(verify(other).unwrap_err(), refused);
        }
    }

    #[test]
    fn part_and_pin_are_those_of_the_assignment() {
        let settings = vyveska_wire::section::SettingsSection {
            part: [("cs".to_owned(), "část druhého".to_owned())].into(),
            service_pin_hash: Some("hash of another".to_owned()),
            ..vyveska_wire::section::SettingsSection::of_town("Lipnice", "lipnice.example")
        };
        let bytes = serde_json::to_vec(&settings).unwrap();
        let board = samples::with_section(samples::board(5, &[]), |one| &mut one.settings, bytes);
        // A board of the program before has them in the section.
        assert_eq!(*board.verify().unwrap().settings(), settings);
        let board = samples::of_board(board, "lipnice");
        let assigned = samples::assigned(7, "lipnice");
        let snapshot = board.verify_with(Some(assigned)).unwrap();
        let shown = snapshot.settings();
        assert_eq!(shown.part["cs"], "část 7");
        assert_eq!(shown.service_pin_hash.as_deref(), Some("hash 7"));
    }

    #[test]
    fn one_changed_byte_of_a_section_is_noticed() {
        let board = samples::board(5, &[b"a"]);
        for hash in board.sections.keys() {
            let mut damaged = board.clone();
            damaged.sections.get_mut(hash).unwrap()[0] ^= 1;
            assert!(matches!(
                damaged.verify(),
                Err(SnapshotError::SectionBytes(_))
            ));
        }
    }

    #[test]
    fn within_a_budget_posted_originals_stay_and_helps_go() {
        let made = |name: &[u8]| Some(ContentRef::to(name));
        let mut posted = samples::notice("posted", 1, &[b"posted original"]);
        posted.documents[0].text = made(b"posted text");
        posted.documents[0].rendition = made(b"posted rendition");
        let mut ended = samples::notice("ended", 1, &[b"ended original"]);
        ended.documents[0].text = made(b"ended text");
        ended.documents[0].rendition = made(b"ended rendition");
        ended.relevant_until =
            vyveska_wire::section::MomentRecord::Date("2026-11-20".parse().unwrap());
        let board = samples::board_of(1, vec![ended, posted], &[])
            .verify()
            .unwrap();
        let now = ClockBounds::exact("2026-11-21T12:00:00Z".parse().unwrap());
        let kept = |budget| {
            let documents = board.documents_within(budget, &now);
            documents
                .into_iter()
                .map(|one| one.hash)
                .collect::<HashSet<_>>()
        };
        let all = [
            &b"posted original"[..],
            b"posted rendition",
            b"posted text",
            b"ended original",
            b"ended rendition",
            b"ended text",
        ];
        let first = |count: usize| {
            all[..count]
                .iter()
                .map(|one| ContentHash::of(one))
                .collect()
        };
        let sizes: Vec<u64> = all.iter().map(|one| one.len() as u64).collect();
        assert_eq!(kept(0), first(1), "whatever it needs");
        assert_eq!(kept(sizes[0] + sizes[1] - 1), first(1));
        for count in 2..=all.len() {
            assert_eq!(kept(sizes[..count].iter().sum::<u64>()), first(count));
        }
        assert_eq!(board.documents_within(u64::MAX, &now), board.documents());
    }

    #[test]
    fn documents_come_once_each_in_their_order() {
        let board = samples::board(1, &[b"b", b"a", b"b"]);
        let hashes: Vec<_> = board.verify().unwrap().documents();
        assert_eq!(hashes, [ContentRef::to(b"b"), ContentRef::to(b"a")]);
    }
}
