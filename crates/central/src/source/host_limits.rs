//! How much a publisher's server is asked at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// Few requests at a time for each host, and a pause after each.
pub struct HostLimits {
    per_host: usize,
    pause: Duration,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A place among the requests of a host.
#[derive(Debug)]
pub struct HostPlace {
    permit: Option<OwnedSemaphorePermit>,
    pause: Duration,
}

impl HostLimits {
    pub fn new(per_host: usize, pause: Duration) -> Self {
        Self {
            per_host,
            pause,
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place at the host of `url`.
    pub async fn place(&self, url: &Url) -> HostPlace {
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        let semaphore = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(self.per_host));
            hosts.entry(host).or_insert_with(new).clone()
        };
        HostPlace {
            // Nobody closes the semaphore.
            permit: semaphore.acquire_owned().await.ok(),
            pause: self.pause,
        }
    }
}

impl Drop for HostPlace {
    fn drop(&mut self) {
        let (permit, pause) = (self.permit.take(), self.pause);
        if pause > Duration::ZERO
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                tokio::time::sleep(pause).await;
                drop(permit);
            });
        }
    }
}
