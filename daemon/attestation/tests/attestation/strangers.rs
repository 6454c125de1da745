//! What strangers paste: a registration as it comes out of mail, consoles, commands, forms, logs and
//! other languages, and what only looks like one.

use crate::data::{self, NOW};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hybrid_attestation::Inspection;
use serde_json::{Value, json};

fn inspected(input: &str) -> Result<Value, String> {
    let inspection = Inspection::of(input.as_bytes(), None, NOW);
    let inspection = inspection.map_err(|error| error.to_string())?;
    Ok(inspection.to_json())
}

fn case() -> data::Case {
    { data::vectors().into_iter() }
        .find(|case| case.name == "packed-es256")
        .unwrap()
}

/// Lines of this width.
fn wrapped(text: &str, width: usize, end: &str) -> String {
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(width)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join(end)
}

/// RFC 2045 section 6.7.
fn quoted_printable(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.replace('=', "=3D");
        wrapped(&line, 75, "=\r\n")
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

fn percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn one_registration_is_found_in_whatever_carried_it() {
    let case = case();
    let json = data::response(&case);
    let text = json.to_string();
    let pretty = serde_json::to_string_pretty(&json).unwrap();
    let object = URL_SAFE_NO_PAD.encode(&case.object);
    let client = URL_SAFE_NO_PAD.encode(&case.client_data);
    let (padded, client_padded) = (
        STANDARD.encode(&case.object),
        STANDARD.encode(&case.client_data),
    );
    let escaped = json!(text).to_string();
    let escaped = escaped.trim_matches('"').to_owned();
    let named = format!("attestationObject: {padded}\nclientDataJSON: {client_padded}\n");
    let mime = |width| {
        format!(
            "{}\n\n{}\n",
            wrapped(&padded, width, "\n"),
            wrapped(&client_padded, width, "\n")
        )
    };
    let signed =
        |bytes: &[u8]| -> Vec<i8> { bytes.iter().map(|byte| byte.cast_signed()).collect() };
    let inputs: Vec<(&str, String)> = vec![
        // Mail.
        ("base64 of 64 columns", mime(64)),
        ("base64 of 76 columns", mime(76)),
        ("base64 without a line between", mime(76).replace("\n\n", "\n")),
        ("named, wrapped", format!(
            "attestationObject: {}\nclientDataJSON: {}\n", wrapped(&padded, 76, "\n"), wrapped(&client_padded, 76, "\r\n"))),
        ("named, wrapped below", format!(
            "attestationObject:\n{}\nclientDataJSON:\n{}\n", wrapped(&padded, 64, "\n"), wrapped(&client_padded, 64, "\n"))),
        ("line ends written out", format!(
            "{}\n{}", wrapped(&padded, 76, "\\n"), wrapped(&client_padded, 76, "\\r\\n"))),
        ("quoted-printable fields", quoted_printable(&named)),
        ("quoted-printable JSON", quoted_printable(&text)),
        ("quoted-printable pretty", quoted_printable(&pretty)),
        ("answered mail", pretty.lines().map(|line| format!("> {line}\n")).collect()),
        ("answered twice", named.lines().map(|line| format!("> > {line}\n")).collect()),
        // Terminals, consoles, commands.
        ("curl -i", format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nid: 7\r\n\r\n{text}\r\n")),
        ("curl -v", format!("* Connected to x\n> GET / HTTP/2\n< HTTP/2 200\n< server: x\n{{ [5 bytes data]\n{text}\n* Closing\n")),
        ("Chrome's console", format!("> JSON.stringify(c)\n< '{text}'\n")),
        ("Firefox's console", format!(">> c.toJSON()\n\"{escaped}\"")),
        ("in single quotes", format!("'{text}'")),
        ("copied as fetch", format!("fetch(\"https://example.org/x\", {{\"headers\": {{\"a\": \"b\"}}, \"body\": \"{escaped}\", \"method\": \"POST\"}});")),
        ("copied as curl", format!("curl 'https://example.org/x' \\\n  -H 'a: b' \\\n  --data-raw '{text}'")),
        ("copied as curl for cmd", format!("curl ^\"https://example.org/x^\" --data-raw ^\"{}^\"",
            text.replace('"', "^\\^\"").replace('{', "^{").replace('}', "^}"))),
        ("copied as PowerShell", format!("Invoke-WebRequest -Uri \"x\" -Body \"{}\"", text.replace('"', "`\""))),
        ("a statement", format!("const response = {pretty};\n")),
        ("a fence", format!("Here it is:\n```json\n{pretty}\n```\n")),
        // Logs.
        ("a line of a log", format!("2026-11-29T12:00:00Z INFO verify body={text} status=400\n")),
        ("a line with its time in brackets", format!("[2026-11-29 12:00:00] [info] {text}\n")),
        ("quoted in a log", format!("level=info msg=\"{escaped}\" n=1\n")),
        ("escaped", escaped.clone()),
        ("escaped twice", json!(escaped).to_string().trim_matches('"').to_owned()),
        ("escaped in a log", format!("got {escaped} from client")),
        // Forms and pages.
        ("a form", format!("attestationObject={}&clientDataJSON={}&x=1", percent(&padded), percent(&client_padded))),
        ("a form with JSON", format!("state=1&credential={}", percent(&text))),
        ("a value of a form", percent(&text)),
        ("an attribute", format!("<input value=\"{}\">", text.replace('"', "&quot;"))),
        ("entities", text.replace('"', "&#34;")),
        // Parts of objects.
        ("the inner part", format!("  \"response\": {},\n  \"type\": \"public-key\"\n}}\n", json["response"])),
        ("fields in quotes", format!("\"{object}\",\n\"{client}\"\n")),
        ("YAML", format!("response:\n  attestationObject: {object}\n  clientDataJSON: >-\n    {}\n  transports:\n    - hybrid\n",
            wrapped(&client, 70, "\n    "))),
        ("a list", format!("- **attestationObject**: `{object}`\n- **clientDataJSON**: `{client}`\n")),
        ("Node.js", format!("{{\n  id: 'x',\n  response: {{\n    attestationObject: '{object}',\n    clientDataJSON: '{client}',\n    transports: [ 'hybrid' ]\n  }},\n  type: 'public-key'\n}}\n")),
        // Other notations.
        ("a table", format!("user,attestationObject,clientDataJSON\nbob,{padded},{client_padded}\n")),
        ("a table with bars", format!("| field | value |\n|---|---|\n| attestationObject | {object} |\n| clientDataJSON | {client} |\n")),
        ("XML", format!("<?xml version=\"1.0\"?>\n<r><attestationObject>{padded}</attestationObject><clientDataJSON>{client_padded}</clientDataJSON></r>")),
        ("Python", format!("{{'id': 'x', 'response': {{'attestationObject': '{object}', 'clientDataJSON': '{client}'}}}}")),
        ("Ruby", format!("{{\"response\"=>{{\"attestationObject\"=>\"{object}\", \"clientDataJSON\"=>\"{client}\"}}}}")),
        ("PHP", format!("Array\n(\n    [attestationObject] => {padded}\n    [clientDataJSON] => {client_padded}\n)\n")),
        ("Java", format!("Response{{attestationObject={object}, clientDataJSON={client}}}")),
        ("Go", format!("{{ID:x Response:{{AttestationObject:{object} ClientDataJSON:{client}}}}}")),
        ("variables", format!("export ATTESTATION_OBJECT=\"{padded}\"\nexport CLIENT_DATA_JSON=\"{client_padded}\"\n")),
        ("typographic quotes", text.replace(":\"", ":“").replace("\",", "”,").replace("\"}", "”}")),
        ("spaces of pages", pretty.replace(' ', "\u{a0}")),
        // Dialects.
        ("snake_case", json!({"raw_id": "x", "response": {"attestation_object": object, "client_data_json": client}}).to_string()),
        ("clientDataJson", json!({"response": {"AttestationObject": padded, "ClientDataJson": client_padded}}).to_string()),
        ("another company's", json!({"attestation": padded, "clientData": client_padded}).to_string()),
        ("bytes", json!({"attestationObject": case.object, "clientDataJSON": case.client_data}).to_string()),
        ("bytes with signs", json!({"attestationObject": signed(&case.object), "clientDataJSON": signed(&case.client_data)}).to_string()),
        ("Buffers", json!({"attestationObject": {"type": "Buffer", "data": case.object}, "clientDataJSON": {"type": "Buffer", "data": case.client_data}}).to_string()),
        ("a database's", json!({"attestationObject": {"$binary": {"base64": padded, "subType": "00"}}, "clientDataJSON": {"$binary": client_padded, "$type": "00"}}).to_string()),
        ("PHP's", json!({"attestationObject": format!("=?BINARY?B?{padded}?="), "clientDataJSON": client_padded}).to_string()),
        ("URLs of data", json!({"attestationObject": format!("data:application/cbor;base64,{padded}"), "clientDataJSON": client}).to_string()),
    ];
    let expected = inspected(&text).unwrap()["inspected"][0].clone();
    assert_eq!(expected["attestation"]["result"], "unrooted");
    let mut wrong = Vec::new();
    for (name, input) in inputs {
        for input in [
            input.clone(),
            input.replace("\r\n", "\n").replace('\n', "\r\n"),
        ] {
            let found = match inspected(&input) {
                Ok(found) => found["inspected"].clone(),
                Err(error) => {
                    wrong.push(format!("{name}: {error}"));
                    continue;
                }
            };
            let same = ["kind", "model", "attestation", "origin", "credential_id"]
                .into_iter()
                .all(|member| found[0][member] == expected[member]);
            if !same || found.as_array().map(Vec::len) != Some(1) {
                wrong.push(format!("{name}: {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bytes_alone_are_an_object_in_whatever_form() {
    let object = case().object;
    let numbers: serde_json::Map<String, Value> = { object.iter().enumerate() }
        .map(|(place, byte)| (place.to_string(), json!(byte)))
        .collect();
    let hex: Vec<String> = object.iter().map(|byte| format!("{byte:02X}")).collect();
    for input in [
        json!(object).to_string(),
        json!({"type": "Buffer", "data": object}).to_string(),
        Value::Object(numbers).to_string(),
        format!("0x{}", hex.concat()),
        hex.join(" "),
        hex.join(":"),
        format!("\\x{}", hex.join("\\x")),
        format!("data:;base64,{}", STANDARD.encode(&object)),
    ] {
        let found = inspected(&input).unwrap_or_else(|error| panic!("{error}: {input}"));
        assert_eq!(found["inspected"][0]["kind"], "registration", "{input}");
    }
}

#[test]
fn models_are_read_in_every_form_and_several_of_them_line_by_line() {
    const MODEL: &str = "de1e552d-db1d-4423-a619-566b625cdc84";
    let digits = MODEL.replace('-', "");
    let bytes = hex::decode(&digits).unwrap();
    for (input, kind) in [
        (MODEL.to_owned(), "model"),
        (MODEL.to_uppercase(), "model"),
        (format!("{{{}}}", MODEL.to_uppercase()), "model"),
        (digits.clone(), "model"),
        (format!("\"{MODEL}\""), "model"),
        (format!("AAGUID: {{{MODEL}}}"), "record"),
        (format!("aaguid={digits}"), "record"),
        (
            json!({"authenticator": {"AAGUID": STANDARD.encode(&bytes)}}).to_string(),
            "record",
        ),
        (json!({"aa_guid": bytes}).to_string(), "record"),
        (
            json!({"AaGuid": {"type": "Buffer", "data": bytes}}).to_string(),
            "record",
        ),
    ] {
        let found = inspected(&input).unwrap_or_else(|error| panic!("{error}: {input}"));
        assert_eq!(found["inspected"][0]["kind"], kind, "{input}");
        assert_eq!(found["inspected"][0]["model"]["aaguid"], MODEL, "{input}");
    }
    let list = format!("{MODEL}\n{}\n\n{digits}\n", MODEL.to_uppercase());
    let found = inspected(&list).unwrap();
    assert_eq!(found["inspected"].as_array().unwrap().len(), 3, "{found}");
    let found = inspected(&json!([MODEL, digits]).to_string()).unwrap();
    assert_eq!(found["inspected"].as_array().unwrap().len(), 2, "{found}");
}

#[test]
fn client_data_are_told_also_when_somebody_has_decoded_them() {
    let text = String::from_utf8(case().client_data).unwrap();
    let pretty: Value = serde_json::from_str(&text).unwrap();
    for input in [
        text.clone(),
        format!("{pretty:#}"),
        json!({"decoded": pretty}).to_string(),
        format!("client data: {text}"),
        STANDARD.encode(&text),
    ] {
        let found = inspected(&input).unwrap_or_else(|error| panic!("{error}: {input}"));
        assert_eq!(found["inspected"][0]["kind"], "client-data", "{input}");
        assert_eq!(found["inspected"][0]["origin"], "https://example.org");
    }
}

/// Far more of each than is tried: what is tried is bounded, so that none takes long.
#[test]
fn a_long_text_of_beginnings_is_refused() {
    for part in [
        "{",
        "[",
        "x{\"a\":[",
        "x\"{",
        "x{\\\"a",
        "{&quot;",
        "a=%7B&",
    ] {
        let text = part.repeat((1 << 17) / part.len() - 1);
        assert!(inspected(&text).is_err(), "{part}");
    }
}

#[test]
fn what_stands_around_json_is_said_not_to_be_looked_at() {
    let text = data::response(&case()).to_string();
    for (input, cut) in [
        (
            format!("result: {text}"),
            json!(["the text around what was found"]),
        ),
        (format!("'{text}'"), json!([])),
        (format!("> {text};"), json!([])),
    ] {
        assert_eq!(inspected(&input).unwrap()["cut"], cut, "{input}");
    }
    let two = format!("first {text}\nsecond {text}");
    let told = inspected(&two).unwrap_err();
    assert!(
        told.contains("a second one that begins at line 2"),
        "{told}"
    );
}

#[test]
fn what_only_looks_like_a_credential_is_refused_with_how_to_get_it() {
    let console = "copy(JSON.stringify(credential.toJSON()))";
    let notation = "JSON.stringify or json.dumps";
    for (input, told) in [
        (
            "Object { id: \"x\", rawId: ArrayBuffer(32), response: {…} }",
            console,
        ),
        (
            "PublicKeyCredential {rawId: ArrayBuffer(32), response: AuthenticatorAttestationResponse, id: 'x'}",
            console,
        ),
        ("{id: 'x', rawId: ArrayBuffer(32)}", console),
        ("[object PublicKeyCredential]", console),
        ("{\n  id: 'x',\n  response: [Object]\n}", console),
        (
            "{'id': 'x', 'response': {'attestationObject': 'o2Nm'}}",
            notation,
        ),
        (
            "{id: \"x\", response: {attestationObject: \"o2Nm\"}}",
            notation,
        ),
        ("{}", "an empty object (older browsers"),
        (
            "{\"id\": \"x\"}\n{\"id\": \"y\"}",
            "a second one that begins at line 2",
        ),
        ("[1, 2, 3]", "a list in JSON"),
        ("[300, 2, 3]", "a list in JSON"),
        (
            "HTTP/1.1 404 Not Found\r\nserver: x\r\n\r\nNot found\r\n",
            "neither JSON nor base64",
        ),
    ] {
        let error = inspected(input).unwrap_err();
        assert!(
            error.starts_with("expected ") && error.len() < 400,
            "{error}"
        );
        assert!(
            error.contains(told),
            "expected {told:?} in {error:?} of {input:?}"
        );
    }
}

#[test]
fn members_that_lost_their_bytes_are_named_with_what_they_hold() {
    let good = data::response(&case());
    for (member, value, told) in [
        (
            "attestationObject",
            json!({}),
            "credential.toJSON() keeps the bytes",
        ),
        (
            "clientDataJSON",
            json!({}),
            "credential.toJSON() keeps the bytes",
        ),
        ("clientDataJSON", json!("…"), "got a text that is no base64"),
        (
            "attestationObject",
            json!([1, 300]),
            "got a list that is not of numbers",
        ),
        ("attestationObject", json!(7), "got a number"),
    ] {
        let mut response = good.clone();
        response["response"][member] = value;
        let found = inspected(&response.to_string()).unwrap();
        let odd = found["inspected"][0]["odd"].to_string();
        let member = format!("The member {member} holds no bytes: expected base64url, ");
        assert!(odd.contains(&member) && odd.contains(told), "{odd}");
    }
    let sign_in =
        json!({"response": {"authenticatorData": {}, "clientDataJSON": {}, "signature": {}}});
    let odd = inspected(&sign_in.to_string()).unwrap()["inspected"][0]["odd"].clone();
    assert_eq!(odd.as_array().unwrap().len(), 3, "{odd}");
}
