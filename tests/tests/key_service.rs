//! The security key's service with a bus, a logind, a polkit and a kernel of the test's own: who
//! gets the key, and what ends a request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_key_bus::{CONTRACT, Code, KeyProxy, Refusal, SERVICE};
use hybrid_key_service::run::{ServiceError, World, run};
use hybrid_tests::bluez::Bus;
use hybrid_tests::kernel::{Kernel, UhidDevice};
use hybrid_tests::login::Login;
use hybrid_tests::stand_in::{Manner, Sight, StandIn};
use hybrid_tests::stranger::Stranger;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zbus::fdo::DBusProxy;
use zbus::{Connection, Variant, connection};

/// A registration at example.org, as a program over libfido2 sends it.
const CREATE: &str = "01a5015820000000000000000000000000000000000000000000000000000000000000000\
                      002a16269646b6578616d706c652e6f726703a26269644101646e616d65616104\
                      81a263616c672664747970656a7075626c69632d6b657907a162726bf5";
/// authenticatorSelection
const SELECTION: [u8; 1] = [0x0b];
/// The front session of who runs this test.
const MINE: &str = "1";
/// Somebody else's.
const THEIRS: &str = "2";

struct Scene {
    bus: Bus,
    login: Login,
    kernel: Kernel,
    lines: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    service: Service,
}

impl Scene {
    /// Who runs this test is in front, somebody else in the background, and the service is there.
    async fn new() -> Self {
        let bus = Bus::start().unwrap();
        let login = Login::start(bus.address()).await.unwrap();
        let uid = rustix::process::getuid().as_raw();
        login.log_in(MINE, uid, "seat0");
        login.log_in(THEIRS, uid + 1, "seat0");
        login.switch(MINE).await.unwrap();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let (kernel, stop, service) = serve(&bus, &lines).await;
        let scene = Self {
            bus,
            login,
            kernel,
            lines,
            stop: Some(stop),
            service,
        };
        scene.served().await;
        scene
    }

    /// Waits until the service has its name.
    async fn served(&self) {
        let connection = self.connection().await;
        let bus = DBusProxy::new(&connection).await.unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while !bus
            .name_has_owner(SERVICE.try_into().unwrap())
            .await
            .unwrap()
        {
            assert!(Instant::now() < end, "the service has no name");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The service is stopped and started again, with a kernel of its own.
    async fn restart(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        (&mut self.service).await.unwrap().unwrap();
        let (kernel, stop, service) = serve(&self.bus, &self.lines).await;
        (self.kernel, self.stop, self.service) = (kernel, Some(stop), service);
    }

    async fn agent(&self, manner: Manner) -> StandIn {
        StandIn::start(builder(&self.bus), manner).await.unwrap()
    }

    /// An agent that is registered, and the device.
    async fn registered(&mut self, manner: Manner) -> (StandIn, UhidDevice) {
        let mut agent = self.agent(manner).await;
        sees(&mut agent, Sight::Registered).await;
        (agent, self.kernel.device().await.unwrap())
    }

    async fn connection(&self) -> Connection {
        builder(&self.bus).build().await.unwrap()
    }

    /// Waits for a line of the journal.
    async fn written(&self, part: &str) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let found = |line: &&String| line.contains(part);
            if let Some(line) = self.lines.lock().unwrap().iter().find(found) {
                return line.clone();
            }
            assert!(
                Instant::now() < end,
                "no line with {part}: {:?}",
                self.lines
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

type Service = JoinHandle<Result<(), ServiceError>>;

/// The service, on a connection of its own, and the way to stop it.
async fn serve(
    bus: &Bus,
    lines: &Arc<Mutex<Vec<String>>>,
) -> (Kernel, oneshot::Sender<()>, Service) {
    let (kernel, open) = Kernel::new();
    let (stop, stopped) = oneshot::channel::<()>();
    let written = Arc::clone(lines);
    let connection = builder(bus).build().await.unwrap();
    let world = World {
        connection: connection.clone(),
        open,
        journal: move |line: &_| written.lock().unwrap().push(format!("{line}")),
        host: "desk".to_owned(),
    };
    let service = tokio::spawn(async move {
        let ended = run(world, async {
            let _ = stopped.await;
        })
        .await;
        // As the end of the program does.
        let _ = connection.close().await;
        ended
    });
    (kernel, stop, service)
}

fn builder(bus: &Bus) -> connection::Builder<'_> {
    connection::Builder::address(bus.address())
}

/// Waits for this sight; invitations that come before are passed over.
async fn sees(agent: &mut StandIn, sight: Sight) {
    let seen = async {
        loop {
            let seen = agent.next().await.unwrap();
            if seen == sight {
                return;
            }
            assert_eq!(seen, Sight::Anew, "while it was to be {sight:?}");
        }
    };
    let within = tokio::time::timeout(Duration::from_secs(10), seen).await;
    assert!(within.is_ok(), "the agent does not see {sight:?}");
}

/// The number of the request that a program made; invitations that come before are passed over.
async fn asked(agent: &mut StandIn) -> u64 {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(10), agent.next()).await;
        let seen = next.expect("the agent is asked").unwrap();
        if let Sight::Asked {
            number,
            command,
            rp_id,
        } = seen
        {
            assert_eq!((command, rp_id.as_str()), (1, "example.org"));
            return number;
        }
        assert_eq!(seen, Sight::Anew, "while it was to be asked");
    }
}

fn create() -> Vec<u8> {
    hex::decode(CREATE).unwrap()
}

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
