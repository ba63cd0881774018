//! `GET /{board}/notice/{id}`: one notice with its facts and documents.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use vyveska_board::format::file_kind::file_kind;
use vyveska_board::format::file_size::file_size;
use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::format::page_numbers::page_numbers;
use vyveska_board::format::ranges::moment;
use vyveska_board::format::typography::bind;
use vyveska_board::{Document, Language, Notice};

use super::error::WebError;
use super::list;
use super::shown::Shown;
use crate::http_service::Service;

#[derive(Template)]
#[template(path = "notice.html")]
struct Page<'a> {
    board: &'a str,
    town: String,
    coat_of_arms: Option<String>,
    as_of: Option<String>,
    title: String,
    description: Vec<String>,
    facts: Vec<(&'static str, String)>,
    source: Option<String>,
    documents: Vec<Attachment>,
}

struct Attachment {
    title: String,
    /// The hash, if the bytes are stored.
    hash: Option<String>,
    /// The publisher's address.
    elsewhere: Option<String>,
    detail: String,
    /// Which of its pages the display may draw wrong.
    doubt: Option<String>,
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path((_, id)): Path<(String, String)>,
    Shown { board, as_of }: Shown,
) -> Result<Html<String>, WebError> {
    let notice = board
        .posted(&service.clock.now())
        .into_iter()
        .find(|notice| notice.id.as_str() == id)
        .ok_or_else(|| WebError::NoNotice {
            board: board.id.clone(),
        })?;
    let page = Page {
        board: &board.id,
        town: bind(board.town()),
        coat_of_arms: board
            .settings
            .coat_of_arms
            .map(|coat| coat.hash.to_string()),
        as_of,
        title: list::title(notice),
        description: notice
            .description
            .best(Language::Czech)
            .split('\n')
            .filter(|line| !line.trim().is_empty())
            .map(bind)
            .collect(),
        facts: facts(notice),
        source: notice
            .url
            .as_ref()
            .filter(|url| is_web(url))
            .map(ToString::to_string),
        documents: notice
            .documents
            .iter()
            .enumerate()
            .map(|(index, document)| attachment(index, document))
            .collect(),
    };
    Ok(Html(page.render()?))
}

fn facts(notice: &Notice) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(posted) = moment(&notice.posted, Language::Czech) {
        facts.push(("Vyvěšeno", posted));
    }
    facts.push(("Na desce", list::until(&notice.relevant_until)));
    if let Some(approved) = moment(&notice.approved, Language::Czech) {
        facts.push(("Schváleno", approved));
    }
    if let Some(originator) = &notice.originator {
        facts.push(("Původce", bind(originator)));
    }
    let categories = list::categories(notice);
    if !categories.is_empty() {
        facts.push(("Kategorie", categories));
    }
    if let Some(number) = &notice.reference_number {
        facts.push(("Číslo jednací", number.to_string()));
    }
    if let Some(number) = &notice.file_number {
        facts.push(("Spisová značka", number.to_string()));
    }
    facts
}

fn attachment(index: usize, document: &Document) -> Attachment {
    let title = match document.title.best(Language::Czech).trim() {
        "" => format!("Příloha č.\u{a0}{}", index + 1),
        title => bind(title),
    };
    let elsewhere = document.url.as_ref().filter(|url| is_web(url));
    let detail = match (&document.hash, &document.media_type) {
        (Some(_), Some(media_type)) => format!(
            "{}, {}",
            file_kind(Some(media_type), document.url.as_ref(), Language::Czech),
            file_size(document.size_bytes, Language::Czech)
        ),
        (Some(_), None) => file_size(document.size_bytes, Language::Czech),
        (None, _) => {
            let why = document.missing.map_or("Zatím se nenačetla.", |reason| {
                missing_reason(reason, Language::Czech)
            });
            let way = match elsewhere {
                Some(_) => "Odkaz vede k vydavateli.",
                None => "Zeptejte se na ni na úřadě.",
            };
            format!("{why} {way}")
        }
    };
    Attachment {
        title,
        hash: document.hash.map(|hash| hash.to_string()),
        elsewhere: elsewhere.map(ToString::to_string),
        detail,
        doubt: doubt(&document.doubtful_pages),
    }
}

/// „Strany 2, 5–7 se na obrazovce úřední desky možná zobrazují chybně. …"
fn doubt(pages: &[u32]) -> Option<String> {
    let (noun, verb) = match pages {
        [] => return None,
        [_] => ("Strana", "zobrazuje"),
        _ => ("Strany", "zobrazují"),
    };
    Some(bind(&format!(
        "{noun} {} se na obrazovce úřední desky možná {verb} chybně. Závazný je dokument samotný.",
        page_numbers(pages)
    )))
}

/// A feed may name any address; only these become links.
fn is_web(url: &url::Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_doubt_are_named() {
        #[track_caller]
        fn check(pages: &[u32], expected: Option<&str>) {
            let said = doubt(pages).map(|said| said.replace('\u{a0}', " "));
            let sentence = said.as_deref().map(|said| said.split(". ").next().unwrap());
            assert_eq!(sentence, expected);
        }
        check(&[], None);
        check(
            &[2],
            Some("Strana 2 se na obrazovce úřední desky možná zobrazuje chybně"),
        );
        check(
            &[2, 5, 6, 9],
            Some("Strany 2, 5–6, 9 se na obrazovce úřední desky možná zobrazují chybně"),
        );
    }
}
