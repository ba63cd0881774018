//! Checks the answer of a worker: nothing is believed that was not planned.

use super::{Failure, Supervisor};
use crate::error::PageError;
use crate::geometry::{Plan, plan};
use crate::memory;
use crate::page_image::{PageImage, RenderedPage};
use crate::protocol::frames::Frame;
use crate::protocol::{Operation, Outcome, Reply};
use crate::queue::{Job, WorkerReply};
use crate::worker_process::WorkerProcess;
use std::os::fd::OwnedFd;
use std::time::Instant;

impl Supervisor {
    pub(super) fn conclude(
        &mut self,
        mut worker: WorkerProcess,
        frame: Frame,
        job: &Job,
        started: Instant,
    ) -> Result<WorkerReply, Failure> {
        let broken = |detail: &str| {
            Failure::Page(PageError::WorkerDied {
                detail: format!("its answer is invalid: {detail}"),
            })
        };
        // Returning early drops and kills the worker: a process that breaks the protocol is not trusted any more.
        let reply: Reply = frame.decode().map_err(|error| broken(&error.to_string()))?;
        let answer = match (reply.outcome, &job.operation) {
            (Outcome::Failed(fault), _) => Err(Failure::Page(fault.into())),
            (Outcome::Opened(info), Operation::Open) => {
                if info.pages.is_empty() || info.pages.len() > self.options.max_pages as usize {
                    return Err(broken("an impossible number of pages"));
                }
                if !job.document.agrees(&info) {
                    return Err(broken("other pages than before"));
                }
                Ok(WorkerReply::Opened(info))
            }
            (Outcome::Text(text), Operation::Text { .. }) => Ok(WorkerReply::Text(text)),
            (
                Outcome::Rendered(drawing),
                Operation::Render {
                    page,
                    region,
                    scale,
                },
            ) => {
                if !job
                    .document
                    .has_page(*page, drawing.page_size, drawing.page_count)
                {
                    return Err(broken("another page size than before"));
                }
                let plan = plan(drawing.page_size, *region, *scale, self.options.max_pixels)
                    .map_err(|_| broken("an impossible page size"))?;
                let pixels = frame.descriptor.ok_or_else(|| broken("no pixels"))?;
                let image = take_pixels(&plan, &pixels).map_err(|e| broken(&e.to_string()))?;
                Ok(WorkerReply::Rendered(RenderedPage {
                    page: *page,
                    page_count: drawing.page_count,
                    page_size: drawing.page_size,
                    region: plan.region,
                    scale: plan.scale,
                    image,
                    warnings: drawing.warnings,
                    took: started.elapsed(),
                    worker_peak_bytes: worker.peak_bytes().unwrap_or(0),
                }))
            }
            _ => return Err(broken("an answer to another question")),
        };
        worker.holds = reply.holds;
        self.worker = Some(worker);
        answer
    }
}

/// Maps the pixels of an answer, which must be exactly as many as planned.
fn take_pixels(plan: &Plan, pixels: &OwnedFd) -> std::io::Result<PageImage> {
    let count = u64::from(plan.width) * u64::from(plan.height);
    Ok(PageImage {
        width: plan.width,
        height: plan.height,
        pixels: memory::map_sealed(pixels, count * 4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::geometry::{PageSize, Scale};
    use crate::memory::Draft;
    use crate::options::WorkerOptions;
    use crate::protocol::frames::{self, FrameReader, MAX_REQUEST_BYTES};
    use crate::protocol::{DocumentInfo, DocumentKind, Drawing, Hello};
    use crate::queue::{Priority, RequestId};
    use crate::supervisor::Shared;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use std::os::fd::AsFd as _;
    use std::process::{Command, Stdio};
    use std::sync::Arc;
    use std::time::Duration;
    use vyveska_confine::LandlockState;

    const PAGE: PageSize = PageSize {
        width: 200.0,
        height: 100.0,
    };

    /// What the client makes of an answer with so many pixels, by a worker that says what the test has it say.
    fn answered(
        document: &Document,
        operation: Operation,
        outcome: Outcome,
        pixels: Option<usize>,
    ) -> Result<WorkerReply, PageError> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
        let child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let worker = std::thread::spawn(move || {
            let landlock = LandlockState::Full;
            frames::send(theirs.as_fd(), &Hello { landlock }, None, true).unwrap();
            FrameReader::new(MAX_REQUEST_BYTES)
                .read(theirs.as_fd())
                .unwrap();
            let pixels = pixels.map(|count| Draft::new(count * 4).unwrap().seal().unwrap());
            let pixels = pixels.as_ref().map(std::os::fd::AsFd::as_fd);
            let holds = None;
            frames::send(theirs.as_fd(), &Reply { holds, outcome }, pixels, true).unwrap();
        });
        let options = WorkerOptions {
            request_deadline: Duration::from_secs(60),
            start_deadline: Duration::from_secs(60),
            ..WorkerOptions::new("/nonexistent")
        };
        let mut supervisor = Supervisor::new(Arc::new(Shared::new().unwrap()), options);
        supervisor.worker = Some(WorkerProcess::new(child, ours));
        let outcome = supervisor.exchange(&Job {
            id: RequestId(1),
            priority: Priority::Visible,
            document: document.clone(),
            operation,
            deliver: Box::new(|_| {}),
        });
        worker.join().unwrap();
        outcome.map_err(|failure| match failure {
            Failure::Page(error) | Failure::Unread(error) => error,
            Failure::Preempted => PageError::Cancelled,
        })
    }

    fn render(
        document: &Document,
        scale: Scale,
        page_size: PageSize,
        page_count: u32,
        pixels: usize,
    ) -> Result<WorkerReply, PageError> {
        let operation = Operation::Render {
            page: 0,
            region: None,
            scale,
        };
        let outcome = Outcome::Rendered(Drawing {
            page_count,
            page_size,
            warnings: Vec::new(),
        });
        answered(document, operation, outcome, Some(pixels))
    }

    #[track_caller]
    fn check_lie(answer: Result<WorkerReply, PageError>) {
        assert!(
            matches!(answer, Err(PageError::WorkerDied { .. })),
            "{answer:?}"
        );
    }

    #[test]
    fn an_answer_has_exactly_the_planned_number_of_pixels() {
        let document = Document::from_bytes(b"x").unwrap();
        let scale = Scale::FitWidth(50);
        let honest = render(&document, scale, PAGE, 1, 50 * 25);
        let Ok(WorkerReply::Rendered(page)) = honest else {
            panic!("{honest:?}");
        };
        assert_eq!((page.image.width(), page.image.height()), (50, 25));
        for lie in [1, 50 * 25 - 1, 50 * 25 + 1, 32_000_000] {
            check_lie(render(&document, scale, PAGE, 1, lie));
        }
    }

    #[test]
    fn a_document_keeps_the_pages_that_were_first_stated() {
        let document = Document::from_bytes(b"x").unwrap();
        let open = |pages: &[PageSize]| {
            let info = DocumentInfo {
                kind: DocumentKind::Pdf,
                pages: pages.to_vec(),
            };
            answered(&document, Operation::Open, Outcome::Opened(info), None)
        };
        assert!(open(&[PAGE]).is_ok());
        assert!(open(&[PAGE]).is_ok());
        check_lie(open(&[PAGE, PAGE]));
        // Consistent in itself, and 32 megapixels where 20,000 were expected.
        let scale = Scale::PerPoint(1.0);
        let tall = PageSize {
            width: 1000.0,
            height: 32_000.0,
        };
        check_lie(render(&document, scale, tall, 1, 32_000_000));
        check_lie(render(&document, scale, PAGE, 2, 20_000));
        assert!(render(&document, scale, PAGE, 1, 20_000).is_ok());
    }
}
