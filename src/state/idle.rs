//! The rotation while nobody touches the screen.
//!
//! Pages of titles alternate with single new notices, one after each page of titles.
//! When there are more new notices than pages, the next rounds show the others.

use std::time::Duration;

use super::board::BoardNotice;

/// How many titles stand on one page.
pub const TITLES_PER_PAGE: usize = 8;

/// Where the rotation is.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle {
    /// Since when the present picture is shown.
    since: Duration,
    step: usize,
    round: usize,
}

/// One picture of the rotation.
#[derive(Debug, Clone, PartialEq)]
pub enum IdleStep<'a> {
    /// A page of titles.
    Titles {
        /// Counted from 0.
        page: usize,
        /// How many there are.
        pages: usize,
        /// At most [`TITLES_PER_PAGE`].
        notices: Vec<&'a BoardNotice>,
    },
    /// A new notice.
    Notice(&'a BoardNotice),
}

/// How many pictures a round has: at least one, the empty board.
pub(super) fn steps(posted: usize, new: usize) -> usize {
    let pages = posted.div_ceil(TITLES_PER_PAGE);
    (pages + new.min(pages)).max(1)
}

impl Idle {
    /// The first picture.
    pub(super) fn begin(now: Duration) -> Self {
        Self {
            since: now,
            step: 0,
            round: 0,
        }
    }

    /// Goes on when the present picture was shown long enough.
    pub(super) fn pass(&mut self, now: Duration, steps: usize, page_time: Duration) {
        if now.saturating_sub(self.since) < page_time {
            return;
        }
        self.since = now;
        self.go_on(steps);
    }

    /// The next picture.
    pub(super) fn go_on(&mut self, steps: usize) {
        self.step += 1;
        if self.step >= steps {
            self.step = 0;
            self.round = self.round.wrapping_add(1);
        }
    }

    /// Which picture of `steps` is shown: the board may have shrunk since it was chosen.
    pub(super) fn step(&self, steps: usize) -> usize {
        self.step.min(steps.saturating_sub(1))
    }

    /// What is shown, of the notices posted and the new ones among them.
    pub(super) fn show<'a>(
        &self,
        posted: &[&'a BoardNotice],
        new: &[&'a BoardNotice],
    ) -> IdleStep<'a> {
        let pages = posted.len().div_ceil(TITLES_PER_PAGE);
        let singles = new.len().min(pages);
        let step = self.step(steps(posted.len(), new.len()));
        // The first pages of titles are each followed by a single notice, the others stand alone.
        let (page, single) = if step < 2 * singles {
            (step / 2, step % 2 == 1)
        } else {
            (step - singles, false)
        };
        if single {
            let turn = self.round.wrapping_mul(singles).wrapping_add(page) % new.len();
            return IdleStep::Notice(new[turn]);
        }
        IdleStep::Titles {
            page,
            pages,
            notices: posted
                .iter()
                .skip(page * TITLES_PER_PAGE)
                .take(TITLES_PER_PAGE)
                .copied()
                .collect(),
        }
    }
}
