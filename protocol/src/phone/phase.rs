//! The phases of a phone's session, as data: what each holds, and nothing else.

use crate::advert::Plaintext;
use crate::channel::Channel;
use crate::derive::{LinkSecret, QrSecret};
use crate::key::{PrivateKey, PublicKey};
use crate::secret::Secret;

/// Where a session is.
pub(super) enum PhonePhase {
    /// The tunnel is being opened.
    Opening {
        flow: PhoneFlow,
        ephemeral: PrivateKey,
    },
    /// Advertising; the desktop's first message is due.
    Advertising {
        flow: PhoneFlow,
        ephemeral: PrivateKey,
        advert: Plaintext,
    },
    /// The channel is up; a command is due.
    Ready(PhoneChannel),
    /// A command is with the user.
    Deciding(PhoneChannel),
    Done,
}

pub(super) enum PhoneFlow {
    Qr {
        desktop: PublicKey,
        secret: QrSecret,
        linking: bool,
    },
    Linked {
        identity: PrivateKey,
        secret: LinkSecret,
    },
}

pub(super) struct PhoneChannel {
    pub(super) channel: Channel,
    pub(super) hash: Secret<32>,
    /// The key to sign linking information for, when the code offers linking.
    pub(super) link_to: Option<PublicKey>,
}

/// Whether a command may come.
#[derive(Clone, Copy)]
pub(super) enum CommandDue {
    Yes,
    No,
}

impl CommandDue {
    /// The phase in which it was, with its session.
    pub(super) fn back(self, session: PhoneChannel) -> PhonePhase {
        match self {
            Self::Yes => PhonePhase::Ready(session),
            Self::No => PhonePhase::Deciding(session),
        }
    }
}
