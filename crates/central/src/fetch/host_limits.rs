//! How much publishers' servers are asked at a time, and by whom.
//!
//! Requests are counted by the town whose source makes them, so that one whose publishers are slow or hostile takes a
//! share of the places and no more, at a host that others use too and over all hosts. Within the shares whoever came
//! first is first.
//!
//! One place is each town's own: however many towns are slow together, one that has no request under way waits for nobody
//! over all hosts. There are as many of these as towns whose documents are fetched, which `jobs` bounds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::budget::SourceBudget;

/// How many times the places of a host, or of a town there, may be waited for.
const QUEUE: usize = 7;

/// How many of the places of a host one town may take: half of them.
pub fn of_town_at_host(per_host: usize) -> usize {
    per_host.div_ceil(2)
}

/// Few requests at a time for each host, and a pause after each; not too many over all hosts.
pub struct HostLimits {
    per_host: usize,
    overall: usize,
    pause: Duration,
    places: Mutex<HashMap<Counted, Arc<Semaphore>>>,
}

/// The requests that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counted {
    OfTownAtHost(String, String),
    AtHost(String),
    OfTown(String),
    /// The one of a town that takes no place of the others.
    OwnOfTown(String),
    /// All but each town's own.
    Others,
}

/// A place among the requests of a host.
#[derive(Debug)]
pub struct HostPlace {
    /// Places of the town at the host, and of the host.
    at_host: Vec<OwnedSemaphorePermit>,
    /// A place of the town, and its own or one of all.
    _anywhere: [OwnedSemaphorePermit; 2],
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

    /// How many places one town may take at a host.
    pub fn of_town_at_host(&self) -> usize {
        of_town_at_host(self.per_host)
    }

    fn most(&self, counted: &Counted) -> usize {
        match counted {
            Counted::OfTownAtHost(..) => self.of_town_at_host(),
            Counted::AtHost(_) => self.per_host,
            Counted::OfTown(_) => self.overall.div_ceil(8),
            Counted::OwnOfTown(_) => 1,
            Counted::Others => self.overall,
        }
    }

    /// Whether so many wait for a place at the host of `url` that whoever comes now for `town` had better come again later:
    /// of the town itself, or of all where the town has or waits for its places there. One without any waits with the others.
    pub fn is_crowded(&self, url: &Url, town: &str) -> bool {
        let host = host_of(url);
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = |counted: Counted| {
            // Whoever has a place or waits for one shares in the semaphore, beside this map.
            let asked = places.get(&counted).map_or(1, Arc::strong_count) - 1;
            (asked, self.most(&counted))
        };
        let (by_town, of_town) = asked(Counted::OfTownAtHost(town.to_owned(), host.clone()));
        let (by_all, of_host) = asked(Counted::AtHost(host));
        by_town >= (1 + QUEUE) * of_town || by_town >= of_town && by_all >= (1 + QUEUE) * of_host
    }

    /// Waits for a place at the host of `url`. How long it is held is taken from the budget.
    pub async fn place(&self, url: &Url, town: &str, budget: &Arc<SourceBudget>) -> HostPlace {
        let host = host_of(url);
        let at_host = Counted::OfTownAtHost(town.to_owned(), host.clone());
        let of_town_at_host = take(self.places(at_host)).await;
        let own = self.places(Counted::OwnOfTown(town.to_owned()));
        let (host, town) = (Counted::AtHost(host), Counted::OfTown(town.to_owned()));
        // Whoever waits for a host that others fill holds nothing that the town lacks elsewhere, and whoever waits for a
        // place of the town nothing that others lack at the host.
        let (of_host, of_town) = loop {
            let of_host = take(self.places(host.clone())).await;
            if let Ok(of_town) = self.places(town.clone()).try_acquire_owned() {
                break (of_host, of_town);
            }
            drop(of_host);
            let of_town = take(self.places(town.clone())).await;
            if let Ok(of_host) = self.places(host.clone()).try_acquire_owned() {
                break (of_host, of_town);
            }
        };
        let anywhere = tokio::select! {
            biased;
            own = take(own) => own,
            other = take(self.places(Counted::Others)) => other,
        };
        HostPlace {
            at_host: vec![of_town_at_host, of_host],
            _anywhere: [of_town, anywhere],
            pause: self.pause,
            taken: Instant::now(),
            budget: budget.clone(),
        }
    }

    fn places(&self, counted: Counted) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // A hostile feed may name any number of hosts.
        places.retain(|_, places| Arc::strong_count(places) > 1);
        let most = self.most(&counted);
        let new = || Arc::new(Semaphore::new(most));
        places.entry(counted).or_insert_with(new).clone()
    }
}

async fn take(places: Arc<Semaphore>) -> OwnedSemaphorePermit {
    let place = places.acquire_owned().await;
    place.expect("nobody closes the semaphores")
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
            // Nothing else runs, so nothing is given way to.
            let place = async move { limits.place(url, town, &budget()).await };
            let mut place = tokio::task::unconstrained(place).boxed();
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
    async fn however_many_towns_are_slow_one_without_a_request_waits_for_none() {
        let limits = HostLimits::new(2, 64, Duration::ZERO);
        let towns: Vec<String> = (0..20).map(|n| format!("town-{n}")).collect();
        let hosts_of = |town: &String| (0..8).map(|n| host(&format!("{town}-{n}"))).collect();
        let hosts: Vec<Vec<Url>> = towns.iter().map(hosts_of).collect();
        let asked = towns.iter().zip(&hosts).flat_map(|(town, hosts)| {
            let limits = &limits;
            hosts.iter().map(move |url| ask(limits, url, town, 1))
        });
        let (given, waiting): (Vec<_>, Vec<_>) = asked.unzip();
        let count = given.iter().flatten().count();
        assert_eq!(count, 64 + 20, "with the own one of each");
        let quick = host("quick");
        let (mut place, mut next) = ask(&limits, &quick, "lipnice", 2);
        for _ in 0..100 {
            assert_eq!((place.len(), next.len()), (1, 1), "one at a time");
            drop(place);
            assert!(next.remove(0).now_or_never().is_some());
            (place, next) = ask(&limits, &quick, "lipnice", 2);
        }
        let (none, _) = ask(&limits, &host("other"), "lipnice", 1);
        assert_eq!(none.len(), 0, "the others' places are taken");
        drop(given);
        let mut waiting = waiting.into_iter().flatten();
        assert!(waiting.all(|place| place.now_or_never().is_some()));
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
    async fn a_town_is_not_put_off_for_others_that_wait() {
        let limits = HostLimits::new(4, 100, Duration::ZERO);
        let shared = host("shared");
        let towns: Vec<String> = (0..17).map(|n| format!("town-{n}")).collect();
        let asked: Vec<_> = towns
            .iter()
            .map(|town| ask(&limits, &shared, town, 2))
            .collect();
        let waiting = asked
            .iter()
            .map(|(_, waiting)| waiting.len())
            .sum::<usize>();
        assert_eq!(waiting, 2 * 15);
        assert!(!limits.is_crowded(&shared, "lipnice"));
        assert!(limits.is_crowded(&shared, "town-0"), "it has its places");
    }

    #[tokio::test]
    async fn a_town_that_waits_at_hosts_that_others_fill_has_its_places_elsewhere() {
        let limits = HostLimits::new(4, 64, Duration::ZERO);
        let full = ["a", "b", "c", "d"].map(host);
        let ask_each = |town| full.each_ref().map(|url| ask(&limits, url, town, 2));
        let others = ["rolava", "tisova"].map(ask_each);
        assert!(others.iter().flatten().all(|(given, _)| given.len() == 2));
        let own = ask_each("lipnice");
        assert!(own.iter().all(|(given, _)| given.is_empty()));
        let elsewhere = host("elsewhere");
        let (given, _) = ask(&limits, &elsewhere, "lipnice", 2);
        assert_eq!(given.len(), 2);
    }

    #[tokio::test]
    async fn towns_that_have_no_places_left_hold_none_of_a_host() {
        let limits = HostLimits::new(4, 64, Duration::ZERO);
        let (slow, shared) = (["a", "b", "c", "d"].map(host), host("shared"));
        let towns = ["lipnice", "rolava"];
        let used_up = towns.map(|town| slow.each_ref().map(|url| ask(&limits, url, town, 2)));
        assert!(used_up.iter().flatten().all(|(given, _)| given.len() == 2));
        let mut more = towns.map(|town| ask(&limits, &shared, town, 2).1);
        assert_eq!(more.each_ref().map(Vec::len), [2, 2]);
        let (given, _) = ask(&limits, &shared, "tisova", 2);
        assert_eq!(given.len(), 2);
        drop(used_up);
        assert!(more[0].remove(0).now_or_never().is_some());
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
