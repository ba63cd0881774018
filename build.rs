//! Builds the interface.
fn main() {}
