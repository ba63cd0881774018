//! `GET /`: the list of boards.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::error::WebError;
use crate::http_service::Service;
use crate::published_board::in_czech;

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    boards: Vec<Entry>,
}

struct Entry {
    id: String,
    town: String,
}

pub(super) async fn get(State(service): State<Arc<Service>>) -> Result<Html<String>, WebError> {
    let boards = service
        .config
        .boards
        .iter()
        .map(|board| Entry {
            id: board.id.clone(),
            town: in_czech(&board.town.texts()).to_owned(),
        })
        .collect();
    Ok(Html(Page { boards }.render()?))
}
