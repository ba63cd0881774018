//! What tells of a run that could not write its journal.
//!
//! Where nothing can be written, nothing in the data says that the kiosk ran: after a clean stop, the next run would go
//! on as if nothing had been shown since. A mark in a folder in memory says so. It is there from the start of a run until
//! its journal is written, and survives the end of the program, but not of the boot.

use std::path::{Path, PathBuf};

use tracing::warn;
use vyveska_wire::journal::{ClockRecord, JournalEvent, Timestamp};

use crate::store::{read_small, remove_file, write_whole};

const FILE: &str = "journal-unwritten.json";

/// The largest mark that is read.
const MAX_BYTES: u64 = 4096;

/// The mark of a run whose journal is not written yet.
#[derive(Debug)]
pub(super) struct UnwrittenMark {
    /// `None` without a folder in memory, and once the journal is written.
    path: Option<PathBuf>,
    /// The gap that an earlier run left.
    gap: Option<JournalEvent>,
}

impl UnwrittenMark {
    /// Marks a run that starts at `started`. The mark of an earlier run stays as it is.
    pub(super) fn set(folder: Option<&Path>, started: &Timestamp) -> Self {
        let Some(path) = folder.map(|folder| folder.join(FILE)) else {
            return Self {
                path: None,
                gap: None,
            };
        };
        let mut gap = None;
        match read_small(&path, MAX_BYTES) {
            Ok(Some(bytes)) => {
                gap = Some(JournalEvent::Gap {
                    since: serde_json::from_slice::<ClockRecord>(&bytes).ok(),
                    cause: "not_writable".to_owned(),
                    lost_bytes: 0,
                });
            }
            Ok(None) => {
                let written = serde_json::to_vec(&started.clock)
                    .map_err(std::io::Error::other)
                    .and_then(|bytes| write_whole(&path, &bytes, 0o600));
                if let Err(error) = written {
                    warn!(%error, path = %path.display(), "nothing will tell of a run that cannot write its journal");
                }
            }
            Err(error) => {
                warn!(%error, path = %path.display(), "whether an earlier run could write its journal is unknown");
            }
        }
        Self {
            path: Some(path),
            gap,
        }
    }

    /// The gap that an earlier run left, from its start on.
    pub(super) fn gap(&self) -> Option<JournalEvent> {
        self.gap.clone()
    }

    /// Removes the mark: the journal is written.
    pub(super) fn clear(&mut self) {
        self.gap = None;
        if let Some(path) = self.path.take()
            && let Err(error) = remove_file(&path)
        {
            warn!(%error, path = %path.display(), "the next start will state a gap that there was not");
        }
    }
}
