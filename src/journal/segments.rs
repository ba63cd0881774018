//! The journal's files: `journal-000001.jsonl` and so on, one entry a line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::store::{is_full, read_small};

/// The largest segment that is read: many times what is ever written.
const MAX_SEGMENT_BYTES: u64 = 256 * 1024 * 1024;

pub(super) fn name(number: u32) -> String {
    format!("journal-{number:06}.jsonl")
}

pub(super) fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(name(number))
}

/// The numbers of the existing segments, in order. Files of any other name are none, also `journal-7.jsonl`.
pub(super) fn list(folder: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file_name = entry?.file_name();
        let number: Option<u32> = file_name
            .to_str()
            .and_then(|name| name.strip_prefix("journal-")?.strip_suffix(".jsonl"))
            .and_then(|number| number.parse().ok());
        numbers.extend(
            number
                .filter(|number| (1..u32::MAX).contains(number))
                .filter(|number| file_name.to_str() == Some(name(*number).as_str())),
        );
    }
    numbers.sort_unstable();
    Ok(numbers)
}

pub(super) fn read(folder: &Path, number: u32) -> io::Result<Vec<u8>> {
    let bytes = read_small(&path(folder, number), MAX_SEGMENT_BYTES)?;
    // Its name is there: a link that leads nowhere.
    bytes.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// The name of a segment that could not be read and was set aside.
pub(super) fn aside(folder: &Path, number: u32) -> PathBuf {
    aside_of(&path(folder, number))
}

fn aside_of(segment: &Path) -> PathBuf {
    segment.with_extension("unreadable")
}

/// Whether something was set aside from the place of this segment, even a link that leads nowhere.
pub(super) fn is_set_aside(segment: &Path) -> bool {
    fs::symlink_metadata(aside_of(segment)).is_ok()
}

/// Whether this error, of reading or writing a segment, is of that file alone, so that another one may work.
///
/// A full or read-only disk concerns every file, and a lack of memory or of open files may pass.
pub(super) fn is_damage(error: &io::Error) -> bool {
    let concerns_all = matches!(
        Errno::from_io_error(error),
        Some(Errno::ROFS | Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::INTR | Errno::AGAIN)
    );
    !concerns_all && !is_full(error)
}

/// The complete lines, without their line feeds, and what follows the last line feed.
pub(super) fn split(bytes: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let rest = parts.pop().unwrap_or_default();
    (parts, rest)
}
