//! Collects warnings in bounded memory, whatever the input.
//!
//! Two severities are kept apart: what an officer should look at, and what was merely normalised.
//! A feed with a thousand doubled spaces must not crowd out the one mistyped year.
//! What makes the end of a notice doubtful is kept with the notice as well: an officer is told of it without asking.

use super::Warning;

/// How many warnings one board keeps, not counting the one that says how many more there were.
pub const MAX_WARNINGS: usize = 1_000;

/// How many of them may be about normalisation.
const MAX_TIDIED: usize = 700;

/// How much of a notice's name a warning carries.
const MAX_LABEL_CHARS: usize = 300;

/// How much of a faulty value a message quotes.
const MAX_QUOTED_CHARS: usize = 60;

/// How many doubts about its end a notice keeps.
const MAX_END_DOUBTS: usize = 5;

/// The warnings of one board.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    kept: Vec<Warning>,
    tidied: usize,
    left_out: usize,
}

impl Warnings {
    /// For warnings about the board itself.
    pub(super) fn about_board(&mut self) -> Report<'_> {
        Report {
            warnings: self,
            notice: None,
            end_doubts: Vec::new(),
        }
    }

    /// For warnings about the notice known by `label`.
    pub(super) fn about(&mut self, label: &str) -> Report<'_> {
        Report {
            warnings: self,
            notice: Some(shortened(label, MAX_LABEL_CHARS)),
            end_doubts: Vec::new(),
        }
    }

    /// The warnings in the order they were found.
    pub(super) fn finish(mut self) -> Vec<Warning> {
        if self.left_out > 0 {
            self.kept.push(Warning {
                notice: None,
                field: "informace".to_owned(),
                message: format!("a dalších {} upozornění", self.left_out),
            });
        }
        self.kept
    }

    fn push(&mut self, notice: Option<&str>, field: &str, message: String) {
        if self.kept.len() >= MAX_WARNINGS {
            self.left_out += 1;
            return;
        }
        self.kept.push(Warning {
            notice: notice.map(str::to_owned),
            field: field.to_owned(),
            message,
        });
    }
}

/// Where the readers of single fields report to.
#[derive(Debug)]
pub(super) struct Report<'w> {
    warnings: &'w mut Warnings,
    notice: Option<String>,
    end_doubts: Vec<String>,
}

impl Report<'_> {
    /// Something is missing or could not be understood.
    pub(super) fn deviates(&mut self, field: &str, message: impl Into<String>) {
        self.warnings
            .push(self.notice.as_deref(), field, message.into());
    }

    /// The end of the notice may be another than the one that counts.
    pub(super) fn doubts_end(&mut self, field: &str, message: impl Into<String>) {
        let message = message.into();
        let doubt = format!("{field}: {message}");
        if self.end_doubts.len() < MAX_END_DOUBTS && !self.end_doubts.contains(&doubt) {
            self.end_doubts.push(doubt);
        }
        self.deviates(field, message);
    }

    /// Every doubt about the end so far, to be kept with the notice.
    pub(super) fn take_end_doubts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.end_doubts)
    }

    /// Something was understood although it is written otherwise than the norm wants.
    pub(super) fn tidied(&mut self, field: &str, message: impl Into<String>) {
        if self.warnings.tidied >= MAX_TIDIED {
            self.warnings.left_out += 1;
            return;
        }
        self.warnings.tidied += 1;
        self.deviates(field, message);
    }
}

/// A faulty value as a message quotes it.
pub(super) fn quoted(text: &str) -> String {
    format!("„{}“", shortened(text.trim(), MAX_QUOTED_CHARS))
}

/// The first `max` characters, with an ellipsis where more followed.
pub(super) fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidying_does_not_crowd_out_what_matters() {
        let mut warnings = Warnings::default();
        for _ in 0..5_000 {
            warnings.about("n").tidied("název", "mezery");
        }
        warnings.about("n").deviates("relevantní_do", "rok");
        let found = warnings.finish();
        assert_eq!(found.len(), MAX_TIDIED + 2);
        assert_eq!(found[MAX_TIDIED].field, "relevantní_do");
        assert_eq!(found[MAX_TIDIED + 1].message, "a dalších 4300 upozornění");
    }

    #[test]
    fn warnings_are_bounded() {
        let mut warnings = Warnings::default();
        for _ in 0..5_000 {
            warnings.about_board().deviates("iri", "chybí");
        }
        assert_eq!(warnings.finish().len(), MAX_WARNINGS + 1);
    }
}
