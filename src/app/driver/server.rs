//! The requests.

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

use super::answers::{ElementState, KioskState, name_of, plain};
use super::cable::Cable;
use super::gestures::{self, Point};
use super::{Ended, ask, keys};
use crate::app::circle::Happening;
use crate::state::Event;

/// The longest request.
const MAX_REQUEST_BYTES: usize = 64 * 1024;
/// How long settling and waiting last when the script does not say.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest anything may last.
const MOST: Duration = Duration::from_secs(300);
/// How long nothing may be said before it counts as quiet; longer than the kiosk takes to see what has changed.
const QUIET: Duration = Duration::from_millis(1200);
/// How often is looked whether what is waited for has come.
const LOOK: Duration = Duration::from_millis(16);

struct Desk {
    cable: Cable,
    /// Where the finger is down. Held for as long as a gesture lasts: there is one finger.
    finger: Mutex<Option<Point>>,
}

type Shared = State<Arc<Desk>>;

/// Serves until `shutdown`; what is being done then is dropped.
pub(super) async fn serve(listener: TcpListener, cable: Cable, shutdown: CancellationToken) {
    let desk = Arc::new(Desk {
        cable,
        finger: Mutex::new(None),
    });
    let served = axum::serve(listener, router(desk));
    tokio::select! {
        result = served => if let Err(error) = result {
            tracing::error!(%error, "the driver stopped listening");
        },
        () = shutdown.cancelled() => {}
    }
}

fn router(desk: Arc<Desk>) -> Router {
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
        .with_state(desk)
}

/// Why a request was not done.
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

type Answer = Result<Json<serde_json::Value>, Refused>;

fn done() -> Answer {
    Ok(Json(json!({ "ok": true })))
}

fn senseless(reason: &str) -> Refused {
    Refused::Senseless(reason.to_owned())
}

fn whole<T: Serialize>(answer: T) -> Answer {
    serde_json::to_value(answer)
        .map(Json)
        .map_err(|error| Refused::Senseless(error.to_string()))
}

async fn state(State(desk): Shared) -> Answer {
    let cut = desk.cable.is_cut();
    whole(ask(move |stage| KioskState::of(stage, cut)).await?)
}

#[derive(Debug, Deserialize)]
struct Which {
    /// Only such whose label has this in it.
    label: Option<String>,
    role: Option<String>,
    /// Only what can be touched, or only what cannot.
    touchable: Option<bool>,
}

async fn elements(Query(which): Query<Which>) -> Answer {
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
    let picture = ask(|stage| stage.picture())
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
    /// How many utterances the script knows already.
    #[serde(default)]
    since: usize,
}

async fn words(Query(Since { since }): Query<Since>) -> Answer {
    spoken_since(since).await
}

async fn spoken_since(since: usize) -> Answer {
    let spoken = ask(|stage| stage.spoken()).await?;
    let words: Vec<_> = spoken.iter().skip(since).collect();
    Ok(Json(json!({ "next": spoken.len(), "words": words })))
}

/// Lets everything be said to its end at once, until it is quiet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hear {
    #[serde(default)]
    since: usize,
    limit_ms: Option<u64>,
}

async fn hear(Json(Hear { since, limit_ms }): Json<Hear>) -> Answer {
    let limit = limit(limit_ms);
    let began = Instant::now();
    let mut quiet_since = Instant::now();
    while quiet_since.elapsed() < QUIET {
        if ask(|stage| stage.speaker.finish_speaking()).await? {
            quiet_since = Instant::now();
        } else {
            tokio::time::sleep(LOOK).await;
        }
        if began.elapsed() > limit {
            let what = "silence".to_owned();
            return Err(Refused::InVain { what, limit });
        }
    }
    spoken_since(since).await
}

/// What a finger is aimed at: a point, or something by its label.
#[derive(Debug, Clone, Deserialize)]
struct Target {
    x: Option<f32>,
    y: Option<f32>,
    #[serde(default)]
    unit: Unit,
    label: Option<String>,
    role: Option<String>,
    /// Which of several of the same label, counted from 0.
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

/// A point of the window, and what was found there when it was looked for by its label.
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
    let (scale, (width, height)) = ask(|stage| (stage.mm_per_px(), stage.size())).await?;
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

/// The most like it: by the whole label before its beginning before any part of it, what can be touched before what cannot.
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

fn touched((x, y): Point, element: Option<ElementState>) -> Answer {
    Ok(Json(
        json!({ "ok": true, "x": x, "y": y, "element": element }),
    ))
}

async fn tap(State(desk): Shared, Json(target): Json<Target>) -> Answer {
    let _finger = desk.finger.lock().await;
    let (at, element) = aim(target).await?;
    gestures::tap(at).await?;
    touched(at, element)
}

async fn press(State(desk): Shared, Json(target): Json<Target>) -> Answer {
    let mut finger = desk.finger.lock().await;
    let (at, element) = aim(target).await?;
    gestures::press(at).await?;
    *finger = Some(at);
    touched(at, element)
}

async fn move_finger(State(desk): Shared, Json(target): Json<Target>) -> Answer {
    let mut finger = desk.finger.lock().await;
    if finger.is_none() {
        return Err(senseless("no finger is down; press first"));
    }
    let (at, element) = aim(target).await?;
    gestures::move_to(at).await?;
    *finger = Some(at);
    touched(at, element)
}

async fn release(State(desk): Shared) -> Answer {
    let mut finger = desk.finger.lock().await;
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

async fn hold(State(desk): Shared, Json(hold): Json<Hold>) -> Answer {
    let _finger = desk.finger.lock().await;
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
    /// The finger leaves while it moves.
    #[serde(default)]
    fling: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Spot {
    x: f32,
    y: f32,
}

async fn drag(State(desk): Shared, Json(drag): Json<Drag>) -> Answer {
    let _finger = desk.finger.lock().await;
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

async fn type_text(State(desk): Shared, Json(Text { text }): Json<Text>) -> Answer {
    let _finger = desk.finger.lock().await;
    gestures::keys(text.chars().flat_map(keys::letter).collect()).await?;
    done()
}

#[derive(Debug, Deserialize)]
struct Key {
    name: String,
}

async fn key(State(desk): Shared, Json(Key { name }): Json<Key>) -> Answer {
    let _finger = desk.finger.lock().await;
    let events = keys::press(&name)
        .ok_or_else(|| Refused::Senseless(format!("there is no key {name:?}")))?;
    gestures::keys(events).await?;
    done()
}

/// What happens to the clock.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum ClockChange {
    /// The calendar says this now; time-outs do not notice.
    Set(DateTime<Utc>),
    /// So many seconds pass, for everything.
    Advance(f64),
}

async fn clock(State(desk): Shared, Json(change): Json<ClockChange>) -> Answer {
    let cut = desk.cable.is_cut();
    let advance = match change {
        ClockChange::Advance(seconds) => Some(
            Duration::try_from_secs_f64(seconds)
                .map_err(|_| senseless("time passes forward only, by a number of seconds"))?,
        ),
        ClockChange::Set(_) => None,
    };
    let state = ask(move |stage| {
        match change {
            ClockChange::Set(instant) => stage.clock.set(instant),
            ClockChange::Advance(_) => stage.clock.advance(advance.unwrap_or_default()),
        }
        stage.circle.happen(Happening::Event(Event::Tick));
        if !cut {
            // As in that time it would have been, central is heard.
            (stage.wake)();
        }
        KioskState::of(stage, cut)
    })
    .await?;
    whole(state)
}

#[derive(Debug, Deserialize)]
struct NetworkChange {
    cut: bool,
}

async fn network(State(desk): Shared, Json(NetworkChange { cut }): Json<NetworkChange>) -> Answer {
    desk.cable.cut(cut);
    // A plugged cable shows at once; so does one that was pulled, at the next round.
    ask(|stage| (stage.wake)()).await?;
    done()
}

#[derive(Debug, Default, Deserialize)]
struct Settle {
    limit_ms: Option<u64>,
}

fn limit(ms: Option<u64>) -> Duration {
    ms.map_or(PATIENCE, Duration::from_millis).min(MOST)
}

async fn settle(settle: Option<Json<Settle>>) -> Answer {
    let limit = limit(settle.and_then(|Json(settle)| settle.limit_ms));
    let began = Instant::now();
    let mut quiet = 0;
    loop {
        // What was asked for a moment ago is drawn by the second look.
        quiet = if ask(|stage| stage.is_settled()).await? {
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
        tokio::time::sleep(LOOK).await;
    }
}

/// What is waited for; all that is given has to be there at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    /// Something on the screen has this in its label.
    label: Option<String>,
    /// Nothing on the screen has this in its label.
    gone: Option<String>,
    /// This screen is in front.
    screen: Option<String>,
    /// Something that was spoken has this in it.
    spoken: Option<String>,
    /// Only what was spoken from this one on counts.
    #[serde(default)]
    since: usize,
    limit_ms: Option<u64>,
}

async fn wait(Json(wait): Json<Wait>) -> Answer {
    let limit = limit(wait.limit_ms);
    if wait.label.is_none() && wait.gone.is_none() && wait.screen.is_none() && wait.spoken.is_none()
    {
        return Err(senseless("expected a label, gone, screen or spoken"));
    }
    let began = Instant::now();
    loop {
        let wanted = wait.clone();
        let come = ask(move |stage| {
            let there = |part: &String| {
                ElementState::all(stage)
                    .iter()
                    .any(|element| element.label.contains(part.as_str()))
            };
            wanted.label.as_ref().is_none_or(there)
                && wanted.gone.as_ref().is_none_or(|part| !there(part))
                && wanted.screen.as_ref().is_none_or(|screen| {
                    stage
                        .circle
                        .shown()
                        .is_some_and(|shown| name_of(shown.screen) == screen)
                })
                && wanted.spoken.as_ref().is_none_or(|part| {
                    stage
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
        tokio::time::sleep(LOOK).await;
    }
}
