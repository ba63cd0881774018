//! Joins the state to the journal.

use std::path::Path;
use std::sync::Arc;

use vyveska_wire::manifest::ContentHash;

use crate::clock::DeviceClock;
use crate::state::{Now, State};
use crate::store::Snapshot;
use crate::sync::{BeforeSwitch, DeviceIdentity};

/// Records.
pub(super) struct Recorder;

impl Recorder {
    pub(super) fn start(
        _data: &Path,
        _identity: &DeviceIdentity,
        _clock: &Arc<DeviceClock>,
        _snapshot: Option<&Snapshot>,
    ) -> anyhow::Result<Self> {
        Ok(Self)
    }

    pub(super) fn before_switch(&self) -> BeforeSwitch {
        Box::new(|_| Ok(()))
    }

    pub(super) fn manifest_refused(&self, _number: Option<u64>, _reason: String, _now: &Now) {}

    pub(super) fn document_not_drawable(
        &self,
        _state: &State,
        _document: ContentHash,
        _code: &'static str,
        _now: &Now,
    ) {
    }

    pub(super) fn follow(&mut self, _state: &State, _now: &Now) {}

    pub(super) fn stop(&self, _now: &Now) {}
}
