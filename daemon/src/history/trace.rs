//! A session's stages while it runs, and which phone it claims to be: shared by the session's user
//! interface, which hears of it, and whoever keeps the record at the end.

use hybrid_diagnosis::catalogue::CANCELLED_HERE;
use hybrid_diagnosis::explain::explain;
use hybrid_diagnosis::timeline::{EventKind, Timeline, TimelineEntry};
use hybrid_protocol::Stage;
use hybrid_webauthn::GetInfo;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is heard of one ceremony.
#[derive(Clone, Default, Debug)]
pub struct CeremonyTrace(Arc<Mutex<Heard>>);

#[derive(Default, Debug)]
struct Heard {
    /// Of the last code.
    stages: Vec<(Stage, Duration)>,
    codes: u64,
    /// Of all codes.
    timeline: Timeline,
    phone: Option<String>,
}

impl CeremonyTrace {
    /// Another code is shown.
    pub fn code(&self) {
        let mut heard = self.heard();
        heard.codes += 1;
        heard.stages.clear();
    }

    /// Something happened.
    pub fn note(&self, entry: &TimelineEntry) {
        let mut heard = self.heard();
        heard.timeline.push(entry.clone());
        if let EventKind::Stage(stage) = entry.what {
            heard.stages.push((stage, entry.at));
        }
    }

    /// The phone says what it is.
    pub fn greeted(&self, phone: &GetInfo) {
        let name = phone
            .aaguid
            .filter(|aaguid| *aaguid != hybrid_protocol::ctap::Aaguid::NONE);
        self.heard().phone = name.map(|aaguid| match aaguid.name() {
            Some(name) => name.to_owned(),
            None => aaguid.to_string(),
        });
    }

    /// How many codes were shown.
    pub fn codes(&self) -> u64 {
        self.heard().codes
    }

    /// What the phone claims to be.
    pub fn phone(&self) -> Option<String> {
        self.heard().phone.clone()
    }

    /// How long each stage of the last code took, in milliseconds. The end of a session is none.
    pub fn stages(&self) -> Vec<(Stage, u64)> {
        let heard = self.heard();
        let ends = heard.stages.iter().skip(1).map(|(_, at)| *at);
        let ends = ends.chain([heard.timeline.now()]);
        { heard.stages.iter().zip(ends) }
            .filter(|((stage, _), _)| !matches!(stage, Stage::Done))
            .map(|((stage, from), until)| {
                let took = until.saturating_sub(*from).as_millis();
                (*stage, u64::try_from(took).unwrap_or(u64::MAX))
            })
            .collect()
    }

    /// The codes of what keeps it from going on, or kept it: without that somebody ended it.
    pub fn findings(&self) -> Vec<String> {
        let explained = explain(&self.heard().timeline, &[]);
        { explained.iter().map(|finding| finding.code) }
            .filter(|code| *code != CANCELLED_HERE.code)
            .map(str::to_owned)
            .collect()
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::observation::radio::Trouble;
    use hybrid_diagnosis::timeline::{FailureKind, SessionFailure};

    #[test]
    fn what_kept_a_session_from_going_on_is_known_when_it_is_cancelled() {
        let trace = CeremonyTrace::default();
        let note = |what| {
            let at = Duration::from_secs(3);
            trace.note(&TimelineEntry { at, what });
        };
        note(EventKind::Stage(Stage::Advert));
        assert!(trace.findings().is_empty());
        note(EventKind::Radio(Trouble::Off));
        assert_eq!(trace.findings(), ["BT03"]);
        note(EventKind::Failed(SessionFailure {
            at: Stage::Advert,
            why: FailureKind::Cancelled,
            detail: String::new(),
        }));
        assert_eq!(trace.findings(), ["BT03"]);
    }

    #[test]
    fn stages_of_the_last_code_have_their_times() {
        let trace = CeremonyTrace::default();
        let at = |ms, what| {
            let at = Duration::from_millis(ms);
            trace.note(&TimelineEntry { at, what });
        };
        trace.code();
        at(0, EventKind::Stage(Stage::Advert));
        at(90_000, EventKind::NewCode);
        trace.code();
        at(90_000, EventKind::Stage(Stage::Advert));
        at(95_000, EventKind::Stage(Stage::Tunnel));
        at(95_400, EventKind::Stage(Stage::Handshake));
        at(96_000, EventKind::Done { ok: false });
        assert_eq!(trace.codes(), 2);
        let expected = [
            (Stage::Advert, 5000),
            (Stage::Tunnel, 400),
            (Stage::Handshake, 600),
        ];
        assert_eq!(trace.stages(), expected);
        assert_eq!(trace.phone(), None);
        let aaguid = Some(hybrid_protocol::ctap::aaguid::IPHONE);
        trace.greeted(&GetInfo {
            aaguid,
            ..GetInfo::default()
        });
        assert_eq!(trace.phone().as_deref(), Some("iPhone"));
    }
}
