//! The test data (`tests/data`, with its notices).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// A moment at which every certificate of the vectors is valid: December 2026.
pub const NOW: u64 = 1_796_000_000;

/// A registration, and perhaps the sign-in that follows.
pub struct Case {
    pub name: String,
    pub object: Vec<u8>,
    pub client_data: Vec<u8>,
    /// Authenticator data, client data, signature.
    pub sign_in: Option<[Vec<u8>; 3]>,
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn w3c() -> Value {
    parsed(include_str!("../data/w3c.json"))
}

/// The vectors of WebAuthn Level 3.
pub fn vectors() -> Vec<Case> {
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let each = w3c()["cases"].as_array().unwrap().clone();
    let case = |case: &Value| Case {
        name: case["name"].as_str().unwrap().to_owned(),
        object: bytes(&case["registration"]["attestationObject"]),
        client_data: bytes(&case["registration"]["clientDataJSON"]),
        sign_in: Some(
            ["authenticatorData", "clientDataJSON", "signature"]
                .map(|name| bytes(&case["authentication"][name])),
        ),
    };
    each.iter().map(case).collect()
}

/// The authority of the vectors, DER.
pub fn vectors_root() -> Vec<u8> {
    hex::decode(w3c()["ca"].as_str().unwrap()).unwrap()
}

/// Objects of real authenticators.
pub fn objects() -> Vec<Case> {
    let all = parsed(include_str!("../data/objects.json"));
    let bytes = |value: &Value| {
        let text = value.as_str().unwrap().replace('+', "-").replace('/', "_");
        URL_SAFE_NO_PAD.decode(text).unwrap()
    };
    let case = |case: &Value| Case {
        name: case["name"].as_str().unwrap().to_owned(),
        object: bytes(&case["attestationObject"]),
        client_data: bytes(&case["clientDataJSON"]),
        sign_in: None,
    };
    all["cases"].as_array().unwrap().iter().map(case).collect()
}

/// A root certificate of a maker, DER.
pub fn root(name: &str) -> Vec<u8> {
    let all = parsed(include_str!("../data/roots.json"));
    STANDARD.decode(all[name].as_str().unwrap()).unwrap()
}

/// A response as a browser writes it.
pub fn response(case: &Case) -> Value {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    serde_json::json!({
        "type": "public-key",
        "response": {
            "attestationObject": text(&case.object),
            "clientDataJSON": text(&case.client_data),
            "transports": ["hybrid", "internal"],
        },
        "clientExtensionResults": {},
    })
}

/// Where the authenticator data stand in an attestation object.
pub fn auth_data_at(object: &[u8]) -> usize {
    let name = b"hauthDataX";
    let find = |name: &[u8]| object.windows(name.len()).position(|part| part == name);
    match find(name) {
        Some(at) => at + name.len() + 1,
        None => find(b"hauthDataY").unwrap() + name.len() + 2,
    }
}

/// The model that an attestation object names, as metadata write it.
pub fn aaguid(object: &[u8]) -> String {
    let at = auth_data_at(object) + 37;
    let digits = hex::encode(&object[at..at + 16]);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    parts.map(|part| &digits[part]).join("-")
}
