//! Boards that no feed brought.

use tempfile::TempDir;
use vyveska_board::ofn::{FeedKey, FeedNotice};
use vyveska_board::{BoardIri, Channel, FakeClock, LanguageMap, Moment, NoticeIri, Revision};

use super::*;
use crate::storage::SqliteStorage;

/// As a clerk's form might give it.
fn entered(title: &str) -> FeedNotice {
    let iri = NoticeIri::new("https://deska.example/1");
    FeedNotice {
        key: FeedKey::Iri(iri.clone()),
        iri: Some(iri),
        url: None,
        title: LanguageMap::czech(title),
        description: LanguageMap::default(),
        posted: Moment::Date("2026-11-21".parse().unwrap()),
        relevant_until: Moment::Unspecified,
        approved: Moment::Unspecified,
        reference_number: None,
        file_number: None,
        revision_mark: None,
        categories: Vec::new(),
        originator: None,
        documents: Vec::new(),
        channel: Channel::WebOnly,
        personal_data: true,
        end_doubts: Vec::new(),
        raw: "{}".to_owned(),
    }
}

fn board(notices: Vec<FeedNotice>) -> FeedBoard {
    FeedBoard {
        iri: BoardIri::new("https://deska.example/"),
        name: LanguageMap::default(),
        page: None,
        operator: None,
        notices,
        unread: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Fills with numbers that never come twice.
#[derive(Default)]
struct Counted(std::sync::atomic::AtomicU8);

impl Entropy for Counted {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

async fn storage(data: &TempDir) -> Box<dyn Storage> {
    let path = data.path().join("central.sqlite");
    Box::new(SqliteStorage::open(&path).await.unwrap())
}

fn ingest() -> Ingest {
    Ingest {
        clock: Arc::new(FakeClock::at("2026-11-22T12:00:00Z".parse().unwrap())),
        entropy: Arc::new(Counted::default()),
        rule: HoldRule::default(),
    }
}

const FORM: &str = "form";

fn origin(snapshot: &[u8]) -> Origin<'static> {
    Origin {
        source: FORM,
        snapshot: DocumentHash::of(snapshot),
    }
}

#[tokio::test]
async fn a_notice_is_what_its_source_says_however_it_came() {
    let data = TempDir::new().unwrap();
    let (storage, ingest) = (storage(&data).await, ingest());
    let read = board(vec![entered("Dražba")]);
    let report = ingest
        .take(&*storage, origin(b"first"), Ok(read))
        .await
        .unwrap();
    assert_eq!((report.added, report.held), (1, None));
    let current = storage.current_notices(FORM).await.unwrap();
    let [current] = &current[..] else {
        panic!("{} notices", current.len())
    };
    let notice = current
        .facts
        .notice(current.id.clone(), Revision::FIRST, &[]);
    assert_eq!(notice.title, LanguageMap::czech("Dražba"));
    assert_eq!(
        (notice.channel, notice.personal_data),
        (Channel::WebOnly, true)
    );
}

#[tokio::test]
async fn a_hold_names_the_bytes_from_which_it_is_read_again() {
    let data = TempDir::new().unwrap();
    let (storage, ingest) = (storage(&data).await, ingest());
    let read = board(vec![entered("Dražba")]);
    ingest
        .take(&*storage, origin(b"first"), Ok(read))
        .await
        .unwrap();
    let broken = Err("the form was sent without its end".to_owned());
    let report = ingest
        .take(&*storage, origin(b"second"), broken)
        .await
        .unwrap();
    assert_eq!(report.held.unwrap().0, HoldReason::Broken);
    let held = storage.held().await.unwrap();
    assert_eq!(held[0].snapshot, DocumentHash::of(b"second"));
    let read = board(vec![entered("Dražba pozemku")]);
    let report = ingest
        .accept(&*storage, &held[0], &read, "clerk")
        .await
        .unwrap();
    assert_eq!((report.revised, report.held), (1, None));
    assert!(storage.held().await.unwrap().is_empty());
}
