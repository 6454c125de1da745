//! Contact ids that their phones have revoked: for good, and at every node that shares the file.

use crate::client::{Client, metric, relay, request, request_with, status};
use crate::contact::{Phone, contact_path, headers, key, listen_path};
use crate::program::{Program, text};
use hybrid_protocol::contact::{ListenEvent, ContactRequest};
use rustix::process::Signal;
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;
use std::path::Path;

/// Neither a desktop nor the phone itself gets anywhere with this contact id.
async fn gone(to: SocketAddr, n: u8) {
    for request in [request_with(&contact_path(n), &headers()), request(&listen_path(n))] {
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
    assert_eq!(here.refresh().unwrap(), 0);
    let mut phone = Phone::listening(here.local_addr(), 1).await;
    let mut other = Phone::listening(here.local_addr(), 2).await;
    let mut revoking = Phone::wishing(there.local_addr(), 1, ContactRequest::Revoke).await;
    assert!(matches!(revoking.hear().await, ListenEvent::Accepted));
    assert_eq!(here.refresh().unwrap(), 1);
    assert_eq!(here.refresh().unwrap(), 0, "the file is as it was");
    told(&mut phone).await;
    gone(here.local_addr(), 1).await;
    assert_eq!(metric(&here, "listeners"), 1);
    other.client.send(crate::client::frame(0x89, b"")).await;
    assert_eq!(other.client.frame().await, Some((0x8a, vec![])));
}

#[tokio::test]
async fn revocations_are_read_again_after_sighup_and_without_a_signal_and_a_bad_line_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = text(folder.path());
    let mut relay = Program::serve(&["--state", &state, "--admin", "127.0.0.1:0"]).await;
    let mut phone = Phone::listening(relay.addr, 1).await;
    write(folder.path(), &mark(1));
    relay.signal(Signal::HUP);
    relay.logs("reloaded certificate, limits and revocations").await;
    told(&mut phone).await;
    gone(relay.addr, 1).await;

    let mut phone = Phone::listening(relay.addr, 2).await;
    write(folder.path(), &mark(2));
    told(&mut phone).await;
    gone(relay.addr, 2).await;

    write(folder.path(), "hello");
    relay.logs("cannot read revocations").await;
    relay.signal(Signal::HUP);
    let line = relay.logs("cannot reload").await;
    assert!(line.contains("revoked, line 3: expected 64 hex digits"), "{line}");
    assert_eq!(relay.metric("reloads_failed_total").await, 1);
    gone(relay.addr, 1).await;
}
