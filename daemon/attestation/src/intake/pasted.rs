//! Fields that were pasted alone, with or without their names, and lists as PowerShell prints them.
//!
//! ```text
//! o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRo…            attestationObject: o2NmbXRk…
//!                                              clientDataJSON:    eyJ0eXBl…
//! aaGuid      : de1e552d-db1d-4423-a619-566b625cdc84
//! passkeyType : deviceBound
//! ```

use super::bare;
use super::error::IntakeError;
use super::found::{Cut, Found, MOST_LINES};
use super::joined::joined;
use crate::material::{Material, is_name};
use crate::octets;
use serde_json::{Map, Value};

/// Names that stand before a field. Whatever else looks like a name is part of a text.
const NAMES: [&str; 20] = [
    "aaGuid",
    "attestationCertificates",
    "attestationLevel",
    "attestationObject",
    "authenticatorAttachment",
    "authenticatorData",
    "authData",
    "clientData",
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
    "signatureData",
    "userHandle",
];

pub(super) fn find(text: &str) -> Result<Found, IntakeError> {
    let mut records = vec![Map::new()];
    let mut bare_lines = String::new();
    let mut last = Last::None;
    let mut width = 0;
    for line in text.lines().take(MOST_LINES) {
        let before = std::mem::replace(&mut width, line.len());
        let record = records.last_mut().ok_or(IntakeError::Empty)?;
        if let Some((name, value)) = named(line) {
            last = Last::Known(name);
            if record.contains_key(name) {
                // The next one of a list.
                records.push(Map::from_iter([(name.to_owned(), value.into())]));
            } else {
                record.insert(name.to_owned(), value.into());
            }
        } else if let Some(value) = of_another_name(line) {
            last = Last::Other;
            for (name, value) in additional(value) {
                record.entry(name).or_insert_with(|| value.into());
            }
        } else if line.starts_with(char::is_whitespace) && !matches!(last, Last::None) {
            // PowerShell wraps what is long and moves it to the right.
            if let Last::Known(name) = last
                && let Some(Value::String(before)) = record.get_mut(name)
            {
                before.push_str(line.trim());
            }
        } else if let Last::Known(name) = last
            && let Some(Value::String(value)) = record.get_mut(name)
            && (value.is_empty() || is_wrapped(before))
            && is_base64(line)
        {
            value.push_str(line.trim());
        } else {
            // Blank lines stand between blocks.
            if !line.trim().is_empty() {
                last = Last::None;
            }
            bare_lines.push_str(line);
            bare_lines.push('\n');
        }
    }
    let mut found = Found::default();
    { records.iter().filter_map(of_names) }.for_each(|material| found.push(material));
    if !bare_lines.trim().is_empty() {
        match bare::find(&bare_lines) {
            Ok(inner) if found.materials.is_empty() || records.len() == 1 => found.add(inner),
            Err(error) if found.materials.is_empty() => return Err(error),
            Ok(_) | Err(_) => {
                let strange = bare_lines.lines().filter(|line| bare::is_strange(line));
                let strange = strange.count();
                if strange > 0 {
                    found.cut.insert(Cut::Strange(strange));
                }
            }
        }
    }
    if text.lines().nth(MOST_LINES).is_some() {
        found.cut.insert(Cut::Lines);
    }
    joined(found)
}

/// What a line that is moved to the right continues.
#[derive(Clone, Copy)]
enum Last {
    None,
    Known(&'static str),
    Other,
}

/// A line may be one of a field that mail or `base64` wrapped: the one before it, with a name before
/// the field perhaps, is as long as such lines are.
fn is_wrapped(before: usize) -> bool {
    const SHORTEST: usize = 40;
    const LONGEST_NAME: usize = 24;
    (SHORTEST..=bare::WIDEST + LONGEST_NAME).contains(&before)
}

/// Whether a line is nothing but a line of base64.
fn is_base64(line: &str) -> bool {
    let line = line.trim();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    line.len() <= bare::WIDEST && line.bytes().all(letter)
}

/// What stands after another name than those that are known, as `Format-List` prints it.
fn of_another_name(line: &str) -> Option<&str> {
    let (name, value) = line.trim_start().split_once(':')?;
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

/// Whether the first line has a name that is known.
pub(super) fn begins_with_a_name(text: &str) -> bool {
    text.lines().next().and_then(named).is_some()
}

/// A name that is known and stands before a colon or an equals sign.
fn named(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    // Also as an item of a list, or marked as code.
    let name = name.trim_matches(|char: char| char.is_whitespace() || "\"'`*-".contains(char));
    let name = known(name)?;
    let value = value.trim().trim_end_matches([',', ';']);
    let value = value.trim_matches(['"', '\'', '`']);
    // YAML announces a text of several lines so.
    let is_announced = ["|", "|-", ">", ">-"].contains(&value);
    Some((name, if is_announced { "" } else { value }))
}

fn known(name: &str) -> Option<&'static str> {
    { NAMES.iter() }.find(|known| is_name(name, known)).copied()
}

fn of_names(record: &Map<String, Value>) -> Option<Material> {
    Material::of_object(record).or_else(|| {
        let text = { ["clientDataJSON", "clientData"].iter() }.find_map(|name| record.get(*name));
        octets::of_text(text?.as_str()?).map(Material::ClientData)
    })
}
