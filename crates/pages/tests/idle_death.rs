//! A worker that the system killed while idle costs no document.
//!
//! In an executable of its own, since the test kills every child of its process.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use rustix::process::{Pid, Signal, kill_process};
use support::{document, half_black, service};
use vyveska_pages::RenderRequest;

/// The process ids of the children of this process, where the kernel lists them.
fn children() -> Option<Vec<Pid>> {
    let mut children = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let list = std::fs::read_to_string(task.ok()?.path().join("children")).ok()?;
        let ids = list.split_whitespace().map(|id| id.parse().unwrap());
        children.extend(ids.filter_map(Pid::from_raw));
    }
    Some(children)
}

#[test]
fn a_document_is_drawn_although_its_idle_worker_was_killed() {
    let service = service();
    let document = document(half_black());
    for _ in 0..3 {
        let page = service.render_blocking(&document, RenderRequest::fit_width(0, 40));
        assert_eq!(page.unwrap().image.width(), 40);
        let Some(children) = children() else {
            println!("this kernel does not list children, so nothing was tested");
            return;
        };
        for child in children {
            // One that was being replaced may have ended already.
            let _ = kill_process(child, Signal::KILL);
        }
    }
}
