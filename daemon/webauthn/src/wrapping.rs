//! Where the options stand in what a server sent: alone, in the member `publicKey`, deeper in an
//! answer of its own making, or as JSON in a JSON text.

use crate::encoding::without_mark;
use crate::error::{MAX_JSON, OptionsError};
use crate::options_kind::OptionsKind;
use crate::webidl::{Dictionary, Member, WrongMember, below, kind};
use hybrid_protocol::printable;
use serde_json::{Map, Value};

/// Deeper than any server wraps its options.
const MOST_LAYERS: usize = 8;
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
        let document = serde_json::from_str(without_mark(json)).map_err(OptionsError::Json)?;
        let mut all = Vec::new();
        collect(&document, String::new(), MOST_LAYERS, &mut all);
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

    fn is_outermost(&self) -> bool {
        self.place.is_empty() || self.place == "publicKey"
    }

    fn shown_place(&self) -> String {
        if self.place.is_empty() {
            return "the top level".to_owned();
        }
        printable(&self.place).chars().take(LONGEST_PLACE).collect()
    }
}

/// None when there is nothing of the sort.
fn choose(mut all: Vec<Found>, wanted: OptionsKind) -> Option<Result<Found, OptionsError>> {
    // `publicKey` is what a browser's own function takes, and stands before what it is in.
    all.sort_by_key(|found| (found.place != "publicKey", !found.is_outermost()));
    let whole: Vec<usize> = (0..all.len())
        .filter(|index| all.get(*index).is_some_and(|found| found.is_whole(wanted)))
        .collect();
    let chosen = match *whole.as_slice() {
        [first, ..] if whole.len() == 1 || all.get(first)?.is_outermost() => first,
        [] => {
            let other = |found: &&Found| found.kind().is_some_and(|kind| kind != wanted);
            if let Some(found) = all
                .iter()
                .filter(|found| found.has("challenge"))
                .find(other)
            {
                let place = found.shown_place();
                return Some(Err(OptionsError::OtherKind { wanted, place }));
            }
            0
        }
        _ => {
            let places = whole.iter().filter_map(|index| all.get(*index));
            let places = places.map(Found::shown_place).take(3).collect();
            return Some(Err(OptionsError::Several(places)));
        }
    };
    (chosen < all.len()).then(|| Ok(all.swap_remove(chosen)))
}

fn collect(value: &Value, place: String, layers: usize, all: &mut Vec<Found>) {
    let Some(layers) = layers.checked_sub(1) else {
        return;
    };
    if all.len() == MOST_FOUND {
        return;
    }
    match value {
        Value::Object(members) => {
            if is_known(members) {
                let value = value.clone();
                let place = place.clone();
                all.push(Found { place, value });
            }
            for (name, member) in members {
                collect(member, below(&place, name), layers, all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{place}[{index}]"), layers, all);
            }
        }
        Value::String(text) if text.trim_start().starts_with(['{', '[', '"']) => {
            if let Ok(inner) = serde_json::from_str(text) {
                collect(&inner, place, layers, all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
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
        let told = places(&format!("[{REQUEST}, {REQUEST}]"), OptionsKind::SignIn).unwrap_err();
        assert!(told.ends_with("got several: at [0], at [1]"), "{told}");
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
