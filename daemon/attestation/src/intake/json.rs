//! Objects in JSON, wherever they stand: also as JSON in a JSON text, as some servers send it.

use super::error::IntakeError;
use crate::material::Material;
use serde_json::{Deserializer, Value};

/// Deeper than any server wraps.
const MOST_LAYERS: usize = 10;
/// A tenant's list of one user's passkeys is shorter.
const MOST_FOUND: usize = 500;

pub(super) fn find(text: &str) -> Result<Vec<Material>, IntakeError> {
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(IntakeError::Json(error)),
        None => return Err(IntakeError::Empty),
    };
    let end = values.byte_offset();
    let rest = text.get(end..).unwrap_or_default();
    if !rest.trim().is_empty() {
        let before = text.len() - rest.trim_start().len();
        let lines = text.get(..before).unwrap_or_default();
        return Err(IntakeError::SecondDocument(1 + lines.matches('\n').count()));
    }
    of_value(&value)
}

/// Everything in one value.
pub(super) fn of_value(value: &Value) -> Result<Vec<Material>, IntakeError> {
    let mut found = Vec::new();
    collect(value, MOST_LAYERS, &mut found);
    if !found.is_empty() {
        return Ok(found);
    }
    if is_cut_off(value, MOST_LAYERS) {
        return Err(IntakeError::CutOff);
    }
    Err(match value {
        Value::String(_) => IntakeError::NothingKnown("text"),
        Value::Array(_) => IntakeError::NothingKnown("a list"),
        Value::Object(_) => IntakeError::NothingKnown("an object"),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            IntakeError::NothingKnown("a single value")
        }
    })
}

fn collect(value: &Value, layers: usize, found: &mut Vec<Material>) {
    let Some(layers) = layers.checked_sub(1) else {
        return;
    };
    if found.len() == MOST_FOUND {
        return;
    }
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
            for member in members.values() {
                collect(member, layers, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, layers, found);
            }
        }
        Value::String(text) if text.trim_start().starts_with(['{', '[', '"']) => {
            if let Ok(inner) = serde_json::from_str(text) {
                collect(&inner, layers, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
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
