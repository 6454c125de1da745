//! The module order in ARCHITECTURE.md is the one in the code: imports go downwards only.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The rank of each module of a crate: the lines of its fenced block, counted from the top.
fn ranks(name: &str) -> HashMap<String, usize> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let block = text
        .split(&format!("```layers {name}\n"))
        .nth(1)
        .unwrap_or("")
        .split("```")
        .next()
        .unwrap();
    block
        .lines()
        .enumerate()
        .flat_map(|(rank, line)| line.split_whitespace().map(move |module| (module.to_owned(), rank)))
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The top-level module that a file belongs to.
fn module(source: &Path, folder: &Path) -> String {
    let first = source.strip_prefix(folder).unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn imports(text: &str) -> Vec<String> {
    let shipped = text.split("#[cfg(test)]").next().unwrap();
    // Documents may point upwards.
    let shipped: String = shipped
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let mut found = Vec::new();
    for piece in shipped.split("crate::").skip(1) {
        let end = piece
            .find(|char: char| !char.is_alphanumeric() && char != '_')
            .unwrap_or(piece.len());
        found.push(piece[..end].to_owned());
    }
    found
}

fn check(name: &str, folder: &str) {
    let ranks = ranks(name);
    assert!(!ranks.is_empty(), "ARCHITECTURE.md has no block \"layers {name}\"");
    let folder = root().join(folder);
    let mut wrong = Vec::new();
    for source in sources(&folder) {
        let module = module(&source, &folder);
        if module == "lib" || module == "main" || source.ends_with("tests.rs") {
            continue;
        }
        let Some(rank) = ranks.get(&module) else {
            wrong.push(format!("{module} is not in ARCHITECTURE.md"));
            continue;
        };
        for import in imports(&fs::read_to_string(&source).unwrap()) {
            // Names re-exported at the top are not modules.
            if ranks.get(&import).is_some_and(|other| other < rank) {
                wrong.push(format!(
                    "{} imports {import}, which stands above {module}",
                    source.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for module in ranks.keys() {
        assert!(
            folder.join(format!("{module}.rs")).exists(),
            "{name} has no module {module}"
        );
    }
}

#[test]
fn the_protocols_imports_go_downwards() {
    check("protocol", "protocol/src");
}

#[test]
fn the_daemons_imports_go_downwards() {
    check("daemon", "daemon/src");
}

#[test]
fn the_crates_import_only_downwards() {
    let may = [
        ("protocol", vec![]),
        ("daemon", vec!["hybrid-protocol"]),
        ("tunnel-server", vec!["hybrid-protocol"]),
        ("phone-sim", vec!["hybrid-protocol"]),
    ];
    for (folder, allowed) in may {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let shipped = manifest.split("[dev-dependencies]").next().unwrap();
        for ours in [
            "hybrid-protocol",
            "hybridd",
            "hybrid-tunnel-server",
            "phone-sim",
            "hybrid-tests",
        ] {
            let imported = shipped
                .lines()
                .any(|line| line.starts_with(&format!("{ours}.")) || line.starts_with(&format!("{ours} ")));
            assert!(!imported || allowed.contains(&ours), "{folder} imports {ours}");
        }
    }
}
