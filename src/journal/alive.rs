//! The signed alive block, written to two slots alternately.
//!
//! `alive-a.json` and `alive-b.json` are overwritten in place, each padded to one size, so that an alive block costs one
//! write of one block and no directory change: at one every two minutes, renaming a new file each time would wear
//! the card out. A power cut may tear the slot being written; the other still holds the block before it.
//! The newest block whose signature verifies is used.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use tracing::warn;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::journal::Alive;
use vyveska_wire::keys::{KeyPair, PublicKey};

use crate::store::{is_damaged, open_file, read_small, sync_directory};

const NAMES: [&str; 2] = ["alive-a.json", "alive-b.json"];

/// Every slot has this size; an alive block has some 900 bytes.
const SLOT_BYTES: usize = 2048;

#[derive(Debug, Default)]
pub(super) struct Found {
    /// The newest alive block that verifies.
    pub(super) newest: Option<Alive>,
    pub(super) slot: usize,
    /// How many slots cannot be read, or contain something that does not verify.
    pub(super) damaged: u32,
}

pub(super) fn path(folder: &Path, slot: usize) -> PathBuf {
    folder.join(NAMES[slot % 2])
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_small(path, SLOT_BYTES as u64)?.ok_or_else(|| io::ErrorKind::NotFound.into())
}

pub(super) fn find(folder: &Path, key: &PublicKey) -> Found {
    let mut found = Found::default();
    for (slot, name) in NAMES.into_iter().enumerate() {
        let alive = match read(&folder.join(name)) {
            Ok(bytes) => Envelope::from_bytes(&bytes)
                .and_then(|envelope| envelope.open::<Alive>(key))
                .ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                warn!(%error, slot = name, "an alive block cannot be read");
                None
            }
        };
        let Some(alive) = alive else {
            found.damaged += 1;
            continue;
        };
        if found
            .newest
            .as_ref()
            .is_none_or(|newest| is_older(newest, &alive))
        {
            found.newest = Some(alive);
            found.slot = slot;
        }
    }
    found
}

/// Whether `one` was written before `other`.
///
/// Nothing sets the monotonic clock of one boot back. The clock's bounds, which a correction may, decide between boots.
fn is_older(one: &Alive, other: &Alive) -> bool {
    let (head, when) = (one.head.sequence, &one.when);
    let time = if when.boot == other.when.boot {
        when.monotonic_ms.cmp(&other.when.monotonic_ms)
    } else {
        when.clock.latest.cmp(&other.when.clock.latest)
    };
    head.cmp(&other.head.sequence).then(time).is_lt()
}

/// The slots of a journal that is being written.
#[derive(Debug)]
pub(super) struct AliveSlots {
    folder: PathBuf,
    files: [Option<File>; 2],
    next: usize,
}

impl AliveSlots {
    /// The first block is written to the slot that does not hold the newest one.
    pub(super) fn new(folder: PathBuf, found: &Found) -> Self {
        Self {
            folder,
            files: [None, None],
            next: match found.newest {
                Some(_) => 1 - found.slot,
                None => 0,
            },
        }
    }

    /// Writes a block. A slot in a damaged place of the storage is set aside and a new file takes its place.
    pub(super) fn write(&mut self, alive: &Alive, key: &KeyPair) -> io::Result<()> {
        let mut bytes = Envelope::seal(alive, key).to_bytes();
        bytes.resize(bytes.len().max(SLOT_BYTES), b' ');
        if let Err(error) = self.write_next(&bytes) {
            if !is_damaged(&error) {
                return Err(error);
            }
            let damaged = path(&self.folder, self.next);
            warn!(%error, slot = %damaged.display(), "an alive block cannot be written; its file is replaced");
            fs::rename(&damaged, damaged.with_extension("damaged"))?;
            self.write_next(&bytes)?;
        }
        self.next = 1 - self.next;
        Ok(())
    }

    fn write_next(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Opened again after a failure.
        let (file, is_new) = match self.files[self.next].take() {
            Some(file) => (file, false),
            None => {
                let path = path(&self.folder, self.next);
                let is_new = !path.exists();
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(false);
                (open_file(&path, &mut options)?, is_new)
            }
        };
        file.write_all_at(bytes, 0)?;
        // Longer only if the boot's identifier is: never in practice, and never with old bytes behind it.
        if file.metadata()?.len() != bytes.len() as u64 {
            file.set_len(bytes.len() as u64)?;
        }
        file.sync_data()?;
        if is_new {
            sync_directory(&self.folder)?;
        }
        self.files[self.next] = Some(file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use vyveska_wire::journal::{ClockRecord, ClockTrustRecord, Head, Timestamp};
    use vyveska_wire::manifest::ContentHash;

    use super::*;
    use crate::store::samples;

    fn alive(boot: &str, monotonic_ms: u64, time: &str, sequence: u64) -> Alive {
        let time: DateTime<Utc> = time.parse().unwrap();
        Alive {
            when: Timestamp {
                boot: boot.to_owned(),
                monotonic_ms,
                clock: ClockRecord {
                    earliest: time,
                    latest: time,
                    trust: ClockTrustRecord::Synchronised,
                },
            },
            head: Head {
                sequence,
                ..Head::EMPTY
            },
            available: ContentHash::of(b""),
            proven: None,
        }
    }

    /// Whichever slot each of them is in.
    #[track_caller]
    fn check_newer(older: &Alive, newer: &Alive) {
        let key = samples::device();
        for blocks in [[older, newer], [newer, older]] {
            let folder = tempfile::tempdir().unwrap();
            let mut slots = AliveSlots::new(folder.path().to_owned(), &Found::default());
            for block in blocks {
                slots.write(block, &key).unwrap();
            }
            let found = find(folder.path(), &key.public());
            assert_eq!(found.newest.as_ref(), Some(newer));
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_block_older() {
        let (noon, eleven) = ("2026-11-21T12:00:00Z", "2026-11-21T11:00:00Z");
        check_newer(
            &alive("3f2c", 1_000, noon, 7),
            &alive("3f2c", 121_000, eleven, 7),
        );
        check_newer(
            &alive("3f2c", 121_000, noon, 7),
            &alive("3f2c", 1_000, eleven, 8),
        );
        // After a reboot the monotonic clock begins anew.
        check_newer(
            &alive("3f2c", 121_000, eleven, 7),
            &alive("77aa", 1_000, noon, 7),
        );
    }
}
