//! One ceremony as a line of JSON, and back.
//!
//! ```text
//! {"time":"2026-11-29T01:57:00Z","by":"command","operation":"sign-in","site":"example.com",
//!  "phone":"iPhone","result":"ok","findings":[],"ms":9120,"codes":1,"stages":{"advert":6100,"tunnel":900,…}}
//! ```

use hybrid_diagnosis::catalogue::CANCELLED_HERE;
use hybrid_protocol::{Stage, printable};
use serde_json::{Map, Value, json};

/// A domain name is no longer than 253.
const LONGEST: usize = 300;
/// No session has more findings at once.
const MOST_FINDINGS: usize = 16;

/// One ceremony.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CeremonyRecord {
    /// When it began, as RFC 3339 has it.
    pub time: String,
    /// `command` or `agent`.
    pub by: String,
    /// `register`, `sign-in`, `select` or `unknown`.
    pub operation: String,
    /// The rp id, or its hash.
    pub site: String,
    /// The model that the phone claims to be, by its name or its id.
    pub phone: Option<String>,
    /// `ok`, or the code that says why not.
    pub result: String,
    /// What kept it from going on when somebody ended it, by code, the likeliest first.
    pub findings: Vec<String>,
    /// From its beginning to its end.
    pub ms: u64,
    /// How many codes were shown.
    pub codes: u64,
    /// How long each stage of the last code took, in their order.
    pub stages: Vec<(Stage, u64)>,
}

impl CeremonyRecord {
    /// Whether it ended as it was to end.
    pub fn is_done(&self) -> bool {
        self.result == "ok"
    }

    /// The code to count it by. Whoever cancels often does so because of a cause that stands there.
    pub fn cause(&self) -> &str {
        let cause = (self.result == CANCELLED_HERE.code)
            .then(|| self.findings.first())
            .flatten();
        cause.unwrap_or(&self.result)
    }

    /// The day of its beginning.
    pub fn day(&self) -> &str {
        self.time.get(..10).unwrap_or(&self.time)
    }

    /// How long a stage took, if it began.
    pub fn stage(&self, stage: Stage) -> Option<u64> {
        let found = self.stages.iter().find(|(known, _)| *known == stage);
        found.map(|(_, ms)| *ms)
    }

    /// Its line.
    pub fn to_json(&self) -> Value {
        let stages: Map<String, Value> = { self.stages.iter() }
            .map(|(stage, ms)| (stage.name().to_owned(), (*ms).into()))
            .collect();
        json!({
            "time": self.time, "by": self.by, "operation": self.operation, "site": self.site, "phone": self.phone,
            "result": self.result, "findings": self.findings, "ms": self.ms, "codes": self.codes, "stages": stages,
        })
    }

    /// Reads a line back; `None` for what is none.
    pub fn from_json(line: &Value) -> Option<Self> {
        let text = |name: &str| -> Option<String> {
            let text = printable(line.get(name)?.as_str()?);
            Some(text.chars().take(LONGEST).collect())
        };
        // A version before did not write them.
        let findings = line.get("findings").and_then(Value::as_array);
        let findings = { findings.into_iter().flatten().take(MOST_FINDINGS) }
            .filter_map(|code| Some(printable(code.as_str()?).chars().take(LONGEST).collect()));
        let number = |name: &str| line.get(name).and_then(Value::as_u64);
        let stages = line.get("stages")?.as_object()?;
        let stage = |stage: &Stage| Some((*stage, stages.get(stage.name())?.as_u64()?));
        Some(Self {
            time: text("time").filter(|time| is_time(time))?,
            by: text("by")?,
            operation: text("operation")?,
            site: text("site")?,
            phone: text("phone"),
            result: text("result")?,
            findings: findings.collect(),
            ms: number("ms")?,
            codes: number("codes")?,
            stages: Stage::ALL.iter().filter_map(stage).collect(),
        })
    }
}

#[cfg(test)]
impl CeremonyRecord {
    /// A sign-in that was done.
    pub(crate) fn sample() -> Self {
        Self {
            time: "2026-11-29T01:57:00Z".to_owned(),
            by: "command".to_owned(),
            operation: "sign-in".to_owned(),
            site: "example.com".to_owned(),
            phone: Some("iPhone".to_owned()),
            result: "ok".to_owned(),
            findings: Vec::new(),
            ms: 9120,
            codes: 1,
            stages: vec![(Stage::Advert, 6100), (Stage::Tunnel, 900)],
        }
    }
}

/// `2026-11-29T01:57:00Z`
fn is_time(text: &str) -> bool {
    hybrid_policy::Moment::parse(text).is_some_and(|moment| moment.to_string() == text)
}
