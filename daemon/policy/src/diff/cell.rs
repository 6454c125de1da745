//! One population, one class of models, one kind of passkeys, one occasion: accepted before, and
//! after.

use super::population::ModelClass;
use crate::capability::accepts;
use crate::exports::Exports;
use crate::holder::Holder;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::moment::Moment;
use crate::passkey::{AttestationFacts, ChainFacts, MetadataFacts};
use crate::truth::{Held, Truth};

/// Kinds that a policy can tell apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// Bound to its device, without an attestation that is enough.
    Bound,
    /// Bound to its device, and attested.
    Attested,
    /// Copied by a provider. These have no attestation.
    Synced,
}

/// From one answer to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Lost,
    PerhapsLost,
    Refused,
    Gained,
    PerhapsGained,
    Accepted,
}

impl Direction {
    /// What is lost comes first.
    pub(super) const ALL: [Self; 6] = [
        Self::Lost,
        Self::PerhapsLost,
        Self::Refused,
        Self::Gained,
        Self::PerhapsGained,
        Self::Accepted,
    ];

    fn of(before: Truth, after: Truth) -> Option<Self> {
        Some(match (before, after) {
            (Truth::Yes, Truth::No) => Self::Lost,
            (Truth::Yes, Truth::Unknown) => Self::PerhapsLost,
            (Truth::Unknown, Truth::No) => Self::Refused,
            (Truth::No, Truth::Yes) => Self::Gained,
            (Truth::No, Truth::Unknown) => Self::PerhapsGained,
            (Truth::Unknown, Truth::Yes) => Self::Accepted,
            (Truth::Yes, Truth::Yes)
            | (Truth::No, Truth::No)
            | (Truth::Unknown, Truth::Unknown) => return None,
        })
    }

    pub(super) const fn after(self) -> Truth {
        match self {
            Self::Lost | Self::Refused => Truth::No,
            Self::PerhapsLost | Self::PerhapsGained => Truth::Unknown,
            Self::Gained | Self::Accepted => Truth::Yes,
        }
    }

    /// Before the passkeys that it is about.
    pub(super) const fn words(self, occasion: Occasion) -> &'static str {
        let sign_in = matches!(occasion, Occasion::SignIn);
        match (self, sign_in) {
            (Self::Lost, true) => "no longer sign in",
            (Self::Lost, false) => "no longer register",
            (Self::PerhapsLost, true) => "may no longer sign in",
            (Self::PerhapsLost, false) => "may no longer register",
            (Self::Refused, true) => "do not sign in (it cannot be said whether before)",
            (Self::Refused, false) => "do not register (it cannot be said whether before)",
            (Self::Gained, true) => "sign in, and did not before",
            (Self::Gained, false) => "register, and did not before",
            (Self::PerhapsGained, true) => "may sign in, and did not before",
            (Self::PerhapsGained, false) => "may register, and did not before",
            (Self::Accepted, true) => "sign in (it cannot be said whether before)",
            (Self::Accepted, false) => "register (it cannot be said whether before)",
        }
    }
}

/// A question, and both answers.
pub(super) struct Cell<'a> {
    pub(super) class: &'a ModelClass,
    pub(super) kind: Kind,
    pub(super) inquiry: Inquiry,
    pub(super) before: Held,
    pub(super) after: Held,
}

impl<'a> Cell<'a> {
    /// All of one person.
    pub(super) fn all(
        classes: &'a [ModelClass],
        [old, new]: [&Exports; 2],
        holder: &Holder,
        now: Moment,
    ) -> Vec<Self> {
        let questions = [
            (Kind::Bound, Occasion::Registration),
            (Kind::Attested, Occasion::Registration),
            (Kind::Synced, Occasion::Registration),
            // Attestation does not count at sign-in.
            (Kind::Bound, Occasion::SignIn),
            (Kind::Synced, Occasion::SignIn),
        ];
        let mut cells = Vec::new();
        for class in classes {
            for (kind, occasion) in questions {
                let mut inquiry = Inquiry::new(occasion, Way::SameDevice, now);
                inquiry.holder = holder.clone();
                inquiry.passkey.aaguid = Some(class.representative);
                inquiry.passkey.synced = Some(kind == Kind::Synced);
                inquiry.passkey.attestation = Some(kind.attestation());
                cells.push(Self {
                    class,
                    kind,
                    before: accepts(old, &inquiry),
                    after: accepts(new, &inquiry),
                    inquiry,
                });
            }
        }
        cells
    }

    pub(super) fn direction(&self) -> Option<Direction> {
        Direction::of(self.before.truth, self.after.truth)
    }

    /// Accepted at sign-in before, and not surely after.
    pub(super) fn locks_out(&self) -> bool {
        self.inquiry.is_sign_in() && self.before.yes() && !self.after.yes()
    }
}

impl Kind {
    fn attestation(self) -> AttestationFacts {
        match self {
            Self::Bound | Self::Synced => AttestationFacts::Missing,
            Self::Attested => AttestationFacts::Packed(ChainFacts::Trusted(MetadataFacts {
                number: 0,
                compromised: false,
                eligible: Some(true),
                changed: Some(Moment(0)),
            })),
        }
    }
}
