//! The voice of espeak-ng, as a program of its own.
//!
//! One child for each utterance: it is interrupted by ending it, which nothing it does can delay,
//! and a text that crashes it costs one sentence. The words go in through its standard input, never as arguments.
//! Either it plays them itself, or hands them to `aplay` for a device that was named, or writes them to files.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use vyveska_board::Language;

use super::pronounce::pronounce;
use super::sentences::LONGEST;
use super::utterance::Utterance;
use super::voice::Voice;

/// How often a speaking child is looked after: an interruption is heard after this long at most.
const LOOK: Duration = Duration::from_millis(15);

/// A voice that has not ended after this and after [`LETTER_TAKES`] for each letter hangs, and is ended.
const GRACE: Duration = Duration::from_secs(5);

/// Three times what a letter takes at one word a minute.
const LETTER_TAKES: Duration = Duration::from_secs(32);

/// How many times longer than as written a text can become by being pronounced; what is over is cut.
const LONGEST_SAID: usize = 8 * LONGEST;

/// How to run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EspeakOptions {
    /// The program.
    pub program: PathBuf,
    /// Where its sound goes.
    pub output: EspeakOutput,
}

/// Where the sound goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EspeakOutput {
    /// To the system's own output.
    Default,
    /// To an ALSA device, through `aplay`.
    Device(String),
    /// Into files `0001-cs.wav` and so on in a folder.
    Files(PathBuf),
}

impl Default for EspeakOptions {
    fn default() -> Self {
        Self {
            program: PathBuf::from("espeak-ng"),
            output: EspeakOutput::Default,
        }
    }
}

/// Why there is no voice.
#[derive(Debug, thiserror::Error)]
pub enum EspeakError {
    /// Its thread could not be started.
    #[error("cannot start the voice's thread: {0}")]
    Thread(#[source] std::io::Error),
}

/// The voice of espeak-ng.
#[derive(Debug)]
pub struct EspeakVoice {
    commands: Sender<Order>,
    audible: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Order {
    Speak(Utterance),
    Stop,
    End,
}

impl EspeakVoice {
    /// Gets ready. Every utterance that was said to its end, or could not be said, goes to `said` by its number,
    /// from another thread.
    ///
    /// # Errors
    ///
    /// When its thread cannot be started. A missing program is noticed and logged at the first utterance.
    pub fn start(
        options: EspeakOptions,
        said: impl Fn(u64) + Send + 'static,
    ) -> Result<Self, EspeakError> {
        let audible = Arc::new(AtomicBool::new(true));
        let (commands, received) = channel();
        let speaker = Speaker {
            options,
            audible: Arc::clone(&audible),
            said: Box::new(said),
            speaking: None,
            count: 0,
        };
        let thread = std::thread::Builder::new()
            .name("voice".to_owned())
            .spawn(move || speaker.run(&received))
            .map_err(EspeakError::Thread)?;
        Ok(Self {
            commands,
            audible,
            thread: Some(thread),
        })
    }

    fn send(&self, command: Order) {
        if self.commands.send(command).is_err() {
            tracing::error!("the voice's thread has ended; nothing is said any more");
            self.audible.store(false, Ordering::Release);
        }
    }
}

impl Voice for EspeakVoice {
    fn speak(&mut self, utterance: &Utterance) {
        self.send(Order::Speak(utterance.clone()));
    }

    fn stop(&mut self) {
        self.send(Order::Stop);
    }

    fn is_audible(&self) -> bool {
        self.audible.load(Ordering::Acquire)
    }
}

impl Drop for EspeakVoice {
    fn drop(&mut self) {
        self.send(Order::End);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the voice's thread panicked");
        }
    }
}

struct Speaker {
    options: EspeakOptions,
    audible: Arc<AtomicBool>,
    said: Box<dyn Fn(u64) + Send>,
    speaking: Option<Speaking>,
    count: u32,
}

/// The children that say an utterance: the synthesizer, and the player it hands the sound to.
struct Speaking {
    number: u64,
    children: Vec<Child>,
    /// How often it is looked after before it hangs: nobody is there for a sentence that never ends.
    looks_left: u32,
}

impl Speaker {
    fn run(mut self, received: &Receiver<Order>) {
        loop {
            let command = if self.speaking.is_some() {
                match received.recv_timeout(LOOK) {
                    Ok(command) => Some(command),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => Some(Order::End),
                }
            } else {
                Some(received.recv().unwrap_or(Order::End))
            };
            match command {
                Some(Order::Speak(utterance)) => {
                    self.interrupt();
                    self.speak(&utterance);
                }
                Some(Order::Stop) => self.interrupt(),
                Some(Order::End) => {
                    self.interrupt();
                    return;
                }
                None => self.look(),
            }
        }
    }

    fn speak(&mut self, utterance: &Utterance) {
        self.count += 1;
        match begin(&self.options, utterance, self.count) {
            Ok(children) => {
                self.speaking = Some(Speaking {
                    number: utterance.number,
                    children,
                    looks_left: looks_for(utterance),
                });
            }
            Err((program, error)) => {
                self.is_silent(&program, &error);
                (self.said)(utterance.number);
            }
        }
    }

    fn look(&mut self) {
        let Some(speaking) = &mut self.speaking else {
            return;
        };
        let ended = speaking
            .children
            .iter_mut()
            .all(|child| match child.try_wait() {
                Ok(status) => status.is_some(),
                Err(error) => {
                    tracing::warn!(%error, "a voice cannot be waited for");
                    true
                }
            });
        let number = speaking.number;
        if ended {
            self.speaking = None;
            (self.said)(number);
            return;
        }
        speaking.looks_left = speaking.looks_left.saturating_sub(1);
        if speaking.looks_left == 0 {
            self.interrupt();
            self.is_silent(&self.options.program, &"it does not end");
            (self.said)(number);
        }
    }

    fn is_silent(&self, program: &Path, reason: &dyn std::fmt::Display) {
        if self.audible.swap(false, Ordering::AcqRel) {
            tracing::warn!(
                program = %program.display(), %reason,
                "cannot speak; what would be said is shown instead"
            );
        }
    }

    fn interrupt(&mut self) {
        let Some(mut speaking) = self.speaking.take() else {
            return;
        };
        for child in &mut speaking.children {
            // It may have ended by itself, which is as good.
            if let Err(error) = child.kill() {
                tracing::debug!(%error, "a voice had ended already");
            }
            if let Err(error) = child.wait() {
                tracing::warn!(%error, "a voice cannot be waited for");
            }
        }
    }
}

/// How often a voice is looked after until it has certainly said this.
fn looks_for(utterance: &Utterance) -> u32 {
    let letters = said_by(utterance).chars().count();
    let letters = u32::try_from(letters).unwrap_or(u32::MAX);
    let rate = u32::from(utterance.rate.words_per_minute());
    let takes = GRACE + (LETTER_TAKES / rate).saturating_mul(letters);
    let looks = takes.as_millis() / LOOK.as_millis();
    u32::try_from(looks).unwrap_or(u32::MAX)
}

/// What the synthesizer is given to say.
fn said_by(utterance: &Utterance) -> String {
    pronounce(&utterance.text, utterance.language)
        .chars()
        .take(LONGEST_SAID)
        .collect()
}

/// The voice for a language.
pub fn voice_name(language: Language) -> &'static str {
    match language {
        Language::Czech => "cs",
        Language::German => "de",
        Language::English => "en-gb",
    }
}

fn begin(
    options: &EspeakOptions,
    utterance: &Utterance,
    count: u32,
) -> Result<Vec<Child>, (PathBuf, std::io::Error)> {
    let failed = |program: &Path| {
        let program = program.to_owned();
        move |error| (program, error)
    };
    let mut command = Command::new(&options.program);
    command
        .args(["-v", voice_name(utterance.language)])
        .args(["-s", &utterance.rate.words_per_minute().to_string()])
        .args(["-a", &utterance.volume.amplitude().to_string()])
        .args(["-b", "1", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match &options.output {
        EspeakOutput::Default => {}
        EspeakOutput::Device(_) => {
            command.arg("--stdout").stdout(Stdio::piped());
        }
        EspeakOutput::Files(folder) => {
            let name = format!("{count:04}-{}.wav", utterance.language.code());
            command.arg("-w").arg(folder.join(name));
        }
    }
    let mut synthesizer = command.spawn().map_err(failed(&options.program))?;
    let said = said_by(utterance);
    let written = synthesizer.stdin.take().map(|mut stdin| {
        // Far less than a pipe holds, so this waits for nobody.
        stdin.write_all(said.as_bytes())
    });
    if let Some(Err(error)) = written {
        tracing::debug!(%error, "a voice ended before it heard what to say");
    }
    let EspeakOutput::Device(device) = &options.output else {
        return Ok(vec![synthesizer]);
    };
    let sound = synthesizer
        .stdout
        .take()
        .map_or_else(Stdio::null, Stdio::from);
    let player = Path::new("aplay");
    let spawned = Command::new(player)
        .args(["-q", "-D", device])
        .stdin(sound)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match spawned {
        Ok(playing) => Ok(vec![synthesizer, playing]),
        Err(error) => {
            // With nobody to take its sound it ends by itself, but it must not be left unwaited for.
            let ended = synthesizer.kill().and_then(|()| synthesizer.wait());
            if let Err(error) = ended {
                tracing::warn!(%error, "a voice cannot be ended");
            }
            Err(failed(player)(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::mpsc::channel;

    use super::*;
    use crate::speech::utterance::{Rate, Volume};

    /// Far longer than any of this takes, so that a test that fails ends.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn utterance(number: u64, text: &str, language: Language) -> Utterance {
        Utterance {
            number,
            text: text.to_owned(),
            language,
            rate: Rate::default(),
            volume: Volume::default(),
        }
    }

    /// Has utterances said into files, one after the other, and gives their samples.
    fn render(utterances: &[Utterance]) -> Vec<Vec<i16>> {
        let folder = tempfile::tempdir().unwrap();
        let options = EspeakOptions {
            output: EspeakOutput::Files(folder.path().to_owned()),
            ..EspeakOptions::default()
        };
        let (said, heard) = channel();
        let mut voice = EspeakVoice::start(options, move |number| {
            said.send(number).unwrap();
        })
        .unwrap();
        for utterance in utterances {
            voice.speak(utterance);
            assert_eq!(heard.recv_timeout(PATIENCE), Ok(utterance.number));
        }
        assert!(voice.is_audible(), "espeak-ng has to be installed");
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files.iter().map(|file| samples(file)).collect()
    }

    fn samples(file: &Path) -> Vec<i16> {
        let bytes = std::fs::read(file).unwrap();
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
        bytes[44..]
            .chunks_exact(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect()
    }

    fn loudness(samples: &[i16]) -> f64 {
        let squares: f64 = samples
            .iter()
            .map(|sample| f64::from(*sample).powi(2))
            .sum();
        (squares / samples.len() as f64).sqrt()
    }

    /// What the program itself says with a voice, with no help of ours.
    fn directly(voice: &str, text: &str) -> Vec<i16> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("direct.wav");
        let status = Command::new("espeak-ng")
            .args(["-v", voice, "-s", "150", "-a", "60", "-w"])
            .arg(&file)
            .arg(text)
            .status()
            .unwrap();
        assert!(status.success());
        samples(&file)
    }

    #[test]
    fn each_language_is_heard_in_its_own_voice() {
        let text = "Deska 38";
        let spoken: Vec<Utterance> = (1..)
            .zip(Language::ALL)
            .map(|(number, language)| utterance(number, text, language))
            .collect();
        let heard = render(&spoken);
        assert_eq!(heard.len(), 3);
        for samples in &heard {
            assert!(samples.len() > 8_000, "{} samples", samples.len());
            assert!(loudness(samples) > 300.0, "{}", loudness(samples));
        }
        for (language, samples) in Language::ALL.into_iter().zip(&heard) {
            let own = directly(voice_name(language), text);
            assert!(*samples == own, "{language:?} has its own voice");
            for other in Language::ALL.into_iter().filter(|other| *other != language) {
                assert!(*samples != directly(voice_name(other), text));
            }
        }
    }

    #[test]
    fn louder_is_louder_and_faster_is_shorter() {
        let usual = utterance(1, "Úřední deska města Lipnice", Language::Czech);
        let loud = Utterance {
            number: 2,
            volume: Volume::default().louder().louder(),
            ..usual.clone()
        };
        let fast = Utterance {
            number: 3,
            rate: Rate::default().faster().faster(),
            ..usual.clone()
        };
        let heard = render(&[usual, loud, fast]);
        assert!(loudness(&heard[1]) > 1.3 * loudness(&heard[0]));
        assert!((heard[2].len() as f64) < 0.8 * heard[0].len() as f64);
    }

    #[test]
    fn dates_are_heard_as_words() {
        let written = utterance(1, "do 6. 12. 2026", Language::Czech);
        let words = utterance(2, "do šestého prosince 2026", Language::Czech);
        let heard = render(&[written, words]);
        assert!(heard[0] == heard[1]);
    }

    #[test]
    fn what_a_publisher_writes_is_never_taken_for_an_order() {
        // An option, and a command of the synthesizer's own markup: both are words.
        let heard = render(&[
            utterance(1, "-w /dev/null --version", Language::English),
            utterance(2, "<audio src='x'/> [[h@'l@U]]", Language::English),
        ]);
        assert!(heard.iter().all(|samples| loudness(samples) > 300.0));
    }

    /// A program that never ends by itself.
    fn endless(folder: &Path) -> EspeakOptions {
        let program = folder.join("endless");
        std::fs::write(&program, "#!/bin/sh\nexec sleep 100000\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        EspeakOptions {
            program,
            output: EspeakOutput::Default,
        }
    }

    #[test]
    fn an_interrupted_utterance_ends_and_is_never_reported_as_said() {
        let folder = tempfile::tempdir().unwrap();
        let (said, heard) = channel();
        let mut voice = EspeakVoice::start(endless(folder.path()), move |number| {
            said.send(number).unwrap();
        })
        .unwrap();
        voice.speak(&utterance(1, "první", Language::Czech));
        voice.speak(&utterance(2, "druhá", Language::Czech));
        voice.stop();
        voice.speak(&utterance(3, "třetí", Language::Czech));
        // Returns only when its children have been ended and waited for.
        drop(voice);
        assert_eq!(heard.iter().count(), 0);
    }

    #[test]
    fn a_sentence_has_more_than_twice_the_time_it_takes() {
        let text = "Úřední deska města Lipnice nad Rolavou visí na náměstí už pátým rokem.";
        let heard = render(&[utterance(1, text, Language::Czech)]);
        let takes = heard[0].len() as f64 / 22_050.0;
        let has = f64::from(looks_for(&utterance(1, text, Language::Czech))) * LOOK.as_secs_f64();
        assert!(has > 2.0 * takes, "{has} s for {takes} s");
        // But not so much that a voice that hangs keeps the display awake for an evening.
        let longest = "a".repeat(8 * LONGEST_SAID);
        let slowest = Utterance {
            rate: (0..20).fold(Rate::default(), |rate, _| rate.slower()),
            ..utterance(1, &longest, Language::Czech)
        };
        assert!(f64::from(looks_for(&slowest)) * LOOK.as_secs_f64() < 1200.0);
    }

    #[test]
    fn a_voice_that_hangs_is_ended_and_nobody_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (said, heard) = channel();
        let mut speaker = Speaker {
            options: endless(folder.path()),
            audible: Arc::new(AtomicBool::new(true)),
            said: Box::new(move |number| said.send(number).unwrap()),
            speaking: None,
            count: 0,
        };
        let endless = utterance(7, "bez konce", Language::Czech);
        speaker.speak(&endless);
        for _ in 0..looks_for(&endless) {
            assert!(heard.try_recv().is_err(), "it still has time");
            speaker.look();
        }
        assert_eq!(heard.try_recv(), Ok(7));
        assert!(speaker.speaking.is_none(), "its child was ended");
        assert!(!speaker.audible.load(Ordering::Acquire));
    }

    #[test]
    fn without_the_program_nobody_hears_anything_and_nobody_waits() {
        let (said, heard) = channel();
        let options = EspeakOptions {
            program: PathBuf::from("/nowhere/espeak-ng"),
            output: EspeakOutput::Default,
        };
        let mut voice = EspeakVoice::start(options, move |number| {
            said.send(number).unwrap();
        })
        .unwrap();
        voice.speak(&utterance(7, "nic", Language::Czech));
        assert_eq!(heard.recv_timeout(PATIENCE), Ok(7));
        assert!(!voice.is_audible());
    }
}
