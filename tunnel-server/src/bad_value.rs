//! A value that a person wrote and that cannot be used.

use core::fmt;

/// Why a setting's value cannot be used: what was expected, and what stands there instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadValue(String);

impl BadValue {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for BadValue {}
