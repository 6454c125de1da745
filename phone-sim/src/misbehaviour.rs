//! Between the phone that keeps the rules and the world: turns what it wants to do into what is
//! done, as the script has it.
//!
//! [`hybrid_protocol::Phone`] never misbehaves. What a script changes is changed here, after the
//! phone has spoken and before anything is carried out; so the IO loop only carries, and the
//! protocol knows nothing of faults.

use crate::authenticator::Consent;
use crate::fault::{Action, AdvertDraft, Fault, FaultKind, ForgedChannel, HandshakeContext};
use crate::script::{OnNo, Script};
use hybrid_protocol::PrivateKey;
use hybrid_protocol::Responder;
use hybrid_protocol::{ADVERT_LEN, Opened};
use hybrid_protocol::{EidKey, Psk};
use hybrid_protocol::{Phone, PhoneOutput, QrCode, Route, Stage, Wiped};
use std::collections::VecDeque;
use std::time::Instant;

/// Plays one session's script.
pub(crate) struct FaultInjector {
    script: Script,
    code: QrCode,
    own: PrivateKey,
    get_info: Vec<u8>,
    /// The last frame of the desktop before the phone answers: its handshake message.
    question: Vec<u8>,
    psk: Option<Psk>,
    channel: Option<ForgedChannel>,
    turn: Turn,
    /// What a greeting that comes too early is sent before.
    held: Vec<Action>,
    todo: VecDeque<Action>,
    pause: Option<Instant>,
}

/// What the phone's next frame is.
#[derive(Clone, Copy)]
enum Turn {
    Answer,
    Greeting,
    Reply,
    /// Not sent: the handshake was spoiled, so nothing that follows makes sense.
    Nothing,
}

impl FaultInjector {
    /// For a phone that answers `code` with this key of its own in the handshake, and says
    /// `get_info` of itself.
    pub(crate) fn new(script: Script, code: QrCode, own: PrivateKey, get_info: Vec<u8>) -> Self {
        Self {
            script,
            code,
            own,
            get_info,
            question: Vec::new(),
            psk: None,
            channel: None,
            turn: Turn::Answer,
            held: Vec::new(),
            todo: VecDeque::new(),
            pause: None,
        }
    }

    /// The next thing to do; nothing during a pause, unless the session ends in it.
    pub(crate) fn next(&mut self, phone: &mut Phone, now: Instant) -> Option<Action> {
        if let Some(until) = self.pause {
            match phone.poll_timeout() {
                Some(_) if now < until => return None,
                Some(_) => {}
                None => self.todo.clear(),
            }
            self.pause = None;
        }
        // An output of the phone may be played as nothing at all (a fault that swallows it), so the
        // next one is asked for until there is something to do or the phone is silent.
        while self.todo.is_empty() {
            let actions = self.play(phone.poll_output()?);
            self.todo.extend(actions);
        }
        self.todo.pop_front()
    }

    /// Does nothing until then.
    pub(crate) const fn pause(&mut self, until: Instant) {
        self.pause = Some(until);
    }

    /// The end of the present pause.
    pub(crate) const fn pause_ends(&self) -> Option<Instant> {
        self.pause
    }

    /// A frame of the desktop came, which the phone is about to be told.
    pub(crate) fn heard(&mut self, frame: &[u8]) {
        match self.turn {
            Turn::Answer => self.question = frame.to_vec(),
            Turn::Greeting | Turn::Reply | Turn::Nothing => {}
        }
    }

    /// Whether the user's no leads to something else than a reply.
    pub(crate) fn takes_no(&mut self, consent: Consent) -> bool {
        match (consent, self.script.on_no) {
            (Consent::Denied, OnNo::Closes) => {
                self.todo.extend([Action::Close, Action::GiveUp]);
                true
            }
            (Consent::Denied, OnNo::Replies) | (Consent::Approved, _) => false,
        }
    }

    fn play(&mut self, output: PhoneOutput) -> Vec<Action> {
        match output {
            PhoneOutput::Entered(stage) => vec![Action::Entered(stage)],
            PhoneOutput::OpenTunnel(route) => self.open(route),
            PhoneOutput::Advertise(advert) => self.advertise(&advert),
            PhoneOutput::StopAdvertising => vec![Action::StopAdvertising],
            PhoneOutput::Send(frame) => self.send(frame),
            PhoneOutput::Request(command) => self.ask(command),
            PhoneOutput::CloseTunnel => vec![Action::Close],
            PhoneOutput::Failed(failure) => vec![Action::Failed(failure)],
            PhoneOutput::Ended => vec![Action::Ended],
            // A later protocol's, which this phone does not play.
            _ => Vec::new(),
        }
    }

    fn open(&self, route: Route) -> Vec<Action> {
        let opened = match self.first(FaultKind::tunnel) {
            Some((fault, _)) => fault.open(route),
            None => vec![Action::Open(route)],
        };
        self.late(Stage::Tunnel, opened)
    }

    fn advertise(&mut self, advert: &[u8; ADVERT_LEN]) -> Vec<Action> {
        let key = EidKey::from_qr(&self.code.secret);
        let Opened::Ours(opened) = key.open_qr(advert) else {
            return vec![Action::Advertise(advert.to_vec())];
        };
        self.psk = Some(Psk::from_qr(&self.code.secret, &opened.plaintext));
        let mut draft = AdvertDraft {
            key,
            plaintext: opened.plaintext,
            data: Some(advert.to_vec()),
            after: None,
        };
        let mut actions = Vec::new();
        for (kind, arg) in self.script.faults.iter().map(Fault::play) {
            match kind {
                FaultKind::Advert(fault) => fault.spoil(arg, &mut draft),
                FaultKind::Tunnel(fault) => actions.extend(fault.before_advert()),
                FaultKind::Handshake(fault) => actions.extend(fault.before_advert()),
                FaultKind::StaleCode
                | FaultKind::Greeting(_)
                | FaultKind::Request(_)
                | FaultKind::Reply(_) => {}
            }
        }
        actions.extend(draft.after.map(Action::Wait));
        actions.extend(draft.data.map(Action::Advertise));
        self.late(Stage::Advert, actions)
    }

    fn send(&mut self, frame: Vec<u8>) -> Vec<Action> {
        match self.turn {
            Turn::Answer => self.answer(frame),
            Turn::Greeting => self.greet(frame),
            Turn::Reply => self.reply(frame),
            Turn::Nothing => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Vec<u8>) -> Vec<Action> {
        self.turn = Turn::Greeting;
        let Some(psk) = self.psk.as_ref().filter(|_| !self.script.faults.is_empty()) else {
            return self.late(Stage::Handshake, vec![Action::Send(answer)]);
        };
        // The phone has made the same keys from the same bytes.
        if let Ok((keys, _)) =
            Responder::by_qr(&self.code.public_key, self.own.clone(), psk, &self.question)
        {
            self.channel = Some(ForgedChannel::new(keys.send));
        }
        let actions = match self.first(FaultKind::handshake) {
            None => vec![Action::Send(answer)],
            Some((fault, arg)) => {
                self.turn = Turn::Nothing;
                let context = HandshakeContext {
                    own: &self.own,
                    psk,
                    question: &self.question,
                    answer,
                };
                fault.answer(arg, context)
            }
        };
        let actions = self.late(Stage::Handshake, actions);
        if self
            .first(FaultKind::greeting)
            .is_some_and(|(fault, _)| fault.comes_first())
        {
            self.held = actions;
            return Vec::new();
        }
        actions
    }

    fn greet(&mut self, frame: Vec<u8>) -> Vec<Action> {
        self.turn = Turn::Reply;
        let fault = self.first(FaultKind::greeting);
        let greeting = match (&mut self.channel, fault) {
            (Some(channel), Some((fault, arg))) => {
                channel.pass(&frame);
                fault.greet(arg, &self.get_info, channel)
            }
            (Some(channel), None) => vec![Action::Send(
                channel
                    .pass(&frame)
                    .map_or(frame, |message| channel.seal(message.expose())),
            )],
            (None, _) => vec![Action::Send(frame)],
        };
        let mut actions = self.late(Stage::Greeting, greeting);
        actions.append(&mut self.held);
        actions
    }

    fn ask(&mut self, command: Wiped) -> Vec<Action> {
        let fault = self.first(FaultKind::request);
        let actions = match (&mut self.channel, fault) {
            (Some(channel), Some((fault, arg))) => fault.ask(arg, command, channel),
            (Some(_) | None, _) => vec![Action::Ask(command)],
        };
        self.late(Stage::Reply, actions)
    }

    fn reply(&mut self, frame: Vec<u8>) -> Vec<Action> {
        let fault = self.first(FaultKind::reply);
        let Some(channel) = &mut self.channel else {
            return vec![Action::Send(frame)];
        };
        let Some(message) = channel.pass(&frame) else {
            return vec![Action::Send(frame)];
        };
        match (fault, message.expose().split_first()) {
            (Some((fault, arg)), Some((&CTAP, body))) => fault.reply(arg, body, channel),
            (Some(_), _) | (None, _) => vec![Action::Send(channel.seal(message.expose()))],
        }
    }

    /// The first fault of a moment; where adverts add up, one answer cannot be spoiled twice.
    fn first<T>(&self, of: impl Fn(FaultKind) -> Option<T>) -> Option<(T, u32)> {
        let mut played = self.script.faults.iter().map(Fault::play);
        played.find_map(|(kind, arg)| Some((of(kind)?, arg)))
    }

    fn late(&self, stage: Stage, actions: Vec<Action>) -> Vec<Action> {
        let delay = Some(self.script.delay(stage)).filter(|delay| !delay.is_zero());
        delay.map(Action::Wait).into_iter().chain(actions).collect()
    }
}

/// The type byte of a CTAP message.
const CTAP: u8 = 1;

#[cfg(test)]
mod tests;
