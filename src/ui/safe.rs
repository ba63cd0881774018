//! Serves `ui/pages/safe_page.slint`: the screen of the modes that follow repeated failures.
//!
//! A window of its own, which shares little with the other screens, because one of them may be what fails.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};
use vyveska_board::Language;

use super::frame_adapter::{note_kind, scheme};
use super::markup::{self, NoticeRow, SafeAlert, SafeWindow};
use super::physical_panel::PhysicalPanel;
use super::present::{SafeAlertView, SafeView};
use super::view_model::NoteView;

/// The window, and what it shows.
pub struct SafeUi {
    window: SafeWindow,
    shown: Option<SafeView>,
}

impl SafeUi {
    /// Makes the window, on the platform that was set up before or on the default one.
    ///
    /// # Errors
    ///
    /// When the platform cannot make a window.
    pub fn new(panel: PhysicalPanel) -> Result<Self, slint::PlatformError> {
        let window = SafeWindow::new()?;
        let metrics = window.global::<markup::Metrics<'_>>();
        metrics.set_panel_inches(panel.diagonal_inches);
        metrics.set_panel_bottom_mm(panel.bottom_mm);
        // Nobody can choose it here: each sentence that has no date is there in every language.
        if let Err(error) = slint::select_bundled_translation(Language::Czech.code()) {
            tracing::warn!(%error, "the interface stays in its language");
        }
        Ok(Self {
            window,
            shown: None,
        })
    }

    pub fn window(&self) -> &SafeWindow {
        &self.window
    }

    /// Shows a view, where it differs from the one before.
    pub fn render(&mut self, view: SafeView) {
        if self.shown.as_ref() == Some(&view) {
            return;
        }
        if let Some(look) = &view.look {
            let palette = self.window.global::<markup::Palette<'_>>();
            palette.set_scheme(scheme(look.scheme));
            palette.set_town(look.town);
            let metrics = self.window.global::<markup::Metrics<'_>>();
            metrics.set_text_scale(look.text_size.factor());
            metrics.set_text_step(look.text_size.step().into());
        }
        let frame = self.window.global::<markup::FrameAdapter<'_>>();
        frame.set_town(view.header.town.as_str().into());
        frame.set_time(view.header.time.as_str().into());
        frame.set_date(view.header.date.as_str().into());
        frame.set_web_address(view.footer.web_address.as_str().into());
        frame.set_part(view.footer.part.as_str().into());
        frame.set_data_as_of(view.footer.data_as_of.as_str().into());
        frame.set_stale(view.footer.stale);
        let notes: Vec<_> = view.notes.iter().map(note_kind).collect();
        frame.set_notes(ModelRc::from(Rc::new(VecModel::from(notes))));
        let out_of_service = view.notes.iter().find_map(|note| match note {
            NoteView::OutOfService(period) => Some(period.as_str()),
            NoteView::CzechBinds | NoteView::TimeNotVerified => None,
        });
        frame.set_out_of_service(out_of_service.unwrap_or_default().into());
        let safe = self.window.global::<markup::SafeAdapter<'_>>();
        safe.set_address_only(view.rows.is_none());
        safe.set_key_trouble(view.key_trouble.as_str().into());
        safe.set_waiting(view.waiting);
        let alerts: Vec<SafeAlert> = view.alerts.iter().map(message).collect();
        safe.set_alerts(ModelRc::from(Rc::new(VecModel::from(alerts))));
        let rows = view.rows.iter().flatten();
        let rows: Vec<NoticeRow> = rows.map(NoticeRow::from).collect();
        safe.set_rows(ModelRc::from(Rc::new(VecModel::from(rows))));
        self.shown = Some(view);
    }
}

fn message(alert: &SafeAlertView) -> SafeAlert {
    SafeAlert {
        headline: alert.headline.as_str().into(),
        description: alert.description.as_str().into(),
        instructions: alert.instructions.as_str().into(),
        origin: alert.origin.as_str().into(),
        others: alert.others.as_str().into(),
        exercise: alert.exercise,
        squares: i32::try_from(alert.squares()).unwrap_or(i32::MAX),
    }
}
