//! How far a change of the network is.

use std::time::Duration;

use super::form::{Field, Form, MAX_FIELD_LENGTH};
use super::written::is_written;
use super::{Authority, NetworkSettings};
use crate::state::service::ServiceIntent;
use crate::state::service::trouble::Trouble;
use crate::state::typing::{Strike, Tremor};

/// How long somebody has to say that a network without central stays.
const DECISION: Duration = Duration::from_secs(60);

/// How far a change of the network is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NetworkStage {
    /// It is being read.
    #[default]
    Reading,
    /// It cannot be set up here.
    Unavailable {
        /// Why.
        reason: Trouble,
    },
    /// It can be written.
    Writing,
    /// The device is setting it up.
    Applying,
    /// Central is being tried.
    Trying,
    /// Central is reached: it stays.
    Reached,
    /// Central is not reached, and somebody has to decide.
    Unreached {
        /// Why.
        reason: Trouble,
        /// Until when.
        until: Duration,
    },
    /// It stays though central was not reached.
    Kept,
    /// It becomes what it was.
    Reverting,
    /// It is what it was.
    Reverted,
    /// The device refused it, and it is what it was.
    Refused {
        /// Why.
        reason: Trouble,
    },
    /// It could not be made what it was yet; that is tried again by itself.
    NotBack {
        /// Why.
        reason: Trouble,
    },
    /// It is as it was, and no certificate was read.
    AuthorityNotRead {
        /// Why.
        reason: Trouble,
    },
}

/// What is known of the network while the service screen is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct NetworkVisit {
    pub(crate) form: Form,
    pub(crate) stage: NetworkStage,
    pub(crate) editing: Option<Field>,
    /// It is being asked again how the network is set up.
    asked: bool,
    tremor: Tremor<FieldKey>,
}

/// A key of a field's keyboard that counts once when it trembles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKey {
    Letter(char),
    Erase,
    /// Where it was, the button that tries the network is a moment later.
    Done,
}

impl NetworkVisit {
    pub(crate) fn was_read(&mut self, settings: Result<NetworkSettings, Trouble>) {
        self.asked = false;
        // What is being tried is not what is read now.
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

    /// Whether somebody waits for what becomes of it.
    pub(crate) fn is_on_trial(&self) -> bool {
        matches!(self.stage, NetworkStage::Applying | NetworkStage::Trying)
    }

    /// True when it has to be asked again how the network is set up; once until the answer comes.
    pub(crate) fn asks_again(&mut self) -> bool {
        let asks = matches!(self.stage, NetworkStage::Unavailable { .. }) && !self.asked;
        self.asked |= asks;
        asks
    }

    /// What is written and pressed.
    pub(crate) fn follow(&mut self, intent: ServiceIntent, strike: Strike) {
        let key = match intent {
            ServiceIntent::Type(letter) => Some(FieldKey::Letter(letter)),
            ServiceIntent::EraseLetter => Some(FieldKey::Erase),
            ServiceIntent::DoneEditing => Some(FieldKey::Done),
            _ => None,
        };
        let trembled = key.is_some_and(|key| !self.tremor.accepts(key, strike));
        if trembled || !self.can_write() {
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

    /// What became of the change before no longer matters.
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

    /// The settings to be tried, when what is written makes sense.
    pub(crate) fn apply(&mut self, strike: Strike) -> Option<NetworkSettings> {
        if !self.tremor.accepts(FieldKey::Done, strike) || !self.can_write() {
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

    /// True when the device refused, so that everything is as it was.
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

    /// True when there is something to take back.
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

    /// True when it is what it was, so that it has to be read.
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

    /// Whether somebody had to decide and did not.
    pub(crate) fn is_given_up(&self, now: Duration) -> bool {
        matches!(self.stage, NetworkStage::Unreached { until, .. } if now >= until)
    }
}
