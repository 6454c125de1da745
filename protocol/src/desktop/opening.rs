//! What moves a desktop from one phase to the next until its channel is up. Each transition
//! consumes the old phase.

use super::command_filter;
use super::core::DesktopCore;
use super::event::{AdvertVerdict, DesktopOutput};
use super::phase::{ArrivalSignal, DesktopAttempt, DesktopFlow, DesktopPhase, LinkTerms, ReplyDue};
use crate::advert::{Opened, Plaintext};
use crate::channel::Channel;
use crate::derive::tunnel_id;
use crate::domain::TunnelHost;
use crate::failure::{Cause, Misuse, TunnelFault};
use crate::noise::{Initiator, Psk};
use crate::route::{Path, Route};
use crate::secret::Wiped;
use crate::stage::Stage;
use std::time::Instant;

impl DesktopCore {
    pub(super) fn advert(
        &mut self,
        phase: DesktopPhase,
        data: &[u8],
        now: Instant,
    ) -> (DesktopPhase, AdvertVerdict) {
        match phase {
            DesktopPhase::Listening(attempt) => match self.eid_key.open_qr(data) {
                Opened::Ours(advert) => {
                    let verdict = AdvertVerdict::Ours(Some(advert.host.clone()));
                    let phase = self.join(attempt, advert.host, advert.plaintext, now);
                    (phase, verdict)
                }
                other @ (Opened::Unknown(_) | Opened::Malformed | Opened::Foreign) => {
                    (DesktopPhase::Listening(attempt), not_ours(&other))
                }
            },
            DesktopPhase::Contacting {
                attempt,
                heard: None,
            } => {
                let (heard, verdict) = self.open_linked(data);
                (DesktopPhase::Contacting { attempt, heard }, verdict)
            }
            DesktopPhase::Summoned { attempt, signal } => match self.open_linked(data) {
                (Some(advert), verdict) => {
                    let phase = self.start_handshake(attempt, &advert, signal, now);
                    (phase, verdict)
                }
                (None, verdict) => (DesktopPhase::Summoned { attempt, signal }, verdict),
            },
            committed @ (DesktopPhase::Opening { .. }
            | DesktopPhase::Contacting { .. }
            | DesktopPhase::Handshaking { .. }
            | DesktopPhase::Greeting { .. }
            | DesktopPhase::Ready(_)
            | DesktopPhase::Asked(_)
            | DesktopPhase::Lingering(_)
            | DesktopPhase::Done) => {
                let verdict = match self.eid_key.open_linked(data) {
                    Opened::Ours(_) | Opened::Unknown(_) => AdvertVerdict::Late,
                    other @ (Opened::Malformed | Opened::Foreign) => not_ours(&other),
                };
                (committed, verdict)
            }
        }
    }

    pub(super) fn tunnel_opened(
        &mut self,
        phase: DesktopPhase,
        signal: bool,
        now: Instant,
    ) -> DesktopPhase {
        match phase {
            DesktopPhase::Opening { attempt, advert } => {
                self.tunnel_open = true;
                // Only contact requests ask for the signal; a relay that offers it here is not
                // believed.
                self.start_handshake(attempt, &advert, ArrivalSignal::Settled, now)
            }
            DesktopPhase::Contacting { attempt, heard } => {
                self.tunnel_open = true;
                let signal = if signal {
                    ArrivalSignal::Due
                } else {
                    ArrivalSignal::Settled
                };
                self.enter(Stage::Advert, now);
                match heard {
                    Some(advert) => self.start_handshake(attempt, &advert, signal, now),
                    None => DesktopPhase::Summoned { attempt, signal },
                }
            }
            other @ (DesktopPhase::Listening(_)
            | DesktopPhase::Summoned { .. }
            | DesktopPhase::Handshaking { .. }
            | DesktopPhase::Greeting { .. }
            | DesktopPhase::Ready(_)
            | DesktopPhase::Asked(_)
            | DesktopPhase::Lingering(_)
            | DesktopPhase::Done) => other,
        }
    }

    pub(super) fn tunnel_failed(
        &mut self,
        phase: DesktopPhase,
        fault: TunnelFault,
    ) -> DesktopPhase {
        match phase {
            DesktopPhase::Opening { .. } | DesktopPhase::Contacting { .. } => {
                self.fail(Cause::Tunnel(fault))
            }
            other @ (DesktopPhase::Listening(_)
            | DesktopPhase::Summoned { .. }
            | DesktopPhase::Handshaking { .. }
            | DesktopPhase::Greeting { .. }
            | DesktopPhase::Ready(_)
            | DesktopPhase::Asked(_)
            | DesktopPhase::Lingering(_)
            | DesktopPhase::Done) => other,
        }
    }

    pub(super) fn frame(
        &mut self,
        phase: DesktopPhase,
        frame: &[u8],
        now: Instant,
    ) -> DesktopPhase {
        match phase {
            DesktopPhase::Summoned {
                attempt,
                signal: ArrivalSignal::Due,
            } => match frame {
                [0] => DesktopPhase::Summoned {
                    attempt,
                    signal: ArrivalSignal::Settled,
                },
                _ => self.fail(Cause::BadSignal),
            },
            DesktopPhase::Handshaking {
                terms,
                initiator,
                signal: ArrivalSignal::Due,
            } => match frame {
                [0] => DesktopPhase::Handshaking {
                    terms,
                    initiator,
                    signal: ArrivalSignal::Settled,
                },
                _ => self.fail(Cause::BadSignal),
            },
            DesktopPhase::Handshaking {
                terms,
                initiator,
                signal: ArrivalSignal::Settled,
            } => match initiator.finish(frame) {
                Ok(keys) => {
                    self.enter(Stage::Greeting, now);
                    DesktopPhase::Greeting {
                        terms,
                        channel: Channel::new(&keys),
                        hash: keys.hash,
                    }
                }
                Err(error) => self.fail(Cause::Handshake(error)),
            },
            DesktopPhase::Greeting {
                terms,
                channel,
                hash,
            } => self.greeting(terms, channel, hash, frame, now),
            DesktopPhase::Ready(session) => self.message(session, frame, ReplyDue::No, now),
            DesktopPhase::Asked(session) => self.message(session, frame, ReplyDue::Yes, now),
            DesktopPhase::Lingering(session) => self.late_message(session, frame, now),
            DesktopPhase::Listening(_)
            | DesktopPhase::Opening { .. }
            | DesktopPhase::Contacting { .. }
            | DesktopPhase::Summoned {
                signal: ArrivalSignal::Settled,
                ..
            } => self.fail(Cause::UnexpectedFrame),
            DesktopPhase::Done => DesktopPhase::Done,
        }
    }

    pub(super) fn request(
        &mut self,
        phase: DesktopPhase,
        command: Wiped,
        now: Instant,
    ) -> DesktopPhase {
        let checked = match phase {
            DesktopPhase::Asked(_) | DesktopPhase::Lingering(_) => Err(Misuse::Second),
            DesktopPhase::Done => return DesktopPhase::Done,
            DesktopPhase::Listening(_)
            | DesktopPhase::Opening { .. }
            | DesktopPhase::Contacting { .. }
            | DesktopPhase::Summoned { .. }
            | DesktopPhase::Handshaking { .. }
            | DesktopPhase::Greeting { .. }
            | DesktopPhase::Ready(_) => {
                if self.request.is_some() {
                    Err(Misuse::Second)
                } else {
                    command_filter::check(command.expose())
                }
            }
        };
        match (checked, phase) {
            // After the reply, a caller's mistake does not undo it.
            (Err(_), phase @ DesktopPhase::Lingering(_)) => phase,
            (Err(misuse), _) => self.fail(Cause::Misuse(misuse)),
            (Ok(()), DesktopPhase::Ready(session)) => self.ask(session, &command, now),
            (Ok(()), waiting) => {
                self.request = Some(command);
                waiting
            }
        }
    }

    /// The person gave up: the phone is told if there is a channel, so that its prompt goes away.
    pub(super) fn cancel(&mut self, phase: DesktopPhase, now: Instant) -> DesktopPhase {
        match phase {
            DesktopPhase::Ready(mut session) | DesktopPhase::Asked(mut session) => {
                self.send_shutdown(&mut session);
                self.fail(Cause::Cancelled)
            }
            DesktopPhase::Lingering(_) => self.end(now),
            DesktopPhase::Done => DesktopPhase::Done,
            DesktopPhase::Listening(_)
            | DesktopPhase::Opening { .. }
            | DesktopPhase::Contacting { .. }
            | DesktopPhase::Summoned { .. }
            | DesktopPhase::Handshaking { .. }
            | DesktopPhase::Greeting { .. } => self.fail(Cause::Cancelled),
        }
    }

    /// The tunnel or the clock ended the stage. While lingering that is the ordinary end: the reply
    /// was handed over.
    pub(super) fn broken(
        &mut self,
        phase: DesktopPhase,
        cause: Cause,
        now: Instant,
    ) -> DesktopPhase {
        match phase {
            DesktopPhase::Done => DesktopPhase::Done,
            DesktopPhase::Lingering(_) => self.end(now),
            // No tunnel is open in these, so what a tunnel says belongs to an older one.
            waiting @ (DesktopPhase::Listening(_)
            | DesktopPhase::Opening { .. }
            | DesktopPhase::Contacting { .. })
                if matches!(cause, Cause::TextFrame | Cause::TunnelClosed { .. }) =>
            {
                waiting
            }
            DesktopPhase::Listening(_)
            | DesktopPhase::Opening { .. }
            | DesktopPhase::Contacting { .. }
            | DesktopPhase::Summoned { .. }
            | DesktopPhase::Handshaking { .. }
            | DesktopPhase::Greeting { .. }
            | DesktopPhase::Ready(_)
            | DesktopPhase::Asked(_) => self.fail(cause),
        }
    }

    fn join(
        &mut self,
        attempt: DesktopAttempt,
        host: TunnelHost,
        advert: Plaintext,
        now: Instant,
    ) -> DesktopPhase {
        let DesktopFlow::Qr { secret, .. } = &attempt.flow else {
            return DesktopPhase::Listening(attempt);
        };
        let path = Path::Connect(advert.routing(), tunnel_id(secret));
        self.enter(Stage::Tunnel, now);
        self.outputs.push_back(DesktopOutput::OpenTunnel(Route {
            host,
            path,
            payload: None,
        }));
        DesktopPhase::Opening { attempt, advert }
    }

    /// An advert of a linked phone, if it is one.
    fn open_linked(&self, data: &[u8]) -> (Option<Plaintext>, AdvertVerdict) {
        match self.eid_key.open_linked(data) {
            Opened::Ours(advert) => (Some(advert), AdvertVerdict::Ours(None)),
            other @ (Opened::Unknown(_) | Opened::Malformed | Opened::Foreign) => {
                (None, not_ours(&other))
            }
        }
    }

    fn start_handshake(
        &mut self,
        attempt: DesktopAttempt,
        advert: &Plaintext,
        signal: ArrivalSignal,
        now: Instant,
    ) -> DesktopPhase {
        let DesktopAttempt { flow, ephemeral } = attempt;
        self.enter(Stage::Handshake, now);
        let (terms, started) = match flow {
            DesktopFlow::Qr {
                key,
                secret,
                linking,
            } => {
                let started = Initiator::by_qr(&key, ephemeral, &Psk::from_qr(&secret, advert));
                (
                    LinkTerms::Qr {
                        key,
                        linking,
                        domain: advert.domain(),
                    },
                    started,
                )
            }
            DesktopFlow::Linked { secret, phone } => (
                LinkTerms::Linked,
                Initiator::by_link(&phone, ephemeral, &Psk::from_link(&secret, advert)),
            ),
        };
        match started {
            Ok((initiator, message)) => {
                self.outputs
                    .push_back(DesktopOutput::Send(message.to_vec()));
                DesktopPhase::Handshaking {
                    terms,
                    initiator,
                    signal,
                }
            }
            Err(error) => self.fail(Cause::Handshake(error)),
        }
    }
}

/// The verdict over what does not open as ours.
fn not_ours<T>(opened: &Opened<T>) -> AdvertVerdict {
    match opened {
        Opened::Unknown(domain) => AdvertVerdict::Unknown(*domain),
        Opened::Malformed => AdvertVerdict::Malformed,
        Opened::Ours(_) | Opened::Foreign => AdvertVerdict::Foreign,
    }
}
