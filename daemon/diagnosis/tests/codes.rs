//! docs/codes.md lists every cause of the catalogue, and nothing else.

use hybrid_diagnosis::catalogue::{self, Entry};
use std::fmt::Write as _;
use std::fs;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/codes.md");

const GROUPS: [(&str, &str); 9] = [
    ("BT", "This computer's Bluetooth"),
    ("AD", "Adverts that were received, or not"),
    ("PH", "The phone (this computer can only infer it)"),
    ("NW", "The network path from this computer to the relay"),
    ("HS", "Handshake and channel"),
    ("CT", "The phone's answers (hexadecimal CTAP status)"),
    ("RP", "The site"),
    ("US", "The person, and hybridd itself"),
    ("UH", "The phone as a security key"),
];

#[test]
fn the_list_of_codes_is_that_of_the_catalogue() {
    let expected = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PATH, &expected).unwrap();
    }
    let found = fs::read_to_string(PATH).unwrap();
    assert!(
        found == expected,
        "docs/codes.md is out of date; regenerate it with: UPDATE_DOCS=1 cargo test -p hybrid-diagnosis --test codes"
    );
}

fn document() -> String {
    let mut text = String::from(
        "# Codes\n\nEvery cause that hybridd's diagnosis knows. The codes are stable; `hybridd explain CODE` prints the same text. A finding states its \
         certainty:\ncertain (what was seen has no other cause), likely, or possible (one cause among several). A test keeps this list in step \
         with the program.\n",
    );
    let mut listed = 0;
    for (prefix, title) in GROUPS {
        let _ = write!(
            text,
            "\n## {prefix}: {title}\n\n| code | cause | what it means | what to do |\n| --- | --- | --- | --- |\n"
        );
        for entry in catalogue::all().filter(|entry| entry.code.starts_with(prefix)) {
            text.push_str(&row(entry));
            listed += 1;
        }
    }
    assert_eq!(
        listed,
        catalogue::all().count(),
        "a code belongs to no group"
    );
    text
}

fn row(entry: &Entry) -> String {
    let Entry {
        code,
        name,
        means,
        todo,
        lookup,
        ..
    } = entry;
    let lookup = lookup.map_or_else(String::new, |why| {
        format!(" *hybridd never reports this: {why}.*")
    });
    format!("| {code} | {name} | {means} | {todo}{lookup} |\n")
}
