//! What is on the window, as data: whoever draws it decides nothing.

use crate::steps::StepMark;

/// All that a person sees.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct WindowView {
    /// What is asked.
    pub headline: String,
    /// For whom, large; empty when that is nobody's question.
    pub party: String,
    /// Who asks: a hint.
    pub program: String,
    /// What to do.
    pub how: String,
    /// What to know before that.
    pub notes: Vec<String>,
    /// Where the code is.
    pub code: CodeView,
    /// What stands there when it is not.
    pub in_place_of_code: String,
    /// The live steps.
    pub steps: Vec<StepView>,
    /// What happened just now, or in the end.
    pub news: String,
    /// What hangs.
    pub trouble: Option<TroubleView>,
    /// What can be pressed, and its label; the last one is what Escape does.
    pub buttons: Vec<(WindowButton, String)>,
    /// The whole report with its heading, when that is on the screen instead of all the rest.
    pub report: Option<(String, String)>,
}

/// What is where the code is expected.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum CodeView {
    /// No place for one.
    #[default]
    Absent,
    /// A text.
    Text,
    /// The code with this number.
    Shown(u32),
}

/// A step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepView {
    /// How it stands.
    pub mark: StepMark,
    /// The same in words.
    pub text: String,
}

/// A finding. What the window says is in its language, what the diagnosis says is English.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TroubleView {
    /// That there is one, in the window's language.
    pub heading: String,
    /// Code and name, in English.
    pub name: String,
    /// What was seen, in English.
    pub saw: String,
    /// "What it means", in the window's language.
    pub means_heading: String,
    /// What it means, in English.
    pub means: String,
    /// "What to do", in the window's language.
    pub todo_heading: String,
    /// What to do, in English.
    pub todo: String,
}

/// What can be pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowButton {
    /// Another code.
    NewCode,
    /// This key shall be the one.
    Use,
    /// The whole report.
    Report,
    /// Copies it.
    Copy,
    /// Back from it.
    Back,
    /// The question was not looked for.
    NotNow,
    /// Ends the request.
    Cancel,
    /// It is over: the window goes.
    Close,
}
