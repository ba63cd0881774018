//! Tokens that have displays registered.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use vyveska_board::DocumentHash;
use vyveska_central_storage::{
    Actor, AuditFilter, Enrolled, Enrolment, NewEnrolment, Scope, ServiceStorage, Storage,
    StorageError,
};
use vyveska_wire::enrolment::EnrolmentRefusal;

use super::boards::{board, save};
use super::displays::{key, register};
use super::{start, storage};
use crate::TestDatabase;

/// A database with two towns.
async fn towns() -> (Arc<dyn ServiceStorage>, TestDatabase) {
    let (storage, database) = storage().await;
    let boards = ["lipnice", "rolava"].map(|id| board(id, id, &[]));
    save(&*storage, &[&boards[0], &boards[1]]).await;
    (storage, database)
}

fn hash(id: &str) -> DocumentHash {
    DocumentHash::of(id.as_bytes())
}

fn new(id: &str, board: &str, displays: u32) -> NewEnrolment {
    NewEnrolment {
        id: id.to_owned(),
        token_hash: hash(id),
        board: board.to_owned(),
        ends_at: start() + TimeDelta::days(7),
        displays,
    }
}

/// Makes a token, and returns its hash.
async fn token(storage: &dyn Storage, id: &str, board: &str, displays: u32) -> DocumentHash {
    let actor = Actor::Person("technician".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.add_enrolment(&new(id, board, displays)).await.unwrap();
    unit.save().await.unwrap();
    hash(id)
}

async fn revoke(storage: &dyn Storage, id: &str) -> Result<(), StorageError> {
    let actor = Actor::Person("technician".to_owned());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.revoke_enrolment(id).await?;
    unit.save().await
}

async fn enrol(
    storage: &dyn Storage,
    token: DocumentHash,
    number: u8,
    now: DateTime<Utc>,
) -> Result<Enrolled, StorageError> {
    let key = key(number);
    let actor = Actor::Display(key.id());
    let mut unit = storage.begin(actor, now).await.unwrap();
    let enrolled = unit.enrol(token, &key.id(), &key).await?;
    // Also what was refused: it must not have changed anything.
    unit.save().await?;
    Ok(enrolled)
}

async fn board_of(storage: &dyn Storage, number: u8) -> Option<String> {
    let display = storage.display(&key(number).id()).await.unwrap();
    display.map(|display| display.board)
}

async fn used(storage: &dyn Storage, token: DocumentHash) -> u32 {
    storage.enrolment(token).await.unwrap().unwrap().used
}

#[tokio::test]
async fn a_token_registers_so_many_displays_and_no_more() {
    let (storage, _database) = towns().await;
    let token = token(&*storage, "one", "lipnice", 2).await;
    let enrol = async |number| enrol(&*storage, token, number, start()).await.unwrap();
    assert_eq!(enrol(1).await, Enrolled::Registered);
    assert_eq!(enrol(1).await, Enrolled::Known, "it costs no use");
    assert_eq!(enrol(2).await, Enrolled::Registered);
    let spent = Enrolled::Refused(EnrolmentRefusal::Spent);
    assert_eq!(enrol(3).await, spent);
    assert_eq!(board_of(&*storage, 3).await, None);
    assert_eq!(enrol(2).await, Enrolled::Known, "also when it is spent");
    assert_eq!(board_of(&*storage, 2).await.as_deref(), Some("lipnice"));
    assert_eq!(used(&*storage, token).await, 2);
}

#[tokio::test]
async fn a_token_that_is_no_longer_good_registers_nothing() {
    let (storage, _database) = towns().await;
    let good = token(&*storage, "one", "lipnice", 9).await;
    let refused = |refusal| Enrolled::Refused(refusal);
    let end = start() + TimeDelta::days(7);
    let last = end - TimeDelta::microseconds(1);
    for (token, number, now, expected) in [
        (hash("none"), 1, start(), refused(EnrolmentRefusal::Unknown)),
        (good, 1, end, refused(EnrolmentRefusal::Expired)),
        (good, 1, last, Enrolled::Registered),
        (good, 1, end, Enrolled::Known),
    ] {
        let found = enrol(&*storage, token, number, now).await.unwrap();
        assert_eq!(found, expected, "{number} {now}");
    }
    revoke(&*storage, "one").await.unwrap();
    let revoked = refused(EnrolmentRefusal::Revoked);
    assert_eq!(enrol(&*storage, good, 2, end).await.unwrap(), revoked);
    assert_eq!(board_of(&*storage, 2).await, None);
    assert_eq!(board_of(&*storage, 1).await.as_deref(), Some("lipnice"));
    let again = revoke(&*storage, "one").await;
    assert!(matches!(again, Err(StorageError::NotFound)), "{again:?}");
}

#[tokio::test]
async fn a_token_does_not_move_a_display() {
    let (storage, _database) = towns().await;
    register(&*storage, &key(1), "rolava").await;
    let token = token(&*storage, "one", "lipnice", 9).await;
    let found = enrol(&*storage, token, 1, start()).await.unwrap();
    let other = EnrolmentRefusal::OtherBoard;
    assert_eq!(found, Enrolled::Refused(other));
    assert_eq!(board_of(&*storage, 1).await.as_deref(), Some("rolava"));
    assert_eq!(used(&*storage, token).await, 0);
}

#[tokio::test]
async fn of_two_at_once_for_the_last_use_one_gets_it() {
    let (storage, _database) = towns().await;
    let token = token(&*storage, "one", "lipnice", 1).await;
    let mut tasks = JoinSet::new();
    for number in 1..=6 {
        let storage = storage.clone();
        tasks.spawn(async move { enrol(&*storage, token, number, start()).await.unwrap() });
    }
    let found = tasks.join_all().await;
    let count = |one| found.iter().filter(|found| **found == one).count();
    assert_eq!(count(Enrolled::Registered), 1, "{found:?}");
    let spent = Enrolled::Refused(EnrolmentRefusal::Spent);
    assert_eq!(count(spent), 5, "{found:?}");
    assert_eq!(used(&*storage, token).await, 1);
}

#[tokio::test]
async fn a_display_that_asks_several_times_at_once_is_registered_once() {
    let (storage, _database) = towns().await;
    let lipnice = token(&*storage, "one", "lipnice", 9).await;
    let rolava = token(&*storage, "two", "rolava", 9).await;
    let mut tasks = JoinSet::new();
    for token in [lipnice, rolava, lipnice, rolava] {
        let storage = storage.clone();
        tasks.spawn(async move { enrol(&*storage, token, 1, start()).await });
    }
    let found = tasks.join_all().await;
    let registered = |one: &&Result<_, _>| matches!(one, Ok(Enrolled::Registered));
    assert_eq!(found.iter().filter(registered).count(), 1, "{found:?}");
    let uses = [
        used(&*storage, lipnice).await,
        used(&*storage, rolava).await,
    ];
    assert_eq!(uses.iter().sum::<u32>(), 1, "{found:?}");
}

#[tokio::test]
async fn a_town_sees_and_uses_its_own_tokens_alone() {
    let (storage, _database) = towns().await;
    let tokens = [
        token(&*storage, "one", "lipnice", 3).await,
        token(&*storage, "two", "rolava", 1).await,
    ];
    let of_rolava = storage.within(Scope::of_board("rolava"));
    assert_eq!(of_rolava.enrolment(tokens[0]).await.unwrap(), None);
    let refused = enrol(&*of_rolava, tokens[0], 1, start()).await.unwrap();
    assert_eq!(refused, Enrolled::Refused(EnrolmentRefusal::Unknown));
    let revoked = revoke(&*of_rolava, "one").await;
    assert!(matches!(revoked, Err(StorageError::NotFound)));
    let actor = Actor::Person("of Rolava".to_owned());
    let mut unit = of_rolava.begin(actor, start()).await.unwrap();
    let made = unit.add_enrolment(&new("three", "lipnice", 1)).await;
    assert!(matches!(made, Err(StorageError::NotFound)), "{made:?}");

    enrol(&*storage, tokens[0], 1, start()).await.unwrap();
    enrol(&*of_rolava, tokens[1], 2, start()).await.unwrap();
    let own = Enrolment {
        id: "two".to_owned(),
        board: "rolava".to_owned(),
        ends_at: start() + TimeDelta::days(7),
        displays: 1,
        used: 1,
        revoked_at: None,
    };
    assert_eq!(of_rolava.enrolments(start()).await.unwrap(), [own]);
    assert_eq!(storage.enrolments(start()).await.unwrap().len(), 2);
    let end = start() + TimeDelta::days(7);
    assert_eq!(storage.enrolments(end).await.unwrap(), []);

    let before = start() - TimeDelta::microseconds(1);
    let seen = of_rolava.enrolled_displays(before).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].display, key(2).id().to_string());
    assert_eq!((&*seen[0].board, &*seen[0].enrolment), ("rolava", "two"));
    register(&*storage, &key(3), "rolava").await;
    assert_eq!(storage.enrolled_displays(before).await.unwrap().len(), 2);
    assert_eq!(storage.enrolled_displays(start()).await.unwrap(), []);
}

#[tokio::test]
async fn making_use_and_revocation_are_in_the_audit_log_of_the_town() {
    let (storage, _database) = towns().await;
    let token = token(&*storage, "one", "lipnice", 1).await;
    for number in [1, 1, 2] {
        enrol(&*storage, token, number, start()).await.unwrap();
    }
    revoke(&*storage, "one").await.unwrap();
    let filter = AuditFilter {
        town: Some("lipnice".to_owned()),
        ..AuditFilter::default()
    };
    let entries = storage.audit(&filter, 3).await.unwrap();
    let display = key(1).id();
    let told = entries.iter().map(|entry| {
        let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap();
        assert_eq!(detail["board"], "lipnice");
        let enrolment = detail["enrolment"].as_str().unwrap_or_default().to_owned();
        (entry.action.as_str(), entry.subject.as_str(), enrolment)
    });
    let expected = [
        ("enrolment.revoke", "one", String::new()),
        ("display.register", display.as_str(), "one".to_owned()),
        ("enrolment.create", "one", String::new()),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(entries[1].who, display.to_string());
    let of_display = AuditFilter {
        action: Some("display.register".to_owned()),
        ..AuditFilter::default()
    };
    let registered = storage.audit(&of_display, 9).await.unwrap();
    assert_eq!(
        registered.len(),
        1,
        "neither what was known nor what was refused"
    );
}
