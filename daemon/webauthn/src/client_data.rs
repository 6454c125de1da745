//! The client data: what the phone's signature binds the challenge and the origin to.

use crate::origin::Origin;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The serialised client data of one ceremony.
pub(super) struct ClientData {
    json: String,
}

impl ClientData {
    /// WebAuthn Level 3 section 5.8.1.1: this exact order, so that a verifier may compare bytes.
    pub(super) fn new(kind: &str, challenge: &[u8], origin: &Origin) -> Self {
        Self::of(kind, &URL_SAFE_NO_PAD.encode(challenge), origin.as_str())
    }

    fn of(kind: &str, challenge: &str, origin: &str) -> Self {
        let mut json = String::new();
        for (before, text) in [
            (r#"{"type":"#, kind),
            (r#","challenge":"#, challenge),
            (r#","origin":"#, origin),
        ] {
            json.push_str(before);
            push_quoted(&mut json, text);
        }
        json.push_str(r#","crossOrigin":false}"#);
        Self { json }
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.json).into()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.json.as_bytes()
    }
}

/// `CCDToString` of section 5.8.1.2.
fn push_quoted(json: &mut String, text: &str) {
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            ' '.. => json.push(char),
            // Writing to a String cannot fail.
            _ => drop(write!(json, "\\u{:04x}", u32::from(char))),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn the_client_data_are_written_in_the_order_of_the_standard() {
        let origin = Origin::parse("https://example.com:8443").unwrap();
        let written = ClientData::new("webauthn.get", b"\0\x01\x02", &origin);
        assert_eq!(
            written.json,
            r#"{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.com:8443","crossOrigin":false}"#
        );
    }

    #[test]
    fn each_character_is_escaped_as_the_standard_has_it() {
        let mut json = String::new();
        push_quoted(&mut json, "a\"b\\c\n\u{1f}\u{7f}é🏳 /");
        assert_eq!(json, "\"a\\\"b\\\\c\\u000a\\u001f\u{7f}é🏳 /\"");
    }

    proptest! {
        #[test]
        fn any_text_in_the_client_data_is_read_back_as_it_was(kind in ".*", challenge in ".*", origin in ".*") {
            let written = ClientData::of(&kind, &challenge, &origin);
            let read: Value = serde_json::from_slice(written.as_bytes()).unwrap();
            let expected = json!({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false});
            prop_assert_eq!(read, expected);
        }
    }
}
