//! Sample view models, one for every screen and state worth looking at.

mod board;
mod frame;
mod idle;
mod information;
mod notice;
mod samples;
mod search;
mod service;

use vyveska::state::Size;
use vyveska::ui::view_model::ViewModel;

pub(crate) use frame::waiting;
pub(crate) use service::in_trouble as service_in_trouble;

/// An action before the picture is taken.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// Touches the element of this label.
    Touch(&'static str),
}

/// A state of a screen.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) view: fn(Size) -> ViewModel,
    pub(crate) act: Option<Act>,
}

fn scene(name: &'static str, view: fn(Size) -> ViewModel) -> Scene {
    Scene {
        name,
        view,
        act: None,
    }
}

fn touched(name: &'static str, view: fn(Size) -> ViewModel, label: &'static str) -> Scene {
    Scene {
        act: Some(Act::Touch(label)),
        ..scene(name, view)
    }
}

/// All scenes, in the order a user could meet them.
pub(crate) fn all() -> Vec<Scene> {
    [
        frame::scenes(),
        idle::scenes(),
        board::scenes(),
        notice::scenes(),
        search::scenes(),
        information::scenes(),
        service::scenes(),
    ]
    .concat()
}

/// The scene of this name.
#[track_caller]
pub(crate) fn named(name: &str) -> Scene {
    all().into_iter().find(|scene| scene.name == name).unwrap()
}
