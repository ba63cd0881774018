//! Simulated gestures, step by step in real time.

use std::time::Duration;

use slint::platform::WindowEvent;

use super::{Ended, ask};
use crate::headless::gesture::{self, Phase, Step};
use crate::headless::touch;

/// The time between two keys, so that typing does not outrun the interface.
const BETWEEN_LETTERS: Duration = Duration::from_millis(8);

/// A point in the window, in logical pixels.
pub(super) type Point = (f32, f32);

pub(super) async fn tap(at: Point) -> Result<(), Ended> {
    play(gesture::tap(at.0, at.1)).await
}

pub(super) async fn press(at: Point) -> Result<(), Ended> {
    play(gesture::press(at.0, at.1)).await
}

pub(super) async fn move_to(at: Point) -> Result<(), Ended> {
    play(gesture::move_to(at.0, at.1)).await
}

pub(super) async fn release(at: Point) -> Result<(), Ended> {
    play(gesture::release(at.0, at.1)).await
}

pub(super) async fn hold(at: Point, time: Duration) -> Result<(), Ended> {
    press(at).await?;
    tokio::time::sleep(time).await;
    release(at).await
}

pub(super) async fn drag(from: Point, to: Point) -> Result<(), Ended> {
    play(gesture::drag(from, to)).await
}

pub(super) async fn fling(from: Point, to: Point) -> Result<(), Ended> {
    play(gesture::fling(from, to)).await
}

/// Keys, one event after another.
pub(super) async fn keys(events: Vec<WindowEvent>) -> Result<(), Ended> {
    for event in events {
        ask(move |context| context.window().dispatch_event(event)).await?;
        tokio::time::sleep(BETWEEN_LETTERS).await;
    }
    Ok(())
}

/// A list recognises a drag only when the finger moves soon after it came down, so the first move is sent together with
/// the press, however busy the machine is.
async fn play(steps: Vec<Step>) -> Result<(), Ended> {
    let mut steps = steps.into_iter().peekable();
    while let Some(Step {
        mut fingers,
        mut then,
    }) = steps.next()
    {
        let began = fingers.iter().all(|finger| finger.phase == Phase::Down);
        let moves = |step: &Step| {
            step.fingers
                .iter()
                .all(|finger| finger.phase == Phase::Move)
        };
        if began && let Some(moved) = steps.next_if(moves) {
            fingers.extend(moved.fingers);
            then = moved.then;
        }
        ask(move |context| {
            for finger in fingers {
                touch::dispatch(context.window(), finger);
            }
        })
        .await?;
        tokio::time::sleep(then).await;
    }
    Ok(())
}
