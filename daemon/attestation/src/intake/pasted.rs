//! Fields that were pasted alone, with or without their names, and lists as PowerShell prints them.
//!
//! ```text
//! o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRo…            attestationObject: o2NmbXRk…
//!                                              clientDataJSON:    eyJ0eXBl…
//! aaGuid      : de1e552d-db1d-4423-a619-566b625cdc84
//! passkeyType : deviceBound
//! ```

use super::bytes;
use super::error::IntakeError;
use crate::material::{Material, ResponseParts};
use crate::octets;
use hybrid_policy::parse_aaguid;
use serde_json::{Map, Value};

/// Names that stand before a field. Whatever else looks like a name is part of a text.
const NAMES: [&str; 18] = [
    "aaGuid",
    "attestationCertificates",
    "attestationLevel",
    "attestationObject",
    "authenticatorAttachment",
    "authenticatorData",
    "authData",
    "clientDataJSON",
    "createdDateTime",
    "credentialId",
    "displayName",
    "id",
    "model",
    "passkeyType",
    "publicKey",
    "rawId",
    "signature",
    "userHandle",
];
/// So many lines are looked at one by one.
const MOST_LINES: usize = 2000;

pub(super) fn find(text: &str) -> Result<Vec<Material>, IntakeError> {
    if let Some(aaguid) = parse_aaguid(text) {
        return Ok(vec![Material::Model(aaguid)]);
    }
    let mut records = vec![Map::new()];
    let mut bare = String::new();
    let mut last: Option<&str> = None;
    for line in text.lines().take(MOST_LINES) {
        let record = records.last_mut().ok_or(IntakeError::Empty)?;
        if let Some((name, value)) = named(line) {
            last = Some(name);
            if record.contains_key(name) {
                // The next one of a list.
                records.push(Map::from_iter([(name.to_owned(), value.into())]));
            } else {
                record.insert(name.to_owned(), value.into());
            }
        } else if let Some(Value::String(before)) = last.and_then(|name| record.get_mut(name))
            && line.starts_with(char::is_whitespace)
        {
            // PowerShell wraps what is long and moves it to the right.
            before.push_str(line.trim());
        } else if !line.trim().is_empty() {
            last = None;
            bare.push_str(line);
            bare.push('\n');
        }
    }
    let mut found: Vec<Material> = records.iter().filter_map(of_names).collect();
    if !bare.is_empty() && (found.is_empty() || records.len() == 1) {
        found.extend(of_bare(&bare)?);
    }
    joined(found)
}

/// Whether the first line has a name that is known.
pub(super) fn begins_with_a_name(text: &str) -> bool {
    text.lines().next().and_then(named).is_some()
}

/// A name that is known and stands before a colon or an equals sign.
fn named(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.trim().trim_matches(['"', '\'']);
    let name = NAMES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name))?;
    let value = value.trim().trim_end_matches(',');
    Some((name, value.trim_matches(['"', '\''])))
}

fn of_names(record: &Map<String, Value>) -> Option<Material> {
    let mut record = record.clone();
    if let Some(data) = record.remove("authData") {
        record.insert("authenticatorData".to_owned(), data);
    }
    Material::of_object(&record).or_else(|| {
        let text = record.get("clientDataJSON")?.as_str()?;
        octets::of_text(text).map(Material::ClientData)
    })
}

/// One field, however its lines were wrapped; or one field in each line.
fn of_bare(text: &str) -> Result<Vec<Material>, IntakeError> {
    let whole = octets::of_text(text.trim_matches(['"', '\'', ',', '\n', ' ']));
    let whole = whole.map(|bytes| bytes::recognise(&bytes));
    if let Some(Ok(found)) = whole {
        return Ok(found);
    }
    let mut found = Vec::new();
    for line in text.lines() {
        let field = line.trim().trim_end_matches(',').trim_matches(['"', '\'']);
        if let Some(bytes) = octets::of_text(field) {
            found.extend(bytes::recognise(&bytes).unwrap_or_default());
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    match whole {
        Some(Err(error)) => Err(error),
        Some(Ok(_)) | None => Err(IntakeError::NoBase64),
    }
}

/// An object and the client data that were pasted beside it are one response.
fn joined(found: Vec<Material>) -> Result<Vec<Material>, IntakeError> {
    let mut client_data = None;
    let mut others = Vec::new();
    for material in found {
        let Material::ClientData(bytes) = material else {
            others.push(material);
            continue;
        };
        if client_data.replace(bytes).is_some() {
            return Err(IntakeError::Twice("clientDataJSON"));
        }
    }
    let Some(bytes) = client_data else {
        return if others.is_empty() {
            Err(IntakeError::NoBase64)
        } else {
            Ok(others)
        };
    };
    match others.as_mut_slice() {
        [] => return Ok(vec![Material::ClientData(bytes)]),
        [Material::Registration(parts) | Material::SignIn(parts)] => add(parts, bytes),
        _ => return Err(IntakeError::Twice("a field")),
    }
    Ok(others)
}

fn add(parts: &mut ResponseParts, client_data: Vec<u8>) {
    parts.client_data.get_or_insert(client_data);
}
