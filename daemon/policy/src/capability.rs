//! What the authentication methods policy says of a passkey: one assigned profile must accept it
//! whole, exclusion wins, attestation and self-service count at registration alone, type and model
//! at sign-in, too.

mod attested;
mod candidate;
mod explain;
mod models;
mod notes;

pub(crate) use attested::WINDOWS_HELLO;
pub(crate) use models::Models;

use crate::catalogue::{
    ACCEPTED, DOUBTFUL_INPUT, EXCLUDED, GUEST, MEMBERSHIP_UNKNOWN, METHOD_DISABLED, NO_POLICY,
    Rule, SELF_SERVICE_OFF,
};
use crate::confidence::Confidence;
use crate::export_kind::ExportKind;
use crate::exports::Exports;
use crate::given::Given;
use crate::holder::Holder;
use crate::inquiry::Inquiry;
use crate::model::{Fido2, Generation, PolicyTarget, TargetId};
use crate::ruling::{Effect, Ruling};
use crate::truth::{Held, Lack};
use candidate::Candidates;
use std::collections::BTreeSet;

/// Whether a list of targets has the person.
pub(crate) fn is_among(holder: &Holder, targets: &Given<Vec<PolicyTarget>>) -> Held {
    match &targets.value {
        Some(list) => Held::any(list.iter().map(|target| holder.is_in(target))).on(&targets.place),
        None => Held::unknown(targets.lack()),
    }
}

/// Whether a method is on for the person: enabled, and exclusion wins.
pub(crate) fn is_for(
    holder: &Holder,
    enabled: &Given<bool>,
    include: &Given<Vec<PolicyTarget>>,
    exclude: &Given<Vec<PolicyTarget>>,
) -> Held {
    let excluded = is_among(holder, exclude);
    Held::all([
        enabled.held(|enabled| *enabled),
        is_among(holder, include),
        excluded.negated(),
    ])
}

/// The conditions of the policy, each by itself.
struct Conditions<'a> {
    enabled: Held,
    not_excluded: Held,
    self_service: Held,
    candidates: Candidates<'a>,
}

impl<'a> Conditions<'a> {
    fn of(fido2: &'a Fido2, exports: &Exports, inquiry: &Inquiry) -> Self {
        let self_service = match inquiry.is_sign_in() {
            true => Held::given(true),
            false => fido2.self_service.held(|allowed| *allowed),
        };
        Self {
            enabled: fido2.enabled.held(|enabled| *enabled),
            not_excluded: is_among(&inquiry.holder, &fido2.exclude).negated(),
            self_service,
            candidates: Candidates::of(fido2, exports.cloud, inquiry),
        }
    }

    fn all(&self) -> Held {
        let parts = [&self.enabled, &self.not_excluded, &self.self_service];
        Held::all(parts.into_iter().cloned().chain([self.candidates.fit()]))
    }
}

/// Whether the policy accepts it, without explanation.
pub(crate) fn accepts(exports: &Exports, inquiry: &Inquiry) -> Held {
    match exports.fido2() {
        Some(fido2) => Conditions::of(fido2, exports, inquiry).all(),
        None => Held::unknown(Lack::Export(ExportKind::Methods)),
    }
}

/// What the policy says of it.
pub(crate) fn judge(exports: &Exports, inquiry: &Inquiry) -> Vec<Ruling> {
    let Some(fido2) = exports.fido2() else {
        let ruling = Ruling::withholds(&NO_POLICY, "no file has the passkey configuration");
        return vec![ruling.lacking(Lack::Export(ExportKind::Methods))];
    };
    let conditions = Conditions::of(fido2, exports, inquiry);
    let mut rulings = Vec::new();
    let mut refuse = |rule: &Rule, held: &Held, saw: &str| {
        if held.no() {
            let places: Vec<String> = held.rests.iter().map(ToString::to_string).collect();
            let change = format!("{} At {}.", rule.flip, places.join(" and "));
            rulings.push(Ruling::refuses(rule, saw).because(held).turned_by(&change));
        }
    };
    refuse(
        &METHOD_DISABLED,
        &conditions.enabled,
        "the method's state is disabled",
    );
    refuse(
        &EXCLUDED,
        &conditions.not_excluded,
        &excluded_by(exports, fido2, &inquiry.holder),
    );
    refuse(
        &SELF_SERVICE_OFF,
        &conditions.self_service,
        "isSelfServiceRegistrationAllowed is false",
    );
    if inquiry.holder.guest == Some(true) && !inquiry.is_sign_in() {
        rulings.push(Ruling::refuses(
            &GUEST,
            "the user is a guest of this tenant",
        ));
    }
    let fit = conditions.candidates.fit();
    rulings.extend(conditions.candidates.explain(&fit, inquiry));
    let all = conditions.all();
    if all.open() {
        let mut all = all.clone();
        // What a refusal that is not sure lacks has been said.
        let said = rulings
            .iter()
            .filter(|ruling| ruling.effect == Effect::Refuses);
        for lack in said.flat_map(|ruling| &ruling.lacks) {
            all.lacks.remove(lack);
        }
        rulings.extend(missing(&all));
    }
    if all.yes() {
        rulings.push(accepted(&all, &conditions.candidates, inquiry));
    }
    rulings
}

/// Which targets exclude the person.
fn excluded_by(exports: &Exports, fido2: &Fido2, holder: &Holder) -> String {
    let targets = fido2.exclude.value.iter().flatten();
    let excluding = targets.filter(|target| holder.is_in(target).yes());
    let names = excluding.filter_map(|target| match target.id.value? {
        TargetId::Everyone => Some("all users".to_owned()),
        TargetId::Object(id) => Some(exports.called(id)),
    });
    let names: Vec<String> = names.collect();
    format!("an excluded target contains the user: {}", names.join(", "))
}

fn accepted(all: &Held, candidates: &Candidates<'_>, inquiry: &Inquiry) -> Ruling {
    let attested = attested::attested(inquiry);
    let counts = !inquiry.is_sign_in() && attested.held.yes();
    let (confidence, claim) = match (
        counts,
        attested.best,
        inquiry.passkey.attested_at_registration,
    ) {
        (true, Confidence::Certain, _) => (Confidence::Certain, "attested"),
        (true, _, _) => (Confidence::Likely, "supposed to be attested"),
        (false, _, Some(true)) => (
            Confidence::Likely,
            "attested at registration, as the directory says",
        ),
        (false, _, Some(false) | None) => (Confidence::Likely, "claimed, not attested"),
    };
    let fitting = candidates.fitting();
    let names: Vec<String> = fitting.iter().map(|name| format!("\"{name}\"")).collect();
    let names = names.join(" and ");
    let saw = format!("meets every condition of {names}; the model is {claim}");
    let fido2 = candidates.fido2;
    let change = match fido2.generation() {
        Generation::Profiles => {
            let places: Vec<String> = candidates.fitting_places();
            format!("Remove {names} from the user, at {}.", places.join(" and "))
        }
        // Settings of the whole tenant cannot be taken from one user.
        Generation::Flat | Generation::FlatByAbsence => {
            format!("Exclude the user, at {}.", fido2.exclude.place)
        }
    };
    Ruling::new(&ACCEPTED, Effect::Admits, confidence, &saw)
        .because(all)
        .at_most(candidates.best())
        .turned_by(&change)
}

/// What keeps the answer open, by kind.
fn missing(all: &Held) -> Vec<Ruling> {
    let (groups, others): (BTreeSet<Lack>, BTreeSet<Lack>) = all
        .lacks
        .iter()
        .cloned()
        .partition(|lack| matches!(lack, Lack::Membership(_)));
    let mut rulings = Vec::new();
    if !groups.is_empty() {
        let saw = match groups.len() {
            1 => "the answer depends on a group".to_owned(),
            count => format!("the answer depends on {count} groups"),
        };
        let mut ruling = Ruling::withholds(&MEMBERSHIP_UNKNOWN, &saw).because(all);
        ruling.lacks = groups;
        rulings.push(ruling);
    }
    let (facts, others): (BTreeSet<Lack>, BTreeSet<Lack>) = others
        .into_iter()
        .partition(|lack| matches!(lack, Lack::Fact(_)));
    if !facts.is_empty() {
        rulings.push(missing_facts(all, facts));
    }
    if !others.is_empty() {
        rulings.push(missing_exports(all, others));
    }
    rulings
}

/// Facts of the passkey or the client, which nobody exports.
fn missing_facts(all: &Held, facts: BTreeSet<Lack>) -> Ruling {
    let ways = facts.iter().filter_map(Lack::given_by);
    let ways: Vec<&str> = ways.collect();
    let ways = ways.join(" ");
    let saw = "the answer depends on a fact that was not given";
    let mut ruling = Ruling::withholds(&DOUBTFUL_INPUT, saw)
        .because(all)
        .at_most(Confidence::Unknown)
        .meaning("The policy accepts some passkeys and not others, and what was said of this one does not decide.")
        .advising(&ways)
        .turned_by(&ways);
    ruling.lacks = facts;
    ruling
}

/// Files, or values in them.
fn missing_exports(all: &Held, lacks: BTreeSet<Lack>) -> Ruling {
    let files: BTreeSet<&str> = lacks.iter().filter_map(Lack::file).collect();
    let files: Vec<&str> = files.into_iter().collect();
    let todo = match files.is_empty() {
        true => {
            "Give the export that is named as missing (hybridd policy how-to-export).".to_owned()
        }
        false => format!(
            "Export {} again as raw JSON (hybridd policy how-to-export); if the value is absent there too, only the \
             service knows it.",
            files.join(" and ")
        ),
    };
    let saw = "the answer depends on a value that the exports do not give";
    let mut ruling = Ruling::withholds(&DOUBTFUL_INPUT, saw)
        .because(all)
        .at_most(Confidence::Unknown)
        .advising(&todo);
    ruling.lacks = lacks;
    ruling
}
