//! Chromium's network errors (net/base/net_error_list.h) as causes.

use crate::catalogue::of_status;
use crate::catalogue::{
    CAPTIVE_PORTAL, CONNECTION_CUT, Entry, NAME_LOOKUP_FAILED, OFFLINE, PROXY_AUTH_REQUIRED,
    PROXY_REFUSES, PROXY_UNUSABLE, RELAY_UNREACHABLE, TLS_FAILED, TLS_INSPECTED, UPGRADE_LOST,
};
use crate::explain::{Answerer, answer, network};
use crate::finding::Finding;

struct NetError {
    number: i32,
    name: &'static str,
    entry: &'static Entry,
    /// What a person can see it for, too.
    also: Option<&'static Entry>,
}

/// Longer than any name of an error.
const LONGEST_NAME: usize = 60;
/// Chromium's error for anything; the message beside it says what.
pub(super) const FAILED: i32 = -2;
/// Status 407 over an encrypted connection, where no proxy has anything to say.
const UNEXPECTED_PROXY_AUTH: i32 = -323;
/// All that a page may know of a certificate that is not accepted; the line of the TLS handshake
/// says why.
pub(super) const INSECURE_RESPONSE: i32 = -501;

static ERRORS: [NetError; 57] = [
    error(-7, "ERR_TIMED_OUT", &RELAY_UNREACHABLE),
    error(-10, "ERR_ACCESS_DENIED", &RELAY_UNREACHABLE),
    error(-20, "ERR_BLOCKED_BY_CLIENT", &RELAY_UNREACHABLE),
    error(-21, "ERR_NETWORK_CHANGED", &CONNECTION_CUT),
    error(-22, "ERR_BLOCKED_BY_ADMINISTRATOR", &RELAY_UNREACHABLE),
    error(-100, "ERR_CONNECTION_CLOSED", &CONNECTION_CUT),
    error(-101, "ERR_CONNECTION_RESET", &CONNECTION_CUT),
    error(-102, "ERR_CONNECTION_REFUSED", &RELAY_UNREACHABLE),
    error(-103, "ERR_CONNECTION_ABORTED", &CONNECTION_CUT),
    error(-104, "ERR_CONNECTION_FAILED", &RELAY_UNREACHABLE),
    error(-105, "ERR_NAME_NOT_RESOLVED", &NAME_LOOKUP_FAILED),
    error(-106, "ERR_INTERNET_DISCONNECTED", &OFFLINE),
    error(-107, "ERR_SSL_PROTOCOL_ERROR", &TLS_FAILED),
    error(-109, "ERR_ADDRESS_UNREACHABLE", &RELAY_UNREACHABLE),
    error(-110, "ERR_SSL_CLIENT_AUTH_CERT_NEEDED", &TLS_FAILED),
    error(-111, "ERR_TUNNEL_CONNECTION_FAILED", &PROXY_REFUSES),
    error(-113, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", &TLS_FAILED),
    error(-115, "ERR_PROXY_AUTH_UNSUPPORTED", &PROXY_AUTH_REQUIRED),
    error(-117, "ERR_BAD_SSL_CLIENT_AUTH_CERT", &TLS_FAILED),
    error(-118, "ERR_CONNECTION_TIMED_OUT", &RELAY_UNREACHABLE),
    error(-120, "ERR_SOCKS_CONNECTION_FAILED", &PROXY_REFUSES),
    error(
        -121,
        "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE",
        &PROXY_REFUSES,
    ),
    error(-126, "ERR_SSL_BAD_RECORD_MAC_ALERT", &TLS_FAILED),
    error(-127, "ERR_PROXY_AUTH_REQUESTED", &PROXY_AUTH_REQUIRED),
    error(-130, "ERR_PROXY_CONNECTION_FAILED", &PROXY_UNUSABLE),
    error(
        -131,
        "ERR_MANDATORY_PROXY_CONFIGURATION_FAILED",
        &PROXY_UNUSABLE,
    ),
    error(-136, "ERR_PROXY_CERTIFICATE_INVALID", &PROXY_UNUSABLE),
    error(-137, "ERR_NAME_RESOLUTION_FAILED", &NAME_LOOKUP_FAILED),
    error(-138, "ERR_NETWORK_ACCESS_DENIED", &RELAY_UNREACHABLE),
    error(
        -140,
        "ERR_HTTPS_PROXY_TUNNEL_RESPONSE_REDIRECT",
        &PROXY_REFUSES,
    ),
    error(-145, "ERR_WS_PROTOCOL_ERROR", &UPGRADE_LOST),
    error(-150, "ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN", &TLS_INSPECTED),
    error(-200, "ERR_CERT_COMMON_NAME_INVALID", &TLS_FAILED).also(&CAPTIVE_PORTAL),
    error(-201, "ERR_CERT_DATE_INVALID", &TLS_FAILED),
    error(-202, "ERR_CERT_AUTHORITY_INVALID", &TLS_INSPECTED),
    error(-203, "ERR_CERT_CONTAINS_ERRORS", &TLS_FAILED),
    error(-206, "ERR_CERT_REVOKED", &TLS_FAILED),
    error(-207, "ERR_CERT_INVALID", &TLS_FAILED),
    error(-208, "ERR_CERT_WEAK_SIGNATURE_ALGORITHM", &TLS_FAILED),
    error(-211, "ERR_CERT_WEAK_KEY", &TLS_FAILED),
    error(-212, "ERR_CERT_NAME_CONSTRAINT_VIOLATION", &TLS_FAILED),
    error(-213, "ERR_CERT_VALIDITY_TOO_LONG", &TLS_FAILED),
    error(
        -214,
        "ERR_CERTIFICATE_TRANSPARENCY_REQUIRED",
        &TLS_INSPECTED,
    ),
    error(-217, "ERR_CERT_KNOWN_INTERCEPTION_BLOCKED", &TLS_INSPECTED),
    error(
        UNEXPECTED_PROXY_AUTH,
        "ERR_UNEXPECTED_PROXY_AUTH",
        &PROXY_AUTH_REQUIRED,
    ),
    error(-324, "ERR_EMPTY_RESPONSE", &CONNECTION_CUT),
    error(-326, "ERR_PAC_STATUS_NOT_OK", &PROXY_UNUSABLE),
    error(-327, "ERR_PAC_SCRIPT_FAILED", &PROXY_UNUSABLE),
    error(-336, "ERR_NO_SUPPORTED_PROXIES", &PROXY_REFUSES),
    error(-348, "ERR_PAC_NOT_IN_DHCP", &PROXY_UNUSABLE),
    error(
        -364,
        "ERR_PROXY_AUTH_REQUESTED_WITH_NO_CONNECTION",
        &PROXY_AUTH_REQUIRED,
    ),
    error(-366, "ERR_PROXY_HTTP_1_1_REQUIRED", &PROXY_UNUSABLE),
    error(-367, "ERR_PAC_SCRIPT_TERMINATED", &PROXY_UNUSABLE),
    error(INSECURE_RESPONSE, "ERR_INSECURE_RESPONSE", &TLS_FAILED),
    error(-800, "ERR_DNS_MALFORMED_RESPONSE", &NAME_LOOKUP_FAILED),
    error(-802, "ERR_DNS_SERVER_FAILED", &NAME_LOOKUP_FAILED),
    error(-803, "ERR_DNS_TIMED_OUT", &NAME_LOOKUP_FAILED),
];

const fn error(number: i32, name: &'static str, entry: &'static Entry) -> NetError {
    NetError {
        number,
        name,
        entry,
        also: None,
    }
}

impl NetError {
    const fn also(mut self, entry: &'static Entry) -> Self {
        self.also = Some(entry);
        self
    }

    fn causes(&self) -> Vec<&'static Entry> {
        [self.entry].into_iter().chain(self.also).collect()
    }
}

/// Every error that is known, by its name, and its causes.
pub fn net_error_names() -> impl Iterator<Item = (&'static str, Vec<&'static Entry>)> {
    ERRORS.iter().map(|error| (error.name, error.causes()))
}

/// The error that a text names, in any case, whether it is known, and its causes; one that is not
/// known has them when its name tells its kind.
pub(crate) fn net_error_in(text: &str) -> Option<(String, bool, Vec<&'static Entry>)> {
    let text = text.to_ascii_uppercase();
    let name = any_name_in(&text)?;
    let known = ERRORS.iter().find(|error| error.name == name);
    let causes = match known {
        Some(error) => error.causes(),
        None => vec![of_name(name)?],
    };
    Some((name.to_owned(), known.is_some(), causes))
}

pub(super) fn name(number: i32) -> Option<&'static str> {
    ERRORS
        .iter()
        .find(|error| error.number == number)
        .map(|error| error.name)
}

/// The error of this name.
pub(super) fn named(name: &str) -> Option<i32> {
    let known = ERRORS.iter().find(|error| error.name == name);
    known.map(|error| error.number)
}

/// The number at the beginning of a text without spaces, so that what follows on another line may be
/// digits, too.
pub(super) fn number_in(text: &str) -> Option<i32> {
    let digits = text.strip_prefix('-')?;
    let end = digits.find(|char: char| !char.is_ascii_digit());
    let digits = digits.get(..end.unwrap_or(digits.len()))?;
    let number = |length: usize| -> Option<i32> {
        let number: i32 = digits.get(..length)?.parse().ok()?;
        Some(-number)
    };
    let known = (1..=digits.len())
        .rev()
        .filter_map(number)
        .find(|number| name(*number).is_some());
    known.or_else(|| number(digits.len()))
}

/// What looks like the name of an error, known or not.
pub(super) fn any_name_in(text: &str) -> Option<&str> {
    let mut words = text
        .split(|char: char| !(char.is_ascii_uppercase() || char == '_' || char.is_ascii_digit()));
    words.find(|word| word.starts_with("ERR_") && word.len() <= LONGEST_NAME)
}

/// A status says more than the error that Chromium makes of it.
pub(super) fn finding(
    net_error: i32,
    name: Option<&str>,
    status: Option<u16>,
    saw: &str,
) -> Finding {
    let known = ERRORS.iter().find(|error| error.number == net_error);
    match (status, known) {
        // Of a proxy. The relay's own, or what came in its place, has an error instead.
        (Some(407), _) => network(PROXY_AUTH_REQUIRED.code, saw),
        (_, Some(error)) if error.number == UNEXPECTED_PROXY_AUTH => {
            answer(error.entry.code, saw, Answerer::Anyone)
        }
        // 101 was fine; the error came after it.
        (Some(status), _) if status != 101 => answer(of_status(status).code, saw, Answerer::Anyone),
        (_, Some(error)) => network(error.entry.code, saw),
        (_, None) => Finding::possible(of_kind(net_error, name), saw),
    }
}

/// What an error that is not in the list is about: by its name, or by its number, for each hundred
/// has a kind of its own.
fn of_kind(net_error: i32, name: Option<&str>) -> &'static Entry {
    name.and_then(of_name).unwrap_or(match net_error {
        -299..=-200 => &TLS_FAILED,
        -399..=-300 => &UPGRADE_LOST,
        -899..=-800 => &NAME_LOOKUP_FAILED,
        _ => &RELAY_UNREACHABLE,
    })
}

fn of_name(name: &str) -> Option<&'static Entry> {
    let named = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if named(&["_PROXY", "_TUNNEL", "_SOCKS", "_PAC_"]) {
        Some(&PROXY_UNUSABLE)
    } else if named(&["_SSL", "_CERT", "_TLS", "_ECH", "_QUIC"]) {
        Some(&TLS_FAILED)
    } else if named(&["_NAME", "_DNS", "_RESOLVER"]) {
        Some(&NAME_LOOKUP_FAILED)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_not_listed_is_told_by_its_kind() {
        for (number, name, code) in [
            (-219, None, "NW07"),
            (-399, None, "NW12"),
            (-899, None, "NW01"),
            (-199, None, "NW03"),
            (-2, Some("ERR_CERT_OF_THE_FUTURE"), "NW07"),
            (-2, Some("ERR_PROXY_OF_THE_FUTURE"), "NW24"),
            (-2, Some("ERR_DNS_OF_THE_FUTURE"), "NW01"),
            (-9999, Some("ERR_SOMETHING"), "NW03"),
        ] {
            let finding = finding(number, name, None, "x");
            assert_eq!(
                (finding.code, finding.certainty.name()),
                (code, "possible"),
                "{number} {name:?}"
            );
        }
    }

    #[test]
    fn every_error_is_listed_once() {
        for (place, error) in ERRORS.iter().enumerate() {
            let twice = ERRORS
                .iter()
                .skip(place + 1)
                .any(|other| other.number == error.number || other.name == error.name);
            assert!(!twice, "{}", error.name);
        }
    }
}
