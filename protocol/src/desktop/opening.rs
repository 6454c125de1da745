//! The desktop's phases and what moves it from one to the next. Each transition consumes the old
//! phase.

use super::exchange::{Awaited, Session, Side};
use super::{Desktop, DesktopOutput, Heard, Linking, command_filter};
use crate::advert::{Opened, Plaintext};
use crate::channel::Channel;
use crate::derive::{LinkSecret, QrSecret, tunnel_id};
use crate::failure::{Cause, Fault, Misuse};
use crate::key::{PrivateKey, PublicKey};
use crate::noise::{Initiator, Psk};
use crate::route::{Path, Route};
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;
use std::time::Instant;

pub(super) enum State {
    /// QR flow: waiting for the advert.
    Listening(Attempt),
    /// QR flow: heard; the tunnel is being opened.
    Opening {
        attempt: Attempt,
        advert: Plaintext,
    },
    /// Linked flow: the contact tunnel is being opened; the advert may come first.
    Contacting {
        attempt: Attempt,
        heard: Option<Plaintext>,
    },
    /// Linked flow: the tunnel is open, waiting for the advert.
    Summoned {
        attempt: Attempt,
        signal: Signal,
    },
    /// Message 1 is sent.
    Handshaking {
        side: Side,
        initiator: Initiator,
        signal: Signal,
    },
    /// The channel is up, waiting for the phone's greeting.
    Greeting {
        side: Side,
        channel: Channel,
        hash: Secret<32>,
    },
    /// Greeted, waiting for the caller's command.
    Ready(Session),
    /// The command is sent.
    Asked(Session),
    /// The reply is handed over; a link may still come.
    Lingering(Session),
    Done,
}

/// What a session needs until its handshake starts.
pub(super) struct Attempt {
    pub(super) flow: Flow,
    pub(super) ephemeral: PrivateKey,
}

pub(super) enum Flow {
    Qr {
        key: PrivateKey,
        secret: QrSecret,
        linking: Linking,
    },
    Linked {
        secret: LinkSecret,
        phone: PublicKey,
    },
}

/// The relay's one-byte message that says the phone has joined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Promised and not seen yet: it must be the first message.
    Due,
    /// Seen, or never promised.
    Settled,
}

impl Desktop {
    pub(super) fn advert(&mut self, state: State, data: &[u8], now: Instant) -> State {
        match state {
            State::Listening(attempt) => match self.eid_key.open_qr(data) {
                Opened::Ours(advert) => self.join(attempt, advert.host, advert.plaintext, now),
                Opened::Unknown(domain) => {
                    self.heard(Heard::Unknown(domain), State::Listening(attempt))
                }
                Opened::Malformed => self.heard(Heard::Malformed, State::Listening(attempt)),
                Opened::Foreign => self.heard(Heard::Foreign, State::Listening(attempt)),
            },
            State::Contacting {
                attempt,
                heard: None,
            } => match self.open_linked(data) {
                Ok(advert) => State::Contacting {
                    attempt,
                    heard: Some(advert),
                },
                Err(()) => State::Contacting {
                    attempt,
                    heard: None,
                },
            },
            State::Summoned { attempt, signal } => match self.open_linked(data) {
                Ok(advert) => self.start_handshake(attempt, &advert, signal, now),
                Err(()) => State::Summoned { attempt, signal },
            },
            State::Done => State::Done,
            committed @ (State::Opening { .. }
            | State::Contacting { .. }
            | State::Handshaking { .. }
            | State::Greeting { .. }
            | State::Ready(_)
            | State::Asked(_)
            | State::Lingering(_)) => match self.eid_key.open_linked(data) {
                Opened::Ours(_) | Opened::Unknown(_) => self.heard(Heard::Late, committed),
                Opened::Malformed => self.heard(Heard::Malformed, committed),
                Opened::Foreign => self.heard(Heard::Foreign, committed),
            },
        }
    }

    pub(super) fn tunnel_opened(&mut self, state: State, signal: bool, now: Instant) -> State {
        match state {
            State::Opening { attempt, advert } => {
                self.tunnel_open = true;
                // Only contact requests ask for the signal; a relay that offers it here is not
                // believed.
                self.start_handshake(attempt, &advert, Signal::Settled, now)
            }
            State::Contacting { attempt, heard } => {
                self.tunnel_open = true;
                let signal = if signal { Signal::Due } else { Signal::Settled };
                self.enter(Stage::Advert, now);
                match heard {
                    Some(advert) => self.start_handshake(attempt, &advert, signal, now),
                    None => State::Summoned { attempt, signal },
                }
            }
            other @ (State::Listening(_)
            | State::Summoned { .. }
            | State::Handshaking { .. }
            | State::Greeting { .. }
            | State::Ready(_)
            | State::Asked(_)
            | State::Lingering(_)
            | State::Done) => other,
        }
    }

    pub(super) fn tunnel_failed(&mut self, state: State, fault: Fault) -> State {
        match state {
            State::Opening { .. } | State::Contacting { .. } => self.fail(Cause::Tunnel(fault)),
            other @ (State::Listening(_)
            | State::Summoned { .. }
            | State::Handshaking { .. }
            | State::Greeting { .. }
            | State::Ready(_)
            | State::Asked(_)
            | State::Lingering(_)
            | State::Done) => other,
        }
    }

    pub(super) fn frame(&mut self, state: State, frame: &[u8], now: Instant) -> State {
        match state {
            State::Summoned {
                attempt,
                signal: Signal::Due,
            } => match frame {
                [0] => State::Summoned {
                    attempt,
                    signal: Signal::Settled,
                },
                _ => self.fail(Cause::BadSignal),
            },
            State::Handshaking {
                side,
                initiator,
                signal: Signal::Due,
            } => match frame {
                [0] => State::Handshaking {
                    side,
                    initiator,
                    signal: Signal::Settled,
                },
                _ => self.fail(Cause::BadSignal),
            },
            State::Handshaking {
                side,
                initiator,
                signal: Signal::Settled,
            } => match initiator.finish(frame) {
                Ok(keys) => {
                    self.enter(Stage::Greeting, now);
                    State::Greeting {
                        side,
                        channel: Channel::new(&keys),
                        hash: keys.hash,
                    }
                }
                Err(error) => self.fail(Cause::Handshake(error)),
            },
            State::Greeting {
                side,
                channel,
                hash,
            } => self.greeting(side, channel, hash, frame, now),
            State::Ready(session) => self.message(session, frame, Awaited::Nothing, now),
            State::Asked(session) => self.message(session, frame, Awaited::Reply, now),
            State::Lingering(session) => self.late_message(session, frame, now),
            State::Listening(_)
            | State::Opening { .. }
            | State::Contacting { .. }
            | State::Summoned {
                signal: Signal::Settled,
                ..
            } => self.fail(Cause::UnexpectedFrame),
            State::Done => State::Done,
        }
    }

    pub(super) fn request(&mut self, state: State, command: Wiped, now: Instant) -> State {
        let checked = match state {
            State::Asked(_) | State::Lingering(_) => Err(Misuse::Second),
            State::Done => return State::Done,
            State::Listening(_)
            | State::Opening { .. }
            | State::Contacting { .. }
            | State::Summoned { .. }
            | State::Handshaking { .. }
            | State::Greeting { .. }
            | State::Ready(_) => {
                if self.request.is_some() {
                    Err(Misuse::Second)
                } else {
                    command_filter::check(command.expose())
                }
            }
        };
        match (checked, state) {
            // After the reply, a caller's mistake does not undo it.
            (Err(_), state @ State::Lingering(_)) => state,
            (Err(misuse), _) => self.fail(Cause::Misuse(misuse)),
            (Ok(()), State::Ready(session)) => self.ask(session, &command, now),
            (Ok(()), waiting) => {
                self.request = Some(command);
                waiting
            }
        }
    }

    /// The person gave up: the phone is told if there is a channel, so that its prompt goes away.
    pub(super) fn cancel(&mut self, state: State, now: Instant) -> State {
        match state {
            State::Ready(mut session) | State::Asked(mut session) => {
                self.send_shutdown(&mut session);
                self.fail(Cause::Cancelled)
            }
            State::Lingering(_) => self.end(now),
            State::Done => State::Done,
            State::Listening(_)
            | State::Opening { .. }
            | State::Contacting { .. }
            | State::Summoned { .. }
            | State::Handshaking { .. }
            | State::Greeting { .. } => self.fail(Cause::Cancelled),
        }
    }

    /// The tunnel or the clock ended the stage. While lingering that is the ordinary end: the reply
    /// was handed over.
    pub(super) fn broken(&mut self, state: State, cause: Cause, now: Instant) -> State {
        match state {
            State::Done => State::Done,
            State::Lingering(_) => self.end(now),
            // No tunnel is open in these, so what a tunnel says belongs to an older one.
            waiting @ (State::Listening(_) | State::Opening { .. } | State::Contacting { .. })
                if matches!(cause, Cause::TextFrame | Cause::TunnelClosed { .. }) =>
            {
                waiting
            }
            State::Listening(_)
            | State::Opening { .. }
            | State::Contacting { .. }
            | State::Summoned { .. }
            | State::Handshaking { .. }
            | State::Greeting { .. }
            | State::Ready(_)
            | State::Asked(_) => self.fail(cause),
        }
    }

    fn heard(&mut self, heard: Heard, state: State) -> State {
        self.outputs.push_back(DesktopOutput::Heard(heard));
        state
    }

    fn join(
        &mut self,
        attempt: Attempt,
        host: crate::TunnelHost,
        advert: Plaintext,
        now: Instant,
    ) -> State {
        let Flow::Qr { secret, .. } = &attempt.flow else {
            return State::Listening(attempt);
        };
        let path = Path::Connect(advert.routing(), tunnel_id(secret));
        self.outputs
            .push_back(DesktopOutput::Heard(Heard::Ours(Some(host.clone()))));
        self.enter(Stage::Tunnel, now);
        self.outputs.push_back(DesktopOutput::OpenTunnel(Route {
            host,
            path,
            payload: None,
        }));
        State::Opening { attempt, advert }
    }

    /// An advert of a linked phone; `Err` when it is not ours, which is noted.
    fn open_linked(&mut self, data: &[u8]) -> Result<Plaintext, ()> {
        let (heard, opened) = match self.eid_key.open_linked(data) {
            Opened::Ours(advert) => (Heard::Ours(None), Ok(advert)),
            Opened::Unknown(domain) => (Heard::Unknown(domain), Err(())),
            Opened::Malformed => (Heard::Malformed, Err(())),
            Opened::Foreign => (Heard::Foreign, Err(())),
        };
        self.outputs.push_back(DesktopOutput::Heard(heard));
        opened
    }

    fn start_handshake(
        &mut self,
        attempt: Attempt,
        advert: &Plaintext,
        signal: Signal,
        now: Instant,
    ) -> State {
        let Attempt { flow, ephemeral } = attempt;
        self.enter(Stage::Handshake, now);
        let (side, started) = match flow {
            Flow::Qr {
                key,
                secret,
                linking,
            } => {
                let started = Initiator::by_qr(&key, ephemeral, &Psk::from_qr(&secret, advert));
                (
                    Side::Qr {
                        key,
                        linking,
                        domain: advert.domain(),
                    },
                    started,
                )
            }
            Flow::Linked { secret, phone } => (
                Side::Linked,
                Initiator::by_link(&phone, ephemeral, &Psk::from_link(&secret, advert)),
            ),
        };
        match started {
            Ok((initiator, message)) => {
                self.outputs
                    .push_back(DesktopOutput::Send(message.to_vec()));
                State::Handshaking {
                    side,
                    initiator,
                    signal,
                }
            }
            Err(error) => self.fail(Cause::Handshake(error)),
        }
    }
}
