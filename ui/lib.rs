//! The screens, as the markup's compiler writes them.
//!
//! A crate of its own, because it is large and seldom changes: it is compiled once
//! for the kiosk, its tests and its lints, and not again for a line of behaviour.

#![allow(warnings, clippy::all, reason = "written by the markup's compiler")]

slint::include_modules!();
