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
    hosts: Mutex<HashMap<String, Host>>,
    overall: Arc<Semaphore>,
}

#[derive(Clone)]
struct Host {
    places: Arc<Semaphore>,
    /// Whoever waits for a place has it too.
    waiting: Arc<()>,
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

    /// Whether as many wait for a place at the host of `url` as it has: whoever comes now had better come again later.
    pub fn is_crowded(&self, url: &Url) -> bool {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = hosts.get(&host_of(url));
        host.is_some_and(|host| Arc::strong_count(&host.waiting) > self.per_host)
    }

    /// Waits for a place at the host of `url`. How long it is held is taken from the budget.
    pub async fn place(&self, url: &Url, budget: &Arc<SourceBudget>) -> HostPlace {
        let Host { places, waiting } = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Host {
                places: Arc::new(Semaphore::new(self.per_host)),
                waiting: Arc::default(),
            };
            hosts.entry(host_of(url)).or_insert_with(new).clone()
        };
        // Nobody closes the semaphores.
        let permit = places.acquire_owned().await.ok();
        drop(waiting);
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

fn host_of(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or_default()
    )
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::fetch::budget::BudgetLimits;

    #[tokio::test]
    async fn a_host_is_crowded_while_as_many_wait_as_it_has_places() {
        let limits = HostLimits::new(1, 10, Duration::ZERO);
        let budget = Arc::new(SourceBudget::new(BudgetLimits {
            documents: 1,
            bytes: 1,
            time: Duration::ZERO,
        }));
        let slow = Url::parse("https://slow.example/a.pdf").unwrap();
        let other = Url::parse("https://other.example/a.pdf").unwrap();
        let held = limits.place(&slow, &budget).await;
        assert!(!limits.is_crowded(&slow), "nobody waits");
        let mut waiting = Box::pin(limits.place(&slow, &budget));
        assert!((&mut waiting).now_or_never().is_none());
        assert!(limits.is_crowded(&slow));
        assert!(!limits.is_crowded(&other));
        drop(held);
        let _held = waiting.await;
        assert!(!limits.is_crowded(&slow));
        let mut waiting = Box::pin(limits.place(&slow, &budget));
        assert!((&mut waiting).now_or_never().is_none());
        drop(waiting);
        assert!(!limits.is_crowded(&slow), "it gave up");
    }
}
