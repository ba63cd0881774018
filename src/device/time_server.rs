//! The NTP server, in a configuration file of our own for systemd-timesyncd.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use super::command::Ending;
use super::{HardwareError, TimeServer, command};

const LIMIT: Duration = Duration::from_secs(20);

/// The configuration file, and the service that reads it.
pub(super) const FILE: &str = "/etc/systemd/timesyncd.conf.d/50-vyveska.conf";
pub(super) const SERVICE: &str = "systemd-timesyncd.service";

/// systemd-timesyncd.
#[derive(Debug, Clone)]
pub struct Timesyncd {
    file: PathBuf,
    systemctl: PathBuf,
    ending: Ending,
}

impl Timesyncd {
    /// Uses the system's folder and `systemctl`.
    pub fn new(ending: &Ending) -> Self {
        Self::with(FILE, "systemctl", ending)
    }

    pub fn with(file: impl Into<PathBuf>, systemctl: impl Into<PathBuf>, ending: &Ending) -> Self {
        Self {
            file: file.into(),
            systemctl: systemctl.into(),
            ending: ending.clone(),
        }
    }
}

impl TimeServer for Timesyncd {
    fn time_server(&self) -> Result<Option<String>, HardwareError> {
        let text = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(HardwareError::io(&self.file)(error)),
        };
        let server = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("NTP="));
        Ok(server.map(|server| server.trim().to_owned()))
    }

    fn set_time_server(&self, server: Option<&str>) -> Result<(), HardwareError> {
        if self.time_server()?.as_deref() == server {
            return Ok(());
        }
        let written = match server {
            Some(server) => {
                if let Some(folder) = self.file.parent() {
                    fs::create_dir_all(folder).map_err(HardwareError::io(folder))?;
                }
                let text = format!(
                    "# Written by the service screen of the notice board.\n[Time]\nNTP={server}\n"
                );
                fs::write(&self.file, text)
            }
            None => fs::remove_file(&self.file),
        };
        written.map_err(HardwareError::io(&self.file))?;
        let restart = ["--no-ask-password", "restart", SERVICE];
        command::run(&self.systemctl, &restart, LIMIT, &self.ending).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::command::tests::script;

    #[test]
    fn a_server_is_written_beside_the_systems_own_choice_and_taken_away_again() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let systemctl = script(
            folder.path(),
            "systemctl",
            &format!("echo \"$@\" >> {}", log.display()),
        );
        let file = folder.path().join("timesyncd.conf.d/50-vyveska.conf");
        let timesyncd = Timesyncd::with(&file, systemctl, &Ending::default());
        assert_eq!(timesyncd.time_server().unwrap(), None);
        timesyncd.set_time_server(None).unwrap();
        assert!(
            !log.exists(),
            "without a change the service is not restarted"
        );
        timesyncd.set_time_server(Some("ntp.obec.example")).unwrap();
        assert_eq!(
            timesyncd.time_server().unwrap().as_deref(),
            Some("ntp.obec.example")
        );
        assert!(fs::read_to_string(&log).unwrap().contains("timesyncd"));
        timesyncd.set_time_server(None).unwrap();
        assert!(!file.exists());
    }
}
