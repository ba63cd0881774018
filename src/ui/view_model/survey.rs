//! A question with its possible answers, or thanks; nothing here says who answers.

/// A question, or thanks for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyView {
    /// What the survey is about.
    pub title: String,
    pub question: String,
    /// „otázka 1 ze 2"; empty when there is one.
    pub position: String,
    /// The sentences to choose from; the answer is a face when there are none.
    pub choices: Vec<ChoiceView>,
    pub thanked: bool,
    /// Whether there is another question.
    pub more: bool,
}

/// A sentence to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceView {
    pub id: String,
    pub text: String,
}
