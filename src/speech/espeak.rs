//! A voice that runs espeak-ng as a child process.
//!
//! Each utterance has a child of its own. It is interrupted by killing the child, which the child cannot delay, and a
//! text that crashes it costs one sentence. The words go through standard input, never as arguments.
//! The child pipes the sound to `aplay`, or writes it to a file. Both programs are confined: espeak-ng reads published
//! text and has its own data and the pipe, and only `aplay` has the sound devices.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use vyveska_board::Language;
use vyveska_confine::{FileIsolation, Limits, Profile, launcher};

use super::pronounce::pronounce;
use super::sentences::LONGEST;
use super::utterance::Utterance;
use super::voice::Voice;
use crate::worker::Worker;

/// How often a speaking child is polled; also the longest delay of an interruption.
const POLL_INTERVAL: Duration = Duration::from_millis(15);

/// A child that runs longer than this plus [`TIME_PER_LETTER`] for each letter is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Three times the time of a letter at one word a minute.
const TIME_PER_LETTER: Duration = Duration::from_secs(32);

/// Longest text for the synthesizer, in characters. [`pronounce`] lengthens a text at most eight times.
const MAX_SPOKEN_CHARS: usize = 8 * LONGEST;

/// How to run espeak-ng.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EspeakOptions {
    pub program: PathBuf,
    pub output: EspeakOutput,
}

/// The destination of the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EspeakOutput {
    /// ALSA's default device.
    Default,
    /// A named ALSA device.
    Device(String),
    /// Files `0001-cs.wav` and so on in a folder.
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
    #[error("cannot start the voice's thread: {0}")]
    Thread(#[source] std::io::Error),
}

/// Speaks through espeak-ng; owns the thread that runs its children.
#[derive(Debug)]
pub struct EspeakVoice {
    commands: Sender<VoiceCommand>,
    audible: Arc<AtomicBool>,
    thread: Worker,
}

#[derive(Debug)]
enum VoiceCommand {
    Speak(Utterance),
    Stop,
    End,
}

impl EspeakVoice {
    /// Starts the thread. `finished` is called on it with the number of every utterance that was spoken to its end or
    /// could not be spoken.
    ///
    /// # Errors
    ///
    /// When the thread cannot be started. A missing program is logged at the first utterance.
    pub fn start(
        options: EspeakOptions,
        finished: impl Fn(u64) + Send + 'static,
    ) -> Result<Self, EspeakError> {
        let audible = Arc::new(AtomicBool::new(true));
        let (commands, received) = channel();
        let worker = VoiceThread {
            options,
            audible: Arc::clone(&audible),
            finished: Box::new(finished),
            speaking: None,
            count: 0,
        };
        let thread =
            Worker::start("voice", move || worker.run(&received)).map_err(EspeakError::Thread)?;
        Ok(Self {
            commands,
            audible,
            thread,
        })
    }

    fn send(&self, command: VoiceCommand) {
        if self.commands.send(command).is_err() {
            tracing::error!("the voice's thread has ended; nothing is said any more");
            self.audible.store(false, Ordering::Release);
        }
    }
}

impl Voice for EspeakVoice {
    fn speak(&mut self, utterance: &Utterance) {
        self.send(VoiceCommand::Speak(utterance.clone()));
    }

    fn stop(&mut self) {
        self.send(VoiceCommand::Stop);
    }

    fn is_audible(&self) -> bool {
        self.audible.load(Ordering::Acquire)
    }
}

impl Drop for EspeakVoice {
    fn drop(&mut self) {
        self.thread.may_end();
        self.send(VoiceCommand::End);
        self.thread.join();
    }
}

struct VoiceThread {
    options: EspeakOptions,
    audible: Arc<AtomicBool>,
    finished: Box<dyn Fn(u64) + Send>,
    speaking: Option<Speaking>,
    count: u32,
}

/// The children of one utterance: the synthesizer and, for a named device, the player.
struct Speaking {
    number: u64,
    children: Vec<Child>,
    /// Polls left before the children are killed, so that a hanging child does not block the narrator.
    polls_left: u32,
}

impl VoiceThread {
    fn run(mut self, received: &Receiver<VoiceCommand>) {
        loop {
            let command = if self.speaking.is_some() {
                match received.recv_timeout(POLL_INTERVAL) {
                    Ok(command) => Some(command),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => Some(VoiceCommand::End),
                }
            } else {
                Some(received.recv().unwrap_or(VoiceCommand::End))
            };
            match command {
                Some(VoiceCommand::Speak(utterance)) => {
                    self.interrupt();
                    self.speak(&utterance);
                }
                Some(VoiceCommand::Stop) => self.interrupt(),
                Some(VoiceCommand::End) => {
                    self.interrupt();
                    return;
                }
                None => self.poll(),
            }
        }
    }

    fn speak(&mut self, utterance: &Utterance) {
        self.count += 1;
        match start_children(&self.options, utterance, self.count) {
            Ok(children) => {
                self.speaking = Some(Speaking {
                    number: utterance.number,
                    children,
                    polls_left: polls_for(utterance),
                });
            }
            Err((program, error)) => {
                self.report_failure(&program, &error);
                (self.finished)(utterance.number);
            }
        }
    }

    fn poll(&mut self) {
        let Some(speaking) = &mut self.speaking else {
            return;
        };
        let (mut ended, mut launched) = (true, true);
        for child in &mut speaking.children {
            match child.try_wait() {
                Ok(Some(status)) => {
                    launched &= status.code() != Some(launcher::NOT_LAUNCHED.into())
                }
                Ok(None) => ended = false,
                Err(error) => tracing::warn!(%error, "a voice cannot be waited for"),
            }
        }
        let number = speaking.number;
        if ended {
            self.speaking = None;
            if !launched {
                let reason = "it cannot be confined, so it was not started: the kernel needs landlock or user namespaces";
                self.report_failure(&self.options.program, &reason);
            }
            (self.finished)(number);
            return;
        }
        speaking.polls_left = speaking.polls_left.saturating_sub(1);
        if speaking.polls_left == 0 {
            self.interrupt();
            self.report_failure(&self.options.program, &"it did not end in time");
            (self.finished)(number);
        }
    }

    fn report_failure(&self, program: &Path, reason: &dyn std::fmt::Display) {
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
            // It may have ended by itself.
            if let Err(error) = child.kill() {
                tracing::debug!(%error, "a voice had ended already");
            }
            if let Err(error) = child.wait() {
                tracing::warn!(%error, "a voice cannot be waited for");
            }
        }
    }
}

/// How many polls an utterance may take.
fn polls_for(utterance: &Utterance) -> u32 {
    let letters = spoken_text(utterance).chars().count();
    let letters = u32::try_from(letters).unwrap_or(u32::MAX);
    let rate = u32::from(utterance.rate.words_per_minute());
    let takes = GRACE + (TIME_PER_LETTER / rate).saturating_mul(letters);
    let polls = takes.as_millis() / POLL_INTERVAL.as_millis();
    u32::try_from(polls).unwrap_or(u32::MAX)
}

/// The text for the synthesizer.
fn spoken_text(utterance: &Utterance) -> String {
    pronounce(&utterance.text, utterance.language)
        .chars()
        .take(MAX_SPOKEN_CHARS)
        .collect()
}

/// The name of espeak-ng's voice for a language.
pub fn voice_name(language: Language) -> &'static str {
    match language {
        Language::Czech => "cs",
        Language::German => "de",
        Language::English => "en-gb",
    }
}

/// What a child may do beside reading the system's files.
fn profile(write: Vec<PathBuf>, sound: bool) -> Profile {
    const MIB: u64 = 1024 * 1024;
    Profile {
        read: Vec::new(),
        write,
        sound,
        processes: false,
        parent: Some(std::process::id()),
        limits: Limits {
            address_space_bytes: 512 * MIB,
            // The longest utterance is computed in a second.
            cpu_seconds: Some(60),
            // A sound server shares memory of this size with `aplay`.
            file_bytes: 128 * MIB,
            stack_bytes: None,
            descriptors: 64,
            niceness: 0,
        },
        isolations: FileIsolation::ALL.to_vec(),
    }
}

/// The confined synthesizer, which has no sound device.
fn synthesize(options: &EspeakOptions) -> std::io::Result<Command> {
    let folder = match &options.output {
        EspeakOutput::Files(folder) => vec![folder.clone()],
        EspeakOutput::Default | EspeakOutput::Device(_) => Vec::new(),
    };
    profile(folder, false).command(&options.program)
}

/// The confined player, which reads nothing but sound.
fn play(program: &Path, output: &EspeakOutput) -> std::io::Result<Command> {
    let mut player = profile(Vec::new(), true).command(program)?;
    player.arg("-q").stdout(Stdio::null()).stderr(Stdio::null());
    if let EspeakOutput::Device(device) = output {
        player.args(["-D", device]);
    }
    Ok(player)
}

fn start_children(
    options: &EspeakOptions,
    utterance: &Utterance,
    count: u32,
) -> Result<Vec<Child>, (PathBuf, std::io::Error)> {
    let failed = |program: &Path| {
        let program = program.to_owned();
        move |error| (program, error)
    };
    let mut command = synthesize(options).map_err(failed(&options.program))?;
    command
        .args(["-v", voice_name(utterance.language)])
        .args(["-s", &utterance.rate.words_per_minute().to_string()])
        .args(["-a", &utterance.volume.amplitude().to_string()])
        .args(["-b", "1", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut player = None;
    if let EspeakOutput::Files(folder) = &options.output {
        let name = format!("{count:04}-{}.wav", utterance.language.code());
        command.arg("-w").arg(folder.join(name));
    } else {
        command.arg("--stdout").stdout(Stdio::piped());
        let program = Path::new("aplay");
        player = Some(play(program, &options.output).map_err(failed(program))?);
    }
    let mut synthesizer = command.spawn().map_err(failed(&options.program))?;
    let text = spoken_text(utterance);
    let written = synthesizer.stdin.take().map(|mut stdin| {
        // Far less than the pipe's buffer, so this does not block.
        stdin.write_all(text.as_bytes())
    });
    if let Some(Err(error)) = written {
        tracing::debug!(%error, "a voice ended before it read its text");
    }
    let Some(mut player) = player else {
        return Ok(vec![synthesizer]);
    };
    let sound = synthesizer
        .stdout
        .take()
        .map_or_else(Stdio::null, Stdio::from);
    match player.stdin(sound).spawn() {
        Ok(player) => Ok(vec![synthesizer, player]),
        Err(error) => {
            // Without a player it would end by itself, but it must be waited for.
            let ended = synthesizer.kill().and_then(|()| synthesizer.wait());
            if let Err(error) = ended {
                tracing::warn!(%error, "a voice cannot be ended");
            }
            Err(failed(Path::new("aplay"))(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::speech::utterance::{Rate, Volume};

    /// Far longer than any step takes; only ends a failing test.
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

    /// Renders utterances into files, one after the other, and returns their samples.
    fn render(utterances: &[Utterance]) -> Vec<Vec<i16>> {
        let folder = tempfile::tempdir().unwrap();
        let options = EspeakOptions {
            output: EspeakOutput::Files(folder.path().to_owned()),
            ..EspeakOptions::default()
        };
        let (finished, received) = channel();
        let mut voice = EspeakVoice::start(options, move |number| {
            finished.send(number).unwrap();
        })
        .unwrap();
        for utterance in utterances {
            voice.speak(utterance);
            assert_eq!(received.recv_timeout(PATIENCE), Ok(utterance.number));
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

    /// The samples of espeak-ng run directly.
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
    fn published_text_is_never_interpreted_as_a_command() {
        // An option and the synthesizer's markup are both spoken as words.
        let heard = render(&[
            utterance(1, "-w /dev/null --version", Language::English),
            utterance(2, "<audio src='x'/> [[h@'l@U]]", Language::English),
        ]);
        assert!(heard.iter().all(|samples| loudness(samples) > 300.0));
    }

    /// A script in place of espeak-ng.
    fn stand_in(folder: &Path, script: &str) -> EspeakOptions {
        let program = folder.join("stand-in");
        vyveska_confine::testing::write_script(&program, script);
        let output = folder.join("output");
        std::fs::create_dir(&output).unwrap();
        EspeakOptions {
            program,
            output: EspeakOutput::Files(output),
        }
    }

    /// A program that does not end by itself.
    fn endless(folder: &Path) -> EspeakOptions {
        stand_in(folder, "#!/bin/sh\nexec sleep 100000\n")
    }

    #[test]
    fn the_synthesizer_reads_no_key_and_reaches_no_network() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("device.key");
        std::fs::write(&key, "secret\n").unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let report = folder.path().join("output/report");
        let script = format!(
            "#!/bin/bash\nexec >{report}\nread -r line <{key} && echo key\n\
             true 3<>/dev/tcp/127.0.0.1/{port} && echo network\necho end\n",
            report = report.display(),
            key = key.display(),
            port = listener.local_addr().unwrap().port(),
        );
        let options = stand_in(folder.path(), &script);
        let (finished, received) = channel();
        let mut voice = EspeakVoice::start(options, move |number| {
            finished.send(number).unwrap();
        })
        .unwrap();
        voice.speak(&utterance(1, "nic", Language::Czech));
        assert_eq!(received.recv_timeout(PATIENCE), Ok(1));
        let report = std::fs::read_to_string(report).unwrap();
        assert_eq!(report, "end\n");
        assert!(listener.accept().is_err(), "nobody connected");
    }

    #[test]
    fn both_programs_are_confined_and_only_the_player_has_the_sound_devices() {
        // The launcher's arguments: its mode, the profile, the program.
        let profile_of = |command: &Command| -> Profile {
            let profile = command.get_args().nth(1).unwrap();
            serde_json::from_str(profile.to_str().unwrap()).unwrap()
        };
        let options = EspeakOptions::default();
        let synthesizer = profile_of(&synthesize(&options).unwrap());
        assert!(!synthesizer.sound);
        assert_eq!(synthesizer.write, Vec::<PathBuf>::new());
        // It stands in for aplay, which need not be installed.
        let player = profile_of(&play(Path::new("sh"), &options.output).unwrap());
        assert!(player.sound);
        assert_eq!(player.write, Vec::<PathBuf>::new());
    }

    #[test]
    fn an_interrupted_utterance_ends_and_is_not_reported_as_finished() {
        let folder = tempfile::tempdir().unwrap();
        let (finished, received) = channel();
        let mut voice = EspeakVoice::start(endless(folder.path()), move |number| {
            finished.send(number).unwrap();
        })
        .unwrap();
        voice.speak(&utterance(1, "první", Language::Czech));
        voice.speak(&utterance(2, "druhá", Language::Czech));
        voice.stop();
        voice.speak(&utterance(3, "třetí", Language::Czech));
        // Returns only when the children have been killed and waited for.
        drop(voice);
        assert_eq!(received.iter().count(), 0);
    }

    #[test]
    fn a_sentence_has_more_than_twice_the_time_it_takes() {
        let text = "Úřední deska města Lipnice nad Rolavou visí na náměstí už pátým rokem.";
        let heard = render(&[utterance(1, text, Language::Czech)]);
        let takes = heard[0].len() as f64 / 22_050.0;
        let has = f64::from(polls_for(&utterance(1, text, Language::Czech)))
            * POLL_INTERVAL.as_secs_f64();
        assert!(has > 2.0 * takes, "{has} s for {takes} s");
        // The limit also bounds how long a hanging voice keeps the display awake.
        let longest = "a".repeat(8 * MAX_SPOKEN_CHARS);
        let slowest = Utterance {
            rate: (0..20).fold(Rate::default(), |rate, _| rate.slower()),
            ..utterance(1, &longest, Language::Czech)
        };
        assert!(f64::from(polls_for(&slowest)) * POLL_INTERVAL.as_secs_f64() < 1200.0);
    }

    #[test]
    fn a_hanging_voice_is_killed_and_reported_as_finished() {
        let folder = tempfile::tempdir().unwrap();
        let (finished, received) = channel();
        let mut thread = VoiceThread {
            options: endless(folder.path()),
            audible: Arc::new(AtomicBool::new(true)),
            finished: Box::new(move |number| finished.send(number).unwrap()),
            speaking: None,
            count: 0,
        };
        let endless = utterance(7, "bez konce", Language::Czech);
        thread.speak(&endless);
        for _ in 0..polls_for(&endless) {
            assert!(received.try_recv().is_err(), "it still has time");
            thread.poll();
        }
        assert_eq!(received.try_recv(), Ok(7));
        assert!(thread.speaking.is_none(), "its child was killed");
        assert!(!thread.audible.load(Ordering::Acquire));
    }

    #[test]
    fn a_missing_program_is_not_audible_and_reports_at_once() {
        let (finished, received) = channel();
        let options = EspeakOptions {
            program: PathBuf::from("/nowhere/espeak-ng"),
            output: EspeakOutput::Default,
        };
        let mut voice = EspeakVoice::start(options, move |number| {
            finished.send(number).unwrap();
        })
        .unwrap();
        voice.speak(&utterance(7, "nic", Language::Czech));
        assert_eq!(received.recv_timeout(PATIENCE), Ok(7));
        assert!(!voice.is_audible());
    }
}
