//! What a request cannot do without, and no new code brings back: bluetoothd until the phone was
//! heard, and a network until it has answered.
//!
//! Whoever asked is told within a second that one of them is gone. What was not there from the start
//! is another matter: the prompt says how to get it, and waits.

use hybrid_diagnosis::catalogue::OFFLINE;
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::observation::radio::Trouble;
use hybrid_diagnosis::timeline::EventKind;
use hybrid_dial::Network;
use hybrid_protocol::Stage;
use hybrid_radio::bluez::BluetoothdWatch;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zbus::Connection;

/// Between looks at the network while a request is shown.
const LOOK: Duration = Duration::from_millis(100);
/// A bluetoothd that is restarted is back by then, and a network that changes its route.
const MOMENT: Duration = Duration::from_millis(400);
/// Addresses that are remembered: more than a session tries.
const ADDRESSES: usize = 64;

/// How far a session is.
#[derive(Default)]
pub(super) struct Progress(Mutex<State>);

#[derive(Default)]
struct State {
    /// The radio is no longer needed.
    heard: bool,
    /// Where connections led to.
    reached: Vec<IpAddr>,
}

impl Progress {
    /// Something happened.
    pub(super) fn note(&self, what: &EventKind) {
        if let EventKind::Stage(stage) = what {
            self.state().heard = *stage != Stage::Advert;
        }
        if let EventKind::Ahead(step) | EventKind::Net(step) = what
            && let Some(addr) = step.addr.filter(|_| step.outcome.is_ok())
        {
            let mut state = self.state();
            if state.reached.len() < ADDRESSES && !state.reached.contains(&addr) {
                state.reached.push(addr);
            }
        }
    }

    fn heard(&self) -> bool {
        self.state().heard
    }

    fn reached(&self) -> Vec<IpAddr> {
        self.state().reached.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows both.
pub(super) struct Lifelines {
    connection: Connection,
    bluetoothd: Option<BluetoothdWatch>,
    network: Network,
    progress: Arc<Progress>,
    /// There was a way.
    connected: bool,
    offline_since: Option<Instant>,
}

impl Lifelines {
    pub(super) const fn new(
        connection: Connection,
        network: Network,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            connection,
            bluetoothd: None,
            network,
            progress,
            connected: false,
            offline_since: None,
        }
    }

    /// Waits until one is gone for good.
    pub(super) async fn broken(mut self) -> Finding {
        // A bus that refuses this is gone, which its owner learns.
        self.bluetoothd = BluetoothdWatch::start(&self.connection).await.ok();
        loop {
            let now = Instant::now();
            if let Some(finding) = self.look(now) {
                return finding;
            }
            let bluetoothd = async {
                match &mut self.bluetoothd {
                    Some(watch) => watch.changed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = bluetoothd => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    fn look(&mut self, now: Instant) -> Option<Finding> {
        let over = |since: Option<Instant>| {
            since.is_some_and(|since| now.saturating_duration_since(since) >= MOMENT)
        };
        let gone = self.bluetoothd.as_ref().map(BluetoothdWatch::gone_since);
        if over(gone.flatten()) && !self.progress.heard() {
            return Some(explain::radio(&Trouble::BluetoothdGone));
        }
        if self.network.has_way(&self.progress.reached()) {
            (self.connected, self.offline_since) = (true, None);
        } else if self.connected {
            self.offline_since.get_or_insert(now);
        }
        over(self.offline_since).then(|| {
            let saw = "This computer lost its last route to the internet during the request.";
            Finding::certain(&OFFLINE, saw)
        })
    }
}
