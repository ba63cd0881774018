//! Boards that no feed brought.

use tempfile::TempDir;
use vyveska_board::ofn::{FeedDocument, FeedKey, FeedNotice};
use vyveska_board::{
    BoardIri, Channel, Event, EventKind, FakeClock, LanguageMap, Moment, NoticeIri,
    ReferenceNumber, Revision,
};

use super::*;
use crate::storage::testing::PostgresServer;
use crate::storage::{AuditFilter, PostgresStorage, SqliteStorage};

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
        posting_rule: Some("P16".to_owned()),
        event: Some(Event {
            kind: EventKind::Auction,
            day: "2026-12-10".parse().unwrap(),
            from: Some("09:00:00".parse().unwrap()),
            to: None,
            place: Some("radnice, č. dv. 12".to_owned()),
        }),
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

/// A store of each kind.
async fn stores(data: &TempDir) -> [Box<dyn Storage>; 2] {
    let address = PostgresServer::of_this_process().schema().await;
    let postgres = PostgresStorage::open(&address).await.unwrap();
    [storage(data).await, Box::new(postgres)]
}

/// A feed of notices without what only people enter.
fn feed(titles: &[&str]) -> FeedBoard {
    let notices = titles.iter().map(|title| FeedNotice {
        key: FeedKey::Iri(NoticeIri::new(*title)),
        channel: Channel::BoardAndWeb,
        posting_rule: None,
        event: None,
        ..entered(title)
    });
    board(notices.collect())
}

async fn titles(storage: &dyn Storage) -> Vec<String> {
    let current = storage.current_notices(FORM).await.unwrap();
    let mut titles: Vec<String> = current
        .iter()
        .map(|one| format!("{} {}", one.facts.title["cs"], one.revision))
        .collect();
    titles.sort();
    titles
}

fn clerk() -> Actor {
    Actor::Person("Jana Nováková".to_owned())
}

#[tokio::test]
async fn a_notice_handed_over_stays_whatever_the_feed_has() {
    let data = TempDir::new().unwrap();
    for storage in stores(&data).await {
        let clock = FakeClock::at("2026-11-22T12:00:00Z".parse().unwrap());
        let ingest = Ingest {
            clock: Arc::new(clock.clone()),
            ..ingest()
        };
        let poll = async |titles: &[&str]| {
            clock.advance(chrono::TimeDelta::hours(1));
            let read = Ok(feed(titles));
            ingest.take(&*storage, origin(b"feed"), read).await.unwrap()
        };
        let push = async |title: &str| {
            let (notice, who) = (entered(title), clerk());
            ingest.push(&*storage, FORM, &notice, &who).await.unwrap()
        };
        let all = ["Rozpočet", "Výzva", "Záměr"];
        poll(&all).await;
        assert_eq!(push("Dražba").await.added, 1);
        for _ in 0..3 {
            let report = poll(&all).await;
            let changed = (report.added, report.revised, report.withdrawn);
            assert_eq!((changed, report.held), ((0, 0, 0), None));
        }
        assert_eq!(
            titles(&*storage).await,
            ["Dražba 1", "Rozpočet 1", "Výzva 1", "Záměr 1"]
        );
        // The same again is nothing, and another title one revision.
        let written = async || {
            let audit = storage.audit(&AuditFilter::default(), 100).await.unwrap();
            (storage.source_state(FORM).await.unwrap().version, audit)
        };
        let before = written().await;
        assert_eq!(push("Dražba").await, PollReport::default());
        assert_eq!(written().await, before);
        let report = push("Dražba pozemku").await;
        assert_eq!((report.added, report.revised), (0, 1));
        // One of the feed goes as ever.
        poll(&all[..2]).await;
        poll(&all[..2]).await;
        let left = ["Dražba pozemku 2", "Rozpočet 1", "Výzva 1"];
        assert_eq!(titles(&*storage).await, left);
        // One under the same identifier in the feed is the feed's own.
        let mut own = feed(&all[..2]);
        own.notices.push(FeedNotice {
            title: LanguageMap::czech("Z webu"),
            ..entered("Z webu")
        });
        ingest
            .take(&*storage, origin(b"own"), Ok(own))
            .await
            .unwrap();
        let both = ["Dražba pozemku 2", "Rozpočet 1", "Výzva 1", "Z webu 1"];
        assert_eq!(titles(&*storage).await, both);
        let current = storage.current_notices(FORM).await.unwrap();
        let pushed = current.iter().find(|one| one.revision == 2).unwrap();
        let (rule, event) = (&pushed.facts.posting_rule, &pushed.facts.event);
        assert_eq!((rule.as_deref(), event), (Some("P16"), &entered("").event));
    }
}

#[tokio::test]
async fn a_notice_is_refused_while_nothing_of_its_source_is_shown() {
    let data = TempDir::new().unwrap();
    for storage in stores(&data).await {
        let ingest = ingest();
        let push = async || {
            let (notice, who) = (entered("Dražba"), clerk());
            ingest.push(&*storage, FORM, &notice, &who).await
        };
        let refused = push().await;
        assert!(matches!(refused, Err(PushError::Unaccepted(_))));
        assert!(titles(&*storage).await.is_empty());
        let read = Ok(feed(&["Rozpočet"]));
        ingest.take(&*storage, origin(b"feed"), read).await.unwrap();
        assert_eq!(push().await.unwrap().added, 1);
    }
}

#[tokio::test]
async fn a_notice_handed_over_under_a_used_key_with_all_else_new_is_another() {
    let data = TempDir::new().unwrap();
    for storage in stores(&data).await {
        let ingest = ingest();
        let read = Ok(feed(&["Rozpočet"]));
        ingest.take(&*storage, origin(b"feed"), read).await.unwrap();
        let with = |title: &str, number: &str, day: &str| FeedNotice {
            posted: Moment::Date(day.parse().unwrap()),
            reference_number: Some(ReferenceNumber::new(number)),
            documents: vec![FeedDocument {
                title: LanguageMap::default(),
                url: Some(format!("https://deska.example/{number}").parse().unwrap()),
                media_type: None,
            }],
            ..entered(title)
        };
        let push = async |notice: FeedNotice| {
            let pushed = ingest.push(&*storage, FORM, &notice, &clerk()).await;
            pushed.unwrap()
        };
        push(with("Dražba", "MU-1", "2026-11-20")).await;
        let report = push(with("Záměr", "MU-2", "2026-11-21")).await;
        let changed = (report.added, report.revised, report.withdrawn);
        assert_eq!(changed, (1, 0, 1));
        assert_eq!(titles(&*storage).await, ["Rozpočet 1", "Záměr 1"]);
    }
}

#[tokio::test]
async fn a_notice_that_cannot_be_is_refused_with_its_field() {
    let data = TempDir::new().unwrap();
    let (storage, ingest) = (storage(&data).await, ingest());
    let day = |text: &str| Moment::Date(text.parse().unwrap());
    let with_event = |edit: &dyn Fn(&mut Event)| {
        let mut notice = entered("Dražba");
        notice.event.as_mut().map(edit);
        notice
    };
    let good = || entered("Dražba");
    for (field, notice) in [
        ("title", entered(" ")),
        (
            "relevant_until",
            FeedNotice {
                relevant_until: day("2026-11-20"),
                ..good()
            },
        ),
        (
            "relevant_until",
            FeedNotice {
                posted: day("2026-11-01"),
                relevant_until: day("2026-11-21"),
                ..good()
            },
        ),
        (
            "posting_rule",
            FeedNotice {
                posting_rule: Some("P99".to_owned()),
                ..good()
            },
        ),
        (
            "event.to",
            with_event(&|event| event.to = Some("08:00:00".parse().unwrap())),
        ),
        (
            "event.from",
            with_event(&|event| {
                event.day = "2027-03-28".parse().unwrap();
                event.from = Some("02:30:00".parse().unwrap());
            }),
        ),
        (
            "event.place",
            with_event(&|event| event.place = Some("x".repeat(201))),
        ),
    ] {
        let pushed = ingest.push(&*storage, FORM, &notice, &clerk()).await;
        let error = pushed.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{field}: ")), "{error}");
    }
    assert!(titles(&*storage).await.is_empty());
}
