//! `GET /{board}/`: the notices posted now.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use vyveska_board::{Language, Notice};

use super::board::PublishedBoard;
use super::czech;
use super::error::WebError;
use crate::http_service::Service;

#[derive(Template)]
#[template(path = "list.html")]
struct Page<'a> {
    board: &'a str,
    town: String,
    coat_of_arms: Option<String>,
    official_page: Option<String>,
    count: String,
    notices: Vec<Entry>,
}

struct Entry {
    id: String,
    title: String,
    categories: String,
    originator: Option<String>,
    posted: Option<String>,
    until: String,
    documents: String,
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Html<String>, WebError> {
    let board = PublishedBoard::load(&service, &id).await?;
    let notices: Vec<Entry> = board.posted(&service).into_iter().map(entry).collect();
    let page = Page {
        board: &board.id,
        town: czech::tied(board.town()),
        coat_of_arms: board
            .settings
            .coat_of_arms
            .map(|coat| coat.hash.to_string()),
        official_page: board.record.page.as_ref().map(ToString::to_string),
        count: czech::count(notices.len(), ["oznámení", "oznámení", "oznámení"]),
        notices,
    };
    Ok(Html(page.render()?))
}

fn entry(notice: &Notice) -> Entry {
    Entry {
        id: notice.id.to_string(),
        title: title(notice),
        categories: categories(notice),
        originator: notice.originator.as_deref().map(czech::tied),
        posted: czech::moment(&notice.posted),
        until: czech::until(&notice.relevant_until),
        documents: czech::count(notice.documents.len(), ["příloha", "přílohy", "příloh"]),
    }
}

/// The title, or a substitute: some publishers leave it blank.
pub(super) fn title(notice: &Notice) -> String {
    match notice.title.best(Language::Czech).trim() {
        "" => "Oznámení bez názvu".to_owned(),
        title => czech::tied(title),
    }
}

/// The categories in one line.
pub(super) fn categories(notice: &Notice) -> String {
    let names: Vec<&str> = notice
        .categories
        .iter()
        .map(|category| category.best(Language::Czech))
        .filter(|name| !name.trim().is_empty())
        .collect();
    czech::tied(&names.join(", "))
}
