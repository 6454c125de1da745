//! What was kept of fuzzing: every input goes through its parser once more, and every parser that
//! is said not to panic has a program for libFuzzer and inputs to begin with.

#![allow(clippy::unwrap_used, reason = "tests")]

use hybrid_malformed::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.map(|file| stem(file.unwrap().path())).collect()
}

#[test]
fn every_input_that_was_kept_holds() {
    let mut wrong = Vec::new();
    for target in TARGETS {
        for file in fs::read_dir(fuzz().join("corpus").join(target.name)).unwrap() {
            let path = file.unwrap().path();
            let input = fs::read(&path).unwrap();
            if catch_unwind(|| (target.run)(&input)).is_err() {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_target_has_a_program_for_libfuzzer_and_inputs_to_begin_with() {
    let targets: BTreeSet<String> = { TARGETS.iter() }
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(targets.len(), TARGETS.len());
    assert_eq!(names_in(&fuzz().join("fuzz_targets")), targets);
    assert_eq!(names_in(&fuzz().join("corpus")), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &targets {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(
            !names_in(&fuzz().join("corpus").join(name)).is_empty(),
            "{name}"
        );
    }
}

#[test]
fn every_file_that_a_target_is_about_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in TARGETS.iter().flat_map(|target| target.files) {
        assert!(root.join(file).exists(), "{file}");
    }
}
