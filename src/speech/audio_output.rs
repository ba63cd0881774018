//! The audio output and detection of headphones.
//!
//! Headphones are detected by the jack control of the sound card's mixer.
//! A machine without such a control or without a card reports none; there a key switches private listening.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::device::command;
use crate::worker::Worker;

/// How often the jack is read.
const POLL_INTERVAL: Duration = Duration::from_millis(700);

/// Time limit of one `amixer` call.
const COMMAND_LIMIT: Duration = Duration::from_secs(2);

/// Names a list of sound cards in place of the kernel's, in builds with the black-box driver: tests run where there is
/// no sound card.
#[cfg(feature = "demo")]
const CARDS_VARIABLE: &str = "VYVESKA_SOUND_CARDS";

pub trait AudioOutput {
    /// Whether the device can make sound.
    fn is_present(&self) -> bool;

    /// Whether headphones are plugged in, as far as the device reports it.
    fn has_headphones(&self) -> bool;
}

/// An output whose state a test sets.
#[derive(Debug, Clone, Default)]
pub struct FakeAudioOutput {
    pub present: bool,
    pub headphones: bool,
}

impl AudioOutput for FakeAudioOutput {
    fn is_present(&self) -> bool {
        self.present
    }

    fn has_headphones(&self) -> bool {
        self.headphones
    }
}

/// The sound card, through ALSA.
#[derive(Debug)]
pub struct AlsaOutput {
    present: bool,
    headphones: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
    watcher: Option<Worker>,
}

/// The headphone jack: a mixer control of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Jack {
    card: String,
    control: String,
}

impl AlsaOutput {
    /// Finds a sound card and its jack. `changed` is called on another thread when headphones are plugged in or out.
    pub fn start(changed: impl Fn(bool) + Send + 'static) -> Self {
        let cards = std::fs::read_to_string(cards_file()).unwrap_or_default();
        let cards = card_numbers(&cards);
        let headphones = Arc::new(AtomicBool::new(false));
        let stopping = Arc::new(AtomicBool::new(false));
        let jack = cards.iter().find_map(|card| {
            let controls = amixer(&["-c", card, "controls"])?;
            let control = jack_control(&controls)?;
            Some(Jack {
                card: card.clone(),
                control,
            })
        });
        let watcher = jack.and_then(|jack| {
            let (headphones, stopping) = (Arc::clone(&headphones), Arc::clone(&stopping));
            let watch = move || {
                while !stopping.load(Ordering::Acquire) {
                    let state = amixer(&["-c", &jack.card, "cget", &jack.control]);
                    if let Some(plugged) = state.as_deref().and_then(is_on)
                        && headphones.swap(plugged, Ordering::AcqRel) != plugged
                    {
                        changed(plugged);
                    }
                    std::thread::park_timeout(POLL_INTERVAL);
                }
            };
            Worker::start("headphones", watch)
                .inspect_err(|error| tracing::warn!(%error, "headphones are not detected"))
                .ok()
        });
        Self {
            present: !cards.is_empty(),
            headphones,
            stopping,
            watcher,
        }
    }
}

impl AudioOutput for AlsaOutput {
    fn is_present(&self) -> bool {
        self.present
    }

    fn has_headphones(&self) -> bool {
        self.headphones.load(Ordering::Acquire)
    }
}

impl Drop for AlsaOutput {
    fn drop(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            watcher.may_end();
            self.stopping.store(true, Ordering::Release);
            watcher.unpark();
            watcher.join();
        }
    }
}

/// The kernel's list of sound cards.
fn cards_file() -> PathBuf {
    #[cfg(feature = "demo")]
    if let Some(file) = std::env::var_os(CARDS_VARIABLE) {
        return file.into();
    }
    PathBuf::from("/proc/asound/cards")
}

fn amixer(arguments: &[&str]) -> Option<String> {
    command::run(
        Path::new("amixer"),
        arguments,
        COMMAND_LIMIT,
        &command::Ending::default(),
    )
    .inspect_err(|error| tracing::debug!(%error, "the jack cannot be read"))
    .ok()
}

/// The card numbers in `/proc/asound/cards`.
fn card_numbers(cards: &str) -> Vec<String> {
    cards
        .lines()
        .filter_map(|line| line.split_once('[')?.0.trim().parse::<u8>().ok())
        .map(|number| number.to_string())
        .collect()
}

/// The jack's control in the output of `amixer controls`, in the form that `cget` accepts.
fn jack_control(controls: &str) -> Option<String> {
    controls
        .lines()
        .find(|line| {
            let line = line.to_lowercase();
            (line.contains("headphone") || line.contains("headset"))
                && line.contains("jack")
                && !line.contains("phantom")
        })
        .and_then(|line| line.split(',').next())
        .map(|number| number.trim().to_owned())
        .filter(|number| number.starts_with("numid="))
}

/// The state of a switch in the output of `amixer cget`.
fn is_on(state: &str) -> Option<bool> {
    let value = state
        .lines()
        .find_map(|line| line.trim().strip_prefix(": values="))?;
    Some(value.split(',').any(|value| value.trim() == "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jack_is_found_among_the_controls() {
        let cards = " 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones\n                      bcm2835 Headphones\n 1 [PCH            ]: HDA-Intel - HDA Intel PCH\n";
        assert_eq!(card_numbers(cards), ["0", "1"]);
        assert!(card_numbers("--- no soundcards ---\n").is_empty());
        let controls = "numid=13,iface=CARD,name='HDMI/DP,pcm=3 Jack'\n\
                        numid=9,iface=CARD,name='Headphone Mic Phantom Jack'\n\
                        numid=10,iface=CARD,name='Headphone Jack'\n\
                        numid=2,iface=MIXER,name='Headphone Playback Switch'\n";
        assert_eq!(jack_control(controls).as_deref(), Some("numid=10"));
        assert_eq!(jack_control("numid=2,iface=MIXER,name='PCM'"), None);
    }

    #[test]
    fn the_jack_reports_whether_it_is_used() {
        let state = |value: &str| {
            format!(
                "numid=10,iface=CARD,name='Headphone Jack'\n  ; type=BOOLEAN,access=r-------,values=1\n  : values={value}\n"
            )
        };
        assert_eq!(is_on(&state("on")), Some(true));
        assert_eq!(is_on(&state("off")), Some(false));
        assert_eq!(is_on("nothing"), None);
    }

    #[test]
    fn a_machine_without_a_card_has_no_headphones() {
        let output = AlsaOutput::start(|_| ());
        if !output.is_present() {
            assert!(!output.has_headphones());
        }
    }
}
