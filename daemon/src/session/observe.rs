//! What a session has seen: counted for the diagnosis, told to the screen.

use super::Face;
use crate::explain::{self, Observed};
use crate::finding::Finding;
use crate::radio::{Advert, Trouble};
use crate::timeline::{self, Entry, What, Whose};
use hybrid_protocol::advert::Opened;
use hybrid_protocol::derive::EidKey;
use hybrid_protocol::desktop::Heard;
use hybrid_protocol::{Desktop, DesktopOutput, Stage};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Keys of earlier codes that are remembered, in memory alone.
const REMEMBERED: usize = 8;
/// Foreign adverts are told once in this time; hundreds can be on the air.
const FOREIGN_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Observer {
    pub(super) observed: Observed,
    pub(super) out_of_patience: bool,
    started: Instant,
    entered: Instant,
    deaf_since: Option<Instant>,
    foreign_told: Option<Instant>,
    earlier: VecDeque<EidKey>,
    told: Option<Finding>,
}

impl Observer {
    pub(super) fn new(started: Instant) -> Self {
        Self {
            observed: Observed::default(),
            out_of_patience: false,
            started,
            entered: started,
            deaf_since: None,
            foreign_told: None,
            earlier: VecDeque::new(),
            told: None,
        }
    }

    pub(super) fn note(&self, what: What, face: &mut impl Face) {
        face.entry(&Entry {
            at: self.started.elapsed(),
            what,
        });
    }

    pub(super) fn entered(&mut self, stage: Stage, face: &mut impl Face) {
        self.entered = Instant::now();
        self.told = None;
        self.note(What::Stage(stage), face);
    }

    /// An earlier code's key is kept, to recognise a phone that scanned it.
    pub(super) fn retire(&mut self, key: &EidKey) {
        if self.earlier.len() >= REMEMBERED {
            self.earlier.pop_front();
        }
        self.earlier.push_back(key.clone());
        self.observed.stale = 0;
        self.observed.foreign = 0;
    }

    /// Counts and tells an advert that the session has just judged. Its judgement is the next output, if it made one.
    pub(super) fn advert(&mut self, advert: &Advert, desktop: &mut Desktop, face: &mut impl Face) {
        // The judgement comes first among the outputs; anything else belongs to what follows from it.
        let judged = match desktop.poll_output() {
            Some(DesktopOutput::Heard(heard)) => heard,
            Some(_) | None => return,
        };
        let whose = match judged {
            Heard::Ours(_) | Heard::Late => Whose::Ours,
            Heard::Malformed => Whose::Malformed,
            Heard::Unknown(_) => Whose::Unknown,
            Heard::Foreign
                if self
                    .earlier
                    .iter()
                    .any(|key| matches!(key.open_qr(&advert.data), Opened::Ours(_))) =>
            {
                Whose::Stale
            }
            Heard::Foreign => Whose::Foreign,
        };
        if advert.cached && whose != Whose::Ours {
            return;
        }
        match whose {
            Whose::Stale => self.observed.stale += 1,
            Whose::Unknown => self.observed.unknown += 1,
            Whose::Foreign | Whose::Malformed => {
                self.observed.foreign += 1;
                let now = Instant::now();
                if self
                    .foreign_told
                    .is_some_and(|told| now.duration_since(told) < FOREIGN_EVERY)
                {
                    return;
                }
                self.foreign_told = Some(now);
            }
            Whose::Ours => {}
        }
        let heard = timeline::Heard {
            uuid: advert.uuid,
            whose,
            rssi: advert.rssi,
            adapter: advert.adapter.clone(),
        };
        self.note(What::Heard(heard), face);
        if whose == Whose::Stale {
            self.waited(Stage::Advert, face);
        }
    }

    pub(super) fn trouble(&mut self, trouble: Trouble, needed: bool, face: &mut impl Face) {
        self.deaf_since.get_or_insert_with(Instant::now);
        self.observed.trouble = Some(trouble.clone());
        self.note(What::Radio(trouble), face);
        if needed {
            self.waited(Stage::Advert, face);
        }
    }

    /// How long the radio has been unable to listen.
    pub(super) fn deaf_for(&self, now: Instant) -> Option<Duration> {
        self.observed.trouble.as_ref()?;
        self.deaf_since.map(|since| now.duration_since(since))
    }

    /// Says what is likely while nothing advances; each statement once, and again when it changes.
    pub(super) fn waited(&mut self, stage: Stage, face: &mut impl Face) {
        if self.observed.trouble.is_none() {
            self.deaf_since = None;
        }
        let finding = explain::waiting(stage, self.entered.elapsed().as_secs(), &self.observed);
        if let Some(finding) = finding.filter(|finding| self.told.as_ref().is_none_or(|told| told.code != finding.code))
        {
            self.told = Some(finding.clone());
            self.note(What::Finding(finding), face);
        }
    }
}
