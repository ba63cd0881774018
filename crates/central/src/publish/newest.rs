//! The newest publication of each board, for the event streams that wait for the next one.
//!
//! A stream waits for its own board alone: a notice in one town wakes no display of another.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Only boards that somebody waits for are here.
#[derive(Debug, Default)]
pub(super) struct NewestPublications(Mutex<HashMap<String, watch::Sender<i64>>>);

impl NewestPublications {
    fn boards(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<i64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self, board: &str) -> watch::Receiver<i64> {
        let mut boards = self.boards();
        boards.retain(|_, newest| newest.receiver_count() > 0);
        boards.entry(board.to_owned()).or_default().subscribe()
    }

    /// Wakes those who wait for this board, unless they know of the publication.
    pub(super) fn announce(&self, board: &str, publication: i64) {
        if let Some(newest) = self.boards().get(board) {
            newest.send_if_modified(|known| {
                let is_newer = publication > *known;
                *known = publication.max(*known);
                is_newer
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_wakes_its_own_board_once() {
        let newest = NewestPublications::default();
        newest.announce("lipnice", 1);
        let [mut lipnice, mut rolava] = ["lipnice", "rolava"].map(|board| newest.subscribe(board));
        for receiver in [&mut lipnice, &mut rolava] {
            receiver.mark_unchanged();
        }
        newest.announce("lipnice", 3);
        assert!(lipnice.has_changed().unwrap());
        assert!(!rolava.has_changed().unwrap());
        lipnice.mark_unchanged();
        for known in [3, 2] {
            newest.announce("lipnice", known);
            assert!(!lipnice.has_changed().unwrap(), "{known}");
        }
    }

    #[test]
    fn a_board_that_nobody_waits_for_is_forgotten() {
        let newest = NewestPublications::default();
        drop(newest.subscribe("lipnice"));
        let _rolava = newest.subscribe("rolava");
        assert_eq!(newest.boards().len(), 1);
    }
}
