//! Which sign-in a timeline is of, where that is kept beside it.

use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::fmt;

/// What begins the line.
const EV: &str = "about";
/// A text is cut here; a domain name is no longer than 253.
const LONGEST: usize = 300;

/// Which sign-in a timeline is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AboutSignIn {
    /// `register` or `sign-in`.
    pub command: String,
    /// Of which site.
    pub rp_id: String,
    /// When it began, as RFC 3339 has it.
    pub time: String,
}

impl AboutSignIn {
    /// Its line, below the timeline's header.
    pub fn to_json(&self) -> Value {
        let Self {
            command,
            rp_id,
            time,
        } = self;
        json!({"ev": EV, "command": command, "rp_id": rp_id, "time": time})
    }

    /// Reads the line back.
    pub fn from_json(line: &Value) -> Option<Self> {
        let text = |name: &str| -> Option<String> {
            let text = printable(line.get(name)?.as_str()?);
            Some(text.chars().take(LONGEST).collect())
        };
        (text("ev")? == EV).then_some(())?;
        Some(Self {
            command: text("command")?,
            rp_id: text("rp_id")?,
            time: text("time")?,
        })
    }
}

impl fmt::Display for AboutSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            rp_id,
            time,
        } = self;
        write!(f, "{command} at {rp_id}, started {time}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::Timeline;

    #[test]
    fn which_sign_in_it_was_is_read_back_and_counts_as_no_entry() {
        let about = AboutSignIn {
            command: "sign-in".to_owned(),
            rp_id: "example.com".to_owned(),
            time: "2026-11-29T01:57:00Z".to_owned(),
        };
        let entry = r#"{"ev":"stage","stage":"advert","ms":0}"#;
        let kept = format!("{}\n{}\n{entry}\n", Timeline::header(), about.to_json());
        let loaded = Timeline::load(kept.as_bytes()).unwrap();
        assert_eq!((loaded.timeline.entries().len(), loaded.skipped), (1, 0));
        assert_eq!(loaded.about, Some(about));
    }
}
