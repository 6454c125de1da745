//! Linked phones behind HAProxy: who listens and who asks meet at one node.

use crate::client::{Client, Pair, Side};
use crate::fleet::{ADDRESSES, client, fleet, node};
use crate::place::{Place, inside};
use crate::process::{PATIENCE, Relay, until};
use futures_util::{SinkExt as _, StreamExt as _};
use hybrid_protocol::contact::{ContactKey, ContactRequest, ListenEvent, Listener};
use hybrid_protocol::{ClientPayload, Hint};
use hybrid_protocol::{LinkId, Path, Secret};
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_contact_id_leads_to_one_node_and_moves_only_when_that_node_drains() {
    if !inside(
        "contacts::a_contact_id_leads_to_one_node_and_moves_only_when_that_node_drains",
        &ADDRESSES,
    ) {
        return;
    }
    let (mut nodes, place) = fleet();
    let client = client(&place, 1);
    let mut before = Vec::new();
    for id in 0..16 {
        before.push(owner(&nodes, &client, id).await);
    }
    let drained = before[0];
    assert!(
        before.iter().any(|node| *node != drained),
        "all ids lead to node {drained}"
    );
    nodes[drained].signal(Signal::TERM);
    nodes[drained].end();
    nodes.remove(drained);
    let left: Vec<usize> = (0..3).filter(|node| *node != drained).collect();
    both_say(&place, drained, "DOWN");
    for (id, owned) in before.into_iter().enumerate() {
        let now = left[owner(&nodes, &client, id).await];
        assert!(
            owned == drained || owned == now,
            "id {id} moved from {owned} to {now}, and {drained} was drained"
        );
    }
}

/// Waits until both HAProxys know that a node is gone or back; each looks at its own times.
fn both_say(place: &Place, node: usize, state: &str) {
    let notice = format!("Server contact_{node}/{node} is {state}");
    until("both HAProxys to notice", || {
        let said = place.said();
        said.iter().all(|said| said.contains(&notice)).then_some(())
    });
}

/// Which of these nodes is asked about a contact id, in whatever spelling and by whichever side.
async fn owner(nodes: &[Relay], client: &Client, id: usize) -> usize {
    let asked = || -> Vec<u64> {
        let of = |node: &Relay| {
            let metrics = node.ask("/metrics").1;
            let accepted = metrics
                .lines()
                .find_map(|line| line.strip_prefix("tunnel_connections_accepted_total "));
            accepted.unwrap().parse::<u64>().unwrap()
        };
        nodes.iter().map(of).collect()
    };
    let before = asked();
    for path in ["contact", "listen", "contact"] {
        let spelled = format!("{id:08x}-AbCdEfGh");
        let spelled = if path == "listen" {
            spelled.to_uppercase()
        } else {
            spelled
        };
        // Nobody listens, or nobody proves anything: what matters is who was asked.
        let _ = client.ask(&format!("/cable/{path}/{spelled}")).await;
    }
    let more: Vec<u64> = asked()
        .iter()
        .zip(before)
        .map(|(after, before)| after - before)
        .collect();
    assert_eq!(more.iter().sum::<u64>(), 3, "{more:?}");
    more.iter()
        .position(|asked| *asked == 3)
        .unwrap_or_else(|| panic!("id {id}: {more:?}"))
}

fn key(n: u8) -> ContactKey {
    ContactKey::new(&Secret::new([n; 32])).unwrap()
}

/// A phone that listens.
struct Phone {
    side: Side,
    listener: Listener,
}

impl Phone {
    /// Listens, and tries again for a while as a phone does whose node has just gone.
    async fn listening(client: &Client, n: u8) -> Self {
        let path = Path::Listen(key(n).contact_id()).to_text();
        let start = Instant::now();
        let mut side = loop {
            match client.ask(&path).await {
                Ok((side, _)) => break side,
                Err(refused) => assert!(start.elapsed() < PATIENCE, "{refused}"),
            }
        };
        let mut listener = Listener::new(key(n), ContactRequest::Listen);
        let ListenEvent::Answer(proof) = hear(&mut side, &mut listener).await else {
            panic!("no challenge")
        };
        side.send(Message::binary(proof)).await.unwrap();
        assert!(matches!(
            hear(&mut side, &mut listener).await,
            ListenEvent::Accepted
        ));
        Self { side, listener }
    }

    /// Is rung by a desktop and joins it.
    async fn rung(&mut self, client: &Client, n: u8) -> Pair {
        let payload = ClientPayload {
            link_id: LinkId::new([n; 8]),
            nonce: [n; 16],
            hint: Hint::SignIn,
        };
        let path = Path::Contact(key(n).contact_id()).to_text();
        let headers = [
            ("X-caBLE-Client-Payload", payload.header_value()),
            ("X-caBLE-Signal-Connection", "true".to_owned()),
        ];
        let (desktop, _) = client
            .ask_with(&path, &headers)
            .await
            .expect("the phone listens");
        let ListenEvent::Contact(contact) = hear(&mut self.side, &mut self.listener).await else {
            panic!("no contact")
        };
        assert_eq!(contact.payload, payload);
        let path = Path::Connect(contact.routing, contact.tunnel).to_text();
        let (phone, _) = client.ask(&path).await.expect("the desktop waits");
        let mut pair = Pair::of(phone, desktop);
        assert_eq!(
            pair.heard_by_desktop().await.unwrap(),
            [0],
            "the signal comes first"
        );
        pair
    }
}

async fn talks(mut pair: Pair) {
    pair.exchange(3).await.unwrap();
    pair.close().await.unwrap();
}

async fn hear(side: &mut Side, listener: &mut Listener) -> ListenEvent {
    match timeout(PATIENCE, side.next()).await.expect("a message") {
        Some(Ok(Message::Binary(message))) => listener.handle_message(&message).unwrap(),
        other => panic!("expected a message, got {other:?}"),
    }
}

#[tokio::test]
async fn a_linked_phone_is_rung_through_any_entry_point_whatever_becomes_of_its_node() {
    if !inside(
        "contacts::a_linked_phone_is_rung_through_any_entry_point_whatever_becomes_of_its_node",
        &ADDRESSES,
    ) {
        return;
    }
    let (mut nodes, place) = fleet();
    let client = client(&place, 1);
    let mut phones = Vec::new();
    for n in 1..=9 {
        phones.push((n, Phone::listening(&client, n).await));
    }
    for (n, phone) in &mut phones {
        talks(phone.rung(&client, *n).await).await;
    }
    let listening = |node: &Relay| {
        let metrics = node.ask("/metrics").1;
        metrics
            .lines()
            .find_map(|line| line.strip_prefix("tunnel_listeners "))
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    let before: Vec<u32> = nodes.iter().map(listening).collect();
    assert_eq!(before.iter().sum::<u32>(), 9);
    let drained = before.iter().position(|phones| *phones > 0).unwrap();
    nodes[drained].signal(Signal::TERM);
    nodes[drained].end();
    let mut told = Vec::new();
    let start = Instant::now();
    while told.len() < usize::try_from(before[drained]).unwrap() {
        assert!(
            start.elapsed() < PATIENCE,
            "{told:?} of {before:?} were told"
        );
        for (n, phone) in &mut phones {
            let Ok(message) = timeout(Duration::from_millis(1), phone.side.next()).await else {
                continue;
            };
            if let Some(Ok(Message::Close(Some(frame)))) = message {
                assert_eq!(u16::from(frame.code), 1012);
                told.push(*n);
            }
        }
    }
    let mut pairs = Vec::new();
    for (n, phone) in &mut phones {
        if told.contains(n) {
            *phone = Phone::listening(&client, *n).await;
        }
        pairs.push(phone.rung(&client, *n).await);
    }
    // When the node is back, they are sent home; what runs is left alone.
    nodes[drained] = node(u8::try_from(drained).unwrap(), &format!("{drained}/3"));
    let start = Instant::now();
    while nodes.iter().map(listening).collect::<Vec<_>>() != before {
        assert!(
            start.elapsed() < PATIENCE,
            "not all of {told:?} were sent home"
        );
        for (n, phone) in &mut phones {
            // Sent home by one HAProxy, a phone may come through the other, which does not know
            // yet, and sends it home a little later.
            if timeout(Duration::from_millis(1), phone.side.next())
                .await
                .is_ok()
            {
                *phone = Phone::listening(&client, *n).await;
            }
        }
    }
    // One that does not know yet would lead a desktop elsewhere.
    both_say(&place, drained, "UP");
    for (n, phone) in &mut phones {
        talks(phone.rung(&client, *n).await).await;
    }
    for pair in pairs {
        talks(pair).await;
    }
}
