//! Manifests that are addressed to boards, and the assignment that says which board is this display's.

use super::*;

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
async fn a_display_that_is_moved_shows_its_board_until_it_has_the_other() {
    let world = world().await;
    let other = board(FIRST + 1, "rolava");
    let notices = other.verify_with(Some(samples::assigned(8, "rolava")));
    let notices = notices.unwrap().notices_hash();
    world.assign(8, "rolava");
    world.publish(&super::alerts::with_alert(other, "flood"));
    world.central.set_stalled(&notices, true);
    world.pass(70).await;
    assert_eq!(world.events(), [""; 0]);
    assert_eq!(world.in_use(), (7, "lipnice".to_owned()));
    world.central.set_stalled(&notices, false);
    world.pass(3_600).await;
    assert_eq!(world.in_use(), (8, "rolava".to_owned()));
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
