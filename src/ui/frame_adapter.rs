//! Serves `ui/pages/frame.slint`: header, footer, bar, countdown, and which screen is in front.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};
use tracing::warn;
use vyveska_board::Language;

use super::markup::{self, AppWindow};
use super::picture::image;
use super::view_model::{FooterView, HeaderView, LookView, NoteView, Scheme, Screen, ViewModel};
use crate::state::{Event, Intent};

#[derive(Default)]
pub(super) struct FrameAdapter {
    language: Option<Language>,
    look: Option<LookView>,
    header: Option<HeaderView>,
    notes: Vec<NoteView>,
    footer: Option<FooterView>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::FrameAdapter<'_>>();
    let send = on_event.clone();
    adapter.on_touched(move || send(Event::Touched));
    let send = on_event.clone();
    adapter.on_show_board(move || send(Event::Intent(Intent::ShowBoard)));
    let send = on_event.clone();
    adapter.on_next_language_chosen(move || send(Event::Intent(Intent::NextLanguage)));
    let send = on_event.clone();
    adapter.on_search(move || send(Event::Intent(Intent::ShowSearch)));
    let send = on_event.clone();
    adapter.on_toggle_reach(move || send(Event::Intent(Intent::ToggleReach)));
    let send = on_event.clone();
    adapter.on_next_text_size(move || send(Event::Intent(Intent::NextTextSize)));
    let send = on_event.clone();
    adapter.on_toggle_high_contrast(move || send(Event::Intent(Intent::ToggleHighContrast)));
    let send = on_event.clone();
    adapter.on_toggle_speech(move || send(Event::Intent(Intent::ToggleSpeech)));
    adapter.on_still_reading(move || on_event(Event::Intent(Intent::StillReading)));
}

impl FrameAdapter {
    /// Renders everything but the choice of the screen; returns whether words or sizes changed, so that measurements have to be repeated.
    pub(super) fn render(&mut self, window: &AppWindow, view_model: &ViewModel) -> bool {
        let adapter = window.global::<markup::FrameAdapter<'_>>();
        let mut words_or_sizes = self.language != Some(view_model.language);
        if words_or_sizes {
            self.language = Some(view_model.language);
            if let Err(error) = slint::select_bundled_translation(view_model.language.code()) {
                warn!(%error, language = view_model.language.code(), "the interface stays in its language");
            }
            let [next, other] = others(view_model.language);
            adapter.set_next_language(next.own_name().into());
            adapter.set_other_language(other.own_name().into());
        }
        if self.look != Some(view_model.look) {
            self.look = Some(view_model.look);
            show_look(window, &view_model.look);
            words_or_sizes = true;
        }
        if self.header.as_ref() != Some(&view_model.header) {
            let header = &view_model.header;
            adapter.set_town(header.town.as_str().into());
            adapter.set_time(header.time.as_str().into());
            adapter.set_date(header.date.as_str().into());
            if self.header.as_ref().map(|shown| &shown.coat_of_arms) != Some(&header.coat_of_arms) {
                adapter.set_coat_of_arms(image(header.coat_of_arms.as_ref()));
            }
            self.header = Some(header.clone());
        }
        if self.notes != view_model.notes {
            self.notes.clone_from(&view_model.notes);
            let notes: Vec<_> = view_model.notes.iter().map(note_kind).collect();
            let period = view_model.notes.iter().find_map(|note| match note {
                NoteView::OutOfService(period) => Some(period.as_str()),
                NoteView::CzechBinds | NoteView::TimeNotVerified => None,
            });
            adapter.set_out_of_service(period.unwrap_or_default().into());
            adapter.set_notes(ModelRc::from(Rc::new(VecModel::from(notes))));
        }
        if self.footer.as_ref() != Some(&view_model.footer) {
            let footer = &view_model.footer;
            adapter.set_web_address(footer.web_address.as_str().into());
            adapter.set_part(footer.part.as_str().into());
            adapter.set_data_as_of(footer.data_as_of.as_str().into());
            adapter.set_stale(footer.stale);
            self.footer = Some(footer.clone());
        }
        let seconds = view_model
            .countdown
            .map_or(0, |seconds| seconds.max(1).try_into().unwrap_or(i32::MAX));
        adapter.set_countdown(seconds);
        adapter.set_drift_x_mm(view_model.drift_mm.0);
        adapter.set_drift_y_mm(view_model.drift_mm.1);
        words_or_sizes
    }

    /// Sets which screen is in front.
    pub(super) fn show(&self, window: &AppWindow, view_model: &ViewModel) {
        let screen = match view_model.screen {
            Screen::Waiting => markup::Screen::Waiting,
            Screen::Idle => markup::Screen::Idle,
            Screen::Board => markup::Screen::Board,
            Screen::Search => markup::Screen::Search,
            Screen::Notice if view_model.notice.is_some() => markup::Screen::Notice,
            Screen::Notice => markup::Screen::Board,
            Screen::Information => markup::Screen::Information,
            Screen::Survey => markup::Screen::Survey,
            Screen::Service => markup::Screen::Service,
            Screen::Alert => markup::Screen::Alert,
        };
        window
            .global::<markup::FrameAdapter<'_>>()
            .set_screen(screen);
    }
}

fn show_look(window: &AppWindow, look: &LookView) {
    let palette = window.global::<markup::Palette<'_>>();
    palette.set_scheme(scheme(look.scheme));
    palette.set_town(look.town);
    let metrics = window.global::<markup::Metrics<'_>>();
    metrics.set_text_scale(look.text_size.factor());
    metrics.set_text_step(look.text_size.step().into());
    metrics.set_reach(look.reach);
    let adapter = window.global::<markup::FrameAdapter<'_>>();
    adapter.set_speech(look.speech);
}

pub(super) fn scheme(scheme: Scheme) -> markup::Scheme {
    match scheme {
        Scheme::Day => markup::Scheme::Day,
        Scheme::HighContrast => markup::Scheme::HighContrast,
        Scheme::Night => markup::Scheme::Night,
    }
}

pub(super) fn note_kind(note: &NoteView) -> markup::NoteKind {
    match note {
        NoteView::CzechBinds => markup::NoteKind::CzechBinds,
        NoteView::OutOfService(_) => markup::NoteKind::OutOfService,
        NoteView::TimeNotVerified => markup::NoteKind::TimeNotVerified,
    }
}

/// The two languages after this one, in the order in which touches select them.
fn others(language: Language) -> [Language; 2] {
    match language {
        Language::Czech => [Language::German, Language::English],
        Language::German => [Language::English, Language::Czech],
        Language::English => [Language::Czech, Language::German],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_the_language_twice_passes_every_language() {
        for language in Language::ALL {
            let [next, other] = others(language);
            assert_eq!(others(next)[0], other);
            assert_eq!(others(other)[0], language);
        }
    }
}
