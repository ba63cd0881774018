//! The screen of the modes that follow repeated failures.

use vyveska_board::Language;
use vyveska_board::format::typography::bind;
use vyveska_wire::alert::{AlertRecord, AlertStatus};

use super::{Presenter, alert, frame, row};
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
    /// Whether no notices have arrived yet.
    pub waiting: bool,
    /// The messages of the town in force.
    pub alerts: Vec<SafeAlertView>,
    /// `None` where only the web address is shown.
    pub rows: Option<Vec<RowView>>,
    /// Why the display's key cannot be used; empty where it can.
    pub key_trouble: String,
}

/// A message of the town as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SafeAlertView {
    pub headline: String,
    /// What happened.
    pub description: String,
    /// What to do.
    pub instructions: String,
    /// „starosta města · 21. 11. 2026 ve 14.30 · platí do 22. 11., 18.00".
    pub origin: String,
    /// Headline and description in the other languages that it has, a line each.
    pub others: String,
    pub exercise: bool,
}

impl SafeAlertView {
    fn of(state: &State, alert: &AlertRecord) -> Self {
        let language = state.language();
        let others: Vec<String> = Language::ALL
            .into_iter()
            .filter(|other| *other != language)
            .filter_map(|other| {
                let summary = alert::headline_and_description(alert, other)?;
                Some(format!(
                    "{}: {}",
                    other.own_name(),
                    shortened(&summary, 480)
                ))
            })
            .collect();
        Self {
            headline: shortened(&alert::in_language(&alert.headline, language), 160),
            description: shortened(&alert::in_language(&alert.description, language), 400),
            instructions: shortened(&alert::instructions(alert, language).join(" "), 600),
            origin: shortened(&alert::origin(state, alert), 160),
            others: others.join("\n"),
            exercise: alert.status == AlertStatus::Exercise,
        }
    }

    /// About how many squares as high as a letter of the body it takes.
    pub fn squares(&self) -> usize {
        // The last line of each text is half empty.
        let count = |text: &str| text.chars().count() + 30 * text.lines().count();
        // The headline is half as large again; the kind of message takes a line, too.
        let letters = 2 * count(&self.headline)
            + count(&self.description)
            + count(&self.instructions)
            + count(&self.origin)
            + count(&self.others)
            + 60;
        // A letter is half as wide as high, and there is room between the lines.
        letters * 13 / 20
    }
}

impl SafeView {
    /// The titles and dates of what is posted.
    pub fn titles(state: &State) -> Self {
        Self {
            look: Some(frame::present_look(state)),
            header: Presenter::default().header(state),
            notes: frame::present_notes(state),
            footer: frame::present_footer(state),
            waiting: !state.has_notices(),
            alerts: state
                .alerts()
                .map(|alert| SafeAlertView::of(state, alert))
                .collect(),
            rows: Some(
                state
                    .posted()
                    .map(|entry| {
                        let row = row::present_row(state, entry);
                        RowView {
                            title: shortened(&row.title, MAX_LETTERS),
                            ..row
                        }
                    })
                    .collect(),
            ),
            key_trouble: String::new(),
        }
    }

    /// The web address alone.
    pub fn address(town: &str, web_address: &str) -> Self {
        Self {
            header: HeaderView {
                town: bind(town),
                ..HeaderView::default()
            },
            footer: FooterView {
                web_address: bind(web_address),
                ..FooterView::default()
            },
            ..Self::default()
        }
    }
}

/// The most letters of a title: three lines of the screen.
const MAX_LETTERS: usize = 110;

/// A text cut at a word's end. Measuring words is left to the other screens, because it may be what fails.
fn shortened(text: &str, letters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(letters) else {
        return text.to_owned();
    };
    let start = &text[..end];
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
    use std::sync::Arc;
    use std::time::Duration;

    use vyveska_board::ClockBounds;
    use vyveska_wire::alert::AlertSeverity;

    use super::*;
    use crate::state::{Event, Now};
    use crate::store::samples;

    #[test]
    fn a_message_of_the_town_is_there_in_words_until_it_ends() {
        let at = |instant: &str| Now {
            clock: ClockBounds::exact(instant.parse().unwrap()),
            monotonic: Duration::ZERO,
        };
        let texts = |text: &str| [("cs".to_owned(), text.to_owned())].into();
        let in_german = |czech: &str, german: &str| {
            let german = ("de".to_owned(), german.to_owned());
            [("cs".to_owned(), czech.to_owned()), german].into()
        };
        let flood = AlertRecord {
            id: "povoden".to_owned(),
            severity: AlertSeverity::Extreme,
            status: AlertStatus::Actual,
            sender: texts("starosta"),
            sent: "2026-11-21T10:00:00Z".parse().unwrap(),
            onset: None,
            expires: "2026-11-21T17:00:00Z".parse().unwrap(),
            headline: in_german("Povodeň", "Hochwasser"),
            description: in_german("Hladina stoupá.", "Der Pegel steigt."),
            instructions: [("cs".to_owned(), vec!["Opusťte domy u řeky.".to_owned()])].into(),
            url: None,
        };
        let noon = at("2026-11-21T11:00:00Z");
        let mut state = State::new(noon);
        let mut board = samples::content(vec![samples::notice("1", 1, &[])]);
        board.alerts = vec![flood];
        state.apply(Event::BoardChanged(Arc::new(board)), noon);
        let view = SafeView::titles(&state);
        let [message] = &view.alerts[..] else {
            panic!("{:?}", view.alerts);
        };
        assert_eq!(message.headline, "Povodeň");
        assert_eq!(message.description, "Hladina stoupá.");
        let instructions = message.instructions.replace('\u{a0}', " ");
        assert_eq!(instructions, "Opusťte domy u řeky.");
        assert_eq!(message.others, "Deutsch: Hochwasser. Der Pegel steigt.");
        let origin = message.origin.replace('\u{a0}', " ");
        assert!(origin.contains("starosta"), "{origin}");
        assert!(origin.ends_with("platí do 21. 11., 18.00"), "{origin}");
        assert!(!view.rows.unwrap().is_empty(), "the titles stay");
        assert!(!view.waiting);
        state.apply(Event::Tick, at("2026-11-21T17:00:00Z"));
        assert_eq!(SafeView::titles(&state).alerts, []);
    }

    #[test]
    fn a_long_title_is_cut_at_a_words_end() {
        let shortened = |text: &str| shortened(text, MAX_LETTERS);
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
