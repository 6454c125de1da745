//! The service between a bus, a logind, a polkit and a kernel of the test's own, and the agents
//! and programs at it.

use hybrid_key_service::run::{ServiceError, World, run};
use hybrid_tests::bluez::Bus;
use hybrid_tests::kernel::{Kernel, UhidDevice};
use hybrid_tests::key_service::served;
use hybrid_tests::login::Login;
use hybrid_tests::stand_in::{Manner, Sight, StandIn};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zbus::{Connection, connection};

/// A registration at example.org, as a program over libfido2 sends it.
const CREATE: &str = "01a5015820000000000000000000000000000000000000000000000000000000000000000\
                      002a16269646b6578616d706c652e6f726703a26269644101646e616d65616104\
                      81a263616c672664747970656a7075626c69632d6b657907a162726bf5";
/// authenticatorSelection
pub const SELECTION: [u8; 1] = [0x0b];
/// The front session of who runs this test.
pub const MINE: &str = "1";
/// Somebody else's.
pub const THEIRS: &str = "2";

pub struct Scene {
    pub bus: Bus,
    pub login: Login,
    pub kernel: Kernel,
    pub lines: Arc<Mutex<Vec<String>>>,
    pub stop: Option<oneshot::Sender<()>>,
    pub service: Service,
}

impl Scene {
    /// Who runs this test is in front, somebody else in the background, and the service is there.
    pub async fn new() -> Self {
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
        served(scene.bus.address()).await.unwrap();
        scene
    }

    /// The service is stopped and started again, with a kernel of its own.
    pub async fn restart(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        (&mut self.service).await.unwrap().unwrap();
        let (kernel, stop, service) = serve(&self.bus, &self.lines).await;
        (self.kernel, self.stop, self.service) = (kernel, Some(stop), service);
    }

    pub async fn agent(&self, manner: Manner) -> StandIn {
        StandIn::start(builder(&self.bus), manner).await.unwrap()
    }

    /// An agent that is registered, and the device.
    pub async fn registered(&mut self, manner: Manner) -> (StandIn, UhidDevice) {
        let mut agent = self.agent(manner).await;
        sees(&mut agent, Sight::Registered).await;
        (agent, self.kernel.device().await.unwrap())
    }

    pub async fn connection(&self) -> Connection {
        builder(&self.bus).build().await.unwrap()
    }

    /// Waits for a line of the journal.
    pub async fn written(&self, part: &str) -> String {
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

pub type Service = JoinHandle<Result<(), ServiceError>>;

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
pub async fn sees(agent: &mut StandIn, sight: Sight) {
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
pub async fn asked(agent: &mut StandIn) -> u64 {
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

pub fn create() -> Vec<u8> {
    hex::decode(CREATE).unwrap()
}
