//! From what happened to why: pure, from data to findings. It serves a session that failed, one that still waits, and a saved timeline.
//!
//! The order of a sign-in partitions the causes (design: the phone needs its own internet first, then Bluetooth; this computer's network
//! is used only after the phone was heard), so that the stage and what was heard decide whose fault it can be.

mod answerer;
mod evidence;
mod network;
mod radio;
mod status;

pub use answerer::Answerer;
pub use network::{answer, network};
pub use radio::radio;
pub use status::status;

use crate::catalogue::{
    AD01, AD02, AD03, AD04, AD06, BT07, BT08, CT39, HS01, HS02, HS03, HS04, HS05, HS06, HS07, NW19, NW20, NW21, PH01,
    PH02, PH03, PH07, PH08, US01, US99,
};
use crate::check::{Check, Verdict};
use crate::finding::{Certainty, Finding, without_consequences};
use crate::timeline::{FailureKind, SessionFailure, Timeline};
use evidence::Evidence;
use hybrid_protocol::Stage;
use std::time::Duration;

/// Waiting for less than this is ordinary and needs no explanation. Sessions look once a second, so that it stands there before 15 s are
/// over.
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

/// What is known about why a session does not advance, or did not. The first finding is the one to act on; none means that nothing is
/// wrong so far.
pub fn explain(timeline: &Timeline, checks: &[Check]) -> Vec<Finding> {
    let seen = Evidence::of(timeline);
    let mut findings = match (&seen.failed, seen.answered) {
        (Some(failed), _) => failure(failed, &seen),
        (None, Some(0)) => Vec::new(),
        (None, Some(byte)) => vec![status(byte)],
        (None, None) if seen.done => Vec::new(),
        (None, None) => waiting(&seen),
    };
    if seen.small_packets && !seen.done {
        let saw = "the relay answers only when this computer asks for small packets; the sign-in goes on with those";
        findings.push(Finding::likely(&NW20, saw));
    }
    let silent_phone = findings.iter().any(|finding| finding.code == AD01.code);
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
                seen.trouble.is_some() || finding.certainty == Certainty::Certain || waited >= PATIENCE
            });
            likeliest_first(advert.into_iter().chain(network::ahead(seen)))
        }
        Stage::Contact if waited >= SILENCE => {
            vec![Finding::possible(
                &PH01,
                "the relay has not reached the linked phone yet",
            )]
        }
        Stage::Handshake | Stage::Greeting if waited >= SILENCE => {
            vec![Finding::possible(
                &HS01,
                "the tunnel is open, but the phone has not answered yet",
            )]
        }
        Stage::Reply if waited >= PATIENCE => vec![Finding::possible(
            &PH07,
            "the phone has the request, but nobody has answered it yet",
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

fn failure(failed: &SessionFailure, seen: &Evidence) -> Vec<Finding> {
    let detail = failed.detail.as_str();
    match failed.why {
        FailureKind::TimedOut => timed_out(failed.at, seen),
        FailureKind::Cancelled => vec![Finding::certain(
            &US01,
            &format!("you stopped it {}", during(failed.at)),
        )],
        FailureKind::Tunnel(fault) => network::of_session(failed.at, fault, seen),
        FailureKind::Closed(code) => closed(failed.at, code, seen),
        FailureKind::PeerShutdown => vec![Finding::likely(
            &HS05,
            &format!("the phone ended the session {}", during(failed.at)),
        )],
        FailureKind::Handshake => vec![Finding::likely(&HS02, detail)],
        FailureKind::Frame => vec![Finding::likely(&HS04, detail)],
        FailureKind::NoPasskeys => vec![Finding::likely(&PH08, detail)],
        FailureKind::Message => vec![Finding::likely(&HS03, detail)],
        FailureKind::Rules => vec![Finding::likely(&HS06, detail)],
        FailureKind::Defect => vec![Finding::certain(&US99, detail)],
    }
}

fn timed_out(at: Stage, seen: &Evidence) -> Vec<Finding> {
    match at {
        Stage::Contact => vec![Finding::likely(
            &PH01,
            "the relay could not reach the linked phone in time",
        )],
        Stage::Advert => likeliest_first(advert(seen, Certainty::Likely).into_iter().chain(network::ahead(seen))),
        Stage::Tunnel => network::of_slow_session(seen),
        Stage::Handshake => vec![Finding::likely(
            &HS01,
            "the tunnel is open, but the phone did not answer",
        )],
        Stage::Greeting => vec![
            Finding::likely(
                &HS01,
                "the keys are agreed on, but the phone did not say what it can do",
            ),
            Finding::possible(&NW20, "a small message passed and a larger one did not"),
        ],
        Stage::Reply => vec![Finding::likely(
            &PH07,
            "the phone has the request, but nobody answered it in time",
        )],
        Stage::Request | Stage::Linger | Stage::Done | _ => {
            vec![Finding::certain(&US99, &format!("time ran out {}", during(at)))]
        }
    }
}

/// When something happened, as a person follows a sign-in: the end of a sentence.
pub const fn during(stage: Stage) -> &'static str {
    match stage {
        Stage::Contact => "while the linked phone was being contacted",
        Stage::Advert => "while waiting for the phone",
        Stage::Tunnel => "while connecting to the relay",
        Stage::Handshake => "while agreeing on keys with the phone",
        Stage::Greeting => "before the phone said what it can do",
        Stage::Request => "before the request was sent",
        Stage::Reply => "while the phone was asking its user",
        Stage::Linger | Stage::Done => "after the phone had answered",
        _ => "in a stage that this program does not know",
    }
}

/// Several causes can hold at once; the one to act on first is the surest.
fn likeliest_first(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut findings: Vec<_> = findings.collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.certainty));
    findings
}

/// Why no advert of ours was heard. `unsure` is how sure it can be where several causes look the same.
fn advert(seen: &Evidence, unsure: Certainty) -> Option<Finding> {
    if let Some(trouble) = &seen.trouble {
        return Some(radio(trouble));
    }
    if seen.stale > 0 {
        return Some(Finding::certain(
            &AD03,
            "a phone that scanned an earlier code is nearby",
        ));
    }
    if seen.unknown > 0 {
        let saw = "the phone's advert holds something that this version of hybridd does not know";
        return Some(Finding::certain(&AD06, saw));
    }
    if seen.ours {
        return None;
    }
    Some(match (seen.foreign, seen.malformed, seen.neighbours) {
        (1.., _, _) => Finding::new(
            &AD02,
            unsure,
            "phones that scanned other codes were heard, but none that scanned this one",
        ),
        (0, 1.., _) => Finding::new(
            &AD04,
            unsure,
            "adverts were heard that are too short to be a passkey advert",
        ),
        (0, 0, 1..) => Finding::new(
            &AD01,
            unsure,
            &match seen.neighbours {
                1 => "1 Bluetooth device was heard, but no phone that scanned this code".to_owned(),
                more => format!("{more} Bluetooth devices were heard, but no phone that scanned this code"),
            },
        ),
        (0, 0, 0) if !seen.listening => Finding::new(&BT07, unsure, "Bluetooth has not started to listen"),
        (0, 0, 0) => Finding::new(&BT08, unsure, "no Bluetooth device of any kind was heard"),
    })
}

/// What to look at on a phone that stays silent, in the order of likelihood.
fn silent(checks: &[Check], seen: &Evidence) -> Vec<Finding> {
    let reachable = seen.reached_ahead()
        || checks
            .iter()
            .any(|check| check.verdict == Verdict::Ok && check.name.starts_with(RELAY));
    let mut findings = vec![Finding::possible(&PH01, "nothing was heard from the phone")];
    if reachable {
        findings.push(Finding::possible(
            &PH02,
            "this computer can reach the relay, but the phone stays silent",
        ));
    }
    findings.push(Finding::possible(
        &PH03,
        "nothing was heard from the phone over Bluetooth",
    ));
    findings
}

/// How the names of checks begin that look at a relay.
pub const RELAY: &str = "relay ";

fn closed(at: Stage, code: Option<u16>, seen: &Evidence) -> Vec<Finding> {
    let how = code.map_or_else(String::new, |code| format!(" (code {code})"));
    if code == Some(PROTOCOL_ERROR) {
        let saw = format!(
            "what came through the tunnel breaks the rules of WebSocket{how}, {}",
            during(at)
        );
        return vec![Finding::likely(&HS06, &saw)];
    }
    match at {
        Stage::Reply => {
            let waited = seen.waited();
            let idle = IDLE_LIMITS
                .iter()
                .any(|limit| waited.abs_diff(*limit) <= IDLE_TOLERANCE);
            let silence = format!("the connection was closed after {} s of silence{how}", waited.as_secs());
            let mut findings = match code {
                Some(NO_GOODBYE) => {
                    let finding = if idle {
                        Finding::likely(&NW19, &silence)
                    } else {
                        Finding::likely(&NW21, "the connection ended without a goodbye, after the request")
                    };
                    let other = "with some relays, a phone that ends the session looks the same";
                    return vec![finding, Finding::possible(&HS05, other)];
                }
                // A goodbye that the relay passed on; iPhones say no more.
                None | Some(1000) => {
                    let saw = format!("the phone closed the session after the request{how}");
                    vec![Finding::likely(&HS05, &saw)]
                }
                Some(TOO_LARGE) => {
                    let saw = format!("the relay ended the tunnel at the request{how}");
                    vec![Finding::likely(&CT39, &saw)]
                }
                // The relay's own words: it lost the phone, or its limits were reached. Some relays say so of a goodbye, too.
                Some(_) => {
                    let saw = format!("the relay ended the tunnel after the request{how}");
                    vec![
                        Finding::likely(&HS07, &saw),
                        Finding::possible(&HS05, "the phone may have closed the session after the request"),
                    ]
                }
            };
            if idle {
                findings.push(Finding::possible(&NW19, &silence));
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
            &HS07,
            &format!("the tunnel was closed{how} {}", during(at)),
        )],
    }
}

#[cfg(test)]
mod tests;
