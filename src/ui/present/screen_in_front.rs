//! Which screen is in front.

use crate::state::State;
use crate::ui::view_model::Screen;

/// The screen in front: the first of these that the state calls for.
pub(super) fn screen_in_front(state: &State) -> Screen {
    if state.covering_alert().is_some() {
        Screen::Alert
    } else if state.is_service_in_front() {
        Screen::Service
    } else if !state.has_notices() {
        Screen::Waiting
    } else if state.survey_step().is_some() {
        Screen::Survey
    } else if state.is_information_in_front() {
        Screen::Information
    } else if state.reading().is_some() {
        Screen::Notice
    } else if state.is_search_in_front() {
        Screen::Search
    } else if state.is_board_in_front() {
        Screen::Board
    } else {
        Screen::Idle
    }
}
