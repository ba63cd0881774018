//! What a display has, and what it takes of what it is offered.

use std::collections::{BTreeSet, HashSet};

use vyveska_wire::assignment::Assignment;
use vyveska_wire::keys::DisplayId;
use vyveska_wire::manifest::{Addressee, ContentHash, ContentRef, Manifest, Sections};
use vyveska_wire::section::{AlertsSection, NoticesSection};

/// What a display has. Of sections it keeps the hashes alone.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) is_registered: bool,
    pub(crate) assignment: Option<Assignment>,
    /// The last one of which everything is here.
    pub(crate) manifest: Option<Manifest>,
    /// The largest number that central has signed for the board.
    pub(crate) newest: u64,
    pub(crate) sections: HashSet<ContentHash>,
    /// The documents of the board that are not here yet, and how many are.
    pub(crate) missing: Vec<ContentRef>,
    pub(crate) documents: HashSet<ContentHash>,
}

impl Board {
    pub(crate) fn number(&self) -> u64 {
        self.manifest.as_ref().map_or(0, |manifest| manifest.number)
    }

    /// Takes an assignment whose signature is central's; gives whether it is another one.
    ///
    /// The inner error says why it is refused.
    pub(crate) fn assign(
        &mut self,
        offered: Assignment,
        to: &DisplayId,
        newest: u64,
    ) -> Result<bool, String> {
        if offered.to != *to {
            return Err(format!("an assignment of display {}", offered.to));
        }
        let held = self.assignment.as_ref().map_or(0, |held| held.number);
        if offered.number < newest.max(held) {
            return Err(format!("assignment {} is an older one", offered.number));
        }
        if offered.number == held {
            return Ok(false);
        }
        let board = self.assignment.as_ref().map(|held| &held.board);
        if board.is_some_and(|board| *board != offered.board) {
            // Numbers of another board say nothing.
            self.manifest = None;
            self.newest = 0;
        }
        self.assignment = Some(offered);
        Ok(true)
    }

    /// Whether a manifest that central has signed is to be taken; not where it is the one that is here.
    ///
    /// The error says why it is refused.
    pub(crate) fn judge(&self, offered: &Manifest) -> Result<bool, String> {
        let Some(assignment) = &self.assignment else {
            return Err("a manifest before an assignment".to_owned());
        };
        let (number, ours) = (offered.number, Addressee::Group(assignment.board.clone()));
        if offered.to != ours {
            return Err(format!(
                "manifest {number} is addressed to {:?}",
                offered.to
            ));
        }
        if number < self.newest {
            return Err(format!(
                "manifest {number} is older than {}, the newest by central's signature",
                self.newest
            ));
        }
        match &self.manifest {
            Some(held) if held == offered => Ok(false),
            Some(held) if number <= held.number => Err(format!(
                "manifest {number} is not newer than {}",
                held.number
            )),
            _ => Ok(true),
        }
    }

    /// Everything that a manifest names is here.
    pub(crate) fn switch(&mut self, manifest: Manifest) {
        let named = named(&manifest.sections);
        self.sections
            .retain(|hash| named.iter().any(|(_, content)| content.hash == *hash));
        self.newest = self.newest.max(manifest.number);
        self.manifest = Some(manifest);
    }

    /// Notices were read, and name these documents.
    pub(crate) fn want_documents(&mut self, notices: &[u8]) {
        // Of a board without notices yet they cannot be read.
        let Ok(section) = serde_json::from_slice::<NoticesSection>(notices) else {
            return;
        };
        let notices = section.notices.iter();
        let named: Vec<ContentRef> = notices
            .flat_map(|notice| &notice.documents)
            .flat_map(|document| [document.content, document.text, document.rendition])
            .flatten()
            .collect();
        self.documents
            .retain(|hash| named.iter().any(|content| content.hash == *hash));
        self.missing = named;
        self.missing
            .retain(|content| !self.documents.contains(&content.hash));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Alerts,
    Settings,
    Notices,
    Information,
}

/// The sections of a manifest, in the order in which they are fetched: alerts wait for nothing.
pub(crate) fn named(sections: &Sections) -> [(Section, ContentRef); 4] {
    [
        (Section::Alerts, sections.alerts),
        (Section::Settings, sections.settings),
        (Section::Notices, sections.notices),
        (Section::Information, sections.information),
    ]
}

/// The ids of the alerts in a section.
pub(crate) fn alert_ids(section: &[u8]) -> Result<BTreeSet<String>, String> {
    let section: AlertsSection = serde_json::from_slice(section)
        .map_err(|error| format!("alerts that cannot be read: {error}"))?;
    Ok(section.alerts.into_iter().map(|alert| alert.id).collect())
}

#[cfg(test)]
mod tests {
    use vyveska_wire::keys::KeyPair;

    use super::*;

    fn id(seed: u8) -> DisplayId {
        KeyPair::from_seed(&[seed; 32]).public().id()
    }

    fn assignment(number: u64, board: &str) -> Assignment {
        Assignment {
            number,
            created: chrono::DateTime::UNIX_EPOCH,
            to: id(1),
            board: board.to_owned(),
            part: Default::default(),
            service_pin_hash: None,
        }
    }

    fn manifest(number: u64, board: &str) -> Manifest {
        let bytes = ContentRef::to(b"{}");
        Manifest {
            number,
            created: chrono::DateTime::UNIX_EPOCH,
            to: Addressee::Group(board.to_owned()),
            sections: Sections {
                notices: bytes,
                information: bytes,
                alerts: bytes,
                settings: bytes,
            },
        }
    }

    #[test]
    fn a_manifest_is_taken_once_and_nothing_older_after_it() {
        let mut board = Board::default();
        assert!(board.judge(&manifest(5, "lipnice")).is_err(), "no board");
        assert_eq!(board.assign(assignment(1, "lipnice"), &id(1), 1), Ok(true));
        assert!(board.judge(&manifest(5, "rolava")).is_err());
        assert_eq!(board.judge(&manifest(5, "lipnice")), Ok(true));
        board.newest = 6;
        assert!(board.judge(&manifest(5, "lipnice")).is_err(), "a replay");
        board.switch(manifest(7, "lipnice"));
        assert_eq!(board.judge(&manifest(7, "lipnice")), Ok(false));
        let mut other = manifest(7, "lipnice");
        other.sections.alerts = ContentRef::to(b"others");
        for refused in [other, manifest(6, "lipnice")] {
            assert!(board.judge(&refused).is_err(), "{refused:?}");
        }
        assert_eq!(board.judge(&manifest(8, "lipnice")), Ok(true));
    }

    #[test]
    fn an_assignment_is_the_displays_own_and_never_an_older_one() {
        let mut board = Board::default();
        assert!(board.assign(assignment(1, "lipnice"), &id(2), 1).is_err());
        assert!(board.assign(assignment(1, "lipnice"), &id(1), 2).is_err());
        assert_eq!(board.assign(assignment(2, "lipnice"), &id(1), 2), Ok(true));
        assert_eq!(board.assign(assignment(2, "lipnice"), &id(1), 2), Ok(false));
        assert!(board.assign(assignment(1, "lipnice"), &id(1), 1).is_err());
        board.switch(manifest(7, "lipnice"));
        assert_eq!(board.assign(assignment(3, "rolava"), &id(1), 3), Ok(true));
        assert_eq!(board.judge(&manifest(6, "rolava")), Ok(true));
        assert!(board.judge(&manifest(8, "lipnice")).is_err());
    }
}
