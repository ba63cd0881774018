//! One worker process as the client sees it.

use crate::options::WorkerOptions;
use crate::protocol::frames::{self, Frame, FrameError, FrameReader, MAX_REPLY_BYTES};
use crate::protocol::{Hello, Request};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use vyveska_confine::LandlockState;

/// A worker writes a line or two about its own end.
const MAX_STDERR_BYTES: u64 = 4 * 1024;

/// A running worker; killed when dropped.
#[derive(Debug)]
pub(crate) struct WorkerProcess {
    child: Child,
    socket: OwnedFd,
    reader: FrameReader,
    ready: bool,
    pub(crate) holds: Option<u64>,
    pub(crate) documents: u32,
}

/// How a worker ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExitCause {
    /// It asked for more memory than its address space has.
    OutOfMemory,
    Other(String),
}

impl WorkerProcess {
    /// Starts a worker; it confines itself while the caller goes on.
    pub(crate) fn start(options: &WorkerOptions) -> io::Result<Self> {
        let (ours, theirs) = socketpair(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::CLOEXEC,
            None,
        )?;
        let child = Command::new(&options.program)
            .arg("--parent")
            .arg(std::process::id().to_string())
            .arg("--address-space")
            .arg(options.address_space_bytes.to_string())
            .arg("--max-pixels")
            .arg(options.max_pixels.to_string())
            .arg("--max-pages")
            .arg(options.max_pages.to_string())
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self::new(child, ours))
    }

    /// A worker at the other end of `socket`.
    pub(crate) fn new(child: Child, socket: OwnedFd) -> Self {
        Self {
            child,
            socket,
            reader: FrameReader::new(MAX_REPLY_BYTES),
            ready: false,
            holds: None,
            documents: 0,
        }
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Sends a request, with the document when the worker does not hold it.
    pub(crate) fn ask(
        &mut self,
        request: &Request,
        document: Option<BorrowedFd<'_>>,
    ) -> io::Result<()> {
        if document.is_some() {
            self.documents = self.documents.saturating_add(1);
        }
        frames::send(self.socket.as_fd(), request, document, false)
    }

    /// The next complete answer, if there is one. The [`Hello`] of a new worker is consumed on the way.
    pub(crate) fn answer(&mut self) -> Result<Option<Frame>, FrameError> {
        loop {
            let Some(frame) = self.reader.read_available(self.socket.as_fd())? else {
                return Ok(None);
            };
            if self.ready {
                return Ok(Some(frame));
            }
            let hello: Hello = frame
                .decode()
                .map_err(|_| FrameError::Rules("no greeting"))?;
            self.ready = true;
            match hello.landlock {
                LandlockState::Full => {}
                LandlockState::Partial => {
                    tracing::debug!("the kernel knows only a part of landlock");
                }
                LandlockState::None => {
                    tracing::warn!(
                        "the kernel has no landlock; page workers are confined by seccomp alone"
                    );
                }
            }
        }
    }

    /// Whether the worker has reported its confinement.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether the worker has ended or was killed since it was last used.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The worker's private memory, without code and mapped files.
    pub(crate) fn private_bytes(&self) -> Option<u64> {
        Some(self.status_bytes("RssAnon:")? + self.status_bytes("RssShmem:")?)
    }

    /// The most the worker ever had resident.
    pub(crate) fn peak_bytes(&self) -> Option<u64> {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, field: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Ends the worker, if it still runs.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Kills the worker and determines why it had closed its connection.
    pub(crate) fn exit_cause(mut self) -> ExitCause {
        // It may have closed the connection and still run. A process that is already exiting keeps its first cause.
        let _ = self.child.kill();
        let status = self.child.wait();
        let mut stderr_text = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            let mut bytes = Vec::new();
            // What it wrote is still in the pipe; without it the exit status alone is reported.
            let _ = stderr.take(MAX_STDERR_BYTES).read_to_end(&mut bytes);
            stderr_text = String::from_utf8_lossy(&bytes).trim().to_owned();
        }
        if stderr_text.contains("memory allocation of") {
            return ExitCause::OutOfMemory;
        }
        let cause = match status {
            Ok(status) => match (status.signal(), status.code()) {
                (Some(signal), _) => format!("signal {signal}"),
                (None, Some(code)) => format!("status {code}"),
                (None, None) => "for an unknown reason".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        match stderr_text.lines().last() {
            Some(line) if !line.is_empty() => ExitCause::Other(format!("{cause}: {line}")),
            _ => ExitCause::Other(cause),
        }
    }

    fn end(&mut self) {
        // Failing means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.end();
    }
}
