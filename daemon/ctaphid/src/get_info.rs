//! What this key says it can do (authenticatorGetInfo, CTAP 2.2 §6.4).
//!
//! The encoding must be canonical: Chromium takes a key with another for a U2F one and speaks to it
//! no more.

use crate::limits::MAX_MESSAGE;
use hybrid_protocol::cbor::{self, Value};

/// This kind of key. Random, our own, and the same for everybody: it identifies nobody.
pub const AAGUID: [u8; 16] = [
    0x9f, 0x63, 0xd1, 0x45, 0x3d, 0x22, 0x67, 0x14, 0xe2, 0xf3, 0x58, 0x52, 0x36, 0x81, 0x24, 0x7f,
];

/// Key 6. python-fido2 2.x refuses a key that verifies users and lists none, before it sends any
/// request; there is no clientPin, so that nobody can use one. Left out of the answer when it is
/// empty.
pub const PIN_UV_AUTH_PROTOCOLS: &[u8] = &[2, 1];

/// Key 7. Chromium sends every list at once and without probing as long as this and
/// [`MAX_CREDENTIAL_ID_LENGTH`] are listed, and allows no longer ones.
pub const MAX_CREDENTIAL_COUNT: usize = 64;

/// Key 8. As long as a full list may be and fit into one message beside everything else that a
/// registration holds. Chromium leaves longer ids out, which no phone's is; we relay what comes.
pub const MAX_CREDENTIAL_ID_LENGTH: usize = 80;

/// Status excluded: the body of the answer.
pub fn encoded() -> Vec<u8> {
    encoded_with(PIN_UV_AUTH_PROTOCOLS)
}

fn encoded_with(protocols: &[u8]) -> Vec<u8> {
    let texts =
        |texts: &[&str]| Value::Array(texts.iter().map(|text| Value::from(*text)).collect());
    let option = |name: &str| (Value::from(name), Value::from(true));
    let algorithm = Value::Map(vec![
        (Value::from("alg"), Value::from(-7)),
        (Value::from("type"), Value::from("public-key")),
    ]);
    let mut map = vec![
        (Value::from(1), texts(&["FIDO_2_0", "FIDO_2_1"])),
        (Value::from(2), texts(&["prf"])),
        (Value::from(3), Value::Bytes(AAGUID.to_vec())),
        (
            Value::from(4),
            Value::Map(vec![option("rk"), option("up"), option("uv")]),
        ),
        (Value::from(5), Value::from(MAX_MESSAGE as u64)),
        (Value::from(7), Value::from(MAX_CREDENTIAL_COUNT as u64)),
        (Value::from(8), Value::from(MAX_CREDENTIAL_ID_LENGTH as u64)),
        (Value::from(9), texts(&["hybrid", "internal"])),
        (Value::from(10), Value::Array(vec![algorithm])),
    ];
    if !protocols.is_empty() {
        let protocols = protocols
            .iter()
            .map(|number| Value::from(*number))
            .collect();
        map.push((Value::from(6), Value::Array(protocols)));
    }
    cbor::write(&Value::Map(map))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "0182684649444f5f325f30684649444f5f325f31\
        02816370726603509f63d1453d226714e2f35852368124\
        7f04a362726bf5627570f5627576f505191db9";
    const TAIL: &str = "0718400818500982666879627269646869\
        6e7465726e616c0a81a263616c672664747970656a7075626c69632d6b6579";

    #[test]
    fn the_golden_bytes() {
        assert_eq!(
            hex::encode(encoded_with(&[2, 1])),
            format!("aa{HEAD}06820201{TAIL}")
        );
        assert_eq!(hex::encode(encoded_with(&[])), format!("a9{HEAD}{TAIL}"));
    }

    #[test]
    fn it_is_canonical() {
        cbor::read(&encoded()).unwrap();
    }

    #[test]
    fn a_full_list_of_the_longest_ids_fits_one_message_with_room_for_the_rest() {
        // {"id": h'80 bytes', "type": "public-key"}
        let descriptor = 1 + 3 + 2 + MAX_CREDENTIAL_ID_LENGTH + 5 + 11;
        let list = 2 + MAX_CREDENTIAL_COUNT * descriptor;
        // rp id 253, names 64 each, user id 64, ten algorithms of 28 bytes, hash, prf with two
        // salts, options, heads
        let rest = 253 + 3 * 64 + 64 + 280 + 34 + 100 + 40;
        assert!(list + rest <= MAX_MESSAGE, "{list} + {rest}");
    }
}
