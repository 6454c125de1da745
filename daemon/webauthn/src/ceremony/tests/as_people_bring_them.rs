//! Options as servers and people write them, one file for each: taken as browsers take them, or
//! refused by the member's name and for the true reason.

use super::*;
use crate::encoding::decode_options;
use std::fs;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/options");

/// What becomes of a file: the line of a dry run, or the refusal.
fn read(name: &str, page: &str) -> Result<String, String> {
    let bytes = fs::read(format!("{FOLDER}/{name}.json")).unwrap();
    let text = decode_options(&bytes).map_err(|error| error.to_string())?;
    let origin = || Origin::parse(page).unwrap();
    let signs_in = !text.contains("\"rp\"") && !text.contains("\\\"rp\\\"");
    let parse = if signs_in {
        Ceremony::sign_in
    } else {
        Ceremony::register
    };
    match parse(origin(), &text) {
        Ok(ceremony) => Ok(ceremony.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

const TAKEN: &[&str] = &[
    "alg-float",
    "alg-huge",
    "alg-name",
    "alg-text",
    "alg-text-mixed",
    "allow-many",
    "attestation-empty",
    "bom",
    "bool-number",
    "bool-text",
    "cable",
    "crlf",
    "dup-keys",
    "emoji",
    "enterprise",
    "ext-appid-get",
    "ext-appidExclude",
    "ext-credProtect-number",
    "ext-credProtect-unknown",
    "ext-ext-array",
    "ext-largeBlob-odd",
    "ext-largeBlob-support-get",
    "ext-minPin",
    "ext-payment",
    "ext-prf-empty",
    "ext-rdco",
    "ext-unknown-pad",
    "ext-uvm-exts",
    "largeblob-unknown-get",
    "name-empty-display-set",
    "name-number",
    "null-transports",
    "nulls",
    "params-empty",
    "params-missing",
    "php-both-get",
    "php-ext-empty",
    "php-sel-empty",
    "prf-empty-list",
    "prf-list",
    "rpid-caps",
    "string-in-string",
    "tail-allow",
    "tail-challenge",
    "tail-userid",
    "timeout-0",
    "timeout-text",
    "user-64",
    "utf16",
    "uv-false",
    "wrap-data",
    "wrap-options",
    "wrap-publicKey",
    "wrap-yubico",
];

/// Each with words of its refusal.
const REFUSED: &[(&str, &[&str])] = &[
    ("allow-empty-id", &["allowCredentials[0].id", "none"]),
    ("allow-no-type", &["allowCredentials[0].type", "nothing"]),
    ("allow-unknown-type", &["allowCredentials", "public-key"]),
    ("buffer-object", &["challenge", "Node.js Buffer"]),
    ("challenge-empty", &["challenge", "at least one byte"]),
    ("comment", &["JSON", "line 1 column 1"]),
    (
        "exclude-assoc",
        &["excludeCredentials", "a list, got an object"],
    ),
    (
        "exclude-object",
        &["excludeCredentials", "a list, got an object"],
    ),
    (
        "ext-largeBlob-true",
        &["extensions.largeBlob", "an object, got true or false"],
    ),
    (
        "ext-prf-bytes",
        &["extensions.prf.eval.first", "base64url", "a list"],
    ),
    ("ext-prf-pad", &["extensions.prf.eval.first", "padding (=)"]),
    ("js-literal", &["JSON", "line 1"]),
    (
        "largeblob-write-pad",
        &["extensions.largeBlob.write", "padding (=)"],
    ),
    (
        "len-1-mod-4",
        &["allowCredentials[0].id", "one more than a multiple of 4"],
    ),
    ("nbsp", &["JSON", "line 1 column"]),
    (
        "null-in-list",
        &["excludeCredentials[1]", "an object, got null"],
    ),
    ("pad-challenge", &["challenge", "padding (=)"]),
    ("pad-userid", &["user.id", "padding (=)"]),
    (
        "php-sel-list",
        &["authenticatorSelection", "an object, got a list"],
    ),
    ("platform", &["platform"]),
    ("rp-empty", &["rp.id", "empty"]),
    ("rp-ip", &["rp.id", "192.168.4.20", "IP addresses"]),
    ("rpid-dot", &["example.com."]),
    ("rpid-empty", &["rpId", "empty"]),
    ("rpid-space", &["rpId"]),
    ("std-alphabet", &["challenge", "+ or /"]),
    ("trailing-comma", &["JSON", "line 1 column"]),
    ("two-docs", &["JSON", "line 2 column"]),
    ("user-0", &["user.id", "1 to 64 bytes, got 0"]),
    ("user-65", &["user.id", "1 to 64 bytes, got 65"]),
    ("user-handle-b64", &["user.id", "+ or /"]),
];

/// Of other pages than the rest.
const OF_OTHER_PAGES: &[(&str, &str)] = &[
    ("entra", "https://login.microsoft.com"),
    ("idn", "https://münchen.example"),
    ("related", "https://example.com"),
];

#[test]
fn options_that_browsers_take_are_taken() {
    for name in TAKEN {
        let line = read(name, "https://example.com");
        assert!(line.is_ok(), "{name}: {line:?}");
    }
    for (name, page) in OF_OTHER_PAGES {
        let line = read(name, page);
        assert!(line.is_ok(), "{name}: {line:?}");
    }
}

#[test]
fn options_that_nobody_takes_are_refused_by_name_and_reason() {
    for (name, words) in REFUSED {
        let why = read(name, "https://example.com").unwrap_err();
        for word in *words {
            assert!(why.contains(word), "{name}: no {word} in: {why}");
        }
        assert!(why.len() < 400 && why.lines().count() == 1, "{name}: {why}");
        for library in [
            "struct",
            "invalid type",
            "expected a string",
            "sequence",
            "serde",
            "i64",
        ] {
            assert!(!why.contains(library), "{name}: {why}");
        }
    }
}

#[test]
fn options_of_a_related_origin_are_refused_with_both_domains() {
    let why = read("related", "https://example.org").unwrap_err();
    for word in [
        "example.org",
        "example.com",
        "does not support related origins",
    ] {
        assert!(why.contains(word), "{word}: {why}");
    }
}

#[test]
fn every_file_is_looked_at() {
    let mut named: Vec<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    named.extend(REFUSED.iter().map(|(name, _)| (*name).to_owned()));
    named.extend(OF_OTHER_PAGES.iter().map(|(name, _)| (*name).to_owned()));
    named.sort();
    let files = fs::read_dir(FOLDER)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut there: Vec<String> = files
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    there.sort();
    assert_eq!(named, there);
}

#[test]
fn what_is_converted_has_the_value_that_browsers_give_it() {
    let algorithms = |name: &str| {
        let bytes = fs::read(format!("{FOLDER}/{name}.json")).unwrap();
        let ceremony = Ceremony::register(
            Origin::parse("https://example.com").unwrap(),
            &decode_options(&bytes).unwrap(),
        );
        let map = command_map(&ceremony.unwrap().command(&phone()).unwrap());
        let list = cbor::entry(&map, 4)
            .and_then(Cbor::as_array)
            .unwrap()
            .clone();
        list.iter()
            .map(|param| {
                cbor::text_entry(param.as_map().unwrap(), "alg")
                    .unwrap()
                    .clone()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(algorithms("alg-text"), [Cbor::from(-7)]);
    assert_eq!(algorithms("alg-float"), [Cbor::from(-7)]);
    assert_eq!(
        algorithms("alg-text-mixed"),
        [Cbor::from(-7), Cbor::from(-257)]
    );
    assert_eq!(algorithms("alg-name"), [Cbor::from(-7)]);
    let line = read("name-empty-display-set", "https://example.com").unwrap();
    assert!(line.contains("\"Zoë\""), "{line}");
}
