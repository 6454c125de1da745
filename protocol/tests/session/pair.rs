//! Two players, one fake clock, no sockets: carries outputs of one to inputs of the other until
//! nothing moves.

use hybrid_protocol::PrivateKey;
use hybrid_protocol::tunnel_id;
use hybrid_protocol::{AdvertVerdict, Greeted, LinkEntropy, Linking, QrEntropy};
use hybrid_protocol::{ClientPayload, Hint, LinkOffer, StoredLink, VerifiedLink};
use hybrid_protocol::{
    ContactId, Desktop, DesktopInput, DesktopOutput, DomainId, Failure, LinkId, Path, Phone,
    PhoneInput, PhoneOutput, QrCode, Route, RoutingId, Secret, Stage, TunnelId,
};
use hybrid_protocol::{PhoneEntropy, PhoneLink, contact::Contact};
use std::time::{Duration, Instant};

pub const GET_INFO: &[u8] = &[0xa0];
pub const ROUTING: RoutingId = RoutingId::new([0x0a, 0x0b, 0x0c]);
/// A sign-in command: getAssertion with an empty map.
pub const COMMAND: &[u8] = &[2, 0xa0];
pub const REPLY: &[u8] = &[0, 0xa0];

/// What a player said, kept for assertions.
#[derive(Default)]
pub struct Said {
    pub stages: Vec<Stage>,
    pub heard: Vec<AdvertVerdict>,
    pub routes: Vec<Route>,
    pub greeted: Option<Greeted>,
    pub requests: Vec<Vec<u8>>,
    pub reply: Option<Vec<u8>>,
    pub link: Option<VerifiedLink>,
    pub adverts: Vec<[u8; 20]>,
    pub stopped_advertising: bool,
    pub closed: bool,
    pub failed: Option<Failure>,
    pub ended: bool,
    /// Frames not carried yet.
    pub frames: Vec<Vec<u8>>,
}

pub struct Pair {
    pub now: Instant,
    pub desktop: Desktop,
    pub phone: Option<Phone>,
    pub code: Option<QrCode>,
    pub d: Said,
    pub p: Said,
}

pub fn secret(byte: u8) -> Secret<32> {
    Secret::new([byte; 32])
}

pub fn qr_entropy(byte: u8) -> QrEntropy {
    QrEntropy {
        static_key: secret(byte),
        secret: Secret::new([byte; 16]),
        ephemeral: secret(byte + 1),
    }
}

pub fn phone_entropy() -> PhoneEntropy {
    PhoneEntropy {
        nonce: [3; 15],
        ephemeral: secret(4),
    }
}

pub fn offer() -> LinkOffer {
    LinkOffer {
        contact_id: ContactId::new(vec![9; 20]).unwrap(),
        link_id: LinkId::new([7; 8]),
        link_secret: secret(8),
        identity: PrivateKey::new(&secret(6)).unwrap(),
        name: "Pixel 9".to_owned(),
    }
}

impl Pair {
    /// A desktop that shows a code; nobody has scanned it.
    pub fn showing(linking: Linking) -> Self {
        let now = Instant::now();
        let (desktop, code) =
            Desktop::by_qr(&qr_entropy(1), 1_790_000_000, Hint::SignIn, linking, now).unwrap();
        let mut pair = Self {
            now,
            desktop,
            phone: None,
            code: Some(code),
            d: Said::default(),
            p: Said::default(),
        };
        pair.carry();
        pair
    }

    /// The phone scans and opens its tunnel; its advert is not heard yet.
    pub fn scanned(linking: Linking) -> Self {
        let mut pair = Self::showing(linking);
        let text = pair.code.as_ref().unwrap().to_text();
        let code = QrCode::parse(text.expose()).unwrap();
        pair.phone = Some(
            Phone::by_qr(
                &code,
                &phone_entropy(),
                DomainId(0),
                GET_INFO.to_vec(),
                pair.now,
            )
            .unwrap(),
        );
        pair.carry();
        assert_eq!(pair.p.routes[0].path, Path::New(tunnel_id(&code.secret)));
        pair.phone(PhoneInput::Opened { routing: ROUTING });
        pair
    }

    /// The advert was heard; the desktop's tunnel is not open yet.
    pub fn heard(linking: Linking) -> Self {
        let mut pair = Self::scanned(linking);
        let advert = pair.p.adverts[0];
        pair.advert(&advert);
        pair
    }

    /// The desktop has joined; its first message is not carried yet.
    pub fn joined(linking: Linking) -> Self {
        let mut pair = Self::heard(linking);
        pair.desktop(DesktopInput::TunnelOpened { signal: false });
        pair
    }

    /// The channel is up and the phone has greeted.
    pub fn greeted(linking: Linking) -> Self {
        let mut pair = Self::joined(linking);
        pair.carry_frames();
        pair
    }

    /// The command is at the phone.
    pub fn asked(linking: Linking) -> Self {
        let mut pair = Self::greeted(linking);
        pair.desktop(DesktopInput::Request(COMMAND.to_vec()));
        pair.carry_frames();
        pair
    }

    /// A linked desktop that contacts its phone; the relay has not answered.
    pub fn contacting() -> Self {
        let now = Instant::now();
        let link = stored_link();
        let entropy = LinkEntropy {
            nonce: [5; 16],
            ephemeral: secret(2),
        };
        let desktop = Desktop::by_link(&link, &entropy, Hint::SignIn, now).unwrap();
        let mut pair = Self {
            now,
            desktop,
            phone: None,
            code: None,
            d: Said::default(),
            p: Said::default(),
        };
        pair.carry();
        pair
    }

    /// The phone was rung, opened its side and advertises.
    pub fn rung() -> Self {
        let mut pair = Self::contacting();
        let payload = pair.d.routes[0].payload.clone().unwrap();
        assert_eq!(ClientPayload::read(&payload.write()), Ok(payload.clone()));
        let contact = Contact {
            tunnel: TunnelId::new([1; 16]),
            routing: ROUTING,
            payload,
        };
        let link = PhoneLink {
            secret: secret(8),
            identity: PrivateKey::new(&secret(6)).unwrap(),
        };
        let phone = Phone::by_contact(
            &contact,
            &link,
            &phone_entropy(),
            DomainId(0),
            GET_INFO.to_vec(),
            pair.now,
        );
        pair.phone = Some(phone.unwrap());
        pair.carry();
        assert_eq!(
            pair.p.routes[0].path,
            Path::Connect(ROUTING, TunnelId::new([1; 16]))
        );
        pair.phone(PhoneInput::Opened { routing: ROUTING });
        pair
    }

    pub fn desktop(&mut self, input: DesktopInput<'_>) {
        self.desktop.handle_input(input, self.now);
        self.carry();
    }

    pub fn advert(&mut self, data: &[u8]) {
        let now = self.now;
        let verdict = self.desktop.handle_advert(data, now);
        self.d.heard.push(verdict);
        self.carry();
    }

    pub fn phone(&mut self, input: PhoneInput<'_>) {
        let now = self.now;
        self.phone.as_mut().unwrap().handle_input(input, now);
        self.carry();
    }

    /// Lets time pass for both, deadline by deadline, as an IO loop would.
    pub fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.next_deadline().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.desktop.handle_timeout(self.now);
            if let Some(phone) = &mut self.phone {
                phone.handle_timeout(self.now);
            }
            self.carry();
        }
        self.now = end;
    }

    /// Carries frames both ways until none is left.
    pub fn carry_frames(&mut self) {
        while !(self.d.frames.is_empty() && self.p.frames.is_empty()) {
            for frame in std::mem::take(&mut self.d.frames) {
                self.phone(PhoneInput::Frame(&frame));
            }
            for frame in std::mem::take(&mut self.p.frames) {
                self.desktop(DesktopInput::Frame(&frame));
            }
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let phone = self.phone.as_ref().and_then(Phone::poll_timeout);
        [self.desktop.poll_timeout(), phone]
            .into_iter()
            .flatten()
            .map(|(due, _)| due)
            .min()
    }

    fn carry(&mut self) {
        while let Some(output) = self.desktop.poll_output() {
            match output {
                DesktopOutput::Entered(stage) => self.d.stages.push(stage),
                DesktopOutput::OpenTunnel(route) => self.d.routes.push(route),
                DesktopOutput::Send(frame) => self.d.frames.push(frame),
                DesktopOutput::Greeted(greeted) => self.d.greeted = Some(greeted),
                DesktopOutput::Reply(reply) => self.d.reply = Some(reply.expose().to_vec()),
                DesktopOutput::Linked(link) => self.d.link = Some(link),
                DesktopOutput::CloseTunnel => self.d.closed = true,
                DesktopOutput::Failed(failure) => {
                    assert!(self.d.failed.replace(failure).is_none(), "failed twice")
                }
                DesktopOutput::Ended => self.d.ended = true,
                _ => panic!("an output that this test does not know"),
            }
        }
        while let Some(output) = self.phone.as_mut().and_then(Phone::poll_output) {
            match output {
                PhoneOutput::Entered(stage) => self.p.stages.push(stage),
                PhoneOutput::OpenTunnel(route) => self.p.routes.push(route),
                PhoneOutput::Advertise(advert) => self.p.adverts.push(advert),
                PhoneOutput::StopAdvertising => self.p.stopped_advertising = true,
                PhoneOutput::Send(frame) => self.p.frames.push(frame),
                PhoneOutput::Request(request) => self.p.requests.push(request.expose().to_vec()),
                PhoneOutput::CloseTunnel => self.p.closed = true,
                PhoneOutput::Failed(failure) => self.p.failed = Some(failure),
                PhoneOutput::Ended => self.p.ended = true,
                _ => panic!("an output that this test does not know"),
            }
        }
    }
}

pub fn stored_link() -> StoredLink {
    let offer = offer();
    StoredLink {
        contact_id: offer.contact_id,
        link_id: offer.link_id,
        link_secret: offer.link_secret,
        phone_key: offer.identity.public(),
        name: offer.name,
        domain: DomainId(0),
    }
}
