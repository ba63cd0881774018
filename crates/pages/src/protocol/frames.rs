//! Frames on the socket between a client and its worker.
//!
//! A frame is a head of twelve bytes (magic, version, a reserved word, length of the body) and the body. At most one
//! descriptor comes with a frame, attached to its first byte. Both sides read with the same code. The client never
//! waits inside it, so the deadline also ends a worker that stops in the middle of a frame.

use super::VERSION;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

const MAGIC: [u8; 4] = *b"VYPG";
const HEAD_BYTES: usize = 12;
const CHUNK_BYTES: usize = 64 * 1024;

/// A request is a few numbers.
pub(crate) const MAX_REQUEST_BYTES: usize = 4 * 1024;
/// An answer may be the text of a page.
pub(crate) const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// One complete message.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) body: Vec<u8>,
    pub(crate) descriptor: Option<OwnedFd>,
}

impl Frame {
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> io::Result<T> {
        serde_json::from_slice(&self.body).map_err(io::Error::other)
    }
}

/// Why no frame could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("the other side has closed the connection")]
    Closed,
    #[error("the other side speaks version {0}, not {VERSION}")]
    Version(u16),
    #[error("the other side broke the rules of the connection ({0})")]
    Rules(&'static str),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Assembles frames from received bytes.
#[derive(Debug)]
pub(crate) struct FrameReader {
    max_body_bytes: usize,
    received: Vec<u8>,
    descriptor: Option<OwnedFd>,
}

impl FrameReader {
    pub(crate) fn new(max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            received: Vec::new(),
            descriptor: None,
        }
    }

    /// Reads until a frame is complete, blocking.
    pub(crate) fn read(&mut self, socket: BorrowedFd<'_>) -> Result<Frame, FrameError> {
        loop {
            if let Some(frame) = self.advance(socket, RecvFlags::empty())? {
                return Ok(frame);
            }
        }
    }

    /// Reads what has arrived; `None` when the frame is not complete yet.
    pub(crate) fn read_available(
        &mut self,
        socket: BorrowedFd<'_>,
    ) -> Result<Option<Frame>, FrameError> {
        loop {
            match self.advance(socket, RecvFlags::DONTWAIT) {
                Ok(None) => {}
                Err(FrameError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(None);
                }
                other => return other,
            }
        }
    }

    /// Receives once, never past the end of the current frame.
    fn advance(
        &mut self,
        socket: BorrowedFd<'_>,
        flags: RecvFlags,
    ) -> Result<Option<Frame>, FrameError> {
        let wanted = match self.body_bytes()? {
            None => HEAD_BYTES - self.received.len(),
            Some(body) => HEAD_BYTES + body - self.received.len(),
        };
        let before = self.received.len();
        self.received.resize(before + wanted.min(CHUNK_BYTES), 0);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let outcome = loop {
            let mut parts = [IoSliceMut::new(&mut self.received[before..])];
            match rustix::net::recvmsg(
                socket,
                &mut parts,
                &mut control,
                flags | RecvFlags::CMSG_CLOEXEC,
            ) {
                Err(Errno::INTR) => {}
                other => break other,
            }
        };
        self.received
            .truncate(before + outcome.as_ref().map_or(0, |message| message.bytes));
        let bytes = outcome.map_err(io::Error::from)?.bytes;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                for descriptor in descriptors {
                    if self.descriptor.replace(descriptor).is_some() {
                        return Err(FrameError::Rules("more than one descriptor"));
                    }
                }
            }
        }
        if bytes == 0 {
            return Err(FrameError::Closed);
        }
        match self.body_bytes()? {
            Some(body) if self.received.len() == HEAD_BYTES + body => {
                let body = self.received.split_off(HEAD_BYTES);
                self.received = Vec::new();
                Ok(Some(Frame {
                    body,
                    descriptor: self.descriptor.take(),
                }))
            }
            _ => Ok(None),
        }
    }

    /// The length of the body, once the head has arrived.
    fn body_bytes(&self) -> Result<Option<usize>, FrameError> {
        let Some((head, _)) = self.received.split_first_chunk::<HEAD_BYTES>() else {
            return Ok(None);
        };
        let [m0, m1, m2, m3, v0, v1, _, _, l0, l1, l2, l3] = *head;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(FrameError::Rules("not a frame"));
        }
        let version = u16::from_le_bytes([v0, v1]);
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        let body = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if body > self.max_body_bytes {
            return Err(FrameError::Rules("a message beyond its bound"));
        }
        Ok(Some(body))
    }
}

/// Sends one message; without `wait`, one that does not fit into the socket's buffer is an error.
pub(crate) fn send(
    socket: BorrowedFd<'_>,
    message: &impl Serialize,
    descriptor: Option<BorrowedFd<'_>>,
    wait: bool,
) -> io::Result<()> {
    let mut frame = Vec::with_capacity(256);
    frame.extend_from_slice(&MAGIC);
    frame.extend_from_slice(&VERSION.to_le_bytes());
    frame.extend_from_slice(&[0; 6]);
    serde_json::to_writer(&mut frame, message).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len() - HEAD_BYTES).map_err(io::Error::other)?;
    frame[8..HEAD_BYTES].copy_from_slice(&length.to_le_bytes());

    let mut flags = SendFlags::NOSIGNAL;
    if !wait {
        flags |= SendFlags::DONTWAIT;
    }
    let descriptors: Vec<_> = descriptor.into_iter().collect();
    let mut sent = 0;
    while sent < frame.len() {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if sent == 0 && !descriptors.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        match rustix::net::sendmsg(socket, &[IoSlice::new(&frame[sent..])], &mut control, flags) {
            Ok(bytes) => sent += bytes,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::CLOEXEC,
            None,
        )
        .unwrap()
    }

    #[test]
    fn frames_arrive_one_by_one_with_their_descriptors() {
        let (left, right) = pair();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"x").unwrap();
        send(left.as_fd(), &"first", Some(file.as_fd()), true).unwrap();
        send(left.as_fd(), &"second", None, true).unwrap();

        let mut reader = FrameReader::new(100);
        let first = reader.read(right.as_fd()).unwrap();
        assert_eq!(first.decode::<String>().unwrap(), "first");
        assert!(first.descriptor.is_some());
        let second = reader.read(right.as_fd()).unwrap();
        assert_eq!(second.decode::<String>().unwrap(), "second");
        assert!(second.descriptor.is_none());
    }

    #[test]
    fn a_partial_frame_does_not_block() {
        let (left, right) = pair();
        let mut reader = FrameReader::new(100);
        assert!(reader.read_available(right.as_fd()).unwrap().is_none());
        let mut raw = Vec::from(*b"VYPG");
        raw.extend_from_slice(&VERSION.to_le_bytes());
        raw.extend_from_slice(b"\0\0\x04\0\0\0\"a");
        let mut left = File::from(left);
        left.write_all(&raw).unwrap();
        assert!(reader.read_available(right.as_fd()).unwrap().is_none());
        left.write_all(b"b\"").unwrap();
        let frame = reader.read_available(right.as_fd()).unwrap().unwrap();
        assert_eq!(frame.decode::<String>().unwrap(), "ab");
    }

    #[track_caller]
    fn check_refused(bytes: &[u8]) {
        let (left, right) = pair();
        File::from(left).write_all(bytes).unwrap();
        let mut reader = FrameReader::new(100);
        assert!(reader.read(right.as_fd()).is_err());
    }

    #[test]
    fn what_is_not_a_frame_is_refused() {
        check_refused(b"");
        check_refused(b"HTTP/1.1 200 OK\r\n");
        check_refused(b"VYPG\x03\0\0\0\x04\0\0\0\"a");
        // A length over the limit, refused before memory is reserved for it.
        check_refused(b"VYPG\x03\0\0\0\xff\xff\xff\xff");
        // Another version.
        check_refused(b"VYPG\x63\0\0\0\x02\0\0\0\"\"");
    }

    #[test]
    fn a_full_socket_is_an_error_when_not_waiting() {
        let (left, right) = pair();
        let long = "x".repeat(8 * 1024 * 1024);
        assert!(send(left.as_fd(), &long, None, false).is_err());
        drop(left);
        let mut rest = Vec::new();
        File::from(right).read_to_end(&mut rest).unwrap();
    }
}
