//! A relay, a phone and a desktop in one process, with a pretend radio between the last two: the
//! demo and the faults run on it.

use crate::air::{Voice, air};
use crate::pki::Authority;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{EventKind, TimelineEntry};
use hybrid_dial::{Network, TrustAnchors};
use hybrid_protocol::QrCode;
use hybrid_protocol::QrText;
use hybrid_radio::RadioEvent;
use hybrid_tunnel_server::{Config, Running, Server};
use hybrid_webauthn::{Ceremony, ReplyError};
use hybridd::session::{self, Ask, Begin, Outcome, Patience, Ui};
use phone_sim::authenticator::Consent;
use phone_sim::dial::{Dialer, RelayAddress};
use phone_sim::session::PhoneSettings;
use phone_sim::{Authenticator, Fault, answer};
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Other Bluetooth devices in the room, so that a silent phone is not a deaf radio.
const NEIGHBOURS: usize = 3;
/// After the first explanation the session may go on for so long: to fail for good, or to succeed
/// after all.
const GRACE: Duration = Duration::from_secs(6);

/// A relay on loopback with TLS, and those who trust it.
pub struct Trio {
    relay: Running,
    addr: SocketAddr,
    root: CertificateDer<'static>,
}

/// How a session went, as a person saw it.
pub struct Played {
    /// How it ended.
    pub outcome: Outcome,
    /// The response for the relying party, or why there is none.
    pub response: Option<Result<Value, ReplyError>>,
    /// What happened.
    pub entries: Vec<TimelineEntry>,
}

/// A session's person: sees each entry, and decides what the phone's user says.
pub struct Person<'p> {
    /// Sees the code.
    pub code: &'p mut dyn FnMut(&QrText),
    /// Sees what happens.
    pub entry: &'p mut dyn FnMut(&TimelineEntry),
    /// What the user says on the phone.
    pub says: Consent,
}

impl Trio {
    /// Starts the relay.
    ///
    /// # Errors
    /// What the system says.
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let authority = Authority::new()?;
        let pair = authority.sign(&["cable.ua5v.com", "cable.auth.com", "localhost"])?;
        let mut config = Config::tls(
            SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pair.chain,
            pair.key,
        );
        // Many sessions may run at once, and all come from one address.
        config.limits.accept_rate_per_address = u32::MAX;
        config.limits.openings_per_address = u32::MAX;
        config.limits.rooms_per_address = u32::MAX;
        let relay = Server::bind(config).await?;
        let addr = relay.local_addr();
        Ok(Self {
            relay,
            addr,
            root: authority.der(),
        })
    }

    /// The desktop's way to this relay, whatever it is called.
    pub fn network(&self) -> Network {
        Network::detour(self.addr, TrustAnchors::Roots(vec![self.root.clone()]))
    }

    /// Runs one ceremony: the desktop shows a code and goes to `network`, the phone scans it and
    /// uses this relay. The phone goes on until its handle is awaited or dropped.
    ///
    /// # Errors
    /// When the phone cannot be set up.
    pub async fn play(
        &self,
        ceremony: &Ceremony,
        network: &Network,
        authenticator: Authenticator,
        settings: PhoneSettings,
        person: Person<'_>,
    ) -> Result<(Played, PhoneTask), Box<dyn Error>> {
        let (voice, mut ear) = air();
        for _ in 0..NEIGHBOURS {
            voice.say(RadioEvent::Neighbour);
        }
        let (codes, scanned) = mpsc::unbounded_channel();
        let (keyboard, mut asks) = mpsc::channel(2);
        if settings
            .script
            .faults
            .iter()
            .any(Fault::answers_the_code_before)
        {
            keyboard.send(Ask::NewCode).await?;
        }
        let phone = play_phone(
            scanned,
            voice,
            authenticator,
            self.dialer()?,
            settings,
            person.says,
        );
        let phone = PhoneTask(tokio::spawn(phone));
        let mut face = Watching {
            person,
            codes,
            keyboard,
            stopped: Arc::default(),
            response: None,
            entries: Vec::new(),
        };
        let outcome = session::run(
            ceremony,
            &Begin::Code,
            &mut ear,
            network,
            &mut face,
            &mut asks,
            Patience::default(),
        )
        .await;
        let played = Played {
            outcome,
            response: face.response,
            entries: face.entries,
        };
        Ok((played, phone))
    }

    /// Stops the relay.
    pub async fn shutdown(self) {
        self.relay.shutdown().await;
    }

    fn dialer(&self) -> Result<Dialer, Box<dyn Error>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.clone())?;
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
        let relay = RelayAddress::parse(&format!("wss://localhost:{}", self.addr.port()))?;
        Ok(Dialer::new(Some(relay), Arc::new(tls)))
    }
}

impl Played {
    /// What explained it first, with the time since the stage began in which it was said.
    pub fn explained(&self) -> Option<(Finding, Duration)> {
        let mut began = Duration::ZERO;
        for entry in &self.entries {
            let since = entry.at.saturating_sub(began);
            match &entry.what {
                EventKind::Stage(_) | EventKind::NewCode => began = entry.at,
                EventKind::Finding(finding) => return Some((finding.clone(), since)),
                EventKind::Answered(_)
                | EventKind::Heard(_)
                | EventKind::Neighbours(_)
                | EventKind::Listening(_)
                | EventKind::Radio(_)
                | EventKind::Net(_)
                | EventKind::Ahead(_)
                | EventKind::Paused(_)
                | EventKind::Failed(_)
                | EventKind::Done { .. }
                | _ => {}
            }
        }
        None
    }
}

/// A phone that is being played; put down when dropped.
pub struct PhoneTask(JoinHandle<Option<Authenticator>>);

impl PhoneTask {
    /// Waits for its end and takes its passkeys; none when no code was shown to it.
    pub async fn end(mut self) -> Option<Authenticator> {
        (&mut self.0).await.ok().flatten()
    }
}

impl Drop for PhoneTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The phone in its owner's hand: it scans what the screen shows.
async fn play_phone(
    mut scanned: mpsc::UnboundedReceiver<QrCode>,
    mut voice: Voice,
    mut authenticator: Authenticator,
    dialer: Dialer,
    settings: PhoneSettings,
    says: Consent,
) -> Option<Authenticator> {
    let code = scanned.recv().await?;
    if settings
        .script
        .faults
        .iter()
        .any(Fault::answers_the_code_before)
    {
        scanned.recv().await?;
    }
    answer(
        &code,
        &settings,
        &dialer,
        &mut voice,
        &mut authenticator,
        |_| async move { says },
        |_| {},
    )
    .await;
    Some(authenticator)
}

/// What the person sees, kept; and the session is stopped some time after it was explained.
struct Watching<'p> {
    person: Person<'p>,
    codes: mpsc::UnboundedSender<QrCode>,
    keyboard: mpsc::Sender<Ask>,
    /// What comes after is the stopping's and not the fault's.
    stopped: Arc<AtomicBool>,
    response: Option<Result<Value, ReplyError>>,
    entries: Vec<TimelineEntry>,
}

impl Ui for Watching<'_> {
    type Response = Value;

    fn code(&mut self, text: &QrText) {
        (self.person.code)(text);
        if let Ok(code) = QrCode::parse(text.expose()) {
            let _ = self.codes.send(code);
        }
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        if self.stopped.load(Ordering::Relaxed) {
            return;
        }
        (self.person.entry)(entry);
        let first = !self
            .entries
            .iter()
            .any(|entry| matches!(entry.what, EventKind::Finding(_)));
        if first && matches!(entry.what, EventKind::Finding(_)) {
            let (keyboard, stopped) = (self.keyboard.clone(), Arc::clone(&self.stopped));
            tokio::spawn(async move {
                tokio::time::sleep(GRACE).await;
                stopped.store(true, Ordering::Relaxed);
                let _ = keyboard.send(Ask::Cancel).await;
            });
        }
        self.entries.push(entry.clone());
    }

    fn replied(&mut self, response: Result<Value, ReplyError>) {
        self.response = Some(response);
    }
}
