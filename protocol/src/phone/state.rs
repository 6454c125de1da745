//! What moves a phone from one phase to the next.

use super::core::PhoneCore;
use super::event::PhoneOutput;
use super::phase::{CommandDue, PhoneChannel, PhoneFlow, PhonePhase};
use crate::advert::Plaintext;
use crate::cbor;
use crate::channel::Channel;
use crate::failure::{Cause, Misuse, TunnelFault};
use crate::greeting::Greeting;
use crate::id::RoutingId;
use crate::key::PrivateKey;
use crate::link::LinkOffer;
use crate::message::{Message, Revision};
use crate::noise::{Psk, Responder};
use crate::secret::Wiped;
use crate::stage::Stage;
use std::time::Instant;

impl PhoneCore {
    pub(super) fn opened(
        &mut self,
        phase: PhonePhase,
        routing: RoutingId,
        now: Instant,
    ) -> PhonePhase {
        match phase {
            PhonePhase::Opening { flow, ephemeral } => {
                self.tunnel_open = true;
                self.advertising = true;
                let advert = self.advert(&flow, routing);
                self.enter(Stage::Advert, now);
                self.outputs
                    .push_back(PhoneOutput::Advertise(self.eid_key.seal(&advert)));
                PhonePhase::Advertising {
                    flow,
                    ephemeral,
                    advert,
                }
            }
            other @ (PhonePhase::Advertising { .. }
            | PhonePhase::Ready(_)
            | PhonePhase::Deciding(_)
            | PhonePhase::Done) => other,
        }
    }

    pub(super) fn tunnel_failed(&mut self, phase: PhonePhase, fault: TunnelFault) -> PhonePhase {
        match phase {
            PhonePhase::Opening { .. } => self.fail(Cause::Tunnel(fault)),
            other @ (PhonePhase::Advertising { .. }
            | PhonePhase::Ready(_)
            | PhonePhase::Deciding(_)
            | PhonePhase::Done) => other,
        }
    }

    pub(super) fn frame(&mut self, phase: PhonePhase, frame: &[u8], now: Instant) -> PhonePhase {
        match phase {
            PhonePhase::Opening { .. } => self.fail(Cause::UnexpectedFrame),
            PhonePhase::Advertising {
                flow,
                ephemeral,
                advert,
            } => self.handshake(flow, ephemeral, &advert, frame, now),
            PhonePhase::Ready(session) => self.message(session, frame, CommandDue::Yes, now),
            PhonePhase::Deciding(session) => self.message(session, frame, CommandDue::No, now),
            PhonePhase::Done => PhonePhase::Done,
        }
    }

    pub(super) fn respond(&mut self, phase: PhonePhase, reply: &Wiped, now: Instant) -> PhonePhase {
        match phase {
            PhonePhase::Deciding(mut session) => match session
                .channel
                .seal(Message::ctap(Revision::One, reply.expose()).expose())
            {
                Ok(frame) => {
                    self.served = true;
                    self.outputs.push_back(PhoneOutput::Send(frame));
                    self.enter(Stage::Request, now);
                    PhonePhase::Ready(session)
                }
                Err(error) => self.fail(Cause::Frame(error)),
            },
            PhonePhase::Opening { .. } | PhonePhase::Advertising { .. } | PhonePhase::Ready(_) => {
                self.fail(Cause::Misuse(Misuse::NoRequest))
            }
            PhonePhase::Done => PhonePhase::Done,
        }
    }

    pub(super) fn offer_link(&mut self, phase: PhonePhase, offer: LinkOffer) -> PhonePhase {
        match phase {
            PhonePhase::Ready(session) => self.send_offer(session, &offer, PhonePhase::Ready),
            PhonePhase::Deciding(session) => self.send_offer(session, &offer, PhonePhase::Deciding),
            waiting @ (PhonePhase::Opening { .. } | PhonePhase::Advertising { .. }) => {
                self.offer = Some(offer);
                waiting
            }
            PhonePhase::Done => PhonePhase::Done,
        }
    }

    /// The tunnel, the clock or the user ended it: an ordinary end once a command was served.
    pub(super) fn broken(&mut self, phase: PhonePhase, cause: Cause, now: Instant) -> PhonePhase {
        match phase {
            PhonePhase::Done => PhonePhase::Done,
            PhonePhase::Ready(_) if self.served => self.end(now),
            PhonePhase::Opening { .. }
            | PhonePhase::Advertising { .. }
            | PhonePhase::Ready(_)
            | PhonePhase::Deciding(_) => self.fail(cause),
        }
    }

    /// Answers the handshake and greets in the same breath, as the specification has it: no round
    /// trip between the two.
    fn handshake(
        &mut self,
        flow: PhoneFlow,
        ephemeral: PrivateKey,
        advert: &Plaintext,
        frame: &[u8],
        now: Instant,
    ) -> PhonePhase {
        let (answered, link_to) = match flow {
            PhoneFlow::Qr {
                desktop,
                secret,
                linking,
            } => {
                let answered =
                    Responder::by_qr(&desktop, ephemeral, &Psk::from_qr(&secret, advert), frame);
                (answered, linking.then_some(desktop))
            }
            PhoneFlow::Linked { identity, secret } => (
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
        let session = PhoneChannel {
            channel,
            hash: keys.hash,
            link_to,
        };
        match self.offer.take() {
            Some(offer) => self.send_offer(session, &offer, PhonePhase::Ready),
            None => PhonePhase::Ready(session),
        }
    }

    fn message(
        &mut self,
        mut session: PhoneChannel,
        frame: &[u8],
        due: CommandDue,
        now: Instant,
    ) -> PhonePhase {
        let message = match session.channel.open(frame) {
            Ok(bytes) if bytes.expose().first() == Some(&2) => {
                match bytes.expose().get(1..).map(cbor::read) {
                    // Updates from a desktop have no meaning yet, but they must be CBOR.
                    Some(Ok(_)) => return due.back(session),
                    Some(Err(_)) | None => return self.fail(Cause::Unsolicited),
                }
            }
            Ok(bytes) => Message::read(Revision::One, &bytes),
            Err(error) => return self.fail(Cause::Frame(error)),
        };
        match (message, due) {
            (Err(error), _) => self.fail(Cause::Message(error)),
            (Ok(Message::Shutdown), _) if self.served => self.end(now),
            (Ok(Message::Shutdown), _) => self.fail(Cause::PeerShutdown),
            (Ok(Message::Ctap(command)), CommandDue::Yes) => {
                self.outputs.push_back(PhoneOutput::Request(command));
                self.enter(Stage::Reply, now);
                PhonePhase::Deciding(session)
            }
            (Ok(Message::Ctap(_) | Message::Json(_) | Message::Update(_)), _) => {
                self.fail(Cause::Unsolicited)
            }
        }
    }

    fn send_offer(
        &mut self,
        mut session: PhoneChannel,
        offer: &LinkOffer,
        back: fn(PhoneChannel) -> PhonePhase,
    ) -> PhonePhase {
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
