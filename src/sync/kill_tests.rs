//! Kills the process at every durable step of taking a board, and at many moments in between.
//!
//! The test runs itself again as a child, which syncs over HTTP into a folder and is killed:
//! at its n-th durable step by itself, and from outside after a number of chunks of content were sent to it.
//! Afterwards the folder must contain the old board or the new one, whole, and a later start must reach the new one.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use vyveska_wire::manifest::ContentHash;

use super::http_tests::{http_client, parts};
use super::sample_central::SampleCentral;
use super::*;
use crate::store::samples::{self, SampleBoard};
use crate::store::{Reserve, SqliteBoardStore, StoreConfig, kill};

const FOLDER: &str = "VYVESKA_TEST_SYNC_FOLDER";
const CENTRAL: &str = "VYVESKA_TEST_SYNC_CENTRAL";

fn open(folder: &Path) -> Arc<SqliteBoardStore> {
    let config = StoreConfig::new(samples::central().public(), samples::display());
    let reserve = Arc::new(Reserve::open(folder, 0));
    Arc::new(SqliteBoardStore::open(folder, config, reserve).unwrap())
}

/// The child: brings the folder up to date with every document, and ends.
///
/// Does nothing when it runs as a test like the others.
#[tokio::test]
async fn child() {
    let (Ok(folder), Ok(central)) = (std::env::var(FOLDER), std::env::var(CENTRAL)) else {
        return;
    };
    let address: SocketAddr = central.parse().unwrap();
    let store = open(Path::new(&folder));
    let (sender, mut events) = mpsc::unbounded_channel();
    let sync = BoardSync::new(parts(http_client(address), store.clone(), sender));
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sync.run(shutdown.clone()));
    // `Heard` is sent at the end of a round, after documents no longer named were removed.
    let mut heard = false;
    loop {
        heard |= matches!(events.recv().await.unwrap(), SyncEvent::Heard(_));
        let board = store.current().unwrap();
        if heard
            && board.is_some_and(|board| {
                board.number() == 2 && board.documents().iter().all(|one| store.has(&one.hash))
            })
        {
            break;
        }
    }
    shutdown.cancel();
    running.await.unwrap();
}

fn run_child(folder: &Path, central: SocketAddr, die_at: Option<u64>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "sync::kill_tests::child", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(CENTRAL, central.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(step) = die_at {
        command.env(kill::DIE_AT, step.to_string());
    }
    command.spawn().unwrap()
}

fn boards() -> (SampleBoard, SampleBoard) {
    let documents: Vec<Vec<u8>> = (0..4_u8).map(|n| vec![n; 3_500]).collect();
    let slices: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
    (
        samples::board(1, &slices[..2]),
        samples::board(2, &slices[1..]),
    )
}

/// A folder with the old board, as a kiosk left it.
fn prepared(old: &SampleBoard) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for bytes in old.documents.values() {
        let content = vyveska_wire::manifest::ContentRef::to(bytes);
        let mut partial = store.begin(&content).unwrap();
        partial.write(bytes).unwrap();
        partial.commit().unwrap();
    }
    store.switch(&old.verify().unwrap()).unwrap();
    folder
}

/// Reopens what the killed process left: one of the two boards, its documents whole or missing. Returns which.
#[track_caller]
fn check_left_behind(folder: &Path, old: &SampleBoard, new: &SampleBoard) -> u64 {
    let store = open(folder);
    let board = store.current().unwrap().expect("a board was there before");
    let expected = if board.number() == 1 { old } else { new };
    assert_eq!(*board.manifest(), *expected.verify().unwrap().manifest());
    for (hash, bytes) in &expected.sections {
        assert_eq!(store.section(hash).unwrap().as_ref(), Some(bytes));
    }
    for document in board.documents() {
        let whole = store.open(&document.hash).unwrap().is_some();
        assert!(whole, "the switch comes after the documents");
    }
    board.number()
}

fn check_completes(folder: &Path, central: SocketAddr, new: &SampleBoard) {
    assert!(run_child(folder, central, None).wait().unwrap().success());
    let store = open(folder);
    assert_eq!(store.current().unwrap().unwrap().number(), 2);
    for hash in new.documents.keys() {
        assert!(store.open(hash).unwrap().is_some());
    }
    let left: Vec<ContentHash> = new.documents.keys().copied().collect();
    assert_eq!(
        store.prune(&left.into_iter().collect()).unwrap(),
        0,
        "nothing is left over"
    );
}

#[test]
fn killed_at_any_durable_step_the_board_is_the_old_one_or_the_new_one() {
    let (old, new) = boards();
    let central = SampleCentral::new();
    central.publish(new.clone());
    let address = central.serve();
    let next_step = AtomicU64::new(1);
    let left = [AtomicU64::new(0), AtomicU64::new(0)];
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let step = next_step.fetch_add(1, Ordering::SeqCst);
                    let folder = prepared(&old);
                    let mut child = run_child(folder.path(), address, Some(step));
                    if child.wait().unwrap().success() {
                        assert!(step > 30, "only {step} durable steps were seen");
                        return;
                    }
                    let number = check_left_behind(folder.path(), &old, &new);
                    left[usize::from(number == 2)].fetch_add(1, Ordering::SeqCst);
                    if step.is_multiple_of(4) {
                        check_completes(folder.path(), address, &new);
                    }
                }
            });
        }
    });
    let [old, new] = left.map(AtomicU64::into_inner);
    assert!(old > 10 && new > 1, "{old} old, {new} new");
}

#[test]
fn killed_while_anything_arrives_the_board_is_the_old_one_or_the_new_one() {
    let (old, new) = boards();
    let central = SampleCentral::new();
    central.publish(new.clone());
    let address = central.serve();
    for chunk in 1..=12 {
        let folder = prepared(&old);
        let child = Arc::new(Mutex::new(None::<Pid>));
        let target = Arc::clone(&child);
        let mut seen = 0;
        *central.before_chunk.lock().unwrap() = Some(Box::new(move || {
            seen += 1;
            if seen == chunk
                && let Some(pid) = *target.lock().unwrap()
            {
                let _ = kill_process(pid, Signal::KILL);
            }
        }));
        let mut running = {
            // Locked until the child's PID is known, so that no chunk is sent before.
            let mut pid = child.lock().unwrap();
            let running = run_child(folder.path(), address, None);
            *pid = Pid::from_raw(i32::try_from(running.id()).unwrap());
            running
        };
        running.wait().unwrap();
        *central.before_chunk.lock().unwrap() = None;
        check_left_behind(folder.path(), &old, &new);
        if chunk % 4 == 0 {
            check_completes(folder.path(), address, &new);
        }
    }
}
