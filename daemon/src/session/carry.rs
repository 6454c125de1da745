//! What the protocol wants done, or told.

use super::outcome::Outcome;
use super::patience::Ask;
use super::request::Request;
use super::state::Session;
use super::ui::Ui;
use super::{pause, verdict, websocket};
use hybrid_diagnosis::timeline::{EventKind, SessionFailure};
use hybrid_dial::clock::now;
use hybrid_dial::dial;
use hybrid_protocol::{Cause, DesktopInput, DesktopOutput, Failure, Route, Wiped};
use hybrid_radio::Radio;
use hybrid_webauthn::GetInfo;

impl<R: Request, A: Radio, U: Ui<Response = R::Response>> Session<'_, R, A, U> {
    /// Does it; the outcome when it was the last.
    pub(super) async fn carry(&mut self, output: DesktopOutput) -> Option<Outcome> {
        match output {
            DesktopOutput::Failed(failure) => return self.failed(failure).await,
            DesktopOutput::Ended => {
                websocket::close(self.tunnel.take()).await;
                let done = EventKind::Done { ok: self.done };
                self.observer.note(done, self.ui);
                return Some(Outcome::Replied);
            }
            DesktopOutput::Entered(stage) => self.observer.entered(stage, self.ui),
            DesktopOutput::OpenTunnel(route) => self.open(route),
            DesktopOutput::Send(frame) => {
                self.send(frame).await;
                // That may have taken its time, which is no pause.
                self.awake = pause::clock();
            }
            DesktopOutput::Greeted(greeted) => self.ask(GetInfo::read(&greeted.get_info)),
            DesktopOutput::Reply(reply) => self.reply(reply),
            // Nothing is offered, so nothing comes.
            DesktopOutput::Linked(_) => {}
            DesktopOutput::CloseTunnel => self.dialing = None,
            // A later protocol's, which this program does not know.
            _ => {}
        }
        None
    }

    fn open(&mut self, route: Route) {
        // The other lines are of no use any more.
        let ahead = self
            .warm
            .take()
            .and_then(|mut warm| warm.take(route.host.as_str()));
        self.dialing = Some(dial(route, self.network.clone(), ahead));
    }

    async fn send(&mut self, frame: Vec<u8>) {
        let stage = self
            .desktop
            .poll_timeout()
            .map_or_else(now, |(deadline, _)| deadline);
        let by = self.overall.map_or(stage, |limit| limit.min(stage));
        // The goodbye goes out after the last stage; it gets a moment, too.
        let by = by.max(now() + websocket::CLOSE);
        let sent = websocket::send(&mut self.tunnel, frame, by);
        tokio::pin!(sent);
        loop {
            tokio::select! {
                biased;
                result = &mut sent => {
                    if let Err(code) = result {
                        self.desktop.handle_input(DesktopInput::TunnelClosed { code }, now());
                    }
                    return;
                }
                ask = self.asks.recv() => match ask {
                    Some(Ask::NewCode) => {}
                    Some(Ask::Cancel) | None => {
                        return self.desktop.handle_input(DesktopInput::Cancel, now());
                    }
                },
            }
        }
    }

    fn ask(&mut self, phone: GetInfo) {
        self.ui.greeted(&phone);
        self.phone = phone;
        let input = match self.request.command(&self.phone) {
            Ok(command) => DesktopInput::Request(command),
            Err(reason) => {
                self.cannot_ask = Some(reason);
                DesktopInput::Cancel
            }
        };
        self.desktop.handle_input(input, now());
    }

    fn reply(&mut self, reply: Wiped) {
        // An empty message is refused below this layer.
        let status = reply.expose().first().copied().unwrap_or_default();
        self.observer.note(EventKind::Answered(status), self.ui);
        let response = self.request.finish(&self.phone, reply);
        if let Err(error) = &response {
            let finding = EventKind::Finding(verdict::reply(error));
            self.observer.note(finding, self.ui);
        }
        self.done = response.is_ok();
        self.ui.replied(response);
    }

    /// Tells why, and goes on with another code when the person wants one.
    async fn failed(&mut self, failure: Failure) -> Option<Outcome> {
        let outcome = self.why_failed(failure).await;
        let goes_on = self.patience.renews && self.may_go_on(&outcome);
        if !goes_on || !self.wait_for_person().await {
            self.observer.note(EventKind::Done { ok: false }, self.ui);
            return Some(outcome);
        }
        self.begin_again().err().map(Outcome::CannotBegin)
    }

    async fn why_failed(&mut self, failure: Failure) -> Outcome {
        self.warm = None;
        let failure = if self.observer.gave_up.is_some() {
            Failure {
                cause: Cause::TimedOut,
                ..failure
            }
        } else {
            failure
        };
        let outcome = match self.cannot_ask.take() {
            Some(reason) => {
                let finding = EventKind::Finding(verdict::cannot_ask(&reason));
                self.observer.note(finding, self.ui);
                Outcome::CannotAsk(reason)
            }
            None => {
                let mut failed = SessionFailure::from(&failure);
                if let Some(after) = self.observer.gave_up {
                    failed.detail = self.observer.given_up(after, self.ui);
                }
                self.observer.note(EventKind::Failed(failed), self.ui);
                let findings = self.observer.failed(self.ui);
                Outcome::Failed { failure, findings }
            }
        };
        // Nobody has to wait for a goodbye to learn what went wrong.
        websocket::close(self.tunnel.take()).await;
        outcome
    }
}
