//! What browsers make of the JSON values that options hold (Web IDL section 3.2): a number where
//! text is wanted, text where a number is, an empty array for a dictionary. A member that is null
//! counts as absent, because many servers write those so that they do not set.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hybrid_protocol::printable;
use serde_json::{Map, Value};
use std::error::Error;
use std::fmt;

/// Base64url without padding (WebAuthn Level 3 section 3). The bits that the last character has to
/// spare are ignored, as browsers do: some servers draw their challenges as characters.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);
/// Of names that a server chose, so much is shown.
const LONGEST_PLACE: usize = 120;
/// From here on JavaScript writes numbers with an exponent.
const EXPONENT: f64 = 1e21;

/// A value of the options, and where it stands.
pub(crate) struct Member<'v> {
    value: &'v Value,
    place: String,
}

/// A value that is read as a dictionary.
pub(crate) struct Dictionary<'v> {
    /// None is an empty array.
    members: Option<&'v Map<String, Value>>,
    place: String,
}

impl<'v> Member<'v> {
    /// A value that stands at `place`, which is empty for the outermost.
    pub(crate) const fn new(value: &'v Value, place: String) -> Self {
        Self { value, place }
    }

    /// An object. An empty array is one without members: so servers in PHP write it.
    pub(crate) fn dictionary(self) -> Result<Dictionary<'v>, WrongMember> {
        let members = match self.value {
            Value::Object(members) => Some(members),
            Value::Array(items) if items.is_empty() => None,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => return Err(self.wrong("an object")),
        };
        Ok(Dictionary {
            members,
            place: self.place,
        })
    }

    pub(crate) fn list(self) -> Result<Vec<Self>, WrongMember> {
        let Value::Array(items) = self.value else {
            return Err(self.wrong("a list"));
        };
        let items = items.iter().enumerate();
        Ok(items
            .map(|(index, value)| Self::new(value, format!("{}[{index}]", self.place)))
            .collect())
    }

    /// `DOMString`.
    pub(crate) fn text(self) -> Result<String, WrongMember> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Number(number) => Ok(number.as_f64().map_or_else(String::new, as_javascript)),
            Value::Null | Value::Array(_) | Value::Object(_) => Err(self.wrong("text")),
        }
    }

    /// `Base64URLString`.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, WrongMember> {
        const EXPECTED: &str = "base64url without padding";
        if self.value.get("type").and_then(Value::as_str) == Some("Buffer") {
            return Err(self.wrong_for("base64url, as text", "a Node.js Buffer as an object"));
        }
        let place = self.place.clone();
        let text = self.text().map_err(|wrong| WrongMember {
            expected: "base64url, as text",
            ..wrong
        })?;
        BASE64URL.decode(&text).map_err(|_| WrongMember {
            place,
            expected: EXPECTED,
            got: why_not_base64url(&text),
        })
    }

    /// `Base64URLString` of what cannot be empty.
    pub(crate) fn some_bytes(self) -> Result<Vec<u8>, WrongMember> {
        let place = self.place.clone();
        let bytes = self.bytes()?;
        if bytes.is_empty() {
            return Err(WrongMember {
                place,
                expected: "at least one byte in base64url",
                got: "none",
            });
        }
        Ok(bytes)
    }

    /// `boolean`: anything but what is empty or zero is true, the word "false" too.
    pub(crate) fn boolean(self) -> bool {
        match self.value {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(_) | Value::Object(_) => true,
        }
    }

    /// `long`; none for what is no number at all, where browsers take zero.
    pub(crate) fn long(self) -> Option<i32> {
        let number = match self.value {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => number_in(text)?,
            Value::Bool(value) => f64::from(u8::from(*value)),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        number.is_finite().then(|| wrapped(number))
    }

    fn wrong(self, expected: &'static str) -> WrongMember {
        let got = kind(self.value);
        self.wrong_for(expected, got)
    }

    fn wrong_for(self, expected: &'static str, got: &'static str) -> WrongMember {
        WrongMember {
            place: self.place,
            expected,
            got,
        }
    }
}

impl<'v> Dictionary<'v> {
    /// A member that may be left out.
    pub(crate) fn get(&self, name: &str) -> Option<Member<'v>> {
        let value = self.members?.get(name)?;
        (!value.is_null()).then(|| Member::new(value, below(&self.place, name)))
    }

    /// A member that may be left out, read.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(Member<'v>) -> Result<T, WrongMember>,
    ) -> Result<Option<T>, WrongMember> {
        self.get(name).map(read).transpose()
    }

    /// A member that must be there.
    pub(crate) fn required(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<Member<'v>, WrongMember> {
        self.get(name).ok_or_else(|| WrongMember {
            place: below(&self.place, name),
            expected,
            got: "nothing",
        })
    }

    /// Every member with its name, where a server chooses the names.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'v str, Member<'v>)> {
        let members = self.members.into_iter().flatten();
        members.map(|(name, value)| (name.as_str(), Member::new(value, below(&self.place, name))))
    }
}

/// Reads a name that stands for bytes.
pub(crate) fn bytes_of_name(name: &str, place: &str) -> Result<Vec<u8>, WrongMember> {
    let name = Value::from(name);
    Member::new(&name, format!("a name in {place}")).bytes()
}

/// `place.name`.
pub(crate) fn below(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// What a value is, as a person calls it.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// As JavaScript writes a number.
fn as_javascript(number: f64) -> String {
    if number.abs() < EXPONENT {
        number.to_string()
    } else {
        format!("{number:e}").replace('e', "e+")
    }
}

/// As JavaScript reads one: spaces around it do not count, and nothing is zero.
fn number_in(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.is_empty() {
        Some(0.0)
    } else if text.bytes().all(plain) {
        text.parse().ok()
    } else {
        None
    }
}

/// To 32 bits, as Web IDL does it without `EnforceRange`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder is below 2^32, and a wrapped number is what is wanted"
)]
fn wrapped(number: f64) -> i32 {
    const MODULUS: f64 = 4_294_967_296.0;
    number.trunc().rem_euclid(MODULUS) as i64 as i32
}

fn why_not_base64url(text: &str) -> &'static str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.ends_with('=') {
        "padding (=)"
    } else if text.contains(['+', '/']) {
        "the standard base64 alphabet (+ or / in place of - or _)"
    } else if text.bytes().all(plain) {
        "a length that is impossible in base64 (one more than a multiple of 4)"
    } else {
        "a character that base64url does not contain"
    }
}

/// A member of the options that is missing, or cannot be read as what it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrongMember {
    place: String,
    expected: &'static str,
    got: &'static str,
}

impl fmt::Display for WrongMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            expected,
            got,
        } = self;
        let place: String = printable(place).chars().take(LONGEST_PLACE).collect();
        write!(f, "{place}: expected {expected}, got {got}")
    }
}

impl Error for WrongMember {}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    fn member(value: &Value) -> Member<'_> {
        Member::new(value, "here".to_owned())
    }

    #[test]
    fn numbers_are_read_as_browsers_read_them() {
        for (value, read) in [
            (json!(-7), Some(-7)),
            (json!(-7.0), Some(-7)),
            (json!(-7.9), Some(-7)),
            (json!("-7"), Some(-7)),
            (json!(" -257 "), Some(-257)),
            (json!("-7e0"), Some(-7)),
            (json!(""), Some(0)),
            (json!(true), Some(1)),
            (json!(4_294_967_289_u64), Some(-7)),
            (json!("ES256"), None),
            (json!("inf"), None),
            (json!({}), None),
        ] {
            assert_eq!(member(&value).long(), read, "{value}");
        }
    }

    #[test]
    fn texts_and_truths_are_made_of_what_is_there() {
        for (value, text, truth) in [
            (json!("x"), "x", true),
            (json!(""), "", false),
            (json!("false"), "false", true),
            (json!(12345), "12345", true),
            (json!(-7.0), "-7", true),
            (json!(1e21), "1e+21", true),
            (json!(0), "0", false),
            (json!(false), "false", false),
        ] {
            assert_eq!(member(&value).text().as_deref(), Ok(text), "{value}");
            assert_eq!(member(&value).boolean(), truth, "{value}");
        }
        assert!(member(&json!({})).text().is_err() && member(&json!({})).boolean());
    }

    #[test]
    fn bytes_are_refused_for_the_true_reason() {
        let got = |text: &str| match member(&json!(text)).bytes() {
            Ok(bytes) => panic!("{text}: {bytes:?}"),
            Err(wrong) => wrong.got,
        };
        assert_eq!(member(&json!("AQIDBB")).bytes().unwrap(), [1, 2, 3, 4]);
        assert_eq!(member(&json!("")).bytes().unwrap(), [0; 0]);
        assert_eq!(got("dXNlcg=="), "padding (=)");
        assert!(got("+/+/").contains("standard base64 alphabet"));
        assert!(got("abcde").contains("one more than a multiple of 4"));
        assert!(got("a b c").contains("a character"));
        let buffer = json!({"type": "Buffer", "data": [1]});
        let wrong = member(&buffer).bytes().unwrap_err().to_string();
        assert!(wrong.contains("Node.js Buffer"), "{wrong}");
    }

    #[test]
    fn an_empty_array_is_a_dictionary_without_members_and_another_is_none() {
        let empty = json!([]);
        assert!(member(&empty).dictionary().unwrap().get("x").is_none());
        let wrong = member(&json!(["x"])).dictionary().err().unwrap();
        assert_eq!(wrong.to_string(), "here: expected an object, got a list");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let value = json!(URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(member(&value).bytes(), Ok(bytes));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*", name in ".*") {
            let value = json!(text);
            let _ = member(&value).long();
            if let Err(wrong) = Member::new(&value, name).bytes() {
                prop_assert!(wrong.to_string().chars().count() < LONGEST_PLACE + 120);
            }
        }

        #[test]
        fn a_whole_number_is_itself(number in any::<i32>()) {
            prop_assert_eq!(member(&json!(number)).long(), Some(number));
            prop_assert_eq!(member(&json!(number.to_string())).long(), Some(number));
            prop_assert_eq!(member(&json!(f64::from(number))).long(), Some(number));
        }
    }
}
