//! A kiosk that draws into memory and takes simulated touches, for demos without a display, whole-system tests and
//! benches.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::TimeDelta;
use image::RgbaImage;
use slint::platform::WindowEvent;
use slint::{ComponentHandle, SharedString};
use vyveska_board::Clock as _;

use super::elements::{self, Element};
use super::kiosk::{self, Kiosk};
use super::lifecycle;
use super::options::Options;
use crate::headless::{Headless, Time};
use crate::speech::voice::SpeechSink;
use crate::state::State;
use crate::ui::view_model::{Screen, ViewModel};

/// By how much time advances in one step of waiting.
const STEP: Duration = Duration::from_millis(8);

/// Why a step of a scripted walk failed.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error("waited {} s in vain for {what}; the screen shows {shown}", limit.as_secs())]
    NeverShown {
        what: String,
        limit: Duration,
        shown: String,
    },
    /// Nothing of that name can be touched.
    #[error("nothing called {label:?} can be touched; there are {there:?}")]
    NotThere { label: String, there: Vec<String> },
}

/// A kiosk that draws into memory. Its time passes only inside its methods.
pub struct HeadlessKiosk {
    kiosk: Kiosk,
    screen: Headless,
}

impl HeadlessKiosk {
    /// Starts a kiosk on a screen in memory of the size the options give. A process can have only one.
    ///
    /// # Errors
    ///
    /// When a required part is missing.
    pub fn start(options: &Options) -> anyhow::Result<Self> {
        Self::start_in(Time::real(), options)
    }

    /// As [`Self::start`], but time jumps instead of being waited for: for walks of thousands of touches.
    ///
    /// The time of time-outs only passes by [`Self::skip`], so that no result depends on how fast the machine is.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn start_unhurried(options: &Options) -> anyhow::Result<Self> {
        Self::start_in(Time::set(), options)
    }

    fn start_in(time: Time, options: &Options) -> anyhow::Result<Self> {
        let set_by_hand = matches!(time, Time::Set(_));
        let screen = Headless::install(options.width, options.height, time)
            .context("cannot set up the headless screen")?;
        let kiosk = Kiosk::start(options)?;
        if set_by_hand {
            kiosk.clock.stop_time_outs();
        }
        kiosk
            .event_loop
            .window()
            .show()
            .context("cannot show the headless screen")?;
        // The window is active, as on a panel, so that it receives keys.
        kiosk
            .event_loop
            .window()
            .window()
            .dispatch_event(WindowEvent::WindowActiveChanged(true));
        kiosk::guard(kiosk.event_loop.window().window());
        screen.dispatch();
        let painted = kiosk
            .event_loop
            .shown()
            .is_some_and(|shown| shown.screen != crate::ui::view_model::Screen::Waiting);
        if painted {
            tracing::info!("the board is painted");
        }
        lifecycle::ready();
        Ok(Self { kiosk, screen })
    }

    /// Runs until the process is ended.
    ///
    /// # Errors
    ///
    /// When the interface fails.
    pub fn run(self) -> anyhow::Result<()> {
        lifecycle::run_loop(false)?;
        self.kiosk.stop();
        Ok(())
    }

    /// Starts the black-box driver.
    #[cfg(feature = "demo")]
    pub(super) fn drive(
        &self,
        address: std::net::SocketAddr,
    ) -> anyhow::Result<super::driver::Driver> {
        self.kiosk.drive(address, Some(self.screen.clone()))
    }

    /// Stops every part in good order.
    pub fn stop(self) {
        self.kiosk.stop();
    }

    /// The view model that the screen shows.
    pub fn shown(&self) -> Option<ViewModel> {
        self.kiosk.event_loop.shown()
    }

    pub fn shown_screen(&self) -> Option<Screen> {
        self.kiosk.event_loop.shown_screen()
    }

    /// Runs the kiosk until the screen shows what is expected, and draws it.
    ///
    /// # Errors
    ///
    /// When it does not within `limit`.
    pub fn until(
        &self,
        what: &str,
        limit: Duration,
        reached: impl Fn(&ViewModel) -> bool,
    ) -> Result<(), WalkError> {
        let began = Instant::now();
        loop {
            if self.shown().is_some_and(|shown| reached(&shown)) {
                self.screen.dispatch();
                return Ok(());
            }
            if began.elapsed() > limit {
                return Err(WalkError::NeverShown {
                    what: what.to_owned(),
                    limit,
                    shown: self.shown().map_or_else(
                        || "nothing".to_owned(),
                        |shown| format!("the screen {:?}", shown.screen),
                    ),
                });
            }
            self.screen.advance(STEP);
        }
    }

    /// Runs the kiosk until every worker has replied: pages are drawn, texts read, searches finished.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub fn until_replied(&self, limit: Duration) -> Result<(), WalkError> {
        self.until("the workers to reply", limit, |_| {
            self.kiosk.event_loop.is_settled()
        })
    }

    /// Runs the kiosk until every worker has replied and no animation runs.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub fn until_settled(&self, limit: Duration) -> Result<(), WalkError> {
        self.until_replied(limit)?;
        self.screen.settle(limit);
        Ok(())
    }

    /// The screen in memory: simulated touches and pictures.
    pub fn screen(&self) -> &Headless {
        &self.screen
    }

    /// Every visible element with an accessible name.
    pub fn on_screen(&self) -> Vec<Element> {
        self.screen.dispatch();
        elements::on_screen(self.kiosk.event_loop.window().window())
    }

    /// Every element that can be touched.
    pub fn touchable(&self) -> Vec<Element> {
        self.screen.dispatch();
        elements::touchable(self.kiosk.event_loop.window().window())
    }

    /// Touches the middle of the first element that `wanted` accepts.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn touch_where(
        &self,
        name: &str,
        wanted: impl Fn(&Element) -> bool,
    ) -> Result<(), WalkError> {
        let there = self.touchable();
        let Some(element) = there.iter().find(|element| wanted(element)) else {
            return Err(WalkError::NotThere {
                label: name.to_owned(),
                there: there.into_iter().map(|element| element.label).collect(),
            });
        };
        let (x, y) = element.middle();
        self.screen.tap(x, y);
        Ok(())
    }

    /// Touches the middle of the first element whose label begins with `label`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn touch(&self, label: &str) -> Result<(), WalkError> {
        self.touch_where(label, |element| element.label.starts_with(label))
    }

    /// The words spoken so far.
    pub fn speech(&self) -> &SpeechSink {
        self.kiosk.speech.sink()
    }

    /// Ends the utterance that is being said, as if it had been said to its end.
    pub fn finish_speaking(&self) {
        self.kiosk.speech.finish_speaking();
    }

    /// Presses and releases a key.
    pub fn press(&self, key: slint::platform::Key) {
        let window = self.kiosk.event_loop.window().window();
        let text = SharedString::from(key);
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
        self.screen.dispatch();
    }

    pub fn type_text(&self, text: &str) {
        let window = self.kiosk.event_loop.window().window();
        for letter in text.chars() {
            let text = SharedString::from(letter.to_string());
            window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            window.dispatch_event(WindowEvent::KeyReleased { text });
        }
        self.screen.dispatch();
    }

    /// Asks the window to close, as a window manager does; says whether it is still there.
    pub fn ask_to_close(&self) -> bool {
        let window = self.kiosk.event_loop.window().window();
        window.dispatch_event(WindowEvent::CloseRequested);
        self.screen.dispatch();
        window.is_visible()
    }

    /// Advances the monotonic clock, as if nobody had touched the kiosk for this long.
    pub fn skip(&self, time: Duration) {
        self.kiosk.clock.skip(time);
    }

    /// Moves only the calendar on: time-outs do not notice.
    pub fn move_calendar(&self, by: TimeDelta) {
        let clock = &self.kiosk.clock;
        clock.set(clock.now().earliest + by);
    }

    /// A copy of the state, for [`Self::return_to`].
    pub fn moment(&self) -> State {
        self.kiosk.event_loop.ask(State::clone)
    }

    /// Replaces the state by an earlier one.
    pub fn return_to(&self, moment: State) {
        self.kiosk.event_loop.return_to(moment);
        self.screen.dispatch();
    }

    pub fn picture(&self) -> RgbaImage {
        self.screen.snapshot()
    }
}
