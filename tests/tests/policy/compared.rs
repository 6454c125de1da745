//! `policy diff` as the document says to use it: the exports of today are copied, the copy is edited.

use crate::stage::{docs, hybridd, sample, world};
use hybrid_tests::programs::World;
use serde_json::{Value, json};
use std::fs;

const APPLE: &str = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd";
const KEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

/// The folders `before` and `after`: all users have one profile, and Anna has two passkeys.
fn folders(world: &World, edit: impl Fn(&mut Value)) {
    let mut methods = sample("methods.json");
    let fido2 = &mut methods["authenticationMethodConfigurations"][0];
    let profile = fido2["passkeyProfiles"][0].clone();
    fido2["passkeyProfiles"] = json!([profile]);
    fido2["includeTargets"] = json!([{"targetType": "group", "id": "all_users",
        "allowedPasskeyProfiles": ["00000000-0000-0000-0000-000000000001"]}]);
    fido2["excludeTargets"] = json!([]);
    let open = json!({"isEnforced": false, "enforcementType": "allow", "aaGuids": []});
    fido2["keyRestrictions"] = open.clone();
    fido2["passkeyProfiles"][0]["keyRestrictions"] = open;
    let mut user = sample("user.json");
    let passkey = |id: &str, name: &str, model: &str, kind: &str| {
        json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": id,
            "displayName": name, "aaGuid": model, "passkeyType": kind})
    };
    user["value"] = json!([
        passkey("a", "iPhone von Anna", APPLE, "synced"),
        passkey("b", "YubiKey", KEY, "deviceBound"),
    ]);
    let write = |folder: &str, methods: &Value| {
        let folder = world.path("samples/policy").join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("methods.json"), methods.to_string()).unwrap();
        fs::write(folder.join("user.json"), user.to_string()).unwrap();
    };
    write("before", &methods);
    edit(&mut methods["authenticationMethodConfigurations"][0]);
    write("changed", &methods);
}

fn listed(fido2: &mut Value) {
    fido2["passkeyProfiles"][0]["keyRestrictions"] =
        json!({"isEnforced": true, "enforcementType": "allow", "aaGuids": [KEY]});
}

#[tokio::test]
async fn an_edited_copy_is_told_in_a_few_lines_and_each_passkey_by_its_name() {
    let world = world();
    folders(&world, listed);
    let told = hybridd(&world, &["policy", "diff", "before", "changed"], "").await;
    assert_eq!(told.code, Some(1), "{told}");
    for part in [
        "All users:\n  - no longer sign in: passkeys of every model except",
        "  - no longer register: the same\n",
        "PK221 (recovery, certain)",
        "iPhone von Anna (Apple Passwords): no longer signs in",
        "YubiKey (2fc0579f-8113-47ea-b116-bb5a8db9202a): still signs in",
        "Leave out the change at changed/methods.json#/authenticationMethodConfigurations/0/passkeyProfiles/0/keyRestrictions/isEnforced.",
    ] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }
    assert!(told.stdout.lines().count() < 24, "{}", told.stdout);
    let same = hybridd(&world, &["policy", "diff", "before", "before"], "").await;
    assert_eq!(same.code, Some(0), "{}", same.stdout);
}

#[tokio::test]
async fn programs_get_all_that_the_document_names() {
    let world = world();
    folders(&world, listed);
    let args = ["policy", "diff", "before", "changed", "--json"];
    let told = hybridd(&world, &args, "").await;
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    let document = fs::read_to_string(docs().join("policy.md")).unwrap();
    let members = answer.as_object().unwrap().keys();
    let change = answer["changes"][0].as_object().unwrap().keys();
    for name in members.chain(change) {
        assert!(document.contains(&format!("`{name}`")), "{name}");
    }
    let changes = answer["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 5, "{answer}");
    let passkeys = answer["passkeys"].as_array().unwrap();
    assert_eq!(passkeys.len(), 2, "{answer}");
    assert_eq!(answer["found"].as_array().unwrap().len(), 1, "{answer}");
}

#[tokio::test]
async fn groups_restrict_the_comparison_to_one_person() {
    let world = world();
    let pilot = ["--groups", "11111111-1111-1111-1111-111111111111"];
    let args = ["policy", "diff", "methods.json", "after/methods.json"];
    let told = hybridd(&world, &[&args[..], &pilot, &["--json"]].concat(), "").await;
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    let changes = answer["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes {
        assert_eq!(change["who"], "the user who was named");
    }
    let told = hybridd(&world, &[&args[..], &["--groups", "none"]].concat(), "").await;
    assert_eq!(told.code, Some(0), "{}", told.stdout);
}
