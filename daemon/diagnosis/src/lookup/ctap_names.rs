//! The names of CTAP's statuses, as the specification, Chromium and the libraries for security keys
//! write them.

use crate::catalogue::{self, Entry};
use crate::explain;
use hybrid_protocol::ctap::CtapStatus;

/// Names of other versions of the specification.
const OTHER_NAMES: [(&str, u8); 9] = [
    ("CTAP2_ERR_CBOR_PARSING", 0x10),
    ("CTAP2_ERR_UNSUPPORTED_EXTENSION", 0x16),
    ("CTAP2_ERR_INVALID_CREDENTIAL_TYPE", 0x22),
    ("CTAP2_ERR_NO_OPERATION_PENDING", 0x2a),
    ("CTAP2_ERR_PIN_REQUIRED", 0x36),
    ("CTAP2_ERR_PIN_TOKEN_EXPIRED", 0x38),
    ("CTAP2_ERR_SPEC_LAST", 0xdf),
    ("CTAP2_ERR_EXTENSION_FIRST", 0xe0),
    ("CTAP2_ERR_VENDOR_FIRST", 0xf0),
];
/// What stands before a name, in lower case and without underscores.
const PREFIXES: [&str; 9] = [
    "kctap1err",
    "kctap2err",
    "ctap1err",
    "ctap2err",
    "ctaperr",
    "ctapstatus",
    "fidoerr",
    "ctap2",
    "err",
];

/// Every name that is known, and its cause.
pub fn ctap_names() -> impl Iterator<Item = (&'static str, &'static Entry)> {
    names().filter_map(|(name, status)| Some((name, cause(status)?)))
}

fn names() -> impl Iterator<Item = (&'static str, u8)> {
    let specified = (1..=u8::MAX).map(|byte| (CtapStatus(byte).name(), byte));
    specified
        .filter(|(name, _)| name.starts_with("CTAP"))
        .chain(OTHER_NAMES)
}

fn cause(status: u8) -> Option<&'static Entry> {
    catalogue::find(explain::status(status).code)
}

/// The first name that stands in a text.
pub(super) fn find(text: &str) -> Option<(&'static str, &'static Entry)> {
    let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
    let (name, status) = words.filter(|word| is_name(word)).find_map(of_word)?;
    Some((name, cause(status)?))
}

/// A single word could be of anything.
fn is_name(word: &str) -> bool {
    let capitals = word
        .chars()
        .skip(1)
        .filter(char::is_ascii_uppercase)
        .count();
    let camel = capitals > 0 && word.chars().any(|char| char.is_ascii_lowercase());
    // A page's own error of nearly that name is much more frequent.
    let page = word == "NotAllowed";
    (camel || word.contains('_')) && !page
}

fn of_word(word: &str) -> Option<(&'static str, u8)> {
    let word = without_underscores(word);
    let prefix = PREFIXES.iter().find(|prefix| word.starts_with(**prefix));
    let bare = prefix.and_then(|prefix| word.strip_prefix(prefix));
    names().find(|(name, _)| {
        let specified = without_underscores(name);
        let specified = specified
            .strip_prefix("ctap1err")
            .or_else(|| specified.strip_prefix("ctap2err"));
        specified == Some(word.as_str()) || bare.is_some() && specified == bare
    })
}

fn without_underscores(word: &str) -> String {
    let chars = word.chars().filter(|char| *char != '_');
    chars.map(|char| char.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_with_its_prefix_and_without() {
        for (name, entry) in ctap_names() {
            assert_eq!(find(name).map(|(_, entry)| entry), Some(entry), "{name}");
            let (_, bare) = name.split_once("_ERR_").unwrap();
            let camel: String = bare
                .split('_')
                .map(|word| format!("{}{}", &word[..1], word[1..].to_lowercase()))
                .collect();
            let shown = format!("failed: (kCtap2Err{camel})");
            assert_eq!(find(&shown).map(|(_, entry)| entry), Some(entry), "{shown}");
            if bare.contains('_') {
                for shown in [
                    bare.to_owned(),
                    format!("FIDO_ERR_{bare}."),
                    bare.to_lowercase(),
                ] {
                    assert_eq!(find(&shown).map(|(_, entry)| entry), Some(entry), "{shown}");
                }
            }
        }
    }

    #[test]
    fn a_word_of_every_day_is_no_name() {
        for text in [
            "other",
            "a timeout",
            "processing",
            "NotAllowed",
            "NotAllowedError",
            "ERR_FAILED",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
