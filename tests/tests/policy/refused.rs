//! What is refused, with what was expected, and warned of.

use crate::stage::{hybridd, sample, world};
use serde_json::{Value, json};
use std::fs;

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_file_and_place_and_no_secret_is_repeated() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let methods = sample("methods.json").to_string();
    let mut elsewhere = sample("access.json");
    elsewhere["@odata.context"] =
        json!("https://graph.microsoft.us/v1.0/$metadata#identity/conditionalAccess/policies");
    let pass = json!({"value": [{
        "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod",
        "id": "1", "temporaryAccessPass": "hunter2-pass", "isUsable": true}]});
    let cut = &methods[..methods.len() / 2];
    for (name, content, told) in [
        ("empty.json", "", "empty"),
        ("cut.json", cut, "truncated at line"),
        ("table.csv", "id,state\nFido2,enabled\n", "comma-separated"),
        ("page.html", "<!doctype html><p>Sign in", "HTML or XML"),
        (
            "pass.json",
            &pass.to_string(),
            "pass.json#/value/0/temporaryAccessPass",
        ),
        (
            "else.json",
            &elsewhere.to_string(),
            "different cloud or tenant",
        ),
        ("other.json", "{\"a\": 1}", "not a known export"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let path = path.to_str().unwrap();
        let args = ["policy", "check", "--policy", path, "methods.json"];
        let ended = hybridd(&world, &args, "").await;
        assert_eq!(ended.code, Some(2), "{name}: {ended}");
        assert!(ended.stderr.contains(told), "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains(name), "{name}: {}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        let json = hybridd(&world, &[&args[..], &["--json"]].concat(), "").await;
        let error: Value = serde_json::from_str(&json.stdout).unwrap();
        assert!(
            error["error"]["why"].as_str().unwrap().contains(told),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_wrong_file_or_flag_is_a_sentence_that_says_what_was_expected() {
    let world = world();
    for (args, told) in [
        (&["policy", "check"][..], "--policy"),
        (
            &["policy", "check", "--policy", "/missing.json"],
            "cannot read /missing.json",
        ),
        (
            &[
                "policy",
                "check",
                "--policy",
                "methods.json",
                "--response",
                "options.json",
            ],
            "options.json: expected a response",
        ),
        (
            &[
                "policy",
                "check",
                "--policy",
                "methods.json",
                "--options",
                "registration.json",
            ],
            "registration.json: expected the options",
        ),
        (
            &[
                "policy",
                "check",
                "--policy",
                "methods.json",
                "--groups",
                "staff",
            ],
            "expected an id of the directory",
        ),
        (
            &[
                "policy",
                "check",
                "--policy",
                "methods.json",
                "--user",
                "anna@example.org",
            ],
            "got a principal name",
        ),
        (
            &[
                "policy",
                "check",
                "--policy",
                "methods.json",
                "--mfa-at",
                "today",
            ],
            "expected a time",
        ),
        (&["policy", "diff", "methods.json"], "NEW"),
    ] {
        let ended = hybridd(&world, args, "").await;
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{args:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[tokio::test]
async fn what_is_no_export_is_told_where_it_belongs() {
    let world = world();
    for (file, option) in [
        ("options.json", "--options"),
        ("registration.json", "--response"),
    ] {
        let told = hybridd(&world, &["policy", "check", "methods.json", file], "").await;
        assert_eq!(told.code, Some(2));
        let part = format!(
            "give {} with {option}",
            if option == "--options" { "them" } else { "it" }
        );
        assert!(told.stderr.contains(&part), "{}", told.stderr);
    }
}

#[tokio::test]
async fn a_pass_is_warned_of_wherever_it_is_given() {
    let world = world();
    let mut record = sample("record.json");
    record["temporaryAccessPass"] = json!("Secret123");
    let path = world.path("samples/policy/with-pass.json");
    fs::write(path, record.to_string()).unwrap();
    for args in [
        &["inspect", "with-pass.json"][..],
        &[
            "policy",
            "check",
            "methods.json",
            "--response",
            "with-pass.json",
        ],
        &["policy", "check", "methods.json", "with-pass.json"],
    ] {
        let told = hybridd(&world, args, "").await;
        let part = "revoke a pass with DELETE https://graph.microsoft.com/v1.0/users/USER/authentication/temporaryAccessPassMethods/ID";
        assert!(told.stderr.contains(part), "{args:?}: {}", told.stderr);
        let all = told.to_string();
        assert!(!all.contains("Secret123"), "{all}");
    }
}
