//! The kiosk.
//!
//! Everything goes round in one circle: callback → [`state::Event`] → [`state::State`] → view model → adapter.
//!
//! | Module | What it does |
//! | --- | --- |
//! | [`state`] | the behaviour, pure |
//! | [`ui`] | from the state to the screen and back |
//! | [`sync`] | takes over what central has, verified |
//! | [`store`] | keeps it through power cuts |
//! | [`drawing`], [`gallery`] | pages of documents as pictures |
//! | [`search`] | which notices have the words somebody types |
//! | [`journal`] | the sealed record of what hung |
//! | [`clock`] | what the device knows about now |
//! | [`months`] | the names of months |
//! | [`speech`] | says what is on the screen |
//! | [`hardware`], [`service_desk`] | the device under the kiosk, and what a technician has done to it |
//! | [`headless`] | the same interface without a display |
//! | [`app`] | puts it all together |

pub mod app;
pub mod clock;
pub mod drawing;
pub mod gallery;
pub mod hardware;
pub mod headless;
pub mod journal;
pub mod months;
pub mod search;
pub mod service_desk;
pub mod speech;
pub mod state;
pub mod store;
pub mod sync;
pub mod ui;
