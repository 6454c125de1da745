//! Anything at all on every path: nothing is left behind, and every connection is accounted for.

use crate::client::{Client, TUNNEL, binary, metric, relay, request_with, until};
use crate::contact::{Phone, contact_path, headers, listen_path};
use hybrid_tunnel_server::Running;

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.roll(most)).map(|_| self.roll(256) as u8).collect()
    }

    /// A request, mostly a good one.
    fn request(&mut self, routing: &str) -> Vec<u8> {
        let path = match self.roll(8) {
            0 => "/cable/nonsense".to_owned(),
            1 | 2 => format!("/cable/new/{TUNNEL}"),
            3 | 4 => format!("/cable/connect/{routing}/{TUNNEL}"),
            5 => contact_path(1),
            _ => listen_path(self.roll(3) as u8 + 1),
        };
        let mut request = request_with(&path, &headers()).into_bytes();
        if self.roll(6) == 0 {
            let at = self.roll(request.len());
            request[at] = self.roll(256) as u8;
        }
        if self.roll(12) == 0 {
            request.truncate(self.roll(400));
        }
        request
    }

    /// Frames, some of them good.
    fn frames(&mut self) -> Vec<u8> {
        let mut frames = Vec::new();
        for _ in 0..self.roll(6) {
            match self.roll(4) {
                0 => frames.extend(self.bytes(80)),
                1 => frames.extend(binary(&self.bytes(200))),
                2 => {
                    let first = self.roll(256) as u8;
                    frames.extend(crate::client::frame(first, &self.bytes(130)));
                }
                _ => {
                    let mut frame = binary(&self.bytes(90));
                    let at = self.roll(frame.len());
                    frame[at] ^= 1 << self.roll(8);
                    frames.extend(frame);
                }
            }
        }
        frames
    }
}

fn sum(relay: &Running, family: &str, but: &[&str]) -> u64 {
    let lines = relay.metrics();
    let lines = lines
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("tunnel_{family}_total{{")));
    let counted = lines.filter(|line| {
        !but.iter()
            .any(|label| line.contains(&format!("\"{label}\"")))
    });
    counted
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

#[tokio::test]
async fn anything_at_all_leaves_nothing_behind_and_every_connection_is_accounted_for() {
    let relay = relay(|config| {
        (
            config.limits.accept_rate,
            config.limits.accept_rate_per_address,
        ) = (100_000, 100_000);
        (
            config.limits.rooms_per_address,
            config.limits.openings_per_address,
        ) = (10, 20);
        let soon = std::time::Duration::from_millis(200);
        (
            config.limits.request_head,
            config.limits.closing,
            config.limits.listen_proof,
        ) = (soon, soon, soon);
    })
    .await;
    let to = relay.local_addr();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut phone, mut open) = (Phone::listening(to, 1).await, Vec::new());
    let mut routing = "000000".to_owned();
    for round in 0..1500 {
        let bytes = [dice.request(&routing), dice.frames()].concat();
        let cut = dice.roll(bytes.len() + 1);
        let mut client = Client::sending(to, &bytes[..cut]).await;
        if dice.roll(2) == 0 {
            tokio::task::yield_now().await;
        }
        client.send(&bytes[cut..]).await;
        open.push(client);
        if dice.roll(4) > 0 {
            open.swap_remove(dice.roll(open.len()));
        }
        if round % 50 == 0 {
            open.clear();
            let (waiting, id) = Client::open_patiently(to).await;
            routing = id;
            open.push(waiting);
        }
    }
    drop(open);
    // Nobody who was not asked to has pushed out the phone, and it still hears.
    phone
        .client
        .send(crate::client::frame(0x89, b"there?"))
        .await;
    while phone
        .client
        .frame()
        .await
        .expect("the phone was pushed out")
        != (0x8a, b"there?".to_vec())
    {}
    drop(phone);
    for gauge in ["openings", "rooms", "rooms_waiting", "pairs", "listeners"] {
        until(&relay, gauge, 0).await;
    }
    let (opened, joined) = (
        metric(&relay, "tunnels_opened_total"),
        metric(&relay, "tunnels_joined_total"),
    );
    let ended = sum(&relay, "tunnels_ended", &[]);
    assert_eq!(opened, ended, "{}", relay.metrics());
    let refused = sum(&relay, "refused", &["listen_proof", "revocations"]);
    let listened = sum(&relay, "listeners_ended", &[]);
    let accepted = metric(&relay, "connections_accepted_total");
    assert_eq!(
        accepted,
        refused + opened + joined + listened,
        "{}",
        relay.metrics()
    );
    assert!(
        opened > 100 && joined > 10 && listened > 100 && refused > 100,
        "{}",
        relay.metrics()
    );
    let (mut phone, mut desktop) = Client::pair(to).await;
    phone.send(binary(b"as ever")).await;
    assert_eq!(desktop.message().await, b"as ever");
}
