//! What a session has seen: counted for the diagnosis, told to the screen.

use super::ui::Ui;
use hybrid_diagnosis::explain::explain;
use hybrid_diagnosis::finding::{Certainty, Finding};
use hybrid_diagnosis::timeline::{AdvertOwner, AdvertSighting, EventKind, Timeline, TimelineEntry};
use hybrid_dial::clock::now;
use hybrid_protocol::AdvertVerdict;
use hybrid_protocol::EidKey;
use hybrid_protocol::Opened;
use hybrid_protocol::Stage;
use hybrid_radio::beacon::is_beacon;
use hybrid_radio::{Advert, Trouble};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Keys of earlier codes that are remembered, in memory alone.
const REMEMBERED: usize = 8;
/// Foreign adverts are told once in this time; hundreds can be on the air.
const FOREIGN_EVERY: Duration = Duration::from_secs(1);

/// Watches a session: what it saw becomes entries of the timeline, and entries become findings.
pub(super) struct Observer {
    /// After how long nobody wanted to wait any more.
    pub(super) gave_up: Option<Duration>,
    timeline: Timeline,
    started: Instant,
    deaf_since: Option<Instant>,
    foreign_told: Option<Instant>,
    beacon_told: bool,
    neighbours: Neighbours,
    earlier: VecDeque<EidKey>,
    /// What was said in this stage and still holds.
    told: Vec<Finding>,
}

/// Devices of any kind, as counted and as told.
#[derive(Default)]
struct Neighbours {
    heard: u32,
    told: u32,
}

impl Observer {
    pub(super) fn new(started: Instant) -> Self {
        Self {
            gave_up: None,
            timeline: Timeline::default(),
            started,
            deaf_since: None,
            foreign_told: None,
            beacon_told: false,
            neighbours: Neighbours::default(),
            earlier: VecDeque::new(),
            told: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, what: EventKind, ui: &mut impl Ui) {
        let entry = TimelineEntry {
            at: now().duration_since(self.started),
            what,
        };
        ui.entry(&entry);
        self.timeline.push(entry);
    }

    pub(super) fn entered(&mut self, stage: Stage, ui: &mut impl Ui) {
        self.told.clear();
        self.note(EventKind::Stage(stage), ui);
    }

    /// An earlier code's key is kept, to recognise a phone that scanned it.
    pub(super) fn retire(&mut self, key: &EidKey, ui: &mut impl Ui) {
        if self.earlier.len() >= REMEMBERED {
            self.earlier.pop_front();
        }
        self.earlier.push_back(key.clone());
        self.note(EventKind::NewCode, ui);
    }

    pub(super) fn neighbour(&mut self) {
        self.neighbours.heard = self.neighbours.heard.saturating_add(1);
    }

    pub(super) fn listening(&mut self, adapters: Vec<String>, ui: &mut impl Ui) {
        self.deaf_since = None;
        self.note(EventKind::Listening(adapters), ui);
    }

    /// Tells an advert that the session has just judged.
    pub(super) fn advert(&mut self, advert: &Advert, judged: &AdvertVerdict, ui: &mut impl Ui) {
        let whose = match judged {
            AdvertVerdict::Ours(_) | AdvertVerdict::Late => AdvertOwner::Ours,
            AdvertVerdict::Malformed => AdvertOwner::Malformed,
            AdvertVerdict::Unknown(_) => AdvertOwner::Unknown,
            AdvertVerdict::Foreign
                if self
                    .earlier
                    .iter()
                    .any(|key| matches!(key.open_qr(&advert.data), Opened::Ours(_))) =>
            {
                AdvertOwner::Stale
            }
            AdvertVerdict::Foreign if is_beacon(&advert.data) => AdvertOwner::Beacon,
            AdvertVerdict::Foreign => AdvertOwner::Foreign,
            _ => AdvertOwner::Unknown,
        };
        if advert.cached && whose != AdvertOwner::Ours {
            return;
        }
        // One says it all, and anybody can send as many as they like.
        if whose == AdvertOwner::Beacon && std::mem::replace(&mut self.beacon_told, true) {
            return;
        }
        if matches!(whose, AdvertOwner::Foreign | AdvertOwner::Malformed) {
            let now = now();
            if self
                .foreign_told
                .is_some_and(|told| now.duration_since(told) < FOREIGN_EVERY)
            {
                return;
            }
            self.foreign_told = Some(now);
        }
        let heard = AdvertSighting {
            uuid: advert.uuid,
            whose,
            rssi: advert.rssi,
            adapter: advert.adapter.clone(),
        };
        self.note(EventKind::Heard(heard), ui);
        if matches!(whose, AdvertOwner::Stale | AdvertOwner::Unknown) {
            self.waited(ui);
        }
    }

    pub(super) fn trouble(&mut self, trouble: Trouble, ui: &mut impl Ui) {
        self.deaf_since.get_or_insert_with(now);
        self.note(EventKind::Radio(trouble), ui);
        self.waited(ui);
    }

    /// How long the radio has been unable to listen.
    pub(super) fn deaf_for(&self, now: Instant) -> Option<Duration> {
        self.deaf_since.map(|since| now.duration_since(since))
    }

    /// Says what is likely while nothing advances; each statement once, and again when it changes.
    pub(super) fn waited(&mut self, ui: &mut impl Ui) {
        let findings = self.why(ui);
        let holds = |told: &Finding| findings.iter().any(|finding| finding.code == told.code);
        self.told.retain(holds);
        for finding in findings {
            let as_sure =
                |told: &Finding| told.code == finding.code && told.certainty >= finding.certainty;
            if !self.told.iter().any(as_sure) {
                self.told.push(finding.clone());
                self.note(EventKind::Finding(finding), ui);
            }
        }
    }

    /// That it was given up after this long, and for what, if that is sure.
    pub(super) fn given_up(&mut self, after: Duration, ui: &mut impl Ui) -> String {
        let sure = |finding: &&Finding| finding.certainty == Certainty::Certain;
        let findings = self.why(ui);
        let cause = findings.iter().find(sure);
        let cause = cause.map(|finding| format!(", because of {}", finding.code));
        let seconds = after.as_secs_f64();
        format!("gave up after {seconds:.0} s{}", cause.unwrap_or_default())
    }

    /// Says why it failed, but for what was just said in the same words.
    pub(super) fn failed(&mut self, ui: &mut impl Ui) -> Vec<Finding> {
        let findings = self.why(ui);
        for finding in &findings {
            if !self.told.contains(finding) {
                self.note(EventKind::Finding(finding.clone()), ui);
            }
        }
        self.told.clone_from(&findings);
        findings
    }

    /// What is known about why it does not advance, or did not.
    fn why(&mut self, ui: &mut impl Ui) -> Vec<Finding> {
        if self.neighbours.told != self.neighbours.heard {
            self.neighbours.told = self.neighbours.heard;
            self.note(EventKind::Neighbours(self.neighbours.heard), ui);
        }
        self.timeline.advance(now().duration_since(self.started));
        explain(&self.timeline, &[])
    }
}
