//! The timing of a round of the rotation.
//!
//! The promise: somebody who stops in front of the board and touches nothing has seen every title after two minutes,
//! each on a page shown long enough to be read. A page that had just begun when they came must be shown again in full,
//! so a round and one page more have to fit.
//!
//! On a large board these are reduced, in this order: the time of a page, down to what it takes to scan it; the
//! pictures between the pages; then the height of the rows, so that more fit on a page. Pages that nobody can read would
//! keep the promise only formally, so the reduction ends there: a board of more than about 280 notices takes longer,
//! and the screen says so.

use std::time::Duration;

/// Every title is seen within this time.
pub(super) const PROMISE: Duration = Duration::from_secs(120);

/// Reserve within the promise: time passes in ticks of a second.
const SLACK: u64 = 2;

/// Time to scan one title among others, in milliseconds.
const GLANCE_MS: u64 = 750;

/// Bounds of the time to scan a page, in seconds.
const LEAST_SECONDS: (u64, u64) = (3, 6);

/// On a board too large for the promise: pages of titles per picture between them.
const PAGES_PER_SINGLE: usize = 10;

/// Titles on one page, as measured by the markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) at_ease: usize,
    pub(super) close: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether the dense layout with smaller type is used.
    pub(super) close: bool,
    /// Titles on one page.
    pub(super) per_page: usize,
    /// Number of pages of titles; 0 for an empty board.
    pub(super) pages: usize,
    /// Number of pictures between the pages.
    pub(super) singles: usize,
    /// How long a page of titles is shown.
    pub(super) titles_time: Duration,
    /// Whether every title is seen within [`PROMISE`].
    pub(super) keeps_promise: bool,
}

/// What a step of the round shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlannedStep {
    /// A page of titles, counted from 0.
    Titles(usize),
    /// A picture between pages.
    Single,
}

impl Plan {
    /// Plans a round for `titles` titles and at most `singles` different pictures between them.
    ///
    /// `titles_time` is the wanted time of a page, `single_time` the longest time of a picture between pages.
    pub(super) fn new(
        titles: usize,
        singles: usize,
        capacity: Capacity,
        titles_time: Duration,
        single_time: Duration,
    ) -> Self {
        let at_ease = Layout::new(titles, capacity.at_ease, titles_time);
        // The dense layout has to hold more than the normal one to be of use.
        let close = Layout::new(titles, capacity.close.max(capacity.at_ease), titles_time);
        let single = single_time.as_secs().max(1);
        for (layout, is_close) in [(at_ease, false), (close, true)] {
            for least_singles in [1, 0] {
                if least_singles > singles {
                    continue;
                }
                if let Some(seconds) = layout.page_seconds(least_singles as u64 * single) {
                    let left = layout.spare(seconds) / single;
                    let fitting = usize::try_from(left).unwrap_or(usize::MAX);
                    return layout.plan(
                        is_close,
                        seconds,
                        singles.min(layout.pages).min(fitting),
                        true,
                    );
                }
            }
        }
        let singles = singles.min(close.pages.div_ceil(PAGES_PER_SINGLE));
        close.plan(true, close.least, singles, false)
    }

    /// Number of pictures in a round: at least one, the empty board.
    pub(super) fn steps(&self) -> usize {
        (self.pages + self.singles).max(1)
    }

    /// What is shown at a step: the pictures between are spread evenly, each after a page.
    pub(super) fn at(&self, step: usize) -> PlannedStep {
        let mut page = 0;
        let mut place = 0;
        for single in 0..self.singles {
            let after = (single + 1) * self.pages / self.singles;
            if step < place + (after - page) {
                return PlannedStep::Titles(page + step - place);
            }
            place += after - page;
            if step == place {
                return PlannedStep::Single;
            }
            page = after;
            place += 1;
        }
        PlannedStep::Titles((page + step - place).min(self.pages.saturating_sub(1)))
    }

    /// The step that shows a page of titles.
    pub(super) fn step_of_page(&self, page: usize) -> usize {
        let singles_before = (0..self.singles)
            .filter(|single| (single + 1) * self.pages / self.singles <= page)
            .count();
        page + singles_before
    }

    /// Duration of a round when each picture between pages takes `single_time`.
    pub(super) fn round(&self, single_time: Duration) -> Duration {
        let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.titles_time.saturating_mul(times(self.pages))
            + single_time.saturating_mul(times(self.singles))
    }
}

#[derive(Clone, Copy)]
struct Layout {
    per_page: usize,
    pages: usize,
    /// Time to scan a page, and its wanted time, in seconds.
    least: u64,
    wanted: u64,
}

impl Layout {
    fn new(titles: usize, per_page: usize, titles_time: Duration) -> Self {
        let per_page = per_page.max(1);
        let glance = (per_page.min(titles) as u64 * GLANCE_MS).div_ceil(1000);
        let wanted = titles_time.as_secs().max(1);
        Self {
            per_page,
            pages: titles.div_ceil(per_page),
            // A shorter time in the settings is taken as sufficient.
            least: glance.clamp(LEAST_SECONDS.0, LEAST_SECONDS.1).min(wanted),
            wanted,
        }
    }

    /// Time of a page when the pictures of a round take `singles` seconds; `None` when it is too short to be read.
    fn page_seconds(&self, singles: u64) -> Option<u64> {
        let room = (PROMISE.as_secs() - SLACK).checked_sub(singles)?;
        let most = room / (self.pages as u64 + 1);
        (most >= self.least).then_some(most.min(self.wanted))
    }

    /// The rest of the promised time for pictures between the pages.
    fn spare(&self, page_seconds: u64) -> u64 {
        (PROMISE.as_secs() - SLACK).saturating_sub((self.pages as u64 + 1) * page_seconds)
    }

    fn plan(&self, close: bool, seconds: u64, singles: usize, keeps_promise: bool) -> Plan {
        Plan {
            close,
            per_page: self.per_page,
            pages: self.pages,
            singles,
            titles_time: Duration::from_secs(seconds),
            keeps_promise,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UPRIGHT: Capacity = Capacity {
        at_ease: 8,
        close: 15,
    };

    fn plan_of(titles: usize, singles: usize) -> Plan {
        let twelve = Duration::from_secs(12);
        Plan::new(titles, singles, UPRIGHT, twelve, twelve)
    }

    /// Titles, pictures between → dense, pages, pictures in a round, seconds per page.
    #[track_caller]
    fn check(titles: usize, singles: usize, expected: (bool, usize, usize, u64)) {
        let plan = plan_of(titles, singles);
        assert!(plan.keeps_promise, "{plan:?}");
        assert_eq!(
            (
                plan.close,
                plan.pages,
                plan.singles,
                plan.titles_time.as_secs()
            ),
            expected
        );
    }

    #[test]
    fn a_small_board_has_all_the_time_it_wants() {
        check(0, 0, (false, 0, 0, 12));
        check(3, 1, (false, 1, 1, 12));
        check(38, 7, (false, 5, 3, 12));
    }

    #[test]
    fn a_larger_board_shows_pages_for_a_shorter_time_and_then_closer() {
        check(80, 7, (false, 10, 1, 9));
        check(120, 7, (false, 15, 1, 6));
        check(200, 7, (true, 14, 1, 7));
        check(270, 7, (true, 18, 0, 6));
    }

    #[test]
    fn a_board_beyond_reading_takes_longer_and_says_so() {
        let plan = plan_of(1000, 5);
        assert!(!plan.keeps_promise);
        assert_eq!((plan.pages, plan.titles_time.as_secs()), (67, 6));
        assert_eq!(plan.singles, 5, "new notices still have their turn");
        assert_eq!(plan.round(Duration::from_secs(12)).as_secs(), 462);
    }

    #[test]
    fn pictures_stand_evenly_between_pages() {
        let plan = Plan {
            pages: 5,
            singles: 2,
            ..plan_of(38, 0)
        };
        let round: String = (0..plan.steps())
            .map(|step| match plan.at(step) {
                PlannedStep::Titles(page) => page.to_string(),
                PlannedStep::Single => "x".to_owned(),
            })
            .collect();
        assert_eq!(round, "01x234x");
    }

    fn any_plan() -> impl Strategy<Value = (Plan, usize, u64)> {
        (
            0_usize..3000,
            0_usize..60,
            1_usize..40,
            1_usize..80,
            1_u64..130,
            1_u64..31,
        )
            .prop_map(
                |(titles, singles, at_ease, close, titles_time, single_time)| {
                    let plan = Plan::new(
                        titles,
                        singles,
                        Capacity { at_ease, close },
                        Duration::from_secs(titles_time),
                        Duration::from_secs(single_time),
                    );
                    (plan, titles, single_time)
                },
            )
    }

    proptest! {
        #[test]
        fn a_round_has_every_page_once_in_order((plan, titles, _) in any_plan()) {
            prop_assert_eq!(plan.pages, titles.div_ceil(plan.per_page));
            let planned: Vec<PlannedStep> = (0..plan.steps()).map(|step| plan.at(step)).collect();
            let pages: Vec<usize> = planned
                .iter()
                .filter_map(|step| match step {
                    PlannedStep::Titles(page) => Some(*page),
                    PlannedStep::Single => None,
                })
                .collect();
            if plan.pages > 0 {
                prop_assert_eq!(&pages, &(0..plan.pages).collect::<Vec<_>>());
                prop_assert_eq!(planned.len() - pages.len(), plan.singles);
            }
            for page in 0..plan.pages {
                prop_assert_eq!(planned[plan.step_of_page(page)], PlannedStep::Titles(page));
            }
        }

        #[test]
        fn the_promise_is_kept_or_owned_up((plan, titles, single_time) in any_plan()) {
            let page = plan.titles_time.as_secs();
            prop_assert!(page >= 1);
            let round_and_a_page = plan.round(Duration::from_secs(single_time)).as_secs() + page;
            prop_assert_eq!(
                plan.keeps_promise,
                round_and_a_page <= PROMISE.as_secs() - SLACK,
                "{} titles: {:?}", titles, plan
            );
        }
    }
}
