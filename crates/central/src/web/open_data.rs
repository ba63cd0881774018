//! `GET /{board}/opendata.jsonld`: the board as open data (OFN).
//!
//! A large board takes a while to be written and compressed. It is written beside the threads that serve displays, once
//! for all who ask, and sent in parts, so that none of them holds a thread while it is compressed.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use url::Url;
use vyveska_board::ofn::{self, Operator, WrittenBoard};
use vyveska_board::{BoardIri, Document};
use vyveska_wire::section::language_map;

use super::error::WebError;
use super::shown::Shown;
use crate::content_response::lists_etag;
use crate::http_service::Service;
use crate::published_board::{OpenData, PublishedBoard};

/// How much is compressed at once.
const PART_BYTES: usize = 64 * 1024;

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Shown { board, .. }: Shown,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let writing = tokio::task::spawn_blocking(move || written(&service, &board));
    let written = writing
        .await
        .map_err(|error| WebError::Internal(Box::new(error)))??;
    let head = [
        (ETAG, written.etag.clone()),
        (CONTENT_TYPE, "application/ld+json".to_owned()),
        (CACHE_CONTROL, "public, max-age=60".to_owned()),
        // Without this header web applications cannot read the data; a fifth of the country's boards lack it.
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    if lists_etag(&headers, IF_NONE_MATCH, &written.etag) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, in_parts(written.text.clone())).into_response())
}

fn written(service: &Service, board: &PublishedBoard) -> Result<Arc<OpenData>, WebError> {
    let address = |path: &str| -> Result<Url, WebError> {
        let base = service.public_url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{}/{path}", board.id))
            .map_err(|error| WebError::Internal(Box::new(error)))
    };
    let described = WrittenBoard {
        iri: BoardIri::new(&board.record.iri),
        name: language_map(&board.record.name),
        page: address("")?,
        operator: Operator {
            ico: board.record.operator_ico.clone(),
            ..Operator::default()
        },
        notices: address("notice")?,
    };
    let document_url = |document: &Document| {
        let hash = document.hash?;
        address(&format!("document/{hash}")).ok()
    };
    board.open_data(&service.clock.now(), |notices| {
        let text = ofn::write(&described, notices, |_, document| {
            document_url(document).or_else(|| document.url.clone())
        });
        text.map_err(|error| {
            tracing::warn!(board = board.id, %error, "the open data cannot be written");
            WebError::NoOpenData
        })
    })
}

fn in_parts(text: Bytes) -> Body {
    let starts = (0..text.len()).step_by(PART_BYTES);
    let parts = starts.map(move |start| {
        let end = text.len().min(start + PART_BYTES);
        Ok::<_, Infallible>(text.slice(start..end))
    });
    Body::from_stream(futures_util::stream::iter(parts))
}
