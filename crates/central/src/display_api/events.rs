//! `GET events`: a stream of server-sent events that bring the new manifests of the display's board.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use vyveska_wire::event::MANIFEST_EVENT;

use super::ApiError;
use super::auth::Display;
use crate::error::causes;
use crate::http_service::{Connection, KnownDisplay, Service};

/// Proxies close connections that are silent for about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Display(KnownDisplay { display, storage }): Display,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    connection.serve_stream(&display.id, &headers)?;
    let mut newest = service.publisher.subscribe(&display.board);
    let events = async_stream::stream! {
        // The first event names the newest manifest, so that nothing is missed between a request and the subscription.
        // Its alerts are left out: a display asks for what it lacks when its stream opens.
        // Of what was announced a stream holds number and alerts' hash alone: it may wait for days.
        let mut known = match service.publisher.announcement(&*storage, &display.board).await {
            Ok(None) => None,
            Ok(Some(first)) => {
                let known = (first.number, first.alerts);
                let event = event(first.data(Some(first.alerts)));
                drop((first, storage));
                yield Ok(event);
                Some(known)
            }
            Err(error) => {
                tracing::error!(error = causes(&error), "a display's events ended");
                return;
            }
        };
        loop {
            tokio::select! {
                () = service.shutdown.cancelled() => return,
                changed = newest.changed() => if changed.is_err() { return },
            }
            let next = newest.borrow_and_update().clone();
            let number = known.map_or(0, |(number, _)| number);
            if let Some(next) = next.filter(|next| next.number > number) {
                let event = event(next.data(known.map(|(_, alerts)| alerts)));
                known = Some((next.number, next.alerts));
                drop(next);
                yield Ok(event);
            }
        }
    };
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn event(data: &str) -> Event {
    Event::default().event(MANIFEST_EVENT).data(data)
}
