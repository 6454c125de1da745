//! What systemd does, done without systemd: a socket on descriptor 3, and a datagram socket for
//! what it is told.

use crate::process::{Client, PATIENCE, Relay, until};
use rustix::process::Signal;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

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
fn while_the_last_tunnels_finish_who_comes_waits_for_the_next_relay() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let mut old = Relay::activated(listener.try_clone().unwrap());
    let (mut phone, routing) = Client::open(addr, 1);
    let mut desktop = Client::join(addr, &routing, 1);
    let (mut late_phone, late_routing) = Client::open(addr, 2);
    old.signal(Signal::TERM);
    until("readyz to say no", || {
        (old.ask("/readyz").0 == 503).then_some(())
    });
    // As long as somebody waits to be joined, whoever joins has to be let in, and others can only
    // be refused.
    assert_eq!(
        Client::ask(addr, &format!("/cable/new/{:032x}", 3)).err(),
        Some(503)
    );
    let mut late_desktop = Client::join(addr, &late_routing, 2);
    // From now on nobody who comes is looking for a tunnel of this relay.
    let waiting = std::thread::spawn(move || Client::open(addr, 4));
    late_desktop.send(b"late but in time");
    assert_eq!(late_phone.frame().1, b"late but in time");
    let new = Relay::activated(listener);
    let (_new_phone, _) = waiting.join().unwrap();
    assert!(
        new.ask("/metrics")
            .1
            .contains("\ntunnel_tunnels_opened_total 1\n")
    );
    for (one, other) in [
        (&mut phone, &mut desktop),
        (&mut late_phone, &mut late_desktop),
    ] {
        one.send(b"as ever");
        assert_eq!(other.frame().1, b"as ever");
        one.close();
        other.frame();
        other.close();
    }
    assert_eq!(old.end().code(), Some(0));
}

#[test]
fn two_sockets_are_one_too_many() {
    let script = "LISTEN_FDS=2 LISTEN_PID=$$ exec \"$@\" 3<&0 4<&0";
    let mut command = Command::new("sh");
    command.args([
        "-c",
        script,
        "sh",
        env!("CARGO_BIN_EXE_tunnel-server"),
        "serve",
    ]);
    let output = command
        .stdin(OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap()))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("systemd passed 2 sockets, expected one"),
        "{said}"
    );
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
    assert!(
        stopping.contains("\nEXTEND_TIMEOUT_USEC=22000000\n"),
        "{stopping}"
    );
    drop(phone);
    assert_eq!(relay.end().code(), Some(0));
}
