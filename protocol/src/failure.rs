//! How a session fails: in which stage, and why. Every cause says on whose side the fault lies.

use crate::channel::FrameError;
use crate::greeting::GreetingError;
use crate::link::LinkError;
use crate::message::MessageError;
use crate::noise::HandshakeError;
use crate::stage::Stage;
use core::fmt;

/// The end of a session that gave no reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What it was waiting for.
    pub at: Stage,
    /// What happened instead.
    pub cause: Cause,
}

/// What ended a session.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The stage's budget ran out.
    TimedOut,
    /// Our own user gave up.
    Cancelled,
    /// The tunnel could not be opened.
    Tunnel(TunnelFault),
    /// The tunnel was closed by the relay or the peer, with the WebSocket close code if there was
    /// one.
    TunnelClosed {
        /// RFC 6455 section 7.4.
        code: Option<u16>,
    },
    /// The peer said that it will send no more.
    PeerShutdown,
    /// The peer broke the rules: a text message where only binary ones exist.
    TextFrame,
    /// The peer broke the rules: a frame before its turn.
    UnexpectedFrame,
    /// The relay promised a connection signal and sent something else.
    BadSignal,
    /// The handshake failed.
    Handshake(HandshakeError),
    /// A frame could not be opened or sealed.
    Frame(FrameError),
    /// The phone's greeting cannot be understood.
    Greeting(GreetingError),
    /// The greeting carried linking information that is wrong.
    Link(LinkError),
    /// The phone does not speak CTAP (it offers digital credentials alone).
    NoCtap,
    /// A message cannot be understood.
    Message(MessageError),
    /// The peer broke the rules: a reply of a kind that was not asked for.
    Unsolicited,
    /// The peer floods us with updates.
    TooManyUpdates,
    /// Our caller's mistake.
    Misuse(Misuse),
}

/// Why a tunnel could not be opened. Details (addresses, certificates, header values) are the
/// dialer's to tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum TunnelFault {
    /// The host name could not be resolved.
    Dns,
    /// No TCP connection.
    Tcp,
    /// A proxy on the way refused.
    Proxy,
    /// No TLS session.
    Tls,
    /// The answer to the WebSocket request made no sense.
    Upgrade,
    /// The relay did not select `fido.cable`.
    Subprotocol,
    /// The relay answered with this HTTP status.
    Http(u16),
}

/// A request that must not go over a tunnel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Misuse {
    /// Nothing to send.
    Empty,
    /// authenticatorGetInfo: answer it from the greeting. An iPhone refuses it.
    GetInfo,
    /// A command that phones do not know and treat as fatal (PIN, reset, selection, …).
    Command(u8),
    /// A silent pre-flight (`up: false`): phones always prompt.
    Silent,
    /// A second command: phones serve one and hang up.
    Second,
    /// A reply without a request.
    NoRequest,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stage {}: {}", self.at, self.cause)
    }
}

impl core::error::Error for Failure {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("timed out"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Tunnel(fault) => fault.fmt(f),
            Self::TunnelClosed { code: Some(code) } => {
                write!(f, "the tunnel was closed (code {code})")
            }
            Self::TunnelClosed { code: None } => f.write_str("the tunnel was closed"),
            Self::PeerShutdown => f.write_str("the other side ended the session"),
            Self::TextFrame => f.write_str("expected a binary message, got a text message"),
            Self::UnexpectedFrame => f.write_str("a message arrived too early"),
            Self::BadSignal => {
                f.write_str("expected the relay's one-byte signal, got something else")
            }
            Self::Handshake(error) => error.fmt(f),
            Self::Frame(error) => error.fmt(f),
            Self::Greeting(error) => error.fmt(f),
            Self::Link(error) => error.fmt(f),
            Self::NoCtap => f.write_str("the phone offers no passkeys over this channel"),
            Self::Message(error) => error.fmt(f),
            Self::Unsolicited => f.write_str("an unsolicited reply arrived"),
            Self::TooManyUpdates => f.write_str("too many updates arrived"),
            Self::Misuse(misuse) => misuse.fmt(f),
        }
    }
}

impl fmt::Display for TunnelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns => f.write_str("the relay's name could not be resolved"),
            Self::Tcp => f.write_str("no connection to the relay"),
            Self::Proxy => f.write_str("the proxy refused the connection"),
            Self::Tls => f.write_str("no secure connection to the relay"),
            // Also where no answer came.
            Self::Upgrade => f.write_str("the relay did not open a WebSocket"),
            Self::Subprotocol => f.write_str("the relay did not select the fido.cable protocol"),
            Self::Http(status) => write!(f, "the relay answered HTTP {status}"),
        }
    }
}

impl core::error::Error for Cause {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Tunnel(error) => Some(error),
            Self::Handshake(error) => Some(error),
            Self::Frame(error) => Some(error),
            Self::Greeting(error) => Some(error),
            Self::Link(error) => Some(error),
            Self::Message(error) => Some(error),
            Self::Misuse(error) => Some(error),
            Self::TimedOut
            | Self::Cancelled
            | Self::TunnelClosed { .. }
            | Self::PeerShutdown
            | Self::TextFrame
            | Self::UnexpectedFrame
            | Self::BadSignal
            | Self::NoCtap
            | Self::Unsolicited
            | Self::TooManyUpdates => None,
        }
    }
}

impl core::error::Error for TunnelFault {}

impl core::error::Error for Misuse {}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty command cannot be sent to a phone"),
            Self::GetInfo => f.write_str("getInfo is answered from the phone's greeting, not sent"),
            Self::Command(byte) => write!(f, "command {byte:#04x} is not one that phones serve"),
            Self::Silent => f.write_str("a silent request (up: false) cannot be sent to a phone"),
            Self::Second => f.write_str("a phone serves one command for each session"),
            Self::NoRequest => f.write_str("there is no request to reply to"),
        }
    }
}
