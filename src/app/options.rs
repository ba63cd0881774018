//! What the kiosk is started with.

use std::path::PathBuf;

use url::Url;
use vyveska_pages::WorkerOptions;

use crate::ui::Panel;

/// What the kiosk is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The central service.
    pub central: Url,
    /// Central's public key, PEM.
    pub central_key: PathBuf,
    /// The folder for the board, the documents, the device's key and the journal.
    pub data: PathBuf,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How large the screen is and how high it hangs.
    pub panel: Panel,
    /// Where the interface appears.
    pub screen: Screen,
    /// Where what is read aloud goes.
    pub sound: Sound,
    /// What the service screen may do, and to whom it opens.
    pub service: ServiceOptions,
    /// The page worker and its bounds; the one beside this program when `None`.
    pub worker: Option<WorkerOptions>,
}

/// What the service screen may do, and to whom it opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceOptions {
    /// The file with the hash of the PIN that counts until a board has brought one.
    pub pin_file: Option<PathBuf>,
    /// Whether this computer is a terminal: what the service screen orders is done to it then, and only pretended
    /// otherwise.
    pub terminal: bool,
}

/// Where what is read aloud goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sound {
    /// To the loudspeaker or the headphones.
    Output {
        /// An ALSA device; the system's own output when `None`.
        device: Option<String>,
    },
    /// Into files in a folder, one for each sentence, as if from the loudspeaker: for tests.
    Files(PathBuf),
    /// Nowhere: what would be said is shown.
    None,
}

impl Default for Sound {
    fn default() -> Self {
        Self::Output { device: None }
    }
}

/// Where the interface appears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// In a window.
    Window {
        /// Filling the screen.
        fullscreen: bool,
    },
    /// Nowhere: drawn into memory.
    Headless,
    /// Nowhere, and a scripted walk touches it and keeps pictures.
    Walk {
        /// Where the pictures go.
        folder: PathBuf,
    },
}
