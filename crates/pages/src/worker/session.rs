//! The worker's loop of requests and replies.

use super::arguments::Arguments;
use super::format;
use super::pages::{Bounds, Pages};
use super::pdf::PdfPages;
use super::picture::PicturePages;
use super::{confinement, pdf};
use crate::geometry::{GeometryFault, PageRect, PageSize, Scale, plan};
use crate::memory;
use crate::protocol::frames::{self, FrameError, FrameReader, MAX_REQUEST_BYTES};
use crate::protocol::{
    DocumentInfo, DocumentKind, Drawing, Fault, Hello, Operation, Outcome, Reply, Request,
};
use memmap2::Mmap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let socket = io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|error| error.to_string())?;
    let status = rustix::fs::fstat(&socket).map_err(|error| error.to_string())?;
    if rustix::fs::FileType::from_raw_mode(status.st_mode) != rustix::fs::FileType::Socket {
        return Err(
            "standard input is not a socket; this program is started by vyveska and vyveska-central, not by hand"
                .into(),
        );
    }
    let landlock = confinement::limit(arguments)
        .and_then(|()| confinement::enter_landlock())
        .and_then(|landlock| confinement::enter_seccomp().map(|()| landlock))
        .map_err(|error| error.to_string())?;
    // A decoder that panics is reported in the answer.
    std::panic::set_hook(Box::new(|_| {}));

    let mut session = Session {
        socket,
        reader: FrameReader::new(MAX_REQUEST_BYTES),
        bounds: Bounds {
            max_pixels: arguments.max_pixels,
            max_pages: arguments.max_pages as usize,
            max_picture_bytes: arguments.address_space_bytes / 2,
        },
    };
    session
        .send(&Hello { landlock }, None)
        .map_err(|error| error.to_string())?;
    match session.serve() {
        Ok(()) | Err(FrameError::Closed) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error.to_string()),
    }
}

struct Session {
    socket: OwnedFd,
    reader: FrameReader,
    bounds: Bounds,
}

/// A request that the open document cannot serve.
struct Next {
    request: Request,
    descriptor: Option<OwnedFd>,
}

impl Session {
    fn serve(&mut self) -> Result<(), FrameError> {
        let mut next = self.receive()?;
        loop {
            next = match self.serve_document(next)? {
                Some(next) => next,
                None => self.receive()?,
            };
        }
    }

    /// Serves requests for one document until one for another comes.
    fn serve_document(&mut self, first: Next) -> Result<Option<Next>, FrameError> {
        if first.request.operation == Operation::Release {
            return_free_memory();
            self.reply(None, Outcome::Released, None)?;
            return Ok(None);
        }
        let bytes = match first.descriptor.as_ref().map(map) {
            Some(Ok(bytes)) => bytes,
            Some(Err(fault)) => return self.refuse(fault),
            None => return Err(FrameError::Rules("a request without its document")),
        };
        let bounds = self.bounds;
        let kind = match format::recognise(&bytes) {
            Ok(kind) => kind,
            Err(fault) => return self.refuse(fault),
        };
        let first = first.request;
        if kind == DocumentKind::Pdf {
            let bytes = Arc::new(bytes);
            return match guarded(|| pdf::load(&bytes)) {
                Ok(pdf) => match guarded(|| PdfPages::new(&pdf, &bytes, &bounds)) {
                    Ok(mut pages) => self.serve_pages(&mut pages, first),
                    Err(fault) => self.refuse(fault),
                },
                Err(fault) => self.refuse(fault),
            };
        }
        match guarded(|| PicturePages::new(&bytes, kind, &bounds)) {
            Ok(mut pages) => self.serve_pages(&mut pages, first),
            Err(fault) => self.refuse(fault),
        }
    }

    fn refuse(&mut self, fault: Fault) -> Result<Option<Next>, FrameError> {
        self.reply(None, Outcome::Failed(fault), None)?;
        Ok(None)
    }

    fn serve_pages(
        &mut self,
        pages: &mut dyn Pages,
        first: Request,
    ) -> Result<Option<Next>, FrameError> {
        let document = first.document;
        let mut request = first;
        loop {
            let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
                answer(pages, &request.operation, &self.bounds)
            }));
            match outcome {
                Ok(Ok((outcome, pixels))) => self.reply(Some(document), outcome, pixels)?,
                Ok(Err(fault)) => self.reply(Some(document), Outcome::Failed(fault), None)?,
                Err(panic) => {
                    // The state of the decoder is unknown, so the document is closed.
                    return self.refuse(panicked(panic.as_ref()));
                }
            }
            let next = self.receive()?;
            if next.request.operation == Operation::Release
                || next.request.document != document
                || next.descriptor.is_some()
            {
                return Ok(Some(next));
            }
            request = next.request;
        }
    }

    fn receive(&mut self) -> Result<Next, FrameError> {
        let frame = self.reader.read(self.socket.as_fd())?;
        let request = frame
            .decode()
            .map_err(|_| FrameError::Rules("not a request"))?;
        Ok(Next {
            request,
            descriptor: frame.descriptor,
        })
    }

    fn reply(
        &mut self,
        holds: Option<u64>,
        outcome: Outcome,
        pixels: Option<OwnedFd>,
    ) -> Result<(), FrameError> {
        Ok(self.send(&Reply { holds, outcome }, pixels)?)
    }

    fn send(&self, message: &impl serde::Serialize, pixels: Option<OwnedFd>) -> io::Result<()> {
        let pixels = pixels.as_ref().map(AsFd::as_fd);
        frames::send(self.socket.as_fd(), message, pixels, true)
    }
}

fn map(descriptor: &OwnedFd) -> Result<Mmap, Fault> {
    let status = rustix::fs::fstat(descriptor)
        .map_err(|error| Fault::Broken(format!("its bytes cannot be reached: {error}")))?;
    if status.st_size == 0 {
        return Err(Fault::Empty);
    }
    memory::map_document(descriptor.as_fd())
        .map_err(|error| Fault::TooLarge(format!("there is no memory for its bytes: {error}")))
}

fn answer(
    pages: &mut dyn Pages,
    operation: &Operation,
    bounds: &Bounds,
) -> Result<(Outcome, Option<OwnedFd>), Fault> {
    match *operation {
        Operation::Open => Ok((Outcome::Opened(pages.info().clone()), None)),
        Operation::Text { page } => {
            let (index, _) = locate(pages.info(), page)?;
            Ok((Outcome::Text(pages.text(index)?), None))
        }
        Operation::Render {
            page,
            region,
            scale,
        } => draw(pages, page, region, scale, bounds),
        Operation::Release => Ok((Outcome::Released, None)),
    }
}

fn draw(
    pages: &mut dyn Pages,
    page: u32,
    region: Option<PageRect>,
    scale: Scale,
    bounds: &Bounds,
) -> Result<(Outcome, Option<OwnedFd>), Fault> {
    let (index, page_size) = locate(pages.info(), page)?;
    let plan = plan(page_size, region, scale, bounds.max_pixels).map_err(|fault| match fault {
        GeometryFault::Senseless => Fault::Broken("its page has no area".into()),
        GeometryFault::TooManyPixels => Fault::TooLarge(format!(
            "a page of {} by {} points has too many pixels at this size",
            page_size.width, page_size.height
        )),
    })?;
    let page_count = u32::try_from(pages.info().pages.len()).unwrap_or(u32::MAX);
    let (draft, warnings) = pages.draw(index, &plan, bounds)?;
    let pixels = draft
        .seal()
        .map_err(|error| Fault::TooLarge(format!("its pixels cannot be shared: {error}")))?;
    let drawing = Drawing {
        page_count,
        page_size,
        warnings,
    };
    Ok((Outcome::Rendered(drawing), Some(pixels)))
}

fn locate(info: &DocumentInfo, page: u32) -> Result<(usize, PageSize), Fault> {
    let index = page as usize;
    info.pages
        .get(index)
        .map(|size| (index, *size))
        .ok_or(Fault::NoSuchPage {
            page,
            count: u32::try_from(info.pages.len()).unwrap_or(u32::MAX),
        })
}

/// Turns a panic of a decoder into a fault of the document.
fn guarded<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    let detail = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    // The message may contain bytes of the document.
    let detail: String = detail
        .chars()
        .filter(|letter| !letter.is_control())
        .take(120)
        .collect();
    Fault::Broken(format!("its decoder failed: {detail}"))
}

/// Returns freed memory to the system, so that an idle worker stays small.
fn return_free_memory() {
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "malloc_trim is a foreign function")]
    // SAFETY: malloc_trim takes a number, touches only free memory, and this process has one thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
