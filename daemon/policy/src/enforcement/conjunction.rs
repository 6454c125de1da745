//! Strengths that no single method satisfies together.

use crate::model::Strength;
use std::collections::{BTreeMap, BTreeSet};

/// A strength and the name of the policy that asks for it.
pub(crate) type Asked<'a> = (&'a str, &'a Strength);

/// Pairs of strengths without a method in common. Strengths with the same methods count once.
pub(crate) fn disjoint<'a>(
    asked: impl IntoIterator<Item = Asked<'a>>,
) -> Vec<(Asked<'a>, Asked<'a>)> {
    let mut kinds: BTreeMap<BTreeSet<&BTreeSet<String>>, Asked<'a>> = BTreeMap::new();
    for (policy, strength) in asked {
        if let Some(methods) = methods(strength) {
            kinds.entry(methods).or_insert((policy, strength));
        }
    }
    let mut pairs = Vec::new();
    for (index, (mine, one)) in kinds.iter().enumerate() {
        let others = kinds.iter().skip(index + 1);
        let apart = others.filter(|(theirs, _)| mine.is_disjoint(theirs));
        pairs.extend(apart.map(|(_, other)| (*one, *other)));
    }
    pairs
}

/// All of them; `None` when one cannot be read.
fn methods(strength: &Strength) -> Option<BTreeSet<&BTreeSet<String>>> {
    let all = strength.combinations.value.as_ref()?;
    all.iter().map(|item| item.value.as_ref()).collect()
}
