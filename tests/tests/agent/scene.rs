//! A computer with an agent on it, the programs that ask its key, and what a prompt is told.

use hybrid_dial::{Network, TrustAnchors};
use hybrid_key_service::run::{World as ServiceWorld, run};
use hybrid_protocol::cbor::{self, Value};
use hybrid_radio::AdapterChoice;
use hybrid_radio::bluez::Bus as RadioBus;
use hybrid_tests::bluez::Air;
use hybrid_tests::kernel::{Kernel, UhidDevice};
use hybrid_tests::key_service::served;
use hybrid_tests::login::Login;
use hybrid_tests::programs::World;
use hybridd::agent::folders::Folders;
use hybridd::agent::prompt::PromptProgram;
use hybridd::agent::report_file::AgentPlace;
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

pub const NAME: &str = "cable.ua5v.com";
pub const ENTRA: &str = "login.microsoft.com";
pub const CANCELLED: u8 = 0x2d;
pub const SELECTION: [u8; 1] = [0x0b];
/// Ends what is to end at once.
pub const SECOND: Duration = Duration::from_secs(1);
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A prompt that keeps what it is told, and does these things.
#[derive(Clone, Copy)]
pub struct Manner {
    pub on_ask: &'static str,
    pub on_code: &'static str,
}

pub const PATIENT: Manner = Manner {
    on_ask: ":",
    on_code: r#"echo '{"ev":"shown"}'"#,
};

pub struct Scene {
    pub world: World,
    pub air: Air,
    pub folders: Folders,
    pub kernel: Kernel,
    pub lines: Arc<Mutex<Vec<String>>>,
    pub agent: Option<(JoinHandle<std::io::Result<()>>, AgentPlace)>,
    pub login: Login,
}

impl Scene {
    pub async fn new(manner: Manner) -> Self {
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
    pub async fn bare() -> Self {
        let air = Air::with_adapters(&["hci0", "hci1"]).await.unwrap();
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
        served(scene.air.bus_address()).await.unwrap();
        scene
    }

    /// The same, with an agent.
    pub async fn with(prompt: impl Fn(PathBuf) -> Option<PromptProgram>) -> Self {
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

    pub async fn device(&mut self) -> (UhidDevice, [u8; 4]) {
        let mut device = self.kernel.device().await.unwrap();
        let channel = device.open().await.unwrap();
        (device, channel)
    }

    /// What prompts were told so far.
    pub fn told(&self) -> String {
        fs::read_to_string(self.world.path("prompt.jsonl")).unwrap_or_default()
    }

    pub async fn told_times(&self, part: &str, times: usize) -> String {
        let enough = || Some(self.told()).filter(|told| told.matches(part).count() >= times);
        let seen = tokio::time::timeout(PATIENCE / 2, until(part, enough)).await;
        seen.unwrap_or_else(|_| panic!("{times} {part}: {} {:?}", self.told(), self.lines))
    }

    /// The last code that a prompt was given.
    pub async fn code(&self, times: usize) -> String {
        let told = self.told_times("FIDO:/", times).await;
        let last = told.lines().rfind(|line| line.contains("FIDO:/")).unwrap();
        let line: serde_json::Value = serde_json::from_str(last).unwrap();
        line["text"].as_str().unwrap().to_owned()
    }

    /// A phone that scans the last of so many codes.
    pub async fn scan(&self, codes: usize) -> Child {
        let code = self.code(codes).await;
        self.world
            .phone(&code, &["--domain-id", "0"])
            .await
            .unwrap()
    }

    /// A line of the service's journal.
    pub async fn written(&self, part: &str) -> String {
        until(part, || {
            let lines = self.lines.lock().unwrap();
            lines.iter().find(|line| line.contains(part)).cloned()
        })
        .await
    }
}

pub async fn until<T>(what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = seen() {
            return seen;
        }
        assert!(Instant::now() < end, "not seen: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub fn map(entries: Vec<(Value, Value)>) -> Value {
    Value::Map(entries)
}

pub fn create(rp_id: &str) -> Vec<u8> {
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

pub fn get(rp_id: &str, id: &[u8]) -> Vec<u8> {
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
pub fn kept(world: &World) -> Vec<u8> {
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

/// What a program said so far.
pub async fn listen(child: &mut Child) -> Arc<Mutex<String>> {
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
