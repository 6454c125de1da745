//! Wrong input: a sentence that says what was expected, the exit code of its class, nothing
//! written, nothing lost.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::programs::{self, Desktop, Ended, World};
use hybrid_tests::relying_party::creation_options;
use std::os::unix::fs::PermissionsExt as _;

const CODE: &str = "FIDO:/582059557005559421455307553012541767720412826651917063764785849608566314477408989041248717806790883825449014513407441750081845807727012465387606264382210107096654083076";

fn world() -> World {
    programs::build();
    World::without_bus(&["cable.ua5v.com"]).unwrap()
}

async fn hybridd(world: &World, args: &[&str], input: &str) -> Ended {
    let mut command = world.command("hybridd");
    command.args(args);
    Desktop::start(&mut command, input)
        .await
        .unwrap()
        .end()
        .await
        .unwrap()
}

async fn phone(world: &World, args: &[&str], input: &str) -> Ended {
    let mut child = world.command("phone-sim").args(args).spawn().unwrap();
    programs::give(&mut child, input).await.unwrap();
    programs::end(child).await.unwrap()
}

fn refused(ended: &Ended, expected: &str) {
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(expected),
        "expected {expected:?} in {:?}",
        ended.stderr
    );
    assert_eq!(ended.stdout, "");
    assert!(!ended.stderr.contains("panicked"));
}

#[tokio::test]
async fn wrong_options_are_refused_before_a_code_is_shown() {
    let world = world();
    let good: serde_json::Value = serde_json::from_str(&creation_options().unwrap()).unwrap();
    let with = |member: &str, value: serde_json::Value| {
        let mut options = good.clone();
        options[member] = value;
        options.to_string()
    };
    let cases = [
        (String::new(), "got nothing"),
        ("{".to_owned(), "JSON"),
        ("[]".to_owned(), "JSON"),
        (
            with(
                "pubKeyCredParams",
                serde_json::json!([{"type": "public-key", "alg": -8}]),
            ),
            "ES256",
        ),
        (
            with(
                "rp",
                serde_json::json!({"id": "other.org", "name": "Other"}),
            ),
            "other.org",
        ),
        (
            with("rp", serde_json::json!({"id": "com", "name": "Everybody"})),
            "com",
        ),
        (
            with("challenge", serde_json::json!("not base64!")),
            "base64url",
        ),
    ];
    for (options, expected) in cases {
        let ended = hybridd(
            &world,
            &["register", "--origin", "https://example.com"],
            &options,
        )
        .await;
        refused(&ended, expected);
        assert!(!ended.stderr.contains("FIDO:/"));
    }
}

#[tokio::test]
async fn wrong_usage_is_json_for_whoever_asked_for_json_and_2_for_everybody() {
    let world = world();
    for (args, expected) in [
        (
            &["doctor", "--json", "--secnds", "3"] as &[&str],
            "--secnds",
        ),
        (&["doctor", "--json", "--seconds", "0"], "--seconds"),
        (
            &["doctor", "--json", "--host", "a/b"],
            "expected a host name",
        ),
        (
            &[
                "doctor",
                "--json",
                "--bundle",
                "/nowhere/x",
                "--timeline",
                "/nowhere/t",
            ],
            "/nowhere/t",
        ),
        (&["sign-in", "--json"], "--origin"),
        (&["register", "--origin", "x", "--json"], "--origin"),
        (
            &["sign-in", "--json", "--origin", "https://example.com"],
            "got nothing",
        ),
        (&["explain", "--json", "--timeline"], "--timeline"),
        (&["explain", "--json", "QQ99"], "QQ99"),
        (&["key", "status", "--json", "--x"], "--x"),
        (&["sing-in", "--json"], "sing-in"),
    ] {
        let ended = hybridd(&world, args, "").await;
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        let error: serde_json::Value = serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|why| panic!("{args:?}: {why}: {:?}", ended.stdout));
        assert_eq!(error["error"]["code"], "usage", "{args:?}");
        let why = error["error"]["why"].as_str().unwrap();
        assert!(why.contains(expected), "{args:?}: {why}");
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    for args in [
        &["doctor", "--secnds", "3"] as &[&str],
        &["beacon", "--json"],
        &["key", "on", "--json"],
    ] {
        let ended = hybridd(&world, args, "").await;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{args:?}"
        );
    }
}

#[tokio::test]
async fn an_origin_that_is_none_is_refused() {
    let world = world();
    for origin in [
        "http://example.com",
        "https://192.0.2.1",
        "example.com",
        "https://example.com/path",
    ] {
        refused(
            &hybridd(&world, &["sign-in", "--origin", origin], "{}").await,
            "--origin",
        );
    }
}

#[tokio::test]
async fn a_dry_run_asks_nobody() {
    let world = world();
    let options = creation_options().unwrap();
    let ended = hybridd(
        &world,
        &["register", "--origin", "https://example.com", "--dry-run"],
        &options,
    )
    .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("alice@example.com") && ended.stderr.contains("example.com"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_code_that_is_none_is_refused_by_the_phone() {
    let world = world();
    let cut = &CODE[..CODE.len() - 1];
    let wrong_digit = CODE.replacen('5', "x", 1);
    // The first bytes of the key changed: a map still, but not a point on the curve in most cases;
    // this one is checked to be none.
    let off_curve = CODE.replacen("582059557005559421", "582059557005559422", 1);
    for (text, expected) in [
        ("", "FIDO:/"),
        ("https://example.com", "FIDO:/"),
        (cut, "code"),
        (&wrong_digit, "not a digit"),
        (&off_curve, "code"),
    ] {
        refused(&phone(&world, &["answer", "-"], text).await, expected);
    }
}

#[tokio::test]
async fn a_picture_without_a_code_is_refused() {
    let world = world();
    let text = world.path("notes.txt");
    std::fs::write(&text, "no picture").unwrap();
    refused(
        &phone(&world, &["answer", "--image", text.to_str().unwrap()], "").await,
        "PNG or JPEG",
    );
    let missing = world.path("missing.png");
    refused(
        &phone(
            &world,
            &["answer", "--image", missing.to_str().unwrap()],
            "",
        )
        .await,
        "missing.png",
    );
}

#[tokio::test]
async fn a_damaged_store_is_refused_and_kept() {
    let world = world();
    let store = world.path("store.json");
    for (content, mode, expected) in [
        ("{", 0o600, "the file is unchanged"),
        ("{}", 0o644, "chmod 600"),
    ] {
        std::fs::write(&store, content).unwrap();
        std::fs::set_permissions(&store, std::fs::Permissions::from_mode(mode)).unwrap();
        refused(
            &phone(
                &world,
                &["answer", "-", "--store", store.to_str().unwrap()],
                CODE,
            )
            .await,
            expected,
        );
        assert_eq!(std::fs::read_to_string(&store).unwrap(), content);
    }
}

#[tokio::test]
async fn a_relay_that_is_none_is_refused_with_a_sentence() {
    let world = world();
    refused(
        &phone(
            &world,
            &["answer", "-", "--tunnel", "https://example.com"],
            CODE,
        )
        .await,
        "wss://",
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}", listener.local_addr().unwrap());
    drop(listener);
    let ended = phone(
        &world,
        &["answer", "-", "--radio", "print", "--tunnel", &address],
        CODE,
    )
    .await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("cannot connect to"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_fault_a_delay_or_a_profile_that_is_none_is_refused_with_what_there_is() {
    let world = world();
    for (option, value, expected) in [
        ("--fault", "loud", "phone-sim faults lists them"),
        ("--fault", "silent=3", "takes no number"),
        ("--fault", "short-advert=21", "between 0 and 19"),
        ("--fault", "status=\u{1b}[2J", "between 0 and 255"),
        (
            "--delay",
            "breakfast=3",
            "tunnel, advert, handshake, greeting, reply",
        ),
        ("--profile", "nokia", "authenticator-ios"),
    ] {
        let ended = phone(&world, &["answer", "-", option, value], CODE).await;
        refused(&ended, expected);
        assert!(!ended.stderr.contains('\u{1b}'), "{:?}", ended.stderr);
    }
}

#[tokio::test]
async fn faults_and_profiles_are_listed_with_what_is_documented_and_what_is_assumed() {
    let world = world();
    let faults = phone(&world, &["faults"], "").await;
    assert_eq!(
        (faults.code, faults.stdout.lines().count()),
        (Some(0), phone_sim::fault::all().count())
    );
    assert!(faults.stdout.contains("ios-cancel"), "{}", faults.stdout);
    let profiles = phone(&world, &["profiles"], "").await;
    assert_eq!(profiles.code, Some(0));
    for profile in phone_sim::profile::PROFILES {
        assert!(
            profiles.stdout.contains(profile.title),
            "{}",
            profiles.stdout
        );
    }
    assert!(profiles.stdout.contains("documented") && profiles.stdout.contains("assumed"));
}
