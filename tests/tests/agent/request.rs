//! A request of a program: what it is answered, and what ends it.

use crate::scene::{
    CANCELLED, ENTRA, Manner, NAME, PATIENT, SECOND, SELECTION, Scene, create, get, kept, until,
};
use hybrid_protocol::Stage;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs;
use hybrid_tests::runs::{self, Measured};
use hybridd::agent::memory::Memory;
use hybridd::agent::prompt::PromptProgram;
use hybridd::agent::report_file::{self, AgentReport};
use std::fs;
use std::time::Instant;

#[tokio::test]
async fn a_credential_is_made_and_used_by_a_program_at_the_device_and_remembered() {
    if !inside(
        "request::a_credential_is_made_and_used_by_a_program_at_the_device_and_remembered",
        &[NAME],
    ) {
        return;
    }
    let mut scene = Scene::new(PATIENT).await;
    let _relay = scene.world.relay().await.unwrap();
    let (mut device, channel) = scene.device().await;

    device.command(&channel, &create("example.com")).unwrap();
    let phone = scene.scan(1).await;
    let status = device.status(&channel).await;
    assert_eq!(status, Ok(0), "{} {:?}", scene.told(), scene.lines);
    assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
    let id = kept(&scene.world);
    let memory = Memory::new(scene.folders.memory());
    let ids = [&b"another"[..], &id];
    assert_eq!(memory.known("example.com", ids.into_iter()), [1]);

    device.command(&channel, &get("example.com", &id)).unwrap();
    let phone = scene.scan(2).await;
    let status = device.status(&channel).await;
    assert_eq!(status, Ok(0), "{} {:?}", scene.told(), scene.lines);
    assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
    let told = scene.told_times("\"ev\":\"close\"", 2).await;
    assert!(told.contains("\"operation\":\"create\"") && told.contains("\"usb-transport\""));
    assert!(told.contains("\"ev\":\"done\"") && told.contains("\"ok\":true"));
    let line = scene.written("operation=get").await;
    assert!(line.contains("outcome=answered status=00"), "{line}");
    assert_eq!(report_file::read(&scene.folders), AgentReport::Present);
    let both =
        || Some(scene.folders.history().read().unwrap().records).filter(|all| all.len() == 2);
    let kept = until("two lines of history", both).await;
    for (record, operation) in kept.iter().zip(["register", "sign-in"]) {
        let said = (
            record.by.as_str(),
            record.operation.as_str(),
            record.result.as_str(),
        );
        assert_eq!(said, ("agent", operation, "ok"));
        assert_eq!((record.site.as_str(), record.codes), ("example.com", 1));
        assert!(record.stage(Stage::Reply).is_some(), "{record:?}");
    }
    // The page says of every file what is in it.
    let page = include_str!("../../../docs/privacy.md");
    for file in [scene.folders.memory(), scene.folders.standing()] {
        for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}

/// An export with one profile for everyone, which has this list of models.
fn policy(self_service: bool, kind: &str) -> String {
    const PROFILE: &str = "00000000-0000-0000-0000-000000000001";
    serde_json::json!({"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": self_service,
        "excludeTargets": [], "includeTargets": [{"targetType": "group", "id": "all_users",
            "allowedPasskeyProfiles": [PROFILE]}],
        "passkeyProfiles": [{"id": PROFILE, "name": "Default", "passkeyTypes": "deviceBound,synced",
            "attestationEnforcement": "disabled", "keyRestrictions": {"isEnforced": true,
                "enforcementType": kind, "aaGuids": ["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"]}}]})
    .to_string()
}

#[tokio::test]
async fn what_a_policy_refuses_for_certain_ends_before_its_code_and_what_it_may_refuse_gets_a_hint()
{
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, channel) = scene.device().await;
    let place = scene.world.path("policy.json");
    fs::write(&place, policy(false, "block")).unwrap();
    device.command(&channel, &create(ENTRA)).unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    scene.written("code=UH25").await;
    let told = scene.told_times("\"ok\":false", 1).await;
    assert!(told.contains("PK020") && told.contains("policy.json#/isSelfService"));
    assert!(!told.contains("FIDO:/"), "{told}");

    // An allow list refuses a passkey without a model, a block list lets it pass: which one the site
    // will see is not known here.
    for (codes, list, hint) in [(1, "allow", true), (2, "block", true)] {
        fs::write(&place, policy(true, list)).unwrap();
        device.command(&channel, &create(ENTRA)).unwrap();
        let told = scene.told_times("FIDO:/", codes).await;
        let ask = told.lines().rfind(|line| line.contains("\"ask\"")).unwrap();
        assert_eq!(ask.contains("policy-may-refuse"), hint, "{list}: {told}");
        assert!(told.contains("PK118") && told.contains("UH26"), "{told}");
        device.cancel(&channel).unwrap();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    }

    // A file that is not there is told, and another site is nobody's question.
    fs::remove_file(&place).unwrap();
    for (codes, rp_id, unread) in [(3, ENTRA, true), (4, "example.com", false)] {
        device.command(&channel, &create(rp_id)).unwrap();
        let told = scene.told_times("FIDO:/", codes).await;
        let (_, last) = told.rsplit_once("\"ev\":\"ask\"").unwrap();
        assert_eq!(last.contains("UH27"), unread, "{rp_id}: {last}");
        device.cancel(&channel).unwrap();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    }
}

#[tokio::test]
async fn each_imitated_phone_answers_for_the_virtual_key_as_the_matrix_says() {
    if !inside(
        "request::each_imitated_phone_answers_for_the_virtual_key_as_the_matrix_says",
        &[NAME],
    ) {
        return;
    }
    let mut scene = Scene::new(PATIENT).await;
    let _relay = scene.world.relay().await.unwrap();
    let (mut device, channel) = scene.device().await;
    let (mut codes, mut all) = (0, Vec::new());
    for profile in phone_sim::profile::PROFILES {
        let _ = fs::remove_file(scene.world.path("phone.json"));
        let more = ["--domain-id", "0", "--profile", profile.name];
        let mut statuses = Vec::new();
        for kind in ["create", "get"] {
            let command = match kind {
                "create" => create("example.com"),
                _ => get("example.com", &kept(&scene.world)),
            };
            device.command(&channel, &command).unwrap();
            codes += 1;
            let code = scene.code(codes).await;
            let phone = scene.world.phone(&code, &more).await.unwrap();
            statuses.push(device.status(&channel).await);
            assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
        }
        let completed = statuses.iter().all(|status| *status == Ok(0));
        all.push(Measured {
            phone: profile.name.to_owned(),
            result: match completed {
                true => "completed".to_owned(),
                false => format!("{statuses:?}"),
            },
            model: None,
        });
    }
    runs::settle("virtual key", &all).unwrap();
}

#[tokio::test]
async fn the_person_is_not_asked_again_for_what_was_just_declined() {
    let on_code = r#"echo '{"ev":"shown"}'; echo '{"ev":"cancel"}'"#;
    let mut scene = Scene::new(Manner { on_code, ..PATIENT }).await;
    let (mut device, channel) = scene.device().await;
    for (rp_id, codes) in [("example.com", 1), ("example.com", 1), ("example.org", 2)] {
        device.command(&channel, &create(rp_id)).unwrap();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
        let told = scene.told_times("\"ev\":\"close\"", codes).await;
        assert_eq!(told.matches("FIDO:/").count(), codes, "{rp_id}");
    }
    scene.written("code=US01").await;
}

#[tokio::test]
async fn a_cancel_of_the_program_closes_the_prompt_at_once() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, channel) = scene.device().await;
    for times in 1..4 {
        device.command(&channel, &create("example.com")).unwrap();
        scene.code(times).await;
        let since = Instant::now();
        device.cancel(&channel).unwrap();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
        scene.told_times("\"ev\":\"close\"", times).await;
        assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
    }
}

#[tokio::test]
async fn a_prompt_that_dies_ends_its_request_alone() {
    for (on_ask, on_code) in [
        ("kill -9 $$", ":"),
        (":", "kill -9 $$"),
        (":", r#"echo '{"ev":"shown"}'; exit 1"#),
    ] {
        let mut scene = Scene::new(Manner { on_ask, on_code }).await;
        let (mut device, channel) = scene.device().await;
        for _ in 0..2 {
            let since = Instant::now();
            device.command(&channel, &create("example.com")).unwrap();
            assert_eq!(device.status(&channel).await, Ok(CANCELLED));
            assert!(since.elapsed() < 2 * SECOND, "{:?}", since.elapsed());
        }
        scene.written("code=UH14").await;
        assert!(!scene.agent.unwrap().0.is_finished());
    }
}

#[tokio::test]
async fn without_a_prompt_every_request_ends_and_the_journal_says_why() {
    let missing = PromptProgram {
        program: "/nowhere/prompt".into(),
        args: Vec::new(),
        lingers: true,
        has_terminal: false,
    };
    for prompt in [None, Some(missing)] {
        let mut scene = Scene::with(|_| prompt.clone()).await;
        let (mut device, channel) = scene.device().await;
        device.command(&channel, &create("example.com")).unwrap();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
        scene.written("code=UH14").await;
    }
}

#[tokio::test]
async fn the_phone_is_chosen_by_a_prompt_without_a_code() {
    let use_it = r#"echo '{"ev":"shown"}'; echo '{"ev":"use"}'"#;
    let mut scene = Scene::new(Manner {
        on_ask: use_it,
        ..PATIENT
    })
    .await;
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &SELECTION).unwrap();
    assert_eq!(device.status(&channel).await, Ok(0));
    assert!(!scene.told().contains("FIDO:/") && scene.told().contains("\"select\""));
    assert_eq!(scene.air.discoveries("hci0"), 0, "no radio is used");

    let decline = r#"echo '{"ev":"not-now"}'"#;
    let mut scene = Scene::new(Manner {
        on_ask: decline,
        ..PATIENT
    })
    .await;
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &SELECTION).unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
}

#[tokio::test]
async fn a_bluetoothd_that_ends_ends_the_request_and_the_prompt_says_so() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    scene.told_times("\"listening\"", 1).await;
    scene.air.stop_bluetoothd().await.unwrap();
    let since = Instant::now();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
    scene.told_times("BT02", 1).await;
    scene.written("code=BT02").await;
}

#[tokio::test]
async fn a_bluetoothd_that_is_restarted_ends_nothing() {
    let mut scene = Scene::new(PATIENT).await;
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    scene.told_times("\"listening\"", 1).await;
    scene.air.stop_bluetoothd().await.unwrap();
    scene.air.start_bluetoothd().await.unwrap();
    scene.told_times("\"listening\"", 2).await;
    let ended = tokio::time::timeout(SECOND, device.status(&channel)).await;
    assert!(ended.is_err(), "{ended:?} {}", scene.told());
}

#[tokio::test]
async fn a_network_that_is_lost_ends_the_request_in_each_of_its_states() {
    if !inside(
        "request::a_network_that_is_lost_ends_the_request_in_each_of_its_states",
        &[NAME],
    ) {
        return;
    }
    let route = |verb: &str| {
        let mut ip = std::process::Command::new("ip");
        let set = ip.args(["route", verb, "default", "dev", "lo"]).status();
        assert!(set.unwrap().success());
    };
    route("add");
    let mut scene = Scene::new(PATIENT).await;
    let _relay = scene.world.relay().await.unwrap();
    let (mut device, channel) = scene.device().await;
    for (turn, is_scanned) in [(1, false), (2, true)] {
        device.command(&channel, &create("example.com")).unwrap();
        let code = scene.code(turn).await;
        let phone = if is_scanned {
            let args = ["--domain-id", "0", "--delay", "reply=60000"];
            let phone = scene.world.phone(&code, &args).await.unwrap();
            scene.told_times("\"reply\"", 1).await;
            Some(phone)
        } else {
            None
        };
        route("del");
        let since = Instant::now();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
        assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
        scene.told_times("NW23", turn).await;
        route("add");
        drop(phone);
    }
    scene.written("code=NW23").await;
}

#[tokio::test]
async fn once_the_phone_was_heard_bluetoothd_is_not_needed() {
    if !inside(
        "request::once_the_phone_was_heard_bluetoothd_is_not_needed",
        &[NAME],
    ) {
        return;
    }
    let mut scene = Scene::new(PATIENT).await;
    let _relay = scene.world.relay().await.unwrap();
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    let code = scene.code(1).await;
    let args = ["--domain-id", "0", "--delay", "reply=1500"];
    let phone = scene.world.phone(&code, &args).await.unwrap();
    scene.told_times("\"reply\"", 1).await;
    scene.air.stop_bluetoothd().await.unwrap();
    let status = device.status(&channel).await;
    assert_eq!(status, Ok(0), "{} {:?}", scene.told(), scene.lines);
    drop(phone);
}
