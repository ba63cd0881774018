//! The same interface without a display: rendered into memory, driven by calls.
//!
//! A [`slint::platform::Platform`] over the software renderer.
//! The headless demo, the scripted sessions, tests and benches run on it;
//! touches take the same path through the toolkit as those of a touch panel.

mod event_loop;
pub(crate) mod gesture;
pub(crate) mod touch;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use image::RgbaImage;
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{SetPlatformError, WindowAdapter, update_timers_and_animations};
use slint::{PhysicalSize, Rgb8Pixel};

use event_loop::{HeadlessPlatform, Queue};
use gesture::Step;

use crate::ui::repaint;

pub use event_loop::Time;

/// The time between two frames.
const FRAME: Duration = Duration::from_millis(16);

/// The toolkit takes its event loop proxy from the first platform of a process only.
static PROXY_TAKEN: AtomicBool = AtomicBool::new(false);

/// A screen in memory, owned by the thread that installed it.
#[derive(Clone)]
pub struct Headless {
    display: Rc<VirtualDisplay>,
}

/// The window, its last frame and the time, shared by the handles of one [`Headless`].
struct VirtualDisplay {
    window: Rc<MinimalSoftwareWindow>,
    frame: RefCell<Vec<Rgb8Pixel>>,
    width: Cell<u32>,
    height: Cell<u32>,
    time: Time,
    queue: Arc<Queue>,
    frames: Cell<u64>,
    last_frame: Cell<Duration>,
    last_painted: Cell<(u32, u32)>,
    /// Whether frames are painted for snapshots only.
    unpainted: Cell<bool>,
}

impl Headless {
    /// Installs this screen as the platform of the current thread.
    ///
    /// Callbacks from other threads (`slint::invoke_from_event_loop`) reach the first screen of a process only.
    ///
    /// # Errors
    ///
    /// When this thread already has a platform.
    pub fn install(width: u32, height: u32, time: Time) -> Result<Self, SetPlatformError> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        let queue = Arc::new(Queue::default());
        let headless = Self {
            display: Rc::new(VirtualDisplay {
                window: window.clone(),
                frame: RefCell::new(Vec::new()),
                width: Cell::new(0),
                height: Cell::new(0),
                time: time.clone(),
                queue: queue.clone(),
                frames: Cell::new(0),
                last_frame: Cell::new(Duration::ZERO),
                last_painted: Cell::new((0, 0)),
                unpainted: Cell::new(false),
            }),
        };
        slint::platform::set_platform(Box::new(HeadlessPlatform {
            screen: headless.clone(),
            offers_proxy: !PROXY_TAKEN.swap(true, Ordering::AcqRel),
        }))?;
        headless.resize(width, height);
        Ok(headless)
    }

    pub fn resize(&self, width: u32, height: u32) {
        let display = &self.display;
        if (display.width.get(), display.height.get()) == (width, height) {
            return;
        }
        display.width.set(width);
        display.height.set(height);
        // Allocated again by the next frame: a window that is only measured needs none.
        display.frame.take();
        display.window.set_size(PhysicalSize::new(width, height));
        display.window.request_redraw();
    }

    /// Paints frames for snapshots only from now on.
    ///
    /// Everything else goes on as before; a session of thousands of touches is many times faster.
    pub fn paint_only_for_pictures(&self) {
        self.display.unpainted.set(true);
    }

    /// Runs what is due: calls from other threads, timers, and a frame where something changed.
    /// Returns whether a frame was painted.
    pub fn dispatch(&self) -> bool {
        self.display.queue.run_all();
        update_timers_and_animations();
        if self.display.unpainted.get() {
            touch::instantiate_items(self.display.window.window());
            return false;
        }
        self.paint()
    }

    /// Lets time pass, frame by frame. Real time is waited for; set time jumps.
    pub fn advance(&self, duration: Duration) {
        let mut left = duration;
        self.dispatch();
        while !left.is_zero() {
            let step = left.min(FRAME);
            match &self.display.time {
                Time::Real(_) => self.display.queue.wait(Some(step)),
                Time::Set(clock) => clock.advance(step),
            }
            left -= step;
            self.dispatch();
        }
    }

    /// Runs until nothing moves any more, for at most `most`; returns whether it came to rest.
    pub fn settle(&self, most: Duration) -> bool {
        if self.display.unpainted.get() {
            // What follows from one dispatch, such as a size reported by a callback, shows in the next.
            self.advance(2 * FRAME);
        }
        let mut left = most;
        loop {
            let painted = self.dispatch();
            if !painted && !self.display.window.has_active_animations() {
                return true;
            }
            if left.is_zero() {
                return false;
            }
            let step = left.min(FRAME);
            self.advance(step);
            left -= step;
        }
    }

    /// A finger touches and leaves.
    pub fn tap(&self, x: f32, y: f32) {
        self.play(&gesture::tap(x, y));
    }

    /// A finger comes down and stays, until [`Self::release`].
    pub fn press(&self, x: f32, y: f32) {
        self.play(&gesture::press(x, y));
    }

    /// Two fingers come down one after the other and stay.
    pub fn press_two(&self, first: (f32, f32), second: (f32, f32)) {
        self.play(&gesture::press_two(first, second));
    }

    /// The second of two fingers leaves, then the first.
    pub fn release_two(&self, first: (f32, f32), second: (f32, f32)) {
        self.play(&gesture::release_two(first, second));
    }

    /// The finger leaves.
    pub fn release(&self, x: f32, y: f32) {
        self.play(&gesture::release(x, y));
    }

    /// A finger pushes from one point to another and stops before it leaves.
    pub fn drag(&self, from: (f32, f32), to: (f32, f32)) {
        self.play(&gesture::drag(from, to));
    }

    /// A finger flings from one point to another.
    pub fn fling(&self, from: (f32, f32), to: (f32, f32)) {
        self.play(&gesture::fling(from, to));
    }

    /// Two fingers go from one distance to another about a point.
    pub fn pinch(&self, centre: (f32, f32), from: f32, to: f32) {
        self.play(&gesture::pinch(centre, from, to));
    }

    /// The screen's pixels, painted up to now.
    pub fn snapshot(&self) -> RgbaImage {
        self.dispatch();
        self.paint();
        let (width, height) = (self.display.width.get(), self.display.height.get());
        repaint::image(&self.display.frame.borrow(), width, height)
            .expect("the frame has the screen's size")
    }

    /// The pixels of a full repaint of what the window shows now, by a renderer of its own.
    ///
    /// For tests: [`Self::snapshot`] has to equal it.
    pub fn repainted(&self) -> RgbaImage {
        let picture = repaint::repainted(self.display.window.window());
        self.paint();
        picture.expect("the screen has a size")
    }

    /// How many frames were painted so far, and how long the last one took.
    pub fn frames(&self) -> (u64, Duration) {
        (self.display.frames.get(), self.display.last_frame.get())
    }

    /// The size of the part of the screen that the last frame painted.
    pub fn last_painted(&self) -> (u32, u32) {
        self.display.last_painted.get()
    }

    fn play(&self, steps: &[Step]) {
        for step in steps {
            self.touch(step);
            self.advance(step.then);
        }
    }

    /// Applies one step of a gesture, without letting time pass.
    fn touch(&self, step: &Step) {
        update_timers_and_animations();
        for finger in &step.fingers {
            touch::dispatch(self.display.window.window(), *finger);
        }
        self.dispatch();
    }

    fn paint(&self) -> bool {
        let display = &self.display;
        let began = Instant::now();
        let painted = display.window.draw_if_needed(|renderer| {
            let (width, height) = (display.width.get() as usize, display.height.get() as usize);
            let mut frame = display.frame.borrow_mut();
            if frame.is_empty() {
                *frame = vec![Rgb8Pixel::default(); width * height];
            }
            let size = renderer.render(&mut frame, width).bounding_box_size();
            display.last_painted.set((size.width, size.height));
        });
        if painted {
            display.frames.set(display.frames.get() + 1);
            display.last_frame.set(began.elapsed());
        }
        painted
    }
}
