//! Puts a message of the town into words: that which covers the board, and the strip above a page.

use vyveska_board::format::counting::one_of;
use vyveska_board::format::ranges::{moment, until_short};
use vyveska_board::format::say;
use vyveska_board::format::typography::bind;
use vyveska_board::{Language, Moment};
use vyveska_wire::alert::{AlertRecord, AlertSeverity, AlertStatus};
use vyveska_wire::section::{Texts, language_map};

use super::{count, text};
use crate::state::State;
use crate::ui::view_model::{AlertStripView, AlertView};

/// A language's summary with its description is at most so long; a longer one is the headline alone.
const SHORT: usize = 160;

pub(super) fn present_alert(state: &State) -> Option<AlertView> {
    let (alert, position, of) = state.covering_alert()?;
    let language = state.language();
    Some(AlertView {
        headline: in_language(&alert.headline, language),
        origin: origin(state, alert),
        description: in_language(&alert.description, language),
        instructions: instructions(alert, language),
        others: Language::ALL
            .into_iter()
            .filter(|other| *other != language)
            .filter_map(|other| Some((other.own_name().to_owned(), summary(alert, other)?)))
            .collect(),
        exercise: alert.status == AlertStatus::Exercise,
        position: if of > 1 {
            one_of(language, count(position + 1), count(of))
        } else {
            String::new()
        },
        idle: state.idle_step().is_some(),
        paused: state.are_alerts_paused(),
    })
}

pub(super) fn present_strip(state: &State) -> Option<AlertStripView> {
    let (alert, of) = state.alert_strip()?;
    Some(AlertStripView {
        headline: in_language(&alert.headline, state.language()),
        exercise: alert.status == AlertStatus::Exercise,
        more: count(of.saturating_sub(1)),
        banner: alert.severity >= AlertSeverity::Severe && state.idle_step().is_some(),
        description: in_language(&alert.description, state.language()),
    })
}

pub(super) fn in_language(texts: &Texts, language: Language) -> String {
    text(&language_map(texts), language)
}

/// „starosta města · 21. 11. 2026 ve 14.30 · platí do 22. 11., 18.00".
pub(super) fn origin(state: &State, alert: &AlertRecord) -> String {
    let (language, today) = (state.language(), state.clock().today());
    let sent = moment(&Moment::Instant(alert.sent), language).unwrap_or_default();
    let valid = until_short(&Moment::Instant(alert.expires), today, language)
        .map(|until| format!("{} {until}", say(["platí", "gilt", "valid"], language)))
        .unwrap_or_default();
    let sender = in_language(&alert.sender, language);
    [sender, sent, bind(&valid)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

pub(super) fn instructions(alert: &AlertRecord, language: Language) -> Vec<String> {
    let sentences = alert
        .instructions
        .get(language.code())
        .or_else(|| alert.instructions.get("cs"));
    sentences
        .into_iter()
        .flatten()
        .map(|sentence| bind(sentence))
        .collect()
}

/// The message in short, when it was written in this language.
fn summary(alert: &AlertRecord, language: Language) -> Option<String> {
    let both = headline_and_description(alert, language)?;
    if both.chars().count() <= SHORT {
        return Some(both);
    }
    alert.headline.get(language.code()).map(|text| bind(text))
}

/// What is said of the danger, when it was written in this language.
pub(super) fn headline_and_description(alert: &AlertRecord, language: Language) -> Option<String> {
    let own = |texts: &Texts| texts.get(language.code()).map(|text| bind(text));
    let headline = own(&alert.headline)?;
    let Some(description) = own(&alert.description) else {
        return Some(headline);
    };
    let end = if headline.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    Some(format!("{headline}{end} {description}"))
}
