//! What is around every screen.

use chrono::{DateTime, Utc};
use vyveska_board::Language;
use vyveska_board::moment::PRAGUE;
use vyveska_wire::section::language_map;

use super::{Presenter, text};
use crate::state::State;
use crate::ui::dates;
use crate::ui::town_colour::town_colour;
use crate::ui::view_model::{FooterView, HeaderView, LookView, NoteView, Scheme};

impl Presenter {
    pub(super) fn header(&self, state: &State) -> HeaderView {
        let here = state.clock().earliest.with_timezone(&PRAGUE);
        HeaderView {
            town: state
                .board()
                .map(|board| text(&board.town, state.language()))
                .unwrap_or_default(),
            time: dates::clock_time(here.time()),
            date: dates::header_date(here.date_naive(), state.language()),
            coat_of_arms: self.coat_of_arms.clone(),
        }
    }
}

pub(super) fn present_footer(state: &State) -> FooterView {
    let Some(board) = state.board() else {
        return FooterView::default();
    };
    let today = state.clock().today();
    let data_as_of = state.heard().map_or_else(String::new, |heard| {
        let heard = heard.with_timezone(&PRAGUE).naive_local();
        dates::as_of(heard, today, state.language())
    });
    FooterView {
        web_address: board.settings.web_address.clone(),
        part: text(&language_map(&board.settings.part), state.language()),
        data_as_of,
        stale: state.is_stale(),
    }
}

pub(super) fn present_look(state: &State) -> LookView {
    let reader = state.reader();
    let colour = state
        .board()
        .and_then(|board| board.settings.colour.as_deref());
    LookView {
        scheme: if reader.high_contrast {
            Scheme::HighContrast
        } else if state.is_night() {
            Scheme::Night
        } else {
            Scheme::Day
        },
        town: town_colour(colour),
        text_size: reader.text_size,
        reach: reader.reach,
        speech: reader.speech,
    }
}

pub(super) fn present_notes(state: &State) -> Vec<NoteView> {
    let foreign = state.board().is_some() && state.language() != Language::Czech;
    let outage = state.outage().map(|outage| {
        let here = |instant: DateTime<Utc>| instant.with_timezone(&PRAGUE).naive_local();
        let (from, until) = (here(outage.from), here(outage.until));
        let today = state.clock().today();
        NoteView::OutOfService(dates::period(from, until, today, state.language()))
    });
    let notes = [foreign.then_some(NoteView::CzechBinds), outage];
    notes.into_iter().flatten().collect()
}
