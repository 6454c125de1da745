//! What a person is told when something does not advance: what we saw, what it means, what to do, and a stable code.

use serde_json::{Value, json};
use std::fmt;

/// One statement of the diagnosis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Stable; `hybridd explain CODE` says more.
    pub code: &'static str,
    /// How sure it is.
    pub certainty: Certainty,
    /// What was observed.
    pub saw: String,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub advice: &'static str,
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Certainty {
    /// One cause among several.
    Possible,
    /// The likeliest cause.
    Likely,
    /// What was seen has no other cause.
    Certain,
}

impl Certainty {
    /// The word in events and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

impl Finding {
    /// The members of a finding, for events and reports.
    pub fn to_json(&self) -> Value {
        json!({
            "code": self.code,
            "certainty": self.certainty.name(),
            "saw": self.saw,
            "means": self.means,
            "advice": self.advice,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}\n  {}\n  What to do: {}",
            self.code,
            self.certainty.name(),
            self.saw,
            self.means,
            self.advice
        )
    }
}
