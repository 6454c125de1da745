//! A timeline, summed up for the rules.

use super::answerer::Answerer;
use crate::catalogue::{LARGE_PACKETS_LOST, TLS_INSPECTED};
use crate::observation::network::{NetStep, Step};
use crate::observation::radio::Trouble;
use crate::timeline::{AdvertOwner, EventKind, SessionFailure, Timeline};
use hybrid_protocol::Stage;
use std::collections::BTreeMap;
use std::time::Duration;

/// bluetoothd, its adapters and their power come and go within this time of each other.
const RADIO_SETTLES: Duration = Duration::from_millis(500);

/// What the rules look at.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) stage: Option<Stage>,
    pub(super) trouble: Option<Trouble>,
    trouble_at: Duration,
    /// The radio had told of something else before this trouble.
    trouble_after: bool,
    radio_told: bool,
    pub(super) listening: bool,
    /// When it last began to listen, and how long it had listened before.
    listening_since: Duration,
    listened_before: Duration,
    pub(super) neighbours: u32,
    pub(super) foreign: u32,
    pub(super) malformed: u32,
    pub(super) stale: u32,
    pub(super) unknown: u32,
    pub(super) beacons: u32,
    pub(super) ours: bool,
    /// When the phone was first heard.
    heard_at: Option<Duration>,
    /// The last step of the network that failed.
    pub(super) net: Option<NetStep>,
    net_at: Duration,
    /// How the encryption to each relay came about last.
    encrypted: BTreeMap<String, NetStep>,
    /// What came of the lines that were opened ahead, by relay: what failed last, or nothing when
    /// the line is open.
    pub(super) ahead: BTreeMap<String, Option<NetStep>>,
    /// Large packets get lost on the way to a relay.
    pub(super) small_packets: bool,
    /// How long this program did not run while it waited for this phone.
    pub(super) paused: Option<Duration>,
    pub(super) answered: Option<u8>,
    pub(super) failed: Option<SessionFailure>,
    pub(super) done: bool,
    entered: Duration,
    now: Duration,
}

impl Evidence {
    pub(super) fn of(timeline: &Timeline) -> Self {
        let mut seen = Self::default();
        for entry in timeline.entries() {
            seen.add(entry.at, &entry.what);
        }
        seen.now = timeline.now();
        seen
    }

    /// How long the present stage has taken.
    pub(super) fn waited(&self) -> Duration {
        self.now.saturating_sub(self.entered)
    }

    /// How long the radio has listened in all.
    pub(super) fn listened(&self) -> Duration {
        let now = if self.listening {
            self.now.saturating_sub(self.listening_since)
        } else {
            Duration::ZERO
        };
        self.listened_before.saturating_add(now)
    }

    /// The radio's state changed a moment ago, and more may follow: a bluetoothd that ends takes its
    /// adapters along first, and one that begins has none yet.
    pub(super) fn is_radio_settling(&self) -> bool {
        let adapters = self.trouble.as_ref().is_some_and(|trouble| match trouble {
            Trouble::NoAdapter
            | Trouble::Unlisted(_)
            | Trouble::AdapterGone(_)
            | Trouble::NoSuchAdapter(_)
            | Trouble::Off
            | Trouble::AdapterOff(_)
            | Trouble::Blocked { .. }
            | Trouble::NoLowEnergy
            | Trouble::Busy(_) => true,
            Trouble::NoDbus(_)
            | Trouble::NoBluetoothd
            | Trouble::NoController
            | Trouble::Silent(_)
            | Trouble::BluetoothdGone
            | Trouble::Hidden(_)
            | Trouble::Denied(_) => false,
        });
        adapters && self.trouble_after && self.now.saturating_sub(self.trouble_at) < RADIO_SETTLES
    }

    /// A line was opened ahead: this computer reaches that relay.
    pub(super) fn reached_ahead(&self) -> bool {
        self.ahead.values().any(Option::is_none)
    }

    /// How long ago the phone was first heard.
    pub(super) fn since_heard(&self) -> Option<Duration> {
        self.heard_at.map(|at| self.now.saturating_sub(at))
    }

    /// How long ago the last step that failed did so.
    pub(super) fn since_net_failed(&self) -> Duration {
        self.now.saturating_sub(self.net_at)
    }

    /// Who can have answered in the name of a relay.
    pub(super) fn answerer(&self, host: &str) -> Answerer {
        match self.encrypted.get(host) {
            Some(NetStep { code: None, .. }) => Answerer::Relay,
            Some(NetStep { code: Some(_), .. }) | None => Answerer::Anyone,
        }
    }

    /// What was seen of a relay's certificate, when no public authority vouches for it.
    pub(super) fn inspected(&self, host: &str) -> Option<&str> {
        let step = self
            .encrypted
            .get(host)
            .filter(|step| step.code == Some(TLS_INSPECTED.code))?;
        step.outcome.as_deref().ok()
    }

    fn add(&mut self, at: Duration, what: &EventKind) {
        if let EventKind::Net(step) | EventKind::Ahead(step) = what
            && step.step == Step::Tls
            && step.outcome.is_ok()
        {
            self.encrypted.insert(step.host.clone(), step.clone());
        }
        match what {
            EventKind::NewCode => {
                // What was heard before says nothing about the new code, but for a beacon, which is
                // told once.
                (self.foreign, self.malformed, self.stale, self.unknown) = (0, 0, 0, 0);
                (
                    self.ours,
                    self.heard_at,
                    self.net,
                    self.answered,
                    self.failed,
                ) = (false, None, None, None, None);
                self.paused = None;
                self.entered = at;
            }
            EventKind::Stage(stage) => {
                self.stage = Some(*stage);
                self.entered = at;
            }
            EventKind::Heard(heard) => match heard.whose {
                AdvertOwner::Ours => {
                    self.ours = true;
                    self.heard_at.get_or_insert(at);
                }
                AdvertOwner::Stale => self.stale += 1,
                AdvertOwner::Foreign => self.foreign += 1,
                AdvertOwner::Malformed => self.malformed += 1,
                AdvertOwner::Unknown => self.unknown += 1,
                AdvertOwner::Beacon => self.beacons += 1,
            },
            EventKind::Neighbours(count) => self.neighbours = *count,
            EventKind::Listening(_) => {
                if !self.listening {
                    self.listening_since = at;
                }
                (self.trouble, self.listening, self.radio_told) = (None, true, true)
            }
            EventKind::Radio(trouble) => {
                if self.trouble.as_ref() != Some(trouble) {
                    (self.trouble_at, self.trouble_after) = (at, self.radio_told);
                }
                if self.listening {
                    let listened = at.saturating_sub(self.listening_since);
                    self.listened_before = self.listened_before.saturating_add(listened);
                }
                (self.trouble, self.listening, self.radio_told) =
                    (Some(trouble.clone()), false, true)
            }
            EventKind::Net(step) => {
                match &step.outcome {
                    Err(_) => (self.net, self.net_at) = (Some(step.clone()), at),
                    // It worked at the second attempt.
                    Ok(_)
                        if self
                            .net
                            .as_ref()
                            .is_some_and(|failed| failed.step == step.step) =>
                    {
                        self.net = None
                    }
                    Ok(_) => {}
                }
                self.small_packets |= step.code == Some(LARGE_PACKETS_LOST.code);
            }
            EventKind::Ahead(step) if step.outcome.is_err() => {
                drop(self.ahead.insert(step.host.clone(), Some(step.clone())))
            }
            EventKind::Ahead(step) if step.step == Step::Tls => {
                self.ahead.insert(step.host.clone(), None);
                self.small_packets |= step.code == Some(LARGE_PACKETS_LOST.code);
            }
            EventKind::Ahead(_) => {}
            EventKind::Paused(paused) => {
                self.paused = Some(self.paused.unwrap_or_default().saturating_add(*paused));
            }
            EventKind::Answered(status) => self.answered = Some(*status),
            EventKind::Failed(failed) => self.failed = Some(failed.clone()),
            EventKind::Finding(_) => {}
            EventKind::Done { .. } => self.done = true,
        }
    }
}
