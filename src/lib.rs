//! The kiosk.
//!
//! Everything goes round in one circle: callback → [`state::Event`] → state → view model → adapter.

pub mod headless;
pub mod state;
pub mod store;
pub mod sync;
pub mod ui;
