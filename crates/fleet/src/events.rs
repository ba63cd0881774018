//! The event stream, and what of it waits to be looked at.

use std::time::Duration;

use eventsource_stream::Eventsource as _;
use futures_util::{Stream, StreamExt as _, future};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;
use vyveska_wire::event::{MANIFEST_EVENT, ManifestAnnounced};
use vyveska_wire::limits::MAX_EVENT_BYTES;
use vyveska_wire::manifest::Manifest;

use crate::request::Pace;

/// Central sends keep-alives more often.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// The events of a stream until it ends, falls silent, or brings one that is too long.
pub(crate) fn announcements(
    body: Incoming,
    pace: Pace,
) -> impl Stream<Item = ManifestAnnounced> + Send {
    let chunks =
        futures_util::stream::unfold((body, 0), move |(mut body, mut unended)| async move {
            loop {
                let frame = timeout(LONGEST_SILENCE, body.frame()).await.ok()??.ok()?;
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                pace.taken(data.len()).await;
                // The parser keeps what has no end yet.
                unended = if data.ends_with(b"\n\n") {
                    0
                } else {
                    unended + data.len()
                };
                return (unended <= MAX_EVENT_BYTES)
                    .then_some((Ok::<_, hyper::Error>(data), (body, unended)));
            }
        });
    chunks.eventsource().filter_map(|event| {
        let event = event.ok().filter(|event| event.event == MANIFEST_EVENT);
        future::ready(event.and_then(|event| serde_json::from_str(&event.data).ok()))
    })
}

/// What has come since a display last looked.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Whether central is to be asked, whatever was announced.
    pub(crate) is_called: bool,
    pub(crate) announced: Option<Announced>,
}

/// An event whose manifest, if it has one, central has signed.
#[derive(Debug)]
pub(crate) struct Announced {
    pub(crate) number: u64,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) alerts: Option<String>,
    pub(crate) jitter: Duration,
}

impl News {
    pub(crate) fn is_some(&self) -> bool {
        self.is_called || self.announced.is_some()
    }

    /// Over which time displays spread what they do about it; none for a call.
    pub(crate) fn jitter(&self) -> Duration {
        let announced = self.announced.as_ref().filter(|_| !self.is_called);
        announced.map_or(Duration::ZERO, |announced| announced.jitter)
    }

    /// Keeps the newest event, with the alerts of one before it that was not looked at.
    pub(crate) fn announce(&mut self, mut announced: Announced) {
        if let Some(unseen) = self.announced.take() {
            announced.jitter = announced.jitter.min(unseen.jitter);
            announced.alerts = announced.alerts.or(unseen.alerts);
        }
        self.announced = Some(announced);
    }
}
