//! The bridge to the screen: view models, and the adapters that draw them.

pub mod view_model;
