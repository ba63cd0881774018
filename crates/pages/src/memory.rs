//! Memory shared between a client and its worker.
//!
//! The only module that maps memory. Pixels come back in a memfd that the worker has sealed. Once the client has
//! checked the seals, the memory can neither shrink (which would turn a read into a signal) nor change, so the mapping
//! is plain bytes however hostile the worker is.

use memmap2::{Mmap, MmapMut, MmapOptions};
use rustix::fs::{MemfdFlags, SealFlags};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

/// Writable memory that becomes shareable once it is [sealed](Self::seal).
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
        // SAFETY: the memfd was made above and no other process has its descriptor until it is sealed.
        let map = unsafe { MmapOptions::new().len(bytes).map_mut(&descriptor) }?;
        Ok(Self { descriptor, map })
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.map
    }

    /// Makes the memory immutable and returns the descriptor to send.
    pub(crate) fn seal(self) -> io::Result<OwnedFd> {
        drop(self.map);
        rustix::fs::fcntl_add_seals(&self.descriptor, SEALS)?;
        Ok(self.descriptor)
    }
}

/// A sealed memfd with a copy of the bytes.
pub(crate) fn sealed_copy(bytes: &[u8]) -> io::Result<OwnedFd> {
    if bytes.is_empty() {
        return Ok(rustix::fs::memfd_create(
            "vyveska-pages",
            MemfdFlags::CLOEXEC,
        )?);
    }
    let mut draft = Draft::new(bytes.len())?;
    draft.bytes_mut().copy_from_slice(bytes);
    draft.seal()
}

/// Maps memory that a worker sent, if it has exactly the expected size and can no longer change.
pub(crate) fn map_sealed(descriptor: &OwnedFd, bytes: u64) -> io::Result<Mmap> {
    let seals = rustix::fs::fcntl_get_seals(descriptor)?;
    if !seals.contains(SEALS.difference(SealFlags::SEAL)) {
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
    // maps documents whose bytes another process could change; its decoders read them through shared slices of
    // plain bytes and check what they read, and a file that shrinks ends only the worker, with a signal.
    unsafe {
        MmapOptions::new().len(bytes).map(&descriptor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_memory_of_the_right_size_is_mapped() {
        let descriptor = sealed_copy(b"abcd").unwrap();
        assert_eq!(&map_sealed(&descriptor, 4).unwrap()[..], b"abcd");
    }

    #[test]
    fn memory_of_another_size_is_refused() {
        let descriptor = sealed_copy(b"abcd").unwrap();
        assert!(map_sealed(&descriptor, 8).is_err());
        assert!(map_sealed(&descriptor, 3).is_err());
    }

    #[test]
    fn memory_that_could_still_change_is_refused() {
        let descriptor = rustix::fs::memfd_create("x", MemfdFlags::ALLOW_SEALING).unwrap();
        rustix::fs::ftruncate(&descriptor, 4).unwrap();
        assert!(map_sealed(&descriptor, 4).is_err());
        rustix::fs::fcntl_add_seals(&descriptor, SealFlags::SHRINK | SealFlags::GROW).unwrap();
        assert!(map_sealed(&descriptor, 4).is_err());
    }

    #[test]
    fn a_plain_file_in_place_of_memory_is_refused() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(4).unwrap();
        assert!(map_sealed(&OwnedFd::from(file), 4).is_err());
    }
}
