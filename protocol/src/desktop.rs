//! The desktop's side of a session as a state machine: it shows the QR code (or contacts a linked
//! phone), hears the advert, joins the tunnel, and gets one CTAP command answered (CTAP 2.2 §11.5).
//!
//! It does no IO. Feed it what happened with [`Desktop::handle_input`] and
//! [`Desktop::handle_timeout`], then do what [`Desktop::poll_output`] says until it says nothing,
//! and wait no longer than [`Desktop::poll_timeout`].

mod command_filter;
mod exchange;
mod opening;

use crate::advert::EidKey;
use crate::derive::{ClientNonce, QrSecret};
use crate::domain::TunnelHost;
use crate::failure::{Cause, Failure, Fault};
use crate::id::DomainId;
use crate::key::{BadScalar, PrivateKey};
use crate::link::{ClientPayload, Hint, StoredLink, VerifiedLink};
use crate::message::Revision;
use crate::qr::QrCode;
use crate::route::{Path, Route};
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;
use core::fmt;
use opening::{Attempt, Flow, State};
use std::collections::VecDeque;
use std::time::Instant;

/// The randomness of one QR session. Draw it freshly for every code from the operating system.
pub struct QrEntropy {
    /// Scalar of the key in the QR code.
    pub static_key: Secret<32>,
    /// The QR secret.
    pub secret: QrSecret,
    /// Scalar of the handshake's ephemeral key.
    pub ephemeral: Secret<32>,
}

/// The randomness of one linked session.
pub struct LinkEntropy {
    /// Salt of this transaction's advert key, told to the phone.
    pub nonce: ClientNonce,
    /// Scalar of the handshake's ephemeral key.
    pub ephemeral: Secret<32>,
}

/// Whether the QR code tells the phone that it may offer to be remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linking {
    /// Key 4 of the code is true.
    Offered,
    /// Key 4 of the code is false.
    NotOffered,
}

/// What happened.
pub enum DesktopInput<'a> {
    /// Service data under one of the two FIDO UUIDs was heard. Hand over every distinct one.
    Advert(&'a [u8]),
    /// The tunnel asked for is open.
    TunnelOpened {
        /// Whether the relay promised to signal the phone's arrival (header
        /// `X-caBLE-Signal-Connection`).
        signal: bool,
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
    /// The one CTAP command of this session: command byte and CBOR. It may be given at any time
    /// before or after the greeting.
    Request(Vec<u8>),
    /// The person gave up.
    Cancel,
}

/// What to do, or to tell.
pub enum DesktopOutput {
    /// A stage began; the one before it succeeded.
    Entered(Stage),
    /// What became of an advert.
    Heard(Heard),
    /// Open this tunnel, then say [`DesktopInput::TunnelOpened`] or [`DesktopInput::TunnelFailed`].
    OpenTunnel(Route),
    /// Send this as one binary message.
    Send(Vec<u8>),
    /// The phone said what it can do.
    Greeted(Greeted),
    /// The reply to the command: status byte and CBOR, untouched. Handed over before any lingering.
    Reply(Wiped),
    /// The phone offers to be remembered, and proved that it is itself.
    Linked(VerifiedLink),
    /// Close the tunnel.
    CloseTunnel,
    /// The session ended without a reply. Nothing follows.
    Failed(Failure),
    /// The session ended after its reply. Nothing follows.
    Ended,
}

/// What an advert was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// The phone that scanned our code (or was contacted) is near. Tells the relay it chose, in the
    /// QR flow.
    Ours(Option<TunnelHost>),
    /// Somebody else's; counted, neither an error nor a warning.
    Foreign,
    /// Too short to be an advert of this protocol.
    Malformed,
    /// It opens under our key but means something that this version does not know (domain id,
    /// reserved byte).
    Unknown(DomainId),
    /// Ours again, after the session had already committed to one.
    Late,
}

/// What the phone can do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Greeted {
    /// The reply to authenticatorGetInfo without status byte, untouched.
    pub get_info: Vec<u8>,
    /// Its features, unknown ones included.
    pub features: Vec<String>,
    /// How it writes its messages.
    pub revision: Revision,
}

/// One session of a desktop.
pub struct Desktop {
    state: State,
    stage: Stage,
    deadline: Instant,
    eid_key: EidKey,
    tunnel_open: bool,
    request: Option<Wiped>,
    outputs: VecDeque<DesktopOutput>,
}

impl Desktop {
    /// Starts a session with a new QR code. Show the code at once; the budget of [`Stage::Advert`]
    /// runs from `now`.
    ///
    /// # Errors
    /// [`BadScalar`] when the entropy is not usable (one draw in 2³²): draw again.
    pub fn by_qr(
        entropy: &QrEntropy,
        unix_time: u64,
        hint: Hint,
        linking: Linking,
        now: Instant,
    ) -> Result<(Self, QrCode), BadScalar> {
        let key = PrivateKey::new(&entropy.static_key)?;
        let ephemeral = PrivateKey::new(&entropy.ephemeral)?;
        let secret = entropy.secret.clone();
        let code = QrCode::new(
            key.public(),
            secret.clone(),
            unix_time,
            hint,
            linking == Linking::Offered,
        );
        let eid_key = EidKey::from_qr(&secret);
        let attempt = Attempt {
            flow: Flow::Qr {
                key,
                secret,
                linking,
            },
            ephemeral,
        };
        Ok((
            Self::start(State::Listening(attempt), eid_key, Stage::Advert, now),
            code,
        ))
    }

    /// Starts a session with a linked phone. The first output asks for the contact tunnel.
    ///
    /// # Errors
    /// [`LinkStartError`] when the entropy is not usable or the stored relay is one that this
    /// version does not know.
    pub fn by_link(
        link: &StoredLink,
        entropy: &LinkEntropy,
        hint: Hint,
        now: Instant,
    ) -> Result<Self, LinkStartError> {
        let ephemeral = PrivateKey::new(&entropy.ephemeral).map_err(LinkStartError::Entropy)?;
        let host = link
            .domain
            .host()
            .ok_or(LinkStartError::Domain(link.domain))?;
        let payload = ClientPayload {
            link_id: link.link_id,
            nonce: entropy.nonce,
            hint,
        };
        let eid_key = EidKey::from_link(&link.link_secret, &entropy.nonce);
        let flow = Flow::Linked {
            secret: link.link_secret.clone(),
            phone: link.phone_key,
        };
        let state = State::Contacting {
            attempt: Attempt { flow, ephemeral },
            heard: None,
        };
        let mut desktop = Self::start(state, eid_key, Stage::Contact, now);
        let path = Path::Contact(link.contact_id.clone());
        desktop.outputs.push_back(DesktopOutput::OpenTunnel(Route {
            host,
            path,
            payload: Some(payload),
        }));
        Ok(desktop)
    }

    /// Takes note of what happened at `now`.
    pub fn handle_input(&mut self, input: DesktopInput<'_>, now: Instant) {
        let state = core::mem::replace(&mut self.state, State::Done);
        self.state = match input {
            DesktopInput::Advert(data) => self.advert(state, data, now),
            DesktopInput::TunnelOpened { signal } => self.tunnel_opened(state, signal, now),
            DesktopInput::TunnelFailed(fault) => self.tunnel_failed(state, fault),
            DesktopInput::Frame(frame) => self.frame(state, frame, now),
            DesktopInput::TextFrame => self.broken(state, Cause::TextFrame, now),
            DesktopInput::TunnelClosed { code } => {
                self.tunnel_open = false;
                self.broken(state, Cause::TunnelClosed { code }, now)
            }
            DesktopInput::Request(command) => self.request(state, Wiped::new(command), now),
            DesktopInput::Cancel => self.cancel(state, now),
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
    pub fn poll_output(&mut self) -> Option<DesktopOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] must be called at the latest, and what is being waited for
    /// until then. `None` when the session is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Stage)> {
        (!matches!(self.state, State::Done)).then_some((self.deadline, self.stage))
    }

    /// The key of this session's adverts. Kept by the diagnosis, to recognise a phone that scanned
    /// a previous code.
    pub const fn eid_key(&self) -> &EidKey {
        &self.eid_key
    }

    fn start(state: State, eid_key: EidKey, stage: Stage, now: Instant) -> Self {
        let outputs = VecDeque::from([DesktopOutput::Entered(stage)]);
        Self {
            state,
            stage,
            deadline: now + stage.budget(),
            eid_key,
            tunnel_open: false,
            request: None,
            outputs,
        }
    }

    fn enter(&mut self, stage: Stage, now: Instant) {
        self.stage = stage;
        self.deadline = now + stage.budget();
        self.outputs.push_back(DesktopOutput::Entered(stage));
    }

    fn fail(&mut self, cause: Cause) -> State {
        self.close();
        self.outputs.push_back(DesktopOutput::Failed(Failure {
            at: self.stage,
            cause,
        }));
        State::Done
    }

    fn end(&mut self, now: Instant) -> State {
        self.close();
        self.enter(Stage::Done, now);
        self.outputs.push_back(DesktopOutput::Ended);
        State::Done
    }

    fn close(&mut self) {
        if core::mem::take(&mut self.tunnel_open) {
            self.outputs.push_back(DesktopOutput::CloseTunnel);
        }
    }
}

/// Why a linked session cannot start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkStartError {
    /// Draw again.
    Entropy(BadScalar),
    /// The link names a relay that this version does not know.
    Domain(DomainId),
}

impl fmt::Display for LinkStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entropy(error) => error.fmt(f),
            Self::Domain(DomainId(id)) => write!(
                f,
                "the linked phone's relay has the id {id}, which is not assigned"
            ),
        }
    }
}

impl core::error::Error for LinkStartError {}
