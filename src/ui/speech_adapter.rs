//! Serves `ui/pages/speech_overlay.slint`: the frame around what is read aloud, captions, keys and exploring fingers.
//!
//! It is separate from the other adapters: what it shows follows from the narrator, not from the view model.

use std::cell::RefCell;

use slint::ComponentHandle;

use super::markup::{self, AppWindow};
use crate::speech::element::Rect;
use crate::speech::narrator::FingerPhase;

/// What speech shows on the screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SpeechView {
    /// Whether what the screen shows is read aloud.
    pub(crate) on: bool,
    /// Where the element in focus is.
    pub(crate) focus: Option<Rect>,
    /// The caption, where there is no audible output.
    pub(crate) caption: String,
}

#[derive(Default)]
pub(crate) struct SpeechAdapter {
    shown: RefCell<SpeechView>,
}

/// Receives keys and touches.
pub(crate) struct SpeechListener<K, F, R> {
    /// A key, and whether it is held down; says whether it was taken.
    pub(crate) key: K,
    /// A touch, from the window's upper left corner.
    pub(crate) finger: F,
    /// A request of the screen to read the document aloud.
    pub(crate) read: R,
}

impl SpeechAdapter {
    /// Sends keys and touches to the listener.
    pub(crate) fn connect(
        window: &AppWindow,
        listener: SpeechListener<
            impl Fn(&str, bool) -> bool + 'static,
            impl Fn(FingerPhase, f32, f32) + 'static,
            impl Fn() + 'static,
        >,
    ) {
        let SpeechListener { key, finger, read } = listener;
        let adapter = window.global::<markup::SpeechAdapter<'_>>();
        adapter.on_key(move |text, repeated| key(&text, repeated));
        adapter.on_finger(move |phase, x, y| {
            let phase = match phase {
                0 => FingerPhase::Down,
                1 => FingerPhase::Move,
                _ => FingerPhase::Up,
            };
            finger(phase, x, y);
        });
        adapter.on_read_document(read);
    }

    /// Sets the properties that differ from those set before.
    pub(crate) fn render(&self, window: &AppWindow, view: SpeechView) {
        let before = self.shown.replace(view.clone());
        if before == view {
            return;
        }
        let adapter = window.global::<markup::SpeechAdapter<'_>>();
        if let Some(place) = view.focus {
            adapter.set_focus_x(place.x);
            adapter.set_focus_y(place.y);
            adapter.set_focus_width(place.width);
            adapter.set_focus_height(place.height);
        }
        adapter.set_focused(view.focus.is_some());
        adapter.set_caption(view.caption.as_str().into());
        adapter.set_on(view.on);
    }
}

/// Where to get a document that cannot be read aloud, in the interface's language.
pub(crate) fn elsewhere(window: &AppWindow) -> String {
    let adapter = window.global::<markup::NoticeAdapter<'_>>();
    adapter.get_elsewhere().to_string()
}
