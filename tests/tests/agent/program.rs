//! `hybridd agent` and `hybridd key` as programs.

use crate::scene::{CANCELLED, NAME, PATIENCE, SECOND, Scene, create, get, kept, listen, until};
use hybrid_protocol::QrCode;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use zbus::connection;

#[tokio::test]
async fn the_agent_with_its_terminal_prompt_keeps_its_secrets_and_ends_well() {
    if !inside(
        "program::the_agent_with_its_terminal_prompt_keeps_its_secrets_and_ends_well",
        &[NAME],
    ) {
        return;
    }
    let mut scene = Scene::bare().await;
    let _relay = scene.world.relay().await.unwrap();
    let mut command = scene.world.command("hybridd");
    command
        .args(["agent", "--prompt", "terminal"])
        .env("RUST_LOG", "trace");
    let mut agent = command.spawn().unwrap();
    let said = listen(&mut agent).await;
    let code = |times: usize| {
        let said = &said;
        let codes = move || {
            let said = said.lock().unwrap();
            let mut codes = said.lines().filter(|line| line.starts_with("FIDO:/"));
            codes.nth(times - 1).map(str::to_owned)
        };
        async move { until("a code in the terminal", codes).await }
    };

    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    let text = code(1).await;
    let phone = scene
        .world
        .phone(&text, &["--domain-id", "0"])
        .await
        .unwrap();
    assert_eq!(device.status(&channel).await, Ok(0));
    assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
    let id = kept(&scene.world);

    // Everything that it logs: the code stands there as the prompt's drawing, and nowhere else.
    until("the request's line", || {
        let said = said.lock().unwrap();
        said.contains("operation=\"create\" outcome=\"ok\"")
            .then_some(())
    })
    .await;
    let log = said.lock().unwrap().clone();
    assert_eq!(log.matches(&text).count(), 1);
    let secret = QrCode::parse(&text).unwrap().secret;
    let line = log.lines().find(|line| line.contains("outcome=\"ok\""));
    assert!(!line.unwrap().contains("example.com"));
    for secret in [hex::encode(secret.expose()), hex::encode(&id)] {
        assert!(!log.contains(&secret));
    }

    // Ctrl-C in the terminal is the prompt's while it is up; SIGTERM is the end.
    device.command(&channel, &get("example.com", &id)).unwrap();
    code(2).await;
    let pid = rustix::process::Pid::from_raw(agent.id().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    let ended = tokio::time::timeout(3 * SECOND, agent.wait()).await;
    assert_eq!(ended.unwrap().unwrap().code(), Some(0));
    device.gone().await.unwrap();
}

#[tokio::test]
async fn an_agent_that_is_killed_ends_its_request_and_takes_its_prompt_along() {
    programs::build();
    let mut scene = Scene::bare().await;
    let mut command = scene.world.command("hybridd");
    let mut agent = command
        .args(["agent", "--prompt", "terminal"])
        .spawn()
        .unwrap();
    let said = listen(&mut agent).await;
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    until("a code", || {
        said.lock().unwrap().contains("FIDO:/").then_some(())
    })
    .await;
    let since = Instant::now();
    agent.kill().await.unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
    device.gone().await.unwrap();
    // The prompt holds the terminal as long as it is there.
    until("the prompt ends", || {
        (Arc::strong_count(&said) == 1).then_some(())
    })
    .await;

    // There is one agent of a person, and the next one is told.
    let first = scene.world.command("hybridd").arg("agent").spawn().unwrap();
    scene.kernel.device().await.unwrap();
    let second = scene.world.command("hybridd").arg("agent").spawn().unwrap();
    let second = programs::end(second).await.unwrap();
    assert_eq!(second.code, Some(3));
    assert!(second.stderr.contains("UH12"), "{}", second.stderr);
    drop(first);
}

/// A desktop that shows notifications.
struct Notifications(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the desktops' interface")]
    fn notify(
        &self,
        _name: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: std::collections::HashMap<String, zbus::OwnedVariant>,
        _expires: i32,
    ) -> u32 {
        self.0.lock().unwrap().push(format!("{summary}: {body}"));
        1
    }
}

#[tokio::test]
async fn without_a_prompt_or_behind_a_locked_screen_a_notification_says_why() {
    programs::build();
    let mut scene = Scene::bare().await;
    let told = Arc::<Mutex<Vec<String>>>::default();
    let _desktop = connection::Builder::address(scene.air.bus_address())
        .name("org.freedesktop.Notifications")
        .serve_at(
            "/org/freedesktop/Notifications",
            Notifications(Arc::clone(&told)),
        )
        .build()
        .await
        .unwrap();
    let heard = |code: &'static str| {
        let told = &told;
        let find = move || {
            let told = told.lock().unwrap();
            told.iter().find(|text| text.contains(code)).cloned()
        };
        async move { until(code, find).await }
    };
    for (prompt, code) in [("none", "UH14"), ("terminal", "UH19")] {
        scene.login.lock(prompt == "terminal").await.unwrap();
        let mut agent = scene.world.command("hybridd");
        agent
            .args(["agent", "--prompt", prompt])
            .env("DBUS_SESSION_BUS_ADDRESS", scene.air.bus_address());
        let mut agent = agent.spawn().unwrap();
        let (mut device, channel) = scene.device().await;
        for _ in 0..2 {
            device.command(&channel, &create("example.com")).unwrap();
            assert_eq!(device.status(&channel).await, Ok(CANCELLED));
        }
        scene.written(&format!("code={code}")).await;
        if prompt == "terminal" {
            let silent = told.lock().unwrap().iter().all(|text| !text.contains(code));
            assert!(silent, "nobody can see it");
            scene.login.lock(false).await.unwrap();
        }
        let text = heard(code).await;
        assert!(!text.contains("example.com"), "{text}");
        agent.kill().await.unwrap();
        device.gone().await.unwrap();
    }
    assert_eq!(told.lock().unwrap().len(), 2, "each is told once");
}

#[tokio::test]
async fn hybridd_key_switches_and_says_how_it_stands() {
    programs::build();
    let mut scene = Scene::bare().await;
    let key = async |args: &[&str]| {
        let mut command = scene.world.command("hybridd");
        let child = command.arg("key").args(args).spawn().unwrap();
        let ended = programs::end(child).await.unwrap();
        (ended.code, ended.stdout)
    };
    let (code, told) = key(&["status"]).await;
    assert!(code == Some(3) && told.contains("UH05"), "{told}");
    let mut agent = scene.world.command("hybridd");
    let _agent = agent.args(["agent", "--prompt", "none"]).spawn().unwrap();
    let mut device = scene.kernel.device().await.unwrap();
    let present = async || {
        let end = Instant::now() + PATIENCE;
        while key(&["status", "--json"]).await.0 != Some(0) {
            assert!(Instant::now() < end, "never present");
        }
    };
    present().await;

    assert_eq!(key(&["off", "--for", "1s"]).await.0, Some(0));
    device.gone().await.unwrap();
    scene.kernel.device().await.unwrap();
    present().await;
    assert_eq!(key(&["off"]).await.0, Some(0));
    let (code, told) = key(&["status", "--json"]).await;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (code, told["finding"]["code"].as_str()),
        (Some(3), Some("UH18"))
    );
}
