//! Access to files, restricted by landlock.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use serde::{Deserialize, Serialize};

use crate::error::ConfineError;

const NEWEST: ABI = ABI::V7;

/// How much of landlock the kernel enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandlockState {
    Full,
    Partial,
    None,
}

/// The files that a process may use; the default is none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// Files and folders to read and execute.
    pub read: Vec<PathBuf>,
    /// Folders in which files may be created, read and written.
    pub write: Vec<PathBuf>,
    /// Device files to read, write and control, and folders of such files.
    pub devices: Vec<PathBuf>,
}

impl Files {
    /// Gives up all other files for this process and its children, and also TCP, abstract sockets and signals to
    /// processes outside, where the kernel's landlock covers them. Paths that do not exist are skipped.
    ///
    /// # Errors
    ///
    /// When the kernel has landlock and refuses.
    pub fn restrict(&self) -> Result<LandlockState, ConfineError> {
        let (read, write, devices) = (
            AccessFs::from_read(NEWEST),
            AccessFs::ReadFile
                | AccessFs::ReadDir
                | AccessFs::WriteFile
                | AccessFs::Truncate
                | AccessFs::MakeReg,
            AccessFs::ReadFile
                | AccessFs::ReadDir
                | AccessFs::WriteFile
                | AccessFs::Truncate
                | AccessFs::IoctlDev,
        );
        let status = everything(Ruleset::default(), NEWEST)?
            .create()?
            .add_rules(path_beneath_rules(&self.read, read))?
            .add_rules(path_beneath_rules(&self.write, write))?
            .add_rules(path_beneath_rules(&self.devices, devices))?
            .restrict_self()?;
        Ok(match status.ruleset {
            RulesetStatus::FullyEnforced => LandlockState::Full,
            RulesetStatus::PartiallyEnforced => LandlockState::Partial,
            RulesetStatus::NotEnforced => LandlockState::None,
        })
    }
}

/// How much of landlock the kernel would enforce. Restricts nothing.
#[must_use]
pub fn landlock_support() -> LandlockState {
    let enforces = |abi| {
        everything(
            Ruleset::default().set_compatibility(CompatLevel::HardRequirement),
            abi,
        )
        .and_then(Ruleset::create)
        .is_ok()
    };
    if enforces(NEWEST) {
        LandlockState::Full
    } else if enforces(ABI::V1) {
        LandlockState::Partial
    } else {
        LandlockState::None
    }
}

/// A ruleset that handles all that this version of landlock can restrict.
fn everything(ruleset: Ruleset, abi: ABI) -> Result<Ruleset, RulesetError> {
    let mut ruleset = ruleset.handle_access(AccessFs::from_all(abi))?;
    let (net, scope) = (AccessNet::from_all(abi), Scope::from_all(abi));
    if net != BitFlags::EMPTY {
        ruleset = ruleset.handle_access(net)?;
    }
    if scope != BitFlags::EMPTY {
        ruleset = ruleset.scope(scope)?;
    }
    Ok(ruleset)
}
