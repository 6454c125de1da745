//! What the manifests declare is used: a dependency that no line names is one that readers,
//! builders and attackers carry for nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use hybrid_tests::cargo_metadata::cargo_metadata;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Dependencies that no line of ours names, each with why it is there all the same.
const UNNAMED: &[(&str, &str, &str)] = &[(
    "hybrid-tests",
    "dbus",
    "btleplug's way to the bus, declared to have libdbus built from source",
)];

/// The code below a folder, without whole-line comments; nested packages are packages of their own.
fn code(folder: &Path, text: &mut String) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.join("Cargo.toml").exists() {
                code(&path, text);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = fs::read_to_string(&path).unwrap();
            for line in lines
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
            {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
}

/// Whether a path begins with this crate, or it is imported by its name.
fn names(text: &str, crate_name: &str) -> bool {
    text.match_indices(crate_name).any(|(at, _)| {
        let before = &text[..at];
        let before = before
            .strip_suffix(" ::")
            .map_or(before, |_| " ")
            .chars()
            .next_back();
        let after = &text[at + crate_name.len()..];
        let begins = !before.is_some_and(|char| char.is_alphanumeric() || "_:.\"".contains(char));
        begins && ["::", ";", " as "].iter().any(|end| after.starts_with(end))
    })
}

#[test]
fn every_declared_dependency_is_used() {
    let metadata = cargo_metadata(&["--no-deps"]).unwrap();
    let mut unused = Vec::new();
    let mut counted = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let folder = Path::new(package["manifest_path"].as_str().unwrap())
            .parent()
            .unwrap();
        let mut shipped = String::new();
        code(&folder.join("src"), &mut shipped);
        let mut all = shipped.clone();
        for other in ["tests", "benches", "examples"] {
            code(&folder.join(other), &mut all);
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            counted += 1;
            let wanted = dependency["rename"]
                .as_str()
                .or(dependency["name"].as_str())
                .unwrap();
            let text = if dependency["kind"].is_null() {
                &shipped
            } else {
                &all
            };
            let excused = UNNAMED
                .iter()
                .any(|(package, dependency, _)| (*package, *dependency) == (name, wanted));
            if !names(text, &wanted.replace('-', "_")) && !excused {
                unused.push(format!("{name} declares {wanted} and does not use it"));
            }
        }
    }
    assert!(counted > 50, "the manifests were read");
    assert!(unused.is_empty(), "{unused:#?}");
}

/// The whole graph, as it is built on Linux.
fn resolved() -> Value {
    cargo_metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]).unwrap()
}

/// A package and all that is linked into it or run to build it, by their ids.
fn shipped<'a>(resolved: &'a Value, member: &'a Value) -> Vec<&'a Value> {
    let nodes = resolved["resolve"]["nodes"].as_array().unwrap();
    let mut seen = vec![member];
    let mut at = 0;
    while let Some(id) = seen.get(at).copied() {
        at += 1;
        let node = nodes.iter().find(|node| node["id"] == *id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            let shipped = kinds.iter().any(|kind| kind["kind"] != "dev");
            if shipped && !seen.contains(&&dependency["pkg"]) {
                seen.push(&dependency["pkg"]);
            }
        }
    }
    seen
}

fn package<'a>(resolved: &'a Value, id: &Value) -> &'a Value {
    let packages = resolved["packages"].as_array().unwrap();
    packages
        .iter()
        .find(|package| package["id"] == *id)
        .unwrap()
}

/// The names of what is shipped with a member, by its name.
fn shipped_with(member: &str) -> Vec<String> {
    let resolved = resolved();
    let members = resolved["workspace_members"].as_array().unwrap();
    let named = |id: &Value| package(&resolved, id)["name"].as_str().unwrap().to_owned();
    let member = members.iter().find(|id| named(id) == member).unwrap();
    shipped(&resolved, member).into_iter().map(named).collect()
}

/// A package builds with the Rust that it names, as far as its dependencies tell.
#[test]
fn every_package_names_a_rust_that_its_dependencies_build_with() {
    let resolved = resolved();
    let rust = |id: &Value| {
        let text = package(&resolved, id)["rust_version"]
            .as_str()
            .unwrap_or("0");
        let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap());
        (parts.next().unwrap(), parts.next().unwrap_or_default())
    };
    let mut wrong = Vec::new();
    for member in resolved["workspace_members"].as_array().unwrap() {
        for dependency in shipped(&resolved, member) {
            if rust(dependency) > rust(member) {
                wrong.push(format!(
                    "{member} names {:?}; {dependency} needs {:?}",
                    rust(member),
                    rust(dependency)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The key's service holds a device that can be a keyboard. It speaks to the kernel and to the
/// system bus, and has no way to speak to anybody else.
#[test]
fn the_keys_service_links_no_tls_no_websocket_no_resolver_and_no_json() {
    let mut linked = shipped_with("hybrid-key-service");
    linked.sort();
    println!("{} packages: {}", linked.len(), linked.join(" "));
    for part in [
        "rustls",
        "ring",
        "openssl",
        "tls",
        "tungstenite",
        "http",
        "dns",
        "url",
        "json",
        "hybrid-dial",
        "hybrid-radio",
        "hybridd",
    ] {
        let found: Vec<_> = linked.iter().filter(|name| name.contains(part)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
    assert!(
        linked.iter().any(|name| name == "zbus"),
        "the graph was read"
    );
}

/// What a newcomer waits for before the first command does anything. Two crates come back easily:
/// `cargo update` undoes the choice of idna's smaller tables, and a filter for spans needs regular
/// expressions.
#[test]
fn what_a_newcomer_builds_has_no_icu4x_and_no_filter_of_regular_expressions() {
    let built = shipped_with("hybrid-tests");
    println!("{} packages", built.len());
    for (part, remedy) in [
        (
            "icu_provider",
            "cargo update -p idna_adapter --precise 1.1.0",
        ),
        ("matchers", "leave tracing-subscriber's env-filter off"),
    ] {
        assert!(!built.iter().any(|name| name == part), "{part}: {remedy}");
    }
    assert!(
        built.iter().any(|name| name == "idna"),
        "the graph was read"
    );
}
