//! What is wrong between this computer and the relay.

use super::seen::Seen;
use crate::catalogue::{
    self, Entry, NW01, NW02, NW03, NW07, NW08, NW10, NW11, NW12, NW13, NW14, NW15, NW16, NW17, NW18,
};
use crate::finding::{Certainty, Finding};
use hybrid_protocol::{Fault, Stage};
use std::time::Duration;

/// Relays forget a phone that waits alone for about this long.
const LATE: Duration = Duration::from_secs(30);

/// A step failed with this code of the catalogue.
pub fn network(code: &str, saw: &str) -> Finding {
    let entry = catalogue::find(code).unwrap_or(&NW14);
    Finding::new(entry, certainty(entry), saw)
}

/// Certain is what names nothing but what was seen: a status, a refused name, a proxy's answer.
fn certainty(entry: &Entry) -> Certainty {
    let observed = [&NW01, &NW02, &NW10, &NW11, &NW16, &NW17];
    if observed.iter().any(|known| known.code == entry.code) {
        Certainty::Certain
    } else {
        Certainty::Likely
    }
}

/// The session has no tunnel; the steps know more than the session.
pub(super) fn of_session(at: Stage, fault: Fault, seen: &Seen) -> Finding {
    let (code, saw) = match &seen.net {
        Some(step) => {
            let why = step.outcome.as_ref().err().map_or("no tunnel", String::as_str);
            let code = step.code.unwrap_or_else(|| entry(fault).code);
            (code, format!("{}: {why}", step.host))
        }
        None => (entry(fault).code, format!("no tunnel: {fault}")),
    };
    // Only a linked phone can be gone for good; a tunnel of a code merely ended.
    let code = if code == NW16.code && at != Stage::Contact {
        NW15.code
    } else {
        code
    };
    match seen.since_heard() {
        Some(since) if code == NW15.code && since >= LATE => {
            let saw = format!(
                "{saw}; the request came {} s after the phone was heard",
                since.as_secs()
            );
            network(code, &saw)
        }
        Some(_) | None => network(code, &saw),
    }
}

/// The stage ran out of time before a step failed.
pub(super) fn of_slow_session(seen: &Seen) -> Finding {
    if seen.net.is_some() {
        return of_session(Stage::Tunnel, Fault::Tcp, seen);
    }
    Finding::likely(&NW03, "the relay did not answer in time")
}

const fn entry(fault: Fault) -> &'static Entry {
    match fault {
        Fault::Dns => &NW01,
        Fault::Tcp => &NW03,
        Fault::Proxy => &NW11,
        Fault::Tls => &NW07,
        Fault::Upgrade => &NW12,
        Fault::Subprotocol => &NW13,
        Fault::Http(status) => status_entry(status),
    }
}

/// What an HTTP status of the relay means.
pub const fn status_entry(status: u16) -> &'static Entry {
    match status {
        200 | 426 => &NW12,
        300..=399 => &NW18,
        404 => &NW15,
        407 => &NW10,
        410 => &NW16,
        // RFC 6585: network authentication required.
        511 => &NW08,
        409 | 429 | 500..=599 => &NW17,
        _ => &NW14,
    }
}
