//! A display that central does not know.

use vyveska_wire::enrolment::{EnrolmentRefusal, EnrolmentToken};

use super::*;

fn token(digit: &str) -> EnrolmentToken {
    EnrolmentToken::new(digit.repeat(64)).unwrap()
}

/// A kiosk with this token, of a central service that forgot it.
fn world(
    enrolment: Option<EnrolmentToken>,
    enrols: Result<EnrolmentToken, EnrolmentRefusal>,
) -> World {
    let mut world = World::new();
    world.publish(&samples::board(FIRST, &[]));
    world.central.forget_display(enrols);
    world.enrolment = enrolment;
    world
}

fn enrolments(world: &World) -> usize {
    let asked = world.central.asked();
    asked.iter().filter(|one| *one == "enrolment").count()
}

#[tokio::test(start_paused = true)]
async fn an_unknown_display_enrols_and_has_its_board_in_the_same_round() {
    let world = world(Some(token("a")), Ok(token("a")));
    world.start();
    world.pass(1).await;
    assert_eq!(world.events(), ["taken 1000", "heard"]);
    assert_eq!(world.central.asked()[..3], ["now", "enrolment", "now"]);
    world.pass(600).await;
    assert_eq!(enrolments(&world), 1, "it is let in");
    // Central lost it with its database.
    world.central.forget_display(Ok(token("a")));
    world.pass(600).await;
    assert_eq!(enrolments(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_display_says_once_why_and_asks_more_and_more_seldom() {
    for (sent, enrols, reason) in [
        (
            Some(token("a")),
            Err(EnrolmentRefusal::Expired),
            EnrolmentRefusal::Expired.to_string(),
        ),
        (
            Some(token("b")),
            Ok(token("a")),
            EnrolmentRefusal::Unknown.to_string(),
        ),
        (None, Ok(token("a")), "--enrolment".to_owned()),
    ] {
        let expected = usize::from(sent.is_some());
        let world = world(sent, enrols);
        world.start();
        world.pass(1).await;
        let events = world.events.lock().unwrap().clone();
        let [
            SyncEvent::Trouble { reason: said },
            SyncEvent::Link(Link::NotLetIn),
        ] = &events[..]
        else {
            panic!("{events:?}");
        };
        assert!(said.contains(&reason), "{said}");
        assert_eq!(enrolments(&world), expected);
        world.pass(3600).await;
        assert_eq!(world.events.lock().unwrap().len(), events.len());
        let asked = world.central.asked();
        let rounds = asked.iter().filter(|one| *one == "now").count();
        assert!((30..80).contains(&rounds), "{rounds}");
        assert_eq!(enrolments(&world), expected * rounds, "one a round");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_enrols_a_display_is_believed_no_more_than_before() {
    let mut world = world(Some(token("a")), Ok(token("a")));
    let another = vyveska_wire::keys::KeyPair::from_seed(&[99; 32]);
    world.central = FakeCentralClient::new(another, "2026-11-21T13:32:00Z".parse().unwrap());
    world.publish(&samples::board(FIRST, &[]));
    world.central.forget_display(Ok(token("a")));
    world.start();
    world.pass(600).await;
    assert!(enrolments(&world) >= 1);
    assert!(world.store.current().unwrap().is_none());
    let events = world.events.lock().unwrap().clone();
    let believed =
        |event: &SyncEvent| matches!(event, SyncEvent::Taken(_) | SyncEvent::Time { .. });
    assert!(!events.iter().any(believed), "{events:?}");
}
