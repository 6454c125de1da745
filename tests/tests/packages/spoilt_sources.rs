//! Of which texts the notices consist, and when there are none: tried with a small workspace, whose
//! sources can be spoilt.

use crate::manifest::read;
use crate::notices::{Notices, build, build_with, cargo, words};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A workspace with a program of ours, and sources of others as cargo has them without a network.
struct Sources {
    folder: TempDir,
}

const LICENCE: &str = "Copyright (c) 2020 Somebody\n\nPermission is hereby granted.\n";

impl Sources {
    fn new(crates: &[&str]) -> Self {
        let sources = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let list = |names: &[&str]| -> String {
            let lines = names.iter().map(|name| format!("{name} = \"1\"\n"));
            lines.collect()
        };
        sources.write(
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"sources\"\n[net]\noffline = true\n",
        );
        let builds = [
            ("builder", "build-dependencies"),
            ("tester", "dev-dependencies"),
        ]
        .map(|(name, kind)| format!("[{kind}]\n{}", list(&[name])));
        sources.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"ours\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[dependencies]\n{}{}\
                 [target.'cfg(windows)'.dependencies]\n{}",
                list(crates),
                builds.concat(),
                list(&["elsewhere"]),
            ),
        );
        sources.write("src/main.rs", "fn main() {}\n");
        for name in crates.iter().chain(&["builder", "tester", "elsewhere"]) {
            let file = |path: &str| format!("sources/{name}/{path}");
            sources.write(
                &file("Cargo.toml"),
                &format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nlicense = \"MIT\"\n"),
            );
            sources.write(&file("src/lib.rs"), "");
            sources.write(&file(".cargo-checksum.json"), "{\"files\":{}}");
            sources.write(&file("LICENSE-MIT"), LICENCE);
        }
        cargo(sources.place(), &["generate-lockfile"]);
        sources
    }

    fn place(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.place().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.place().join(path)).unwrap();
    }

    fn notices(&self) -> Notices {
        Notices::new(self.place(), &[])
    }

    /// Why there are none.
    fn refused(&self) -> String {
        let ended = build(self.place(), &[]);
        assert!(!ended.status.success());
        assert!(ended.stdout.is_empty(), "nothing that is not whole");
        String::from_utf8(ended.stderr).unwrap()
    }
}

#[test]
fn a_crate_whose_text_is_lost_ends_the_build_and_is_named() {
    let sources = Sources::new(&["alpha", "beta", "gamma"]);
    sources.remove("sources/alpha/LICENSE-MIT");
    sources.remove("sources/gamma/LICENSE-MIT");
    // Who wrote it, and code, license nothing; neither does what an empty file says, or one of a part.
    sources.write("sources/alpha/AUTHORS", "Somebody\n");
    sources.write("sources/alpha/license.rs", "// code\n");
    sources.write("sources/gamma/LICENSE", "\n");
    sources.write("sources/gamma/part/LICENSE", LICENCE);
    let said = sources.refused();
    for name in ["alpha", "gamma"] {
        let line = format!("build-notices: {name} 1.2.3 has no text of a licence in its source");
        assert!(said.contains(&line), "{said}");
    }
    assert!(!said.contains("beta"), "{said}");
}

#[test]
fn a_crate_that_is_not_there_ends_the_build_and_cargo_says_which() {
    let sources = Sources::new(&["alpha"]);
    fs::remove_dir_all(sources.place().join("sources/alpha")).unwrap();
    let said = sources.refused();
    assert!(said.contains("alpha"), "{said}");
    let (_, last) = said.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with("build-notices: `cargo "), "{said}");
    assert!(!said.contains("Traceback"), "{said}");
}

#[test]
fn a_crate_that_is_known_to_have_no_text_is_told_and_gets_the_one_that_it_names() {
    let sources = Sources::new(&["fluent-langneg"]);
    let said = sources.refused();
    assert!(said.contains("is said to have none"), "{said}");
    sources.remove("sources/fluent-langneg/LICENSE-MIT");
    let notices = sources.notices();
    assert!(
        notices
            .text
            .contains("Its source has no text of a licence.")
    );
    let texts = notices.crates.values().next().unwrap();
    let given = &texts["Apache License, Version 2.0"];
    assert_eq!(
        words(given.as_bytes()),
        words(read("LICENSE-APACHE").as_bytes())
    );
}

#[test]
fn what_only_builds_or_tests_or_is_for_another_system_is_not_named() {
    assert_eq!(
        Sources::new(&["alpha", "beta"]).notices().names(),
        ["alpha", "beta"]
    );
}

#[test]
fn texts_that_are_the_same_are_there_once_and_others_each() {
    let sources = Sources::new(&["alpha", "beta", "gamma"]);
    sources.write("sources/beta/LICENSE-MIT", &LICENCE.replace('\n', "\r\n"));
    sources.write(
        "sources/gamma/LICENSE-MIT",
        &LICENCE.replace("2020", "2021"),
    );
    sources.write("sources/gamma/NOTICE", "Gamma contains delta.\n");
    sources.write("sources/gamma/LICENSES/ISC.txt", "As is.\n");
    let notices = sources.notices();
    assert_eq!(notices.text.matches("(c) 2020 Somebody").count(), 1);
    assert_eq!(notices.text.matches("(c) 2021 Somebody").count(), 1);
    let texts: Vec<_> = notices.crates.values().collect();
    assert_eq!(texts[0], texts[1]);
    let paths: Vec<&String> = texts[2].keys().collect();
    assert_eq!(paths, ["LICENSE-MIT", "LICENSES/ISC.txt", "NOTICE"]);
}

#[test]
fn the_language_and_characters_of_who_builds_change_nothing() {
    let sources = Sources::new(&["alpha"]);
    let manifest = "[package]\nname = \"alpha\"\nversion = \"1.2.3\"\nlicense = \"MIT\"\n\
                    authors = [\"Zażółć Gęślą\"]\n";
    sources.write("sources/alpha/Cargo.toml", manifest);
    let licence = LICENCE.replace("Somebody", "Gęślą");
    sources.write("sources/alpha/LICENSE-MIT", &licence);
    let usual = sources.notices().text;
    assert!(usual.contains("Zażółć") && usual.contains("(c) 2020 Gęślą"));
    // What python3 makes of a locale without UTF-8, which need not be installed here.
    let plain = [
        ("LC_ALL", "POSIX"),
        ("PYTHONCOERCECLOCALE", "0"),
        ("PYTHONUTF8", "0"),
    ];
    let western = [("PYTHONIOENCODING", "latin-1")];
    for variables in [&plain[..], &western] {
        let ended = build_with(sources.place(), &[], variables);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{variables:?}: {said}");
        assert!(ended.stdout == usual.as_bytes(), "{variables:?}");
    }
}
