//! The IO loop of one sign-in: it carries what the protocol decides between radio, network and
//! screen, and decides nothing.

mod code;
mod observer;
mod outcome;
mod ui;
pub mod verdict;
mod websocket;

pub use outcome::Outcome;
pub use ui::Ui;

use code::show_code;
use hybrid_diagnosis::timeline::EventKind;
use hybrid_dial::clock::now;
use hybrid_dial::{BackgroundTask, NetStep, Network, Preconnections, TaskEvent, Tunnel, dial};
use hybrid_protocol::{Cause, Desktop, DesktopInput, DesktopOutput, Failure, Stage, Wiped};
use hybrid_radio::{Radio, RadioEvent};
use hybrid_webauthn::{CannotAsk, Ceremony, GetInfo};
use observer::Observer;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::sleep_until;

/// Between looks at whether waiting needs an explanation.
const TICK: Duration = Duration::from_secs(1);

/// What the person asks for while it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Stop.
    Cancel,
    /// Show a new code.
    NewCode,
}

/// How patient a session is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// For the whole session, codes renewed included.
    pub overall: Option<Duration>,
    /// For a radio that cannot listen. `None` waits as long as for an advert: a person may switch
    /// it on.
    pub radio: Option<Duration>,
    /// A session that failed is not over: somebody is there who may ask for a new code.
    pub renews: bool,
}

/// Runs one ceremony to its end.
pub async fn run(
    ceremony: &Ceremony,
    radio: &mut impl Radio,
    network: &Network,
    ui: &mut impl Ui,
    asks: &mut mpsc::Receiver<Ask>,
    patience: Patience,
) -> Outcome {
    let started = now();
    let mut desktop = show_code(ceremony, ui);
    let mut session = Session {
        observer: Observer::new(started),
        warm: Some(Preconnections::start(network)),
        dialing: None,
        tunnel: None,
        phone: GetInfo::default(),
        cannot_ask: None,
        done: false,
    };
    let overall = patience.overall.map(|limit| started + limit);
    let mut look = started + TICK;
    // Each turn drains what the protocol has to say, then waits for one thing, hands it in, and
    // tells the protocol what time it is. At the top of a turn every input so far has been handed
    // in; below the drain nothing is left to say, so that what a socket, a timer or a person brings
    // next is judged by a protocol that has seen everything before it. The wait may be interrupted
    // by any of its branches: each is cancel-safe, and what was not taken comes again in the next
    // turn. The drain waits in three places, each bounded: a frame that is sent (by the stage's
    // deadline, the overall limit, or the person's Ctrl-C), a tunnel that is closed (half a
    // second), and a person who may want a new code (the overall limit; the radio goes on).
    loop {
        while let Some(output) = desktop.poll_output() {
            match output {
                DesktopOutput::Failed(failure) => {
                    let outcome = session.failed(failure, ui).await;
                    let goes_on = patience.renews && session.may_go_on(&outcome);
                    if !goes_on || !session.wait_for_person(radio, ui, asks, overall).await {
                        session.observer.note(EventKind::Done { ok: false }, ui);
                        return outcome;
                    }
                    session.observer.retire(desktop.eid_key(), ui);
                    session.begin_again(network);
                    desktop = show_code(ceremony, ui);
                }
                DesktopOutput::Ended => return session.ended(ui).await,
                DesktopOutput::Entered(stage) => session.observer.entered(stage, ui),
                // The observer took it already, where the advert's adapter and strength are known.
                DesktopOutput::Heard(_) => {}
                DesktopOutput::OpenTunnel(route) => {
                    // The other lines are of no use any more.
                    let ahead = session
                        .warm
                        .take()
                        .and_then(|mut warm| warm.take(route.host.as_str()));
                    session.dialing = Some(dial(route, network.clone(), ahead));
                }
                DesktopOutput::Send(frame) => {
                    session.send(frame, &mut desktop, asks, overall).await
                }
                DesktopOutput::Greeted(greeted) => {
                    session.ask(GetInfo::read(&greeted.get_info), &mut desktop, ceremony)
                }
                DesktopOutput::Reply(reply) => session.reply(&reply, ceremony, ui),
                // Nothing is offered, so nothing comes.
                DesktopOutput::Linked(_) => {}
                DesktopOutput::CloseTunnel => session.dialing = None,
                // A later protocol's, which this program does not know.
                _ => {}
            }
        }
        // Messages that lie ready cost the runtime's budget, too: nobody keeps it from its timers,
        // and from signals, by sending many of them.
        consume_budget().await;
        let deadline = desktop
            .poll_timeout()
            .map_or_else(now, |(deadline, _)| deadline);
        let wake = overall.map_or(look, |limit| limit.min(look)).min(deadline);
        tokio::select! {
            biased;
            // First, as everything below may be ready for ever.
            () = sleep_until(wake.into()) => {}
            ask = asks.recv() => match ask {
                Some(Ask::NewCode) if session.can_renew(&desktop) => {
                    session.observer.retire(desktop.eid_key(), ui);
                    desktop = show_code(ceremony, ui);
                }
                Some(Ask::NewCode) => {}
                Some(Ask::Cancel) | None => desktop.handle_input(DesktopInput::Cancel, now()),
            },
            heard = dialed(&mut session.dialing) => match heard {
                TaskEvent::Step(step) => session.observer.note(EventKind::Net(step), ui),
                TaskEvent::Done(Ok(tunnel)) => {
                    session.dialing = None;
                    let signal = tunnel.signal;
                    session.tunnel = Some(tunnel.socket);
                    desktop.handle_input(DesktopInput::TunnelOpened { signal }, now());
                }
                TaskEvent::Done(Err(error)) => {
                    session.dialing = None;
                    desktop.handle_input(DesktopInput::TunnelFailed(error.fault()), now());
                }
            },
            step = ahead(&mut session.warm) => session.ahead(step, ui),
            event = websocket::next(&mut session.tunnel) => websocket::input(event, &mut desktop),
            event = radio.next() => session.radio(event, &mut desktop, ui),
        }
        // Whatever came, and by the clock itself: timers are late on a busy computer.
        let now = now();
        desktop.handle_timeout(now);
        if wake <= now && wake != deadline {
            look = now + TICK;
            session.waited(&mut desktop, ui, patience, overall);
        }
    }
}

/// What one session holds beside the protocol: who watches it, and the tunnel on its way from
/// dialed to open.
struct Session {
    observer: Observer,
    warm: Option<Preconnections>,
    /// The tunnel while it is opened, beside the session, so that the person can stop it and the
    /// radio goes on.
    dialing: Option<BackgroundTask<Tunnel>>,
    tunnel: Option<websocket::TunnelSocket>,
    phone: GetInfo,
    cannot_ask: Option<CannotAsk>,
    /// The reply was one that the site can use.
    done: bool,
}

impl Session {
    async fn send(
        &mut self,
        frame: Vec<u8>,
        desktop: &mut Desktop,
        asks: &mut mpsc::Receiver<Ask>,
        overall: Option<Instant>,
    ) {
        let stage = desktop
            .poll_timeout()
            .map_or_else(now, |(deadline, _)| deadline);
        let by = overall.map_or(stage, |limit| limit.min(stage));
        // The goodbye goes out after the last stage; it gets a moment, too.
        let by = by.max(now() + websocket::CLOSE);
        let sent = websocket::send(&mut self.tunnel, frame, by);
        tokio::pin!(sent);
        loop {
            tokio::select! {
                biased;
                result = &mut sent => {
                    if let Err(code) = result {
                        desktop.handle_input(DesktopInput::TunnelClosed { code }, now());
                    }
                    return;
                }
                ask = asks.recv() => match ask {
                    Some(Ask::NewCode) => {}
                    Some(Ask::Cancel) | None => return desktop.handle_input(DesktopInput::Cancel, now()),
                },
            }
        }
    }

    fn ask(&mut self, phone: GetInfo, desktop: &mut Desktop, ceremony: &Ceremony) {
        self.phone = phone;
        match ceremony.command(&self.phone) {
            Ok(command) => desktop.handle_input(DesktopInput::Request(command), now()),
            Err(reason) => {
                self.cannot_ask = Some(reason);
                desktop.handle_input(DesktopInput::Cancel, now());
            }
        }
    }

    fn ahead(&mut self, step: NetStep, ui: &mut impl Ui) {
        self.observer.note(EventKind::Ahead(step), ui);
        self.observer.waited(ui);
    }

    fn reply(&mut self, reply: &Wiped, ceremony: &Ceremony, ui: &mut impl Ui) {
        // An empty message is refused below this layer.
        let status = reply.expose().first().copied().unwrap_or_default();
        self.observer.note(EventKind::Answered(status), ui);
        let response = ceremony.finish(&self.phone, reply);
        if let Err(error) = &response {
            self.observer
                .note(EventKind::Finding(verdict::reply(error)), ui);
        }
        self.done = response.is_ok();
        ui.replied(response);
    }

    fn radio(&mut self, event: RadioEvent, desktop: &mut Desktop, ui: &mut impl Ui) {
        match event {
            RadioEvent::Advert(advert) => {
                desktop.handle_input(DesktopInput::Advert(&advert.data), now());
                self.observer.advert(&advert, desktop, ui);
            }
            RadioEvent::Neighbour => self.observer.neighbour(),
            RadioEvent::Listening(adapters) => self.observer.listening(adapters, ui),
            RadioEvent::Trouble(trouble) => self.observer.trouble(trouble, ui),
            // Something that a later radio tells of.
            _ => {}
        }
    }

    fn waited(
        &mut self,
        desktop: &mut Desktop,
        ui: &mut impl Ui,
        patience: Patience,
        overall: Option<Instant>,
    ) {
        let Some((_, stage)) = desktop.poll_timeout() else {
            return;
        };
        self.observer.waited(ui);
        let now = now();
        let radio_gone = stage == Stage::Advert
            && patience
                .radio
                .is_some_and(|limit| self.observer.deaf_for(now) >= Some(limit));
        if radio_gone || overall.is_some_and(|limit| limit <= now) {
            self.observer.out_of_patience = true;
            desktop.handle_input(DesktopInput::Cancel, now);
        }
    }

    /// Only a code that nobody has answered can be replaced.
    fn can_renew(&self, desktop: &Desktop) -> bool {
        desktop
            .poll_timeout()
            .is_some_and(|(_, stage)| stage == Stage::Advert)
            && self.tunnel.is_none()
    }

    async fn failed(&mut self, failure: Failure, ui: &mut impl Ui) -> Outcome {
        self.warm = None;
        let failure = if self.observer.out_of_patience {
            Failure {
                cause: Cause::TimedOut,
                ..failure
            }
        } else {
            failure
        };
        let outcome = match self.cannot_ask.take() {
            Some(reason) => {
                self.observer
                    .note(EventKind::Finding(verdict::cannot_ask(&reason)), ui);
                Outcome::CannotAsk(reason)
            }
            None => {
                self.observer.note(EventKind::Failed((&failure).into()), ui);
                let findings = self.observer.failed(ui);
                Outcome::Failed { failure, findings }
            }
        };
        // Nobody has to wait for a goodbye to learn what went wrong.
        websocket::close(self.tunnel.take()).await;
        outcome
    }

    /// A new code may help; not after the person stopped it, or time ran out.
    fn may_go_on(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed { failure, .. } => {
                !self.observer.out_of_patience
                    && !matches!(failure.cause, Cause::Cancelled | Cause::Misuse(_))
            }
            Outcome::Replied | Outcome::CannotAsk(_) => false,
        }
    }

    /// Whether the person wants another code. What the radio says meanwhile is still told.
    async fn wait_for_person(
        &mut self,
        radio: &mut impl Radio,
        ui: &mut impl Ui,
        asks: &mut mpsc::Receiver<Ask>,
        overall: Option<Instant>,
    ) -> bool {
        ui.offer_new_code();
        let over = async {
            match overall {
                Some(limit) => sleep_until(limit.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(over);
        loop {
            tokio::select! {
                biased;
                () = &mut over => return false,
                ask = asks.recv() => return ask == Some(Ask::NewCode),
                event = radio.next() => match event {
                    RadioEvent::Listening(adapters) => self.observer.listening(adapters, ui),
                    RadioEvent::Trouble(trouble) => self.observer.trouble(trouble, ui),
                    RadioEvent::Advert(_) | RadioEvent::Neighbour => {}
                    _ => {}
                },
            }
        }
    }

    fn begin_again(&mut self, network: &Network) {
        self.warm = Some(Preconnections::start(network));
        self.dialing = None;
        self.phone = GetInfo::default();
        self.done = false;
    }

    async fn ended(mut self, ui: &mut impl Ui) -> Outcome {
        websocket::close(self.tunnel.take()).await;
        self.observer.note(EventKind::Done { ok: self.done }, ui);
        Outcome::Replied
    }
}

/// The next step of a line that is opened ahead; never when there is none. Cancel-safe.
async fn ahead(warm: &mut Option<Preconnections>) -> NetStep {
    match warm {
        Some(warm) => warm.step().await,
        None => std::future::pending().await,
    }
}

/// What is heard of the tunnel that is being opened; never when there is none. Cancel-safe.
async fn dialed(dialing: &mut Option<BackgroundTask<Tunnel>>) -> TaskEvent<Tunnel> {
    match dialing {
        Some(dialing) => dialing.next().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
