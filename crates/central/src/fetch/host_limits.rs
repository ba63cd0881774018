//! How much publishers' servers are asked at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::budget::SourceBudget;

/// Few requests at a time for each host, and a pause after each; not too many over all hosts.
///
/// A place over all hosts is taken only with one at the host, so that those who wait for a slow host hold none.
pub struct HostLimits {
    per_host: usize,
    pause: Duration,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    overall: Arc<Semaphore>,
}

/// A place among the requests of a host.
#[derive(Debug)]
pub struct HostPlace {
    permit: Option<OwnedSemaphorePermit>,
    _overall: Option<OwnedSemaphorePermit>,
    pause: Duration,
    taken: Instant,
    budget: Arc<SourceBudget>,
}

impl HostLimits {
    pub fn new(per_host: usize, overall: usize, pause: Duration) -> Self {
        Self {
            per_host,
            pause,
            hosts: Mutex::default(),
            overall: Arc::new(Semaphore::new(overall)),
        }
    }

    /// Waits for a place at the host of `url`. How long it is held is taken from the budget.
    pub async fn place(&self, url: &Url, budget: &Arc<SourceBudget>) -> HostPlace {
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
        // Nobody closes the semaphores.
        let permit = semaphore.acquire_owned().await.ok();
        let overall = self.overall.clone().acquire_owned().await.ok();
        HostPlace {
            permit,
            _overall: overall,
            pause: self.pause,
            taken: Instant::now(),
            budget: budget.clone(),
        }
    }
}

impl Drop for HostPlace {
    fn drop(&mut self) {
        self.budget.add_time(self.taken.elapsed());
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
