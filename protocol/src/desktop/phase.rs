//! The phases of a desktop's session, as data: what each holds, and nothing else.

use super::event::Linking;
use crate::advert::Plaintext;
use crate::channel::Channel;
use crate::derive::{LinkSecret, QrSecret};
use crate::id::DomainId;
use crate::key::{PrivateKey, PublicKey};
use crate::message::Revision;
use crate::noise::Initiator;
use crate::secret::Secret;

/// Where a session is.
pub(super) enum DesktopPhase {
    /// QR flow: waiting for the advert.
    Listening(DesktopAttempt),
    /// QR flow: heard; the tunnel is being opened.
    Opening {
        attempt: DesktopAttempt,
        advert: Plaintext,
    },
    /// Linked flow: the contact tunnel is being opened; the advert may come first.
    Contacting {
        attempt: DesktopAttempt,
        heard: Option<Plaintext>,
    },
    /// Linked flow: the tunnel is open, waiting for the advert.
    Summoned {
        attempt: DesktopAttempt,
        signal: ArrivalSignal,
    },
    /// Message 1 is sent.
    Handshaking {
        terms: LinkTerms,
        initiator: Initiator,
        signal: ArrivalSignal,
    },
    /// The channel is up, waiting for the phone's greeting.
    Greeting {
        terms: LinkTerms,
        channel: Channel,
        hash: Secret<32>,
    },
    /// Greeted, waiting for the caller's command.
    Ready(DesktopChannel),
    /// The command is sent.
    Asked(DesktopChannel),
    /// The reply is handed over; a link may still come.
    Lingering(DesktopChannel),
    Done,
}

/// What a session needs until its handshake starts.
pub(super) struct DesktopAttempt {
    pub(super) flow: DesktopFlow,
    pub(super) ephemeral: PrivateKey,
}

pub(super) enum DesktopFlow {
    Qr {
        key: PrivateKey,
        secret: QrSecret,
        linking: Linking,
    },
    Linked {
        secret: LinkSecret,
        phone: PublicKey,
    },
}

/// The relay's one-byte message that says the phone has joined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ArrivalSignal {
    /// Promised and not seen yet: it must be the first message.
    Due,
    /// Seen, or never promised.
    Settled,
}

pub(super) struct DesktopChannel {
    pub(super) terms: LinkTerms,
    pub(super) channel: Channel,
    pub(super) hash: Secret<32>,
    pub(super) revision: Revision,
    pub(super) updates: u8,
    pub(super) linked: bool,
}

/// What remains of the flow after the handshake: whether linking information is taken.
pub(super) enum LinkTerms {
    Qr {
        key: PrivateKey,
        linking: Linking,
        domain: DomainId,
    },
    Linked,
}

/// Whether a reply is due.
#[derive(Clone, Copy)]
pub(super) enum ReplyDue {
    No,
    Yes,
}
