//! What happened in a session, as data without secrets: safe to keep, to show, and to attach to a report.

use crate::dial::NetStep;
use crate::finding::Finding;
use crate::radio::Trouble;
use hybrid_protocol::Stage;
use serde_json::{Value, json};
use std::time::Duration;

/// Something that happened, with the time since the session began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Since the code was shown.
    pub at: Duration,
    /// What.
    pub what: What,
}

/// The kinds of things that happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A stage began.
    Stage(Stage),
    /// An advert was heard.
    Heard(Heard),
    /// The radio listens on these adapters.
    Listening(Vec<String>),
    /// The radio does not listen.
    Radio(Trouble),
    /// A step of opening the tunnel.
    Net(NetStep),
    /// The diagnosis has something to say.
    Finding(Finding),
    /// The session ended.
    Done {
        /// With a reply.
        ok: bool,
    },
}

/// An advert, without its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    /// 16-bit service UUID.
    pub uuid: u16,
    /// Whose it was.
    pub whose: Whose,
    /// Signal strength, dBm.
    pub rssi: Option<i16>,
    /// Which adapter heard it.
    pub adapter: String,
}

/// Whose an advert was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// The phone that scanned the code on the screen.
    Ours,
    /// A phone that scanned an earlier code of this program.
    Stale,
    /// Somebody else's.
    Foreign,
    /// Too short to tell.
    Malformed,
    /// Ours, but with a domain id or reserved byte of the future.
    Unknown,
}

impl Whose {
    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stale => "stale",
            Self::Foreign => "foreign",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
        }
    }
}

impl Entry {
    /// One JSON line of the events and of a saved timeline.
    pub fn to_json(&self) -> Value {
        let ms = u64::try_from(self.at.as_millis()).unwrap_or(u64::MAX);
        match &self.what {
            What::Stage(stage) => json!({"ev": "stage", "stage": stage.name(), "ms": ms}),
            What::Heard(heard) => json!({
                "ev": "heard",
                "uuid": format!("{:04x}", heard.uuid),
                "ours": heard.whose == Whose::Ours,
                "whose": heard.whose.name(),
                "rssi": heard.rssi,
                "adapter": heard.adapter,
                "ms": ms,
            }),
            What::Listening(adapters) => json!({"ev": "radio", "listening": adapters, "ms": ms}),
            What::Radio(trouble) => json!({"ev": "radio", "trouble": trouble.to_string(), "ms": ms}),
            What::Net(step) => {
                let took = u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX);
                let (ok, detail) = match &step.outcome {
                    Ok(fact) => (true, fact),
                    Err(why) => (false, why),
                };
                json!({"ev": "net", "step": step.step, "host": step.host, "ms": took, "ok": ok, "detail": detail, "at_ms": ms})
            }
            What::Finding(finding) => {
                let mut line = finding.to_json();
                if let Some(line) = line.as_object_mut() {
                    line.insert("ev".to_owned(), "finding".into());
                    line.insert("ms".to_owned(), ms.into());
                }
                line
            }
            What::Done { ok } => json!({"ev": "done", "ok": ok, "ms": ms}),
        }
    }
}
