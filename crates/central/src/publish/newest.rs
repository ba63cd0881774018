//! The newest manifest of each board, for the event streams that wait for the next one.
//!
//! A stream waits for its own board alone: a notice in one town wakes no display of another. What its event says is
//! written once for all displays of the board, and no stream asks storage when it is woken.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::limits::MAX_JITTER_MS;
use vyveska_wire::manifest::ContentHash;

/// A manifest as events announce it.
#[derive(Debug)]
pub struct Announcement {
    publication: i64,
    pub number: u64,
    /// The alerts section that it names.
    pub alerts: ContentHash,
    data: String,
    data_with_alerts: String,
}

impl Announcement {
    /// `alerts_text` are the exact bytes of the alerts section, for which no display waits any of the jitter.
    pub(super) fn new(
        publication: i64,
        number: u64,
        manifest: &Envelope,
        alerts: ContentHash,
        alerts_text: Option<String>,
        jitter_ms: u64,
    ) -> Self {
        let data = |alerts, jitter_ms| {
            let manifest = Some(manifest.clone());
            let announced = ManifestAnnounced {
                number,
                manifest,
                alerts,
                jitter_ms,
            };
            announced.into_data()
        };
        Self {
            publication,
            number,
            alerts,
            data: data(None, jitter_ms),
            data_with_alerts: data(alerts_text, 0),
        }
    }

    /// The data of the event for a display that has this alerts section; they carry another one.
    pub fn data(&self, known_alerts: Option<ContentHash>) -> &str {
        if known_alerts == Some(self.alerts) {
            &self.data
        } else {
            &self.data_with_alerts
        }
    }
}

/// Nothing before the first manifest that was announced since somebody waits.
pub type NewestManifest = watch::Receiver<Option<Arc<Announcement>>>;

type Boards = HashMap<String, watch::Sender<Option<Arc<Announcement>>>>;

/// Only boards that somebody waits for are here.
#[derive(Debug, Default)]
pub(super) struct NewestManifests(Mutex<Boards>);

impl NewestManifests {
    fn boards(&self) -> MutexGuard<'_, Boards> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self, board: &str) -> NewestManifest {
        let mut boards = self.boards();
        boards.retain(|_, newest| newest.receiver_count() > 0);
        boards.entry(board.to_owned()).or_default().subscribe()
    }

    /// Over which time displays are to spread their requests: a millisecond for each that waits at this node, for whatever
    /// board, because a notice of all towns is published on all boards at once.
    pub(super) fn jitter_ms(&self) -> u64 {
        let boards = self.boards();
        let waiting: usize = boards.values().map(watch::Sender::receiver_count).sum();
        u64::try_from(waiting).map_or(MAX_JITTER_MS, |waiting| waiting.min(MAX_JITTER_MS))
    }

    /// Whether somebody waits for this board who has not been told of the publication.
    pub(super) fn lacks(&self, board: &str, publication: i64) -> bool {
        let boards = self.boards();
        let newest = boards.get(board).map(watch::Sender::borrow);
        newest.is_some_and(|newest| {
            let known = newest.as_ref().map_or(0, |known| known.publication);
            known < publication
        })
    }

    /// The manifest with this number as those who wait for this board know it.
    pub(super) fn known(&self, board: &str, number: u64) -> Option<Arc<Announcement>> {
        let boards = self.boards();
        let newest = boards.get(board)?.borrow().clone();
        newest.filter(|known| known.number == number)
    }

    /// Wakes those who wait for this board, unless they know of the manifest; the newest one that they know then.
    pub(super) fn announce(&self, board: &str, manifest: Announcement) -> Arc<Announcement> {
        let mut newest = Arc::new(manifest);
        if let Some(waiting) = self.boards().get(board) {
            waiting.send_if_modified(|known| match known {
                Some(known) if known.number >= newest.number => {
                    newest = known.clone();
                    false
                }
                _ => {
                    *known = Some(newest.clone());
                    true
                }
            });
        }
        newest
    }
}

#[cfg(test)]
mod tests {
    use vyveska_wire::keys::KeyPair;
    use vyveska_wire::now::Now;

    use super::*;

    fn announcement(number: u64, alerts: &str) -> Announcement {
        let signed = Now {
            nonce: "a manifest".to_owned(),
            instant: chrono::DateTime::UNIX_EPOCH,
            manifest_number: number,
            assignment_number: 0,
            display: None,
        };
        let manifest = Envelope::seal(&signed, &KeyPair::from_seed(&[1; 32]));
        let hash = ContentHash::of(alerts.as_bytes());
        let publication = i64::try_from(number).unwrap();
        Announcement::new(
            publication,
            number,
            &manifest,
            hash,
            Some(alerts.to_owned()),
            5,
        )
    }

    #[test]
    fn a_manifest_wakes_its_own_board_once() {
        let newest = NewestManifests::default();
        newest.announce("lipnice", announcement(1, "{}"));
        assert!(!newest.lacks("lipnice", 1), "nobody waits");
        let [mut lipnice, rolava] = ["lipnice", "rolava"].map(|board| newest.subscribe(board));
        assert!(newest.lacks("lipnice", 3));
        newest.announce("lipnice", announcement(3, "{}"));
        assert!(!newest.lacks("lipnice", 3) && newest.lacks("rolava", 3));
        assert!(lipnice.has_changed().unwrap());
        assert!(!rolava.has_changed().unwrap());
        lipnice.mark_unchanged();
        for known in [3, 2] {
            newest.announce("lipnice", announcement(known, "{}"));
            assert!(!lipnice.has_changed().unwrap(), "{known}");
        }
    }

    #[test]
    fn those_who_wait_share_one_announcement() {
        let newest = NewestManifests::default();
        newest.announce("lipnice", announcement(3, "{}"));
        assert!(newest.known("lipnice", 3).is_none(), "nobody waits");
        let _waits = newest.subscribe("lipnice");
        let first = newest.announce("lipnice", announcement(3, "{}"));
        for number in [3, 2] {
            let again = newest.announce("lipnice", announcement(number, "{}"));
            assert!(Arc::ptr_eq(&again, &first), "{number}");
        }
        let known = newest.known("lipnice", 3).unwrap();
        assert!(Arc::ptr_eq(&known, &first));
        assert!(newest.known("lipnice", 4).is_none());
        assert!(newest.known("rolava", 3).is_none());
    }

    #[test]
    fn a_board_that_nobody_waits_for_is_forgotten() {
        let newest = NewestManifests::default();
        drop(newest.subscribe("lipnice"));
        let _rolava = newest.subscribe("rolava");
        assert_eq!(newest.boards().len(), 1);
    }

    #[test]
    fn alerts_travel_in_the_event_when_they_changed() {
        let flood = announcement(1, r#"{"alerts":["flood"]}"#);
        for (known, expected) in [(None, true), (Some(flood.alerts), false)] {
            let read: ManifestAnnounced = serde_json::from_str(flood.data(known)).unwrap();
            assert!(read.manifest.is_some());
            assert_eq!(read.alerts.is_some(), expected);
            assert_eq!(read.jitter_ms, if expected { 0 } else { 5 });
        }
    }

    #[test]
    fn the_jitter_grows_with_the_displays_of_all_boards_up_to_its_bound() {
        let newest = NewestManifests::default();
        assert_eq!(newest.jitter_ms(), 0);
        let _streams = ["lipnice", "rolava", "lipnice"].map(|board| newest.subscribe(board));
        assert_eq!(newest.jitter_ms(), 3);
        let many = usize::try_from(MAX_JITTER_MS).unwrap();
        let _streams: Vec<_> = (0..many).map(|_| newest.subscribe("rolava")).collect();
        assert_eq!(newest.jitter_ms(), MAX_JITTER_MS);
    }
}
