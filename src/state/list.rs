//! The list of everything posted: its order, its categories, and where its reader is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use vyveska_board::{Language, Notice};

use super::board::BoardNotice;

/// The categories people look for most, in the order they are offered.
///
/// Delivery by public notice first; then the five most searched on existing kiosks (`domain.md`, 1.5).
const MOST_WANTED: [&str; 6] = [
    "Veřejné vyhlášky",
    "Dražby a exekuce",
    "Prodej a pronájem",
    "Výběrová řízení",
    "Odstávky energií",
    "Exekuce",
];

/// Where the reader of the list is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct List {
    category: Option<String>,
    offset: f32,
    jumps: u32,
}

/// A category with its count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its Czech name, which is also its key.
    pub name: String,
    /// How many posted notices it has.
    pub count: usize,
}

impl List {
    /// The chosen category.
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// How far the list is scrolled, in logical pixels.
    pub fn offset(&self) -> f32 {
        self.offset
    }

    /// Changes when the list should go to [`Self::offset`] by itself.
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

    pub(super) fn choose(&mut self, category: Option<String>) {
        self.category = category;
        self.offset = 0.0;
        self.jump();
    }

    pub(super) fn scrolled(&mut self, offset: f32) {
        if offset.is_finite() {
            self.offset = offset.max(0.0);
        }
    }

    pub(super) fn jump(&mut self) {
        self.jumps = self.jumps.wrapping_add(1);
    }

    /// Falls back to everything when the chosen category has no notice any more.
    pub(super) fn keep_possible<'a>(&mut self, mut posted: impl Iterator<Item = &'a BoardNotice>) {
        if self.category.is_some() && !posted.any(|entry| self.shows(&entry.notice)) {
            self.choose(None);
        }
    }
}

/// The categories of the notices given: the most wanted first, then by count, then by name.
pub fn categories<'a>(posted: impl Iterator<Item = &'a BoardNotice>) -> Vec<Category> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in posted {
        for name in names(&entry.notice) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let rank = |name: &str| MOST_WANTED.iter().position(|wanted| *wanted == name);
    let mut categories: Vec<Category> = counts
        .into_iter()
        .map(|(name, count)| Category {
            name: name.to_owned(),
            count,
        })
        .collect();
    categories.sort_by(|a, b| match (rank(&a.name), rank(&b.name)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)),
    });
    categories
}

/// A notice's categories by their Czech names, each once.
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

/// Newest posting first; what states no date comes last, equal dates by title.
pub(super) fn newest_first(a: &Notice, b: &Notice) -> Ordering {
    b.posted
        .start()
        .cmp(&a.posted.start())
        .then_with(|| {
            a.title
                .best(Language::Czech)
                .cmp(b.title.best(Language::Czech))
        })
        .then_with(|| a.id.cmp(&b.id))
}
