//! What is different about a policy, a strength or a method.

use crate::ruling::Ruling;
use std::fmt;

/// A policy, strength or method, before and after.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccessChange {
    /// Which.
    pub what: String,
    /// The whole as it was, or that it was not there.
    pub before: String,
    /// The whole as it is, or that it is not there.
    pub after: String,
    /// What has changed, and nothing else.
    pub said: String,
    /// Whom it locks out.
    pub lockout: Option<Ruling>,
}

impl fmt::Display for AccessChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.said)
    }
}
