//! The screen of the modes that follow repeated failures.

use super::{Presenter, frame, row};
use crate::state::State;
use crate::ui::view_model::{FooterView, HeaderView, LookView, NoteView, RowView};

/// What is left of the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SafeView {
    /// The town's colours; the markup's own when `None`.
    pub look: Option<LookView>,
    pub header: HeaderView,
    pub notes: Vec<NoteView>,
    pub footer: FooterView,
    /// `None` where only the web address is shown.
    pub rows: Option<Vec<RowView>>,
}

impl SafeView {
    /// The titles and dates of what is posted.
    pub fn titles(state: &State) -> Self {
        Self {
            look: Some(frame::present_look(state)),
            header: Presenter::default().header(state),
            notes: frame::present_notes(state),
            footer: frame::present_footer(state),
            rows: Some(
                state
                    .posted()
                    .map(|entry| {
                        let row = row::present_row(state, entry);
                        RowView {
                            title: shortened(&row.title),
                            ..row
                        }
                    })
                    .collect(),
            ),
        }
    }

    /// The web address alone.
    pub fn address(town: &str, web_address: &str) -> Self {
        Self {
            header: HeaderView {
                town: town.to_owned(),
                ..HeaderView::default()
            },
            footer: FooterView {
                web_address: web_address.to_owned(),
                ..FooterView::default()
            },
            ..Self::default()
        }
    }
}

/// The most letters of a title: three lines of the screen.
const MAX_LETTERS: usize = 110;

/// A title cut at a word's end. Measuring words is left to the other screens, because it may be what fails.
fn shortened(title: &str) -> String {
    let Some((end, _)) = title.char_indices().nth(MAX_LETTERS) else {
        return title.to_owned();
    };
    let start = &title[..end];
    let words = start
        .rfind(char::is_whitespace)
        .map_or(start, |space| &start[..space]);
    format!(
        "{}…",
        words.trim_end_matches([' ', ',', ';', ':', '–', '-'])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_cut_at_a_words_end() {
        assert_eq!(shortened("Návrh rozpočtu"), "Návrh rozpočtu");
        let long = "Záměr, ".repeat(40);
        let short = shortened(&long);
        assert!(short.ends_with("Záměr…"), "{short}");
        assert!(short.chars().count() <= MAX_LETTERS);
        assert_eq!(
            shortened(&"ž".repeat(50_000)).chars().count(),
            MAX_LETTERS + 1
        );
    }
}
