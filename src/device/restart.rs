//! Restarts the whole device, by systemd.

use std::path::PathBuf;
use std::time::Duration;

use super::command::Ending;
use super::{HardwareError, RestartSwitch, command};

const LIMIT: Duration = Duration::from_secs(20);

/// `systemctl reboot`.
#[derive(Debug, Clone)]
pub struct SystemdRestart {
    systemctl: PathBuf,
    ending: Ending,
}

impl SystemdRestart {
    /// Uses the system's `systemctl`.
    pub fn new(ending: &Ending) -> Self {
        Self::by("systemctl", ending)
    }

    pub fn by(systemctl: impl Into<PathBuf>, ending: &Ending) -> Self {
        Self {
            systemctl: systemctl.into(),
            ending: ending.clone(),
        }
    }
}

impl RestartSwitch for SystemdRestart {
    fn restart_device(&self) -> Result<(), HardwareError> {
        let reboot = ["--no-ask-password", "reboot"];
        command::run(&self.systemctl, &reboot, LIMIT, &self.ending).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::command::tests::script;

    #[test]
    fn a_device_that_may_not_be_restarted_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let yes = script(folder.path(), "yes", "test \"$2\" = reboot");
        assert!(
            SystemdRestart::by(yes, &Ending::default())
                .restart_device()
                .is_ok()
        );
        let no = script(
            folder.path(),
            "no",
            "echo Interactive authentication required. >&2; exit 1",
        );
        let error = SystemdRestart::by(no, &Ending::default())
            .restart_device()
            .unwrap_err();
        assert!(error.to_string().contains("authentication"), "{error}");
    }
}
