//! The journal's files: `journal-000001.jsonl` and so on, one entry a line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::store::{is_damaged, read_small};

/// The largest segment that is read: many times what is ever written.
const MAX_SEGMENT_BYTES: u64 = 256 * 1024 * 1024;

pub(super) fn name(number: u32) -> String {
    format!("journal-{number:06}.jsonl")
}

pub(super) fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(name(number))
}

/// The numbers of the existing segments, in order.
pub(super) fn list(folder: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number: Option<u32> = name
            .to_str()
            .and_then(|name| name.strip_prefix("journal-")?.strip_suffix(".jsonl"))
            .and_then(|number| number.parse().ok());
        numbers.extend(number.filter(|number| (1..u32::MAX).contains(number)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

pub(super) fn read(folder: &Path, number: u32) -> io::Result<Vec<u8>> {
    let bytes = read_small(&path(folder, number), MAX_SEGMENT_BYTES)?;
    // The system's own error: one of this program would count as damage.
    bytes.ok_or_else(|| Errno::NOENT.into())
}

/// The name of a segment that could not be read and was set aside.
pub(super) fn aside(folder: &Path, number: u32) -> PathBuf {
    aside_of(&path(folder, number))
}

pub(super) fn aside_of(segment: &Path) -> PathBuf {
    segment.with_extension("unreadable")
}

/// Whether this error of [`read`] means that a segment can no longer be read. Others, such as too many open files,
/// may pass.
pub(super) fn is_unreadable(error: &io::Error) -> bool {
    is_damaged(error) || error.raw_os_error().is_none()
}

/// The complete lines, without their line feeds, and what follows the last line feed.
pub(super) fn split(bytes: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let rest = parts.pop().unwrap_or_default();
    (parts, rest)
}
