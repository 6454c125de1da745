//! A policy that may apply to the person.

use super::grant::Demand;
use crate::model::AccessPolicy;
use crate::truth::Held;

/// A policy that may apply, and how it stands to the passkey.
pub(super) struct Applying<'a> {
    pub(super) policy: &'a AccessPolicy,
    pub(super) applies: Held,
    pub(super) demand: Demand<'a>,
}
