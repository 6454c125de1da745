//! Contact ids that their phones have revoked: for good, and at every node that shares the file.

use crate::client::{Client, binary, metric, relay, request, request_with, status};
use crate::contact::{Phone, contact_path, headers, key, listen_path};
use crate::program::{Program, text};
use hybrid_protocol::contact::{ContactRequest, ListenEvent, Listener};
use rustix::process::{Pid, Resource, Rlimit, Signal};
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;
use std::path::Path;

/// Neither a desktop nor the phone itself gets anywhere with this contact id.
async fn gone(to: SocketAddr, n: u8) {
    for request in [
        request_with(&contact_path(n), &headers()),
        request(&listen_path(n)),
    ] {
        let answer = Client::sending(to, request).await.refusal().await;
        assert_eq!(status(&answer), 410, "{answer}");
    }
}

/// A phone that listens is told that its contact id is dead.
async fn told(phone: &mut Phone) {
    let told = phone.client.closed().await;
    assert_eq!(told, (1000, "the contact id is revoked".to_owned()));
}

/// Writes a line as another node would.
fn write(state: &Path, line: &str) {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(state.join("revoked"))
        .unwrap();
    writeln!(file, "{line}").unwrap();
}

fn mark(n: u8) -> String {
    hex::encode(Sha256::digest(key(n).contact_id().as_bytes()))
}

#[tokio::test]
async fn a_revoked_contact_id_is_410_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_owned();
    let relay1 = relay(|config| config.state = Some(state.clone())).await;
    let to = relay1.local_addr();
    let mut phone = Phone::listening(to, 1).await;
    let mut revoking = Phone::wishing(to, 1, ContactRequest::Revoke).await;
    assert!(matches!(revoking.hear().await, ListenEvent::Accepted));
    assert_eq!(revoking.client.closed().await.0, 1000);
    assert_eq!(
        phone.client.closed().await,
        (1000, "the contact id is revoked".to_owned())
    );
    gone(to, 1).await;
    Phone::listening(to, 2).await;
    relay1.shutdown().await;
    let stored = std::fs::read(state.join("revoked")).unwrap();
    let id = key(1).contact_id();
    assert!(
        !stored
            .windows(8)
            .any(|part| id.as_bytes().windows(8).any(|of| of == part))
    );
    let relay2 = relay(|config| config.state = Some(state.clone())).await;
    gone(relay2.local_addr(), 1).await;
}

#[tokio::test]
async fn what_is_revoked_at_one_node_is_dead_at_another_that_shares_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = relay(|config| config.state = Some(folder.path().to_owned())).await;
    let there = relay(|config| config.state = Some(folder.path().to_owned())).await;
    assert_eq!(here.refresh().await.unwrap(), 0);
    let mut phone = Phone::listening(here.local_addr(), 1).await;
    let mut other = Phone::listening(here.local_addr(), 2).await;
    let mut revoking = Phone::wishing(there.local_addr(), 1, ContactRequest::Revoke).await;
    assert!(matches!(revoking.hear().await, ListenEvent::Accepted));
    assert_eq!(here.refresh().await.unwrap(), 1);
    assert_eq!(here.refresh().await.unwrap(), 0, "the file is as it was");
    told(&mut phone).await;
    gone(here.local_addr(), 1).await;
    assert_eq!(metric(&here, "listeners"), 1);
    other.client.send(crate::client::frame(0x89, b"")).await;
    assert_eq!(other.client.frame().await, Some((0x8a, vec![])));
}

#[tokio::test]
async fn revocations_are_read_again_after_sighup_and_without_a_signal_and_a_bad_line_is_one_bad_line()
 {
    let folder = tempfile::tempdir().unwrap();
    let state = text(folder.path());
    let mut relay = Program::serve(&["--state", &state, "--admin", "127.0.0.1:0"]).await;
    let mut phone = Phone::listening(relay.addr, 1).await;
    write(folder.path(), &mark(1));
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    told(&mut phone).await;
    gone(relay.addr, 1).await;

    let mut phone = Phone::listening(relay.addr, 2).await;
    write(folder.path(), &mark(2));
    told(&mut phone).await;
    gone(relay.addr, 2).await;
    assert_eq!(relay.metric("revocations_bad_lines").await, 0);

    write(folder.path(), "-----BEGIN PRIVATE KEY-----");
    write(folder.path(), &mark(3));
    let line = relay.logs("malformed lines are skipped").await;
    assert!(line.contains("lines=3 bad=1"), "{line}");
    assert!(
        line.contains("revoked") && !line.contains("PRIVATE"),
        "{line}"
    );
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    gone(relay.addr, 3).await;
    assert_eq!(relay.metric("revocations_bad_lines").await, 1);
    assert_eq!(relay.metric("reloads_failed_total").await, 0);

    drop(relay);
    let mut relay = Program::serve(&["--state", &state, "--admin", "127.0.0.1:0"]).await;
    relay.logs("malformed lines are skipped").await;
    for n in [1, 2, 3] {
        gone(relay.addr, n).await;
    }
    assert_eq!(relay.metric("revocations_bad_lines").await, 1);
}

/// How a wish to revoke ends: with the close code, after it was accepted or not.
async fn revoke(to: SocketAddr, n: u8) -> (bool, u16) {
    let mut phone = Phone::wishing(to, n, ContactRequest::Revoke).await;
    match phone.client.frame().await {
        Some((0x88, close)) => (false, u16::from_be_bytes([close[0], close[1]])),
        Some((_, message)) => {
            assert_eq!(message, [0xa0]);
            (true, phone.client.closed().await.0)
        }
        None => panic!("neither accepted nor closed"),
    }
}

fn lines(state: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(state.join("revoked")).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_disk_that_is_full_at_any_byte_leaves_the_file_as_it_was_and_the_relay_reloads_and_starts()
 {
    let folder = tempfile::tempdir().unwrap();
    let state = text(folder.path());
    let mut relay = Program::serve(&["--state", &state, "--admin", "127.0.0.1:0"]).await;
    assert_eq!(revoke(relay.addr, 1).await, (true, 1000));
    let before = std::fs::read(folder.path().join("revoked")).unwrap();
    let pid = Pid::from_raw(i32::try_from(relay.child.id().unwrap()).unwrap());
    let limit = |size| {
        let limits = Rlimit {
            current: size,
            maximum: None,
        };
        rustix::process::prlimit(pid, Resource::Fsize, limits).unwrap();
    };
    for byte in 0..65 {
        limit(Some(before.len() as u64 + byte));
        assert_eq!(revoke(relay.addr, 2).await, (false, 1011), "{byte}");
        let now = std::fs::read(folder.path().join("revoked")).unwrap();
        assert_eq!(now, before, "{byte}");
    }
    relay.logs("cannot store a revocation").await;
    limit(None);
    Phone::listening(relay.addr, 2).await;
    assert_eq!(revoke(relay.addr, 2).await, (true, 1000));
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    drop(relay);
    assert_eq!(lines(folder.path()), [mark(1), mark(2)]);
    let relay = Program::serve(&["--state", &state]).await;
    gone(relay.addr, 2).await;
}

#[tokio::test]
async fn of_two_nodes_one_is_killed_while_both_write_and_what_was_confirmed_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let state = text(folder.path());
    let args = ["--state", &state, "--revocations-per-address", "1000"];
    let (killed, other) = (Program::serve(&args).await, Program::serve(&args).await);
    let mut phones = tokio::task::JoinSet::new();
    for n in 1..=40 {
        let to = if n % 2 == 0 { killed.addr } else { other.addr };
        // Those of the node that is killed may fail anywhere; a failed test of theirs is no answer.
        phones.spawn(async move { (n, revoke(to, n).await) });
    }
    let (mut confirmed, mut alive) = (Vec::new(), true);
    while let Some(ended) = phones.join_next().await {
        if let Ok((n, (true, _))) = ended {
            confirmed.push(n);
        }
        if confirmed.len() == 3 && std::mem::take(&mut alive) {
            killed.signal(Signal::KILL);
        }
    }
    assert!((20..=40).contains(&confirmed.len()), "{confirmed:?}");
    assert_eq!(revoke(other.addr, 41).await, (true, 1000));
    let stored = lines(folder.path());
    for n in confirmed {
        assert!(stored.contains(&mark(n)), "{n}");
    }
    assert!(stored.iter().all(|line| line.len() == 64), "{stored:?}");
    drop(other);
    let relay = Program::serve(&["--state", &state, "--admin", "127.0.0.1:0"]).await;
    assert_eq!(relay.metric("revocations_bad_lines").await, 0);
    gone(relay.addr, 41).await;
}

#[tokio::test]
async fn sixty_revocations_at_once_keep_to_the_limit_and_none_is_written_twice() {
    for (keys, accepted, stored) in [(60, 32, 32), (1, 60, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let relay = relay(|config| {
            config.state = Some(folder.path().to_owned());
            config.limits.openings_per_address = 100;
            config.limits.listen_proof = std::time::Duration::from_secs(60);
        })
        .await;
        let to = relay.local_addr();
        // All are challenged before the first of them proves who it is.
        let mut phones = Vec::new();
        for n in 0..60 {
            let n = n % keys + 1;
            let (mut client, _) = Client::upgrade(to, &listen_path(n)).await;
            let heard = Listener::new(key(n), ContactRequest::Revoke)
                .handle_message(&client.message().await);
            let Ok(ListenEvent::Answer(proof)) = heard else {
                panic!("no challenge")
            };
            phones.push((client, binary(&proof)));
        }
        for (client, proof) in &mut phones {
            client.send(&proof).await;
        }
        let mut good = 0;
        for (client, _) in &mut phones {
            good += usize::from(client.closed().await.0 == 1000);
        }
        assert_eq!(good, accepted);
        let mut lines = lines(folder.path());
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), stored);
        let written = std::fs::metadata(folder.path().join("revoked"))
            .unwrap()
            .len();
        assert_eq!(written, stored as u64 * 65);
        assert_eq!(metric(&relay, "contacts_revoked_total"), stored as u64);
    }
}

#[tokio::test]
async fn frames_pass_while_a_long_file_of_revocations_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(|config| {
        config.state = Some(folder.path().to_owned());
        config.limits.messages = u64::MAX;
        config.limits.bytes = u64::MAX;
    })
    .await;
    let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
    let lines: String = (0..50_000).map(|n| format!("{n:064x}\n")).collect();
    std::fs::write(folder.path().join("revoked"), lines).unwrap();
    // Relay, phone and desktop share one thread: if the file were read on it, nothing would pass.
    let mut reading = Box::pin(relay.refresh());
    let mut passed = 0;
    let read = loop {
        tokio::select! {
            biased;
            read = &mut reading => break read,
            () = async {
                desktop.send(binary(b"meanwhile")).await;
                assert_eq!(phone.message().await, b"meanwhile");
            } => passed += 1,
        }
    };
    assert_eq!(read.unwrap(), 50_000);
    assert!(passed > 10, "{passed}");
}
