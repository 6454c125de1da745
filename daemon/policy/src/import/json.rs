//! Text to JSON, strictly: an object that names a member twice is refused, because whoever wrote it
//! may have meant either.

use super::error::ImportFault;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Reads one document.
///
/// # Errors
/// [`ImportFault`], with the line; never with the text.
pub(super) fn parse(text: &str) -> Result<Value, ImportFault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Strict.deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| fault(&error, text))
}

fn fault(error: &serde_json::Error, text: &str) -> ImportFault {
    let (line, column) = (error.line(), error.column());
    if error.to_string().starts_with("recursion limit") {
        return ImportFault::TooDeep { line };
    }
    if let Some(other) = not_even_json(text) {
        return other;
    }
    if error.is_eof() {
        return ImportFault::Truncated { line };
    }
    if let Some(line) = second_document(text) {
        return ImportFault::SeveralDocuments { line };
    }
    if error.is_data() {
        return ImportFault::NamedTwice { line };
    }
    ImportFault::NotJson { line, column }
}

/// The line in which another document follows the first, as appending to a file leaves it.
fn second_document(text: &str) -> Option<usize> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    documents.next()?.ok()?;
    let (first, rest) = text.split_at_checked(documents.byte_offset())?;
    let begins = rest.trim_start();
    let before = rest.len() - begins.len();
    let lines = first.matches('\n').count() + rest.get(..before)?.matches('\n').count();
    begins.starts_with(['{', '[']).then_some(lines + 1)
}

/// What people give instead of JSON, told by its beginning.
fn not_even_json(text: &str) -> Option<ImportFault> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    if first.starts_with(['{', '[']) {
        return None;
    }
    let first_word_is = |word: &str| first.to_ascii_lowercase().starts_with(word);
    if first.starts_with('<') {
        return Some(ImportFault::WebPage);
    }
    let listed = first
        .split_once(" : ")
        .is_some_and(|(name, _)| name.trim().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let tabled = text
        .lines()
        .any(|line| line.trim_start().starts_with("----"));
    if listed || tabled || first.starts_with("@{") || first_word_is("configuration ") {
        return Some(ImportFault::PowerShellText);
    }
    // What is around JSON, such as a command's output or quoted mail, is no table.
    let values = first.contains([',', ';']) && !first.contains(['{', '[']);
    (values || first_word_is("#type ")).then_some(ImportFault::Csv)
}

/// A value whose objects name every member once.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let twice = || A::Error::custom("named twice");
        let mut map = Map::new();
        // `Id` beside `id`, too: members are found in either spelling.
        let mut names = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Strict)?;
            if names
                .insert(name.to_ascii_lowercase(), name.clone())
                .is_some()
            {
                return Err(twice());
            }
            map.insert(name, value);
        }
        let additional = names
            .get("additionalproperties")
            .and_then(|name| map.get(name));
        for (name, value) in additional.and_then(Value::as_object).into_iter().flatten() {
            let outer = names
                .get(&name.to_ascii_lowercase())
                .and_then(|name| map.get(name));
            if outer.is_some_and(|outer| outer != value && !outer.is_null()) {
                return Err(twice());
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_is_given_instead_of_json_is_named() {
        for (text, fault) in [
            ("{\"a\": [1,\n 2", ImportFault::Truncated { line: 2 }),
            ("{\"a\":1,\"a\":1}", ImportFault::NamedTwice { line: 1 }),
            ("{\"a\":1,\"A\":1}", ImportFault::NamedTwice { line: 1 }),
            (
                "{\"Id\":\"a\",\"AdditionalProperties\":{\"id\":\"b\"}}",
                ImportFault::NamedTwice { line: 1 },
            ),
            ("{\"a\":1} x", ImportFault::NotJson { line: 1, column: 9 }),
            (
                "{\"a\":1}\n\n {\"a\":2}",
                ImportFault::SeveralDocuments { line: 3 },
            ),
            ("[1][2]", ImportFault::SeveralDocuments { line: 1 }),
            ("{'a':1}", ImportFault::NotJson { line: 1, column: 2 }),
            ("\"Id\",\"State\"\n\"Fido2\",\"enabled\"", ImportFault::Csv),
            ("Id;State\nFido2;enabled", ImportFault::Csv),
            (
                "> {\"a\": 1, \"b\": 2}",
                ImportFault::NotJson { line: 1, column: 1 },
            ),
            (
                "\nId    : Fido2\nState : enabled\n",
                ImportFault::PowerShellText,
            ),
            ("Id State\n-- -----\n---- x", ImportFault::PowerShellText),
            ("Configuration M365 {", ImportFault::PowerShellText),
            ("<!DOCTYPE html>", ImportFault::WebPage),
            ("<Objs Version=\"1.1.0.1\">", ImportFault::WebPage),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(5000);
        assert_eq!(parse(&deep), Err(ImportFault::TooDeep { line: 1 }));
    }

    #[test]
    fn every_kind_of_value_is_read_as_it_stands() {
        let value = json!({"a": [null, true, -1, 2, 1.5, "x"], "b": {}});
        assert_eq!(parse(&value.to_string()), Ok(value));
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String, json in "[\\[\\]{}:,\" a1.-]{0,60}") {
            let _ = (parse(&text), parse(&json));
        }
    }
}
