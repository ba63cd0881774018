//! The ladder's file: small, replaced whole, and readable before anything else of the kiosk starts.
//!
//! Where the data cannot be written (a full or read-only disk), the record stands in a folder in memory, so that failures
//! that repeat lead to simpler modes there too. That copy is the newer one while it exists.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{BootInstant, Failure, Ladder, Start};
use crate::journal::{self, Monotonic};
use crate::store::{read_small, write_whole};

const FILE: &str = "recovery.json";

/// The largest file that is read.
const MAX_BYTES: u64 = 64 * 1024;

/// The most letters of a name or an address.
const MAX_LETTERS: usize = 200;

/// Whose board this is, for a screen that has nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BoardName {
    pub town: String,
    pub web_address: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Record {
    ladder: Ladder,
    board: BoardName,
}

/// The ladder of this device, durable.
pub struct Recovery {
    path: PathBuf,
    /// Where the record stands while `path` cannot be written.
    in_memory: Option<PathBuf>,
    boot: String,
    monotonic: Monotonic,
    record: Mutex<Record>,
    /// Held while the record is written, so that an older one never replaces a newer one.
    writing: Mutex<()>,
}

impl Recovery {
    /// Reads the record in this folder. One that is missing or damaged counts as empty.
    ///
    /// `in_memory` is a folder that lasts until the device is switched off.
    ///
    /// # Errors
    ///
    /// When the system does not name its boot or has no monotonic clock.
    pub fn open(folder: &Path, in_memory: Option<&Path>) -> io::Result<Self> {
        Ok(Self::at(
            folder,
            in_memory,
            journal::boot_id()?,
            journal::monotonic_since_boot()?,
        ))
    }

    fn at(folder: &Path, in_memory: Option<&Path>, boot: String, monotonic: Monotonic) -> Self {
        let path = folder.join(FILE);
        let in_memory = in_memory.map(|folder| folder.join(FILE));
        let known = |path: &Path| {
            read(path).unwrap_or_else(|error| {
                tracing::error!(%error, path = %path.display(), "what is known of earlier failures is lost");
                None
            })
        };
        let record = in_memory.as_deref().and_then(known);
        let record = record.or_else(|| known(&path)).unwrap_or_default();
        Self {
            path,
            in_memory,
            boot,
            monotonic,
            record: Mutex::new(record),
            writing: Mutex::default(),
        }
    }

    /// Decides and records how the program starts.
    pub fn start(&self) -> Start {
        let now = self.now();
        self.change(|record| record.ladder.start(now))
    }

    /// Records why the program ends.
    pub fn fail(&self, reason: &str) {
        let now = self.now();
        self.change(|record| record.ladder.fail(now, reason));
    }

    /// Records for the journal what is no failure.
    pub fn note(&self, reason: &str) {
        let now = self.now();
        self.change(|record| record.ladder.note(now, reason));
    }

    /// Records an end in good order.
    pub fn stop(&self) {
        self.change(|record| record.ladder.stop());
    }

    /// Records that the journal has these failures.
    pub fn recorded(&self, failures: &[Failure]) {
        self.change(|record| record.ladder.recorded(failures));
    }

    /// Notes that a new manifest was taken into use; [`Self::save`] records it.
    pub fn manifest_taken(&self) {
        self.lock().ladder.manifest_taken();
    }

    /// Whether the program has to start again to leave its mode.
    pub fn is_over(&self) -> bool {
        self.lock().ladder.is_over(&self.now())
    }

    /// Whose board was shown last.
    pub fn board(&self) -> BoardName {
        self.lock().board.clone()
    }

    /// Notes whose board is shown, and returns whether it is another one; [`Self::save`] records it.
    pub fn set_board(&self, board: BoardName) -> bool {
        let mut record = self.lock();
        let is_new = record.board != board;
        record.board = board;
        is_new
    }

    fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> T {
        let outcome = change(&mut self.lock());
        self.save();
        outcome
    }

    /// Writes the record as it is now. Only this waits for the disk.
    pub fn save(&self) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let record = self.lock().clone();
        // Without the record the next start is an ordinary one.
        let written = serde_json::to_vec(&record)
            .map_err(io::Error::other)
            .and_then(|bytes| self.write(&bytes));
        if let Err(error) = written {
            tracing::error!(%error, path = %self.path.display(), "a failure is not recorded");
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let written = write_whole(&self.path, bytes, 0o600);
        let Some(in_memory) = &self.in_memory else {
            return written;
        };
        match written {
            Ok(()) => match std::fs::remove_file(in_memory) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "failures are recorded in memory");
                write_whole(in_memory, bytes, 0o600)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> BootInstant {
        BootInstant {
            boot: self.boot.clone(),
            monotonic_ms: (self.monotonic)(),
        }
    }
}

/// `None` when there is none.
fn read(path: &Path) -> io::Result<Option<Record>> {
    let Some(bytes) = read_small(path, MAX_BYTES)? else {
        return Ok(None);
    };
    let mut record: Record = serde_json::from_slice(&bytes)?;
    for text in [&mut record.board.town, &mut record.board.web_address] {
        *text = readable(text);
    }
    Ok(Some(record))
}

/// A name or an address as it may be shown. Nobody signed it: anything may stand in the file.
fn readable(text: &str) -> String {
    let is_shown = |letter: &char| {
        let turns_or_hides = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        !letter.is_control() && !turns_or_hides
    };
    text.chars().filter(is_shown).take(MAX_LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::recovery::Mode;

    fn open(folder: &Path) -> Recovery {
        Recovery::at(folder, None, "boot".to_owned(), Arc::new(|| 1000))
    }

    #[test]
    fn where_the_data_cannot_be_written_the_ladder_stands_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let memory = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let open = || {
            let memory = Some(memory.path());
            Recovery::at(&data, memory, "boot".to_owned(), Arc::new(|| 1000))
        };
        for mode in [Mode::Normal, Mode::Normal, Mode::Normal, Mode::Safe] {
            let recovery = open();
            assert_eq!(recovery.start().mode, mode);
            recovery.fail("panic in search");
        }
        // Once the data can be written, they are the record again.
        std::fs::create_dir(&data).unwrap();
        assert_eq!(open().start().mode, Mode::Safe);
        assert!(!memory.path().join(FILE).exists());
        assert_eq!(open().start().mode, Mode::Safe);
    }

    #[test]
    fn the_next_program_knows_the_reason_and_the_mode() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [Mode::Normal, Mode::Normal, Mode::Normal, Mode::Safe] {
            let recovery = open(folder.path());
            assert_eq!(recovery.start().mode, mode);
            recovery.fail("panic in search");
        }
        let recovery = open(folder.path());
        let failures = recovery.start().failures;
        assert_eq!(failures.len(), 4);
        assert_eq!(failures[0].reason, "panic in search");
        recovery.recorded(&failures);
        recovery.stop();
        assert_eq!(open(folder.path()).start().failures, []);
    }

    #[test]
    fn a_note_reaches_the_journal_and_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..5 {
            let recovery = open(folder.path());
            assert_eq!(recovery.start().mode, Mode::Normal);
            recovery.note("without a key");
            recovery.stop();
        }
        let failures = open(folder.path()).start().failures;
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert_eq!(failures[0].reason, "without a key");
    }

    #[test]
    fn whose_board_it_is_is_known_without_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let board = BoardName {
            town: "Město Lipnice".to_owned(),
            web_address: "lipnice.example".to_owned(),
        };
        let recovery = open(folder.path());
        assert!(recovery.set_board(board.clone()));
        assert!(!recovery.set_board(board.clone()));
        recovery.save();
        assert_eq!(open(folder.path()).board(), board);
    }

    #[test]
    fn what_is_shown_from_the_record_is_short_and_plain() {
        let folder = tempfile::tempdir().unwrap();
        let board = serde_json::json!({
            "town": "Měs\u{202e}to\n\u{0} Lipnice\u{200b}",
            "web_address": "a".repeat(50_000),
        });
        let record = serde_json::json!({ "board": board });
        std::fs::write(folder.path().join(FILE), record.to_string()).unwrap();
        let board = open(folder.path()).board();
        assert_eq!(board.town, "Město Lipnice");
        assert_eq!(board.web_address, "a".repeat(MAX_LETTERS));
    }

    #[test]
    fn the_interface_does_not_wait_for_a_disk_that_is_writing() {
        let folder = tempfile::tempdir().unwrap();
        let recovery = open(folder.path());
        let _writing = recovery.writing.lock().unwrap();
        recovery.set_board(BoardName::default());
        recovery.manifest_taken();
        assert!(!recovery.is_over());
    }

    #[test]
    fn a_damaged_or_unwritable_record_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(open(folder.path()).start().mode, Mode::Normal);
        let missing = folder.path().join("none");
        let recovery = open(&missing);
        recovery.start();
        recovery.fail("reason");
        assert_eq!(recovery.start().failures[0].reason, "reason");
    }
}
