//! One spelling for an object, to compare what two files say of it and to measure it.

use crate::guid::Guid;
use serde_json::{Map, Value};

/// What names and dates an object without a say in what it does.
const ABOUT: [&str; 6] = [
    "displayName",
    "description",
    "createdDateTime",
    "modifiedDateTime",
    "deletedDateTime",
    "templateId",
];

/// Without annotations and nulls, in Graph's spelling, lists in a fixed order.
pub(super) fn canonical(value: &Value) -> String {
    spelt(value, &[])
}

/// The same, without names and dates.
pub(super) fn meaning(value: &Value) -> String {
    spelt(value, &ABOUT)
}

fn spelt(value: &Value, left_out: &[&str]) -> String {
    reduced(value, left_out).map_or_else(String::new, |value| value.to_string())
}

fn reduced(value: &Value, left_out: &[&str]) -> Option<Value> {
    if let Some(members) = value.as_object() {
        let mut map = Map::new();
        collect(members, left_out, &mut map);
        return Some(Value::Object(map));
    }
    if let Some(items) = value.as_array() {
        let mut items: Vec<Value> = items
            .iter()
            .filter_map(|item| reduced(item, left_out))
            .collect();
        items.sort_by_cached_key(Value::to_string);
        // PowerShell writes a list of one as that one.
        return match items.len() {
            1 => items.pop(),
            _ => Some(Value::Array(items)),
        };
    }
    if let Some(id) = value.as_str().and_then(Guid::parse) {
        return Some(Value::String(id.to_string()));
    }
    (!value.is_null()).then(|| value.clone())
}

fn collect(members: &Map<String, Value>, left_out: &[&str], map: &mut Map<String, Value>) {
    let is_left_out = |name: &str| left_out.iter().any(|left| left.eq_ignore_ascii_case(name));
    for (name, value) in members.iter().filter(|(name, _)| !is_left_out(name)) {
        if name.eq_ignore_ascii_case("additionalProperties") {
            if let Some(inner) = value.as_object() {
                collect(inner, left_out, map);
            }
        } else if !name.contains('@')
            && let Some(value) = reduced(value, left_out)
        {
            let mut chars = name.chars();
            let first = chars.next().map(|char| char.to_ascii_lowercase());
            map.insert(first.into_iter().chain(chars).collect(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_object_in_two_spellings_is_the_same() {
        let graph = json!({"@odata.context": "x", "id": "DE1E552D-DB1D-4423-A619-566B625CDC84",
            "list": ["b", "a"], "one": [{"x": 1}], "null": null});
        let powershell = json!({"Id": "de1e552ddb1d4423a619566b625cdc84",
            "AdditionalProperties": {"list": ["a", "b"], "one": {"x": 1}}});
        assert_eq!(canonical(&graph), canonical(&powershell));
    }
}
