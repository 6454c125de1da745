//! What a change does to one population: in a few lines for people, and who is locked out.

use super::cell::{Cell, Direction, Kind};
use super::models::ModelSet;
use super::smallest::Settings;
use crate::catalogue::LOCKED_OUT;
use crate::confidence::Confidence;
use crate::exports::Exports;
use crate::holder::Holder;
use crate::inquiry::{Inquiry, Occasion};
use crate::ruling::{Effect, Ruling};
use hybrid_protocol::ctap::Aaguid;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The effect on a population, or on several with the same one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PopulationChange {
    /// Who.
    pub who: String,
    /// What they can do no longer, or can do now: sign-in before registration, what is lost before
    /// what is gained.
    pub lines: Vec<String>,
    /// That they are locked out.
    pub lockout: Option<Ruling>,
}

/// What the cells of one population amount to; `None` when nothing changes.
pub(super) fn effect(
    who: &str,
    holder: &Holder,
    cells: &[Cell<'_>],
    settings: &Settings<'_>,
    [old, new]: [&Exports; 2],
) -> Option<PopulationChange> {
    let lines = lines(cells);
    if lines.is_empty() {
        return None;
    }
    let lost: Vec<&Cell<'_>> = cells.iter().filter(|cell| cell.locks_out()).collect();
    let lockout = (!lost.is_empty()).then(|| {
        let confidence = match lost.iter().any(|cell| cell.after.no()) {
            true => Confidence::Certain,
            false => Confidence::Possible,
        };
        let of_sign_in = |line: &&String| line.contains("no longer sign in");
        let said: Vec<&str> = { lines.iter().filter(of_sign_in) }
            .map(String::as_str)
            .collect();
        let saw = format!("{who}: {}", said.join("; "));
        let note = |saw: &str| Ruling::new(&LOCKED_OUT, Effect::Notes, confidence, saw);
        let (mut before, mut ruling) = (note(&saw), note(&saw));
        for cell in &lost {
            before = before.because(&cell.before);
            ruling = ruling.because(&cell.after);
        }
        before.cap(old.doubts());
        ruling.cap(new.doubts());
        let inquiries: Vec<Inquiry> = lost.iter().map(|cell| cell.inquiry.clone()).collect();
        let smallest = settings.smallest(holder, &inquiries);
        ruling.at_most(before.confidence).turned_by(&smallest)
    });
    Some(PopulationChange {
        who: who.to_owned(),
        lines,
        lockout,
    })
}

fn lines(cells: &[Cell<'_>]) -> Vec<String> {
    let (mut lines, mut later) = (Vec::new(), Vec::new());
    for direction in Direction::ALL {
        let sign_in = passkeys(cells, Occasion::SignIn, direction);
        let register = passkeys(cells, Occasion::Registration, direction);
        let same = match (&sign_in, &register) {
            (Some((words, _)), Some((others, _))) => words == others,
            (None, _) | (_, None) => false,
        };
        if let Some((words, examples)) = sign_in {
            let verb = direction.words(Occasion::SignIn);
            lines.push(format!("{verb}: {words}{examples}"));
        }
        if let Some((words, _)) = register {
            let verb = direction.words(Occasion::Registration);
            match same {
                true => lines.push(format!("{verb}: the same")),
                false => later.push(format!("{verb}: {words}")),
            }
        }
    }
    lines.extend(later);
    lines
}

/// Models and the kinds of which they go one way.
type Groups = Vec<(ModelSet, Vec<Kind>)>;

/// Which passkeys go this way, and known models among them.
fn passkeys(
    cells: &[Cell<'_>],
    occasion: Occasion,
    direction: Direction,
) -> Option<(String, String)> {
    let mut groups = Groups::new();
    for kind in [Kind::Bound, Kind::Attested, Kind::Synced] {
        let of_kind = |cell: &&Cell<'_>| cell.kind == kind && cell.inquiry.occasion == occasion;
        let of_kind: Vec<&Cell<'_>> = cells.iter().filter(of_kind).collect();
        if let Some(models) = ModelSet::going(&of_kind, direction) {
            groups.push((models, vec![kind]));
        }
    }
    let groups = together(groups);
    let words = groups.iter().map(|(models, kinds)| {
        let (before, after) = kinds_in_words(kinds, occasion);
        format!("{before}passkeys{after}{}", models.words())
    });
    let words: Vec<String> = words.collect();
    let mut known: Vec<&str> = Vec::new();
    for (models, kinds) in &groups {
        let examples = models.examples(kinds.contains(&Kind::Bound), kinds.contains(&Kind::Synced));
        known.extend(examples);
    }
    let examples = match known.is_empty() {
        true => String::new(),
        false => format!("; e.g. {}", known.join(", ")),
    };
    (!words.is_empty()).then(|| (words.join(", and "), examples))
}

/// Kinds with the same models in one group. Where models are listed, each model stands once.
fn together(groups: Groups) -> Groups {
    let listed: Option<Vec<_>> = { groups.iter() }
        .map(|(models, kinds)| Some((models.listed()?, kinds)))
        .collect();
    let mut joined = Groups::new();
    let Some(listed) = listed else {
        for (models, kinds) in groups {
            match joined.iter_mut().find(|(others, _)| *others == models) {
                Some((_, others)) => others.extend(kinds),
                None => joined.push((models, kinds)),
            }
        }
        return joined;
    };
    let mut by_kinds: BTreeMap<Vec<Kind>, BTreeSet<Aaguid>> = BTreeMap::new();
    let all: BTreeSet<Aaguid> = { listed.iter() }
        .flat_map(|(models, _)| models.iter().copied())
        .collect();
    for model in all {
        let having = listed.iter().filter(|(models, _)| models.contains(&model));
        let kinds = having
            .flat_map(|(_, kinds)| kinds.iter().copied())
            .collect();
        by_kinds.entry(kinds).or_default().insert(model);
    }
    let groups = by_kinds.into_iter();
    let mut groups: Groups = groups
        .map(|(kinds, models)| (ModelSet::Only(models), kinds))
        .collect();
    groups.sort_by_key(|(_, kinds)| Reverse(kinds.len()));
    groups
}

/// What stands before and after "passkeys".
fn kinds_in_words(kinds: &[Kind], occasion: Occasion) -> (&'static str, &'static str) {
    let has = |kind: Kind| kinds.contains(&kind);
    let sign_in = occasion == Occasion::SignIn;
    match (
        has(Kind::Bound),
        has(Kind::Attested) || sign_in,
        has(Kind::Synced),
    ) {
        (true, true, true) => ("", ""),
        (true, true, false) => ("device-bound ", ""),
        (true, false, false) => ("device-bound ", " without attestation"),
        (true, false, true) => ("", " without attestation"),
        (false, true, false) => ("device-bound ", " with attestation"),
        (false, true, true) if !sign_in => ("synced ones and attested device-bound ", ""),
        (false, _, _) => ("synced ", ""),
    }
}
