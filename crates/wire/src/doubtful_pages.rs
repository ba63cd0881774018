//! Which pages of a document displays may draw wrong, in a list that does not grow with the document.

use serde::{Deserialize, Serialize};

/// The most pages that are listed: two thousand notices with a list each stay far below the bound of a section.
const MAX_LISTED: usize = 200;

/// The pages that displays may draw wrong, because engines disagree or content is missing; counted from 1, ascending.
///
/// A list that is full stands for all pages after its last one too: of such a document too much is said rather than too
/// little. A kiosk that does not know this names the pages that are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u32>")]
pub struct DoubtfulPages(Vec<u32>);

impl DoubtfulPages {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pages of a document with so many; of one whose pages were not counted, those that are listed.
    pub fn of(&self, count: Option<u32>) -> Vec<u32> {
        let mut pages = self.0.clone();
        if let (MAX_LISTED, Some(last), Some(count)) = (pages.len(), pages.last().copied(), count) {
            pages.extend(last.saturating_add(1)..=count);
        }
        pages
    }
}

impl From<Vec<u32>> for DoubtfulPages {
    fn from(mut pages: Vec<u32>) -> Self {
        pages.truncate(MAX_LISTED);
        Self(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_pages_are_listed_and_many_are_all_from_some_page_on() {
        let few: Vec<u32> = (2..9).collect();
        assert_eq!(DoubtfulPages::from(few.clone()).of(Some(1000)), few);

        let every_other: Vec<u32> = (1..100_000).step_by(2).collect();
        let bounded = DoubtfulPages::from(every_other.clone());
        let json = serde_json::to_string(&bounded).unwrap();
        assert!(json.len() < 1000, "{}", json.len());
        let read: DoubtfulPages = serde_json::from_str(&json).unwrap();
        assert_eq!(read, bounded);
        let pages = read.of(Some(100_000));
        assert!(
            every_other
                .iter()
                .all(|page| pages.binary_search(page).is_ok())
        );
        assert!(!pages.contains(&2), "it was right");
        assert_eq!(pages.last(), Some(&100_000));
        assert_eq!(read.of(None).len(), MAX_LISTED);
    }

    #[test]
    fn a_longer_list_is_read_as_a_full_one() {
        let json = serde_json::to_string(&(1..=5000).collect::<Vec<u32>>()).unwrap();
        let read: DoubtfulPages = serde_json::from_str(&json).unwrap();
        assert_eq!(read.of(None).len(), MAX_LISTED);
        assert_eq!(read.of(Some(5000)).len(), 5000);
    }
}
