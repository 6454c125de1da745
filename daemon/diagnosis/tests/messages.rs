//! docs/messages.md lists every text of other programs that can be looked up, and nothing else.

use hybrid_diagnosis::catalogue::{Entry, SOURCES};
use hybrid_diagnosis::lookup::{ctap_names, net_error_names};
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
         causes, the most likely first. `hybridd explain TEXT` looks them up: in English, in whole or in part, whatever the case and the punctuation; a whole\n\
         text also without its spaces, or with others. For a text that is not listed, it names the subject of the text. A code of hybridd in the text wins. A\n\
         CTAP status is found as `0x2e` or by its name, with or without its prefix (`CTAP2_ERR_NO_CREDENTIALS`, `kCtap2ErrNoCredentials`,\n\
         `NO_CREDENTIALS`), and a number of Windows also in decimal (`-2147023673`). A test keeps this list in step with the program.\n",
    );
    let row = |text: &mut String, shown: &str, causes: &[&Entry]| {
        let codes: Vec<&str> = causes.iter().map(|entry| entry.code).collect();
        let _ = writeln!(text, "| {shown} | {} |", codes.join(", "));
    };
    for source in &SOURCES {
        text.push_str(&heading(&capital(source.name), "text", source.ask_first));
        for message in source.messages {
            row(&mut text, message.shown, message.causes);
        }
    }
    text.push_str(&heading("Names of CTAP", "name", None));
    for (name, entry) in ctap_names() {
        row(&mut text, name, &[entry]);
    }
    text.push_str(&heading("Errors of Chromium's network", "name", None));
    for (name, causes) in net_error_names() {
        row(&mut text, name, &causes);
    }
    text
}

fn heading(title: &str, column: &str, ask_first: Option<&str>) -> String {
    let ask_first = ask_first.map(|ask| {
        format!(
            "{}\n\n",
            ask.replacen("hybridd key status", "`hybridd key status`", 1)
        )
    });
    let ask_first = ask_first.unwrap_or_default();
    format!("\n## {title}\n\n{ask_first}| {column} | codes |\n| --- | --- |\n")
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}
