//! The list of posted notices: its order, its categories and the scroll position.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use vyveska_board::collation;
use vyveska_board::format::notice_title::notice_title;
use vyveska_board::posting::counted_end;
use vyveska_board::search::fold;
use vyveska_board::{Language, Notice, NoticeId};

use super::State;
use super::board::BoardNotice;

/// The categories people look for most, in the order offered, by the beginnings of their folded names.
///
/// Delivery by public notice first; then the five most searched on existing kiosks (`domain.md`, 1.5).
const MOST_WANTED: [&[&str]; 6] = [
    &["verejne vyhl", "verejna vyhl", "verejnou vyhl"],
    &["draz"],
    &["prodej", "pronaj"],
    &["vyberov"],
    &["odstav", "prerus", "elekt"],
    &["exeku"],
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Newest posting first.
    #[default]
    Newest,
    /// Soonest end first; notices without an end last.
    Ending,
    /// By name, in Czech collation.
    Name,
}

/// The user's position in the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct List {
    category: Option<String>,
    sort: Sort,
    place: f32,
    jumps: u32,
    choosing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its Czech name, which is also its key.
    pub name: String,
    /// Number of posted notices in it.
    pub count: usize,
}

impl Sort {
    /// All orders, as offered.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Ending, Self::Name];

    /// Compares two notices in this order; names are compared in the given language.
    fn compare(self, a: &Notice, b: &Notice, language: Language) -> Ordering {
        match self {
            Self::Newest => newest_first(a, b),
            Self::Ending => match (counted_end(a).end(), counted_end(b).end()) {
                (Some(end_a), Some(end_b)) => {
                    end_a.cmp(&end_b).then_with(|| by_name(a, b, language))
                }
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => newest_first(a, b),
            },
            Self::Name => by_name(a, b, language),
        }
    }
}

impl List {
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Scroll position in notices: 2.5 is the middle of the third.
    pub fn place(&self) -> f32 {
        self.place
    }

    /// Changes when the list has to scroll to [`Self::place`] by itself.
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    /// Whether a notice belongs to the chosen category.
    pub fn shows(&self, notice: &Notice) -> bool {
        match &self.category {
            None => true,
            Some(chosen) => names(notice).any(|name| name == chosen),
        }
    }

    /// Whether all there is to choose stands in its place.
    pub fn is_choosing(&self) -> bool {
        self.choosing
    }

    pub(super) fn show_choices(&mut self, choosing: bool) {
        self.choosing = choosing;
    }

    pub(super) fn choose(&mut self, category: Option<String>) {
        self.category = category;
        self.place = 0.0;
        self.jump();
    }

    pub(super) fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        self.place = 0.0;
        self.jump();
    }

    pub(super) fn scrolled(&mut self, place: f32) {
        if place.is_finite() {
            self.place = place.max(0.0);
        }
    }

    /// Keeps the same notice uppermost when others came or left above it; when it left itself, the next that stayed.
    /// At the very top the position stays there, where new notices appear.
    pub(super) fn keep_place(&mut self, before: &[NoticeId], now: &[NoticeId]) {
        let gone_by = self.place.floor();
        // A list has fewer notices than this type holds.
        let uppermost = gone_by as usize;
        if self.place <= 0.0 || uppermost >= before.len() || before == now {
            return;
        }
        let positions: HashMap<&NoticeId, usize> =
            now.iter().enumerate().map(|(at, id)| (id, at)).collect();
        let stayed = before[uppermost..]
            .iter()
            .enumerate()
            .find_map(|(further, id)| Some((further, *positions.get(id)?)));
        self.place = match stayed {
            Some((0, at)) => at as f32 + (self.place - gone_by),
            Some((_, at)) => at as f32,
            None => now.len() as f32,
        };
        self.jump();
    }

    pub(super) fn jump(&mut self) {
        self.jumps = self.jumps.wrapping_add(1);
    }

    /// Clears the category filter when the category has no notice any more.
    pub(super) fn keep_possible<'a>(&mut self, mut posted: impl Iterator<Item = &'a BoardNotice>) {
        if self.category.is_some() && !posted.any(|entry| self.shows(&entry.notice)) {
            self.choose(None);
        }
    }
}

/// The categories of the given notices: the most wanted first, then by count, then by name.
pub fn categories<'a>(posted: impl Iterator<Item = &'a BoardNotice>) -> Vec<Category> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in posted {
        for name in names(&entry.notice) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let mut categories: Vec<(usize, Category)> = counts
        .into_iter()
        .map(|(name, count)| {
            let name = name.to_owned();
            (rank(&name), Category { name, count })
        })
        .collect();
    categories.sort_by(|(rank_a, a), (rank_b, b)| {
        rank_a
            .cmp(rank_b)
            .then_with(|| b.count.cmp(&a.count))
            .then_with(|| collation::compare(&a.name, &b.name))
    });
    categories
        .into_iter()
        .map(|(_, category)| category)
        .collect()
}

/// The rank among the most wanted categories; after all of them for any other.
fn rank(name: &str) -> usize {
    let folded = fold(name);
    let starts = |stem: &str| {
        folded
            .match_indices(stem)
            .any(|(at, _)| at == 0 || !folded[..at].ends_with(char::is_alphanumeric))
    };
    MOST_WANTED
        .iter()
        .position(|stems| stems.iter().any(|stem| starts(stem)))
        .unwrap_or(MOST_WANTED.len())
}

/// A notice's categories by their Czech names, without duplicates.
fn names(notice: &Notice) -> impl Iterator<Item = &str> {
    let all = &notice.categories;
    all.iter()
        .enumerate()
        .filter_map(move |(position, category)| {
            let name = category.best(Language::Czech).trim();
            let seen = all[..position]
                .iter()
                .any(|earlier| earlier.best(Language::Czech).trim() == name);
            (!name.is_empty() && !seen).then_some(name)
        })
}

/// Newest posting first; notices without a date last, equal dates by name.
pub(super) fn newest_first(a: &Notice, b: &Notice) -> Ordering {
    b.posted
        .start()
        .cmp(&a.posted.start())
        .then_with(|| by_name(a, b, Language::Czech))
}

fn by_name(a: &Notice, b: &Notice, language: Language) -> Ordering {
    let title = |notice| notice_title(notice, language);
    collation::compare(title(&a.title), title(&b.title)).then_with(|| a.id.cmp(&b.id))
}

impl State {
    /// The notices of the chosen category in the chosen order.
    pub fn listed(&self) -> Vec<&BoardNotice> {
        let shown = self.posted().filter(|entry| self.list.shows(&entry.notice));
        let mut listed: Vec<&BoardNotice> = shown.collect();
        // The notices are sorted newest first already.
        if self.list.sort != Sort::Newest {
            let language = self.language();
            listed.sort_by(|a, b| self.list.sort.compare(&a.notice, &b.notice, language));
        }
        listed
    }

    pub(super) fn listed_ids(&self) -> Vec<NoticeId> {
        let listed = self.listed().into_iter();
        listed.map(|entry| entry.notice.id.clone()).collect()
    }

    /// Days a notice stays posted after today: 0 on its last day; `None` without an end.
    pub fn days_left(&self, entry: &BoardNotice) -> Option<u32> {
        let last = counted_end(&entry.notice).last_day()?;
        let left = last.signed_duration_since(self.clock.today()).num_days();
        // With an unsure clock a notice may stay posted past its end.
        u32::try_from(left).ok()
    }

    /// The days a notice stays posted after today, when few enough by the settings to be pointed out.
    pub fn deadline(&self, entry: &BoardNotice) -> Option<u32> {
        let within = self
            .board
            .as_ref()
            .map_or(0, |board| board.settings.deadline_days.get());
        self.days_left(entry).filter(|days| *days <= within)
    }
}
