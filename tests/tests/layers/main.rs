//! The module order in ARCHITECTURE.md is the one in the code: imports go downwards only, between
//! crates, modules and files, and no file needs itself by way of others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod graph;
mod imports;

use graph::{Graph, circles};
use hybrid_tests::cargo_metadata::cargo_metadata;
use imports::Imports;
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A crate of this workspace: its name and its folder.
fn crates() -> Vec<(String, PathBuf, Value)> {
    let mut metadata = cargo_metadata(&["--no-deps"]).unwrap();
    let packages = metadata["packages"].as_array_mut().unwrap();
    let known = packages.iter_mut().map(|package| {
        let name = package["name"].as_str().unwrap().to_owned();
        let folder = Path::new(package["manifest_path"].as_str().unwrap())
            .parent()
            .unwrap()
            .to_owned();
        (name, folder, package["dependencies"].take())
    });
    known.collect()
}

fn architecture() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap()
}

/// The rank of each word of a fenced block: its line, counted from the top.
fn ranks(name: &str) -> HashMap<String, usize> {
    let text = architecture();
    let block = text
        .split(&format!("```layers {name}\n"))
        .nth(1)
        .unwrap_or("");
    let lines = block.split("```").next().unwrap().lines().enumerate();
    lines
        .flat_map(|(rank, line)| {
            line.split_whitespace()
                .map(move |word| (word.to_owned(), rank))
        })
        .collect()
}

#[test]
fn no_file_needs_itself_by_way_of_others() {
    let mut found = Vec::new();
    let mut counted = 0;
    for (name, folder, _) in crates() {
        let arrows = Graph::read(&name, &folder.join("src")).arrows();
        counted += arrows.len();
        for circle in circles(&arrows) {
            let files: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            let inner: Vec<String> = circle
                .iter()
                .flat_map(|from| {
                    arrows[from]
                        .iter()
                        .filter(|to| circle.contains(*to))
                        .map(move |to| (from, to))
                })
                .map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::")))
                .collect();
            found.push(format!(
                "{name}: {} ({})",
                files.join(", "),
                inner.join("; ")
            ));
        }
    }
    assert!(counted > 200, "the files were read");
    assert!(found.is_empty(), "{} circles: {found:#?}", found.len());
}

#[test]
fn imports_go_downwards_within_every_crate() {
    let mut wrong = Vec::new();
    for (name, folder, _) in crates() {
        let ranks = ranks(&name);
        if ranks.is_empty() {
            wrong.push(format!("ARCHITECTURE.md has no block \"layers {name}\""));
            continue;
        }
        let arrows = Graph::read(&name, &folder.join("src")).arrows();
        for (from, targets) in &arrows {
            let Some(top) = from.first().filter(|top| *top != "main") else {
                continue;
            };
            let Some(rank) = ranks.get(top) else {
                wrong.push(format!("{name}: {top} is not in its block"));
                continue;
            };
            for target in targets {
                match target.first().and_then(|top| ranks.get(top)) {
                    Some(other) if other < rank => {
                        wrong.push(format!(
                            "{name}: {} imports {}, which stands above",
                            from.join("::"),
                            target.join("::")
                        ));
                    }
                    None if target.is_empty() => {
                        wrong.push(format!(
                            "{name}: {} imports from the crate's root",
                            from.join("::")
                        ));
                    }
                    Some(_) | None => {}
                }
            }
        }
        for module in ranks.keys() {
            if !arrows.keys().any(|file| file.first() == Some(module)) {
                wrong.push(format!("{name} has no module {module}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_crates_import_only_downwards() {
    let ranks = ranks("crates");
    let mut wrong = Vec::new();
    for (name, _, dependencies) in crates() {
        let Some(rank) = ranks.get(&name) else {
            wrong.push(format!("{name} is not in the block of crates"));
            continue;
        };
        for dependency in dependencies.as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap();
            let shipped = dependency["kind"].is_null();
            if shipped && ranks.get(other).is_some_and(|other| other <= rank) {
                wrong.push(format!(
                    "{name} imports {other}, which does not stand below it"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_that_the_map_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    sources(root, &mut files);
    let text = architecture();
    let named: Vec<&str> = text
        .split('`')
        .filter(|word| word.ends_with(".rs"))
        .collect();
    assert!(named.len() > 30, "the map was read");
    let missing = |name: &&&str| !files.iter().any(|file| file.ends_with(**name));
    let missing: Vec<_> = named.iter().filter(missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, files);
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
}

#[test]
fn a_path_is_followed_through_uses_macros_and_reexports() {
    let imports = Imports::read(
        "use crate::a::{B, c::D as E}; pub use self::f::G; use super::h; \
         fn i() { j!(super::k::L, m::n()); } #[cfg(test)] mod tests { use crate::o; }",
    );
    let has = |path: &str| {
        imports
            .paths
            .contains(&path.split("::").map(str::to_owned).collect::<Vec<_>>())
    };
    for path in [
        "crate::a::B",
        "crate::a::c::D",
        "super::h",
        "super::k::L",
        "m::n",
    ] {
        assert!(has(path), "{path} in {:?}", imports.paths);
    }
    assert!(!has("crate::o"), "what is for tests alone does not count");
    assert!(
        !has("self::f::G"),
        "what is only handed on is not used here"
    );
    assert_eq!(imports.names["E"], ["crate", "a", "c", "D"]);
}
