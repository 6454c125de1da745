//! The desktop's side of a session as a state machine: it shows the QR code (or contacts a linked
//! phone), hears the advert, joins the tunnel, and gets one CTAP command answered (CTAP 2.2
//! §11.5).
//!
//! It does no IO. [`Desktop`] says how it is driven.

mod command_filter;
mod core;
mod event;
mod exchange;
mod opening;
mod phase;

pub use event::{
    AdvertVerdict, DesktopInput, DesktopOutput, Greeted, LinkEntropy, Linking, QrEntropy,
};

use self::core::DesktopCore;
use crate::advert::EidKey;
use crate::failure::Cause;
use crate::id::DomainId;
use crate::key::{BadScalar, PrivateKey};
use crate::link::{ClientPayload, Hint, StoredLink};
use crate::qr::QrCode;
use crate::route::{Path, Route};
use crate::secret::Wiped;
use crate::stage::Stage;
use ::core::fmt;
use phase::{DesktopAttempt, DesktopFlow, DesktopPhase};
use std::time::Instant;

/// One session of a desktop, from the code (or the link) to the reply.
///
/// # The rules of its loop
/// Whoever drives it has a tunnel, a radio and a clock, and repeats:
///
/// 1. **Drain.** After the start and after *every* input or timeout, call [`Self::poll_output`]
///    until it gives `None`, and do what it says in that order. An output that is left lying is a
///    message that is not sent.
/// 2. **Wait** for the next thing to happen, and no longer than [`Self::poll_timeout`] says. Ask
///    anew before every wait: each stage has a deadline of its own.
/// 3. **Tell.** What happened goes to [`Self::handle_input`], adverts to [`Self::handle_advert`];
///    when the deadline came first, call [`Self::handle_timeout`].
///
/// Whatever fails on the caller's side is an input, too: a tunnel that cannot be opened is
/// [`DesktopInput::TunnelFailed`]; one that can no longer be read or written is
/// [`DesktopInput::TunnelClosed`] without a code. The session decides what it means.
///
/// It ends with [`DesktopOutput::Failed`] or [`DesktopOutput::Ended`], once, as its last output;
/// `poll_timeout` is `None` from then on and inputs change nothing. A reply is handed over before
/// the end: it is valid whatever happens afterwards, and a person need not wait for the goodbyes.
/// `examples/sign_in.rs` is such a loop, `examples/linking.rs` one that keeps a link.
pub struct Desktop {
    phase: DesktopPhase,
    core: DesktopCore,
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
        let attempt = DesktopAttempt {
            flow: DesktopFlow::Qr {
                key,
                secret,
                linking,
            },
            ephemeral,
        };
        Ok((
            Self::start(
                DesktopPhase::Listening(attempt),
                eid_key,
                Stage::Advert,
                now,
            ),
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
        let flow = DesktopFlow::Linked {
            secret: link.link_secret.clone(),
            phone: link.phone_key,
        };
        let phase = DesktopPhase::Contacting {
            attempt: DesktopAttempt { flow, ephemeral },
            heard: None,
        };
        let mut desktop = Self::start(phase, eid_key, Stage::Contact, now);
        let path = Path::Contact(link.contact_id.clone());
        desktop
            .core
            .outputs
            .push_back(DesktopOutput::OpenTunnel(Route {
                host,
                path,
                payload: Some(payload),
            }));
        Ok(desktop)
    }

    /// Takes note of what happened at `now`.
    pub fn handle_input(&mut self, input: DesktopInput<'_>, now: Instant) {
        let phase = ::core::mem::replace(&mut self.phase, DesktopPhase::Done);
        self.phase = match input {
            DesktopInput::TunnelOpened { signal } => self.core.tunnel_opened(phase, signal, now),
            DesktopInput::TunnelFailed(fault) => self.core.tunnel_failed(phase, fault),
            DesktopInput::Frame(frame) => self.core.frame(phase, frame, now),
            DesktopInput::TextFrame => self.core.broken(phase, Cause::TextFrame, now),
            DesktopInput::TunnelClosed { code } => {
                self.core.tunnel_open = false;
                self.core.broken(phase, Cause::TunnelClosed { code }, now)
            }
            DesktopInput::Request(command) => self.core.request(phase, Wiped::new(command), now),
            DesktopInput::Cancel => self.core.cancel(phase, now),
        };
    }

    /// Judges service data that was heard under one of the two FIDO UUIDs; hand over every distinct
    /// one. What follows from it is among the outputs.
    pub fn handle_advert(&mut self, data: &[u8], now: Instant) -> AdvertVerdict {
        let phase = ::core::mem::replace(&mut self.phase, DesktopPhase::Done);
        let (phase, verdict) = self.core.advert(phase, data, now);
        self.phase = phase;
        verdict
    }

    /// Takes note that time passed. Does nothing before the deadline of [`Self::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        if self
            .poll_timeout()
            .is_some_and(|(deadline, _)| deadline <= now)
        {
            let phase = ::core::mem::replace(&mut self.phase, DesktopPhase::Done);
            self.phase = self.core.broken(phase, Cause::TimedOut, now);
        }
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<DesktopOutput> {
        self.core.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] must be called at the latest, and what is being waited for
    /// until then. `None` when the session is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Stage)> {
        (!matches!(self.phase, DesktopPhase::Done)).then_some((self.core.deadline, self.core.stage))
    }

    /// The key of this session's adverts. Kept by the diagnosis, to recognise a phone that scanned
    /// a previous code.
    pub const fn eid_key(&self) -> &EidKey {
        &self.core.eid_key
    }

    fn start(phase: DesktopPhase, eid_key: EidKey, stage: Stage, now: Instant) -> Self {
        let core = DesktopCore::new(eid_key, stage, now);
        Self { phase, core }
    }
}

/// Why a linked session cannot start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
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

impl ::core::error::Error for LinkStartError {
    fn source(&self) -> Option<&(dyn ::core::error::Error + 'static)> {
        match self {
            Self::Entropy(error) => Some(error),
            Self::Domain(_) => None,
        }
    }
}
