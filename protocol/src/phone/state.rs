//! The phone's phases and what moves it from one to the next.

use super::{Phone, PhoneOutput};
use crate::advert::Plaintext;
use crate::cbor;
use crate::channel::Channel;
use crate::derive::{LinkSecret, QrSecret};
use crate::failure::{Cause, Fault, Misuse};
use crate::greeting::Greeting;
use crate::id::RoutingId;
use crate::key::{PrivateKey, PublicKey};
use crate::link::LinkOffer;
use crate::message::{Message, Revision};
use crate::noise::{Psk, Responder};
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;
use std::time::Instant;

pub(super) enum State {
    /// The tunnel is being opened.
    Opening {
        flow: Flow,
        ephemeral: PrivateKey,
    },
    /// Advertising; the desktop's first message is awaited.
    Advertising {
        flow: Flow,
        ephemeral: PrivateKey,
        advert: Plaintext,
    },
    /// The channel is up; a command is awaited.
    Ready(Session),
    /// A command is with the user.
    Deciding(Session),
    Done,
}

pub(super) enum Flow {
    Qr {
        desktop: PublicKey,
        secret: QrSecret,
        linking: bool,
    },
    Linked {
        identity: PrivateKey,
        secret: LinkSecret,
    },
}

pub(super) struct Session {
    channel: Channel,
    hash: Secret<32>,
    /// The key to sign linking information for, when the code offers linking.
    link_to: Option<PublicKey>,
}

impl Phone {
    pub(super) fn opened(&mut self, state: State, routing: RoutingId, now: Instant) -> State {
        match state {
            State::Opening { flow, ephemeral } => {
                self.tunnel_open = true;
                self.advertising = true;
                let advert = self.advert(&flow, routing);
                self.enter(Stage::Advert, now);
                self.outputs
                    .push_back(PhoneOutput::Advertise(self.eid_key.seal(&advert)));
                State::Advertising {
                    flow,
                    ephemeral,
                    advert,
                }
            }
            other @ (State::Advertising { .. }
            | State::Ready(_)
            | State::Deciding(_)
            | State::Done) => other,
        }
    }

    pub(super) fn tunnel_failed(&mut self, state: State, fault: Fault) -> State {
        match state {
            State::Opening { .. } => self.fail(Cause::Tunnel(fault)),
            other @ (State::Advertising { .. }
            | State::Ready(_)
            | State::Deciding(_)
            | State::Done) => other,
        }
    }

    pub(super) fn frame(&mut self, state: State, frame: &[u8], now: Instant) -> State {
        match state {
            State::Opening { .. } => self.fail(Cause::UnexpectedFrame),
            State::Advertising {
                flow,
                ephemeral,
                advert,
            } => self.handshake(flow, ephemeral, &advert, frame, now),
            State::Ready(session) => self.message(session, frame, Awaited::Command, now),
            State::Deciding(session) => self.message(session, frame, Awaited::Nothing, now),
            State::Done => State::Done,
        }
    }

    pub(super) fn respond(&mut self, state: State, reply: &Wiped, now: Instant) -> State {
        match state {
            State::Deciding(mut session) => match session
                .channel
                .seal(Message::ctap(Revision::One, reply.expose()).expose())
            {
                Ok(frame) => {
                    self.served = true;
                    self.outputs.push_back(PhoneOutput::Send(frame));
                    self.enter(Stage::Request, now);
                    State::Ready(session)
                }
                Err(error) => self.fail(Cause::Frame(error)),
            },
            State::Opening { .. } | State::Advertising { .. } | State::Ready(_) => {
                self.fail(Cause::Misuse(Misuse::NoRequest))
            }
            State::Done => State::Done,
        }
    }

    pub(super) fn offer_link(&mut self, state: State, offer: LinkOffer) -> State {
        match state {
            State::Ready(session) => self.send_offer(session, &offer, State::Ready),
            State::Deciding(session) => self.send_offer(session, &offer, State::Deciding),
            waiting @ (State::Opening { .. } | State::Advertising { .. }) => {
                self.offer = Some(offer);
                waiting
            }
            State::Done => State::Done,
        }
    }

    /// The tunnel, the clock or the user ended it: an ordinary end once a command was served.
    pub(super) fn broken(&mut self, state: State, cause: Cause, now: Instant) -> State {
        match state {
            State::Done => State::Done,
            State::Ready(_) if self.served => self.end(now),
            State::Opening { .. }
            | State::Advertising { .. }
            | State::Ready(_)
            | State::Deciding(_) => self.fail(cause),
        }
    }

    /// Answers the handshake and greets in the same breath, as the specification has it: no round
    /// trip between the two.
    fn handshake(
        &mut self,
        flow: Flow,
        ephemeral: PrivateKey,
        advert: &Plaintext,
        frame: &[u8],
        now: Instant,
    ) -> State {
        let (answered, link_to) = match flow {
            Flow::Qr {
                desktop,
                secret,
                linking,
            } => {
                let answered =
                    Responder::by_qr(&desktop, ephemeral, &Psk::from_qr(&secret, advert), frame);
                (answered, linking.then_some(desktop))
            }
            Flow::Linked { identity, secret } => (
                Responder::by_link(
                    &identity,
                    ephemeral,
                    &Psk::from_link(&secret, advert),
                    frame,
                ),
                None,
            ),
        };
        self.stop_advertising();
        self.enter(Stage::Handshake, now);
        let (keys, message) = match answered {
            Ok(answered) => answered,
            Err(error) => return self.fail(Cause::Handshake(error)),
        };
        let mut channel = Channel::new(&keys);
        let greeting = match channel.seal(&Greeting::write(&self.get_info)) {
            Ok(frame) => frame,
            Err(error) => return self.fail(Cause::Frame(error)),
        };
        self.outputs.push_back(PhoneOutput::Send(message.to_vec()));
        self.outputs.push_back(PhoneOutput::Send(greeting));
        self.enter(Stage::Request, now);
        let session = Session {
            channel,
            hash: keys.hash,
            link_to,
        };
        match self.offer.take() {
            Some(offer) => self.send_offer(session, &offer, State::Ready),
            None => State::Ready(session),
        }
    }

    fn message(
        &mut self,
        mut session: Session,
        frame: &[u8],
        awaited: Awaited,
        now: Instant,
    ) -> State {
        let message = match session.channel.open(frame) {
            Ok(bytes) if bytes.expose().first() == Some(&2) => {
                match bytes.expose().get(1..).map(cbor::read) {
                    // Updates from a desktop have no meaning yet, but they must be CBOR.
                    Some(Ok(_)) => return awaited.back(session),
                    Some(Err(_)) | None => return self.fail(Cause::Unsolicited),
                }
            }
            Ok(bytes) => Message::read(Revision::One, &bytes),
            Err(error) => return self.fail(Cause::Frame(error)),
        };
        match (message, awaited) {
            (Err(error), _) => self.fail(Cause::Message(error)),
            (Ok(Message::Shutdown), _) if self.served => self.end(now),
            (Ok(Message::Shutdown), _) => self.fail(Cause::PeerShutdown),
            (Ok(Message::Ctap(command)), Awaited::Command) => {
                self.outputs.push_back(PhoneOutput::Request(command));
                self.enter(Stage::Reply, now);
                State::Deciding(session)
            }
            (Ok(Message::Ctap(_) | Message::Json(_) | Message::Update(_)), _) => {
                self.fail(Cause::Unsolicited)
            }
        }
    }

    fn send_offer(
        &mut self,
        mut session: Session,
        offer: &LinkOffer,
        back: fn(Session) -> State,
    ) -> State {
        if let Some(desktop) = session.link_to {
            let update = Message::update(offer.sign(&desktop, &session.hash));
            match session.channel.seal(update.expose()) {
                Ok(frame) => self.outputs.push_back(PhoneOutput::Send(frame)),
                Err(error) => return self.fail(Cause::Frame(error)),
            }
        }
        back(session)
    }
}

/// Whether a command may come.
#[derive(Clone, Copy)]
enum Awaited {
    Command,
    Nothing,
}

impl Awaited {
    fn back(self, session: Session) -> State {
        match self {
            Self::Command => State::Ready(session),
            Self::Nothing => State::Deciding(session),
        }
    }
}
