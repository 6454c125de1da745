//! A phone and its relay in virtual time: the protocol's phone behind a tunnel in memory.

use super::{Ear, Io, acceptor, advert, switch};
use crate::session::{Ask, Begin, Outcome, Patience, Request, Ui, run};
use futures_util::{SinkExt as _, StreamExt as _};
use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_dial::clock::now;
use hybrid_dial::{Network, TrustAnchors};
use hybrid_protocol::contact::Contact;
use hybrid_protocol::{
    CLIENT_PAYLOAD_HEADER, ClientPayload, DomainId, Phone, PhoneEntropy, PhoneInput, PhoneLink,
    PhoneOutput, QrCode, QrText, RoutingId, Secret, TunnelId,
};
use hybrid_radio::Advert;
use hybrid_webauthn::ReplyError;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// What the phone is, and what it has been asked.
#[derive(Default)]
pub(super) struct Hand {
    /// What it says that it can do.
    pub(super) get_info: Vec<u8>,
    /// What it answers: status and body.
    pub(super) answer: Vec<u8>,
    /// The phone's side of a link, when it was linked before.
    pub(super) link: Option<PhoneLink>,
    /// While it serves a session.
    pub(super) phone: Option<Phone>,
    /// The commands that reached it.
    pub(super) asked: Vec<Vec<u8>>,
    /// What it says over Bluetooth.
    pub(super) air: Arc<Mutex<Option<Advert>>>,
}

/// What came of a session.
pub(super) struct Played<T> {
    pub(super) outcome: Outcome,
    pub(super) response: Option<Result<T, ReplyError>>,
    pub(super) asked: Vec<Vec<u8>>,
    pub(super) entries: Vec<TimelineEntry>,
}

/// Plays a session with this phone.
pub(super) async fn play<R: Request>(
    request: &R,
    begin: &Begin,
    hand: Hand,
) -> Played<R::Response> {
    let pair = rcgen::generate_simple_self_signed(["cable.ua5v.com".to_owned()]).unwrap();
    let root = pair.cert.der().clone();
    let acceptor = acceptor(root.clone(), pair.signing_key.serialize_der());
    let mut ear = Ear(Arc::clone(&hand.air));
    let hand = Arc::new(Mutex::new(hand));
    let held = Arc::clone(&hand);
    let carry = move || {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (acceptor, hand) = (acceptor.clone(), Arc::clone(&held));
        tokio::spawn(async move {
            if let Ok(io) = acceptor.accept(theirs).await {
                serve(io, &hand).await;
            }
        });
        ours
    };
    let network = Network::over(carry, TrustAnchors::Roots(vec![root]));
    let (_keyboard, mut asks) = mpsc::channel::<Ask>(1);
    let mut ui = Scanning {
        hand: Arc::clone(&hand),
        response: None,
        entries: Vec::new(),
    };
    let patience = Patience::default();
    let outcome = run(
        request, begin, &mut ear, &network, &mut ui, &mut asks, patience,
    )
    .await;
    let asked = std::mem::take(&mut hand.lock().unwrap().asked);
    Played {
        outcome,
        response: ui.response,
        asked,
        entries: ui.entries,
    }
}

impl Hand {
    fn entropy() -> PhoneEntropy {
        PhoneEntropy {
            nonce: [5; 15],
            ephemeral: Secret::new([6; 32]),
        }
    }

    fn scan(&mut self, code: &QrCode) {
        let info = self.get_info.clone();
        let phone = Phone::by_qr(code, &Self::entropy(), DomainId(0), info, now()).unwrap();
        self.begin(phone, RoutingId::new([0, 0, 7]));
    }

    /// The relay wakes it.
    fn wake(&mut self, payload: ClientPayload) {
        let link = self.link.take().unwrap();
        let contact = Contact {
            tunnel: TunnelId::new([22; 16]),
            routing: RoutingId::new([0, 0, 8]),
            payload,
        };
        let info = self.get_info.clone();
        let phone =
            Phone::by_contact(&contact, &link, &Self::entropy(), DomainId(0), info, now()).unwrap();
        self.begin(phone, contact.routing);
    }

    fn begin(&mut self, mut phone: Phone, routing: RoutingId) {
        phone.handle_input(PhoneInput::Opened { routing }, now());
        self.phone = Some(phone);
        assert!(self.outputs().is_empty(), "nobody has joined yet");
    }

    fn hear(&mut self, frame: &[u8]) -> Vec<Vec<u8>> {
        let phone = self.phone.as_mut().unwrap();
        phone.handle_input(PhoneInput::Frame(frame), now());
        self.outputs()
    }

    /// What it sends.
    fn outputs(&mut self) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        let phone = self.phone.as_mut().unwrap();
        while let Some(output) = phone.poll_output() {
            match output {
                PhoneOutput::Advertise(data) => {
                    *self.air.lock().unwrap() = Some(advert(data.to_vec()));
                }
                PhoneOutput::Send(frame) => frames.push(frame),
                PhoneOutput::Request(command) => {
                    self.asked.push(command.expose().to_vec());
                    phone.handle_input(PhoneInput::Respond(self.answer.clone()), now());
                }
                PhoneOutput::Entered(_)
                | PhoneOutput::OpenTunnel(_)
                | PhoneOutput::StopAdvertising
                | PhoneOutput::CloseTunnel
                | PhoneOutput::Failed(_)
                | PhoneOutput::Ended
                | _ => {}
            }
        }
        frames
    }
}

async fn serve(mut io: Io, hand: &Mutex<Hand>) {
    let head = switch(&mut io).await;
    let payload = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case(CLIENT_PAYLOAD_HEADER)
            .then_some(value)
    });
    if let Some(payload) = payload {
        let payload = ClientPayload::read(&hex::decode(payload).unwrap()).unwrap();
        hand.lock().unwrap().wake(payload);
    }
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Binary(frame) = message {
            let frames = hand.lock().unwrap().hear(&frame);
            for frame in frames {
                socket.send(Message::Binary(frame.into())).await.unwrap();
            }
        }
    }
}

/// The phone in front of the screen.
struct Scanning<T> {
    hand: Arc<Mutex<Hand>>,
    response: Option<Result<T, ReplyError>>,
    entries: Vec<TimelineEntry>,
}

impl<T> Ui for Scanning<T> {
    type Response = T;

    fn code(&mut self, text: &QrText) {
        let code = QrCode::parse(text.expose()).unwrap();
        self.hand.lock().unwrap().scan(&code);
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        self.entries.push(entry.clone());
    }

    fn replied(&mut self, response: Result<T, ReplyError>) {
        self.response = Some(response);
    }
}
