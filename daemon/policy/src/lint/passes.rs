//! Temporary Access Passes: whether the first passkey can be reached with one.

use crate::bootstrap::{WITHOUT_A_METHOD, starters};
use crate::catalogue::{INTERRUPT_MODE, NO_WAY_TO_BEGIN, ONE_TIME_WINDOW, PASS_KIND};
use crate::confidence::Confidence;
use crate::enforcement::applies_to_registration;
use crate::export_kind::ExportKind;
use crate::exports::Exports;
use crate::holder::Holder;
use crate::model::{AccessState, PassPolicy, Strength};
use crate::ruling::{Effect, Ruling};
use crate::truth::{Held, Lack};

const ONE_TIME: &str = "temporaryAccessPassOneTime";
const MULTI_USE: &str = "temporaryAccessPassMultiUse";

/// Temporary Access Passes satisfy it, and the tenant issues some.
pub(super) fn takes_passes(exports: &Exports, strength: &Strength) -> Held {
    let issued = match exports.pass() {
        Some(pass) => pass.enabled.held(|enabled| *enabled),
        None => Held::given(true),
    };
    allows_passes(strength).and(issued)
}

/// What to change so that passes satisfy this strength.
pub(super) fn to_take_passes(exports: &Exports, strength: &Strength) -> String {
    let enable = match exports.pass() {
        Some(pass) if pass.enabled.value == Some(false) => format!(
            "Enable Temporary Access Passes: set the state to enabled at {}.",
            pass.enabled.place
        ),
        Some(_) | None => String::new(),
    };
    let take = match (allows_passes(strength).yes(), strength.is_fixed()) {
        (true, _) => String::new(),
        (false, true) => "A built-in strength cannot be changed: create a custom strength with the same methods and \
             Temporary Access Pass, and use it in this policy."
            .to_owned(),
        (false, false) => {
            let place = &strength.combinations.place;
            format!("Add {ONE_TIME} to allowedCombinations at {place}.")
        }
    };
    format!("{take} {enable}").trim().to_owned()
}

fn allows_passes(strength: &Strength) -> Held {
    let one = strength.allows(ONE_TIME);
    one.or(strength.allows(MULTI_USE))
}

pub(super) fn lint(exports: &Exports) -> Vec<Ruling> {
    let mut rulings = interrupt(exports);
    let Some(pass) = exports.pass() else {
        return rulings;
    };
    let off = pass.enabled.held(|enabled| !enabled);
    // With another method that is on, users start by that.
    if off.yes() && starters(exports, &Holder::default()).is_empty() {
        let known = !exports.others.is_empty();
        let saw = match known {
            true => "Temporary Access Passes are disabled, and so is every other second factor",
            false => "Temporary Access Passes are disabled, and no export tells of other methods",
        };
        let ruling = Ruling::new(&NO_WAY_TO_BEGIN, Effect::Notes, Confidence::Possible, saw);
        let ruling = ruling.because(&off).meaning(WITHOUT_A_METHOD);
        rulings.push(match known {
            true => ruling,
            false => ruling.lacking(Lack::Export(ExportKind::Methods)),
        });
    }
    let one_time = pass.one_time_only.held(|one_time| *one_time);
    if one_time.yes() && !off.yes() {
        let saw = "the tenant issues only one-time passes";
        let change = format!("Set isUsableOnce to false at {}.", pass.one_time_only.place);
        let ruling = Ruling::new(&ONE_TIME_WINDOW, Effect::Notes, Confidence::Possible, saw)
            .because(&one_time)
            .turned_by(&change)
            .advising(
                "Have users prepare everything before they use the pass, or allow multi-use passes: set isUsableOnce \
                 to false in the policy for passes.",
            );
        rulings.push(ruling);
        rulings.extend(kinds(exports, pass));
    }
    rulings
}

/// Passes and strengths that want more than one use, where only one-time passes are issued.
fn kinds(exports: &Exports, policy: &PassPolicy) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for pass in exports.users().iter().flat_map(|user| &user.passes) {
        let multi = pass.one_time.held(|one_time| !one_time);
        if multi.yes() {
            let saw = "the user has a multi-use pass";
            let ruling = Ruling::notes(&PASS_KIND, saw).because(&multi);
            rulings.push(ruling.on(&policy.one_time_only.place));
        }
    }
    for strength in exports.strengths() {
        let (one, multi) = (strength.allows(ONE_TIME), strength.allows(MULTI_USE));
        if one.no() && multi.yes() {
            let saw = format!(
                "the strength \"{}\" accepts only multi-use passes",
                strength.name
            );
            let ruling = Ruling::notes(&PASS_KIND, &saw)
                .because(&one)
                .because(&multi);
            rulings.push(ruling.on(&policy.one_time_only.place));
        }
    }
    rulings
}

/// A strength for some resources only, which sends users without a passkey into a registration that
/// cannot add one.
fn interrupt(exports: &Exports) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    for policy in exports.access().unwrap_or_default() {
        let enabled = policy.state.value == Some(AccessState::Enabled);
        if !enabled || !applies_to_registration(policy).no() {
            continue;
        }
        for strength in exports.strengths_of(policy) {
            let passes = allows_passes(strength);
            if strength.is_phishing_resistant() && passes.no() {
                let saw = format!(
                    "\"{}\" asks users without a passkey to register one",
                    policy.name
                );
                let change = to_take_passes(exports, strength);
                let todo = format!("{} {change}", INTERRUPT_MODE.todo);
                let ruling = Ruling::notes(&INTERRUPT_MODE, &saw)
                    .because(&passes)
                    .on(&policy.state.place);
                rulings.push(ruling.advising(&todo).turned_by(&change));
            }
        }
    }
    rulings
}
