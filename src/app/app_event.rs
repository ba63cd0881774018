//! The events of the event loop, and how any thread posts them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use vyveska_wire::manifest::ContentHash;

use crate::drawing::Delivery;
use crate::picture::Pixels;
use crate::state::{BoardContent, Event, SearchableText, TextRequest};
use crate::sync::Refused;

/// Every event from the screen and from other threads.
pub(super) enum AppEvent {
    /// An event that only the state handles.
    Event(Event),
    /// A verified board was taken into use.
    Board(Arc<BoardContent>),
    /// Central's signed time arrived.
    Heard(DateTime<Utc>),
    ContentArrived(ContentHash),
    /// A stored document turned out damaged.
    ContentLost,
    /// Sync refused a manifest or an assignment.
    Refused(Refused),
    Delivery(Delivery),
    /// The text of a document was read; `None` when it cannot be.
    Text(TextRequest, Option<Arc<SearchableText>>),
    /// The coat of arms was decoded.
    CoatOfArms(ContentHash, Pixels),
    /// A technician changed the network.
    NetworkChanged,
    /// A picture of an information page was decoded.
    Picture(ContentHash, Pixels),
}

type Receiver = Rc<dyn Fn(AppEvent)>;

thread_local! {
    static RECEIVER: RefCell<Option<Receiver>> = const { RefCell::new(None) };
}

/// Sets what handles events from now on. Call it on the interface's thread.
pub(super) fn receive_with(receiver: impl Fn(AppEvent) + 'static) {
    RECEIVER.set(Some(Rc::new(receiver)));
}

/// Posts events to the event loop from any thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventSender;

impl EventSender {
    /// Dispatches an event on the interface's thread.
    pub(super) fn post(self, event: AppEvent) {
        let posted = slint::invoke_from_event_loop(move || {
            if let Some(receive) = RECEIVER.with_borrow(Clone::clone) {
                receive(event);
            }
        });
        if posted.is_err() {
            tracing::debug!("the interface has ended; the event is dropped");
        }
    }
}
