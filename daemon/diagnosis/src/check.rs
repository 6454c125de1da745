//! One prerequisite, looked at without a phone: what `hybridd doctor` lists and `explain` takes
//! into account.

use crate::finding::{Certainty, Finding, without_consequences};
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::time::Duration;

/// The answer to one question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was looked at, such as `relay cable.ua5v.com: TLS`.
    pub name: String,
    /// How long it took.
    pub took: Duration,
    /// What was seen.
    pub evidence: String,
    /// What follows from it.
    pub verdict: Verdict,
}

/// What follows from a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// No problems found.
    Ok,
    /// It works, but something is odd.
    Warn(Finding),
    /// It keeps sign-ins from working.
    Fail(Finding),
    /// It could not be looked at, and why.
    NotChecked(String),
}

impl Check {
    /// The answer to a question. Evidence and reasons may quote what others say; nothing in them
    /// can steer a terminal.
    pub fn new(name: &str, took: Duration, evidence: &str, verdict: Verdict) -> Self {
        Self {
            name: printable(name),
            took,
            evidence: printable(evidence),
            verdict: match verdict {
                Verdict::NotChecked(why) => Verdict::NotChecked(printable(&why)),
                Verdict::Ok | Verdict::Warn(_) | Verdict::Fail(_) => verdict,
            },
        }
    }

    /// What the check belongs to, and its own name there: `relay cable.ua5v.com` and `tls`.
    pub fn place(&self) -> (&str, &str) {
        self.name.split_once(": ").unwrap_or(("", &self.name))
    }

    /// What is wrong, if anything.
    pub const fn finding(&self) -> Option<&Finding> {
        match &self.verdict {
            Verdict::Warn(finding) | Verdict::Fail(finding) => Some(finding),
            Verdict::Ok | Verdict::NotChecked(_) => None,
        }
    }

    /// One step of a report.
    pub fn to_json(&self) -> Value {
        let finding = self.finding().map(Finding::to_json);
        let why = match &self.verdict {
            Verdict::NotChecked(why) => Some(why),
            Verdict::Ok | Verdict::Warn(_) | Verdict::Fail(_) => None,
        };
        json!({
            "ev": "check",
            "name": self.name,
            "ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "verdict": self.verdict.name(),
            "evidence": self.evidence,
            "not_checked_because": why,
            "finding": finding,
        })
    }
}

impl Verdict {
    /// What follows from something that keeps sign-ins from working, if it is so: it fails the step
    /// once that is likely. What is merely possible is told, and fails nothing.
    pub fn of(finding: Finding) -> Self {
        match finding.certainty {
            Certainty::Likely | Certainty::Certain => Self::Fail(finding),
            Certainty::Possible => Self::Warn(finding),
        }
    }

    /// The word in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn(_) => "warn",
            Self::Fail(_) => "fail",
            Self::NotChecked(_) => "not checked",
        }
    }
}

/// What an examination comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conclusion {
    /// No step failed.
    pub ok: bool,
    /// What keeps sign-ins from working, the surest first.
    pub blocking: Vec<Finding>,
    /// What is odd and does no harm by itself, the surest first.
    pub notable: Vec<Finding>,
}

impl Conclusion {
    /// Sums up; mere consequences of something else are left out.
    pub fn of(checks: &[Check]) -> Self {
        let fails = |check: &&Check| matches!(check.verdict, Verdict::Fail(_));
        let mut found: Vec<_> = checks
            .iter()
            .filter(|check| check.finding().is_some())
            .collect();
        found.sort_by_key(|check| {
            Reverse((
                fails(check),
                check.finding().map(|finding| finding.certainty),
            ))
        });
        let findings = without_consequences(named(&found));
        let failed: Vec<_> = checks
            .iter()
            .filter(fails)
            .filter_map(Check::finding)
            .collect();
        let (blocking, notable) = findings
            .into_iter()
            .partition(|finding| failed.iter().any(|failed| failed.code == finding.code));
        Self {
            ok: failed.is_empty(),
            blocking,
            notable,
        }
    }

    /// All findings; the first is the one to act on.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.blocking.iter().chain(&self.notable)
    }

    /// A line for people, and the findings that belong below it.
    pub fn sections(&self) -> Vec<(&'static str, &[Finding])> {
        let blocking = (
            "Problems that prevent some or all sign-ins:",
            self.blocking.as_slice(),
        );
        let notable = |line| (line, self.notable.as_slice());
        match (self.blocking.is_empty(), self.notable.is_empty()) {
            (true, true) => vec![("No problems found.", &[])],
            (true, false) if self.ok => vec![notable("No step failed. Findings:")],
            // What failed is a consequence of what is odd.
            (true, false) => vec![notable("Problems that may prevent sign-in:")],
            (false, true) => vec![blocking],
            (false, false) => vec![blocking, notable("Other findings:")],
        }
    }
}

/// The findings of checks. What has the same code in several places, as surely, names each place: who
/// is told of one alone takes the others for fine.
fn named(checks: &[&Check]) -> Vec<Finding> {
    let mut findings: Vec<(Vec<&str>, Finding)> = Vec::new();
    for check in checks {
        let Some(finding) = check.finding() else {
            continue;
        };
        let (place, _) = check.place();
        let same = findings
            .iter_mut()
            .find(|(_, known)| (known.code, known.certainty) == (finding.code, finding.certainty));
        match same {
            Some((places, known)) => {
                let saw = finding.saw.as_str();
                if !places.contains(&place) && !known.saw.contains(saw) {
                    known.saw = format!("{} {saw}", known.saw);
                }
                places.push(place);
            }
            None => findings.push((vec![place], finding.clone())),
        }
    }
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// A heading as people read it: with a capital.
pub fn title(heading: &str) -> String {
    let mut chars = heading.chars();
    let first = chars.next().map(|char| char.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{
        BLUETOOTH_OFF, LARGE_PACKETS_LOST, RELAY_UNREACHABLE, SEVERAL_ADAPTERS, TLS_FAILED,
    };

    fn conclusion(verdicts: impl IntoIterator<Item = Verdict>) -> Conclusion {
        let checks = verdicts
            .into_iter()
            .map(|verdict| Check::new("x", Duration::ZERO, "y", verdict));
        Conclusion::of(&checks.collect::<Vec<_>>())
    }

    #[test]
    fn what_keeps_sign_ins_from_working_is_told_apart_from_what_is_odd() {
        let odd = || Verdict::Warn(Finding::possible(&SEVERAL_ADAPTERS, "two"));
        let lines = |conclusion: &Conclusion| -> Vec<_> {
            let sections = conclusion.sections().into_iter();
            sections
                .map(|(line, findings)| (line, findings.len()))
                .collect()
        };
        assert_eq!(
            lines(&conclusion([Verdict::Ok])),
            [("No problems found.", 0)]
        );
        assert_eq!(
            lines(&conclusion([odd()])),
            [("No step failed. Findings:", 1)]
        );
        let broken = conclusion([
            odd(),
            Verdict::Fail(Finding::likely(&RELAY_UNREACHABLE, "no")),
            Verdict::Fail(Finding::certain(&BLUETOOTH_OFF, "off")),
        ]);
        assert!(!broken.ok);
        assert_eq!(lines(&broken)[1], ("Other findings:", 1));
        let codes: Vec<_> = broken.findings().map(|finding| finding.code).collect();
        assert_eq!(codes, ["BT03", "NW03", "BT09"]);
    }

    #[test]
    fn what_fails_in_several_places_names_each_of_them_once() {
        let check =
            |name: &str, finding| Check::new(name, Duration::ZERO, "", Verdict::Fail(finding));
        let fails = |place: &str, saw: &str| check(place, Finding::likely(&RELAY_UNREACHABLE, saw));
        let conclusion = Conclusion::of(&[
            fails("relay a.example: TCP over IPv4", "a.example: refused"),
            fails("relay a.example: TCP over IPv6", "a.example: no route"),
            fails("relay b.example: TCP over IPv4", "b.example: refused."),
            fails("relay c.example: TCP over IPv4", "b.example: refused"),
            check(
                "relay d.example: TCP over IPv4",
                Finding::possible(&RELAY_UNREACHABLE, "d.example: slow"),
            ),
        ]);
        let [finding] = &conclusion.blocking[..] else {
            panic!("{conclusion:?}")
        };
        assert_eq!(finding.saw, "a.example: refused. b.example: refused.");
    }

    #[test]
    fn a_step_that_failed_of_something_odd_is_not_told_to_work() {
        let conclusion = conclusion([
            Verdict::Fail(Finding::likely(&TLS_FAILED, "no")),
            Verdict::Warn(Finding::likely(&LARGE_PACKETS_LOST, "small")),
        ]);
        assert_eq!((conclusion.ok, conclusion.blocking.len()), (false, 0));
        assert_eq!(
            conclusion.sections()[0].0,
            "Problems that may prevent sign-in:"
        );
    }

    #[test]
    fn what_others_say_of_themselves_cannot_steer_a_terminal() {
        let hostile = "hci0\u{1b}[2J\u{9b}\u{202e}";
        for verdict in [Verdict::Ok, Verdict::NotChecked(hostile.to_owned())] {
            let check = Check::new(hostile, Duration::ZERO, hostile, verdict);
            assert_eq!(
                (check.name.as_str(), check.evidence.as_str()),
                ("hci0[2J", "hci0[2J")
            );
            let json = check.to_json().to_string();
            assert!(
                !json.contains(['\u{9b}', '\u{202e}']) && !json.contains("u001b"),
                "{json}"
            );
        }
    }
}
