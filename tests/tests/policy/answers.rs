//! The answers of `check`, `lint`, `diff` and `explain`: the table of the document, and what a
//! verdict names.

use crate::stage::{USER, docs, hybridd, sample, world};
use hybrid_policy::catalogue;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// A row of the document's table: the command, its exit code and its codes.
fn rows() -> Vec<(String, i32, BTreeSet<String>)> {
    let text = fs::read_to_string(docs().join("policy.md")).unwrap();
    let cells = text
        .lines()
        .map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .filter_map(|cells| {
            let [_, _, command, exit, codes, _] = cells.as_slice() else {
                return None;
            };
            let command = command.trim_matches('`');
            let codes = codes.split_whitespace().map(str::to_owned).collect();
            command
                .starts_with("hybridd ")
                .then(|| (command.to_owned(), exit.parse().unwrap(), codes))
        })
        .collect()
}

/// The codes of an answer in JSON, or of the answers for each passkey.
fn codes(answer: &Value) -> BTreeSet<String> {
    let list = ["rulings", "found"]
        .iter()
        .find_map(|name| answer[name].as_array());
    let Some(rulings) = list.map(|list| list.iter()) else {
        let passkeys = answer["passkeys"].as_array().unwrap();
        return passkeys.iter().flat_map(codes).collect();
    };
    rulings
        .map(|ruling| ruling["code"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_row_of_the_document_answers_as_it_says() {
    let world = world();
    let rows = rows();
    assert!(rows.len() > 35, "the table is found");
    for (command, exit, expected) in rows {
        let mut args: Vec<&str> = command.split(' ').skip(1).collect();
        let text = hybridd(&world, &args, "").await;
        assert_eq!(text.code, Some(exit), "{command}: {text}");
        // Only these answer with verdicts in JSON.
        let judges = ["check", "lint", "diff"].map(|verb| format!("hybridd policy {verb} "));
        if !judges.iter().any(|judge| command.starts_with(judge)) {
            let said = text.to_string();
            for part in &expected {
                assert!(said.contains(part.as_str()), "{command}: {part}: {said}");
            }
            continue;
        }
        args.push("--json");
        let json = hybridd(&world, &args, "").await;
        assert_eq!(json.code, Some(exit), "{command}: {}", json.stderr);
        let answer: Value = serde_json::from_str(&json.stdout).unwrap();
        let found = codes(&answer);
        assert!(found.is_superset(&expected), "{command}: {found:?}");
        for code in &found {
            assert!(text.stdout.contains(code), "{command}: {code}");
        }
    }
}

#[tokio::test]
async fn a_verdict_names_its_place_its_certainty_what_would_turn_it_and_its_source() {
    let world = world();
    let args = [
        "policy",
        "check",
        "--policy",
        "methods.json",
        "--options",
        "options.json",
    ];
    let admins = ["--groups", "33333333-3333-3333-3333-333333333333"];
    let told = hybridd(&world, &[&args[..], &admins].concat(), "").await;
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    for part in [
        "Registration by the authentication methods policy: refused",
        "PK050 (capability, certain)",
        "at methods.json#/authenticationMethodConfigurations/0/passkeyProfiles/1/attestationEnforcement",
        "What it means: ",
        "What to do: ",
        "What would change it, for the administrator: ",
        "Source: ",
        "read 2026-",
    ] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }
    assert_eq!(told.stderr, "");
}

#[tokio::test]
async fn an_undetermined_answer_names_what_is_missing_and_how_to_give_it() {
    let world = world();
    let args = ["policy", "check", "--policy", "methods.json"];
    let told = hybridd(&world, &args, "").await;
    assert_eq!(told.code, Some(3), "{}", told.stdout);
    let (_, missing) = told.stdout.split_once("this is missing:").unwrap();
    for part in [
        "11111111-1111-1111-1111-111111111111",
        "the passkey's AAGUID",
        "--groups",
    ] {
        assert!(missing.contains(part), "{part}: {missing}");
    }
    let json = hybridd(&world, &[&args[..], &["--json"]].concat(), "").await;
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(answer["outcome"], "undetermined");
    assert!(answer["missing"].as_array().unwrap().len() >= 2);
}

#[tokio::test]
async fn a_comparison_with_less_than_before_says_what_is_missing() {
    let world = world();
    let args = ["policy", "diff", "methods.json", "access.json"];
    let told = hybridd(&world, &args, "").await;
    assert_eq!(told.code, Some(3), "{}", told.stdout);
    for part in [
        "the authentication methods policy, in NEW",
        "the Conditional Access policies, in OLD",
    ] {
        assert!(told.stdout.contains(part), "{}", told.stdout);
    }
    let args = [
        "policy",
        "diff",
        "methods.json",
        "after/methods.json",
        "--json",
    ];
    let person = [
        "--groups",
        "11111111-1111-1111-1111-111111111111",
        "--user",
        USER,
    ];
    let told = hybridd(&world, &[&args[..], &person].concat(), "").await;
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    let changes = answer["changes"].as_array().unwrap();
    let named = changes.iter().any(|change| {
        change["who"] == "the user who was named"
            && change["type"] == "synced"
            && change["for"] == "sign-in"
            && change["before"] == true
            && change["after"] == false
    });
    assert!(named, "{answer}");
}

#[tokio::test]
async fn exports_are_told_how_to_get_and_codes_are_explained() {
    let world = world();
    let told = hybridd(&world, &["policy", "how-to-export"], "").await;
    assert_eq!(told.code, Some(0));
    assert!(
        told.stdout.contains("Invoke-MgGraphRequest -Method GET"),
        "{}",
        told.stdout
    );
    let document = fs::read_to_string(docs().join("policy.md")).unwrap();
    for rule in catalogue::all() {
        let layer = rule.layer.name();
        let row = format!("| {} | {layer} | {} |", rule.code, rule.name);
        assert!(document.contains(&row), "{row}");
    }
    let told = hybridd(&world, &["explain", "pk050"], "").await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for part in ["PK050 (capability", "What to do: ", "Source: "] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }
}

#[tokio::test]
async fn profiles_tell_what_is_excluded_and_what_does_not_exist_in_one_line() {
    let world = world();
    let mut methods = sample("methods.json");
    let target = "/authenticationMethodConfigurations/0/includeTargets/0/allowedPasskeyProfiles";
    *methods.pointer_mut(target).unwrap() = json!(["deadbeef-0000-0000-0000-000000000000"]);
    let path = world.path("samples/policy/dangling.json");
    fs::write(path, methods.to_string()).unwrap();
    let told = hybridd(&world, &["policy", "profiles", "dangling.json"], "").await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for part in [
        "22222222-2222-2222-2222-222222222222: excluded\n  at dangling.json#",
        ": profile deadbeef-0000-0000-0000-000000000000 does not exist (PK014)\n  at ",
    ] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }
    assert!(!told.stdout.contains("not stated"), "{}", told.stdout);
    let args = ["policy", "profiles", "methods.json", "--mds", "/missing"];
    assert_eq!(hybridd(&world, &args, "").await.code, Some(2));
}
