//! Whether the key is there, and who may speak to its agent.

use crate::scene::{CANCELLED, PATIENT, SECOND, SELECTION, Scene, until};
use hybrid_key_bus::{AGENT_PATH, AgentProxy};
use hybrid_tests::stranger::Stranger;
use hybridd::agent::report_file::{self, AgentReport};
use hybridd::agent::switch::Switch;
use std::fs;
use std::time::{Duration, Instant};
use zbus::connection;

#[tokio::test]
async fn the_key_is_there_while_it_is_wanted_and_an_adapter_exists() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, _) = scene.device().await;
    let switch = |switch: Switch| fs::write(scene.folders.switch(), switch.to_text()).unwrap();
    switch(Switch::set(false));
    device.gone().await.unwrap();
    switch(Switch::set(true));
    let mut device = scene.kernel.device().await.unwrap();

    for adapter in ["hci0", "hci1"] {
        scene.air.set_powered(adapter, false).await.unwrap();
    }
    let channel = device.open().await.unwrap();
    device.command(&channel, &SELECTION).unwrap();
    device.cancel(&channel).unwrap();
    assert_eq!(
        device.status(&channel).await,
        Ok(CANCELLED),
        "off, and there"
    );

    for adapter in ["hci0", "hci1"] {
        scene.air.remove_adapter(adapter).await.unwrap();
    }
    device.gone().await.unwrap();
    scene.air.add_adapter("hci2").await.unwrap();
    scene.kernel.device().await.unwrap();
}

#[tokio::test]
async fn an_agent_tells_a_bluetoothd_that_is_not_there_from_an_adapter_that_is_not() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, _) = scene.device().await;
    let folders = scene.folders.clone();
    let reports = |code: &'static str| {
        let folders = folders.clone();
        let said = move || {
            let AgentReport::Absent(entry) = report_file::read(&folders) else {
                return None;
            };
            (entry.code == code).then_some(())
        };
        until(code, said)
    };
    scene.air.stop_bluetoothd().await.unwrap();
    device.gone().await.unwrap();
    reports("BT02").await;
    for adapter in ["hci0", "hci1"] {
        scene.air.remove_adapter(adapter).await.unwrap();
    }
    scene.air.start_bluetoothd().await.unwrap();
    reports("BT01").await;
    scene.air.stop_bluetoothd().await.unwrap();
    reports("BT02").await;
    scene.air.start_bluetoothd().await.unwrap();
    scene.air.add_adapter("hci2").await.unwrap();
    scene.kernel.device().await.unwrap();
}

#[tokio::test]
async fn an_agent_answers_the_service_and_nobody_else() {
    let mut scene = Scene::new(PATIENT).await;
    let (_device, _) = scene.device().await;
    let stranger = connection::Builder::address(scene.air.bus_address());
    let stranger = stranger.build().await.unwrap();
    let names = zbus::fdo::DBusProxy::new(&stranger).await.unwrap();
    let mut agents = 0;
    for name in names.list_names().await.unwrap() {
        if !name.as_str().starts_with(':') {
            continue;
        }
        let agent = AgentProxy::builder(&stranger)
            .destination(name.to_owned())
            .path(AGENT_PATH)
            .build()
            .await
            .unwrap();
        let asked = agent.known("example.com", &[b"id"]);
        let Ok(Err(error)) = tokio::time::timeout(SECOND, asked).await else {
            continue;
        };
        if error.to_string().contains("AccessDenied") {
            agents += 1;
            let asked = agent.request(&SELECTION, "", "", 60_000, 1).await;
            assert!(asked.unwrap_err().to_string().contains("AccessDenied"));
            agent.cancel(u64::MAX).await.unwrap();
        }
    }
    assert_eq!(agents, 1);
    assert_eq!(scene.told(), "");
}

#[tokio::test]
async fn what_another_program_says_in_bluetoothds_or_the_services_place_changes_nothing() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, channel) = scene.device().await;
    let stranger = Stranger::start(scene.air.bus_address()).await.unwrap();
    let adapters = ["hci0", "hci1"];
    stranger.pretends_that_adapters_go(&adapters).await.unwrap();
    // Longer than an adapter may be away.
    tokio::time::sleep(Duration::from_secs(5)).await;
    device.command(&channel, &SELECTION).unwrap();
    scene.told_times("\"operation\":\"select\"", 1).await;
    device.cancel(&channel).unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
}

#[tokio::test]
async fn signals_that_another_program_pours_in_keep_no_agent_from_registering() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, _) = scene.device().await;
    let switch = |switch: Switch| fs::write(scene.folders.switch(), switch.to_text()).unwrap();
    switch(Switch::set(false));
    device.gone().await.unwrap();
    let stranger = Stranger::start(scene.air.bus_address()).await.unwrap();
    scene.login.hold(true);
    switch(Switch::set(true));
    // The agent waits for the service, which waits for polkit.
    scene.login.is_asked().await;
    let service = "org.hybridd.Key1";
    let anew = ("/org/hybridd/Key1", service, "RegisterAnew");
    stranger.says(anew, &(), 200).await.unwrap();
    scene.login.hold(false);
    let began = Instant::now();
    let folders = scene.folders.clone();
    let present = || (report_file::read(&folders) == AgentReport::Present).then_some(());
    until("the agent hears", present).await;
    assert!(began.elapsed() < 3 * SECOND, "{:?}", began.elapsed());
}
