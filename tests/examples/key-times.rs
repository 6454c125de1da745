//! How long the key's service takes: from a program's last frame to the agent's call, and from one
//! keepalive to the next. With a bus, a logind, a polkit and a kernel of its own.
//!
//!   key-times [keepalives]

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement, by hand"
)]

use hybrid_key_service::journal::Line;
use hybrid_key_service::run::{World, run};
use hybrid_tests::bluez::Bus;
use hybrid_tests::kernel::Kernel;
use hybrid_tests::login::Login;
use hybrid_tests::stand_in::{Manner, Sight, StandIn};
use std::thread;
use std::time::{Duration, Instant};
use zbus::connection::Builder;

/// Requests whose way to the agent is timed.
const REQUESTS: usize = 200;
const CREATE: &str = "01a5015820000000000000000000000000000000000000000000000000000000000000000\
                      002a16269646b6578616d706c652e6f726703a26269644101646e616d65616104\
                      81a263616c672664747970656a7075626c69632d6b657907a162726bf5";

#[tokio::main]
async fn main() {
    let keepalives = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let keepalives: usize = keepalives.unwrap_or(1000);
    let bus = Bus::start().unwrap();
    let login = Login::start(bus.address()).await.unwrap();
    login.log_in("1", rustix::process::getuid().as_raw(), "seat0");
    login.switch("1").await.unwrap();
    let (mut kernel, open) = Kernel::new();
    let address = bus.address().to_owned();
    // As the program does it: the loop in one thread, the bus in another.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let world = World {
                connection: Builder::address(address.as_str()).build().await.unwrap(),
                open,
                journal: |_: &Line| {},
                host: String::new(),
            };
            run(world, core::future::pending()).await.unwrap();
        });
    });
    let mut agent = StandIn::start(Builder::address(bus.address()), Manner::Hang)
        .await
        .unwrap();
    while agent.next().await.unwrap() != Sight::Registered {}
    let mut device = kernel.device().await.unwrap();
    let channel = device.open().await.unwrap();
    let command = hex::decode(CREATE).unwrap();

    let mut ways = Vec::new();
    for _ in 0..REQUESTS {
        let began = Instant::now();
        device.command(&channel, &command).unwrap();
        while !matches!(agent.next().await.unwrap(), Sight::Asked { .. }) {}
        ways.push(began.elapsed());
        device.cancel(&channel).unwrap();
        device.status(&channel).await.unwrap();
    }
    print("from the last frame to the agent's call", ways);

    device.command(&channel, &command).unwrap();
    let mut gaps = Vec::new();
    let mut before = Instant::now();
    for _ in 0..keepalives {
        device.keepalive(&channel).await.unwrap();
        gaps.push(before.elapsed());
        before = Instant::now();
    }
    print("from one keepalive to the next", gaps);
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    let count = times.len();
    println!("{what}: median {median:.1?}, worst {worst:.1?} of {count}");
}
