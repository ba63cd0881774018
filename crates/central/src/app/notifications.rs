//! What another process publishes is announced as soon as the database notifies of it.
//!
//! A look every second stays beside it: a notification may be lost, and SQLite has none.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::system::SystemEntropy;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::fetch::backoff;
use crate::publish::Publisher;
use crate::storage::ServiceStorage;

const RETRY_BASE: Duration = Duration::from_secs(1);
const RETRY_CAP: Duration = Duration::from_secs(60);

/// Announces what other processes publish, until `shutdown` is cancelled.
pub(super) async fn announce_others(
    storage: Arc<dyn ServiceStorage>,
    publisher: Arc<Publisher>,
    shutdown: CancellationToken,
) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = announce(&*storage, &publisher) => {}
    }
}

async fn announce(storage: &dyn ServiceStorage, publisher: &Publisher) {
    let entropy: &dyn Entropy = &SystemEntropy;
    let mut failures = 0;
    loop {
        if let Err(error) = storage.wait_for_publication().await {
            failures += 1;
            let error = causes(&error);
            tracing::warn!(error, "the database cannot notify of publications");
            let delay = backoff::delay(failures, RETRY_BASE, RETRY_CAP, entropy.unit());
            tokio::time::sleep(delay).await;
            continue;
        }
        failures = 0;
        if let Err(error) = publisher.notice_others(storage).await {
            let error = causes(&error);
            tracing::error!(error, "publications of other processes cannot be announced");
        }
    }
}
