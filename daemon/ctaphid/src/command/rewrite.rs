//! What is changed on the way to a phone. Every other value stays byte for byte.
//!
//! | change | because |
//! | --- | --- |
//! | `rp.name` is added | Firefox and OpenSSH omit it, and iPhones abort without |
//! | `user.name`, `user.displayName` are added | as above |
//! | `transports` are dropped | they name how *another* computer reached the credential |
//! | `hmac-secret`, an empty extension map: dropped | not listed; an answer breaks the request |
//! | `ssh:`, `pam:`: random user id, telling name | OpenSSH has one: keys replace keys |
//! | maps are put into canonical order | Firefox writes `uv` before `up`; CTAP 2.2 §8 forbids it |

use super::fields::STRIPPED_EXTENSIONS;
use crate::descriptor;
use crate::encoded::{Encoded, insert, text_entry, write_bytes, write_map, write_text};
use crate::entropy::Entropy;
use crate::rp_id::RpId;
use hybrid_protocol::cbor;

type Map<'a> = [(Encoded<'a>, Encoded<'a>)];
type Written = Vec<(Vec<u8>, Vec<u8>)>;

/// The longest name that every authenticator keeps whole (CTAP 2.2 §6.1.2).
const MAX_NAME: usize = 64;

/// A registration: command byte and parameters.
pub fn create(map: &Map<'_>, rp_id: &RpId, entropy: &mut Entropy, label: &str) -> Vec<u8> {
    let foreign = rp_id.is_ssh() || rp_id.is_pam();
    let change = |key, value: Encoded<'_>| match key {
        Some(2) => Some(rp(value, rp_id)),
        Some(3) if foreign => Some(program_user(value, rp_id, entropy.block(), label)),
        Some(3) => Some(user(value, rp_id)),
        Some(5) => Some(descriptor::without_transports(value)),
        Some(6) => extensions(value),
        _ => Some(value.bytes().to_vec()),
    };
    command(0x01, map, change)
}

/// A sign-in: command byte and parameters.
pub fn get(map: &Map<'_>) -> Vec<u8> {
    let change = |key, value: Encoded<'_>| match key {
        Some(3) => Some(descriptor::without_transports(value)),
        Some(4) => extensions(value),
        _ => Some(value.bytes().to_vec()),
    };
    command(0x02, map, change)
}

fn command(
    number: u8,
    map: &Map<'_>,
    mut change: impl FnMut(Option<u64>, Encoded<'_>) -> Option<Vec<u8>>,
) -> Vec<u8> {
    let entries = map.iter().filter_map(|(key, value)| {
        change(key.as_uint(), *value).map(|value| (key.bytes().to_vec(), value))
    });
    let map = write_map(&entries.collect::<Written>());
    [&[number], ordered(map).as_slice()].concat()
}

/// The same with all keys in canonical order; only that can be wrong with what was read strictly.
fn ordered(map: Vec<u8>) -> Vec<u8> {
    match cbor::read_unordered(&map) {
        Ok(value) => cbor::write(&value),
        Err(_) => map,
    }
}

fn rp(value: Encoded<'_>, rp_id: &RpId) -> Vec<u8> {
    let Some(map) = value.as_map() else {
        return value.bytes().to_vec();
    };
    let mut entries = copied(&map);
    add(&mut entries, &map, "name", rp_id.as_str());
    write_map(&entries)
}

fn user(value: Encoded<'_>, rp_id: &RpId) -> Vec<u8> {
    let Some(map) = value.as_map() else {
        return value.bytes().to_vec();
    };
    let text = |key| text_entry(&map, key).and_then(Encoded::as_text);
    let (name, shown) = (text("name"), text("displayName"));
    let mut entries = copied(&map);
    add(
        &mut entries,
        &map,
        "name",
        shown.unwrap_or_else(|| rp_id.as_str()),
    );
    add(
        &mut entries,
        &map,
        "displayName",
        name.unwrap_or_else(|| rp_id.as_str()),
    );
    write_map(&entries)
}

/// A user of `ssh:` or `pam:`: nobody reads its id, and on the phone its name is all that tells two
/// keys apart.
fn program_user(value: Encoded<'_>, rp_id: &RpId, id: [u8; 32], label: &str) -> Vec<u8> {
    let map = value.as_map().unwrap_or_default();
    let given = text_entry(&map, "name").and_then(Encoded::as_text);
    // OpenSSH calls every user "openssh".
    let given = given.filter(|name| !name.is_empty() && *name != "openssh");
    let base = given.unwrap_or(if rp_id.is_ssh() { "SSH key" } else { "login" });
    let [a, b, ..] = id;
    let label = if label.is_empty() {
        String::new()
    } else {
        format!(", {label}")
    };
    let name = shortened(&format!("{base} {a:02x}{b:02x}{label}"));
    let dropped = ["id", "name", "displayName"];
    let kept = map
        .iter()
        .filter(|(key, _)| !key.as_text().is_some_and(|k| dropped.contains(&k)));
    let mut entries = kept
        .map(|(k, v)| (k.bytes().to_vec(), v.bytes().to_vec()))
        .collect();
    insert(&mut entries, write_text("id"), write_bytes(&id));
    insert(&mut entries, write_text("name"), write_text(&name));
    insert(&mut entries, write_text("displayName"), write_text(&name));
    write_map(&entries)
}

/// `None` when nothing is left.
fn extensions(value: Encoded<'_>) -> Option<Vec<u8>> {
    let Some(mut map) = value.as_map() else {
        return Some(value.bytes().to_vec());
    };
    map.retain(|(key, _)| {
        !key.as_text()
            .is_some_and(|key| STRIPPED_EXTENSIONS.contains(&key))
    });
    (!map.is_empty()).then(|| write_map(&copied(&map)))
}

fn add(entries: &mut Written, map: &Map<'_>, key: &str, value: &str) {
    if text_entry(map, key).is_none() {
        insert(entries, write_text(key), write_text(value));
    }
}

fn copied(map: &Map<'_>) -> Written {
    map.iter()
        .map(|(key, value)| (key.bytes().to_vec(), value.bytes().to_vec()))
        .collect()
}

fn shortened(name: &str) -> String {
    let ends = name.char_indices().map(|(at, char)| at + char.len_utf8());
    let end = ends.take_while(|end| *end <= MAX_NAME).last().unwrap_or(0);
    name.get(..end).unwrap_or_default().to_owned()
}
