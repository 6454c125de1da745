//! Programs and a kernel that send too much, or what nobody sends: who has the key keeps it.

use crate::scene::{MINE, SELECTION, Scene, asked, create, sees};
use hybrid_key_bus::{CONTRACT, KeyProxy, Refusal};
use hybrid_tests::stand_in::{Manner, Sight};
use hybrid_tests::stranger::Stranger;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zbus::Variant;

#[tokio::test]
async fn a_flood_of_calls_is_refused_and_delays_neither_keepalives_nor_the_next_request() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    let number = asked(&mut agent).await;
    let connection = scene.connection().await;
    let key = KeyProxy::new(&connection).await.unwrap();
    let flood = (0..500).map(|_| key.register(CONTRACT));
    for answer in futures_util::future::join_all(flood).await {
        // Of some the bus itself says that they are too many.
        let refusal = Refusal::of(&answer.unwrap_err()).unwrap_or(Refusal::TooOften);
        assert!(
            [Refusal::TooOften, Refusal::AnotherAgent].contains(&refusal),
            "{refusal:?}"
        );
    }
    for number in 0..500 {
        let _ = key.shown(number).await;
        let _ = key.unregister().await;
    }
    device.cancel(&channel).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    sees(&mut agent, Sight::Cancelled(number)).await;
    device.command(&channel, &create()).unwrap();
    asked(&mut agent).await;
    let lines = scene.lines.lock().unwrap();
    let refused = lines
        .iter()
        .filter(|line| line.contains("refused an agent"));
    assert!(refused.count() <= 30);
}

#[tokio::test]
async fn signals_that_another_program_pours_in_take_no_key_away() {
    let mut scene = Scene::new().await;
    let (agent, mut device) = scene.registered(Manner::Hang).await;
    let key = agent.key().await.unwrap();
    let channel = device.open().await.unwrap();
    let stranger = Stranger::start(scene.bus.address()).await.unwrap();
    // Each while polkit or logind, who were asked because something did change, think.
    scene.login.hold(true);
    scene.login.allow(true).await.unwrap();
    scene.login.is_asked().await;
    let authority = "org.freedesktop.PolicyKit1.Authority";
    let changed = (
        "/org/freedesktop/PolicyKit1/Authority",
        authority,
        "Changed",
    );
    stranger.says(changed, &(), 200).await.unwrap();
    scene.login.hold(false);
    let present = tokio::time::timeout(Duration::from_secs(5), key.present());
    assert!(present.await.expect("the service hears").unwrap());

    scene.login.hold(true);
    scene.login.switch(MINE).await.unwrap();
    scene.login.is_asked().await;
    let properties = "org.freedesktop.DBus.Properties";
    let seat = "/org/freedesktop/login1/seat/seat0";
    let changed = (seat, properties, "PropertiesChanged");
    let nothing = HashMap::<&str, Variant<'_>>::new();
    let body = (
        "org.freedesktop.login1.Seat",
        nothing,
        ["ActiveSession"].as_slice(),
    );
    stranger.says(changed, &body, 200).await.unwrap();
    scene.login.hold(false);
    let present = tokio::time::timeout(Duration::from_secs(5), key.present());
    assert!(present.await.expect("the service hears").unwrap());
    device.command(&channel, &SELECTION).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0));
}

#[tokio::test]
async fn what_no_kernel_and_no_program_sends_leaves_a_key_that_answers() {
    let mut scene = Scene::new().await;
    let (_agent, mut device) = scene.registered(Manner::Hang).await;
    for size in [0, 1, 63, 66, 4096] {
        device.writer().raw(&vec![0xff; size]).unwrap();
    }
    device.writer().tell(99, &[7; 100]).unwrap();
    device.writer().tell(6, &[7; 10]).unwrap();
    for byte in 0..=255 {
        device.writer().raw(&[byte; 64]).unwrap();
    }
    let channel = device.open().await.unwrap();
    device.command(&channel, &SELECTION).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0));
    scene.written("a report of the wrong size bytes=63").await;
    scene.written("unknown event from the kernel kind=99").await;
}

#[tokio::test]
async fn a_program_that_writes_on_and_on_stops_neither_keepalives_nor_the_end_of_a_request() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    asked(&mut agent).await;
    let writer = device.writer();
    let end = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&end);
    let flood = std::thread::spawn(move || {
        let mut count = 0_u64;
        // On a channel that was never given.
        while !ended.load(Ordering::Relaxed) && writer.raw(&[0x55; 64]).is_ok() {
            count += 1;
        }
        count
    });
    device.keepalive(&channel).await.unwrap();
    device.keepalive(&channel).await.unwrap();
    agent.vanish().await.unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    end.store(true, Ordering::Relaxed);
    device.gone().await.unwrap();
    assert!(flood.join().unwrap() > 1000);
}
