//! The phone's side of a session as a state machine: it scanned a QR code (or was contacted), opens
//! its tunnel, advertises, and serves CTAP commands. The counterpart of [`crate::desktop`], with
//! the same four methods.

mod state;

use crate::advert::{EidKey, Plaintext};
use crate::derive::{LinkSecret, tunnel_id};
use crate::failure::{Cause, Failure, Fault};
use crate::id::{DomainId, RoutingId, TunnelId};
use crate::key::{BadScalar, PrivateKey};
use crate::link::{ClientPayload, LinkOffer};
use crate::qr::QrCode;
use crate::route::{Path, Route};
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;
use core::fmt;
use state::{Flow, State};
use std::collections::VecDeque;
use std::time::Instant;

/// The randomness of one phone session.
pub struct PhoneEntropy {
    /// Makes the advert unlike any other. The QR flow uses the first ten bytes.
    pub nonce: [u8; 15],
    /// Scalar of the handshake's ephemeral key.
    pub ephemeral: Secret<32>,
}

/// How a relay told this phone that a linked desktop wants it.
pub struct Contact {
    /// The tunnel that the relay made up.
    pub tunnel: TunnelId,
    /// Where it waits.
    pub routing: RoutingId,
    /// What the desktop said.
    pub payload: ClientPayload,
}

/// The phone's memory of a link.
pub struct PhoneLink {
    /// What was offered as `link_secret`.
    pub secret: LinkSecret,
    /// What was offered as `identity`.
    pub identity: PrivateKey,
}

/// What happened.
pub enum PhoneInput<'a> {
    /// The tunnel asked for is open. For a new tunnel, `routing` is the relay's header; for a
    /// contacted one, repeat the contact's.
    Opened {
        /// Goes into the advert.
        routing: RoutingId,
    },
    /// The tunnel asked for could not be opened.
    TunnelFailed(Fault),
    /// A binary message came.
    Frame(&'a [u8]),
    /// A text message came.
    TextFrame,
    /// The tunnel ended.
    TunnelClosed {
        /// The WebSocket close code, if one came.
        code: Option<u16>,
    },
    /// The reply to the last [`PhoneOutput::Request`]: status byte and CBOR.
    Respond(Vec<u8>),
    /// The user agreed to be remembered by this desktop. Kept until the channel is up; dropped when
    /// the QR code does not offer linking.
    OfferLink(LinkOffer),
    /// The user gave up.
    Cancel,
}

/// What to do, or to tell.
pub enum PhoneOutput {
    /// A stage began.
    Entered(Stage),
    /// Open this tunnel, then say [`PhoneInput::Opened`] or [`PhoneInput::TunnelFailed`].
    OpenTunnel(Route),
    /// Broadcast these bytes as service data. Always after the tunnel is open.
    Advertise([u8; crate::advert::ADVERT_LEN]),
    /// The desktop has joined: stop broadcasting.
    StopAdvertising,
    /// Send this as one binary message.
    Send(Vec<u8>),
    /// A CTAP command: command byte and CBOR.
    Request(Wiped),
    /// Close the tunnel.
    CloseTunnel,
    /// The session ended before a command was served. Nothing follows.
    Failed(Failure),
    /// The session ended after a command was served. Nothing follows.
    Ended,
}

/// One session of a phone.
pub struct Phone {
    state: State,
    stage: Stage,
    deadline: Instant,
    eid_key: EidKey,
    nonce: [u8; 15],
    domain: DomainId,
    get_info: Vec<u8>,
    offer: Option<LinkOffer>,
    tunnel_open: bool,
    advertising: bool,
    served: bool,
    outputs: VecDeque<PhoneOutput>,
}

impl Phone {
    /// Answers a QR code through the relay of `domain`. `get_info` is this phone's reply to
    /// authenticatorGetInfo, without status byte.
    ///
    /// # Errors
    /// [`PhoneStartError`] when the entropy is not usable or the domain is not assigned.
    pub fn by_qr(
        code: &QrCode,
        entropy: &PhoneEntropy,
        domain: DomainId,
        get_info: Vec<u8>,
        now: Instant,
    ) -> Result<Self, PhoneStartError> {
        let ephemeral = PrivateKey::new(&entropy.ephemeral).map_err(PhoneStartError::Entropy)?;
        let host = domain.host().ok_or(PhoneStartError::Domain(domain))?;
        let flow = Flow::Qr {
            desktop: code.public_key,
            secret: code.secret.clone(),
            linking: code.offers_linking(),
        };
        let route = Route {
            host,
            path: Path::New(tunnel_id(&code.secret)),
            payload: None,
        };
        let eid_key = EidKey::from_qr(&code.secret);
        Ok(Self::start(
            State::Opening { flow, ephemeral },
            eid_key,
            entropy.nonce,
            domain,
            get_info,
            route,
            now,
        ))
    }

    /// Answers a linked desktop.
    ///
    /// # Errors
    /// As [`Self::by_qr`].
    pub fn by_contact(
        contact: &Contact,
        link: &PhoneLink,
        entropy: &PhoneEntropy,
        domain: DomainId,
        get_info: Vec<u8>,
        now: Instant,
    ) -> Result<Self, PhoneStartError> {
        let ephemeral = PrivateKey::new(&entropy.ephemeral).map_err(PhoneStartError::Entropy)?;
        let host = domain.host().ok_or(PhoneStartError::Domain(domain))?;
        let flow = Flow::Linked {
            identity: link.identity.clone(),
            secret: link.secret.clone(),
        };
        let route = Route {
            host,
            path: Path::Connect(contact.routing, contact.tunnel),
            payload: None,
        };
        let eid_key = EidKey::from_link(&link.secret, &contact.payload.nonce);
        Ok(Self::start(
            State::Opening { flow, ephemeral },
            eid_key,
            entropy.nonce,
            domain,
            get_info,
            route,
            now,
        ))
    }

    /// Takes note of what happened at `now`.
    pub fn handle_input(&mut self, input: PhoneInput<'_>, now: Instant) {
        let state = core::mem::replace(&mut self.state, State::Done);
        self.state = match input {
            PhoneInput::Opened { routing } => self.opened(state, routing, now),
            PhoneInput::TunnelFailed(fault) => self.tunnel_failed(state, fault),
            PhoneInput::Frame(frame) => self.frame(state, frame, now),
            PhoneInput::TextFrame => self.broken(state, Cause::TextFrame, now),
            PhoneInput::TunnelClosed { code } => {
                self.tunnel_open = false;
                self.broken(state, Cause::TunnelClosed { code }, now)
            }
            PhoneInput::Respond(reply) => self.respond(state, &Wiped::new(reply), now),
            PhoneInput::OfferLink(offer) => self.offer_link(state, offer),
            PhoneInput::Cancel => self.broken(state, Cause::Cancelled, now),
        };
    }

    /// Takes note that time passed. Does nothing before the deadline of [`Self::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        if self
            .poll_timeout()
            .is_some_and(|(deadline, _)| deadline <= now)
        {
            let state = core::mem::replace(&mut self.state, State::Done);
            self.state = self.broken(state, Cause::TimedOut, now);
        }
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<PhoneOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] must be called at the latest, and what is being waited for.
    /// `None` when the session is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Stage)> {
        (!matches!(self.state, State::Done)).then_some((self.deadline, self.stage))
    }

    fn start(
        state: State,
        eid_key: EidKey,
        nonce: [u8; 15],
        domain: DomainId,
        get_info: Vec<u8>,
        route: Route,
        now: Instant,
    ) -> Self {
        Self {
            state,
            stage: Stage::Tunnel,
            deadline: now + Stage::Tunnel.budget(),
            eid_key,
            nonce,
            domain,
            get_info,
            offer: None,
            tunnel_open: false,
            advertising: false,
            served: false,
            outputs: VecDeque::from([
                PhoneOutput::Entered(Stage::Tunnel),
                PhoneOutput::OpenTunnel(route),
            ]),
        }
    }

    fn advert(&self, flow: &Flow, routing: RoutingId) -> Plaintext {
        match flow {
            Flow::Qr { .. } => {
                let [nonce @ .., _, _, _, _, _] = self.nonce;
                Plaintext::qr(nonce, routing, self.domain)
            }
            Flow::Linked { .. } => Plaintext::linked(self.nonce),
        }
    }

    fn enter(&mut self, stage: Stage, now: Instant) {
        self.stage = stage;
        self.deadline = now + stage.budget();
        self.outputs.push_back(PhoneOutput::Entered(stage));
    }

    fn fail(&mut self, cause: Cause) -> State {
        self.close();
        self.outputs.push_back(PhoneOutput::Failed(Failure {
            at: self.stage,
            cause,
        }));
        State::Done
    }

    fn end(&mut self, now: Instant) -> State {
        self.close();
        self.enter(Stage::Done, now);
        self.outputs.push_back(PhoneOutput::Ended);
        State::Done
    }

    fn close(&mut self) {
        self.stop_advertising();
        if core::mem::take(&mut self.tunnel_open) {
            self.outputs.push_back(PhoneOutput::CloseTunnel);
        }
    }

    fn stop_advertising(&mut self) {
        if core::mem::take(&mut self.advertising) {
            self.outputs.push_back(PhoneOutput::StopAdvertising);
        }
    }
}

/// Why a phone session cannot start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhoneStartError {
    /// Draw again.
    Entropy(BadScalar),
    /// The relay's id is not assigned.
    Domain(DomainId),
}

impl fmt::Display for PhoneStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entropy(error) => error.fmt(f),
            Self::Domain(DomainId(id)) => write!(
                f,
                "{id} is not the id of a relay: expected 0, 1, or 256 and above"
            ),
        }
    }
}

impl core::error::Error for PhoneStartError {}
