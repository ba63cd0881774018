//! The options that the kiosk is started with.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use url::Url;
use vyveska_pages::WorkerOptions;
use vyveska_wire::enrolment::{EnrolmentFile, EnrolmentToken, MAX_FILE_BYTES};
use vyveska_wire::keys::PublicKey;

use crate::clock::SystemClockVerifier;
use crate::ui::PhysicalPanel;

/// The options that the kiosk is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address of the central service.
    pub central: Url,
    /// Central's public key, and the only one that is believed.
    pub central_key: PublicKey,
    /// What has the display let in where central does not know it.
    pub enrolment: Option<EnrolmentToken>,
    /// Whether central may be asked over `http://` beyond this computer.
    pub allow_http: bool,
    /// The folder for the board, the documents, the device's key and the journal.
    pub data: PathBuf,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How large the screen is and how high it is mounted.
    pub panel: PhysicalPanel,
    pub output_mode: OutputMode,
    pub sound: Sound,
    pub service: ServiceOptions,
    pub clock_verifier: SystemClockVerifier,
    /// The page worker and its limits; the one beside this program when `None`.
    pub worker: Option<WorkerOptions>,
}

/// Reads central's public key.
///
/// # Errors
///
/// When the file cannot be read or holds something else.
pub fn read_central_key(path: &Path) -> anyhow::Result<PublicKey> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read central's public key {}", path.display()))?;
    PublicKey::from_pem(&text).with_context(|| {
        format!(
            "{} does not hold central's public key; `vyveska-central public-key` writes it",
            path.display()
        )
    })
}

/// Reads an enrolment file.
///
/// # Errors
///
/// When the file cannot be read or holds something else.
pub fn read_enrolment(path: &Path) -> anyhow::Result<EnrolmentFile> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text))
        .with_context(|| format!("cannot read the enrolment file {}", path.display()))?;
    EnrolmentFile::from_toml(&text).with_context(|| {
        format!(
            "{} is no enrolment file; `vyveska-central enrol` makes one",
            path.display()
        )
    })
}

/// What the service screen may change, and which PIN opens it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceOptions {
    /// The file with the hash of the PIN that counts until a board has brought one.
    pub pin_file: Option<PathBuf>,
    /// Whether this computer is a terminal: the service screen's commands change it then, and are only simulated
    /// otherwise.
    pub terminal: bool,
}

/// Where speech goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sound {
    /// To the loudspeaker or the headphones.
    Output {
        /// An ALSA device; the system's own output when `None`.
        device: Option<String>,
    },
    /// Into files in a folder, one for each sentence; for tests.
    Files(PathBuf),
    /// Nowhere: captions are shown instead.
    None,
}

impl Default for Sound {
    fn default() -> Self {
        Self::Output { device: None }
    }
}

/// Where the interface appears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputMode {
    Window {
        fullscreen: bool,
    },
    /// Drawn into memory.
    Headless,
    /// Drawn into memory, while a scripted walk touches it and writes one picture a step into `folder`.
    Walk {
        folder: PathBuf,
    },
}
