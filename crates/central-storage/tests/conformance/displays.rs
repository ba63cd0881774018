//! Displays and their assignments.

use vyveska_central_storage::{Actor, RegisteredDisplay, Storage, StorageError, StoredAssignment};
use vyveska_wire::keys::{KeyPair, PublicKey};

use super::{start, storage};

pub(super) fn key(number: u8) -> PublicKey {
    KeyPair::from_seed(&[number; 32]).public()
}

/// Registers a display for the board of Lipnice.
pub(super) async fn registered(storage: &dyn Storage, number: u8) -> RegisteredDisplay {
    let key = key(number);
    let display = RegisteredDisplay {
        id: key.id(),
        board: "lipnice".to_owned(),
        registered_at: start(),
    };
    register(storage, &key, &display.board).await;
    display
}

pub(super) async fn register(storage: &dyn Storage, key: &PublicKey, board: &str) {
    let actor = Actor::Display(key.id());
    let mut unit = storage.begin(actor, start()).await.unwrap();
    unit.register(&key.id(), key, board).await.unwrap();
    unit.save().await.unwrap();
}

#[tokio::test]
async fn a_display_stays_on_the_board_it_was_registered_for() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    register(&*storage, &key(1), "rolava").await;
    let found = storage.display(&display.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&display));
    assert_eq!(storage.display(&key(2).id()).await.unwrap(), None);
    let (first, other) = (key(1).id(), key(2).id());
    let listed = storage.displays(&[&other, &first]).await.unwrap();
    assert_eq!(listed, [display]);
    assert_eq!(storage.displays(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn the_assignment_of_a_display_is_replaced_by_larger_numbers() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    let other = registered(&*storage, 2).await;
    assert_eq!(storage.assignment(&display.id).await.unwrap(), None);
    let assignment = |number| StoredAssignment {
        number,
        bytes: vec![0, 1, 254, 255],
    };
    for number in [7, 1_796_000_000_000] {
        let one = assignment(number);
        storage.set_assignment(&display.id, &one).await.unwrap();
        let found = storage.assignment(&display.id).await.unwrap();
        assert_eq!(found, Some(one));
    }
    for number in [7, 1_796_000_000_000] {
        let again = assignment(number);
        let set = storage.set_assignment(&display.id, &again).await;
        assert!(matches!(set, Err(StorageError::Conflict)), "{number}");
    }
    assert_eq!(storage.assignment(&other.id).await.unwrap(), None);
    let unknown = storage.set_assignment(&key(3).id(), &assignment(1)).await;
    assert!(
        matches!(unknown, Err(StorageError::Database(_))),
        "{unknown:?}"
    );
}
