//! The answers of `check`, `lint`, `diff` and `explain`: the table of the document, what a verdict
//! names, and what is refused.

use crate::stage::{docs, hybridd, sample, samples, world};
use hybrid_policy::catalogue;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

const USER: &str = "99999999-9999-9999-9999-999999999999";
const GPM: &str = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4";

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
        assert_eq!(
            text.code,
            Some(exit),
            "{command}: {}{}",
            text.stdout,
            text.stderr
        );
        // Only these answer with verdicts in JSON.
        let judges = ["check", "lint", "diff"].map(|verb| format!("hybridd policy {verb} "));
        if !judges.iter().any(|judge| command.starts_with(judge)) {
            let said = format!("{}{}", text.stdout, text.stderr);
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
async fn any_file_can_come_from_standard_input_once() {
    let world = world();
    let methods = sample("methods.json").to_string();
    let base = [
        "policy",
        "check",
        "--groups",
        "11111111-1111-1111-1111-111111111111",
    ];
    let from_stdin = ["--policy", "-", "--response", "registration.json"];
    let told = hybridd(&world, &[&base[..], &from_stdin].concat(), &methods).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    assert!(
        told.stdout.contains("standard input#/authentication"),
        "{}",
        told.stdout
    );
    let response = sample("registration.json").to_string();
    let from_stdin = ["--policy", "methods.json", "--response", "-"];
    let told = hybridd(&world, &[&base[..], &from_stdin].concat(), &response).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let twice = ["--policy", "-", "--response", "-"];
    let told = hybridd(&world, &[&base[..], &twice].concat(), &methods).await;
    assert_eq!(told.code, Some(2));
    assert!(told.stderr.contains("can be read once"), "{}", told.stderr);
}

#[tokio::test]
async fn the_order_of_files_and_a_folder_of_them_change_nothing() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    for name in ["methods.json", "access.json", "groups.json"] {
        fs::copy(samples().join(name), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "no export").unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (methods, access, groups) = (
        path("methods.json"),
        path("access.json"),
        path("groups.json"),
    );
    let whole = folder.path().to_str().unwrap();
    let mut answers = BTreeSet::new();
    for files in [
        vec![methods.as_str(), &access, &groups],
        vec![&groups, &methods, &access],
        vec![whole],
    ] {
        let mut args = vec![
            "policy",
            "check",
            "--user",
            USER,
            "--response",
            "registration.json",
        ];
        args.push("--policy");
        args.extend(files);
        let told = hybridd(&world, &args, "").await;
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
        answers.insert(told.stdout);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
}

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
        assert_eq!(
            ended.code,
            Some(2),
            "{name}: {}{}",
            ended.stdout,
            ended.stderr
        );
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
async fn an_export_in_utf_16_or_with_a_mark_is_the_same_export() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let methods = sample("methods.json").to_string();
    let utf16 = std::iter::once(0xfeff).chain(methods.encode_utf16());
    let utf16: Vec<u8> = utf16.flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", methods.as_bytes()].concat();
    for bytes in [utf16, marked] {
        let path = folder.path().join("methods.json");
        fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap();
        let args = ["policy", "check", "--policy", path, "groups.json"];
        let response = ["--response", "registration.json"];
        let told = hybridd(&world, &[&args[..], &response].concat(), "").await;
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
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
async fn a_directorys_record_and_a_bare_model_are_judged_as_what_they_are() {
    let world = world();
    let base = ["policy", "check", "--policy", "methods.json", "groups.json"];
    let record = hybridd(
        &world,
        &[&base[..], &["--response", "record.json"]].concat(),
        "",
    )
    .await;
    assert_eq!(record.code, Some(0), "{}{}", record.stdout, record.stderr);
    assert!(record.stdout.starts_with("Sign-in by"), "{}", record.stdout);
    let model = hybridd(
        &world,
        &[&base[..], &["--response", "-", "--type", "synced"]].concat(),
        GPM,
    )
    .await;
    assert_eq!(model.code, Some(0), "{}{}", model.stdout, model.stderr);
    assert!(
        model.stdout.starts_with("Registration by"),
        "{}",
        model.stdout
    );
    assert!(
        model.stdout.contains("claimed, not attested"),
        "{}",
        model.stdout
    );
}

#[tokio::test]
async fn exports_are_named_with_or_without_the_option() {
    let world = world();
    for verb in ["check", "lint", "profiles"] {
        let plain = hybridd(&world, &["policy", verb, "methods.json"], "").await;
        let named = hybridd(&world, &["policy", verb, "--policy", "methods.json"], "").await;
        assert_eq!(
            (plain.code, &plain.stdout),
            (named.code, &named.stdout),
            "{verb}"
        );
        assert_ne!(plain.code, Some(2), "{}", plain.stderr);
        let none = hybridd(&world, &["policy", verb], "").await;
        assert_eq!(none.code, Some(2));
        assert!(
            none.stderr.contains("<FILE|--policy <FILE>...>"),
            "{}",
            none.stderr
        );
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
        let all = format!("{}{}", told.stdout, told.stderr);
        assert!(!all.contains("Secret123"), "{all}");
    }
}
