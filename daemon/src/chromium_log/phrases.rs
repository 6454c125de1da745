//! The texts that Chromium logs about hybrid sign-ins, and what each means. They were read in its sources (device/fido/cable, several
//! versions up to 2026); a text that it no longer uses does no harm.

use super::errors;
use crate::catalogue::{BT01, BT07, BT10, Entry, HS02, HS03, HS04, HS05, HS06, NW13, NW15, NW16, NW21};
use crate::explain;
use crate::finding::Finding;
use std::fmt;

/// A line that means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Phrase {
    /// Bluetooth is there; an attempt begins.
    Adapter,
    /// An advert for another code or device.
    NoMatch,
    /// The phone was heard.
    Matched,
    /// The tunnel is being opened.
    Connecting {
        /// The relay, if it can be read.
        host: Option<String>,
    },
    /// The tunnel failed; the reason stands elsewhere.
    Failed,
    /// The channel to the phone is up.
    Established,
    /// A CTAP command went out.
    Asked,
    /// A CTAP reply of success.
    Replied,
    /// A CTAP status.
    Answered(u8),
    /// The phone ended the session in place of a reply.
    NoReply,
    /// The network's error and the HTTP status.
    ConnectionFailed { net_error: i32, status: Option<u16> },
    /// A text with one meaning.
    Cause(&'static Cause),
}

/// A text with one meaning.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Cause {
    text: &'static str,
    entry: &'static Entry,
    saw: &'static str,
    certain: bool,
}

const CONNECTING: &str = "connecting caBLEv2 tunnel: ";
const CONNECTION_FAILED: &str = "Tunnel server connection failed: ";

/// Longer texts stand before texts that they contain.
static CAUSES: [Cause; 22] = [
    cause("No BLE adapter present", &BT01, "Chromium found no Bluetooth adapter").certain(),
    cause(
        "Bluetooth authorized: 1",
        &BT10,
        "the system denies Bluetooth to Chromium",
    ),
    cause(
        "Failed to start caBLE LE scan session",
        &BT07,
        "Chromium could not start scanning",
    ),
    cause(
        "Failed to start LE scanning",
        &BT07,
        "Chromium could not start scanning",
    ),
    cause(
        "Tunnel server didn't select cable protocol",
        &NW13,
        "the server did not select the protocol fido.cable",
    ),
    cause(
        "Invalid routing ID from tunnel server",
        &HS06,
        "the relay sent a routing id that is none",
    ),
    cause(
        "reports that contact ID is invalid",
        &NW16,
        "the relay says that the linked phone is gone",
    )
    .certain(),
    cause(
        "reported an invalid contact ID for an unpaired connection",
        &NW15,
        "the relay answered 410 to a tunnel of a QR code",
    ),
    cause("caBLEv2 handshake failed", &HS02, "the phone's handshake did not fit"),
    cause(
        "decryption failed for caBLE post-handshake message",
        &HS04,
        "the phone's greeting could not be decrypted",
    ),
    cause(
        "post-handshake message",
        &HS03,
        "Chromium did not understand the phone's greeting",
    ),
    cause(
        "decryption failed for caBLE",
        &HS04,
        "a message of the phone could not be decrypted",
    ),
    cause(
        "caBLE device doesn't support CTAP",
        &HS03,
        "the phone offers digital credentials alone",
    ),
    cause("invalid empty message", &HS03, "the phone sent an empty message"),
    cause(
        "invalid message type",
        &HS03,
        "the phone sent a message of an unknown type",
    ),
    cause(
        "invalid update frame",
        &HS03,
        "the phone sent an update that Chromium does not understand",
    ),
    cause(
        "incorrect message type in reply",
        &HS03,
        "the phone answered with another type than was asked",
    ),
    cause(
        "unsolicited CTAP message from caBLE device",
        &HS03,
        "the phone sent an answer that nobody asked for",
    ),
    cause("invalid shutdown frame", &HS05, "the phone ended the session"),
    cause(
        "bad connection signal",
        &HS06,
        "the relay promised a signal and sent something else",
    ),
    cause(
        "invalid WebSocket frame",
        &HS06,
        "the relay sent a frame that is not allowed",
    ),
    cause(
        "reading WebSocket frame failed",
        &NW21,
        "the connection broke while Chromium was reading",
    ),
];

const fn cause(text: &'static str, entry: &'static Entry, saw: &'static str) -> Cause {
    Cause {
        text,
        entry,
        saw,
        certain: false,
    }
}

impl Cause {
    const fn certain(mut self) -> Self {
        self.certain = true;
        self
    }
}

impl Phrase {
    pub(super) fn find(line: &str) -> Option<Self> {
        if let Some((_, url)) = line.split_once(CONNECTING) {
            return Some(Self::Connecting { host: host(url) });
        }
        if let Some((_, rest)) = line.split_once(CONNECTION_FAILED) {
            return Some(connection_failed(rest));
        }
        if let Some(cause) = CAUSES.iter().find(|cause| line.contains(cause.text)) {
            return Some(Self::Cause(cause));
        }
        let contains = |text: &str| line.contains(text);
        if contains("BLE adapter address") {
            Some(Self::Adapter)
        } else if contains("no v2 match)") {
            Some(Self::NoMatch)
        } else if contains("matches QR code)") || contains("matches pending tunnel)") || contains("matches extension)")
        {
            Some(Self::Matched)
        } else if contains("tunnel failed to connect") {
            Some(Self::Failed)
        } else if contains(": established v2.") {
            Some(Self::Established)
        } else {
            Self::find_command(line)
        }
    }

    /// Commands and replies are logged as `<- 0x2 (kAuthenticatorGetAssertion) {…}` and `-> {…}`; older versions write numbers alone.
    fn find_command(line: &str) -> Option<Self> {
        if let Some((_, code)) = line.split_once("CTAP2 error code ") {
            return Some(Self::Answered(status(code)?));
        }
        let contains = |text: &str| line.contains(text);
        if contains("-> (error reading)") {
            Some(Self::NoReply)
        } else if ["<- 0x1 ", "<- 0x2 ", "<- 1 ", "<- 2 "].into_iter().any(contains) {
            Some(Self::Asked)
        } else if contains("-> {") {
            Some(Self::Replied)
        } else {
            None
        }
    }

    /// Whether it can be about a security key, too.
    pub(super) fn is_of_any_device(&self) -> bool {
        matches!(self, Self::Asked | Self::Replied | Self::Answered(_) | Self::NoReply)
    }

    /// Chromium looks for its adapter once for each sign-in.
    pub(super) fn begins_an_attempt(&self) -> bool {
        *self == Self::Adapter || matches!(self, Self::Cause(cause) if cause.entry.code == BT01.code)
    }

    pub(super) fn finding(&self) -> Option<Finding> {
        match self {
            Self::Cause(cause) if cause.certain => Some(Finding::certain(cause.entry, cause.saw)),
            Self::Cause(cause) => Some(Finding::likely(cause.entry, cause.saw)),
            Self::ConnectionFailed { net_error, status } => {
                Some(errors::finding(*net_error, *status, &self.to_string()))
            }
            Self::Answered(byte) => Some(explain::status(*byte)),
            Self::Adapter
            | Self::NoMatch
            | Self::Matched
            | Self::Connecting { .. }
            | Self::Failed
            | Self::Established
            | Self::Asked
            | Self::Replied
            | Self::NoReply => None,
        }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adapter => f.write_str("Bluetooth is there; Chromium listens"),
            Self::NoMatch => f.write_str("a passkey advert for another code was heard"),
            Self::Matched => f.write_str("the phone was heard"),
            Self::Connecting { host: Some(host) } => write!(f, "Chromium connects to the relay {host}"),
            Self::Connecting { host: None } => f.write_str("Chromium connects to the relay"),
            Self::Failed => f.write_str("the tunnel failed"),
            Self::Established => f.write_str("Chromium and the phone are connected"),
            Self::Asked => f.write_str("the request went to the phone"),
            Self::Replied => f.write_str("the phone answered"),
            Self::Answered(status) => write!(f, "the phone answered with status {status:#04x}"),
            Self::NoReply => f.write_str("the phone ended the session without an answer"),
            Self::ConnectionFailed { net_error, status } => {
                f.write_str("Chromium could not open the tunnel: ")?;
                match (status, errors::name(*net_error)) {
                    (Some(status), _) => write!(f, "HTTP status {status}"),
                    (None, Some(name)) => f.write_str(name),
                    (None, None) => write!(f, "network error {net_error}"),
                }
            }
            Self::Cause(cause) => f.write_str(cause.saw),
        }
    }
}

/// A status as hexadecimal or, in older versions, decimal digits.
fn status(text: &str) -> Option<u8> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |rest| (rest, 16));
    let end = digits.find(|char: char| !char.is_digit(radix)).unwrap_or(digits.len());
    u8::from_str_radix(digits.get(..end)?, radix).ok()
}

/// Only what can be a host name: the rest of the address holds ids.
fn host(url: &str) -> Option<String> {
    const LONGEST: usize = 253;
    let (host, _ids) = url.trim().strip_prefix("wss://")?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (host.len() <= LONGEST && !host.is_empty() && host.bytes().all(plain)).then(|| host.to_owned())
}

/// `<message> <net error> <HTTP status>`; the message may hold spaces, and the status is -1 or 0 when there was none.
fn connection_failed(rest: &str) -> Phrase {
    let mut words = rest.split_whitespace().rev();
    let mut number = || words.next().and_then(|word| word.parse::<i32>().ok());
    let (status, net_error) = (number(), number());
    Phrase::ConnectionFailed {
        net_error: net_error.or_else(|| errors::named_in(rest)).unwrap_or_default(),
        status: status
            .and_then(|status| u16::try_from(status).ok())
            .filter(|status| (100..600).contains(status)),
    }
}
