//! Tunnels over pipes of known size, in virtual time.

use super::{CloseReason, Endpoint, JoinNotice, Limits, TunnelOutcome, run};
use crate::server::request::limit_buffer;
use crate::websocket::read_buffer::READ;
use core::time::Duration;
use proptest::prelude::*;
use std::sync::Arc;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use tokio_util::sync::CancellationToken;

/// Longer than any limit of the tests below; in virtual time it costs nothing.
const FOR_EVER: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_side_whose_partner_does_not_read_is_not_read_further() {
    const PIPE: usize = 1024;
    let (mut phone, mut desktop, tunnel) = joined(PIPE, PIPE);
    let sent = frames(&[60_000; 20]);
    let mut accepted = 0;
    while let Ok(written) = timeout(Duration::from_secs(1), phone.write(&sent[accepted..])).await {
        accepted += written.unwrap();
    }
    assert!(
        accepted <= PIPE + READ + PIPE + 100,
        "{accepted} bytes were taken"
    );
    let (mut read, mut write) = tokio::io::split(phone);
    let (received, ()) = tokio::join!(receive(&mut desktop, 20 * 60_004), async {
        write.write_all(&sent[accepted..]).await.unwrap();
    });
    assert_eq!(received, passed_on(&[60_000; 20]));
    drop((read.read_u8(), write, desktop));
    assert_eq!(tunnel.await.unwrap().messages, 20);
}

#[tokio::test(start_paused = true)]
async fn who_joins_in_the_moment_in_which_the_waiting_side_leaves_gets_its_last_words_and_the_close()
 {
    let (mut phone, near) = duplex(4096);
    let (mut desktop, far) = duplex(4096);
    let mut far = Box::new(Endpoint::new(far, Vec::new()));
    far.writer.push(b"101");
    let (joiner, joining) = oneshot::channel();
    phone.write_all(&frames(&[5])).await.unwrap();
    phone.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.unwrap();
    assert!(joiner.send(far).is_ok());
    let (limits, stop) = (Limits::default(), CancellationToken::new());
    let near = Box::new(Endpoint::new(near, Vec::new()));
    let mut joined = 0;
    let tunnel = run(near, joining, JoinNotice::None, &limits, &stop, |_| {
        joined += 1
    });
    let expected = [
        b"101",
        &passed_on(&[5])[..],
        &CloseReason::Closed(1000).frame_for_other(),
    ]
    .concat();
    let (outcome, told) = tokio::join!(tunnel, async {
        let told = receive(&mut desktop, expected.len()).await;
        drop(desktop);
        told
    });
    assert_eq!(told, expected);
    assert_eq!(
        (outcome.reason, outcome.joined.is_some(), joined),
        (CloseReason::Closed(1000), true, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_side_that_never_reads_ends_the_tunnel_and_frees_its_partner() {
    let (mut phone, desktop, tunnel) = joined(1024, 1024);
    let sent = frames(&[60_000; 3]);
    let closings = CloseReason::Stalled.frame_for_other();
    let (mut read, mut write) = tokio::io::split(&mut phone);
    let writing = async { while write.write_all(&sent).await.is_ok() {} };
    let told = tokio::select! {
        told = receive(&mut read, closings.len()) => told,
        () = writing => panic!("writing ended first"),
    };
    assert_eq!(told, closings);
    drop((phone, desktop));
    assert_eq!(tunnel.await.unwrap().reason, CloseReason::Stalled);
}

#[tokio::test(start_paused = true)]
async fn a_ping_of_either_side_is_answered_at_once_while_the_other_is_silent() {
    const PING: [u8; 8] = [0x89, 0x82, 0, 0, 0, 0, 7, 8];
    let (mut phone, mut desktop, _tunnel) = joined(1024, 1024);
    for _ in 0..3 {
        for endpoint in [&mut phone, &mut desktop] {
            endpoint.write_all(&PING).await.unwrap();
            let pong = timeout(Duration::from_secs(1), receive(endpoint, 4)).await;
            assert_eq!(pong, Ok(vec![0x8a, 2, 7, 8]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn both_sides_sending_at_once_get_everything_in_order_through_any_pipes(
        pipes in (1..3000usize, 1..3000usize),
        up in proptest::collection::vec(length(), 1..12),
        down in proptest::collection::vec(length(), 1..12),
        pieces in (1..5000usize, 1..5000usize),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (phone, desktop, tunnel) = joined(pipes.0, pipes.1);
            both_talk((phone, desktop), (&up, &down), pieces, tunnel).await;
        });
    }

    #[test]
    fn the_same_over_tls(
        // A TLS side that has to write does not read: with less room than the six bytes of a change
        // of cipher, both would wait for each other before the handshake's end. No socket is that
        // small.
        pipes in (6..3000usize, 6..3000usize),
        up in proptest::collection::vec(length(), 1..6),
        down in proptest::collection::vec(length(), 1..6),
        pieces in (1..5000usize, 1..5000usize),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let tls = Tls::new();
            let both = async { tokio::join!(tls.connect(pipes.0), tls.connect(pipes.1)) };
            let ((phone, near), (desktop, far)) = timeout(FOR_EVER, both).await.unwrap();
            both_talk((phone, desktop), (&up, &down), pieces, join(near, far)).await;
        });
    }
}

fn length() -> impl Strategy<Value = usize> {
    prop_oneof![0..200usize, 0..70_000usize]
}

/// Phone and desktop send at once messages of the lengths `up` and `down`, in pieces, and each has
/// to get the other's.
async fn both_talk<S: AsyncRead + AsyncWrite>(
    (phone, desktop): (S, S),
    (up, down): (&[usize], &[usize]),
    pieces: (usize, usize),
    tunnel: JoinHandle<TunnelOutcome>,
) {
    let talk = async |client: S, ours: &[usize], theirs: &[usize], piece: usize| {
        let (mut read, mut write) = tokio::io::split(client);
        let sent = frames(ours);
        let expected = passed_on(theirs);
        let sending = async {
            for piece in sent.chunks(piece) {
                write.write_all(piece).await.unwrap();
            }
            write.flush().await.unwrap();
        };
        let ((), received) = tokio::join!(sending, receive(&mut read, expected.len()));
        assert_eq!(received, expected);
        (read, write)
    };
    let both = async {
        tokio::join!(
            talk(phone, up, down, pieces.0),
            talk(desktop, down, up, pieces.1)
        )
    };
    let ends = timeout(FOR_EVER, both).await;
    assert!(ends.is_ok(), "dead-lock");
    drop(ends);
    let outcome = tunnel.await.unwrap();
    assert_eq!(outcome.messages, (up.len() + down.len()) as u64);
    assert_eq!(outcome.bytes, up.iter().chain(down).sum::<usize>() as u64);
}

/// A certificate, and a client that trusts it.
struct Tls {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

impl Tls {
    fn new() -> Self {
        let issued = rcgen::generate_simple_self_signed(["relay.test".to_owned()]).unwrap();
        let (chain, key) = (issued.cert.pem(), issued.signing_key.serialize_pem());
        let server = crate::http::tls::ServerTls::read(chain.as_bytes(), key.as_bytes())
            .unwrap()
            .config;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(issued.cert.der().clone()).unwrap();
        let client = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
        Self {
            acceptor: server.into(),
            connector: Arc::new(client).into(),
        }
    }

    /// Client and server side of a connection whose pipe holds so many bytes.
    async fn connect(
        &self,
        pipe: usize,
    ) -> (
        client::TlsStream<DuplexStream>,
        server::TlsStream<DuplexStream>,
    ) {
        let (client, server) = duplex(pipe);
        let name = "relay.test".try_into().unwrap();
        let (client, server) = tokio::join!(
            self.connector.connect(name, client),
            self.acceptor.accept_with(server, limit_buffer)
        );
        (client.unwrap(), server.unwrap())
    }
}

/// Two clients whose pipes hold so many bytes in each direction, and the tunnel that joins them.
fn joined(near: usize, far: usize) -> (DuplexStream, DuplexStream, JoinHandle<TunnelOutcome>) {
    let (phone, near) = duplex(near);
    let (desktop, far) = duplex(far);
    (phone, desktop, join(near, far))
}

/// Runs the tunnel of two connections.
fn join<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    near: S,
    far: S,
) -> JoinHandle<TunnelOutcome> {
    let (joiner, joined) = oneshot::channel();
    assert!(
        joiner
            .send(Box::new(Endpoint::new(far, Vec::new())))
            .is_ok()
    );
    let limits = Arc::new(Limits {
        messages: u64::MAX,
        bytes: u64::MAX,
        message_size: 1 << 20,
        ..Limits::default()
    });
    tokio::spawn(async move {
        let near = Box::new(Endpoint::new(near, Vec::new()));
        run(
            near,
            joined,
            JoinNotice::None,
            &limits,
            &CancellationToken::new(),
            |_| (),
        )
        .await
    })
}

/// Messages of these lengths as a client sends them; every byte depends on its place in the
/// message, and on the message.
fn frames(lengths: &[usize]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x5a, 0x01, 0xff, 0x80];
    framed(lengths, Some(MASK))
}

/// The same as the other side has to get them.
fn passed_on(lengths: &[usize]) -> Vec<u8> {
    framed(lengths, None)
}

fn framed(lengths: &[usize], mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, length) in lengths.iter().enumerate() {
        let masked = if mask.is_some() { 0x80 } else { 0 };
        bytes.push(0x82);
        match *length {
            short @ 0..=125 => bytes.push(masked | short as u8),
            medium @ 126..=0xffff => {
                bytes.push(masked | 126);
                bytes.extend((medium as u16).to_be_bytes());
            }
            long => {
                bytes.push(masked | 127);
                bytes.extend((long as u64).to_be_bytes());
            }
        }
        bytes.extend(
            mask.unwrap_or_default()
                .iter()
                .take(if mask.is_some() { 4 } else { 0 }),
        );
        let key = mask.unwrap_or([0; 4]);
        bytes.extend((0..*length).map(|at| (at * 7 + number) as u8 ^ key[at % 4]));
    }
    bytes
}

async fn receive(client: &mut (impl AsyncRead + Unpin), length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    client.read_exact(&mut bytes).await.unwrap();
    bytes
}

mod silence;
