//! What a large tenant costs, from bytes to verdicts: `cargo bench -p hybrid-policy`.
//!
//! 500 Conditional Access policies in more than 200 kB. The limits are 100 ms and 30 MB. What does not
//! depend on the computer is the ratio to reading the same files as mere JSON, which comes first.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use divan::{AllocProfiler, Bencher, black_box};
use hybrid_policy::{
    ExportFile, Groups, Inquiry, Moment, Occasion, Way, check_files, diff, lint, read,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const NOW: Moment = Moment(1_795_800_000);
const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";

fn main() {
    divan::main();
}

fn policies() -> String {
    let one = |number: u16| {
        json!({"id": format!("aaaaaaaa-0000-0000-0000-00000000{number:04x}"),
            "displayName": format!("Policy {number}"), "state": "enabled",
            "conditions": {"clientAppTypes": ["all"], "users": {"includeUsers": ["All"],
                "includeGroups": [], "includeRoles": [], "excludeUsers": [],
                "excludeGroups": [format!("bbbbbbbb-0000-0000-0000-00000000{number:04x}")],
                "excludeRoles": []},
                "applications": {"includeApplications": ["All"], "excludeApplications": [],
                    "includeUserActions": []}},
            "grantControls": {"operator": "OR", "builtInControls": [], "termsOfUse": [],
                "authenticationStrength": {"id": format!("cccccccc-0000-0000-0000-00000000{number:04x}"),
                    "displayName": "Passkeys", "policyType": "custom",
                    "allowedCombinations": ["fido2", "temporaryAccessPassOneTime"],
                    "combinationConfigurations": [{"appliesToCombinations": ["fido2"],
                        "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
                        "allowedAAGUIDs": ["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"]}]}}})
    };
    json!({"value": (0..500).map(one).collect::<Vec<Value>>()}).to_string()
}

/// Three profiles with lists of 100 models.
fn fido2(first: u32) -> String {
    let models: Vec<String> = (first..first + 100)
        .map(|number| format!("ea9b8d66-4d01-1d21-3ce4-b6b4{number:08x}"))
        .collect();
    let profile = |number: u8| {
        json!({"id": format!("00000000-0000-0000-0000-00000000000{number}"), "name": "Profile",
            "passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled",
            "keyRestrictions": {"isEnforced": true, "enforcementType": "block", "aaGuids": models}})
    };
    let targets: Vec<Value> = (0..50_u8)
        .map(|number| {
            json!({"targetType": "group", "allowedPasskeyProfiles": [DEFAULT],
                "id": format!("dddddddd-0000-0000-0000-0000000000{number:02x}")})
        })
        .chain([
            json!({"targetType": "group", "id": "all_users", "allowedPasskeyProfiles": [DEFAULT]}),
        ])
        .collect();
    json!({"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
        "includeTargets": targets, "excludeTargets": [], "defaultPasskeyProfile": DEFAULT,
        "passkeyProfiles": [profile(1), profile(2), profile(3)]})
    .to_string()
}

fn files<'a>(fido2: &'a str, policies: &'a str) -> [ExportFile<'a>; 2] {
    [("fido2.json", fido2), ("access.json", policies)].map(|(name, text)| ExportFile {
        name,
        bytes: text.as_bytes(),
        written: Some(NOW),
    })
}

fn inquiry() -> Inquiry {
    let mut inquiry = Inquiry::new(Occasion::SignIn, Way::Qr, NOW);
    inquiry.passkey.aaguid = hybrid_policy::parse_aaguid("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4");
    inquiry.passkey.synced = Some(true);
    inquiry.holder.groups = Groups::Exactly(BTreeSet::new());
    inquiry
}

#[divan::bench(sample_count = 20)]
fn a_json_alone(bencher: Bencher) {
    let (fido2, policies) = (fido2(0), policies());
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    bencher.bench_local(|| (read(black_box(&fido2)), read(black_box(&policies))));
}

#[divan::bench(sample_count = 20)]
fn check_from_bytes(bencher: Bencher) {
    let (fido2, policies) = (fido2(0), policies());
    assert!(fido2.len() + policies.len() > 200_000);
    let inquiry = inquiry();
    let judgement = check_files(&files(&fido2, &policies), &inquiry);
    assert!(judgement.find("PK201").is_some(), "{judgement}");
    bencher.bench_local(|| check_files(black_box(&files(&fido2, &policies)), &inquiry));
}

#[divan::bench(sample_count = 20)]
fn lint_of_exports(bencher: Bencher) {
    let (fido2, policies) = (fido2(0), policies());
    let exports = read(&files(&fido2, &policies), NOW).unwrap();
    bencher.bench_local(|| lint(black_box(&exports), NOW));
}

#[divan::bench(sample_count = 20)]
fn diff_of_two_exports(bencher: Bencher) {
    let (old, new, policies) = (fido2(0), fido2(1), policies());
    let old = read(&files(&old, &policies), NOW).unwrap();
    let new = read(&files(&new, &policies), NOW).unwrap();
    bencher.bench_local(|| diff(black_box(&old), black_box(&new), &[], NOW));
}
