//! The device that the kiosk runs on, as far as a technician sets it up.
//!
//! Every part is a trait with a real implementation for terminals and a fake one for development and tests: a
//! developer's own computer must not lose its network or restart because somebody tried the service screen.
//! The real ones run the system's own tools (NetworkManager, systemd, sysfs), each bounded in time and output.

mod authority;
mod backlight;
pub(crate) mod command;
mod fake;
mod health;
mod inspection;
mod network_manager;
mod restart;
mod time_server;

use std::path::PathBuf;
use std::time::Duration;

pub use authority::{AuthorityError, MediaFolders, authority_of};
pub use backlight::SysfsBacklight;
pub use command::Ending;
pub use fake::{FakeDevice, FakeDeviceState};
pub use health::SystemHealth;
pub use inspection::SystemInspector;
pub use network_manager::NetworkManager;
pub use restart::SystemdRestart;
pub use time_server::Timesyncd;

use vyveska_wire::status::Status;

use crate::state::service_mode::{Addressing, Authority, DeviceReport, Trouble, TroubleKind};

/// Why a command to the device failed; [`HardwareError::trouble`] gives the message for a technician.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    /// A tool of the system cannot be started.
    #[error("{program} cannot be started; is it installed? ({reason})")]
    NotStarted { program: String, reason: String },
    #[error("{program} did not finish within {} s", limit.as_secs())]
    TooSlow { program: String, limit: Duration },
    /// The kiosk ends and does not wait for the tool.
    #[error("{program} was left alone: the kiosk ends")]
    Ending { program: String },
    #[error("{program}: {reason}")]
    Refused {
        program: String,
        /// The tool's own message.
        reason: String,
    },
    /// The tool's output has an unexpected form.
    #[error("{program} says something unexpected: {answer:?}")]
    Strange { program: String, answer: String },
    #[error("cannot use {path}: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The kiosk's user lacks the right.
    #[error("{program} lacks the right: {reason}; docs/service.md says which")]
    NotPermitted {
        program: String,
        /// The tool's own message.
        reason: String,
    },
    /// The kernel has no backlight for this panel.
    #[error("this panel's brightness cannot be set by the device; use the panel's own menu")]
    NoBacklight,
    #[error("no network connection is set up on this device; plug in the cable")]
    NoConnection,
    /// The network is set up in a way that [`Addressing`] cannot express.
    #[error("the network is set up otherwise than this screen can bring back: {0:?}")]
    Elaborate(String),
    #[error("no certificate (.pem, .crt, .cer, .der) was found on a connected disk")]
    NoCertificate,
    #[error("{path}: {reason}")]
    Unfit {
        path: PathBuf,
        reason: AuthorityError,
    },
    /// More than one certificate was found; the number.
    #[error("{0} certificates were found on connected disks; leave one")]
    Several(usize),
}

impl HardwareError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// The message for a technician: a translated kind, and the system's own words.
    pub fn trouble(&self) -> Trouble {
        let (kind, words) = match self {
            Self::NotStarted { program, reason } => {
                (TroubleKind::ToolMissing, format!("{program}: {reason}"))
            }
            Self::TooSlow { program, .. } => (TroubleKind::TooSlow, program.clone()),
            Self::Ending { program } => (TroubleKind::Ending, program.clone()),
            Self::Refused { program, reason } => {
                (TroubleKind::Refused, format!("{program}: {reason}"))
            }
            Self::NotPermitted { program, reason } => {
                (TroubleKind::NotPermitted, format!("{program}: {reason}"))
            }
            Self::Strange { program, answer } => {
                (TroubleKind::Strange, format!("{program}: {answer}"))
            }
            Self::Io { path, source } => {
                let kind = if source.kind() == std::io::ErrorKind::PermissionDenied {
                    TroubleKind::NotPermitted
                } else {
                    TroubleKind::File
                };
                (kind, format!("{}: {source}", path.display()))
            }
            Self::NoBacklight => (TroubleKind::NoBacklight, String::new()),
            Self::NoConnection => (TroubleKind::NoConnection, String::new()),
            Self::Elaborate(answer) => (TroubleKind::Elaborate, answer.clone()),
            Self::NoCertificate => (TroubleKind::NoCertificate, String::new()),
            Self::Unfit { reason, .. } => {
                let kind = match reason {
                    AuthorityError::TooLarge => TroubleKind::CertificateTooLarge,
                    AuthorityError::NotACertificate => TroubleKind::NotACertificate,
                    AuthorityError::Damaged => TroubleKind::CertificateDamaged,
                };
                (kind, String::new())
            }
            Self::Several(_) => (TroubleKind::SeveralCertificates, String::new()),
        };
        Trouble::new(kind, &words)
    }
}

/// The panel's brightness.
pub trait Backlight: Send {
    /// In per cent.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn brightness(&self) -> Result<u8, HardwareError>;

    /// # Errors
    ///
    /// When the panel refuses.
    fn set_brightness(&self, percent: u8) -> Result<(), HardwareError>;
}

/// A network connection that is configured on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// NetworkManager's identifier, which stays when the connection is renamed.
    pub uuid: String,
    pub active: bool,
}

/// The device's IP configuration.
pub trait NetworkSetup: Send {
    /// The connection with this UUID where it still exists, otherwise the one to configure: the one in use, if any.
    ///
    /// # Errors
    ///
    /// When the system does not answer, or has none.
    fn connection(&self, uuid: Option<&str>) -> Result<Connection, HardwareError>;

    /// # Errors
    ///
    /// When the system does not answer, or [`Addressing`] cannot express the configuration.
    fn addressing(&self, connection: &Connection) -> Result<Addressing, HardwareError>;

    /// Configures the connection. The change takes effect when the connection is brought up.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn set_addressing(
        &self,
        connection: &Connection,
        addressing: &Addressing,
    ) -> Result<(), HardwareError>;

    /// Brings the connection up again with its present configuration.
    ///
    /// # Errors
    ///
    /// When the system refuses; it may have brought another one up then.
    fn bring_up(&self, connection: &Connection) -> Result<(), HardwareError>;
}

/// The server that the device's clock is set by.
pub trait TimeServer: Send {
    /// The server that was set here; `None` when the system chooses.
    ///
    /// # Errors
    ///
    /// When the system does not answer.
    fn time_server(&self) -> Result<Option<String>, HardwareError>;

    /// Sets the server, or lets the system choose again.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn set_time_server(&self, server: Option<&str>) -> Result<(), HardwareError>;
}

/// Restarts the whole device.
pub trait RestartSwitch: Send {
    /// Requests the restart; the system ends this program a moment later.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn restart_device(&self) -> Result<(), HardwareError>;
}

/// Removable disks.
pub trait ConnectedDisks: Send {
    /// The only certificate of an authority on them.
    ///
    /// # Errors
    ///
    /// When there is none, more than one, or it cannot be read.
    fn find_authority(&self) -> Result<Authority, HardwareError>;
}

/// The device's health.
pub trait Inspector: Send {
    fn report(&self) -> DeviceReport;
}

/// The device's health, for its status.
pub trait HealthMonitor: Send + Sync {
    /// Fills in what the device tells of itself, and leaves alone what it does not.
    fn measure(&self, status: &mut Status);
}

/// All parts of a device.
pub struct Hardware {
    pub backlight: Box<dyn Backlight>,
    pub network: Box<dyn NetworkSetup>,
    pub time_server: Box<dyn TimeServer>,
    pub restart: Box<dyn RestartSwitch>,
    pub disks: Box<dyn ConnectedDisks>,
    pub inspector: Box<dyn Inspector>,
    /// Ends the running tools of all parts.
    pub ending: Ending,
}

impl Hardware {
    /// The device this program runs on.
    pub fn of_terminal(inspector: SystemInspector) -> Self {
        let ending = Ending::default();
        Self {
            backlight: Box::new(SysfsBacklight::default()),
            network: Box::new(NetworkManager::new(&ending)),
            time_server: Box::new(Timesyncd::new(&ending)),
            restart: Box::new(SystemdRestart::new(&ending)),
            disks: Box::new(MediaFolders::default()),
            inspector: Box::new(inspector.ending_with(&ending)),
            ending,
        }
    }

    /// A simulated device: it reports its health and reads disks, but commands change nothing.
    pub fn fake(fake: &FakeDevice, inspector: SystemInspector) -> Self {
        let ending = Ending::default();
        Self {
            backlight: Box::new(fake.clone()),
            network: Box::new(fake.clone()),
            time_server: Box::new(fake.clone()),
            restart: Box::new(fake.clone()),
            disks: Box::new(MediaFolders::default()),
            inspector: Box::new(inspector.ending_with(&ending)),
            ending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_installed_rights_are_those_that_are_used() {
        let polkit = include_str!("../deploy/device/etc/polkit-1/rules.d/50-vyveska.rules");
        let tmpfiles = include_str!("../deploy/device/etc/tmpfiles.d/vyveska.conf");
        let backlight =
            include_str!("../deploy/device/etc/udev/rules.d/70-vyveska-backlight.rules");
        let restarts = format!("\"unit\") === \"{}\"", time_server::SERVICE);
        assert!(polkit.contains(&restarts), "{restarts}");
        let (folder, _) = time_server::FILE.rsplit_once('/').unwrap();
        assert!(tmpfiles.contains(&format!("d {folder} ")), "{folder}");
        assert!(
            backlight.contains("SUBSYSTEM==\"backlight\"") && backlight.contains("/brightness")
        );
    }

    #[test]
    fn a_technician_reads_no_untranslated_words_but_the_systems() {
        let io = |kind| HardwareError::Io {
            path: "/etc/x".into(),
            source: std::io::Error::new(kind, "its words"),
        };
        let cases = [
            (
                HardwareError::TooSlow {
                    program: "nmcli".to_owned(),
                    limit: Duration::from_secs(10),
                },
                TroubleKind::TooSlow,
                "nmcli",
            ),
            (HardwareError::NoBacklight, TroubleKind::NoBacklight, ""),
            (HardwareError::NoConnection, TroubleKind::NoConnection, ""),
            (HardwareError::NoCertificate, TroubleKind::NoCertificate, ""),
            (
                HardwareError::Several(2),
                TroubleKind::SeveralCertificates,
                "",
            ),
            (
                io(std::io::ErrorKind::NotFound),
                TroubleKind::File,
                "/etc/x: its words",
            ),
            (
                io(std::io::ErrorKind::PermissionDenied),
                TroubleKind::NotPermitted,
                "/etc/x: its words",
            ),
            (
                HardwareError::Unfit {
                    path: "/media/a.pem".into(),
                    reason: AuthorityError::Damaged,
                },
                TroubleKind::CertificateDamaged,
                "",
            ),
        ];
        for (error, kind, words) in cases {
            let trouble = error.trouble();
            assert_eq!((trouble.kind(), trouble.words()), (kind, words), "{error}");
        }
    }
}
