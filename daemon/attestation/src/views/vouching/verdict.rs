//! What was made of a statement.

use crate::metadata::MetadataEntry;

/// What was made of a statement.
pub(super) struct Verdict<'m> {
    /// A word for programs.
    pub(super) word: &'static str,
    pub(super) shown: String,
    /// The model that a root vouches for.
    pub(super) attested: Option<&'m MetadataEntry>,
    /// What is wrong with where the chain ends.
    pub(super) flaw: Option<String>,
}

impl Verdict<'_> {
    /// Nobody vouches for the model.
    pub(super) fn open(word: &'static str, shown: impl Into<String>) -> Self {
        Self {
            word,
            shown: shown.into(),
            attested: None,
            flaw: None,
        }
    }
}
