//! Puts the question of an open survey into the language of the interface.

use vyveska_board::format::counting::one_of;
use vyveska_wire::section::language_map;
use vyveska_wire::survey::QuestionKind;

use super::text;
use crate::state::State;
use crate::ui::view_model::{ChoiceView, SurveyView};

pub(super) fn present_survey(state: &State) -> Option<SurveyView> {
    let step = state.survey_step()?;
    let language = state.language();
    let in_language = |texts| text(&language_map(texts), language);
    let questions = step.survey.questions.len();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some(SurveyView {
        title: in_language(&step.survey.title),
        question: in_language(&step.question.text),
        position: if questions > 1 {
            one_of(language, count(step.position + 1), count(questions))
        } else {
            String::new()
        },
        choices: match &step.question.kind {
            QuestionKind::Faces => Vec::new(),
            QuestionKind::Choices { choices } => choices
                .iter()
                .map(|choice| ChoiceView {
                    id: choice.id.clone(),
                    text: in_language(&choice.text),
                })
                .collect(),
        },
        thanked: step.thanked,
        more: step.more,
    })
}
