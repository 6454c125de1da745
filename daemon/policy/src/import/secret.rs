//! Values that nobody may keep in a file: a file with one is refused, and the value is not repeated.

use super::error::{ImportError, ImportFault};
use crate::pointer::Pointer;
use serde_json::Value;

/// Members that hold what signs a person in. Graph gives the first when a pass is created, and the
/// others never.
const NAMES: [&str; 4] = [
    "temporaryaccesspass",
    "password",
    "newpassword",
    "secrettext",
];

/// Refuses a document with such a value.
///
/// # Errors
/// [`ImportFault::Secret`] at the value's place.
pub(super) fn refuse(value: &Value, place: &Pointer) -> Result<(), ImportError> {
    if let Some(members) = value.as_object() {
        for (name, inner) in members {
            let place = place.member(name);
            if (names_a_secret(name) && holds_a_value(inner)) || inner.as_str().is_some_and(tells) {
                return Err(ImportError::new(place, ImportFault::Secret));
            }
            refuse(inner, &place)?;
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        if inner.as_str().is_some_and(tells) {
            return Err(ImportError::new(place.item(index), ImportFault::Secret));
        }
        if inner.is_object() || inner.is_array() {
            refuse(inner, &place.item(index))?;
        }
    }
    Ok(())
}

/// As Graph spells it, or with spaces or underscores as other programs do.
fn names_a_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|char| char.to_ascii_lowercase()).collect();
    NAMES.contains(&name.as_str())
}

/// An object that PowerShell wrote as text: `@{id=…; temporaryAccessPass=…}`.
fn tells(text: &str) -> bool {
    let members = text
        .split(['{', ';', '}'])
        .filter_map(|part| part.split_once('='));
    text.contains("@{")
        && members
            .into_iter()
            .any(|(name, value)| names_a_secret(name) && !value.trim().is_empty())
}

fn holds_a_value(value: &Value) -> bool {
    let listed = value
        .as_array()
        .is_some_and(|items| items.iter().any(holds_a_value));
    let inner = value.get("value").is_some_and(holds_a_value);
    listed || inner || value.is_number() || value.as_str().is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_found_at_any_depth_and_in_any_spelling() {
        let root = Pointer::to_file("a.json");
        for (name, value) in [
            ("temporaryAccessPass", json!("Secret123")),
            ("TemporaryAccessPass", json!(12345678)),
            ("password", json!(["Secret123"])),
            ("temporary_access_pass", json!("Secret123")),
            ("Temporary Access Pass", json!("Secret123")),
            ("temporaryAccessPass", json!({"value": "Secret123"})),
            (
                "note",
                json!("@{id=t; temporaryAccessPass=Secret123; isUsable=True}"),
            ),
        ] {
            let document = json!({"value": [{ name: value }]});
            let error = refuse(&document, &root).unwrap_err();
            assert_eq!(error.fault, ImportFault::Secret);
            assert_eq!(error.place.path(), format!("/value/0/{name}"));
            assert!(!error.to_string().contains("123"));
        }
    }

    #[test]
    fn a_method_of_that_name_and_an_empty_value_are_no_secret() {
        let document = json!({
            "id": "TemporaryAccessPass",
            "temporaryAccessPass": null,
            "password": "",
            "note": "@{temporaryAccessPass=; isUsable=True}",
            "allowedCombinations": ["temporaryAccessPassOneTime"],
        });
        assert_eq!(refuse(&document, &Pointer::to_file("a")), Ok(()));
    }
}
