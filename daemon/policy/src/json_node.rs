//! A JSON value with its place, read in the spellings of Graph and of PowerShell alike.

use crate::doubt::{Doubt, Why};
use crate::given::Given;
use crate::guid::Guid;
use crate::moment::Moment;
use crate::pointer::Pointer;
use hybrid_protocol::printable;
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

    /// A filled member that is more than an object of nulls, which is how PowerShell's objects write
    /// what is not there.
    pub(crate) fn meant(&self, name: &str) -> Option<Self> {
        self.filled(name).filter(|node| !node.is_hollow())
    }

    /// Members, and none of them says anything.
    pub(crate) fn is_hollow(&self) -> bool {
        let members = self.value.as_object();
        members.is_some_and(|members| !members.is_empty()) && is_empty(self.value)
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

    /// The members of an object, and those that PowerShell's objects keep below
    /// `AdditionalProperties`.
    pub(crate) fn all_members(&self) -> Vec<(&'a str, Self)> {
        let mut all = Vec::new();
        for (name, member) in self.members() {
            match name.eq_ignore_ascii_case("additionalProperties") {
                true => all.extend(member.members()),
                false => all.push((name, member)),
            }
        }
        all
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

    /// What a person called something: so short, and without what steers a terminal.
    pub(crate) fn name_of(&self, name: &str) -> Option<String> {
        const LONGEST: usize = 80;
        let name = printable(self.text_of(name)?);
        Some(name.chars().take(LONGEST).collect())
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

    /// A list. Text in its place is a list of one, or what PowerShell made of a whole list.
    pub(crate) fn given_list(&self, name: &str, doubts: &mut Doubts) -> Given<Vec<Self>> {
        let list = self.read(name, "a list", doubts, |node| Some(node.items()));
        let node = self.filled(name).filter(|_| list.value.is_some());
        match node.filter(|node| node.text().is_some_and(is_joined)) {
            Some(node) => {
                doubts.push(Doubt::new(node.place.clone(), Why::CutOff));
                Given::absent(node.place)
            }
            None => list,
        }
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
    let is_type = |word: &str| TYPES.iter().any(|name| word.starts_with(name));
    let members = text.starts_with("@{") && text.ends_with('}');
    // Of several objects it writes several names.
    members || (!text.is_empty() && text.split_whitespace().all(is_type))
}

/// A list that lies too deep becomes its items with spaces between them, and nothing at all when it
/// is empty. A comma before the space belongs to one item: `password, sms`.
fn is_joined(text: &str) -> bool {
    let mut words = text.split_whitespace().rev();
    words.next().is_none() || words.any(|word| !word.ends_with(','))
}

/// Null, nothing in it, or an object of such.
pub(crate) fn is_empty(value: &Value) -> bool {
    value.is_null()
        || value.as_array().is_some_and(Vec::is_empty)
        || value.as_str().is_some_and(str::is_empty)
        || value
            .as_object()
            .is_some_and(|members| members.values().all(is_empty))
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

/// Members that this program does not know, where members restrict.
pub(crate) fn unfamiliar(node: &JsonNode<'_>, known: &[&str], doubts: &mut Doubts) {
    for (name, member) in node.all_members() {
        let familiar = known.iter().any(|known| known.eq_ignore_ascii_case(name));
        let empty = is_empty(member.value) || member.value.as_bool() == Some(false);
        if !familiar && !empty && !name.contains('@') {
            doubts.push(Doubt::new(member.place, Why::UnfamiliarMember));
        }
    }
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
