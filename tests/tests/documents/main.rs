//! The documents lead to what is there: every link to a file and a heading, every command to a
//! program, a sub-command and options that it knows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod command_line;
mod document;
mod known;

use command_line::commands;
use document::{Document, root};
use known::{Known, OURS};
use std::fs;

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

/// The names of the checks that the rounds in virtual machines make; `{name}` in them is anything.
fn checks() -> Vec<String> {
    let mut found = Vec::new();
    for round in fs::read_dir(root().join("tests/vm")).unwrap() {
        let round = round.unwrap().path();
        for file in fs::read_dir(round).into_iter().flatten() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap_or_default();
            found.extend(text.lines().filter_map(|line| {
                let name = line.trim_start().strip_prefix("@check(")?;
                let name = name.trim_start_matches('f').strip_prefix('"')?;
                name.strip_suffix("\")").map(str::to_owned)
            }));
        }
    }
    found
}

#[test]
fn every_check_that_the_page_of_programs_quotes_is_made_by_a_round() {
    let checks = checks();
    let page = fs::read_to_string(root().join("docs/works-with.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let quoted: Vec<&str> = rows
        .flat_map(|row| row.split('"').skip(1).step_by(2))
        .collect();
    assert!(quoted.len() > 10, "{quoted:?}");
    for quote in quoted {
        let made = checks.iter().any(|check| match check.split_once("{name}") {
            Some((start, end)) => quote.starts_with(start) && quote.ends_with(end),
            None => check == quote,
        });
        assert!(made, "no round checks: {quote}");
    }
}
