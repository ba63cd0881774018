//! The device under the kiosk, as far as a technician sets it up.
//!
//! Every part is a trait named after its job, with a real implementation for terminals and a pretended one for desks
//! and tests: a developer's own computer must not lose its network or restart because somebody tried the service
//! screen. The real ones ask the system's own tools (NetworkManager, systemd, sysfs), each bounded in time and output.

mod authority;
mod backlight;
pub(crate) mod command;
mod inspection;
mod network_manager;
mod pretended;
mod restart;
mod time_server;

use std::path::PathBuf;
use std::time::Duration;

pub use authority::{AuthorityError, MediaFolders, authority_of};
pub use backlight::SysfsBacklight;
pub use command::Ending;
pub use inspection::SystemInspector;
pub use network_manager::NetworkManager;
pub use pretended::{Pretended, PretendedState};
pub use restart::SystemdRestart;
pub use time_server::Timesyncd;

use crate::state::service::{Addressing, Authority, DeviceReport, Trouble, TroubleKind};

/// Why the device does not do what it should; [`HardwareError::trouble`] says it to a technician.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    /// A tool of the system cannot be started.
    #[error("{program} cannot be started; is it installed? ({reason})")]
    NotStarted {
        /// Which.
        program: String,
        /// Why.
        reason: String,
    },
    /// It takes too long.
    #[error("{program} did not finish within {} s", limit.as_secs())]
    TooSlow {
        /// Which.
        program: String,
        /// How long it had.
        limit: Duration,
    },
    /// It is not waited for, because the kiosk ends.
    #[error("{program} was left alone: the kiosk ends")]
    Ending {
        /// Which.
        program: String,
    },
    /// It says no.
    #[error("{program}: {reason}")]
    Refused {
        /// Which.
        program: String,
        /// Its own words.
        reason: String,
    },
    /// It says something else than expected.
    #[error("{program} says something unexpected: {answer:?}")]
    Strange {
        /// Which.
        program: String,
        /// What.
        answer: String,
    },
    /// A file refuses.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It says that we may not.
    #[error("{program} lacks the right: {reason}; docs/service.md says which")]
    NotPermitted {
        /// Which.
        program: String,
        /// Its own words.
        reason: String,
    },
    /// This panel's light is not the kernel's to set.
    #[error("this panel's brightness cannot be set by the device; use the panel's own menu")]
    NoBacklight,
    /// There is nothing to be set up.
    #[error("no network connection is set up on this device; plug in the cable")]
    NoConnection,
    /// It is set up in a way that is not known here.
    #[error("the network is set up otherwise than this screen can bring back: {0:?}")]
    Elaborate(String),
    /// Nobody has connected a disk with one.
    #[error("no certificate (.pem, .crt, .cer, .der) was found on a connected disk")]
    NoCertificate,
    /// What was found is not what was looked for.
    #[error("{path}: {reason}")]
    Unfit {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: AuthorityError,
    },
    /// Nobody can say which one is meant.
    #[error("{0} certificates were found on connected disks; leave one")]
    Several(usize),
}

impl HardwareError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// What a technician is told: in their language, and in the system's own words.
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
        Trouble::told(kind, &words)
    }
}

/// How bright the panel is.
pub trait Backlight: Send {
    /// In hundredths.
    ///
    /// # Errors
    ///
    /// When the panel does not say.
    fn brightness(&self) -> Result<u8, HardwareError>;

    /// Sets it.
    ///
    /// # Errors
    ///
    /// When the panel refuses.
    fn set_brightness(&self, percent: u8) -> Result<(), HardwareError>;
}

/// A connection of the device with a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// What names it at the system, whatever becomes of it.
    pub uuid: String,
    /// Whether it is in use.
    pub active: bool,
}

/// Where the device's address comes from.
pub trait NetworkSetup: Send {
    /// The connection of this UUID where it still exists, otherwise the one to be set up: the one in use, if any.
    ///
    /// # Errors
    ///
    /// When the system does not say, or has none.
    fn connection(&self, uuid: Option<&str>) -> Result<Connection, HardwareError>;

    /// How it is set up.
    ///
    /// # Errors
    ///
    /// When the system does not say, or it is set up in a way that cannot be said here.
    fn addressing(&self, connection: &Connection) -> Result<Addressing, HardwareError>;

    /// Sets it up. It counts from when the connection is brought up.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn set_addressing(
        &self,
        connection: &Connection,
        addressing: &Addressing,
    ) -> Result<(), HardwareError>;

    /// Brings it up anew, as it is set up.
    ///
    /// # Errors
    ///
    /// When the system refuses; it may have brought another one up then.
    fn bring_up(&self, connection: &Connection) -> Result<(), HardwareError>;
}

/// Whom the device's clock is set by.
pub trait TimeServer: Send {
    /// The server, when one was set here; otherwise the system's own choice.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    fn time_server(&self) -> Result<Option<String>, HardwareError>;

    /// Sets it, or gives the choice back to the system.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn set_time_server(&self, server: Option<&str>) -> Result<(), HardwareError>;
}

/// Starts the whole device anew.
pub trait RestartSwitch: Send {
    /// Orders it; this program is told to end a moment later.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    fn restart_device(&self) -> Result<(), HardwareError>;
}

/// Disks that somebody connects.
pub trait ConnectedDisks: Send {
    /// The one certificate of an authority on them.
    ///
    /// # Errors
    ///
    /// When there is none, more than one, or it cannot be read.
    fn find_authority(&self) -> Result<Authority, HardwareError>;
}

/// How the device is.
pub trait Inspector: Send {
    /// What can be told now.
    fn report(&self) -> DeviceReport;
}

/// All parts of a device.
pub struct Hardware {
    /// The panel's light.
    pub backlight: Box<dyn Backlight>,
    /// The address.
    pub network: Box<dyn NetworkSetup>,
    /// The clock's server.
    pub time_server: Box<dyn TimeServer>,
    /// Starting anew.
    pub restart: Box<dyn RestartSwitch>,
    /// Disks.
    pub disks: Box<dyn ConnectedDisks>,
    /// How it is.
    pub inspector: Box<dyn Inspector>,
    /// Ends the tools of all of them.
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

    /// A computer that only pretends: it says how it is and reads disks, but nothing about it changes.
    pub fn pretended(pretended: &Pretended, inspector: SystemInspector) -> Self {
        let ending = Ending::default();
        Self {
            backlight: Box::new(pretended.clone()),
            network: Box::new(pretended.clone()),
            time_server: Box::new(pretended.clone()),
            restart: Box::new(pretended.clone()),
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
    fn the_rights_to_install_are_those_that_are_used() {
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
    fn a_technician_reads_no_words_of_ours_beside_the_translated_ones() {
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
