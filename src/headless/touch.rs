//! Touch events for the toolkit, and instantiation of its items without painting.
//!
//! Slint has no public touch event yet, so this one file uses the internal one
//! and is the reason why `i-slint-core` is pinned to the exact version of `slint`.

use i_slint_core::input::TouchPhase;
use i_slint_core::item_tree::ItemRc;
use i_slint_core::lengths::LogicalPoint;
use i_slint_core::platform::InternalEvent;
use i_slint_core::window::WindowInner;
use slint::platform::WindowEvent;

use super::gesture::{Finger, Phase};

/// Dispatches a touch to the window, as a panel's driver would.
pub(crate) fn dispatch(window: &slint::Window, finger: Finger) {
    let phase = match finger.phase {
        Phase::Down => TouchPhase::Started,
        Phase::Move => TouchPhase::Moved,
        Phase::Up => TouchPhase::Ended,
    };
    let touch = InternalEvent::Touch {
        id: finger.id,
        position: LogicalPoint::new(finger.x, finger.y),
        phase,
    };
    window.dispatch_event(WindowEvent::internal(touch));
}

/// Instantiates every item of the window, as painting it would.
pub(super) fn instantiate_items(window: &slint::Window) {
    if let Some(component) = WindowInner::from_pub(window).try_component() {
        ItemRc::new_root(component)
            .visit_descendants(|_| std::ops::ControlFlow::<()>::Continue(()));
    }
}
