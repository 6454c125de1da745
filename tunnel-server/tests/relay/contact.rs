//! Phones that listen and desktops that contact them, over sockets.

use crate::client::{Client, binary, header, metric, relay, request, request_with, status, until};
use hybrid_protocol::contact::Contact;
use hybrid_protocol::contact::{ContactKey, ContactRequest, ListenEvent, Listener};
use hybrid_protocol::{ClientPayload, Hint};
use hybrid_protocol::{ContactId, LinkId, Path, Secret};
use std::net::SocketAddr;
use std::time::Duration;

pub fn key(n: u8) -> ContactKey {
    ContactKey::new(&Secret::new([n; 32])).unwrap()
}

pub fn listen_path(n: u8) -> String {
    Path::Listen(key(n).contact_id()).to_text()
}

pub fn contact_path(n: u8) -> String {
    Path::Contact(key(n).contact_id()).to_text()
}

fn payload() -> ClientPayload {
    ClientPayload {
        link_id: LinkId::new([1; 8]),
        nonce: [2; 16],
        hint: Hint::SignIn,
    }
}

pub fn headers() -> String {
    format!(
        "X-caBLE-Client-Payload: {}\r\nX-caBLE-Signal-Connection: true\r\n",
        payload().header_value()
    )
}

/// A phone that has proven what it wishes.
pub struct Phone {
    pub client: Client,
    listener: Listener,
}

impl Phone {
    pub async fn wishing(to: SocketAddr, n: u8, wish: ContactRequest) -> Self {
        let (client, _) = Client::upgrade(to, &listen_path(n)).await;
        let mut phone = Self {
            client,
            listener: Listener::new(key(n), wish),
        };
        let ListenEvent::Answer(proof) = phone.hear().await else {
            panic!("no challenge")
        };
        phone.client.send(binary(&proof)).await;
        phone
    }

    pub async fn listening(to: SocketAddr, n: u8) -> Self {
        let mut phone = Self::wishing(to, n, ContactRequest::Listen).await;
        assert!(matches!(phone.hear().await, ListenEvent::Accepted));
        phone
    }

    pub async fn hear(&mut self) -> ListenEvent {
        let message = self.client.message().await;
        self.listener.handle_message(&message).unwrap()
    }

    pub async fn contacted(&mut self) -> Contact {
        match self.hear().await {
            ListenEvent::Contact(contact) => contact,
            ListenEvent::Answer(_) | ListenEvent::Accepted | _ => panic!("expected a contact"),
        }
    }
}

pub async fn contact(to: SocketAddr, n: u8) -> (Client, String) {
    let mut desktop = Client::sending(to, request_with(&contact_path(n), &headers())).await;
    let head = desktop.head().await;
    (desktop, head)
}

async fn join(to: SocketAddr, contact: &Contact) -> Client {
    let path = Path::Connect(contact.routing, contact.tunnel).to_text();
    Client::upgrade(to, &path).await.0
}

#[tokio::test]
async fn a_contact_reaches_the_phone_and_both_talk() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let mut phone = Phone::listening(to, 1).await;
    assert_eq!(metric(&relay, "listeners"), 1);
    let (mut desktop, head) = contact(to, 1).await;
    assert_eq!(status(&head), 101, "{head}");
    assert_eq!(
        header(&head, "X-caBLE-Signal-Connection").as_deref(),
        Some("true")
    );
    assert_eq!(
        header(&head, "Sec-WebSocket-Protocol").as_deref(),
        Some("fido.cable")
    );
    assert_eq!(header(&head, "X-caBLE-Routing-ID"), None);
    let heard = phone.contacted().await;
    assert_eq!(heard.payload, payload());
    let mut joined = join(to, &heard).await;
    assert_eq!(desktop.message().await, [0], "the signal comes first");
    desktop.send(binary(b"hello phone")).await;
    assert_eq!(joined.message().await, b"hello phone");
    joined.send(binary(b"hello desktop")).await;
    assert_eq!(desktop.message().await, b"hello desktop");
    assert_eq!(metric(&relay, "contacts_total"), 1);
}

#[tokio::test]
async fn the_signal_is_sent_only_when_it_was_asked_for_and_before_early_data() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let mut phone = Phone::listening(to, 1).await;
    let more = format!(
        "X-caBLE-Client-Payload: {}\r\n",
        payload().header_value().to_lowercase()
    );
    let mut silent = Client::sending(to, request_with(&contact_path(1), &more)).await;
    let head = silent.head().await;
    assert_eq!(status(&head), 101, "lower-case hex too: {head}");
    assert_eq!(header(&head, "X-caBLE-Signal-Connection"), None);
    silent.send(binary(b"early")).await;
    let mut joined = join(to, &phone.contacted().await).await;
    assert_eq!(joined.message().await, b"early");
    joined.send(binary(b"first")).await;
    assert_eq!(silent.message().await, b"first");

    let (mut desktop, _) = contact(to, 1).await;
    let path = {
        let heard = phone.contacted().await;
        Path::Connect(heard.routing, heard.tunnel).to_text()
    };
    // The phone's first message in the same segment as its request: the signal still comes first.
    let mut joined =
        Client::sending(to, [request(&path).as_bytes(), &binary(b"first")].concat()).await;
    joined.head().await;
    assert_eq!(desktop.message().await, [0]);
    assert_eq!(desktop.message().await, b"first");
}

#[tokio::test]
async fn nobody_listening_is_answered_like_an_unknown_tunnel() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let unknown = Client::sending(
        to,
        request(&format!("/cable/connect/000000/{}", crate::client::TUNNEL)),
    )
    .await
    .refusal()
    .await;
    let nobody = Client::sending(to, request_with(&contact_path(1), &headers()))
        .await
        .refusal()
        .await;
    assert_eq!(nobody, unknown);
    let foreign = Path::Contact(ContactId::new(b"an FCM token".to_vec()).unwrap()).to_text();
    let foreign = Client::sending(to, request_with(&foreign, &headers()))
        .await
        .refusal()
        .await;
    assert_eq!(foreign, unknown);
}

#[tokio::test]
async fn a_payload_that_is_missing_or_too_long_or_no_hex_is_refused_and_rings_nobody() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let _phone = Phone::listening(to, 1).await;
    let long = format!("X-caBLE-Client-Payload: {}\r\n", "ab".repeat(1025));
    for more in [
        "",
        "X-caBLE-Client-Payload: xyz\r\n",
        "X-caBLE-Client-Payload: abc\r\n",
        "X-caBLE-Client-Payload: ab\r\nX-caBLE-Client-Payload: ab\r\n",
        &long,
    ] {
        let answer = Client::sending(to, request_with(&contact_path(1), more))
            .await
            .refusal()
            .await;
        assert_eq!(status(&answer), 400, "{more}");
    }
    assert_eq!(metric(&relay, "contacts_total"), 0);
    assert_eq!(metric(&relay, "refused_total{reason=\"payload\"}"), 5);
    let most = format!("X-caBLE-Client-Payload: {}\r\n", "ab".repeat(1024));
    let head = Client::sending(to, request_with(&contact_path(1), &most))
        .await
        .head()
        .await;
    assert_eq!(status(&head), 101);
}

#[tokio::test]
async fn a_recorded_proof_and_a_proof_by_another_key_are_worthless() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let (mut first, _) = Client::upgrade(to, &listen_path(1)).await;
    let mut listener = Listener::new(key(1), ContactRequest::Listen);
    let Ok(ListenEvent::Answer(recorded)) = listener.handle_message(&first.message().await) else {
        panic!("no challenge")
    };
    first.send(binary(&recorded)).await;
    assert_eq!(first.message().await, [0xa0]);
    drop(first);
    until(&relay, "listeners", 0).await;

    let (mut thief, _) = Client::upgrade(to, &listen_path(1)).await;
    let challenge = thief.message().await;
    thief.send(binary(&recorded)).await;
    assert_eq!(thief.closed().await.0, 1008);

    let (mut thief, _) = Client::upgrade(to, &listen_path(1)).await;
    let Ok(ListenEvent::Answer(other)) =
        Listener::new(key(2), ContactRequest::Listen).handle_message(&thief.message().await)
    else {
        panic!("no challenge")
    };
    thief.send(binary(&other)).await;
    assert_eq!(thief.closed().await.0, 1008);
    for garbage in [&challenge[..], b"", &[0; 80]] {
        let (mut thief, _) = Client::upgrade(to, &listen_path(1)).await;
        thief.message().await;
        thief.send(binary(garbage)).await;
        assert_eq!(thief.closed().await.0, 1008);
    }
    let (mut thief, _) = Client::upgrade(to, &listen_path(1)).await;
    thief.message().await;
    thief.send(binary(&[0; 81])).await;
    assert_eq!(thief.closed().await.0, 1009);
    assert_eq!(metric(&relay, "listeners"), 0);
    assert_eq!(metric(&relay, "refused_total{reason=\"listen_proof\"}"), 6);
    let nobody = Client::sending(to, request_with(&contact_path(1), &headers()))
        .await
        .refusal()
        .await;
    assert_eq!(status(&nobody), 404);
}

#[tokio::test]
async fn a_thief_cannot_push_out_the_phone_that_listens() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let mut phone = Phone::listening(to, 1).await;
    for _ in 0..3 {
        let (mut thief, _) = Client::upgrade(to, &listen_path(1)).await;
        thief.message().await;
        thief.send(binary(&[0xa0])).await;
        assert_eq!(thief.closed().await.0, 1008);
    }
    let (_desktop, head) = contact(to, 1).await;
    assert_eq!(status(&head), 101);
    phone.contacted().await;
}

#[tokio::test]
async fn a_contact_id_that_is_no_key_cannot_be_listened_under() {
    let relay = relay(|_| ()).await;
    let path = Path::Listen(ContactId::new(vec![7; 33]).unwrap()).to_text();
    let answer = Client::sending(relay.local_addr(), request(&path))
        .await
        .refusal()
        .await;
    assert_eq!(status(&answer), 400);
}

#[tokio::test]
async fn a_phone_that_comes_again_takes_over_and_is_told_what_its_old_connection_missed() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let mut old = Phone::listening(to, 1).await;
    let (mut desktop, _) = contact(to, 1).await;
    let mut new = Phone::listening(to, 1).await;
    let heard = new.contacted().await;
    old.contacted().await;
    let (code, reason) = old.client.closed().await;
    assert_eq!(
        (code, reason.as_str()),
        (1008, "the phone listens on a newer connection")
    );
    assert_eq!(old.client.rest().await, b"");
    until(&relay, "listeners_ended_total{ended=\"replaced\"}", 1).await;
    assert_eq!(metric(&relay, "listeners"), 1);
    let mut joined = join(to, &heard).await;
    assert_eq!(desktop.message().await, [0]);
    joined.send(binary(b"here")).await;
    assert_eq!(desktop.message().await, b"here");
    // What was answered is not told again.
    let mut again = Phone::listening(to, 1).await;
    let (_desktop, _) = contact(to, 1).await;
    assert_ne!(again.contacted().await.tunnel, heard.tunnel);
}

#[tokio::test]
async fn the_bell_is_limited_and_a_desktop_that_leaves_makes_room() {
    let relay = relay(|config| config.limits.contacts_pending = 2).await;
    let to = relay.local_addr();
    let _phone = Phone::listening(to, 1).await;
    let (first, _) = contact(to, 1).await;
    let (_second, _) = contact(to, 1).await;
    let answer = Client::sending(to, request_with(&contact_path(1), &headers()))
        .await
        .refusal()
        .await;
    assert_eq!(
        (status(&answer), header(&answer, "Retry-After").as_deref()),
        (429, Some("30"))
    );
    assert_eq!(
        metric(&relay, "refused_total{reason=\"contacts_pending\"}"),
        1
    );
    drop(first);
    until(&relay, "rooms", 1).await;
    let (_third, head) = contact(to, 1).await;
    assert_eq!(status(&head), 101);
    let other = Phone::listening(to, 2).await;
    let (_fourth, head) = contact(to, 2).await;
    assert_eq!(status(&head), 101, "another phone's bell is its own");
    drop(other);
}

#[tokio::test]
async fn a_relay_that_drains_sends_listeners_away_and_rings_nobody() {
    let relay = relay(|_| ()).await;
    let to = relay.local_addr();
    let mut phone = Phone::listening(to, 1).await;
    relay.drain();
    assert_eq!(phone.client.closed().await.0, 1012);
    for request in [
        request_with(&contact_path(1), &headers()),
        request(&listen_path(1)),
    ] {
        let answer = Client::sending(to, request).await.refusal().await;
        assert_eq!(
            (status(&answer), header(&answer, "Retry-After").is_some()),
            (503, true)
        );
    }
}

#[tokio::test]
async fn a_listener_is_pinged_and_one_that_is_silent_is_closed() {
    let relay = relay(|config| config.limits.ping = Duration::from_millis(100)).await;
    let to = relay.local_addr();
    let mut phone = Phone::listening(to, 1).await;
    for _ in 0..5 {
        assert_eq!(phone.client.frame().await.unwrap().0, 0x89);
        phone.client.send(crate::client::frame(0x8a, &[])).await;
    }
    assert_eq!(
        phone.client.closed().await,
        (1008, "no answer to pings".to_owned())
    );
    until(&relay, "listeners", 0).await;
}

#[tokio::test]
async fn a_listener_that_talks_is_closed() {
    let relay = relay(|_| ()).await;
    let mut phone = Phone::listening(relay.local_addr(), 1).await;
    phone.client.send(binary(b"hello")).await;
    assert_eq!(phone.client.closed().await.0, 1008);
}
