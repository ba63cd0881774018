//! How much publishers' servers are asked at a time, and by whom.
//!
//! Requests are counted by the town whose source makes them, so that one whose publishers are slow or hostile takes a
//! share of the places and no more, at a host that others use too and over all hosts. Within the shares whoever came
//! first is first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::budget::SourceBudget;

/// How many times the places of a host, or of a town there, may be waited for.
const QUEUE: usize = 7;

/// Few requests at a time for each host, and a pause after each; not too many over all hosts.
pub struct HostLimits {
    per_host: usize,
    overall: usize,
    pause: Duration,
    places: Mutex<HashMap<Counted, Arc<Semaphore>>>,
}

/// The town and the host whose requests are counted together; `None` stands for all of them.
type Counted = (Option<String>, Option<String>);

/// A place among the requests of a host.
#[derive(Debug)]
pub struct HostPlace {
    /// Places of the town at the host, and of the host.
    at_host: Vec<OwnedSemaphorePermit>,
    /// Places of the town, and of all.
    _anywhere: Vec<OwnedSemaphorePermit>,
    pause: Duration,
    taken: Instant,
    budget: Arc<SourceBudget>,
}

impl HostLimits {
    pub fn new(per_host: usize, overall: usize, pause: Duration) -> Self {
        Self {
            per_host,
            overall,
            pause,
            places: Mutex::default(),
        }
    }

    /// How many places one town may take at a host: half of them.
    pub fn of_town_at_host(&self) -> usize {
        self.per_host.div_ceil(2)
    }

    fn most(&self, counted: &Counted) -> usize {
        match counted {
            (Some(_), Some(_)) => self.of_town_at_host(),
            (None, Some(_)) => self.per_host,
            (Some(_), None) => self.overall.div_ceil(8),
            (None, None) => self.overall,
        }
    }

    /// Whether so many wait for a place at the host of `url` that whoever comes now for `town` had better come again later.
    pub fn is_crowded(&self, url: &Url, town: &str) -> bool {
        let host = Some(host_of(url));
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        [(Some(town.to_owned()), host.clone()), (None, host)]
            .iter()
            .any(|counted| {
                // Whoever has a place or waits for one shares in the semaphore.
                let shared = places.get(counted).map_or(0, Arc::strong_count);
                shared > (1 + QUEUE) * self.most(counted)
            })
    }

    /// Waits for a place at the host of `url`. How long it is held is taken from the budget.
    pub async fn place(&self, url: &Url, town: &str, budget: &Arc<SourceBudget>) -> HostPlace {
        let (town, host) = (Some(town.to_owned()), Some(host_of(url)));
        let (mut at_host, mut anywhere) = (Vec::new(), Vec::new());
        // Those who wait for a slow host hold only what their own town lacks by it.
        at_host.extend(self.take((town.clone(), host.clone())).await);
        anywhere.extend(self.take((town, None)).await);
        at_host.extend(self.take((None, host)).await);
        anywhere.extend(self.take((None, None)).await);
        HostPlace {
            at_host,
            _anywhere: anywhere,
            pause: self.pause,
            taken: Instant::now(),
            budget: budget.clone(),
        }
    }

    /// `None` never, since nobody closes the semaphores.
    async fn take(&self, counted: Counted) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            // A hostile feed may name any number of hosts.
            places.retain(|_, places| Arc::strong_count(places) > 1);
            let most = self.most(&counted);
            let new = || Arc::new(Semaphore::new(most));
            places.entry(counted).or_insert_with(new).clone()
        };
        places.acquire_owned().await.ok()
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
        let (at_host, pause) = (std::mem::take(&mut self.at_host), self.pause);
        if pause > Duration::ZERO
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                tokio::time::sleep(pause).await;
                drop(at_host);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::fetch::budget::BudgetLimits;

    fn budget() -> Arc<SourceBudget> {
        Arc::new(SourceBudget::new(BudgetLimits {
            documents: 1,
            bytes: 1,
            time: Duration::ZERO,
        }))
    }

    fn host(name: &str) -> Url {
        format!("https://{name}.example/a.pdf").parse().unwrap()
    }

    /// Asks for so many places at once; those that were given, and whoever waits.
    fn ask<'a>(
        limits: &'a HostLimits,
        url: &'a Url,
        town: &'a str,
        count: usize,
    ) -> (Vec<HostPlace>, Vec<BoxFuture<'a, HostPlace>>) {
        let (mut given, mut waiting) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let mut place = async move { limits.place(url, town, &budget()).await }.boxed();
            match (&mut place).now_or_never() {
                Some(place) => given.push(place),
                None => waiting.push(place),
            }
        }
        (given, waiting)
    }

    #[tokio::test]
    async fn a_town_takes_half_the_places_of_a_host_and_waits_for_more() {
        let limits = HostLimits::new(4, 100, Duration::ZERO);
        let shared = host("shared");
        let (mut slow, mut more) = ask(&limits, &shared, "lipnice", 9);
        assert_eq!((slow.len(), more.len()), (2, 7));
        let (others, _) = ask(&limits, &shared, "rolava", 2);
        assert_eq!(others.len(), 2);
        // A third town is next, although the first waits for longer.
        let (none, mut third) = ask(&limits, &shared, "tisova", 1);
        assert_eq!(none.len(), 0);
        drop(others);
        assert!(third.remove(0).now_or_never().is_some());
        assert!((&mut more[0]).now_or_never().is_none());
        drop(slow.pop());
        assert!((&mut more[0]).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_town_takes_an_eighth_of_all_places_however_many_hosts_are_slow() {
        let limits = HostLimits::new(2, 64, Duration::ZERO);
        let hosts: Vec<Url> = (0..40).map(|n| host(&format!("slow-{n}"))).collect();
        let asked: Vec<_> = hosts
            .iter()
            .map(|url| ask(&limits, url, "lipnice", 2))
            .collect();
        let given = asked.iter().map(|(given, _)| given.len()).sum::<usize>();
        assert_eq!(given, 8);
        let (given, _) = ask(&limits, &hosts[0], "rolava", 1);
        assert_eq!(given.len(), 1, "also at a host that is slow");
    }

    #[tokio::test]
    async fn a_host_is_crowded_for_the_town_that_waits_and_for_no_other() {
        let limits = HostLimits::new(2, 100, Duration::ZERO);
        let (slow, other) = (host("slow"), host("other"));
        let (_held, mut waiting) = ask(&limits, &slow, "lipnice", 1 + QUEUE);
        assert!(limits.is_crowded(&slow, "lipnice"));
        assert!(!limits.is_crowded(&slow, "rolava"));
        assert!(!limits.is_crowded(&other, "lipnice"));
        drop(waiting.pop());
        assert!(!limits.is_crowded(&slow, "lipnice"), "one gave up");
    }

    #[tokio::test]
    async fn hosts_that_nobody_asks_any_more_take_no_memory() {
        let limits = HostLimits::new(2, 100, Duration::ZERO);
        for n in 0..1_000 {
            let url = host(&format!("once-{n}"));
            drop(limits.place(&url, "lipnice", &budget()).await);
        }
        assert!(limits.places.lock().unwrap().len() < 10);
    }
}
