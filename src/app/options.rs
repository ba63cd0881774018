//! The options that the kiosk is started with.

use std::path::PathBuf;

use url::Url;
use vyveska_pages::WorkerOptions;

use crate::clock::SystemClockVerifier;
use crate::ui::PhysicalPanel;

/// The options that the kiosk is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address of the central service.
    pub central: Url,
    /// Central's public key, PEM.
    pub central_key: PathBuf,
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
