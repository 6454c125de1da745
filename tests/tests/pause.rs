//! Programs that do not run for a while: stopped and continued, as a suspended computer does it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "scenarios")]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Desktop, Signal, World, signal};
use hybrid_tests::relying_party::RelyingParty;
use std::time::Duration;
use tokio::process::Child;

const NAME: &str = "cable.ua5v.com";
/// Longer than what counts as a pause.
const STOPPED: Duration = Duration::from_secs(6);

async fn pause(desktop: &Desktop, how_long: Duration) {
    signal(desktop.id(), Signal::STOP).unwrap();
    // The time is what is tested.
    tokio::time::sleep(how_long).await;
    signal(desktop.id(), Signal::CONT).unwrap();
}

/// A phone scans the code and is asked; it replies after this delay.
async fn ask(world: &World, desktop: &mut Desktop, code: &str, delay: &str) -> Child {
    let phone = ["--domain-id", "0", "--delay", delay];
    let phone = world.phone(code, &phone).await.unwrap();
    desktop
        .event_where(|event| event.get("stage").is_some_and(|stage| stage == "reply"))
        .await
        .unwrap();
    phone
}

#[tokio::test]
async fn a_sign_in_goes_on_after_a_pause_with_its_code_on_the_screen_or_the_phone_asked() {
    if !inside(
        "a_sign_in_goes_on_after_a_pause_with_its_code_on_the_screen_or_the_phone_asked",
        &[NAME],
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &[NAME]).unwrap();
    let _relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let begun = site.begin_registration().unwrap();
    let mut desktop = world
        .desktop("register", &begun.options, &[])
        .await
        .unwrap();
    let code = desktop.code().await.unwrap();
    desktop.event("radio").await.unwrap();
    pause(&desktop, STOPPED).await;
    let paused = desktop.event("paused").await.unwrap();
    assert!(paused.get("for_ms").unwrap().as_u64().unwrap() >= 5_000);
    // The phone answers while the desktop does not run a second time.
    let phone = ask(&world, &mut desktop, &code, "reply=1000").await;
    pause(&desktop, STOPPED).await;
    let ended = desktop.end().await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(r#""ev":"paused""#),
        "{}",
        ended.stderr
    );
    assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
    site.finish_registration(begun, &ended.stdout).unwrap();
}

#[tokio::test]
async fn a_tunnel_that_did_not_survive_a_pause_is_noticed_at_once_and_laid_to_the_pause() {
    if !inside(
        "a_tunnel_that_did_not_survive_a_pause_is_noticed_at_once_and_laid_to_the_pause",
        &[NAME],
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &[NAME]).unwrap();
    let mut relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let begun = site.begin_registration().unwrap();
    let mut desktop = world
        .desktop("register", &begun.options, &[])
        .await
        .unwrap();
    let code = desktop.code().await.unwrap();
    let phone = ask(&world, &mut desktop, &code, "reply=60000").await;
    // A relay that neither answers nor hangs up: what a network that is gone looks like.
    signal(relay.id(), Signal::STOP).unwrap();
    pause(&desktop, STOPPED).await;
    let ended = desktop.end().await.unwrap();
    relay.kill().await.unwrap();
    drop(phone);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("US02"), "{}", ended.stderr);
}

#[tokio::test]
async fn an_answer_that_came_during_a_pause_counts_although_the_time_that_was_given_is_over() {
    if !inside(
        "an_answer_that_came_during_a_pause_counts_although_the_time_that_was_given_is_over",
        &[NAME],
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
    let world = World::new(air.bus_address(), &[NAME]).unwrap();
    let _relay = world.relay().await.unwrap();
    let site = RelyingParty::new().unwrap();
    let begun = site.begin_registration().unwrap();
    let mut desktop = world
        .desktop("register", &begun.options, &["--seconds", "7"])
        .await
        .unwrap();
    let code = desktop.code().await.unwrap();
    let phone = ask(&world, &mut desktop, &code, "reply=1500").await;
    pause(&desktop, STOPPED + Duration::from_secs(2)).await;
    let ended = desktop.end().await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    drop(phone);
    site.finish_registration(begun, &ended.stdout).unwrap();
}
