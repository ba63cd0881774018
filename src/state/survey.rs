//! Surveys: one question at a time, one touch per answer.
//!
//! A user answers each question once per session; answers wait in [`State::take_answers`] until they are stored.

use std::collections::BTreeSet;

use vyveska_wire::survey::{Question, Survey, SurveyAnswer};

use super::{Front, State};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SurveyIntent {
    /// Opens the survey of this identifier, at the first question not answered yet.
    Show(String),
    /// The number of the face, or the identifier of the choice.
    Answer(String),
    Next,
    Close,
}

/// The user's position in a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SurveySession {
    survey: String,
    question: String,
    thanked: bool,
}

/// What the survey screen shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyStep<'a> {
    pub survey: &'a Survey,
    /// The question asked, or just answered.
    pub question: &'a Question,
    /// The index of the question, counted from 0.
    pub position: usize,
    /// Whether it was answered: then the screen says thanks.
    pub thanked: bool,
    /// Whether there is another question to answer.
    pub more: bool,
}

/// The answers of the session.
#[derive(Debug, Clone, Default)]
pub(super) struct SurveyAnswers {
    /// The questions answered in this session, with their surveys.
    answered: BTreeSet<(String, String)>,
    given: Vec<SurveyAnswer>,
}

impl SurveyAnswers {
    /// The next session may answer again.
    pub(super) fn forget_session(&mut self) {
        self.answered.clear();
    }
}

impl State {
    pub(super) fn handle_survey(&mut self, intent: SurveyIntent) {
        match intent {
            SurveyIntent::Show(id) => {
                let first = self
                    .surveys()
                    .find(|survey| survey.id == id)
                    .and_then(|survey| self.next_question(survey));
                if let Some(question) = first {
                    self.front = Front::Survey(SurveySession {
                        survey: id,
                        question: question.id.clone(),
                        thanked: false,
                    });
                }
            }
            SurveyIntent::Answer(answer) => self.answer(answer),
            SurveyIntent::Next => {
                let next = self
                    .survey_step()
                    .filter(|step| step.thanked)
                    .and_then(|step| self.next_question(step.survey))
                    .map(|question| question.id.clone());
                match (&mut self.front, next) {
                    (Front::Survey(session), Some(question)) => {
                        session.question = question;
                        session.thanked = false;
                    }
                    _ => self.close_survey(),
                }
            }
            SurveyIntent::Close => self.close_survey(),
        }
    }

    fn close_survey(&mut self) {
        if matches!(self.front, Front::Survey(_)) {
            self.handle_information(super::InformationIntent::Show);
        }
    }

    fn answer(&mut self, answer: String) {
        let Some(step) = self.survey_step() else {
            return;
        };
        if step.thanked || !step.question.kind.offers(&answer) {
            return;
        }
        let answered = (step.survey.id.clone(), step.question.id.clone());
        if self.answers.answered.insert(answered.clone()) {
            let (survey, question) = answered;
            self.answers.given.push(SurveyAnswer {
                survey,
                question,
                answer,
                day: self.clock.today(),
            });
        }
        if let Front::Survey(session) = &mut self.front {
            session.thanked = true;
        }
    }

    /// Closes a survey that is over.
    pub(super) fn keep_survey(&mut self) {
        if matches!(self.front, Front::Survey(_)) && self.survey_step().is_none() {
            self.close_survey();
        }
    }

    /// The surveys open today.
    pub fn surveys(&self) -> impl Iterator<Item = &Survey> {
        let surveys = self
            .board
            .as_ref()
            .map_or(&[][..], |board| &board.information.surveys);
        let today = self.clock.today();
        surveys.iter().filter(move |survey| {
            survey.from.is_none_or(|from| from <= today)
                && survey.until.is_none_or(|until| today <= until)
                && !survey.questions.is_empty()
        })
    }

    /// The open surveys that this session has not completed.
    pub fn open_surveys(&self) -> impl Iterator<Item = &Survey> {
        self.surveys()
            .filter(|survey| self.next_question(survey).is_some())
    }

    fn next_question<'a>(&self, survey: &'a Survey) -> Option<&'a Question> {
        survey.questions.iter().find(|question| {
            let key = (survey.id.clone(), question.id.clone());
            !self.answers.answered.contains(&key)
        })
    }

    /// What the survey screen shows, while it is in front.
    pub fn survey_step(&self) -> Option<SurveyStep<'_>> {
        let Front::Survey(session) = &self.front else {
            return None;
        };
        let survey = self.surveys().find(|survey| survey.id == session.survey)?;
        let position = survey
            .questions
            .iter()
            .position(|question| question.id == session.question)?;
        Some(SurveyStep {
            survey,
            question: &survey.questions[position],
            position,
            thanked: session.thanked,
            more: self.next_question(survey).is_some(),
        })
    }

    /// Takes the answers given since the last call.
    pub fn take_answers(&mut self) -> Vec<SurveyAnswer> {
        std::mem::take(&mut self.answers.given)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, TimeDelta, Utc};
    use vyveska_board::ClockBounds;
    use vyveska_wire::section::{InformationSection, Texts};
    use vyveska_wire::survey::{Choice, QuestionKind};

    use super::*;
    use crate::state::tests::board_that_tells;
    use crate::state::{Event, InformationIntent, Intent, Now};

    fn at(seconds: u64) -> Now {
        let noon: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let clock = ClockBounds::exact(noon + TimeDelta::seconds(seconds.cast_signed()));
        Now {
            clock,
            monotonic: Duration::from_secs(seconds),
        }
    }

    fn question(id: &str, kind: QuestionKind) -> Question {
        Question {
            id: id.to_owned(),
            text: Texts::new(),
            kind,
        }
    }

    fn survey() -> Survey {
        let choices = vec![Choice {
            id: "cekani".to_owned(),
            text: Texts::new(),
        }];
        Survey {
            id: "urad".to_owned(),
            title: Texts::new(),
            from: Some("2026-11-01".parse().unwrap()),
            until: Some("2026-11-21".parse().unwrap()),
            questions: vec![
                question("spokojenost", QuestionKind::Faces),
                question("proc", QuestionKind::Choices { choices }),
            ],
        }
    }

    fn board(surveys: Vec<Survey>) -> Event {
        let pages = Vec::new();
        board_that_tells(
            Vec::new(),
            InformationSection { pages, surveys },
            Vec::new(),
        )
    }

    fn kiosk() -> State {
        let mut state = State::new(at(0));
        state.apply(board(vec![survey()]), at(0));
        state
    }

    fn intend(state: &mut State, intent: SurveyIntent, seconds: u64) {
        state.apply(Event::Intent(Intent::Survey(intent)), at(seconds));
    }

    fn answer(state: &mut State, answer: &str, seconds: u64) {
        intend(state, SurveyIntent::Answer(answer.to_owned()), seconds);
    }

    fn begin(state: &mut State, seconds: u64) {
        intend(state, SurveyIntent::Show("urad".to_owned()), seconds);
    }

    fn shown(state: &State) -> Option<(&str, bool, bool)> {
        state
            .survey_step()
            .map(|step| (step.question.id.as_str(), step.thanked, step.more))
    }

    #[test]
    fn one_touch_answers_thanks_come_and_the_second_question_is_optional() {
        let mut state = kiosk();
        begin(&mut state, 1);
        assert_eq!(shown(&state), Some(("spokojenost", false, true)));
        answer(&mut state, "4", 2);
        assert_eq!(shown(&state), Some(("spokojenost", true, true)));
        let given = state.take_answers();
        assert_eq!(given.len(), 1);
        assert_eq!(given[0].answer, "4");
        assert_eq!(given[0].day.to_string(), "2026-11-21");
        assert!(state.take_answers().is_empty(), "taken once");

        intend(&mut state, SurveyIntent::Next, 3);
        assert_eq!(shown(&state), Some(("proc", false, true)));
        answer(&mut state, "cekani", 4);
        assert_eq!(shown(&state), Some(("proc", true, false)));
        assert_eq!(state.take_answers()[0].question, "proc");
        assert_eq!(state.open_surveys().count(), 0);
    }

    #[test]
    fn a_question_is_answered_once_in_a_session() {
        let mut state = kiosk();
        begin(&mut state, 1);
        answer(&mut state, "4", 2);
        answer(&mut state, "1", 3);
        intend(&mut state, SurveyIntent::Close, 4);
        assert!(state.is_information_in_front());
        begin(&mut state, 5);
        assert_eq!(
            shown(&state),
            Some(("proc", false, true)),
            "the first is done"
        );
        assert_eq!(state.take_answers().len(), 1);
        // After idle a new session begins.
        state.apply(Event::Tick, at(200));
        begin(&mut state, 201);
        answer(&mut state, "1", 202);
        assert_eq!(state.take_answers().len(), 1);
    }

    #[test]
    fn only_what_is_offered_can_be_answered() {
        let mut state = kiosk();
        answer(&mut state, "4", 1);
        begin(&mut state, 2);
        for other in ["0", "6", "", "cekani"] {
            answer(&mut state, other, 3);
        }
        assert!(state.take_answers().is_empty());
        assert_eq!(shown(&state), Some(("spokojenost", false, true)));
    }

    #[test]
    fn a_survey_is_asked_on_its_days_only() {
        let mut state = kiosk();
        begin(&mut state, 1);
        // 11 hours later it is midnight in Prague.
        state.apply(Event::Touched, at(11 * 3600));
        state.apply(Event::Tick, at(11 * 3600));
        assert_eq!(shown(&state), None);
        assert_eq!(state.open_surveys().count(), 0);
        assert!(state.is_board_in_front(), "there is nothing else to ask");
        begin(&mut state, 11 * 3600);
        assert_eq!(shown(&state), None);
    }

    #[test]
    fn a_survey_that_was_taken_back_leaves() {
        let mut state = kiosk();
        begin(&mut state, 1);
        state.apply(board(Vec::new()), at(2));
        assert!(state.is_board_in_front());
        state.apply(
            Event::Intent(Intent::Information(InformationIntent::Show)),
            at(3),
        );
        assert!(state.is_board_in_front());
    }
}
