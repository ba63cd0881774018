//! Events that carry a manifest.

use vyveska_wire::envelope::Envelope;
use vyveska_wire::event::ManifestAnnounced;
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
    });
    world.pass(1).await;
    assert_eq!(world.events(), ["refused None", "heard"]);
    assert_eq!(world.number(), Some(FIRST));
}
