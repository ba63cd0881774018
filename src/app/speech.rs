//! Connects the narrator to the screen, the keys and the voice.
//!
//! It is independent of the event loop: like a user, it reads the elements on the screen and acts on them. It sends the
//! state only whether speech is on and whether something is being read.
//! While speech is on, it reads the screen ten times a second, so that no screen has to notify it.

mod foreign_text;
mod page_texts;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::ComponentHandle;
use vyveska_board::Language;
use vyveska_wire::manifest::ContentHash;

use super::app_event::AppEvent;
use super::elements;
use super::event_loop::EventLoop;
use super::options::Sound;
use crate::speech::audio_output::{AlsaOutput, AudioOutput, FakeAudioOutput};
use crate::speech::espeak::{EspeakOptions, EspeakOutput, EspeakVoice};
use crate::speech::keys::TactileKey;
use crate::speech::narrator::{Effect, Finger, FingerPhase, Listening, Narrator, ScreenNow, Want};
use crate::speech::record::RecordTexts;
use crate::speech::utterance::Utterance;
use crate::speech::voice::{SilentVoice, SpeechSink, Voice};
use crate::state::{Event, Intent, Question};
use crate::ui::AppWindow;
use crate::ui::speech_adapter::{SpeechAdapter, SpeechListener, SpeechView};
use crate::ui::view_model::{Screen, ViewModel};
use page_texts::PageTexts;

/// How often the screen is read while speech is on.
const POLL: Duration = Duration::from_millis(100);

/// How long a caption stays at least, where the words cannot be heard.
const SHORTEST_CAPTION: Duration = Duration::from_millis(1200);

thread_local! {
    static OUTPUT: RefCell<Weak<Inner>> = const { RefCell::new(Weak::new()) };
}

/// Speech output, on the interface's thread.
#[derive(Clone)]
pub(super) struct Output {
    inner: Rc<Inner>,
}

struct Inner {
    event_loop: EventLoop,
    window: AppWindow,
    narrator: RefCell<Narrator>,
    voice: RefCell<Box<dyn Voice>>,
    /// Kept because it watches the headphones' jack.
    _output: Box<dyn AudioOutput>,
    sink: SpeechSink,
    adapter: SpeechAdapter,
    texts: PageTexts,
    facts: Cell<Facts>,
    /// Runs when a change of the facts has to be handled.
    follows: slint::Timer,
    looks: slint::Timer,
    /// Ends a caption that is shown instead of speech.
    caption: slint::Timer,
    awake: Cell<bool>,
    plugged: Cell<bool>,
    foreign_text: RefCell<ForeignText>,
    started: std::time::Instant,
}

/// What speech needs from the view model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Facts {
    speech: bool,
    language: Language,
    screen: Option<Screen>,
    asks_for_a_sign: bool,
}

impl Facts {
    fn of(shown: &ViewModel) -> Self {
        Self {
            speech: shown.look.speech,
            language: shown.language,
            screen: Some(shown.screen),
            asks_for_a_sign: shown.countdown.is_some(),
        }
    }
}

/// The Czech texts on the screen, while the interface speaks another language.
#[derive(Default)]
struct ForeignText {
    edition: u64,
    language: Language,
    board: RecordTexts,
    /// The question, and the passages found in documents.
    passages: Option<(Question, RecordTexts)>,
}

impl Output {
    /// Connects to the window's keys and touches and to the event loop.
    pub(super) fn start(event_loop: &EventLoop, sound: &Sound, sink: SpeechSink) -> Self {
        let output = output(sound);
        let inner = Rc::new(Inner {
            event_loop: event_loop.clone(),
            window: event_loop.window().clone_strong(),
            narrator: RefCell::default(),
            voice: RefCell::new(voice(sound, &*output)),
            plugged: Cell::new(output.has_headphones()),
            _output: output,
            sink,
            adapter: SpeechAdapter::default(),
            texts: PageTexts::default(),
            facts: Cell::default(),
            follows: slint::Timer::default(),
            looks: slint::Timer::default(),
            caption: slint::Timer::default(),
            awake: Cell::new(false),
            foreign_text: RefCell::default(),
            started: std::time::Instant::now(),
        });
        OUTPUT.with(|output| *output.borrow_mut() = Rc::downgrade(&inner));
        let speech = Self { inner };
        speech.connect();
        speech
    }

    fn connect(&self) {
        let window = &self.inner.window;
        let here = Rc::downgrade(&self.inner);
        let with = move |act: &dyn Fn(&Self)| {
            if let Some(inner) = here.upgrade() {
                act(&Self { inner });
            }
        };
        let (on_finger, on_read, on_dispatched) = (with.clone(), with.clone(), with.clone());
        let taken = Rc::downgrade(&self.inner);
        SpeechAdapter::connect(
            window,
            SpeechListener {
                key: move |text: &str, repeated| {
                    let Some(inner) = taken.upgrade() else {
                        return false;
                    };
                    Self { inner }.key(text, repeated)
                },
                finger: move |phase, x, y| on_finger(&|speech| speech.finger(phase, x, y)),
                read: move || {
                    on_read(&|speech| {
                        let effects = speech.inner.narrator.borrow_mut().start_reading();
                        speech.perform(effects);
                    });
                },
            },
        );
        self.inner
            .event_loop
            .on_dispatched(move |shown| on_dispatched(&|speech| speech.note(shown)));
    }

    /// Every utterance so far.
    pub(super) fn sink(&self) -> &SpeechSink {
        &self.inner.sink
    }

    /// Ends the current utterance as if it had been said to its end. Returns whether there was one.
    pub(super) fn finish_speaking(&self) -> bool {
        let number = self
            .inner
            .narrator
            .borrow()
            .speaking()
            .map(|said| said.number);
        if let Some(number) = number {
            self.said(number);
        }
        number.is_some()
    }

    /// Notes what the screen shows; a change is handled after the event loop has finished its dispatch.
    fn note(&self, shown: &ViewModel) {
        self.keep_keys();
        let facts = Facts::of(shown);
        let before = self.inner.facts.replace(facts);
        if before == facts {
            return;
        }
        let here = Rc::downgrade(&self.inner);
        self.inner
            .follows
            .start(slint::TimerMode::SingleShot, Duration::ZERO, move || {
                if let Some(inner) = here.upgrade() {
                    Self { inner }.follow();
                }
            });
    }

    /// Takes the keyboard focus back when a text field disappeared with it.
    fn keep_keys(&self) {
        if !elements::takes_keys(self.inner.window.window()) {
            self.inner.window.invoke_take_keys();
        }
    }

    /// Switches speech on or off as the state wants it.
    fn follow(&self) {
        let facts = self.inner.facts.get();
        let is_on = self.inner.narrator.borrow().is_on();
        self.keep_keys();
        if facts.speech == is_on {
            self.look();
            return;
        }
        let effects = if facts.speech {
            let here = Rc::downgrade(&self.inner);
            self.inner
                .looks
                .start(slint::TimerMode::Repeated, POLL, move || {
                    if let Some(inner) = here.upgrade() {
                        Self { inner }.look();
                    }
                });
            let now = self.screen_now();
            let listening = self.listening();
            self.inner.narrator.borrow_mut().switch_on(now, listening)
        } else {
            self.inner.looks.stop();
            // On the idle screen nobody is there to hear that speech is off.
            let aloud = facts.screen != Some(Screen::Idle);
            self.inner.narrator.borrow_mut().switch_off(aloud)
        };
        self.perform(effects);
    }

    /// Private with headphones, and where there is no sound.
    fn listening(&self) -> Listening {
        if self.inner.plugged.get() || !self.inner.voice.borrow().is_audible() {
            Listening::Private
        } else {
            Listening::Loudspeaker
        }
    }

    /// Passes the elements on the screen to the narrator.
    fn look(&self) {
        if !self.inner.narrator.borrow().is_on() {
            self.inner.looks.stop();
            return;
        }
        let now = self.screen_now();
        let effects = self.inner.narrator.borrow_mut().screen(now);
        self.perform(effects);
    }

    fn screen_now(&self) -> ScreenNow {
        let facts = self.inner.facts.get();
        ScreenNow {
            elements: elements::on_screen(self.inner.window.window()),
            language: facts.language,
            record: self.foreign_text(facts.language),
            asks_for_a_sign: facts.asks_for_a_sign,
        }
    }

    /// The texts on the screen that stay Czech in another language.
    fn foreign_text(&self, language: Language) -> Vec<RecordTexts> {
        if language == Language::Czech {
            return Vec::new();
        }
        let mut foreign_text = self.inner.foreign_text.borrow_mut();
        self.inner.event_loop.ask(|state| {
            let edition = state.edition();
            if (foreign_text.edition, foreign_text.language) != (edition, language) {
                let board = state.board();
                *foreign_text = ForeignText {
                    edition,
                    language,
                    board: board
                        .map(|board| foreign_text::czech_texts(board, language))
                        .unwrap_or_default(),
                    passages: None,
                };
            }
            let answer = state.search().answer();
            let known = foreign_text.passages.as_ref().map(|(question, _)| question);
            if known != answer.map(|answer| &answer.question) {
                foreign_text.passages =
                    answer.map(|answer| (answer.question.clone(), foreign_text::passages(answer)));
            }
        });
        let passages = foreign_text.passages.iter().map(|(_, passages)| passages);
        std::iter::once(&foreign_text.board)
            .chain(passages)
            .cloned()
            .collect()
    }

    /// Returns whether the key was handled.
    fn key(&self, text: &str, repeated: bool) -> bool {
        let Some(key) = TactileKey::of(text) else {
            return false;
        };
        let is_on = self.inner.narrator.borrow().is_on();
        if !is_on && !key.starts_speech() {
            return false;
        }
        if repeated && !key.repeats() {
            return true;
        }
        self.inner
            .event_loop
            .dispatch(AppEvent::Event(Event::Touched));
        self.look();
        let effects = self.inner.narrator.borrow_mut().press(key);
        self.perform(effects);
        true
    }

    fn finger(&self, phase: FingerPhase, x: f32, y: f32) {
        if phase == FingerPhase::Down {
            self.inner
                .event_loop
                .dispatch(AppEvent::Event(Event::Touched));
            self.look();
        }
        let finger = Finger {
            phase,
            x,
            y,
            at: self.inner.started.elapsed(),
        };
        let effects = self.inner.narrator.borrow_mut().explore(finger);
        self.perform(effects);
    }

    /// Handles headphones being plugged in or out: plugging in starts reading privately, unplugging silences at once.
    fn plug(&self, plugged: bool) {
        if plugged {
            self.inner
                .event_loop
                .dispatch(AppEvent::Event(Event::Touched));
        }
        self.inner.plugged.set(plugged);
        let is_on = self.inner.narrator.borrow().is_on();
        if is_on && plugged {
            let effects = self.inner.narrator.borrow_mut().settle_listening();
            self.perform(effects);
        }
        if is_on && !plugged {
            // Private speech must not be heard from the loudspeaker.
            let effects = self.inner.narrator.borrow_mut().switch_off(false);
            self.perform(effects);
        }
        if is_on != plugged {
            self.want(Intent::ToggleSpeech);
        }
    }

    fn want(&self, intent: Intent) {
        self.inner
            .event_loop
            .dispatch(AppEvent::Event(Event::Intent(intent)));
        self.follow();
    }

    fn perform(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Say(utterance) => self.say(&utterance),
                Effect::Silence => self.silence(),
                Effect::Act(key) => {
                    elements::act(self.inner.window.window(), key);
                    self.follow();
                }
                Effect::Scroll { key, offset } => {
                    elements::scroll(self.inner.window.window(), key, offset);
                    self.look();
                }
                Effect::Want(Want::WholeBoard) => self.want(Intent::ShowBoard),
                Effect::Want(Want::ToggleSpeech) => self.want(Intent::ToggleSpeech),
                Effect::Want(Want::ToggleHeadphones) => self.plug(!self.inner.plugged.get()),
                Effect::ReadPage(page) => self.read_page(page),
            }
        }
        self.show();
    }

    fn say(&self, utterance: &Utterance) {
        self.inner.sink.begun(utterance);
        let mut voice = self.inner.voice.borrow_mut();
        voice.speak(utterance);
        if !voice.is_audible() {
            drop(voice);
            self.end_caption_after(utterance);
        }
    }

    fn silence(&self) {
        self.inner.voice.borrow_mut().stop();
        self.inner.caption.stop();
        self.inner.sink.ended();
    }

    /// Shows a caption for as long as it would take to say it.
    fn end_caption_after(&self, utterance: &Utterance) {
        let words = utterance.text.split_whitespace().count() as f32;
        let minutes = words / f32::from(utterance.rate.words_per_minute());
        let time = Duration::from_secs_f32(minutes * 60.0).max(SHORTEST_CAPTION);
        let number = utterance.number;
        let here = Rc::downgrade(&self.inner);
        self.inner
            .caption
            .start(slint::TimerMode::SingleShot, time, move || {
                if let Some(inner) = here.upgrade() {
                    Self { inner }.said(number);
                }
            });
    }

    /// Handles the end of an utterance.
    fn said(&self, number: u64) {
        self.inner.sink.ended();
        let effects = self.inner.narrator.borrow_mut().said(number);
        self.perform(effects);
    }

    /// Handles the voice's end of an utterance. When it could not be heard, its caption stays.
    fn voice_finished(&self, number: u64) {
        if self.inner.voice.borrow().is_audible() {
            self.said(number);
            return;
        }
        let unheard = self.inner.narrator.borrow().speaking().cloned();
        if let Some(utterance) = unheard.filter(|said| said.number == number) {
            self.end_caption_after(&utterance);
            self.show();
        }
    }

    /// Draws the focus and the caption, and sends the state whether something is being read.
    fn show(&self) {
        let narrator = self.inner.narrator.borrow();
        let audible = self.inner.voice.borrow().is_audible();
        let caption = narrator
            .speaking()
            .filter(|_| !audible)
            .map_or_else(String::new, |said| said.text.clone());
        let view = SpeechView {
            on: narrator.is_on(),
            focus: narrator.focus_place(),
            caption,
        };
        let awake = narrator.keeps_awake();
        drop(narrator);
        self.inner.adapter.render(&self.inner.window, view);
        if self.inner.awake.replace(awake) != awake {
            self.inner
                .event_loop
                .dispatch(AppEvent::Event(Event::Speaking(awake)));
        }
    }

    pub(super) fn stop(&self) {
        self.inner.looks.stop();
        self.silence();
        self.inner.voice.replace(Box::new(SilentVoice));
    }
}

/// Runs something on the interface's thread, unless speech output has ended.
fn post(act: impl FnOnce(&Output) + Send + 'static) {
    let posted = slint::invoke_from_event_loop(move || {
        let output = OUTPUT.with(|output| output.borrow().upgrade());
        if let Some(inner) = output {
            act(&Output { inner });
        }
    });
    if posted.is_err() {
        tracing::debug!("the interface has ended; nothing is said any more");
    }
}

/// The sound card and its headphones' jack.
fn output(sound: &Sound) -> Box<dyn AudioOutput> {
    match sound {
        Sound::Output { .. } => Box::new(AlsaOutput::start(|plugged| {
            post(move |speech| speech.plug(plugged));
        })),
        Sound::Files(_) => Box::new(FakeAudioOutput {
            present: true,
            headphones: false,
        }),
        Sound::None => Box::new(FakeAudioOutput::default()),
    }
}

fn voice(sound: &Sound, output: &dyn AudioOutput) -> Box<dyn Voice> {
    let output = match sound {
        Sound::None => return Box::new(SilentVoice),
        _ if !output.is_present() => {
            tracing::warn!("there is no sound card; captions are shown instead");
            return Box::new(SilentVoice);
        }
        Sound::Output { device: None } => EspeakOutput::Default,
        Sound::Output {
            device: Some(device),
        } => EspeakOutput::Device(device.clone()),
        Sound::Files(folder) => EspeakOutput::Files(folder.clone()),
    };
    let options = EspeakOptions {
        output,
        ..EspeakOptions::default()
    };
    let said = |number| post(move |speech| speech.voice_finished(number));
    match EspeakVoice::start(options, said) {
        Ok(voice) => Box::new(voice),
        Err(error) => {
            tracing::error!(%error, "captions are shown instead of speech");
            Box::new(SilentVoice)
        }
    }
}
