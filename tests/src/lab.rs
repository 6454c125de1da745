//! One desktop session in this process against any relay: the code is answered by an advert alone,
//! and what the relay then does is the test's.

use crate::air::{Voice, air};
use crate::pki::Authority;
use crate::relying_party::{ORIGIN, RelyingParty};
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_dial::{Network, Step, TrustAnchors};
use hybrid_protocol::EidKey;
use hybrid_protocol::QrText;
use hybrid_protocol::SUBPROTOCOL;
use hybrid_protocol::{DomainId, QrCode, RoutingId};
use hybrid_protocol::{Plaintext, UUID_FIDO};
use hybrid_radio::{Advert, RadioEvent};
use hybrid_webauthn::{Ceremony, Origin, ReplyError};
use hybridd::session::{self, Ask, Begin, Outcome, Patience, Ui};
use rustls::pki_types::CertificateDer;
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, http::HeaderValue};

/// The name of every relay of the lab.
pub const HOST: &str = "cable.ua5v.com";

/// A connection to a relay of the lab, before its request is read.
pub type Io = TlsStream<TcpStream>;

/// A place where a relay of one's own behaviour listens.
pub struct Relay {
    /// Where.
    pub addr: SocketAddr,
    root: CertificateDer<'static>,
}

impl Relay {
    /// Serves every connection with `behaviour`, over TLS with a certificate that the desktop
    /// trusts.
    ///
    /// # Errors
    /// What the system says.
    pub async fn behaving<F>(
        behaviour: impl Fn(Io) -> F + Send + 'static,
    ) -> Result<Self, Box<dyn Error>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let authority = Authority::new()?;
        let pair = authority.sign(&[HOST])?;
        let acceptor = pair.acceptor()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(io) = acceptor.accept(stream).await {
                    tokio::spawn(behaviour(io));
                }
            }
        });
        Ok(Self {
            addr,
            root: authority.der(),
        })
    }

    /// Answers every request with these bytes and hangs up.
    ///
    /// # Errors
    /// As [`Self::behaving`].
    pub async fn answering(answer: impl Into<String>) -> Result<Self, Box<dyn Error>> {
        let answer: Arc<str> = answer.into().into();
        Self::behaving(move |mut io| {
            let answer = Arc::clone(&answer);
            async move {
                read_head(&mut io).await;
                let _ = io.write_all(answer.as_bytes()).await;
                let _ = io.shutdown().await;
            }
        })
        .await
    }
}

impl Relay {
    /// The same relay, reached through another address.
    #[must_use]
    pub fn reached_at(&self, addr: SocketAddr) -> Self {
        Self {
            addr,
            root: self.root.clone(),
        }
    }

    /// The desktop's way here, whatever the phone names.
    pub fn network(&self) -> Network {
        Network::detour(self.addr, TrustAnchors::Roots(vec![self.root.clone()]))
    }
}

/// Accepts a WebSocket as a relay does.
///
/// # Errors
/// What the library says.
#[expect(clippy::result_large_err, reason = "the library's signature")]
pub async fn accept(io: Io) -> Result<WebSocketStream<Io>, tungstenite::Error> {
    let protocol = |_: &_, mut response: tungstenite::handshake::server::Response| {
        let header = HeaderValue::from_static(SUBPROTOCOL);
        response
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", header);
        Ok(response)
    };
    tokio_tungstenite::accept_hdr_async(io, protocol).await
}

/// The answer that accepts a WebSocket request, for relays that write it by hand.
pub fn switching(head: &str) -> String {
    let accept = accept_key(head);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\
         Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    )
}

/// What a request for a WebSocket wants to be answered with; nonsense when it is none.
pub fn accept_key(head: &str) -> String {
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then(|| value.trim())
    });
    tungstenite::handshake::derive_accept_key(key.unwrap_or_default().as_bytes())
}

/// Reads a request up to its empty line.
pub async fn read_head(io: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match io.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Runs a registration whose phone advertises this relay.
///
/// # Errors
/// When the lab itself fails.
pub async fn desktop(relay: &Relay) -> Result<(Outcome, Vec<TimelineEntry>), Box<dyn Error>> {
    session(relay.network(), Answers::AtOnce, false, |_| {}).await
}

/// The same. Each entry is shown as it happens.
///
/// # Errors
/// When the lab itself fails.
pub async fn desktop_that_shows(
    relay: &Relay,
    shown: impl FnMut(&TimelineEntry),
) -> Result<(Outcome, Vec<TimelineEntry>), Box<dyn Error>> {
    session(relay.network(), Answers::AtOnce, false, shown).await
}

/// The same with a person who asks for a new code when it fails, once.
///
/// # Errors
/// When the lab itself fails.
pub async fn desktop_that_goes_on(
    relay: &Relay,
) -> Result<(Outcome, Vec<TimelineEntry>), Box<dyn Error>> {
    session(relay.network(), Answers::AtOnce, true, |_| {}).await
}

/// The same with a connection to the relay opened ahead; the phone is heard once it is open.
///
/// # Errors
/// When the lab itself fails.
pub async fn desktop_with_a_line(
    relay: &Relay,
) -> Result<(Outcome, Vec<TimelineEntry>), Box<dyn Error>> {
    let network = relay.network().with_preconnections_to(&[HOST]);
    session(network, Answers::OnceAhead(Step::Tls), false, |_| {}).await
}

/// The same with a phone that is heard while the connection is still being opened, once it is
/// connected. Each entry is shown as it happens.
///
/// # Errors
/// When the lab itself fails.
pub async fn desktop_with_half_a_line(
    relay: &Relay,
    shown: impl FnMut(&TimelineEntry),
) -> Result<(Outcome, Vec<TimelineEntry>), Box<dyn Error>> {
    let network = relay.network().with_preconnections_to(&[HOST]);
    session(network, Answers::OnceAhead(Step::Tcp), false, shown).await
}

/// When the phone is heard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    AtOnce,
    /// Once this step of a connection is done.
    OnceAhead(Step),
}

async fn session(
    network: Network,
    answers: Answers,
    goes_on: bool,
    shown: impl FnMut(&TimelineEntry),
) -> Result<(Outcome, Vec<TimelineEntry>), Box<dyn Error>> {
    let begun = RelyingParty::new()?.begin_registration()?;
    let ceremony = Ceremony::register(Origin::parse(ORIGIN)?, &begun.options)?;
    let (voice, mut ear) = air();
    let (keyboard, mut asks) = mpsc::channel(1);
    let patience = Patience {
        renews: goes_on,
        ..Patience::default()
    };
    let mut face = Answering {
        voice,
        answers,
        advert: None,
        keyboard,
        presses: if goes_on {
            vec![Ask::Cancel, Ask::NewCode]
        } else {
            Vec::new()
        },
        entries: Vec::new(),
        shown,
    };
    let outcome = session::run(
        &ceremony,
        &Begin::Code,
        &mut ear,
        &network,
        &mut face,
        &mut asks,
        patience,
    )
    .await;
    Ok((outcome, face.entries))
}

/// Answers a code with an advert, as a phone whose tunnel is open.
struct Answering<S> {
    voice: Voice,
    answers: Answers,
    advert: Option<RadioEvent>,
    keyboard: mpsc::Sender<Ask>,
    /// What the person does when it fails, the last one first.
    presses: Vec<Ask>,
    entries: Vec<TimelineEntry>,
    shown: S,
}

impl<S: FnMut(&TimelineEntry)> Ui for Answering<S> {
    type Response = serde_json::Value;

    fn code(&mut self, text: &QrText) {
        let Ok(code) = QrCode::parse(text.expose()) else {
            return;
        };
        let plaintext = Plaintext::qr([7; 10], RoutingId::new([1, 2, 3]), DomainId(0));
        let data = EidKey::from_qr(&code.secret).seal(&plaintext).to_vec();
        let adapter = "pretend0".to_owned();
        let advert = Advert {
            uuid: UUID_FIDO,
            data,
            rssi: Some(-48),
            address: None,
            adapter,
            cached: false,
            at: Instant::now(),
        };
        self.advert = Some(RadioEvent::Advert(advert));
        if self.answers == Answers::AtOnce {
            self.answer();
        }
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        if let EventKind::Ahead(step) = &entry.what
            && self.answers == Answers::OnceAhead(step.step)
        {
            self.answer();
        }
        (self.shown)(entry);
        self.entries.push(entry.clone());
    }

    fn replied(&mut self, _response: Result<serde_json::Value, ReplyError>) {}

    fn offer_new_code(&mut self) {
        if let Some(ask) = self.presses.pop() {
            let _ = self.keyboard.try_send(ask);
        }
    }
}

impl<S> Answering<S> {
    fn answer(&mut self) {
        if let Some(advert) = self.advert.take() {
            self.voice.say(advert);
        }
    }
}
