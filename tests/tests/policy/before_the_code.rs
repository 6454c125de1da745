//! `--policy` of `register` and `sign-in`: what cannot succeed stops before a code is shown, and what
//! may not is told.

use crate::stage::{hybridd, sample, world};
use hybrid_tests::programs::{Ended, World};
use serde_json::{Value, json};
use std::fs;

const PILOT: &str = "11111111-1111-1111-1111-111111111111";
const EXCLUDED: &str = "22222222-2222-2222-2222-222222222222";
const ADMINISTRATORS: &str = "33333333-3333-3333-3333-333333333333";

async fn ask(world: &World, verb: &str, options: &str, more: &[&str]) -> Ended {
    let base = [verb, "--origin", "https://login.microsoft.com"];
    let rest = ["--qr", "text", "--options", options];
    hybridd(world, &[&base[..], &rest, more].concat(), "").await
}

async fn register(world: &World, more: &[&str]) -> Ended {
    ask(world, "register", "options.json", more).await
}

#[tokio::test]
async fn a_registration_that_cannot_succeed_stops_with_the_verdict_and_without_a_code() {
    let world = world();
    for (files, groups, code) in [
        ("methods.json", ADMINISTRATORS, "PK050"),
        ("methods.json", "none", "PK012"),
        ("methods.json", EXCLUDED, "PK011"),
        ("self-service-off.json", PILOT, "PK020"),
    ] {
        let policy = ["--policy", files, "--groups", groups];
        let ended = register(&world, &policy).await;
        assert_eq!(ended.code, Some(3), "{files} {groups}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(!ended.stderr.contains("FIDO:/"), "{}", ended.stderr);
        for part in [
            "refuses this registration, so no code is shown",
            &format!("{code} ("),
            ", certain)",
            "What to do: ",
            "What would change it, for the administrator: ",
            "More: hybridd explain ",
        ] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
        let ended = register(&world, &[&policy[..], &["--json"]].concat()).await;
        let error: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(error["error"]["code"], code, "{error}");
        assert_eq!(error["error"]["stage"], Value::Null);
        assert_eq!(error["error"]["findings"][0]["certainty"], "certain");
    }
}

#[tokio::test]
async fn the_groups_may_come_from_a_file_and_a_sign_in_stops_as_well() {
    let world = world();
    let groups = json!({"value": [{"@odata.type": "#microsoft.graph.group", "id": EXCLUDED}]});
    fs::write(
        world.path("samples/policy/excluded.json"),
        groups.to_string(),
    )
    .unwrap();
    let options = json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "login.microsoft.com"});
    fs::write(
        world.path("samples/policy/sign-in.json"),
        options.to_string(),
    )
    .unwrap();
    let policy = ["--policy", "methods.json", "excluded.json"];
    let ended = ask(&world, "sign-in", "sign-in.json", &policy).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("refuses this sign-in"));
    assert!(ended.stderr.contains("PK011"), "{}", ended.stderr);
}

#[tokio::test]
async fn what_is_not_certain_is_told_and_does_not_stop() {
    let world = world();
    // A week later nothing of the same file is certain.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(9 * 86_400);
    let path = world.path("samples/policy/old.json");
    fs::write(&path, sample("methods.json").to_string()).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(old).unwrap();
    for (policy, groups, part) in [
        (
            "old.json",
            "none",
            "may be refused:\nPK012 (capability, likely)",
        ),
        // Whether this tenant has profiles is not in the file.
        (
            "flat.json",
            PILOT,
            "may be refused:\nPK050 (capability, likely)",
        ),
        ("methods.json", PILOT, "cannot be judged yet"),
        ("methods.json", PILOT, "the passkey's AAGUID"),
        (
            "methods.json",
            PILOT,
            "Only these models are accepted: Google Password Manager",
        ),
        ("methods.json", PILOT, "A passkey in Apple Passwords"),
    ] {
        let more = ["--dry-run", "--policy", policy, "--groups", groups];
        let ended = register(&world, &more).await;
        assert_eq!(ended.code, Some(0), "{policy}: {}", ended.stderr);
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        assert!(ended.stderr.contains("would "), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn files_that_cannot_be_used_stop_as_a_wrong_input() {
    let world = world();
    fs::write(world.path("samples/policy/cut.json"), "{\"id\": [").unwrap();
    for (file, part) in [
        ("cut.json", "cut.json: the JSON is truncated"),
        ("missing.json", "cannot read missing.json"),
    ] {
        let ended = register(&world, &["--policy", file]).await;
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn the_settings_name_a_policy_for_a_site_and_for_no_other() {
    let world = world();
    let folder = world.path(".config/hybridd");
    fs::create_dir_all(&folder).unwrap();
    let off = world.path("samples/policy/self-service-off.json");
    let setting = format!("policies = [\"login.microsoft.com={}\"]\n", off.display());
    fs::write(folder.join("config.toml"), setting).unwrap();
    let ended = register(&world, &[]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("PK020"), "{}", ended.stderr);
    let other = ["register", "--origin", "http://localhost", "--dry-run"];
    let options = ["--options", "../creation-options.json"];
    let ended = hybridd(&world, &[&other[..], &options].concat(), "").await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("PK"), "{}", ended.stderr);
    // One user's groups beside them would be everybody's.
    let shared = world.path("shared");
    fs::create_dir_all(&shared).unwrap();
    fs::write(
        shared.join("methods.json"),
        sample("methods.json").to_string(),
    )
    .unwrap();
    let groups = json!({"value": [{"@odata.type": "#microsoft.graph.group", "id": EXCLUDED}]});
    fs::write(shared.join("groups.json"), groups.to_string()).unwrap();
    let everybody = format!(
        "policies = [\"login.microsoft.com={}\"]\n",
        shared.display()
    );
    fs::write(folder.join("config.toml"), everybody).unwrap();
    let ended = register(&world, &["--dry-run"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("because it is of one user: the user's groups"),
        "{}",
        ended.stderr
    );
    // What was typed takes the place of what was set.
    let ended = register(&world, &["--policy", "methods.json", "--groups", "none"]).await;
    assert!(ended.stderr.contains("PK012") && !ended.stderr.contains("PK020"));

    for wrong in [
        "example.com=/etc/policy",
        "login.microsoft.com=policy",
        "/etc/policy",
    ] {
        fs::write(
            folder.join("config.toml"),
            format!("policies = [\"{wrong}\"]\n"),
        )
        .unwrap();
        let ended = register(&world, &[]).await;
        assert_eq!(ended.code, Some(2), "{wrong}: {}", ended.stderr);
        assert!(
            ended
                .stderr
                .contains("config.toml:1: policies: expected SITE=PATH"),
            "{}",
            ended.stderr
        );
    }
}
