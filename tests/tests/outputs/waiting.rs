//! Who is at the other end and does nothing holds up no signal and no deadline.

use crate::scene::{NAMES, asleep};
use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Signal, World};
use hybrid_tests::relying_party::{ORIGIN, creation_options};
use std::fs::OpenOptions;
use std::io::Write as _;

#[tokio::test]
async fn a_reader_that_sleeps_holds_up_neither_signals_nor_seconds() {
    if !inside(
        "waiting::a_reader_that_sleeps_holds_up_neither_signals_nor_seconds",
        &NAMES,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    let pipe = world.pipe("pipe").unwrap();
    for signal in [None, Some(Signal::INT), Some(Signal::TERM)] {
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
            programs::give(&mut child, &creation_options().unwrap())
                .await
                .unwrap();
            if let Some(signal) = signal {
                while !picture.exists() {
                    tokio::task::yield_now().await;
                }
                programs::signal(child.id(), signal).unwrap();
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
    let world = World::without_bus(&NAMES).unwrap();
    let mut command = world.command("hybridd");
    command.args(["register", "--origin", ORIGIN, "--seconds", "1"]);
    let mut child = command.spawn().unwrap();
    // Nothing is written, and nothing is closed.
    let _stdin = child.stdin.take();
    let ended = programs::end(child).await.unwrap();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
}
