//! How this display is, for central: what the interface's thread shows, and what the device measures.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use vyveska_board::{Clock, ClockTrust};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::status::{ClockStatus, ClockTrustStatus, ScreenShown, Status};

use crate::device::HealthMonitor;
use crate::state::{Read, State};
use crate::store::BoardStore;
use crate::sync::TellStatus;
use crate::ui::view_model::Screen;

/// What the interface shows, for other threads. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct ShownNow(Arc<Mutex<Shown>>);

#[derive(Debug, Clone, Default)]
struct Shown {
    screen: ScreenShown,
    manifest: Option<u64>,
    data_as_of: Option<DateTime<Utc>>,
    /// The documents of what is posted, as of this edition of the board.
    documents: Arc<[ContentHash]>,
    edition: Option<u64>,
    pixels: Option<(u32, u32)>,
}

impl ShownNow {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is shown, and the size of the window.
    pub(super) fn note(&self, state: &State, screen: ScreenShown, window: &slint::Window) {
        let size = window.size();
        let mut shown = self.shown();
        shown.screen = screen;
        shown.manifest = state.board().map(|board| board.manifest);
        shown.data_as_of = state.data_as_of();
        shown.pixels = (size.width > 0 && size.height > 0).then_some((size.width, size.height));
        if shown.edition != Some(state.edition()) {
            shown.edition = Some(state.edition());
            let documents = state.posted().flat_map(|entry| &entry.notice.documents);
            let hashes = documents.filter_map(|document| document.hash.map(ContentHash));
            shown.documents = hashes.collect();
        }
    }

    /// What tells central how this display is.
    pub(super) fn teller(
        &self,
        clock: Arc<dyn Clock>,
        store: Arc<dyn BoardStore>,
        monitor: impl HealthMonitor + 'static,
    ) -> TellStatus {
        let shown = self.clone();
        Arc::new(move |number| {
            let shown = shown.shown().clone();
            let documents = shown.documents.iter();
            let missing = documents.filter(|hash| !store.has(hash)).count();
            let version = env!("CARGO_PKG_VERSION");
            let mut status = Status {
                manifest_number: shown.manifest,
                data_as_of: shown.data_as_of,
                missing_documents: shown.manifest.and(u32::try_from(missing).ok()),
                screen_pixels: shown.pixels,
                ..Status::new(number, version, shown.screen, clock_status(&*clock))
            };
            monitor.measure(&mut status);
            status
        })
    }
}

fn clock_status(clock: &dyn Clock) -> ClockStatus {
    let now = clock.now();
    let (trust, latest) = match now.trust {
        ClockTrust::Synchronised => (ClockTrustStatus::Synchronised, Some(now.latest)),
        ClockTrust::HoldingOver => (ClockTrustStatus::HoldingOver, Some(now.latest)),
        // Only the lower bound counts.
        ClockTrust::Unknown => (ClockTrustStatus::Unsure, None),
    };
    ClockStatus {
        trust,
        earliest: now.earliest,
        latest,
    }
}

/// The screen in front in a word that central knows; of a document it is not told which.
pub(super) fn screen_shown(screen: Screen, state: &State) -> ScreenShown {
    match screen {
        Screen::Waiting => ScreenShown::Waiting,
        Screen::Idle => ScreenShown::Idle,
        Screen::Board => ScreenShown::Board,
        Screen::Search => ScreenShown::Search,
        Screen::Notice => match state.reading() {
            Some((Read::Published(_), _)) => ScreenShown::Document,
            _ => ScreenShown::Notice,
        },
        Screen::Information => ScreenShown::Information,
        Screen::Survey => ScreenShown::Survey,
        Screen::Service => ScreenShown::Service,
        Screen::Alert => ScreenShown::Alert,
    }
}

#[cfg(test)]
mod tests {
    use vyveska_board::{ClockBounds, FakeClock};

    use super::*;
    use crate::device::FakeDevice;
    use crate::store::FakeBoardStore;

    #[test]
    fn a_display_without_a_board_tells_so_and_makes_nothing_up() {
        let now = "2026-11-21T13:32:00Z".parse().unwrap();
        let clock = FakeClock::at(now);
        let tell = ShownNow::default().teller(
            Arc::new(clock.clone()),
            Arc::new(FakeBoardStore::new()),
            FakeDevice::default(),
        );
        let status = tell(7);
        assert_eq!((status.number, status.screen), (7, ScreenShown::Unknown));
        assert_eq!(
            (status.manifest_number, status.missing_documents),
            (None, None)
        );
        assert_eq!(status.brightness_percent, Some(80));
        assert_eq!(status.clock.latest, Some(now));
        Status::read(&status.to_bytes()).unwrap();
        clock.set(ClockBounds {
            trust: ClockTrust::Unknown,
            ..ClockBounds::exact(now)
        });
        let status = tell(8);
        assert_eq!(status.clock.trust, ClockTrustStatus::Unsure);
        assert_eq!(status.clock.latest, None);
    }
}
