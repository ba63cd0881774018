//! The output of a kiosk's loudspeaker, as espeak-ng produces it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod town;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use slint::platform::Key;
use town::{PATIENCE, Town};
use vyveska::app::{HeadlessKiosk, Sound};
use vyveska::speech::espeak::voice_name;
use vyveska::speech::pronounce::pronounce;
use vyveska::speech::utterance::Utterance;
use vyveska::ui::view_model::Screen;
use vyveska_board::Language;

/// A listener at the loudspeaker; the sound is written to files.
struct Listener<'a> {
    kiosk: &'a HeadlessKiosk,
    folder: &'a Path,
}

impl Listener<'_> {
    /// Waits until everything is said, and returns it with its sound.
    fn hear(&self, act: impl FnOnce()) -> Vec<(Utterance, Vec<i16>)> {
        let speech = self.kiosk.speech();
        speech.take();
        let before = self.files().len();
        act();
        // Silence for as long as the kiosk takes to notice a change.
        let quiet = Cell::new(0);
        self.kiosk
            .until("silence", PATIENCE, |_| {
                let still = speech.speaking().is_none();
                quiet.set(if still { quiet.get() + 1 } else { 0 });
                quiet.get() > 100
            })
            .unwrap();
        let said = speech.take();
        let sounds = self.files().split_off(before);
        assert_eq!(
            said.len(),
            sounds.len(),
            "each sentence is a file: {said:#?}"
        );
        let sounds = sounds.iter().map(|file| samples(file));
        said.into_iter().zip(sounds).collect()
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

fn samples(file: &Path) -> Vec<i16> {
    let bytes = std::fs::read(file).unwrap();
    assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
    let pairs = bytes[44..].chunks_exact(2);
    pairs
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn loudness(samples: &[i16]) -> f64 {
    let squares = samples.iter().map(|sample| f64::from(*sample).powi(2));
    (squares.sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

/// The sound of espeak-ng for the utterance in a language, called directly.
fn directly(said: &Utterance, language: Language) -> Vec<i16> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("direct.wav");
    let status = Command::new("espeak-ng")
        .args(["-v", voice_name(language)])
        .args(["-s", &said.rate.words_per_minute().to_string()])
        .args(["-a", &said.volume.amplitude().to_string()])
        .arg("-w")
        .arg(&file)
        .arg(pronounce(&said.text, said.language))
        .status()
        .unwrap();
    assert!(status.success());
    samples(&file)
}

/// Every utterance has sound, in the voice of its language and no other.
#[track_caller]
fn is_heard(heard: &[(Utterance, Vec<i16>)]) {
    for (said, sound) in heard {
        assert!(loudness(sound) > 300.0, "{said:?} is silent");
        assert!(*sound == directly(said, said.language), "{said:?}");
    }
    let longest = heard.iter().max_by_key(|(said, _)| said.text.len());
    let (said, sound) = longest.unwrap();
    for other in Language::ALL
        .into_iter()
        .filter(|other| *other != said.language)
    {
        assert!(*sound != directly(said, other), "{said:?} in {other:?}");
    }
}

fn words(heard: &[(Utterance, Vec<i16>)]) -> Vec<&str> {
    heard.iter().map(|(said, _)| said.text.as_str()).collect()
}

#[test]
fn the_loudspeaker_asks_first_and_then_speaks_in_the_voice_of_each_language() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let mut options = town.options(1080, 1920);
    options.sound = Sound::Files(folder.path().to_owned());
    let kiosk = HeadlessKiosk::start_unhurried(&options).unwrap();
    kiosk.screen().paint_only_for_pictures();
    kiosk
        .until("the board", PATIENCE, |shown| {
            shown.screen == Screen::Idle && shown.board.total > 30
        })
        .unwrap();
    let listener = Listener {
        kiosk: &kiosk,
        folder: folder.path(),
    };

    // Private listening first: the loudspeaker says the prompt, and nothing of the screen.
    let asked = listener.hear(|| kiosk.press(Key::F8));
    is_heard(&asked);
    assert_eq!(words(&asked)[0], "Předčítání je připraveno.");
    assert!(words(&asked).iter().any(|said| said.contains("sluchátka")));
    assert!(!words(&asked).iter().any(|said| said.contains("Celá deska")));

    // Going on chooses the loudspeaker.
    let chosen = listener.hear(|| kiosk.press(Key::DownArrow));
    is_heard(&chosen);
    assert!(
        words(&chosen)
            .iter()
            .any(|said| said.starts_with("Celá deska"))
    );

    // A higher volume is louder in the file too.
    listener.hear(|| kiosk.press(Key::End));
    let usual = listener.hear(|| kiosk.press(Key::End));
    listener.hear(|| kiosk.press(Key::F6));
    listener.hear(|| kiosk.press(Key::F6));
    let loud = listener.hear(|| kiosk.press(Key::End));
    assert_eq!(words(&usual), words(&loud));
    assert!(loudness(&loud[0].1) > 1.3 * loudness(&usual[0].1));
    is_heard(&loud);
    listener.hear(|| kiosk.press(Key::F8));

    // With headphones there is no prompt; each language has its own voice.
    for (language, name) in [
        (Language::German, "Deutsch"),
        (Language::English, "English"),
    ] {
        kiosk.touch(name).unwrap();
        kiosk
            .until(name, PATIENCE, |shown| shown.language == language)
            .unwrap();
        let heard = listener.hear(|| kiosk.press(Key::F9));
        is_heard(&heard);
        assert!(heard.len() > 3, "{heard:#?}");
        assert!(heard.iter().all(|(said, _)| said.language == language));
        // Unplugged: silent at once.
        assert!(listener.hear(|| kiosk.press(Key::F9)).is_empty());
    }
    kiosk.stop();
}
