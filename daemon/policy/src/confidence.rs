//! How sure a ruling is.

/// From "cannot be said" to "has no other reading".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// An input is missing; the ruling names it.
    Unknown,
    /// Indirect: one explanation among several.
    Possible,
    /// One input is claimed, undocumented or old.
    Likely,
    /// A documented rule, and all inputs are there and not merely claimed.
    Certain,
}

impl Confidence {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}
