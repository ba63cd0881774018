//! `GET /{board}/document/{hash}`: the bytes of a document of a notice posted now.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use vyveska_board::{DocumentHash, Language};
use vyveska_wire::manifest::ContentHash;

use super::error::WebError;
use super::shown::Shown;
use crate::content_response;
use crate::document::media_type::is_safe_inline;
use crate::http_service::Service;
use crate::published_board::PublishedBoard;
use crate::storage::HeldContent;

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path((_, hash)): Path<(String, String)>,
    Shown { board, .. }: Shown,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let hash: DocumentHash = hash.parse().map_err(|_| WebError::NoPage)?;
    let (content, title) = find(&board, &service, hash).ok_or_else(|| WebError::NoNotice {
        board: board.id.clone(),
    })?;
    let mut response = content_response::respond(&service.blobs, &content, &headers).await?;
    let inline = content.media_type.as_deref().is_some_and(is_safe_inline);
    let headers = response.headers_mut();
    let disposition = disposition(inline, &title);
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    // The document may leave the board any day, so caches keep it for minutes only.
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; img-src 'self'; frame-ancestors 'none'"),
    );
    Ok(response)
}

fn find(
    board: &PublishedBoard,
    service: &Service,
    hash: DocumentHash,
) -> Option<(HeldContent, String)> {
    if let Some(coat) = board
        .settings
        .coat_of_arms
        .filter(|_| board.shows_picture(hash))
    {
        let content = HeldContent {
            hash: coat.hash,
            size_bytes: coat.size_bytes,
            media_type: Some("image/png".to_owned()),
        };
        return Some((content, "znak".to_owned()));
    }
    let documents = board
        .posted(&service.clock.now())
        .into_iter()
        .flat_map(|notice| &notice.documents);
    documents
        .filter(|document| document.hash == Some(hash))
        .map(|document| {
            let content = HeldContent {
                hash: ContentHash(hash),
                size_bytes: document.size_bytes,
                media_type: document.media_type.clone(),
            };
            (content, document.title.best(Language::Czech).to_owned())
        })
        .next()
}

/// The `Content-Disposition`: a browser shows safe types and saves the rest, with the title as the file name.
fn disposition(inline: bool, title: &str) -> String {
    let manner = if inline { "inline" } else { "attachment" };
    let name = title.trim();
    if name.is_empty() {
        return manner.to_owned();
    }
    // RFC 8187: everything but letters and digits is percent-encoded.
    let mut encoded = String::new();
    for byte in name.chars().take(120).collect::<String>().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{manner}; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(disposition(true, " "), "inline");
        assert_eq!(
            disposition(false, "Záměr\r\nX: \"1\""),
            "attachment; filename*=UTF-8''Z%C3%A1m%C4%9Br%0D%0AX%3A%20%221%22"
        );
    }
}
