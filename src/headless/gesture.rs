//! Gestures as sequences of touch points.

use std::time::Duration;

/// How long a finger rests on what it taps.
const TAP: Duration = Duration::from_millis(48);
/// The time between two places of a moving finger.
const MOVE: Duration = Duration::from_millis(16);
/// In how many places a moving finger is seen.
const PLACES: u8 = 12;
/// After this long a resting finger no longer flings what it pushed.
const REST: Duration = Duration::from_millis(160);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Down,
    Move,
    Up,
}

/// A finger at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Finger {
    pub(crate) id: i32,
    pub(crate) phase: Phase,
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// Fingers at an instant, and the time until the next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) fingers: Vec<Finger>,
    pub(crate) then: Duration,
}

pub(crate) fn press(x: f32, y: f32) -> Vec<Step> {
    vec![one(Phase::Down, x, y, Duration::ZERO)]
}

pub(crate) fn press_two(first: (f32, f32), second: (f32, f32)) -> Vec<Step> {
    let down = |id, (x, y)| Step {
        fingers: vec![Finger {
            id,
            phase: Phase::Down,
            x,
            y,
        }],
        then: MOVE,
    };
    vec![down(0, first), down(1, second)]
}

pub(crate) fn release_two(first: (f32, f32), second: (f32, f32)) -> Vec<Step> {
    let up = |id, (x, y)| Step {
        fingers: vec![Finger {
            id,
            phase: Phase::Up,
            x,
            y,
        }],
        then: MOVE,
    };
    vec![up(1, second), up(0, first)]
}

pub(crate) fn release(x: f32, y: f32) -> Vec<Step> {
    vec![one(Phase::Up, x, y, MOVE)]
}

#[cfg(feature = "demo")]
pub(crate) fn move_to(x: f32, y: f32) -> Vec<Step> {
    vec![one(Phase::Move, x, y, MOVE)]
}

pub(crate) fn tap(x: f32, y: f32) -> Vec<Step> {
    vec![one(Phase::Down, x, y, TAP), one(Phase::Up, x, y, MOVE)]
}

pub(crate) fn drag(from: (f32, f32), to: (f32, f32)) -> Vec<Step> {
    let mut steps = push(from, to);
    if let Some(last) = steps.last_mut() {
        last.then = REST;
    }
    steps.push(one(Phase::Up, to.0, to.1, MOVE));
    steps
}

pub(crate) fn fling(from: (f32, f32), to: (f32, f32)) -> Vec<Step> {
    let mut steps = push(from, to);
    steps.push(one(Phase::Up, to.0, to.1, MOVE));
    steps
}

pub(crate) fn pinch(centre: (f32, f32), from: f32, to: f32) -> Vec<Step> {
    let fingers = |phase, distance: f32| {
        let finger = |id, x| Finger {
            id,
            phase,
            x,
            y: centre.1,
        };
        vec![
            finger(0, centre.0 - distance / 2.0),
            finger(1, centre.0 + distance / 2.0),
        ]
    };
    let mut steps = vec![Step {
        fingers: fingers(Phase::Down, from),
        then: MOVE,
    }];
    steps.extend((1..=PLACES).map(|place| Step {
        fingers: fingers(Phase::Move, between(from, to, place)),
        then: MOVE,
    }));
    steps.push(Step {
        fingers: fingers(Phase::Up, to),
        then: MOVE,
    });
    steps
}

fn push(from: (f32, f32), to: (f32, f32)) -> Vec<Step> {
    let mut steps = vec![one(Phase::Down, from.0, from.1, MOVE)];
    steps.extend((1..=PLACES).map(|place| {
        let (x, y) = (between(from.0, to.0, place), between(from.1, to.1, place));
        one(Phase::Move, x, y, MOVE)
    }));
    steps
}

fn between(from: f32, to: f32, place: u8) -> f32 {
    from + (to - from) * f32::from(place) / f32::from(PLACES)
}

fn one(phase: Phase, x: f32, y: f32, then: Duration) -> Step {
    let finger = Finger { id: 0, phase, x, y };
    Step {
        fingers: vec![finger],
        then,
    }
}
