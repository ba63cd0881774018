//! Serves `ui/pages/survey_page.slint`: a survey.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, VecModel};

use super::markup::{self, AppWindow, SurveyChoice};
use super::view_model::{SurveyView, ViewModel};
use crate::state::{Event, Intent, SurveyIntent};

#[derive(Default)]
pub(super) struct SurveyAdapter {
    shown: Option<SurveyView>,
}

pub(super) fn connect(window: &AppWindow, on_event: impl Fn(Event) + Clone + 'static) {
    let adapter = window.global::<markup::SurveyAdapter<'_>>();
    let intend = move |intent| on_event(Event::Intent(Intent::Survey(intent)));
    let send = intend.clone();
    adapter.on_answer(move |answer| send(SurveyIntent::Answer(answer.into())));
    let send = intend.clone();
    adapter.on_next(move || send(SurveyIntent::Next));
    adapter.on_close(move || intend(SurveyIntent::Close));
}

impl SurveyAdapter {
    pub(super) fn render(&mut self, window: &AppWindow, view_model: &ViewModel) {
        if self.shown == view_model.survey {
            return;
        }
        self.shown.clone_from(&view_model.survey);
        let Some(view) = &view_model.survey else {
            return;
        };
        let adapter = window.global::<markup::SurveyAdapter<'_>>();
        adapter.set_title(view.title.as_str().into());
        adapter.set_question(view.question.as_str().into());
        adapter.set_position(view.position.as_str().into());
        let choices = view.choices.iter().map(|choice| SurveyChoice {
            id: choice.id.as_str().into(),
            text: choice.text.as_str().into(),
        });
        let choices: Vec<SurveyChoice> = choices.collect();
        adapter.set_choices(ModelRc::from(Rc::new(VecModel::from(choices))));
        adapter.set_more(view.more);
        adapter.set_thanked(view.thanked);
    }
}
