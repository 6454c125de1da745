//! Proxies of the tests, and what is asked of them.

use super::*;
use crate::TrustAnchors;
use proptest::prelude::*;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A proxy that is reached over TLS, and serves one connection: it lets everybody through, and
/// returns what it was asked.
async fn over_tls(listener: TcpListener, pair: rcgen::CertifiedKey<rcgen::KeyPair>) -> String {
    let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![pair.cert.der().clone()], key);
    let (stream, _) = listener.accept().await.unwrap();
    let accepted = TlsAcceptor::from(Arc::new(config.unwrap()))
        .accept(stream)
        .await;
    let Ok(mut stream) = accepted else {
        return String::new();
    };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn a_proxy_over_tls_is_asked_within_it_if_its_authority_is_trusted() {
    let pair = || rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    for trusted in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (its, other) = (pair(), pair());
        let root = if trusted { &its } else { &other }.cert.der().clone();
        let asked = tokio::spawn(over_tls(listener, its));
        let address = format!("https://bob:pass@127.0.0.1:{port}");
        let proxy = Proxy::read(&address, "HTTPS_PROXY").unwrap();
        let trust = Trust::new(TrustAnchors::Roots(vec![root]));
        let until = Instant::now() + crate::PROXY;
        let connected = connect(&proxy, "cable.ua5v.com", &trust, until).await;
        let asked = asked.await.unwrap();
        match connected {
            Ok(stream) => {
                assert!(trusted);
                let named = format!("through https://127.0.0.1:{port} (HTTPS_PROXY)");
                assert!(stream.fact().ends_with(&named), "{}", stream.fact());
                assert!(asked.starts_with("CONNECT cable.ua5v.com:443 "), "{asked}");
                assert!(asked.contains("Proxy-Authorization: Basic "), "{asked}");
            }
            Err(failed) => {
                assert!(!trusted, "{failed}");
                let why = matches!(
                    failed.problem,
                    ProxyProblem::Unreachable(ProxyUnreachable::Tls(_))
                );
                assert!(why && asked.is_empty(), "{failed}: {asked}");
            }
        }
    }
}

#[test]
fn the_request_names_the_relay_and_carries_the_login() {
    assert_eq!(
        request("cable.ua5v.com", None).as_str(),
        "CONNECT cable.ua5v.com:443 HTTP/1.1\r\nHost: cable.ua5v.com:443\r\n\r\n"
    );
    // RFC 7617 section 2.
    let login = Login {
        user: Zeroizing::new("Aladdin".to_owned()),
        password: Zeroizing::new("open sesame".to_owned()),
    };
    assert!(request("a", Some(&login)).contains("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

#[test]
fn answers_are_told_apart() {
    assert!(matches!(read_head(b"HTTP/1.1 200 OK\r\n", false), Ok(None)));
    assert!(matches!(
        read_head(b"HTTP/1.1 200 OK\r\n\r\n", false),
        Ok(Some(()))
    ));
    assert!(matches!(
        read_head(b"HTTP/1.0 403 No\r\nA: b\r\n\r\n", false),
        Err(ProxyProblem::Refused(403))
    ));
    let unnamed = b"HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Basic realm=\"x\"\r\n\r\n";
    let Err(ProxyProblem::Credentials {
        schemes,
        given: true,
    }) = read_head(unnamed, true)
    else {
        panic!("it asks for credentials");
    };
    assert_eq!(schemes, ["NTLM", "Basic"]);
    assert!(matches!(
        read_head(b"SSH-2.0-OpenSSH\r\n", false),
        Err(ProxyProblem::Unreachable(ProxyUnreachable::Foreign(
            NotAProxy::Http(_)
        )))
    ));
}

#[test]
fn what_is_no_proxy_keeps_its_cause_and_says_so_once() {
    let problem = read_head(b"SSH-2.0-OpenSSH\r\n", false).unwrap_err();
    let failed = ProxyFailed {
        proxy: "http://p:1 (x)".to_owned(),
        problem,
    };
    assert_eq!(
        failed.to_string(),
        "proxy http://p:1 (x): it does not respond like a proxy: its response is not HTTP/1.1"
    );
    let unreachable = failed.source().unwrap();
    let foreign = unreachable.source().unwrap();
    assert!(foreign.source().unwrap().is::<httparse::Error>());
}

#[test]
fn what_a_socks_proxy_does_is_told_without_a_librarys_words() {
    let told = |error| {
        let failed = ProxyFailed {
            proxy: "socks5://p:1 (x)".to_owned(),
            problem: socks(error, false),
        };
        failed.to_string()
    };
    for (error, expected) in [
        (
            SocksError::InvalidResponseVersion,
            "it does not respond like a proxy: its response is not SOCKS 5",
        ),
        (
            SocksError::UnknownAddressType,
            "it does not respond like a proxy: its response breaks the rules of SOCKS 5",
        ),
        (
            SocksError::Io(io::ErrorKind::UnexpectedEof.into()),
            "it does not respond like a proxy: it closed the connection without a response",
        ),
        (
            SocksError::Io(io::ErrorKind::ConnectionReset.into()),
            "p:1 (x): the connection failed: connection reset",
        ),
        (
            SocksError::ConnectionNotAllowedByRuleset,
            "refused the connection: not allowed by ruleset (SOCKS reply 2)",
        ),
        (
            SocksError::HostUnreachable,
            "refused the connection: host unreachable (SOCKS reply 4)",
        ),
    ] {
        let told = told(error);
        assert!(told.ends_with(expected), "{told}");
    }
}

proptest! {
    #[test]
    fn reading_any_answer_never_panics(head: Vec<u8>) {
        let _ = read_head(&head, false);
    }
}
