//! Displays and their manifests.

use vyveska_central_storage::{
    NewPublication, RegisteredDisplay, Storage, StorageError, StoredManifest,
};
use vyveska_wire::keys::{KeyPair, PublicKey};

use super::{sections, start, storage};

pub(super) fn key(number: u8) -> PublicKey {
    KeyPair::from_seed(&[number; 32]).public()
}

/// Registers a display for the board of Lipnice.
pub(super) async fn registered(storage: &dyn Storage, number: u8) -> RegisteredDisplay {
    let key = key(number);
    let display = RegisteredDisplay {
        id: key.id(),
        board: "lipnice".to_owned(),
    };
    let registered = storage.register(&display.id, &key, &display.board, start());
    registered.await.unwrap();
    display
}

/// The number of a new publication.
async fn published(storage: &dyn Storage) -> i64 {
    let new = NewPublication {
        after: 0,
        sections: sections(b"notices"),
        changes_at: None,
        content: Vec::new(),
        revisions: Vec::new(),
    };
    let published = storage.publish("lipnice", &new, start());
    published.await.unwrap().id
}

#[tokio::test]
async fn a_display_stays_on_the_board_it_was_registered_for() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    let key_again = key(1);
    let again = storage.register(&display.id, &key_again, "rolava", start());
    again.await.unwrap();
    let found = storage.display(&display.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&display));
    assert_eq!(storage.display(&key(2).id()).await.unwrap(), None);

    let mut both = vec![registered(&*storage, 2).await, display];
    both.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    assert_eq!(storage.displays_of("lipnice").await.unwrap(), both);
    assert_eq!(storage.displays_of("rolava").await.unwrap(), []);
}

#[tokio::test]
async fn the_manifest_with_the_largest_number_counts_and_no_number_twice() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    let other = registered(&*storage, 2).await;
    let publication = published(&*storage).await;
    assert_eq!(storage.manifest(&display.id).await.unwrap(), None);
    let manifest = |number| StoredManifest {
        number,
        publication,
        bytes: vec![0, 1, 254, 255],
    };
    let (newest, older) = (manifest(1_796_000_000_000), manifest(7));
    for one in [&newest, &older] {
        let added = storage.add_manifest(&display.id, one, start());
        added.await.unwrap();
    }
    let found = storage.manifest(&display.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&newest));

    let taken = storage.add_manifest(&display.id, &older, start());
    assert!(matches!(taken.await, Err(StorageError::Conflict)));
    // Numbers are a display's own.
    let added = storage.add_manifest(&other.id, &older, start());
    added.await.unwrap();
}

#[tokio::test]
async fn a_manifest_of_what_was_never_published_is_refused() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    let manifest = StoredManifest {
        number: 1,
        publication: 77,
        bytes: Vec::new(),
    };
    let added = storage.add_manifest(&display.id, &manifest, start()).await;
    assert!(matches!(added, Err(StorageError::Database(_))), "{added:?}");
}
