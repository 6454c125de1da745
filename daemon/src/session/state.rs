//! What one session holds.

use super::begin::Begin;
use super::observer::Observer;
use super::patience::{Ask, Patience};
use super::pause;
use super::request::Request;
use super::ui::Ui;
use super::websocket::TunnelSocket;
use hybrid_dial::clock::now;
use hybrid_dial::{BackgroundTask, Network, Preconnections, Tunnel};
use hybrid_protocol::{Desktop, LinkStartError};
use hybrid_radio::Radio;
use hybrid_webauthn::{CannotAsk, GetInfo};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Between looks at whether waiting needs an explanation.
pub(super) const TICK: Duration = Duration::from_secs(1);

/// One session: what was asked for, the protocol, and the tunnel on its way from dialed to open.
pub(super) struct Session<'s, R, A, U> {
    pub(super) request: &'s R,
    pub(super) begin: &'s Begin,
    pub(super) radio: &'s mut A,
    pub(super) network: &'s Network,
    pub(super) ui: &'s mut U,
    pub(super) asks: &'s mut mpsc::Receiver<Ask>,
    pub(super) patience: Patience,
    /// When all of it ends.
    pub(super) overall: Option<Instant>,
    /// When it is looked whether waiting needs an explanation.
    pub(super) look: Instant,
    /// When this program was last seen to run, by [`pause::clock`].
    pub(super) awake: Duration,
    /// After a pause, no deadline counts before this.
    pub(super) grace: Option<Instant>,
    /// After a pause, the tunnel is to have said something by then.
    pub(super) alive_by: Option<Instant>,
    pub(super) desktop: Desktop,
    pub(super) observer: Observer,
    pub(super) warm: Option<Preconnections>,
    /// The tunnel while it is opened, beside the session, so that the person can stop it and the
    /// radio goes on.
    pub(super) dialing: Option<BackgroundTask<Tunnel>>,
    pub(super) tunnel: Option<TunnelSocket>,
    pub(super) phone: GetInfo,
    pub(super) cannot_ask: Option<CannotAsk>,
    /// The reply was one that whoever asked can use.
    pub(super) done: bool,
}

impl<'s, R: Request, A: Radio, U: Ui<Response = R::Response>> Session<'s, R, A, U> {
    pub(super) fn start(
        request: &'s R,
        begin: &'s Begin,
        radio: &'s mut A,
        network: &'s Network,
        ui: &'s mut U,
        asks: &'s mut mpsc::Receiver<Ask>,
        patience: Patience,
    ) -> Result<Self, LinkStartError> {
        let started = now();
        let desktop = begin.start(request.hint(), ui)?;
        Ok(Self {
            request,
            begin,
            radio,
            network,
            ui,
            asks,
            patience,
            overall: patience.overall.map(|limit| started + limit),
            look: started + TICK,
            awake: pause::clock(),
            grace: None,
            alive_by: None,
            desktop,
            observer: Observer::new(started),
            warm: begin
                .leaves_relay_open()
                .then(|| Preconnections::start(network)),
            dialing: None,
            tunnel: None,
            phone: GetInfo::default(),
            cannot_ask: None,
            done: false,
        })
    }

    /// Begins anew: another code, or the link once more.
    pub(super) fn begin_again(&mut self) -> Result<(), LinkStartError> {
        self.observer.retire(self.desktop.eid_key(), self.ui);
        self.desktop = self.begin.start(self.request.hint(), self.ui)?;
        if self.warm.is_none() && self.begin.leaves_relay_open() {
            self.warm = Some(Preconnections::start(self.network));
        }
        self.awake = pause::clock();
        self.dialing = None;
        self.phone = GetInfo::default();
        self.done = false;
        Ok(())
    }
}
