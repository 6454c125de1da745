//! What is wrong between this computer and the relay.

use super::answerer::Answerer;
use super::evidence::Evidence;
use crate::catalogue::{
    self, Entry, NAME_LEADS_NOWHERE, NAME_LOOKUP_FAILED, NO_AUTHORITIES, NOT_A_RELAY, OFFLINE,
    PHONE_UNLINKED, PROXY_AUTH_REQUIRED, PROXY_REFUSES, PROXY_UNUSABLE, RELAY_OVERLOADED,
    RELAY_REFUSED, RELAY_UNREACHABLE, TLS_FAILED, TLS_INSPECTED, TUNNEL_GONE, UPGRADE_LOST,
};
use crate::finding::Finding;
use crate::observation::network::{NetStep, Step};
use hybrid_protocol::{Stage, TunnelFault};
use std::time::Duration;

/// Relays forget a phone that waits alone for about this long.
const LATE: Duration = Duration::from_secs(30);
/// Names that cannot be looked up and addresses that refuse are known by then, of all relays.
const SETTLED: Duration = Duration::from_secs(1);

/// A step that comes before any answer of the relay failed with this code of the catalogue.
pub fn network(code: &str, saw: &str) -> Finding {
    // What names nothing but what was seen: a refused name, a proxy's answer, no route.
    let observed = [
        &NAME_LOOKUP_FAILED,
        &NAME_LEADS_NOWHERE,
        &PROXY_AUTH_REQUIRED,
        &PROXY_REFUSES,
        &OFFLINE,
        &PROXY_UNUSABLE,
        &NO_AUTHORITIES,
    ];
    sure_of(&observed, code, saw)
}

/// The relay's answer, or what came in its place, has this code of the catalogue.
pub fn answer(code: &str, saw: &str, by: Answerer) -> Finding {
    match by {
        Answerer::Relay => sure_of(&[&PHONE_UNLINKED, &RELAY_OVERLOADED], code, saw),
        Answerer::Anyone => sure_of(&[], code, saw),
    }
}

/// Certain for these, and likely for all others.
fn sure_of(certain: &[&Entry], code: &str, saw: &str) -> Finding {
    let entry = catalogue::find(code).unwrap_or(&RELAY_REFUSED);
    if certain.iter().any(|known| known.code == entry.code) {
        Finding::certain(entry, saw)
    } else {
        Finding::likely(entry, saw)
    }
}

/// The session has no tunnel; the steps know more than the session.
pub(super) fn of_session(at: Stage, fault: TunnelFault, seen: &Evidence) -> Vec<Finding> {
    let step = seen.net.as_ref();
    let code = step
        .and_then(|step| step.code)
        .unwrap_or_else(|| entry(fault).code);
    let saw = step.map_or_else(|| format!("no tunnel: {fault}"), why);
    let answered = match step {
        Some(step) => step.step == Step::Http,
        None => matches!(
            fault,
            TunnelFault::Http(_) | TunnelFault::Upgrade | TunnelFault::Subprotocol
        ),
    };
    if !answered {
        return vec![network(code, &saw)];
    }
    // Only a linked phone can be gone for good; a tunnel of a code merely ended.
    let code = if code == PHONE_UNLINKED.code && at != Stage::Contact {
        TUNNEL_GONE.code
    } else {
        code
    };
    let saw = match seen.since_heard() {
        Some(since) if code == TUNNEL_GONE.code && since >= LATE => {
            let since = since.as_secs();
            format!("{saw}; this computer sent the request {since} s after it detected the phone")
        }
        Some(_) | None => saw,
    };
    let by = step.map_or(Answerer::Anyone, |step| seen.answerer(&step.host));
    let mut findings = vec![answer(code, &saw, by)];
    // What became of the phone is the relay's to know.
    if let Some(step) = step
        && ![TUNNEL_GONE.code, PHONE_UNLINKED.code].contains(&code)
        && let Some(fact) = seen.inspected(&step.host)
    {
        let saw = format!("the connection to {}: {fact}", step.host);
        findings.push(Finding::possible(&TLS_INSPECTED, &saw));
    }
    findings
}

/// What a session that still tries has to say when one way failed and the next takes its time.
pub(super) fn so_far(seen: &Evidence) -> Option<Finding> {
    let step = seen.net.as_ref()?;
    let entry = step.code.and_then(catalogue::find)?;
    (seen.since_net_failed() >= SETTLED).then(|| {
        let saw = format!("{}; hybridd is trying another way", why(step));
        Finding::possible(entry, &saw)
    })
}

fn why(step: &NetStep) -> String {
    let why = step
        .outcome
        .as_ref()
        .err()
        .map_or("no tunnel", String::as_str);
    format!("{}: {why}", step.host)
}

/// What keeps this computer from the relays, seen before the phone has chosen one. With every relay
/// out of reach no sign-in can succeed; with one of them, phones that choose it cannot be used.
pub(super) fn ahead(seen: &Evidence) -> Option<Finding> {
    let failed: Vec<_> = seen.ahead.values().flatten().collect();
    let step = *failed.first()?;
    let why = step
        .outcome
        .as_ref()
        .err()
        .map_or("no connection", String::as_str);
    let entry = step
        .code
        .and_then(catalogue::find)
        .unwrap_or(&RELAY_UNREACHABLE);
    if failed.len() > 1 && failed.len() == seen.ahead.len() {
        let saw = format!("this computer cannot reach any relay; {}: {why}", step.host);
        return Some(network(entry.code, &saw));
    }
    // At first one alone is known, and the other may be out of reach, too: that would be another
    // sentence.
    (seen.waited() >= SETTLED).then(|| {
        let saw = format!(
            "this computer cannot connect to phones that use {}: {why}",
            step.host
        );
        Finding::possible(entry, &saw)
    })
}

/// The stage ran out of time before a step failed.
pub(super) fn of_slow_session(seen: &Evidence) -> Vec<Finding> {
    if seen.net.is_some() {
        return of_session(Stage::Tunnel, TunnelFault::Tcp, seen);
    }
    vec![Finding::likely(
        &RELAY_UNREACHABLE,
        "the relay did not respond in time",
    )]
}

const fn entry(fault: TunnelFault) -> &'static Entry {
    match fault {
        TunnelFault::Dns => &NAME_LOOKUP_FAILED,
        TunnelFault::Tcp => &RELAY_UNREACHABLE,
        TunnelFault::Proxy => &PROXY_REFUSES,
        TunnelFault::Tls => &TLS_FAILED,
        TunnelFault::Upgrade => &UPGRADE_LOST,
        TunnelFault::Subprotocol => &NOT_A_RELAY,
        TunnelFault::Http(status) => catalogue::of_status(status),
        _ => &RELAY_UNREACHABLE,
    }
}
