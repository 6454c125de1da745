//! A whole sign-in with a linked phone: both players of the protocol, and the relay between them,
//! which makes up the tunnel, rings the phone and signals its arrival.

use crate::client::{Client, binary, header, relay, request, request_with, until};
use hybrid_protocol::LinkEntropy;
use hybrid_protocol::PrivateKey;
use hybrid_protocol::contact::{ContactKey, ContactRequest, ListenEvent, Listener};
use hybrid_protocol::{
    Desktop, DesktopInput, DesktopOutput, DomainId, LinkId, Path, Phone, PhoneInput, PhoneOutput,
    Secret,
};
use hybrid_protocol::{Hint, StoredLink};
use hybrid_protocol::{PhoneEntropy, PhoneLink};
use std::net::SocketAddr;
use std::time::Instant;

const DOMAIN: DomainId = DomainId(266);
/// `{1: ["FIDO_2_0"], 3: 16 bytes}`
const GET_INFO: &[u8] = b"\xa2\x01\x81hFIDO_2_0\x03\x50................";

/// What the phone remembers, and what it gave to the desktop.
struct Link {
    contact: ContactKey,
    phone: PhoneLink,
    stored: StoredLink,
}

fn link() -> Link {
    let contact = ContactKey::new(&Secret::new([1; 32])).unwrap();
    let identity = PrivateKey::new(&Secret::new([2; 32])).unwrap();
    let stored = StoredLink {
        contact_id: contact.contact_id(),
        link_id: LinkId::new([3; 8]),
        link_secret: Secret::new([4; 32]),
        phone_key: identity.public(),
        name: "a phone".to_owned(),
        domain: DOMAIN,
    };
    let phone = PhoneLink {
        secret: stored.link_secret.clone(),
        identity,
    };
    Link {
        contact,
        phone,
        stored,
    }
}

/// A phone waits at the relay; returns its connection once it is known there.
async fn listen(to: SocketAddr, key: ContactKey) -> (Client, Listener) {
    let path = Path::Listen(key.contact_id()).to_text();
    let (mut client, _) = Client::upgrade(to, &path).await;
    let mut listener = Listener::new(key, ContactRequest::Listen);
    loop {
        match listener.handle_message(&client.message().await).unwrap() {
            ListenEvent::Answer(proof) => client.send(binary(&proof)).await,
            ListenEvent::Accepted => return (client, listener),
            ListenEvent::Contact(_) | _ => panic!("a contact before the proof"),
        }
    }
}

#[tokio::test]
async fn a_linked_phone_is_rung_and_signs_in() {
    let relay = relay(|_| ()).await;
    let (to, link, now) = (relay.local_addr(), link(), Instant::now());
    let (mut bell, mut listener) = listen(to, link.contact.clone()).await;

    let entropy = LinkEntropy {
        nonce: [5; 16],
        ephemeral: Secret::new([6; 32]),
    };
    let mut desktop = Desktop::by_link(&link.stored, &entropy, Hint::SignIn, now).unwrap();
    desktop.handle_input(DesktopInput::Request(vec![2, 0xa0]), now);
    let mut desk = loop {
        if let DesktopOutput::OpenTunnel(route) =
            desktop.poll_output().expect("no tunnel was asked for")
        {
            // The headers that are not of WebSocket itself; the helper has the subprotocol.
            let more = { route.headers().into_iter() }.filter(|(name, _)| name.starts_with("X-"));
            let more: String = more
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
            let mut client = Client::sending(to, request_with(&route.path.to_text(), &more)).await;
            let head = client.head().await;
            let signal = header(&head, "X-caBLE-Signal-Connection").is_some();
            assert!(head.starts_with("HTTP/1.1 101 ") && signal, "{head}");
            desktop.handle_input(DesktopInput::TunnelOpened { signal }, now);
            break client;
        }
    };

    let Ok(ListenEvent::Contact(contact)) = listener.handle_message(&bell.message().await) else {
        panic!("not rung")
    };
    let entropy = PhoneEntropy {
        nonce: [7; 15],
        ephemeral: Secret::new([8; 32]),
    };
    let mut phone = Phone::by_contact(
        &contact,
        &link.phone,
        &entropy,
        DOMAIN,
        GET_INFO.to_vec(),
        now,
    )
    .unwrap();
    let mut hand = loop {
        if let PhoneOutput::OpenTunnel(route) =
            phone.poll_output().expect("no tunnel was asked for")
        {
            let mut client = Client::sending(to, request(&route.path.to_text())).await;
            assert!(client.head().await.starts_with("HTTP/1.1 101 "));
            let routing = contact.routing;
            phone.handle_input(PhoneInput::Opened { routing }, now);
            break client;
        }
    };

    // The relay's signal, before anything that the phone says.
    desktop.handle_input(DesktopInput::Frame(&desk.message().await), now);
    let mut reply = None;
    while reply.is_none() {
        if let Some(output) = phone.poll_output() {
            match output {
                PhoneOutput::Advertise(advert) => {
                    desktop.handle_advert(&advert, now);
                }
                PhoneOutput::Send(frame) => hand.send(binary(&frame)).await,
                PhoneOutput::Request(command) => {
                    assert_eq!(command.expose(), [2, 0xa0]);
                    phone.handle_input(PhoneInput::Respond(vec![0x2e]), now);
                }
                PhoneOutput::Entered(_) | PhoneOutput::StopAdvertising => {}
                PhoneOutput::OpenTunnel(_) | PhoneOutput::CloseTunnel => panic!("the phone left"),
                PhoneOutput::Failed(failure) => panic!("the phone failed: {failure:?}"),
                PhoneOutput::Ended | _ => panic!("the phone ended"),
            }
        } else if let Some(output) = desktop.poll_output() {
            match output {
                DesktopOutput::Send(frame) => desk.send(binary(&frame)).await,
                DesktopOutput::Reply(bytes) => reply = Some(bytes),
                DesktopOutput::Entered(_) | DesktopOutput::Greeted(_) => {}
                DesktopOutput::OpenTunnel(_) | DesktopOutput::CloseTunnel => {
                    panic!("the desktop left")
                }
                DesktopOutput::Failed(failure) => panic!("the desktop failed: {failure:?}"),
                DesktopOutput::Linked(_) | DesktopOutput::Ended | _ => panic!("the desktop ended"),
            }
        } else {
            tokio::select! {
                message = desk.message() => desktop.handle_input(DesktopInput::Frame(&message), now),
                message = hand.message() => phone.handle_input(PhoneInput::Frame(&message), now),
            }
        }
    }
    assert_eq!(reply.unwrap().expose(), [0x2e]);
    assert_eq!(
        crate::client::metric(&relay, "listeners"),
        1,
        "the phone listens on"
    );
    drop((desk, hand, bell));
    until(&relay, "rooms", 0).await;
    until(&relay, "listeners", 0).await;
}
