//! The words that a person reads about what happens.

use crate::catalogue::CANCELLED_HERE;
use crate::explain::during;
use crate::observation::network::Step;
use crate::observation::radio::WEAK;
use crate::timeline::{AdvertOwner, EventKind, FailureKind};
use hybrid_protocol::{Stage, printable_lines};
use std::time::Duration;

/// What a person reads about an event; nothing for those that only scripts want.
///
/// Texts of relays, certificates and phones end up here; nothing in them can steer a terminal.
pub fn line(what: &EventKind) -> Option<String> {
    raw(what).map(|text| printable_lines(&text))
}

fn raw(what: &EventKind) -> Option<String> {
    match what {
        // A conversation that is over is not yet a success.
        EventKind::Stage(Stage::Done) => None,
        // Its answer is told as it comes, before what it means.
        EventKind::Stage(Stage::Linger) => None,
        EventKind::Answered(_) => Some(stage_line(Stage::Linger).to_owned()),
        EventKind::Stage(stage) => Some(stage_line(*stage).to_owned()),
        EventKind::Done { ok } => ok.then(|| stage_line(Stage::Done).to_owned()),
        EventKind::Listening(adapters) => {
            Some(format!("Bluetooth is listening ({})", adapters.join(", ")))
        }
        EventKind::Heard(heard) => match heard.whose {
            AdvertOwner::Ours => Some(heard.rssi.map_or_else(
                || "the phone is nearby".to_owned(),
                |rssi| format!("the phone is nearby ({rssi} dBm{})", strength(rssi)),
            )),
            AdvertOwner::Stale => Some("a phone that scanned an earlier code is nearby".to_owned()),
            AdvertOwner::Beacon => Some(
                "the test advert of hybridd beacon was received; it does not come from a phone"
                    .to_owned(),
            ),
            AdvertOwner::Foreign | AdvertOwner::Malformed | AdvertOwner::Unknown => None,
        },
        EventKind::Net(step) => Some(match &step.outcome {
            Ok(text) | Err(text) => format!("  {}: {text}{}", step.step.name(), took(step.took)),
        }),
        EventKind::Ahead(step) if step.step == Step::Tls && step.outcome.is_ok() => {
            Some(format!("this computer can reach the relay {}", step.host))
        }
        // What fails becomes a finding.
        EventKind::Ahead(_) => None,
        // Who stopped it knows why.
        EventKind::Finding(finding) if finding.code == CANCELLED_HERE.code => None,
        EventKind::Finding(finding) => Some(finding.to_string()),
        EventKind::Failed(failed) if failed.why == FailureKind::Cancelled => Some(format!(
            "you cancelled {} ({})",
            during(failed.at),
            CANCELLED_HERE.code
        )),
        EventKind::Failed(failed) => Some(format!(
            "the session ended {}: {}",
            during(failed.at),
            failed.detail
        )),
        EventKind::Paused(paused) => Some(format!(
            "this computer was suspended, or hybridd was stopped, for {} s",
            paused.as_secs()
        )),
        // The finding that follows says it, and what to do.
        EventKind::Radio(_) => None,
        EventKind::NewCode | EventKind::Neighbours(_) => None,
    }
}

/// What a strength means, when it is one to worry about.
const fn strength(rssi: i16) -> &'static str {
    if rssi < WEAK { ", a weak signal" } else { "" }
}

/// A time worth telling.
fn took(time: Duration) -> String {
    match time.as_millis() {
        0 => String::new(),
        ms => format!(" ({ms} ms)"),
    }
}

/// What the session does in a stage.
pub const fn stage_line(stage: Stage) -> &'static str {
    match stage {
        Stage::Contact => "asking the relay to wake the phone",
        Stage::Advert => "waiting for the phone: scan the code",
        Stage::Tunnel => "connecting to the relay that the phone chose",
        Stage::Handshake => "exchanging keys with the phone",
        Stage::Greeting => "asking the phone for its features",
        Stage::Request => "sending the request",
        Stage::Reply => "confirm on the phone",
        Stage::Linger => "the phone has answered",
        Stage::Done => "done",
        _ => "continuing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Finding;
    use crate::observation::network::NetStep;
    use crate::timeline::SessionFailure;

    #[test]
    fn only_a_success_is_told_to_be_done() {
        assert_eq!(line(&EventKind::Stage(Stage::Done)), None);
        assert_eq!(line(&EventKind::Done { ok: false }), None);
        assert_eq!(line(&EventKind::Done { ok: true }).as_deref(), Some("done"));
    }

    #[test]
    fn one_line_tells_that_somebody_stopped_it() {
        let failed = EventKind::Failed(SessionFailure {
            at: Stage::Advert,
            why: FailureKind::Cancelled,
            detail: "cancelled".to_owned(),
        });
        let finding = EventKind::Finding(Finding::certain(&CANCELLED_HERE, "you cancelled"));
        let told = "you cancelled while waiting for the phone (US01)";
        assert_eq!(line(&failed).as_deref(), Some(told));
        assert_eq!(line(&finding), None);
    }

    #[test]
    fn that_the_phone_answered_is_told_with_its_answer_and_not_after_what_it_means() {
        let answered = line(&EventKind::Answered(0x27));
        assert_eq!(answered.as_deref(), Some("the phone has answered"));
        assert_eq!(line(&EventKind::Stage(Stage::Linger)), None);
    }

    #[test]
    fn what_a_relay_says_cannot_steer_a_terminal() {
        let step = NetStep {
            step: Step::Tls,
            host: "cable.ua5v.com".to_owned(),
            took: Duration::ZERO,
            outcome: Err("for \u{1b}[2J\u{9b}0m\u{202e} another\nname".to_owned()),
            addr: None,
            code: None,
        };
        let line = line(&EventKind::Net(step)).unwrap();
        assert_eq!(line, "  tls: for [2J0m another\nname");
    }
}
