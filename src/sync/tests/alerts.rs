//! Alerts and settings that come while the notices of their manifest cannot be used.

use vyveska_wire::alert::{AlertRecord, AlertSeverity, AlertsSection};
use vyveska_wire::section::{InformationSection, NOTICES_UNKNOWN, SettingsSection};

use super::*;

pub(super) fn with_alert(board: SampleBoard, id: &str) -> SampleBoard {
    with_planned_alert(board, id, None)
}

pub(super) fn with_planned_alert(board: SampleBoard, id: &str, onset: Option<&str>) -> SampleBoard {
    let alert = AlertRecord {
        id: id.to_owned(),
        severity: AlertSeverity::Extreme,
        status: Default::default(),
        sender: Default::default(),
        sent: "2026-11-21T13:00:00Z".parse().unwrap(),
        onset: onset.map(|onset| onset.parse().unwrap()),
        expires: "2026-11-22T13:00:00Z".parse().unwrap(),
        headline: Default::default(),
        description: Default::default(),
        instructions: Default::default(),
        url: None,
    };
    let alerts = AlertsSection {
        alerts: vec![alert],
    };
    let bytes = serde_json::to_vec(&alerts).unwrap();
    samples::with_section(board, |sections| &mut sections.alerts, bytes)
}

/// A board with more notices than the limit of [`world`] allows.
pub(super) fn large(number: u64) -> SampleBoard {
    let notices = (0..100).map(|n| samples::notice(&n.to_string(), 1, &[]));
    samples::board_of(number, notices.collect(), &[])
}

fn small(number: u64, id: &str) -> SampleBoard {
    samples::board_of(number, vec![samples::notice(id, 1, &[])], &[])
}

/// What central publishes of a board of which it has no notices yet.
fn before_notices(number: u64, alert: &str) -> SampleBoard {
    let board = with_alert(samples::board_of(number, Vec::new(), &[]), alert);
    let unknown = NOTICES_UNKNOWN.to_vec();
    samples::with_section(board, |sections| &mut sections.notices, unknown)
}

/// The manifest in use with the ids of its alerts and notices.
fn in_use(store: &dyn BoardStore) -> (u64, Vec<String>, Vec<String>) {
    let board = store.current().unwrap().unwrap();
    let alerts = &board.content().alerts;
    let notices = &board.notices().notices;
    (
        board.number(),
        alerts.iter().map(|alert| alert.id.clone()).collect(),
        notices.iter().map(|notice| notice.id.clone()).collect(),
    )
}

fn expected(number: u64, alert: &str, notice: &str) -> (u64, Vec<String>, Vec<String>) {
    (number, vec![alert.to_owned()], vec![notice.to_owned()])
}

/// A kiosk that shows the notice `a` and refuses sections of over 5,000 bytes.
async fn world(folder: &tempfile::TempDir) -> World {
    let store = opened(folder);
    let mut world = World::with_store(Arc::new(store));
    world.config.max_section_bytes = 5_000;
    world.publish(&small(FIRST, "a"));
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
    world
}

/// A kiosk that is stopped, its store closed, and started again.
async fn restarted(world: World, folder: &tempfile::TempDir) -> World {
    let central = world.central.clone();
    world.shutdown.cancel();
    world.pass(1).await;
    drop(world);
    let mut again = World::with_store(Arc::new(opened(folder)));
    again.central = central;
    again.config.max_section_bytes = 5_000;
    again
}

fn opened(folder: &tempfile::TempDir) -> SqliteBoardStore {
    let config = StoreConfig::new(samples::central().public(), samples::display());
    let reserve = Arc::new(Reserve::open(folder.path(), 0));
    SqliteBoardStore::open(folder.path(), config, reserve).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_taken_although_the_notices_are_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    world.publish(&with_alert(large(FIRST + 1), "flood"));
    world.central.announce();
    world.pass(1).await;
    let taken = expected(FIRST + 1, "flood", "a");
    assert_eq!(in_use(world.store.as_ref()), taken);
    assert_eq!(world.events(), ["taken 1001", "refused Some(1001)"]);
    world.pass(3_600).await;
    // The notices are not as of now, so nothing says that they are.
    assert_eq!(world.events(), [""; 0]);
    assert_eq!(in_use(&opened(&folder)), taken, "after a restart, too");

    // The next alert comes, too, and in the end notices that fit.
    world.publish(&with_alert(large(FIRST + 2), "over"));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1002", "refused Some(1002)"]);
    let taken = expected(FIRST + 2, "over", "a");
    assert_eq!(in_use(world.store.as_ref()), taken);
    world.publish(&with_alert(small(FIRST + 3, "b"), "over"));
    world.central.announce();
    world.pass(1).await;
    let taken = expected(FIRST + 3, "over", "b");
    assert_eq!(in_use(world.store.as_ref()), taken);
    assert_eq!(world.events(), ["taken 1003", "heard"]);
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_the_notices_are_refused_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    world.publish(&with_alert(large(FIRST + 1), "flood"));
    world.central.announce();
    world.pass(1).await;
    world.shutdown.cancel();

    let mut again = World::beside(&world, Arc::clone(&world.store));
    again.config.max_section_bytes = 5_000;
    again.start();
    again.pass(600).await;
    assert_eq!(again.events(), ["refused Some(1001)"]);
    let taken = expected(FIRST + 1, "flood", "a");
    assert_eq!(in_use(again.store.as_ref()), taken);
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_taken_although_the_notices_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    let board = with_alert(small(FIRST + 1, "b"), "flood");
    let unreadable = b"{}".to_vec();
    let board = samples::with_section(board, |sections| &mut sections.notices, unreadable);
    world.publish(&board);
    world.central.announce();
    world.pass(1).await;
    assert_eq!(
        in_use(world.store.as_ref()),
        expected(FIRST + 1, "flood", "a")
    );
    assert_eq!(world.events(), ["taken 1001", "refused Some(1001)"]);
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_taken_before_notices_that_do_not_come() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    let board = with_alert(small(FIRST + 1, "b"), "flood");
    let notices = board.verify().unwrap().notices_hash();
    world.publish(&board);
    world.central.set_stalled(&notices, true);
    world.central.announce();
    world.pass(1).await;
    assert_eq!(
        in_use(world.store.as_ref()),
        expected(FIRST + 1, "flood", "a")
    );
    assert_eq!(world.events(), ["taken 1001"]);
    world.central.set_stalled(&notices, false);
    world.pass(3_600).await;
    assert_eq!(
        in_use(world.store.as_ref()),
        expected(FIRST + 1, "flood", "b")
    );
    let events = world.events();
    assert_eq!(events[events.len() - 2..], ["taken 1001", "heard"]);
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_taken_before_information_that_does_not_come() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    let mut information = serde_json::to_vec(&InformationSection::default()).unwrap();
    information.push(b' ');
    let hash = ContentHash::of(&information);
    let board = small(FIRST + 1, "a");
    let board = samples::with_section(board, |sections| &mut sections.information, information);
    world.publish(&with_alert(board, "flood"));
    world.central.set_stalled(&hash, true);
    world.central.announce();
    world.pass(1).await;
    let taken = expected(FIRST + 1, "flood", "a");
    assert_eq!(in_use(world.store.as_ref()), taken);
}

#[tokio::test(start_paused = true)]
async fn settings_are_taken_although_the_notices_are_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    let settings = SettingsSection::of_town("Městys Lipnice", "lipnice.example");
    let bytes = serde_json::to_vec(&settings).unwrap();
    let board = samples::with_section(large(FIRST + 1), |one| &mut one.settings, bytes);
    world.publish(&board);
    world.central.announce();
    world.pass(1).await;
    let board = world.store.current().unwrap().unwrap();
    assert_eq!(*board.settings(), settings);
    assert_eq!(board.notices().notices[0].id, "a");
}

#[tokio::test(start_paused = true)]
async fn behind_a_proxy_without_etags_each_reason_is_reported_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    world.central.leave_out_etags();
    let settings = vec![b' '; 6_000];
    let board = samples::with_section(large(FIRST + 1), |one| &mut one.settings, settings);
    world.publish(&board);
    world.pass(3_600).await;
    // Of the notices, and of the settings that are tried alone.
    assert_eq!(world.events(), ["refused Some(1001)"; 2]);
}

#[tokio::test(start_paused = true)]
async fn without_a_board_an_alert_is_taken_although_the_notices_are_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::with_store(Arc::new(opened(&folder)));
    world.config.max_section_bytes = 5_000;
    world.publish(&with_alert(large(FIRST), "flood"));
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "refused Some(1000)"]);
    let alone = |number, alert: &str| (number, vec![alert.to_owned()], vec![]);
    assert_eq!(in_use(world.store.as_ref()), alone(FIRST, "flood"));
    let board = world.store.current().unwrap().unwrap();
    assert!(
        !board.content().has_notices(),
        "nothing says that there are none"
    );
    world.pass(600).await;
    assert_eq!(world.events(), [""; 0]);

    // The next start has the alert, takes the next one and keeps it, and in the end takes notices.
    let again = restarted(world, &folder).await;
    assert_eq!(in_use(again.store.as_ref()), alone(FIRST, "flood"));
    again.publish(&with_alert(large(FIRST + 1), "fire"));
    again.start();
    again.pass(1).await;
    assert_eq!(again.events(), ["taken 1001", "refused Some(1001)"]);
    assert_eq!(in_use(&opened(&folder)), alone(FIRST + 1, "fire"));
    again.publish(&with_alert(small(FIRST + 2, "a"), "fire"));
    again.central.announce();
    again.pass(1).await;
    assert_eq!(again.events(), ["taken 1002", "heard"]);
    let taken = expected(FIRST + 2, "fire", "a");
    assert_eq!(in_use(&opened(&folder)), taken);
    let board = again.store.current().unwrap().unwrap();
    assert!(board.content().has_notices() && board.is_whole());
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_taken_and_nothing_refused_where_central_has_no_notices_yet() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder).await;
    world.publish(&before_notices(FIRST + 1, "flood"));
    world.central.announce();
    world.pass(3_600).await;
    assert_eq!(world.events(), ["taken 1001"]);
    let taken = expected(FIRST + 1, "flood", "a");
    assert_eq!(in_use(world.store.as_ref()), taken);
    assert_eq!(in_use(&opened(&folder)), taken, "after a restart, too");
    world.publish(&with_alert(small(FIRST + 2, "b"), "flood"));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1002", "heard"]);
    let taken = expected(FIRST + 2, "flood", "b");
    assert_eq!(in_use(world.store.as_ref()), taken);
}

#[tokio::test(start_paused = true)]
async fn without_a_board_an_alert_is_taken_and_nothing_refused_where_central_has_no_notices_yet() {
    let world = World::new();
    world.publish(&before_notices(FIRST, "flood"));
    world.start();
    world.pass(3_600).await;
    assert_eq!(world.events(), ["taken 1000"]);
    let alone = (FIRST, vec!["flood".to_owned()], vec![]);
    assert_eq!(in_use(world.store.as_ref()), alone);
    let board = world.store.current().unwrap().unwrap();
    assert!(!board.content().has_notices());
    world.publish(&with_alert(small(FIRST + 1, "a"), "flood"));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1001", "heard"]);
    let taken = expected(FIRST + 1, "flood", "a");
    assert_eq!(in_use(world.store.as_ref()), taken);
}

#[tokio::test(start_paused = true)]
async fn without_a_board_an_alert_is_taken_before_notices_that_do_not_come() {
    let mut world = World::new();
    world.config.attempt_limit = Duration::from_secs(5);
    let notices = vec![samples::notice("a", 1, &[b"slow"])];
    let board = with_alert(samples::board_of(FIRST, notices, &[b"slow"]), "flood");
    let notices = board.verify().unwrap().notices_hash();
    let document = ContentHash::of(b"slow");
    for hash in [&notices, &document] {
        world.central.set_stalled(hash, true);
    }
    world.publish(&board);
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000"]);
    let alone = (FIRST, vec!["flood".to_owned()], vec![]);
    assert_eq!(in_use(world.store.as_ref()), alone);

    // Nor do the first notices wait for their documents.
    world.central.set_stalled(&notices, false);
    world.pass(10).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
    let whole = expected(FIRST, "flood", "a");
    assert_eq!(in_use(world.store.as_ref()), whole);
    assert!(!world.store.has(&document));
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_the_next_alert_is_kept_although_the_notices_are_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let first = world(&folder).await;
    first.publish(&with_alert(large(FIRST + 1), "flood"));
    first.central.announce();
    first.pass(1).await;

    let again = restarted(first, &folder).await;
    again.publish(&with_alert(large(FIRST + 2), "fire"));
    again.start();
    again.pass(1).await;
    assert_eq!(again.events(), ["taken 1002", "refused Some(1002)"]);
    let taken = expected(FIRST + 2, "fire", "a");
    assert_eq!(in_use(again.store.as_ref()), taken);
    assert_eq!(in_use(&opened(&folder)), taken);
}
