//! Requests as programs write them. Heads stand in hex; only texts and byte strings are put
//! together.

use sha2::{Digest, Sha256};

pub fn text(text: &str) -> Vec<u8> {
    [head(0x60, text.len()), text.as_bytes().to_vec()].concat()
}

pub fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(0x40, bytes.len()), bytes.to_vec()].concat()
}

pub fn head(major: u8, length: usize) -> Vec<u8> {
    match length {
        0..24 => vec![major | length as u8],
        24..256 => vec![major | 24, length as u8],
        _ => [vec![major | 25], (length as u16).to_be_bytes().to_vec()].concat(),
    }
}

pub fn cat(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.concat()
}

/// `{"id": id, "type": "public-key"}`
pub fn descriptor(id: &[u8]) -> Vec<u8> {
    cat(&[b"\xa2\x62id", &bytes(id), b"\x64type\x6apublic-key"])
}

/// `{"id": id, "type": "public-key", "transports": ["usb"]}`
pub fn descriptor_with_transports(id: &[u8]) -> Vec<u8> {
    cat(&[
        b"\xa3\x62id",
        &bytes(id),
        b"\x64type\x6apublic-key\x6atransports\x81\x63usb",
    ])
}

pub fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [head(0x80, items.len()), items.concat()].concat()
}

pub fn ids(ids: &[&[u8]]) -> Vec<u8> {
    list(&ids.iter().map(|id| descriptor(id)).collect::<Vec<_>>())
}

pub fn empty_hash() -> [u8; 32] {
    Sha256::digest([]).into()
}

pub fn hash_of_zeroes() -> [u8; 32] {
    Sha256::digest([0; 32]).into()
}

/// `{1: rp, 2: hash, 3: list, 5: {"up": false}}`: libfido2, OpenSSH, python-fido2.
pub fn probe(rp: &str, hash: &[u8; 32], allowed: &[&[u8]]) -> Vec<u8> {
    let list = ids(allowed);
    cat(&[
        b"\x02\xa4\x01",
        &text(rp),
        b"\x02",
        &bytes(hash),
        b"\x03",
        &list,
        b"\x05\xa1\x62up\xf4",
    ])
}

/// Firefox's: the same with an empty extension map.
pub fn firefox_probe(rp: &str, allowed: &[&[u8]]) -> Vec<u8> {
    let (list, hash) = (ids(allowed), bytes(&empty_hash()));
    cat(&[
        b"\x02\xa5\x01",
        &text(rp),
        b"\x02",
        &hash,
        b"\x03",
        &list,
        b"\x04\xa0",
        b"\x05\xa1\x62up\xf4",
    ])
}

/// OpenSSH with `-O resident`: no list.
pub fn probe_without_list(rp: &str) -> Vec<u8> {
    let hash = bytes(&hash_of_zeroes());
    cat(&[
        b"\x02\xa3\x01",
        &text(rp),
        b"\x02",
        &hash,
        b"\x05\xa1\x62up\xf4",
    ])
}

/// `{1: rp, 2: hash, 3: list, 5: {"uv": true}}`: Chromium's sign-in.
pub fn sign_in(rp: &str, allowed: &[&[u8]]) -> Vec<u8> {
    let (list, hash) = (ids(allowed), bytes(&[0x5a; 32]));
    cat(&[
        b"\x02\xa4\x01",
        &text(rp),
        b"\x02",
        &hash,
        b"\x03",
        &list,
        b"\x05\xa1\x62uv\xf5",
    ])
}

/// A sign-in with any passkey.
pub fn discoverable(rp: &str) -> Vec<u8> {
    cat(&[
        b"\x02\xa3\x01",
        &text(rp),
        b"\x02",
        &bytes(&[0x5a; 32]),
        b"\x05\xa1\x62uv\xf5",
    ])
}

pub const ES256: &[u8] = b"\xa2\x63alg\x26\x64type\x6apublic-key";
pub const EDDSA: &[u8] = b"\xa2\x63alg\x27\x64type\x6apublic-key";

/// A registration as Chromium sends it: nothing of it is changed.
pub fn registration(rp: &str) -> Vec<u8> {
    cat(&[
        b"\x01\xa6\x01",
        &bytes(&[0x5a; 32]),
        b"\x02\xa2\x62id",
        &text(rp),
        b"\x64name",
        &text("Example"),
        b"\x03\xa3\x62id",
        &bytes(b"\x07\x08"),
        b"\x64name",
        &text("alice"),
        b"\x6bdisplayName",
        &text("Alice"),
        b"\x04\x81",
        ES256,
        b"\x06\xa1\x63prf\xa0",
        b"\x07\xa2\x62rk\xf5\x62uv\xf5",
    ])
}

/// Firefox's dummy: pinUvAuthParam of no byte.
pub fn make_me_blink() -> Vec<u8> {
    cat(&[
        b"\x01\xa6\x01",
        &bytes(&empty_hash()),
        b"\x02\xa1\x62id",
        &text("make.me.blink"),
        b"\x03\xa2\x62id\x41\x00\x64name",
        &text("make.me.blink"),
        b"\x04\x81",
        ES256,
        b"\x08\x40\x09\x01",
    ])
}

/// The dummy of Chromium (`.dummy`) and libfido2 (`localhost`), and python-fido2's with an empty
/// pinUvAuthParam.
pub fn dummy(rp: &str, tail: &[u8]) -> Vec<u8> {
    let entries = if tail.is_empty() { 0xa4 } else { 0xa5 };
    cat(&[
        &[0x01, entries, 0x01],
        &bytes(&empty_hash()),
        b"\x02\xa1\x62id",
        &text(rp),
        b"\x03\xa2\x62id\x41\x01\x64name",
        &text("dummy"),
        b"\x04\x81",
        ES256,
        tail,
    ])
}

/// Authenticator data without credential or extensions.
pub fn authenticator_data(rp: &str, flags: u8) -> Vec<u8> {
    cat(&[&Sha256::digest(rp.as_bytes()), &[flags, 0, 0, 0, 1]])
}

/// A phone's answer to a sign-in.
pub fn signed(rp: &str, id: &[u8]) -> Vec<u8> {
    let data = bytes(&authenticator_data(rp, 0x05));
    cat(&[
        b"\x00\xa3\x01",
        &descriptor(id),
        b"\x02",
        &data,
        b"\x03\x42\x30\x00",
    ])
}
