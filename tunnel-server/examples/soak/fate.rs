//! What happens to one pair: most talk and part as friends, some run into everything that goes
//! wrong on the internet.

use crate::client::{Client, binary, frame, header, request, request_with, status};
use crate::random::Random;
use crate::tally::Tally;
use hybrid_protocol::contact::{ContactKey, ContactRequest, ListenEvent, Listener};
use hybrid_protocol::{ClientPayload, ContactId, Hint, LinkId, Path, Secret};
use std::net::SocketAddr;

/// How many messages a side may send; the relay has to be started with this limit.
pub const MESSAGES: u32 = 256;

/// How often of a thousand.
const FATES: [(u64, Fate); 17] = [
    (620, Fate::Talk),
    (20, Fate::Linked),
    (100, Fate::Burst),
    (60, Fate::Reset),
    (60, Fate::Leave),
    (20, Fate::Half),
    (10, Fate::Silent),
    (10, Fate::Alone),
    (20, Fate::Pings),
    (20, Fate::Messages),
    (15, Fate::Oversize),
    (20, Fate::BadFrame),
    (10, Fate::Text),
    (5, Fate::NotFound),
    (5, Fate::BadRequest),
    (4, Fate::HalfHead),
    (1, Fate::Stalled),
];

#[derive(Clone, Copy, Debug)]
enum Fate {
    /// A few messages each way, then one side closes.
    Talk,
    /// The same, but the phone waits to be contacted, and the desktop has the relay ring it.
    Linked,
    /// Many messages in one write.
    Burst,
    /// A side's connection is reset.
    Reset,
    /// A side goes without a word.
    Leave,
    /// A side goes in the middle of a frame.
    Half,
    /// A side no longer answers.
    Silent,
    /// Nobody joins.
    Alone,
    /// A flood of pings.
    Pings,
    /// A flood of messages.
    Messages,
    Oversize,
    BadFrame,
    Text,
    /// A join of a tunnel that is not there.
    NotFound,
    BadRequest,
    /// A request that ends too early.
    HalfHead,
    /// A side does not read while the other sends.
    Stalled,
}

impl Fate {
    fn draw(random: &mut Random) -> Self {
        let mut drawn = random.below(FATES.iter().map(|(weight, _)| weight).sum());
        for (weight, fate) in FATES {
            match drawn.checked_sub(weight) {
                Some(rest) => drawn = rest,
                None => return fate,
            }
        }
        Self::Talk
    }
}

/// Lives the life of pair `number`, which depends on nothing else.
pub async fn live(relay: SocketAddr, number: u64) -> Tally {
    let mut life = Life {
        relay,
        number,
        random: Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        tally: Tally::default(),
    };
    let fate = Fate::draw(&mut life.random);
    life.meet(fate).await;
    life.tally
}

struct Life {
    relay: SocketAddr,
    number: u64,
    random: Random,
    tally: Tally,
}

impl Life {
    async fn meet(&mut self, fate: Fate) {
        match fate {
            Fate::NotFound => {
                let path = format!(
                    "/cable/connect/{:06X}/{:032x}",
                    self.random.below(1 << 24),
                    self.random.next()
                );
                return self.refused("no_room", 404, &request(&path)).await;
            }
            Fate::BadRequest => {
                return match self.random.below(3) {
                    0 => {
                        self.refused("method", 405, &request("/").replace("GET", "PUT"))
                            .await
                    }
                    1 => self.refused("path", 404, &request("/elsewhere")).await,
                    _ => self.refused("bad_id", 400, &request("/cable/new/00")).await,
                };
            }
            Fate::HalfHead => {
                let mut client = self.connect().await;
                client.send("GET /cable/new/").await;
                return *self.tally.refused.entry("gone").or_default() += 1;
            }
            Fate::Alone => {
                let (mut phone, _) = self.open().await;
                told(&mut phone, 1008).await;
                return self.ended("waited");
            }
            Fate::Linked => {
                let (bell, phone, desktop) = self.linked_pair().await;
                self.talk(Fate::Talk, phone, desktop).await;
                return drop(bell);
            }
            Fate::Talk
            | Fate::Burst
            | Fate::Reset
            | Fate::Leave
            | Fate::Half
            | Fate::Silent
            | Fate::Pings => {}
            Fate::Messages | Fate::Oversize | Fate::BadFrame | Fate::Text | Fate::Stalled => {}
        }
        let (one, other) = self.pair().await;
        self.talk(fate, one, other).await;
    }

    /// Both talk for a while, and then part.
    async fn talk(&mut self, fate: Fate, mut one: Client, mut other: Client) {
        let rounds = self.random.below(5) as u32;
        for round in 0..rounds {
            self.say(&mut one, &mut other, 2 * round).await;
            self.say(&mut other, &mut one, 2 * round + 1).await;
        }
        // It happens to phones and desktops alike.
        if self.random.below(2) == 0 {
            std::mem::swap(&mut one, &mut other);
        }
        self.part(fate, one, other, rounds).await;
    }

    /// `bad` does what the fate says.
    async fn part(&mut self, fate: Fate, mut bad: Client, mut good: Client, rounds: u32) {
        match fate {
            Fate::Talk => {
                bad.send(frame(0x88, &[0x03, 0xe8])).await;
                told(&mut good, 1000).await;
                told(&mut bad, 1000).await;
                self.ended("closed");
            }
            Fate::Burst => {
                let count = 20 + self.random.below(80) as u32;
                let bodies: Vec<Vec<u8>> = (0..count).map(|n| self.body(1000 + n, 4000)).collect();
                let all: Vec<u8> = bodies.iter().flat_map(|body| binary(body)).collect();
                tokio::join!(bad.send(all), async {
                    for body in &bodies {
                        heard(&mut good, body).await;
                    }
                });
                self.carried(count.into(), bodies.iter().map(Vec::len).sum());
                good.send(frame(0x88, &[0x0f, 0xa0])).await;
                told(&mut bad, 4000).await;
                told(&mut good, 4000).await;
                self.ended("closed");
            }
            Fate::Reset => {
                bad.stream.set_zero_linger().unwrap();
                drop(bad);
                told(&mut good, 1001).await;
                self.ended("broken");
            }
            Fate::Leave => {
                drop(bad);
                told(&mut good, 1001).await;
                self.ended("broken");
            }
            Fate::Half => {
                let body = self.body(1000, 4000);
                bad.send(&binary(&body)[..8 + body.len() / 2]).await;
                drop(bad);
                // No close frame fits into a frame that is not whole.
                assert_eq!(next(&mut good).await, None);
                self.carried(1, body.len());
                self.ended("broken");
            }
            Fate::Silent => {
                told(&mut good, 1001).await;
                told(&mut bad, 1008).await;
                self.ended("silent");
            }
            Fate::Pings => {
                bad.send(frame(0x89, b"?").repeat(100)).await;
                told(&mut good, 1001).await;
                told(&mut bad, 1008).await;
                self.ended("control_rate");
            }
            Fate::Messages => {
                let bodies: Vec<Vec<u8>> = (0..=MESSAGES - rounds)
                    .map(|n| self.body(1000 + n, 64))
                    .collect();
                bad.send(
                    bodies
                        .iter()
                        .flat_map(|body| binary(body))
                        .collect::<Vec<u8>>(),
                )
                .await;
                for body in &bodies[..bodies.len() - 1] {
                    heard(&mut good, body).await;
                }
                told(&mut good, 1001).await;
                told(&mut bad, 1008).await;
                self.carried(bodies.len() as u64, bodies.iter().map(Vec::len).sum());
                self.ended("messages");
            }
            Fate::Oversize => {
                bad.send([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 9, 9, 9, 9])
                    .await;
                told(&mut good, 1001).await;
                told(&mut bad, 1009).await;
                self.carried(1, 0);
                self.ended("message_size");
            }
            Fate::BadFrame => {
                let bad_frame: &[u8] = match self.random.below(4) {
                    0 => &[0xc2, 0x80, 1, 2, 3, 4],
                    1 => &[0x82, 0x01, 0],
                    2 => &[0x83, 0x80, 1, 2, 3, 4],
                    _ => &[0x09, 0x80, 1, 2, 3, 4],
                };
                bad.send(bad_frame).await;
                told(&mut good, 1001).await;
                told(&mut bad, 1002).await;
                self.ended("protocol");
            }
            Fate::Text => {
                bad.send(frame(0x81, b"hello")).await;
                told(&mut good, 1001).await;
                told(&mut bad, 1003).await;
                self.ended("text");
            }
            Fate::Stalled => {
                let message = binary(&vec![0; 1_000_000]);
                // The flood never gets through, and the one who sends it is told so.
                let (mut read, mut write) = bad.stream.split();
                let told = async {
                    let mut first = [0];
                    tokio::io::AsyncReadExt::read_exact(&mut read, &mut first)
                        .await
                        .unwrap();
                    first
                };
                let flood = async {
                    // More than all buffers on the way could hold.
                    for _ in rounds..MESSAGES {
                        if tokio::io::AsyncWriteExt::write_all(&mut write, &message)
                            .await
                            .is_err()
                        {
                            return std::future::pending().await;
                        }
                    }
                };
                let first = tokio::select! {
                    first = told => first,
                    () = flood => panic!("everything was taken"),
                };
                assert_eq!(first, [0x88]);
                self.tally.unmeasured += 1;
                self.ended("stalled");
            }
            Fate::Linked | Fate::NotFound | Fate::BadRequest | Fate::HalfHead | Fate::Alone => {
                unreachable!("nobody was joined")
            }
        }
    }

    async fn connect(&mut self) -> Client {
        self.tally.connections += 1;
        let (high, low) = (self.random.below(200), self.random.below(250));
        Client::connect_from([127, 1, high as u8, low as u8 + 1], self.relay).await
    }

    async fn upgrade(&mut self, path: &str) -> (Client, String) {
        let mut client = self.connect().await;
        client.send(request(path)).await;
        let head = client.head().await;
        assert_eq!(status(&head), 101, "{path}");
        (client, head)
    }

    async fn open(&mut self) -> (Client, String) {
        let id = format!("{:016x}{:016x}", self.random.next(), self.number);
        let (phone, head) = self.upgrade(&format!("/cable/new/{id}")).await;
        self.tally.opened += 1;
        let routing = header(&head, "X-caBLE-Routing-ID").unwrap();
        (phone, format!("/cable/connect/{routing}/{id}"))
    }

    async fn pair(&mut self) -> (Client, Client) {
        let (phone, path) = self.open().await;
        let (desktop, _) = self.upgrade(&path).await;
        self.tally.joined += 1;
        (phone, desktop)
    }

    /// A phone that listens is rung; returns where it listens, and both sides of the tunnel.
    async fn linked_pair(&mut self) -> (Client, Client, Client) {
        let mut scalar = [1; 32];
        scalar[..8].copy_from_slice(&self.number.to_be_bytes());
        let key = ContactKey::new(&Secret::new(scalar)).unwrap();
        let id = key.contact_id();
        let (mut bell, _) = self.upgrade(&Path::Listen(id.clone()).to_text()).await;
        let mut listener = Listener::new(key, ContactRequest::Listen);
        let mut desktop = loop {
            // Nobody else knows this contact id: what is heard after the proof is the desktop.
            match listener.handle_message(&bell.message().await).unwrap() {
                ListenEvent::Answer(proof) => bell.send(binary(&proof)).await,
                ListenEvent::Accepted => break self.ring(id.clone()).await,
                ListenEvent::Contact(_) | _ => panic!("rung before it listens"),
            }
        };
        let Ok(ListenEvent::Contact(contact)) = listener.handle_message(&bell.message().await)
        else {
            panic!("not rung")
        };
        let path = Path::Connect(contact.routing, contact.tunnel).to_text();
        let (phone, _) = self.upgrade(&path).await;
        self.tally.joined += 1;
        assert_eq!(desktop.message().await, [0], "the phone's arrival");
        (bell, phone, desktop)
    }

    /// A desktop asks for a linked phone.
    async fn ring(&mut self, id: ContactId) -> Client {
        let payload = ClientPayload {
            link_id: LinkId::new([1; 8]),
            nonce: [2; 16],
            hint: Hint::SignIn,
        };
        let headers = format!(
            "X-caBLE-Client-Payload: {}\r\nX-caBLE-Signal-Connection: true\r\n",
            payload.header_value()
        );
        let mut client = self.connect().await;
        client
            .send(request_with(&Path::Contact(id).to_text(), &headers))
            .await;
        assert_eq!(status(&client.head().await), 101);
        self.tally.opened += 1;
        client
    }

    async fn refused(&mut self, reason: &'static str, code: u16, request: &str) {
        let mut client = self.connect().await;
        client.send(request).await;
        assert_eq!(status(&client.refusal().await), code);
        *self.tally.refused.entry(reason).or_default() += 1;
    }

    async fn say(&mut self, from: &mut Client, to: &mut Client, number: u32) {
        let body = self.body(number, 2000);
        from.send(binary(&body)).await;
        heard(to, &body).await;
        self.carried(1, body.len());
    }

    /// A message that no other pair sends, and this one never twice.
    fn body(&mut self, number: u32, most: u64) -> Vec<u8> {
        let length = 12 + self.random.below(most) as usize;
        let mut body = self.number.to_be_bytes().to_vec();
        body.extend(number.to_be_bytes());
        body.extend((body.len()..length).map(|at| (at as u64 * 31 + self.number) as u8));
        body
    }

    fn carried(&mut self, messages: u64, bytes: usize) {
        self.tally.messages += messages;
        self.tally.bytes += bytes as u64;
    }

    fn ended(&mut self, how: &'static str) {
        *self.tally.ended.entry(how).or_default() += 1;
    }
}

/// Reads the next frame that is not a ping; pings are answered.
async fn next(client: &mut Client) -> Option<(u8, Vec<u8>)> {
    loop {
        match client.frame().await {
            Some((0x89, payload)) => client.send(frame(0x8a, &payload)).await,
            other => return other,
        }
    }
}

async fn heard(client: &mut Client, body: &[u8]) {
    let (first, payload) = next(client).await.expect("the connection ended");
    assert!(
        first == 0x82 && payload == body,
        "expected a message of {} bytes, got {first:#x} and {} bytes: lost or out of order",
        body.len(),
        payload.len()
    );
}

/// Reads up to the close frame, which has to have this code, and answers it.
async fn told(client: &mut Client, code: u16) {
    loop {
        let (first, payload) = next(client)
            .await
            .expect("the connection ended without a close frame");
        match first {
            0x88 => {
                assert_eq!(payload.get(..2), Some(&code.to_be_bytes()[..]));
                return client.send(frame(0x88, &code.to_be_bytes())).await;
            }
            0x8a => {}
            _ => panic!(
                "got {first:#x} and {} bytes where close {code} was expected",
                payload.len()
            ),
        }
    }
}
