//! How a display identifies itself before its first board.

use super::Presenter;
use crate::state::State;
use crate::ui::view_model::WaitingView;

/// The device's identification.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// The pairing code made from its key.
    pub pairing_code: String,
    pub central: String,
}

impl Presenter {
    /// Nothing changes here once there are notices.
    pub(super) fn waiting(&self, state: &State) -> WaitingView {
        if state.has_notices() {
            return WaitingView::default();
        }
        WaitingView {
            code: self.device.pairing_code.clone(),
            central: self.device.central.clone(),
            link: state.link().cloned(),
        }
    }
}
