//! Priorities, cancellation and shutdown of the service.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::sync::mpsc;
use std::time::Duration;
use support::{PdfBuilder, document, endless, half_black, options, service};
use vyveska_pages::{PageError, PageService, Priority, RenderRequest, WorkerOptions};

fn impatient() -> PageService {
    PageService::start(WorkerOptions {
        request_deadline: Duration::from_secs(600),
        urgent_patience: Duration::from_millis(1),
        ..options()
    })
    .unwrap()
}

/// Requests a page and sends the number of pages or the error into the channel.
fn ask(
    service: &PageService,
    document: &vyveska_pages::Document,
    priority: Priority,
    answers: &mpsc::Sender<(&'static str, Result<u32, PageError>)>,
    name: &'static str,
) -> vyveska_pages::RequestId {
    let answers = answers.clone();
    service.render(
        document,
        RenderRequest::fit_width(0, 50),
        priority,
        move |answer| {
            answers
                .send((name, answer.map(|page| page.page_count)))
                .unwrap();
        },
    )
}

#[test]
fn an_urgent_request_does_not_wait_for_an_endless_one() {
    let service = impatient();
    let (sender, answers) = mpsc::channel();
    let endless = ask(
        &service,
        &document(endless()),
        Priority::Background,
        &sender,
        "endless",
    );
    ask(
        &service,
        &document(half_black()),
        Priority::Visible,
        &sender,
        "urgent",
    );
    assert_eq!(answers.recv().unwrap(), ("urgent", Ok(1)));
    // It was requeued, so it can still be cancelled.
    service.cancel(endless);
    ask(
        &service,
        &document(half_black()),
        Priority::Background,
        &sender,
        "last",
    );
    assert_eq!(
        answers.recv().unwrap(),
        ("endless", Err(PageError::Cancelled))
    );
    assert_eq!(answers.recv().unwrap(), ("last", Ok(1)));
}

#[test]
fn a_cancelled_request_yields_to_any_other() {
    let service = impatient();
    let (sender, answers) = mpsc::channel();
    let unwanted = ask(
        &service,
        &document(endless()),
        Priority::Visible,
        &sender,
        "unwanted",
    );
    service.cancel(unwanted);
    ask(
        &service,
        &document(half_black()),
        Priority::Background,
        &sender,
        "next",
    );
    assert_eq!(
        answers.recv().unwrap(),
        ("unwanted", Err(PageError::Cancelled))
    );
    assert_eq!(answers.recv().unwrap(), ("next", Ok(1)));
}

#[test]
fn a_waiting_request_that_is_cancelled_is_answered_at_once() {
    let service = impatient();
    let (sender, answers) = mpsc::channel();
    let first = ask(
        &service,
        &document(endless()),
        Priority::Visible,
        &sender,
        "first",
    );
    let waiting = ask(
        &service,
        &document(half_black()),
        Priority::Visible,
        &sender,
        "waiting",
    );
    service.cancel(waiting);
    assert_eq!(
        answers.recv().unwrap(),
        ("waiting", Err(PageError::Cancelled))
    );
    service.cancel(first);
    service.cancel(waiting);
}

#[test]
fn a_request_that_becomes_urgent_goes_first() {
    let service = impatient();
    let (sender, answers) = mpsc::channel();
    ask(
        &service,
        &document(endless()),
        Priority::Neighbour,
        &sender,
        "endless",
    );
    let raised = ask(
        &service,
        &document(half_black()),
        Priority::Background,
        &sender,
        "raised",
    );
    service.set_priority(raised, Priority::Visible);
    assert_eq!(answers.recv().unwrap(), ("raised", Ok(1)));
}

#[test]
fn dropping_the_service_answers_what_is_open() {
    let service = impatient();
    let (sender, answers) = mpsc::channel();
    ask(
        &service,
        &document(endless()),
        Priority::Visible,
        &sender,
        "running",
    );
    ask(
        &service,
        &document(half_black()),
        Priority::Background,
        &sender,
        "waiting",
    );
    drop(service);
    let mut open = [answers.recv().unwrap(), answers.recv().unwrap()];
    open.sort_by_key(|(name, _)| *name);
    assert_eq!(open[0], ("running", Err(PageError::Cancelled)));
    assert_eq!(open[1], ("waiting", Err(PageError::Cancelled)));
}

#[test]
fn the_last_handle_may_be_dropped_by_an_answer() {
    let service = service();
    let (sender, answers) = mpsc::channel();
    let handle = service.clone();
    service.open(&document(half_black()), Priority::Visible, move |answer| {
        drop(handle);
        sender.send(answer.is_ok()).unwrap();
    });
    drop(service);
    answers.recv().unwrap();
}

#[test]
fn an_answer_that_panics_does_not_stop_the_service() {
    let service = service();
    service.open(&document(half_black()), Priority::Visible, |_| {
        panic!("a fault of the receiver");
    });
    assert!(service.open_blocking(&document(half_black())).is_ok());
}

#[test]
fn pages_of_several_documents_are_not_mixed_up() {
    let service = service();
    let documents: Vec<_> = (1..=3)
        .map(|count| {
            let mut pdf = PdfBuilder::new();
            for _ in 0..count {
                pdf.page(10.0, 10.0, "", b"");
            }
            document(pdf.build())
        })
        .collect();
    for _ in 0..3 {
        for (index, document) in documents.iter().enumerate() {
            let page = service
                .render_blocking(document, RenderRequest::fit_width(0, 10))
                .unwrap();
            assert_eq!(page.page_count as usize, index + 1);
        }
    }
}

#[test]
fn a_document_is_served_again_after_its_worker_released_it() {
    for idle_memory_bytes in [0, u64::MAX] {
        let service = PageService::start(WorkerOptions {
            idle_release: Duration::ZERO,
            idle_memory_bytes,
            ..options()
        })
        .unwrap();
        let document = document(half_black());
        for _ in 0..5 {
            assert!(service.open_blocking(&document).is_ok());
        }
    }
}
