//! Chromium's network errors (net/base/net_error_list.h) as causes.

use crate::catalogue::of_status;
use crate::catalogue::{Entry, NW01, NW03, NW06, NW07, NW10, NW11, NW21, NW23, NW24};
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
/// All that a page may know of a certificate that is not accepted; the line of the TLS handshake says why.
pub(super) const INSECURE_RESPONSE: i32 = -501;

static ERRORS: [NetError; 34] = [
    error(-7, "ERR_TIMED_OUT", &NW03),
    error(-21, "ERR_NETWORK_CHANGED", &NW21),
    error(-100, "ERR_CONNECTION_CLOSED", &NW21),
    error(-101, "ERR_CONNECTION_RESET", &NW21),
    error(-102, "ERR_CONNECTION_REFUSED", &NW03),
    error(-103, "ERR_CONNECTION_ABORTED", &NW21),
    error(-104, "ERR_CONNECTION_FAILED", &NW03),
    error(-105, "ERR_NAME_NOT_RESOLVED", &NW01),
    error(-106, "ERR_INTERNET_DISCONNECTED", &NW23),
    error(-107, "ERR_SSL_PROTOCOL_ERROR", &NW07),
    error(-109, "ERR_ADDRESS_UNREACHABLE", &NW03),
    error(-111, "ERR_TUNNEL_CONNECTION_FAILED", &NW11),
    error(-113, "ERR_SSL_VERSION_OR_CIPHER_MISMATCH", &NW07),
    error(-115, "ERR_PROXY_AUTH_UNSUPPORTED", &NW10),
    error(-118, "ERR_CONNECTION_TIMED_OUT", &NW03),
    error(-120, "ERR_SOCKS_CONNECTION_FAILED", &NW11),
    error(-121, "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE", &NW11),
    error(-127, "ERR_PROXY_AUTH_REQUESTED", &NW10),
    error(-130, "ERR_PROXY_CONNECTION_FAILED", &NW24),
    error(-137, "ERR_NAME_RESOLUTION_FAILED", &NW01),
    error(-138, "ERR_NETWORK_ACCESS_DENIED", &NW03),
    error(-200, "ERR_CERT_COMMON_NAME_INVALID", &NW07),
    error(-201, "ERR_CERT_DATE_INVALID", &NW07),
    error(-202, "ERR_CERT_AUTHORITY_INVALID", &NW06),
    error(-206, "ERR_CERT_REVOKED", &NW07),
    error(-207, "ERR_CERT_INVALID", &NW07),
    error(-214, "ERR_CERTIFICATE_TRANSPARENCY_REQUIRED", &NW06),
    error(-217, "ERR_CERT_KNOWN_INTERCEPTION_BLOCKED", &NW06),
    error(UNEXPECTED_PROXY_AUTH, "ERR_UNEXPECTED_PROXY_AUTH", &NW10),
    error(-324, "ERR_EMPTY_RESPONSE", &NW21),
    error(-336, "ERR_NO_SUPPORTED_PROXIES", &NW11),
    error(INSECURE_RESPONSE, "ERR_INSECURE_RESPONSE", &NW07),
    error(-800, "ERR_DNS_MALFORMED_RESPONSE", &NW01),
    error(-803, "ERR_DNS_TIMED_OUT", &NW01),
];

const fn error(number: i32, name: &'static str, entry: &'static Entry) -> NetError {
    NetError { number, name, entry }
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
    words.find_map(|word| ERRORS.iter().find(|error| error.name == word).map(|error| error.number))
}

/// A status says more than the error that Chromium makes of it.
pub(super) fn finding(net_error: i32, status: Option<u16>, saw: &str) -> Finding {
    let known = ERRORS.iter().find(|error| error.number == net_error);
    match (status, known) {
        // Of a proxy. The relay's own, or what came in its place, has an error instead.
        (Some(407), _) => network(NW10.code, saw),
        (_, Some(error)) if error.number == UNEXPECTED_PROXY_AUTH => answer(error.entry.code, saw, Answerer::Anyone),
        // 101 was fine; the error came after it.
        (Some(status), _) if status != 101 => answer(of_status(status).code, saw, Answerer::Anyone),
        (_, Some(error)) => network(error.entry.code, saw),
        (_, None) => Finding::possible(&NW03, saw),
    }
}
