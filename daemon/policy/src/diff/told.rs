//! A Conditional Access policy in its parts, to compare two states of it.

use super::asks::Asks;
use super::scope::Scope;
use super::strength;
use crate::exports::Exports;
use crate::guid::Guid;
use crate::model::{AccessPolicy, AccessState};
use crate::pointer::Pointer;
use std::collections::{BTreeMap, BTreeSet};

/// A policy and its parts.
pub(super) struct Told<'a> {
    pub(super) policy: &'a AccessPolicy,
    pub(super) scope: Scope,
    pub(super) asks: Asks,
    /// Ids of its strengths, and what these take.
    pub(super) strengths: BTreeMap<Option<Guid>, (BTreeSet<String>, Vec<Pointer>)>,
}

impl<'a> Told<'a> {
    pub(super) fn of(exports: &Exports, policy: &'a AccessPolicy) -> Self {
        let strengths = exports.strengths_of(policy).into_iter();
        let strengths = strengths.map(|strength| {
            let places = { strength.configurations.value.iter().flatten() }
                .map(|each| each.aaguids.place.clone())
                .chain([strength.combinations.place.clone()]);
            (
                strength.id.value,
                (strength::taken(strength), places.collect()),
            )
        });
        Self {
            policy,
            scope: Scope::of(policy),
            asks: Asks::of(exports, policy),
            strengths: strengths.collect(),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.policy.state.value == Some(AccessState::Enabled)
    }

    pub(super) const fn state(&self) -> &'static str {
        match self.policy.state.value {
            Some(AccessState::Enabled) => "on",
            Some(AccessState::Disabled) => "off",
            Some(AccessState::ReportOnly) => "reporting only",
            None => "in an unknown state",
        }
    }

    pub(super) fn whole(&self) -> String {
        let (scope, asks) = (self.scope.words(), &self.asks.words);
        let clients = match self.policy.legacy_clients {
            Some(_) => ", from clients of older protocols",
            None => "",
        };
        format!("{}, {scope}{clients}, asking for {asks}", self.state())
    }
}
