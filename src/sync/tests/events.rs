//! Events that carry a manifest.

use vyveska_wire::envelope::Envelope;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::limits::MAX_JITTER_MS;
use vyveska_wire::section::SettingsSection;

use super::alerts::with_alert;
use super::*;

/// The event of a board, as central sends it when the alerts changed.
fn event(board: &SampleBoard) -> ManifestAnnounced {
    let alerts = board.verify().unwrap().manifest().sections.alerts;
    let alerts = board.sections[&alerts.hash].clone();
    ManifestAnnounced {
        number: board.number,
        manifest: Some(Envelope::from_bytes(&board.envelope).unwrap()),
        alerts: Some(String::from_utf8(alerts).unwrap()),
        jitter_ms: 0,
    }
}

/// A kiosk with the first board.
async fn world() -> World {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
    world
}

#[tokio::test(start_paused = true)]
async fn an_event_brings_a_manifest_and_its_alerts() {
    let world = world().await;
    let asked = world.central.asked().len();
    let notices = vec![samples::notice("a", 1, &[])];
    let board = with_alert(samples::board_of(FIRST + 1, notices, &[]), "flood");
    world.publish(&board);
    world.central.send_event(event(&board));
    world.pass(1).await;
    // The alert does not wait for the notices.
    assert_eq!(world.events(), ["taken 1001"; 2]);
    let notices = board.verify().unwrap().notices_hash();
    let asked = world.central.asked()[asked..].to_vec();
    assert_eq!(asked, [format!("content {notices} from 0")]);
    // When it is as of is said by the next signed time.
    world.pass(66).await;
    assert_eq!(world.events(), ["heard"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_board_is_dated_at_once_although_an_event_brings_it() {
    let world = World::new();
    world.start();
    world.pass(1).await;
    assert!(!world.events().contains(&"heard".to_owned()));
    let board = samples::board(FIRST, &[]);
    world.publish(&board);
    world.central.send_event(event(&board));
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
}

#[tokio::test(start_paused = true)]
async fn events_do_not_put_off_the_signed_time() {
    let world = world().await;
    for number in 1..=10 {
        let board = samples::board(FIRST + number, &[]);
        world.publish(&board);
        world.central.send_event(event(&board));
        world.pass(10).await;
        assert_eq!(world.number(), Some(FIRST + number));
    }
    assert!(world.events().contains(&"heard".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_replayed_event_brings_nothing_back() {
    let world = world().await;
    let old = with_alert(samples::board(FIRST + 1, &[]), "flood");
    let new = samples::board(FIRST + 2, &[]);
    for board in [&old, &new] {
        world.publish(board);
        world.central.send_event(event(board));
        world.pass(1).await;
    }
    assert_eq!(world.events(), ["taken 1001", "taken 1002"]);
    for _ in 0..3 {
        world.central.send_event(event(&old));
        world.pass(1).await;
        assert_eq!(world.events(), ["heard"]);
        assert_eq!(world.number(), Some(FIRST + 2));
    }

    // Neither where the number in the event is a lie.
    let lie = ManifestAnnounced {
        number: FIRST + 3,
        ..event(&old)
    };
    world.central.send_event(lie);
    world.pass(1).await;
    assert_eq!(world.events(), ["refused Some(1001)", "heard"]);
    assert_eq!(world.number(), Some(FIRST + 2));
}

#[tokio::test(start_paused = true)]
async fn a_replayed_event_brings_nothing_back_although_the_store_was_lost() {
    let world = World::new();
    let old = samples::board(FIRST, &[b"old"]);
    let settings = SettingsSection::of_town("Městys Lipnice", "lipnice.example");
    let new = samples::with_section(
        samples::board(FIRST + 1, &[b"new"]),
        |sections| &mut sections.settings,
        serde_json::to_vec(&settings).unwrap(),
    );
    world.publish(&old);
    world.publish(&new);
    let sections = new.verify().unwrap().manifest().sections.clone();
    let stalled = [sections.notices.hash, sections.settings.hash];
    for hash in &stalled {
        world.central.set_stalled(hash, true);
    }
    let mut lost = World::beside(&world, Arc::new(FakeBoardStore::new()));
    lost.config.attempt_limit = Duration::from_secs(1);
    lost.start();
    lost.pass(5).await;
    for _ in 0..3 {
        lost.central.send_event(event(&old));
        lost.pass(60).await;
        assert_eq!(lost.number(), None);
    }
    for hash in &stalled {
        world.central.set_stalled(hash, false);
    }
    lost.pass(600).await;
    assert_eq!(lost.number(), Some(FIRST + 1));
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_signer_is_refused() {
    let world = world().await;
    let board = samples::board(FIRST + 1, &[]);
    let manifest = board.verify().unwrap().manifest().clone();
    let stranger = KeyPair::from_seed(&[66; 32]);
    world.central.send_event(ManifestAnnounced {
        number: board.number,
        manifest: Some(Envelope::seal(&manifest, &stranger)),
        alerts: None,
        jitter_ms: 0,
    });
    world.pass(1).await;
    assert_eq!(world.events(), ["refused None", "heard"]);
    assert_eq!(world.number(), Some(FIRST));
}

#[tokio::test(start_paused = true)]
async fn not_all_of_very_many_refused_manifests_are_reported() {
    let world = world().await;
    let event = event(&samples::board(FIRST + 1, &[]));
    for number in 0..200 {
        let mut other = event.clone();
        if let Some(manifest) = &mut other.manifest {
            manifest.message_type = format!("another {number}");
        }
        world.central.send_event(other);
        world.pass(1).await;
    }
    let events = world.events();
    let refused = events.iter().filter(|one| *one == "refused None").count();
    assert!((1..100).contains(&refused), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn alerts_that_no_signed_manifest_names_are_not_kept() {
    let world = world().await;
    let board = with_alert(samples::board(FIRST + 1, &[]), "flood");
    let manifest = board.verify().unwrap().manifest().clone();
    let stranger = KeyPair::from_seed(&[66; 32]);
    world.central.send_event(ManifestAnnounced {
        manifest: Some(Envelope::seal(&manifest, &stranger)),
        ..event(&board)
    });
    world.pass(1).await;
    assert_eq!(world.events(), ["refused None", "heard"]);

    let asked = world.central.asked().len();
    world.publish(&board);
    world.central.announce();
    world.pass(1).await;
    assert_eq!(world.number(), Some(FIRST + 1));
    let fetched = format!("content {} from 0", manifest.sections.alerts.hash);
    assert!(world.central.asked()[asked..].contains(&fetched));
}

/// Something of a manifest, which an event or a round has brought, does not come; and nothing like it of the next one.
async fn an_alert_overtakes(stalled: impl Fn(&SampleBoard) -> ContentHash) {
    for by_event in [true, false] {
        let world = world().await;
        let slow = samples::board(FIRST + 1, &[b"slow"]);
        world.central.set_stalled(&stalled(&slow), true);
        world.publish(&slow);
        if by_event {
            world.central.send_event(event(&slow));
        } else {
            world.central.announce();
        }
        world.pass(5).await;
        assert_eq!(world.number(), Some(FIRST));
        let flood = with_alert(samples::board(FIRST + 2, &[b"slow"]), "flood");
        world.publish(&flood);
        world.central.set_stalled(&stalled(&flood), true);
        world.central.send_event(event(&flood));
        world.pass(1).await;
        let board = world.store.current().unwrap().unwrap();
        assert_eq!(board.number(), FIRST + 2, "by event: {by_event}");
        assert_eq!(board.content().alerts[0].id, "flood");

        for board in [&slow, &flood] {
            world.central.set_stalled(&stalled(board), false);
        }
        world.pass(3_600).await;
        let board = world.store.current().unwrap().unwrap();
        assert!(board.is_whole());
        assert!(world.store.has(&ContentHash::of(b"slow")));
    }
}

#[tokio::test(start_paused = true)]
async fn an_alert_overtakes_notices_that_do_not_come() {
    an_alert_overtakes(|board| board.verify().unwrap().notices_hash()).await;
}

#[tokio::test(start_paused = true)]
async fn an_alert_overtakes_a_document_that_does_not_come() {
    an_alert_overtakes(|_| ContentHash::of(b"slow")).await;
}

/// Checks that an alert is shown of a board that is not whole yet.
#[track_caller]
fn check_alert(world: &World, number: u64, id: &str) {
    let board = world.store.current().unwrap().unwrap();
    assert_eq!(board.number(), number);
    assert_eq!(board.content().alerts[0].id, id);
    assert!(!board.is_whole());
}

#[tokio::test(start_paused = true)]
async fn an_alert_overtakes_the_first_notices() {
    let world = World::new();
    let first = samples::board(FIRST, &[b"one"]);
    let flood = with_alert(samples::board(FIRST + 1, &[b"two"]), "flood");
    for board in [&first, &flood] {
        let notices = board.verify().unwrap().notices_hash();
        world.central.set_stalled(&notices, true);
    }
    world.publish(&first);
    world.start();
    world.pass(5).await;
    assert_eq!(world.number(), None);
    world.publish(&flood);
    world.central.send_event(event(&flood));
    world.pass(1).await;
    check_alert(&world, FIRST + 1, "flood");
}

#[tokio::test(start_paused = true)]
async fn only_another_alert_overtakes_one_that_does_not_come() {
    let world = world().await;
    let flood = |number| with_alert(samples::board(number, &[b"one"]), "flood");
    let alerts = flood(FIRST)
        .verify()
        .unwrap()
        .manifest()
        .sections
        .alerts
        .hash;
    world.central.set_stalled(&alerts, true);
    world.publish(&flood(FIRST + 1));
    world.central.announce();
    world.pass(5).await;
    // The alert that is on its way is not fetched anew.
    for number in [FIRST + 2, FIRST + 3] {
        world.publish(&flood(number));
        world.central.send_event(ManifestAnnounced {
            alerts: None,
            ..event(&flood(number))
        });
        world.pass(5).await;
    }
    let asked = world.central.asked();
    let asked = asked.iter().filter(|one| one.contains(&alerts.to_string()));
    assert_eq!(asked.count(), 1);
    assert_eq!(world.number(), Some(FIRST));

    let fire = with_alert(samples::board(FIRST + 4, &[b"two"]), "fire");
    let notices = fire.verify().unwrap().notices_hash();
    world.central.set_stalled(&notices, true);
    world.publish(&fire);
    world.central.send_event(event(&fire));
    world.pass(1).await;
    check_alert(&world, FIRST + 4, "fire");
}

#[tokio::test(start_paused = true)]
async fn the_alerts_of_an_event_that_nobody_has_looked_at_stay_with_the_next() {
    let mut world = World::new();
    world.config.shortest_pause = Duration::from_secs(10);
    world.publish(&samples::board(FIRST, &[]));
    world.start();
    world.pass(11).await;
    let flood = with_alert(samples::board(FIRST + 1, &[]), "flood");
    let next = with_alert(samples::board(FIRST + 2, &[]), "flood");
    // Not offered otherwise.
    let alerts = flood.verify().unwrap().manifest().sections.alerts.hash;
    for board in [&flood, &next] {
        world.publish(board);
    }
    world.central.remove(&alerts);
    world.central.send_event(event(&flood));
    world.pass(1).await;
    let announced = ManifestAnnounced {
        number: next.number,
        manifest: Some(Envelope::from_bytes(&next.envelope).unwrap()),
        // The one before it does not wait.
        jitter_ms: u64::MAX,
        ..ManifestAnnounced::default()
    };
    world.central.send_event(announced);
    world.pass(11).await;
    assert_eq!(world.number(), Some(FIRST + 2));
}

/// Whether a round has begun since the `asked` requests.
fn has_begun(world: &World, asked: usize) -> bool {
    world.central.asked()[asked..].contains(&"now".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_call_begins_a_round_whatever_was_announced_before() {
    let mut world = World::new();
    // The next round is due before an event is looked at.
    world.config.poll_interval = Duration::from_millis(100);
    world.publish(&samples::board(FIRST, &[]));
    let handle = world.start();
    world.pass(1).await;
    world.central.announce();
    world.pass(1).await;
    world.central.set_unreachable(true);
    world.pass(600).await;
    world.central.set_unreachable(false);
    let asked = world.central.asked().len();
    handle.wake();
    world.pass(1).await;
    assert!(has_begun(&world, asked));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_with_an_event_begins_a_round() {
    let world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    let handle = world.start();
    world.pass(1).await;
    // Neither is looked at while a document is waited for.
    let board = samples::board(FIRST + 1, &[b"slow"]);
    world.publish(&board);
    world.central.set_stalled(&ContentHash::of(b"slow"), true);
    world.central.send_event(event(&board));
    world.pass(5).await;
    let asked = world.central.asked().len();
    world.central.announce();
    handle.wake();
    world.pass(30).await;
    assert_eq!(world.number(), Some(FIRST + 1));
    assert!(has_begun(&world, asked));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_looked_at_within_its_jitter_and_an_alert_at_once() {
    let world = world().await;
    let announce = |number| {
        let board = samples::board(number, &[]);
        world.publish(&board);
        world.central.send_event(ManifestAnnounced {
            // A display does not believe that it has to wait so long.
            jitter_ms: u64::MAX,
            ..event(&board)
        });
    };
    let mut waits = Vec::new();
    for number in FIRST + 1..=FIRST + 8 {
        announce(number);
        let mut seconds = 0;
        while world.number() != Some(number) {
            world.pass(1).await;
            seconds += 1;
        }
        waits.push(seconds);
    }
    assert!(
        waits.iter().all(|one| *one <= MAX_JITTER_MS / 1_000 + 1),
        "{waits:?}"
    );
    // They differ.
    assert!(
        waits.iter().any(|one| *one > 2 && *one != waits[0]),
        "{waits:?}"
    );

    announce(FIRST + 9);
    world.pass(1).await;
    let flood = with_alert(samples::board(FIRST + 10, &[]), "flood");
    world.publish(&flood);
    world.central.send_event(event(&flood));
    world.pass(1).await;
    assert_eq!(world.number(), Some(FIRST + 10));
}
