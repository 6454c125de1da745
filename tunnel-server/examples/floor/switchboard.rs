//! Who is connected with whom, and how frames come from one to the other.

use crate::line::{Gone, Line};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use std::collections::HashMap;

#[derive(Default)]
pub struct Switchboard {
    /// By the number of the socket.
    sides: Vec<Option<Side>>,
    /// Who waits, by tunnel id.
    waiting: HashMap<u128, usize>,
    plain: Vec<u8>,
}

struct Side {
    line: Line,
    stage: SideStage,
    /// What came of a head or a frame that is not whole.
    part: Vec<u8>,
}

#[derive(Clone, Copy)]
enum SideStage {
    Asks,
    Waits(u128),
    Talks(usize),
}

impl Switchboard {
    pub fn enter(&mut self, number: usize, line: Line) {
        if self.sides.len() <= number {
            self.sides.resize_with(number + 64, || None);
        }
        self.sides[number] = Some(Side {
            line,
            stage: SideStage::Asks,
            part: Vec::new(),
        });
    }

    /// Reads all that is there, and lets both sides go when one is gone.
    pub fn read(&mut self, number: usize, buffer: &mut [u8]) {
        let mut plain = std::mem::take(&mut self.plain);
        while let Some(Some(side)) = self.sides.get_mut(number) {
            let room = buffer.len();
            let taken = match side.line.read(buffer, &mut plain) {
                Ok(None) => break,
                Ok(Some((read, bytes))) => self.take(number, bytes).map(|()| read),
                Err(Gone) => Err(Gone),
            };
            match taken {
                Ok(read) if read == room => {}
                Ok(_) => break,
                Err(Gone) => {
                    self.leave(number);
                    break;
                }
            }
        }
        self.plain = plain;
    }

    fn leave(&mut self, number: usize) {
        match self.sides[number].take().map(|side| side.stage) {
            Some(SideStage::Waits(id)) => drop(self.waiting.remove(&id)),
            Some(SideStage::Talks(other)) => self.sides[other] = None,
            Some(SideStage::Asks) | None => {}
        }
    }

    fn take(&mut self, number: usize, bytes: &mut [u8]) -> Result<(), Gone> {
        let side = self.sides[number].as_mut().ok_or(Gone)?;
        match side.stage {
            SideStage::Asks => {
                side.part.extend_from_slice(bytes);
                if side.part.ends_with(b"\r\n\r\n") {
                    let head = std::mem::take(&mut side.part);
                    return self.answer(number, &String::from_utf8_lossy(&head));
                }
                Ok(())
            }
            // What is sent ahead is dropped: nobody measures it.
            SideStage::Waits(_) => Ok(()),
            SideStage::Talks(other) if side.part.is_empty() => self.pass(number, other, bytes),
            SideStage::Talks(other) => {
                let mut whole = std::mem::take(&mut side.part);
                whole.extend_from_slice(bytes);
                self.pass(number, other, &mut whole)
            }
        }
    }

    fn answer(&mut self, number: usize, head: &str) -> Result<(), Gone> {
        let path = head.split(' ').nth(1).ok_or(Gone)?;
        let id = path.rsplit('/').next().unwrap_or_default();
        let id = u128::from_str_radix(id, 16).map_err(|_| Gone)?;
        let key = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("sec-websocket-key")
                .then(|| value.trim())
        });
        let (stage, more) = if path.starts_with("/cable/new/") {
            self.waiting.insert(id, number);
            (SideStage::Waits(id), "X-caBLE-Routing-ID: 000000\r\n")
        } else {
            let other = self.waiting.remove(&id).ok_or(Gone)?;
            let waiting = self.sides[other].as_mut().ok_or(Gone)?;
            waiting.stage = SideStage::Talks(number);
            (SideStage::Talks(other), "")
        };
        let accept = Sha1::new()
            .chain_update(key.unwrap_or_default())
            .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
            .finalize();
        let accept = STANDARD.encode(accept);
        let side = self.sides[number].as_mut().ok_or(Gone)?;
        side.stage = stage;
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: fido.cable\r\n{more}\r\n"
        );
        side.line.write(answer.as_bytes())
    }

    /// Writes every whole frame to the other side, unmasked in place, and keeps the rest.
    fn pass(&mut self, number: usize, other: usize, mut bytes: &mut [u8]) -> Result<(), Gone> {
        while let Some((head, length)) = whole(bytes) {
            let (frame, rest) = bytes.split_at_mut(head + length);
            bytes = rest;
            let last = frame[0] & 15 == 8;
            let frame = unmask(frame, head);
            self.sides[other].as_mut().ok_or(Gone)?.line.write(frame)?;
            if last {
                return Err(Gone);
            }
        }
        if !bytes.is_empty() {
            self.sides[number].as_mut().ok_or(Gone)?.part = bytes.to_vec();
        }
        Ok(())
    }
}

/// Lengths of head and payload of the first frame, once it is whole.
fn whole(bytes: &[u8]) -> Option<(usize, usize)> {
    let (head, length) = match *bytes.get(1)? & 0x7f {
        126 => (
            8,
            u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?).into(),
        ),
        127 => (
            14,
            u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize,
        ),
        short => (6, short.into()),
    };
    (bytes.len() >= head + length).then_some((head, length))
}

/// The frame as the other side gets it: its shorter head moved to the payload.
fn unmask(frame: &mut [u8], head: usize) -> &[u8] {
    let key: [u8; 4] = *frame[head - 4..].first_chunk().unwrap();
    let eight = u64::from_ne_bytes([key, key].concat().try_into().unwrap());
    let mut chunks = frame[head..].chunks_exact_mut(8);
    for chunk in &mut chunks {
        let word = u64::from_ne_bytes((&*chunk).try_into().unwrap());
        chunk.copy_from_slice(&(word ^ eight).to_ne_bytes());
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(key) {
        *byte ^= key;
    }
    frame[1] &= 0x7f;
    frame.copy_within(..head - 4, 4);
    &frame[4..]
}
