//! What a phone's session takes and gives: its randomness, what happened, and what to do.

use crate::advert::ADVERT_LEN;
use crate::derive::LinkSecret;
use crate::failure::{Failure, TunnelFault};
use crate::id::RoutingId;
use crate::key::PrivateKey;
use crate::link::LinkOffer;
use crate::route::Route;
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;

/// The randomness of one phone session.
pub struct PhoneEntropy {
    /// Makes the advert unlike any other. The QR flow uses the first ten bytes.
    pub nonce: [u8; 15],
    /// Scalar of the handshake's ephemeral key.
    pub ephemeral: Secret<32>,
}

/// The phone's memory of a link.
pub struct PhoneLink {
    /// What was offered as `link_secret`.
    pub secret: LinkSecret,
    /// What was offered as `identity`.
    pub identity: PrivateKey,
}

/// What happened.
#[non_exhaustive]
pub enum PhoneInput<'a> {
    /// The tunnel asked for is open. For a new tunnel, `routing` is the relay's header; for a
    /// contacted one, repeat the contact's.
    Opened {
        /// Goes into the advert.
        routing: RoutingId,
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
    /// The reply to the last [`PhoneOutput::Request`]: status byte and CBOR.
    Respond(Vec<u8>),
    /// The user agreed to be remembered by this desktop. Kept until the channel is up; dropped when
    /// the QR code does not offer linking.
    OfferLink(LinkOffer),
    /// The user gave up.
    Cancel,
}

/// What to do, or to tell.
#[non_exhaustive]
pub enum PhoneOutput {
    /// A stage began.
    Entered(Stage),
    /// Open this tunnel, then say [`PhoneInput::Opened`] or [`PhoneInput::TunnelFailed`].
    OpenTunnel(Route),
    /// Broadcast these bytes as service data. Always after the tunnel is open.
    Advertise([u8; ADVERT_LEN]),
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
