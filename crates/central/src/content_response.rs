//! Stored bytes as an HTTP response: whole, or a range so that an interrupted download can be resumed.

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE,
    RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::storage::HeldContent;

/// The part of the bytes that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RequestedRange {
    Whole,
    Part(Range<u64>),
    Unsatisfiable,
}

/// Responds with the bytes of `content`, as the request's headers ask for them.
///
/// # Errors
///
/// When the bytes are not in the store.
pub async fn respond(
    blobs: &Blobs,
    content: &HeldContent,
    request: &HeaderMap,
) -> Result<Response, BlobError> {
    let etag = format!("\"{}\"", content.hash);
    let media_type = content
        .media_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    let size = content.size_bytes;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let media_type = HeaderValue::from_str(media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    if lists_etag(request, IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    headers.insert(CONTENT_TYPE, media_type);
    let (status, range) = match requested_range(request, size, &etag) {
        RequestedRange::Whole => (StatusCode::OK, 0..size),
        RequestedRange::Part(range) => {
            let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(CONTENT_RANGE, value);
            }
            (StatusCode::PARTIAL_CONTENT, range)
        }
        RequestedRange::Unsatisfiable => {
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
                headers.insert(CONTENT_RANGE, value);
            }
            headers.remove(CONTENT_TYPE);
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    let bytes = blobs.stream(content.hash.0, range).await?;
    Ok((status, headers, Body::from_stream(bytes)).into_response())
}

/// Whether a header lists this entity tag.
pub fn lists_etag(request: &HeaderMap, header: axum::http::HeaderName, etag: &str) -> bool {
    request
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
        })
}

fn requested_range(request: &HeaderMap, size: u64, etag: &str) -> RequestedRange {
    let Some(range) = request.get(RANGE).and_then(|value| value.to_str().ok()) else {
        return RequestedRange::Whole;
    };
    // The client has a part of other bytes, so it needs all of these.
    if request.contains_key(IF_RANGE) && !lists_etag(request, IF_RANGE, etag) {
        return RequestedRange::Whole;
    }
    parse(range, size)
}

/// Parses one range of bytes. A request for several gets the whole, as RFC 9110 allows.
fn parse(range: &str, size: u64) -> RequestedRange {
    let Some(range) = range.trim().strip_prefix("bytes=") else {
        return RequestedRange::Whole;
    };
    let Some((from, to)) = range.split_once('-') else {
        return RequestedRange::Whole;
    };
    let (from, to) = (from.trim(), to.trim());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match (from, to) {
        ("", last) if is_number(last) => {
            let last: u64 = last.parse().unwrap_or(u64::MAX);
            if last == 0 || size == 0 {
                RequestedRange::Unsatisfiable
            } else {
                RequestedRange::Part(size.saturating_sub(last)..size)
            }
        }
        (from, to) if is_number(from) && (to.is_empty() || is_number(to)) => {
            let from: u64 = from.parse().unwrap_or(u64::MAX);
            let to: u64 = match to {
                "" => u64::MAX,
                to => to.parse().unwrap_or(u64::MAX),
            };
            if to < from {
                return RequestedRange::Whole;
            }
            if from >= size {
                return RequestedRange::Unsatisfiable;
            }
            RequestedRange::Part(from..to.saturating_add(1).min(size))
        }
        _ => RequestedRange::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, expected: RequestedRange) {
        assert_eq!(parse(range, 100), expected, "{range}");
    }

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        check("bytes=0-0", RequestedRange::Part(0..1));
        check("bytes=10-19", RequestedRange::Part(10..20));
        check("bytes=10-", RequestedRange::Part(10..100));
        check("bytes=90-200", RequestedRange::Part(90..100));
        check("bytes=-10", RequestedRange::Part(90..100));
        check("bytes=-1000", RequestedRange::Part(0..100));
        check(
            "bytes=99-18446744073709551616",
            RequestedRange::Part(99..100),
        );
    }

    #[test]
    fn a_range_outside_is_refused() {
        check("bytes=100-", RequestedRange::Unsatisfiable);
        check("bytes=99999999999999999999-", RequestedRange::Unsatisfiable);
        check("bytes=-0", RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=-5", 0), RequestedRange::Unsatisfiable);
    }

    #[test]
    fn what_is_no_single_range_gets_everything() {
        for range in [
            "",
            "bytes=",
            "bytes=-",
            "bytes=5-1",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=a-b",
            "bytes=+1-2",
        ] {
            check(range, RequestedRange::Whole);
        }
    }
}
