//! Values of a case, and how they are compared.

use super::Checked;
use hybrid_protocol::Plaintext;
use hybrid_protocol::Secret;
use hybrid_protocol::hazmat;
use hybrid_protocol::{EidKey, Psk};
use hybrid_protocol::{PrivateKey, PublicKey};
use serde_json::Value;

pub fn pointer<'a>(file: &'a Value, path: &str) -> &'a Value {
    file.pointer(path).unwrap_or(&Value::Null)
}

pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

pub fn private(value: &Value) -> PrivateKey {
    PrivateKey::new(&Secret::new(array(value))).unwrap()
}

pub fn public(value: &Value) -> PublicKey {
    PublicKey::from_uncompressed(&bytes(value)).unwrap()
}

pub fn plaintext(value: &Value) -> Plaintext {
    let bytes: [u8; 16] = array(value);
    let [_, random @ ..] = bytes;
    Plaintext::linked(random)
}

pub fn psk_of(c: &Value) -> Psk {
    hazmat::psk(array(&c["psk"]))
}

pub fn eid_key(value: &Value) -> EidKey {
    hazmat::eid_key(&array(value))
}

pub fn same<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Checked {
    if got == expected {
        Ok(())
    } else {
        Err(format!("expected {expected:?}, got {got:?}"))
    }
}

pub fn refused<T, E>(result: Result<T, E>) -> Checked {
    match result {
        Ok(_) => Err("expected it to be refused, got it accepted".into()),
        Err(_) => Ok(()),
    }
}
