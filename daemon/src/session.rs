//! The IO loop of one sign-in: it carries what the protocol decides between radio, network and screen, and decides nothing.

mod observer;
pub mod verdict;
mod websocket;

use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{Entry, What};
use hybrid_dial::clock::now;
use hybrid_dial::{BackgroundTask, NetStep, Network, Preconnections, TaskEvent, Tunnel, dial};
use hybrid_protocol::QrText;
use hybrid_protocol::{Cause, Desktop, DesktopInput, DesktopOutput, Failure, Secret, Stage, Wiped};
use hybrid_protocol::{Linking, QrEntropy};
use hybrid_radio::{Radio, RadioEvent};
use hybrid_webauthn::{CannotAsk, Ceremony, GetInfo, ReplyError};
use observer::Observer;
use serde_json::Value;
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::sleep_until;

/// Between looks at whether waiting needs an explanation.
const TICK: Duration = Duration::from_secs(1);

/// Where a session shows itself.
pub trait Face {
    /// A code to show; it replaces the one before.
    fn code(&mut self, text: &QrText);
    /// Something happened.
    fn entry(&mut self, entry: &Entry);
    /// The phone replied: the response for the site, or why there is none. Told at once, before the session is wound up.
    fn replied(&mut self, response: Result<Value, ReplyError>);
    /// It failed, and the person may ask for a new code.
    fn offer_new_code(&mut self) {}
}

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
    /// For a radio that cannot listen. `None` waits as long as for an advert: a person may switch it on.
    pub radio: Option<Duration>,
    /// A session that failed is not over: somebody is there who may ask for a new code.
    pub renews: bool,
}

/// How a session ended.
#[derive(Debug)]
pub enum Outcome {
    /// With a reply, which the face has.
    Replied,
    /// Without one.
    Failed {
        /// Where and why.
        failure: Failure,
        /// In the person's words; the first is the one to act on.
        findings: Vec<Finding>,
    },
    /// The phone cannot do what the site requires; it was not asked.
    CannotAsk(CannotAsk),
}

/// Runs one ceremony to its end.
pub async fn run(
    ceremony: &Ceremony,
    radio: &mut impl Radio,
    network: &Network,
    face: &mut impl Face,
    asks: &mut mpsc::Receiver<Ask>,
    patience: Patience,
) -> Outcome {
    let started = now();
    let mut desktop = show_code(ceremony, face);
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
    loop {
        while let Some(output) = desktop.poll_output() {
            match output {
                DesktopOutput::Failed(failure) => {
                    let outcome = session.failed(failure, face).await;
                    let goes_on = patience.renews && session.may_go_on(&outcome);
                    if !goes_on || !session.wait_for_person(radio, face, asks, overall).await {
                        session.observer.note(What::Done { ok: false }, face);
                        return outcome;
                    }
                    session.observer.retire(desktop.eid_key(), face);
                    session.begin_again(network);
                    desktop = show_code(ceremony, face);
                }
                DesktopOutput::Ended => return session.ended(face).await,
                DesktopOutput::Entered(stage) => session.observer.entered(stage, face),
                // The observer took it already, where the advert's adapter and strength are known.
                DesktopOutput::Heard(_) => {}
                DesktopOutput::OpenTunnel(route) => {
                    // The other lines are of no use any more.
                    let ahead = session.warm.take().and_then(|mut warm| warm.take(route.host.as_str()));
                    session.dialing = Some(dial(route, network.clone(), ahead));
                }
                DesktopOutput::Send(frame) => session.send(frame, &mut desktop, asks, overall).await,
                DesktopOutput::Greeted(greeted) => {
                    session.ask(GetInfo::read(&greeted.get_info), &mut desktop, ceremony)
                }
                DesktopOutput::Reply(reply) => session.reply(&reply, ceremony, face),
                // Nothing is offered, so nothing comes.
                DesktopOutput::Linked(_) => {}
                DesktopOutput::CloseTunnel => session.dialing = None,
                // A later protocol's, which this program does not know.
                _ => {}
            }
        }
        // Messages that lie ready cost the runtime's budget, too: nobody keeps it from its timers, and from signals, by sending many of them.
        consume_budget().await;
        let deadline = desktop.poll_timeout().map_or_else(now, |(deadline, _)| deadline);
        let wake = overall.map_or(look, |limit| limit.min(look)).min(deadline);
        tokio::select! {
            biased;
            // First, as everything below may be ready for ever.
            () = sleep_until(wake.into()) => {}
            ask = asks.recv() => match ask {
                Some(Ask::NewCode) if session.can_renew(&desktop) => {
                    session.observer.retire(desktop.eid_key(), face);
                    desktop = show_code(ceremony, face);
                }
                Some(Ask::NewCode) => {}
                Some(Ask::Cancel) | None => desktop.handle_input(DesktopInput::Cancel, now()),
            },
            heard = dialed(&mut session.dialing) => match heard {
                TaskEvent::Step(step) => session.observer.note(What::Net(step), face),
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
            step = ahead(&mut session.warm) => session.ahead(step, face),
            event = websocket::next(&mut session.tunnel) => websocket::input(event, &mut desktop),
            event = radio.next() => session.radio(event, &mut desktop, face),
        }
        // Whatever came, and by the clock itself: timers are late on a busy computer.
        let now = now();
        desktop.handle_timeout(now);
        if wake <= now && wake != deadline {
            look = now + TICK;
            session.waited(&mut desktop, face, patience, overall);
        }
    }
}

struct Session {
    observer: Observer,
    warm: Option<Preconnections>,
    /// The tunnel while it is opened, beside the session, so that the person can stop it and the radio goes on.
    dialing: Option<BackgroundTask<Tunnel>>,
    tunnel: Option<websocket::Socket>,
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
        let stage = desktop.poll_timeout().map_or_else(now, |(deadline, _)| deadline);
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

    fn ahead(&mut self, step: NetStep, face: &mut impl Face) {
        self.observer.note(What::Ahead(step), face);
        self.observer.waited(face);
    }

    fn reply(&mut self, reply: &Wiped, ceremony: &Ceremony, face: &mut impl Face) {
        // An empty message is refused below this layer.
        let status = reply.expose().first().copied().unwrap_or_default();
        self.observer.note(What::Answered(status), face);
        let response = ceremony.finish(&self.phone, reply);
        if let Err(error) = &response {
            self.observer.note(What::Finding(verdict::reply(error)), face);
        }
        self.done = response.is_ok();
        face.replied(response);
    }

    fn radio(&mut self, event: RadioEvent, desktop: &mut Desktop, face: &mut impl Face) {
        match event {
            RadioEvent::Advert(advert) => {
                desktop.handle_input(DesktopInput::Advert(&advert.data), now());
                self.observer.advert(&advert, desktop, face);
            }
            RadioEvent::Neighbour => self.observer.neighbour(),
            RadioEvent::Listening(adapters) => self.observer.listening(adapters, face),
            RadioEvent::Trouble(trouble) => self.observer.trouble(trouble, face),
        }
    }

    fn waited(&mut self, desktop: &mut Desktop, face: &mut impl Face, patience: Patience, overall: Option<Instant>) {
        let Some((_, stage)) = desktop.poll_timeout() else {
            return;
        };
        self.observer.waited(face);
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
        desktop.poll_timeout().is_some_and(|(_, stage)| stage == Stage::Advert) && self.tunnel.is_none()
    }

    async fn failed(&mut self, failure: Failure, face: &mut impl Face) -> Outcome {
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
                self.observer.note(What::Finding(verdict::cannot_ask(&reason)), face);
                Outcome::CannotAsk(reason)
            }
            None => {
                self.observer.note(What::Failed((&failure).into()), face);
                let findings = self.observer.failed(face);
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
                !self.observer.out_of_patience && !matches!(failure.cause, Cause::Cancelled | Cause::Misuse(_))
            }
            Outcome::Replied | Outcome::CannotAsk(_) => false,
        }
    }

    /// Whether the person wants another code. What the radio says meanwhile is still told.
    async fn wait_for_person(
        &mut self,
        radio: &mut impl Radio,
        face: &mut impl Face,
        asks: &mut mpsc::Receiver<Ask>,
        overall: Option<Instant>,
    ) -> bool {
        face.offer_new_code();
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
                    RadioEvent::Listening(adapters) => self.observer.listening(adapters, face),
                    RadioEvent::Trouble(trouble) => self.observer.trouble(trouble, face),
                    RadioEvent::Advert(_) | RadioEvent::Neighbour => {}
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

    async fn ended(mut self, face: &mut impl Face) -> Outcome {
        websocket::close(self.tunnel.take()).await;
        self.observer.note(What::Done { ok: self.done }, face);
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

/// Starts a session and shows its code. Nothing that can block comes before this.
fn show_code(ceremony: &Ceremony, face: &mut impl Face) -> Desktop {
    let unix_time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    loop {
        let entropy = QrEntropy {
            static_key: draw(),
            secret: draw(),
            ephemeral: draw(),
        };
        // One draw in 2³² is not a key: draw again.
        if let Ok((desktop, code)) = Desktop::by_qr(&entropy, unix_time, ceremony.hint(), Linking::NotOffered, now()) {
            face.code(&code.to_text());
            return desktop;
        }
    }
}

/// The operating system's randomness. Without it no key can be made, so it is asked until it answers.
fn draw<const N: usize>() -> Secret<N> {
    loop {
        if let Ok(secret) = Secret::fill_with(getrandom::fill) {
            return secret;
        }
        std::thread::yield_now();
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replied => f.write_str("the phone replied"),
            Self::Failed { failure, findings } => match findings.first() {
                Some(finding) => finding.fmt(f),
                None => failure.fmt(f),
            },
            Self::CannotAsk(reason) => reason.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
