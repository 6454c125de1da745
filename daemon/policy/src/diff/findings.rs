//! What is odd about the new state and was not about the old one, and the contrary.

use crate::catalogue::{Layer, SIZE_LIMIT};
use crate::exports::Exports;
use crate::lint::lint;
use crate::moment::Moment;
use crate::ruling::Ruling;

/// Findings that come, and findings that go. A kind of export that one side lacks counts on neither.
pub(super) fn compared(old: &Exports, new: &Exports, now: Moment) -> (Vec<Ruling>, Vec<Ruling>) {
    let (old, new) = (findings(old, new, now), findings(new, old, now));
    let only = |mine: &[Ruling], theirs: &[Ruling]| -> Vec<Ruling> {
        let known = |ruling: &&Ruling| theirs.iter().any(|other| gist(other) == gist(ruling));
        let mine = mine.iter().filter(|ruling| !known(ruling));
        mine.cloned().collect()
    };
    (only(&new, &old), only(&old, &new))
}

fn findings(exports: &Exports, other: &Exports, now: Moment) -> Vec<Ruling> {
    let mut common = Exports {
        // What a user has registered is told passkey by passkey.
        users: Vec::new(),
        ..exports.clone()
    };
    if other.fido2.is_empty() {
        common.fido2.clear();
    }
    if other.pass.is_empty() {
        common.pass.clear();
    }
    if other.campaigns.is_empty() {
        common.campaigns.clear();
    }
    if other.access.is_none() {
        common.access = None;
    }
    if other.strengths.is_none() {
        common.strengths = None;
    }
    let mut findings = lint(&common, now);
    findings.retain(|ruling| ruling.layer() != Layer::Input);
    findings
}

/// What makes two findings the same. Places change with files, sizes with every word.
fn gist(ruling: &Ruling) -> (&str, &str) {
    match ruling.code() == SIZE_LIMIT.code {
        true => (ruling.code(), ""),
        false => (ruling.code(), &ruling.saw),
    }
}
