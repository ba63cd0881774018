//! The queue of requests, by priority.

use crate::document::Document;
use crate::error::PageError;
use crate::page_image::RenderedPage;
use crate::protocol::{DocumentInfo, Operation};
use crate::text::PageText;

/// How urgent a request is. Later variants are more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Thumbnails, indexing.
    Background,
    /// Likely to be shown next: the following page.
    Neighbour,
    /// On the screen now.
    Visible,
}

/// Identifies a request, to cancel it or to change its priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(crate) u64);

#[derive(Debug)]
pub(crate) enum WorkerReply {
    Opened(DocumentInfo),
    Rendered(RenderedPage),
    Text(PageText),
}

pub(crate) type Deliver = Box<dyn FnOnce(Result<WorkerReply, PageError>) + Send>;

pub(crate) struct Job {
    pub(crate) id: RequestId,
    pub(crate) priority: Priority,
    pub(crate) document: Document,
    pub(crate) operation: Operation,
    pub(crate) deliver: Deliver,
}

/// Waiting requests, oldest first.
#[derive(Default)]
pub(crate) struct Queue {
    jobs: Vec<Job>,
}

impl Queue {
    pub(crate) fn push(&mut self, job: Job) {
        let place = self.jobs.partition_point(|other| other.id < job.id);
        self.jobs.insert(place, job);
    }

    /// Removes the most urgent job; of equals, the oldest.
    pub(crate) fn pop(&mut self) -> Option<Job> {
        let urgency = self.most_urgent()?;
        let place = self.jobs.iter().position(|job| job.priority == urgency)?;
        Some(self.jobs.remove(place))
    }

    pub(crate) fn most_urgent(&self) -> Option<Priority> {
        self.jobs.iter().map(|job| job.priority).max()
    }

    pub(crate) fn remove(&mut self, id: RequestId) -> Option<Job> {
        let place = self.jobs.iter().position(|job| job.id == id)?;
        Some(self.jobs.remove(place))
    }

    pub(crate) fn set_priority(&mut self, id: RequestId, priority: Priority) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) {
            job.priority = priority;
        }
    }

    pub(crate) fn drain(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(jobs: &[(u64, Priority)]) -> Queue {
        let document = Document::from_bytes(b"x").unwrap();
        let mut queue = Queue::default();
        for (id, priority) in jobs {
            queue.push(Job {
                id: RequestId(*id),
                priority: *priority,
                document: document.clone(),
                operation: Operation::Open,
                deliver: Box::new(|_| {}),
            });
        }
        queue
    }

    #[track_caller]
    fn check_order(mut queue: Queue, expected: &[u64]) {
        let mut order = Vec::new();
        while let Some(job) = queue.pop() {
            order.push(job.id.0);
        }
        assert_eq!(order, expected);
    }

    use Priority::{Background, Neighbour, Visible};

    #[test]
    fn the_urgent_come_first_and_equals_in_order() {
        let jobs = [(1, Background), (2, Visible), (3, Neighbour), (4, Visible)];
        check_order(queue(&jobs), &[2, 4, 3, 1]);
    }

    #[test]
    fn a_requeued_job_keeps_its_position() {
        let mut queue = queue(&[(1, Background), (2, Background)]);
        let first = queue.pop().unwrap();
        queue.push(first);
        check_order(queue, &[1, 2]);
    }

    #[test]
    fn a_removed_job_is_not_served_and_a_raised_one_is_sooner() {
        let mut queue = queue(&[(1, Visible), (2, Neighbour), (3, Background)]);
        assert!(queue.remove(RequestId(1)).is_some());
        assert!(queue.remove(RequestId(1)).is_none());
        queue.set_priority(RequestId(3), Visible);
        check_order(queue, &[3, 2]);
    }
}
