//! Chromium's network errors (net/base/net_error_list.h) as causes.

use crate::catalogue::of_status;
use crate::catalogue::{
    CONNECTION_CUT, Entry, NAME_LOOKUP_FAILED, OFFLINE, PROXY_AUTH_REQUIRED, PROXY_REFUSES,
    PROXY_UNUSABLE, RELAY_UNREACHABLE, TLS_FAILED, TLS_INSPECTED,
};
use crate::explain::{Answerer, answer, network};
use crate::finding::Finding;

struct NetError {
    number: i32,
    name: &'static str,
    entry: &'static Entry,
}

/// Chromium's error for anything; the message beside it says what.
pub(super) const FAILED: i32 = -2;
/// Status 407 over an encrypted connection, where no proxy has anything to say.
const UNEXPECTED_PROXY_AUTH: i32 = -323;
/// All that a page may know of a certificate that is not accepted; the line of the TLS handshake
/// says why.
pub(super) const INSECURE_RESPONSE: i32 = -501;

static ERRORS: [NetError; 34] = [
    error(-7, "ERR_TIMED_OUT", &RELAY_UNREACHABLE),
    error(-21, "ERR_NETWORK_CHANGED", &CONNECTION_CUT),
    error(-100, "ERR_CONNECTION_CLOSED", &CONNECTION_CUT),
    error(-101, "ERR_CONNECTION_RESET", &CONNECTION_CUT),
    error(-102, "ERR_CONNECTION_REFUSED", &RELAY_UNREACHABLE),
    error(-103, "ERR_CONNECTION_ABORTED", &CONNECTION_CUT),
    error(-104, "ERR_CONNECTION_FAILED", &RELAY_UNREACHABLE),
    error(-105, "ERR_NAME_NOT_RESOLVED", &NAME_LOOKUP_FAILED),
    error(-106, "ERR_INTERNET_DISCONNECTED", &OFFLINE),
    error(-107, "ERR_SSL_PROTOCOL_ERROR", &TLS_FAILED),
    error(-109, "ERR_ADDRESS_UNREACHABLE", &RELAY_UNREACHABLE),
    error(-111, "ERR_TUNNEL_CONNECTION_FAILED", &PROXY_REFUSES),
    error(-113, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", &TLS_FAILED),
    error(-115, "ERR_PROXY_AUTH_UNSUPPORTED", &PROXY_AUTH_REQUIRED),
    error(-118, "ERR_CONNECTION_TIMED_OUT", &RELAY_UNREACHABLE),
    error(-120, "ERR_SOCKS_CONNECTION_FAILED", &PROXY_REFUSES),
    error(
        -121,
        "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE",
        &PROXY_REFUSES,
    ),
    error(-127, "ERR_PROXY_AUTH_REQUESTED", &PROXY_AUTH_REQUIRED),
    error(-130, "ERR_PROXY_CONNECTION_FAILED", &PROXY_UNUSABLE),
    error(-137, "ERR_NAME_RESOLUTION_FAILED", &NAME_LOOKUP_FAILED),
    error(-138, "ERR_NETWORK_ACCESS_DENIED", &RELAY_UNREACHABLE),
    error(-200, "ERR_CERT_COMMON_NAME_INVALID", &TLS_FAILED),
    error(-201, "ERR_CERT_DATE_INVALID", &TLS_FAILED),
    error(-202, "ERR_CERT_AUTHORITY_INVALID", &TLS_INSPECTED),
    error(-206, "ERR_CERT_REVOKED", &TLS_FAILED),
    error(-207, "ERR_CERT_INVALID", &TLS_FAILED),
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
    error(-336, "ERR_NO_SUPPORTED_PROXIES", &PROXY_REFUSES),
    error(INSECURE_RESPONSE, "ERR_INSECURE_RESPONSE", &TLS_FAILED),
    error(-800, "ERR_DNS_MALFORMED_RESPONSE", &NAME_LOOKUP_FAILED),
    error(-803, "ERR_DNS_TIMED_OUT", &NAME_LOOKUP_FAILED),
];

const fn error(number: i32, name: &'static str, entry: &'static Entry) -> NetError {
    NetError {
        number,
        name,
        entry,
    }
}

pub(super) fn name(number: i32) -> Option<&'static str> {
    ERRORS
        .iter()
        .find(|error| error.number == number)
        .map(|error| error.name)
}

/// The error that a text names.
pub(super) fn named_in(text: &str) -> Option<i32> {
    let mut words = text.split(|char: char| !(char.is_ascii_uppercase() || char == '_'));
    words.find_map(|word| {
        ERRORS
            .iter()
            .find(|error| error.name == word)
            .map(|error| error.number)
    })
}

/// A status says more than the error that Chromium makes of it.
pub(super) fn finding(net_error: i32, status: Option<u16>, saw: &str) -> Finding {
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
        (_, None) => Finding::possible(&RELAY_UNREACHABLE, saw),
    }
}
