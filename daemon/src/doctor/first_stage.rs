//! The first stage of a sign-in that fails, by what was found: what whoever helps asks first.

use super::last_sign_in::LastSignIn;
use super::sign_in_account::SignInAccount;
use crate::history::CeremonyRecord;
use hybrid_diagnosis::catalogue::{
    self, CANCELLED_HERE, POLICY_MAY_REFUSE, POLICY_OF_LITTLE_USE, POLICY_REFUSES, POLICY_UNREAD,
};
use hybrid_diagnosis::check::Conclusion;
use hybrid_diagnosis::finding::Finding;
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
    /// It is one with the security key.
    by_key: bool,
}

impl FirstStage {
    /// Of what is wrong now and what went wrong in the last sign-in, the earliest; `None` when
    /// nothing is. What keeps the security key away keeps no command from signing in.
    pub fn find(conclusion: &Conclusion, last: LastSignIn<'_>) -> Option<Self> {
        let by_key = matches!(last, LastSignIn::SecurityKey(_));
        let wrong = conclusion.blocking.iter();
        let now = wrong.filter(|finding| by_key || !is_of_key(finding.code));
        let now = now.map(|finding| Self {
            stage: stage_of(finding.code),
            code: finding.code.to_owned(),
            name: name_of(finding.code),
            happened: false,
            stopped: false,
            by_key,
        });
        let last = match last {
            LastSignIn::Unknown => None,
            LastSignIn::Command(account) => Self::of_command(account),
            LastSignIn::SecurityKey(record) => Self::of_key(record),
        };
        last.into_iter().chain(now).min_by_key(|first| {
            let place = |stage| Stage::ALL.iter().position(|known| *known == stage);
            first.stage.and_then(place)
        })
    }

    /// Where a sign-in from the command line failed, if it did.
    fn of_command(account: &SignInAccount) -> Option<Self> {
        let failed = account.failed_at()?;
        let findings = &account.findings;
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
            by_key: false,
        })
    }

    /// Where one with the security key failed, if it did: in the last stage that began.
    fn of_key(record: &CeremonyRecord) -> Option<Self> {
        let code = record.cause();
        let began = record.stages.last().map(|(stage, _)| *stage);
        (!record.is_done()).then(|| Self {
            stage: began.or_else(|| stage_of(code)),
            code: code.to_owned(),
            name: name_of(code),
            happened: true,
            stopped: code != record.result,
            by_key: true,
        })
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let stage = self.stage.map_or_else(
            || "before the first stage".to_owned(),
            |stage| format!("in the stage {} ({})", stage.name(), words(stage)),
        );
        let with_key = if self.by_key {
            " with the security key"
        } else {
            ""
        };
        let whose = if self.happened {
            format!("The last sign-in{with_key} failed")
        } else {
            format!("A sign-in{with_key} would fail")
        };
        if self.code.is_empty() {
            return format!("{whose} {stage}.");
        }
        if self.stopped {
            return format!(
                "The last sign-in{with_key} was cancelled {stage}, while it showed {}, {}.",
                self.code, self.name
            );
        }
        format!("{whose} {stage}: {}, {}.", self.code, self.name)
    }

    /// The members for a program.
    pub fn to_json(&self) -> Value {
        json!({
            "stage": self.stage.map(Stage::name), "code": self.code, "happened": self.happened, "security_key": self.by_key,
            "sentence": self.sentence(),
        })
    }
}

/// What keeps programs from the security key, apart from all that a sign-in needs as well.
pub fn of_key_alone(conclusion: &Conclusion) -> Option<String> {
    let wrong = conclusion.blocking.iter();
    let told: Vec<String> = wrong
        .filter(|finding| is_of_key(finding.code))
        .map(|finding| format!("{}, {}", finding.code, name_of(finding.code)))
        .collect();
    let told = told.join("; ");
    (!told.is_empty()).then(|| format!("What keeps programs from the security key: {told}."))
}

/// An organisation's exports are read for commands, too.
fn is_of_key(code: &str) -> bool {
    let policy = [
        &POLICY_REFUSES,
        &POLICY_MAY_REFUSE,
        &POLICY_UNREAD,
        &POLICY_OF_LITTLE_USE,
    ];
    code.starts_with("UH") && policy.iter().all(|entry| entry.code != code)
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
    use hybrid_diagnosis::timeline::{
        EventKind, FailureKind, SessionFailure, Timeline, TimelineEntry,
    };
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

    fn account(timeline: &Timeline, findings: &[Finding]) -> SignInAccount {
        SignInAccount {
            about: None,
            timeline: timeline.clone(),
            findings: findings.to_vec(),
        }
    }

    #[test]
    fn what_hides_the_key_is_no_stage_of_a_sign_in_from_the_command_line() {
        let wrong = ["UH01", "NW01", "BT02"].map(|code| {
            let entry = catalogue::find(code).unwrap();
            Check::new(
                "a: b",
                Duration::ZERO,
                "",
                Verdict::Fail(Finding::certain(entry, "seen")),
            )
        });
        let now = Conclusion::of(&wrong);
        let last = failed(Stage::Advert);
        let findings = [Finding::certain(catalogue::find("BT02").unwrap(), "seen")];
        let told = FirstStage::find(&now, LastSignIn::Command(&account(&last, &findings)))
            .unwrap()
            .sentence();
        assert!(
            told.starts_with("The last sign-in failed in the stage advert")
                && told.contains("BT02"),
            "{told}"
        );
        let apart = of_key_alone(&now).unwrap();
        assert!(apart.ends_with(": UH01, no /dev/uhid."), "{apart}");
        assert_eq!(
            FirstStage::find(&failing("UH01"), LastSignIn::Unknown),
            None
        );
        assert_eq!(
            of_key_alone(&failing("UH27")),
            None,
            "it is of commands, too"
        );
    }

    #[test]
    fn after_a_sign_in_with_the_key_what_hides_the_key_comes_first() {
        let record = CeremonyRecord {
            by: "agent".to_owned(),
            result: CANCELLED_HERE.code.to_owned(),
            findings: vec!["BT02".to_owned()],
            stages: vec![(Stage::Advert, 1)],
            ..CeremonyRecord::sample()
        };
        let last = LastSignIn::SecurityKey(&record);
        let told = FirstStage::find(&failing("UH01"), last).unwrap().sentence();
        let expected = "A sign-in with the security key would fail before the first stage: UH01, no /dev/uhid.";
        assert_eq!(told, expected);
        let told = FirstStage::find(&failing("NW01"), last).unwrap().sentence();
        let expected = "The last sign-in with the security key was cancelled in the stage advert";
        assert!(
            told.starts_with(expected) && told.contains("BT02"),
            "{told}"
        );
    }

    #[test]
    fn the_earliest_stage_is_the_first() {
        let none = Conclusion::of(&[]);
        assert_eq!(FirstStage::find(&none, LastSignIn::Unknown), None);
        let network = failing(OFFLINE.code);
        let told = FirstStage::find(&network, LastSignIn::Unknown)
            .unwrap()
            .sentence();
        assert!(
            told.starts_with("A sign-in would fail in the stage tunnel"),
            "{told}"
        );
        let advert = failed(Stage::Advert);
        let told = FirstStage::find(&network, LastSignIn::Command(&account(&advert, &[])))
            .unwrap()
            .sentence();
        assert!(
            told.starts_with("The last sign-in failed in the stage advert"),
            "{told}"
        );
        let reply = failed(Stage::Reply);
        let told = FirstStage::find(&network, LastSignIn::Command(&account(&reply, &[]))).unwrap();
        assert_eq!(told.to_json()["stage"], "tunnel");
        let mut later = failed(Stage::Advert);
        later.push(TimelineEntry {
            at: Duration::from_secs(2),
            what: EventKind::Done { ok: true },
        });
        assert_eq!(
            FirstStage::find(&none, LastSignIn::Command(&account(&later, &[]))),
            None
        );
        let mut declined = Timeline::default();
        for what in [EventKind::Answered(0x27), EventKind::Done { ok: false }] {
            let at = Duration::from_secs(1);
            declined.push(TimelineEntry { at, what });
        }
        let told = FirstStage::find(&none, LastSignIn::Command(&account(&declined, &[]))).unwrap();
        assert_eq!(told.to_json()["stage"], "reply");
        let cancelled = [&CANCELLED_HERE, &OFFLINE].map(|entry| Finding::certain(entry, "seen"));
        let told =
            FirstStage::find(&none, LastSignIn::Command(&account(&advert, &cancelled))).unwrap();
        assert!(
            told.sentence()
                .contains("was cancelled in the stage advert")
        );
        assert_eq!(told.to_json()["code"], OFFLINE.code);
        let settings =
            FirstStage::find(&failing("US03"), LastSignIn::Command(&account(&reply, &[]))).unwrap();
        assert!(settings.sentence().contains("before the first stage"));
    }
}
