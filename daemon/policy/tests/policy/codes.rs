//! Every code is produced by a tenant, and goes away when one thing of that tenant is changed.

mod bootstrap;
mod capability;
mod enforcement;
mod input;
mod provider;

pub use bootstrap::pass;

use crate::scene::Scene;
use hybrid_policy::catalogue;
use std::collections::BTreeSet;

/// A code, a scene that produces it, and the same scene with one thing changed, which does not.
pub struct Case {
    pub code: &'static str,
    pub produced: Scene,
    pub not: Scene,
}

pub fn case(code: &'static str, produced: Scene, change: impl FnOnce(Scene) -> Scene) -> Case {
    let not = change(produced.clone());
    Case {
        code,
        produced,
        not,
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases = input::cases();
    cases.extend(capability::cases());
    cases.extend(bootstrap::cases());
    cases.extend(provider::cases());
    cases.extend(enforcement::cases());
    cases
}

/// An attestation that is enough.
pub fn trusted() -> hybrid_policy::AttestationFacts {
    capability::metadata(|_| {})
}

fn codes(scene: &Scene) -> BTreeSet<&'static str> {
    scene
        .rulings()
        .iter()
        .map(hybrid_policy::Ruling::code)
        .collect()
}

#[test]
fn every_code_is_produced_and_one_change_takes_it_away() {
    let mut wrong = Vec::new();
    for (index, case) in cases().iter().enumerate() {
        let (with, without) = (codes(&case.produced), codes(&case.not));
        if !with.contains(case.code) || without.contains(case.code) {
            wrong.push(format!(
                "case {index}, {}: {with:?}, then {without:?}",
                case.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_code_of_the_catalogue_has_a_case() {
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.code).collect();
    let missing: Vec<&str> = catalogue::all()
        .map(|rule| rule.code)
        .filter(|code| !tested.contains(code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_ruling_says_all_that_a_person_needs() {
    for case in cases() {
        for ruling in case.produced.rulings() {
            let code = ruling.code();
            let rule = catalogue::find(code).unwrap();
            assert!(ruling.confidence <= rule.best, "{code}");
            assert!(!ruling.saw.is_empty() && !ruling.flip.is_empty(), "{code}");
            let source = ruling.source();
            assert!(
                source.contains("read 20") && !source.contains("not noted"),
                "{code}: {source}"
            );
            let unknown = ruling.confidence == hybrid_policy::Confidence::Unknown;
            assert!(
                !unknown || !ruling.lacks.is_empty(),
                "{code} lacks nothing that is named"
            );
            let text = ruling.to_string();
            assert!(!text.contains(" 1 models"), "{code}: {text}");
            for place in &ruling.rests {
                assert!(text.contains(&place.to_string()), "{code}");
            }
            assert_eq!(ruling.to_json()["layer"], ruling.layer().name());
        }
    }
}
