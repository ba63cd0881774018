//! The worker is confined, and ends when it is not needed.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

const WORKER: &str = env!("CARGO_BIN_EXE_vyveska-pages");

#[test]
fn a_confined_worker_can_open_no_file_and_no_socket() {
    let output = Command::new(WORKER).arg("--self-test").output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for attempt in [
        "read_file",
        "create_file",
        "list_folder",
        "internet_socket",
        "local_socket",
        "start_process",
        "start_thread",
    ] {
        assert!(report["after_seccomp"][attempt].is_string(), "{report}");
    }
    // No such process: only seccomp can have refused these two for lack of permission.
    for attempt in ["signal_another", "have_another_signalled"] {
        let refusal = report["after_seccomp"][attempt].as_str().unwrap();
        assert!(refusal.contains("not permitted"), "{report}");
        let before = report["after_landlock"][attempt].as_str().unwrap();
        assert!(!before.contains("not permitted"), "{report}");
    }
    assert!(
        report["after_seccomp"]["signal_itself"].is_null(),
        "{report}"
    );
    if report["landlock"] == "none" {
        println!("this kernel has no landlock, so only seccomp was tested");
    } else {
        for attempt in ["read_file", "create_file", "list_folder"] {
            assert!(report["after_landlock"][attempt].is_string(), "{report}");
        }
    }
    assert!(output.status.success());
}

#[test]
fn a_worker_started_by_hand_explains_itself() {
    let output = Command::new(WORKER).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("not by hand"), "{words}");
}

fn start(parent: u32) -> (std::os::fd::OwnedFd, Child) {
    let (ours, theirs) = socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    let child = Command::new(WORKER)
        .args(["--parent", &parent.to_string()])
        .stdin(Stdio::from(theirs))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (ours, child)
}

#[test]
fn a_worker_ends_when_its_client_closes_the_socket() {
    let (socket, mut worker) = start(std::process::id());
    drop(socket);
    worker.wait().unwrap();
}

#[test]
fn a_worker_dies_with_the_thread_that_started_it() {
    let thread = std::thread::spawn(|| {
        let (socket, worker) = start(std::process::id());
        // The greeting is sent after the worker has bound its lifetime to this thread.
        let mut greeting = [0; 4];
        rustix::net::recv(&socket, &mut greeting, rustix::net::RecvFlags::WAITALL).unwrap();
        assert_eq!(&greeting, b"VYPG");
        (socket, worker)
    });
    let (socket, mut worker) = thread.join().unwrap();
    assert_eq!(worker.wait().unwrap().signal(), Some(9));
    drop(socket);
}

#[test]
fn a_worker_whose_parent_has_ended_does_not_start() {
    let (_socket, mut worker) = start(1);
    assert_eq!(worker.wait().unwrap().code(), Some(1));
}
