//! The open connections: what each is counted under, and which end.
//!
//! A connection waits for a request. The request then is one of the public, one of the admin or, once its token has been
//! judged, one of a display; displays that are still to enrol are strangers, and have a few slots of their own. Each of these is a pool with slots of its own, so that the public never takes those of others;
//! a part of the service that has to go on while the others are full gets a pool here.
//!
//! Accepting never stops: the connection that has waited longest for a request ends for a newer one. A request that has
//! come is not ended for another; it is refused where its pool has no slot, and otherwise keeps the slot until its
//! response has been sent. Only an event stream ends for a newer one of the same display, which most likely lost it.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vyveska_wire::keys::DisplayId;

use super::client::{ClientNetwork, forwarded_for};
use super::pace::Pace;
use crate::config::{LimitsConfig, ServiceConfig};

/// How often connections are looked at that may be overdue.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Enrolments of one client and of all: there are few in a year, and each is over in a moment.
const ENROLMENTS_PER_CLIENT: u32 = 4;
const ENROLMENTS: u32 = 32;

/// There is no slot for this request now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests are under way: ask again in a few seconds")]
pub struct NoFreeSlot;

impl NoFreeSlot {
    /// For the header `Retry-After`, in seconds.
    pub(crate) const RETRY_AFTER: &str = "5";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Pool {
    /// Connections without a request, or whose request has not been judged yet.
    Waiting,
    Public,
    Admin,
    Displays,
    Streams,
    Enrolments,
}

/// Those whose slots in a pool are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    Client(ClientNetwork),
    /// The proxies in front of the service, whose waiting connections are nobody's yet.
    Proxies,
    Display(DisplayId),
}

/// A kind of slots: each is counted for the pool and for its holders.
struct Slot {
    pool: Pool,
    holders: Vec<Holder>,
}

struct Open {
    /// With a number that orders the slots by when they were taken.
    slot: Option<(Slot, u64)>,
    /// Until when the head of a request has to be there; `None` once it is.
    deadline: Option<Instant>,
    /// Whether the head has begun to come; that of a new connection has to come at once.
    has_begun: bool,
    /// Whether the whole response was handed over to be sent.
    is_answered: bool,
    writing: Pace,
    end: CancellationToken,
}

impl Open {
    fn is_overdue(&self, now: Instant) -> bool {
        let is_late = self.deadline.is_some_and(|deadline| deadline < now);
        self.writing.is_too_slow(now) || is_late && !self.writing.is_waiting()
    }
}

#[derive(Default)]
struct Table {
    /// The next number of a connection or a slot.
    next: u64,
    open: HashMap<u64, Open>,
    /// The connections of every pool and, where it is given, of every holder in it, by when they took their slots.
    slots: HashMap<(Pool, Option<Holder>), BTreeMap<u64, u64>>,
}

/// All open connections.
pub(super) struct Connections {
    limits: LimitsConfig,
    proxies: Vec<IpAddr>,
    table: Mutex<Table>,
}

/// A connection, for whatever serves its requests.
#[derive(Clone)]
pub(crate) struct Connection {
    id: u64,
    peer: IpAddr,
    connections: Arc<Connections>,
}

/// Counts a connection for as long as it lives.
pub(super) struct OpenConnection {
    pub(super) connection: Connection,
    /// Cancelled when the connection has to end.
    pub(super) end: CancellationToken,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.connection.table().close(self.connection.id);
    }
}

/// Lives as long as a response is made and handed over.
pub(super) struct Answering(Connection);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut table = self.0.table();
        if let Some(open) = table.open.get_mut(&self.0.id) {
            open.is_answered = true;
        }
    }
}

impl Connections {
    pub(super) fn new(service: &ServiceConfig) -> Arc<Self> {
        Arc::new(Self {
            limits: service.limits.clone(),
            proxies: service.proxies.clone(),
            table: Mutex::default(),
        })
    }

    /// Counts a new connection, which waits for its first request; `None` while all others have requests to be judged.
    pub(super) fn open(self: &Arc<Self>, peer: IpAddr) -> Option<OpenConnection> {
        let mut table = self.table();
        let id = table.number();
        let connection = Connection {
            id,
            peer: peer.to_canonical(),
            connections: self.clone(),
        };
        let end = CancellationToken::new();
        let slot = connection.waiting_slot();
        if !table.make_room(&self.limits, &slot) {
            return None;
        }
        let open = Open {
            slot: None,
            deadline: Some(Instant::now() + self.limits.head_time()),
            has_begun: true,
            is_answered: false,
            writing: Pace::default(),
            end: end.clone(),
        };
        table.open.insert(id, open);
        table.move_to(id, slot);
        drop(table);
        Some(OpenConnection { connection, end })
    }

    /// Ends connections whose request does not come, and those that take their response too slowly.
    pub(super) async fn end_overdue(&self) -> Infallible {
        let mut checks = tokio::time::interval(CHECK_INTERVAL);
        loop {
            let now = checks.tick().await;
            let mut table = self.table();
            let open = table.open.iter();
            let overdue = open.filter(|(_, open)| open.is_overdue(now));
            let overdue: Vec<u64> = overdue.map(|(id, _)| *id).collect();
            for id in overdue {
                table.end(id);
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request has come.
    pub(super) fn begin(&self) -> Answering {
        self.wait_if_answered();
        if let Some(open) = self.table().open.get_mut(&self.id) {
            open.deadline = None;
        }
        Answering(self.clone())
    }

    /// Counts the request as one of the public.
    ///
    /// # Errors
    ///
    /// When there is no slot for it.
    pub(crate) fn serve_public(&self, headers: &HeaderMap) -> Result<(), NoFreeSlot> {
        self.take(Slot {
            pool: Pool::Public,
            holders: vec![Holder::Client(self.client(headers))],
        })
    }

    /// Counts the request as one of the admin.
    ///
    /// # Errors
    ///
    /// When there is no slot for it.
    pub(crate) fn serve_admin(&self, headers: &HeaderMap) -> Result<(), NoFreeSlot> {
        self.take(Slot {
            pool: Pool::Admin,
            holders: vec![Holder::Client(self.client(headers))],
        })
    }

    /// Who asks.
    pub(crate) fn client(&self, headers: &HeaderMap) -> ClientNetwork {
        let forwarded = forwarded_for(headers, &self.connections.proxies);
        let client = forwarded.filter(|_| self.is_proxy()).unwrap_or(self.peer);
        client.into()
    }

    /// Counts the request as one of a display, whose token was right.
    ///
    /// # Errors
    ///
    /// When there is no slot for it.
    pub(crate) fn serve_display(
        &self,
        display: &DisplayId,
        headers: &HeaderMap,
    ) -> Result<(), NoFreeSlot> {
        self.take(Slot {
            pool: Pool::Displays,
            holders: vec![
                Holder::Display(display.clone()),
                Holder::Client(self.client(headers)),
            ],
        })
    }

    /// Counts the request as that of a display that is to enrol, and may be anybody.
    ///
    /// # Errors
    ///
    /// When there is no slot for it.
    pub(crate) fn serve_enrolment(&self, headers: &HeaderMap) -> Result<(), NoFreeSlot> {
        self.take(Slot {
            pool: Pool::Enrolments,
            holders: vec![Holder::Client(self.client(headers))],
        })
    }

    /// Counts the request as an event stream of a display, whose oldest ends where there are too many.
    ///
    /// # Errors
    ///
    /// When there is no slot for it.
    pub(crate) fn serve_stream(
        &self,
        display: &DisplayId,
        headers: &HeaderMap,
    ) -> Result<(), NoFreeSlot> {
        self.take(Slot {
            pool: Pool::Streams,
            holders: vec![
                Holder::Display(display.clone()),
                Holder::Client(self.client(headers)),
            ],
        })
    }

    /// Bytes have come.
    pub(super) fn received(&self) {
        let mut table = self.table();
        let Some(open) = table.open.get_mut(&self.id) else {
            return;
        };
        if open.deadline.is_some() && !open.has_begun {
            open.has_begun = true;
            open.deadline = Some(Instant::now() + self.connections.limits.head_time());
        }
    }

    /// The client takes no more bytes at the moment.
    pub(super) fn cannot_write(&self) {
        if let Some(open) = self.table().open.get_mut(&self.id) {
            open.writing.wait(Instant::now());
        }
    }

    pub(super) fn wrote(&self, bytes: usize) {
        let gained = self.connections.limits.transfer_time(bytes as u64);
        if let Some(open) = self.table().open.get_mut(&self.id) {
            open.writing.go_on(gained, Instant::now());
        }
    }

    /// Everything that was handed over has been sent.
    pub(super) fn flushed(&self) {
        self.wait_if_answered();
    }

    /// Waits for the next request once the one before has its response.
    fn wait_if_answered(&self) {
        let limits = &self.connections.limits;
        let mut table = self.table();
        if !(table.open.get(&self.id)).is_some_and(|open| open.is_answered) {
            return;
        }
        let slot = self.waiting_slot();
        table.leave(self.id);
        if !table.make_room(limits, &slot) {
            return table.end(self.id);
        }
        if let Some(open) = table.move_to(self.id, slot) {
            open.deadline = Some(Instant::now() + limits.idle_time());
            (open.has_begun, open.is_answered) = (false, false);
        }
    }

    fn take(&self, slot: Slot) -> Result<(), NoFreeSlot> {
        let mut table = self.table();
        if !table.make_room(&self.connections.limits, &slot) {
            return Err(NoFreeSlot);
        }
        // It may have ended for another meanwhile.
        table.move_to(self.id, slot).map(|_| ()).ok_or(NoFreeSlot)
    }

    fn waiting_slot(&self) -> Slot {
        let holder = if self.is_proxy() {
            Holder::Proxies
        } else {
            Holder::Client(self.peer.into())
        };
        Slot {
            pool: Pool::Waiting,
            holders: vec![holder],
        }
    }

    fn is_proxy(&self) -> bool {
        self.connections.proxies.contains(&self.peer)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.connections.table()
    }
}

impl Table {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Whether there is a free slot of this kind, made by ending the oldest connection where that is the rule.
    fn make_room(&mut self, limits: &LimitsConfig, slot: &Slot) -> bool {
        for full in counted(slot) {
            let taken = self.slots.get(&full).map_or(0, BTreeMap::len);
            if taken < most(limits, &full) {
                continue;
            }
            let oldest = match slot.pool {
                Pool::Waiting => self.oldest(&full, |open| open.deadline.is_some()),
                // The display's own, also where all at its address or all together have too many. One that it has
                // elsewhere makes no room there.
                Pool::Streams => {
                    let display = slot.holders.first().cloned();
                    self.oldest(&(Pool::Streams, display), |open| {
                        let own = open.slot.as_ref().map(|(slot, _)| slot);
                        own.is_some_and(|own| counted(own).any(|one| one == full))
                    })
                }
                Pool::Public | Pool::Admin | Pool::Displays | Pool::Enrolments => None,
            };
            match oldest {
                Some(oldest) => self.end(oldest),
                None => return false,
            }
        }
        true
    }

    fn oldest(
        &self,
        counted: &(Pool, Option<Holder>),
        is_meant: impl Fn(&Open) -> bool,
    ) -> Option<u64> {
        let mut ids = self.slots.get(counted)?.values();
        ids.find(|id| self.open.get(id).is_some_and(&is_meant))
            .copied()
    }

    fn move_to(&mut self, id: u64, slot: Slot) -> Option<&mut Open> {
        self.leave(id);
        let taken = self.number();
        let open = self.open.get_mut(&id)?;
        for counted in counted(&slot) {
            self.slots.entry(counted).or_default().insert(taken, id);
        }
        open.slot = Some((slot, taken));
        Some(open)
    }

    fn leave(&mut self, id: u64) {
        let open = self.open.get_mut(&id);
        let Some((slot, taken)) = open.and_then(|open| open.slot.take()) else {
            return;
        };
        for counted in counted(&slot) {
            if let Some(slots) = self.slots.get_mut(&counted) {
                slots.remove(&taken);
                if slots.is_empty() {
                    self.slots.remove(&counted);
                }
            }
        }
    }

    fn close(&mut self, id: u64) {
        self.leave(id);
        self.open.remove(&id);
    }

    fn end(&mut self, id: u64) {
        if let Some(open) = self.open.get(&id) {
            open.end.cancel();
        }
        self.close(id);
    }
}

/// The holders first: where one has too many, nobody else's connection ends.
fn counted(slot: &Slot) -> impl Iterator<Item = (Pool, Option<Holder>)> {
    let holders = slot.holders.iter().cloned().map(Some);
    holders.chain([None]).map(|holder| (slot.pool, holder))
}

fn most(limits: &LimitsConfig, counted: &(Pool, Option<Holder>)) -> usize {
    let most = match counted {
        (Pool::Waiting | Pool::Public | Pool::Admin, Some(Holder::Client(_))) => {
            limits.connections_per_address / 2
        }
        (Pool::Waiting, _) => limits.waiting_connections,
        (Pool::Public, _) => limits.public_requests,
        (Pool::Admin, _) => limits.admin_requests,
        (Pool::Displays, Some(Holder::Display(_))) => limits.requests_per_display,
        (Pool::Displays, Some(_)) => limits.display_requests_per_address,
        (Pool::Displays, None) => limits.display_requests,
        (Pool::Streams, Some(Holder::Display(_))) => limits.streams_per_display,
        (Pool::Streams, Some(_)) => limits.display_streams_per_address,
        (Pool::Streams, None) => limits.display_streams,
        (Pool::Enrolments, Some(_)) => ENROLMENTS_PER_CLIENT,
        (Pool::Enrolments, None) => ENROLMENTS,
    };
    most as usize
}
