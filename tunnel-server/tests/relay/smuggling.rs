//! Requests that a proxy in front of the relay could read differently than the relay: each is
//! refused, and what stands behind it is never taken for a second request.

use crate::client::{Client, HEADERS, TUNNEL, metric, relay, status};

fn good() -> String {
    format!("GET /cable/new/{TUNNEL} HTTP/1.1\r\nHost: relay.test\r\n{HEADERS}\r\n")
}

/// The good request with a header more.
fn with(header: &str) -> String {
    good().replace(
        "Host: relay.test\r\n",
        &format!("Host: relay.test\r\n{header}\r\n"),
    )
}

fn instead(from: &str, to: &str) -> String {
    let good = good();
    assert!(good.contains(from), "{from}");
    good.replacen(from, to, 1)
}

#[tokio::test]
async fn what_two_servers_could_read_differently_is_refused() {
    let relay = relay(|_| ()).await;
    let corpus: Vec<(&str, Vec<u8>, u16)> = vec![
        ("a body by length", with("Content-Length: 5").into(), 400),
        (
            "two lengths",
            with("Content-Length: 0\r\nContent-Length: 5").into(),
            400,
        ),
        (
            "a list of lengths",
            with("Content-Length: 0, 0").into(),
            400,
        ),
        ("a signed length", with("Content-Length: +0").into(), 400),
        (
            "a length that is no text",
            [b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: \xff\r\n\r\n".to_vec()].concat(),
            400,
        ),
        (
            "a body by chunks",
            with("Transfer-Encoding: chunked").into(),
            400,
        ),
        (
            "chunks in disguise",
            with("Transfer-Encoding:\tchunked").into(),
            400,
        ),
        (
            "chunks that are none",
            with("Transfer-Encoding: xchunked").into(),
            400,
        ),
        (
            "chunks and a length",
            with("Transfer-Encoding: chunked\r\nContent-Length: 0").into(),
            400,
        ),
        (
            "a space before the colon",
            with("Transfer-Encoding : chunked").into(),
            400,
        ),
        ("a header name with a space", with("X Y: z").into(), 400),
        ("a folded line", with("X-Folded: a\r\n b").into(), 400),
        (
            "a folded first header",
            instead("Host: relay.test", " Host: relay.test").into(),
            400,
        ),
        (
            "a lone LF in a value",
            with("X: a\nTransfer-Encoding: chunked").into(),
            400,
        ),
        ("a lone CR in a value", with("X: a\rb").into(), 400),
        (
            "lone LFs as line ends",
            good()
                .replace("\r\n", "\n")
                .replacen("\n\n", "\n\r\n\r\n", 1)
                .into(),
            400,
        ),
        (
            "an end that only some see",
            instead("\r\nConnection", "\n\nConnection").into(),
            400,
        ),
        ("a zero byte in a value", with("X: a\0b").into(), 400),
        ("two hosts", with("Host: other.test").into(), 400),
        ("no host", instead("Host: relay.test\r\n", "").into(), 400),
        ("two upgrades", with("Upgrade: h2c").into(), 400),
        ("two equal upgrades", with("Upgrade: websocket").into(), 400),
        (
            "a list of upgrades",
            instead("Upgrade: websocket", "Upgrade: h2c, websocket").into(),
            426,
        ),
        (
            "two keys",
            with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==").into(),
            400,
        ),
        ("two versions", with("Sec-WebSocket-Version: 8").into(), 400),
        (
            "the absolute form of another",
            instead("GET /", "GET http://other.test/").into(),
            400,
        ),
        (
            "the absolute form with a user",
            instead("GET /", "GET http://me@relay.test/").into(),
            400,
        ),
        (
            "the absolute form of another scheme",
            instead("GET /", "GET ws://relay.test/").into(),
            400,
        ),
        (
            "the absolute form without a path",
            instead(&format!("/cable/new/{TUNNEL}"), "http://relay.test").into(),
            404,
        ),
        (
            "the authority form",
            instead("GET /cable/new/", "GET relay.test:443/").into(),
            404,
        ),
        (
            "the asterisk form",
            instead(&format!("/cable/new/{TUNNEL}"), "*").into(),
            404,
        ),
        ("two spaces", instead("GET /", "GET  /").into(), 400),
        (
            "a way up",
            instead("/cable/new/", "/cable/../cable/new/").into(),
            404,
        ),
        (
            "two slashes",
            instead("/cable/new/", "//cable/new/").into(),
            404,
        ),
        (
            "an encoded slash",
            instead("/cable/new/", "/cable%2fnew/").into(),
            404,
        ),
        (
            "a fragment",
            instead(TUNNEL, &format!("{TUNNEL}#x")).into(),
            400,
        ),
        ("HTTP/1.0", instead("HTTP/1.1", "HTTP/1.0").into(), 505),
        ("HTTP/1.2", instead("HTTP/1.1", "HTTP/1.2").into(), 505),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 505),
        ("HTTP/0.9", b"GET /\r\n\r\n".to_vec(), 400),
        ("a method in lower case", instead("GET", "get").into(), 405),
        ("POST", instead("GET", "POST").into(), 405),
        (
            "CONNECT",
            instead(
                &format!("GET /cable/new/{TUNNEL}"),
                "CONNECT relay.test:443",
            )
            .into(),
            405,
        ),
        (
            "TLS where none is spoken",
            [&[0x16, 3, 1, 2, 0, 1][..], b"\r\n\r\n"].concat(),
            400,
        ),
        ("only line ends", b"\r\n\r\n".to_vec(), 400),
    ];
    for (name, mut bytes, expected) in corpus {
        bytes.extend(good().bytes());
        let answer = Client::sending(relay.local_addr(), &bytes)
            .await
            .refusal()
            .await;
        assert_eq!(status(&answer), expected, "{name}: {answer}");
        assert_eq!(
            answer.matches("\r\nConnection: close\r\n").count(),
            1,
            "{name}: {answer}"
        );
        assert!(!answer.contains("101 Switching"), "{name}: {answer}");
    }
    assert_eq!(metric(&relay, "tunnels_opened_total"), 0);
}

#[tokio::test]
async fn a_request_behind_an_upgrade_is_frames_and_no_request() {
    let relay = relay(|_| ()).await;
    let mut client = Client::sending(relay.local_addr(), good() + &good()).await;
    assert_eq!(status(&client.head().await), 101);
    assert_eq!(client.closed().await.0, 1002);
    assert_eq!(client.rest().await, b"");
    assert_eq!(metric(&relay, "tunnels_opened_total"), 1);
}

#[tokio::test]
async fn what_is_unusual_but_clear_is_taken() {
    let relay = relay(|_| ()).await;
    for (name, text) in [
        ("a length of nothing", with("Content-Length: 0")),
        ("an empty line before", format!("\r\n{}", good())),
        (
            "the absolute form",
            instead("GET /", "GET http://relay.test/"),
        ),
        (
            "the absolute form of HTTPS",
            instead("GET /", "GET https://RELAY.test/"),
        ),
        ("a query", instead(TUNNEL, &format!("{TUNNEL}?x=1"))),
        (
            "names in any case",
            good().replace("Sec-WebSocket", "sEC-wEBsOCKET"),
        ),
        (
            "a value that is not ASCII",
            with("User-Agent: t\u{e9}l\u{e9}phone"),
        ),
        (
            "Connection in a list, twice",
            with("Connection: keep-alive"),
        ),
        ("no space after the colon", good().replace(": ", ":")),
    ] {
        let head = Client::sending(relay.local_addr(), text).await.head().await;
        assert_eq!(status(&head), 101, "{name}: {head}");
    }
}
