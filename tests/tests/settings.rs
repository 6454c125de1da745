//! Settings, as the real program keeps to them: no line is opened ahead, nothing is kept, and what
//! was written by a newer version stays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "scenarios")]

use hybrid_tests::namespace::{inside, is_inside, rerun_in};
use hybrid_tests::programs::{self, Ended, World};
use serde_json::Value;
use std::fs;
use std::io;
use std::net::TcpListener;

const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

fn own_settings(world: &World, text: &str) {
    let folder = world.path(".config/hybridd");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
}

async fn sign_in(world: &World, more: &[&str]) -> Ended {
    world.unanswered_sign_in(more).await.unwrap()
}

fn connections(listener: &TcpListener) -> usize {
    let mut count = 0;
    loop {
        match listener.accept() {
            Ok(_) => count += 1,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                return count;
            }
        }
    }
}

#[tokio::test]
async fn without_preconnect_no_relay_hears_of_a_sign_in_that_no_phone_has_answered() {
    if !inside(
        "without_preconnect_no_relay_hears_of_a_sign_in_that_no_phone_has_answered",
        &NAMES,
    ) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:443").unwrap();
    listener.set_nonblocking(true).unwrap();
    let world = World::without_bus(&NAMES).unwrap();
    sign_in(&world, &[]).await;
    assert!(
        connections(&listener) >= NAMES.len(),
        "one to each, by default"
    );
    sign_in(&world, &["--preconnect", "false"]).await;
    assert_eq!(connections(&listener), 0);
    own_settings(&world, "preconnect = false\n");
    sign_in(&world, &[]).await;
    assert_eq!(connections(&listener), 0);
    sign_in(&world, &["--preconnect", "true"]).await;
    assert!(connections(&listener) >= NAMES.len());
}

#[tokio::test]
async fn what_is_kept_of_a_sign_in_has_a_version_and_what_is_not_ours_is_left_as_it_is() {
    if !inside(
        "what_is_kept_of_a_sign_in_has_a_version_and_what_is_not_ours_is_left_as_it_is",
        &NAMES,
    ) {
        return;
    }
    let world = World::without_bus(&NAMES).unwrap();
    let kept = world.path(".local/state/hybridd/last-timeline.jsonl");
    sign_in(&world, &["--keep-timeline", "false"]).await;
    assert!(!kept.exists());
    let ended = sign_in(&world, &[]).await;
    assert!(!ended.stderr.contains("last-timeline"), "{}", ended.stderr);
    let first =
        |text: &str| -> Value { serde_json::from_str(text.lines().next().unwrap()).unwrap() };
    let written = fs::read_to_string(&kept).unwrap();
    assert_eq!(first(&written)["version"], 1);
    assert!(written.lines().count() > 2, "{written}");
    // One of before there were versions is replaced.
    fs::write(&kept, "{\"ev\":\"stage\",\"stage\":\"advert\",\"ms\":0}\n").unwrap();
    sign_in(&world, &[]).await;
    assert_eq!(first(&fs::read_to_string(&kept).unwrap())["version"], 1);
    for (content, told) in [
        (
            "{\"ev\":\"timeline\",\"version\":2}\n{}\n",
            "a newer version of hybridd wrote it (timeline version 2",
        ),
        (
            "{\"ev\":\"time!",
            "not a timeline that this version of hybridd understands",
        ),
    ] {
        fs::write(&kept, content).unwrap();
        let ended = sign_in(&world, &[]).await;
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert_eq!(fs::read_to_string(&kept).unwrap(), content);
    }
}

#[tokio::test]
async fn the_doctor_says_what_is_set_by_whom_and_fails_a_file_that_is_broken() {
    if !inside(
        "the_doctor_says_what_is_set_by_whom_and_fails_a_file_that_is_broken",
        &NAMES,
    ) {
        return;
    }
    let world = World::without_bus(&NAMES).unwrap();
    own_settings(
        &world,
        "preconnect = false\nproxy = \"http://me:secret@127.0.0.1:9\"\n",
    );
    let bundle = world.path("bundle.json");
    let doctor = async |more: &[&str]| {
        let mut command = world.command("hybridd");
        command.args(["doctor", "--seconds", "1"]).args(more);
        command
            .arg("--bundle")
            .arg(&bundle)
            .env("HYBRIDD_QR", "text");
        let ended = programs::end(command.spawn().unwrap()).await.unwrap();
        assert_eq!(ended.code, Some(3), "no bus: {}", ended.stdout);
        let told = [ended.stdout.clone(), fs::read_to_string(&bundle).unwrap()].concat();
        assert!(!told.contains("secret"), "{told}");
        ended.stdout
    };
    let line = "~/.config/hybridd/config.toml:1";
    let text = doctor(&[]).await;
    assert!(
        text.contains(&format!("false ({line})")) && text.contains("text (HYBRIDD_QR)"),
        "{text}"
    );
    let first: Value =
        serde_json::from_str(doctor(&["--json"]).await.lines().next().unwrap()).unwrap();
    let preconnect = &first["settings"][0];
    assert_eq!(
        (
            preconnect["key"].as_str(),
            preconnect["value"].as_str(),
            preconnect["source"].as_str()
        ),
        (Some("preconnect"), Some("false"), Some(line))
    );
    let saved: Value = serde_json::from_str(&fs::read_to_string(&bundle).unwrap()).unwrap();
    assert_eq!(saved["settings"], first["settings"]);
    own_settings(&world, "preconect = false\n");
    let told = "config.toml:1: preconect is not a setting; did you mean preconnect?";
    let text = doctor(&[]).await;
    assert!(
        text.contains("FAIL  files") && text.contains(told) && text.contains("US03 (certain)"),
        "{text}"
    );
}

#[tokio::test]
async fn a_report_says_when_and_where_it_was_made_and_whose_sign_in_it_takes_along() {
    let test = "a_report_says_when_and_where_it_was_made_and_whose_sign_in_it_takes_along";
    if !inside(test, &NAMES) {
        return;
    }
    let world = World::without_bus(&NAMES).unwrap();
    let (page, bundle) = (world.path("page.html"), world.path("bundle.json"));
    let report = async |keep: &str| {
        let mut command = world.command("hybridd");
        command.args(["doctor", "--seconds", "1"]);
        command
            .arg("--bundle")
            .arg(&bundle)
            .arg("--html")
            .arg(&page);
        command.env("HYBRIDD_KEEP_TIMELINE", keep);
        command
            .env("TZ", "Europe/Berlin")
            .env("XDG_SESSION_TYPE", "wayland");
        let ended = programs::end(command.spawn().unwrap()).await.unwrap();
        let saved: Value = serde_json::from_str(&fs::read_to_string(&bundle).unwrap()).unwrap();
        (ended, saved)
    };
    let (ended, saved) = report("true").await;
    assert!(saved["sign_in"].is_null() && saved["timeline"].is_null());
    assert!(
        ended.stderr.contains("includes no timeline of a sign-in"),
        "{}",
        ended.stderr
    );
    sign_in(&world, &[]).await;
    let (ended, saved) = report("true").await;
    let whose = &saved["sign_in"];
    assert_eq!(
        (&whose["command"], &whose["rp_id"]),
        (&"sign-in".into(), &"example.com".into())
    );
    assert!(whose["time"].as_str().unwrap().ends_with('Z'), "{whose}");
    assert!(saved["timeline"].as_array().unwrap().len() > 1);
    for told in [
        ended.stderr.as_str(),
        ended.stdout.as_str(),
        &fs::read_to_string(&page).unwrap(),
    ] {
        for words in [
            "sign-in at example.com",
            "last-timeline.jsonl",
            "keep_timeline = false",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }
    for (member, value) in [("time_zone", "Europe/Berlin"), ("session", "wayland")] {
        assert_eq!(saved[member], value);
        assert!(fs::read_to_string(&page).unwrap().contains(value));
    }
    assert!(
        saved["time"].is_string() && saved["kernel"].is_string() && saved["adapters"].is_array()
    );
    let (_, saved) = report("false").await;
    assert!(
        saved["sign_in"].is_null() && saved["timeline"].is_null(),
        "what was kept before stays here"
    );
}

/// An `/etc` with nothing but an administrator's settings.
const ETC: &str = "mount -t tmpfs tmpfs /etc
mkdir /etc/hybridd
printf 'locked = [\"preconnect\"]\\npreconnect = false\\n' > /etc/hybridd/config.toml
chmod 644 /etc/hybridd/config.toml";

#[tokio::test]
async fn what_an_administrator_has_locked_is_refused_with_the_line_that_locks_it() {
    let test = "what_an_administrator_has_locked_is_refused_with_the_line_that_locks_it";
    if !is_inside() {
        programs::build();
        let arguments = ["--exact", test, "--nocapture", "--test-threads=1"];
        let output = rerun_in(ETC, &[], &arguments, &[]).unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("1 passed"), "{said}\n{wrong}");
        return;
    }
    let world = World::without_bus(&NAMES).unwrap();
    let ended = sign_in(&world, &["--dry-run"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ended = sign_in(&world, &["--dry-run", "--preconnect", "true"]).await;
    assert_eq!(ended.code, Some(2));
    let told =
        "hybridd: --preconnect: preconnect is locked by /etc/hybridd/config.toml:1 (value: false)";
    assert!(ended.stderr.starts_with(told), "{}", ended.stderr);
    own_settings(&world, "\npreconnect = true\n");
    let ended = sign_in(&world, &["--dry-run"]).await;
    assert_eq!(ended.code, Some(2));
    let told = "hybridd: ~/.config/hybridd/config.toml:2: preconnect is locked by /etc/hybridd/config.toml:1";
    assert!(ended.stderr.starts_with(told), "{}", ended.stderr);
    let ended = sign_in(&world, &["--preconnect", "false", "--dry-run"]).await;
    assert_eq!(
        ended.code,
        Some(2),
        "the file is wrong, whatever else is given"
    );
}
