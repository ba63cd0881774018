//! Manifests that are addressed to boards, and the assignment that says which board is this display's.

use chrono::{DateTime, Utc};
use vyveska_board::ClockBounds;

use super::alerts::{with_alert, with_planned_alert};
use super::*;
use crate::store::VerifiedAssignment;

/// A board of one notice, addressed to the displays of `id`.
fn board(number: u64, id: &str) -> SampleBoard {
    let notices = vec![samples::notice(id, 1, &[])];
    samples::of_board(samples::board_of(number, notices, &[]), id)
}

impl World {
    fn assign(&self, number: u64, id: &str) {
        let envelope = samples::assignment(number, id);
        self.central.assign(number, &envelope);
    }

    /// The number of the assignment in use with the notice that is posted.
    fn in_use(&self) -> (u64, String) {
        let board = self.store.current().unwrap().unwrap();
        let number = board.assignment().map_or(0, |one| one.number());
        (number, board.notices().notices[0].id.clone())
    }
}

/// A kiosk that shows the board of Lipnice.
async fn world() -> World {
    let world = World::new();
    world.assign(7, "lipnice");
    world.publish(&board(FIRST, "lipnice"));
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
    assert_eq!(world.in_use(), (7, "lipnice".to_owned()));
    world
}

#[tokio::test(start_paused = true)]
async fn the_manifest_of_another_board_is_refused() {
    let world = world().await;
    world.publish(&board(FIRST + 1, "rolava"));
    world.pass(70).await;
    assert_eq!(world.events(), ["refused None"]);
    assert_eq!(world.in_use(), (7, "lipnice".to_owned()));

    // A display without an assignment takes none.
    let new = World::new();
    new.publish(&board(FIRST, "lipnice"));
    new.start();
    new.pass(70).await;
    assert_eq!(new.events(), ["refused None"]);
    assert_eq!(new.number(), None);
}

#[tokio::test(start_paused = true)]
async fn another_assignment_is_taken_with_the_manifest_in_use() {
    let world = world().await;
    let asked = world.asked_for_content();
    world.assign(8, "lipnice");
    world.pass(70).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
    assert_eq!(world.in_use(), (8, "lipnice".to_owned()));
    let board = world.store.current().unwrap().unwrap();
    assert_eq!(board.settings().part["cs"], "část 8");
    assert_eq!(board.settings().service_pin_hash.as_deref(), Some("hash 8"));
    assert_eq!(world.asked_for_content(), asked);
    // The journal had it before the store.
    let journalled = world.journalled.lock().unwrap().clone();
    assert_eq!(journalled, [(FIRST, None), (FIRST, Some(FIRST))]);
    world.pass(300).await;
    assert_eq!(world.events(), ["heard"], "once");
}

#[tokio::test(start_paused = true)]
async fn a_replayed_assignment_is_refused() {
    let world = world().await;
    for replayed in [6, 7] {
        // Central has signed that there is a newer one.
        let envelope = samples::assignment(replayed, "rolava");
        world.central.assign(8, &envelope);
        world.publish(&board(FIRST + replayed, "rolava"));
        world.pass(70).await;
        assert_eq!(world.in_use(), (7, "lipnice".to_owned()));
    }
    let events = world.events();
    // No manifest: the journal must not say so.
    let refused = "refused assignment Some(6) Some(\"rolava\")";
    assert_eq!(events[0], refused);
    assert!(!events.iter().any(|one| one.starts_with("taken")));
}

#[tokio::test(start_paused = true)]
async fn an_assignment_is_taken_although_the_notices_are_refused() {
    let mut world = World::new();
    world.config.max_section_bytes = 5_000;
    world.assign(7, "lipnice");
    world.publish(&board(FIRST, "lipnice"));
    world.start();
    world.pass(1).await;
    let large = with_alert(alerts::large(FIRST + 1), "flood");
    world.publish(&samples::of_board(large, "lipnice"));
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.number(), Some(FIRST + 1));
    let check = |world: &World, number| {
        assert_eq!(world.in_use(), (number, "lipnice".to_owned()));
        let board = world.store.current().unwrap().unwrap();
        let pin = board.settings().service_pin_hash.clone();
        assert_eq!(pin, Some(format!("hash {number}")));
        assert!(!board.is_whole());
    };
    world.assign(8, "lipnice");
    world.pass(70).await;
    check(&world, 8);

    // Also by a display that was started again since.
    world.shutdown.cancel();
    world.assign(9, "lipnice");
    let mut again = World::beside(&world, Arc::clone(&world.store));
    again.config.max_section_bytes = 5_000;
    again.start();
    again.pass(1).await;
    check(&again, 9);
}

/// When the alerts are in force.
fn now() -> DateTime<Utc> {
    "2026-11-21T13:32:00Z".parse().unwrap()
}

/// Lets the notices of the next board not come.
fn stall(world: &World, board: &SampleBoard, stalled: bool) {
    let notices = board.verify_with(Some(samples::assigned(8, "rolava")));
    let notices = notices.unwrap().notices_hash();
    world.central.set_stalled(&notices, stalled);
}

/// The number in use with the ids of its alerts; nothing is known of notices.
fn alerts_alone(world: &World) -> (u64, Vec<String>) {
    let board = world.store.current().unwrap().unwrap();
    let content = board.content();
    assert!(!content.has_notices());
    let alerts = content.alerts.iter().map(|one| one.id.clone());
    (board.number(), alerts.collect())
}

#[tokio::test(start_paused = true)]
async fn a_display_that_is_moved_shows_its_board_until_it_has_the_other() {
    // The numbers of the other board are its own.
    for number in [FIRST + 1, FIRST, FIRST - 1] {
        let world = world().await;
        let other = board(number, "rolava");
        stall(&world, &other, true);
        world.assign(8, "rolava");
        world.publish(&other);
        world.pass(70).await;
        assert_eq!(world.events(), [""; 0]);
        assert_eq!(world.in_use(), (7, "lipnice".to_owned()));
        stall(&world, &other, false);
        world.pass(3_600).await;
        assert_eq!(world.in_use(), (8, "rolava".to_owned()));
        assert_eq!(world.number(), Some(number));
    }
}

#[tokio::test(start_paused = true)]
async fn an_alert_of_the_other_board_is_shown_with_nothing_of_the_one_before() {
    let world = world().await;
    world.clock.set(ClockBounds::exact(now()));
    let other = with_alert(board(FIRST + 1, "rolava"), "flood");
    stall(&world, &other, true);
    world.assign(8, "rolava");
    world.publish(&other);
    world.pass(70).await;
    assert_eq!(alerts_alone(&world), (FIRST + 1, vec!["flood".to_owned()]));
    stall(&world, &other, false);
    world.pass(3_600).await;
    assert_eq!(world.in_use(), (8, "rolava".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_alert_of_the_other_board_takes_notices_down_when_its_time_has_come() {
    let world = world().await;
    let other = board(FIRST + 1, "rolava");
    let other = with_planned_alert(other, "flood", Some("2026-11-21T15:00:00Z"));
    stall(&world, &other, true);
    world.assign(8, "rolava");
    world.publish(&other);
    world.pass(70).await;
    assert_eq!(world.in_use(), (7, "lipnice".to_owned()));
    let onset = "2026-11-21T15:00:00Z".parse().unwrap();
    world.clock.set(ClockBounds::exact(onset));
    world.pass(3_600).await;
    assert_eq!(alerts_alone(&world), (FIRST + 1, vec!["flood".to_owned()]));
}

/// Nothing says of which board one is that is addressed to the display.
#[tokio::test(start_paused = true)]
async fn nothing_of_a_board_of_the_program_before_stands_under_another() {
    for has_alert in [false, true] {
        let mut world = World::new();
        world.clock = FakeClock::at(now());
        world.config.max_section_bytes = 5_000;
        let before = samples::board_of(FIRST, vec![samples::notice("before", 1, &[])], &[]);
        world.store.switch(&before.verify().unwrap()).unwrap();
        let mut other = alerts::large(FIRST + 1);
        if has_alert {
            other = with_alert(other, "flood");
        }
        world.assign(7, "rolava");
        world.publish(&samples::of_board(other, "rolava"));
        world.start();
        world.pass(70).await;
        if has_alert {
            assert_eq!(alerts_alone(&world), (FIRST + 1, vec!["flood".to_owned()]));
        } else {
            assert_eq!(world.in_use(), (0, "before".to_owned()));
        }
    }
}

/// The notice that a kiosk shows which had this board and was moved to another, whose notices are too large and whose
/// alert is `flood`.
async fn shown_when_moved(
    now: &str,
    before: SampleBoard,
    assigned: Option<VerifiedAssignment>,
) -> String {
    let mut world = World::new();
    world.config.max_section_bytes = 5_000;
    world.clock = FakeClock::at(now.parse().unwrap());
    let before = before.verify_with(assigned).unwrap();
    world.store.switch(&before).unwrap();
    let other = with_alert(alerts::large(FIRST + 1), "flood");
    world.assign(8, "rolava");
    world.publish(&samples::of_board(other, "rolava"));
    world.start();
    world.pass(70).await;
    assert_eq!(world.events(), ["refused Some(1001)"]);
    world.in_use().1
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_both_boards_have_takes_no_notices_down() {
    let now = "2026-11-21T13:32:00Z";
    let lipnice = with_alert(board(FIRST, "lipnice"), "flood");
    let assigned = Some(samples::assigned(7, "lipnice"));
    assert_eq!(shown_when_moved(now, lipnice, assigned).await, "lipnice");
    // The board may be the same one, which the program before had.
    let before = samples::board_of(FIRST, vec![samples::notice("before", 1, &[])], &[]);
    let before = with_alert(before, "flood");
    assert_eq!(shown_when_moved(now, before, None).await, "before");
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_is_over_takes_no_notices_down() {
    let now = "2026-11-22T13:00:00Z";
    let assigned = Some(samples::assigned(7, "lipnice"));
    let shown = shown_when_moved(now, board(FIRST, "lipnice"), assigned).await;
    assert_eq!(shown, "lipnice");
}

#[tokio::test(start_paused = true)]
async fn a_central_service_from_a_backup_signs_beyond_what_is_here() {
    let world = world().await;
    world.central.sign_beyond_held();
    world.assign(6, "lipnice");
    world.publish(&board(FIRST - 1, "lipnice"));
    world.pass(70).await;
    assert_eq!(world.in_use(), (8, "lipnice".to_owned()));
    assert_eq!(world.number(), Some(FIRST + 1));
    let refused = |one: &String| one.starts_with("refused");
    assert!(!world.events().iter().any(refused));
}

#[tokio::test(start_paused = true)]
async fn a_board_of_the_program_before_is_shown_until_the_next_one_is_taken() {
    let world = World::new();
    let before = samples::board_of(FIRST, vec![samples::notice("before", 1, &[])], &[]);
    world.store.switch(&before.verify().unwrap()).unwrap();
    world.central.set_unreachable(true);
    world.start();
    world.pass(70).await;
    assert_eq!(world.in_use(), (0, "before".to_owned()));
    world.central.set_unreachable(false);
    world.assign(7, "lipnice");
    world.publish(&board(FIRST + 1, "lipnice"));
    world.pass(600).await;
    assert_eq!(world.in_use(), (7, "lipnice".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_the_assignment_is_not_asked_for_again() {
    let world = world().await;
    world.shutdown.cancel();
    let again = World::beside(&world, Arc::clone(&world.store));
    let asked = again.central.asked().len();
    again.start();
    again.pass(1).await;
    assert_eq!(again.events(), ["heard"]);
    let asked = again.central.asked()[asked..].to_vec();
    assert!(!asked.contains(&"assignment".to_owned()), "{asked:?}");
}
