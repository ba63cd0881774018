//! The rotation of the idle screen.
//!
//! A round consists of pages of titles with single pictures between them: new notices, what ends today and tomorrow,
//! the town's information. The kinds alternate in the order of the settings, each advancing through its own;
//! what does not fit into one round comes in the next. [`plan`] decides the timing of a round.

use std::time::Duration;

use vyveska_board::NoticeId;
use vyveska_wire::idle_settings::{IdleKind, IdleSettings};
use vyveska_wire::information::InformationPage;

use super::board::BoardNotice;
use super::{Drawing, Front, RenderRequests, Rotation, State};

mod drift;
mod plan;

pub use drift::drift;
use plan::{Capacity, Plan, PlannedStep};

/// Tolerance for early ticks: a picture due in whole seconds must not wait for one tick more.
const EARLY: Duration = Duration::from_millis(200);

/// The position within the rotation.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle {
    /// When the present picture appeared.
    since: Duration,
    step: usize,
    /// How many pictures between the pages of titles were shown.
    turn: usize,
    /// Since when the rotation is paused.
    paused: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum IdleStep<'a> {
    /// A page of titles.
    Titles {
        /// Index, counted from 0.
        page: usize,
        /// Number of pages: at least one, which is empty on an empty board.
        pages: usize,
        /// Whether the dense layout with smaller type is used.
        close: bool,
        notices: Vec<&'a BoardNotice>,
        /// The time until every title was shown, when that exceeds the promised two minutes.
        whole_round: Option<Duration>,
    },
    Notice(&'a BoardNotice),
    /// The notices that end today or tomorrow.
    Ending {
        /// Index, counted from 0.
        page: usize,
        pages: usize,
        /// The soonest end first.
        notices: Vec<&'a BoardNotice>,
    },
    Information(&'a InformationPage),
}

/// Width of a whole page relative to its print, in percent: margins are mostly a tenth on each side.
const DRAWN_PERCENT: u32 = 125;

/// The capacity of the idle screen, as measured by the markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleRoom {
    /// Titles on one page in the normal layout.
    pub titles: usize,
    /// Titles on one page in the dense layout.
    pub titles_close: usize,
    /// The width of the print of a notice's first page, in pixels.
    pub preview_width: u32,
}

impl Default for IdleRoom {
    /// The layout the pictures were drawn for.
    fn default() -> Self {
        Self {
            titles: 8,
            titles_close: 14,
            preview_width: 680,
        }
    }
}

impl IdleRoom {
    pub(super) fn bounded(self) -> Self {
        Self {
            titles: self.titles.clamp(1, 100),
            titles_close: self.titles_close.clamp(1, 200),
            preview_width: self.preview_width.clamp(64, 4096),
        }
    }
}

/// The items the rotation goes through.
struct IdleRotation<'a> {
    posted: Vec<&'a BoardNotice>,
    between: Vec<(Duration, Between<'a>)>,
    plan: Plan,
    single_time: Duration,
}

enum Between<'a> {
    New(Vec<&'a BoardNotice>),
    Ending {
        notices: Vec<&'a BoardNotice>,
        per_page: usize,
    },
    Information(Vec<&'a InformationPage>),
}

impl Between<'_> {
    fn count(&self) -> usize {
        match self {
            Self::New(notices) => notices.len(),
            Self::Ending { notices, per_page } => notices.len().div_ceil(*per_page),
            Self::Information(pages) => pages.len(),
        }
    }
}

impl<'a> IdleRotation<'a> {
    fn of(state: &'a State) -> Self {
        let posted: Vec<&BoardNotice> = state.posted().collect();
        let settings = state.idle_settings();
        let room = state.idle_room;
        let mut between: Vec<(Duration, Between<'a>)> = Vec::new();
        for (position, kind) in settings.between.iter().enumerate() {
            if settings.between[..position].contains(kind) {
                continue;
            }
            let (seconds, pictures) = match kind {
                IdleKind::New => {
                    let new = posted.iter().filter(|entry| state.is_new(entry));
                    (
                        settings.notice_seconds,
                        Between::New(new.copied().collect()),
                    )
                }
                IdleKind::Ending => (
                    settings.ending_seconds,
                    Between::Ending {
                        notices: state.ending_soon(),
                        per_page: room.titles,
                    },
                ),
                IdleKind::Information => (
                    settings.information_seconds,
                    Between::Information(state.idle_information()),
                ),
                IdleKind::Unknown => continue,
            };
            if pictures.count() > 0 {
                let time = Duration::from_secs(u64::from(seconds.get()));
                between.push((time, pictures));
            }
        }
        let single_time = between
            .iter()
            .map(|(time, _)| *time)
            .max()
            .unwrap_or_default();
        let plan = Plan::new(
            posted.len(),
            between.iter().map(|(_, pictures)| pictures.count()).sum(),
            Capacity {
                at_ease: room.titles,
                close: room.titles_close,
            },
            state.idle_titles_time(),
            single_time,
        );
        Self {
            posted,
            between,
            plan,
            single_time,
        }
    }

    /// How long the picture at this position is shown.
    fn time_of(&self, idle: &Idle) -> Duration {
        match self.plan.at(idle.step(&self.plan)) {
            PlannedStep::Titles(_) => self.plan.titles_time,
            PlannedStep::Single => self.single(idle.turn).0,
        }
    }

    /// The next single picture: kinds alternate, each advancing through its own.
    fn single(&self, turn: usize) -> (Duration, &Between<'a>, usize) {
        let kinds = self.between.len();
        let (time, pictures) = &self.between[turn % kinds];
        (*time, pictures, turn / kinds % pictures.count())
    }

    fn show(&self, idle: &Idle) -> IdleStep<'a> {
        match self.plan.at(idle.step(&self.plan)) {
            PlannedStep::Titles(page) => IdleStep::Titles {
                page,
                pages: self.plan.pages,
                close: self.plan.close,
                notices: page_of(&self.posted, page, self.plan.per_page),
                whole_round: (!self.plan.keeps_promise).then(|| self.plan.round(self.single_time)),
            },
            PlannedStep::Single => match self.single(idle.turn) {
                (_, Between::New(notices), which) => IdleStep::Notice(notices[which]),
                (_, Between::Ending { notices, per_page }, page) => IdleStep::Ending {
                    page,
                    pages: notices.len().div_ceil(*per_page),
                    notices: page_of(notices, page, *per_page),
                },
                (_, Between::Information(pages), which) => IdleStep::Information(pages[which]),
            },
        }
    }
}

fn page_of<'a>(notices: &[&'a BoardNotice], page: usize, per_page: usize) -> Vec<&'a BoardNotice> {
    notices
        .chunks(per_page.max(1))
        .nth(page)
        .map(<[_]>::to_vec)
        .unwrap_or_default()
}

impl Idle {
    pub(super) fn begin(now: Duration) -> Self {
        Self {
            since: now,
            step: 0,
            turn: 0,
            paused: None,
        }
    }

    /// Picture of the round that is shown: the board may have shrunk since it was chosen.
    fn step(&self, plan: &Plan) -> usize {
        self.step.min(plan.steps() - 1)
    }

    fn go_on(&mut self, plan: &Plan) {
        let step = self.step(plan);
        if plan.at(step) == PlannedStep::Single {
            self.turn = self.turn.wrapping_add(1);
        }
        self.step = (step + 1) % plan.steps();
    }

    pub(super) fn toggle_pause(&mut self, now: Duration) {
        self.paused = match self.paused {
            None => Some(now),
            Some(_) => {
                // A notice that somebody may be reading stays.
                self.since = now;
                None
            }
        };
    }
}

impl State {
    pub(super) fn idle_settings(&self) -> IdleSettings {
        self.board
            .as_ref()
            .map(|board| board.settings.idle.clone())
            .unwrap_or_default()
    }

    fn idle_titles_time(&self) -> Duration {
        let seconds = self
            .board
            .as_ref()
            .map(|board| board.settings.idle_page_seconds)
            .unwrap_or_default();
        Duration::from_secs(u64::from(seconds.get()))
    }

    /// The notices that end today or tomorrow, the soonest end first.
    fn ending_soon(&self) -> Vec<&BoardNotice> {
        let mut ending: Vec<&BoardNotice> = self
            .posted()
            .filter(|entry| self.days_left(entry).is_some_and(|days| days <= 1))
            .collect();
        ending.sort_by_key(|entry| entry.notice.relevant_until.end());
        ending
    }

    /// Resumes a paused rotation after its time limit.
    pub(super) fn pass_idle_time(&mut self, now: Duration) {
        let Front::Idle(idle) = &self.front else {
            return;
        };
        let mut idle = idle.clone();
        if let Some(since) = idle.paused {
            let seconds = self.idle_settings().pause_seconds.get();
            if now.saturating_sub(since) < Duration::from_secs(u64::from(seconds)) {
                return;
            }
            idle.toggle_pause(now);
        } else {
            let rotation = IdleRotation::of(self);
            let time = rotation.time_of(&idle);
            let shown = (now + EARLY).saturating_sub(idle.since);
            if shown < time {
                return;
            }
            // Late ticks do not accumulate; after a longer gap the next picture gets its full time.
            idle.since = if shown < time + Duration::from_secs(2) {
                idle.since + time
            } else {
                now
            };
            idle.go_on(&rotation.plan);
        }
        self.front = Front::Idle(idle);
    }

    /// The titles shown now or next. They keep the rotation's position when the board changes.
    pub(super) fn idle_place(&self) -> Vec<NoticeId> {
        let Front::Idle(idle) = &self.front else {
            return Vec::new();
        };
        let rotation = IdleRotation::of(self);
        let step = idle.step(&rotation.plan);
        let steps = rotation.plan.steps();
        let page = (step..step + 2).find_map(|step| match rotation.plan.at(step % steps) {
            PlannedStep::Titles(page) => Some(page),
            PlannedStep::Single => None,
        });
        page_of(
            &rotation.posted,
            page.unwrap_or_default(),
            rotation.plan.per_page,
        )
        .into_iter()
        .map(|entry| entry.notice.id.clone())
        .collect()
    }

    /// Continues at the new position of those titles, so that no title is skipped when others came or went.
    pub(super) fn keep_idle_place(&mut self, titles: &[NoticeId], now: Duration) {
        let Front::Idle(idle) = &self.front else {
            return;
        };
        let mut idle = idle.clone();
        let rotation = IdleRotation::of(self);
        let position = titles.iter().find_map(|title| {
            let mut posted = rotation.posted.iter();
            posted.position(|entry| entry.notice.id == *title)
        });
        let Some(position) = position else { return };
        let single = rotation.plan.at(idle.step(&rotation.plan)) == PlannedStep::Single;
        let page = rotation
            .plan
            .step_of_page(position / rotation.plan.per_page);
        let before = page.checked_sub(1).unwrap_or(rotation.plan.steps() - 1);
        let step = if single && rotation.plan.at(before) == PlannedStep::Single {
            before
        } else {
            page
        };
        if step != idle.step {
            idle.step = step;
            idle.since = now;
            self.front = Front::Idle(idle);
        }
    }

    /// What the idle rotation shows while it is in front: the picture, its index and the number of pictures in a round.
    pub fn idle_step(&self) -> Option<(usize, usize, IdleStep<'_>)> {
        let Front::Idle(idle) = &self.front else {
            return None;
        };
        let rotation = IdleRotation::of(self);
        let (step, steps) = (idle.step(&rotation.plan), rotation.plan.steps());
        Some((step, steps, rotation.show(idle)))
    }

    /// Whether the user paused the rotation.
    pub fn is_idle_paused(&self) -> bool {
        matches!(&self.front, Front::Idle(idle) if idle.paused.is_some())
    }

    /// The drawings the rotation needs: for the notice shown and for the one after the present picture,
    /// so that neither appears as a blank page.
    pub(super) fn idle_drawings(&self) -> RenderRequests {
        let Front::Idle(idle) = &self.front else {
            return RenderRequests::default();
        };
        let rotation = IdleRotation::of(self);
        let mut next = idle.clone();
        next.go_on(&rotation.plan);
        let preview = |idle| match rotation.show(idle) {
            IdleStep::Notice(entry) => self.preview(entry).into_iter().collect(),
            _ => Vec::new(),
        };
        RenderRequests {
            now: preview(idle),
            soon: preview(&next),
        }
    }

    /// The drawing of a notice's first page for the rotation; `None` when it has no document that can be shown, or this
    /// page may be drawn wrong.
    pub fn preview(&self, entry: &BoardNotice) -> Option<Drawing> {
        let mut documents = entry.notice.documents.iter();
        let document = documents.find(|document| document.hash.is_some())?;
        let drawing = Drawing {
            document: self.drawn(document)?,
            page: 0,
            rotation: Rotation::default(),
            page_width: self.idle_room.preview_width * DRAWN_PERCENT / 100,
            region: None,
        };
        let is_shown = !matches!(self.opened(&drawing.document), Some(Err(_)))
            && !self.doubtful_pages(document, 1).contains(&1);
        is_shown.then_some(drawing)
    }
}
