//! `hybridd policy diff` with exports that are parts.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/samples/policy");

fn diff(old: &Path, new: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hybridd"))
        .args(["policy", "diff"])
        .args([old, new])
        .args(more)
        .output()
        .unwrap()
}

/// The sample's Conditional Access policies, and the same as the first page of several.
fn whole_and_page(folder: &Path) {
    let whole = fs::read_to_string(format!("{SAMPLES}/access.json")).unwrap();
    let mut page: Value = serde_json::from_str(&whole).unwrap();
    let members = page.as_object_mut().unwrap();
    let next = json!("https://graph.microsoft.com/v1.0/x");
    members.insert("@odata.nextLink".to_owned(), next);
    fs::write(folder.join("whole.json"), whole).unwrap();
    fs::write(folder.join("page.json"), page.to_string()).unwrap();
}

#[test]
fn a_page_of_several_is_not_called_the_same_policy() {
    let folder = tempfile::tempdir().unwrap();
    whole_and_page(folder.path());
    let at = |name: &str| folder.path().join(name);
    let same = diff(&at("whole.json"), &at("whole.json"), &[]);
    assert_eq!(same.status.code(), Some(0));
    for (old, new, side) in [
        ("page.json", "whole.json", "in OLD"),
        ("whole.json", "page.json", "in NEW"),
    ] {
        let output = diff(&at(old), &at(new), &[]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(
            said.starts_with("No difference was found in what could be compared."),
            "{said}"
        );
        assert!(
            said.contains(side) && said.contains("is only a part"),
            "{said}"
        );
    }
    let output = diff(&at("page.json"), &at("whole.json"), &["--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["parts"].as_array().unwrap().len(), 1, "{told}");
}

#[test]
fn a_difference_beside_a_part_is_a_difference_and_the_part_is_told() {
    let folder = tempfile::tempdir().unwrap();
    whole_and_page(folder.path());
    let empty = format!("{SAMPLES}/access-empty.json");
    let output = diff(&folder.path().join("page.json"), Path::new(&empty), &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("is only a part"), "{said}");
}
