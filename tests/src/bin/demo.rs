//! The whole thing in one process: a relay, a phone and a desktop with a pretend radio; a relying party that is not ours verifies.
//!
//! `cargo run --release --bin demo`

#![allow(clippy::print_stdout, reason = "a command-line program")]

use clap::Parser;
use hybrid_protocol::qr::QrText;
use hybrid_protocol::{QrCode, Wiped};
use hybrid_tests::air::{Ear, Voice, air};
use hybrid_tests::pki::Authority;
use hybrid_tests::relying_party::{ORIGIN, RelyingParty};
use hybrid_tunnel_server::{Config, Running, Server};
use hybridd::dial::{Network, Trust};
use hybridd::session::{self, Ask, Face, Outcome, Patience};
use hybridd::show::{self, Colours, Symbol};
use hybridd::timeline::Entry;
use hybridd::webauthn::{Ceremony, GetInfo, Origin};
use hybridd::words;
use phone_sim::authenticator::Consent;
use phone_sim::dial::{Dialer, Relay};
use phone_sim::session::Settings;
use phone_sim::{Authenticator, Model, Store, answer};
use rustls::pki_types::CertificateDer;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Registers a passkey and signs in with it, on an embedded relay, phone and radio.
#[derive(Parser)]
struct Args {
    /// Prints the timeline as JSON Lines instead.
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let world = World::start().await?;
    let site = RelyingParty::new()?;
    let mut phone = Some(Authenticator::new(Store::in_memory(), Model::default()));

    heading(&args, "1. Register a passkey of the phone at example.com");
    let begun = site.begin_registration()?;
    let ceremony = Ceremony::register(Origin::parse(ORIGIN)?, &begun.options)?;
    let response = world.ceremony(&ceremony, &mut phone, &args).await?;
    let account = site.finish_registration(begun, &response)?;
    tell(
        &args,
        "       the relying party (webauthn_rp) accepts the registration\n",
    );

    heading(&args, "2. Sign in with it");
    let begun = site.begin_sign_in()?;
    let ceremony = Ceremony::sign_in(Origin::parse(ORIGIN)?, &begun.options)?;
    let response = world.ceremony(&ceremony, &mut phone, &args).await?;
    site.finish_sign_in(begun, &account, &response)?;
    tell(&args, "       the relying party (webauthn_rp) accepts the sign-in\n");

    world.relay.shutdown().await;
    println!("demo: registration verified, sign-in verified");
    Ok(())
}

/// A relay on loopback with TLS, and those who trust it.
struct World {
    relay: Running,
    addr: SocketAddr,
    root: CertificateDer<'static>,
}

impl World {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let authority = Authority::new()?;
        let pair = authority.sign(&["cable.ua5v.com", "localhost"])?;
        let config = Config::tls(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), pair.chain, pair.key);
        let relay = Server::bind(config).await?;
        let addr = relay.local_addr();
        Ok(Self {
            relay,
            addr,
            root: authority.der(),
        })
    }

    /// Runs one ceremony: the desktop shows a code, the phone scans it, both do their part.
    async fn ceremony(
        &self,
        ceremony: &Ceremony,
        phone: &mut Option<Authenticator>,
        args: &Args,
    ) -> Result<String, Box<dyn Error>> {
        let (voice, mut ear) = air();
        let (scan, scanned) = oneshot::channel();
        let mut face = Screen {
            ceremony,
            json: args.json,
            scan: Some(scan),
            response: None,
        };
        let (_keyboard, mut asks) = mpsc::channel(1);
        let network = Network::detour(self.addr, Trust::Roots(vec![self.root.clone()]));
        let authenticator = phone.take().ok_or("the phone is gone")?;
        let playing = tokio::spawn(play_phone(scanned, voice, authenticator, self.dialer()?));
        let outcome = desktop(ceremony, &mut ear, &network, &mut face, &mut asks).await;
        *phone = Some(playing.await??);
        match (outcome, face.response) {
            (Outcome::Replied, Some(response)) => Ok(response?),
            (outcome, _) => Err(format!("the sign-in failed: {outcome}").into()),
        }
    }

    fn dialer(&self) -> Result<Dialer, Box<dyn Error>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.clone())?;
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let relay = Relay::parse(&format!("wss://localhost:{}", self.addr.port()))?;
        Ok(Dialer::new(Some(relay), Arc::new(tls)))
    }
}

async fn desktop(
    ceremony: &Ceremony,
    ear: &mut Ear,
    network: &Network,
    face: &mut Screen<'_>,
    asks: &mut mpsc::Receiver<Ask>,
) -> Outcome {
    session::run(ceremony, ear, network, face, asks, Patience::default()).await
}

/// The phone in its owner's hand: it scans what the screen shows, and its owner approves.
async fn play_phone(
    scanned: oneshot::Receiver<QrCode>,
    mut voice: Voice,
    mut authenticator: Authenticator,
    dialer: Dialer,
) -> Result<Authenticator, String> {
    let code = scanned.await.map_err(|error| error.to_string())?;
    let approve = |_| async { Consent::Approved };
    answer(
        &code,
        &Settings::default(),
        &dialer,
        &mut voice,
        &mut authenticator,
        approve,
        |_| {},
    )
    .await;
    Ok(authenticator)
}

/// What a person would see.
struct Screen<'c> {
    ceremony: &'c Ceremony,
    json: bool,
    scan: Option<oneshot::Sender<QrCode>>,
    response: Option<Result<String, String>>,
}

impl Face for Screen<'_> {
    fn code(&mut self, text: &QrText) {
        if !self.json
            && let Ok(symbol) = Symbol::new(text)
        {
            draw(&symbol);
        }
        if let (Some(scan), Ok(code)) = (self.scan.take(), QrCode::parse(text.expose())) {
            let _ = scan.send(code);
        }
    }

    fn entry(&mut self, entry: &Entry) {
        if self.json {
            println!("{}", entry.to_json());
        } else if let Some(line) = words::line(&entry.what) {
            println!("{:8.0} ms  {line}", entry.at.as_secs_f64() * 1000.0);
        }
    }

    fn replied(&mut self, phone: &GetInfo, reply: &Wiped) {
        let response = self.ceremony.finish(phone, reply);
        self.response = Some(
            response
                .map(|response| response.to_string())
                .map_err(|error| error.to_string()),
        );
    }
}

fn draw(symbol: &Symbol) {
    // No terminal is asked for its size: the code is there to be looked at, the phone has it already.
    if let Ok(drawing) = show::terminal(
        symbol,
        Colours::from_environment(),
        show::Screen {
            columns: None,
            rows: None,
        },
    ) {
        println!("{}", drawing.text());
    }
}

fn heading(args: &Args, text: &str) {
    tell(args, &format!("{text}\n"));
}

fn tell(args: &Args, text: &str) {
    if !args.json {
        println!("{text}");
    }
}
