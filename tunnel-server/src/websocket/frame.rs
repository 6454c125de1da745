//! WebSocket frames as bytes (RFC 6455 §5.2): reading a client's header, writing ours, unmasking.

use crate::websocket::malformed::Malformed;

/// The longest frame header: 2 bytes, 8 of length, 4 of mask.
pub(crate) const MAX_HEADER: usize = 14;
/// The longest payload of a control frame.
pub(crate) const MAX_CONTROL: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    const fn parse(nibble: u8) -> Option<Self> {
        Some(match nibble {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    pub(crate) const fn is_control(self) -> bool {
        self.bits() & 8 != 0
    }
}

/// The header of a frame that a client sent.
///
/// ```text
/// byte 0: FIN RSV1 RSV2 RSV3 opcode(4)   byte 1: MASK length(7)
/// length 126: 2 more bytes, 127: 8 more (big-endian), then the 4-byte mask, then the payload
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FrameHeader {
    pub(crate) last: bool,
    pub(crate) opcode: Opcode,
    pub(crate) mask: [u8; 4],
    /// Payload length.
    pub(crate) length: u64,
    /// Length of the header itself.
    pub(crate) size: usize,
}

impl FrameHeader {
    /// Reads a client's header; `None` when `bytes` end within it.
    ///
    /// # Errors
    /// [`Malformed`] for everything that RFC 6455 forbids a client without extensions.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        let Some((&[first, second], rest)) = bytes.split_first_chunk() else {
            return Ok(None);
        };
        if first & 0x70 != 0 {
            return Err(Malformed(
                "a reserved bit was set although no extension was negotiated",
            ));
        }
        let opcode = Opcode::parse(first & 15).ok_or(Malformed("unknown opcode"))?;
        let last = first & 0x80 != 0;
        if second & 0x80 == 0 {
            return Err(Malformed("a client's frame must be masked"));
        }
        let short = second & 0x7f;
        if opcode.is_control() && (!last || usize::from(short) > MAX_CONTROL) {
            return Err(Malformed(
                "a control frame must be unfragmented and at most 125 bytes",
            ));
        }
        let (length, rest) = match short {
            126 => match rest.split_first_chunk() {
                Some((long, rest)) => (u64::from(u16::from_be_bytes(*long)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk() {
                Some((long, rest)) => (u64::from_be_bytes(*long), rest),
                None => return Ok(None),
            },
            short => (u64::from(short), rest),
        };
        let minimal = match short {
            126 => length > 125,
            127 => length > 0xffff && length >> 63 == 0,
            _ => true,
        };
        if !minimal {
            return Err(Malformed("the length was not encoded in the shortest form"));
        }
        let Some((&mask, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        Ok(Some(Self {
            last,
            opcode,
            mask,
            length,
            size: bytes.len() - rest.len(),
        }))
    }

    /// The same header as a server sends it: unmasked.
    pub(crate) fn unmasked(&self) -> ServerFrameHeader {
        ServerFrameHeader::new(u8::from(self.last) << 7 | self.opcode.bits(), self.length)
    }
}

/// A header as a server sends it, 2 to 10 bytes.
pub(crate) struct ServerFrameHeader {
    bytes: [u8; 10],
    size: u8,
}

impl ServerFrameHeader {
    fn new(first: u8, length: u64) -> Self {
        let mut bytes = [0; 10];
        let [_, _, b2, b3, b4, b5, b6, b7, b8, b9] = &mut bytes;
        let (second, size) = if length <= 125 {
            #[expect(clippy::cast_possible_truncation, reason = "at most 125")]
            (length as u8, 2)
        } else if let Ok(length) = u16::try_from(length) {
            [*b2, *b3] = length.to_be_bytes();
            (126, 4)
        } else {
            [*b2, *b3, *b4, *b5, *b6, *b7, *b8, *b9] = length.to_be_bytes();
            (127, 10)
        };
        let [b0, b1, ..] = &mut bytes;
        *b0 = first;
        *b1 = second;
        Self { bytes, size }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.size)).unwrap_or_default()
    }
}

/// A whole unmasked frame of ours: a control frame, or a short binary message.
pub(crate) fn whole(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let header = ServerFrameHeader::new(0x80 | opcode.bits(), payload.len() as u64);
    [header.as_bytes(), payload].concat()
}

/// Removes (or adds) the mask, eight bytes at a time. `mask` starts at the payload's first byte.
pub(crate) fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, tail) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_client_must_not_send_is_a_protocol_error() {
        for (what, bytes) in [
            ("reserved bit", vec![0xc2, 0x80, 0, 0, 0, 0]),
            ("opcode 3", vec![0x83, 0x80, 0, 0, 0, 0]),
            ("unmasked", vec![0x82, 0x01]),
            ("fragmented ping", vec![0x09, 0x80, 0, 0, 0, 0]),
            ("long ping", vec![0x89, 0xfe, 0, 126, 0, 0, 0, 0]),
            ("length 5 in 2 bytes", vec![0x82, 0xfe, 0, 5, 0, 0, 0, 0]),
            (
                "length 5 in 8 bytes",
                vec![0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0],
            ),
            (
                "63-bit overflow",
                vec![0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ),
        ] {
            assert!(
                matches!(FrameHeader::read(&bytes), Err(Malformed(_))),
                "{what}"
            );
        }
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = FrameHeader::read(&bytes);
        }

        #[test]
        fn a_header_survives_its_bytes(length in prop_oneof![0..200u64, 65_000..70_000u64, any::<u64>().prop_map(|n| n >> 1)], mask: [u8; 4]) {
            let ours = ServerFrameHeader::new(0x82, length);
            let mut theirs = ours.as_bytes().to_vec();
            theirs[1] |= 0x80;
            theirs.extend(mask);
            let read = FrameHeader::read(&theirs).unwrap().unwrap();
            prop_assert_eq!((read.length, read.mask, read.size), (length, mask, theirs.len()));
            let again = read.unmasked();
            prop_assert_eq!(again.as_bytes(), ours.as_bytes());
            for cut in 0..theirs.len() {
                prop_assert_eq!(FrameHeader::read(&theirs[..cut]), Ok(None));
            }
        }

        #[test]
        fn unmasking_twice_is_nothing(mut payload in proptest::collection::vec(any::<u8>(), 0..70), mask: [u8; 4]) {
            let before = payload.clone();
            unmask(&mut payload, mask);
            for (at, byte) in payload.iter().enumerate() {
                prop_assert_eq!(*byte, before[at] ^ mask[at % 4]);
            }
            unmask(&mut payload, mask);
            prop_assert_eq!(payload, before);
        }
    }
}
