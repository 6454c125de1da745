//! Wrong input: a sentence, exit 2, and nothing was served.

use crate::program::{Pki, run, text};
use std::net::TcpListener;

/// Runs `serve` with these arguments, which has to fail; what it says.
async fn refused(args: &[&str]) -> String {
    let ended = run(&[&["serve", "--listen", "127.0.0.1:0"], args].concat()).await;
    said(ended, args)
}

fn said(ended: std::process::Output, args: &[&str]) -> String {
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{args:?}: {said}");
    assert!(ended.stdout.is_empty(), "{args:?}: it was ready");
    assert!(!said.contains("panicked"), "{said}");
    // One sentence, apart from what the log says before.
    let sentences = said
        .lines()
        .filter(|line| line.starts_with("tunnel-server: "))
        .count();
    assert_eq!(sentences, 1, "{args:?}: {said}");
    said
}

fn has(said: &str, expected: &str) {
    assert!(said.contains(expected), "expected {expected:?} in {said}");
}

#[tokio::test]
async fn a_certificate_and_a_key_that_cannot_be_used_are_told_apart() {
    let pki = Pki::new();
    let (chain, key) = (pki.text("chain.pem"), pki.text("key.pem"));
    let other = Pki::new();
    let stranger = other.text("key.pem");
    let empty = pki.path("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let empty = text(&empty);
    let encrypted = pki.path("encrypted.pem");
    std::fs::write(
        &encrypted,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    let encrypted = text(&encrypted);
    let odd = pki.path("odd.pem");
    std::fs::write(
        &odd,
        "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    let odd = text(&odd);
    let binary = |name: &str, bytes: &[u8]| {
        std::fs::write(pki.path(name), bytes).unwrap();
        pki.text(name)
    };
    let der = binary("chain.der", &pki.issue());
    let short = binary("key.der", b"\x30\x03\x02\x01\x01");
    let pkcs12 = binary("both.p12", b"\x30\x82\x01\x00\x02\x01\x03\x30\x82\x00\xf0");
    let pkcs7 = binary(
        "chain.p7b",
        b"-----BEGIN PKCS7-----\nAA==\n-----END PKCS7-----\n",
    );
    let utf16 = binary("utf16.pem", b"\xff\xfe-\0-\0-\0-\0-\0B\0");
    for (cert, key, expected) in [
        (
            &der,
            &key,
            "the file is DER; convert it to PEM: openssl x509",
        ),
        (
            &chain,
            &short,
            "the file is DER; convert it to PEM: openssl pkey",
        ),
        (
            &chain,
            &der,
            "the file is DER; convert it to PEM: openssl pkey",
        ),
        (&pkcs12, &key, "openssl pkcs12 -in FILE -nokeys"),
        (&chain, &pkcs12, "openssl pkcs12 -in FILE -nocerts"),
        (&pkcs7, &key, "openssl pkcs7 -print_certs"),
        (&utf16, &key, "save it as plain text"),
        (
            &chain,
            &stranger,
            "the certificate does not belong to the key",
        ),
        (&empty, &key, "no certificate in it"),
        (&key, &key, "no certificate in it"),
        (&chain, &chain, "expected a PEM private key"),
        (&chain, &empty, "expected a PEM private key"),
        (
            &chain,
            &encrypted,
            "the private key is encrypted with a passphrase; remove it",
        ),
        (&chain, &odd, "the private key is of an unsupported kind"),
        (
            &chain,
            &"/nowhere/key.pem".to_owned(),
            "/nowhere/key.pem: cannot be read: No such file",
        ),
        (
            &"/nowhere/chain.pem".to_owned(),
            &key,
            "/nowhere/chain.pem: cannot be read: No such file",
        ),
        (&pki.text(""), &key, "cannot be read: Is a directory"),
    ] {
        has(
            &refused(&["--tls-cert", cert, "--tls-key", key]).await,
            expected,
        );
    }
    has(
        &refused(&["--tls-cert", &chain]).await,
        "tls_cert: requires tls_key, too",
    );
    has(
        &refused(&["--tls-key", &key]).await,
        "tls_key: requires tls_cert, too",
    );
}

#[tokio::test]
async fn a_port_in_use_is_named_for_clients_and_for_the_admin() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let args = ["serve", "--listen", address.as_str()];
    let sentence = said(run(&args).await, &args);
    has(
        &sentence,
        &format!("cannot listen on {address}: another program already listens there"),
    );
    let sentence = refused(&["--admin", &address]).await;
    has(
        &sentence,
        &format!("--admin: cannot listen on {address}: another program already listens there"),
    );
    let args = ["serve", "--listen", "192.0.2.1:8443"];
    has(
        &said(run(&args).await, &args),
        "cannot listen on 192.0.2.1:8443: ",
    );
}

/// As nobody, for whom ports below 1024 are closed whatever the test's own rights are.
async fn as_nobody(args: &[&str]) -> std::process::Output {
    // A user namespace in which we are nobody in particular has no right over the network outside,
    // nor to the folders that lead to the program: it is opened before.
    let program = std::fs::File::open(env!("CARGO_BIN_EXE_tunnel-server")).unwrap();
    let mut command = tokio::process::Command::new("unshare");
    command
        .args(["--user", "--", "/proc/self/fd/0"])
        .args(args)
        .env_clear()
        .stdin(program);
    crate::client::within(command.output()).await.unwrap()
}

#[tokio::test]
async fn a_port_that_needs_permission_says_which_permission() {
    let floor = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    let closed: u16 = floor.trim().parse().unwrap();
    assert!(closed > 1, "every port is open to everybody here");
    let address = format!("127.0.0.1:{}", closed.min(444) - 1);
    let args = ["serve", "--listen", address.as_str()];
    let sentence = said(as_nobody(&args).await, &args);
    has(
        &sentence,
        &format!("cannot listen on {address}: no permission"),
    );
    has(&sentence, "CAP_NET_BIND_SERVICE");
}

#[tokio::test]
async fn a_wrong_setting_is_named_with_its_place_and_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relay.toml");
    let name = text(&file);
    for (content, expected) in [
        (
            "\nlisten = \"127.0.0.1:0\"\nlisen = 1\n",
            "line 3: lisen is not a setting; did you mean listen?",
        ),
        ("rooms = -1\n", "line 1: rooms: expected a whole number"),
        (
            "\n\nwaiting = \"soon\"\n",
            "line 3: waiting: expected a time",
        ),
        (
            "message_size = \"2MiB\"\n",
            "line 1: message_size: expected 125 to 1MiB",
        ),
        ("node = \"3/3\"\n", "line 1: node: expected N/M"),
        (
            "forwarded_from = [\"10.0.0.0/33\"]\n",
            "line 1: forwarded_from: expected a network",
        ),
        ("rooms = 1\nrooms = 2\n", "line 2: "),
        ("[limits]\nrooms = 1\n", "line 1: limits is not a setting"),
        (
            "rooms = true\n",
            "line 1: rooms: expected a string in quotes, or a number",
        ),
        ("rooms = \n", "line 1: "),
    ] {
        std::fs::write(&file, content).unwrap();
        let sentence = refused(&["--config", &name]).await;
        has(&sentence, &name);
        has(&sentence, expected);
    }
    has(
        &refused(&["--config", "/nowhere.toml"]).await,
        "/nowhere.toml: cannot be read: No such file",
    );
    has(
        &refused(&["--message-size", "5"]).await,
        "--message-size: expected 125 to 1MiB, got 5",
    );
    for (variable, value, expected) in [
        (
            "TUNNEL_ROOMS",
            "many",
            "environment variable TUNNEL_ROOMS: expected a whole number, got many",
        ),
        (
            "TUNNEL_CONFIG",
            "/nowhere.toml",
            "/nowhere.toml: cannot be read: No such file",
        ),
    ] {
        let mut command = crate::program::command();
        command
            .env(variable, value)
            .args(["serve", "--listen", "127.0.0.1:0"]);
        let ended = crate::client::within(command.output()).await.unwrap();
        has(&said(ended, &[]), expected);
    }
}

#[tokio::test]
async fn a_folder_for_the_state_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    has(&refused(&["--state", &text(&file)]).await, "state: ");
    let state = folder.path().join("state");
    std::fs::create_dir(&state).unwrap();
    std::fs::create_dir(state.join("revoked")).unwrap();
    has(
        &refused(&["--state", &text(&state)]).await,
        "revoked: cannot be used: Is a directory",
    );
}
