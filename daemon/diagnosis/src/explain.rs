//! From what happened to why: pure, from data to findings. It serves a session that failed, one
//! that still waits, and a saved timeline.
//!
//! The order of a sign-in partitions the causes (design: the phone needs its own internet first,
//! then Bluetooth; this computer's network is used only after the phone was heard), so that the
//! stage and what was heard decide whose fault it can be.

mod answerer;
mod evidence;
mod network;
mod radio;
mod status;

pub use answerer::Answerer;
pub use network::{answer, network};
pub use radio::{radio, silence};
pub use status::status;

use crate::catalogue::{
    ADVERT_OF_A_NEWER_KIND, ADVERT_TOO_SHORT, CANCELLED_HERE, COMPUTER_PAUSED, CONNECTION_CUT,
    DEFECT, IDLE_CONNECTIONS_CUT, KEYS_DO_NOT_MATCH, LARGE_PACKETS_LOST, MESSAGE_DAMAGED,
    NO_ANSWER_ON_PHONE, NO_PHONE_HEARD, PHONE_BLUETOOTH, PHONE_CANNOT_REACH_RELAY,
    PHONE_ENDED_SESSION, PHONE_FELL_SILENT, PHONE_NOT_UNDERSTOOD, PHONE_OFFERS_NO_PASSKEYS,
    PHONE_OFFLINE, PHONE_SCANNED_ANOTHER_CODE, PHONE_SCANNED_EARLIER_CODE, RELAY_BREAKS_RULES,
    REQUEST_TOO_LARGE, SCAN_DOES_NOT_START, TUNNEL_CLOSED,
};
use crate::check::{Check, Verdict};
use crate::finding::{Certainty, Finding, without_consequences};
use crate::timeline::{FailureKind, SessionFailure, Timeline};
use evidence::Evidence;
use hybrid_protocol::Stage;
use std::time::Duration;

/// Waiting for less than this is ordinary and needs no explanation. Sessions look once a second, so
/// that it stands there before 15 s are over.
const PATIENCE: Duration = Duration::from_millis(13_500);
/// A phone that is awake answers the handshake within a second.
const SILENCE: Duration = Duration::from_secs(5);
/// Proxies and routers commonly cut silent connections after 30 or 60 seconds.
const IDLE_LIMITS: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(60)];
const IDLE_TOLERANCE: Duration = Duration::from_secs(2);
/// RFC 6455 section 7.4.1.
const PROTOCOL_ERROR: u16 = 1002;
/// The same.
const TOO_LARGE: u16 = 1009;
/// The same: never sent, it stands for a connection that ended without a closing handshake.
const NO_GOODBYE: u16 = 1006;

/// What is known about why a session does not advance, or did not. The first finding is the one to
/// act on; none means that nothing is wrong so far.
pub fn explain(timeline: &Timeline, checks: &[Check]) -> Vec<Finding> {
    let seen = Evidence::of(timeline);
    let mut findings = match (&seen.failed, seen.answered) {
        (Some(failed), _) => match paused(failed, &seen) {
            Some(paused) => vec![paused],
            None => failure(failed, &seen),
        },
        (None, Some(0)) => Vec::new(),
        (None, Some(byte)) => vec![status(byte)],
        (None, None) if seen.done => Vec::new(),
        (None, None) => waiting(&seen),
    };
    if seen.small_packets && !seen.done {
        let saw = "the relay responds only if this computer requests small packets; the sign-in continues with small packets";
        findings.push(Finding::likely(&LARGE_PACKETS_LOST, saw));
    }
    let silent_phone = findings
        .iter()
        .any(|finding| finding.code == NO_PHONE_HEARD.code);
    findings.extend(checks.iter().filter_map(|check| check.finding().cloned()));
    if silent_phone {
        findings.extend(silent(checks, &seen));
    }
    without_consequences(findings)
}

fn waiting(seen: &Evidence) -> Vec<Finding> {
    let Some(stage) = seen.stage else {
        return Vec::new();
    };
    let waited = seen.waited();
    match stage {
        Stage::Advert => {
            let advert = advert(seen, Certainty::Possible).filter(|finding| {
                !seen.is_radio_settling()
                    && (seen.trouble.is_some()
                        || finding.certainty == Certainty::Certain
                        || waited >= PATIENCE)
            });
            likeliest_first(advert.into_iter().chain(network::ahead(seen)))
        }
        Stage::Contact if waited >= SILENCE => {
            vec![Finding::possible(
                &PHONE_OFFLINE,
                "the relay has not reached the linked phone yet",
            )]
        }
        Stage::Handshake | Stage::Greeting if waited >= SILENCE => {
            vec![Finding::possible(
                &PHONE_FELL_SILENT,
                "the tunnel is open, but the phone has not responded yet",
            )]
        }
        Stage::Reply if waited >= PATIENCE => vec![Finding::possible(
            &NO_ANSWER_ON_PHONE,
            "the phone has received the request, but its user has not answered yet",
        )],
        Stage::Tunnel => network::so_far(seen).into_iter().collect(),
        Stage::Contact
        | Stage::Handshake
        | Stage::Greeting
        | Stage::Request
        | Stage::Reply
        | Stage::Linger
        | Stage::Done
        | _ => Vec::new(),
    }
}

/// A session that failed after this program had not run for a while: nobody waited for it, and what
/// was seen afterwards says nothing about the phone or the network.
fn paused(failed: &SessionFailure, seen: &Evidence) -> Option<Finding> {
    let paused = seen.paused?;
    let waited_in_vain = matches!(
        failed.why,
        FailureKind::TimedOut | FailureKind::Closed(_) | FailureKind::Tunnel(_)
    );
    waited_in_vain.then(|| {
        let saw = format!(
            "this computer was suspended, or hybridd was stopped, for {} s {}",
            paused.as_secs(),
            during(failed.at)
        );
        Finding::likely(&COMPUTER_PAUSED, &saw)
    })
}

fn failure(failed: &SessionFailure, seen: &Evidence) -> Vec<Finding> {
    let detail = failed.detail.as_str();
    match failed.why {
        FailureKind::TimedOut => timed_out(failed.at, seen),
        // Whoever cancels often does so because of what stands there.
        FailureKind::Cancelled => {
            let saw = format!("you cancelled {}", during(failed.at));
            let mut findings = vec![Finding::certain(&CANCELLED_HERE, &saw)];
            findings.extend(waiting(seen));
            findings
        }
        FailureKind::Tunnel(fault) => network::of_session(failed.at, fault, seen),
        FailureKind::Closed(code) => closed(failed.at, code, seen),
        FailureKind::PeerShutdown => vec![Finding::likely(
            &PHONE_ENDED_SESSION,
            &format!("the phone ended the session {}", during(failed.at)),
        )],
        FailureKind::Handshake => vec![Finding::likely(&KEYS_DO_NOT_MATCH, detail)],
        FailureKind::Frame => vec![Finding::likely(&MESSAGE_DAMAGED, detail)],
        FailureKind::NoPasskeys => vec![Finding::likely(&PHONE_OFFERS_NO_PASSKEYS, detail)],
        FailureKind::Message => vec![Finding::likely(&PHONE_NOT_UNDERSTOOD, detail)],
        FailureKind::Rules => vec![Finding::likely(&RELAY_BREAKS_RULES, detail)],
        FailureKind::Defect => vec![Finding::certain(&DEFECT, detail)],
    }
}

fn timed_out(at: Stage, seen: &Evidence) -> Vec<Finding> {
    match at {
        Stage::Contact => vec![Finding::likely(
            &PHONE_OFFLINE,
            "the relay could not reach the linked phone in time",
        )],
        Stage::Advert => {
            // Somebody may have given no time to scan the code.
            let unsure = if seen.waited() >= PATIENCE {
                Certainty::Likely
            } else {
                Certainty::Possible
            };
            let advert = advert(seen, unsure).into_iter();
            likeliest_first(advert.chain(network::ahead(seen)))
        }
        Stage::Tunnel => network::of_slow_session(seen),
        Stage::Handshake => vec![Finding::likely(
            &PHONE_FELL_SILENT,
            "the tunnel is open, but the phone did not respond",
        )],
        Stage::Greeting => vec![
            Finding::likely(
                &PHONE_FELL_SILENT,
                "the key exchange is complete, but the phone did not report its features",
            ),
            Finding::possible(
                &LARGE_PACKETS_LOST,
                "a small message arrived and a larger one did not",
            ),
        ],
        Stage::Reply => vec![Finding::likely(
            &NO_ANSWER_ON_PHONE,
            "the phone has received the request, but its user did not answer in time",
        )],
        Stage::Request | Stage::Linger | Stage::Done | _ => {
            vec![Finding::certain(
                &DEFECT,
                &format!("timed out {}", during(at)),
            )]
        }
    }
}

/// When something happened, as a person follows a sign-in: the end of a sentence.
pub const fn during(stage: Stage) -> &'static str {
    match stage {
        Stage::Contact => "while contacting the linked phone",
        Stage::Advert => "while waiting for the phone",
        Stage::Tunnel => "while connecting to the relay",
        Stage::Handshake => "while exchanging keys with the phone",
        Stage::Greeting => "before the phone reported its features",
        Stage::Request => "before the request was sent",
        Stage::Reply => "while the phone was asking its user",
        Stage::Linger | Stage::Done => "after the phone had answered",
        _ => "in an unknown stage",
    }
}

/// Several causes can hold at once; the one to act on first is the surest.
fn likeliest_first(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut findings: Vec<_> = findings.collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.certainty));
    findings
}

/// Why no advert of ours was heard. `unsure` is how sure it can be where several causes look the
/// same.
fn advert(seen: &Evidence, unsure: Certainty) -> Option<Finding> {
    if let Some(trouble) = &seen.trouble {
        return Some(radio(trouble));
    }
    if seen.stale > 0 {
        return Some(Finding::certain(
            &PHONE_SCANNED_EARLIER_CODE,
            "a phone that scanned an earlier code is nearby",
        ));
    }
    if seen.unknown > 0 {
        let saw = "the phone's advert contains data that this version of hybridd does not know";
        return Some(Finding::certain(&ADVERT_OF_A_NEWER_KIND, saw));
    }
    if seen.ours {
        return None;
    }
    Some(match (seen.foreign, seen.malformed, seen.neighbours) {
        (1.., _, _) => Finding::new(
            &PHONE_SCANNED_ANOTHER_CODE,
            unsure,
            "passkey adverts were received, but none for this code",
        ),
        (0, 1.., _) => Finding::new(
            &ADVERT_TOO_SHORT,
            unsure,
            "the adverts that were received are too short to be passkey adverts",
        ),
        (0, 0, _) if seen.neighbours > 0 || seen.beacons > 0 => {
            Finding::new(&NO_PHONE_HEARD, unsure, &no_phone(seen))
        }
        (0, 0, _) if !seen.listening => Finding::new(
            &SCAN_DOES_NOT_START,
            unsure,
            "Bluetooth has not started to scan",
        ),
        (0, 0, _) => silence(
            seen.listened(),
            "no Bluetooth device of any kind was detected",
        ),
    })
}

/// Who was heard in place of the phone.
fn no_phone(seen: &Evidence) -> String {
    let beacon = "the test advert of hybridd beacon";
    let heard = match (seen.neighbours, seen.beacons) {
        (0, _) => format!("{beacon} was received"),
        (1, 0) => "1 Bluetooth device was detected".to_owned(),
        (1, _) => format!("1 Bluetooth device was detected, which sends {beacon}"),
        (more, 0) => format!("{more} Bluetooth devices were detected"),
        (more, _) => {
            format!("{more} Bluetooth devices were detected, among them one that sends {beacon}")
        }
    };
    format!("{heard}, but no phone that scanned this code")
}

/// What to look at on a phone that stays silent, in the order of likelihood.
fn silent(checks: &[Check], seen: &Evidence) -> Vec<Finding> {
    let reachable = seen.reached_ahead()
        || checks
            .iter()
            .any(|check| check.verdict == Verdict::Ok && check.name.starts_with(RELAY));
    let mut findings = vec![Finding::possible(
        &PHONE_OFFLINE,
        "no signal from the phone was received",
    )];
    if reachable {
        findings.push(Finding::possible(
            &PHONE_CANNOT_REACH_RELAY,
            "this computer can reach the relay, but the phone stays silent",
        ));
    }
    findings.push(Finding::possible(
        &PHONE_BLUETOOTH,
        "no Bluetooth signal from the phone was received",
    ));
    findings
}

/// How the names of checks begin that look at a relay.
pub const RELAY: &str = "relay ";

fn closed(at: Stage, code: Option<u16>, seen: &Evidence) -> Vec<Finding> {
    let how = code.map_or_else(String::new, |code| format!(" (code {code})"));
    if code == Some(PROTOCOL_ERROR) {
        let saw = format!(
            "data from the tunnel violates the WebSocket protocol{how}, {}",
            during(at)
        );
        return vec![Finding::likely(&RELAY_BREAKS_RULES, &saw)];
    }
    match at {
        Stage::Reply => {
            let waited = seen.waited();
            let idle = IDLE_LIMITS
                .iter()
                .any(|limit| waited.abs_diff(*limit) <= IDLE_TOLERANCE);
            let silence = format!(
                "the connection was closed after {} s without data{how}",
                waited.as_secs()
            );
            let mut findings = match code {
                Some(NO_GOODBYE) => {
                    let finding = if idle {
                        Finding::likely(&IDLE_CONNECTIONS_CUT, &silence)
                    } else {
                        Finding::likely(
                            &CONNECTION_CUT,
                            "the connection ended after the request, without a close frame",
                        )
                    };
                    let other = "some relays also do this when the phone ends the session";
                    return vec![finding, Finding::possible(&PHONE_ENDED_SESSION, other)];
                }
                // A goodbye that the relay passed on; iPhones say no more.
                None | Some(1000) => {
                    let saw = format!("the phone closed the session after the request{how}");
                    vec![Finding::likely(&PHONE_ENDED_SESSION, &saw)]
                }
                Some(TOO_LARGE) => {
                    let saw =
                        format!("the relay closed the tunnel when it received the request{how}");
                    vec![Finding::likely(&REQUEST_TOO_LARGE, &saw)]
                }
                // The relay's own words: it lost the phone, or its limits were reached. Some relays
                // say so of a goodbye, too.
                Some(_) => {
                    let saw = format!("the relay closed the tunnel after the request{how}");
                    vec![
                        Finding::likely(&TUNNEL_CLOSED, &saw),
                        Finding::possible(
                            &PHONE_ENDED_SESSION,
                            "the phone may have closed the session after the request",
                        ),
                    ]
                }
            };
            if idle {
                findings.push(Finding::possible(&IDLE_CONNECTIONS_CUT, &silence));
            }
            findings
        }
        Stage::Contact
        | Stage::Advert
        | Stage::Tunnel
        | Stage::Handshake
        | Stage::Greeting
        | Stage::Request
        | Stage::Linger
        | Stage::Done
        | _ => vec![Finding::likely(
            &TUNNEL_CLOSED,
            &format!("the tunnel was closed{how} {}", during(at)),
        )],
    }
}

#[cfg(test)]
mod tests;
