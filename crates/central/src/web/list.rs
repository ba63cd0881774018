//! `GET /{board}/`: the notices posted now.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use vyveska_board::format::counting::{Forms, counted};
use vyveska_board::format::notice_title::notice_title;
use vyveska_board::format::ranges::{self, moment};
use vyveska_board::format::typography::bind;
use vyveska_board::{Language, Moment, Notice};

use super::error::WebError;
use super::shown::Shown;
use crate::http_service::Service;

const NOTICES: Forms = [
    ["oznámení", "oznámení", "oznámení"],
    ["Bekanntmachung", "Bekanntmachungen", "Bekanntmachungen"],
    ["notice", "notices", "notices"],
];
const ATTACHMENTS: Forms = [
    ["příloha", "přílohy", "příloh"],
    ["Anlage", "Anlagen", "Anlagen"],
    ["attachment", "attachments", "attachments"],
];

#[derive(Template)]
#[template(path = "list.html")]
struct Page<'a> {
    board: &'a str,
    town: String,
    coat_of_arms: Option<String>,
    official_page: Option<String>,
    as_of: Option<String>,
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
    Shown { board, as_of }: Shown,
) -> Result<Html<String>, WebError> {
    let notices: Vec<Entry> = board
        .posted(&service.clock.now())
        .into_iter()
        .map(entry)
        .collect();
    let page = Page {
        board: &board.id,
        town: bind(board.town()),
        coat_of_arms: board
            .settings
            .coat_of_arms
            .map(|coat| coat.hash.to_string()),
        official_page: board.record.page.as_ref().map(ToString::to_string),
        as_of,
        count: counted(notices.len(), NOTICES, Language::Czech),
        notices,
    };
    Ok(Html(page.render()?))
}

fn entry(notice: &Notice) -> Entry {
    Entry {
        id: notice.id.to_string(),
        title: title(notice),
        categories: categories(notice),
        originator: notice.originator.as_deref().map(bind),
        posted: moment(&notice.posted, Language::Czech),
        until: until(&notice.relevant_until),
        documents: counted(notice.documents.len(), ATTACHMENTS, Language::Czech),
    }
}

/// The end of posting, as displays state it.
pub(super) fn until(end: &Moment) -> String {
    ranges::until(end, Language::Czech).unwrap_or_else(|| "do odvolání".to_owned())
}

/// The title, or a substitute as on displays.
pub(super) fn title(notice: &Notice) -> String {
    bind(notice_title(&notice.title, Language::Czech))
}

/// The categories in one line.
pub(super) fn categories(notice: &Notice) -> String {
    let names: Vec<&str> = notice
        .categories
        .iter()
        .map(|category| category.best(Language::Czech))
        .filter(|name| !name.trim().is_empty())
        .collect();
    bind(&names.join(", "))
}

#[cfg(test)]
mod tests {
    use vyveska_board::{NoticeId, Revision};

    use super::*;
    use crate::storage::NoticeFacts;

    /// The table that the kiosk's cards are held to as well; `~` stands for the non-breaking space.
    #[test]
    fn an_end_is_written_as_on_displays() {
        let table = include_str!("../../../board/tests/fixtures/ends.json");
        let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        for case in table {
            let end = case["end"].as_str().unwrap();
            let moment = end
                .parse()
                .map_or_else(|_| Moment::Instant(end.parse().unwrap()), Moment::Date);
            assert_eq!(until(&moment).replace('\u{a0}', "~"), case["cs"], "{end}");
        }
        assert_eq!(until(&Moment::Unspecified), "do odvolání");
    }

    /// The table that the kiosk is held to as well.
    #[test]
    fn a_title_is_written_as_on_displays() {
        let table = include_str!("../../../board/tests/fixtures/titles.json");
        let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        for case in table {
            let facts = NoticeFacts {
                title: serde_json::from_value(case["title"].clone()).unwrap(),
                ..NoticeFacts::default()
            };
            let title = title(&facts.notice(NoticeId::new("n1"), Revision::FIRST, &[]));
            assert_eq!(title.replace('\u{a0}', "~"), case["cs"]);
        }
    }
}
