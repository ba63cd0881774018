//! The circle: something happens → the state changes → the screen, the desk and the journal follow.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use slint::ComponentHandle;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::answers::AnswerKeeper;
use super::emblem;
use super::open_text;
use super::pictures;
use super::recorder::Recorder;
use crate::clock::DeviceClock;
use crate::drawing::{Delivery, DrawingDesk};
use crate::gallery::Gallery;
use crate::search::SearchDesk;
use crate::service_desk::ServiceDesk;
use crate::state::{BoardContent, Event, Question, SearchableText, State, TextWish, Wanted};
use crate::store::BoardStore;
use crate::ui::present::{Device, Presenter};
use crate::ui::view_model::{Pixels, Screen, ViewModel};
use crate::ui::{AppWindow, Ui};

/// How often time passes for the state.
const TICK: std::time::Duration = std::time::Duration::from_secs(1);

/// Everything that reaches the circle from the screen and from other threads.
pub(super) enum Happening {
    /// Something for the state.
    Event(Event),
    /// A verified board was taken into use.
    Board(Arc<BoardContent>),
    /// Central told its signed time.
    Heard(DateTime<Utc>),
    /// A document arrived.
    ContentArrived(ContentHash),
    /// A stored document turned out damaged.
    ContentLost,
    /// A manifest was refused.
    ManifestRefused { number: Option<u64>, reason: String },
    /// The drawing desk delivered.
    Delivery(Delivery),
    /// The text of a document was read, or cannot be.
    Text(TextWish, Option<Arc<SearchableText>>),
    /// The coat of arms was decoded.
    CoatOfArms(ContentHash, Pixels),
    /// A technician changed the network.
    NetworkChanged,
    /// A picture of the town's information was decoded.
    Picture(ContentHash, Pixels),
}

/// Reaches the circle from any thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Poster;

thread_local! {
    static CIRCLE: RefCell<Weak<Inner>> = const { RefCell::new(Weak::new()) };
}

impl Poster {
    /// Lets something happen on the interface's thread.
    pub(super) fn post(self, happening: Happening) {
        let posted = slint::invoke_from_event_loop(move || {
            let circle = CIRCLE.with(|circle| circle.borrow().upgrade());
            if let Some(inner) = circle {
                Circle { inner }.happen(happening);
            }
        });
        if posted.is_err() {
            tracing::debug!("the interface has ended; nothing happens any more");
        }
    }
}

/// Those who work for the circle on threads of their own.
pub(super) struct Desks {
    pub(super) drawing: DrawingDesk,
    pub(super) search: SearchDesk,
    pub(super) service: ServiceDesk,
}

/// The circle, on the interface's thread.
#[derive(Clone)]
pub(super) struct Circle {
    inner: Rc<Inner>,
}

struct Inner {
    queue: RefCell<VecDeque<Happening>>,
    turning: Cell<bool>,
    parts: RefCell<Parts>,
    window: AppWindow,
    timer: slint::Timer,
    follower: RefCell<Option<Follower>>,
}

/// Told after every turn, when the circle is free again.
type Follower = Box<dyn Fn(&ViewModel)>;

struct Parts {
    state: State,
    clock: Arc<DeviceClock>,
    ui: Ui,
    gallery: Gallery,
    presenter: Presenter,
    desk: DrawingDesk,
    wanted: Wanted,
    /// The text that is being read.
    reads_text: Option<TextWish>,
    search: SearchDesk,
    service: ServiceDesk,
    /// Which edition of the board the search desk follows, and what it was asked last.
    searched: (Option<u64>, Option<Question>),
    recorder: Recorder,
    answers: AnswerKeeper,
    store: Arc<dyn BoardStore>,
    coat_of_arms: Option<ContentRef>,
    fetch_again: Option<Box<dyn Fn()>>,
    shown: Option<ViewModel>,
}

impl Circle {
    pub(super) fn new(
        ui: Ui,
        clock: Arc<DeviceClock>,
        desks: Desks,
        recorder: Recorder,
        answers: AnswerKeeper,
        store: Arc<dyn BoardStore>,
    ) -> Self {
        let state = State::new(clock.stamp());
        let inner = Rc::new(Inner {
            queue: RefCell::default(),
            turning: Cell::new(false),
            window: ui.window().clone_strong(),
            parts: RefCell::new(Parts {
                state,
                clock,
                ui,
                gallery: Gallery::default(),
                presenter: Presenter::default(),
                desk: desks.drawing,
                wanted: Wanted::default(),
                reads_text: None,
                search: desks.search,
                service: desks.service,
                searched: (None, None),
                recorder,
                answers,
                store,
                coat_of_arms: None,
                fetch_again: None,
                shown: None,
            }),
            timer: slint::Timer::default(),
            follower: RefCell::default(),
        });
        CIRCLE.with(|circle| *circle.borrow_mut() = Rc::downgrade(&inner));
        Self { inner }
    }

    /// Joins the screen's callbacks and the passing of time to the circle.
    pub(super) fn connect(&self) {
        let here = self.clone();
        self.inner
            .parts
            .borrow()
            .ui
            .connect(move |event| here.happen(Happening::Event(event)));
        let here = self.clone();
        self.inner
            .timer
            .start(slint::TimerMode::Repeated, TICK, move || {
                here.happen(Happening::Event(Event::Tick));
            });
        self.happen(Happening::Event(Event::Tick));
    }

    /// Lets something happen now, or right after what is happening.
    pub(super) fn happen(&self, happening: Happening) {
        self.inner.queue.borrow_mut().push_back(happening);
        // Drawing the screen may call back into here.
        if self.inner.turning.replace(true) {
            return;
        }
        let mut parts = self.inner.parts.borrow_mut();
        loop {
            let next = self.inner.queue.borrow_mut().pop_front();
            let Some(next) = next else { break };
            parts.turn(next);
        }
        drop(parts);
        self.inner.turning.set(false);
        self.tell_follower();
    }

    fn tell_follower(&self) {
        // Taken out meanwhile: it may let something happen, which tells it again.
        let Some(follower) = self.inner.follower.take() else {
            return;
        };
        let parts = self.inner.parts.borrow();
        if let Some(shown) = &parts.shown {
            follower(shown);
        }
        drop(parts);
        self.inner.follower.replace(Some(follower));
    }

    /// Tells what the screen shows after every turn.
    ///
    /// The follower may only look: what it wants to happen has to wait until it has returned.
    pub(super) fn on_turned(&self, follower: impl Fn(&ViewModel) + 'static) {
        self.inner.follower.replace(Some(Box::new(follower)));
    }

    /// What the state says to this.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&State) -> T) -> T {
        question(&self.inner.parts.borrow().state)
    }

    /// Goes on from a state there was.
    pub(super) fn return_to(&self, state: State) {
        self.inner.parts.borrow_mut().state = state;
        self.happen(Happening::Event(Event::Tick));
    }

    /// Where documents and their texts are kept.
    pub(super) fn store(&self) -> Arc<dyn BoardStore> {
        Arc::clone(&self.inner.parts.borrow().store)
    }

    /// Says what names this device.
    pub(super) fn name_device(&self, device: Device) {
        self.inner.parts.borrow_mut().presenter.device = device;
    }

    /// What the screen shows now.
    pub(super) fn shown(&self) -> Option<ViewModel> {
        self.inner.parts.borrow().shown.clone()
    }

    /// Which screen is in front.
    pub(super) fn shown_screen(&self) -> Option<Screen> {
        let parts = self.inner.parts.borrow();
        parts.shown.as_ref().map(|shown| shown.screen)
    }

    /// Whether everything wanted on the screen has been drawn.
    pub(super) fn is_settled(&self) -> bool {
        let mut parts = self.inner.parts.borrow_mut();
        let wanted = parts.wanted.clone();
        parts.reads_text.is_none() && parts.gallery.missing(&wanted) == Wanted::default()
    }

    /// How a lost document gets fetched again.
    pub(super) fn on_content_lost(&self, wake: impl Fn() + 'static) {
        self.inner.parts.borrow_mut().fetch_again = Some(Box::new(wake));
    }

    /// The window; showing it may call back into the circle.
    pub(super) fn window(&self) -> &AppWindow {
        &self.inner.window
    }

    /// Records the end.
    pub(super) fn stop(&self) {
        self.inner.timer.stop();
        let mut parts = self.inner.parts.borrow_mut();
        let now = parts.clock.stamp();
        parts.recorder.stop(&now);
        parts.answers.stop();
        parts.service.stop();
    }
}

impl Parts {
    fn turn(&mut self, happening: Happening) {
        let now = self.clock.stamp();
        match happening {
            Happening::Event(event) => self.state.apply(event, now),
            Happening::Board(board) => self.take_board(board),
            Happening::Heard(at) => {
                self.clock.told(at);
                self.clock.not_before(at);
                let heard = Event::CentralHeard(self.clock.shows_at(at));
                self.state.apply(heard, self.clock.stamp());
            }
            Happening::ContentArrived(hash) => {
                self.state.content_arrived(&hash);
                self.search.arrived(hash);
                self.presenter.pictures.forget(&hash);
                if self.coat_of_arms.is_some_and(|arms| arms.hash == hash) {
                    self.fetch_coat_of_arms();
                }
            }
            Happening::ContentLost | Happening::NetworkChanged => {
                if let Some(fetch_again) = &self.fetch_again {
                    fetch_again();
                }
            }
            Happening::ManifestRefused { number, reason } => {
                self.recorder.manifest_refused(number, reason, &now);
            }
            Happening::Delivery(delivery) => self.take_delivery(delivery),
            Happening::Text(wish, text) => {
                self.reads_text = None;
                self.state.apply(Event::TextArrived { wish, text }, now);
            }
            Happening::Picture(hash, pixels) => {
                let picture = self.gallery.picture(pixels);
                let wanted = self.state.wanted_pictures();
                self.presenter.pictures.put(hash, picture, &wanted);
            }
            Happening::CoatOfArms(hash, pixels) => {
                if self.coat_of_arms.is_some_and(|arms| arms.hash == hash) {
                    self.presenter.coat_of_arms = Some(self.gallery.picture(pixels));
                }
            }
        }
        self.follow();
    }

    fn take_board(&mut self, board: Arc<BoardContent>) {
        let arms = board.settings.coat_of_arms;
        self.state
            .apply(Event::BoardChanged(board), self.clock.stamp());
        if arms.map(|arms| arms.hash) != self.coat_of_arms.map(|arms| arms.hash) {
            self.coat_of_arms = arms;
            self.presenter.coat_of_arms = None;
            self.fetch_coat_of_arms();
        }
    }

    fn fetch_coat_of_arms(&self) {
        if let Some(arms) = self.coat_of_arms {
            emblem::fetch(arms.hash, Arc::clone(&self.store));
        }
    }

    fn take_delivery(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Opened {
                document,
                outcome,
                code,
            } => {
                if let Some(code) = code {
                    let now = self.clock.stamp();
                    self.recorder
                        .document_not_drawable(&self.state, document, code, &now);
                }
                let event = Event::DocumentOpened { document, outcome };
                self.state.apply(event, self.clock.stamp());
            }
            Delivery::Drawn(drawings) => {
                for (drawing, pixels) in drawings {
                    self.gallery.hang(drawing, pixels, &self.wanted);
                }
            }
            Delivery::PageFailed {
                drawing,
                reason,
                code,
            } => {
                let now = self.clock.stamp();
                self.recorder
                    .document_not_drawable(&self.state, drawing.document, code, &now);
                self.gallery
                    .mark_failed(drawing.document, drawing.page, reason);
            }
        }
    }

    /// What is posted can be found, and nothing else; what was typed is asked.
    fn follow_with_search(&mut self) {
        let edition = Some(self.state.edition());
        if self.searched.0 != edition
            && let Some(board) = self.state.board()
        {
            self.searched.0 = edition;
            self.search
                .follow(Arc::clone(board), self.state.posted_positions().to_vec());
        }
        let question = self.state.wanted_search();
        if self.searched.1 != question {
            self.searched.1.clone_from(&question);
            self.search.ask(question);
        }
    }

    /// Lets everything that follows from the state follow.
    fn follow(&mut self) {
        let now = self.clock.stamp();
        let wanted = self.state.wanted_drawings();
        if wanted != self.wanted {
            self.wanted = wanted;
            self.desk.want(self.gallery.missing(&self.wanted));
        }
        if self.reads_text.is_none()
            && let Some(wish) = self.state.wanted_text()
        {
            self.reads_text = Some(wish);
            open_text::fetch(wish, Arc::clone(&self.store));
        }
        self.follow_with_search();
        let pictures = self.state.wanted_pictures();
        let pictures = self.presenter.pictures.missing(&pictures);
        if !pictures.is_empty() {
            pictures::fetch(pictures, Arc::clone(&self.store));
        }
        for answer in self.state.take_answers() {
            self.answers.keep(answer);
        }
        for order in self.state.take_service_orders() {
            self.service.order(order);
        }
        let view_model = self.presenter.present(&self.state, &self.gallery, now);
        self.ui.render(&view_model);
        self.shown = Some(view_model);
        self.recorder.follow(&self.state, &now);
    }
}
