//! The texts that Chromium logs about hybrid sign-ins, and what each means. They were read in its
//! sources (device/fido/cable, several versions up to 2026); a text that it no longer uses does no
//! harm.

use super::causes::KnownMessage;
use super::connection_end::ConnectionEnd;
use super::net_errors;
use super::ui_steps::{self, UiStep};
use crate::catalogue::{
    MACOS_DENIES_BLUETOOTH, NO_ADAPTER, PHONE_ENDED_SESSION, PHONE_NOT_UNDERSTOOD, TUNNEL_CLOSED,
};
use crate::explain;
use crate::finding::Finding;
use crate::plain_text::squeezed;
use std::fmt;

/// A line that means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Phrase {
    /// Bluetooth is there; an attempt begins.
    Adapter,
    /// A step of the dialog.
    Step(UiStep),
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

// Mail folds lines anywhere and spaces come in many kinds: texts are compared without any.
/// Older versions begin it with a capital.
const CONNECTING: &str = "onnectingcaBLEv2tunnel:";
const PHONE_STATUS: &str = "CTAPerrorresponsecode";
const FATAL_STATUS: &str = "requestduetostatus0x";
const FROM_TUNNEL: &str = "fromtunnel-";
/// As Chromium numbers "other error", which is no status of a phone.
const NO_STATUS: [&str; 2] = ["status127fromtunnel-", "code127receivedfromtunnel-"];
const BAD_REPLY: [&str; 3] = [
    "->(CBORparseerror",
    "->(rejectedCBORstructure)",
    "badresponsefromtunnel-",
];
const HANDSHAKE_RETURNED: &str = "handshakefailed;returned";
const CONNECTION_FAILED: &str = "Tunnelserverconnectionfailed:";

impl Phrase {
    /// What a record says; it may be folded anywhere.
    pub(super) fn find(record: &str) -> Option<Self> {
        let text = squeezed(record);
        if let Some((_, url)) = text.split_once(CONNECTING) {
            let linked = url.contains("/cable/contact/");
            return Some(Self::Connecting {
                host: host(url),
                linked,
            });
        }
        if text.contains(CONNECTION_FAILED) {
            return Some(connection_failed(record));
        }
        if let Some((_, rest)) = text.split_once(HANDSHAKE_RETURNED) {
            let (_, number) = rest.split_once("net_error")?;
            return net_errors::number_in(number).map(Self::TlsFailed);
        }
        if let Some(cause) = KnownMessage::find(&text) {
            return Some(Self::Cause(cause));
        }
        let contains = |words: &str| text.contains(words);
        if contains("BLEadapteraddress") {
            Some(Self::Adapter)
        } else if let Some(step) = contains("UIstep:")
            .then(|| ui_steps::find(record))
            .flatten()
        {
            Some(Self::Step(step))
        } else if contains("nov2match)") {
            Some(Self::NoMatch)
        } else if contains("matchesQRcode)")
            || contains("matchespendingtunnel)")
            || contains("matchesextension)")
        {
            Some(Self::Matched)
        } else if contains("tunnelfailedtoconnect") {
            Some(Self::Failed)
        } else if contains(":establishedv2.") {
            Some(Self::Established)
        } else if NO_STATUS.into_iter().any(contains) {
            Some(Self::TunnelEnded)
        } else {
            Self::find_status(&text).or_else(|| Self::find_command(&text))
        }
    }

    /// What names both a status and a tunnel: `CTAP error response code 39 received from tunnel-…`,
    /// or `Failing get assertion request due to status 0x2e (kCtap2ErrNoCredentials) from tunnel-…`.
    fn find_status(text: &str) -> Option<Self> {
        let (before, _) = text.split_once(FROM_TUNNEL)?;
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
    fn find_command(text: &str) -> Option<Self> {
        if let Some((_, code)) = text.split_once("CTAP2errorcode") {
            return Some(Self::Answered(status(code)?));
        }
        let contains = |words: &str| text.contains(words);
        if BAD_REPLY.into_iter().any(contains) {
            Some(Self::Refused)
        } else if contains("->(errorreading)") {
            Some(Self::NoReply)
        } else if sent(text, &[0xb]) || contains("\".dummy\"") {
            Some(Self::Touch)
        } else if sent(text, &[1, 2]) {
            Some(Self::Asked)
        } else if contains("->{1:[") {
            Some(Self::GetInfo(PhoneAbilities {
                rk: contains("\"rk\":true"),
                uv: contains("\"uv\":true"),
            }))
        } else if contains("->{") {
            Some(Self::Replied)
        } else {
            None
        }
    }

    /// Whether the end of it is missing.
    pub(super) const fn is_cut_off(&self) -> bool {
        matches!(
            self,
            Self::ConnectionFailed {
                net_error: 0,
                status: None,
                ..
            }
        )
    }

    /// The step of the dialog that it is.
    pub(super) const fn step(&self) -> Option<UiStep> {
        if let Self::Step(step) = self {
            Some(*step)
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
        matches!(self, Self::Step(UiStep::Last(_)))
            || matches!(self, Self::Cause(cause) if cause.general)
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
            Self::Step(step) => return step.rank(),
            Self::Matched => 2,
            Self::Connecting { .. } => 3,
            Self::ConnectionFailed { .. } | Self::Failed => 4,
            Self::Established => 5,
            Self::GetInfo(_) => 6,
            Self::Asked | Self::Touch => 7,
            Self::Replied | Self::Refused | Self::Answered(_) | Self::NoReply => 8,
            Self::AnsweredByPhone(_) | Self::TunnelEnded => 9,
            Self::NoMatch | Self::TlsFailed(_) | Self::Cause(_) => return None,
        })
    }

    pub(super) fn finding(&self) -> Option<Finding> {
        match self {
            Self::Cause(cause) => Some(cause.finding()),
            Self::Step(step) => step.finding(),
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
            Self::Step(step) => step.fmt(f),
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

/// Whether one of these commands went out: `<- 0x2 (kAuthenticatorGetAssertion) {…}`, or in older
/// versions `<- 2 {…}`.
fn sent(text: &str, commands: &[u8]) -> bool {
    let mut sent = text.split("<-").skip(1).filter_map(|rest| {
        let end = rest.find(['(', '{']).unwrap_or(rest.len());
        let number = rest.get(..end)?;
        match number.strip_prefix("0x") {
            Some(digits) => u8::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        }
    });
    sent.any(|command| commands.contains(&command))
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
    let (host, _ids) = url.strip_prefix("wss://")?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (host.len() <= LONGEST && !host.is_empty() && host.bytes().all(plain)).then(|| host.to_owned())
}

/// `<message> <net error> <HTTP status>`; the message may hold spaces, and the status is -1 or 0
/// when there was none.
fn connection_failed(record: &str) -> Phrase {
    let told = ConnectionEnd::of(record);
    let net_error = told
        .net_error
        .or_else(|| net_errors::named(told.name.as_deref()?))
        .unwrap_or_default();
    let failed = Phrase::ConnectionFailed {
        net_error,
        name: told.name.clone(),
        status: told.status,
    };
    // Of an answer that is not a WebSocket server's, the message alone tells.
    let telling = net_error == net_errors::FAILED || net_errors::name(net_error).is_none();
    if telling && told.status.is_none() && told.name.is_none() && net_error != 0 {
        let text = squeezed(record);
        let message = text.split_once(CONNECTION_FAILED).map(|(_, rest)| rest);
        return message
            .and_then(KnownMessage::find)
            .map_or(failed, Phrase::Cause);
    }
    failed
}
