//! Files that people really give: every way in which they are wrong is named by file and place, and
//! every wrapping that is harmless is taken off.

use crate::scene::{F, GPM, NOW, PILOT, access, modern, strength};
use hybrid_policy::{
    Admission, Confidence, ExportFile, Exports, ImportFault, Inquiry, Moment, check_files, lint,
    read,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn file<'a>(name: &'a str, bytes: &'a [u8]) -> ExportFile<'a> {
    ExportFile {
        name,
        bytes,
        written: Some(NOW),
    }
}

fn methods() -> Value {
    modern().files["methods.json"].clone()
}

fn fido2() -> Value {
    methods().pointer(F).unwrap().clone()
}

fn fault(bytes: &[u8]) -> (String, ImportFault) {
    let errors = read(&[file("given.json", bytes)], NOW).unwrap_err();
    let [error] = errors.as_slice() else {
        panic!("{errors:?}");
    };
    assert_eq!(error.place.file(), "given.json");
    assert!(error.to_string().starts_with("given.json"));
    (error.place.path().to_owned(), error.fault.clone())
}

fn accepted(files: &[(&str, Vec<u8>)], inquiry: &Inquiry) -> Admission {
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| file(name, bytes))
        .collect();
    check_files(&files, inquiry).capability
}

#[test]
fn a_file_with_the_value_of_a_pass_is_refused_and_the_value_is_never_told() {
    const VALUE: &str = "X7!kpQz4Lm";
    let pass = json!({"@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod",
        "id": "t", "isUsableOnce": true, "temporaryAccessPass": VALUE});
    let inside = json!({"value": [pass]}).to_string();
    let forms = [
        inside.clone(),
        inside.replace("temporaryAccessPass\":", "TemporaryAccessPass\":"),
        json!({"responses": [{"status": 200, "body": pass}]}).to_string(),
    ];
    for form in forms {
        let (path, fault) = fault(form.as_bytes());
        assert_eq!(fault, ImportFault::Secret);
        assert!(
            path.to_ascii_lowercase().ends_with("/temporaryaccesspass"),
            "{path}"
        );
    }
    // However the file is broken, nothing of it is repeated.
    for end in 0..inside.len() {
        let judgement = check_files(
            &[file("given.json", &inside.as_bytes()[..end])],
            &modern().inquiry,
        );
        assert_eq!(judgement.outcome(), Admission::Input);
        let said = format!("{judgement}{judgement:?}{}", judgement.to_json());
        assert!(!said.contains(VALUE) && !said.contains("X7!k"), "{said}");
    }
}

#[test]
fn a_truncated_file_is_named_at_every_length() {
    let text = serde_json::to_string_pretty(&methods()).unwrap();
    for end in 1..text.trim_end().len() {
        let (_, fault) = fault(&text.as_bytes()[..end]);
        assert!(
            matches!(fault, ImportFault::Truncated { .. }),
            "{end}: {fault:?}"
        );
    }
}

#[test]
fn what_is_no_export_is_named() {
    for (bytes, path, expected) in [
        (&b""[..], "", ImportFault::Empty),
        (b"\xef\xbb\xbf", "", ImportFault::Empty),
        (b"{\0\"\0", "", ImportFault::Utf16),
        (b"{\"id\": \"\xe4\"}", "", ImportFault::NotText(8)),
        (b"Id,State\r\nFido2,enabled\r\n", "", ImportFault::Csv),
        (
            b"Id    : Fido2\r\nState : enabled\r\n",
            "",
            ImportFault::PowerShellText,
        ),
        (b"<html>", "", ImportFault::WebPage),
        (b"[1]", "/0", ImportFault::NotObjects),
        (
            b"\"System.Object[]\"",
            "",
            ImportFault::NotJson { line: 1, column: 1 },
        ),
        (b"{\"value\": []}", "", ImportFault::EmptyList),
        (b"{\"a\": 1}", "", ImportFault::Unrecognised),
        (
            b"{\"id\": \"a\", \"id\": \"b\"}",
            "",
            ImportFault::NamedTwice { line: 1 },
        ),
        (
            b"{\"error\": {\"code\": \"Forbidden\", \"message\": \"x\"}}",
            "/error",
            ImportFault::GraphError("Forbidden".to_owned()),
        ),
        (
            b"{\"responses\": [{\"id\": \"1\", \"status\": 403, \"body\": {}}]}",
            "/responses/0",
            ImportFault::BatchStatus(403),
        ),
    ] {
        let text = String::from_utf8_lossy(bytes);
        if text.starts_with('"') {
            let (_, fault) = fault(bytes);
            assert_eq!(fault, ImportFault::CutOff, "{text}");
            continue;
        }
        assert_eq!(fault(bytes), (path.to_owned(), expected), "{text}");
    }
    let mixed = json!([fido2(), strength(1, "x", &["fido2"], None)]).to_string();
    assert_eq!(
        fault(mixed.as_bytes()),
        ("/1".to_owned(), ImportFault::MixedKinds)
    );
}

#[test]
fn every_harmless_wrapping_is_taken_off() {
    let bare = fido2();
    let inquiry = modern().inquiry;
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(bare.to_string().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let mut powershell = json!({"Id": "Fido2", "State": "enabled", "ExcludeTargets": []});
    powershell["AdditionalProperties"] = bare.clone();
    for name in ["id", "state", "excludeTargets"] {
        powershell["AdditionalProperties"]
            .as_object_mut()
            .unwrap()
            .remove(name);
    }
    let mut single = bare.clone();
    for name in ["includeTargets", "passkeyProfiles"] {
        single[name] = single[name][0].clone();
    }
    single["includeTargets"]["allowedPasskeyProfiles"] =
        single["includeTargets"]["allowedPasskeyProfiles"][0].clone();
    single["passkeyProfiles"]["passkeyTypes"] = json!(["deviceBound", "synced"]);
    let forms = [
        bare.to_string().into_bytes(),
        methods().to_string().into_bytes(),
        json!([bare]).to_string().into_bytes(),
        json!({"value": [bare]}).to_string().into_bytes(),
        json!({"value": bare, "Count": 1}).to_string().into_bytes(),
        json!({"responses": [{"id": "1", "status": 200, "body": bare}]})
            .to_string()
            .into_bytes(),
        format!("\u{feff}{bare}\r\n").into_bytes(),
        utf16,
        powershell.to_string().into_bytes(),
        single.to_string().into_bytes(),
    ];
    for form in forms {
        let text = String::from_utf8_lossy(&form).into_owned();
        assert_eq!(
            accepted(&[("a", form)], &inquiry),
            Admission::Accepted,
            "{text}"
        );
    }
}

#[test]
fn what_powershell_cut_off_is_named_and_makes_nothing_sure() {
    let mut cut = fido2();
    cut["passkeyProfiles"][0]["keyRestrictions"] =
        json!("@{isEnforced=True; enforcementType=allow; aaGuids=System.Object[]}");
    let judgement = check_files(
        &[file("a.json", cut.to_string().as_bytes())],
        &modern().inquiry,
    );
    assert_eq!(judgement.outcome(), Admission::Undetermined);
    let place = "a.json#/passkeyProfiles/0/keyRestrictions";
    assert!(
        judgement
            .missing()
            .iter()
            .any(|lack| lack.to_string().contains(place))
    );
    cut["state"] = json!("disabled");
    let judgement = check_files(
        &[file("a.json", cut.to_string().as_bytes())],
        &modern().inquiry,
    );
    let ruling = judgement.find("PK010").unwrap();
    assert_eq!(ruling.confidence, Confidence::Possible);
}

#[test]
fn files_of_two_tenants_or_clouds_are_refused_together() {
    let mut other = access(1, &["mfa"], &Value::Null);
    let context = "https://graph.microsoft.us/v1.0/$metadata#identity/conditionalAccess/policies";
    let cloud = json!({"@odata.context": context, "value": [other]}).to_string();
    let here = methods().to_string();
    let errors = read(
        &[file("b", cloud.as_bytes()), file("a", here.as_bytes())],
        NOW,
    )
    .unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(matches!(&errors[0].fault, ImportFault::OtherTenant(place) if place.file() == "a"));

    other["tenantId"] = json!(GPM);
    let mut one = fido2();
    one["tenantId"] = json!(PILOT);
    let (one, other) = (one.to_string(), other.to_string());
    let errors = read(
        &[file("a", one.as_bytes()), file("b", other.as_bytes())],
        NOW,
    )
    .unwrap_err();
    assert!(matches!(&errors[0].fault, ImportFault::OtherTenant(_)));
}

#[test]
fn two_files_that_say_different_things_are_refused_and_doubles_are_not() {
    let one = fido2();
    let mut other = fido2();
    other["isSelfServiceRegistrationAllowed"] = json!(false);
    let (text, changed) = (one.to_string(), other.to_string());
    assert!(
        read(
            &[file("a", text.as_bytes()), file("b", text.as_bytes())],
            NOW
        )
        .is_ok()
    );
    let whole = methods().to_string();
    assert!(
        read(
            &[file("a", text.as_bytes()), file("b", whole.as_bytes())],
            NOW
        )
        .is_ok()
    );
    let errors = read(
        &[file("a", text.as_bytes()), file("b", changed.as_bytes())],
        NOW,
    )
    .unwrap_err();
    assert!(matches!(&errors[0].fault, ImportFault::Contradicts(place) if place.file() == "a"));
    assert_eq!(errors[0].place.file(), "b");

    let listed = strength(1, "Passkeys", &["fido2"], None);
    let embedded = strength(1, "Passkeys", &["fido2"], Some(&[GPM]));
    let lists = json!([listed]).to_string();
    let policies = json!([access(1, &[], &embedded)]).to_string();
    let errors = read(
        &[file("a", lists.as_bytes()), file("b", policies.as_bytes())],
        NOW,
    )
    .unwrap_err();
    assert!(matches!(&errors[0].fault, ImportFault::Contradicts(_)));
}

#[test]
fn beta_beside_v1_old_files_and_further_pages_are_told_and_lower_what_rests_on_them() {
    let off = modern().fido2("/state", json!("disabled"));
    assert_eq!(
        off.judgement().find("PK010").unwrap().confidence,
        Confidence::Certain
    );

    let mut beta = off.clone().policies(&[]);
    beta.set(
        "methods.json",
        "/@odata.context",
        json!("https://graph.microsoft.com/beta/$metadata#authenticationMethodsPolicy"),
    );
    let judgement = beta.judgement();
    assert_eq!(
        judgement.find("PK010").unwrap().confidence,
        Confidence::Likely
    );
    assert!(judgement.find("PK002").unwrap().saw.contains("beta"));

    let text = off.files["methods.json"].to_string();
    let written = Some(Moment(NOW.0 - 8 * 86_400));
    let old = ExportFile {
        name: "old.json",
        bytes: text.as_bytes(),
        written,
    };
    let judgement = check_files(&[old], &off.inquiry);
    assert_eq!(
        judgement.find("PK010").unwrap().confidence,
        Confidence::Likely
    );
    assert!(judgement.find("PK002").unwrap().saw.contains("8 days"));

    let page = json!({"@odata.nextLink": "https://graph.microsoft.com/…", "value": [fido2()]});
    let judgement = check_files(
        &[file("page.json", page.to_string().as_bytes())],
        &modern().inquiry,
    );
    assert_eq!(
        judgement.outcome(),
        Admission::Undetermined,
        "a page is not the whole"
    );
}

#[test]
fn unknown_values_and_members_are_survived_and_named() {
    let mut scene = modern().fido2("/somethingNew", json!({"a": [1, {"b": null}]}));
    assert_eq!(scene.judgement().outcome(), Admission::Accepted);
    scene = scene.fido2(
        "/passkeyProfiles/0/passkeyTypes",
        json!("synced,hardwareIsland"),
    );
    let judgement = scene.judgement();
    assert_eq!(
        judgement.outcome(),
        Admission::Accepted,
        "what is known of the list counts"
    );
    assert!(
        judgement
            .find("PK002")
            .unwrap()
            .saw
            .contains("hardwareIsland")
    );
    scene = scene.fido2("/passkeyProfiles/0/attestationEnforcement", json!("always"));
    let judgement = scene.judgement();
    assert_eq!(
        judgement.outcome(),
        Admission::Undetermined,
        "an unknown rule may forbid"
    );
    let scene = modern().fido2("/passkeyProfiles/0/allowedRegions", json!(["EU"]));
    assert!(
        scene
            .judgement()
            .find("PK002")
            .unwrap()
            .saw
            .contains("allowedRegions")
    );
}

#[test]
fn text_of_an_export_steers_no_terminal() {
    let scene = modern()
        .fido2("/passkeyProfiles/0/name", json!("\u{1b}[31mred\u{202e}"))
        .fido2(
            "/passkeyProfiles/0/passkeyTypes",
            json!("deviceBound,\u{1b}]0;x\u{7}"),
        );
    let text = scene.judgement().to_string();
    let hidden = |char: char| char.is_control() && char != '\n';
    assert!(
        !text.contains(hidden) && !text.contains('\u{202e}'),
        "{text:?}"
    );
}

fn asked(bytes: &[u8]) -> Option<Exports> {
    let judgement = check_files(&[file("x", bytes)], &modern().inquiry);
    let _ = (judgement.to_string(), judgement.to_json());
    read(&[file("x", bytes)], NOW).ok()
}

/// Any JSON, made of words that mean something here.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "id",
        "Fido2",
        "state",
        "enabled",
        "includeTargets",
        "all_users",
        "passkeyProfiles",
        "keyRestrictions",
        "aaGuids",
        "value",
        "conditions",
        "users",
        "grantControls",
        "System.Object[]",
        "allowedCombinations",
        "fido2",
        "AdditionalProperties",
        "responses",
        "body",
        "status",
        "authenticationMethodConfigurations",
        "@odata.context",
        "@odata.type",
        "aaGuid",
        "error",
        "00000000-0000-0000-0000-000000000001",
        "authenticationStrength",
        "startDateTime",
        "é\u{202e}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(words.clone(), inner, 0..6).prop_map(|map| map
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        asked(&bytes);
    }

    #[test]
    fn no_document_panics(document in any_json()) {
        if let Some(exports) = asked(document.to_string().as_bytes()) {
            lint(&exports, NOW);
        }
    }

    #[test]
    fn no_member_of_an_export_is_relied_on(place in 0_usize..400, value in any_json()) {
        let scene = modern().policies(&[access(1, &[], &strength(1, "x", &["fido2"], Some(&[GPM])))]);
        for name in ["methods.json", "access.json"] {
            let mut document = scene.files[name].clone();
            let places = crate::strategies::places(&document);
            if let Some(place) = places.get(place) {
                *document.pointer_mut(place).unwrap() = value.clone();
            }
            if let Some(exports) = asked(document.to_string().as_bytes()) {
                lint(&exports, NOW);
            }
        }
    }
}
