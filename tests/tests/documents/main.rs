//! The documents lead to what is there: every link to a file and a heading, every command to a
//! program, a sub-command and options that it knows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod command_line;
mod document;
mod known;

use command_line::commands;
use document::Document;
use known::{Known, OURS};

#[test]
fn every_link_of_a_document_leads_to_a_file_and_a_heading_that_exist() {
    let mut broken = Vec::new();
    let documents = Document::all();
    assert!(documents.len() > 10, "the documents are found");
    for document in &documents {
        for link in document.links() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                document.path.clone()
            } else {
                document.path.parent().unwrap().join(file)
            };
            let leads = target.exists()
                && (anchor.is_empty()
                    || Document::read(&target)
                        .anchors()
                        .iter()
                        .any(|known| known == anchor));
            if !leads {
                broken.push(format!("{}: {link}", document.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn every_command_of_a_document_is_one_that_its_program_knows() {
    let known = Known::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for document in Document::all() {
        // It tells of the past, too.
        if document.path.ends_with("CHANGELOG.md") {
            continue;
        }
        // What stands in a block for a shell is typed; elsewhere only what begins like a command
        // of ours is one.
        let typed = document.shell().into_iter().map(|line| (line, true));
        let others = document.indented().into_iter().chain(document.inline());
        for (line, is_typed) in typed.chain(others.map(|line| (line, false))) {
            for command in commands(&line) {
                let first = command.first().map_or("", String::as_str);
                let is_ours = OURS.contains(&first) || first.starts_with("tests/");
                if !is_typed && !is_ours && first != "cargo" {
                    continue;
                }
                count += 1;
                if let Err(why) = known.check(&command) {
                    wrong.push(format!("{}: {line}: {why}", document.path.display()));
                }
            }
        }
    }
    assert!(count > 60, "the commands are found");
    assert!(wrong.is_empty(), "wrong commands:\n{}", wrong.join("\n"));
}
