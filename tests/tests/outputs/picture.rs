//! Where the picture of a code goes, and that it is gone with its code.

use crate::scene::NAMES;
use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Desktop, Signal, World};
use hybrid_tests::relying_party::{ORIGIN, creation_options};
use serde_json::Value;
use std::fs::{OpenOptions, Permissions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

#[tokio::test]
async fn a_place_that_cannot_be_written_to_is_refused_before_a_code_is_shown() {
    programs::build();
    let world = World::without_bus(&NAMES).unwrap();
    let pipe = world.pipe("pipe").unwrap();
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
        let ended = Desktop::start(&mut command, &creation_options().unwrap())
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
    let world = World::without_bus(&NAMES).unwrap();
    let show = async |path: &std::path::Path| {
        let mut command = world.command("hybridd");
        command
            .args(["register", "--origin", ORIGIN, "--seconds", "1", "--qr"])
            .arg(format!("svg:{}", path.display()));
        Desktop::start(&mut command, &creation_options().unwrap())
            .await
            .unwrap()
            .end()
            .await
            .unwrap()
    };
    let pipe = world.pipe("pipe").unwrap();
    std::fs::set_permissions(&pipe, Permissions::from_mode(0o666)).unwrap();
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
    let test = "picture::a_picture_is_its_owners_alone_and_gone_with_its_code_however_that_ends";
    if !inside(test, &NAMES) {
        return;
    }
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let path = world.path("code.png");
    for signal in [
        Some(Signal::INT),
        Some(Signal::TERM),
        Some(Signal::HUP),
        None,
    ] {
        let mut command = world.command("hybridd");
        command
            .args(["register", "--origin", ORIGIN, "--events", "-", "--qr"])
            .arg(format!("png:{}", path.display()));
        if signal.is_none() {
            command.args(["--seconds", "1"]);
        }
        let mut desktop = Desktop::start(&mut command, &creation_options().unwrap())
            .await
            .unwrap();
        desktop.event("stage").await.unwrap();
        if let Some(signal) = signal {
            assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
            programs::signal(desktop.id(), signal).unwrap();
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
        "picture::what_somebody_put_in_the_place_of_a_picture_is_left_there",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let path = world.path("code.svg");
    let mut command = world.command("hybridd");
    command
        .args(["register", "--origin", ORIGIN, "--events", "-", "--qr"])
        .arg(format!("svg:{}", path.display()));
    let mut desktop = Desktop::start(&mut command, &creation_options().unwrap())
        .await
        .unwrap();
    desktop.event("stage").await.unwrap();
    std::fs::write(world.path("mine"), "mine").unwrap();
    std::fs::rename(world.path("mine"), &path).unwrap();
    programs::signal(desktop.id(), Signal::TERM).unwrap();
    let ended = desktop.end().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    assert!(
        !ended.stderr.contains("Removed the picture"),
        "{}",
        ended.stderr
    );
}
