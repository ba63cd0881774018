//! Answers with a validator: ETag, 304 and byte ranges over bytes in memory.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use sha2::{Digest as _, Sha256};

/// The entity tag of some bytes.
pub(crate) fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(bytes)[..12]))
}

/// Answers a GET for `bytes`, with 304 or 206 where the request allows it.
pub(crate) fn answer(
    request: &HeaderMap,
    kind: &'static str,
    bytes: Bytes,
    modified: Option<String>,
) -> Response {
    let tag = tag(&bytes);
    let total = bytes.len();
    let mut response = if unchanged(request, &tag, modified.as_deref()) {
        with_status(StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        let if_range = request
            .get(header::IF_RANGE)
            .is_none_or(|known| known.as_bytes() == tag.as_bytes());
        match request
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok())
            .filter(|_| if_range)
            .map(|text| part(text, total))
        {
            None | Some(Part::Whole) => with_status(StatusCode::OK, Body::from(bytes)),
            Some(Part::Bytes(from, to)) => {
                let mut response = with_status(
                    StatusCode::PARTIAL_CONTENT,
                    Body::from(bytes.slice(from..to)),
                );
                set(
                    &mut response,
                    header::CONTENT_RANGE,
                    &format!("bytes {from}-{}/{total}", to - 1),
                );
                response
            }
            Some(Part::Nothing) => {
                let mut response = with_status(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty());
                set(
                    &mut response,
                    header::CONTENT_RANGE,
                    &format!("bytes */{total}"),
                );
                response
            }
        }
    };
    set(&mut response, header::ETAG, &tag);
    set(&mut response, header::CONTENT_TYPE, kind);
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    if let Some(modified) = modified {
        set(&mut response, header::LAST_MODIFIED, &modified);
    }
    response
}

/// `If-None-Match` decides alone when it is there, as RFC 9110 has it.
///
/// A compressed answer carries a weak tag, so tags are compared weakly.
fn unchanged(request: &HeaderMap, tag: &str, modified: Option<&str>) -> bool {
    if let Some(known) = request.get(header::IF_NONE_MATCH) {
        return known.to_str().is_ok_and(|known| {
            known
                .split(',')
                .any(|one| one.trim() == "*" || one.trim().trim_start_matches("W/") == tag)
        });
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    match (
        request
            .get(header::IF_MODIFIED_SINCE)
            .and_then(|since| since.to_str().ok()),
        modified,
    ) {
        (Some(since), Some(modified)) => date(since)
            .zip(date(modified))
            .is_some_and(|(since, modified)| modified <= since),
        _ => false,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Bytes(usize, usize),
    Nothing,
}

/// Several ranges at once are answered with the whole, which the standard allows.
fn part(text: &str, total: usize) -> Part {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let (from, to) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(from), Ok(last)) if last >= from => (from, last.saturating_add(1).min(total)),
        (Ok(from), Err(_)) if last.is_empty() => (from, total),
        (Err(_), Ok(tail)) if first.is_empty() => (total.saturating_sub(tail), total),
        _ => return Part::Whole,
    };
    if from < to {
        Part::Bytes(from, to)
    } else {
        Part::Nothing
    }
}

/// An empty body with a status.
pub(crate) fn with_status(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_what_there_is() {
        assert_eq!(part("bytes=0-9", 100), Part::Bytes(0, 10));
        assert_eq!(part("bytes=90-", 100), Part::Bytes(90, 100));
        assert_eq!(part("bytes=-7", 100), Part::Bytes(93, 100));
        assert_eq!(part("bytes=50-500", 100), Part::Bytes(50, 100));
        assert_eq!(part("bytes=100-", 100), Part::Nothing);
        assert_eq!(part("bytes=-0", 100), Part::Nothing);
        assert_eq!(part("bytes=9-3", 100), Part::Whole);
        assert_eq!(part("bytes=0-1,5-6", 100), Part::Whole);
        assert_eq!(part("pages=1-2", 100), Part::Whole);
    }
}
