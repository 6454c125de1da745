//! docs/messages.md lists every text of other programs that can be looked up, and nothing else.

use hybrid_diagnosis::catalogue::SOURCES;
use std::fmt::Write as _;
use std::fs;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/messages.md");

#[test]
fn the_list_of_messages_is_that_of_the_catalogue() {
    let expected = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PATH, &expected).unwrap();
    }
    let found = fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        found == expected,
        "docs/messages.md is out of date; regenerate it with: UPDATE_DOCS=1 cargo test -p hybrid-diagnosis --test messages"
    );
}

fn document() -> String {
    let mut text = String::from(
        "# Messages of other programs\n\nThis page lists the texts that browsers, systems, phones and sites show in a cross-device sign-in, with the [codes](codes.md) of their possible\n\
         causes, the most likely first. `hybridd explain \"TEXT\"` looks them up: in English, case-insensitive, in whole or in part. For a text that is not\n\
         listed, it names the subject of the text. Look up a CTAP status as `0x2e`. A test keeps this list in step with the program.\n",
    );
    for source in &SOURCES {
        let name = source.name;
        let _ = write!(
            text,
            "\n## {}\n\n| text | codes |\n| --- | --- |\n",
            capital(name)
        );
        for message in source.messages {
            let codes: Vec<&str> = message.causes.iter().map(|entry| entry.code).collect();
            let _ = writeln!(text, "| {} | {} |", message.shown, codes.join(", "));
        }
    }
    text
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}
