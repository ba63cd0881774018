//! What is signed with a number: the number is the entity tag, and tells central what the display has.

use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use vyveska_wire::manifest::{entity_tag, next_number};

use crate::content_response::lists_etag;

/// How far beyond the present a number may be that a display says it has.
///
/// No true number is: numbers are milliseconds of the epoch, or little more. One display's claim moves the numbers of
/// its board, and has to leave room for those to come.
const MAX_AHEAD: TimeDelta = TimeDelta::days(36_525);

/// The number that the display has; 0 when it does not say.
pub(super) fn held_number(headers: &HeaderMap, now: DateTime<Utc>) -> u64 {
    let etag = headers
        .get(IF_NONE_MATCH)
        .and_then(|etag| etag.to_str().ok());
    let number = etag.and_then(|etag| etag.trim_start_matches("W/").trim_matches('"').parse().ok());
    let largest = next_number(0, now + MAX_AHEAD);
    number.filter(|number| *number <= largest).unwrap_or(0)
}

/// The envelope with this number, unless the display has it.
pub(super) fn respond(headers: &HeaderMap, number: u64, envelope: Vec<u8>) -> Response {
    let etag = entity_tag(number);
    if lists_etag(headers, IF_NONE_MATCH, &etag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response();
    }
    let content_type = "application/json".to_owned();
    ([(ETAG, etag), (CONTENT_TYPE, content_type)], envelope).into_response()
}
