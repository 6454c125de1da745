//! How long the phone as a security key takes: from a program's last frame to the agent's call, to
//! the code's text at the prompt, and from one keepalive to the next; and what the agent costs while
//! nothing happens. With a bus, a logind, a polkit, a bluetoothd and a kernel of its own.
//!
//!   key-times [keepalives]

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement, by hand"
)]

use hybrid_key_service::journal::Line;
use hybrid_key_service::run::{World as ServiceWorld, run};
use hybrid_tests::bluez::Air;
use hybrid_tests::kernel::{Kernel, UhidDevice};
use hybrid_tests::login::Login;
use hybrid_tests::programs::{self, World};
use hybrid_tests::stand_in::{Manner, Sight, StandIn};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{ChildStderr, Command};
use zbus::connection::Builder;

/// Requests whose way to the agent is timed, and those whose way to the prompt is.
const REQUESTS: usize = 200;
const CODES: usize = 50;
/// Nothing happens for so long, after so long for what is left of the last request.
const IDLE: Duration = Duration::from_secs(30);
const CALM: Duration = Duration::from_secs(40);
const CREATE: &str = "01a5015820000000000000000000000000000000000000000000000000000000000000000\
                      002a16269646b6578616d706c652e6f726703a26269644101646e616d65616104\
                      81a263616c672664747970656a7075626c69632d6b657907a162726bf5";

#[tokio::main]
async fn main() {
    programs::build();
    let keepalives = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let keepalives: usize = keepalives.unwrap_or(1000);
    let command = hex::decode(CREATE).unwrap();

    let (air, _login, mut kernel) = desk().await;
    let mut agent = StandIn::start(Builder::address(air.bus_address()), Manner::Hang)
        .await
        .unwrap();
    while agent.next().await.unwrap() != Sight::Registered {}
    let mut device = kernel.device().await.unwrap();
    calls(&mut device, &mut agent, &command, keepalives).await;

    // Another one: that agent stays on its bus.
    let (air, _login, mut kernel) = desk().await;
    let world = World::new(air.bus_address(), &[]).unwrap();
    codes(&world, &mut kernel, &command).await;
}

/// A bus with an adapter, somebody in front, and the service.
async fn desk() -> (Air, Login, Kernel) {
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    let login = Login::start(air.bus_address()).await.unwrap();
    login.log_in("1", rustix::process::getuid().as_raw(), "seat0");
    login.switch("1").await.unwrap();
    let (kernel, open) = Kernel::new();
    let address = air.bus_address().to_owned();
    // As the program does it: the loop in one thread, the bus in another.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let world = ServiceWorld {
                connection: Builder::address(address.as_str()).build().await.unwrap(),
                open,
                journal: |_: &Line| {},
                host: String::new(),
            };
            // It ends with its bus.
            let _ = run(world, core::future::pending()).await;
        });
    });
    (air, login, kernel)
}

/// The service's part, with an agent that does nothing.
async fn calls(device: &mut UhidDevice, agent: &mut StandIn, command: &[u8], keepalives: usize) {
    let channel = device.open().await.unwrap();
    let mut ways = Vec::new();
    for _ in 0..REQUESTS {
        let began = Instant::now();
        device.command(&channel, command).unwrap();
        while !matches!(agent.next().await.unwrap(), Sight::Asked { .. }) {}
        ways.push(began.elapsed());
        device.cancel(&channel).unwrap();
        device.status(&channel).await.unwrap();
    }
    print("from the last frame to the agent's call", ways);

    device.command(&channel, command).unwrap();
    let mut gaps = Vec::new();
    let mut before = Instant::now();
    for _ in 0..keepalives {
        device.keepalive(&channel).await.unwrap();
        gaps.push(before.elapsed());
        before = Instant::now();
    }
    print("from one keepalive to the next", gaps);
    device.cancel(&channel).unwrap();
    device.status(&channel).await.unwrap();
}

/// The whole way, with the real agent and its terminal's prompt.
async fn codes(world: &World, kernel: &mut Kernel, command: &[u8]) {
    let mut agent = world.command("hybridd");
    agent.args(["agent", "--prompt", "terminal"]);
    let mut agent = agent.spawn().unwrap();
    let pid = agent.id().unwrap();
    let mut said = BufReader::new(agent.stderr.take().unwrap()).lines();
    let mut device = kernel.device().await.unwrap();
    let channel = device.open().await.unwrap();
    let (mut ways, mut prompts) = (Vec::new(), Vec::new());
    for _ in 0..CODES {
        let began = Instant::now();
        device.command(&channel, command).unwrap();
        line(&mut said, |line| line.starts_with("FIDO:/")).await;
        ways.push(began.elapsed());
        // The prompt says that it is on the screen right after it.
        device.keepalive(&channel).await.unwrap();
        device.cancel(&channel).unwrap();
        device.status(&channel).await.unwrap();
        // Without the time when the cancel overtook that word, as it may on a busy computer.
        let told = line(&mut said, |line| line.contains("outcome=")).await;
        if let Some((_, ms)) = told.rsplit_once("shown_ms=") {
            prompts.push(Duration::from_millis(ms.trim().parse().unwrap()));
        }
    }
    print("from the last frame to the code's text at the prompt", ways);
    print(
        "  of it, from the agent's call to the prompt's word",
        prompts,
    );
    print(
        "  of it, a program that starts and ends",
        starts(world).await,
    );

    tokio::time::sleep(CALM).await;
    let before = switches(pid);
    tokio::time::sleep(IDLE).await;
    let woken = switches(pid) - before;
    println!(
        "the agent, while nothing happens for {IDLE:?}: woken {woken} times, {} kB resident",
        resident(pid)
    );
    agent.kill().await.unwrap();
}

/// What starting a program as large as the prompt takes.
async fn starts(world: &World) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..CODES {
        let began = Instant::now();
        let mut version: Command = world.command("hybridd");
        version.arg("--version").output().await.unwrap();
        times.push(began.elapsed());
    }
    times
}

async fn line(said: &mut Lines<BufReader<ChildStderr>>, fits: impl Fn(&str) -> bool) -> String {
    loop {
        let line = said.next_line().await.unwrap().unwrap();
        if fits(&line) {
            return line;
        }
    }
}

/// How often the threads of a process went to sleep, which is how often they were woken.
fn switches(pid: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of_task = |task: std::io::Result<fs::DirEntry>| {
        let status = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        number(&status, "voluntary_ctxt_switches:")
    };
    tasks.map(of_task).sum()
}

fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    number(&status, "VmRSS:")
}

fn number(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    let count = times.len();
    println!("{what}: median {median:.1?}, worst {worst:.1?} of {count}");
}
