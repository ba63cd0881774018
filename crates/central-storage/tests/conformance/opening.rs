//! Opening and closing.

use vyveska_central_storage::StorageError;

use super::{add, start, storage};
use crate::TestDatabase;

#[tokio::test]
async fn what_was_stored_is_there_when_it_is_opened_again() {
    let (storage, database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    storage.close().await;
    assert!(storage.current_notices("lipnice").await.is_err());

    let storage = database.open().await.unwrap();
    let notices = storage.current_notices("lipnice").await.unwrap();
    assert_eq!(notices.len(), 1);
}

#[tokio::test]
async fn two_processes_open_it_at_once_also_for_the_first_time() {
    let database = TestDatabase::new().await;
    let (first, second) = tokio::join!(database.open(), database.open());
    let (first, second) = (first.unwrap(), second.unwrap());
    first.set_clock_seen(start()).await.unwrap();
    assert_eq!(second.clock_seen().await.unwrap(), Some(start()));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let (storage, database) = storage().await;
    storage.close().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'of a later year', success, checksum, execution_time \
             FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let Err(error) = database.open().await else {
        panic!("it was opened");
    };
    assert!(matches!(error, StorageError::Newer { .. }), "{error:?}");
    let words = error.to_string();
    assert!(words.contains("newer version"), "{words}");
    assert!(words.contains("backup"), "{words}");
}

#[tokio::test]
async fn a_database_that_is_only_read_is_neither_made_nor_changed() {
    let database = TestDatabase::new().await;
    for _ in 0..2 {
        assert!(database.open_to_read().await.unwrap().is_none());
    }
    let storage = database.open().await.unwrap();
    add(&*storage, "lipnice", &["a"]).await;
    storage.close().await;
    let storage = database.open_to_read().await.unwrap().unwrap();
    assert_eq!(storage.current_notices("lipnice").await.unwrap().len(), 1);
    assert!(storage.set_clock_seen(start()).await.is_err());
    storage.close().await;
    let storage = database.open().await.unwrap();
    assert_eq!(storage.clock_seen().await.unwrap(), None);
    storage.close().await;

    let move_one = "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1";
    database.execute(move_one).await;
    let refused = database.open_to_read().await.map(drop).unwrap_err();
    assert!(matches!(refused, StorageError::Newer { .. }), "{refused:?}");
    let remove_it = "DELETE FROM _sqlx_migrations WHERE version = 9999";
    database.execute(remove_it).await;
    let refused = database.open_to_read().await.map(drop).unwrap_err();
    assert!(matches!(refused, StorageError::Older { .. }), "{refused:?}");
    assert!(refused.to_string().contains("older version"), "{refused}");
}
