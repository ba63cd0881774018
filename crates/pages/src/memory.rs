//! Memory shared between a client and its worker.
//!
//! The only module that maps anything. Pixels come back in a memfd that the worker has sealed: after
//! the seals are checked it can neither shrink (which would turn a read into a signal) nor change, so the client
//! may treat the mapping as plain bytes however hostile the worker is.

use memmap2::{Mmap, MmapMut, MmapOptions};
use rustix::fs::{MemfdFlags, SealFlags};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const FROZEN: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

/// Writable memory that becomes shareable once it is [frozen](Self::freeze).
pub(crate) struct Draft {
    descriptor: OwnedFd,
    map: MmapMut,
}

impl Draft {
    pub(crate) fn new(bytes: usize) -> io::Result<Self> {
        let descriptor = rustix::fs::memfd_create(
            "vyveska-pages",
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?;
        rustix::fs::ftruncate(&descriptor, bytes as u64)?;
        #[expect(
            unsafe_code,
            reason = "mapping is unsafe because others may change the file"
        )]
        // SAFETY: the memfd was made above and nobody else has its descriptor until it is frozen.
        let map = unsafe { MmapOptions::new().len(bytes).map_mut(&descriptor) }?;
        Ok(Self { descriptor, map })
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.map
    }

    /// Ends the writing for good and gives the descriptor to send.
    pub(crate) fn freeze(self) -> io::Result<OwnedFd> {
        drop(self.map);
        rustix::fs::fcntl_add_seals(&self.descriptor, FROZEN)?;
        Ok(self.descriptor)
    }
}

/// A frozen memfd that holds a copy of the bytes.
pub(crate) fn sealed_copy(bytes: &[u8]) -> io::Result<OwnedFd> {
    if bytes.is_empty() {
        return Ok(rustix::fs::memfd_create(
            "vyveska-pages",
            MemfdFlags::CLOEXEC,
        )?);
    }
    let mut draft = Draft::new(bytes.len())?;
    draft.bytes_mut().copy_from_slice(bytes);
    draft.freeze()
}

/// Maps what a worker sent, if it has exactly the size it must have and can no longer change.
pub(crate) fn map_frozen(descriptor: &OwnedFd, bytes: u64) -> io::Result<Mmap> {
    let seals = rustix::fs::fcntl_get_seals(descriptor)?;
    if !seals.contains(FROZEN.difference(SealFlags::SEAL)) {
        return Err(io::Error::other("the shared memory is not sealed"));
    }
    let status = rustix::fs::fstat(descriptor)?;
    if u64::try_from(status.st_size) != Ok(bytes) {
        return Err(io::Error::other(
            "the shared memory has another size than was announced",
        ));
    }
    map(descriptor.as_fd(), bytes)
}

/// Maps a document for reading, inside the worker.
pub(crate) fn map_document(descriptor: BorrowedFd<'_>) -> io::Result<Mmap> {
    let status = rustix::fs::fstat(descriptor)?;
    map(descriptor, u64::try_from(status.st_size).unwrap_or(0))
}

fn map(descriptor: BorrowedFd<'_>, bytes: u64) -> io::Result<Mmap> {
    let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
    #[expect(
        unsafe_code,
        reason = "mapping is unsafe because others may change the file"
    )]
    // SAFETY: the client maps only memory whose seals it has checked, which can neither change nor shrink. A worker
    // maps documents whose bytes somebody else could change; its decoders read them through shared slices of
    // plain bytes and check what they read, and a file that shrinks ends the worker with a signal, which is one of
    // the things a worker exists to take.
    unsafe {
        MmapOptions::new().len(bytes).map(&descriptor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frozen_memory_of_the_right_size_is_mapped() {
        let descriptor = sealed_copy(b"abcd").unwrap();
        assert_eq!(&map_frozen(&descriptor, 4).unwrap()[..], b"abcd");
    }

    #[test]
    fn memory_of_another_size_is_refused() {
        let descriptor = sealed_copy(b"abcd").unwrap();
        assert!(map_frozen(&descriptor, 8).is_err());
        assert!(map_frozen(&descriptor, 3).is_err());
    }

    #[test]
    fn memory_that_could_still_change_is_refused() {
        let descriptor = rustix::fs::memfd_create("x", MemfdFlags::ALLOW_SEALING).unwrap();
        rustix::fs::ftruncate(&descriptor, 4).unwrap();
        assert!(map_frozen(&descriptor, 4).is_err());
        rustix::fs::fcntl_add_seals(&descriptor, SealFlags::SHRINK | SealFlags::GROW).unwrap();
        assert!(map_frozen(&descriptor, 4).is_err());
    }

    #[test]
    fn a_plain_file_in_place_of_memory_is_refused() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(4).unwrap();
        assert!(map_frozen(&OwnedFd::from(file), 4).is_err());
    }
}
