//! Who gets the key, who does not, and why.

use crate::scene::{Scene, THEIRS, sees};
use hybrid_key_bus::{CONTRACT, KeyProxy, Refusal};
use hybrid_tests::stand_in::{Manner, Sight};
use std::io;

#[tokio::test]
async fn the_agent_of_the_person_in_front_gets_the_device_and_gives_it_back() {
    let mut scene = Scene::new().await;
    let (agent, mut device) = scene.registered(Manner::Hang).await;
    let key = agent.key().await.unwrap();
    assert!(key.present().await.unwrap());
    device.open().await.unwrap();
    key.unregister().await.unwrap();
    device.gone().await.unwrap();
    scene
        .written("the agent is no longer registered why=it-said-so")
        .await;
    scene.written("the key is gone").await;
}

#[tokio::test]
async fn who_is_not_in_front_is_told_why_and_there_is_no_device() {
    let scene = Scene::new().await;
    scene.login.switch(THEIRS).await.unwrap();
    scene
        .written(&format!("uid={}", rustix::process::getuid().as_raw() + 1))
        .await;
    let mut agent = scene.agent(Manner::Hang).await;
    sees(&mut agent, Sight::Refused(Refusal::InBackground)).await;
    assert!(!agent.key().await.unwrap().present().await.unwrap());
    scene.written("code=UH07").await;
}

#[tokio::test]
async fn an_agent_of_another_version_does_nothing_half() {
    let scene = Scene::new().await;
    let connection = scene.connection().await;
    let key = KeyProxy::new(&connection).await.unwrap();
    for contract in [0, CONTRACT + 1, u32::MAX] {
        let refused = key.register(contract).await.unwrap_err();
        assert_eq!(Refusal::of(&refused), Some(Refusal::AnotherVersion));
    }
    assert_eq!(key.version().await.unwrap(), env!("CARGO_PKG_VERSION"));
    assert!(!key.present().await.unwrap());
}

#[tokio::test]
async fn a_second_agent_waits_until_the_first_leaves() {
    let mut scene = Scene::new().await;
    let (first, mut device) = scene.registered(Manner::Hang).await;
    let mut second = scene.agent(Manner::Hang).await;
    sees(&mut second, Sight::Refused(Refusal::AnotherAgent)).await;
    first.vanish().await.unwrap();
    device.gone().await.unwrap();
    sees(&mut second, Sight::Registered).await;
}

#[tokio::test]
async fn an_administrator_who_forbids_it_takes_the_key_from_who_has_it_and_gives_it_back() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    scene.login.allow(false).await.unwrap();
    device.gone().await.unwrap();
    sees(&mut agent, Sight::Refused(Refusal::NotAllowed)).await;
    scene
        .written("the agent is no longer registered why=polkit")
        .await;
    scene.login.allow(true).await.unwrap();
    sees(&mut agent, Sight::Registered).await;
    scene.kernel.device().await.unwrap();
}

#[tokio::test]
async fn a_device_that_cannot_be_made_is_told_to_the_agent_with_its_reason() {
    let mut scene = Scene::new().await;
    for (kind, refusal) in [
        (io::ErrorKind::NotFound, Refusal::NoUhid),
        (io::ErrorKind::PermissionDenied, Refusal::UhidForbidden),
        (io::ErrorKind::OutOfMemory, Refusal::UhidFails),
    ] {
        scene.kernel.fail(Some(kind));
        let mut agent = scene.agent(Manner::Hang).await;
        sees(&mut agent, Sight::Refused(refusal)).await;
        agent.vanish().await.unwrap();
    }
    scene.kernel.fail(None);
    scene.registered(Manner::Hang).await;
}

#[tokio::test]
async fn an_agent_that_waits_for_the_service_is_registered_at_once_and_not_refused_first() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    for _ in 0..5 {
        scene.restart().await;
        device.gone().await.unwrap();
        // Nobody knows who is in front until logind has said it.
        sees(&mut agent, Sight::Registered).await;
        device = scene.kernel.device().await.unwrap();
    }
}
