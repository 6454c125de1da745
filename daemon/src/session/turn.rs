//! One turn: wait for one thing, and hand it in.

use super::patience::Ask;
use super::request::Request;
use super::state::{Session, TICK};
use super::ui::Ui;
use super::{pause, websocket};
use hybrid_diagnosis::timeline::EventKind;
use hybrid_dial::clock::now;
use hybrid_dial::{BackgroundTask, NetStep, Preconnections, TaskEvent, Tunnel};
use hybrid_protocol::{DesktopInput, Stage};
use hybrid_radio::{Radio, RadioEvent};
use std::time::{Duration, Instant};
use tokio::time::sleep_until;
use tokio_tungstenite::tungstenite::{Error, Message};

/// What a wait brought.
pub(super) enum Happened {
    /// Time passed.
    Time,
    /// The person asks for something; `None` when nobody can any more.
    Asked(Option<Ask>),
    /// Of the tunnel that is opened.
    Dial(TaskEvent<Tunnel>),
    /// Of a connection that is opened ahead.
    Ahead(NetStep),
    /// Of the open tunnel; `None` when it is over.
    Message(Option<Result<Message, Error>>),
    /// Of the radio.
    Radio(RadioEvent),
}

impl<R: Request, A: Radio, U: Ui<Response = R::Response>> Session<'_, R, A, U> {
    /// Waits for one thing, and not longer than until something is due.
    pub(super) async fn wait(&mut self) -> Happened {
        let wake = self.due().map_or(self.look, |due| due.min(self.look));
        // Time comes first below, so that it must not be due while it does not count.
        let wake = self.grace.map_or(wake, |until| wake.max(until));
        let happened = tokio::select! {
            biased;
            // First, as everything below may be ready for ever.
            () = sleep_until(wake.into()) => Happened::Time,
            ask = self.asks.recv() => Happened::Asked(ask),
            heard = dialed(&mut self.dialing) => Happened::Dial(heard),
            step = ahead(&mut self.warm) => Happened::Ahead(step),
            message = websocket::next(&mut self.tunnel) => Happened::Message(message),
            event = self.radio.next() => Happened::Radio(event),
        };
        let ran = std::mem::replace(&mut self.awake, pause::clock());
        if let Some(paused) = pause::between(ran, self.awake) {
            self.paused(paused).await;
        }
        happened
    }

    /// Hands in what happened, and the time.
    pub(super) fn take(&mut self, happened: Happened) {
        match happened {
            Happened::Time => {}
            Happened::Asked(Some(Ask::NewCode)) if self.can_renew() => self.renew(),
            Happened::Asked(Some(Ask::NewCode)) => {}
            Happened::Asked(Some(Ask::Cancel) | None) => {
                self.desktop.handle_input(DesktopInput::Cancel, now());
            }
            Happened::Dial(TaskEvent::Step(step)) => {
                self.observer.note(EventKind::Net(step), self.ui);
            }
            Happened::Dial(TaskEvent::Done(dialed)) => {
                self.dialing = None;
                let input = match dialed {
                    Ok(tunnel) => {
                        let signal = tunnel.signal;
                        self.tunnel = Some(tunnel.socket);
                        DesktopInput::TunnelOpened { signal }
                    }
                    Err(error) => DesktopInput::TunnelFailed(error.fault()),
                };
                self.desktop.handle_input(input, now());
            }
            Happened::Ahead(step) => {
                self.observer.note(EventKind::Ahead(step), self.ui);
                self.observer.waited(self.ui);
            }
            Happened::Message(message) => {
                self.alive_by = None;
                websocket::input(message, &mut self.desktop);
            }
            Happened::Radio(event) => self.heard(event),
        }
        self.tell_time(now());
    }

    /// Whatever came, and by the clock itself: timers are late on a busy computer.
    fn tell_time(&mut self, now: Instant) {
        if self.grace.is_some_and(|until| now < until) {
            return;
        }
        self.grace = None;
        self.desktop.handle_timeout(now);
        if self.alive_by.is_some_and(|by| by <= now) {
            self.alive_by = None;
            let code = Some(websocket::NO_GOODBYE);
            self.desktop
                .handle_input(DesktopInput::TunnelClosed { code }, now);
        }
        let over = self.overall.is_some_and(|limit| limit <= now);
        if over || self.look <= now {
            self.look = now + TICK;
            self.waited(now, over);
        }
    }

    /// The next deadline.
    fn due(&self) -> Option<Instant> {
        let stage = self.desktop.poll_timeout().map(|(deadline, _)| deadline);
        let due = [stage, self.overall, self.alive_by];
        due.into_iter().flatten().min()
    }

    fn waited(&mut self, now: Instant, over: bool) {
        let Some((_, stage)) = self.desktop.poll_timeout() else {
            return;
        };
        self.observer.waited(self.ui);
        let deaf = self.observer.deaf_for(now);
        let without_radio = self.patience.radio.filter(|limit| deaf >= Some(*limit));
        let without_radio = without_radio.filter(|_| stage == Stage::Advert);
        let overall = self.patience.overall.filter(|_| over);
        let gave_up = without_radio.or(overall);
        if gave_up.is_some() {
            self.observer.gave_up = gave_up;
            self.desktop.handle_input(DesktopInput::Cancel, now);
        }
    }

    fn heard(&mut self, event: RadioEvent) {
        match event {
            RadioEvent::Advert(advert) => {
                let verdict = self.desktop.handle_advert(&advert.data, now());
                self.observer.advert(&advert, &verdict, self.ui);
            }
            RadioEvent::Neighbour => self.observer.neighbour(),
            RadioEvent::Listening(adapters) => self.observer.listening(adapters, self.ui),
            RadioEvent::Trouble(trouble) => self.observer.trouble(trouble, self.ui),
            // Something that a later radio tells of.
            _ => {}
        }
    }

    /// This program did not run for a while. Deadlines may have passed although what they wait for
    /// has come, and a tunnel may be gone without a word of it.
    async fn paused(&mut self, paused: Duration) {
        self.observer.note(EventKind::Paused(paused), self.ui);
        let now = now();
        self.grace = Some(now + pause::GRACE);
        if self.tunnel.is_some() {
            self.alive_by = Some(now + pause::ANSWER);
            // A tunnel that takes no ping in this time is judged by its answer, which does not come.
            websocket::ping(&mut self.tunnel, now + websocket::CLOSE).await;
            // That may have taken its time, which is no pause: a peer that does not read must not
            // put off the deadlines by it, again and again.
            self.awake = pause::clock();
        }
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
