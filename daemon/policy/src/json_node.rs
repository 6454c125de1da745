//! A JSON value with its place, read in the spellings of Graph and of PowerShell alike.

use crate::doubt::{Doubt, Why};
use crate::given::Given;
use crate::guid::Guid;
use crate::moment::Moment;
use crate::pointer::Pointer;
use serde_json::Value;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct JsonNode<'a> {
    pub(crate) value: &'a Value,
    pub(crate) place: Pointer,
}

/// What is read by the way, for the report.
pub(crate) type Doubts = Vec<Doubt>;

impl<'a> JsonNode<'a> {
    pub(crate) const fn new(value: &'a Value, place: Pointer) -> Self {
        Self { value, place }
    }

    /// A member as Graph spells it, as PowerShell's objects spell it, or below their
    /// `AdditionalProperties`.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        self.exactly(name)
            .or_else(|| self.exactly(&capital(name)))
            .or_else(|| self.exactly("AdditionalProperties")?.exactly(name))
            .or_else(|| self.exactly("additionalProperties")?.exactly(name))
    }

    fn exactly(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self::new(value, self.place.member(name)))
    }

    /// A member that is there and not null.
    pub(crate) fn filled(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|node| !node.value.is_null())
    }

    /// Where a member is, or would be.
    pub(crate) fn place_of(&self, name: &str) -> Pointer {
        self.get(name)
            .map_or_else(|| self.place.member(name), |node| node.place)
    }

    /// The items of a list. PowerShell writes a list of one as that one.
    pub(crate) fn items(&self) -> Vec<Self> {
        match self.value.as_array() {
            Some(items) => (0..)
                .zip(items)
                .map(|(index, value)| Self::new(value, self.place.item(index)))
                .collect(),
            None => vec![self.clone()],
        }
    }

    /// The members of an object.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members.map(|(name, value)| {
            let place = self.place.member(name);
            (name.as_str(), Self::new(value, place))
        })
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// A member's text, for names.
    pub(crate) fn text_of(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.text()
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        self.text().is_some_and(is_cut_off)
    }

    fn read<T>(
        &self,
        name: &str,
        expected: &'static str,
        doubts: &mut Doubts,
        read: impl FnOnce(&Self) -> Option<T>,
    ) -> Given<T> {
        let Some(node) = self.filled(name) else {
            return Given::absent(self.place_of(name));
        };
        let value = read(&node);
        if value.is_none() || node.is_cut_off() {
            let why = if node.is_cut_off() {
                Why::CutOff
            } else {
                Why::WrongType(expected)
            };
            doubts.push(Doubt::new(node.place.clone(), why));
            return Given::absent(node.place);
        }
        Given {
            value,
            place: node.place,
        }
    }

    pub(crate) fn given_bool(&self, name: &str, doubts: &mut Doubts) -> Given<bool> {
        self.read(name, "true or false", doubts, |node| node.value.as_bool())
    }

    pub(crate) fn given_number(&self, name: &str, doubts: &mut Doubts) -> Given<i64> {
        self.read(name, "a number", doubts, |node| node.value.as_i64())
    }

    pub(crate) fn given_moment(&self, name: &str, doubts: &mut Doubts) -> Given<Moment> {
        self.read(name, "a date", doubts, |node| Moment::parse(node.text()?))
    }

    pub(crate) fn given_guid(&self, name: &str, doubts: &mut Doubts) -> Given<Guid> {
        self.read(name, "an id", doubts, |node| Guid::parse(node.text()?))
    }

    pub(crate) fn given_list(&self, name: &str, doubts: &mut Doubts) -> Given<Vec<Self>> {
        self.read(name, "a list", doubts, |node| Some(node.items()))
    }

    /// A word of an enumeration; one that is not known is kept as a doubt.
    pub(crate) fn given_word<T>(
        &self,
        name: &str,
        doubts: &mut Doubts,
        known: impl FnOnce(&str) -> Option<T>,
    ) -> Given<T> {
        let word = self.read(name, "a word", doubts, Self::text);
        let value = word.value.and_then(|text| {
            let value = known(text);
            if value.is_none() {
                let why = Why::UnknownValue(text.to_owned());
                doubts.push(Doubt::new(word.place.clone(), why));
            }
            value
        });
        Given {
            value,
            place: word.place,
        }
    }

    /// The items of a list, each read by `read`; one that cannot be read is a doubt and stays
    /// unknown.
    pub(crate) fn given_items<T>(
        &self,
        name: &str,
        doubts: &mut Doubts,
        read: impl Fn(&str) -> Option<T>,
    ) -> Given<Vec<Given<T>>> {
        self.given_list(name, doubts).map(|items| {
            let each = items.into_iter().map(|item| {
                let value = item.text().and_then(&read);
                if value.is_none() {
                    doubts.push(Doubt::new(item.place.clone(), Why::BadId));
                }
                Given {
                    value,
                    place: item.place,
                }
            });
            each.collect()
        })
    }
}

/// PowerShell's `ConvertTo-Json` writes what lies deeper than it may go as text: the name of its
/// type, or its members in one line.
pub(crate) fn is_cut_off(text: &str) -> bool {
    const TYPES: [&str; 5] = [
        "System.Collections.",
        "System.Object",
        "System.String",
        "Microsoft.Graph.PowerShell.",
        "Deserialized.",
    ];
    let text = text.trim();
    let is_type = TYPES.iter().any(|name| text.starts_with(name));
    let members = text.starts_with("@{") && text.ends_with('}');
    members || (is_type && !text.contains(char::is_whitespace))
}

/// The words of a list of flags: `"a,b"`, `"a, b"`, or an array.
pub(crate) fn words(node: &JsonNode<'_>) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for item in node.items() {
        let parts = item.text()?.split(',').map(str::trim);
        words.extend(parts.filter(|word| !word.is_empty()).map(str::to_owned));
    }
    Some(words)
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|char| char.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_is_found_in_every_spelling_and_its_place_is_the_real_one() {
        let document = json!({"Id": "x", "AdditionalProperties": {"state": "y"}, "State2": null});
        let node = JsonNode::new(&document, Pointer::to_file("f"));
        assert_eq!(node.get("id").unwrap().place.path(), "/Id");
        assert_eq!(
            node.get("state").unwrap().place.path(),
            "/AdditionalProperties/state"
        );
        assert!(node.filled("state2").is_none());
        assert_eq!(node.place_of("other").path(), "/other");
    }

    #[test]
    fn flags_are_read_from_all_forms() {
        for value in [json!("a,b"), json!("a, b"), json!(["a", "b"])] {
            let node = JsonNode::new(&value, Pointer::to_file("f"));
            assert_eq!(words(&node), Some(vec!["a".to_owned(), "b".to_owned()]));
        }
    }

    #[test]
    fn what_powershell_cut_off_is_absent_and_doubted() {
        let document = json!({"a": "System.Object[]", "b": "@{x=y}", "c": 1});
        let node = JsonNode::new(&document, Pointer::to_file("f"));
        let mut doubts = Vec::new();
        assert!(node.given_list("a", &mut doubts).value.is_none());
        assert!(node.given_list("b", &mut doubts).value.is_none());
        assert!(node.given_bool("c", &mut doubts).value.is_none());
        let why: Vec<_> = doubts.into_iter().map(|doubt| doubt.why).collect();
        assert_eq!(
            why,
            [Why::CutOff, Why::CutOff, Why::WrongType("true or false")]
        );
    }
}
