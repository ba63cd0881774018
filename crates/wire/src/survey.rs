//! Surveys of passers-by, and their answers.
//!
//! An answer is a touch: it names nobody, and only its day is sent.
//! Answers are numbered by the display and stored there until central has acknowledged their numbers;
//! sending them again changes nothing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::readable::readable;
use crate::texts::Texts;

/// The most answers in one request.
pub const MAX_ANSWERS: usize = 100;

/// The longest identifier of a survey, a question or a choice, in characters.
pub const MAX_ID_LENGTH: usize = 64;

/// The number of faces, from the saddest (1) to the happiest.
pub const FACES: u8 = 5;

/// One question after the other; everything after the first is optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Unique among the surveys of a board.
    pub id: String,
    /// The topic in a few words.
    pub title: Texts,
    /// The first day it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    #[serde(deserialize_with = "readable")]
    pub questions: Vec<Question>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique in its survey.
    pub id: String,
    pub text: Texts,
    #[serde(flatten)]
    pub kind: QuestionKind,
}

/// How a question is answered. A question of an unknown kind is skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum QuestionKind {
    /// By one of [`FACES`] faces.
    Faces,
    /// By one of some sentences.
    Choices { choices: Vec<Choice> },
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Unique in its question.
    pub id: String,
    pub text: Texts,
}

impl QuestionKind {
    /// Whether this is one of the answers offered: the number of a face, or the identifier of a choice.
    pub fn offers(&self, answer: &str) -> bool {
        match self {
            Self::Faces => (1..=FACES).any(|face| face.to_string() == answer),
            Self::Choices { choices } => choices.iter().any(|choice| choice.id == answer),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyAnswer {
    pub survey: String,
    pub question: String,
    /// The number of the face, or the identifier of the choice.
    pub answer: String,
    /// The day in Europe/Prague on which it was given, as far as the display knew.
    pub day: NaiveDate,
}

/// An answer with the number its display gave it.
///
/// Numbers only grow, also over an outbox that was lost: see [`crate::manifest::next_number`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedAnswer {
    /// Unique in its outbox.
    pub number: u64,
    #[serde(flatten)]
    pub answer: SurveyAnswer,
}

/// The body of `POST answers`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SurveyAnswers {
    /// The random id of the outbox that numbered them; a display that lost its outbox begins another.
    /// `None` from displays without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox: Option<String>,
    /// In the order of their numbers, at most [`MAX_ANSWERS`].
    pub answers: Vec<NumberedAnswer>,
}

/// Central's reply to [`SurveyAnswers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersTaken {
    /// The largest number received: everything sent up to it is stored at central.
    pub up_to: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn czech(text: &str) -> Texts {
        [("cs".to_owned(), text.to_owned())].into()
    }

    fn survey() -> Survey {
        Survey {
            id: "urad".into(),
            title: czech("Jak se vám u nás vedlo?"),
            from: None,
            until: Some("2026-12-31".parse().unwrap()),
            questions: vec![
                Question {
                    id: "spokojenost".into(),
                    text: czech("Jak jste dnes byli spokojeni s úřadem?"),
                    kind: QuestionKind::Faces,
                },
                Question {
                    id: "proc".into(),
                    text: czech("Co máme zlepšit?"),
                    kind: QuestionKind::Choices {
                        choices: vec![Choice {
                            id: "cekani".into(),
                            text: czech("Čekání"),
                        }],
                    },
                },
            ],
        }
    }

    #[test]
    fn a_survey_travels_without_loss() {
        let json = serde_json::to_string(&survey()).unwrap();
        let read: Survey = serde_json::from_str(&json).unwrap();
        assert_eq!(read, survey());
    }

    #[test]
    fn a_question_of_a_kind_to_come_is_passed_over() {
        let mut json = serde_json::to_value(survey()).unwrap();
        json["questions"][0]["kind"] = "stars".into();
        let read: Survey = serde_json::from_value(json).unwrap();
        assert_eq!(read.questions, survey().questions[1..]);
    }

    #[test]
    fn only_what_is_offered_is_an_answer() {
        let [faces, choices] = &survey().questions[..] else {
            panic!("there are two questions");
        };
        assert!(faces.kind.offers("1") && faces.kind.offers("5"));
        for other in ["0", "6", "05", "+5", "cekani", ""] {
            assert!(!faces.kind.offers(other), "{other}");
        }
        assert!(choices.kind.offers("cekani"));
        assert!(!choices.kind.offers("1"));
    }

    #[test]
    fn answers_travel_flat_and_name_no_instant() {
        let answers = SurveyAnswers {
            outbox: None,
            answers: vec![NumberedAnswer {
                number: 7,
                answer: SurveyAnswer {
                    survey: "urad".into(),
                    question: "spokojenost".into(),
                    answer: "4".into(),
                    day: "2026-11-21".parse().unwrap(),
                },
            }],
        };
        let json = serde_json::to_string(&answers).unwrap();
        assert_eq!(
            json,
            r#"{"answers":[{"number":7,"survey":"urad","question":"spokojenost","answer":"4","day":"2026-11-21"}]}"#
        );
        assert_eq!(
            serde_json::from_str::<SurveyAnswers>(&json).unwrap(),
            answers
        );
        let numbered = SurveyAnswers {
            outbox: Some("a1".into()),
            answers: Vec::new(),
        };
        let json = serde_json::to_string(&numbered).unwrap();
        assert_eq!(json, r#"{"outbox":"a1","answers":[]}"#);
        assert_eq!(
            serde_json::from_str::<SurveyAnswers>(&json).unwrap(),
            numbered
        );
    }
}
