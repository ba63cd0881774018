//! The processor time that the jury takes for a page of the sample town's documents: that of this process, of the page
//! worker and of the other engines. The time of a document is shared among its pages.
//!
//! `--smoke` examines few documents, to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vyveska_central::document::reader::PageReader;
use vyveska_central::jury::Jury;
use vyveska_pages::{Document, WorkerOptions};

/// What the system counts processor time in.
const TICKS_A_SECOND: u64 = 100;

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--smoke");
    let most = if is_smoke { 2 } else { usize::MAX };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/sample-town/documents");
    let documents = std::fs::read_dir(folder).expect("the sample town");
    let documents = documents.map(|document| document.expect("a document").path());
    let mut documents: Vec<PathBuf> = documents.collect();
    documents.sort();
    documents.truncate(most);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(&documents));
}

async fn measure(documents: &[PathBuf]) {
    let jury = Jury::find().await;
    println!("{:?}", jury.versions());
    let worker = WorkerOptions::beside_current_exe();
    let reader = PageReader::new(worker.expect("vyveska-pages beside this program"));
    let mut pages: Vec<(Duration, String)> = Vec::new();
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for path in documents {
        let bytes = std::fs::read(path).expect("a document");
        let document = Document::from_bytes(&bytes).expect("memory");
        let before = processor_time();
        let examination = jury.examine(&reader, &document, &bytes).await;
        let took = processor_time() - before;
        let examined = examination.expect("an examination").pages;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for page in &examined {
            pages.push((took / examined.len() as u32, name.to_string()));
            *verdicts.entry(format!("{:?}", page.verdict)).or_default() += 1;
        }
    }
    pages.sort();
    let (worst, document) = pages.last().expect("a page");
    println!(
        "{} pages of {} documents: median {:.2?}, 95th percentile {:.2?}, worst {worst:.2?} ({document})",
        pages.len(),
        documents.len(),
        pages[pages.len() / 2].0,
        pages[pages.len() * 95 / 100].0,
    );
    println!("verdicts: {verdicts:?}");
}

/// What this process and its children, those that ended too, have used of all processors.
fn processor_time() -> Duration {
    let own = std::process::id();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let ticks: u64 = processes
        .filter_map(|process| {
            // It may have ended since.
            let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
            let (head, fields) = stat.rsplit_once(") ")?;
            let fields: Vec<&str> = fields.split(' ').collect();
            let [id, parent] = [head.split(' ').next()?, fields[1]].map(str::parse::<u32>);
            let is_ours = id == Ok(own) || parent == Ok(own);
            let ticks = fields[11..15].iter().map(|ticks| ticks.parse::<u64>());
            is_ours.then(|| ticks.map(|ticks| ticks.expect("a number")).sum::<u64>())
        })
        .sum();
    Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND)
}
