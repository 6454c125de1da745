//! A program's request: the way to the agent and back, and what ends it.

use crate::scene::{MINE, SELECTION, Scene, THEIRS, asked, create, sees};
use hybrid_key_bus::{Code, Refusal};
use hybrid_tests::stand_in::{Manner, Sight};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_request_goes_to_the_agent_and_its_reply_to_the_program() {
    let mut scene = Scene::new().await;
    // CTAP2_ERR_NO_CREDENTIALS, which programs are told as it is.
    let (mut agent, mut device) = scene.registered(Manner::Reply(vec![0x2e])).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    asked(&mut agent).await;
    assert_eq!(device.status(&channel).await, Ok(0x2e));
    device.command(&channel, &SELECTION).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0));
    let line = scene.written("operation=create").await;
    assert!(
        line.contains("outcome=answered status=2e took_ms="),
        "{line}"
    );
}

#[tokio::test]
async fn the_reason_of_an_agent_is_in_the_journal_and_the_program_is_told_one_status() {
    let mut scene = Scene::new().await;
    let code = Code::new("BT03").unwrap();
    let (_agent, mut device) = scene.registered(Manner::Refuse(code)).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    scene
        .written("operation=create outcome=ended-by-agent status=2d code=BT03")
        .await;
}

#[tokio::test]
async fn a_program_that_cancels_or_leaves_withdraws_its_request() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    let number = asked(&mut agent).await;
    device.cancel(&channel).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    sees(&mut agent, Sight::Cancelled(number)).await;
    device.command(&channel, &create()).unwrap();
    let next = asked(&mut agent).await;
    assert!(next > number, "requests are numbered upwards");
    device.close().unwrap();
    sees(&mut agent, Sight::Cancelled(next)).await;
}

#[tokio::test]
async fn an_agent_that_is_killed_ends_the_request_within_a_second_and_the_device() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    asked(&mut agent).await;
    let since = Instant::now();
    agent.vanish().await.unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    assert!(
        since.elapsed() < Duration::from_secs(1),
        "{:?}",
        since.elapsed()
    );
    device.gone().await.unwrap();
    scene.written("outcome=agent-lost status=2d").await;
    scene
        .written("the agent is no longer registered why=it-left-the-bus")
        .await;
}

#[tokio::test]
async fn a_session_switch_ends_the_request_and_the_device_is_another_one_afterwards() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    let number = asked(&mut agent).await;
    scene.login.switch(THEIRS).await.unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    device.gone().await.unwrap();
    sees(&mut agent, Sight::Cancelled(number)).await;
    sees(&mut agent, Sight::Refused(Refusal::InBackground)).await;
    scene.login.switch(MINE).await.unwrap();
    sees(&mut agent, Sight::Registered).await;
    let mut device = scene.kernel.device().await.unwrap();
    device.open().await.unwrap();
    scene.written("outcome=agent-lost status=2d").await;
}

#[tokio::test]
async fn an_answer_that_is_far_too_long_ends_the_request_and_the_next_one_is_asked() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Reply(vec![0; 1 << 20])).await;
    let channel = device.open().await.unwrap();
    for _ in 0..2 {
        device.command(&channel, &create()).unwrap();
        asked(&mut agent).await;
        assert_eq!(device.status(&channel).await, Ok(0x2d));
    }
    scene.written("rejected a phone's answer").await;
}
