//! The response that a phone has made and nobody can read.

use crate::scene::{NAMES, asleep, full, gone};
use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Desktop, Ended, World};
use hybrid_tests::relying_party::{ORIGIN, creation_options};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};

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
    ceremony(world, command, &creation_options().unwrap()).await
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
        "response::a_response_that_cannot_be_written_is_exit_6_and_says_what_the_phone_holds_now",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
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
