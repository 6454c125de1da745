//! Another code, when the person wants one.

use super::outcome::Outcome;
use super::patience::Ask;
use super::request::Request;
use super::state::Session;
use super::ui::Ui;
use hybrid_protocol::{Cause, Stage};
use hybrid_radio::{Radio, RadioEvent};
use tokio::time::sleep_until;

impl<R: Request, A: Radio, U: Ui<Response = R::Response>> Session<'_, R, A, U> {
    /// Only a code that nobody has answered can be replaced.
    pub(super) fn can_renew(&self) -> bool {
        self.desktop
            .poll_timeout()
            .is_some_and(|(_, stage)| stage == Stage::Advert)
            && self.tunnel.is_none()
    }

    /// Replaces the code. What began once begins again.
    pub(super) fn renew(&mut self) {
        let _ = self.begin_again();
    }

    /// A new code may help; not after the person stopped it, or time ran out.
    pub(super) const fn may_go_on(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed { failure, .. } => {
                self.observer.gave_up.is_none()
                    && !matches!(failure.cause, Cause::Cancelled | Cause::Misuse(_))
            }
            Outcome::Replied | Outcome::CannotAsk(_) | Outcome::CannotBegin(_) => false,
        }
    }

    /// Whether the person wants another code. What the radio says meanwhile is still told.
    pub(super) async fn wait_for_person(&mut self) -> bool {
        self.ui.offer_new_code();
        let overall = self.overall;
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
                ask = self.asks.recv() => return ask == Some(Ask::NewCode),
                event = self.radio.next() => match event {
                    RadioEvent::Listening(adapters) => self.observer.listening(adapters, self.ui),
                    RadioEvent::Trouble(trouble) => self.observer.trouble(trouble, self.ui),
                    RadioEvent::Advert(_) | RadioEvent::Neighbour => {}
                    _ => {}
                },
            }
        }
    }
}
