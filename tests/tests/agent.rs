//! The agent between the key's service and a phone: real relay, real phone, a fake bluetoothd, and a
//! prompt that is a script. What a program at the device is answered, and what ends a request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

#[cfg(feature = "window")]
#[allow(dead_code, reason = "the window's own scenarios use all of it")]
#[path = "window/screen.rs"]
mod screen;
#[cfg(feature = "window")]
#[path = "window/with_agent.rs"]
mod with_window;

use hybrid_dial::{Network, TrustAnchors};
use hybrid_key_bus::{AGENT_PATH, AgentProxy};
use hybrid_key_service::run::{World as ServiceWorld, run};
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::{QrCode, Stage};
use hybrid_radio::AdapterChoice;
use hybrid_radio::bluez::Bus as RadioBus;
use hybrid_tests::bluez::Air;
use hybrid_tests::kernel::{Kernel, UhidDevice};
use hybrid_tests::login::Login;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, World};
use hybrid_tests::runs::{self, Measured};
use hybrid_tests::stranger::Stranger;
use hybridd::agent::folders::Folders;
use hybridd::agent::memory::Memory;
use hybridd::agent::prompt::PromptProgram;
use hybridd::agent::report_file::{self, AgentPlace, AgentReport};
use hybridd::agent::switch::Switch;
use hybridd::agent::{Agent, AgentWorld};
use hybridd::settings::PolicyPlace;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;
use tokio::task::JoinHandle;
use zbus::connection;

const NAME: &str = "cable.ua5v.com";
const ENTRA: &str = "login.microsoft.com";
const CANCELLED: u8 = 0x2d;
const SELECTION: [u8; 1] = [0x0b];
/// Ends what is to end at once.
const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);

/// A prompt that keeps what it is told, and does these things.
#[derive(Clone, Copy)]
struct Manner {
    on_ask: &'static str,
    on_code: &'static str,
}

const PATIENT: Manner = Manner {
    on_ask: ":",
    on_code: r#"echo '{"ev":"shown"}'"#,
};

struct Scene {
    world: World,
    air: Air,
    folders: Folders,
    kernel: Kernel,
    lines: Arc<Mutex<Vec<String>>>,
    agent: Option<(JoinHandle<std::io::Result<()>>, AgentPlace)>,
    login: Login,
}

impl Scene {
    async fn new(manner: Manner) -> Self {
        Self::with(|log| {
            let Manner { on_ask, on_code } = manner;
            let script = format!(
                "while read -r line; do printf '%s\\n' \"$line\" >>\"$0\"; case \"$line\" in \
                 *'\"ev\":\"ask\"'*) {on_ask};; *'\"ev\":\"code\"'*) {on_code};; \
                 *'\"ev\":\"close\"'*) exit;; esac; done"
            );
            Some(PromptProgram {
                program: "/bin/sh".into(),
                args: vec!["-c".into(), script.into(), log.into()],
                lingers: false,
                has_terminal: false,
            })
        })
        .await
    }

    /// Who runs this test is in front, and the service is there.
    async fn bare() -> Self {
        let air = Air::start().await.unwrap();
        for adapter in ["hci0", "hci1"] {
            air.add_adapter(adapter).await.unwrap();
        }
        let world = World::new(air.bus_address(), &[NAME]).unwrap();
        let login = Login::start(air.bus_address()).await.unwrap();
        login.log_in("1", rustix::process::getuid().as_raw(), "seat0");
        login.switch("1").await.unwrap();

        let (kernel, open) = Kernel::new();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let written = Arc::clone(&lines);
        let service = ServiceWorld {
            connection: connection::Builder::address(air.bus_address())
                .build()
                .await
                .unwrap(),
            open,
            journal: move |line: &_| written.lock().unwrap().push(format!("{line}")),
            host: "desk".to_owned(),
        };
        tokio::spawn(run(service, std::future::pending()));

        let home = world.path("");
        let of_person = |name: &str| (name == "HOME").then(|| home.clone().into());
        let folders = Folders::of_person(of_person).unwrap();
        let scene = Self {
            agent: None,
            world,
            air,
            folders,
            kernel,
            lines,
            login,
        };
        scene.written("a session is active").await;
        scene
    }

    /// The same, with an agent.
    async fn with(prompt: impl Fn(PathBuf) -> Option<PromptProgram>) -> Self {
        let mut scene = Self::bare().await;
        let place = AgentPlace::take(&scene.folders).unwrap();
        let root = CertificateDer::from_pem_file(scene.world.path("ca.pem")).unwrap();
        let relay = SocketAddr::from((Ipv4Addr::LOCALHOST, 443));
        let agent = Agent::new(AgentWorld {
            bus: RadioBus::At(scene.air.bus_address().to_owned()),
            network: Network::detour(relay, TrustAnchors::Roots(vec![root])),
            prompt: prompt(scene.world.path("prompt.jsonl")),
            folders: scene.folders.clone(),
            adapters: AdapterChoice::Any,
            vouches: true,
            // Asked at each request for this site, once a test has put something there.
            policies: vec![PolicyPlace {
                rp_id: ENTRA.to_owned(),
                path: scene.world.path("policy.json"),
            }],
            history: hybridd::history::HistoryKeeping::default(),
        });
        scene.agent = Some((tokio::spawn(agent.serve()), place));
        scene
    }

    async fn device(&mut self) -> (UhidDevice, [u8; 4]) {
        let mut device = self.kernel.device().await.unwrap();
        let channel = device.open().await.unwrap();
        (device, channel)
    }

    /// What prompts were told so far.
    fn told(&self) -> String {
        fs::read_to_string(self.world.path("prompt.jsonl")).unwrap_or_default()
    }

    async fn told_times(&self, part: &str, times: usize) -> String {
        let enough = || Some(self.told()).filter(|told| told.matches(part).count() >= times);
        let seen = tokio::time::timeout(PATIENCE / 2, until(part, enough)).await;
        seen.unwrap_or_else(|_| panic!("{times} {part}: {} {:?}", self.told(), self.lines))
    }

    /// The last code that a prompt was given.
    async fn code(&self, times: usize) -> String {
        let told = self.told_times("FIDO:/", times).await;
        let last = told.lines().rfind(|line| line.contains("FIDO:/")).unwrap();
        let line: serde_json::Value = serde_json::from_str(last).unwrap();
        line["text"].as_str().unwrap().to_owned()
    }

    /// A phone that scans the last of so many codes.
    async fn scan(&self, codes: usize) -> Child {
        let code = self.code(codes).await;
        self.world
            .phone(&code, &["--domain-id", "0"])
            .await
            .unwrap()
    }

    /// A line of the service's journal.
    async fn written(&self, part: &str) -> String {
        until(part, || {
            let lines = self.lines.lock().unwrap();
            lines.iter().find(|line| line.contains(part)).cloned()
        })
        .await
    }
}

async fn until<T>(what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = seen() {
            return seen;
        }
        assert!(Instant::now() < end, "not seen: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn map(entries: Vec<(Value, Value)>) -> Value {
    Value::Map(entries)
}

fn create(rp_id: &str) -> Vec<u8> {
    let es256 = map(vec![
        ("alg".into(), Value::from(-7)),
        ("type".into(), "public-key".into()),
    ]);
    let user = map(vec![
        ("id".into(), Value::Bytes(vec![7; 32])),
        ("name".into(), "alice".into()),
    ]);
    let parameters = map(vec![
        (1.into(), Value::Bytes(vec![1; 32])),
        (2.into(), map(vec![("id".into(), rp_id.into())])),
        (3.into(), user),
        (4.into(), Value::Array(vec![es256])),
        (7.into(), map(vec![("rk".into(), true.into())])),
    ]);
    [vec![0x01], cbor::write(&parameters)].concat()
}

fn get(rp_id: &str, id: &[u8]) -> Vec<u8> {
    let descriptor = map(vec![
        ("id".into(), Value::Bytes(id.to_vec())),
        ("type".into(), "public-key".into()),
    ]);
    let parameters = map(vec![
        (1.into(), rp_id.into()),
        (2.into(), Value::Bytes(vec![2; 32])),
        (3.into(), Value::Array(vec![descriptor])),
    ]);
    [vec![0x02], cbor::write(&parameters)].concat()
}

/// The credential that the phone keeps.
fn kept(world: &World) -> Vec<u8> {
    fn id_in(value: &serde_json::Value) -> Option<String> {
        if let Some(values) = value.as_array() {
            return values.iter().find_map(id_in);
        }
        let map = value.as_object()?;
        match map.get("id").and_then(|id| id.as_str()) {
            Some(id) => Some(id.to_owned()),
            None => map.values().find_map(id_in),
        }
    }
    let store = fs::read(world.path("phone.json")).unwrap();
    let id = id_in(&serde_json::from_slice(&store).unwrap()).expect("a passkey");
    hex::decode(&id).unwrap_or_else(|_| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(&id)
            .unwrap()
    })
}

#[tokio::test]
async fn a_credential_is_made_and_used_by_a_program_at_the_device_and_remembered() {
    if !inside(
        "a_credential_is_made_and_used_by_a_program_at_the_device_and_remembered",
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
    let page = include_str!("../../docs/privacy.md");
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
        "each_imitated_phone_answers_for_the_virtual_key_as_the_matrix_says",
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
        "a_network_that_is_lost_ends_the_request_in_each_of_its_states",
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
    if !inside("once_the_phone_was_heard_bluetoothd_is_not_needed", &[NAME]) {
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

/// What a program said so far.
async fn listen(child: &mut Child) -> Arc<Mutex<String>> {
    let said = Arc::<Mutex<String>>::default();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let heard = Arc::clone(&said);
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            *heard.lock().unwrap() += &format!("{line}\n");
        }
    });
    said
}

#[tokio::test]
async fn the_agent_with_its_terminal_prompt_keeps_its_secrets_and_ends_well() {
    if !inside(
        "the_agent_with_its_terminal_prompt_keeps_its_secrets_and_ends_well",
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
