//! Deadlines against peers that never stop, in virtual time: the peer turns the clock while it
//! sends, so that a session which looks at the clock only when there is nothing to read would not
//! end.

mod ctap;
mod phone;

use super::*;
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_dial::TrustAnchors;
use hybrid_dial::clock::now;
use hybrid_protocol::EidKey;
use hybrid_protocol::{Cause, Failure, Stage};
use hybrid_protocol::{DomainId, QrCode, QrText, RoutingId};
use hybrid_protocol::{Plaintext, UUID_FIDO};
use hybrid_radio::{Advert, RadioEvent};
use hybrid_webauthn::{Ceremony, Origin, ReplyError};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::coop::unconstrained;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring};
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

type Io = TlsStream<DuplexStream>;

/// What is sent between two steps of the clock: more than the runtime lets one task read before it
/// asks for a pause, which is 128 reads of 4 kB.
const PORTION: usize = 640 * 1024;
/// What the way holds.
const AHEAD: usize = 2 * PORTION;
/// What TLS adds to a record.
const OVERHEAD: usize = 22;
/// Virtual time between two portions.
const STEP: Duration = Duration::from_secs(1);
/// A session that is still there after so long will not end.
const FOR_EVER: Duration = Duration::from_secs(20);

/// What a relay sends without end once the tunnel is open, or instead of opening it.
#[derive(Clone, Copy, Debug)]
enum Flood {
    /// These bytes of WebSocket, in TLS records of so many.
    Frames(&'static [u8], usize),
    /// TLS key updates with a byte between.
    KeyUpdates,
}

/// A fragment of no bytes that is not the last, in two bytes.
const EMPTY_FRAGMENT: &[u8] = &[0x00, 0];
const PING: &[u8] = &control(0x89);
const PONG: &[u8] = &control(0x8a);
/// A fragment of one byte that is not the last.
const FRAGMENT: &[u8] = &[0x00, 1, 7];

/// A control frame with as much as one may carry.
const fn control(opcode: u8) -> [u8; 127] {
    let mut frame = [7; 127];
    (frame[0], frame[1]) = (opcode, 125);
    frame
}

const FLOODS: [Flood; 9] = [
    Flood::Frames(EMPTY_FRAGMENT, 512),
    Flood::Frames(EMPTY_FRAGMENT, 1024),
    Flood::Frames(EMPTY_FRAGMENT, 4096),
    Flood::Frames(EMPTY_FRAGMENT, 10_000),
    Flood::Frames(EMPTY_FRAGMENT, 1),
    Flood::Frames(PING, 4096),
    Flood::Frames(PONG, 4096),
    Flood::Frames(PONG, 1),
    Flood::KeyUpdates,
];

const WORST: [Flood; 2] = [
    Flood::Frames(EMPTY_FRAGMENT, 4096),
    Flood::Frames(PING, 4096),
];

#[tokio::test(start_paused = true)]
async fn no_flood_extends_the_handshakes_time() {
    for flood in WORST {
        let (failure, took) = against(flood, Patience::default(), None).await;
        assert_eq!(
            (failure.at, &failure.cause),
            (Stage::Handshake, &Cause::TimedOut),
            "{flood:?}"
        );
        assert!(
            took <= Stage::Handshake.budget() + STEP,
            "{flood:?}: {took:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_flood_extends_the_time_that_the_caller_gives() {
    for flood in FLOODS {
        let limit = Duration::from_secs(2);
        let patience = Patience {
            overall: Some(limit),
            ..Patience::default()
        };
        let (failure, took) = against(flood, patience, None).await;
        assert_eq!(
            (failure.at, &failure.cause),
            (Stage::Handshake, &Cause::TimedOut),
            "{flood:?}"
        );
        assert!(took <= limit + STEP, "{flood:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_flood_keeps_a_person_from_stopping_it() {
    for flood in WORST {
        let when = Duration::from_secs(1);
        let (failure, took) = against(flood, Patience::default(), Some(when)).await;
        assert_eq!(failure.cause, Cause::Cancelled, "{flood:?}");
        assert!(took <= when + STEP, "{flood:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_in_fragments_without_end_ends_the_session_when_it_is_too_long() {
    let (failure, _) = against(Flood::Frames(FRAGMENT, 4096), Patience::default(), None).await;
    assert!(
        matches!(failure.cause, Cause::TunnelClosed { .. }),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn adverts_without_end_extend_neither_the_stage_nor_the_time_that_the_caller_gives() {
    for (overall, expected) in [
        (None, Stage::Advert.budget()),
        (Some(Duration::from_secs(3)), Duration::from_secs(3)),
    ] {
        let patience = Patience {
            overall,
            ..Patience::default()
        };
        let clock = tokio::spawn(async {
            loop {
                tokio::time::advance(STEP).await;
            }
        });
        let (begun, mut count) = (now(), 0_u32);
        let network = Network::over(|| tokio::io::duplex(1).0, TrustAnchors::Roots(Vec::new()));
        let (_keyboard, mut asks) = mpsc::channel(1);
        let mut ui = Scanned::default();
        let outcome = run(
            &ceremony(),
            &Begin::Code,
            &mut Crowd(&mut count),
            &network,
            &mut ui,
            &mut asks,
            patience,
        )
        .await;
        clock.abort();
        let took = now().duration_since(begun);
        assert!(
            matches!(outcome, Outcome::Failed { failure, .. } if failure.cause == Cause::TimedOut)
        );
        assert!(took <= expected + STEP, "{took:?} with {count} adverts");
    }
}

/// How a session fails against a flood, and after how long from the opening of its tunnel.
async fn against(
    flood: Flood,
    patience: Patience,
    stopped_after: Option<Duration>,
) -> (Failure, Duration) {
    let begun = now();
    let pair = rcgen::generate_simple_self_signed(["cable.ua5v.com".to_owned()]).unwrap();
    let root = pair.cert.der().clone();
    let acceptor = acceptor(root.clone(), pair.signing_key.serialize_der());
    let carry = move || {
        let (ours, theirs) = tokio::io::duplex(AHEAD);
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            if let Ok(io) = acceptor.accept(theirs).await {
                // It sends a whole portion at once.
                unconstrained(relay(io, flood, begun)).await;
            }
        });
        ours
    };
    let network = Network::over(carry, TrustAnchors::Roots(vec![root]));
    let (keyboard, mut asks) = mpsc::channel(1);
    if let Some(when) = stopped_after {
        let keyboard = keyboard.clone();
        tokio::spawn(async move {
            tokio::time::sleep(when).await;
            let _ = keyboard.send(Ask::Cancel).await;
        });
    }
    let mut ui = Scanned::default();
    let mut ear = Ear(ui.air.clone());
    let outcome = run(
        &ceremony(),
        &Begin::Code,
        &mut ear,
        &network,
        &mut ui,
        &mut asks,
        patience,
    )
    .await;
    let Outcome::Failed { failure, .. } = outcome else {
        panic!("{flood:?}: {outcome}")
    };
    let failed = { ui.entries.iter() }.find(|entry| matches!(entry.what, EventKind::Failed(_)));
    (failure, failed.unwrap().at)
}

/// Opens the tunnel and floods it, turning the clock.
async fn relay(mut io: Io, flood: Flood, begun: Instant) {
    switch(&mut io).await;
    if let Flood::Frames(EMPTY_FRAGMENT | FRAGMENT, _) = flood {
        // The first one says that it is a binary message.
        io.write_all(&[0x02, 0]).await.unwrap();
    }
    while now().duration_since(begun) < FOR_EVER {
        if portion(&mut io, flood).await.is_err() {
            return;
        }
        tokio::time::advance(STEP).await;
    }
    panic!("{flood:?}: the session does not end");
}

/// Reads the request and opens the tunnel.
async fn switch(io: &mut Io) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.unwrap().as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: fido.cable\r\n\r\n"
    );
    io.write_all(answer.as_bytes()).await.unwrap();
    head
}

/// So much that something is left when the desktop has read as much as the runtime lets it.
async fn portion(io: &mut Io, flood: Flood) -> std::io::Result<()> {
    match flood {
        Flood::Frames(frame, record) => {
            let bytes = frame.repeat(record);
            // So many records end with a frame.
            let most = (PORTION / (record + OVERHEAD)).next_multiple_of(frame.len());
            for record in bytes.chunks_exact(record).cycle().take(most) {
                io.write_all(record).await?;
                io.flush().await?;
            }
        }
        Flood::KeyUpdates => {
            for _ in 0..PORTION / (2 + 5 + 2 * OVERHEAD) {
                io.get_mut()
                    .1
                    .refresh_traffic_keys()
                    .map_err(std::io::Error::other)?;
                io.write_all(&[0x8a, 0]).await?;
                io.flush().await?;
            }
        }
    }
    Ok(())
}

fn acceptor(certificate: CertificateDer<'static>, key: Vec<u8>) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key).unwrap());
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

fn ceremony() -> Ceremony {
    let options = r#"{"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "example.com"}"#;
    Ceremony::sign_in(Origin::parse("https://example.com").unwrap(), options).unwrap()
}

/// Answers the code with an advert.
#[derive(Default)]
struct Scanned {
    air: Arc<std::sync::Mutex<Option<Advert>>>,
    entries: Vec<TimelineEntry>,
}

impl Ui for Scanned {
    type Response = Value;

    fn code(&mut self, text: &QrText) {
        let code = QrCode::parse(text.expose()).unwrap();
        let plaintext = Plaintext::qr([7; 10], RoutingId::new([1, 2, 3]), DomainId(0));
        let data = EidKey::from_qr(&code.secret).seal(&plaintext).to_vec();
        *self.air.lock().unwrap() = Some(advert(data));
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        self.entries.push(entry.clone());
    }

    fn replied(&mut self, _response: Result<Value, ReplyError>) {}
}

/// Hears the one advert.
struct Ear(Arc<std::sync::Mutex<Option<Advert>>>);

impl Radio for Ear {
    async fn next(&mut self) -> RadioEvent {
        let heard = self.0.lock().unwrap().take();
        match heard {
            Some(advert) => RadioEvent::Advert(advert),
            None => std::future::pending().await,
        }
    }
}

/// A radio that always has another stranger to tell of.
struct Crowd<'c>(&'c mut u32);

impl Radio for Crowd<'_> {
    async fn next(&mut self) -> RadioEvent {
        *self.0 += 1;
        RadioEvent::Advert(advert(self.0.to_le_bytes().repeat(5)))
    }
}

fn advert(data: Vec<u8>) -> Advert {
    Advert {
        uuid: UUID_FIDO,
        data,
        rssi: Some(-48),
        address: None,
        adapter: "pretend0".to_owned(),
        cached: false,
        at: now(),
    }
}
