//! A publisher on loopback whose feed and documents a test changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    CONTENT_TYPE, DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use vyveska_board::DocumentHash;

/// Responses of the publisher and a log of its requests.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) notices: Vec<Value>,
    /// Served instead of the feed.
    pub(crate) fault: Option<(StatusCode, &'static str, Vec<u8>)>,
    pub(crate) documents: HashMap<String, (&'static str, Vec<u8>)>,
    /// What files are at their first request.
    pub(crate) first: HashMap<String, (&'static str, Vec<u8>)>,
    /// The status and a header of files whose response is not an ordinary one; its length is not stated otherwise.
    pub(crate) odd: HashMap<String, (StatusCode, Option<(HeaderName, String)>)>,
    /// The time of change that files have, instead of an `ETag`.
    pub(crate) last_modified: Option<&'static str>,
    /// Files are sent only with its permits.
    pub(crate) gate: Option<Arc<Semaphore>>,
    /// A file that is sent without them.
    pub(crate) ungated: Option<&'static str>,
    /// Files that redirect to another address.
    pub(crate) redirects: HashMap<String, String>,
    pub(crate) requests: Vec<(String, HeaderMap)>,
    pub(crate) not_modified: usize,
    /// The time its responses state, where it is not the real one.
    pub(crate) date: Option<DateTime<Utc>>,
}

pub(crate) struct Publisher {
    pub(crate) base: String,
    pub(crate) shared: Arc<Mutex<Shared>>,
    task: tokio::task::JoinHandle<()>,
}

impl Publisher {
    /// Publishes `count` notices with a PDF each.
    pub(crate) async fn start(count: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared::default()));
        {
            let mut shared = shared.lock().unwrap();
            for n in 0..count {
                shared.notices.push(notice(&base, n));
                let bytes = format!("%PDF-1.7 document {n}\n%%EOF").into_bytes();
                let document = ("application/pdf", bytes);
                shared.documents.insert(format!("{n}.pdf"), document);
            }
        }
        let router = Router::new()
            .route("/feed", get(feed))
            .route("/moved", get(async || Redirect::temporary("/feed")))
            .route("/loop", get(async || Redirect::temporary("/loop")))
            .route("/files/{name}", get(file))
            .with_state((shared.clone(), base.clone()));
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self { base, shared, task }
    }

    pub(crate) fn feed_url(&self) -> String {
        format!("{}/feed", self.base)
    }

    /// The feed as it is served.
    pub(crate) fn feed(&self) -> String {
        feed_text(&self.base, &self.shared.lock().unwrap().notices)
    }

    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Shared)) {
        edit(&mut self.shared.lock().unwrap());
    }

    /// How many files were requested.
    pub(crate) fn files_asked(&self) -> usize {
        let shared = self.shared.lock().unwrap();
        let paths = shared.requests.iter().map(|(path, _)| path);
        paths.filter(|path| path.starts_with("/files/")).count()
    }

    /// How often a path was requested.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let shared = self.shared.lock().unwrap();
        shared
            .requests
            .iter()
            .filter(|(asked, _)| asked == path)
            .count()
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn notice(base: &str, n: usize) -> Value {
    json!({
        "typ": ["Digitální objekt", "Informace na úřední desce"],
        "iri": format!("https://lipnice.example/deska/{n}"),
        "url": format!("{base}/pages/{n}"),
        "název": { "cs": format!("Oznámení č. {n} o konání & <b>změně</b>") },
        "vyvěšení": { "typ": "Časový okamžik", "datum": format!("2026-11-{:02}", 1 + n % 20) },
        "relevantní_do": { "typ": "Časový okamžik", "datum": "2026-12-06" },
        "číslo_jednací": format!("MU/{n}/2026"),
        "agenda": [{ "typ": "Agenda", "název": { "cs": "Veřejné vyhlášky" } }],
        "dokument": [{
            "typ": "Digitální objekt",
            "název": { "cs": format!("Příloha {n}") },
            "url": format!("{base}/files/{n}.pdf"),
        }],
    })
}

fn feed_text(base: &str, notices: &[Value]) -> String {
    json!({
        "@context": "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld",
        "typ": "Úřední deska",
        "iri": "https://lipnice.example/deska",
        "stránka": format!("{base}/deska"),
        "provozovatel": { "typ": "Osoba", "ičo": "00254789" },
        "informace": notices,
    })
    .to_string()
}

type Served = (Arc<Mutex<Shared>>, String);

fn respond(headers: &HeaderMap, media_type: &str, bytes: Vec<u8>, shared: &mut Shared) -> Response {
    let etag = format!("\"{}\"", DocumentHash::of(&bytes));
    let same = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value == etag.as_str());
    if same {
        shared.not_modified += 1;
        return dated(StatusCode::NOT_MODIFIED.into_response(), shared);
    }
    let response = ([(ETAG, etag), (CONTENT_TYPE, media_type.to_owned())], bytes).into_response();
    dated(response, shared)
}

fn dated(mut response: Response, shared: &Shared) -> Response {
    if let Some(date) = shared.date {
        let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        response.headers_mut().insert(DATE, date.parse().unwrap());
    }
    response
}

async fn feed(State((shared, base)): State<Served>, uri: Uri, headers: HeaderMap) -> Response {
    let mut shared = shared.lock().unwrap();
    shared
        .requests
        .push((uri.path().to_owned(), headers.clone()));
    if let Some((status, media_type, bytes)) = shared.fault.clone() {
        return (status, [(CONTENT_TYPE, media_type)], bytes).into_response();
    }
    let bytes = feed_text(&base, &shared.notices).into_bytes();
    respond(&headers, "application/ld+json", bytes, &mut shared)
}

async fn file(
    State((shared, _)): State<Served>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let gate = {
        let mut shared = shared.lock().unwrap();
        let request = (uri.path().to_owned(), headers.clone());
        shared.requests.push(request);
        let is_gated = shared.ungated != Some(name.as_str());
        shared.gate.clone().filter(|_| is_gated)
    };
    if let Some(gate) = gate {
        gate.acquire().await.unwrap().forget();
    }
    let mut shared = shared.lock().unwrap();
    if let Some(target) = shared.redirects.get(&name) {
        return Redirect::temporary(target).into_response();
    }
    let first = shared.first.remove(&name);
    let Some((media_type, bytes)) = first.or_else(|| shared.documents.get(&name).cloned()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Some((status, header)) = shared.odd.get(&name) {
        let whole = async_stream::stream! {
            yield Ok::<_, std::io::Error>(bytes);
            // What has been given is sent before the end comes, also where more was announced.
            tokio::task::yield_now().await;
        };
        let mut response = (*status, Body::from_stream(whole)).into_response();
        if let Some((name, value)) = header {
            let value = value.parse().unwrap();
            response.headers_mut().insert(name, value);
        }
        return response;
    }
    if let Some(changed) = shared.last_modified {
        let is_same = headers
            .get(IF_MODIFIED_SINCE)
            .is_some_and(|value| value == changed);
        return match is_same {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => ([(LAST_MODIFIED, changed)], bytes).into_response(),
        };
    }
    respond(&headers, media_type, bytes, &mut shared)
}
