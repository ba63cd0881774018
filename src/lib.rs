//! The kiosk.
//!
//! Data flows one way: callback → [`state::Event`] → [`state::State`] → view model → adapter.
//!
//! | Module | What it does |
//! | --- | --- |
//! | [`state`] | the behaviour, pure |
//! | [`ui`] | from the state to the screen and back |
//! | [`sync`] | fetches and verifies what central publishes |
//! | [`store`] | stores it so that it survives power cuts |
//! | [`drawing`], [`page_cache`], [`picture`] | document pages as pictures |
//! | [`search`] | full-text search over notices and documents |
//! | [`journal`] | the sealed record of what was posted and shown |
//! | [`clock`] | the bounds within which the present instant lies |
//! | [`speech`] | reads the screen aloud |
//! | [`device`], [`service_mode`] | the device's settings, and the service screen's commands |
//! | [`worker`], [`recovery`] | supervised threads, and what failures that repeat lead to |
//! | [`headless`] | the same interface without a display |
//! | [`app`] | the composition root |

pub mod app;
pub mod clock;
pub mod device;
pub mod drawing;
pub mod headless;
pub mod journal;
pub mod page_cache;
pub mod picture;
pub mod recovery;
pub mod search;
pub mod service_mode;
pub mod speech;
pub mod state;
pub mod store;
pub mod sync;
pub mod ui;
pub mod worker;
