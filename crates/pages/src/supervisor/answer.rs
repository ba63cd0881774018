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
        operation: &Operation,
        started: Instant,
    ) -> Result<WorkerReply, Failure> {
        let invalid = |detail: &str| PageError::WorkerDied {
            detail: format!("its answer is invalid: {detail}"),
        };
        let broken = |detail: &str| Failure::Page(invalid(detail));
        let contradicted = |detail: &str| Failure::Contradicted(invalid(detail));
        // Returning early drops and kills the worker: a process that breaks the protocol is not trusted any more.
        let reply: Reply = frame.decode().map_err(|error| broken(&error.to_string()))?;
        let answer = match (reply.outcome, operation) {
            (Outcome::Failed(fault), _) => Err(Failure::Page(fault.into())),
            (Outcome::Opened(info), Operation::Open) => {
                if info.pages.is_empty() || info.pages.len() > self.options.max_pages as usize {
                    return Err(broken("an impossible number of pages"));
                }
                if !job.document.agrees(&info) {
                    return Err(contradicted("other pages than before"));
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
                    return Err(contradicted("another page size than before"));
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
    use std::os::fd::AsFd;
    use std::process::{Command, Stdio};
    use std::sync::Arc;
    use std::thread::JoinHandle;
    use std::time::Duration;
    use vyveska_confine::LandlockState;

    const PAGE: PageSize = PageSize {
        width: 200.0,
        height: 100.0,
    };

    /// An outcome, and as many pixels with it.
    type Statement = (Outcome, Option<usize>);

    /// A worker that makes these statements, one for each request.
    fn lying_worker(statements: Vec<Statement>) -> (WorkerProcess, JoinHandle<()>) {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
        let child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let thread = std::thread::spawn(move || {
            let landlock = LandlockState::Full;
            // Nobody listens where no other worker is asked.
            if frames::send(theirs.as_fd(), &Hello { landlock }, None, true).is_err() {
                return;
            }
            let mut requests = FrameReader::new(MAX_REQUEST_BYTES);
            for (outcome, pixels) in statements {
                // Nobody asks any more once it has contradicted.
                if requests.read(theirs.as_fd()).is_err() {
                    return;
                }
                let pixels = pixels.map(|count| Draft::new(count * 4).unwrap().seal().unwrap());
                let pixels = pixels.as_ref().map(AsFd::as_fd);
                let holds = None;
                frames::send(theirs.as_fd(), &Reply { holds, outcome }, pixels, true).unwrap();
            }
        });
        (WorkerProcess::new(child, ours), thread)
    }

    /// What the client makes of what one worker states, or, where it asks another, of what that states.
    fn answered(
        document: &Document,
        operation: Operation,
        first: Vec<Statement>,
        second: Vec<Statement>,
    ) -> Result<WorkerReply, PageError> {
        let options = WorkerOptions {
            request_deadline: Duration::from_secs(600),
            start_deadline: Duration::from_secs(600),
            ..WorkerOptions::new("/nonexistent")
        };
        let (worker, first) = lying_worker(first);
        let (spare, second) = lying_worker(second);
        let mut supervisor = Supervisor::new(Arc::new(Shared::new().unwrap()), options);
        supervisor.worker = Some(worker);
        supervisor.spare = Some(spare);
        let outcome = supervisor.exchange(&Job {
            id: RequestId(1),
            priority: Priority::Visible,
            document: document.clone(),
            operation,
            deliver: Box::new(|_| {}),
        });
        drop(supervisor);
        first.join().unwrap();
        second.join().unwrap();
        outcome.map_err(|failure| match failure {
            Failure::Page(error) | Failure::Unread(error) | Failure::Contradicted(error) => error,
            Failure::Preempted => PageError::Cancelled,
        })
    }

    fn opened(pages: &[PageSize]) -> Statement {
        let info = DocumentInfo {
            kind: DocumentKind::Pdf,
            pages: pages.to_vec(),
            warnings: Vec::new(),
        };
        (Outcome::Opened(info), None)
    }

    fn rendered(page_size: PageSize, page_count: u32, pixels: usize) -> Statement {
        let drawing = Drawing {
            page_count,
            page_size,
            warnings: Vec::new(),
        };
        (Outcome::Rendered(drawing), Some(pixels))
    }

    fn render(scale: Scale) -> Operation {
        Operation::Render {
            page: 0,
            region: None,
            scale,
        }
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
        let draw = |pixels| {
            let statements = vec![rendered(PAGE, 1, pixels)];
            answered(&document, render(Scale::FitWidth(50)), statements, vec![])
        };
        assert!(document.agrees(&DocumentInfo {
            kind: DocumentKind::Pdf,
            pages: vec![PAGE],
            warnings: Vec::new(),
        }));
        let honest = draw(50 * 25);
        let Ok(WorkerReply::Rendered(page)) = honest else {
            panic!("{honest:?}");
        };
        assert_eq!((page.image.width(), page.image.height()), (50, 25));
        for lie in [1, 50 * 25 - 1, 50 * 25 + 1, 32_000_000] {
            check_lie(draw(lie));
        }
    }

    /// Consistent in itself: as many pixels as such a page has, and far more than [`PAGE`].
    const TALL: PageSize = PageSize {
        width: 1000.0,
        height: 32_000.0,
    };

    #[test]
    fn a_page_is_drawn_only_in_the_size_that_was_stated_before() {
        let draw = render(Scale::PerPoint(1.0));
        // Nobody has opened the document yet: the drawing worker has to, and then contradicts itself.
        let document = Document::from_bytes(b"x").unwrap();
        let lies = vec![opened(&[PAGE]), rendered(TALL, 1, 32_000_000)];
        check_lie(answered(&document, draw.clone(), lies.clone(), lies));
        let document = Document::from_bytes(b"x").unwrap();
        let honest = vec![opened(&[PAGE]), rendered(PAGE, 1, 20_000)];
        assert!(answered(&document, draw.clone(), honest.clone(), vec![]).is_ok());
        // Now it is known, and drawn without being opened again.
        let drawn = vec![rendered(PAGE, 1, 20_000)];
        assert!(answered(&document, draw.clone(), drawn, vec![]).is_ok());
        let other_count = vec![rendered(PAGE, 2, 20_000)];
        assert!(answered(&document, draw, other_count, honest).is_ok());
    }

    #[test]
    fn a_fresh_worker_decides_what_was_stated_differently() {
        let document = Document::from_bytes(b"x").unwrap();
        let open = |first, second| answered(&document, Operation::Open, vec![first], vec![second]);
        // A worker that an earlier document has taken over lies about this one.
        assert!(open(opened(&[TALL]), opened(&[])).is_ok());
        let pages = |answer| match answer {
            Ok(WorkerReply::Opened(info)) => info.pages,
            other => panic!("{other:?}"),
        };
        let honest = opened(&[PAGE]);
        assert_eq!(pages(open(honest.clone(), honest.clone())), [PAGE]);
        // The truth counts from now on, and one lie more changes nothing.
        assert_eq!(pages(open(honest.clone(), opened(&[]))), [PAGE]);
        assert_eq!(pages(open(opened(&[TALL]), honest.clone())), [PAGE]);
        assert_eq!(pages(open(honest, opened(&[]))), [PAGE]);
    }
}
