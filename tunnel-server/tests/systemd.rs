//! What systemd does, done without systemd: a socket on descriptor 3, and a datagram socket for what it is told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "scenarios"
)]

mod process;

use process::{Client, PATIENCE, Relay};
use rustix::process::Signal;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;

#[test]
fn a_socket_that_systemd_opened_is_served_and_outlives_the_relay() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let mut relay = Relay::activated(listener.try_clone().unwrap());
    assert_eq!(relay.addr, addr);
    let (mut phone, routing) = Client::open(addr, 1);
    let mut desktop = Client::join(addr, &routing, 1);
    desktop.send(b"hello");
    assert_eq!(phone.frame().1, b"hello");
    drop((phone, desktop));
    relay.signal(Signal::TERM);
    assert_eq!(relay.end().code(), Some(0));

    // Who comes between two relays waits in the socket's queue.
    let early = std::thread::spawn(move || Client::open(addr, 2));
    let relay = Relay::activated(listener);
    let (mut phone, routing) = early.join().unwrap();
    let mut desktop = Client::join(relay.addr, &routing, 2);
    desktop.send(b"upgraded");
    assert_eq!(phone.frame().1, b"upgraded");
}

#[test]
fn systemd_is_told_of_start_life_reload_and_drain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = |wanted: &str| loop {
        let mut buffer = [0; 1024];
        let length = manager
            .recv(&mut buffer)
            .unwrap_or_else(|error| panic!("not told {wanted}: {error}"));
        let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
        if text.lines().any(|line| line == wanted) {
            return text;
        }
    };
    let mut relay = Relay::start(|command| {
        command
            .env("NOTIFY_SOCKET", &path)
            .args(["--drain", "20s", "--closing", "1s"]);
    });
    told("READY=1");
    told("WATCHDOG=1");
    relay.signal(Signal::HUP);
    let reloading = told("RELOADING=1");
    assert!(reloading.contains("\nMONOTONIC_USEC="), "{reloading}");
    told("READY=1");
    let (phone, _) = Client::open(relay.addr, 1);
    relay.signal(Signal::TERM);
    let stopping = told("STOPPING=1");
    assert!(stopping.contains("\nEXTEND_TIMEOUT_USEC=22000000\n"), "{stopping}");
    drop(phone);
    assert_eq!(relay.end().code(), Some(0));
}
