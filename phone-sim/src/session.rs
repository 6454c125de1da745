//! The IO loop of one phone session: it carries what the protocol decides, and decides nothing.

use crate::advertise::Advertiser;
use crate::authenticator::{Authenticator, Consent, Prompt};
use crate::dial::{Dialer, PhoneTunnel};
use crate::event::Event;
use crate::fault::Action;
use crate::misbehaviour::FaultInjector;
use crate::profile::Profile;
use crate::script::Script;
use futures_util::{SinkExt, StreamExt};
use hybrid_protocol::PhoneEntropy;
use hybrid_protocol::PrivateKey;
use hybrid_protocol::UUID_FIDO;
use hybrid_protocol::{Cause, DomainId, Phone, PhoneInput, QrCode, Secret};
use std::future::{Future, pending};
use std::time::{Duration, Instant};
use tokio::task::coop::consume_budget;
use tokio_tungstenite::tungstenite::Message;

/// Longer than this nothing is worth saying to a relay.
const CLOSE: Duration = Duration::from_secs(2);

/// How the phone answers a code.
pub struct PhoneSettings {
    /// The relay whose id goes into the advert.
    pub domain: DomainId,
    /// The service UUID to advertise under.
    pub uuid: u16,
    /// What it does differently from a phone that behaves well.
    pub script: Script,
}

impl Default for PhoneSettings {
    fn default() -> Self {
        Self {
            domain: DomainId(0),
            uuid: UUID_FIDO,
            script: Script::default(),
        }
    }
}

/// As the phone of a profile does.
impl From<&Profile> for PhoneSettings {
    fn from(profile: &Profile) -> Self {
        let script = Script {
            on_no: profile.on_no,
            ..Script::default()
        };
        Self {
            domain: profile.domain,
            uuid: profile.uuid,
            script,
        }
    }
}

/// How a session went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AnswerOutcome {
    /// A command was served; the status of the last reply.
    Served(u8),
    /// It failed.
    Failed {
        /// What to tell the person.
        why: String,
        /// Whose fault it is.
        class: Class,
    },
}

/// The classes of failures, each with an exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The desktop or the user gave up.
    Declined,
    /// What was needed is not there: relay, radio, store.
    Prerequisite,
    /// Nobody came in time.
    TimedOut,
    /// Our own defect.
    Defect,
}

/// Answers one QR code: opens the tunnel, advertises, serves. `ask` is called for every command
/// that needs the user.
pub async fn answer<A, F>(
    code: &QrCode,
    settings: &PhoneSettings,
    dialer: &Dialer,
    radio: &mut A,
    authenticator: &mut Authenticator,
    mut ask: impl FnMut(Prompt) -> F,
    mut tell: impl FnMut(Event),
) -> AnswerOutcome
where
    A: Advertiser,
    F: Future<Output = Consent>,
{
    let (entropy, own) = draw_entropy();
    let started = Phone::by_qr(
        code,
        &entropy,
        settings.domain,
        authenticator.get_info(),
        Instant::now(),
    );
    let mut phone = match started {
        Ok(phone) => phone,
        Err(error) => {
            return AnswerOutcome::Failed {
                why: error.to_string(),
                class: Class::Prerequisite,
            };
        }
    };
    for fault in &settings.script.faults {
        tell(Event::Fault(*fault));
    }
    let mut injector = FaultInjector::new(
        settings.script.clone(),
        code.clone(),
        own,
        authenticator.get_info(),
    );
    let mut tunnel: Option<PhoneTunnel> = None;
    let mut lost = Vec::new();
    let mut why = None;
    let mut status = None;
    // One action at a time, in the injector's order; it drains the phone before it says `None`.
    // Only then is anything waited for, and only `wait` reads the tunnel: while a tunnel is opened
    // or the user is asked nothing else moves, and the phone's clock is looked at right afterwards.
    let outcome = loop {
        let Some(action) = injector.next(&mut phone, Instant::now()) else {
            wait(&mut phone, &mut injector, &mut tunnel).await;
            continue;
        };
        match action {
            Action::Entered(stage) => tracing::debug!(%stage, "entered"),
            Action::Wait(time) => injector.pause(Instant::now() + time),
            Action::Open(route) => match dialer.open(&route).await {
                Ok((opened, routing)) => {
                    tunnel = Some(opened);
                    tell(Event::Tunnel(routing));
                    phone.handle_input(PhoneInput::Opened { routing }, Instant::now());
                }
                Err(error) => {
                    why = Some(error.to_string());
                    phone.handle_input(PhoneInput::TunnelFailed(error.fault()), Instant::now());
                }
            },
            Action::OpenAndLose(route) => lost.extend(dialer.open(&route).await.ok()),
            Action::Advertise(advert) => match radio.start(settings.uuid, &advert).await {
                Ok(()) => tell(Event::Advert(advert)),
                Err(error) => {
                    why = Some(error.to_string());
                    phone.handle_input(PhoneInput::Cancel, Instant::now());
                }
            },
            Action::StopAdvertising => radio.stop().await,
            Action::Send(frame) => {
                send(&mut phone, &mut tunnel, [Message::Binary(frame.into())]).await
            }
            Action::SendText(text) => send(&mut phone, &mut tunnel, [Message::text(text)]).await,
            Action::Ping(count) => {
                let pings = (0..count).map(|_| Message::Ping(Vec::new().into()));
                send(&mut phone, &mut tunnel, pings).await;
            }
            Action::Ask(command) => {
                let consent = match Authenticator::prompt(command.expose()) {
                    Some(prompt) => {
                        tell(Event::Ctap {
                            command: prompt.command,
                            rp_id: prompt.rp_id.clone(),
                        });
                        ask(prompt).await
                    }
                    None => Consent::Approved,
                };
                if injector.takes_no(consent) {
                    continue;
                }
                match authenticator.answer(command.expose(), consent, &mut fill) {
                    Ok(reply) => {
                        status = reply.expose().first().copied();
                        phone.handle_input(
                            PhoneInput::Respond(reply.expose().to_vec()),
                            Instant::now(),
                        );
                    }
                    Err(error) => {
                        why = Some(error.to_string());
                        phone.handle_input(PhoneInput::Cancel, Instant::now());
                    }
                }
            }
            Action::Close => close(tunnel.take()).await,
            Action::Cut => cut(tunnel.take()),
            Action::GiveUp => phone.handle_input(PhoneInput::Cancel, Instant::now()),
            Action::Failed(failure) => {
                let class = if why.is_some() {
                    Class::Prerequisite
                } else {
                    class(&failure.cause)
                };
                break AnswerOutcome::Failed {
                    why: why.unwrap_or_else(|| failure.to_string()),
                    class,
                };
            }
            Action::Ended => {
                break match status {
                    Some(status) => AnswerOutcome::Served(status),
                    None => AnswerOutcome::Failed {
                        why: "the desktop sent no command".to_owned(),
                        class: Class::Declined,
                    },
                };
            }
        }
    };
    radio.stop().await;
    let (ok, why) = match &outcome {
        AnswerOutcome::Served(status) => (
            *status == 0,
            (*status != 0).then(|| format!("CTAP status {status:#04x}")),
        ),
        AnswerOutcome::Failed { why, .. } => (false, Some(why.clone())),
    };
    tell(Event::Done { ok, why });
    outcome
}

fn class(cause: &Cause) -> Class {
    match cause {
        Cause::TimedOut => Class::TimedOut,
        Cause::Cancelled | Cause::PeerShutdown => Class::Declined,
        Cause::Misuse(_) => Class::Defect,
        Cause::Tunnel(_)
        | Cause::TunnelClosed { .. }
        | Cause::TextFrame
        | Cause::UnexpectedFrame
        | Cause::BadSignal
        | Cause::Handshake(_)
        | Cause::Frame(_)
        | Cause::Greeting(_)
        | Cause::Link(_)
        | Cause::NoCtap
        | Cause::Message(_)
        | Cause::Unsolicited
        | Cause::TooManyUpdates => Class::Prerequisite,
        _ => Class::Prerequisite,
    }
}

/// Waits for the next message, the deadline or the end of a pause, and tells the phone.
async fn wait(phone: &mut Phone, injector: &mut FaultInjector, tunnel: &mut Option<PhoneTunnel>) {
    let now = Instant::now();
    let deadline = phone.poll_timeout().map_or(now, |(deadline, _)| deadline);
    let deadline = injector
        .pause_ends()
        .map_or(deadline, |pause| pause.min(deadline));
    // By the clock itself, and before anything is read: messages without end would keep a timer
    // from being looked at.
    if deadline <= now {
        return phone.handle_timeout(now);
    }
    // Messages that lie ready cost the runtime's budget, too, so that signals are seen between
    // them.
    consume_budget().await;
    let message = async {
        match tunnel {
            Some(open) => open.next().await,
            None => pending().await,
        }
    };
    match tokio::time::timeout_at(deadline.into(), message).await {
        Err(_) => phone.handle_timeout(Instant::now()),
        Ok(message) => {
            let now = Instant::now();
            match message {
                Some(Ok(Message::Binary(frame))) => {
                    injector.heard(&frame);
                    phone.handle_input(PhoneInput::Frame(&frame), now);
                }
                Some(Ok(Message::Text(_))) => phone.handle_input(PhoneInput::TextFrame, now),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    phone.handle_input(
                        PhoneInput::TunnelClosed {
                            code: frame.map(|frame| frame.code.into()),
                        },
                        now,
                    );
                }
                Some(Err(_)) | None => {
                    phone.handle_input(PhoneInput::TunnelClosed { code: None }, now)
                }
            }
        }
    }
}

/// Sends messages by the stage's deadline; a tunnel that does not take them is over.
async fn send(
    phone: &mut Phone,
    tunnel: &mut Option<PhoneTunnel>,
    messages: impl IntoIterator<Item = Message>,
) {
    let Some(open) = tunnel else { return };
    let stage = phone
        .poll_timeout()
        .map_or_else(Instant::now, |(deadline, _)| deadline);
    // The goodbye goes out after the last stage; it gets a moment, too.
    let by = stage.max(Instant::now() + CLOSE);
    for message in messages {
        let sent = tokio::time::timeout_at(by.into(), open.send(message)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return phone.handle_input(PhoneInput::TunnelClosed { code: None }, Instant::now());
        }
    }
}

/// Ends the connection with a reset in place of a goodbye.
fn cut(tunnel: Option<PhoneTunnel>) {
    if let Some(tunnel) = tunnel {
        let _ = tunnel.get_ref().tcp().set_zero_linger();
    }
}

/// Says goodbye and waits for the relay's, so that the last frames are not thrown away with the
/// connection.
async fn close(tunnel: Option<PhoneTunnel>) {
    if let Some(mut tunnel) = tunnel {
        let _ = tokio::time::timeout(CLOSE, async {
            let _ = tunnel.close(None).await;
            while let Some(Ok(_)) = tunnel.next().await {}
        })
        .await;
    }
}

/// The randomness of a session, and the handshake's key as a key.
fn draw_entropy() -> (PhoneEntropy, PrivateKey) {
    let mut nonce = [0; 15];
    fill(&mut nonce);
    let mut ephemeral = [0; 32];
    loop {
        fill(&mut ephemeral);
        let drawn = Secret::new(ephemeral);
        if let Ok(key) = PrivateKey::new(&drawn) {
            let entropy = PhoneEntropy {
                nonce,
                ephemeral: drawn,
            };
            return (entropy, key);
        }
    }
}

/// The operating system's randomness. Without it no key can be made, so it is asked until it
/// answers.
fn fill(bytes: &mut [u8]) {
    while getrandom::fill(bytes).is_err() {
        std::thread::yield_now();
    }
}
