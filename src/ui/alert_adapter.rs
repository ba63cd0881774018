//! Serves `ui/pages/alert_page.slint`: messages of the town.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use super::markup::{self, AlertSummary, AppWindow};
use super::view_model::{AlertStripView, AlertView, ViewModel};
use crate::state::{AlertIntent, Event, Intent};

#[derive(Default)]
pub(super) struct AlertAdapter {
    shown: Option<AlertView>,
    strip: Option<AlertStripView>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::AlertAdapter<'_>>();
    let intend = |intent: AlertIntent| {
        let send = on_event.clone();
        move || send(Event::Intent(Intent::Alert(intent)))
    };
    adapter.on_show(intend(AlertIntent::Show));
    adapter.on_next(intend(AlertIntent::Next));
    adapter.on_close(intend(AlertIntent::Close));
    adapter.on_toggle_pause(intend(AlertIntent::TogglePause));
    let send = on_event.clone();
    adapter.on_show_board(move || send(Event::Intent(Intent::ShowBoard)));
}

impl AlertAdapter {
    pub(super) fn render(&mut self, window: &AppWindow, view_model: &ViewModel) {
        let adapter = window.global::<markup::AlertAdapter<'_>>();
        if self.strip != view_model.alert_strip {
            self.strip.clone_from(&view_model.alert_strip);
            if let Some(strip) = &self.strip {
                adapter.set_strip_headline(strip.headline.as_str().into());
                adapter.set_strip_exercise(strip.exercise);
                adapter.set_strip_more(strip.more.try_into().unwrap_or(i32::MAX));
                adapter.set_banner(strip.banner);
                adapter.set_strip_description(strip.description.as_str().into());
            }
            adapter.set_strip(self.strip.is_some());
        }
        if self.shown == view_model.alert {
            return;
        }
        self.shown.clone_from(&view_model.alert);
        let Some(view) = &self.shown else {
            return;
        };
        let instructions = view.instructions.iter().map(SharedString::from).collect();
        let others = view.others.iter().map(|(language, text)| AlertSummary {
            language: language.as_str().into(),
            text: text.as_str().into(),
        });
        adapter.set_origin(view.origin.as_str().into());
        adapter.set_description(view.description.as_str().into());
        adapter.set_instructions(model(instructions));
        adapter.set_others(model(others.collect()));
        adapter.set_exercise(view.exercise);
        adapter.set_position(view.position.as_str().into());
        adapter.set_idle(view.idle);
        adapter.set_paused(view.paused);
        adapter.set_letters(letters(view));
        adapter.set_headline(view.headline.as_str().into());
    }
}

fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::from(Rc::new(VecModel::from(rows)))
}

/// How many letters are to be set.
fn letters(view: &AlertView) -> i32 {
    let texts = [&view.headline, &view.description];
    let others = view.others.iter().map(|(_, text)| text);
    let letters: usize = texts
        .into_iter()
        .chain(&view.instructions)
        .chain(others)
        .map(|text| text.chars().count())
        .sum();
    letters.try_into().unwrap_or(i32::MAX)
}
