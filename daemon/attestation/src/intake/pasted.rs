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
use super::found::{Cut, Found, MOST_LINES};
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

pub(super) fn find(text: &str) -> Result<Found, IntakeError> {
    if let Some(aaguid) = parse_aaguid(text) {
        return Ok(Found::one(Material::Model(aaguid)));
    }
    let mut records = vec![Map::new()];
    let mut bare = String::new();
    let mut last = Last::None;
    for line in text.lines().take(MOST_LINES) {
        let record = records.last_mut().ok_or(IntakeError::Empty)?;
        if let Some((name, value)) = named(line) {
            last = Last::Known(name);
            if record.contains_key(name) {
                // The next one of a list.
                records.push(Map::from_iter([(name.to_owned(), value.into())]));
            } else {
                record.insert(name.to_owned(), value.into());
            }
        } else if line.starts_with(char::is_whitespace) && !matches!(last, Last::None) {
            // PowerShell wraps what is long and moves it to the right.
            if let Last::Known(name) = last
                && let Some(Value::String(before)) = record.get_mut(name)
            {
                before.push_str(line.trim());
            }
        } else if let Some(value) = of_another_name(line) {
            last = Last::Other;
            for (name, value) in additional(value) {
                record.entry(name).or_insert_with(|| value.into());
            }
        } else if !line.trim().is_empty() {
            last = Last::None;
            bare.push_str(line);
            bare.push('\n');
        }
    }
    let mut found = Found::default();
    records
        .iter()
        .filter_map(of_names)
        .for_each(|material| found.push(material));
    if !bare.is_empty() {
        let inner = of_bare(&bare);
        match inner {
            Ok(inner) if found.materials.is_empty() || records.len() == 1 => {
                inner
                    .materials
                    .into_iter()
                    .for_each(|material| found.push(material));
                found.cut.extend(inner.cut);
            }
            Err(error) if found.materials.is_empty() => return Err(error),
            Ok(_) | Err(_) => {
                let strange = bare.lines().filter(|line| !is_prompt(line)).count();
                if strange > 0 {
                    found.cut.insert(Cut::Strange(strange));
                }
            }
        }
    }
    if text.lines().nth(MOST_LINES).is_some() {
        found.cut.insert(Cut::Lines);
    }
    found.materials = joined(found.materials)?;
    Ok(found)
}

/// What a line that is moved to the right continues.
#[derive(Clone, Copy)]
enum Last {
    None,
    Known(&'static str),
    Other,
}

/// What stands after another name than those that are known, as `Format-List` prints it.
fn of_another_name(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end();
    let is_name = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '@') && {
        name.chars()
    }
    .all(|char| char.is_ascii_alphanumeric() || "_.@".contains(char));
    let apart = value.is_empty() || value.starts_with(char::is_whitespace);
    (is_name && apart).then_some(value.trim())
}

/// `{[passkeyType, deviceBound], …}`: members that the cmdlets do not know by themselves.
fn additional(value: &str) -> impl Iterator<Item = (&'static str, &str)> {
    // What is long ends with an ellipsis in place of its end.
    let inner = value.strip_prefix('{');
    let pairs = inner.unwrap_or_default().split('[').skip(1);
    pairs.filter_map(|pair| {
        let (name, value) = pair.split_once(']')?.0.split_once(',')?;
        Some((known(name.trim())?, value.trim()))
    })
}

/// The line with the command, at the top of what was copied from a terminal.
fn is_prompt(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("PS ") && line.contains('>')
}

/// Whether the first line has a name that is known.
pub(super) fn begins_with_a_name(text: &str) -> bool {
    text.lines().next().and_then(named).is_some()
}

/// A name that is known and stands before a colon or an equals sign.
fn named(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.trim().trim_matches(['"', '\'']);
    let name = known(name)?;
    let value = value.trim().trim_end_matches(',');
    Some((name, value.trim_matches(['"', '\''])))
}

fn known(name: &str) -> Option<&'static str> {
    { NAMES.iter() }
        .find(|known| known.eq_ignore_ascii_case(name))
        .copied()
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
fn of_bare(text: &str) -> Result<Found, IntakeError> {
    let whole = octets::of_text(text.trim_matches(['"', '\'', ',', '\n', ' ']));
    let whole = whole.map(|bytes| bytes::recognise(&bytes));
    if let Some(Ok(found)) = whole {
        return Ok(found);
    }
    let mut found = Found::default();
    let mut strange = 0;
    for line in text.lines() {
        let field = line.trim().trim_end_matches(',').trim_matches(['"', '\'']);
        let inner = octets::of_text(field).and_then(|bytes| bytes::recognise(&bytes).ok());
        match inner {
            Some(inner) => {
                inner
                    .materials
                    .into_iter()
                    .for_each(|material| found.push(material));
                found.cut.extend(inner.cut);
            }
            None => strange += usize::from(!is_prompt(line)),
        }
    }
    if !found.materials.is_empty() {
        if strange > 0 {
            found.cut.insert(Cut::Strange(strange));
        }
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
