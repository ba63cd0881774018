//! The event loop: an event changes the state; the screen, the workers and the journal are brought in line with it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use slint::ComponentHandle;
use vyveska_wire::manifest::ContentRef;

use super::answers::AnswerWorker;
use super::app_event::{self, AppEvent};
use super::coat_of_arms;
use super::lifecycle;
use super::open_text;
use super::pictures;
use super::recorder::Recorder;
use super::status::{ShownNow, screen_shown};
use crate::clock::DeviceClock;
use crate::drawing::{Delivery, DrawingWorker};
use crate::page_cache::PageCache;
use crate::search::SearchWorker;
use crate::service_mode::ServiceWorker;
use crate::state::{BoardContent, Event, Question, RenderRequests, State, TextRequest};
use crate::store::BoardStore;
use crate::ui::present::{Device, Presenter};
use crate::ui::repaint::FULL_REPAINT;
use crate::ui::view_model::{Screen, ViewModel};
use crate::ui::{AppWindow, Ui};

/// How often the state receives [`Event::Tick`].
const TICK: std::time::Duration = std::time::Duration::from_secs(1);

/// The workers that the event loop sends commands to.
pub(super) struct Workers {
    pub(super) drawing: DrawingWorker,
    pub(super) search: SearchWorker,
    pub(super) service: ServiceWorker,
}

/// The event loop, on the interface's thread.
#[derive(Clone)]
pub(super) struct EventLoop {
    inner: Rc<Inner>,
}

struct Inner {
    queue: RefCell<VecDeque<AppEvent>>,
    dispatching: Cell<bool>,
    parts: RefCell<Parts>,
    window: AppWindow,
    timer: slint::Timer,
    observer: RefCell<Option<Observer>>,
}

/// Called after each dispatch, once the state is no longer borrowed.
type Observer = Box<dyn Fn(&ViewModel)>;

struct Parts {
    state: State,
    clock: Arc<DeviceClock>,
    ui: Ui,
    page_cache: PageCache,
    presenter: Presenter,
    worker: DrawingWorker,
    wanted: RenderRequests,
    /// The text that is being read from the store.
    reads_text: Option<TextRequest>,
    search: SearchWorker,
    service: ServiceWorker,
    /// The edition of the board that the search worker has, and the last question sent to it.
    searched: (Option<u64>, Option<Question>),
    recorder: Recorder,
    answers: AnswerWorker,
    store: Arc<dyn BoardStore>,
    coat_of_arms: Option<ContentRef>,
    fetch_again: Option<Box<dyn Fn()>>,
    shown: Option<ViewModel>,
    /// The same for other threads.
    shown_now: ShownNow,
    /// The monotonic time of the last full repaint.
    repainted: std::time::Duration,
}

impl EventLoop {
    pub(super) fn new(
        ui: Ui,
        clock: Arc<DeviceClock>,
        workers: Workers,
        recorder: Recorder,
        answers: AnswerWorker,
        store: Arc<dyn BoardStore>,
    ) -> Self {
        let state = State::new(clock.stamp());
        let inner = Rc::new(Inner {
            queue: RefCell::default(),
            dispatching: Cell::new(false),
            window: ui.window().clone_strong(),
            parts: RefCell::new(Parts {
                state,
                clock,
                ui,
                page_cache: PageCache::default(),
                presenter: Presenter::default(),
                worker: workers.drawing,
                wanted: RenderRequests::default(),
                reads_text: None,
                search: workers.search,
                service: workers.service,
                searched: (None, None),
                recorder,
                answers,
                store,
                coat_of_arms: None,
                fetch_again: None,
                shown: None,
                shown_now: ShownNow::default(),
                repainted: std::time::Duration::ZERO,
            }),
            timer: slint::Timer::default(),
            observer: RefCell::default(),
        });
        let receiver = Rc::downgrade(&inner);
        app_event::receive_with(move |event| {
            if let Some(inner) = receiver.upgrade() {
                Self { inner }.dispatch(event);
            }
        });
        Self { inner }
    }

    /// Connects the screen's callbacks and the timer that sends [`Event::Tick`].
    pub(super) fn connect(&self) {
        let here = self.clone();
        self.inner
            .parts
            .borrow()
            .ui
            .connect(move |event| here.dispatch(AppEvent::Event(event)));
        let here = self.clone();
        self.inner
            .timer
            .start(slint::TimerMode::Repeated, TICK, move || {
                here.dispatch(AppEvent::Event(Event::Tick));
                lifecycle::answered();
            });
        self.dispatch(AppEvent::Event(Event::Tick));
    }

    /// Handles an event now, or right after the one that is being handled.
    pub(super) fn dispatch(&self, event: AppEvent) {
        self.inner.queue.borrow_mut().push_back(event);
        // Rendering may call back into this function.
        if self.inner.dispatching.replace(true) {
            return;
        }
        let mut parts = self.inner.parts.borrow_mut();
        loop {
            let next = self.inner.queue.borrow_mut().pop_front();
            let Some(next) = next else { break };
            parts.handle(next);
        }
        drop(parts);
        self.inner.dispatching.set(false);
        self.notify_observer();
    }

    fn notify_observer(&self) {
        // Taken out during the call: it may dispatch an event, which would call it again.
        let Some(observer) = self.inner.observer.take() else {
            return;
        };
        let parts = self.inner.parts.borrow();
        if let Some(shown) = &parts.shown {
            observer(shown);
        }
        drop(parts);
        self.inner.observer.replace(Some(observer));
    }

    /// Sets the observer, which is called after each dispatch with what the screen shows.
    ///
    /// It may only read: it must not dispatch events before it has returned.
    pub(super) fn on_dispatched(&self, observer: impl Fn(&ViewModel) + 'static) {
        self.inner.observer.replace(Some(Box::new(observer)));
    }

    /// Reads something from the state.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&State) -> T) -> T {
        question(&self.inner.parts.borrow().state)
    }

    /// Replaces the state by an earlier one.
    pub(super) fn return_to(&self, state: State) {
        self.inner.parts.borrow_mut().state = state;
        self.dispatch(AppEvent::Event(Event::Tick));
    }

    pub(super) fn store(&self) -> Arc<dyn BoardStore> {
        Arc::clone(&self.inner.parts.borrow().store)
    }

    /// Sets how the screen names this device.
    pub(super) fn name_device(&self, device: Device) {
        self.inner.parts.borrow_mut().presenter.device = device;
    }

    /// What the interface shows, for other threads.
    pub(super) fn shown_now(&self) -> ShownNow {
        self.inner.parts.borrow().shown_now.clone()
    }

    pub(super) fn shown(&self) -> Option<ViewModel> {
        self.inner.parts.borrow().shown.clone()
    }

    /// The monotonic time of the last full repaint.
    #[cfg(feature = "demo")]
    pub(super) fn last_repaint(&self) -> std::time::Duration {
        self.inner.parts.borrow().repainted
    }

    pub(super) fn shown_screen(&self) -> Option<Screen> {
        let parts = self.inner.parts.borrow();
        parts.shown.as_ref().map(|shown| shown.screen)
    }

    /// Whether every requested page has been drawn, the text has been read, and the search has replied.
    pub(super) fn is_settled(&self) -> bool {
        let mut parts = self.inner.parts.borrow_mut();
        let wanted = parts.wanted.clone();
        parts.reads_text.is_none()
            && !parts.state.is_search_pending()
            && parts.page_cache.missing(&wanted) == RenderRequests::default()
    }

    /// Sets what is called when a damaged document has to be fetched again.
    pub(super) fn on_content_lost(&self, wake: impl Fn() + 'static) {
        self.inner.parts.borrow_mut().fetch_again = Some(Box::new(wake));
    }

    /// The window; showing it may call back into the event loop.
    pub(super) fn window(&self) -> &AppWindow {
        &self.inner.window
    }

    /// Stops the workers and records the end in the journal.
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
    fn handle(&mut self, event: AppEvent) {
        let now = self.clock.stamp();
        match event {
            AppEvent::Event(event) => self.state.apply(event, now),
            AppEvent::Board(board) => self.take_board(board),
            AppEvent::Heard(at) => {
                let heard = Event::CentralHeard(self.clock.shows_at(at));
                self.state.apply(heard, self.clock.stamp());
            }
            AppEvent::ContentArrived(hash) => {
                self.state.content_arrived(&hash);
                self.search.arrived(hash);
                self.presenter.pictures.forget(&hash);
                if self.coat_of_arms.is_some_and(|arms| arms.hash == hash) {
                    self.fetch_coat_of_arms();
                }
            }
            AppEvent::ContentLost | AppEvent::NetworkChanged => {
                if let Some(fetch_again) = &self.fetch_again {
                    fetch_again();
                }
            }
            AppEvent::Refused(refused) => self.recorder.refused(refused, &now),
            AppEvent::Delivery(delivery) => self.take_delivery(delivery),
            AppEvent::Text(request, text) => {
                self.reads_text = None;
                self.state.apply(Event::TextArrived { request, text }, now);
            }
            AppEvent::Picture(hash, pixels) => {
                let picture = self.page_cache.picture(pixels);
                let wanted = self.state.wanted_pictures();
                self.presenter.pictures.put(hash, picture, &wanted);
            }
            AppEvent::CoatOfArms(hash, pixels) => {
                if self.coat_of_arms.is_some_and(|arms| arms.hash == hash) {
                    self.presenter.coat_of_arms = Some(self.page_cache.picture(pixels));
                }
            }
        }
        self.update();
    }

    fn take_board(&mut self, board: Arc<BoardContent>) {
        let arms = board.settings.coat_of_arms;
        lifecycle::remember_board(&board);
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
            coat_of_arms::fetch(arms.hash, Arc::clone(&self.store));
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
                    self.page_cache.insert(drawing, pixels, &self.wanted);
                }
            }
            Delivery::PageFailed {
                drawing,
                reason,
                code,
            } => {
                let now = self.clock.stamp();
                let document = self.state.document_drawn_by(drawing.document);
                self.recorder
                    .document_not_drawable(&self.state, document, code, &now);
                self.page_cache
                    .mark_failed(drawing.document, drawing.page, reason);
            }
        }
    }

    /// Keeps the search index to exactly what is posted, and sends the question that was typed.
    fn update_search(&mut self) {
        let edition = Some(self.state.edition());
        if self.searched.0 != edition
            && let Some(board) = self.state.board()
        {
            self.searched.0 = edition;
            self.search
                .set_board(Arc::clone(board), self.state.posted_positions().to_vec());
        }
        let question = self.state.wanted_search();
        if self.searched.1 != question {
            self.searched.1.clone_from(&question);
            self.search.ask(question);
        }
    }

    /// Brings the workers, the screen and the journal in line with the state.
    fn update(&mut self) {
        let now = self.clock.stamp();
        let wanted = self.state.render_requests();
        if wanted != self.wanted {
            self.wanted = wanted;
            self.worker.want(self.page_cache.missing(&self.wanted));
        }
        if self.reads_text.is_none()
            && let Some(request) = self.state.text_request()
        {
            self.reads_text = Some(request);
            open_text::fetch(request, Arc::clone(&self.store));
        }
        self.update_search();
        let pictures = self.state.wanted_pictures();
        let pictures = self.presenter.pictures.missing(&pictures);
        if !pictures.is_empty() {
            pictures::fetch(pictures, Arc::clone(&self.store));
        }
        for answer in self.state.take_answers() {
            self.answers.keep(answer);
        }
        for command in self.state.take_service_commands() {
            self.service.send(command);
        }
        let view_model = self.presenter.present(&self.state, &self.page_cache, now);
        self.ui.render(&view_model);
        if now.monotonic >= self.repainted + FULL_REPAINT {
            self.repainted = now.monotonic;
            self.ui.repaint();
        }
        let screen = screen_shown(view_model.screen, &self.state);
        self.shown_now
            .note(&self.state, screen, self.ui.window().window());
        self.shown = Some(view_model);
        self.recorder.record_changes(&self.state, &now);
    }
}
