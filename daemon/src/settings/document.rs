//! The lines of one settings file.

use crate::settings::table::SettingKind;
use hybrid_process::NotToml;
use toml::de::{DeTable, DeValue};

/// A key of a file, with what stands there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FileEntry {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: FileValue,
}

/// A value as a file has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum FileValue {
    Switch(bool),
    Number(String),
    Text(String),
    List(Vec<String>),
    /// Nothing that a setting could be.
    Other,
}

/// Reads a file's text, its keys in the order in which they stand there.
pub(super) fn read(text: &str) -> Result<Vec<FileEntry>, NotToml> {
    let line = |offset: usize| text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
    let table = DeTable::parse(text)
        .map_err(|error| NotToml::at(text, error.span().map_or(0, |span| span.start)))?;
    let mut entries: Vec<_> = table
        .get_ref()
        .iter()
        .map(|(key, value)| FileEntry {
            line: line(key.span().start),
            key: key.get_ref().to_string(),
            value: FileValue::of(value.get_ref()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

impl FileValue {
    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::Boolean(on) => Self::Switch(*on),
            DeValue::Integer(number) if number.radix() == 10 => {
                Self::Number(number.as_str().to_owned())
            }
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Array(items) => {
                let texts = items.iter().map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    DeValue::Integer(_)
                    | DeValue::Float(_)
                    | DeValue::Boolean(_)
                    | DeValue::Datetime(_)
                    | DeValue::Array(_)
                    | DeValue::Table(_) => None,
                });
                texts.collect::<Option<_>>().map_or(Self::Other, Self::List)
            }
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
                Self::Other
            }
        }
    }

    /// As a variable has it.
    ///
    /// # Errors
    /// What a key of this kind is to have.
    pub(super) fn text(self, kind: SettingKind) -> Result<String, &'static str> {
        match (kind, self) {
            (SettingKind::Switch, Self::Switch(on)) => Ok(on.to_string()),
            (SettingKind::Number, Self::Number(number)) => Ok(number),
            (SettingKind::Text | SettingKind::List, Self::Text(text)) => Ok(text),
            (SettingKind::List, Self::List(texts)) => Ok(texts.join(",")),
            (SettingKind::Switch, _) => Err("expected true or false, without quotes"),
            (SettingKind::Number, _) => Err("expected a whole number, without quotes"),
            (SettingKind::Text, _) => Err("expected text in quotes"),
            (SettingKind::List, _) => Err("expected a list such as [\"a\", \"b\"]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_come_with_their_lines_in_the_order_of_the_file() {
        let text = "# first\n\nseconds = 5\r\nno_proxy = [\n  \"a\", \"b\" ]\nlog='debug'\npreconnect=false\nx=[1]\n[t]\nqr=1";
        let entries = read(text).unwrap();
        let shown: Vec<_> = entries
            .into_iter()
            .map(|entry| (entry.line, entry.key, entry.value))
            .collect();
        let list = || FileValue::List(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(
            shown,
            [
                (3, "seconds".to_owned(), FileValue::Number("5".to_owned())),
                (4, "no_proxy".to_owned(), list()),
                (6, "log".to_owned(), FileValue::Text("debug".to_owned())),
                (7, "preconnect".to_owned(), FileValue::Switch(false)),
                (8, "x".to_owned(), FileValue::Other),
                (9, "t".to_owned(), FileValue::Other),
            ]
        );
        assert_eq!(list().text(SettingKind::List), Ok("a,b".to_owned()));
        assert_eq!(read("qr = \"text\"\n\nqr = \"none\"").unwrap_err().line, 3);
        assert_eq!(read("\nqr =").unwrap_err().line, 2);
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*", kinds in "[\\[\\]{}=\"'#.a-z0-9\n]{0,60}") {
            for text in [text, kinds] {
                for entry in read(&text).unwrap_or_default() {
                    for kind in [SettingKind::Switch, SettingKind::Number, SettingKind::Text, SettingKind::List] {
                        let _ = entry.value.clone().text(kind);
                    }
                }
            }
        }

        #[test]
        fn a_value_is_read_back(on: bool, number: u32, text in "\\PC*", list in proptest::collection::vec("[a-z.*]{0,8}", 0..5)) {
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            let items: Vec<_> = list.iter().map(|item| quoted(item)).collect();
            let file = format!("a = {on}\nb = {number}\nc = {}\nd = [{}]\n", quoted(&text), items.join(", "));
            let values: Vec<_> = read(&file).unwrap().into_iter().map(|entry| entry.value).collect();
            let expected = [
                FileValue::Switch(on),
                FileValue::Number(number.to_string()),
                FileValue::Text(text),
                FileValue::List(list),
            ];
            prop_assert_eq!(values, expected);
        }
    }
}
