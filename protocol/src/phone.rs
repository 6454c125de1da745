//! The phone's side of a session as a state machine: it scanned a QR code (or was contacted), opens
//! its tunnel, advertises, and serves CTAP commands. The counterpart of [`crate::Desktop`], with
//! the same four methods, without adverts to judge.

mod core;
mod event;
mod phase;
mod state;

pub use event::{PhoneEntropy, PhoneInput, PhoneLink, PhoneOutput};

use self::core::PhoneCore;
use crate::advert::EidKey;
use crate::contact::Contact;
use crate::derive::tunnel_id;
use crate::failure::Cause;
use crate::id::DomainId;
use crate::key::{BadScalar, PrivateKey};
use crate::qr::QrCode;
use crate::route::{Path, Route};
use crate::secret::Wiped;
use crate::stage::Stage;
use ::core::fmt;
use phase::{PhoneFlow, PhonePhase};
use std::time::Instant;

/// One session of a phone, from the scanned code (or the contact) to the commands it serves.
///
/// # The rules of its loop
/// They are those of [`Desktop`](crate::Desktop): drain [`Self::poll_output`] after the start and
/// after every input or timeout, wait no longer than [`Self::poll_timeout`], and report failures as
/// inputs: [`PhoneInput::TunnelFailed`], [`PhoneInput::TunnelClosed`] without a code for a tunnel
/// that can no longer be read or written, [`PhoneInput::Cancel`] for an advert that cannot be
/// broadcast. Broadcast what [`PhoneOutput::Advertise`] holds only until
/// [`PhoneOutput::StopAdvertising`].
///
/// While its user decides on a [`PhoneOutput::Request`], keep reading the tunnel: the desktop may
/// give up. The session ends with [`PhoneOutput::Failed`] or [`PhoneOutput::Ended`], once, as its
/// last output; after a command was served, the end is an ordinary one whoever caused it.
pub struct Phone {
    phase: PhonePhase,
    core: PhoneCore,
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
        let flow = PhoneFlow::Qr {
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
        Ok(Self {
            phase: PhonePhase::Opening { flow, ephemeral },
            core: PhoneCore::new(eid_key, entropy.nonce, domain, get_info, route, now),
        })
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
        let flow = PhoneFlow::Linked {
            identity: link.identity.clone(),
            secret: link.secret.clone(),
        };
        let route = Route {
            host,
            path: Path::Connect(contact.routing, contact.tunnel),
            payload: None,
        };
        let eid_key = EidKey::from_link(&link.secret, &contact.payload.nonce);
        Ok(Self {
            phase: PhonePhase::Opening { flow, ephemeral },
            core: PhoneCore::new(eid_key, entropy.nonce, domain, get_info, route, now),
        })
    }

    /// Takes note of what happened at `now`.
    pub fn handle_input(&mut self, input: PhoneInput<'_>, now: Instant) {
        let phase = ::core::mem::replace(&mut self.phase, PhonePhase::Done);
        self.phase = match input {
            PhoneInput::Opened { routing } => self.core.opened(phase, routing, now),
            PhoneInput::TunnelFailed(fault) => self.core.tunnel_failed(phase, fault),
            PhoneInput::Frame(frame) => self.core.frame(phase, frame, now),
            PhoneInput::TextFrame => self.core.broken(phase, Cause::TextFrame, now),
            PhoneInput::TunnelClosed { code } => {
                self.core.tunnel_open = false;
                self.core.broken(phase, Cause::TunnelClosed { code }, now)
            }
            PhoneInput::Respond(reply) => self.core.respond(phase, &Wiped::new(reply), now),
            PhoneInput::OfferLink(offer) => self.core.offer_link(phase, offer),
            PhoneInput::Cancel => self.core.broken(phase, Cause::Cancelled, now),
        };
    }

    /// Takes note that time passed. Does nothing before the deadline of [`Self::poll_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        if self
            .poll_timeout()
            .is_some_and(|(deadline, _)| deadline <= now)
        {
            let phase = ::core::mem::replace(&mut self.phase, PhonePhase::Done);
            self.phase = self.core.broken(phase, Cause::TimedOut, now);
        }
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<PhoneOutput> {
        self.core.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] must be called at the latest, and what is being waited for.
    /// `None` when the session is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Stage)> {
        (!matches!(self.phase, PhonePhase::Done)).then_some((self.core.deadline, self.core.stage))
    }
}

/// Why a phone session cannot start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
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

impl ::core::error::Error for PhoneStartError {
    fn source(&self) -> Option<&(dyn ::core::error::Error + 'static)> {
        match self {
            Self::Entropy(error) => Some(error),
            Self::Domain(_) => None,
        }
    }
}
