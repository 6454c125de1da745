//! How the service ends, and what it says of it.

use crate::scene::{Scene, asked, create};
use hybrid_key_service::run::{World, run};
use hybrid_tests::kernel::Kernel;
use hybrid_tests::stand_in::Manner;

#[tokio::test]
async fn a_service_that_is_stopped_ends_the_request_and_the_device_before_it_is_gone() {
    let mut scene = Scene::new().await;
    let (mut agent, mut device) = scene.registered(Manner::Hang).await;
    let channel = device.open().await.unwrap();
    device.command(&channel, &create()).unwrap();
    asked(&mut agent).await;
    scene.stop.take().unwrap().send(()).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0x2d));
    device.gone().await.unwrap();
    assert!(scene.service.await.unwrap().is_ok());
    let lines = scene.lines.lock().unwrap().join("\n");
    assert!(
        !lines.contains("example.org"),
        "a relying party is in the journal: {lines}"
    );
}

#[tokio::test]
async fn a_service_whose_device_the_kernel_takes_away_ends_and_says_so() {
    let mut scene = Scene::new().await;
    let (_agent, device) = scene.registered(Manner::Hang).await;
    // UHID_STOP
    device.writer().tell(3, &[]).unwrap();
    let ended = scene.service.await.unwrap().unwrap_err();
    assert_eq!(ended.to_string(), "the kernel removed the device");
}

#[tokio::test]
async fn a_service_beside_another_one_ends_and_says_so() {
    let scene = Scene::new().await;
    let (_kernel, open) = Kernel::new();
    let world = World {
        connection: scene.connection().await,
        open,
        journal: |_: &_| {},
        host: String::new(),
    };
    let ended = run(world, core::future::pending()).await.unwrap_err();
    let expected = "another program owns the name org.hybridd.Key1 on the bus";
    assert_eq!(ended.to_string(), expected);
}
