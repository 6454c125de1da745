//! Objects in JSON, wherever they stand: also as JSON in a JSON text, as some servers send it, and in
//! base64, as browsers record answers.

use super::error::IntakeError;
use super::found::{Cut, Found, MOST_LAYERS};
use crate::material::Material;
use crate::octets;
use hybrid_webauthn::inner_json;
use serde_json::{Deserializer, Map, Value};

/// The one document in a text.
pub(super) fn document(text: &str) -> Result<Value, IntakeError> {
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(IntakeError::Json(error)),
        None => return Err(IntakeError::Empty),
    };
    let end = values.byte_offset();
    let rest = text.get(end..).unwrap_or_default();
    // What stands between an object and the next one, or ends a statement.
    let rest = rest.trim_start_matches(|char: char| char.is_whitespace() || ",;".contains(char));
    if !rest.is_empty() {
        let before = text.len() - rest.len();
        let lines = text.get(..before).unwrap_or_default();
        let line = 1 + lines.matches('\n').count();
        return Err(if rest.starts_with(['{', '[', '"']) {
            IntakeError::SecondDocument(line)
        } else {
            IntakeError::Rest(line)
        });
    }
    Ok(value)
}

/// Members that were copied out of an object, with names before them and perhaps the object's end after
/// them.
pub(super) fn of_members(text: &str) -> Option<Found> {
    let whole = format!("{{{}}}", text.trim_end_matches([',', ' ', '\n', '\r']));
    let mut values = Deserializer::from_str(&whole).into_iter::<Value>();
    let value = values.next()?.ok()?;
    let rest = whole.get(values.byte_offset()..)?;
    let is_end = |char: char| char.is_whitespace() || "}],;)".contains(char);
    known(&value).filter(|_| rest.chars().all(is_end))
}

/// What a value holds, if it holds anything that is known.
pub(super) fn known(value: &Value) -> Option<Found> {
    let mut found = Found::default();
    collect(value, MOST_LAYERS, &mut found);
    (!found.materials.is_empty()).then_some(found)
}

/// Everything in one value.
pub(super) fn of_value(value: &Value) -> Result<Found, IntakeError> {
    let mut found = Found::default();
    collect(value, MOST_LAYERS, &mut found);
    if !found.materials.is_empty() {
        return Ok(found);
    }
    if is_cut_off(value, MOST_LAYERS) {
        return Err(IntakeError::CutOff);
    }
    if found.cut.contains(&Cut::Depth) {
        return Err(IntakeError::Deep);
    }
    Err(match value {
        Value::String(_) => IntakeError::NothingKnown("text"),
        Value::Array(_) => IntakeError::NothingKnown("a list"),
        Value::Object(members) if members.is_empty() => IntakeError::NothingKnown(
            "an empty object (older browsers make that of a credential: use credential.toJSON())",
        ),
        Value::Object(_) => IntakeError::NothingKnown("an object"),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            IntakeError::NothingKnown("a single value")
        }
    })
}

fn collect(value: &Value, layers: usize, found: &mut Found) {
    let Some(layers) = layers.checked_sub(1) else {
        if holds_more(value) {
            found.cut.insert(Cut::Depth);
        }
        return;
    };
    match value {
        Value::Object(members) => {
            // What options are wrapped in may have members of theirs, too.
            if let Some(public_key @ Value::Object(_)) = members.get("publicKey")
                && !members.contains_key("response")
            {
                return collect(public_key, layers, found);
            }
            if let Some(material) = Material::of_object(members) {
                found.push(material);
                return;
            }
            if let Some(inner) = recorded(members) {
                collect(&inner, layers, found);
            }
            for member in members.values() {
                collect(member, layers, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, layers, found);
            }
        }
        Value::String(text) => {
            let inner = inner_json(text).map(serde_json::from_str);
            if let Some(Ok(inner)) = inner {
                collect(&inner, layers, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn holds_more(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => inner_json(text).is_some(),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// JSON in base64, as a browser's record of the network (HAR) holds some answers.
fn recorded(members: &Map<String, Value>) -> Option<Value> {
    if members.get("encoding").and_then(Value::as_str) != Some("base64") {
        return None;
    }
    let bytes = octets::of_text(members.get("text")?.as_str()?)?;
    serde_json::from_slice(&bytes).ok()
}

/// PowerShell's `ConvertTo-Json` writes what lies deeper than it may go as text.
fn is_cut_off(value: &Value, layers: usize) -> bool {
    let Some(layers) = layers.checked_sub(1) else {
        return false;
    };
    match value {
        Value::String(text) => ["System.", "@{", "Microsoft.Graph.PowerShell."]
            .iter()
            .any(|form| text.starts_with(form)),
        Value::Array(items) => items.iter().any(|item| is_cut_off(item, layers)),
        Value::Object(members) => members.values().any(|member| is_cut_off(member, layers)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
