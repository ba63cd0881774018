//! The driver's HTTP routes; `docs/driver.md` describes them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::gestures::{self, Point};
use super::network_fault::NetworkFault;
use super::reports::{ElementState, KioskState, name_of, plain};
use super::{Ended, ask, keys};
use crate::app::app_event::AppEvent;
use crate::state::Event;

const MAX_REQUEST_BYTES: usize = 64 * 1024;
/// The time limit of settling and waiting when the request gives none.
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest time limit of a request.
const MAX_LIMIT: Duration = Duration::from_secs(300);
/// How long nothing must be said before speech counts as finished; longer than the kiosk takes to notice a change.
const QUIET: Duration = Duration::from_millis(1200);
/// The polling interval of waiting.
const POLL: Duration = Duration::from_millis(16);

struct Context {
    network_fault: NetworkFault,
    /// Where the finger is down. Locked for as long as a gesture lasts, because there is one finger.
    finger: Mutex<Option<Point>>,
}

type Shared = State<Arc<Context>>;

/// Serves until `shutdown`; requests in progress are dropped then.
pub(super) async fn serve(
    listener: TcpListener,
    network_fault: NetworkFault,
    shutdown: CancellationToken,
) {
    let context = Arc::new(Context {
        network_fault,
        finger: Mutex::new(None),
    });
    let served = axum::serve(listener, router(context));
    tokio::select! {
        result = served => if let Err(error) = result {
            tracing::error!(%error, "the driver stopped listening");
        },
        () = shutdown.cancelled() => {}
    }
}

fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/elements", get(elements))
        .route("/screenshot", get(screenshot))
        .route("/words", get(words))
        .route("/hear", post(hear))
        .route("/tap", post(tap))
        .route("/press", post(press))
        .route("/move", post(move_finger))
        .route("/release", post(release))
        .route("/hold", post(hold))
        .route("/drag", post(drag))
        .route("/type", post(type_text))
        .route("/key", post(key))
        .route("/clock", post(clock))
        .route("/network", post(network))
        .route("/settle", post(settle))
        .route("/wait", post(wait))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(context)
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Ended(#[from] Ended),
    #[error("nothing on the screen is called {label:?}")]
    NotThere { label: String, there: Vec<String> },
    #[error("waited {} ms in vain for {what}", limit.as_millis())]
    InVain { what: String, limit: Duration },
    #[error("{0}")]
    Senseless(String),
    #[error("the screen gives no picture")]
    NoPicture,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Ended(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotThere { .. } => StatusCode::NOT_FOUND,
            Self::InVain { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Senseless(_) => StatusCode::BAD_REQUEST,
            Self::NoPicture => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut answer = json!({ "error": self.to_string() });
        if let Self::NotThere { there, .. } = self {
            answer["there"] = there.into();
        }
        (status, Json(answer)).into_response()
    }
}

type DriverReply = Result<Json<serde_json::Value>, Refused>;

fn done() -> DriverReply {
    Ok(Json(json!({ "ok": true })))
}

fn senseless(reason: &str) -> Refused {
    Refused::Senseless(reason.to_owned())
}

fn whole<T: Serialize>(answer: T) -> DriverReply {
    serde_json::to_value(answer)
        .map(Json)
        .map_err(|error| Refused::Senseless(error.to_string()))
}

async fn state(State(shared): Shared) -> DriverReply {
    let cut = shared.network_fault.is_cut();
    whole(ask(move |context| KioskState::of(context, cut)).await?)
}

#[derive(Debug, Deserialize)]
struct Which {
    /// Only elements whose label contains this.
    label: Option<String>,
    role: Option<String>,
    /// Only elements that can be touched, or only those that cannot.
    touchable: Option<bool>,
}

async fn elements(Query(which): Query<Which>) -> DriverReply {
    let mut elements = ask(ElementState::all).await?;
    elements.retain(|element| {
        which
            .label
            .as_ref()
            .is_none_or(|label| element.label.contains(label.as_str()))
            && which.role.as_ref().is_none_or(|role| *role == element.role)
            && which
                .touchable
                .is_none_or(|touchable| touchable == element.touchable)
    });
    whole(elements)
}

async fn screenshot() -> Result<Response, Refused> {
    let picture = ask(|context| context.picture())
        .await?
        .ok_or(Refused::NoPicture)?;
    let mut png = Vec::new();
    picture
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .map_err(|_| Refused::NoPicture)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

#[derive(Debug, Deserialize)]
struct Since {
    /// How many utterances to skip.
    #[serde(default)]
    since: usize,
}

async fn words(Query(Since { since }): Query<Since>) -> DriverReply {
    spoken_since(since).await
}

async fn spoken_since(since: usize) -> DriverReply {
    let spoken = ask(|context| context.spoken()).await?;
    let words: Vec<_> = spoken.iter().skip(since).collect();
    Ok(Json(json!({ "next": spoken.len(), "words": words })))
}

/// Ends each utterance at once until nothing more is said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hear {
    #[serde(default)]
    since: usize,
    limit_ms: Option<u64>,
}

async fn hear(Json(Hear { since, limit_ms }): Json<Hear>) -> DriverReply {
    let limit = limit(limit_ms);
    let began = Instant::now();
    let mut quiet_since = Instant::now();
    while quiet_since.elapsed() < QUIET {
        let busy =
            ask(|context| context.speech.finish_speaking() || !context.event_loop.is_settled());
        if busy.await? {
            quiet_since = Instant::now();
        }
        tokio::time::sleep(POLL).await;
        if began.elapsed() > limit {
            let what = "silence".to_owned();
            return Err(Refused::InVain { what, limit });
        }
    }
    spoken_since(since).await
}

/// The target of a gesture: a point, or an element by its label.
#[derive(Debug, Clone, Deserialize)]
struct Target {
    x: Option<f32>,
    y: Option<f32>,
    #[serde(default)]
    unit: Unit,
    label: Option<String>,
    role: Option<String>,
    /// Which of several elements with this label, counted from 0.
    #[serde(default)]
    nth: usize,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    #[default]
    Px,
    Mm,
}

/// A point of the window, and the element there when it was found by its label.
async fn aim(target: Target) -> Result<(Point, Option<ElementState>), Refused> {
    match (target.x, target.y, target.label) {
        (Some(x), Some(y), None) => Ok((point((x, y), target.unit).await?, None)),
        (None, None, Some(label)) => {
            let mut there = ask(ElementState::all).await?;
            if let Some(role) = &target.role {
                there.retain(|element| element.role == *role);
            }
            match find(&there, &label, target.nth) {
                Some(found) => Ok((found.middle(), Some(found.clone()))),
                None => Err(Refused::NotThere {
                    label,
                    there: there
                        .into_iter()
                        .filter(|element| element.touchable)
                        .map(|element| element.label)
                        .collect(),
                }),
            }
        }
        _ => Err(senseless("expected either x and y, or a label")),
    }
}

async fn point((x, y): Point, unit: Unit) -> Result<Point, Refused> {
    let (scale, (width, height)) = ask(|context| (context.mm_per_px(), context.size())).await?;
    let (x, y) = match unit {
        Unit::Px => (x, y),
        Unit::Mm => (x / scale, y / scale),
    };
    if (0.0..width).contains(&x) && (0.0..height).contains(&y) {
        Ok((x, y))
    } else {
        Err(senseless("that point is not on the screen"))
    }
}

/// The best match: the whole label before its beginning before any part of it, touchable elements before others.
fn find<'a>(there: &'a [ElementState], label: &str, nth: usize) -> Option<&'a ElementState> {
    let label = plain(label);
    let fits: [&dyn Fn(&ElementState) -> bool; 3] = [
        &|element| element.label == label,
        &|element| element.label.starts_with(&label),
        &|element| element.label.contains(&label),
    ];
    [true, false].into_iter().find_map(|touchable| {
        fits.iter().find_map(|fits| {
            there
                .iter()
                .filter(|element| element.touchable == touchable && fits(element))
                .nth(nth)
        })
    })
}

fn touched((x, y): Point, element: Option<ElementState>) -> DriverReply {
    Ok(Json(
        json!({ "ok": true, "x": x, "y": y, "element": element }),
    ))
}

async fn tap(State(shared): Shared, Json(target): Json<Target>) -> DriverReply {
    let _finger = shared.finger.lock().await;
    let (at, element) = aim(target).await?;
    gestures::tap(at).await?;
    touched(at, element)
}

async fn press(State(shared): Shared, Json(target): Json<Target>) -> DriverReply {
    let mut finger = shared.finger.lock().await;
    let (at, element) = aim(target).await?;
    gestures::press(at).await?;
    *finger = Some(at);
    touched(at, element)
}

async fn move_finger(State(shared): Shared, Json(target): Json<Target>) -> DriverReply {
    let mut finger = shared.finger.lock().await;
    if finger.is_none() {
        return Err(senseless("no finger is down; press first"));
    }
    let (at, element) = aim(target).await?;
    gestures::move_to(at).await?;
    *finger = Some(at);
    touched(at, element)
}

async fn release(State(shared): Shared) -> DriverReply {
    let mut finger = shared.finger.lock().await;
    let at = finger
        .take()
        .ok_or_else(|| senseless("no finger is down; press first"))?;
    gestures::release(at).await?;
    touched(at, None)
}

#[derive(Debug, Deserialize)]
struct Hold {
    #[serde(flatten)]
    target: Target,
    ms: u64,
}

async fn hold(State(shared): Shared, Json(hold): Json<Hold>) -> DriverReply {
    let _finger = shared.finger.lock().await;
    let (at, element) = aim(hold.target).await?;
    gestures::hold(at, limit(Some(hold.ms))).await?;
    touched(at, element)
}

#[derive(Debug, Deserialize)]
struct Drag {
    from: Spot,
    to: Spot,
    #[serde(default)]
    unit: Unit,
    /// The finger is lifted while it moves.
    #[serde(default)]
    fling: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Spot {
    x: f32,
    y: f32,
}

async fn drag(State(shared): Shared, Json(drag): Json<Drag>) -> DriverReply {
    let _finger = shared.finger.lock().await;
    let from = point((drag.from.x, drag.from.y), drag.unit).await?;
    let to = point((drag.to.x, drag.to.y), drag.unit).await?;
    if drag.fling {
        gestures::fling(from, to).await?;
    } else {
        gestures::drag(from, to).await?;
    }
    done()
}

#[derive(Debug, Deserialize)]
struct Text {
    text: String,
}

async fn type_text(State(shared): Shared, Json(Text { text }): Json<Text>) -> DriverReply {
    let _finger = shared.finger.lock().await;
    gestures::keys(text.chars().flat_map(keys::letter).collect()).await?;
    done()
}

#[derive(Debug, Deserialize)]
struct Key {
    name: String,
}

async fn key(State(shared): Shared, Json(Key { name }): Json<Key>) -> DriverReply {
    let _finger = shared.finger.lock().await;
    let events = keys::press(&name)
        .ok_or_else(|| Refused::Senseless(format!("there is no key {name:?}")))?;
    gestures::keys(events).await?;
    done()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum ClockChange {
    /// Sets the calendar; time-outs are not affected.
    Set(DateTime<Utc>),
    /// Sets only the system clock, as evidence of the time.
    System(DateTime<Utc>),
    /// Advances the calendar and the time-outs by this many seconds.
    Advance(f64),
}

async fn clock(State(shared): Shared, Json(change): Json<ClockChange>) -> DriverReply {
    let cut = shared.network_fault.is_cut();
    let advance = match change {
        ClockChange::Advance(seconds) => Some(
            Duration::try_from_secs_f64(seconds)
                .map_err(|_| senseless("time passes forward only, by a number of seconds"))?,
        ),
        ClockChange::Set(_) | ClockChange::System(_) => None,
    };
    let state = ask(move |context| {
        match change {
            ClockChange::Set(instant) => context.clock.set(instant),
            ClockChange::System(instant) => context.clock.set_system(instant),
            ClockChange::Advance(_) => context.clock.advance(advance.unwrap_or_default()),
        }
        context.event_loop.dispatch(AppEvent::Event(Event::Tick));
        if !cut {
            // In the time that was skipped the kiosk would have heard from central.
            (context.wake)();
        }
        KioskState::of(context, cut)
    })
    .await?;
    whole(state)
}

#[derive(Debug, Deserialize)]
struct NetworkChange {
    cut: bool,
}

async fn network(
    State(shared): Shared,
    Json(NetworkChange { cut }): Json<NetworkChange>,
) -> DriverReply {
    shared.network_fault.cut(cut);
    // A round of sync notices the change at once.
    ask(|context| (context.wake)()).await?;
    done()
}

#[derive(Debug, Default, Deserialize)]
struct Settle {
    limit_ms: Option<u64>,
}

fn limit(ms: Option<u64>) -> Duration {
    ms.map_or(PATIENCE, Duration::from_millis).min(MAX_LIMIT)
}

async fn settle(settle: Option<Json<Settle>>) -> DriverReply {
    let limit = limit(settle.and_then(|Json(settle)| settle.limit_ms));
    let began = Instant::now();
    let mut quiet = 0;
    loop {
        // Pages requested just before are drawn by the second poll.
        quiet = if ask(|context| context.is_settled()).await? {
            quiet + 1
        } else {
            0
        };
        if quiet > 2 {
            return done();
        }
        if began.elapsed() > limit {
            let what = "the screen to come to rest".to_owned();
            return Err(Refused::InVain { what, limit });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The conditions to wait for; all of them have to hold at the same time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    /// An element's label contains this.
    label: Option<String>,
    /// No element's label contains this.
    gone: Option<String>,
    screen: Option<String>,
    /// An utterance contains this.
    spoken: Option<String>,
    /// Counts only utterances from this one on.
    #[serde(default)]
    since: usize,
    limit_ms: Option<u64>,
}

async fn wait(Json(wait): Json<Wait>) -> DriverReply {
    let limit = limit(wait.limit_ms);
    if wait.label.is_none() && wait.gone.is_none() && wait.screen.is_none() && wait.spoken.is_none()
    {
        return Err(senseless("expected a label, gone, screen or spoken"));
    }
    let began = Instant::now();
    loop {
        let wanted = wait.clone();
        let come = ask(move |context| {
            let there = |part: &String| {
                ElementState::all(context)
                    .iter()
                    .any(|element| element.label.contains(part.as_str()))
            };
            wanted.label.as_ref().is_none_or(there)
                && wanted.gone.as_ref().is_none_or(|part| !there(part))
                && wanted.screen.as_ref().is_none_or(|screen| {
                    context
                        .event_loop
                        .shown()
                        .is_some_and(|shown| name_of(shown.screen) == screen)
                })
                && wanted.spoken.as_ref().is_none_or(|part| {
                    context
                        .spoken()
                        .iter()
                        .skip(wanted.since)
                        .any(|spoken| spoken.text.contains(part.as_str()))
                })
        })
        .await?;
        if come {
            return done();
        }
        if began.elapsed() > limit {
            let what = [wait.label, wait.gone, wait.screen, wait.spoken]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Refused::InVain { what, limit });
        }
        tokio::time::sleep(POLL).await;
    }
}
