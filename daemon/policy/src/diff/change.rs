//! One population, one kind of passkeys, one occasion.

use super::cell::{Cell, Kind};
use crate::inquiry::Occasion;
use crate::truth::Truth;
use hybrid_protocol::ctap::Aaguid;
use std::fmt;

/// What is accepted before or after, and not both.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// Who.
    pub who: String,
    /// With which models.
    pub models: String,
    /// Whether these are synced.
    pub synced: bool,
    /// At which point.
    pub occasion: Occasion,
    /// Whether the passkey comes with an attestation that is enough.
    pub attested: bool,
    /// Accepted before.
    pub before: Truth,
    /// Accepted after.
    pub after: Truth,
}

impl Change {
    /// `None` when nothing changes, and for an attestation of no model, which there is not.
    pub(super) fn of(who: &str, cell: &Cell<'_>) -> Option<Self> {
        cell.direction()?;
        let attested = cell.kind == Kind::Attested;
        if attested && cell.class.models == [Aaguid::NONE] {
            return None;
        }
        Some(Self {
            who: who.to_owned(),
            models: cell.class.name.clone(),
            synced: cell.kind == Kind::Synced,
            occasion: cell.inquiry.occasion,
            attested,
            before: cell.before.truth,
            after: cell.after.truth,
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.occasion {
            Occasion::BeforeRegistration | Occasion::Registration => "register",
            Occasion::SignIn => "sign in with",
        };
        let kind = if self.synced {
            "synced"
        } else {
            "device-bound"
        };
        let attested = if self.attested { " attested" } else { "" };
        let could = |truth: Truth| match truth {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown => "cannot be said",
        };
        let (before, after) = (could(self.before), could(self.after));
        write!(
            f,
            "{} can {verb}{attested} {kind} passkeys of {}: {before} before, {after} after",
            self.who, self.models
        )
    }
}
