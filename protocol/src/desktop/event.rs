//! What a desktop's session takes and gives: its randomness, what happened, and what to do.

use crate::derive::{ClientNonce, QrSecret};
use crate::domain::TunnelHost;
use crate::failure::{Failure, TunnelFault};
use crate::id::DomainId;
use crate::link::VerifiedLink;
use crate::message::Revision;
use crate::route::Route;
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;

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
#[non_exhaustive]
pub enum DesktopInput<'a> {
    /// The tunnel asked for is open.
    TunnelOpened {
        /// Whether the relay promised to signal the phone's arrival (header
        /// `X-caBLE-Signal-Connection`).
        signal: bool,
    },
    /// The tunnel asked for could not be opened.
    TunnelFailed(TunnelFault),
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
#[non_exhaustive]
pub enum DesktopOutput {
    /// A stage began; the one before it succeeded.
    Entered(Stage),
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

/// What an advert was: the answer of [`Desktop::handle_advert`](super::Desktop::handle_advert).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AdvertVerdict {
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
    /// Ours again, after the session had committed to one, or was over.
    Late,
}

/// What the phone can do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Greeted {
    /// The reply to authenticatorGetInfo without status byte, untouched.
    pub get_info: Vec<u8>,
    /// Its features, unknown ones included.
    pub features: Vec<String>,
    /// How it writes its messages.
    pub revision: Revision,
}
