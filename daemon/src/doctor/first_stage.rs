//! The first stage of a sign-in that fails, by what was found: what whoever helps asks first.

use hybrid_diagnosis::catalogue::{self, CANCELLED_HERE};
use hybrid_diagnosis::check::Conclusion;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{EventKind, Timeline};
use hybrid_protocol::Stage;
use serde_json::{Value, json};

/// Where it fails first, and what says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FirstStage {
    /// `None` is before the first one.
    stage: Option<Stage>,
    code: String,
    name: String,
    /// The last sign-in failed so; otherwise the next one would.
    happened: bool,
    /// The person ended it, and this is what stood there.
    stopped: bool,
}

impl FirstStage {
    /// Of what is wrong now and what went wrong in the last sign-in, the earliest; `None` when
    /// nothing is.
    pub fn find(conclusion: &Conclusion, last: Option<(&Timeline, &[Finding])>) -> Option<Self> {
        let now = conclusion.blocking.iter().map(|finding| Self {
            stage: stage_of(finding.code),
            code: finding.code.to_owned(),
            name: name_of(finding.code),
            happened: false,
            stopped: false,
        });
        let last = last.and_then(|(timeline, findings)| {
            let mut entries = timeline.entries().iter().rev();
            let failed = entries.find_map(|entry| {
                if let EventKind::Answered(status) = entry.what {
                    // The phone said no, which is no failure of the session.
                    return (status != 0).then_some(Stage::Reply);
                }
                let EventKind::Failed(failed) = &entry.what else {
                    return None;
                };
                Some(failed.at)
            })?;
            // A new code may have helped.
            let done = { timeline.entries().last() }.map(|entry| &entry.what);
            if done == Some(&EventKind::Done { ok: true }) {
                return None;
            }
            let cancelled = |finding: &&Finding| finding.code == CANCELLED_HERE.code;
            let stopped = findings.first().filter(cancelled).is_some();
            // Whoever cancels often does so because of what stands there.
            let cause = findings.iter().find(|finding| !cancelled(finding));
            let code = { cause.or(findings.first()) }.map_or("", |finding| finding.code);
            Some(Self {
                stage: Some(failed),
                code: code.to_owned(),
                name: name_of(code),
                happened: true,
                stopped: stopped && cause.is_some(),
            })
        });
        last.into_iter().chain(now).min_by_key(|first| {
            let place = |stage| Stage::ALL.iter().position(|known| *known == stage);
            first.stage.and_then(place)
        })
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let stage = self.stage.map_or_else(
            || "before the first stage".to_owned(),
            |stage| format!("in the stage {} ({})", stage.name(), words(stage)),
        );
        let whose = if self.happened {
            "The last sign-in failed"
        } else {
            "A sign-in would fail"
        };
        if self.code.is_empty() {
            return format!("{whose} {stage}.");
        }
        if self.stopped {
            return format!(
                "The last sign-in was cancelled {stage}, while it showed {}, {}.",
                self.code, self.name
            );
        }
        format!("{whose} {stage}: {}, {}.", self.code, self.name)
    }

    /// The members for a program.
    pub fn to_json(&self) -> Value {
        json!({
            "stage": self.stage.map(Stage::name), "code": self.code, "happened": self.happened, "sentence": self.sentence(),
        })
    }
}

fn name_of(code: &str) -> String {
    catalogue::find(code).map_or(String::new(), |entry| entry.name.to_owned())
}

/// Which stage a code keeps from ending, by its family.
fn stage_of(code: &str) -> Option<Stage> {
    match code.get(..2)? {
        "BT" | "AD" => Some(Stage::Advert),
        "NW" => Some(Stage::Tunnel),
        "HS" => Some(Stage::Handshake),
        "PH" => Some(Stage::Greeting),
        "CT" => Some(Stage::Reply),
        _ => None,
    }
}

/// What happens in a stage, for who does not know its name.
const fn words(stage: Stage) -> &'static str {
    match stage {
        Stage::Contact => "the relay wakes the phone",
        Stage::Advert => "the phone scans the code and is heard by Bluetooth",
        Stage::Tunnel => "this computer connects to the relay",
        Stage::Handshake => "phone and computer agree on keys",
        Stage::Greeting => "the phone says what it can do",
        Stage::Request => "the request goes to the phone",
        Stage::Reply => "the phone's user approves",
        Stage::Linger | Stage::Done | _ => "the end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::catalogue::OFFLINE;
    use hybrid_diagnosis::check::{Check, Verdict};
    use hybrid_diagnosis::timeline::{FailureKind, SessionFailure, TimelineEntry};
    use std::time::Duration;

    fn failing(code: &str) -> Conclusion {
        let entry = catalogue::find(code).unwrap();
        let verdict = Verdict::Fail(Finding::certain(entry, "seen"));
        Conclusion::of(&[Check::new("a: b", Duration::ZERO, "", verdict)])
    }

    fn failed(at: Stage) -> Timeline {
        let mut timeline = Timeline::default();
        let failure = SessionFailure {
            at,
            why: FailureKind::TimedOut,
            detail: "x".to_owned(),
        };
        for what in [EventKind::Failed(failure), EventKind::Done { ok: false }] {
            let at = Duration::from_secs(1);
            timeline.push(TimelineEntry { at, what });
        }
        timeline
    }

    #[test]
    fn the_earliest_stage_is_the_first() {
        let none = Conclusion::of(&[]);
        assert_eq!(FirstStage::find(&none, None), None);
        let network = failing(OFFLINE.code);
        let told = FirstStage::find(&network, None).unwrap().sentence();
        assert!(
            told.starts_with("A sign-in would fail in the stage tunnel"),
            "{told}"
        );
        let advert = failed(Stage::Advert);
        let told = FirstStage::find(&network, Some((&advert, &[])))
            .unwrap()
            .sentence();
        assert!(
            told.starts_with("The last sign-in failed in the stage advert"),
            "{told}"
        );
        let reply = failed(Stage::Reply);
        let told = FirstStage::find(&network, Some((&reply, &[]))).unwrap();
        assert_eq!(told.to_json()["stage"], "tunnel");
        let mut later = failed(Stage::Advert);
        later.push(TimelineEntry {
            at: Duration::from_secs(2),
            what: EventKind::Done { ok: true },
        });
        assert_eq!(FirstStage::find(&none, Some((&later, &[]))), None);
        let mut declined = Timeline::default();
        for what in [EventKind::Answered(0x27), EventKind::Done { ok: false }] {
            let at = Duration::from_secs(1);
            declined.push(TimelineEntry { at, what });
        }
        let told = FirstStage::find(&none, Some((&declined, &[]))).unwrap();
        assert_eq!(told.to_json()["stage"], "reply");
        let cancelled = [&CANCELLED_HERE, &OFFLINE].map(|entry| Finding::certain(entry, "seen"));
        let told = FirstStage::find(&none, Some((&advert, &cancelled))).unwrap();
        assert!(
            told.sentence()
                .contains("was cancelled in the stage advert")
        );
        assert_eq!(told.to_json()["code"], OFFLINE.code);
        let settings = FirstStage::find(&failing("US03"), Some((&reply, &[]))).unwrap();
        assert!(settings.sentence().contains("before the first stage"));
    }
}
