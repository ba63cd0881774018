//! The stages of a change of the network.

use std::time::Duration;

use super::form::{Field, Form, MAX_FIELD_LENGTH};
use super::written::is_written;
use super::{Authority, NetworkSettings};
use crate::state::service_mode::ServiceIntent;
use crate::state::service_mode::trouble::Trouble;
use crate::state::typing::{Debounce, KeyPress};

/// How long somebody has to confirm a network without central.
const DECISION: Duration = Duration::from_secs(60);

/// The stage of a change of the network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NetworkStage {
    #[default]
    Reading,
    /// The network cannot be set up here.
    Unavailable { reason: Trouble },
    /// The form can be edited.
    Writing,
    /// The device is applying the set-up.
    Applying,
    /// The connection to central is being tested.
    Trying,
    /// Central was reached: the set-up stays.
    Reached,
    /// Central was not reached: the technician has to decide.
    Unreached {
        reason: Trouble,
        /// The deadline of the decision.
        until: Duration,
    },
    /// The set-up was kept though central was not reached.
    Kept,
    /// The set-up before is being restored.
    Reverting,
    /// The set-up before is restored.
    Reverted,
    /// The device refused the set-up; nothing has changed.
    Refused { reason: Trouble },
    /// The set-up before could not be restored yet; that is retried by itself.
    NotBack { reason: Trouble },
    /// No certificate was read; nothing has changed.
    AuthorityNotRead { reason: Trouble },
}

/// The network part of the service screen while it is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct NetworkSession {
    pub(crate) form: Form,
    pub(crate) stage: NetworkStage,
    pub(crate) editing: Option<Field>,
    /// The set-up is being read again.
    asked: bool,
    debounce: Debounce<FieldKey>,
}

/// A key of a field's keyboard, debounced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKey {
    Letter(char),
    Erase,
    /// The button that tries the network appears in its place, so a second touch must not reach that.
    Done,
}

impl NetworkSession {
    pub(crate) fn was_read(&mut self, settings: Result<NetworkSettings, Trouble>) {
        self.asked = false;
        // A reading during a trial does not replace the form.
        if !self.can_write()
            && !matches!(
                self.stage,
                NetworkStage::Reading | NetworkStage::Unavailable { .. }
            )
        {
            return;
        }
        match settings {
            Ok(settings) => {
                self.form = Form::of(&settings);
                if matches!(
                    self.stage,
                    NetworkStage::Reading | NetworkStage::Unavailable { .. }
                ) {
                    self.stage = NetworkStage::Writing;
                }
            }
            Err(reason) => self.stage = NetworkStage::Unavailable { reason },
        }
    }

    fn can_write(&self) -> bool {
        matches!(
            self.stage,
            NetworkStage::Writing
                | NetworkStage::Reached
                | NetworkStage::Kept
                | NetworkStage::Reverted
                | NetworkStage::Refused { .. }
                | NetworkStage::NotBack { .. }
                | NetworkStage::AuthorityNotRead { .. }
        )
    }

    /// Whether the user waits for the outcome of the trial.
    pub(crate) fn is_on_trial(&self) -> bool {
        matches!(self.stage, NetworkStage::Applying | NetworkStage::Trying)
    }

    /// True when the set-up has to be read again; once until the reply.
    pub(crate) fn asks_again(&mut self) -> bool {
        let asks = matches!(self.stage, NetworkStage::Unavailable { .. }) && !self.asked;
        self.asked |= asks;
        asks
    }

    /// Applies an intent to the form.
    pub(crate) fn handle(&mut self, intent: ServiceIntent, key_press: KeyPress) {
        let key = match intent {
            ServiceIntent::Type(letter) => Some(FieldKey::Letter(letter)),
            ServiceIntent::EraseLetter => Some(FieldKey::Erase),
            ServiceIntent::DoneEditing => Some(FieldKey::Done),
            _ => None,
        };
        let repeated = key.is_some_and(|key| !self.debounce.accepts(key, key_press));
        if repeated || !self.can_write() {
            return;
        }
        match intent {
            ServiceIntent::UseDhcp(dhcp) => {
                self.form.dhcp = dhcp;
                self.touch();
            }
            ServiceIntent::Edit(field) if !(self.form.dhcp && field.is_of_fixed_address()) => {
                self.editing = Some(field);
            }
            ServiceIntent::Type(letter) => self.write(|text| {
                if text.chars().count() < MAX_FIELD_LENGTH && is_written(letter) {
                    text.push(letter);
                }
            }),
            ServiceIntent::EraseLetter => self.write(|text| {
                text.pop();
            }),
            ServiceIntent::ClearField => self.write(String::clear),
            ServiceIntent::DoneEditing => self.editing = None,
            ServiceIntent::RemoveAuthority => {
                self.form.authority = None;
                self.touch();
            }
            _ => {}
        }
    }

    fn write(&mut self, change: impl FnOnce(&mut String)) {
        if let Some(field) = self.editing {
            change(self.form.texts.entry(field).or_default());
            self.form.problems.remove(&field);
            self.touch();
        }
    }

    /// The outcome of the change before no longer matters.
    fn touch(&mut self) {
        self.stage = NetworkStage::Writing;
    }

    pub(crate) fn found_authority(&mut self, found: Result<Authority, Trouble>) {
        if !self.can_write() {
            return;
        }
        match found {
            Ok(authority) => {
                self.form.authority = Some(authority);
                self.touch();
            }
            Err(reason) => self.stage = NetworkStage::AuthorityNotRead { reason },
        }
    }

    /// The settings to be tried, when the form is valid.
    pub(crate) fn apply(&mut self, key_press: KeyPress) -> Option<NetworkSettings> {
        if !self.debounce.accepts(FieldKey::Done, key_press) || !self.can_write() {
            return None;
        }
        self.editing = None;
        match self.form.read() {
            Ok(settings) => {
                self.form.problems.clear();
                self.stage = NetworkStage::Applying;
                Some(settings)
            }
            Err(problems) => {
                self.form.problems = problems;
                self.stage = NetworkStage::Writing;
                None
            }
        }
    }

    /// True when the device refused, so that nothing has changed.
    pub(crate) fn was_applied(&mut self, outcome: Result<(), Trouble>) -> bool {
        if self.stage != NetworkStage::Applying {
            return false;
        }
        let refused = outcome.is_err();
        self.stage = match outcome {
            Ok(()) => NetworkStage::Trying,
            Err(reason) => NetworkStage::Refused { reason },
        };
        refused
    }

    /// True when central was reached and the change stays.
    pub(crate) fn was_tried(&mut self, outcome: Result<(), Trouble>, now: Duration) -> bool {
        if self.stage != NetworkStage::Trying {
            return false;
        }
        match outcome {
            Ok(()) => {
                self.stage = NetworkStage::Reached;
                true
            }
            Err(reason) => {
                let until = now.saturating_add(DECISION);
                self.stage = NetworkStage::Unreached { reason, until };
                false
            }
        }
    }

    /// True when there is something to keep.
    pub(crate) fn keep(&mut self) -> bool {
        let keeps = matches!(self.stage, NetworkStage::Unreached { .. });
        if keeps {
            self.stage = NetworkStage::Kept;
        }
        keeps
    }

    /// True when there is something to revert.
    pub(crate) fn revert(&mut self) -> bool {
        let reverts = matches!(
            self.stage,
            NetworkStage::Trying | NetworkStage::Unreached { .. }
        );
        if reverts {
            self.stage = NetworkStage::Reverting;
        }
        reverts
    }

    /// True when the set-up before is restored, so that it has to be read.
    pub(crate) fn was_reverted(&mut self, outcome: Result<(), Trouble>) -> bool {
        let waited = matches!(
            self.stage,
            NetworkStage::Reverting | NetworkStage::NotBack { .. }
        );
        match outcome {
            Ok(()) if waited => {
                self.stage = NetworkStage::Reverted;
                return true;
            }
            Err(reason) if waited || self.can_write() => {
                self.stage = NetworkStage::NotBack { reason };
            }
            _ => {}
        }
        false
    }

    /// Whether the deadline of the decision has passed.
    pub(crate) fn is_given_up(&self, now: Duration) -> bool {
        matches!(self.stage, NetworkStage::Unreached { until, .. } if now >= until)
    }
}
