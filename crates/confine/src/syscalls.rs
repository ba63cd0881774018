//! System calls, restricted by a seccomp allow-list.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};

use crate::error::ConfineError;

/// The system calls that a process may make. All others fail with `errno` and do not kill it: the C library and the
/// standard library probe for optional features.
#[derive(Debug, Clone)]
pub struct Syscalls {
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    errno: i32,
}

impl Syscalls {
    #[must_use]
    pub fn allow(calls: &[i64], errno: i32) -> Self {
        Self {
            rules: calls.iter().map(|call| (*call, Vec::new())).collect(),
            errno,
        }
    }

    /// Allows further calls, whatever their arguments.
    #[must_use]
    pub fn and(mut self, calls: &[i64]) -> Self {
        self.rules
            .extend(calls.iter().map(|call| (*call, Vec::new())));
        self
    }

    /// Allows a call when its argument, an integer of 32 bits, is one of these values.
    ///
    /// # Errors
    ///
    /// When the call has no such argument.
    pub fn with_argument(
        mut self,
        call: i64,
        argument: u8,
        values: &[u32],
    ) -> Result<Self, ConfineError> {
        let rules: Result<Vec<_>, BackendError> = values
            .iter()
            .map(|value| rule(argument, SeccompCmpOp::Eq, *value))
            .collect();
        self.rules.insert(call, rules?);
        Ok(self)
    }

    /// Allows a call unless its argument, an integer of 32 bits, is one of these values.
    ///
    /// # Errors
    ///
    /// When the call has no such argument.
    pub fn without_argument(
        mut self,
        call: i64,
        argument: u8,
        values: &[u32],
    ) -> Result<Self, ConfineError> {
        let conditions: Result<Vec<_>, BackendError> = values
            .iter()
            .map(|value| condition(argument, SeccompCmpOp::Ne, *value))
            .collect();
        self.rules
            .insert(call, vec![SeccompRule::new(conditions?)?]);
        Ok(self)
    }

    /// Allows a call when the bits of `mask` in its argument are exactly `bits`.
    ///
    /// # Errors
    ///
    /// When the call has no such argument.
    pub fn with_bits(
        mut self,
        call: i64,
        argument: u8,
        mask: u32,
        bits: u32,
    ) -> Result<Self, ConfineError> {
        let operator = SeccompCmpOp::MaskedEq(u64::from(mask));
        self.rules
            .insert(call, vec![rule(argument, operator, bits)?]);
        Ok(self)
    }

    /// Gives up all other calls, for this process and its children.
    ///
    /// # Errors
    ///
    /// When the kernel has no seccomp.
    pub fn restrict(self) -> Result<(), ConfineError> {
        let filter = SeccompFilter::new(
            self.rules,
            SeccompAction::Errno(self.errno.unsigned_abs()),
            SeccompAction::Allow,
            std::env::consts::ARCH.try_into()?,
        )?;
        Ok(seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?)
    }
}

fn rule(argument: u8, operator: SeccompCmpOp, value: u32) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![condition(argument, operator, value)?])
}

fn condition(
    argument: u8,
    operator: SeccompCmpOp,
    value: u32,
) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value.into())
}
