//! An export of one user's methods describes passkeys: each is judged, or the one that is chosen.

use crate::stage::{hybridd, world};
use hybrid_tests::programs::World;
use serde_json::{Value, json};
use std::fs;

const GPM: &str = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4";
const APPLE: &str = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd";
const BASE: [&str; 5] = ["policy", "check", "--policy", "methods.json", "groups.json"];

fn passkey(id: &str, name: &str, aaguid: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": id, "displayName": name,
        "aaGuid": aaguid, "attestationLevel": "notAttested", "passkeyType": "synced"})
}

/// Writes what a user has: a password, a passkey that the samples accept and others.
fn user(world: &World, name: &str, passkeys: &[Value]) {
    let context = format!(
        "https://graph.microsoft.com/v1.0/$metadata#users('{name}')/authentication/methods"
    );
    let password =
        json!({"@odata.type": "#microsoft.graph.passwordAuthenticationMethod", "id": "p"});
    let methods: Vec<Value> = [password].into_iter().chain(passkeys.to_vec()).collect();
    let text = json!({"@odata.context": context, "value": methods}).to_string();
    let file = world.path("samples/policy").join(format!("{name}.json"));
    fs::write(file, text).unwrap();
}

fn anna(world: &World) {
    let passkeys = [
        passkey("1", "Pixel", GPM),
        passkey("2", "iPhone von Anna", APPLE),
        passkey("3", "pixel", GPM),
    ];
    user(world, "anna", &passkeys);
}

#[tokio::test]
async fn each_passkey_of_a_user_is_judged_by_its_name_and_the_worst_is_the_exit_code() {
    let world = world();
    anna(&world);
    for more in [&[][..], &["--for", "sign-in"]] {
        let told = hybridd(&world, &[&BASE[..], &["anna.json"], more].concat(), "").await;
        assert_eq!(told.code, Some(1), "{told}");
        let (_, after) = told
            .stdout
            .split_once("\"iPhone von Anna\", at anna.json#/value/2")
            .unwrap();
        assert!(
            after
                .trim_start()
                .starts_with("Sign-in by the authentication methods policy: refused"),
            "{after}"
        );
        let (_, after) = told
            .stdout
            .split_once("\"Pixel\", at anna.json#/value/1")
            .unwrap();
        assert!(
            after
                .trim_start()
                .starts_with("Sign-in by the authentication methods policy: accepted"),
            "{after}"
        );
        assert!(after.contains("PK102"), "{after}");
    }
    let json = hybridd(&world, &[&BASE[..], &["anna.json", "--json"]].concat(), "").await;
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (json.code, &answer["outcome"]),
        (Some(1), &json!("refused"))
    );
    let outcomes: Vec<&Value> = answer["passkeys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["outcome"])
        .collect();
    assert_eq!(outcomes, ["accepted", "refused", "accepted"]);
}

#[tokio::test]
async fn one_passkey_is_chosen_by_its_name_or_id() {
    let world = world();
    anna(&world);
    for (wanted, exit) in [("iphone von anna", 1), ("2", 1), ("1", 0)] {
        let args = [&BASE[..], &["anna.json", "--method", wanted]].concat();
        let told = hybridd(&world, &args, "").await;
        assert_eq!(told.code, Some(exit), "{wanted}: {told}");
    }
    for (wanted, said) in [
        ("Galaxy", "\"iPhone von Anna\" (id 2)"),
        ("Pixel", "\"Pixel\" (id 1), \"pixel\" (id 3)"),
    ] {
        let args = [&BASE[..], &["anna.json", "--method", wanted]].concat();
        let told = hybridd(&world, &args, "").await;
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{wanted}");
        assert!(told.stderr.contains(said), "{}", told.stderr);
    }
    let told = hybridd(&world, &[&BASE[..], &["--method", "Pixel"]].concat(), "").await;
    assert_eq!(told.code, Some(2));
    assert!(
        told.stderr.contains("export of the user's methods"),
        "{}",
        told.stderr
    );
}

#[tokio::test]
async fn several_passkeys_as_a_response_are_refused_with_the_way_to_choose() {
    let world = world();
    anna(&world);
    let told = hybridd(
        &world,
        &[&BASE[..], &["--response", "anna.json"]].concat(),
        "",
    )
    .await;
    assert_eq!(told.code, Some(2), "{}", told.stdout);
    for part in ["got several", "--method", "--policy"] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
}

#[tokio::test]
async fn a_registration_and_a_described_passkey_are_still_what_is_asked_about() {
    let world = world();
    anna(&world);
    for more in [
        &["--response", "registration.json"][..],
        &["--aaguid", GPM, "--type", "synced"],
        &["--aaguid", GPM, "--type", "synced", "--for", "register"],
        &[
            "--options",
            "options.json",
            "--aaguid",
            GPM,
            "--type",
            "synced",
        ],
    ] {
        let told = hybridd(&world, &[&BASE[..], &["anna.json"], more].concat(), "").await;
        assert_eq!(told.code, Some(0), "{more:?}: {told}");
        assert!(
            told.stdout.starts_with("Registration by"),
            "{}",
            told.stdout
        );
    }
}

#[tokio::test]
async fn methods_of_two_users_are_no_one_person() {
    let world = world();
    anna(&world);
    user(&world, "ben", &[passkey("4", "Key", GPM)]);
    let told = hybridd(
        &world,
        &[&BASE[..], &["anna.json", "ben.json"]].concat(),
        "",
    )
    .await;
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    assert!(
        told.stderr
            .contains("anna.json, ben.json: these are of different users"),
        "{}",
        told.stderr
    );
}
