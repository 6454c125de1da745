//! Whole sessions of hybrid-protocol against a peer that holds the keys and keeps no rule: what a
//! phone, a desktop, a relay and a clock do is drawn from the input.

use crate::protocol::key;
use arbitrary::{Result, Unstructured};
use hybrid_protocol::contact::Contact;
use hybrid_protocol::{
    Channel, ClientPayload, ContactId, Desktop, DesktopInput, DesktopOutput, DomainId, EidKey,
    Greeting, HANDSHAKE_LEN, Hint, Initiator, LinkEntropy, LinkId, LinkOffer, Linking, Message,
    Phone, PhoneEntropy, PhoneInput, PhoneLink, PhoneOutput, Plaintext, Psk, QrCode, QrEntropy,
    Responder, Revision, RoutingId, Secret, Stage, StoredLink, TunnelFault, TunnelId,
};
use std::time::{Duration, Instant};

/// More than any session needs to end.
const MOST_STEPS: usize = 40;
/// More than one input ever causes.
const MOST_OUTPUTS: usize = 16;

/// What has to hold of the outputs of either player.
#[derive(Default)]
struct Watch {
    over: bool,
    replies: usize,
}

impl Watch {
    fn output(&mut self, is_end: bool, is_reply: bool) {
        assert!(!self.over, "something follows the end");
        self.over = is_end;
        self.replies += usize::from(is_reply);
    }

    fn waits(&self, until: Option<(Instant, Stage)>) {
        assert_eq!(until.is_none(), self.over, "a session waits until its end");
    }
}

fn bytes<'a>(u: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let length = usize::from(u.arbitrary::<u8>()?).min(u.len());
    u.bytes(length)
}

fn later(u: &mut Unstructured<'_>, now: &mut Instant) -> Result<()> {
    *now += Duration::from_millis(u64::from(u.arbitrary::<u16>()?) * 10);
    Ok(())
}

fn fault(u: &mut Unstructured<'_>) -> Result<TunnelFault> {
    Ok(match u.arbitrary::<u8>()? % 7 {
        0 => TunnelFault::Dns,
        1 => TunnelFault::Tcp,
        2 => TunnelFault::Proxy,
        3 => TunnelFault::Tls,
        4 => TunnelFault::Upgrade,
        5 => TunnelFault::Subprotocol,
        _ => TunnelFault::Http(u.arbitrary()?),
    })
}

fn offer(name: &[u8]) -> LinkOffer {
    LinkOffer {
        contact_id: ContactId::new(vec![9; 20]).unwrap(),
        link_id: LinkId::new([7; 8]),
        link_secret: Secret::new([8; 32]),
        identity: key(6),
        name: String::from_utf8_lossy(name).into_owned(),
    }
}

/// A desktop's session; the input is its phone, its relay, its clock and its caller.
pub fn desktop(data: &[u8]) {
    // An input that is over is a session that is left alone.
    let _ = play_desktop(&mut Unstructured::new(data));
}

/// The phone that a desktop meets.
struct FakePhone {
    code: Option<QrCode>,
    plaintext: Plaintext,
    /// Once the desktop has begun the handshake: the answer that it waits for, and the channel.
    answer: Option<Vec<u8>>,
    channel: Option<(Channel, Secret<32>)>,
}

fn play_desktop(u: &mut Unstructured<'_>) -> Result<()> {
    let (mut now, setup) = (Instant::now(), u.arbitrary::<u8>()?);
    let linking = if setup & 1 == 0 {
        Linking::Offered
    } else {
        Linking::NotOffered
    };
    let by_link = setup & 2 != 0;
    let (mut desktop, code) = if by_link {
        let offered = offer(b"Phone");
        let link = StoredLink {
            contact_id: offered.contact_id,
            link_id: offered.link_id,
            link_secret: offered.link_secret,
            phone_key: key(6).public(),
            name: offered.name,
            domain: DomainId(0),
        };
        let entropy = LinkEntropy {
            nonce: [5; 16],
            ephemeral: Secret::new([2; 32]),
        };
        (
            Desktop::by_link(&link, &entropy, Hint::SignIn, now).unwrap(),
            None,
        )
    } else {
        let entropy = QrEntropy {
            static_key: Secret::new([1; 32]),
            secret: Secret::new([1; 16]),
            ephemeral: Secret::new([2; 32]),
        };
        let (desktop, code) =
            Desktop::by_qr(&entropy, 1_790_000_000, Hint::SignIn, linking, now).unwrap();
        (desktop, Some(code))
    };
    let mut phone = FakePhone {
        code,
        plaintext: if by_link {
            Plaintext::linked([3; 15])
        } else {
            Plaintext::qr([3; 10], RoutingId::new([4; 3]), DomainId(0))
        },
        answer: None,
        channel: None,
    };
    let mut watch = Watch::default();
    // Most inputs are to come far: the phone is near, the tunnel opens, the handshake is honest.
    let opening: &[u8] = [&[][..], &[0, 2], &[0, 2, 5], &[0, 2, 5, 6, 1]][usize::from(setup >> 6)];
    let mut opening = opening.iter();
    for _ in 0..MOST_STEPS {
        phone.hear(&mut desktop, &mut watch);
        let step = match opening.next() {
            Some(step) => *step,
            None => u.arbitrary::<u8>()?,
        };
        phone.step(&mut desktop, step, u, &mut now)?;
    }
    phone.hear(&mut desktop, &mut watch);
    Ok(())
}

impl FakePhone {
    /// Takes what the desktop does.
    fn hear(&mut self, desktop: &mut Desktop, watch: &mut Watch) {
        for _ in 0..MOST_OUTPUTS {
            let Some(output) = desktop.poll_output() else {
                return watch.waits(desktop.poll_timeout());
            };
            watch.output(
                matches!(output, DesktopOutput::Failed(_) | DesktopOutput::Ended),
                matches!(output, DesktopOutput::Reply(_)),
            );
            assert!(watch.replies <= 1, "one command, one reply");
            match output {
                DesktopOutput::Send(first) if first.len() == HANDSHAKE_LEN => self.answer(&first),
                DesktopOutput::Send(frame) => {
                    if let Some((channel, _)) = &mut self.channel {
                        channel.open(&frame).unwrap();
                    }
                }
                DesktopOutput::Failed(failure) => drop(failure.to_string()),
                DesktopOutput::Entered(_)
                | DesktopOutput::OpenTunnel(_)
                | DesktopOutput::Greeted(_)
                | DesktopOutput::Reply(_)
                | DesktopOutput::Linked(_)
                | DesktopOutput::CloseTunnel
                | DesktopOutput::Ended
                | _ => {}
            }
        }
        panic!("the outputs do not end");
    }

    fn answer(&mut self, first: &[u8]) {
        if self.answer.is_some() {
            return;
        }
        let answered = match &self.code {
            Some(code) => {
                let psk = Psk::from_qr(&code.secret, &self.plaintext);
                Responder::by_qr(&code.public_key, key(4), &psk, first)
            }
            None => {
                let psk = Psk::from_link(&Secret::new([8; 32]), &self.plaintext);
                Responder::by_link(&key(6), key(4), &psk, first)
            }
        };
        let (keys, answer) = answered.unwrap();
        self.answer = Some(answer.to_vec());
        self.channel = Some((Channel::new(&keys), keys.hash));
    }

    fn step(
        &mut self,
        desktop: &mut Desktop,
        step: u8,
        u: &mut Unstructured<'_>,
        now: &mut Instant,
    ) -> Result<()> {
        let mut frame = |bytes: &[u8]| desktop.handle_input(DesktopInput::Frame(bytes), *now);
        match step % 18 {
            0 => drop(desktop.handle_advert(&self.advert(), *now)),
            1 => desktop.handle_input(DesktopInput::Request(vec![2, 0xa0]), *now),
            2 => desktop.handle_input(DesktopInput::TunnelOpened { signal: false }, *now),
            3 => desktop.handle_input(DesktopInput::TunnelOpened { signal: true }, *now),
            4 => frame(&[0]),
            5 => frame(&self.answer.clone().unwrap_or_default()),
            6 => self.say(desktop, &Greeting::write(&[0xa0]), *now),
            7 => self.say(
                desktop,
                Message::ctap(Revision::One, &[0, 0xa0]).expose(),
                *now,
            ),
            8 => self.say(desktop, bytes(u)?, *now),
            9 => {
                let offer = offer(bytes(u)?);
                let Some((_, hash)) = &self.channel else {
                    return Ok(());
                };
                let map = offer.sign(&key(1).public(), hash);
                self.say(desktop, Message::update(map).expose(), *now);
            }
            10 => self.say(desktop, &Message::shutdown(), *now),
            11 => frame(bytes(u)?),
            12 => {
                later(u, now)?;
                desktop.handle_timeout(*now);
            }
            13 => drop(desktop.handle_advert(bytes(u)?, *now)),
            14 => {
                let command = bytes(u)?.to_vec();
                desktop.handle_input(DesktopInput::Request(command), *now);
            }
            15 => {
                let code = u.arbitrary()?;
                desktop.handle_input(DesktopInput::TunnelClosed { code }, *now);
            }
            16 => desktop.handle_input(DesktopInput::TunnelFailed(fault(u)?), *now),
            _ if u.arbitrary()? => desktop.handle_input(DesktopInput::TextFrame, *now),
            _ => desktop.handle_input(DesktopInput::Cancel, *now),
        }
        Ok(())
    }

    fn advert(&self) -> [u8; 20] {
        let key = match &self.code {
            Some(code) => EidKey::from_qr(&code.secret),
            None => EidKey::from_link(&Secret::new([8; 32]), &[5; 16]),
        };
        key.seal(&self.plaintext)
    }

    /// A frame that opens.
    fn say(&mut self, desktop: &mut Desktop, message: &[u8], now: Instant) {
        if let Some((channel, _)) = &mut self.channel {
            let frame = channel.seal(message).unwrap();
            desktop.handle_input(DesktopInput::Frame(&frame), now);
        }
    }
}

/// A phone's session; the input is its desktop, its relay, its clock and its user.
pub fn phone(data: &[u8]) {
    let _ = play_phone(&mut Unstructured::new(data));
}

/// The desktop that a phone meets.
struct FakeDesktop {
    by_link: bool,
    plaintext: Plaintext,
    initiator: Option<Initiator>,
    channel: Option<Channel>,
}

fn play_phone(u: &mut Unstructured<'_>) -> Result<()> {
    let (mut now, setup) = (Instant::now(), u.arbitrary::<u8>()?);
    let entropy = PhoneEntropy {
        nonce: [3; 15],
        ephemeral: Secret::new([4; 32]),
    };
    let (by_link, info) = (setup & 2 != 0, vec![0xa0]);
    let started = if by_link {
        let contact = Contact {
            tunnel: TunnelId::new([1; 16]),
            routing: RoutingId::new([4; 3]),
            payload: ClientPayload {
                link_id: LinkId::new([7; 8]),
                nonce: [5; 16],
                hint: Hint::SignIn,
            },
        };
        let link = PhoneLink {
            secret: Secret::new([8; 32]),
            identity: key(6),
        };
        Phone::by_contact(&contact, &link, &entropy, DomainId(0), info, now)
    } else {
        let secret = Secret::new([1; 16]);
        let offered = setup & 1 == 0;
        let code = QrCode::new(
            key(1).public(),
            secret,
            1_790_000_000,
            Hint::SignIn,
            offered,
        );
        Phone::by_qr(&code, &entropy, DomainId(0), info, now)
    };
    let mut phone = started.unwrap();
    let mut desktop = FakeDesktop {
        by_link,
        plaintext: if by_link {
            Plaintext::linked([3; 15])
        } else {
            Plaintext::qr([3; 10], RoutingId::new([4; 3]), DomainId(0))
        },
        initiator: None,
        channel: None,
    };
    let mut watch = Watch::default();
    let opening: &[u8] = [&[][..], &[0], &[0, 1], &[0, 1, 2]][usize::from(setup >> 6)];
    let mut opening = opening.iter();
    for _ in 0..MOST_STEPS {
        desktop.hear(&mut phone, &mut watch);
        let step = match opening.next() {
            Some(step) => *step,
            None => u.arbitrary::<u8>()?,
        };
        desktop.step(&mut phone, step, u, &mut now)?;
    }
    desktop.hear(&mut phone, &mut watch);
    Ok(())
}

impl FakeDesktop {
    fn hear(&mut self, phone: &mut Phone, watch: &mut Watch) {
        for _ in 0..MOST_OUTPUTS {
            let Some(output) = phone.poll_output() else {
                return watch.waits(phone.poll_timeout());
            };
            watch.output(
                matches!(output, PhoneOutput::Failed(_) | PhoneOutput::Ended),
                false,
            );
            if let PhoneOutput::Send(frame) = output {
                match (self.initiator.take(), &mut self.channel) {
                    (Some(initiator), _) => {
                        self.channel = Some(Channel::new(&initiator.finish(&frame).unwrap()));
                    }
                    (None, Some(channel)) => drop(channel.open(&frame).unwrap()),
                    (None, None) => panic!("a frame before the handshake"),
                }
            }
        }
        panic!("the outputs do not end");
    }

    /// The first message of an honest desktop.
    fn first(&mut self) -> Vec<u8> {
        let started = if self.by_link {
            let psk = Psk::from_link(&Secret::new([8; 32]), &self.plaintext);
            Initiator::by_link(&key(6).public(), key(2), &psk)
        } else {
            let psk = Psk::from_qr(&Secret::new([1; 16]), &self.plaintext);
            Initiator::by_qr(&key(1), key(2), &psk)
        };
        let (initiator, first) = started.unwrap();
        self.initiator = Some(initiator);
        first.to_vec()
    }

    fn step(
        &mut self,
        phone: &mut Phone,
        step: u8,
        u: &mut Unstructured<'_>,
        now: &mut Instant,
    ) -> Result<()> {
        match step % 13 {
            0 => {
                let routing = RoutingId::new([4; 3]);
                phone.handle_input(PhoneInput::Opened { routing }, *now);
            }
            1 if self.channel.is_none() && self.initiator.is_none() => {
                let first = self.first();
                phone.handle_input(PhoneInput::Frame(&first), *now);
                // What is not answered now is answered never.
                if !matches!(phone.poll_timeout(), Some((_, Stage::Request))) {
                    self.initiator = None;
                }
            }
            1 => {}
            2 => self.say(
                phone,
                Message::ctap(Revision::One, &[2, 0xa0]).expose(),
                *now,
            ),
            3 => self.say(phone, bytes(u)?, *now),
            4 => self.say(phone, &Message::shutdown(), *now),
            5 => phone.handle_input(PhoneInput::Respond(bytes(u)?.to_vec()), *now),
            6 => phone.handle_input(PhoneInput::OfferLink(offer(bytes(u)?)), *now),
            7 => phone.handle_input(PhoneInput::Frame(bytes(u)?), *now),
            8 => {
                later(u, now)?;
                phone.handle_timeout(*now);
            }
            9 => {
                let code = u.arbitrary()?;
                phone.handle_input(PhoneInput::TunnelClosed { code }, *now);
            }
            10 => phone.handle_input(PhoneInput::TunnelFailed(fault(u)?), *now),
            11 => phone.handle_input(PhoneInput::TextFrame, *now),
            _ => phone.handle_input(PhoneInput::Cancel, *now),
        }
        Ok(())
    }

    fn say(&mut self, phone: &mut Phone, message: &[u8], now: Instant) {
        if let Some(channel) = &mut self.channel {
            let frame = channel.seal(message).unwrap();
            phone.handle_input(PhoneInput::Frame(&frame), now);
        }
    }
}
