//! Surveys: configuration format and conversion to the wire type.

use std::collections::HashSet;

use serde::Deserialize;
use vyveska_wire::survey::{Choice, Question, QuestionKind, Survey};

use super::InvalidValue;
use super::value::{self, MomentConfig, TITLE};
use crate::config::TextConfig;

const MAX_SURVEYS: usize = 10;
/// People standing in front of a board do not answer more than three questions.
const MAX_QUESTIONS: usize = 3;
/// As many as fit on one screen with large targets.
const MAX_CHOICES: usize = 6;

/// One `[[surveys]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SurveyConfig {
    id: String,
    title: TextConfig,
    from: Option<MomentConfig>,
    until: Option<MomentConfig>,
    #[serde(default)]
    questions: Vec<QuestionConfig>,
}

/// One `[[surveys.questions]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionConfig {
    id: String,
    text: TextConfig,
    /// `faces` or `choices`.
    kind: Kind,
    #[serde(default)]
    choices: Vec<ChoiceConfig>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Faces,
    Choices,
}

/// One `[[surveys.questions.choices]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceConfig {
    id: String,
    text: TextConfig,
}

/// Converts to the wire type.
pub(super) fn records(surveys: &[SurveyConfig]) -> Result<Vec<Survey>, InvalidValue> {
    value::at_most("surveys", surveys, MAX_SURVEYS)?;
    let mut ids = HashSet::new();
    let mut records = Vec::new();
    for (index, survey) in surveys.iter().enumerate() {
        let key = format!("surveys[{index}]");
        unique(&mut ids, &key, &survey.id)?;
        records.push(survey.record(&key)?);
    }
    Ok(records)
}

fn unique<'a>(ids: &mut HashSet<&'a str>, key: &str, id: &'a str) -> Result<(), InvalidValue> {
    if ids.insert(id) {
        Ok(())
    } else {
        Err(InvalidValue::at(
            &format!("{key}.id"),
            format!("{id:?} is taken by an earlier one"),
        ))
    }
}

impl SurveyConfig {
    fn record(&self, key: &str) -> Result<Survey, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        if self.questions.is_empty() {
            return Err(InvalidValue::at(
                &at("questions"),
                "ask at least one question",
            ));
        }
        value::at_most(&at("questions"), &self.questions, MAX_QUESTIONS)?;
        let mut ids = HashSet::new();
        let mut questions = Vec::new();
        for (index, question) in self.questions.iter().enumerate() {
            let key = format!("{key}.questions[{index}]");
            unique(&mut ids, &key, &question.id)?;
            questions.push(question.record(&key)?);
        }
        Ok(Survey {
            id: value::id(&at("id"), &self.id)?,
            title: value::title(&at("title"), &self.title, TITLE)?,
            from: value::day(&at("from"), self.from)?,
            until: value::day(&at("until"), self.until)?,
            questions,
        })
    }
}

impl QuestionConfig {
    fn record(&self, key: &str) -> Result<Question, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        let kind = match (self.kind, self.choices.len()) {
            (Kind::Faces, 0) => QuestionKind::Faces,
            (Kind::Faces, _) => {
                let message = "a question with faces has no choices";
                return Err(InvalidValue::at(&at("choices"), message));
            }
            (Kind::Choices, 0 | 1) => {
                return Err(InvalidValue::at(
                    &at("choices"),
                    "offer at least two choices",
                ));
            }
            (Kind::Choices, _) => QuestionKind::Choices {
                choices: self.choices(key)?,
            },
        };
        Ok(Question {
            id: value::id(&at("id"), &self.id)?,
            text: value::title(&at("text"), &self.text, TITLE)?,
            kind,
        })
    }

    fn choices(&self, key: &str) -> Result<Vec<Choice>, InvalidValue> {
        let key = format!("{key}.choices");
        value::at_most(&key, &self.choices, MAX_CHOICES)?;
        let mut ids = HashSet::new();
        let mut choices = Vec::new();
        for (index, choice) in self.choices.iter().enumerate() {
            let key = format!("{key}[{index}]");
            unique(&mut ids, &key, &choice.id)?;
            choices.push(Choice {
                id: value::id(&format!("{key}.id"), &choice.id)?,
                text: value::title(&format!("{key}.text"), &choice.text, 60)?,
            });
        }
        Ok(choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        surveys: Vec<SurveyConfig>,
    }

    const SURVEY: &str = r#"
        [[surveys]]
        id = "urad"
        title = "Jak se vám u nás vedlo?"
        until = 2026-12-31
        [[surveys.questions]]
        id = "spokojenost"
        kind = "faces"
        text = "Jak jste byli spokojeni?"
        [[surveys.questions]]
        id = "proc"
        kind = "choices"
        text = "Co máme zlepšit?"
        choices = [
            { id = "cekani", text = { cs = "Čekání", de = "Wartezeit" } },
            { id = "ochota", text = "Ochotu" },
        ]
    "#;

    fn read(text: &str) -> Result<Vec<Survey>, InvalidValue> {
        records(&toml::from_str::<File>(text).unwrap().surveys)
    }

    #[track_caller]
    fn check_refused(change: (&str, &str), key: &str) {
        let text = SURVEY.replace(change.0, change.1);
        assert_ne!(text, SURVEY, "the change changes nothing");
        assert_eq!(read(&text).unwrap_err().key, key);
    }

    #[test]
    fn a_survey_is_read_with_its_questions() {
        let surveys = read(SURVEY).unwrap();
        assert_eq!(surveys[0].questions.len(), 2);
        assert!(surveys[0].questions[1].kind.offers("cekani"));
    }

    #[test]
    fn a_wrong_value_is_named_by_its_key() {
        check_refused(
            ("\"proc\"", "\"spokojenost\""),
            "surveys[0].questions[1].id",
        );
        check_refused(
            ("\"ochota\"", "\"cekani\""),
            "surveys[0].questions[1].choices[1].id",
        );
        check_refused(
            ("\"choices\"", "\"faces\""),
            "surveys[0].questions[1].choices",
        );
        check_refused(
            ("\"faces\"", "\"choices\""),
            "surveys[0].questions[0].choices",
        );
        check_refused(("2026-12-31", "2026-12-31T08:00:00"), "surveys[0].until");
    }
}
