//! What three engines make of a page.

use serde::{Deserialize, Serialize};

/// What is known about a page as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The page worker draws it as another engine does.
    Agreed,
    /// The page worker draws it otherwise than the others; the rendition shows what they draw.
    Rendition,
    /// No two engines draw the same, or the page cannot be made right.
    Disputed,
    /// No engine draws it.
    Unreadable,
    /// No second engine confirms what the page worker draws: one is missing, the time was up, or it is a picture that
    /// MuPDF draws otherwise or not at all.
    Unchecked,
}

impl Verdict {
    /// Whether readers see the page as it is meant.
    #[must_use]
    pub fn is_right(self) -> bool {
        matches!(self, Self::Agreed | Self::Rendition)
    }

    /// Whether readers see, or may see, something else than what is meant.
    #[must_use]
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Disputed | Self::Unreadable)
    }
}

/// The outcome of a vote on the page worker's drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vote {
    Agreed,
    /// The others agree with one another, and not with the page worker.
    Outvoted,
    Disputed,
    Unreadable,
}

/// Two that draw the same decide; `None` is an engine that draws nothing.
pub(super) fn majority<D>(
    ours: Option<&D>,
    mupdf: Option<&D>,
    poppler: Option<&D>,
    is_alike: impl Fn(&D, &D) -> bool,
) -> Vote {
    let agree = |one: Option<&D>, other: Option<&D>| {
        one.zip(other)
            .is_some_and(|(one, other)| is_alike(one, other))
    };
    if agree(ours, mupdf) || agree(ours, poppler) {
        Vote::Agreed
    } else if agree(mupdf, poppler) {
        Vote::Outvoted
    } else if ours.or(mupdf).or(poppler).is_none() {
        Vote::Unreadable
    } else {
        Vote::Disputed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(drawings: [char; 3], expected: Vote) {
        let [ours, mupdf, poppler] = drawings.map(|drawn| (drawn != '-').then_some(drawn));
        let vote = majority(
            ours.as_ref(),
            mupdf.as_ref(),
            poppler.as_ref(),
            |one, other| one == other,
        );
        assert_eq!(vote, expected, "{drawings:?}");
    }

    #[test]
    fn two_that_draw_the_same_decide() {
        check(['a', 'a', 'a'], Vote::Agreed);
        check(['a', 'a', 'b'], Vote::Agreed);
        check(['a', 'a', '-'], Vote::Agreed);
        check(['a', 'b', 'a'], Vote::Agreed);
        check(['a', '-', 'a'], Vote::Agreed);
        check(['a', 'b', 'b'], Vote::Outvoted);
        check(['-', 'b', 'b'], Vote::Outvoted);
        check(['a', 'b', 'c'], Vote::Disputed);
        check(['-', 'b', 'c'], Vote::Disputed);
        check(['a', '-', '-'], Vote::Disputed);
        check(['-', 'b', '-'], Vote::Disputed);
        check(['-', '-', '-'], Vote::Unreadable);
    }
}
