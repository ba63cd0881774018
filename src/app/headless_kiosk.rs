//! A kiosk on a screen in memory, with fingers: for demos without a display, whole-system tests and benches.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use image::RgbaImage;
use slint::platform::WindowEvent;
use slint::{ComponentHandle, SharedString};

use super::elements::{self, Element};
use super::kiosk::Kiosk;
use super::lifecycle;
use super::options::Options;
use crate::headless::{Headless, Time};
use crate::speech::voice::SpeechSink;
use crate::state::State;
use crate::ui::view_model::{Screen, ViewModel};

/// How long one turn lets time pass.
const TURN: Duration = Duration::from_millis(8);

/// What was waited for did not come.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The screen never showed it.
    #[error("waited {} s in vain for {what}; the screen shows {shown}", limit.as_secs())]
    NeverShown {
        /// What.
        what: String,
        /// For how long.
        limit: Duration,
        /// What the screen shows instead.
        shown: String,
    },
    /// Nothing of that name can be touched.
    #[error("nothing called {label:?} can be touched; there are {there:?}")]
    NotThere {
        /// What was looked for.
        label: String,
        /// What is there.
        there: Vec<String>,
    },
}

/// A kiosk on a screen in memory. Its time passes only in its methods.
pub struct HeadlessKiosk {
    kiosk: Kiosk,
    screen: Headless,
}

impl HeadlessKiosk {
    /// Starts a kiosk on a screen in memory of the size the options give. One for each process.
    ///
    /// # Errors
    ///
    /// When a part that the kiosk cannot do without is missing.
    pub fn start(options: &Options) -> anyhow::Result<Self> {
        Self::start_in(Time::real(), options)
    }

    /// The same on a screen whose time jumps where it would pass: for walks of thousands of touches.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn start_unhurried(options: &Options) -> anyhow::Result<Self> {
        Self::start_in(Time::set(), options)
    }

    fn start_in(time: Time, options: &Options) -> anyhow::Result<Self> {
        let screen = Headless::install(options.width, options.height, time)
            .context("cannot set up the headless screen")?;
        let kiosk = Kiosk::start(options)?;
        kiosk
            .circle
            .window()
            .show()
            .context("cannot show the headless screen")?;
        // As a panel's window is: keys go somewhere.
        kiosk
            .circle
            .window()
            .window()
            .dispatch_event(WindowEvent::WindowActiveChanged(true));
        kiosk.guard_window();
        screen.turn();
        let painted = kiosk
            .circle
            .shown()
            .is_some_and(|shown| shown.screen != crate::ui::view_model::Screen::Waiting);
        if painted {
            tracing::info!("the board is painted");
        }
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

    /// Lets a script outside of this program walk through the kiosk.
    #[cfg(feature = "demo")]
    pub(super) fn drive(
        &self,
        address: std::net::SocketAddr,
    ) -> anyhow::Result<super::driver::Driver> {
        self.kiosk.drive(address, Some(self.screen.clone()))
    }

    /// Ends the kiosk in good order.
    pub fn stop(self) {
        self.kiosk.stop();
    }

    /// What the screen shows, ready-made.
    pub fn shown(&self) -> Option<ViewModel> {
        self.kiosk.circle.shown()
    }

    /// Which screen is in front.
    pub fn shown_screen(&self) -> Option<Screen> {
        self.kiosk.circle.shown_screen()
    }

    /// Lets the kiosk go on until the screen shows what is expected, and draws it.
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
                self.screen.turn();
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
            self.screen.advance(TURN);
        }
    }

    /// Lets the kiosk go on until every page in the window is drawn.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub fn until_drawn(&self, limit: Duration) -> Result<(), WalkError> {
        self.until("the pages to be drawn", limit, |_| {
            self.kiosk.circle.is_settled()
        })
    }

    /// Lets the kiosk go on until every page in the window is drawn and nothing moves.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub fn until_settled(&self, limit: Duration) -> Result<(), WalkError> {
        self.until_drawn(limit)?;
        self.screen.settle(limit);
        Ok(())
    }

    /// The screen: fingers and pictures.
    pub fn screen(&self) -> &Headless {
        &self.screen
    }

    /// Everything that can be named and seen now.
    pub fn on_screen(&self) -> Vec<Element> {
        self.screen.turn();
        elements::on_screen(self.kiosk.circle.window().window())
    }

    /// Everything that can be touched now.
    pub fn touchable(&self) -> Vec<Element> {
        self.screen.turn();
        elements::touchable(self.kiosk.circle.window().window())
    }

    /// Touches the middle of the first thing whose label `wanted` likes.
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

    /// Touches the middle of what is called `label`, or begins with it.
    ///
    /// # Errors
    ///
    /// When nothing is.
    pub fn touch(&self, label: &str) -> Result<(), WalkError> {
        self.touch_where(label, |element| element.label.starts_with(label))
    }

    /// The words spoken so far.
    pub fn speech(&self) -> &SpeechSink {
        self.kiosk.speaker.sink()
    }

    /// Lets what is being said have been said to its end.
    pub fn finish_speaking(&self) {
        self.kiosk.speaker.finish_speaking();
    }

    /// Presses a key of a keyboard and lets it go.
    pub fn press(&self, key: slint::platform::Key) {
        let window = self.kiosk.circle.window().window();
        let text = SharedString::from(key);
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
        self.screen.turn();
    }

    /// Types a text on a keyboard.
    pub fn type_text(&self, text: &str) {
        let window = self.kiosk.circle.window().window();
        for letter in text.chars() {
            let text = SharedString::from(letter.to_string());
            window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            window.dispatch_event(WindowEvent::KeyReleased { text });
        }
        self.screen.turn();
    }

    /// Asks the window to close, as a window manager does; says whether it is still there.
    pub fn ask_to_close(&self) -> bool {
        let window = self.kiosk.circle.window().window();
        window.dispatch_event(WindowEvent::CloseRequested);
        self.screen.turn();
        window.is_visible()
    }

    /// Lets the kiosk believe that nobody touched it for this long.
    pub fn skip(&self, time: Duration) {
        self.kiosk.clock.skip(time);
    }

    /// Where visitors are now, to come back to.
    pub fn moment(&self) -> State {
        self.kiosk.circle.ask(State::clone)
    }

    /// Goes back to where visitors were.
    pub fn return_to(&self, moment: State) {
        self.kiosk.circle.return_to(moment);
        self.screen.turn();
    }

    /// What the screen shows, as pixels.
    pub fn picture(&self) -> RgbaImage {
        self.screen.snapshot()
    }
}
