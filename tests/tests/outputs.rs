//! Every output of every program may be full, closed or asleep at any time: nothing is lost but
//! that output, and what that means is said.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Desktop, Ended, World};
use hybrid_tests::relying_party::RelyingParty;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::{Command, Stdio};

const NAMES: [&str; 1] = ["cable.ua5v.com"];
const ORIGIN: &str = "https://example.com";

fn full() -> Stdio {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// A pipe whose reader is gone.
fn gone() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    writer.into()
}

/// A pipe that is full, and whose reader sleeps while it is held.
fn asleep() -> (std::io::PipeReader, Stdio) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    // Writes until the pipe is full; the thread ends with the reader.
    let (full, is_full) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = filler.write_all(&[b'\n'; 64 << 10]);
        let _ = full.send(());
        let _ = filler.write_all(b"\n");
    });
    is_full.recv().unwrap();
    (reader, writer.into())
}

fn creation() -> String {
    RelyingParty::new()
        .unwrap()
        .begin_registration()
        .unwrap()
        .options
}

/// A registration to this standard output, by a phone whose outputs fail, too.
async fn register(world: &World, stdout: Stdio, more: &[&str]) -> Ended {
    let picture = world.path("code.png");
    let _ = std::fs::remove_file(&picture);
    let mut command = world.command("hybridd");
    command
        .args(["register", "--origin", ORIGIN, "--events", "-", "--qr"])
        .arg(format!("png:{}", picture.display()))
        .args(more)
        .stdout(stdout);
    ceremony(world, command, &creation()).await
}

async fn ceremony(world: &World, mut command: tokio::process::Command, options: &str) -> Ended {
    let mut desktop = Desktop::start(&mut command, options).await.unwrap();
    desktop.event("stage").await.unwrap();
    let phone = world
        .command("phone-sim")
        .args(["answer", "--adapter", "hci1", "--image"])
        .arg(world.path("code.png"))
        .arg("--store")
        .arg(world.path("phone.json"))
        .env("RUST_LOG", "trace")
        .stdout(full())
        .stderr(full())
        .spawn()
        .unwrap();
    let ended = desktop.end().await.unwrap();
    assert_eq!(
        programs::end(phone).await.unwrap().code,
        Some(0),
        "{}",
        ended.stderr
    );
    ended
}

fn passkeys(world: &World) -> Vec<Value> {
    let store = std::fs::read_to_string(world.path("phone.json")).unwrap();
    let store: Value = serde_json::from_str(&store).unwrap();
    store["passkeys"].as_array().unwrap().clone()
}

fn says_that_the_phone_holds_it(ended: &Ended) {
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    for part in [
        "could not be written",
        "now holds a passkey for example.com",
        "delete it",
    ] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    let events = ended
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let done: Vec<_> = events
        .filter(|event| event["ev"] == "done")
        .map(|event| event["ok"].clone())
        .collect();
    assert_eq!(done, [Value::Bool(false)]);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_response_that_cannot_be_written_is_exit_6_and_says_what_the_phone_holds_now() {
    if !inside(
        "a_response_that_cannot_be_written_is_exit_6_and_says_what_the_phone_holds_now",
        &NAMES,
    ) {
        return;
    }
    let air = Air::start().await.unwrap();
    air.add_adapter("hci0").await.unwrap();
    air.add_adapter("hci1").await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let _relay = world.relay_logging("info", Stdio::null()).await.unwrap();

    says_that_the_phone_holds_it(&register(&world, full(), &[]).await);
    says_that_the_phone_holds_it(&register(&world, gone(), &["--json"]).await);
    // What a program sees whose standard output was closed before it began.
    let closed = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")
        .unwrap();
    says_that_the_phone_holds_it(&register(&world, closed.into(), &[]).await);
    let reading = File::open("/dev/null").unwrap();
    says_that_the_phone_holds_it(&register(&world, reading.into(), &[]).await);
    let (reader, stdout) = asleep();
    says_that_the_phone_holds_it(&register(&world, stdout, &[]).await);
    drop(reader);

    // A disk with room for the first bytes alone.
    let disk = world.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4096", "none"])
        .arg(&disk)
        .status();
    assert!(mounted.unwrap().success());
    std::fs::write(disk.join("response"), "before\n".repeat(580)).unwrap();
    let before = std::fs::metadata(disk.join("response")).unwrap().len();
    let file = OpenOptions::new()
        .append(true)
        .open(disk.join("response"))
        .unwrap();
    says_that_the_phone_holds_it(&register(&world, file.into(), &[]).await);
    let after = std::fs::metadata(disk.join("response")).unwrap().len();
    assert_eq!(after, before, "nothing of it is kept");
    assert_eq!(passkeys(&world).len(), 6);

    let mut command = world.command("hybridd");
    command
        .args(["sign-in", "--origin", ORIGIN, "--events", "-", "--qr"])
        .arg(format!("png:{}", world.path("code.png").display()))
        .stdout(full());
    assert!(!world.path("code.png").exists(), "its code was used");
    let id = passkeys(&world)[0]["id"].clone();
    let options = json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "example.com",
        "allowCredentials": [{"type": "public-key", "id": id}]});
    let ended = ceremony(&world, command, &options.to_string()).await;
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("you are not signed in")
            && ended.stderr.contains("Nothing changed on the"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("now holds"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_reader_that_sleeps_holds_up_neither_signals_nor_seconds() {
    if !inside(
        "a_reader_that_sleeps_holds_up_neither_signals_nor_seconds",
        &NAMES,
    ) {
        return;
    }
    let air = Air::start().await.unwrap();
    air.add_adapter("hci0").await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let pipe = world.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for signal in [None, Some("INT"), Some("TERM")] {
        for option in ["--events", "--timeline"] {
            // Held and not read, as standard error is.
            let held = OpenOptions::new()
                .read(true)
                .write(true)
                .open(&pipe)
                .unwrap();
            let mut filler = held.try_clone().unwrap();
            filler.write_all(&[b'\n'; 64 << 10]).unwrap();
            let (reader, stderr) = asleep();
            let picture = world.path("qr.svg");
            let _ = std::fs::remove_file(&picture);
            let mut command = world.command("hybridd");
            command
                .args(["register", "--origin", ORIGIN, option])
                .arg(&pipe)
                .arg("--qr")
                .arg(format!("svg:{}", picture.display()))
                .env("RUST_LOG", "trace")
                .stderr(stderr);
            if signal.is_none() {
                command.args(["--seconds", "1"]);
            }
            let mut child = command.spawn().unwrap();
            programs::give(&mut child, &creation()).await.unwrap();
            if let Some(signal) = signal {
                while !picture.exists() {
                    tokio::task::yield_now().await;
                }
                let sent = Command::new("kill")
                    .args([format!("-{signal}"), child.id().unwrap().to_string()])
                    .status();
                assert!(sent.unwrap().success());
            }
            let ended = programs::end(child).await.unwrap();
            let expected = if signal.is_some() { 1 } else { 4 };
            assert_eq!(ended.code, Some(expected), "{option} {signal:?}");
            drop((held, reader));
        }
    }
}

#[tokio::test]
async fn options_that_never_come_hold_up_neither_signals_nor_seconds() {
    programs::build();
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    let mut command = world.command("hybridd");
    command.args(["register", "--origin", ORIGIN, "--seconds", "1"]);
    let mut child = command.spawn().unwrap();
    // Nothing is written, and nothing is closed.
    let _stdin = child.stdin.take();
    let ended = programs::end(child).await.unwrap();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_to_is_refused_before_a_code_is_shown() {
    programs::build();
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    let pipe = world.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let pipe = pipe.display();
    let missing = world.path("missing/code.svg");
    let (precious, link) = (world.path("precious"), world.path("link"));
    std::fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, &link).unwrap();
    for [option, value, expected] in [
        ["--qr", "png:/dev/full", "No space left"],
        ["--qr", "svg:/dev/full", "No space left"],
        [
            "--qr",
            &format!("png:{}", precious.display()),
            "another file has this name",
        ],
        [
            "--qr",
            &format!("svg:{}", link.display()),
            "another file has this name",
        ],
        ["--qr", &format!("svg:{pipe}"), "no process reads this pipe"],
        ["--qr", &format!("png:{pipe}"), "no process reads this pipe"],
        ["--events", &pipe.to_string(), "no process reads this pipe"],
        [
            "--timeline",
            &pipe.to_string(),
            "no process reads this pipe",
        ],
        [
            "--qr",
            &format!("svg:{}", missing.display()),
            "No such file",
        ],
        ["--events", "/", "directory"],
    ] {
        let mut command = world.command("hybridd");
        command.args(["register", "--origin", ORIGIN, "--json", option, value]);
        let ended = Desktop::start(&mut command, &creation())
            .await
            .unwrap()
            .end()
            .await
            .unwrap();
        assert_eq!(ended.code, Some(2), "{option} {value}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(expected),
            "{option} {value}: {}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("FIDO:/"), "{}", ended.stderr);
        let said: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(said["error"]["code"], "usage");
    }
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "precious");
}

#[tokio::test]
async fn a_code_goes_to_a_pipe_of_ones_own_and_to_a_file_that_nobody_else_holds() {
    programs::build();
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    let show = async |path: &std::path::Path| {
        let mut command = world.command("hybridd");
        command
            .args(["register", "--origin", ORIGIN, "--seconds", "1", "--qr"])
            .arg(format!("svg:{}", path.display()));
        Desktop::start(&mut command, &creation())
            .await
            .unwrap()
            .end()
            .await
            .unwrap()
    };
    let pipe = world.path("pipe");
    assert!(
        Command::new("mkfifo")
            .args(["-m", "666"])
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    // Both ends, so that neither waits for the other.
    let mut held = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .unwrap();
    let ended = show(&pipe).await;
    assert!(matches!(ended.code, Some(3 | 4)), "{}", ended.stderr);
    let mut begin = [0; 4];
    held.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"<svg");
    assert_eq!(
        std::fs::metadata(&pipe).unwrap().permissions().mode() & 0o777,
        0o600
    );

    let (path, other) = (world.path("code.svg"), world.path("other"));
    // What a program that was killed has left behind.
    let old = "<svg><!-- hybridd code -->";
    std::fs::write(&path, old).unwrap();
    std::fs::hard_link(&path, &other).unwrap();
    let ended = show(&path).await;
    assert!(matches!(ended.code, Some(3 | 4)), "{}", ended.stderr);
    assert_eq!(std::fs::read(&other).unwrap(), old.as_bytes());
    assert!(!path.exists(), "nobody wants its code any more");
}

#[tokio::test]
async fn a_picture_is_its_owners_alone_and_gone_with_its_code_however_that_ends() {
    let test = "a_picture_is_its_owners_alone_and_gone_with_its_code_however_that_ends";
    if !inside(test, &NAMES) {
        return;
    }
    let air = Air::start().await.unwrap();
    air.add_adapter("hci0").await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let path = world.path("code.png");
    for signal in [Some("INT"), Some("TERM"), Some("HUP"), None] {
        let mut command = world.command("hybridd");
        command
            .args(["register", "--origin", ORIGIN, "--events", "-", "--qr"])
            .arg(format!("png:{}", path.display()));
        if signal.is_none() {
            command.args(["--seconds", "1"]);
        }
        let mut desktop = Desktop::start(&mut command, &creation()).await.unwrap();
        desktop.event("stage").await.unwrap();
        if let Some(signal) = signal {
            assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
            kill(signal, desktop.id().unwrap());
        }
        let ended = desktop.end().await.unwrap();
        assert!(!path.exists(), "{signal:?}: {}", ended.stderr);
        let removed = format!("Removed the picture of the code: {}", path.display());
        assert!(
            ended.stderr.contains(&removed),
            "{signal:?}: {}",
            ended.stderr
        );
        let left = std::fs::read_dir(path.parent().unwrap()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            !left
                .iter()
                .any(|name| name.to_str().unwrap().contains("code.png")),
            "{left:?}"
        );
    }
}

#[tokio::test]
async fn what_somebody_put_in_the_place_of_a_picture_is_left_there() {
    if !inside(
        "what_somebody_put_in_the_place_of_a_picture_is_left_there",
        &NAMES,
    ) {
        return;
    }
    let air = Air::start().await.unwrap();
    air.add_adapter("hci0").await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let path = world.path("code.svg");
    let mut command = world.command("hybridd");
    command
        .args(["register", "--origin", ORIGIN, "--events", "-", "--qr"])
        .arg(format!("svg:{}", path.display()));
    let mut desktop = Desktop::start(&mut command, &creation()).await.unwrap();
    desktop.event("stage").await.unwrap();
    std::fs::write(world.path("mine"), "mine").unwrap();
    std::fs::rename(world.path("mine"), &path).unwrap();
    kill("TERM", desktop.id().unwrap());
    let ended = desktop.end().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    assert!(
        !ended.stderr.contains("Removed the picture"),
        "{}",
        ended.stderr
    );
}

fn kill(signal: &str, process: u32) {
    let sent = Command::new("kill")
        .args([format!("-{signal}"), process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[tokio::test]
async fn what_cannot_be_printed_is_a_sentence_and_never_a_panic() {
    programs::build();
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    for (program, args) in [
        ("hybridd", vec!["--help"]),
        ("hybridd", vec!["--version"]),
        ("hybridd", vec!["sign-in", "--help"]),
        ("hybridd", vec!["explain"]),
        ("hybridd", vec!["explain", "NW15", "--json"]),
        ("hybridd", vec!["doctor", "--seconds", "1"]),
        ("hybridd", vec!["doctor", "--seconds", "1", "--json"]),
        ("phone-sim", vec!["--help"]),
        ("phone-sim", vec!["answer", "--help"]),
        ("phone-sim", vec!["--version"]),
        ("phone-sim", vec!["faults"]),
        ("phone-sim", vec!["profiles"]),
    ] {
        let child = world
            .command(program)
            .args(&args)
            .stdout(full())
            .spawn()
            .unwrap();
        let ended = programs::end(child).await.unwrap();
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("cannot write to standard output"),
            "{args:?}: {}",
            ended.stderr
        );
        assert!(
            !ended.stderr.contains("panicked"),
            "{args:?}: {}",
            ended.stderr
        );
    }
    // Without standard error the exit code alone is left, and it is the same.
    for stderr in [full, gone] {
        let mut command = world.command("hybridd");
        command
            .args(["sign-in", "--origin", ORIGIN])
            .env("RUST_LOG", "trace")
            .stderr(stderr());
        let mut child = command.spawn().unwrap();
        programs::give(&mut child, "{").await.unwrap();
        assert_eq!(programs::end(child).await.unwrap().code, Some(2));
        let mut command = world.command("phone-sim");
        command
            .args(["answer", "-"])
            .env("RUST_LOG", "trace")
            .stderr(stderr());
        let mut child = command.spawn().unwrap();
        programs::give(&mut child, "no code").await.unwrap();
        assert_eq!(programs::end(child).await.unwrap().code, Some(2));
    }
}

#[tokio::test]
async fn the_demo_ends_as_it_would_whatever_becomes_of_its_output() {
    programs::build();
    let world = World::new("unix:path=/nowhere", &NAMES).unwrap();
    let (_reader, asleep) = asleep();
    for stdout in [full(), gone(), asleep] {
        let child = world
            .command("demo")
            .stdout(stdout)
            .stderr(full())
            .spawn()
            .unwrap();
        assert_eq!(programs::end(child).await.unwrap().code, Some(0));
    }
}
