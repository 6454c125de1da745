//! The probe against a sound relay, and against everything that can be wrong with one.

use crate::client::{relay, until};
use crate::program::{Pki, Program, run};
use hybrid_tunnel_probe::{
    self as probe, ProbeOptions, ProbeStep, StepReport, Target, TrustedRoots,
};
use hybrid_tunnel_server::{Running, certificates};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn probe(to: &str, seconds: u64) -> (bool, Vec<StepReport>) {
    let manner = ProbeOptions {
        deadline: Duration::from_secs(seconds),
        large: 64 * 1024,
    };
    let mut steps = Vec::new();
    let pki = Pki::new();
    let trust = {
        let pem = std::fs::read(pki.path("ca.pem")).unwrap();
        TrustedRoots::private(certificates(&pem).unwrap()).unwrap()
    };
    let target = Target::read(to).unwrap();
    let sound = probe::run(&target, &trust, &manner, |done| steps.push(done.clone())).await;
    (sound, steps)
}

/// The step at which it failed, what it saw and what it advises.
async fn failure(to: SocketAddr, seconds: u64) -> (ProbeStep, String) {
    let (sound, steps) = probe(&format!("http://{to}"), seconds).await;
    assert!(!sound);
    let (last, before) = steps.split_last().unwrap();
    assert!(before.iter().all(|step| step.outcome.is_ok()));
    let fault = last.outcome.clone().unwrap_err();
    assert!(!fault.advice.is_empty());
    (last.step, format!("{} | {}", fault.saw, fault.advice))
}

fn plain(relay: &Running) -> String {
    format!("ws://{}", relay.local_addr())
}

/// A server that answers every request with what `answer` makes of its head, and then keeps the
/// connection open.
async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let answer = std::sync::Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = std::sync::Arc::clone(&answer);
            tokio::spawn(async move {
                let head = head(&mut stream).await;
                let _ = stream.write_all(answer(&head).as_bytes()).await;
                let _ = stream.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    addr
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A correct 101 for this request, with these headers more.
fn switching(head: &str, more: &str) -> String {
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
    let key = crate::client::header(head, "Sec-WebSocket-Key").unwrap();
    let accept = derive_accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n{more}\r\n"
    )
}

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_sound_relay_passes_every_step_and_keeps_no_room() {
    let relay = relay(|_| ()).await;
    let (sound, steps) = probe(&plain(&relay), 30).await;
    assert!(sound, "{steps:?}");
    let seen: Vec<_> = steps.iter().map(|done| done.step).collect();
    let expected: Vec<_> = ProbeStep::ALL
        .into_iter()
        .filter(|step| *step != ProbeStep::Tls)
        .collect();
    assert_eq!(seen, expected);
    until(&relay, "rooms", 0).await;
    until(&relay, "messages_total", 4).await;
}

#[tokio::test]
async fn nobody_at_the_port_and_no_such_name_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let (step, saw) = failure(addr, 30).await;
    assert_eq!(step, ProbeStep::Tcp);
    assert!(saw.contains("refused"), "{saw}");
    let (_, steps) = probe("wss://no-such-name.invalid", 30).await;
    assert_eq!(steps.last().unwrap().step, ProbeStep::Dns);
}

#[tokio::test]
async fn a_server_that_is_no_relay_is_named_by_its_status() {
    for (status, advice) in [
        ("200 OK", "forward /cable/ to the relay"),
        ("404 Not Found", "There is no relay behind this address"),
        (
            "426 Upgrade Required",
            "does not forward the WebSocket upgrade",
        ),
        ("502 Bad Gateway", "cannot reach the relay"),
        ("429 Too Many Requests", "forwarded_from"),
    ] {
        let addr =
            answering(move |_| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;
        let (step, saw) = failure(addr, 30).await;
        assert_eq!(step, ProbeStep::Open);
        assert!(saw.contains(advice) && saw.contains(&status[..3]), "{saw}");
    }
}

#[tokio::test]
async fn a_relay_without_subprotocol_or_routing_id_fails_to_open() {
    let addr = answering(|head| switching(head, "X-caBLE-Routing-ID: 0a0b0c\r\n")).await;
    let (step, saw) = failure(addr, 30).await;
    assert!(
        step == ProbeStep::Open && saw.contains("fido.cable"),
        "{saw}"
    );
    let addr = answering(|head| switching(head, "Sec-WebSocket-Protocol: fido.cable\r\n")).await;
    let (step, saw) = failure(addr, 30).await;
    assert!(
        step == ProbeStep::Open && saw.contains("X-caBLE-Routing-ID"),
        "{saw}"
    );
    let addr = answering(|_| "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned()).await;
    assert_eq!(failure(addr, 30).await.0, ProbeStep::Open);
}

#[tokio::test]
async fn a_relay_that_lets_anybody_in_is_unsound() {
    let more = "Sec-WebSocket-Protocol: fido.cable\r\nX-caBLE-Routing-ID: 0a0b0c\r\n";
    let addr = answering(move |head| switching(head, more)).await;
    let (step, saw) = failure(addr, 30).await;
    assert!(
        step == ProbeStep::Guess && saw.contains("wrong routing id was accepted"),
        "{saw}"
    );
    let addr = answering(move |head| match head.split('/').nth(3) {
        Some("0a0b0c" | "0A0B0C") => NOT_FOUND.to_owned(),
        Some("0A0B0D") => "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nwrong".to_owned(),
        _ => switching(head, more),
    })
    .await;
    let (step, saw) = failure(addr, 30).await;
    assert!(
        step == ProbeStep::Guess && saw.contains("different responses"),
        "{saw}"
    );
}

#[tokio::test]
async fn a_relay_that_cannot_find_its_own_tunnel_points_to_the_load_balancer() {
    let more = "Sec-WebSocket-Protocol: fido.cable\r\nX-caBLE-Routing-ID: 0a0b0c\r\n";
    let addr = answering(move |head| {
        if head.starts_with("GET /cable/new/") {
            switching(head, more)
        } else {
            NOT_FOUND.to_owned()
        }
    })
    .await;
    let (step, saw) = failure(addr, 30).await;
    assert!(
        step == ProbeStep::Pair && saw.contains("load balancer"),
        "{saw}"
    );
}

#[tokio::test]
async fn a_relay_that_takes_no_long_messages_is_told_how_to() {
    let relay = relay(|config| config.limits.message_size = 16 * 1024).await;
    let (step, saw) = failure(relay.local_addr(), 30).await;
    assert!(
        step == ProbeStep::Large && saw.contains("raise message_size"),
        "{saw}"
    );
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (step, saw) = failure(listener.local_addr().unwrap(), 1).await;
    assert!(
        step == ProbeStep::Open && saw.contains("timed out after 1 s"),
        "{saw}"
    );
}

/// A relay that answers as it should, but after these first bytes sends others without end, in
/// place of the answer when there are no first ones; on threads of their own, which never wait for
/// the probe.
fn flooding(first: Option<&'static [u8]>, flood: &'static [u8]) -> SocketAddr {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let opened = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let opened = std::sync::Arc::clone(&opened);
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                    head.push(byte[0]);
                }
                let head = String::from_utf8(head).unwrap();
                let path: Vec<_> = head.split(['/', ' ']).collect();
                let good = if path[3] == "new" {
                    opened.set(path[4].to_owned()).is_ok()
                } else {
                    path[4].eq_ignore_ascii_case("0a0b0c")
                        && Some(path[5]) == opened.get().map(String::as_str)
                };
                if !good {
                    let _ = stream.write_all(NOT_FOUND.as_bytes());
                    return;
                }
                let more = "Sec-WebSocket-Protocol: fido.cable\r\nX-caBLE-Routing-ID: 0a0b0c\r\n";
                if let Some(first) = first {
                    let answer = switching(&head, more).into_bytes();
                    let _ = stream.write_all(&[&answer, first].concat());
                }
                let flood = flood.repeat(32 * 1024);
                while stream.write_all(&flood).is_ok() {}
            });
        }
    });
    addr
}

#[tokio::test]
async fn a_flood_of_tiny_frames_holds_no_step_past_its_deadline() {
    use ProbeStep::{Open, Small};
    for (kind, first, flood, step) in [
        ("pings", Some(&[][..]), &[0x89, 0][..], Small),
        ("pongs", Some(&[]), &[0x8a, 0], Small),
        ("empty fragments", Some(&[0x02, 0]), &[0x00, 0], Small),
        ("headers", None, b"HTTP/1.1 101 x\r\nx: y\r\n", Open),
        ("lines", None, b"\r\n", Open),
    ] {
        let start = std::time::Instant::now();
        let (sound, steps) = probe(&format!("http://{}", flooding(first, flood)), 1).await;
        assert!(!sound, "{kind}");
        let last = steps.last().unwrap();
        assert_eq!(last.step, step, "{kind}: {last:?}");
        let fault = last.outcome.as_ref().unwrap_err();
        let all = start.elapsed();
        assert!(last.took < Duration::from_secs(3), "{kind}: {last:?}");
        assert!(all < Duration::from_secs(15), "{kind}: {all:?}");
        assert!(!fault.saw.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn the_program_probes_over_tls_with_a_private_authority() {
    let pki = Pki::new();
    let (chain, key, ca) = (
        pki.text("chain.pem"),
        pki.text("key.pem"),
        pki.text("ca.pem"),
    );
    let relay = Program::serve(&["--tls-cert", &chain, "--tls-key", &key]).await;
    assert!(relay.tls);
    let url = format!("https://localhost:{}", relay.addr.port());
    let probed = run(&["probe", &url, "--ca", &ca, "--json"]).await;
    let report: serde_json::Value = serde_json::from_slice(&probed.stdout).unwrap();
    assert_eq!(probed.status.code(), Some(0), "{report}");
    assert_eq!(report["ok"], true);
    let names: Vec<_> = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(names, ProbeStep::ALL.map(ProbeStep::name));
    assert!(
        report["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["ms"].is_u64())
    );

    let text = run(&["probe", &url, "--ca", &ca]).await;
    let said = String::from_utf8(text.stdout).unwrap();
    assert!(
        said.ends_with(&format!("wss://localhost:{} works\n", relay.addr.port())),
        "{said}"
    );

    // The authority is not one that the system believes.
    let (saw, advice) = distrusted(&["probe", &url, "--json"]).await;
    assert!(
        saw.contains("not signed by an authority that this machine trusts"),
        "{saw}"
    );
    assert!(advice.contains("use --ca"), "{advice}");
}

/// What the probe says of a certificate.
async fn distrusted(args: &[&str]) -> (String, String) {
    let probed = run(args).await;
    assert_eq!(probed.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&probed.stdout).unwrap();
    let last = report["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["step"], &last["ok"]), (&"tls".into(), &false.into()));
    let text = |name: &str| last[name].as_str().unwrap().to_owned();
    // No library's debug text.
    assert!(!report.to_string().contains("Error("), "{report}");
    (text("saw"), text("advice"))
}

#[tokio::test]
async fn a_certificate_that_clients_refuse_is_named_with_its_remedy() {
    let pki = Pki::new();
    let ca = pki.text("ca.pem");
    let (chain, key) = (pki.text("chain.pem"), pki.text("key.pem"));
    let args = ["--tls-cert", &chain, "--tls-key", &key];
    let serve = || Program::serve(&args);
    let url = |relay: &Program, host: &str| format!("https://{host}:{}", relay.addr.port());

    pki.issue_authority();
    let relay = serve().await;
    let to = url(&relay, "localhost");
    for trusted in [&ca, &chain] {
        let (saw, advice) = distrusted(&["probe", &to, "--json", "--ca", trusted]).await;
        assert!(saw.contains("a CA certificate (CA:TRUE)"), "{saw}");
        assert!(advice.contains("CA:FALSE"), "{advice}");
    }
    pki.issue_until(2020);
    let relay = serve().await;
    let to = url(&relay, "localhost");
    let (saw, _) = distrusted(&["probe", &to, "--json", "--ca", &ca]).await;
    assert!(saw.contains("has expired"), "{saw}");
    pki.issue_for("other.test");
    let relay = serve().await;
    let to = url(&relay, "localhost");
    let (saw, _) = distrusted(&["probe", &to, "--json", "--ca", &ca]).await;
    assert!(saw.contains("for another name"), "{saw}");
    // Plain HTTP where TLS is asked for.
    let plain = Program::serve(&[]).await;
    let to = url(&plain, "localhost");
    let (saw, _) = distrusted(&["probe", &to, "--json", "--ca", &ca]).await;
    assert!(saw.contains("does not speak TLS"), "{saw}");
}

#[tokio::test]
async fn wrong_input_is_a_sentence_and_exit_2() {
    let pki = Pki::new();
    let empty = pki.path("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for (args, expected) in [
        (vec!["relay.example"], "expected https://NAME"),
        (vec!["https://relay.example/cable"], "expected no path"),
        (
            vec!["https://relay.example", "--ca", "/nowhere.pem"],
            "No such file",
        ),
        (
            vec!["https://relay.example", "--ca", empty.to_str().unwrap()],
            "expected PEM certificates",
        ),
        (
            vec!["https://relay.example", "--seconds", "0"],
            "expected a number from 1 to 600",
        ),
        (
            vec!["https://relay.example", "--large", "2000000"],
            "expected a number from 1",
        ),
        (vec![], "required"),
    ] {
        let ended = run(&[&["probe"], args.as_slice()].concat()).await;
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{args:?}");
        assert!(said.contains(expected), "{args:?}: {said}");
        assert!(ended.stdout.is_empty());
    }
}
