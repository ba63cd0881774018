//! From the state to the view model.
//!
//! Everything that needs a calendar, an order or a choice is decided here; the markup only lays out.

mod alert;
mod board;
mod frame;
mod idle;
mod information;
mod notice;
mod printed;
mod row;
mod safe;
mod screen_in_front;
mod search;
mod service;
mod survey;
#[cfg(test)]
mod tests;
mod viewer;
mod waiting;

use url::Url;
use vyveska_board::format::typography;
use vyveska_board::{Language, LanguageMap};

pub use safe::{SafeAlertView, SafeView};
pub use waiting::Device;

use screen_in_front::screen_in_front;

use super::pictures::Pictures;
use super::qr_codes::QrCodes;
use super::view_model::{Picture, Screen, ViewModel};
use crate::page_cache::PageCache;
use crate::state::{BoardNotice, Now, State, drift};

/// Turns states into view models, and caches what is costly to make again.
#[derive(Default)]
pub struct Presenter {
    pub coat_of_arms: Option<Picture>,
    pub device: Device,
    /// The pictures of the town's information.
    pub pictures: Pictures,
    qr_codes: QrCodes,
    list: board::ListCache,
    text: notice::TextCache,
    found: search::FoundCache,
    printed: printed::PrintedPart,
}

impl Presenter {
    pub fn present(&mut self, state: &State, page_cache: &PageCache, now: Now) -> ViewModel {
        let notice = self.notice(state, page_cache);
        let alert = alert::present_alert(state);
        let survey = survey::present_survey(state);
        let information = self.information(state);
        let service = self.service(state, now);
        let screen = screen_in_front(state);
        ViewModel {
            language: state.language(),
            screen,
            look: frame::present_look(state),
            header: self.header(state),
            notes: frame::present_notes(state),
            footer: frame::present_footer(state),
            waiting: self.waiting(state),
            idle: self.idle(state, page_cache),
            board: self.board(state),
            notice,
            search: self.search(state),
            information,
            survey,
            service,
            alert,
            alert_strip: alert::present_strip(state),
            countdown: state.countdown(now.monotonic),
            // It is neither seen nor touched.
            drift_mm: match screen {
                Screen::Idle | Screen::Waiting => drift(now.monotonic),
                Screen::Alert if state.idle_step().is_some() => drift(now.monotonic),
                _ => (0.0, 0.0),
            },
        }
    }

    fn qr_code(&mut self, state: &State, entry: &BoardNotice) -> Option<Picture> {
        self.qr_codes.of(permalink(state, entry)?.as_str())
    }
}

/// The notice's page on this board's own web: what a feed says its page is, is never offered as a QR code.
fn permalink(state: &State, entry: &BoardNotice) -> Option<Url> {
    let settings = &state.board()?.settings;
    settings.permalink(entry.notice.id.as_str())
}

fn text(map: &LanguageMap, language: Language) -> String {
    typography::bind(map.best(language))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
