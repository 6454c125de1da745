//! Inputs as people have them, and those that are none.

use crate::data::{self, NOW};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hybrid_attestation::Inspection;
use proptest::prelude::*;
use serde_json::{Value, json};

fn inspected(input: &[u8]) -> Value {
    let inspection = Inspection::of(input, None, NOW);
    let inspection =
        inspection.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(input)));
    inspection.to_json()["inspected"].clone()
}

fn refused(input: &[u8]) -> String {
    let error = Inspection::of(input, None, NOW).err().unwrap().to_string();
    assert!(error.starts_with("expected "), "{error}");
    assert!(error.len() < 400 && !error.contains('\n'), "{error}");
    error
}

fn case() -> data::Case {
    data::vectors()
        .into_iter()
        .find(|case| case.name == "packed-es256")
        .unwrap()
}

#[test]
fn one_registration_is_found_however_it_is_written() {
    let case = case();
    let response = data::response(&case);
    let object = URL_SAFE_NO_PAD.encode(&case.object);
    let client = URL_SAFE_NO_PAD.encode(&case.client_data);
    let wrapped: Vec<String> = object
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let text = response.to_string();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    let forms: Vec<Vec<u8>> = vec![
        text.clone().into_bytes(),
        serde_json::to_string_pretty(&response)
            .unwrap()
            .replace('\n', "\r\n")
            .into_bytes(),
        format!("\u{feff}{text}\n").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        json!(text).to_string().into_bytes(),
        json!({"credential": response, "csrf": "x"})
            .to_string()
            .into_bytes(),
        json!({"displayName": "key", "publicKeyCredential": response})
            .to_string()
            .into_bytes(),
        json!([{"data": text}]).to_string().into_bytes(),
        json!({"attestationObject": object, "clientDataJSON": client})
            .to_string()
            .into_bytes(),
        json!({"response": {"attestationObject": case.object, "clientDataJSON": case.client_data}})
            .to_string()
            .into_bytes(),
        format!("{object}\n{client}\n").into_bytes(),
        format!("  \"attestationObject\": \"{object}\",\r\n  \"clientDataJSON\": \"{client}\"\r\n")
            .into_bytes(),
        format!("attestationObject={object}\nclientDataJSON={client}").into_bytes(),
        format!(
            "attestationObject : {}\nclientDataJSON    : {client}\n",
            wrapped.join("\n                    ")
        )
        .into_bytes(),
    ];
    let expected = inspected(text.as_bytes());
    assert_eq!(expected[0]["attestation"]["result"], "unrooted");
    for form in forms {
        let found = inspected(&form);
        assert_eq!(found.as_array().unwrap().len(), 1);
        for member in ["kind", "model", "attestation", "algorithm", "origin"] {
            assert_eq!(
                found[0][member],
                expected[0][member],
                "{}",
                String::from_utf8_lossy(&form)
            );
        }
    }
    let alone = [
        object.clone().into_bytes(),
        format!("\"{object}\"").into_bytes(),
        STANDARD.encode(&case.object).into_bytes(),
        hex::encode(&case.object).into_bytes(),
        wrapped.join("\n").into_bytes(),
        case.object.clone(),
    ];
    for form in alone {
        let found = inspected(&form);
        assert_eq!(found[0]["kind"], "registration");
        assert_eq!(found[0]["attestation"]["result"], "unverified");
        let flaw = found[0]["attestation"]["flaw"].as_str().unwrap();
        assert!(flaw.contains("clientDataJSON"), "{flaw}");
    }
}

#[test]
fn a_sign_in_is_verified_when_its_registration_stands_beside_it() {
    let case = case();
    let [auth_data, client_data, signature] = case.sign_in.clone().unwrap();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let at = data::auth_data_at(&case.object) + 55;
    let id = text(&case.object[at..at + 32]);
    let sign_in = json!({"id": id, "rawId": id, "response": {
        "authenticatorData": text(&auth_data), "clientDataJSON": text(&client_data), "signature": text(&signature), "userHandle": "c2VjcmV0LXVzZXI",
    }, "clientExtensionResults": {"prf": {"results": {"first": "c2VjcmV0LXByZg"}}}});
    let alone = inspected(sign_in.to_string().as_bytes());
    assert_eq!(alone[0]["signature"], "unverified");
    for (both, place) in [
        (json!([data::response(&case), sign_in]), 1),
        (json!([sign_in, data::response(&case)]), 0),
    ] {
        let both = inspected(both.to_string().as_bytes());
        assert_eq!(both[place]["kind"], "sign-in");
        assert_eq!(both[place]["signature"], "verified");
    }
    let told = Inspection::of(sign_in.to_string().as_bytes(), None, NOW).unwrap();
    for secret in ["c2VjcmV0", "secret"] {
        assert!(!told.to_string().contains(secret) && !told.to_json().to_string().contains(secret));
    }
    let fields = format!("{}\n{}", text(&auth_data), text(&client_data));
    assert_eq!(
        inspected(fields.as_bytes())[0]["kind"],
        "authenticator-data"
    );
}

#[test]
fn records_of_microsoft_graph_are_read_also_as_powershell_prints_them() {
    let record = json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": "73e4b2c6",
        "displayName": "My security key", "createdDateTime": "2026-04-20T10:15:30Z",
        "aaGuid": "de1e552d-db1d-4423-a619-566b625cdc84", "model": "Security Key NFC by Yubico",
        "attestationCertificates": ["0a1b2c"], "attestationLevel": "attested", "passkeyType": "deviceBound", "publicKeyCredential": null});
    let list = json!({"@odata.context": "x", "value": [record, record]});
    assert_eq!(
        inspected(list.to_string().as_bytes())
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let cmdlet = json!({"Id": "73e4b2c6", "AdditionalProperties": {"aaGuid": "de1e552d-db1d-4423-a619-566b625cdc84", "passkeyType": "deviceBound"}});
    assert_eq!(
        inspected(cmdlet.to_string().as_bytes())[0]["passkey_type"],
        "deviceBound"
    );
    let printed = "\r\nAaGuid                  : de1e552d-db1d-4423-a619-566b625cdc84\r\nAttestationCertificates : {0a1b2c}\r\nAttestationLevel        : attested\r\nDisplayName             : My security key\r\nModel                   : Security Key NFC by\r\n                          Yubico\r\nPasskeyType             : deviceBound\r\n\r\n";
    for input in [record.to_string(), printed.to_owned()] {
        let found = inspected(input.as_bytes());
        let sheet = &found[0];
        assert_eq!(sheet["kind"], "record");
        assert_eq!(sheet["model"]["standing"], "claimed");
        assert_eq!(sheet["model"]["name"], "Microsoft Authenticator on Android");
        assert_eq!(sheet["attestation_level"], "attested");
        let odd = sheet["odd"].to_string();
        assert!(odd.contains("name another model"), "{odd}");
    }
}

#[test]
fn a_model_by_another_of_its_names_is_not_odd() {
    let record = json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", "id": "73e4b2c6",
        "aaGuid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "model": "iCloud Keychain",
        "attestationLevel": "notAttested", "passkeyType": "synced"});
    let found = inspected(record.to_string().as_bytes());
    assert_eq!(found[0]["model"]["name"], "Apple Passwords");
    let odd = found[0]["odd"].to_string();
    assert!(!odd.contains("another model"), "{odd}");
}

#[test]
fn a_list_of_powershell_is_read_with_whatever_else_it_prints() {
    let printed = "AaGuid                  : de1e552d-db1d-4423-a619-566b625cdc84
AttestationCertificates : {b479e7652167f574296e76bfa76731b8ccd22ed7}
AttestationLevel        : Attested
CreatedDateTime         : 11/1/2026 10:00:00 AM
DisplayName             : Bob's phone
Id                      : -2_GRUg2-HYz6_1YG4YRAQ2
LastUsedDateTime        : 
Model                   : Microsoft Authenticator
";
    let prompt = "PS C:\\> Get-MgUserAuthenticationFido2Method -UserId bob | fl\n";
    for (before, after, kind) in [
        ("", "AdditionalProperties    : {}\n\n", Value::Null),
        (
            "",
            "AdditionalProperties    : {[@odata.context, https://graph.microsoft.com/v1.0/$metadata#x]}\n",
            Value::Null,
        ),
        (
            prompt,
            "AdditionalProperties    : {[passkeyType, deviceBound], [publicKeyCredential,\n                          System.Object]}\n",
            json!("deviceBound"),
        ),
        (prompt, "", Value::Null),
    ] {
        let input = format!("{before}\n{printed}{after}");
        for input in [input.clone(), input.replace('\n', "  \r\n")] {
            let inspection = Inspection::of(input.as_bytes(), None, NOW).unwrap();
            assert_eq!(inspection.cut(), [""; 0], "{input}");
            let sheet = inspection.to_json()["inspected"][0].clone();
            assert_eq!(sheet["kind"], "record", "{input}");
            assert_eq!(sheet["attestation_level"], "attested");
            assert_eq!(sheet["passkey_type"], kind, "{input}");
        }
    }
    let strange = format!("{printed}what is this\n");
    let inspection = Inspection::of(strange.as_bytes(), None, NOW).unwrap();
    assert_eq!(
        inspection.cut(),
        ["a line that is neither a field nor base64"]
    );
}

#[test]
fn a_records_words_are_the_directorys_and_not_this_programs() {
    let record = json!({"aaGuid": "de1e552d-db1d-4423-a619-566b625cdc84",
        "attestationLevel": "attested: verified by hybridd", "passkeyType": "device-bound: it stays (BE 0)",
        "model": "Microsoft \"Authenticator", "displayName": "bob's", "createdDateTime": "bob@secret.example"});
    let inspection = Inspection::of(record.to_string().as_bytes(), None, NOW).unwrap();
    let text = inspection.to_string();
    for told in [
        "\"attested: verified by hybridd\", as the directory has it",
        "\"device-bound: it stays (BE 0)\", as the directory has it",
        "\"Microsoft 'Authenticator\", as the directory has it",
        "member attestationLevel has a value that hybridd does not know",
        "member passkeyType has a value that hybridd does not know",
        "member createdDateTime is no date and time",
    ] {
        assert!(text.contains(told), "expected {told} in {text}");
    }
    let impersonal = inspection.to_impersonal_json().to_string();
    for secret in ["bob", "verified by hybridd", "it stays"] {
        assert!(!impersonal.contains(secret), "{secret} in {impersonal}");
    }
    let record = json!({"aaGuid": "de1e552d-db1d-4423-a619-566b625cdc84", "attestationLevel": "NotAttested", "passkeyType": "SYNCED", "createdDateTime": "11/1/2026 10:00:00 AM"});
    let found = inspected(record.to_string().as_bytes());
    assert_eq!(found[0]["attestation_level"], "notAttested");
    assert_eq!(found[0]["passkey_type"], "synced");
    assert_eq!(found[0]["created"], "11/1/2026 10:00:00 AM");
}

#[test]
fn what_is_not_looked_at_is_told() {
    let record = json!({"aaGuid": "de1e552d-db1d-4423-a619-566b625cdc84"});
    let deep = format!("[{record}, {}1{}]", "[".repeat(40), "]".repeat(40));
    let lines = format!(
        "aaGuid: de1e552d-db1d-4423-a619-566b625cdc84\n{}x: 1\n",
        "\n".repeat(2100)
    );
    let many = Value::from(vec![record; 501]).to_string();
    for (input, told) in [
        (deep, "what is nested more than 24 layers deep"),
        (many, "what follows after the first 500 objects"),
        (lines, "what follows after line 2000"),
    ] {
        let inspection = Inspection::of(input.as_bytes(), None, NOW).unwrap();
        assert_eq!(inspection.cut(), [told]);
        assert_eq!(inspection.to_json()["cut"], json!([told]));
        let text = inspection.to_string();
        assert!(
            text.contains(&format!("\nNot looked at: {told}\n")),
            "{text}"
        );
    }
}

#[test]
fn answers_that_a_browser_recorded_in_base64_are_read() {
    let text = STANDARD.encode(data::response(&case()).to_string());
    let content = json!({"log": {"entries": [{"response": {"content": {"encoding": "base64", "text": text}}}]}});
    assert_eq!(
        inspected(content.to_string().as_bytes())[0]["kind"],
        "registration"
    );
}

#[test]
fn what_ends_with_zeros_commas_or_semicolons_is_one_document() {
    let response = data::response(&case()).to_string();
    for end in [",", ";", ";\n", "\0", "\0\0\0\0", "\r\n\0"] {
        let found = inspected(format!("{response}{end}").as_bytes());
        assert_eq!(found.as_array().unwrap().len(), 1, "{end:?}");
    }
}

#[test]
fn one_mebibyte_is_not_the_limit() {
    let mut response = data::response(&case());
    response["pad"] = json!("x".repeat(3 << 20));
    assert_eq!(
        inspected(response.to_string().as_bytes())[0]["kind"],
        "registration"
    );
}

#[test]
fn options_are_read_and_what_keeps_a_phone_from_them_is_told() {
    let options = json!({"publicKey": {"rp": {"id": "login.microsoft.com", "name": "Microsoft"},
        "user": {"id": "AQ", "name": "someone@example.com", "displayName": "Someone"},
        "challenge": "AAECAwQFBgcICQoLDA0ODw", "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "excludeCredentials": [{"type": "public-key", "id": "AQ"}], "attestation": "direct",
        "authenticatorSelection": {"authenticatorAttachment": "platform", "requireResidentKey": true, "userVerification": "required"},
        "extensions": {"credProps": true}, "timeout": 60000}, "challengeTimeoutDateTime": "2026-04-20T10:05:00Z"});
    let found = inspected(options.to_string().as_bytes());
    let sheet = &found[0];
    assert_eq!(sheet["kind"], "creation-options");
    assert_eq!(
        (&sheet["algorithms"], &sheet["resident_key"]),
        (&json!([-7, -257]), &json!("required"))
    );
    assert_eq!(sheet["attestation_wanted"], "direct");
    assert_eq!(sheet["usable"], false);
    assert!(sheet["odd"].to_string().contains("platform"), "{sheet}");
    let request = json!({"challenge": "AA", "rpId": "example.com", "allowCredentials": []});
    let found = inspected(request.to_string().as_bytes());
    assert_eq!(
        (&found[0]["kind"], &found[0]["usable"]),
        (&json!("request-options"), &json!(true))
    );
    assert!(found[0]["odd"].to_string().contains("guessed"));
    let inspection = Inspection::of(options.to_string().as_bytes(), None, NOW).unwrap();
    assert!(inspection.to_string().contains("someone@example.com"));
    assert!(
        !inspection
            .to_impersonal_json()
            .to_string()
            .contains("someone")
    );
}

#[test]
fn what_is_no_input_is_refused_with_what_was_expected_and_what_came() {
    let response = data::response(&case()).to_string();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = vec![b' '; 5 << 20];
    for (input, told) in [
        (&b""[..], "got nothing"),
        (b" \r\n\t", "got nothing"),
        (&long, "at most 4194304 bytes; got more"),
        (&response.as_bytes()[..response.len() / 2], "ends too early"),
        (deep.as_bytes(), "nested too deeply"),
        (
            format!("{response}\n\n{response}").as_bytes(),
            "a second one that begins at line 3",
        ),
        (b"{}\nx", "other text after it, at line 2"),
        (
            format!("{response},\n{response}").as_bytes(),
            "a second one that begins at line 2",
        ),
        (
            format!("{}{{\"aaguid\": 1}}{}", "[".repeat(40), "]".repeat(40)).as_bytes(),
            "nested more deeply",
        ),
        (b"{\"aaguid\": 1,}", "none at line 1 column 14"),
        (b"{'aaguid': 1}", "a programming language's notation"),
        (b"@{aaGuid=x; model=y}", "PowerShell shows it"),
        (
            b"{\"value\": [\"@{aaGuid=x}\"], \"b\": {\"c\": \"System.Object[]\"}}",
            "PowerShell replaced",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "PEM",
        ),
        (b"<html>", "a page"),
        (b"{\"a\": [1, {\"b\": null}]}", "an object in JSON"),
        (b"[]", "a list in JSON"),
        (b"hello, world: what is this?", "neither JSON nor base64"),
        (b"AAAAAAAAAAAAAAAAAAAA", "15 bytes"),
        (b"\xff\xfe{", "no text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no text"),
    ] {
        let error = refused(input);
        assert!(error.contains(told), "expected {told:?} in {error:?}");
    }
}

#[test]
fn an_input_that_is_refused_is_not_repeated() {
    for input in [
        "{\"password\": \"hunter2\"",
        "hunter2 hunter2",
        "{\"hunter2\": 1}",
        "aHVudGVyMiBodW50ZXIy",
    ] {
        assert!(!refused(input.as_bytes()).contains("hunter2"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_panic_and_what_is_told_steers_no_terminal(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        told(&bytes);
    }

    #[test]
    fn no_text_panics(text in "[\\PC\\n\\[\\]{}\":,=@]{0,200}") {
        told(text.as_bytes());
    }

    #[test]
    fn whatever_becomes_of_a_response_it_is_read_or_refused(which in 0_usize..29, at in any::<prop::sample::Index>(), byte: u8, cut in any::<bool>()) {
        let mut all = data::vectors();
        all.extend(data::objects());
        let mut case = all.swap_remove(which % all.len());
        let at = at.index(case.object.len());
        if cut {
            case.object.truncate(at);
        } else {
            case.object[at] = byte;
        }
        told(data::response(&case).to_string().as_bytes());
        told(&case.object);
    }
}

fn told(input: &[u8]) {
    let text = match Inspection::of(input, None, NOW) {
        Ok(inspection) => inspection.to_string() + &inspection.to_json().to_string(),
        Err(error) => error.to_string(),
    };
    assert!(
        !text.chars().any(|char| char.is_control() && char != '\n'),
        "{text:?}"
    );
}
