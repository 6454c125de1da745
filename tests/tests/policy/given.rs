//! The ways to give exports, responses and records, which change no answer.

use crate::stage::{USER, hybridd, sample, samples, world};
use std::collections::BTreeSet;
use std::fs;

const GPM: &str = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4";

#[tokio::test]
async fn any_file_can_come_from_standard_input_once() {
    let world = world();
    let methods = sample("methods.json").to_string();
    let base = [
        "policy",
        "check",
        "--groups",
        "11111111-1111-1111-1111-111111111111",
    ];
    let from_stdin = ["--policy", "-", "--response", "registration.json"];
    let told = hybridd(&world, &[&base[..], &from_stdin].concat(), &methods).await;
    assert_eq!(told.code, Some(0), "{told}");
    assert!(
        told.stdout.contains("standard input#/authentication"),
        "{}",
        told.stdout
    );
    let response = sample("registration.json").to_string();
    let from_stdin = ["--policy", "methods.json", "--response", "-"];
    let told = hybridd(&world, &[&base[..], &from_stdin].concat(), &response).await;
    assert_eq!(told.code, Some(0), "{told}");
    let twice = ["--policy", "-", "--response", "-"];
    let told = hybridd(&world, &[&base[..], &twice].concat(), &methods).await;
    assert_eq!(told.code, Some(2));
    assert!(told.stderr.contains("can be read once"), "{}", told.stderr);
}

#[tokio::test]
async fn the_order_of_files_and_a_folder_of_them_change_nothing() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    for name in ["methods.json", "access.json", "groups.json"] {
        fs::copy(samples().join(name), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "no export").unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (methods, access, groups) = (
        path("methods.json"),
        path("access.json"),
        path("groups.json"),
    );
    let whole = folder.path().to_str().unwrap();
    let mut answers = BTreeSet::new();
    for files in [
        vec![methods.as_str(), &access, &groups],
        vec![&groups, &methods, &access],
        vec![whole],
    ] {
        let mut args = vec![
            "policy",
            "check",
            "--user",
            USER,
            "--response",
            "registration.json",
        ];
        args.push("--policy");
        args.extend(files);
        let told = hybridd(&world, &args, "").await;
        assert_eq!(told.code, Some(0), "{told}");
        answers.insert(told.stdout);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn an_export_in_utf_16_or_with_a_mark_is_the_same_export() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let methods = sample("methods.json").to_string();
    let utf16 = std::iter::once(0xfeff).chain(methods.encode_utf16());
    let utf16: Vec<u8> = utf16.flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", methods.as_bytes()].concat();
    for bytes in [utf16, marked] {
        let path = folder.path().join("methods.json");
        fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap();
        let args = ["policy", "check", "--policy", path, "groups.json"];
        let response = ["--response", "registration.json"];
        let told = hybridd(&world, &[&args[..], &response].concat(), "").await;
        assert_eq!(told.code, Some(0), "{told}");
    }
}

#[tokio::test]
async fn exports_are_named_with_or_without_the_option() {
    let world = world();
    for verb in ["check", "lint", "profiles"] {
        let plain = hybridd(&world, &["policy", verb, "methods.json"], "").await;
        let named = hybridd(&world, &["policy", verb, "--policy", "methods.json"], "").await;
        assert_eq!(
            (plain.code, &plain.stdout),
            (named.code, &named.stdout),
            "{verb}"
        );
        assert_ne!(plain.code, Some(2), "{}", plain.stderr);
        let none = hybridd(&world, &["policy", verb], "").await;
        assert_eq!(none.code, Some(2));
        assert!(
            none.stderr.contains("<FILE|--policy <FILE>...>"),
            "{}",
            none.stderr
        );
    }
}

#[tokio::test]
async fn a_directorys_record_and_a_bare_model_are_judged_as_what_they_are() {
    let world = world();
    let base = ["policy", "check", "--policy", "methods.json", "groups.json"];
    let record = hybridd(
        &world,
        &[&base[..], &["--response", "record.json"]].concat(),
        "",
    )
    .await;
    assert_eq!(record.code, Some(0), "{record}");
    assert!(record.stdout.starts_with("Sign-in by"), "{}", record.stdout);
    let model = hybridd(
        &world,
        &[&base[..], &["--response", "-", "--type", "synced"]].concat(),
        GPM,
    )
    .await;
    assert_eq!(model.code, Some(0), "{model}");
    assert!(
        model.stdout.starts_with("Registration by"),
        "{}",
        model.stdout
    );
    assert!(
        model.stdout.contains("claimed, not attested"),
        "{}",
        model.stdout
    );
}
