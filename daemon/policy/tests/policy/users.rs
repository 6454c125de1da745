//! Exports of what users have registered: users are told apart, and a passkey is called by its name.

use crate::scene::{GPM, KEY, modern};
use hybrid_policy::{Admission, Inquiry, Occasion, Ruling, Way, check};
use serde_json::{Value, json};

fn passkey(name: &str, aaguid: &str, kind: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": format!("id-{name}"),
        "displayName": name, "aaGuid": aaguid, "passkeyType": kind, "attestationLevel": "notAttested"})
}

fn password() -> Value {
    json!({"@odata.type": "#microsoft.graph.passwordAuthenticationMethod", "id": "p"})
}

fn of(user: &str, methods: &[Value]) -> Value {
    let context = format!(
        "https://graph.microsoft.com/v1.0/$metadata#users('{user}')/authentication/methods"
    );
    json!({"@odata.context": context, "value": methods})
}

fn many() -> Vec<Value> {
    let mut methods = vec![password()];
    methods.extend(["a", "b", "c", "d"].map(|name| passkey(name, GPM, "synced")));
    methods
}

fn too_many(rulings: &[Ruling]) -> Vec<&Ruling> {
    rulings
        .iter()
        .filter(|ruling| ruling.code() == "PK131")
        .collect()
}

#[test]
fn users_are_told_apart_by_the_context_and_else_by_the_file() {
    let two = [
        passkey("a", GPM, "synced"),
        passkey("b", KEY, "deviceBound"),
    ];
    let apart = modern()
        .with("one.json", of("one", &two))
        .with("two.json", of("two", &two))
        .linted();
    assert!(too_many(&apart.rulings()).is_empty());
    let without = modern()
        .with("one.json", json!({"value": two}))
        .with("two.json", json!({"value": two}))
        .linted();
    assert!(too_many(&without.rulings()).is_empty());
    let more = [
        passkey("c", GPM, "synced"),
        passkey("d", KEY, "deviceBound"),
    ];
    // Pages and parts of one user are that user's.
    let one = modern()
        .with("one.json", of("One", &two))
        .with("two.json", of("one", &more))
        .linted();
    let rulings = one.rulings();
    let [ruling] = too_many(&rulings)[..] else {
        panic!("{rulings:?}");
    };
    assert_eq!(ruling.rests.len(), 4);
}

#[test]
fn each_user_with_many_passkeys_is_told_with_the_places_of_these() {
    let scene = modern()
        .with("one.json", of("one", &many()))
        .with("two.json", of("two", &many()))
        .linted();
    let rulings = scene.rulings();
    let told: Vec<String> = too_many(&rulings)
        .iter()
        .map(|ruling| ruling.saw.clone())
        .collect();
    assert_eq!(
        told,
        [
            "the user of one.json has 4 passkeys",
            "the user of two.json has 4 passkeys"
        ]
    );
    for ruling in too_many(&rulings) {
        let paths: Vec<&str> = ruling.rests.iter().map(|place| place.path()).collect();
        assert_eq!(paths, ["/value/1", "/value/2", "/value/3", "/value/4"]);
    }
}

#[test]
fn a_passkey_that_is_refused_is_called_by_its_name() {
    let scene = modern()
        .fido2("/passkeyProfiles/0/passkeyTypes", json!("deviceBound"))
        .with(
            "user.json",
            of(
                "a",
                &[password(), passkey("iPhone von Anna", GPM, "synced")],
            ),
        )
        .linted();
    let rulings = scene.rulings();
    let stale = rulings
        .iter()
        .find(|ruling| ruling.code() == "PK100")
        .unwrap();
    assert!(stale.saw.starts_with("\"iPhone von Anna\": "), "{stale}");
}

#[test]
fn an_acceptance_of_which_no_passkey_was_described_says_so() {
    let mut scene = modern();
    let holder = scene.inquiry.holder.clone();
    scene.inquiry = Inquiry::new(Occasion::BeforeRegistration, Way::Qr, scene.inquiry.now);
    scene.inquiry.holder = holder;
    let judgement = scene.judgement();
    assert_eq!(judgement.outcome(), Admission::Accepted);
    let [line, _] = judgement.summary();
    assert!(line.contains("no passkey was described"), "{line}");
    let [line, _] = modern().judgement().summary();
    assert!(line.ends_with(": accepted"), "{line}");
}

#[test]
fn what_a_directory_says_of_an_attestation_is_not_called_a_claim() {
    let mut attested = passkey("Key", KEY, "deviceBound");
    attested["attestationLevel"] = json!("attested");
    let scene = modern().with("user.json", of("a", &[attested]));
    let exports = scene.exports();
    let mut inquiry = scene.inquiry;
    inquiry.occasion = Occasion::SignIn;
    inquiry.passkey = exports.user().unwrap().passkeys[0].facts();
    let judgement = check(&exports, &inquiry);
    let accepted = judgement.find("PK000").unwrap();
    assert!(
        accepted.saw.contains("attested at registration"),
        "{accepted}"
    );
}
