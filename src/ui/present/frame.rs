//! Decides what stands around every screen: when time and date are left out, which notes stand under the header,
//! and in which colours everything is drawn.

use vyveska_board::format::ranges::period;
use vyveska_board::format::{dates, typography};
use vyveska_board::moment::PRAGUE;
use vyveska_board::{ClockTrust, Language, Moment};
use vyveska_wire::section::language_map;

use super::{Presenter, text};
use crate::state::State;
use crate::ui::town_colour::town_colour;
use crate::ui::view_model::{FooterView, HeaderView, LookView, NoteView, Scheme};

impl Presenter {
    pub(super) fn header(&self, state: &State) -> HeaderView {
        let clock = state.clock();
        // An unknown time only has a lower bound, which may be long over.
        let here = (clock.trust != ClockTrust::Unknown)
            .then(|| clock.earliest.with_timezone(&PRAGUE).naive_local());
        HeaderView {
            town: state
                .board()
                .map(|board| text(&board.town, state.language()))
                .unwrap_or_default(),
            time: here.map_or_else(String::new, |here| dates::clock_time(here.time())),
            date: here.map_or_else(String::new, |here| {
                dates::header_date(here.date(), state.language())
            }),
            coat_of_arms: self.coat_of_arms.clone(),
        }
    }
}

pub(super) fn present_footer(state: &State) -> FooterView {
    let Some(board) = state.board() else {
        return FooterView::default();
    };
    let today = state.clock().today();
    let data_as_of = state.data_as_of().map_or_else(String::new, |heard| {
        let heard = heard.with_timezone(&PRAGUE).naive_local();
        dates::as_of(heard, today, state.language())
    });
    FooterView {
        web_address: typography::bind(&board.settings.web_address),
        part: text(&language_map(&board.settings.part), state.language()),
        data_as_of,
        stale: state.is_stale(),
    }
}

pub(super) fn present_look(state: &State) -> LookView {
    let preferences = state.preferences();
    let colour = state
        .board()
        .and_then(|board| board.settings.colour.as_deref());
    LookView {
        scheme: if preferences.high_contrast {
            Scheme::HighContrast
        } else if state.is_night() {
            Scheme::Night
        } else {
            Scheme::Day
        },
        town: town_colour(colour),
        text_size: preferences.text_size,
        reach: preferences.reach,
        speech: preferences.speech,
    }
}

pub(super) fn present_notes(state: &State) -> Vec<NoteView> {
    let foreign = state.has_notices() && state.language() != Language::Czech;
    let outage = state.outage().map(|outage| {
        let (from, until) = (Moment::Instant(outage.from), Moment::Instant(outage.until));
        let today = state.clock().today();
        NoteView::OutOfService(period(from, until, today, state.language()))
    });
    // A publisher says so when its time was not compared for 24 hours (guidance on electronic boards, `domain.md` D6).
    // From the first frame on, since what is posted follows from it.
    let unverified = state.clock().trust != ClockTrust::Synchronised && state.board().is_some();
    let notes = [
        foreign.then_some(NoteView::CzechBinds),
        outage,
        unverified.then_some(NoteView::TimeNotVerified),
    ];
    notes.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use vyveska_board::ClockBounds;

    use super::*;
    use crate::state::{Event, Intent, Now};
    use crate::store::samples;

    fn at(instant: &str, trust: ClockTrust) -> Now {
        Now {
            clock: ClockBounds {
                trust,
                ..ClockBounds::exact(instant.parse().unwrap())
            },
            monotonic: Duration::ZERO,
        }
    }

    fn notes(trust: ClockTrust) -> Vec<NoteView> {
        let now = at("2026-11-21T11:00:00Z", trust);
        let mut state = State::new(now);
        assert_eq!(present_notes(&state), [], "there is no board yet");
        let board = Arc::new(samples::content(vec![samples::notice("1", 1, &[])]));
        state.apply(Event::BoardChanged(board), now);
        present_notes(&state)
    }

    #[test]
    fn a_time_that_was_not_compared_is_not_verified_from_the_first_frame_on() {
        assert_eq!(notes(ClockTrust::Synchronised), []);
        assert_eq!(notes(ClockTrust::HoldingOver), [NoteView::TimeNotVerified]);
        assert_eq!(notes(ClockTrust::Unknown), [NoteView::TimeNotVerified]);
    }

    #[test]
    fn a_time_that_nothing_bounds_is_not_shown() {
        for turns in 0..Language::ALL.len() {
            let shown = |instant, trust| {
                let now = at(instant, trust);
                let mut state = State::new(now);
                for _ in 0..turns {
                    state.apply(Event::Intent(Intent::NextLanguage), now);
                }
                let header = Presenter::default().header(&state);
                (header.time, !header.date.is_empty())
            };
            let none = (String::new(), false);
            assert_eq!(shown("1970-01-01T00:00:10Z", ClockTrust::Unknown), none);
            assert_eq!(shown("2026-11-21T11:00:00Z", ClockTrust::Unknown), none);
            for trust in [ClockTrust::HoldingOver, ClockTrust::Synchronised] {
                let noon = ("12:00".to_owned(), true);
                assert_eq!(shown("2026-11-21T11:00:00Z", trust), noon);
            }
        }
    }

    #[test]
    fn the_age_of_a_board_is_stated_although_central_was_not_heard() {
        let now = Now {
            clock: ClockBounds::exact("2026-11-25T11:00:00Z".parse().unwrap()),
            monotonic: Duration::ZERO,
        };
        let mut state = State::new(now);
        let board = Arc::new(samples::content(vec![samples::notice("1", 1, &[])]));
        state.apply(Event::BoardChanged(board), now);
        let footer = present_footer(&state);
        assert!(footer.stale);
        assert_eq!(footer.data_as_of.replace('\u{a0}', " "), "21. 11. 12:00");
    }
}
