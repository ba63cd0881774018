//! `GET /{board}/opendata.jsonld`: the board as open data (OFN).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use url::Url;
use vyveska_board::ofn::{self, Operator, WrittenBoard};
use vyveska_board::{BoardIri, Document, DocumentHash};
use vyveska_wire::section::language_map;

use super::error::WebError;
use crate::content_response::lists_etag;
use crate::http_service::Service;

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let board = super::published(&service, &id).await?.board;
    let address = |path: &str| -> Result<Url, WebError> {
        let base = service.public_url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{}/{path}", board.id))
            .map_err(|error| WebError::Internal(Box::new(error)))
    };
    let written = WrittenBoard {
        iri: BoardIri::new(&board.record.iri),
        name: language_map(&board.record.name),
        page: address("")?,
        operator: Operator {
            ico: board.record.operator_ico.clone(),
            ..Operator::default()
        },
        notices: address("notice")?,
    };
    let notices = board.posted(&service.clock.now());
    let document_url = |document: &Document| {
        let hash = document.hash?;
        address(&format!("document/{hash}")).ok()
    };
    let text = ofn::write(&written, &notices, |_, document| {
        document_url(document).or_else(|| document.url.clone())
    })
    .map_err(|error| {
        tracing::warn!(board = board.id, %error, "the open data cannot be written");
        WebError::NoOpenData
    })?;
    let etag = format!("\"{}\"", DocumentHash::of(text.as_bytes()));
    let head = [
        (ETAG, etag.clone()),
        (CONTENT_TYPE, "application/ld+json".to_owned()),
        (CACHE_CONTROL, "public, max-age=60".to_owned()),
        // Without this header web applications cannot read the data; a fifth of the country's boards lack it.
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    if lists_etag(&headers, IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, text).into_response())
}
