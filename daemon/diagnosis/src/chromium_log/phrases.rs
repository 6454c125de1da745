//! The texts that Chromium logs about hybrid sign-ins, and what each means. They were read in its
//! sources (device/fido/cable, several versions up to 2026); a text that it no longer uses does no
//! harm.

use super::causes::KnownMessage;
use super::net_errors;
use crate::catalogue::{
    MACOS_DENIES_BLUETOOTH, NO_ADAPTER, PHONE_ENDED_SESSION, PHONE_NOT_UNDERSTOOD, TUNNEL_CLOSED,
};
use crate::explain;
use crate::finding::Finding;
use std::fmt;

/// A line that means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Phrase {
    /// Bluetooth is there; an attempt begins.
    Adapter,
    /// The code is shown.
    CodeShown,
    /// Nobody did anything in the time that the site gave.
    TimedOut,
    /// An advert for another code or device.
    NoMatch,
    /// The phone was heard.
    Matched,
    /// The tunnel is being opened.
    Connecting {
        /// The relay, if it can be read.
        host: Option<String>,
        /// To a linked phone, without a code.
        linked: bool,
    },
    /// The tunnel failed; the reason stands elsewhere.
    Failed,
    /// The channel to the phone is up.
    Established,
    /// What the phone says it can do.
    GetInfo(PhoneAbilities),
    /// Chromium asks for a touch alone, because the phone cannot do what the site wants.
    Touch,
    /// A CTAP command went out.
    Asked,
    /// A CTAP reply of success.
    Replied,
    /// A CTAP reply that Chromium does not take.
    Refused,
    /// A CTAP status.
    Answered(u8),
    /// A CTAP status, and that it came through a tunnel.
    AnsweredByPhone(u8),
    /// The phone ended the session in place of a reply.
    NoReply,
    /// A command to this phone ended without a reply, because its tunnel did.
    TunnelEnded,
    /// A TLS handshake failed with this network error, of the relay's or of any other host.
    TlsFailed(i32),
    /// The network's error, with a name that stands beside it, and the HTTP status.
    ConnectionFailed {
        net_error: i32,
        name: Option<String>,
        status: Option<u16>,
    },
    /// A text with one meaning.
    Cause(&'static KnownMessage),
}

/// What a phone needs for most requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PhoneAbilities {
    /// Keeps discoverable passkeys.
    pub(super) rk: bool,
    /// Verifies its user.
    pub(super) uv: bool,
}

/// Older versions begin it with a capital.
const CONNECTING: &str = "onnecting caBLEv2 tunnel: ";
const PHONE_STATUS: &str = "CTAP error response code ";
const FATAL_STATUS: &str = " request due to status 0x";
const FROM_TUNNEL: &str = " from tunnel-";
/// As Chromium numbers "other error", which is no status of a phone.
const NO_STATUS: [&str; 2] = ["status 127 from tunnel-", "code 127 received from tunnel-"];
const BAD_REPLY: [&str; 3] = [
    "-> (CBOR parse error ",
    "-> (rejected CBOR structure)",
    "bad response from tunnel-",
];
const HANDSHAKE_RETURNED: &str = "handshake failed; returned ";
const CONNECTION_FAILED: &str = "Tunnel server connection failed: ";

impl Phrase {
    pub(super) fn find(line: &str) -> Option<Self> {
        if let Some((_, url)) = line.split_once(CONNECTING) {
            let linked = url.contains("/cable/contact/");
            return Some(Self::Connecting {
                host: host(url),
                linked,
            });
        }
        if let Some((_, rest)) = line.split_once(CONNECTION_FAILED) {
            return Some(connection_failed(rest));
        }
        if let Some((_, rest)) = line.split_once(HANDSHAKE_RETURNED) {
            let (_, number) = rest.split_once("net_error ")?;
            return number.trim().parse().ok().map(Self::TlsFailed);
        }
        if let Some(cause) = KnownMessage::find(line) {
            return Some(Self::Cause(cause));
        }
        let contains = |text: &str| line.contains(text);
        if contains("BLE adapter address") {
            Some(Self::Adapter)
        } else if contains("UI step: kCableV2QRCode") {
            Some(Self::CodeShown)
        } else if contains("UI step: kTimedOut") {
            Some(Self::TimedOut)
        } else if contains("no v2 match)") {
            Some(Self::NoMatch)
        } else if contains("matches QR code)")
            || contains("matches pending tunnel)")
            || contains("matches extension)")
        {
            Some(Self::Matched)
        } else if contains("tunnel failed to connect") || contains("UI step: kCableV2Error") {
            Some(Self::Failed)
        } else if contains(": established v2.") {
            Some(Self::Established)
        } else if NO_STATUS.into_iter().any(contains) {
            Some(Self::TunnelEnded)
        } else {
            Self::find_status(line).or_else(|| Self::find_command(line))
        }
    }

    /// What names both a status and a tunnel: `CTAP error response code 39 received from tunnel-…`,
    /// or `Failing get assertion request due to status 0x2e (kCtap2ErrNoCredentials) from tunnel-…`.
    fn find_status(line: &str) -> Option<Self> {
        let (before, _) = line.split_once(FROM_TUNNEL)?;
        let status = match before.split_once(PHONE_STATUS) {
            Some((_, code)) => status(code),
            None => {
                let (_, code) = before.split_once(FATAL_STATUS)?;
                status(&format!("0x{code}"))
            }
        };
        status.map(Self::AnsweredByPhone)
    }

    /// Commands and replies are logged as `<- 0x2 (kAuthenticatorGetAssertion) {…}` and `-> {…}`;
    /// older versions write numbers alone.
    fn find_command(line: &str) -> Option<Self> {
        if let Some((_, code)) = line.split_once("CTAP2 error code ") {
            return Some(Self::Answered(status(code)?));
        }
        let contains = |text: &str| line.contains(text);
        if BAD_REPLY.into_iter().any(contains) {
            Some(Self::Refused)
        } else if contains("-> (error reading)") {
            Some(Self::NoReply)
        } else if ["<- 0xb ", "<- 11 ", "\".dummy\""]
            .into_iter()
            .any(contains)
        {
            Some(Self::Touch)
        } else if ["<- 0x1 ", "<- 0x2 ", "<- 1 ", "<- 2 "]
            .into_iter()
            .any(contains)
        {
            Some(Self::Asked)
        } else if contains("-> {1: [") {
            Some(Self::GetInfo(PhoneAbilities {
                rk: contains("\"rk\": true"),
                uv: contains("\"uv\": true"),
            }))
        } else if contains("-> {") {
            Some(Self::Replied)
        } else {
            None
        }
    }

    /// Whether the relay says that there is no such phone, or tunnel, any more.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::ConnectionFailed {
                status: Some(410),
                ..
            }
        )
    }

    /// Whether another line can tell more of the same.
    pub(super) const fn is_general(&self) -> bool {
        matches!(self, Self::Cause(cause) if cause.general)
    }

    /// Whether it can be about a security key, too.
    pub(super) fn is_of_any_device(&self) -> bool {
        matches!(
            self,
            Self::GetInfo(_)
                | Self::Touch
                | Self::Asked
                | Self::Replied
                | Self::Refused
                | Self::Answered(_)
                | Self::NoReply
        )
    }

    /// Whether it can be about another connection, too.
    pub(super) const fn is_of_any_connection(&self) -> bool {
        matches!(self, Self::TlsFailed(_))
    }

    /// Chromium looks for its adapter once for each sign-in.
    pub(super) fn is_of_the_adapter(&self) -> bool {
        *self == Self::Adapter
            || matches!(self, Self::Cause(cause) if cause.entry.code == NO_ADAPTER.code)
    }

    /// Whether macOS has not yet let Chromium look for an adapter.
    pub(super) fn is_of_permission(&self) -> bool {
        matches!(self, Self::Cause(cause) if cause.entry.code == MACOS_DENIES_BLUETOOTH.code)
    }

    /// When it comes in a sign-in; none for what can come at any time.
    pub(super) const fn rank(&self) -> Option<u8> {
        Some(match self {
            Self::Adapter => 0,
            Self::CodeShown => 1,
            Self::Matched => 2,
            Self::Connecting { .. } => 3,
            Self::ConnectionFailed { .. } | Self::Failed => 4,
            Self::Established => 5,
            Self::GetInfo(_) => 6,
            Self::Asked | Self::Touch => 7,
            Self::Replied | Self::Refused | Self::Answered(_) | Self::NoReply => 8,
            Self::AnsweredByPhone(_) | Self::TunnelEnded => 9,
            Self::TimedOut => 10,
            Self::NoMatch | Self::TlsFailed(_) | Self::Cause(_) => return None,
        })
    }

    pub(super) fn finding(&self) -> Option<Finding> {
        match self {
            Self::Cause(cause) => Some(cause.finding()),
            Self::ConnectionFailed {
                net_error,
                name,
                status,
            } => {
                let saw = self.to_string();
                Some(net_errors::finding(
                    *net_error,
                    name.as_deref(),
                    *status,
                    &saw,
                ))
            }
            Self::Answered(byte) | Self::AnsweredByPhone(byte) => Some(explain::status(*byte)),
            Self::Refused => Some(Finding::likely(&PHONE_NOT_UNDERSTOOD, &self.to_string())),
            Self::NoReply => Some(Finding::likely(&PHONE_ENDED_SESSION, &self.to_string())),
            Self::TunnelEnded => Some(Finding::likely(&TUNNEL_CLOSED, &self.to_string())),
            Self::Adapter
            | Self::CodeShown
            | Self::TimedOut
            | Self::NoMatch
            | Self::Matched
            | Self::Connecting { .. }
            | Self::Failed
            | Self::TlsFailed(_)
            | Self::Established
            | Self::GetInfo(_)
            | Self::Touch
            | Self::Asked
            | Self::Replied => None,
        }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adapter => f.write_str("Chromium found a Bluetooth adapter and listens"),
            Self::CodeShown => f.write_str("Chromium shows the code"),
            Self::TimedOut => f.write_str("Chromium's request timed out"),
            Self::NoMatch => f.write_str("Chromium received a passkey advert for another code"),
            Self::Matched => f.write_str("Chromium detected the phone"),
            Self::Connecting {
                host: Some(host), ..
            } => write!(f, "Chromium connects to the relay {host}"),
            Self::Connecting { host: None, .. } => f.write_str("Chromium connects to the relay"),
            Self::Failed => f.write_str("the tunnel failed"),
            Self::Established => f.write_str("Chromium and the phone are connected"),
            Self::GetInfo(_) => f.write_str("the phone reported its features"),
            Self::Touch => f.write_str(
                "Chromium asked the phone only for a touch, and not for what the site requests",
            ),
            Self::Asked => f.write_str("Chromium sent the request to the phone"),
            Self::Refused => f.write_str("Chromium did not accept the phone's answer"),
            Self::Replied => f.write_str("the phone answered"),
            Self::Answered(status) | Self::AnsweredByPhone(status) => {
                write!(f, "the phone answered with status {status:#04x}")
            }
            Self::NoReply => f.write_str("the phone ended the session without an answer"),
            Self::TlsFailed(net_error) => match net_errors::name(*net_error) {
                Some(name) => write!(f, "the TLS handshake failed: {name}"),
                None => write!(f, "the TLS handshake failed: network error {net_error}"),
            },
            Self::TunnelEnded => {
                f.write_str("the tunnel was closed before the key exchange was complete")
            }
            Self::ConnectionFailed {
                net_error,
                name,
                status,
            } => {
                f.write_str("Chromium could not open the tunnel: ")?;
                match (status, net_errors::name(*net_error).or(name.as_deref())) {
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
    let (digits, radix) = text
        .strip_prefix("0x")
        .map_or((text, 10), |rest| (rest, 16));
    let end = digits
        .find(|char: char| !char.is_digit(radix))
        .unwrap_or(digits.len());
    u8::from_str_radix(digits.get(..end)?, radix).ok()
}

/// Only what can be a host name: the rest of the address holds ids.
fn host(url: &str) -> Option<String> {
    const LONGEST: usize = 253;
    let (host, _ids) = url.trim().strip_prefix("wss://")?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (host.len() <= LONGEST && !host.is_empty() && host.bytes().all(plain)).then(|| host.to_owned())
}

/// `<message> <net error> <HTTP status>`; the message may hold spaces, and the status is -1 or 0
/// when there was none.
fn connection_failed(rest: &str) -> Phrase {
    let mut words = rest.split_whitespace().rev();
    let mut number = || words.next().and_then(|word| word.parse::<i32>().ok());
    let (status, net_error) = (number(), number());
    let net_error = net_error
        .or_else(|| net_errors::named_in(rest))
        .unwrap_or_default();
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..600).contains(status));
    let name = net_errors::any_name_in(rest).map(str::to_owned);
    let known = name.is_some();
    let failed = Phrase::ConnectionFailed {
        net_error,
        name,
        status,
    };
    match (net_error, status) {
        // Of an answer that is not a WebSocket server's, the message alone tells.
        (net_errors::FAILED, None) if !known => KnownMessage::find(rest)
            .map(Phrase::Cause)
            .unwrap_or(failed),
        (_, _) => failed,
    }
}
