//! What a policy learns of an input.

use crate::data::{self, Case};
use crate::issuer;
use hybrid_attestation::{Evidence, Metadata, NoEvidence};
use hybrid_policy::{AttestationFacts, ChainFacts, Conveyance, Occasion, Transport};
use proptest::prelude::*;
use serde_json::{Value, json};

fn object(name: &str) -> Case {
    { data::objects().into_iter().chain(data::vectors()) }
        .find(|case| case.name == name)
        .unwrap()
}

fn of(input: &Value, metadata: Option<&Metadata>) -> Evidence {
    Evidence::of(input.to_string().as_bytes(), metadata).unwrap()
}

#[test]
fn a_registration_gives_model_type_transports_and_attestation() {
    let case = object("none-attestation");
    let mut response = data::response(&case);
    response["clientExtensionResults"] = json!({"credProps": {"rk": true}});
    let evidence = of(&response, None);
    assert_eq!(evidence.occasion, Some(Occasion::Registration));
    let passkey = evidence.passkey;
    assert_eq!(
        passkey.aaguid.unwrap().to_string(),
        data::aaguid(&case.object)
    );
    assert_eq!(passkey.aaguid, passkey.aaguid_at_site);
    assert_eq!(
        (passkey.synced, passkey.user_verified),
        (Some(true), Some(true))
    );
    assert_eq!(passkey.discoverable, Some(true));
    assert_eq!(passkey.attestation, Some(AttestationFacts::Missing));
    assert_eq!(passkey.transports, [Transport::Hybrid, Transport::Internal]);
    assert!(!evidence.site.unwrap().is_entra());
}

#[test]
fn formats_other_than_packed_are_told_by_name() {
    for (name, format) in [
        ("iphone-12", "apple"),
        ("pixel-8a", "android-key"),
        ("microsoft-surface-1796", "tpm"),
        ("nexus-5", "android-safetynet"),
        ("yubikey-4", "fido-u2f"),
    ] {
        let attestation = of(&data::response(&object(name)), None).passkey.attestation;
        let expected = AttestationFacts::OtherFormat(format.to_owned());
        assert_eq!(attestation, Some(expected), "{name}");
    }
}

#[test]
fn a_chain_counts_up_to_the_root_of_its_model_and_says_whether_the_model_suffices() {
    let case = object("yubikey-5-nfc");
    let response = data::response(&case);
    let chain = |metadata: Option<&Metadata>, response: &Value| {
        let attestation = of(response, metadata).passkey.attestation;
        let Some(AttestationFacts::Packed(chain)) = attestation else {
            panic!("{attestation:?}")
        };
        chain
    };
    assert_eq!(chain(None, &response), ChainFacts::Unchecked);
    let model = data::aaguid(&case.object);
    let mut entry = issuer::entry(&model, "A key", &[data::root("yubico")]);
    let trusted = |entry: &Value| {
        let metadata = issuer::metadata(std::slice::from_ref(entry));
        let chain = chain(Some(&metadata), &response);
        let ChainFacts::Trusted(facts) = chain else {
            panic!("{chain:?}")
        };
        facts
    };
    let facts = trusted(&entry);
    assert_eq!((facts.number, facts.compromised), (7, false));
    assert_eq!((facts.eligible, facts.changed), (None, None), "not stated");
    entry["timeOfLastStatusChange"] = json!("2024-05-06");
    entry["metadataStatement"]["authenticatorGetInfo"] = json!({
        "versions": ["U2F_V2", "FIDO_2_0"], "extensions": ["credProtect", "hmac-secret"],
        "options": {"rk": true, "clientPin": false, "up": true},
    });
    let facts = trusted(&entry);
    assert_eq!(facts.eligible, Some(true));
    assert_eq!(facts.changed.unwrap().to_string(), "2024-05-06T00:00:00Z");
    for (pointer, value) in [
        (
            "/metadataStatement/authenticatorGetInfo/versions",
            json!(["U2F_V2"]),
        ),
        (
            "/metadataStatement/authenticatorGetInfo/extensions",
            json!([]),
        ),
        (
            "/metadataStatement/authenticatorGetInfo/options",
            json!({"rk": false, "uv": true}),
        ),
        (
            "/metadataStatement/authenticatorGetInfo/options",
            json!({"rk": true}),
        ),
        ("/statusReports/0/status", json!("NOT_FIDO_CERTIFIED")),
    ] {
        let mut less = entry.clone();
        *less.pointer_mut(pointer).unwrap() = value;
        assert_eq!(trusted(&less).eligible, Some(false), "{pointer}");
    }
    let mut revoked = entry.clone();
    revoked["statusReports"][0]["status"] = json!("REVOKED");
    assert!(trusted(&revoked).compromised);
    let other = issuer::metadata(&[issuer::entry(&model, "A key", &[data::vectors_root()])]);
    assert_eq!(chain(Some(&other), &response), ChainFacts::UnknownRoot(7));
    let mut changed = case.object.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let wrong = data::response(&Case {
        object: changed,
        ..object("yubikey-5-nfc")
    });
    assert_eq!(chain(Some(&other), &wrong), ChainFacts::Bad);
}

#[test]
fn options_give_what_the_site_asks_for() {
    let options = json!({"publicKey": {
        "rp": {"id": "login.microsoft.com", "name": "Microsoft"},
        "user": {"id": "AAEC", "name": "alice", "displayName": "Alice"},
        "challenge": "VGhpcyBpcyBhIHNhbXBsZTogbm8gc2l0ZSBjaGVja3M",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "authenticatorSelection": {"authenticatorAttachment": "platform"},
        "attestation": "direct",
    }});
    let evidence = of(&options, None);
    assert_eq!(evidence.occasion, Some(Occasion::BeforeRegistration));
    let site = evidence.site.unwrap();
    assert!(site.is_entra() && site.wants_platform);
    assert_eq!(site.attestation, Some(Conveyance::Wanted));
    assert_eq!(site.algorithms, Some(vec![-7, -257]));
    let request =
        json!({"challenge": "VGhpcyBpcyBhIHNhbXBsZTogbm8gc2l0ZSBjaGVja3M", "rpId": "example.org"});
    let evidence = of(&request, None);
    assert_eq!(evidence.occasion, Some(Occasion::SignIn));
    assert!(!evidence.site.unwrap().is_entra());
}

#[test]
fn a_sign_in_beside_its_registration_is_a_sign_in_with_that_model() {
    let case = object("none-attestation");
    let registration = data::response(&case);
    let data_at = data::auth_data_at(&case.object);
    // The same flags without the credential.
    let mut signed = case.object[data_at..data_at + 37].to_vec();
    signed[32] &= !0x40;
    let sign_in = json!({"response": {
        "authenticatorData": base64_of(&signed), "signature": "AAAA", "clientDataJSON": "e30",
    }});
    for both in [
        json!([registration, sign_in]),
        json!([sign_in, registration]),
    ] {
        let evidence = of(&both, None);
        assert_eq!(evidence.occasion, Some(Occasion::SignIn));
        let passkey = evidence.passkey;
        assert_eq!(passkey.synced_at_registration, Some(true));
        assert_eq!(
            passkey.aaguid.unwrap().to_string(),
            data::aaguid(&case.object)
        );
    }
    let two = json!([registration, registration]);
    let told = Evidence::of(two.to_string().as_bytes(), None).unwrap_err();
    assert!(matches!(told, NoEvidence::Several), "{told}");
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

proptest! {
    #[test]
    fn no_bytes_panic_and_a_refusal_is_a_sentence(bytes: Vec<u8>, at in 0_usize..4000, bit in 0_u8..8) {
        let refused = |input: &[u8]| match Evidence::of(input, None) {
            Ok(_) => true,
            Err(error) => error.to_string().len() > 10,
        };
        prop_assert!(refused(&bytes));
        let mut case = object("yubikey-5-nfc");
        let at = at % case.object.len();
        case.object[at] ^= 1 << bit;
        prop_assert!(refused(data::response(&case).to_string().as_bytes()));
    }
}
