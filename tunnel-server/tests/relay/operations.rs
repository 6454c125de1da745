//! Reload, and what the log keeps to itself, with the real program.

use crate::client::{Client, TUNNEL, binary, frame, request, request_with, status, within};
use crate::contact::{Phone, contact, contact_path};
use crate::program::{Pki, Program, command};
use rustix::process::Signal;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Connects with TLS, believing the authority alone.
async fn secure(pki: &Pki, to: SocketAddr) -> TlsStream<TcpStream> {
    handshake(pki, within(TcpStream::connect(to)).await.unwrap()).await
}

/// The same on a connection that is open already.
pub async fn handshake(pki: &Pki, stream: TcpStream) -> TlsStream<TcpStream> {
    let ca = CertificateDer::from_pem_file(pki.path("ca.pem")).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca).unwrap();
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    within(TlsConnector::from(Arc::new(config)).connect(name, stream))
        .await
        .unwrap()
}

/// The certificate that is shown to those who come now.
async fn shown(pki: &Pki, to: SocketAddr) -> Vec<u8> {
    let stream = secure(pki, to).await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

async fn serve(pki: &Pki) -> Program {
    let (chain, key) = (pki.text("chain.pem"), pki.text("key.pem"));
    Program::serve(&[
        "--tls-cert",
        &chain,
        "--tls-key",
        &key,
        "--admin",
        "127.0.0.1:0",
    ])
    .await
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_sighup_and_a_tunnel_that_is_open_stays() {
    let pki = Pki::new();
    let first = std::fs::read(pki.path("chain.pem")).unwrap();
    let mut relay = serve(&pki).await;
    assert_eq!(
        shown(&pki, relay.addr).await,
        CertificateDer::from_pem_slice(&first).unwrap().to_vec()
    );
    let mut phone = secure(&pki, relay.addr).await;
    within(phone.write_all(request(&format!("/cable/new/{TUNNEL}")).as_bytes()))
        .await
        .unwrap();
    let mut head = vec![0; 12];
    within(phone.read_exact(&mut head)).await.unwrap();
    assert_eq!(head, b"HTTP/1.1 101");

    let second = pki.issue();
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    assert_eq!(shown(&pki, relay.addr).await, second);
    assert!(relay.metric("reloads_total").await >= 1);
    within(phone.write_all(&frame(0x89, b"still here")))
        .await
        .unwrap();
    let mut rest = Vec::new();
    while !rest.ends_with(b"still here") {
        assert!(within(phone.read_buf(&mut rest)).await.unwrap() > 0);
    }
}

#[tokio::test]
async fn a_certificate_that_clients_will_refuse_is_warned_of_at_the_start_and_at_a_reload() {
    let pki = Pki::new();
    pki.issue_authority();
    let mut relay = serve(&pki).await;
    let warned = relay.logs("a CA certificate (CA:TRUE)").await;
    assert!(warned.contains("CA:FALSE"), "{warned}");
    pki.issue();
    relay.signal(Signal::HUP);
    let warned = relay.logs("only the relay's certificate").await;
    assert!(warned.contains("fullchain.pem"), "{warned}");
    relay.logs("reloaded certificate").await;
    // In the wrong order, behind a mark, with a key and a text beside: sorted, and served.
    let chain = std::fs::read_to_string(pki.path("chain.pem")).unwrap();
    let rest = ["ca.pem", "key.pem"].map(|name| std::fs::read_to_string(pki.path(name)).unwrap());
    let file = format!("\u{feff}{}a text\n{}{chain}", rest[0], rest[1]);
    std::fs::write(pki.path("chain.pem"), file).unwrap();
    relay.signal(Signal::HUP);
    relay.logs("and were sorted").await;
    let passed = relay.logs("skipped: ").await;
    assert!(
        passed.contains("read from the file: 2; skipped: PRIVATE KEY, 1 lines of other text"),
        "{passed}"
    );
    relay.logs("reloaded certificate").await;
    let leaf = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    assert_eq!(shown(&pki, relay.addr).await, leaf.to_vec());
}

#[tokio::test]
async fn three_hundred_monitors_that_say_nothing_keep_none_from_being_answered() {
    let pki = Pki::new();
    let relay = serve(&pki).await;
    let admin = relay.admin.unwrap();
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(within(TcpStream::connect(admin)).await.unwrap());
    }
    for path in ["/readyz", "/metrics", "/healthz"] {
        let asked = Client::sending(admin, format!("GET {path} HTTP/1.1\r\n\r\n")).await;
        let answer = { asked }.refusal().await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
    }
    // Who came last still may ask.
    let mut last = Client::on(silent.pop().unwrap());
    last.send("GET /readyz HTTP/1.1\r\n\r\n").await;
    let answer = last.refusal().await;
    assert!(answer.ends_with("ready\n"), "{answer}");
}

#[tokio::test]
async fn an_expired_certificate_is_warned_of_and_a_metric_tells_when_each_expires() {
    let pki = Pki::new();
    pki.issue_until(2020);
    let mut relay = serve(&pki).await;
    relay.logs("the certificate has expired").await;
    assert_eq!(
        relay.metric("certificate_expiry_timestamp_seconds").await,
        1_577_836_800
    );
    pki.issue_until(2099);
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    assert_eq!(
        relay.metric("certificate_expiry_timestamp_seconds").await,
        4_070_908_800
    );
}

#[tokio::test]
async fn a_new_certificate_is_found_without_a_signal() {
    let pki = Pki::new();
    let mut relay = serve(&pki).await;
    // As certbot does: a new file under the old name.
    let new = pki.issue();
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    while shown(&pki, relay.addr).await != new {
        // The key may have been written after the look at the chain: then the next look takes both.
        relay.logs("reload").await;
    }
}

#[tokio::test]
async fn files_that_a_reload_names_anew_are_watched_from_then_on() {
    let (old, new) = (Pki::new(), Pki::new());
    let config = old.path("relay.toml");
    let names = |pki: &Pki| {
        let (chain, key) = (pki.text("chain.pem"), pki.text("key.pem"));
        std::fs::write(
            &config,
            format!("tls_cert = \"{chain}\"\ntls_key = \"{key}\"\n"),
        )
        .unwrap();
    };
    names(&old);
    let mut relay = Program::serve(&["--config", &old.text("relay.toml")]).await;
    names(&new);
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    let again = new.issue();
    relay.logs("reload").await;
    while shown(&new, relay.addr).await != again {
        relay.logs("reload").await;
    }
}

#[tokio::test]
async fn a_relay_does_not_become_plain_because_a_line_is_missing() {
    let pki = Pki::new();
    let config = pki.path("relay.toml");
    let (chain, key) = (pki.text("chain.pem"), pki.text("key.pem"));
    std::fs::write(
        &config,
        format!("tls_cert = \"{chain}\"\ntls_key = \"{key}\"\n"),
    )
    .unwrap();
    let mut relay = Program::serve(&["--config", &pki.text("relay.toml")]).await;
    std::fs::write(&config, "").unwrap();
    relay.signal(Signal::HUP);
    let line = relay.logs("cannot reload").await;
    assert!(
        line.contains("TLS can be turned on or off only by a restart"),
        "{line}"
    );
    shown(&pki, relay.addr).await;
}

#[tokio::test]
async fn a_reload_with_a_bad_certificate_says_so_and_keeps_the_old_one() {
    let pki = Pki::new();
    let mut relay = serve(&pki).await;
    let before = shown(&pki, relay.addr).await;
    // The relay may look at the files by itself, too, and while they are being written: what is
    // awaited is the last word.
    std::fs::copy(Pki::new().path("chain.pem"), pki.path("chain.pem")).unwrap();
    relay.signal(Signal::HUP);
    let line = relay
        .logs("the certificate does not belong to the key")
        .await;
    assert!(
        line.contains("cannot reload the certificate; the previous one stays in force"),
        "{line}"
    );
    assert_eq!(shown(&pki, relay.addr).await, before);
    std::fs::write(pki.path("chain.pem"), "not a certificate").unwrap();
    relay.signal(Signal::HUP);
    relay.logs("no certificate in it").await;
    std::fs::remove_file(pki.path("key.pem")).unwrap();
    relay.signal(Signal::HUP);
    relay.logs("key.pem: cannot be read").await;
    assert_eq!(shown(&pki, relay.addr).await, before);
    assert!(relay.metric("reloads_failed_total").await >= 3);
    assert_eq!(relay.metric("reloads_total").await, 0);
}

#[tokio::test]
async fn limits_are_reloaded_for_those_who_come_later_and_a_wrong_key_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relay.toml");
    std::fs::write(&file, "message_size = \"1KiB\"\n").unwrap();
    let mut relay =
        Program::serve(&["--config", file.to_str().unwrap(), "--admin", "127.0.0.1:0"]).await;
    let (mut old_phone, mut old_desktop) = Client::pair(relay.addr).await;

    std::fs::write(&file, "message_size = \"200\"\n").unwrap();
    relay.signal(Signal::HUP);
    relay
        .logs("reloaded certificate, limits and revocations")
        .await;
    old_phone.send(binary(&[1; 1000])).await;
    assert_eq!(old_desktop.message().await, [1; 1000]);
    let (mut phone, _desktop) = Client::pair(relay.addr).await;
    phone.send(binary(&[1; 201])).await;
    assert_eq!(phone.closed().await.0, 1009);

    std::fs::write(&file, "# longer\nmessage_size = \"4KiB\"\nmesage = 1\n").unwrap();
    relay.signal(Signal::HUP);
    let line = relay.logs("cannot reload").await;
    assert!(
        line.contains("line 3: mesage is not a setting; did you mean message"),
        "{line}"
    );
    let (mut phone, _desktop) = Client::pair(relay.addr).await;
    phone.send(binary(&[1; 201])).await;
    assert_eq!(phone.closed().await.0, 1009, "the old limits stay in force");
    assert_eq!(relay.metric("reloads_failed_total").await, 1);

    std::fs::write(&file, "node = \"1/2\"\nstate = \"/nowhere\"\n").unwrap();
    relay.signal(Signal::HUP);
    let line = relay.logs("takes effect only after a restart").await;
    assert!(line.contains("node, state"), "{line}");
}

#[tokio::test]
async fn a_part_of_a_reload_that_is_bad_keeps_no_other_part_from_being_reloaded() {
    let pki = Pki::new();
    let (config, state) = (pki.path("relay.toml"), pki.path("state"));
    let (chain, key) = (pki.text("chain.pem"), pki.text("key.pem"));
    let settings = format!(
        "tls_cert = \"{chain}\"\ntls_key = \"{key}\"\nstate = \"{}\"\n",
        pki.text("state")
    );
    std::fs::write(&config, &settings).unwrap();
    let mut relay = Program::serve(&[
        "--config",
        &pki.text("relay.toml"),
        "--admin",
        "127.0.0.1:0",
    ])
    .await;
    let revocations = state.join("revoked");

    // The revocations cannot be read: the certificate is reloaded.
    std::fs::remove_file(&revocations).unwrap();
    std::fs::create_dir(&revocations).unwrap();
    let second = pki.issue();
    relay.signal(Signal::HUP);
    let line = relay
        .logs("cannot reload the revocations; the previous ones stay in force")
        .await;
    assert!(line.contains("revoked: cannot be used"), "{line}");
    assert_eq!(shown(&pki, relay.addr).await, second);
    std::fs::remove_dir(&revocations).unwrap();

    // The certificate cannot be used: the limits and the revocations are reloaded.
    std::fs::write(&revocations, "ab".repeat(32) + "\nbad\n").unwrap();
    std::fs::write(pki.path("chain.pem"), "not a certificate").unwrap();
    std::fs::write(&config, format!("{settings}message_size = \"200\"\n")).unwrap();
    relay.signal(Signal::HUP);
    relay
        .logs("cannot reload the certificate; the previous one stays in force")
        .await;
    relay.logs("malformed lines are skipped").await;
    let mut phone = secure(&pki, relay.addr).await;
    assert_eq!(shown(&pki, relay.addr).await, second);
    let long = [
        request(&format!("/cable/new/{TUNNEL}")).into_bytes(),
        binary(&[1; 201]),
    ]
    .concat();
    within(phone.write_all(&long)).await.unwrap();
    let mut answer = Vec::new();
    within(phone.read_to_end(&mut answer)).await.unwrap();
    let closed = answer.windows(2).any(|code| code == 1009_u16.to_be_bytes());
    assert!(
        closed,
        "the new limit is in force: {}",
        String::from_utf8_lossy(&answer)
    );

    // The settings cannot be read: certificate and revocations are reloaded.
    std::fs::write(&config, "nonsense = 1\n").unwrap();
    std::fs::write(&revocations, "ab".repeat(32) + "\nbad\nbad\n").unwrap();
    let third = pki.issue();
    relay.signal(Signal::HUP);
    relay
        .logs("cannot reload the settings; the previous ones stay in force")
        .await;
    relay.logs("lines=2, 3 bad=2").await;
    assert_eq!(shown(&pki, relay.addr).await, third);
    assert!(relay.metric("reloads_failed_total").await >= 3);
}

#[tokio::test]
async fn the_log_names_no_contact_no_client_and_no_payload_at_any_level() {
    let mut program = command();
    program.env("RUST_LOG", "trace");
    program.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--forwarded-from",
        "127.0.0.0/8",
    ]);
    let relay = Program::start(program).await;
    let mut phone = Phone::listening(relay.addr, 1).await;
    let (mut desktop, _) = contact(relay.addr, 1).await;
    let heard = phone.contacted().await;
    let path = hybrid_protocol::Path::Connect(heard.routing, heard.tunnel).to_text();
    let more = "X-Forwarded-For: 192.0.2.77\r\nUser-Agent: somebody/1.0\r\n";
    let mut joined = Client::sending(relay.addr, request_with(&path, more)).await;
    assert_eq!(status(&joined.head().await), 101);
    desktop.send(binary(b"what is carried")).await;
    joined.message().await;
    desktop.send(frame(0x88, b"\x03\xe8why it closed")).await;
    joined.closed().await;
    let refused = Client::sending(relay.addr, request_with(&contact_path(2), more))
        .await
        .refusal()
        .await;
    assert_eq!(status(&refused), 400);
    let payload = crate::contact::headers();
    let payload = payload.split([' ', '\r']).nth(1).unwrap().to_owned();
    drop((phone, desktop, joined));
    relay.signal(Signal::TERM);
    let (code, log) = relay.end().await;
    assert_eq!(code, Some(0));
    assert!(
        log.contains("listening ended") && log.contains("tunnel ended"),
        "{log}"
    );
    let log = log.to_lowercase();
    let segment = |path: &str, at: usize| path.split('/').nth(at).unwrap().to_owned();
    for secret in [
        segment(&contact_path(1), 3),
        segment(&contact_path(2), 3),
        segment(&path, 4),
        payload,
        "192.0.2.77".to_owned(),
        "127.0.0.1".to_owned(),
        "somebody".to_owned(),
        "what is carried".to_owned(),
        "why it closed".to_owned(),
    ] {
        assert!(!log.contains(&secret.to_lowercase()), "{secret} in {log}");
    }
}
