//! Publishers on one storage, as two processes have them.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use vyveska_board::{ClockBounds, FakeClock, NoticeId};

use super::extras::AGAIN;
use super::*;
use crate::storage::{
    Actor, NewRevision, NoticeFacts, RegisteredDisplay, SourceBoard, SourceChanges, SqliteStorage,
    Storage,
};

const BOARD: &str = r#"
    [[boards]]
    id = "lipnice"
    town = "Město Lipnice nad Rolavou"
    web_address = "lipnice.example/deska"
    [[boards.sources]]
    kind = "ofn"
    url = "https://lipnice.example/deska.jsonld"
"#;

/// After this what should go on by itself does not.
const STUCK: Duration = Duration::from_secs(60);

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fn clock() -> FakeClock {
    FakeClock::at("2026-11-21T12:00:00Z".parse().unwrap())
}

/// A clock that one of its readings waits at.
struct GatedClock {
    clock: FakeClock,
    /// How many readings there are up to that one.
    left: AtomicI64,
    reached: UnboundedSender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Clock for GatedClock {
    fn now(&self) -> ClockBounds {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.reached.send(()).unwrap();
            self.go_on.lock().unwrap().recv().unwrap();
        }
        self.clock.now()
    }
}

async fn storage(folder: &Path) -> Arc<dyn ServiceStorage> {
    let storage = SqliteStorage::open(&folder.join("central.sqlite")).await;
    Arc::new(storage.unwrap())
}

async fn publisher(
    storage: &Arc<dyn ServiceStorage>,
    folder: &Path,
    clock: Arc<dyn Clock>,
) -> Publisher {
    publisher_of(BOARD, storage, folder, clock).await
}

async fn publisher_of(
    boards: &str,
    storage: &Arc<dyn ServiceStorage>,
    folder: &Path,
    clock: Arc<dyn Clock>,
) -> Publisher {
    let blobs = Blobs::in_folder(&folder.join("documents")).unwrap();
    let key = KeyPair::from_seed(&[1; 32]);
    let config = Arc::new(Config::from_toml(boards, folder).unwrap());
    let publisher = Publisher::new(&**storage, blobs, clock, Arc::new(NoEntropy), key, config);
    publisher.await.unwrap().0
}

/// [`BOARD`] with one more setting.
fn board_with(setting: &str) -> String {
    let sources = "[[boards.sources]]";
    BOARD.replace(sources, &format!("{setting}\n{sources}"))
}

/// The kinds of the open alarms.
async fn alarms(storage: &dyn Storage) -> Vec<String> {
    let alarms = storage.alarms().await.unwrap().into_iter();
    alarms.map(|alarm| alarm.kind).collect()
}

/// Two boards, the first of which fails after [`SPOIL`].
const BOARDS: &str = r#"
    [[boards]]
    id = "rolava"
    town = "Rolava"
    web_address = "rolava.example/deska"
    [[boards.sources]]
    kind = "ofn"
    url = "https://rolava.example/deska.jsonld"
    [[boards]]
    id = "lipnice"
    town = "Město Lipnice nad Rolavou"
    web_address = "lipnice.example/deska"
    [[boards.sources]]
    kind = "ofn"
    url = "https://lipnice.example/deska.jsonld"
"#;

/// Executes statements in the database.
async fn execute(folder: &Path, statements: &'static str) {
    let path = folder.join("central.sqlite");
    let address = format!("sqlite://{}", path.display());
    let database = sqlx::SqlitePool::connect(&address).await.unwrap();
    sqlx::raw_sql(statements).execute(&database).await.unwrap();
    database.close().await;
}

/// Has the publications of Rolava not be readable.
const SPOIL: &str =
    "UPDATE publication SET sections = 'broken ' || sections WHERE board_id = 'rolava'";
/// Undoes [`SPOIL`].
const MEND: &str =
    "UPDATE publication SET sections = substr(sections, 8) WHERE sections LIKE 'broken %'";

/// Has a poll accepted that adds a notice to the board of Lipnice.
async fn add(storage: &dyn Storage, name: &str) {
    add_to(storage, "lipnice", name).await;
}

/// Has a poll accepted that adds a notice.
async fn add_to(storage: &dyn Storage, source: &str, name: &str) {
    let revision = NewRevision {
        id: NoticeId::new(name),
        facts: NoticeFacts {
            title: [("cs".to_owned(), name.to_owned())].into(),
            ..NoticeFacts::default()
        },
        raw: "{}".to_owned(),
        salt: "salt".to_owned(),
    };
    let changes = SourceChanges {
        board: Some(SourceBoard {
            iri: "https://lipnice.example/deska".to_owned(),
            name: [("cs".to_owned(), "Úřední deska".to_owned())].into(),
            page: None,
            operator_ico: None,
        }),
        added: vec![(name.to_owned(), revision)],
        ..SourceChanges::default()
    };
    apply(storage, source, &changes, clock().now().earliest).await;
}

async fn apply(storage: &dyn Storage, source: &str, changes: &SourceChanges, now: DateTime<Utc>) {
    let version = storage.source_state(source).await.unwrap().version;
    let applied = storage.apply(source, version, changes, now);
    applied.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_is_older_does_not_follow_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let storage = storage(folder.path()).await;
    let (reached, mut is_reached) = unbounded_channel();
    let (let_go, go_on) = channel();
    let gated = Arc::new(GatedClock {
        clock: clock(),
        left: AtomicI64::new(0),
        reached,
        go_on: Mutex::new(go_on),
    });
    let slow = publisher(&storage, folder.path(), gated.clone()).await;
    let fast = publisher(&storage, folder.path(), Arc::new(clock())).await;
    add(&*storage, "first").await;
    fast.publish(&*storage, "lipnice").await.unwrap();

    add(&*storage, "second").await;
    // The second reading comes once the notices are read.
    gated.left.store(2, Ordering::SeqCst);
    drop(gated);
    let its = storage.clone();
    let publishing = tokio::spawn(async move { slow.publish(&*its, "lipnice").await });
    is_reached.recv().await.unwrap();
    add(&*storage, "third").await;
    fast.publish(&*storage, "lipnice").await.unwrap();
    let newest = storage.publication("lipnice").await.unwrap().unwrap();
    let_go.send(()).unwrap();
    publishing.await.unwrap().unwrap();
    let after = storage.publication("lipnice").await.unwrap().unwrap();
    assert_eq!(after.sections, newest.sections);
    let revisions = storage.current_notices("lipnice").await.unwrap();
    assert!(revisions.len() == 3 && revisions.iter().all(|one| one.published));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_board_waits_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let storage = storage(folder.path()).await;
    let (reached, mut is_reached) = unbounded_channel();
    let (let_go, go_on) = channel();
    let gated = Arc::new(GatedClock {
        clock: clock(),
        left: AtomicI64::new(0),
        reached,
        go_on: Mutex::new(go_on),
    });
    let publisher = publisher_of(BOARDS, &storage, folder.path(), gated.clone()).await;
    let publisher = Arc::new(publisher);
    for board in ["rolava", "lipnice"] {
        add_to(&*storage, board, board).await;
    }
    gated.left.store(1, Ordering::SeqCst);
    let (slow, its) = (publisher.clone(), storage.clone());
    let slow = tokio::spawn(async move { slow.publish(&*its, "rolava").await });
    is_reached.recv().await.unwrap();
    let published = tokio::time::timeout(STUCK, publisher.publish(&*storage, "lipnice")).await;
    let_go.send(()).unwrap();
    published.unwrap().unwrap();
    slow.await.unwrap().unwrap();
    for board in ["rolava", "lipnice"] {
        assert!(storage.publication(board).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn streams_that_open_share_one_announcement() {
    let folder = tempfile::tempdir().unwrap();
    let storage = storage(folder.path()).await;
    let publisher = publisher(&storage, folder.path(), Arc::new(clock())).await;
    add(&*storage, "first").await;
    publisher.publish(&*storage, "lipnice").await.unwrap();
    let _stream = publisher.subscribe("lipnice");
    let [first, second] = [
        publisher
            .announcement(&*storage, "lipnice")
            .await
            .unwrap()
            .unwrap(),
        publisher
            .announcement(&*storage, "lipnice")
            .await
            .unwrap()
            .unwrap(),
    ];
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn a_display_of_an_unknown_board_is_told_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let storage = storage(folder.path()).await;
    let publisher = publisher(&storage, folder.path(), Arc::new(clock())).await;
    let key = KeyPair::from_seed(&[2; 32]).public();
    let display = RegisteredDisplay {
        id: key.id(),
        board: "nowhere".to_owned(),
        registered_at: clock().now().earliest,
    };
    let actor = Actor::Display(display.id.clone());
    let now = display.registered_at;
    let mut unit = storage.begin(actor, now).await.unwrap();
    unit.register(&display.id, &key, "nowhere").await.unwrap();
    unit.save().await.unwrap();
    let error = publisher
        .assignment(&*storage, &display, 0)
        .await
        .unwrap_err();
    assert!(matches!(error, PublishError::UnknownBoard(board) if board == "nowhere"));
    assert_eq!(storage.assignment(&display.id).await.unwrap(), None);
}

#[tokio::test]
async fn what_the_disk_has_no_room_for_is_tried_again_and_keeps_no_service_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let storage = storage(folder).await;
    let pages = |title: &str| {
        let text = format!(
            "[[pages]]\nid = \"vylety\"\nkind = \"tourism\"\ntitle = \"{title}\"\n\
             map = {{ file = \"map.png\", description = \"Mapa\" }}\n\
             [[pages.places]]\nname = \"Most\"\n"
        );
        std::fs::write(folder.join("pages.toml"), text).unwrap();
        let picture = [&b"\x89PNG\r\n\x1A\n"[..], title.as_bytes()].concat();
        std::fs::write(folder.join("map.png"), picture).unwrap();
    };
    pages("Výlety");
    let clock = clock();
    let board = board_with("information = \"pages.toml\"");
    let start = async || publisher_of(&board, &storage, folder, Arc::new(clock.clone())).await;
    let publisher = start().await;
    add(&*storage, "first").await;
    publisher.publish(&*storage, "lipnice").await.unwrap();
    let before = storage.publication("lipnice").await.unwrap().unwrap();

    let (content, away) = (folder.join("documents/content"), folder.join("away"));
    std::fs::rename(&content, &away).unwrap();
    std::fs::write(&content, "no folder").unwrap();
    pages("Procházky");
    publisher.publish_extras(&*storage).await.unwrap();
    assert_eq!(alarms(&*storage).await, [INFORMATION]);
    drop(publisher);
    let publisher = start().await;
    assert_eq!(alarms(&*storage).await, [INFORMATION]);

    std::fs::remove_file(&content).unwrap();
    std::fs::rename(&away, &content).unwrap();
    clock.advance(AGAIN);
    publisher.publish_extras(&*storage).await.unwrap();
    assert_eq!(alarms(&*storage).await, [""; 0]);
    let after = storage.publication("lipnice").await.unwrap().unwrap();
    assert_ne!(after.sections.information, before.sections.information);
    assert_eq!(after.sections.notices, before.sections.notices);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_leaves_nothing_to_restore_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let storage = storage(folder).await;
    std::fs::write(folder.join("pages.toml"), "pages = 7").unwrap();
    let files = "coat_of_arms = \"none.png\"\ninformation = \"pages.toml\"";
    let clock = Arc::new(clock());
    let publisher = publisher_of(&board_with(files), &storage, folder, clock).await;
    add(&*storage, "first").await;
    publisher.publish(&*storage, "lipnice").await.unwrap();
    assert!(publisher.restore_board_content(&*storage).await);
    assert_eq!(alarms(&*storage).await, [COAT_OF_ARMS, INFORMATION]);
}

#[tokio::test]
async fn a_board_that_fails_keeps_no_other_from_following_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let storage = storage(folder).await;
    let clock = clock();
    let publisher = publisher_of(BOARDS, &storage, folder, Arc::new(clock.clone())).await;
    for board in ["rolava", "lipnice"] {
        add_to(&*storage, board, board).await;
        publisher.publish(&*storage, board).await.unwrap();
    }
    execute(folder, SPOIL).await;
    clock.advance(TimeDelta::hours(1));
    publisher.follow_clock(&*storage).await.1.unwrap_err();
    let ended = SourceChanges {
        ended: vec![NoticeId::new("lipnice")],
        ..SourceChanges::default()
    };
    apply(&*storage, "lipnice", &ended, clock.now().earliest).await;
    clock.advance(-TimeDelta::minutes(30));
    let (went_back, followed) = publisher.follow_clock(&*storage).await;
    followed.unwrap_err();
    assert!(went_back, "what waits by the clock of before is to be told");
    let notices = storage.current_notices("lipnice").await.unwrap();
    assert_eq!(notices.len(), 1, "its end has not come by this clock");
}

#[tokio::test]
async fn a_board_that_cannot_be_announced_is_announced_later_and_keeps_no_other_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let storage = storage(folder).await;
    let publisher = async || publisher_of(BOARDS, &storage, folder, Arc::new(clock())).await;
    let (own, other) = (publisher().await, publisher().await);
    let [rolava, lipnice] = ["rolava", "lipnice"].map(|board| own.subscribe(board));
    for board in ["rolava", "lipnice"] {
        add_to(&*storage, board, board).await;
        other.publish(&*storage, board).await.unwrap();
    }
    execute(folder, SPOIL).await;
    own.notice_others(&*storage).await.unwrap_err();
    assert!(lipnice.has_changed().unwrap());
    assert!(!rolava.has_changed().unwrap());
    execute(folder, MEND).await;
    own.notice_others(&*storage).await.unwrap();
    assert!(rolava.has_changed().unwrap());
}

#[tokio::test]
async fn a_publication_that_cannot_be_announced_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let storage = storage(folder).await;
    let publisher = publisher(&storage, folder, Arc::new(clock())).await;
    let stream = publisher.subscribe("lipnice");
    add(&*storage, "first").await;
    let spoil = "CREATE TRIGGER spoil AFTER INSERT ON publication BEGIN \
                 UPDATE publication SET sections = 'broken ' || sections WHERE id = NEW.id; END";
    execute(folder, spoil).await;
    publisher.publish(&*storage, "lipnice").await.unwrap();
    assert!(!stream.has_changed().unwrap());
    execute(folder, MEND).await;
    publisher.notice_others(&*storage).await.unwrap();
    assert!(stream.has_changed().unwrap());
}
