mod alerts;
mod assignments;
mod enrolment;
mod events;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::SeedableRng as _;
use rustix::io::Errno;
use vyveska_board::FakeClock;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::{ContentRef, entity_tag};
use vyveska_wire::section::MomentRecord;
use vyveska_wire::survey::SurveyAnswer;

use super::http_tests::outbox;
use super::*;
use crate::store::samples::{self, SampleBoard};
use crate::store::{FakeBoardStore, Reserve, SqliteBoardStore, StoreConfig};

const FIRST: u64 = 1_000;

/// The number of a board that was recorded, and of the board in use at that time.
type Journalled = (u64, Option<u64>);

/// A kiosk's sync against a central service in memory. The clock of tokio is paused and jumps: nothing really waits.
struct World {
    central: FakeCentralClient,
    store: Arc<dyn BoardStore>,
    outbox: Arc<Outbox>,
    events: Arc<Mutex<Vec<SyncEvent>>>,
    journal_error: Arc<Mutex<Option<Errno>>>,
    journalled: Arc<Mutex<Vec<Journalled>>>,
    shutdown: CancellationToken,
    config: SyncConfig,
    clock: FakeClock,
    enrolment: Option<EnrolmentToken>,
}

impl World {
    fn new() -> Self {
        Self::with_store(Arc::new(FakeBoardStore::new()))
    }

    fn with_store(store: Arc<dyn BoardStore>) -> Self {
        let now = "2026-11-21T13:32:00Z".parse().unwrap();
        Self {
            central: FakeCentralClient::new(samples::central(), now),
            store,
            outbox: outbox(),
            events: Arc::default(),
            journal_error: Arc::default(),
            journalled: Arc::default(),
            shutdown: CancellationToken::new(),
            config: SyncConfig::default(),
            clock: FakeClock::at("1970-01-01T00:00:00Z".parse().unwrap()),
            enrolment: None,
        }
    }

    /// The same central service seen by another store.
    fn beside(other: &Self, store: Arc<dyn BoardStore>) -> Self {
        let mut world = Self::with_store(store);
        world.central = other.central.clone();
        world
    }

    fn publish(&self, board: &SampleBoard) {
        for (hash, bytes) in board.sections.iter().chain(&board.documents) {
            self.central.put(*hash, bytes);
        }
        self.central.publish(board.number, &board.envelope);
    }

    fn start(&self) -> SyncHandle {
        let events = Arc::clone(&self.events);
        let (journal_error, journalled) = (
            Arc::clone(&self.journal_error),
            Arc::clone(&self.journalled),
        );
        let store = Arc::clone(&self.store);
        let sync = BoardSync::new(SyncParts {
            client: self.central.clone(),
            store: Arc::clone(&self.store),
            outbox: Arc::clone(&self.outbox),
            central: samples::central().public(),
            display: samples::display(),
            enrolment: self.enrolment.clone(),
            clock: Arc::new(self.clock.clone()),
            rng: StdRng::seed_from_u64(7),
            config: self.config.clone(),
            before_switch: Box::new(move |next| {
                let before = store.current().unwrap().map(|board| board.number());
                journalled.lock().unwrap().push((next.number(), before));
                journal_error.lock().unwrap().map_or(Ok(()), |error| {
                    Err(JournalError::Io {
                        path: "journal".into(),
                        source: error.into(),
                    })
                })
            }),
            emit: Box::new(move |event| events.lock().unwrap().push(event)),
        });
        let handle = sync.handle();
        tokio::spawn(sync.run(self.shutdown.clone()));
        handle
    }

    async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// The events since the last call, in short.
    fn events(&self) -> Vec<String> {
        let taken = std::mem::take(&mut *self.events.lock().unwrap());
        let mut events: Vec<_> = taken
            .iter()
            .filter(|event| !matches!(event, SyncEvent::Link(_) | SyncEvent::Time { .. }))
            .map(in_short)
            .collect();
        // Every round reports it.
        let mut heard = 0;
        events.retain(|one| {
            heard += u32::from(one == "heard");
            one != "heard" || heard == 1
        });
        events
    }

    fn number(&self) -> Option<u64> {
        self.store.current().unwrap().map(|board| board.number())
    }

    fn asked_for_content(&self) -> usize {
        let asked = self.central.asked();
        asked
            .iter()
            .filter(|one| one.starts_with("content"))
            .count()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn in_short(event: &SyncEvent) -> String {
    match event {
        SyncEvent::Taken(board) => format!("taken {}", board.manifest),
        SyncEvent::Time { .. } => "time".to_owned(),
        SyncEvent::Heard(_) => "heard".to_owned(),
        SyncEvent::ContentArrived(hash) => format!("arrived {}", &hash.to_string()[..8]),
        SyncEvent::Refused(Refused::Manifest { number, .. }) => format!("refused {number:?}"),
        SyncEvent::Refused(Refused::Assignment { number, board, .. }) => {
            format!("refused assignment {number:?} {board:?}")
        }
        SyncEvent::Trouble { .. } => "trouble".to_owned(),
        SyncEvent::Link(link) => format!("link {link:?}"),
    }
}

fn arrived(bytes: &[u8]) -> String {
    in_short(&SyncEvent::ContentArrived(ContentHash::of(bytes)))
}

#[tokio::test(start_paused = true)]
async fn the_first_board_is_shown_before_its_documents_are_here() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[b"one", b"two"]));
    world.start();
    world.pass(1).await;
    let events = world.events();
    assert_eq!(events[..2], ["taken 1000", "heard"]);
    // Several are fetched at once, so either may be the first.
    let mut documents = [arrived(b"one"), arrived(b"two")];
    documents.sort();
    let mut rest = events[2..].to_vec();
    rest.sort();
    assert_eq!(rest, documents);
    assert_eq!(world.number(), Some(FIRST));
}

#[tokio::test(start_paused = true)]
async fn a_later_board_waits_for_its_documents_and_fetches_only_what_is_new() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[b"one", b"two"]));
    world.start();
    world.pass(1).await;
    let (_, before) = (world.events(), world.asked_for_content());

    world.publish(&samples::board(FIRST + 1, &[b"one", b"three"]));
    world.central.announce();
    world.pass(1).await;
    // The board in use may name the document too, and may have looked for it in vain.
    assert_eq!(world.events(), [&arrived(b"three"), "taken 1001", "heard"]);
    // The notices section and one document; settings and the empty sections are the same bytes.
    assert_eq!(world.asked_for_content() - before, 2);
    assert!(world.store.has(&ContentHash::of(b"three")));
    assert!(
        !world.store.has(&ContentHash::of(b"two")),
        "no longer named"
    );
}

#[tokio::test(start_paused = true)]
async fn renditions_and_texts_are_asked_for_after_all_documents_and_leave_with_them() {
    let mut world = World::new();
    // Of several that are fetched at once, any may ask first.
    world.config.parallel_downloads = 1;
    let (rendition, text) = (b"one drawn right", b"the text of one");
    let mut one = samples::notice("1", 1, &[b"one"]);
    one.documents[0].rendition = Some(ContentRef::to(rendition));
    one.documents[0].text = Some(ContentRef::to(text));
    let two = samples::notice("2", 1, &[b"two"]);
    let bytes: [&[u8]; 4] = [b"one", b"two", rendition, text];
    world.publish(&samples::board_of(FIRST, vec![one, two.clone()], &bytes));
    world.start();
    world.pass(1).await;
    let asked = world.central.asked();
    let asked = asked.into_iter().filter(|one| one.starts_with("content"));
    let asked: Vec<String> = asked.collect();
    let made: [&[u8]; 2] = [rendition, text];
    let last = made.map(|bytes| format!("content {} from 0", ContentHash::of(bytes)));
    assert!(asked.ends_with(&last), "{asked:?}");
    let made_arrive = made.map(arrived);
    assert!(world.events().ends_with(&made_arrive));
    world.publish(&samples::board_of(FIRST + 1, vec![two], &bytes));
    world.central.announce();
    world.pass(1).await;
    assert!(world.store.has(&ContentHash::of(b"two")));
    for gone in made {
        assert!(!world.store.has(&ContentHash::of(gone)));
    }
}

#[tokio::test(start_paused = true)]
async fn without_announcements_polling_finds_a_new_board() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    world.publish(&samples::board(FIRST + 1, &[]));
    world.pass(66).await;
    assert_eq!(world.number(), Some(FIRST + 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_cut_off_goes_on_where_it_stopped() {
    let world = World::new();
    let document = vec![7; 10_000];
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;

    let board = samples::board(FIRST + 1, &[&document]);
    world.publish(&board);
    // The first content asked for is the notices section.
    world
        .central
        .cut_next(&[Some(10), None, Some(4_000), Some(3_000)]);
    world.central.announce();
    world.pass(29).await;
    let document_hash = ContentHash::of(&document);
    let offsets: Vec<String> = world
        .central
        .asked()
        .iter()
        .filter_map(|one| one.strip_prefix(&format!("content {document_hash} from ")))
        .map(str::to_owned)
        .collect();
    assert_eq!(world.number(), Some(FIRST + 1));
    assert!(world.store.has(&document_hash));
    assert_eq!(offsets, ["0", "4000", "7000"]);
}

#[tokio::test(start_paused = true)]
async fn wrong_bytes_are_never_kept_and_right_ones_are_taken_later() {
    let world = World::new();
    let board = samples::board(FIRST, &[b"right"]);
    let hash = ContentHash::of(b"right");
    world.publish(&board);
    world.central.put(hash, b"wrong");
    world.start();
    world.pass(120).await;
    assert_eq!(world.number(), Some(FIRST));
    assert!(!world.store.has(&hash));
    assert_eq!(
        world
            .events()
            .iter()
            .filter(|one| *one == "trouble")
            .count(),
        1
    );

    world.central.put(hash, b"right");
    world.pass(1900).await;
    assert!(world.store.has(&hash));
    assert!(world.events().contains(&arrived(b"right")));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_connection_is_reported_once() {
    let world = World::new();
    world.central.set_unreachable(true);
    world.publish(&samples::board(FIRST, &[]));
    let handle = world.start();
    world.pass(5).await;
    world.central.set_unreachable(false);
    handle.wake();
    world.pass(300).await;
    let events = std::mem::take(&mut *world.events.lock().unwrap());
    let links: Vec<_> = events
        .into_iter()
        .filter_map(|event| match event {
            SyncEvent::Link(link) => Some(link),
            _ => None,
        })
        .collect();
    assert!(
        matches!(&links[..], [Link::Unreachable { .. }, Link::Reached]),
        "{links:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_document_that_central_lacks_does_not_block_the_board() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    world.events();
    let board = samples::board(FIRST + 1, &[b"lost", b"here"]);
    world.publish(&board);
    world.central.remove(&ContentHash::of(b"lost"));
    world.central.announce();
    world.pass(1).await;
    let mut events = world.events();
    let switched = events.split_off(2);
    assert_eq!(switched, ["taken 1001", "heard"]);
    events.sort();
    assert_eq!(events, [arrived(b"here"), "trouble".to_owned()]);
    assert!(world.store.has(&ContentHash::of(b"here")));
}

#[tokio::test(start_paused = true)]
async fn a_document_that_never_ends_does_not_block_the_board() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    let slow = vec![1; 5_000];
    let hash = ContentHash::of(&slow);
    world.publish(&samples::board(FIRST + 1, &[&slow]));
    world.central.set_stalled(&hash, true);
    world.central.announce();
    world.pass(29).await;
    assert_eq!(world.number(), Some(FIRST));
    world.pass(2).await;
    assert_eq!(world.number(), Some(FIRST + 1));

    // Meanwhile other boards come, and the document in the end.
    world.publish(&samples::board(FIRST + 2, &[]));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.number(), Some(FIRST + 2));
    world.publish(&samples::board(FIRST + 3, &[&slow]));
    world.central.set_stalled(&hash, false);
    world.central.announce();
    world.pass(1).await;
    assert!(world.store.has(&hash));
}

#[tokio::test(start_paused = true)]
async fn an_older_board_is_refused_once() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    world.events();
    world.publish(&samples::board(FIRST - 1, &[]));
    world.pass(300).await;
    assert_eq!(world.events(), ["refused Some(999)"]);
    assert_eq!(world.number(), Some(FIRST));
}

#[tokio::test(start_paused = true)]
async fn another_board_of_the_same_number_is_refused() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    let other = samples::board_of(FIRST, vec![samples::notice("other", 1, &[])], &[]);
    world.central.publish(FIRST + 1, &other.envelope);
    world.pass(70).await;
    assert!(world.events().contains(&"refused Some(1000)".to_owned()));
    assert!(
        world
            .store
            .current()
            .unwrap()
            .unwrap()
            .notices()
            .notices
            .is_empty()
    );
}

/// Central shortens notices where a board has no room, and gives them whole again, without a new revision.
#[tokio::test(start_paused = true)]
async fn displays_agree_on_a_shortened_notice_whatever_they_had_before() {
    let mut notice = samples::notice("n1", 1, &[]);
    notice.description = [("cs".to_owned(), "Celý popis".to_owned())].into();
    let whole = |number| samples::board_of(number, vec![notice.clone()], &[]);
    let mut short = notice.clone();
    short.description = [("cs".to_owned(), "Celý…".to_owned())].into();
    let short = samples::board_of(FIRST + 1, vec![short], &[]);
    let reference = |world: &World| {
        let board = world.store.current().unwrap().unwrap().content();
        board.notices[0].reference.clone()
    };

    let old = World::new();
    old.publish(&whole(FIRST));
    old.start();
    old.pass(1).await;
    let before = reference(&old);
    let new = World::beside(&old, Arc::new(FakeBoardStore::new()));
    old.publish(&short);
    new.start();
    old.pass(120).await;
    assert_eq!(old.events(), ["taken 1000", "heard", "taken 1001"]);
    assert_eq!(new.events(), ["taken 1001", "heard"]);
    let shortened = reference(&old);
    assert_eq!(reference(&new), shortened);
    assert_eq!(shortened.revision, before.revision);
    assert_ne!(shortened.hash, before.hash);

    old.publish(&whole(FIRST + 2));
    old.pass(120).await;
    assert_eq!(reference(&old), before);
    assert_eq!(reference(&new), before);
}

#[tokio::test(start_paused = true)]
async fn a_section_that_central_lost_is_passed_over_with_the_next_manifest() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    let lost = samples::board(FIRST + 1, &[b"one"]);
    world.publish(&lost);
    for hash in lost.sections.keys() {
        world.central.remove(hash);
    }
    world.pass(120).await;
    assert_eq!(world.number(), Some(FIRST));
    world.publish(&samples::board(FIRST + 2, &[b"two"]));
    world.pass(600).await;
    assert_eq!(world.number(), Some(FIRST + 2));
}

#[tokio::test(start_paused = true)]
async fn a_replayed_manifest_is_refused_although_the_store_was_lost() {
    let world = World::new();
    let old = samples::board(FIRST - 1, &[]);
    world.publish(&old);
    // Central has signed that there is a newer one.
    world.central.publish(FIRST, &old.envelope);
    world.start();
    world.pass(300).await;
    assert_eq!(world.events(), ["refused Some(999)"]);
    assert_eq!(world.number(), None);
    world.publish(&samples::board(FIRST, &[]));
    world.pass(120).await;
    assert_eq!(world.number(), Some(FIRST));
}

#[tokio::test(start_paused = true)]
async fn the_time_of_another_display_is_not_accepted() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    let other = KeyPair::from_seed(&[66; 32]).public().id();
    world.central.address_time_to(other);
    world.start();
    world.pass(300).await;
    assert_eq!(world.events(), ["trouble"]);
    assert_eq!(world.number(), None);
    world.central.address_time_to(samples::display());
    world.pass(600).await;
    assert_eq!(world.number(), Some(FIRST));
}

#[tokio::test(start_paused = true)]
async fn a_manifest_of_another_signer_is_refused() {
    let world = World::new();
    let mut board = samples::board(FIRST, &[]);
    let manifest = board.verify().unwrap().manifest().clone();
    let stranger = KeyPair::from_seed(&[66; 32]);
    board.envelope = vyveska_wire::envelope::Envelope::seal(&manifest, &stranger).to_bytes();
    world.publish(&board);
    world.start();
    world.pass(300).await;
    assert_eq!(world.events(), ["refused None"]);
    assert_eq!(world.number(), None);
}

#[tokio::test(start_paused = true)]
async fn a_replayed_time_is_not_accepted() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.central.replay_nonce("old");
    world.start();
    world.pass(300).await;
    assert_eq!(world.events(), ["trouble"]);
    assert!(world.central.asked().iter().all(|one| one == "now"));
}

#[tokio::test(start_paused = true)]
async fn no_network_leaves_the_board_and_is_reported_once() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[b"one"]));
    world.start();
    world.pass(1).await;
    world.events();
    world.central.set_unreachable(true);
    world.pass(3600).await;
    assert_eq!(world.events(), ["trouble"]);
    assert_eq!(world.number(), Some(FIRST));
    world.central.set_unreachable(false);
    world.pass(121).await;
    assert_eq!(world.events(), ["heard"]);
}

#[tokio::test(start_paused = true)]
async fn a_document_over_the_limit_is_left_out_with_a_reason() {
    let world = World::with_store(Arc::new(FakeBoardStore::with_limit(3)));
    world.publish(&samples::board(FIRST, &[b"long", b"ok"]));
    world.start();
    world.pass(600).await;
    let events = std::mem::take(&mut *world.events.lock().unwrap());
    let reasons: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            SyncEvent::Trouble { reason } => Some(reason.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(reasons.len(), 1);
    assert!(
        reasons[0].contains("the limit of this display is 3"),
        "{reasons:?}"
    );
    assert_eq!(world.number(), Some(FIRST));
    assert!(world.store.has(&ContentHash::of(b"ok")));
}

#[tokio::test(start_paused = true)]
async fn the_journal_comes_before_the_switch_of_the_store() {
    let world = World::new();
    *world.journal_error.lock().unwrap() = Some(Errno::NOSPC);
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "trouble", "heard"]);
    assert_eq!(world.number(), None, "not recorded, not stored");
    *world.journal_error.lock().unwrap() = None;
    world.pass(10).await;
    assert_eq!(world.number(), Some(FIRST));
    let journalled = world.journalled.lock().unwrap();
    assert!(journalled.iter().all(|entry| *entry == (FIRST, None)));
    drop(journalled);
    assert!(!world.events().contains(&"taken 1000".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_keeps_no_board_back() {
    let store = FakeBoardStore::new();
    let world = World::with_store(Arc::new(store.clone()));
    world.publish(&samples::board(FIRST, &[b"one"]));
    world.start();
    world.pass(1).await;
    world.events();
    store.set_write_error(Some(Errno::NOSPC));
    world.publish(&samples::board(FIRST + 1, &[]));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1001", "trouble", "heard"]);
    assert_eq!(world.number(), Some(FIRST));
    assert!(!world.store.has(&ContentHash::of(b"one")), "it makes room");
    store.set_write_error(None);
    world.pass(10).await;
    assert_eq!(world.number(), Some(FIRST + 1));
    assert!(!world.events().contains(&"taken 1001".to_owned()));
}

/// A display with a board of one document, which takes the next one, without it, in memory alone. The store or the
/// journal fails.
async fn in_memory_alone(error: Errno, store_fails: bool) -> (World, FakeBoardStore) {
    let store = FakeBoardStore::new();
    let world = World::with_store(Arc::new(store.clone()));
    world.publish(&samples::board(FIRST, &[b"one"]));
    world.start();
    world.pass(1).await;
    world.events();
    if store_fails {
        store.set_write_error(Some(error));
    } else {
        *world.journal_error.lock().unwrap() = Some(error);
    }
    world.publish(&samples::board(FIRST + 1, &[]));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1001", "trouble", "heard"]);
    assert_eq!(world.number(), Some(FIRST));
    (world, store)
}

#[tokio::test(start_paused = true)]
async fn documents_of_the_board_on_disk_stay_until_another_is_there() {
    let one = ContentHash::of(b"one");
    for error in [Errno::IO, Errno::ROFS] {
        for store_fails in [true, false] {
            let (world, store) = in_memory_alone(error, store_fails).await;
            assert!(store.has(&one), "{error}, store: {store_fails}");
            // The document that this board needs is fetched beside it.
            world.publish(&samples::board(FIRST + 2, &[b"two"]));
            store.set_write_error(None);
            *world.journal_error.lock().unwrap() = Some(error);
            world.pass(90).await;
            assert!(store.has(&one) && store.has(&ContentHash::of(b"two")));
            assert_eq!(world.number(), Some(FIRST));

            *world.journal_error.lock().unwrap() = None;
            world.pass(600).await;
            assert_eq!(world.number(), Some(FIRST + 2));
            assert!(!store.has(&one), "nobody needs it now");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn documents_of_the_board_on_disk_make_room_once_the_disk_is_full() {
    for store_fails in [true, false] {
        let (world, store) = in_memory_alone(Errno::IO, store_fails).await;
        store.set_write_error(Some(Errno::NOSPC));
        *world.journal_error.lock().unwrap() = None;
        world.pass(600).await;
        assert_eq!(world.number(), Some(FIRST));
        assert!(!store.has(&ContentHash::of(b"one")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_fetches_nothing_that_is_here() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[b"one"]));
    world.start();
    world.pass(1).await;
    world.shutdown.cancel();
    world.events();
    let before = world.asked_for_content();

    let again = World::beside(&world, Arc::clone(&world.store));
    again.start();
    again.pass(1).await;
    assert_eq!(again.events(), ["heard"]);
    assert_eq!(world.asked_for_content(), before);
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_central_learns_which_manifest_is_here() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    world.shutdown.cancel();

    // Central's database comes from a backup.
    world.publish(&samples::board(FIRST - 1, &[]));
    let again = World::beside(&world, Arc::clone(&world.store));
    again.start();
    again.pass(1).await;
    // What it refuses is never taken for what it has.
    for _ in 0..3 {
        assert_eq!(again.central.if_none_match(), Some(entity_tag(FIRST)));
        assert_eq!(again.number(), Some(FIRST));
        again.pass(70).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_document_is_fetched_again_when_sync_is_woken() {
    let store = FakeBoardStore::new();
    let world = World::with_store(Arc::new(store.clone()));
    world.publish(&samples::board(FIRST, &[b"one"]));
    let handle = world.start();
    world.pass(1).await;
    world.events();
    let hash = ContentHash::of(b"one");
    store.put(hash, b"bad");
    assert!(store.open(&hash).is_err());
    handle.wake();
    world.pass(1).await;
    assert!(world.events().contains(&arrived(b"one")));
    assert!(store.open(&hash).unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_damaged_store_is_filled_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::new(samples::central().public(), samples::display());
    let opened = || {
        let reserve = Arc::new(Reserve::open(folder.path(), 0));
        SqliteBoardStore::open(folder.path(), config.clone(), reserve).unwrap()
    };
    let mut world = World::with_store(Arc::new(opened()));
    world.publish(&samples::board(FIRST, &[b"one"]));
    world.start();
    world.pass(1).await;
    world.shutdown.cancel();
    world.pass(1).await;
    // Whoever has it open has it alone.
    world.store = Arc::new(FakeBoardStore::new());

    let database = rusqlite::Connection::open(folder.path().join("board.sqlite")).unwrap();
    database
        .execute(
            "UPDATE section SET bytes = X'00' WHERE length(bytes) > 100",
            [],
        )
        .unwrap();
    drop(database);
    let store = Arc::new(opened());
    assert_eq!(
        store.current().unwrap().unwrap().number(),
        FIRST,
        "the copy"
    );
    std::fs::remove_file(folder.path().join("board-copy.sqlite")).unwrap();
    assert!(store.current().is_err());
    let again = World::beside(&world, store);
    again.start();
    again.pass(1).await;
    assert_eq!(again.number(), Some(FIRST));
    assert!(again.events().contains(&"taken 1000".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn when_room_is_short_renditions_and_texts_go_before_posted_originals() {
    let store = FakeBoardStore::new();
    let world = World::with_store(Arc::new(store.clone()));
    let (original, more) = (vec![1; 400], vec![2; 400]);
    let (rendition, text) = (vec![4; 250], vec![3; 300]);
    let mut one = samples::notice("1", 1, &[&original]);
    one.documents[0].rendition = Some(ContentRef::to(&rendition));
    one.documents[0].text = Some(ContentRef::to(&text));
    let two = samples::notice("2", 1, &[&more]);
    let bytes: [&[u8]; 4] = [&original, &more, &rendition, &text];
    store.set_document_budget(1_000);
    world.publish(&samples::board_of(FIRST, vec![one.clone()], &bytes));
    world.start();
    world.pass(1).await;
    for made in [&rendition, &text] {
        assert!(world.store.has(&ContentHash::of(made)));
    }
    world.publish(&samples::board_of(FIRST + 1, vec![one, two], &bytes));
    world.central.announce();
    world.pass(1).await;
    let has = bytes.map(|bytes| world.store.has(&ContentHash::of(bytes)));
    assert_eq!(has, [true, true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_fetched_again_gets_the_room_of_texts() {
    let store = FakeBoardStore::new();
    let world = World::with_store(Arc::new(store.clone()));
    let (original, text) = (vec![1; 400], vec![3; 300]);
    let mut notice = samples::notice("1", 1, &[&original]);
    notice.documents[0].text = Some(ContentRef::to(&text));
    let bytes: [&[u8]; 2] = [&original, &text];
    world.publish(&samples::board_of(FIRST, vec![notice], &bytes));
    let handle = world.start();
    world.pass(1).await;
    assert!(world.store.has(&ContentHash::of(&text)));
    // Meanwhile others have filled the disk.
    store.set_document_budget(500);
    let hash = ContentHash::of(&original);
    store.put(hash, b"bad");
    assert!(store.open(&hash).is_err());
    handle.wake();
    world.pass(1).await;
    let has = [&original, &text].map(|bytes| world.store.has(&ContentHash::of(bytes)));
    assert_eq!(has, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_time_of_central_removes_no_posted_original() {
    let store = FakeBoardStore::new();
    store.set_document_budget(100);
    let mut world = World::with_store(Arc::new(store));
    world.clock = FakeClock::at("2026-11-21T13:32:00Z".parse().unwrap());
    let (posted, ended) = (vec![1; 400], vec![2; 400]);
    let until = |id: &str, document: &[u8], day: &str| {
        let mut notice = samples::notice(id, 1, &[document]);
        notice.relevant_until = MomentRecord::Date(day.parse().unwrap());
        notice
    };
    let notices = vec![
        until("posted", &posted, "2026-12-06"),
        until("ended", &ended, "2026-11-20"),
    ];
    let bytes: [&[u8]; 2] = [&posted, &ended];
    let has = |world: &World| bytes.map(|bytes| world.store.has(&ContentHash::of(bytes)));
    world.publish(&samples::board_of(FIRST, notices.clone(), &bytes));
    world.start();
    world.pass(1).await;
    assert_eq!(has(&world), [true, false]);
    world
        .central
        .set_now("2027-11-21T13:32:00Z".parse().unwrap());
    world.publish(&samples::board_of(FIRST + 1, notices, &bytes));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.number(), Some(FIRST + 1));
    assert_eq!(has(&world), [true, false]);
}

#[tokio::test(start_paused = true)]
async fn the_disk_never_holds_up_the_network() {
    let store = FakeBoardStore::new();
    let world = World::with_store(Arc::new(store.clone()));
    let long = vec![7; 5_000];
    world.publish(&samples::board(FIRST, &[b"first"]));
    world.start();
    world.pass(1).await;
    world.central.cut_next(&[Some(1_500), None]);
    world.publish(&samples::board(FIRST + 1, &[b"first", &long]));
    world.central.announce();
    world.pass(100).await;
    // The network has this one thread.
    assert!(!store.threads().contains(&std::thread::current().id()));
    assert!(store.has(&ContentHash::of(&long)));
}

fn answer(text: &str) -> SurveyAnswer {
    SurveyAnswer {
        survey: "urad".to_owned(),
        question: "spokojenost".to_owned(),
        answer: text.to_owned(),
        day: "2026-11-21".parse().unwrap(),
    }
}

impl World {
    fn keep(&self, text: &str, milliseconds: i64) {
        let now = DateTime::from_timestamp_millis(milliseconds).unwrap();
        self.outbox.keep_answer(&answer(text), now).unwrap();
    }

    fn waiting(&self) -> usize {
        let waiting = self.outbox.waiting_answers(1000).unwrap();
        waiting.map_or(0, |batch| batch.answers.len())
    }

    /// What central has, in the order of the numbers.
    fn arrived(&self) -> Vec<String> {
        let answers = self.central.answers();
        answers.into_values().map(|one| one.answer).collect()
    }

    fn times_sent(&self) -> usize {
        let asked = self.central.asked();
        asked.iter().filter(|one| *one == "answers").count()
    }
}

#[tokio::test(start_paused = true)]
async fn answers_are_sent_once_and_then_forgotten() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.keep("4", 1_000);
    world.keep("5", 1_000);
    world.start();
    world.pass(5).await;
    assert_eq!(world.arrived(), ["4", "5"]);
    assert_eq!(world.waiting(), 0);
    world.pass(300).await;
    assert_eq!(
        world.times_sent(),
        1,
        "what was acknowledged is not sent again"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_wait_for_the_network_and_for_the_acknowledgement() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.central.set_unreachable(true);
    world.keep("4", 1_000);
    world.start();
    world.pass(600).await;
    assert_eq!((world.arrived().len(), world.waiting()), (0, 1));

    // They arrive, but the acknowledgement is lost.
    world.central.set_unreachable(false);
    world.central.lose_acknowledgements(true);
    world.pass(600).await;
    assert_eq!((world.arrived().len(), world.waiting()), (1, 1));

    world.central.lose_acknowledgements(false);
    world.keep("1", 2_000);
    world.pass(600).await;
    assert_eq!(world.arrived(), ["4", "1"], "none is counted twice");
    assert_eq!(world.waiting(), 0);
    assert_eq!(world.number(), Some(FIRST), "the board never waited");
}

#[tokio::test(start_paused = true)]
async fn many_answers_go_in_batches() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    for number in 0..250 {
        world.keep("3", number);
    }
    world.start();
    world.pass(5).await;
    assert_eq!((world.arrived().len(), world.waiting()), (250, 0));
    assert_eq!(world.times_sent(), 3);
    assert!(
        world
            .central
            .answers()
            .into_keys()
            .all(|(id, _)| id.is_some())
    );
}
