//! The town's web server, which a test can change while it runs.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use chrono::{Days, NaiveDate, TimeDelta};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::feed::{feed, media_type};
use crate::http::{answer, with_status};
use crate::page;
use crate::town::{Notice, SampleTown};

/// Returns the day that counts as today.
pub type Today = Arc<dyn Fn() -> NaiveDate + Send + Sync>;

/// A fault of the published feed, as seen in feeds of real towns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// A valid feed with no notices.
    Empty,
    /// All notices, with blank titles and no documents.
    Hollow,
    /// Cut off in the middle.
    Broken,
    /// The server answers with this status and no feed.
    Down(u16),
}

/// Why a publisher could not start.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The address is in use or not of this machine.
    #[error("cannot listen on {address}: {cause}; choose another port, or 0 for any")]
    Listen {
        address: SocketAddr,
        cause: std::io::Error,
    },
}

struct Shared {
    town: RwLock<Current>,
    today: Today,
    base: String,
}

struct Current {
    town: SampleTown,
    fault: Fault,
    changes: u32,
}

/// A running publisher. Dropping it stops it at once; [`Publisher::shutdown`] lets open responses finish.
pub struct Publisher {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Publisher {
    /// Starts to publish `town` on `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(
        town: SampleTown,
        today: Today,
        address: SocketAddr,
    ) -> Result<Self, PublishError> {
        let fail = |cause| PublishError::Listen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let shared = Arc::new(Shared {
            town: RwLock::new(Current {
                town,
                fault: Fault::None,
                changes: 0,
            }),
            today,
            base: format!("http://{address}"),
        });
        let router = router(Arc::clone(&shared));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let wait = async {
                let _ = stopped.await;
            };
            // `serve` on a bound listener returns only at shutdown.
            let _ = axum::serve(listener, router)
                .with_graceful_shutdown(wait)
                .await;
        });
        Ok(Self {
            shared,
            address,
            stop: Some(stop),
            task: Some(task),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:8040`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.base.clone()
    }

    /// The address of the open-data feed.
    #[must_use]
    pub fn feed_url(&self) -> String {
        format!("{}/opendata/uredni-deska.jsonld", self.shared.base)
    }

    /// The IRI of a notice in the feed.
    #[must_use]
    pub fn notice_iri(&self, id: &str) -> String {
        self.read(|now| format!("{}/{id}", now.town.facts.iri))
    }

    /// Takes a notice out of the feed; `false` when there is none of that id.
    pub fn remove_notice(&self, id: &str) -> bool {
        self.change(|now| {
            let before = now.town.notices.len();
            now.town.notices.retain(|notice| notice.id != id);
            now.town.notices.len() < before
        })
    }

    /// Puts a notice at the head of the feed, in place of one with the same id.
    pub fn add_notice(&self, notice: Notice) {
        self.change(|now| {
            now.town.notices.retain(|other| other.id != notice.id);
            now.town.notices.insert(0, notice);
        });
    }

    /// Changes a notice in place; `false` when there is none of that id.
    pub fn edit_notice(&self, id: &str, edit: impl FnOnce(&mut Notice)) -> bool {
        self.change(
            |now| match now.town.notices.iter_mut().find(|notice| notice.id == id) {
                Some(notice) => {
                    edit(notice);
                    true
                }
                None => false,
            },
        )
    }

    /// Gives a notice another title; `false` when there is none of that id.
    pub fn set_title(&self, id: &str, title: &str) -> bool {
        self.edit_notice(id, |notice| notice.title = title.to_owned())
    }

    /// Publishes the feed with a fault from now on; [`Fault::None`] heals it.
    pub fn replace_feed(&self, fault: Fault) {
        self.change(|now| now.fault = fault);
    }

    /// Publishes other bytes under a document's name, or a document of a new name.
    pub fn set_document_bytes(&self, file: &str, bytes: impl Into<Arc<[u8]>>) {
        self.change(|now| now.town.documents.insert(file.to_owned(), bytes.into()));
    }

    /// Takes a document away, so that its address answers 404; `false` when there is none.
    pub fn remove_document(&self, file: &str) -> bool {
        self.change(|now| now.town.documents.remove(file).is_some())
    }

    /// Stops after the responses under way have been sent.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }

    fn read<T>(&self, look: impl FnOnce(&Current) -> T) -> T {
        look(
            &self
                .shared
                .town
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn change<T>(&self, change: impl FnOnce(&mut Current) -> T) -> T {
        let mut now = self
            .shared
            .town
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        now.changes += 1;
        change(&mut now)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    // Documents are compressed already, and compression would break byte ranges.
    let worth_it = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/vnd."));
    Router::new()
        .route("/opendata/uredni-deska.jsonld", get(feed_document))
        .route("/deska", get(board_page))
        .route("/deska/{id}", get(notice_page))
        .route("/dokumenty/{file}", get(document))
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(SetResponseHeaderLayer::overriding(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ))
        .with_state(shared)
}

async fn feed_document(State(shared): State<Arc<Shared>>, request: HeaderMap) -> Response {
    let today = (shared.today)();
    let (fault, mut value, changes) = {
        let now = shared.town.read().unwrap_or_else(PoisonError::into_inner);
        (now.fault, feed(&now.town, today, &shared.base), now.changes)
    };
    match fault {
        Fault::None | Fault::Broken => {}
        Fault::Empty => value["informace"] = json!([]),
        Fault::Hollow => hollow(&mut value),
        Fault::Down(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return with_status(status, Body::from("Služba je dočasně nedostupná."));
        }
    }
    let mut bytes = value.to_string().into_bytes();
    if fault == Fault::Broken {
        bytes.truncate(bytes.len() / 2);
    }
    answer(
        &request,
        "application/ld+json",
        bytes.into(),
        Some(last_modified(today, changes)),
    )
}

/// The `Last-Modified` of the feed, which changes at midnight and with every later edit.
///
/// There is no clock here, so every edit adds one second to the start of the previous day.
fn last_modified(today: NaiveDate, changes: u32) -> String {
    let start = (today - Days::new(1)).and_time(chrono::NaiveTime::MIN)
        + TimeDelta::seconds(i64::from(changes));
    start.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn hollow(value: &mut Value) {
    for notice in value["informace"].as_array_mut().into_iter().flatten() {
        notice["název"] = json!({ "cs": "" });
        if let Some(notice) = notice.as_object_mut() {
            notice.remove("dokument");
        }
    }
}

async fn board_page(State(shared): State<Arc<Shared>>, request: HeaderMap) -> Response {
    let today = (shared.today)();
    let html = page::board(
        &shared
            .town
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .town,
        today,
    );
    answer(&request, "text/html; charset=utf-8", html.into(), None)
}

async fn notice_page(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    request: HeaderMap,
) -> Response {
    let today = (shared.today)();
    let html = {
        let now = shared.town.read().unwrap_or_else(PoisonError::into_inner);
        now.town
            .notices
            .iter()
            .find(|notice| notice.id == id)
            .map(|notice| page::notice(&now.town, notice, today))
    };
    match html {
        Some(html) => answer(&request, "text/html; charset=utf-8", html.into(), None),
        None => with_status(
            StatusCode::NOT_FOUND,
            Body::from("Toto oznámení na úřední desce není."),
        ),
    }
}

async fn document(
    State(shared): State<Arc<Shared>>,
    Path(file): Path<String>,
    request: HeaderMap,
) -> Response {
    let bytes = shared
        .town
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .town
        .documents
        .get(&file)
        .cloned();
    match bytes {
        Some(bytes) => answer(&request, media_type(&file), Bytes::from_owner(bytes), None),
        None => with_status(StatusCode::NOT_FOUND, Body::from("Tento dokument tu není.")),
    }
}
