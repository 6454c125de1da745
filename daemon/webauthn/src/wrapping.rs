//! Where the options stand in what a server sent: alone, in the member `publicKey`, deeper in an
//! answer of its own making, or as JSON in a JSON text.

use crate::encoding::{inner_json, without_mark};
use crate::error::{MAX_JSON, OptionsError};
use crate::no_json;
use crate::options_kind::OptionsKind;
use crate::webidl::{Dictionary, Member, WrongMember, below, kind};
use hybrid_protocol::printable;
use serde_json::{Map, Value};

/// As deep as JSON is read at all.
const MOST_LAYERS: usize = 128;
/// More sets of options than this need not be told apart.
const MOST_FOUND: usize = 16;
/// Of each place that is named, so much is shown.
const LONGEST_PLACE: usize = 80;

/// Options, and where they stand.
pub(crate) struct Found {
    place: String,
    value: Value,
}

impl Found {
    /// The one set of options of this kind.
    pub(crate) fn in_json(json: &str, wanted: OptionsKind) -> Result<Self, OptionsError> {
        if json.len() > MAX_JSON {
            return Err(OptionsError::TooLong(json.len()));
        }
        let document = serde_json::from_str(without_mark(json))
            .map_err(|error| no_json::named(without_mark(json), error))?;
        let mut seen = Seen::default();
        seen.collect(&document, String::new(), MOST_LAYERS);
        let Seen { all, broken } = seen;
        let whole = all.iter().any(|found| found.is_whole(wanted));
        if let Some((place, error)) = broken.filter(|_| !whole) {
            let place = shown(&place);
            return Err(OptionsError::TextIsNoJson { place, error });
        }
        choose(all, wanted).ok_or_else(|| OptionsError::NotOptions {
            wanted,
            got: kind(&document),
        })?
    }

    pub(crate) fn dictionary(&self) -> Result<Dictionary<'_>, WrongMember> {
        Member::new(&self.value, self.place.clone()).dictionary()
    }

    fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some_and(|member| !member.is_null())
    }

    /// Whether everything is there that options of this kind need.
    fn is_whole(&self, wanted: OptionsKind) -> bool {
        self.has("challenge")
            && match wanted {
                OptionsKind::Registration => self.has("rp") && self.has("user"),
                OptionsKind::SignIn => self.kind() != Some(OptionsKind::Registration),
            }
    }

    /// What its members say; none when they fit both kinds.
    fn kind(&self) -> Option<OptionsKind> {
        let any = |names: &[&str]| names.iter().any(|name| self.has(name));
        match (
            any(&["rp", "user", "pubKeyCredParams", "excludeCredentials"]),
            any(&["rpId", "allowCredentials"]),
        ) {
            (true, false) => Some(OptionsKind::Registration),
            (false, true) => Some(OptionsKind::SignIn),
            (true, true) | (false, false) => None,
        }
    }

    /// How near it stands to where a browser's own function takes it.
    fn nearness(&self) -> u8 {
        match self.place.as_str() {
            "publicKey" => 0,
            "" => 1,
            _ => 2,
        }
    }

    /// Whether it asks for nothing that the other does not ask for in the same words.
    fn repeats(&self, other: &Self) -> bool {
        let differs =
            |name: &&str| self.has(name) && self.value.get(*name) != other.value.get(*name);
        !MEMBERS.iter().any(differs)
    }

    /// A challenge alone, around other options: an answer that names it once more.
    fn is_wrapper_of(&self, other: &Self) -> bool {
        let others = MEMBERS.iter().filter(|name| **name != "challenge");
        !others.into_iter().any(|name| self.has(name))
            && self.place != other.place
            && other.place.starts_with(&self.place)
    }
}

/// The members of options of either kind (WebAuthn Level 3 sections 5.4 and 5.5).
const MEMBERS: [&str; 13] = [
    "challenge",
    "rp",
    "user",
    "pubKeyCredParams",
    "timeout",
    "excludeCredentials",
    "authenticatorSelection",
    "hints",
    "attestation",
    "rpId",
    "allowCredentials",
    "userVerification",
    "extensions",
];

/// Where something stands, as a person is told.
fn shown(place: &str) -> String {
    if place.is_empty() {
        return "the top level".to_owned();
    }
    printable(place).chars().take(LONGEST_PLACE).collect()
}

/// None when there is nothing of the sort.
fn choose(mut all: Vec<Found>, wanted: OptionsKind) -> Option<Result<Found, OptionsError>> {
    all.sort_by_key(Found::nearness);
    let whole: Vec<&Found> = all.iter().filter(|found| found.is_whole(wanted)).collect();
    let mut asked = whole.iter().filter(|found| {
        let others = || whole.iter().filter(|other| other.place != found.place);
        !others().any(|other| found.is_wrapper_of(other))
    });
    if let Some(first) = asked.next() {
        let different: Vec<_> = asked
            .filter(|found| !found.repeats(first) || !first.repeats(found))
            .collect();
        if !different.is_empty() {
            let places = [first].into_iter().chain(different);
            let places = places.map(|found| shown(&found.place)).take(3).collect();
            return Some(Err(OptionsError::Several(places)));
        }
        let chosen = first.place.clone();
        return all
            .into_iter()
            .find(|found| found.is_whole(wanted) && found.place == chosen)
            .map(Ok);
    }
    let other = |found: &&Found| found.kind().is_some_and(|kind| kind != wanted);
    if let Some(found) = all
        .iter()
        .filter(|found| found.has("challenge"))
        .find(other)
    {
        let place = shown(&found.place);
        return Some(Err(OptionsError::OtherKind { wanted, place }));
    }
    all.into_iter().next().map(Ok)
}

/// What stands in a document.
#[derive(Default)]
struct Seen {
    all: Vec<Found>,
    /// A text that was to hold options and is no JSON, and where it stands.
    broken: Option<(String, serde_json::Error)>,
}

impl Seen {
    fn collect(&mut self, value: &Value, place: String, layers: usize) {
        let Some(layers) = layers.checked_sub(1) else {
            return;
        };
        if self.all.len() == MOST_FOUND {
            return;
        }
        match value {
            Value::Object(members) => {
                if is_known(members) {
                    let value = value.clone();
                    let place = place.clone();
                    self.all.push(Found { place, value });
                }
                for (name, member) in members {
                    if !matches!(member, Value::Null | Value::Bool(_) | Value::Number(_)) {
                        // A server chooses the names, and a long one would be copied for each member.
                        let name: String = name.chars().take(LONGEST_PLACE).collect();
                        self.collect(member, below(&place, &name), layers);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(item, format!("{place}[{index}]"), layers);
                }
            }
            Value::String(text) => self.collect_text(text, place, layers),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn collect_text(&mut self, text: &str, place: String, layers: usize) {
        let Some(text) = inner_json(text) else { return };
        match serde_json::from_str(text) {
            Ok(inner) => self.collect(&inner, place, layers),
            Err(error) if text.contains("challenge") && self.broken.is_none() => {
                self.broken = Some((place, error));
            }
            Err(_) => {}
        }
    }
}

/// Whether these are members of options, whole or not.
fn is_known(members: &Map<String, Value>) -> bool {
    let has = |name: &str| members.contains_key(name);
    ["challenge", "pubKeyCredParams", "rpId", "allowCredentials"]
        .into_iter()
        .any(has)
        || has("rp") && has("user")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(json: &str, wanted: OptionsKind) -> Result<String, String> {
        match Found::in_json(json, wanted) {
            Ok(found) => Ok(found.place),
            Err(error) => Err(error.to_string()),
        }
    }

    const REQUEST: &str = r#"{"challenge": "AAAA", "rpId": "example.com"}"#;
    const CREATION: &str = r#"{"challenge": "AAAA", "rp": {}, "user": {}, "pubKeyCredParams": []}"#;

    #[test]
    fn options_are_found_where_servers_put_them() {
        for (wrapped, place) in [
            (REQUEST.to_owned(), ""),
            (
                format!(r#"{{"publicKey": {REQUEST}, "mediation": "optional"}}"#),
                "publicKey",
            ),
            (format!(r#"{{"a": {{"b": [1, {REQUEST}]}}}}"#), "a.b[1]"),
            (
                format!(r#"{{"options": {}}}"#, serde_json::json!(REQUEST)),
                "options",
            ),
            (serde_json::json!(REQUEST).to_string(), ""),
            (
                serde_json::json!(serde_json::json!(REQUEST).to_string()).to_string(),
                "",
            ),
            (
                format!(r#"{{"create": {CREATION}, "get": {REQUEST}}}"#),
                "get",
            ),
            (
                format!(r#"{{"challenge": "AAAA", "publicKey": {REQUEST}}}"#),
                "publicKey",
            ),
            (format!("\u{feff}{REQUEST}"), ""),
        ] {
            assert_eq!(
                places(&wrapped, OptionsKind::SignIn).as_deref(),
                Ok(place),
                "{wrapped}"
            );
        }
    }

    #[test]
    fn options_of_the_other_kind_are_told_by_their_kind() {
        let told = |json: &str, wanted| places(json, wanted).unwrap_err();
        let creation = told(CREATION, OptionsKind::SignIn);
        assert!(
            creation
                .contains("got those of a registration (at the top level): use hybridd register"),
            "{creation}"
        );
        let wrapped = format!(r#"{{"data": {REQUEST}}}"#);
        let request = told(&wrapped, OptionsKind::Registration);
        assert!(
            request.contains("got those of a sign-in (at data): use hybridd sign-in"),
            "{request}"
        );
    }

    #[test]
    fn several_sets_of_options_are_refused_by_their_places() {
        let other = REQUEST.replace("AAAA", "BBBB");
        let told = places(&format!("[{REQUEST}, {other}]"), OptionsKind::SignIn).unwrap_err();
        assert!(told.ends_with("got several: at [0], at [1]"), "{told}");
    }

    #[test]
    fn options_that_differ_are_refused_and_the_same_twice_are_taken() {
        let other = REQUEST.replace("AAAA", "BBBB");
        for (json, told) in [
            (
                format!(r#"{{"publicKey": {REQUEST}, "options": {other}}}"#),
                Err("at publicKey, at options"),
            ),
            (
                format!(
                    r#"{{"challenge": "BBBB", "rpId": "example.com", "publicKey": {REQUEST}}}"#
                ),
                Err("at publicKey, at the top level"),
            ),
            (
                format!(
                    r#"{{"a": {}, "publicKey": {REQUEST}}}"#,
                    serde_json::json!(other)
                ),
                Err("at publicKey, at a"),
            ),
            (
                format!(r#"{{"publicKey": {REQUEST}, "options": {REQUEST}}}"#),
                Ok("publicKey"),
            ),
            (
                format!(r#"{{"challenge": "BBBB", "publicKey": {REQUEST}}}"#),
                Ok("publicKey"),
            ),
        ] {
            let found = places(&json, OptionsKind::SignIn);
            match told {
                Ok(place) => assert_eq!(found.as_deref(), Ok(place), "{json}"),
                Err(places) => assert!(found.unwrap_err().ends_with(places), "{json}"),
            }
        }
    }

    #[test]
    fn a_text_that_was_to_hold_options_is_told_to_be_no_json() {
        for (text, at) in [
            (REQUEST.replace('}', ",}"), "at line 1 column 45"),
            (REQUEST.replace('"', "&quot;"), "at line 1 column 2"),
            ("[\n{challenge}]".to_owned(), "at line 2 column 2"),
        ] {
            let json = serde_json::json!({ "publicKey": text }).to_string();
            let told = places(&json, OptionsKind::SignIn).unwrap_err();
            assert!(
                told.contains("the text at publicKey is not valid JSON"),
                "{told}"
            );
            assert!(told.contains(at), "{told}");
        }
        let marked =
            serde_json::json!({ "publicKey": format!(" \u{feff}{REQUEST}\n") }).to_string();
        assert_eq!(
            places(&marked, OptionsKind::SignIn).as_deref(),
            Ok("publicKey")
        );
        let aside = format!(r#"{{"note": "{{challenge", "publicKey": {REQUEST}}}"#);
        assert_eq!(
            places(&aside, OptionsKind::SignIn).as_deref(),
            Ok("publicKey")
        );
    }

    #[test]
    fn options_are_found_as_deep_as_json_is_read_and_else_the_depth_is_told() {
        let nested = |layers: usize| {
            let (before, after) = (r#"{"a": "#.repeat(layers), "}".repeat(layers));
            places(&format!("{before}{REQUEST}{after}"), OptionsKind::SignIn)
        };
        assert!(nested(100).is_ok());
        let told = nested(130).unwrap_err();
        assert!(told.contains("nested too deep"), "{told}");
    }

    #[test]
    fn json_without_options_is_told_what_is_expected_and_is_not_repeated() {
        let long = format!(r#"{{"{}": "{}"}}"#, "m".repeat(10_000), "v".repeat(10_000));
        for (json, got) in [
            ("[]", "a list"),
            ("{}", "an object"),
            ("\"x\"", "text"),
            ("7", "a number"),
            (long.as_str(), "an object"),
        ] {
            let told = places(json, OptionsKind::Registration).unwrap_err();
            assert!(
                told.contains("challenge, rp and user") && told.contains(got),
                "{told}"
            );
            assert!(told.len() < 300 && !told.contains('\n'), "{told}");
        }
    }

    #[test]
    fn options_that_are_not_whole_are_read_so_that_what_is_missing_is_named() {
        let found = places(
            r#"{"x": {"rp": {}, "user": {}, "pubKeyCredParams": []}}"#,
            OptionsKind::Registration,
        );
        assert_eq!(found.as_deref(), Ok("x"));
    }

    proptest! {
        #[test]
        fn however_deep_options_stand_nothing_panics(layers in 0_usize..200, in_text in any::<bool>()) {
            let mut json = REQUEST.to_owned();
            for _ in 0..layers.min(100) {
                json = format!(r#"{{"a": {json}}}"#);
            }
            if in_text {
                json = serde_json::json!(json).to_string();
            }
            let _ = places(&json, OptionsKind::SignIn);
        }
    }
}
