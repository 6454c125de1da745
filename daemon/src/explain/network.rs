//! What is wrong between this computer and the relay.

use super::seen::Seen;
use crate::catalogue::{
    self, Entry, NW01, NW02, NW03, NW07, NW10, NW11, NW12, NW13, NW14, NW15, NW16, NW17, NW23, NW24,
};
use crate::finding::{Certainty, Finding};
use hybrid_protocol::{Fault, Stage};
use std::time::Duration;

/// Relays forget a phone that waits alone for about this long.
const LATE: Duration = Duration::from_secs(30);
/// Names that cannot be looked up and addresses that refuse are known by then, of all relays.
const SETTLED: Duration = Duration::from_secs(1);

/// A step failed with this code of the catalogue.
pub fn network(code: &str, saw: &str) -> Finding {
    let entry = catalogue::find(code).unwrap_or(&NW14);
    Finding::new(entry, certainty(entry), saw)
}

/// Certain is what names nothing but what was seen: a status, a refused name, a proxy's answer.
fn certainty(entry: &Entry) -> Certainty {
    let observed = [&NW01, &NW02, &NW10, &NW11, &NW16, &NW17, &NW23, &NW24];
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

/// What keeps this computer from the relays, seen before the phone has chosen one. With every relay out of reach no sign-in can succeed;
/// with one of them, phones that choose it cannot be used.
pub(super) fn ahead(seen: &Seen) -> Option<Finding> {
    let failed: Vec<_> = seen.ahead.values().flatten().collect();
    let step = *failed.first()?;
    let why = step.outcome.as_ref().err().map_or("no connection", String::as_str);
    let entry = step.code.and_then(catalogue::find).unwrap_or(&NW03);
    if failed.len() > 1 && failed.len() == seen.ahead.len() {
        let saw = format!("this computer can reach no relay; {}: {why}", step.host);
        return Some(network(entry.code, &saw));
    }
    // At first one alone is known, and the other may be out of reach, too: that would be another sentence.
    (seen.waited() >= SETTLED).then(|| {
        let saw = format!("phones that use {} cannot be reached from here: {why}", step.host);
        Finding::possible(entry, &saw)
    })
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
        Fault::Http(status) => catalogue::of_status(status),
    }
}
