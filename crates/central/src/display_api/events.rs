//! `GET events`: a stream of server-sent events that announces new manifests.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use vyveska_wire::event::{MANIFEST_EVENT, ManifestAnnounced};

use super::ApiError;
use super::auth::Display;
use crate::error::causes;
use crate::http_service::{Connection, Service};

/// Proxies close connections that are silent for about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Display(display): Display,
    Extension(connection): Extension<Connection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    connection.serve_stream(&display.id)?;
    let mut published = service.publisher.subscribe(&display.board);
    let events = async_stream::stream! {
        let mut announced = 0;
        loop {
            published.mark_unchanged();
            let number = match service.publisher.manifest(&display, 0).await {
                Ok(manifest) => manifest.map_or(0, |manifest| manifest.number),
                Err(error) => {
                    tracing::error!(error = causes(&error), "a display's events ended");
                    return;
                }
            };
            // The first event names the newest manifest, so that nothing is missed between a request and the subscription.
            if number != announced {
                announced = number;
                let data = serde_json::json!(ManifestAnnounced { number }).to_string();
                yield Ok(Event::default().event(MANIFEST_EVENT).data(data));
            }
            tokio::select! {
                () = service.shutdown.cancelled() => return,
                changed = published.changed() => if changed.is_err() { return },
            }
        }
    };
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
