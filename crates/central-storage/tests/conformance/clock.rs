//! The time last seen.

use chrono::TimeDelta;

use super::{start, storage};

#[tokio::test]
async fn the_time_last_seen_is_kept_to_the_microsecond() {
    let (storage, _database) = storage().await;
    assert_eq!(storage.clock_seen().await.unwrap(), None);
    for seen in [start(), start() - TimeDelta::microseconds(1)] {
        storage.set_clock_seen(seen).await.unwrap();
        assert_eq!(storage.clock_seen().await.unwrap(), Some(seen));
    }
}
