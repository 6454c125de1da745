//! The reader against tungstenite: the same bytes, however they are cut, must mean the same.

use super::*;
use proptest::prelude::*;
use std::io::{self, Read, Write};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

/// The default limit of a message.
const MOST: usize = 64 * 1024;

/// A client's frame.
#[derive(Clone, Debug)]
struct Sent {
    first: u8,
    mask: [u8; 4],
    payload: Vec<u8>,
}

impl Sent {
    fn bytes(&self) -> Vec<u8> {
        let length = self.payload.len();
        let mut bytes = vec![self.first];
        match length {
            0..=125 => bytes.push(0x80 | length as u8),
            126..=0xffff => {
                bytes.push(0xfe);
                bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0xff);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(self.mask);
        bytes.extend(
            self.payload
                .iter()
                .zip(self.mask.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        bytes
    }
}

/// What the reader made of a byte stream that came in pieces.
#[derive(Default, Debug, PartialEq)]
struct Outcome {
    forwarded: Vec<u8>,
    pings: Vec<Vec<u8>>,
    end: Option<CloseReason>,
}

fn run(bytes: &[u8], pieces: &[usize], limits: &Limits) -> Outcome {
    let mut reader = FrameReader::default();
    let mut outcome = Outcome::default();
    let mut rest = bytes;
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() && outcome.end.is_none() {
        let (piece, after) = rest.split_at((*pieces.next().unwrap()).clamp(1, rest.len()));
        rest = after;
        let mut buffer = vec![0xee; MARGIN];
        buffer.extend(piece);
        let end = buffer.len();
        let taken = reader.take(&mut buffer, end, limits);
        outcome.forwarded.extend(&buffer[taken.forward]);
        outcome.pings.extend(taken.ping);
        outcome.end = taken.end;
        assert!(reader.kept.len() <= MARGIN);
    }
    outcome
}

#[test]
fn a_single_frame_is_not_moved_in_the_buffer() {
    let frame = Sent {
        first: 0x82,
        mask: [1, 2, 3, 4],
        payload: vec![9; 300],
    }
    .bytes();
    let mut buffer = [vec![0; MARGIN], frame].concat();
    let end = buffer.len();
    let taken = FrameReader::default().take(&mut buffer, end, &Limits::default());
    assert_eq!(taken.forward, end - 304..end);
}

#[test]
fn limits_are_counted_before_anything_of_the_frame_is_passed_on() {
    let frame = |payload| {
        Sent {
            first: 0x82,
            mask: [0; 4],
            payload,
        }
        .bytes()
    };
    let mut limits = Limits {
        message_size: 200,
        ..Limits::default()
    };
    assert_eq!(
        run(&frame(vec![0; 201]), &[7], &limits),
        Outcome {
            end: Some(CloseReason::MessageSize),
            ..Outcome::default()
        }
    );
    let fragments = [
        Sent {
            first: 0x02,
            mask: [0; 4],
            payload: vec![0; 150],
        }
        .bytes(),
        Sent {
            first: 0x80,
            mask: [0; 4],
            payload: vec![0; 51],
        }
        .bytes(),
    ];
    assert_eq!(
        run(&fragments.concat(), &[7], &limits).end,
        Some(CloseReason::MessageSize)
    );
    (limits.messages, limits.bytes) = (2, 250);
    assert_eq!(
        run(&frame(vec![0; 10]).repeat(3), &[7], &limits).end,
        Some(CloseReason::Messages)
    );
    assert_eq!(
        run(&frame(vec![0; 126]).repeat(2), &[7], &limits).end,
        Some(CloseReason::Bytes)
    );
}

#[test]
fn fragments_out_of_order_and_text_are_refused() {
    let end = |firsts: &[u8]| {
        let bytes: Vec<u8> = firsts
            .iter()
            .flat_map(|first| {
                Sent {
                    first: *first,
                    mask: [5; 4],
                    payload: vec![1],
                }
                .bytes()
            })
            .collect();
        run(&bytes, &[1000], &Limits::default()).end
    };
    assert!(matches!(end(&[0x80]), Some(CloseReason::Protocol(_))));
    assert!(matches!(end(&[0x02, 0x82]), Some(CloseReason::Protocol(_))));
    assert!(matches!(end(&[0x82, 0x80]), Some(CloseReason::Protocol(_))));
    assert_eq!(end(&[0x81]), Some(CloseReason::Text));
    assert_eq!(end(&[0x01]), Some(CloseReason::Text));
    assert_eq!(end(&[0x02, 0x89, 0x00, 0x8a, 0x80]), None);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn taking_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), pieces in cuts()) {
        run(&bytes, &pieces, &Limits::default());
    }

    #[test]
    fn how_the_bytes_are_cut_changes_nothing_but_which_pings_are_answered(frames in frames(), pieces in cuts()) {
        let bytes: Vec<u8> = frames.iter().flat_map(Sent::bytes).collect();
        let whole = run(&bytes, &[bytes.len()], &Limits::default());
        let cut = run(&bytes, &pieces, &Limits::default());
        prop_assert_eq!(whole.forwarded, cut.forwarded);
        prop_assert_eq!(whole.end, cut.end);
        prop_assert!(whole.pings.iter().all(|ping| cut.pings.contains(ping)));
    }

    #[test]
    fn tungstenite_reads_the_same_messages_from_what_we_pass_on_as_from_what_the_client_sent(frames in frames(), pieces in cuts()) {
        let sent: Vec<u8> = frames.iter().flat_map(Sent::bytes).collect();
        let ours = run(&sent, &pieces, &Limits::default());
        let (reference, ended) = tungstenite(sent, Role::Server);
        let (through_us, _) = tungstenite(ours.forwarded, Role::Client);
        prop_assert_eq!(through_us, reference);
        prop_assert_eq!(ours.end.is_some(), ended);
    }

    #[test]
    fn tungstenite_reads_the_same_messages_from_damaged_bytes(frames in frames(), damages in damages(), pieces in cuts()) {
        let mut sent: Vec<u8> = frames.iter().flat_map(Sent::bytes).collect();
        for damage in damages {
            damage.to(&mut sent);
        }
        let ours = run(&sent, &pieces, &Limits::default());
        let (reference, ended) = tungstenite(sent, Role::Server);
        let (through_us, _) = tungstenite(ours.forwarded, Role::Client);
        match ours.end {
            // A length that is not in its shortest form, of a control frame perhaps: RFC 6455 §5.2
            // forbids it, tungstenite reads on.
            Some(CloseReason::Protocol(how)) if how.contains("shortest form") || how.contains("at most 125 bytes") => {
                prop_assert!(reference.starts_with(&through_us));
            }
            // We say no at the header where tungstenite waits for the frame's end.
            Some(_) => prop_assert_eq!(through_us, reference),
            None => prop_assert_eq!((through_us, false), (reference, ended)),
        }
    }
}

/// As many as the environment asks for, for a long search by hand.
fn cases() -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    if asked {
        ProptestConfig::default()
    } else {
        ProptestConfig::with_cases(400)
    }
}

/// What goes wrong with a byte stream. Places count from the end: that is where much has already
/// gone well.
#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Cut(usize),
}

impl Damage {
    fn to(self, bytes: &mut Vec<u8>) {
        let place = |back: usize| bytes.len().saturating_sub(back);
        match self {
            Self::Flip(back, bits) => {
                if let Some(byte) = bytes.iter_mut().rev().nth(back) {
                    *byte ^= bits;
                }
            }
            Self::Insert(back, what) => {
                let at = place(back);
                bytes.splice(at..at, what);
            }
            Self::Remove(back, length) => {
                let at = place(back);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Self::Cut(back) => bytes.truncate(place(back)),
        }
    }
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let place = || prop_oneof![0..40usize, 0..6000usize];
    let damage = prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(back, bits)| Damage::Flip(back, bits)),
        2 => (place(), proptest::collection::vec(any::<u8>(), 1..20)).prop_map(|(back, what)| Damage::Insert(back, what)),
        2 => (place(), 1..20usize).prop_map(|(back, length)| Damage::Remove(back, length)),
        1 => place().prop_map(Damage::Cut),
    ];
    proptest::collection::vec(damage, 1..4)
}

/// The binary messages that tungstenite reads, and whether it saw a close or an error.
fn tungstenite(bytes: Vec<u8>, role: Role) -> (Vec<Vec<u8>>, bool) {
    let mut socket = WebSocket::from_raw_socket(
        Tape(bytes.into()),
        role,
        Some(
            WebSocketConfig::default()
                .read_buffer_size(256)
                .max_message_size(Some(MOST))
                .max_frame_size(Some(MOST)),
        ),
    );
    let mut messages = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Binary(bytes)) => messages.push(bytes.to_vec()),
            Ok(Message::Text(_) | Message::Close(_)) => return (messages, true),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return (messages, false);
            }
            Err(_) => return (messages, true),
        }
    }
}

/// Gives its bytes, then says "not yet".
struct Tape(std::collections::VecDeque<u8>);

impl Read for Tape {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![1..8usize, 1..3000usize], 1..6)
}

/// Mostly lawful frames: whole messages, fragments, pings; now and then one that must end the
/// tunnel.
fn frames() -> impl Strategy<Value = Vec<Sent>> {
    let payload = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..130),
        1 => proptest::collection::vec(any::<u8>(), 130..3000),
        1 => prop_oneof![125..128usize, 65_534..65_538usize].prop_map(|length| vec![7; length]),
    ];
    let frame = (
        prop_oneof![20 => 0..5u8, 1 => 5..9u8],
        any::<[u8; 4]>(),
        payload,
    );
    proptest::collection::vec(frame, 0..12).prop_map(|drawn| {
        let mut within = false;
        let mut frames = Vec::new();
        for (kind, mask, mut payload) in drawn {
            let first = match kind {
                0 | 1 => 0x80 | (u8::from(!within) * 2),
                2 | 3 => u8::from(!within) * 2,
                4 | 5 => {
                    payload.truncate(125);
                    if kind == 4 { 0x89 } else { 0x88 }
                }
                6 => 0x83,
                7 => 0xc2,
                _ => {
                    if within {
                        0x82
                    } else {
                        0x80
                    }
                }
            };
            if kind < 4 {
                within = first & 0x80 == 0;
            }
            if first == 0x88 && payload.len() >= 2 {
                payload.splice(..2, [3, 232]);
                payload.truncate(2);
            }
            frames.push(Sent {
                first,
                mask,
                payload,
            });
        }
        frames
    })
}
