//! How a session ends.

use hybrid_diagnosis::finding::Finding;
use hybrid_protocol::{Failure, LinkStartError};
use hybrid_webauthn::CannotAsk;
use std::fmt;

/// How a session ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// With a reply, which the user interface has.
    Replied,
    /// Without one.
    Failed {
        /// Where and why.
        failure: Failure,
        /// In the person's words; the first is the one to act on.
        findings: Vec<Finding>,
    },
    /// The phone cannot do what is required; it was not asked.
    CannotAsk(CannotAsk),
    /// The linked phone is behind a relay that this version does not know; it was not woken.
    CannotBegin(LinkStartError),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replied => f.write_str("the phone replied"),
            Self::Failed { failure, findings } => match findings.first() {
                Some(finding) => finding.fmt(f),
                None => failure.fmt(f),
            },
            Self::CannotAsk(reason) => reason.fmt(f),
            Self::CannotBegin(error) => error.fmt(f),
        }
    }
}
