//! One display: rounds beside an event stream, and what it does when it is off the network.

use std::sync::Arc;

use futures_util::StreamExt as _;
use hyper::StatusCode;
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use vyveska_wire::assignment::Assignment;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::limits::{MAX_DOCUMENT_BYTES, MAX_SECTION_BYTES};
use vyveska_wire::manifest::{ContentRef, Manifest, entity_tag};

use crate::attack;
use crate::board::{Board, Section, alert_ids, named};
use crate::device::{Device, MAX_ENVELOPE_BYTES, Shared, Trouble, accepted};
use crate::events::{Announced, News, announcements};
use crate::fault::Fault;
use crate::observation::Seen;
use crate::registration::register;
use crate::request::Connection;

pub(crate) struct Display {
    device: Device,
    is_online: watch::Sender<bool>,
    news: watch::Sender<News>,
}

impl Display {
    pub(crate) fn new(
        index: u32,
        shared: Arc<Shared>,
        fault: Option<Fault>,
        is_online: watch::Sender<bool>,
    ) -> Self {
        Self {
            device: Device::new(index, shared, fault),
            is_online,
            news: watch::Sender::default(),
        }
    }

    /// Runs until it is dropped.
    pub(crate) async fn run(self) {
        let arrival = self
            .device
            .shared
            .timing
            .arrival
            .mul_f64(self.device.random());
        sleep(arrival).await;
        tokio::select! {
            () = self.live() => {}
            () = self.come_and_go() => {}
        }
    }

    /// A display keeps what it has while it is off the network, and loses its connections.
    async fn live(&self) {
        let mut board = Board::default();
        let mut online = self.is_online.subscribe();
        let mut was_online = true;
        loop {
            if online.wait_for(|is_online| *is_online).await.is_err() {
                return;
            }
            if !was_online {
                self.device.saw(Seen::Online(true));
            }
            tokio::select! {
                () = self.rounds(&mut board) => {}
                () = self.listen() => {}
                _ = online.wait_for(|is_online| !*is_online) => {}
            }
            was_online = false;
            self.device.saw(Seen::Online(false));
        }
    }

    async fn come_and_go(&self) {
        let Some(Fault::Offline { after, lasting }) = self.device.fault else {
            return std::future::pending().await;
        };
        loop {
            sleep(after).await;
            self.is_online.send_replace(false);
            sleep(lasting).await;
            self.is_online.send_replace(true);
        }
    }

    /// Asks central now and then, and looks at what events bring meanwhile.
    async fn rounds(&self, board: &mut Board) {
        let timing = &self.device.shared.timing;
        let mut failures = 0;
        loop {
            let mut began = Instant::now();
            let pause = match self.round(board).await {
                Ok(()) => {
                    failures = 0;
                    timing.poll_pause(self.device.random())
                }
                Err(trouble) => {
                    failures += 1;
                    self.device.failed(&trouble);
                    timing.backoff(failures, self.device.random())
                }
            };
            let until = Instant::now() + pause;
            loop {
                tokio::select! {
                    () = sleep_until(until) => break,
                    () = self.prompted(began) => {}
                }
                began = Instant::now();
                if !self.take_announced(board).await {
                    break;
                }
            }
        }
    }

    async fn round(&self, board: &mut Board) -> Result<(), Trouble> {
        let mut connection = self.device.connect().await?;
        if !board.is_registered {
            register(&self.device, &mut connection).await?;
            board.is_registered = true;
        }
        let now = self.device.ask_time(&mut connection).await?;
        self.ask_assignment(&mut connection, board, now.assignment_number)
            .await?;
        board.newest = board.newest.max(now.manifest_number);
        if now.manifest_number != 0 && board.number() != now.manifest_number {
            self.ask_manifest(&mut connection, board).await?;
        }
        self.fetch_documents(&mut connection, board).await?;
        match self.device.fault {
            Some(Fault::Replaying) => attack::replay(&self.device).await,
            Some(Fault::Malicious) => attack::everything(&self.device).await,
            _ => {}
        }
        Ok(())
    }

    /// Waits until there is something to look at: until the shortest pause since `began` is over, and a random part of an
    /// event's jitter, unless something comes meanwhile that has less.
    async fn prompted(&self, began: Instant) {
        let mut news = self.news.subscribe();
        let mut due: Option<Instant> = None;
        loop {
            let Ok(jitter) = news.wait_for(News::is_some).await.map(|news| news.jitter()) else {
                // Never: the sender is part of `self`.
                return std::future::pending().await;
            };
            let next = Instant::now() + jitter.mul_f64(self.device.random());
            let soonest = due.map_or(next, |due| due.min(next));
            due = Some(soonest);
            tokio::select! {
                () = sleep_until(soonest.max(began + self.device.shared.timing.shortest_pause)) => return,
                _ = news.changed() => {}
            }
        }
    }

    /// Takes the manifest that an event brought. False when central has to be asked.
    async fn take_announced(&self, board: &mut Board) -> bool {
        let news = self.news.send_replace(News::default());
        let Some(announced) = news.announced else {
            return false;
        };
        let known = board.newest.max(board.number());
        if let Some(manifest) = announced.manifest
            && manifest.number > known
        {
            let taken = async {
                let mut connection = self.device.connect().await?;
                self.take(&mut connection, board, manifest, announced.alerts)
                    .await?;
                self.fetch_documents(&mut connection, board).await
            };
            if let Err(trouble) = taken.await {
                self.device.failed(&trouble);
            }
        }
        !news.is_called && board.number() == announced.number
    }

    /// Reads events for as long as the network is there.
    async fn listen(&self) {
        self.device.time.known().await;
        let mut failures = 0;
        loop {
            match self.events().await {
                Ok(body) => {
                    self.device.saw(Seen::StreamOpened);
                    // Something may have been announced before the stream was open.
                    self.news.send_modify(|news| news.is_called = true);
                    tokio::select! {
                        () = self.follow(body, &mut failures) => {}
                        () = self.flap() => {}
                    }
                    self.device.saw(Seen::StreamEnded);
                }
                Err(trouble) => self.device.failed(&trouble),
            }
            failures += 1;
            sleep(
                self.device
                    .shared
                    .timing
                    .backoff(failures, self.device.random()),
            )
            .await;
        }
    }

    async fn flap(&self) {
        match self.device.fault {
            Some(Fault::Flapping { every }) => sleep(every).await,
            _ => std::future::pending().await,
        }
    }

    async fn follow(&self, body: Incoming, failures: &mut u32) {
        let mut announcements = std::pin::pin!(announcements(body, self.device.pace()));
        while let Some(announced) = announcements.next().await {
            *failures = 0;
            self.hear(announced);
        }
    }

    fn hear(&self, event: ManifestAnnounced) {
        let jitter = event.jitter();
        self.device.saw(Seen::Announced {
            number: event.number,
            has_alerts: event.alerts.is_some(),
            jitter_ms: u64::try_from(jitter.as_millis()).unwrap_or(u64::MAX),
        });
        let opened = event
            .manifest
            .map(|envelope| self.device.open_manifest(&envelope));
        let manifest = match opened.transpose() {
            Ok(manifest) => manifest,
            Err(error) => {
                self.device.refused(format!("an event's manifest: {error}"));
                None
            }
        };
        self.news.send_modify(|news| {
            news.announce(Announced {
                number: event.number,
                manifest,
                alerts: event.alerts,
                jitter,
            });
        });
    }

    async fn events(&self) -> Result<Incoming, Trouble> {
        let mut connection = self.device.connect().await?;
        let answer = self.device.get(&mut connection, "events", None).await?;
        Ok(accepted(answer)?.into_body())
    }

    async fn ask_assignment(
        &self,
        connection: &mut Connection,
        board: &mut Board,
        newest: u64,
    ) -> Result<(), Trouble> {
        let held = board.assignment.as_ref().map(|held| held.number);
        if newest == 0 || held == Some(newest) {
            return Ok(());
        }
        let held = held.map(entity_tag);
        let answer = self.device.get(connection, "assignment", held).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(());
        }
        let bytes = connection.whole(accepted(answer)?, MAX_ENVELOPE_BYTES);
        let offered: Assignment = self.device.open(&bytes.await?)?;
        let name = offered.board.clone();
        match board.assign(offered, &self.device.id, newest) {
            Ok(true) => self.device.saw(Seen::Assigned { board: name }),
            Ok(false) => {}
            Err(reason) => self.device.refused(reason),
        }
        Ok(())
    }

    async fn ask_manifest(
        &self,
        connection: &mut Connection,
        board: &mut Board,
    ) -> Result<(), Trouble> {
        let held = board.manifest.as_ref().map(|held| entity_tag(held.number));
        let answer = self.device.get(connection, "manifest", held).await?;
        // Of a board without a publication there is none.
        if matches!(
            answer.status(),
            StatusCode::NOT_MODIFIED | StatusCode::NOT_FOUND
        ) {
            return Ok(());
        }
        let bytes = connection.whole(accepted(answer)?, MAX_ENVELOPE_BYTES);
        let manifest = self
            .device
            .open_manifest(&Envelope::from_bytes(&bytes.await?)?)?;
        self.take(connection, board, manifest, None).await
    }

    /// Takes a manifest whose signature is central's, or refuses it. `alerts` came beside it, signed by nobody.
    async fn take(
        &self,
        connection: &mut Connection,
        board: &mut Board,
        manifest: Manifest,
        alerts: Option<String>,
    ) -> Result<(), Trouble> {
        match board.judge(&manifest) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(reason) => {
                self.device.refused(reason);
                return Ok(());
            }
        }
        let beside = alerts.map(String::into_bytes);
        let beside = beside.filter(|text| ContentRef::to(text) == manifest.sections.alerts);
        for (section, content) in named(&manifest.sections) {
            if board.sections.contains(&content.hash) {
                continue;
            }
            let bytes = match (section, &beside) {
                (Section::Alerts, Some(text)) => text.clone(),
                _ => {
                    self.device
                        .content(connection, content, MAX_SECTION_BYTES)
                        .await?
                }
            };
            match section {
                Section::Alerts => {
                    let ids = alert_ids(&bytes).map_err(Trouble::Unusable)?;
                    self.device.saw(Seen::Alerts { ids });
                }
                Section::Notices if self.device.shared.with_documents => {
                    board.want_documents(&bytes)
                }
                _ => {}
            }
            board.sections.insert(content.hash);
        }
        let number = manifest.number;
        board.switch(manifest);
        self.device.saw(Seen::Taken { number });
        Ok(())
    }

    async fn fetch_documents(
        &self,
        connection: &mut Connection,
        board: &mut Board,
    ) -> Result<(), Trouble> {
        if board.missing.is_empty() {
            return Ok(());
        }
        while let Some(content) = board.missing.last().copied() {
            self.device
                .content(connection, content, MAX_DOCUMENT_BYTES)
                .await?;
            board.documents.insert(content.hash);
            board.missing.pop();
        }
        let count = board.documents.len();
        self.device.saw(Seen::Documents { count });
        Ok(())
    }
}
